//! Arms of a race that never win: what they wait for ends the run first.
//!
//! Comes in: a journey. Goes out: the arms whose event, whenever it comes, is taken by an exit or by the goal.

use journey_ir as ir;
use journey_ir::{Journey, JourneyIx, StepIx, StepKind, Trigger};

use super::cells::{Budget, Cells, Node, Place};
use super::error::LogicError;
use super::way;
use crate::places::JourneyPlaces;
use crate::problem::Problems;

/// Warns of such arms in one journey.
pub(super) fn check(
    program: &ir::Program,
    at: JourneyIx,
    places: &JourneyPlaces,
    budget: &mut Budget,
    problems: &mut Problems,
) {
    let Some(journey) = program.journey(at) else {
        return;
    };
    let place = Place {
        program,
        registers: &journey.registers,
    };
    for (step, written) in journey.steps.iter().zip(&places.steps) {
        let StepKind::Race { arms, timeout, .. } = &step.kind else {
            continue;
        };
        for (arm, here) in arms.iter().zip(&written.arms) {
            // `wait up to 7 days for purchase` has no steps of its own to be missed.
            if arm.next == *timeout {
                continue;
            }
            let exit = journey
                .exits
                .iter()
                .position(|exit| takes(place, &exit.trigger, &arm.trigger, budget));
            let exit = exit.and_then(|exit| places.exits.get(exit));
            let taken = match exit {
                Some(exit) => Some((*exit, false)),
                None if goal_takes(place, journey, &arm.trigger, budget) => {
                    places.goal.map(|goal| (goal, true))
                }
                None => None,
            };
            if let Some((first, is_goal)) = taken {
                problems.push(LogicError::NeverWins { first, is_goal }.at(*here));
            }
        }
    }
}

/// Whether the goal ends the run by whatever this arm waits for, for as long as a run can last.
fn goal_takes(place: Place<'_>, journey: &Journey, arm: &Trigger, budget: &mut Budget) -> bool {
    let Some(goal) = journey.goal.as_ref().filter(|it| !it.keep_going) else {
        return false;
    };
    let trigger = Trigger::Event {
        event: goal.event,
        filter: goal.filter,
    };
    if !fits(&trigger, arm) {
        return false;
    }
    let Some(longest) = longest(journey) else {
        return false;
    };
    longest <= at_least(goal.within) && takes(place, &trigger, arm, budget)
}

/// Whether two triggers wait for the same thing, their filters aside.
fn fits(first: &Trigger, arm: &Trigger) -> bool {
    match (first, arm) {
        (Trigger::Event { event, .. }, Trigger::Event { event: of, .. }) => event == of,
        _ => first == arm,
    }
}

/// Whether whatever wins the arm is taken by the other trigger.
fn takes(place: Place<'_>, first: &Trigger, arm: &Trigger, budget: &mut Budget) -> bool {
    if !fits(first, arm) {
        return false;
    }
    let Trigger::Event { event, filter } = first else {
        return true;
    };
    let (Some(filter), arm) = (filter.map(|it| (it, Some(*event))), way::filter(arm)) else {
        return true;
    };
    let Some(arm) = arm else {
        return false;
    };
    let roots: [Node; 2] = [filter, arm];
    Cells::of(place, &roots, 2, budget).is_some_and(|cells| {
        let (passes, taken) = (cells.holding(arm), cells.holding(filter));
        passes.is_within(&taken)
    })
}

/// The longest time in milliseconds that a run can take; `None` where nothing bounds it.
fn longest(journey: &Journey) -> Option<i64> {
    let mut known: Vec<Option<i64>> = vec![None; journey.steps.len()];
    let mut path = vec![false; journey.steps.len()];
    journey.start.map_or(Some(0), |start| {
        longest_from(journey, start, &mut known, &mut path)
    })
}

fn longest_from(
    journey: &Journey,
    at: StepIx,
    known: &mut Vec<Option<i64>>,
    path: &mut Vec<bool>,
) -> Option<i64> {
    if let Some(longest) = known.get(at.at())? {
        return Some(*longest);
    }
    // A way back has no bound that is looked for here.
    if std::mem::replace(path.get_mut(at.at())?, true) {
        return None;
    }
    let kind = &journey.steps.get(at.at())?.kind;
    let here = match kind {
        StepKind::Wait {
            span,
            settle,
            until: None,
            ..
        } => span.map_or(0, ir::Span::at_most).checked_add(*settle)?,
        StepKind::Race { limit, settle, .. } | StepKind::Ask { limit, settle, .. } => {
            limit.at_most().checked_add(*settle)?
        }
        StepKind::Do { .. }
        | StepKind::Assign { .. }
        | StepKind::Set { .. }
        | StepKind::Remember { .. }
        | StepKind::EveryNth { .. }
        | StepKind::Draw { .. }
        | StepKind::Repeat { .. }
        | StepKind::Tag { .. }
        | StepKind::Branch { .. }
        | StepKind::Split { .. }
        | StepKind::Exit { .. } => 0,
        // Quiet hours, caps by the week and hours of sending may hold a message.
        StepKind::Send { .. } => 8 * ir::time::DAY,
        StepKind::Wait { .. } => return None,
    };
    let mut after = 0;
    for next in way::all(kind) {
        after = after.max(longest_from(journey, next, known, path)?);
    }
    if let Some(path) = path.get_mut(at.at()) {
        *path = false;
    }
    let longest = here.checked_add(after)?;
    if let Some(known) = known.get_mut(at.at()) {
        *known = Some(longest);
    }
    Some(longest)
}

/// The length in milliseconds, never too long.
const fn at_least(span: ir::Span) -> i64 {
    let n = span.n as i64;
    let slack = match span.unit {
        ir::Unit::Second | ir::Unit::Minute | ir::Unit::Hour => 0,
        ir::Unit::Day | ir::Unit::Week => 2 * ir::time::HOUR,
        // As if every day were one.
        ir::Unit::BusinessDay => (n * 6 + 31) * ir::time::DAY + 2 * ir::time::HOUR,
        ir::Unit::Month => n * 3 * ir::time::DAY + 2 * ir::time::HOUR,
        ir::Unit::Year => n * ir::time::DAY + 2 * ir::time::HOUR,
    };
    span.at_most() - slack
}
