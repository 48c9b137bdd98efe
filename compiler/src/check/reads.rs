//! What a condition looks at: the events it counts, through segments and lifecycles.

use std::collections::BTreeSet;

use journey_ir::{
    Atom, Condition, ConditionIx, EventIx, Journey, LifecycleIx, Program, Source, Trigger,
};

/// The events on which conditions depend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reads {
    /// The events.
    pub(super) events: BTreeSet<EventIx>,
    /// Whether anything else than values of contacts and events is asked: the past, memberships.
    pub(super) past: bool,
}

/// What some conditions look at.
pub(super) fn of(program: &Program, conditions: impl IntoIterator<Item = ConditionIx>) -> Reads {
    let mut reads = Reads::default();
    let mut seen = BTreeSet::new();
    let mut open: Vec<ConditionIx> = conditions.into_iter().collect();
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        match program.condition(at) {
            Some(Condition::All(parts) | Condition::Any(parts)) => open.extend(parts),
            Some(Condition::Not(inner)) => open.push(*inner),
            Some(Condition::Is(atom)) => match program.atom(*atom) {
                Some(
                    Atom::Happened { aggregate, .. }
                    | Atom::Amount { aggregate, .. }
                    | Atom::Overdue { aggregate, .. }
                    | Atom::HappenedWith { aggregate, .. }
                    | Atom::Paced {
                        newest: aggregate, ..
                    }
                    | Atom::Compare {
                        left: Source::Recalled(aggregate),
                        ..
                    },
                ) => {
                    reads.past = true;
                    let aggregate = program.aggregate(*aggregate).into_iter();
                    reads
                        .events
                        .extend(aggregate.flat_map(journey_ir::Aggregate::events));
                }
                Some(Atom::HeldFor { condition, .. }) => {
                    reads.past = true;
                    open.push(*condition);
                }
                Some(Atom::Member(segment) | Atom::MemberFor { segment, .. }) => {
                    reads.past = true;
                    open.extend(program.segment(*segment).map(|it| it.condition));
                }
                Some(Atom::Stage { lifecycle, .. } | Atom::StageFor { lifecycle, .. }) => {
                    reads.past = true;
                    open.extend(stages(program, *lifecycle));
                }
                Some(Atom::Compare {
                    left: Source::Score(score),
                    ..
                }) => {
                    reads.past = true;
                    let score = program.scores.get(score.at());
                    let lines = score.into_iter().flat_map(|it| &it.lines);
                    let counted = lines.filter_map(|it| program.aggregate(it.aggregate));
                    reads.events.extend(counted.map(|it| it.event));
                }
                Some(
                    Atom::Compare { .. }
                    | Atom::Agreed { .. }
                    | Atom::Tagged(_)
                    | Atom::Inside(_)
                    | Atom::Sample { .. }
                    | Atom::Ranked(_)
                    | Atom::Items { .. },
                )
                | None => {}
            },
            Some(Condition::Always) | None => {}
        }
    }
    reads
}

/// The events that can cause a trigger.
pub(super) fn of_trigger(program: &Program, trigger: &Trigger) -> BTreeSet<EventIx> {
    match trigger {
        Trigger::Event { event, .. } => BTreeSet::from([*event]),
        Trigger::Joins(segment) | Trigger::Leaves(segment) => {
            of(program, program.segment(*segment).map(|it| it.condition)).events
        }
        Trigger::Becomes { lifecycle, .. } => of(program, stages(program, *lifecycle)).events,
        Trigger::Changes { .. } => BTreeSet::new(),
    }
}

/// Whether an event ends runs of a journey.
pub(super) fn ends(program: &Program, journey: &Journey, event: EventIx) -> bool {
    journey.goal.as_ref().is_some_and(|it| it.event == event)
        || journey
            .exits
            .iter()
            .any(|it| of_trigger(program, &it.trigger).contains(&event))
}

fn stages(program: &Program, lifecycle: LifecycleIx) -> Vec<ConditionIx> {
    let lifecycle = program.lifecycles.get(lifecycle.at());
    lifecycle.map_or_else(Vec::new, |it| it.stages.iter().map(|it| it.when).collect())
}
