//! The ways out of a step in words.

use journey_ir as ir;
use journey_ir::journey::Unclear;
use journey_ir::{StepIx, StepKind};

use super::{Way, WayKind};
use crate::sentences::conditions::Role;
use crate::sentences::korean::with;
use crate::sentences::values::percent;
use crate::sentences::{Place, Teller, say};

impl Teller<'_> {
    /// The ways out of a step in words, in the order of the outline.
    pub(crate) fn ways(&self, journey: &ir::Journey, at: StepIx) -> Vec<Way> {
        let place = Place::of(journey);
        let kind = journey.steps.get(at.at()).map(|it| &it.kind);
        match kind {
            Some(StepKind::Race { limit, arms, .. }) => {
                let mut ways: Vec<Way> = arms
                    .iter()
                    .map(|arm| {
                        let mut words = self.trigger_if(&arm.trigger, place);
                        if is_goal(journey, &arm.trigger) {
                            words += self.word(
                                ", which is the goal and ends the run",
                                "(목표 달성, 여기서 끝)",
                            );
                        }
                        Way::new(WayKind::Arm, words)
                    })
                    .collect();
                let limit = self.span(*limit);
                ways.push(Way::new(
                    WayKind::Timeout,
                    say!(
                        self,
                        "when nothing of this happens in {limit}",
                        "{limit} 안에 아무 일도 없으면"
                    ),
                ));
                ways
            }
            Some(StepKind::Branch { arms, .. }) => {
                let conditions: Vec<ir::ConditionIx> = arms.iter().map(|it| it.0).collect();
                let one = self.asked_of(&conditions, place).is_some();
                let mut ways: Vec<Way> = conditions
                    .iter()
                    .map(|it| {
                        let short = one.then(|| self.answer(*it, place)).flatten();
                        let words = self.condition(*it, Role::If, place);
                        let words =
                            words.unwrap_or_else(|| self.word("always", "언제나").to_owned());
                        let words = match self.language {
                            crate::problem::Language::English => format!("if {words}"),
                            crate::problem::Language::Korean => words,
                        };
                        Way {
                            kind: WayKind::Arm,
                            short: short.unwrap_or_else(|| words.clone()),
                            words,
                            nobody: false,
                        }
                    })
                    .collect();
                let rest = self.remaining(&conditions, place);
                let brackets = |rest: Option<String>| {
                    rest.map_or_else(String::new, |it| say!(self, " ({it})", "({it})"))
                };
                let full = rest.as_ref().map(|(subject, rest)| {
                    let subject = self.subject(subject);
                    format!("{subject} {rest}")
                });
                let (full, rest) = (brackets(full), brackets(rest.map(|it| it.1)));
                ways.push(Way {
                    kind: WayKind::Otherwise,
                    words: say!(self, "otherwise{full}", "그 밖{full}이면"),
                    short: say!(self, "otherwise{rest}", "그 밖{rest}"),
                    nobody: self.leaves_nobody(&conditions, place),
                });
                ways
            }
            Some(StepKind::Split { arms, .. }) => arms
                .iter()
                .map(|arm| {
                    let share = percent(arm.weight);
                    let name = &arm.name;
                    Way::new(WayKind::Arm, say!(self, "{share} {name}", "{share} {name}"))
                })
                .collect(),
            Some(StepKind::Draw { arms, .. }) => {
                let way = |it: &ir::journey::Prize| {
                    let odds = percent(it.weight);
                    let stock = it.stock.map_or_else(String::new, |it| {
                        say!(self, " ({it} in all)", " (모두 {it}개)")
                    });
                    let otherwise = it.name == "otherwise";
                    let name = if otherwise {
                        self.word("otherwise", "그 밖")
                    } else {
                        it.name.as_str()
                    };
                    let kind = if otherwise {
                        WayKind::Otherwise
                    } else {
                        WayKind::Arm
                    };
                    Way::new(kind, format!("{odds} {name}{stock}"))
                };
                arms.iter().map(way).collect()
            }
            Some(StepKind::EveryNth { n, .. }) => {
                let (twice, thrice) = (n.saturating_mul(2), n.saturating_mul(3));
                vec![
                    Way::new(
                        WayKind::Arm,
                        say!(
                            self,
                            "at entry {n}, {twice}, {thrice} …",
                            "{n}, {twice}, {thrice}…번째면"
                        ),
                    ),
                    Way::new(WayKind::Otherwise, say!(self, "otherwise", "그 밖이면")),
                ]
            }
            Some(StepKind::Repeat { .. }) => vec![
                Way::new(WayKind::Arm, say!(self, "each time", "매번")),
                Way::new(WayKind::Otherwise, say!(self, "after that", "끝나면")),
            ],
            Some(StepKind::Ask {
                attribute,
                limit,
                unclear,
                ..
            }) => {
                let name = self.source(&ir::Source::Attribute(*attribute), place);
                let object = with(&name, ("을", "를"));
                let limit = self.span(*limit);
                let answer = say!(self, "when {name} is understood", "{object} 알아들으면");
                let unclear = match unclear {
                    Unclear::Wait => None,
                    Unclear::Take(_) => Some(Way::new(
                        WayKind::Arm,
                        say!(self, "when the reply is unclear", "답을 알아들을 수 없으면"),
                    )),
                };
                let timeout = say!(
                    self,
                    "when no reply came in {limit}",
                    "{limit} 안에 답이 없으면"
                );
                std::iter::once(Way::new(WayKind::Arm, answer))
                    .chain(unclear)
                    .chain([Way::new(WayKind::Timeout, timeout)])
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Whether what is waited for is the goal. How long the goal counts is said in the header.
fn is_goal(journey: &ir::Journey, trigger: &ir::Trigger) -> bool {
    let ir::Trigger::Event { event, filter } = trigger else {
        return false;
    };
    let goal = journey.goal.as_ref();
    goal.is_some_and(|it| it.event == *event && (it.filter.is_none() || it.filter == *filter))
}
