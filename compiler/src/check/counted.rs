//! Conditions of an entry that the event which starts the journey makes false: it has been counted when they are asked.
//!
//! Comes in: a journey that an event starts under a condition. Goes out: a problem where nobody can enter for that
//! reason. What holds for certain is that this event has happened once: ever, and in any window that is longer than
//! events may be late, where whatever else is asked of it holds for all who could enter.

use journey_ir as ir;
use journey_ir::{
    Atom, Condition, ConditionIx, EventIx, Journey, JourneyIx, Keep, Program, Trigger, Unit, Window,
};

use super::cells::{Budget, Cells, Node, Of, Place};
use super::error::LogicError;
use super::kinds::Kinds;
use super::range::Cell;
use super::{Asked, way};
use crate::problem::Problem;

/// The problem of a journey that nobody can enter, though its conditions do not exclude each other.
pub(super) fn entry(
    program: &Program,
    at: JourneyIx,
    conditions: &[&Asked],
    budget: &mut Budget,
) -> Option<Problem> {
    let journey = program.journey(at)?;
    let ir::Entry::When {
        trigger: Trigger::Event { event, .. },
        condition: Some(condition),
    } = &journey.entry
    else {
        return None;
    };
    let is_entry = |it: &&&Asked| it.event == Some(*event) && it.conditions.contains(condition);
    let asked = conditions.iter().find(is_entry)?;
    let counted = Counted {
        program,
        journey,
        event: *event,
    };
    let entry = way::entry(counted.place(), journey);
    let cells = counted.cells(&entry, asked, budget)?;
    let come = cells.holding_all(&entry);
    let possible = counted.possible(&cells);
    if come.is_empty() || come.meets(&possible) {
        return None;
    }
    let never = |it: &&super::Part| {
        let node = (it.condition, asked.event);
        let holding = cells.holding(node);
        !holding.is_empty() && !holding.meets(&possible)
    };
    let part = asked.parts.iter().find(never);
    let period = part.and_then(|it| counted.period(it.condition));
    let error = LogicError::AlreadyCounted {
        event: program.event(*event)?.name.clone(),
        period: period.unwrap_or_default(),
    };
    Some(error.at(part.map_or(asked.at, |it| it.at)))
}

/// A question about the past to which the answer is known.
struct Counts {
    /// What it asks of the event.
    filter: Option<ConditionIx>,
}

/// A journey and the event that starts it.
struct Counted<'p> {
    program: &'p Program,
    journey: &'p Journey,
    event: EventIx,
}

impl<'p> Counted<'p> {
    fn place(&self) -> Place<'p> {
        Place {
            program: self.program,
            registers: &self.journey.registers,
        }
    }

    /// Those who can be told apart by the conditions, by the stages they ask for and by which events those count.
    fn cells(&self, entry: &[Node], asked: &Asked, budget: &mut Budget) -> Option<Cells<'p>> {
        let place = self.place();
        let mut roots = entry.to_vec();
        roots.extend(asked.parts.iter().map(|it| (it.condition, asked.event)));
        let stages: Vec<Node> = place
            .asked(&place.parts(&roots))
            .keys()
            .flat_map(|of| self.stages(*of))
            .collect();
        roots.extend(stages);
        let filters: Vec<Node> = place
            .asked(&place.parts(&roots))
            .keys()
            .filter_map(|of| Some((self.counts(*of)?.filter?, Some(self.event))))
            .collect();
        roots.extend(filters);
        roots.sort_unstable();
        roots.dedup();
        Cells::of(place, &roots, roots.len(), budget)
    }

    /// The conditions of the stages of a lifecycle.
    fn stages(&self, of: Of) -> Vec<Node> {
        let Of::Lifecycle(at) = of else {
            return Vec::new();
        };
        let lifecycle = self.program.lifecycles.get(at.at());
        lifecycle.map_or_else(Vec::new, |it| {
            it.stages.iter().map(|it| (it.when, None)).collect()
        })
    }

    /// Those who can be once the event has been counted.
    fn possible(&self, cells: &Cells<'_>) -> Kinds {
        let mut possible = cells.everyone().clone();
        for (at, (of, values)) in cells.variables().enumerate() {
            if let Some(Counts { filter }) = self.counts(of) {
                let mut without = cells.in_cell(at, &Cell::Answer(false));
                if let Some(filter) = filter {
                    without.keep(&cells.holding((filter, Some(self.event))));
                }
                possible.leave_out(&without);
            }
            // Whoever is in a stage satisfies its condition, and none of those before it.
            let mut earlier = cells.nobody();
            for (stage, value) in self.stages(of).into_iter().zip(values) {
                let mut wrong = cells.failing(stage);
                wrong.add(&earlier);
                wrong.keep(&cells.in_cell(at, value));
                possible.leave_out(&wrong);
                earlier.add(&cells.holding(stage));
            }
        }
        possible
    }

    /// What the event that starts the journey answers with yes for certain.
    fn counts(&self, of: Of) -> Option<Counts> {
        let Of::Answer(atom, _) = of else { return None };
        let Atom::Happened {
            aggregate,
            n: 1,
            window,
            ..
        } = self.program.atom(atom)?
        else {
            return None;
        };
        let aggregate = self.program.aggregate(*aggregate)?;
        let kept = matches!(
            aggregate.keep,
            Keep::First | Keep::Newest(_) | Keep::Oldest(_)
        );
        let filter = aggregate.filter;
        (kept && aggregate.event == self.event && self.is_inside(*window))
            .then_some(Counts { filter })
    }

    /// Whether an event that can start a journey lies in a window, however late it comes.
    fn is_inside(&self, window: Window) -> bool {
        let late = self.program.project.accept_late;
        let days = |n: u32| i64::from(n).saturating_mul(ir::time::DAY);
        match window {
            Window::Ever => true,
            // The first of the days has begun; a day with a change of clocks has 23 hours.
            Window::LastDays(n) => late > 0 && days(n.saturating_sub(2)) > late,
            Window::Last(span) => {
                let least = match span.unit {
                    Unit::Second | Unit::Minute | Unit::Hour => span.at_most(),
                    Unit::Day => days(span.n.saturating_sub(1)),
                    Unit::Week => days(span.n.saturating_mul(7).saturating_sub(1)),
                    Unit::BusinessDay => 0,
                    Unit::Month => days(span.n.saturating_mul(28).saturating_sub(1)),
                    Unit::Year => days(span.n.saturating_mul(365).saturating_sub(1)),
                };
                late > 0 && least > late
            }
            Window::Before(_) | Window::Since(_) | Window::On(_) => false,
        }
    }

    /// The words for the window of a denied question about the past: ` in the last 30 days`.
    fn period(&self, at: ConditionIx) -> Option<String> {
        let Condition::Not(inner) = self.program.condition(at)? else {
            return None;
        };
        let Condition::Is(atom) = self.program.condition(*inner)? else {
            return None;
        };
        let Atom::Happened { window, .. } = self.program.atom(*atom)? else {
            return None;
        };
        match window {
            Window::Last(span) => Some(format!(" in the last {span}")),
            Window::LastDays(n) => Some(format!(" in the last {n} calendar days")),
            _ => None,
        }
    }
}
