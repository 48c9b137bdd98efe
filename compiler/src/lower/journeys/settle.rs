//! Settling: how long after a deadline the run still listens, because an event that happened before it may arrive
//! after it (language §3.5).

use std::collections::BTreeSet;

use journey_ir as ir;
use journey_ir::{ConditionIx, EventIx};

use super::header::Header;
use crate::lower::Lowering;

impl Lowering<'_> {
    /// The largest lateness of the events that could end a run of this journey, in milliseconds.
    pub(super) fn settle_of_header(&self, header: &Header) -> i64 {
        let exits = header.exits.iter().map(|exit| &exit.trigger);
        let exits = exits.map(|trigger| self.settle_of(trigger)).max();
        let goal = header.goal.as_ref().map(|goal| self.lateness(goal.event));
        exits.max(goal).unwrap_or(0)
    }

    /// The largest lateness of the events that can cause a trigger, in milliseconds.
    pub(super) fn settle_of(&self, trigger: &ir::Trigger) -> i64 {
        let mut events = Events::default();
        match trigger {
            ir::Trigger::Event { event, .. } => {
                events.found.insert(*event);
            }
            ir::Trigger::Joins(segment) | ir::Trigger::Leaves(segment) => {
                self.events_of_segment(*segment, &mut events);
            }
            ir::Trigger::Becomes { lifecycle, .. } => {
                self.events_of_lifecycle(*lifecycle, &mut events);
            }
            // An attribute is not declared to arrive late.
            ir::Trigger::Changes { .. } => {}
        }
        let lateness = events.found.iter().map(|event| self.lateness(*event));
        lateness.max().unwrap_or(0)
    }

    fn events_of_segment(&self, segment: ir::SegmentIx, events: &mut Events) {
        if let Some(segment) = self.program.segments.get(segment.at()) {
            self.events_of(segment.condition, events);
        }
    }

    fn events_of_lifecycle(&self, lifecycle: ir::LifecycleIx, events: &mut Events) {
        let lifecycle = self.program.lifecycles.get(lifecycle.at());
        for stage in lifecycle.map(|it| it.stages.as_slice()).unwrap_or_default() {
            self.events_of(stage.when, events);
        }
    }

    fn events_of_aggregate(&self, aggregate: ir::AggregateIx, events: &mut Events) {
        if let Some(aggregate) = self.tables.aggregates.get(aggregate.at()) {
            events.found.extend(aggregate.events());
        }
    }

    /// The events that a condition counts. Conditions, segments and lifecycles refer only to earlier ones, in at most
    /// a few dozen layers, so this ends.
    fn events_of(&self, condition: ConditionIx, events: &mut Events) {
        if !events.seen.insert(condition) {
            return;
        }
        match self.tables.conditions.get(condition.at()) {
            None | Some(ir::Condition::Always) => {}
            Some(ir::Condition::All(parts) | ir::Condition::Any(parts)) => {
                for part in parts {
                    self.events_of(*part, events);
                }
            }
            Some(ir::Condition::Not(inner)) => self.events_of(*inner, events),
            Some(ir::Condition::Is(atom)) => match self.tables.atoms.get(atom.at()) {
                Some(
                    ir::Atom::Happened { aggregate, .. }
                    | ir::Atom::Amount { aggregate, .. }
                    | ir::Atom::Overdue { aggregate, .. }
                    | ir::Atom::HappenedWith { aggregate, .. }
                    | ir::Atom::Paced {
                        newest: aggregate, ..
                    }
                    | ir::Atom::Compare {
                        left: ir::Source::Recalled(aggregate),
                        ..
                    },
                ) => self.events_of_aggregate(*aggregate, events),
                Some(ir::Atom::Compare {
                    left: ir::Source::Score(score),
                    ..
                }) => {
                    let score = self.program.scores.get(score.at());
                    for line in score.map_or(&[][..], |it| &it.lines) {
                        self.events_of_aggregate(line.aggregate, events);
                    }
                }
                Some(ir::Atom::HeldFor { condition, .. }) => {
                    self.events_of(*condition, events);
                }
                Some(ir::Atom::Member(segment) | ir::Atom::MemberFor { segment, .. }) => {
                    self.events_of_segment(*segment, events);
                }
                Some(ir::Atom::Stage { lifecycle, .. } | ir::Atom::StageFor { lifecycle, .. }) => {
                    self.events_of_lifecycle(*lifecycle, events);
                }
                Some(
                    ir::Atom::Compare { .. }
                    | ir::Atom::Agreed { .. }
                    | ir::Atom::Tagged(_)
                    | ir::Atom::Sample { .. }
                    | ir::Atom::Ranked(_)
                    | ir::Atom::Inside(_)
                    | ir::Atom::Items { .. },
                )
                | None => {}
            },
        }
    }
}

#[derive(Debug, Default)]
struct Events {
    found: BTreeSet<EventIx>,
    seen: BTreeSet<ConditionIx>,
}
