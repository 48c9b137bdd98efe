//! The header of a journey in sentences: who enters, how often, what it is for, and what ends it.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::journey::{Entry, Goal, MoveTo, Reenter};
use journey_ir::policy::PolicyRule;
use journey_ir::time::DAY;
use journey_ir::{Channel, Purpose, StepKind};

use super::conditions::Role;
use super::{Place, Teller, say};
use crate::check::often;

/// One line about a journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderLine {
    /// What it is about: `시작`.
    pub(crate) label: String,
    /// What is said.
    pub(crate) words: String,
}

impl Teller<'_> {
    /// A journey's title, else its name.
    pub(crate) fn journey<'s>(&'s self, journey: &'s ir::Journey) -> &'s str {
        self.titles.title(&journey.name)
    }

    /// Who enters, how often, what the journey is for, what ends it.
    pub(crate) fn header(&self, journey: &ir::Journey) -> Vec<HeaderLine> {
        let place = Place::of(journey);
        let mut lines = vec![self.line(("Starts", "시작"), self.entry(journey))];
        lines.push(self.line(("Again", "다시 들어오기"), self.reenter(journey)));
        if let Some(goal) = &journey.goal {
            lines.push(self.line(("Goal", "목표"), self.goal(goal, place)));
        }
        for exit in &journey.exits {
            let when = self.trigger_if(&exit.trigger, place);
            let reason = exit.reason.as_ref();
            let reason = reason.map_or_else(String::new, |it| {
                say!(self, ", recorded as “{it}”", "(기록: “{it}”)")
            });
            let words = say!(
                self,
                "At once {when}, wherever the person is{reason}",
                "{when} 어디에 있든 즉시{reason}"
            );
            lines.push(self.line(("Ends", "끝나는 때"), words));
        }
        if journey.starts.is_some() || journey.ends.is_some() {
            lines.push(self.line(("Only", "기간"), self.time_box(journey)));
        }
        if journey.on_update == ir::journey::OnUpdate::Move {
            let words = self.word(
                "people inside go on in the new version where their place in it is known",
                "안에 있는 사람도 새 버전에서 자기 자리를 찾아 이어 갑니다",
            );
            lines.push(self.line(("On update", "새 버전이 나오면"), words.to_owned()));
        }
        for moved in &journey.moves {
            lines.push(self.line(("Moved", "옮긴 자리"), self.moved(journey, moved)));
        }
        if journey.priority != 1 {
            let priority = match journey.priority {
                0 => self.word("low", "낮음"),
                2 => self.word("high", "높음"),
                _ => self.word("urgent", "긴급"),
            };
            lines.push(self.line(("Priority", "우선순위"), priority.to_owned()));
        }
        if let Some(owner) = &journey.owner {
            lines.push(self.line(("Owner", "담당"), owner.clone()));
        }
        lines
    }

    /// Where people of an older version go who are parked at a step that is gone.
    fn moved(&self, journey: &ir::Journey, moved: &ir::journey::Move) -> String {
        let from = &moved.from;
        match moved.to {
            MoveTo::Step(at) => {
                let to = journey.steps.get(at.at()).map_or("", |it| it.id.as_str());
                say!(
                    self,
                    "who waits at “{from}” of an older version waits at “{to}”",
                    "이전 버전의 “{from}”에서 기다리던 사람은 “{to}”에서 기다립니다"
                )
            }
            MoveTo::Next => say!(
                self,
                "who waits at “{from}” of an older version goes on with what followed it",
                "이전 버전의 “{from}”에서 기다리던 사람은 그다음 단계로 갑니다"
            ),
            MoveTo::Exit => say!(
                self,
                "who waits at “{from}” of an older version leaves the journey",
                "이전 버전의 “{from}”에서 기다리던 사람은 여정에서 나갑니다"
            ),
        }
    }

    fn line(&self, (en, ko): (&str, &str), words: String) -> HeaderLine {
        HeaderLine {
            label: self.word(en, ko).to_owned(),
            words,
        }
    }

    /// Who enters, and when.
    pub(crate) fn entry(&self, journey: &ir::Journey) -> String {
        let place = Place::of(journey);
        let mut words = match &journey.entry {
            Entry::When { trigger, condition } => {
                let when = self.trigger_when(trigger, place);
                let place = match trigger {
                    ir::Trigger::Event { event, .. } => place.with(*event),
                    _ => place,
                };
                let more = condition.and_then(|it| self.condition(it, Role::If, place));
                match more {
                    Some(more) => say!(self, "{when}, if {more}", "{when}, 그때 {more}"),
                    None => when,
                }
            }
            Entry::Schedule { schedule, people } => {
                let when = self.schedule(schedule);
                let people = self.people(*people);
                say!(
                    self,
                    "{when} (in each person’s zone), for {people}",
                    "{when}(각자의 시간대), 대상: {people}"
                )
            }
        };
        if let (Some(field), Some(event)) = (journey.run_key, entry_event(journey)) {
            let field = self.field(event, field);
            words += &if journey.restart {
                say!(
                    self,
                    " (one run per {field}; a repeat starts anew)",
                    " ({field}마다 한 번, 같은 {field}에 다시 일어나면 처음부터)"
                )
            } else {
                say!(self, " (one run per {field})", " ({field}마다 한 번)")
            };
        }
        let membership = match &journey.entry {
            Entry::When { trigger, .. } => !matches!(trigger, ir::Trigger::Event { .. }),
            Entry::Schedule { .. } => false,
        };
        if membership {
            words += if journey.include_current {
                self.word(
                    ", including people who already are",
                    " (이미 그런 사람도 포함)",
                )
            } else {
                self.word(", new ones only", " (새로 그렇게 된 사람만)")
            };
        }
        words
    }

    /// From when and until when people can be in the journey.
    fn time_box(&self, journey: &ir::Journey) -> String {
        let starts = journey.starts.map(|it| self.moment(it));
        let ends = journey.ends.map(|it| self.moment(it));
        let starts = starts.map(|it| say!(self, "from {it}", "{it}부터"));
        let ends = ends.map(|it| {
            say!(
                self,
                "until {it}, when all runs end",
                "{it}까지, 그때 안에 있는 사람도 모두 끝납니다"
            )
        });
        let parts: Vec<String> = starts.into_iter().chain(ends).collect();
        parts.join(" ")
    }

    fn reenter(&self, journey: &ir::Journey) -> String {
        match journey.reenter {
            Reenter::Never => self
                .word("never: once per person", "한 사람에 한 번만")
                .to_owned(),
            Reenter::AnyTime => self
                .word(
                    "any time, once the run before has ended",
                    "앞의 여정이 끝났으면 언제든지",
                )
                .to_owned(),
            Reenter::After(span) => {
                let span = self.span(span);
                say!(
                    self,
                    "{span} after the last entry at the earliest",
                    "지난번 들어온 때부터 {span} 뒤"
                )
            }
        }
    }

    /// What a journey is for.
    pub(crate) fn goal(&self, goal: &Goal, place: Place<'_>) -> String {
        let trigger = ir::Trigger::Event {
            event: goal.event,
            filter: goal.filter,
        };
        let when = self.trigger_if(&trigger, place);
        let within = self.span(goal.within);
        if goal.keep_going {
            say!(
                self,
                "reached {when} within {within}; the run goes on",
                "{within} 안에 {when} 달성, 여정은 계속됩니다"
            )
        } else {
            say!(
                self,
                "reached {when} within {within}; the run then ends at once",
                "{within} 안에 {when} 달성, 그 즉시 끝납니다"
            )
        }
    }

    /// How many messages a person can get at most, by the policies that hold for this journey's messages.
    pub(crate) fn caps(&self, journey: &ir::Journey) -> Vec<HeaderLine> {
        let purposes: BTreeSet<Purpose> =
            self.messages_of(journey).map(|it| it.1.purpose).collect();
        let mut lines = Vec::new();
        for policy in &self.program.policies {
            let title = policy.title.as_deref().unwrap_or(&policy.name);
            for rule in &policy.rules {
                if let PolicyRule::Quiet { purpose, .. } = rule
                    && purpose.is_none_or(|it| purposes.contains(&it))
                    && !purposes.is_empty()
                {
                    let words = format!("{} ({title})", self.rule(rule).trim_end_matches('.'));
                    lines.push(self.line(("Quiet hours", "보내지 않는 시간"), words));
                }
                let PolicyRule::Cap {
                    at_most,
                    purpose,
                    per,
                    then,
                } = rule
                else {
                    continue;
                };
                if purpose.is_none_or(|it| purposes.contains(&it)) && !purposes.is_empty() {
                    let then = self.then(*then);
                    let per = self.span(*per);
                    let what = match purpose {
                        Some(it) => self.purpose(*it),
                        None => self.word("messages", "메시지"),
                    };
                    let words = say!(
                        self,
                        "{what}: {at_most} in {per}; {then} ({title})",
                        "{per} 동안 {what} {at_most}통. {then} ({title})"
                    );
                    lines.push(self.line(("At most per person", "한 사람이 받는 최대"), words));
                }
            }
        }
        lines
    }

    /// How much advertising the journey alone could send one person, were there no policy.
    pub(crate) fn worst_case(&self, journey: &ir::Journey) -> Vec<HeaderLine> {
        let windows = [(DAY, "day", "하루"), (7 * DAY, "week", "한 주")];
        let mut lines = Vec::new();
        let mut before = 0;
        for (window, en, ko) in windows {
            let advertising = Some(Purpose::Advertising);
            let Some(burst) = often::most(self.program, journey, advertising, window) else {
                continue;
            };
            let n = burst.sends.len();
            if n == before {
                continue;
            }
            before = n;
            let again = if burst.per_entry {
                self.word(" for each entry", ", 들어올 때마다")
            } else {
                ""
            };
            let words = say!(
                self,
                "up to {n} advertising messages in a {en}{again}, before policies hold any back",
                "{ko}에 광고 최대 {n}통{again} (정책이 막기 전)"
            );
            lines.push(self.line(("At worst", "가장 많을 때"), words));
        }
        lines
    }

    /// Which consents the messages need, by which channels, and the numbers of the steps skipped without.
    pub(crate) fn consents(
        &self,
        journey: &ir::Journey,
        number: impl Fn(ir::StepIx) -> String,
    ) -> Vec<HeaderLine> {
        let mut needed: BTreeMap<ir::ConsentIx, (BTreeSet<Channel>, Vec<String>)> = BTreeMap::new();
        for (step, message) in self.messages_of(journey) {
            let Some(consent) = message.consent else {
                continue;
            };
            let (channels, steps) = needed.entry(consent).or_default();
            channels.insert(message.channel);
            let number = number(step);
            if !steps.contains(&number) {
                steps.push(number);
            }
        }
        needed
            .into_iter()
            .map(|(consent, (channels, steps))| {
                let consent = self.consent(consent);
                let channels: Vec<&str> = channels.iter().map(|it| self.channel(*it)).collect();
                let channels = channels.join("·");
                let steps = steps.join(", ");
                let words = say!(
                    self,
                    "{consent} ({channels}). Without it these are not sent that way: {steps}",
                    "{consent}({channels}). 동의하지 않은 채널로는 보내지 않습니다: {steps}번"
                );
                self.line(("Consent", "수신 동의"), words)
            })
            .collect()
    }

    /// All messages of a journey, by step.
    pub(crate) fn messages_of<'j>(
        &'j self,
        journey: &'j ir::Journey,
    ) -> impl Iterator<Item = (ir::StepIx, &'j ir::Message)> + 'j {
        let steps = journey.steps.iter().enumerate();
        steps.flat_map(move |(at, step)| {
            let candidates: &[ir::MessageIx] = match &step.kind {
                StepKind::Send { candidates, .. } => candidates,
                _ => &[],
            };
            let messages = candidates.iter().filter_map(|it| self.program.message(*it));
            messages.map(move |message| (ir::StepIx(at as u32), message))
        })
    }
}

/// The event that starts a run.
fn entry_event(journey: &ir::Journey) -> Option<ir::EventIx> {
    match &journey.entry {
        Entry::When {
            trigger: ir::Trigger::Event { event, .. },
            ..
        } => Some(*event),
        Entry::When { .. } | Entry::Schedule { .. } => None,
    }
}
