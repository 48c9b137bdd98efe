//! Waits that are too short to know what is asked after them.
//!
//! Comes in: one journey. Goes out: its waits that are straight followed by a question about an event which may arrive
//! later than the wait lasts, so that whoever did it during the wait counts as one who did not.

use journey_ir as ir;
use journey_ir::{
    Atom, Condition, ConditionIx, EventIx, Journey, JourneyIx, Program, StepIx, StepKind,
};

use super::journey_error::JourneyError;
use crate::places::JourneyPlaces;
use crate::problem::Problems;

/// Reports such waits.
pub(super) fn check(
    program: &Program,
    at: JourneyIx,
    places: &JourneyPlaces,
    problems: &mut Problems,
) {
    let Some(journey) = program.journey(at) else {
        return;
    };
    for (step, written) in journey.steps.iter().zip(&places.steps) {
        let StepKind::Wait {
            span: Some(wait),
            settle,
            until: None,
            next: Some(next),
        } = step.kind
        else {
            continue;
        };
        let Some((question, arms)) = question(journey, next) else {
            continue;
        };
        let waited = wait.at_most().saturating_add(settle);
        let asked = arms.iter().enumerate().find_map(|(arm, condition)| {
            let late = latest(program, *condition)?;
            (late.1.at_most() > waited).then_some((arm, late))
        });
        let (Some((arm, (event, late))), Some(here)) = (asked, written.length) else {
            continue;
        };
        let place = places.steps.get(question.at());
        let place = place.and_then(|it| it.arms.get(arm).copied().or(it.head));
        if let (Some(asked), Some(event)) = (place, program.event(event)) {
            let event = event.name.clone();
            let error = JourneyError::AskedTooSoon {
                event,
                wait,
                late,
                asked,
            };
            problems.push(error.at(here));
        }
    }
}

/// The branch that follows a step with nothing between that takes time, and its conditions.
fn question(journey: &Journey, from: StepIx) -> Option<(StepIx, Vec<ConditionIx>)> {
    let mut at = from;
    for _ in 0..journey.steps.len() {
        match &journey.steps.get(at.at())?.kind {
            StepKind::Branch { arms, .. } => {
                return Some((at, arms.iter().map(|it| it.0).collect()));
            }
            StepKind::Do { next, .. }
            | StepKind::Assign { next, .. }
            | StepKind::Set { next, .. }
            | StepKind::Remember { next, .. }
            | StepKind::Tag { next, .. } => at = (*next)?,
            _ => return None,
        }
    }
    None
}

/// The event that may arrive latest of those whose past a condition itself asks for. Segments and lifecycles settle by
/// themselves.
fn latest(program: &Program, condition: ConditionIx) -> Option<(EventIx, ir::Span)> {
    let mut latest: Option<(EventIx, ir::Span)> = None;
    let mut open = vec![condition];
    while let Some(at) = open.pop() {
        match program.condition(at) {
            Some(Condition::All(of) | Condition::Any(of)) => open.extend(of),
            Some(Condition::Not(of)) => open.push(*of),
            Some(Condition::Is(atom)) => {
                let Some(Atom::Happened { aggregate, .. }) = program.atom(*atom) else {
                    continue;
                };
                let event = program.aggregate(*aggregate).map(|it| it.event);
                let late = event.and_then(|it| Some((it, program.event(it)?.arrives_within?)));
                if late.map(|it| it.1.at_most()) > latest.map(|it| it.1.at_most()) {
                    latest = late;
                }
            }
            Some(Condition::Always) | None => {}
        }
    }
    latest
}
