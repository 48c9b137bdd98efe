//! Steps in sentences, and in the few words that fit into a box of a picture.

mod waits;
mod ways;

pub(crate) use waits::either_way;

use journey_ir as ir;
use journey_ir::journey::{Argument, Unclear};
use journey_ir::{Channel, Purpose, StepIx, StepKind};

use super::korean::with;
use super::{Place, Teller, say};

/// What kind of thing a step is, for its colour and icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A message by this channel.
    Send(Channel),
    /// Time passes.
    Wait,
    /// An event or a deadline.
    Race,
    /// Conditions.
    Branch,
    /// Chance, to compare.
    Split,
    /// Chance, to win.
    Draw,
    /// By how often the person has come.
    Count,
    /// Again and again.
    Repeat,
    /// An answer is waited for.
    Ask,
    /// A call to another system.
    Do,
    /// Work for a person.
    Assign,
    /// Something is noted about the contact.
    Note,
    /// The end.
    Exit,
}

/// A step in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// What kind of thing it is.
    pub(crate) look: Look,
    /// The words for a box: a few.
    pub(crate) head: String,
    /// Smaller lines below them.
    pub(crate) details: Vec<String>,
    /// A word in the corner: `광고`.
    pub(crate) badge: Option<String>,
    /// The whole sentence.
    pub(crate) sentence: String,
}

/// What leads into an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WayKind {
    /// A condition, an event or a share.
    Arm,
    /// None of the arms.
    Otherwise,
    /// Nothing happened in time.
    Timeout,
}

/// A way out of a step in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// What it is.
    pub(crate) kind: WayKind,
    /// When it is taken, as a clause.
    pub(crate) words: String,
    /// The same in few words, for a picture.
    pub(crate) short: String,
    /// Whether nobody can take it.
    pub(crate) nobody: bool,
}

impl Way {
    fn new(kind: WayKind, words: String) -> Self {
        let short = words.clone();
        Self {
            kind,
            words,
            short,
            nobody: false,
        }
    }
}

impl Teller<'_> {
    /// A step in words. `None` for a position that the journey does not have.
    pub(crate) fn step(&self, journey: &ir::Journey, at: StepIx) -> Option<Shown> {
        let step = journey.steps.get(at.at())?;
        let place = Place::of(journey);
        Some(match &step.kind {
            StepKind::Send {
                candidates,
                args,
                between,
                within,
                ..
            } => self.send(candidates, args, *between, *within, place),
            StepKind::Wait {
                span,
                settle,
                until,
                ..
            } => self.wait(journey, *span, *settle, until.as_ref(), place),
            StepKind::Race {
                limit,
                settle,
                arms,
                timeout,
                ..
            } => self.race(journey, *limit, *settle, (arms, *timeout)),
            StepKind::Branch { arms, .. } => {
                let conditions: Vec<ir::ConditionIx> = arms.iter().map(|it| it.0).collect();
                let (head, sentence) = match self.asked_of(&conditions, place) {
                    Some(of) => {
                        let sentence = say!(self, "By {of}:", "{of}에 따라 나뉩니다.");
                        (of, sentence)
                    }
                    None => (
                        self.word("Which way?", "갈림길").to_owned(),
                        self.word("By condition:", "조건에 따라 나뉩니다.")
                            .to_owned(),
                    ),
                };
                shown(Look::Branch, head, sentence)
            }
            StepKind::Split { name, measured, .. } => self.split(name, measured.as_ref(), place),
            StepKind::Draw { name, .. } => Shown {
                details: vec![name.clone()],
                ..shown(
                    Look::Draw,
                    self.word("Draw", "뽑기").to_owned(),
                    say!(
                        self,
                        "A prize is drawn (“{name}”); a person's result in one run never changes:",
                        "“{name}” 뽑기를 합니다. 한 번 나온 결과는 바뀌지 않습니다."
                    ),
                )
            },
            StepKind::EveryNth { n, .. } => shown(
                Look::Count,
                say!(self, "Every {n}th time?", "{n}번째마다"),
                say!(
                    self,
                    "By how often the person has entered this journey:",
                    "이 여정에 들어온 횟수에 따라 나뉩니다."
                ),
            ),
            StepKind::Repeat {
                times,
                every,
                settle,
                until,
                ..
            } => self.repeat(journey, *times, *every, *settle, until.as_ref()),
            StepKind::Ask {
                attribute,
                limit,
                settle,
                unclear,
                ..
            } => self.question(journey, *attribute, *limit, *settle, *unclear),
            StepKind::Remember { register, of, .. } => {
                let name = self.source(&ir::Source::Register(*register), place);
                let of = self.source(of, place);
                let (object, target) = (with(&of, ("을", "를")), with(&name, ("으로", "로")));
                shown(
                    Look::Note,
                    format!("{name} = {of}"),
                    say!(
                        self,
                        "Remember {of} as {name}.",
                        "{object} {target} 기억합니다."
                    ),
                )
            }
            StepKind::Do {
                connector,
                action,
                args,
                ..
            } => {
                let given = self.given(args, place);
                let call = format!("{connector}.{action}");
                let tail = tail(&given);
                let object = with(&call, ("을", "를"));
                Shown {
                    details: given,
                    ..shown(
                        Look::Do,
                        call.clone(),
                        say!(self, "Call {call}{tail}.", "{object} 호출합니다{tail}."),
                    )
                }
            }
            StepKind::Assign {
                to,
                title,
                args,
                due,
                ..
            } => self.assign(to, title, args, *due, place),
            StepKind::Set { attribute, to, .. } => {
                let name = self.source(&ir::Source::Attribute(*attribute), place);
                let to = self.expression(to, place);
                let (object, target) = (with(&name, ("을", "를")), with(&to, ("으로", "로")));
                shown(
                    Look::Note,
                    format!("{name} = {to}"),
                    say!(self, "Set {name} to {to}.", "{object} {target} 바꿉니다."),
                )
            }
            StepKind::Tag { tag, add, .. } => {
                let (sign, sentence) = if *add {
                    let words = say!(self, "Add the tag “{tag}”.", "“{tag}” 태그를 붙입니다.");
                    ('+', words)
                } else {
                    let words = say!(self, "Remove the tag “{tag}”.", "“{tag}” 태그를 뗍니다.");
                    ('−', words)
                };
                shown(Look::Note, format!("{sign} “{tag}”"), sentence)
            }
            StepKind::Exit { reason } => {
                let head = reason
                    .clone()
                    .unwrap_or_else(|| self.word("exit", "여기서 끝").to_owned());
                let sentence = match reason {
                    Some(reason) => say!(
                        self,
                        "The run ends here, recorded as “{reason}”.",
                        "여정을 여기서 끝냅니다(기록: “{reason}”)."
                    ),
                    None => say!(self, "The run ends here.", "여정을 여기서 끝냅니다."),
                };
                shown(Look::Exit, head, sentence)
            }
        })
    }

    fn send(
        &self,
        candidates: &[ir::MessageIx],
        args: &[Argument],
        between: Option<(ir::Clock, ir::Clock)>,
        within: Option<ir::Span>,
        place: Place<'_>,
    ) -> Shown {
        let messages: Vec<&ir::Message> = candidates
            .iter()
            .filter_map(|it| self.program.message(*it))
            .collect();
        let given = self.given(args, place);
        let between = between.map(|(from, to)| self.clocks(from, to));
        let mut names: Vec<&str> = messages.iter().map(|it| it.template.as_str()).collect();
        names.dedup();
        let channels: Vec<&str> = messages.iter().map(|it| self.channel(it.channel)).collect();
        let mut details = names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let subject = messages.first().map(|it| {
            let version = self.spoken(it);
            version.teller.sample(it, version.subject)
        });
        details.extend(subject.filter(|it| !it.is_empty()));
        details.extend(given.iter().cloned());
        details.extend(between.clone());
        let within = within.map(|it| self.span(it));
        details.extend(
            within
                .as_ref()
                .map(|it| say!(self, "within {it} only", "{it} 안에만")),
        );
        let words: Vec<String> = messages.iter().map(|it| self.message(it)).collect();
        let tail = tail(&given);
        let during =
            between.map_or_else(String::new, |it| say!(self, " ({it} only)", " ({it}에만)"));
        let sentence = match words.as_slice() {
            [one] => {
                let object = with(one, ("을", "를"));
                say!(
                    self,
                    "Send {one}{tail}{during}.",
                    "{object} 보냅니다{tail}{during}."
                )
            }
            all => {
                let all = all.join(self.word(", else ", " → "));
                say!(
                    self,
                    "Send the first that can reach the person: {all}{tail}{during}.",
                    "받을 수 있는 첫 번째 채널로 보냅니다: {all}{tail}{during}."
                )
            }
        };
        let expires = within.map_or_else(String::new, |it| {
            say!(
                self,
                " If it cannot be sent within {it}, it is not sent.",
                " {it} 안에 보낼 수 없으면 보내지 않습니다."
            )
        });
        let words = messages.first().map(|it| self.first_words(it));
        let words = words
            .filter(|it| !it.is_empty())
            .map_or_else(String::new, |it| format!(" “{it}”"));
        let sentence = sentence + &expires + &words;
        let advertising = messages.iter().any(|it| it.purpose == Purpose::Advertising);
        let survey = messages.iter().any(|it| it.purpose == Purpose::Survey);
        let badge = match (advertising, survey) {
            (true, _) => Some(self.word("ad", "광고")),
            (_, true) => Some(self.word("survey", "설문")),
            _ => None,
        };
        let look = messages.first().map_or(Channel::Email, |it| it.channel);
        Shown {
            look: Look::Send(look),
            head: channels.join(" → "),
            details,
            badge: badge.map(str::to_owned),
            sentence,
        }
    }

    fn split(
        &self,
        name: &str,
        measured: Option<&ir::journey::Measured>,
        place: Place<'_>,
    ) -> Shown {
        let mut details = vec![name.to_owned()];
        let success = measured.map(|it| {
            let event = self.event_where(it.event, it.filter, place);
            let within = self.span(it.within);
            say!(
                self,
                "success: {event} within {within}",
                "성과: {within} 안에 {event}"
            )
        });
        details.extend(success.clone());
        let success = success.map_or_else(String::new, |it| format!(" ({it})"));
        Shown {
            details,
            ..shown(
                Look::Split,
                self.word("Split by chance", "무작위로 나누기").to_owned(),
                say!(
                    self,
                    "People are split by chance for the experiment “{name}”{success}; each keeps their arm:",
                    "“{name}” 실험을 위해 사람들을 무작위로 나눕니다{success}. 한번 나뉜 쪽은 바뀌지 않습니다."
                ),
            )
        }
    }

    fn repeat(
        &self,
        journey: &ir::Journey,
        times: u16,
        every: ir::Span,
        settle: i64,
        until: Option<&ir::Trigger>,
    ) -> Shown {
        let every = self.span(every);
        let triggers: Vec<&ir::Trigger> = until.into_iter().collect();
        let why = self.settling(journey, settle, &triggers);
        let stop = until.map(|it| self.trigger_if(it, Place::of(journey)));
        let mut details = vec![say!(self, "every {every}", "{every}마다")];
        details.extend(stop.as_ref().map(|it| say!(self, "ends {it}", "{it} 그만")));
        details.extend(why.iter().map(|it| it.short.clone()));
        let stop = stop.map_or_else(String::new, |it| {
            say!(self, ", but at once no more {it}", ". {it} 즉시 그만둡니다")
        });
        Shown {
            details,
            ..shown(
                Look::Repeat,
                say!(self, "Up to {times} times", "최대 {times}번 되풀이"),
                closed(
                    &say!(
                        self,
                        "Repeat up to {times} times, every {every}{stop}",
                        "{every}마다 최대 {times}번 되풀이합니다{stop}"
                    ),
                    why.as_ref(),
                ),
            )
        }
    }

    fn question(
        &self,
        journey: &ir::Journey,
        attribute: ir::AttributeIx,
        limit: ir::Span,
        settle: i64,
        unclear: Unclear,
    ) -> Shown {
        let name = self.source(&ir::Source::Attribute(attribute), Place::of(journey));
        let limit = self.span(limit);
        let why = self.settling(journey, settle, &[]);
        let kind = self.program.attribute(attribute);
        let kind = kind.map_or_else(String::new, |it| self.kind(&it.kind));
        let waits = match unclear {
            Unclear::Wait => self.word(
                "; an unclear one goes on waiting",
                "(알아들을 수 없는 답이면 계속 기다립니다)",
            ),
            Unclear::Take(_) => "",
        };
        let (object, head) = (
            with(&name, ("을", "를")),
            say!(self, "Wait for the answer", "답 기다리기"),
        );
        let details = [say!(self, "{name}, up to {limit}", "{name}, 최대 {limit}")];
        let details = details
            .into_iter()
            .chain(why.iter().map(|it| it.short.clone()));
        Shown {
            details: details.collect(),
            ..shown(
                Look::Ask,
                head,
                closed(
                    &say!(
                        self,
                        "Wait up to {limit} for the reply, read it as {name} ({kind}) and keep it{waits}",
                        "답을 최대 {limit} 기다려 {object} 알아내고 저장합니다: {kind}{waits}"
                    ),
                    why.as_ref(),
                ),
            )
        }
    }

    fn assign(
        &self,
        to: &str,
        title: &str,
        args: &[Argument],
        due: Option<ir::Span>,
        place: Place<'_>,
    ) -> Shown {
        let due = due.map(|it| self.span(it));
        let given = self.given(args, place);
        let tail = tail(&given);
        let mut details = vec![title.to_owned()];
        details.extend(
            due.as_ref()
                .map(|it| say!(self, "due in {it}", "{it} 안에")),
        );
        details.extend(given);
        let due = due.map_or_else(String::new, |it| say!(self, ", due in {it}", " {it} 안에"));
        Shown {
            details,
            ..shown(
                Look::Assign,
                say!(self, "Task for {to}", "{to} 담당 할 일"),
                say!(
                    self,
                    "Give {to} the task “{title}”{tail}{due}.",
                    "{to}에게{due} 할 일을 맡깁니다: “{title}”{tail}."
                ),
            )
        }
    }

    /// `쿠폰: 장바구니 5천원`, one per argument.
    fn given(&self, args: &[Argument], place: Place<'_>) -> Vec<String> {
        let one = |it: &Argument| {
            let value = match &it.value {
                ir::journey::Expression::Offer(at) => {
                    let offer = self.program.offers.get(at.at());
                    offer.map_or_else(String::new, |it| self.offer_in_short(it))
                }
                value => self.expression(value, place),
            };
            format!("{}: {value}", it.name)
        };
        args.iter().map(one).collect()
    }
}

struct Settling {
    short: String,
    long: String,
}

fn closed(sentence: &str, why: Option<&Settling>) -> String {
    match why {
        Some(why) => format!("{sentence} — {}.", why.long),
        None => format!("{sentence}."),
    }
}

fn tail(given: &[String]) -> String {
    if given.is_empty() {
        String::new()
    } else {
        format!(" ({})", given.join(", "))
    }
}

fn shown(look: Look, head: String, sentence: String) -> Shown {
    Shown {
        look,
        head,
        details: Vec::new(),
        badge: None,
        sentence,
    }
}
