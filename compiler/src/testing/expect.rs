//! Whether what is expected is so, and what is so instead.

use journey_engine::view::{Membership, RunView};
use journey_engine::{Call, Effect, End, Intent, Send, Task, What, render};
use journey_ir as ir;
use journey_ir::time::MINUTE;
use journey_ir::{Instant, Value};

use super::report::local;
use super::runner::{Entry, Person, Scene};
use super::script::{COMPLETED, Expectation, GOAL, Group, RESTARTED};
use crate::problem::Text;
use crate::values;

/// The link to unsubscribe that stands in a test's messages.
const UNSUBSCRIBE: &str = "https://unsubscribe.example";

/// Whether an expectation is met now; where not, what is so instead.
pub(super) fn holds(scene: &Scene<'_>, expected: &Expectation) -> Result<(), Text> {
    let person = |at| scene.person(at).ok_or_else(|| Text::new("", ""));
    match expected {
        Expectation::NoMessages { to } => {
            let sent = person(*to)?.sent();
            met(sent.is_empty(), || scene.all_sent(&sent))
        }
        Expectation::Message {
            only,
            channel,
            template,
            to,
            at,
            containing,
        } => {
            let sent = person(*to)?.sent();
            let is_meant = |(when, send): &&(Instant, &Send)| {
                send.channel == *channel
                    && *send.template == **template
                    && at.is_none_or(|at| when.div_euclid(MINUTE) == at.div_euclid(MINUTE))
            };
            let met_by_number = !*only || sent.len() == 1;
            let meant: Vec<_> = sent.iter().filter(is_meant).collect();
            met(met_by_number && !meant.is_empty(), || scene.all_sent(&sent))?;
            let Some(words) = containing else {
                return Ok(());
            };
            let texts: Vec<String> = meant.iter().map(|(_, send)| scene.words(send)).collect();
            met(texts.iter().any(|text| text.contains(words)), || {
                let texts = texts.join("\n");
                Text::new(format!("it says: {texts}"), format!("보낸 글: {texts}"))
            })
        }
        Expectation::AtMost { count, per, to } => {
            let sent = person(*to)?.sent();
            let most = scene.most_within(&sent, *per);
            met(most.len() <= *count, || scene.all_sent(most))
        }
        Expectation::Task { team } => {
            let given: Vec<&str> = scene.tasks().map(|it| it.to.as_str()).collect();
            met(given.contains(&team.as_str()), || {
                list_or(
                    &given,
                    "tasks for",
                    "할 일",
                    "no task was given",
                    "할 일이 없음",
                )
            })
        }
        Expectation::Call {
            connector,
            action,
            args,
        } => {
            let is_meant = |call: &Call| {
                call.connector == *connector
                    && call.action == *action
                    && args.iter().all(|it| call.args.contains(it))
            };
            met(scene.calls().any(is_meant), || {
                let made: Vec<String> = scene.calls().map(written).collect();
                let made: Vec<&str> = made.iter().map(String::as_str).collect();
                list_or(&made, "called", "호출", "nothing was called", "호출이 없음")
            })
        }
        Expectation::Exited { person: at, reason } => {
            let person = person(*at)?;
            let mut ends = scene.ends(person);
            met(ends.any(|(_, how)| has_reason(how, reason)), || {
                scene.whereabouts(person)
            })
        }
        Expectation::Waiting { person: at, steps } => {
            let person = person(*at)?;
            let stands = |run: &RunView| {
                let id = run.step.as_deref().unwrap_or_default();
                steps.iter().any(|step| step == id)
            };
            met(scene.runs(person).iter().any(stands), || {
                scene.whereabouts(person)
            })
        }
        Expectation::Value {
            person: at,
            of,
            test,
        } => {
            let contact = &person(*at)?.contact;
            let passes = contact.compares(scene.program, of, test, scene.now);
            met(passes, || {
                match contact.read(scene.program, of, scene.now) {
                    Some(value) => {
                        let value = shown(&value);
                        Text::new(format!("it is {value}"), format!("값은 {value}"))
                    }
                    None => Text::new("it is missing", "값이 없음"),
                }
            })
        }
        Expectation::Member {
            person: at,
            of,
            inside,
        } => {
            let person = person(*at)?;
            met(scene.is_in(person, of) == *inside, || {
                scene.memberships(person)
            })
        }
    }
}

fn met(is_met: bool, instead: impl FnOnce() -> Text) -> Result<(), Text> {
    if is_met { Ok(()) } else { Err(instead()) }
}

impl Person {
    /// The messages sent so far, oldest first.
    fn sent(&self) -> Vec<(Instant, &Send)> {
        let sent = self.effects.iter().filter_map(|effect| match &effect.what {
            Intent::Send(send) => Some((effect.at, send)),
            Intent::Call(_) | Intent::Task(_) | Intent::Enlist(_) => None,
        });
        sent.collect()
    }
}

impl Scene<'_> {
    fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.people.iter().flat_map(|it| &it.effects)
    }

    /// The subject and body of a message, as they will be read.
    fn words(&self, send: &Send) -> String {
        match render::message(self.program, send, UNSUBSCRIBE) {
            Ok(rendered) => {
                let body: String = rendered.body.iter().map(render::Part::words).collect();
                format!("{}\n{}", rendered.subject, body.trim())
            }
            Err(error) => error.to_string(),
        }
    }

    fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.effects().filter_map(|effect| match &effect.what {
            Intent::Task(task) => Some(task),
            Intent::Send(_) | Intent::Call(_) | Intent::Enlist(_) => None,
        })
    }

    fn calls(&self) -> impl Iterator<Item = &Call> {
        self.effects().filter_map(|effect| match &effect.what {
            Intent::Call(call) => Some(call),
            Intent::Send(_) | Intent::Task(_) | Intent::Enlist(_) => None,
        })
    }

    fn is_tested(&self, journey: &str) -> bool {
        let tested = self.script.journey.as_deref();
        tested.is_none_or(|it| it == journey)
    }

    /// How runs of the journeys under test ended.
    fn ends<'p>(&self, person: &'p Person) -> impl Iterator<Item = (&'p str, &'p End)> {
        person.timeline.iter().filter_map(|entry| match entry {
            Entry::Happened(happening) => match &happening.what {
                What::Ended { journey, how, .. } if self.is_tested(journey) => {
                    Some((&**journey, how))
                }
                _ => None,
            },
            Entry::Repeated { .. } => None,
        })
    }

    /// The active runs of the journeys under test.
    fn runs(&self, person: &Person) -> Vec<RunView> {
        let mut runs = person.contact.runs(self.program);
        runs.retain(|run| run.journey.as_deref().is_some_and(|it| self.is_tested(it)));
        runs
    }

    fn is_in(&self, person: &Person, group: &Group) -> bool {
        let member = |is: &dyn Fn(&Membership) -> bool| {
            person.contact.memberships(self.program).iter().any(is)
        };
        match group {
            Group::Journey(name) => {
                let runs = person.contact.runs(self.program);
                runs.iter().any(|run| run.journey.as_deref() == Some(name))
            }
            Group::Segment(name) => {
                member(&|it| matches!(it, Membership::Segment(segment) if **segment == **name))
            }
            Group::Audience(name) => {
                member(&|it| matches!(it, Membership::Audience(audience) if **audience == **name))
            }
            Group::Reached { funnel, stage } => {
                let reached = person.contact.reached(self.program);
                let mut reached = reached.iter();
                reached.any(|it| *it.funnel == **funnel && *it.stage == **stage)
            }
            Group::Stage { lifecycle, stage } => member(&|it| {
                matches!(
                    it,
                    Membership::Stage { lifecycle: of, stage: at }
                        if **of == **lifecycle && **at == **stage
                )
            }),
        }
    }

    /// The most messages in any time of this length. A message stops counting exactly that long after it was sent.
    fn most_within<'s, 'm>(
        &self,
        sent: &'s [(Instant, &'m Send)],
        per: ir::Span,
    ) -> &'s [(Instant, &'m Send)] {
        let zone = &self.program.ir().project.timezone;
        let mut most: &[_] = &[];
        for (last, (until, _)) in sent.iter().enumerate() {
            let from = values::earlier(*until, per, zone).unwrap_or(Instant::MIN);
            let first = sent.partition_point(|(at, _)| *at <= from);
            let within = sent.get(first..=last).unwrap_or_default();
            if within.len() > most.len() {
                most = within;
            }
        }
        most
    }

    fn all_sent(&self, sent: &[(Instant, &Send)]) -> Text {
        let zone = &self.program.ir().project.timezone;
        let sent: Vec<String> = sent
            .iter()
            .map(|(at, send)| format!("{} {} ({})", send.channel, send.template, local(*at, zone)))
            .collect();
        let sent: Vec<&str> = sent.iter().map(String::as_str).collect();
        list_or(
            &sent,
            "sent",
            "보낸 메시지",
            "nothing was sent",
            "보낸 메시지 없음",
        )
    }

    /// Where a person stands in the journeys under test, and how they left them.
    fn whereabouts(&self, person: &Person) -> Text {
        let (mut en, mut ko) = (Vec::new(), Vec::new());
        for (journey, how) in self.ends(person) {
            en.push(format!("{journey} {how}"));
            ko.push(format!("{journey}: {}", ending_ko(how)));
        }
        for run in self.runs(person) {
            let journey = run.journey.as_deref().unwrap_or_default();
            let step = run.step.as_deref().unwrap_or_default();
            en.push(format!("inside {journey} at `{step}`"));
            ko.push(format!("{journey}: `{step}`에 있음"));
        }
        if en.is_empty() {
            return Text::new("never entered", "들어온 적 없음");
        }
        Text::new(en.join(", "), ko.join(", "))
    }

    fn memberships(&self, person: &Person) -> Text {
        let mut all: Vec<String> = Vec::new();
        for membership in person.contact.memberships(self.program) {
            all.push(match membership {
                Membership::Segment(name)
                | Membership::Share(name)
                | Membership::Audience(name) => name.to_string(),
                Membership::Stage { lifecycle, stage } => format!("{lifecycle}.{stage}"),
            });
        }
        let reached = person.contact.reached(self.program);
        all.extend(
            reached
                .iter()
                .map(|it| format!("{}.{}", it.funnel, it.stage)),
        );
        let runs = person.contact.runs(self.program);
        all.extend(
            runs.iter()
                .filter_map(|it| Some(it.journey.as_ref()?.to_string())),
        );
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        list_or(&all, "in", "속한 곳", "in nothing", "속한 곳 없음")
    }
}

fn has_reason(how: &End, reason: &str) -> bool {
    match how {
        End::Exited(Some(it)) => **it == *reason,
        End::Goal => reason == GOAL,
        End::Completed => reason == COMPLETED,
        End::Restarted => reason == RESTARTED,
        End::Exited(None) | End::Cancelled | End::Erased => false,
    }
}

fn ending_ko(how: &End) -> String {
    match how {
        End::Completed => "모든 단계를 마침".to_owned(),
        End::Goal => "목표 달성으로 끝남".to_owned(),
        End::Exited(None) => "나감".to_owned(),
        End::Exited(Some(reason)) => format!("{reason}(으)로 나감"),
        End::Restarted => "새로 시작됨".to_owned(),
        End::Cancelled => "취소됨".to_owned(),
        End::Erased => "개인정보와 함께 지워짐".to_owned(),
    }
}

/// What there is, or that there is nothing.
fn list_or(all: &[&str], en: &str, ko: &str, none_en: &str, none_ko: &str) -> Text {
    if all.is_empty() {
        return Text::new(none_en, none_ko);
    }
    let all = all.join(", ");
    Text::new(format!("{en}: {all}"), format!("{ko}: {all}"))
}

/// `crm.create_lead (owner: "kim", budget: $5,000)`
fn written(call: &Call) -> String {
    let args: Vec<String> = call
        .args
        .iter()
        .map(|(name, value)| format!("{name}: {}", shown(value)))
        .collect();
    format!("{}.{} ({})", call.connector, call.action, args.join(", "))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{text}\""),
        Value::Number(number) => number.to_string(),
        Value::Money(money) => money.to_string(),
        Value::Date(day) => local(i64::from(day.0) * ir::time::DAY, "UTC")
            .chars()
            .take_while(|it| *it != ' ')
            .collect(),
        Value::Moment(at) => local(*at, "UTC"),
        Value::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Span(span) => span.to_string(),
        Value::Items(all) => format!("({})", all.len()),
        Value::List(all) => all.iter().map(shown).collect::<Vec<_>>().join(" "),
    }
}
