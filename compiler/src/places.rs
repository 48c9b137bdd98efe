//! Where the parts of a program were written.
//!
//! Comes in: each step and header line as lowering meets it. Goes out: places in the order of the program's own lists,
//! so that a check, a picture or an editor can point at what the program only knows by position.

use journey_grammar::tree as syntax;
use journey_grammar::tree::Span;
use journey_ir::{JourneyIx, StepIx};

use crate::problem::Location;
use crate::sources::FileId;

/// Where everything in a program stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// In the order of `program.journeys`. Tests know their own places.
    pub journeys: Vec<JourneyPlaces>,
    /// The lines of each policy, in the order of `program.policies` and their rules.
    pub policies: Vec<Vec<Location>>,
}

impl Places {
    /// The places of a journey.
    pub fn journey(&self, at: JourneyIx) -> Option<&JourneyPlaces> {
        self.journeys.get(at.at())
    }

    /// The line of a policy's rule.
    pub fn rule(&self, policy: usize, rule: usize) -> Option<Location> {
        self.policies.get(policy)?.get(rule).copied()
    }

    /// The places of a step.
    pub fn step(&self, journey: JourneyIx, step: StepIx) -> Option<&StepPlaces> {
        self.journey(journey)?.steps.get(step.at())
    }
}

/// Where a journey and the lines of its header stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyPlaces {
    /// Its name.
    pub name: Location,
    /// From the keyword to the closing brace.
    pub whole: Location,
    /// The `enter` line.
    pub enter: Option<Location>,
    /// The `reenter` line.
    pub reenter: Option<Location>,
    /// The `one run per` line.
    pub run_key: Option<Location>,
    /// The `goal` line.
    pub goal: Option<Location>,
    /// The `exit when` lines, in the order of `journey.exits`.
    pub exits: Vec<Location>,
    /// In the order of `journey.steps`.
    pub steps: Vec<StepPlaces>,
}

impl JourneyPlaces {
    /// The places of a header; those of the steps are not known yet. A line that stands twice is reported elsewhere.
    pub(crate) fn of_header(file: FileId, journey: &syntax::Journey) -> Self {
        let at = |span| Location::new(file, span);
        let mut places = Self {
            name: at(journey.name.span),
            whole: at(journey.span),
            enter: None,
            reenter: None,
            run_key: None,
            goal: None,
            exits: Vec::new(),
            steps: Vec::new(),
        };
        for line in &journey.header {
            let here = at(line.span());
            match line {
                syntax::HeaderLine::Enter(_) => places.enter = places.enter.or(Some(here)),
                syntax::HeaderLine::Reenter(_) => places.reenter = Some(here),
                syntax::HeaderLine::OneRunPer(_) => places.run_key = Some(here),
                syntax::HeaderLine::Goal(_) => places.goal = Some(here),
                syntax::HeaderLine::ExitWhen(_) => places.exits.push(here),
                _ => {}
            }
        }
        places
    }
}

/// Where a step stands. A step of a sequence stands in the sequence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepPlaces {
    /// The whole step, its blocks included; `None` only for a step that lowering made up.
    pub whole: Option<Location>,
    /// What stands before its first block.
    pub head: Option<Location>,
    /// The messages of a send, in the order of the candidates.
    pub candidates: Vec<Location>,
    /// The values of its arguments, by name.
    pub arguments: Vec<(String, Location)>,
    /// How long a wait lasts at most: its length, its limit, or its `until …`.
    pub length: Option<Location>,
    /// What chooses each arm, in the order of the arms of the step.
    pub arms: Vec<Location>,
    /// The word `otherwise` or `timeout`.
    pub last: Option<Location>,
    /// Whether the arms have a way for everybody, as those of `choose by` must.
    pub complete: bool,
    /// The `run` steps that lead to its sequence, outermost first.
    pub runs: Vec<Location>,
}

impl StepPlaces {
    /// The places of a step as it was written.
    pub(crate) fn of(file: FileId, step: &syntax::Step, runs: &[Location]) -> Self {
        let at = |span| Location::new(file, span);
        let whole = step.span();
        let plain = Self {
            whole: Some(at(whole)),
            head: Some(at(whole)),
            runs: runs.to_vec(),
            ..Self::default()
        };
        let up_to = |end: u32| Some(at(Span::new(whole.start, end)));
        match step {
            syntax::Step::Send(send) => Self {
                candidates: send.messages.iter().map(|it| at(it.span)).collect(),
                arguments: arguments(file, &send.arguments),
                ..plain
            },
            syntax::Step::Wait(wait) => wait_places(file, wait, plain),
            syntax::Step::Do(call) => Self {
                arguments: arguments(file, &call.arguments),
                ..plain
            },
            syntax::Step::Assign(assign) => Self {
                arguments: arguments(file, &assign.arguments),
                ..plain
            },
            syntax::Step::If(branch) => Self {
                head: branch
                    .arms
                    .first()
                    .and_then(|arm| up_to(arm.condition.span().end)),
                arms: branch
                    .arms
                    .iter()
                    .map(|arm| at(arm.condition.span()))
                    .collect(),
                last: branch
                    .otherwise
                    .as_ref()
                    .map(|block| at(otherwise(branch, block))),
                ..plain
            },
            syntax::Step::Choose(choose) => {
                let keys = |arm: &syntax::ChooseArm| {
                    at(Span::new(
                        arm.span.start,
                        arm.steps.span.start.max(arm.span.start),
                    ))
                };
                let is_last = |arm: &&syntax::ChooseArm| {
                    let is = |key: &syntax::ArmKey| matches!(key, syntax::ArmKey::Otherwise(_));
                    arm.keys.iter().any(is)
                };
                Self {
                    head: up_to(choose.by.span.end),
                    arms: choose
                        .arms
                        .iter()
                        .filter(|it| !is_last(it))
                        .map(keys)
                        .collect(),
                    last: choose.arms.iter().find(is_last).map(keys),
                    complete: true,
                    ..plain
                }
            }
            syntax::Step::Ask(ask) => {
                let arm_of = |wanted: syntax::Reply| {
                    let is = |arm: &&syntax::AskArm| {
                        arm.on.as_ref().is_some_and(|on| on.value == wanted)
                    };
                    let on = ask.arms.iter().find(is)?.on.as_ref()?;
                    Some(at(on.span))
                };
                let taken = [syntax::Reply::Answer, syntax::Reply::Unclear];
                Self {
                    arms: taken.into_iter().filter_map(arm_of).collect(),
                    last: arm_of(syntax::Reply::Timeout),
                    ..plain
                }
            }
            syntax::Step::EveryTime(every) => Self {
                head: up_to(every.steps.span.start),
                arms: vec![at(Span::new(whole.start, every.steps.span.start))],
                last: every.otherwise.as_ref().map(|block| at(block.span)),
                ..plain
            },
            syntax::Step::Draw(draw) => {
                let prizes = draw.arms.iter().filter_map(|it| it.prize.as_ref());
                let others = draw.arms.iter().filter(|it| it.prize.is_none());
                let before =
                    |arm: &syntax::DrawArm| Span::new(arm.span.start, arm.steps.span.start);
                Self {
                    head: up_to(draw.name.span.end),
                    arms: prizes
                        .map(|it| at(it.span))
                        .chain(others.map(|it| at(before(it))))
                        .collect(),
                    ..plain
                }
            }
            syntax::Step::Split(split) => Self {
                head: up_to(split.name.span.end),
                arms: split.arms.iter().map(|it| at(it.name.span)).collect(),
                ..plain
            },
            _ => plain,
        }
    }
}

fn arguments(file: FileId, all: &[syntax::Argument]) -> Vec<(String, Location)> {
    let place = |it: &syntax::Argument| (it.name.text.clone(), Location::new(file, it.value.span));
    all.iter().map(place).collect()
}

fn wait_places(file: FileId, wait: &syntax::Wait, plain: StepPlaces) -> StepPlaces {
    let at = |span| Location::new(file, span);
    match &wait.kind {
        syntax::WaitKind::For { length, .. } => StepPlaces {
            length: Some(at(match length {
                syntax::WaitLength::Duration(duration) => duration.span,
                syntax::WaitLength::Parameter(path) => path.span,
            })),
            ..plain
        },
        syntax::WaitKind::UpTo { limit, event, race } => {
            let head = race
                .as_ref()
                .map(|_| Span::new(wait.span.start, limit.span.end));
            let arms = race.iter().flat_map(|it| &it.arms);
            let mut triggers: Vec<Location> = event.iter().map(|it| at(it.span)).collect();
            let mut last = None;
            for arm in arms {
                match &arm.on {
                    syntax::RaceTrigger::Timeout(span) => last = last.or(Some(at(*span))),
                    syntax::RaceTrigger::Trigger(trigger) => triggers.push(at(span_of(trigger))),
                }
            }
            StepPlaces {
                head: head.map(at).or(plain.head),
                length: Some(at(limit.span)),
                arms: triggers,
                last,
                ..plain
            }
        }
        _ => StepPlaces {
            length: plain.head,
            ..plain
        },
    }
}

/// From the first word of a trigger to its last.
fn span_of(trigger: &syntax::Trigger) -> Span {
    match trigger {
        syntax::Trigger::Joins(path) | syntax::Trigger::Leaves(path) => path.span,
        syntax::Trigger::Becomes { lifecycle, stage } => lifecycle.span.to(stage.span),
        syntax::Trigger::Event(pattern) => pattern.span,
        syntax::Trigger::Changes { span, .. } | syntax::Trigger::Unknown(span) => *span,
    }
}

/// `} otherwise {`: the word has no place of its own, and stands between these braces.
pub(crate) fn otherwise(branch: &syntax::If, block: &syntax::Block) -> Span {
    let before = branch.arms.last().map_or(block.span, |arm| arm.span);
    let start = before.end.saturating_sub(1);
    Span::new(start, (block.span.start + 1).max(start))
}
