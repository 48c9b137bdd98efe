//! Who can come to a step: the conditions on the way from the entry to it.

use journey_ir as ir;
use journey_ir::journey::Unclear;
use journey_ir::{EventIx, Journey, StepIx, StepKind, Trigger};

use super::cells::{Budget, Key, Node, Of, Person, Place};

/// The conditions of a journey that ask about a value: of its entry, its races and its branches. `None` where they
/// are too many to look at.
pub(super) fn conditions(
    place: Place<'_>,
    journey: &Journey,
    key: Key,
    budget: &mut Budget,
) -> Option<Vec<Node>> {
    let mut all = entry(place, journey);
    all.extend(questions(journey));
    all.sort_unstable();
    all.dedup();
    budget.spend(journey.steps.len())?;
    let mut asking = Vec::new();
    for node in all {
        let parts = place.parts(&[node]);
        budget.spend(parts.len())?;
        if place.asked(&parts).contains_key(&Of::Value(key)) {
            asking.push(node);
        }
    }
    Some(asking)
}

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

/// Whether this kind of person can come to a step. Conditions that were not asked about may hold or not.
pub(super) fn reaches(
    place: Place<'_>,
    journey: &Journey,
    person: &Person<'_>,
    target: StepIx,
) -> bool {
    if entry(place, journey).iter().any(|it| person.fails(*it)) {
        return false;
    }
    let mut seen = vec![false; journey.steps.len()];
    let mut open: Vec<StepIx> = journey.start.into_iter().collect();
    while let Some(at) = open.pop() {
        if at == target {
            return true;
        }
        let Some(seen) = seen.get_mut(at.at()) else {
            continue;
        };
        if !std::mem::replace(seen, true)
            && let Some(step) = journey.steps.get(at.at())
        {
            open.extend(ways(&step.kind, person));
        }
    }
    false
}

/// The steps that may follow.
fn ways(kind: &StepKind, person: &Person<'_>) -> Vec<StepIx> {
    match kind {
        StepKind::Race { arms, timeout, .. } => arms
            .iter()
            .filter(|arm| !filter(&arm.trigger).is_some_and(|it| person.fails(it)))
            .filter_map(|arm| arm.next)
            .chain(*timeout)
            .collect(),
        StepKind::Branch { arms, otherwise } => {
            let mut ways = Vec::new();
            for (condition, next) in arms {
                let node = (*condition, None);
                if !person.fails(node) {
                    ways.extend(*next);
                }
                if person.holds(node) {
                    return ways;
                }
            }
            ways.extend(*otherwise);
            ways
        }
        other => all(other),
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
