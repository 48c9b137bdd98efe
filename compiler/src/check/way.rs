//! Who can come to a step: the conditions on the way from the entry to it.

use journey_ir as ir;
use journey_ir::journey::Unclear;
use journey_ir::{EventIx, Journey, StepIx, StepKind, Trigger};

use super::cells::{Cells, Key, Node, Place};
use super::kinds::Kinds;

/// The conditions of a journey's branches, and of the events that its races wait for.
pub(super) fn questions(journey: &Journey) -> Vec<Node> {
    let mut all = Vec::new();
    for step in &journey.steps {
        match &step.kind {
            StepKind::Branch { arms, .. } => all.extend(arms.iter().map(|(it, _)| (*it, None))),
            StepKind::Race { arms, .. } => {
                all.extend(arms.iter().filter_map(|arm| filter(&arm.trigger)));
            }
            _ => {}
        }
    }
    all
}

/// What holds for everyone who enters.
pub(super) fn entry(place: Place<'_>, journey: &Journey) -> Vec<Node> {
    match &journey.entry {
        ir::Entry::When { trigger, condition } => {
            let event = event(trigger);
            let joined = match trigger {
                Trigger::Joins(segment) => place.program.segment(*segment),
                _ => None,
            };
            let became = match trigger {
                Trigger::Becomes { lifecycle, stage } => {
                    let lifecycle = place.program.lifecycles.get(lifecycle.at());
                    lifecycle.and_then(|it| it.stages.get(stage.at()))
                }
                _ => None,
            };
            filter(trigger)
                .into_iter()
                .chain(condition.map(|it| (it, event)))
                .chain(joined.map(|it| (it.condition, None)))
                .chain(became.map(|it| (it.when, None)))
                .collect()
        }
        ir::Entry::Schedule { people, .. } => vec![(*people, None)],
    }
}

const fn event(trigger: &Trigger) -> Option<EventIx> {
    match trigger {
        Trigger::Event { event, .. } => Some(*event),
        Trigger::Joins(_)
        | Trigger::Leaves(_)
        | Trigger::Becomes { .. }
        | Trigger::Changes { .. } => None,
    }
}

/// What the fields of a trigger's event must satisfy.
pub(super) fn filter(trigger: &Trigger) -> Option<Node> {
    match trigger {
        Trigger::Event { event, filter } => Some(((*filter)?, Some(*event))),
        Trigger::Joins(_)
        | Trigger::Leaves(_)
        | Trigger::Becomes { .. }
        | Trigger::Changes { .. } => None,
    }
}

/// The kinds of people who can come to a step. Conditions that were not asked about may hold or not.
pub(super) fn reaching(
    place: Place<'_>,
    journey: &Journey,
    cells: &Cells<'_>,
    target: StepIx,
) -> Kinds {
    let mut people = cells.everyone().clone();
    for fact in entry(place, journey) {
        people.leave_out(&cells.failing(fact));
    }
    let mut steps = vec![cells.nobody(); journey.steps.len()];
    let mut open: Vec<(StepIx, Kinds)> = journey.start.map(|it| (it, people)).into_iter().collect();
    while let Some((at, people)) = open.pop() {
        if let (Some(here), Some(step)) = (steps.get_mut(at.at()), journey.steps.get(at.at()))
            && here.add(&people)
            && at != target
        {
            ways(&step.kind, here, cells, &mut open);
        }
    }
    let reaching = steps.get(target.at()).cloned();
    reaching.unwrap_or_else(|| cells.nobody())
}

/// The steps that may follow, and who comes to them.
fn ways(kind: &StepKind, people: &Kinds, cells: &Cells<'_>, open: &mut Vec<(StepIx, Kinds)>) {
    match kind {
        StepKind::Race { arms, timeout, .. } => {
            for arm in arms {
                let fails = filter(&arm.trigger).map(|it| cells.failing(it));
                let people = fails.map_or_else(|| people.clone(), |fails| people.without(&fails));
                open.extend(arm.next.map(|next| (next, people)));
            }
            open.extend(timeout.map(|next| (next, people.clone())));
        }
        StepKind::Branch { arms, otherwise } => {
            let mut left = people.clone();
            for (condition, next) in arms {
                let node = (*condition, None);
                let taken = left.without(&cells.failing(node));
                open.extend(next.map(|next| (next, taken)));
                left.leave_out(&cells.holding(node));
            }
            open.extend(otherwise.map(|next| (next, left)));
        }
        other => open.extend(all(other).into_iter().map(|next| (next, people.clone()))),
    }
}

/// The steps that may follow a step, whoever comes.
pub(super) fn all(kind: &StepKind) -> Vec<StepIx> {
    match kind {
        StepKind::Send { next, .. }
        | StepKind::Wait { next, .. }
        | StepKind::Do { next, .. }
        | StepKind::Assign { next, .. }
        | StepKind::Set { next, .. }
        | StepKind::Remember { next, .. }
        | StepKind::Tag { next, .. } => next.iter().copied().collect(),
        StepKind::Repeat { body, next, .. } => body.iter().chain(next).copied().collect(),
        StepKind::Ask {
            answer,
            unclear,
            timeout,
            ..
        } => {
            let unclear = match unclear {
                Unclear::Take(next) => *next,
                Unclear::Wait => None,
            };
            [*answer, unclear, *timeout].into_iter().flatten().collect()
        }
        StepKind::EveryNth {
            then, otherwise, ..
        } => then.iter().chain(otherwise).copied().collect(),
        StepKind::Draw { arms, .. } => arms.iter().filter_map(|arm| arm.next).collect(),
        StepKind::Exit { .. } => Vec::new(),
        StepKind::Split { arms, .. } => arms.iter().filter_map(|arm| arm.next).collect(),
        StepKind::Race { arms, timeout, .. } => arms
            .iter()
            .filter_map(|arm| arm.next)
            .chain(*timeout)
            .collect(),
        StepKind::Branch { arms, otherwise } => arms
            .iter()
            .filter_map(|(_, next)| *next)
            .chain(*otherwise)
            .collect(),
    }
}

/// Whether a journey changes an attribute, so that what held at its entry may not hold later.
pub(super) fn is_set(journey: &Journey, key: Key) -> bool {
    journey.steps.iter().any(|step| match &step.kind {
        StepKind::Set { attribute, .. } | StepKind::Ask { attribute, .. } => {
            Key::Attribute(*attribute) == key
        }
        _ => false,
    })
}
