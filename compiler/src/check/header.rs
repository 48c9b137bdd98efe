//! The header of a journey: exits and goals that come too early to mean anything.

use journey_ir as ir;
use journey_ir::journey::Reenter;
use journey_ir::{
    Atom, Comparison, Condition, Journey, JourneyIx, Operand, Program, Source, Trigger,
};

use super::cells::{Budget, Cells, Node, Of, Place};
use super::journey_error::JourneyError;
use super::kinds::Kinds;
use super::range::Cell;
use super::way;
use crate::places::JourneyPlaces;
use crate::problem::Problems;

/// Reports exits that start the journey again or were so all along, and a goal that cannot be reached.
pub(super) fn check(
    program: &Program,
    at: JourneyIx,
    places: &JourneyPlaces,
    budget: &mut Budget,
    problems: &mut Problems,
) {
    let Some(journey) = program.journey(at) else {
        return;
    };
    let Some(enter) = places.enter else { return };
    for (exit, line) in journey.exits.iter().zip(&places.exits) {
        if is_started_by(journey, &exit.trigger) {
            if journey.reenter == Reenter::AnyTime && !journey.restart {
                problems.push(JourneyError::StartsAgain { enter }.at(*line));
                continue;
            }
            if matches!(exit.trigger, Trigger::Event { .. }) {
                continue;
            }
        }
        if is_so_at_entry(program, journey, &exit.trigger, budget) {
            problems.push(JourneyError::AlreadySo { enter }.at(*line));
        }
    }
    if let (Some(goal), Some(line)) = (&journey.goal, places.goal)
        && is_own(program, journey, goal)
        && let Some(event) = program.event(goal.event)
    {
        let event = event.name.clone();
        problems.push(JourneyError::OwnGoal { event }.at(line));
    }
}

/// Whether what happens starts a run, too.
fn is_started_by(journey: &Journey, by: &Trigger) -> bool {
    let ir::Entry::When { trigger, condition } = &journey.entry else {
        return false;
    };
    match (trigger, by) {
        (
            Trigger::Event { event, filter },
            Trigger::Event {
                event: other,
                filter: narrower,
            },
        ) => {
            let every = filter.is_none() || filter == narrower;
            event == other && every && condition.is_none()
        }
        (one, other) => one == other && condition.is_none(),
    }
}

/// Whether everyone who enters is already where a trigger would take them.
fn is_so_at_entry(program: &Program, journey: &Journey, by: &Trigger, budget: &mut Budget) -> bool {
    let place = Place {
        program,
        registers: &journey.registers,
    };
    let entry = way::entry(place, journey);
    let started = match &journey.entry {
        ir::Entry::When { trigger, .. } => Some(trigger),
        ir::Entry::Schedule { .. } => None,
    };
    match by {
        Trigger::Event { .. } | Trigger::Leaves(_) | Trigger::Changes { .. } => false,
        Trigger::Joins(segment) => {
            if started == Some(by) {
                return true;
            }
            let Some(segment) = program.segment(*segment) else {
                return false;
            };
            let member: Node = (segment.condition, None);
            let roots: Vec<Node> = entry.iter().copied().chain([member]).collect();
            cells(place, &roots, budget)
                .is_some_and(|cells| all_entering(&cells, &entry, &cells.holding(member)))
        }
        Trigger::Becomes { lifecycle, stage } => {
            if let Some(Trigger::Becomes { lifecycle: of, .. }) = started
                && of == lifecycle
            {
                return started == Some(by);
            }
            let Some(cells) = cells(place, &entry, budget) else {
                return false;
            };
            let Some((at, _)) = cells.variable(Of::Lifecycle(*lifecycle)) else {
                return false;
            };
            let there = cells.in_cell(at, &Cell::Stage(*stage));
            all_entering(&cells, &entry, &there)
        }
    }
}

fn cells<'p>(place: Place<'p>, roots: &[Node], budget: &mut Budget) -> Option<Cells<'p>> {
    (!roots.is_empty())
        .then(|| Cells::of(place, roots, roots.len(), budget))
        .flatten()
}

/// Whether someone can enter, and all who do are among these.
fn all_entering(cells: &Cells<'_>, entry: &[Node], these: &Kinds) -> bool {
    let entering = cells.holding_all(entry);
    !entering.is_empty() && entering.is_within(these)
}

/// Whether a goal asks for the key of the event that started the run. Another event has another key.
fn is_own(program: &Program, journey: &Journey, goal: &ir::Goal) -> bool {
    let ir::Entry::When {
        trigger: Trigger::Event { event, .. },
        ..
    } = &journey.entry
    else {
        return false;
    };
    let key = program.event(*event).and_then(|it| it.key);
    let test = goal
        .filter
        .and_then(|filter| match program.condition(filter)? {
            Condition::Is(atom) => program.atom(*atom),
            _ => None,
        });
    match (key, test) {
        (
            Some(key),
            Some(Atom::Compare {
                left: Source::Field(field),
                test: Comparison::Is(Operand::Source(Source::Register(register))),
            }),
        ) => {
            let register = journey.registers.get(register.at());
            goal.event == *event
                && *field == key
                && register
                    == Some(&ir::Register::Field {
                        event: *event,
                        field: key,
                    })
        }
        _ => false,
    }
}
