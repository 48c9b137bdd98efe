//! Messages after `wait up to … for …` that go to those who did it, too.
//!
//! Comes in: a journey. Goes out: the waits for an event after which everybody gets the same message. A wait with arms
//! says what each gets, a branch after it can ask, and a goal or exit ends the run of those who did it.

use journey_ir::{Journey, JourneyIx, Program, StepIx, StepKind, Trigger};

use super::journey_error::JourneyError;
use super::reads;
use crate::places::JourneyPlaces;
use crate::problem::Problems;

/// Warns of such messages in one journey.
pub(super) fn check(
    program: &Program,
    at: JourneyIx,
    places: &JourneyPlaces,
    problems: &mut Problems,
) {
    let Some(journey) = program.journey(at) else {
        return;
    };
    for (step, here) in journey.steps.iter().zip(&places.steps) {
        let StepKind::Race { arms, timeout, .. } = &step.kind else {
            continue;
        };
        let ([arm], None) = (arms.as_slice(), here.last) else {
            continue;
        };
        let Trigger::Event { event, .. } = &arm.trigger else {
            continue;
        };
        if arm.next != *timeout || is_over(program, journey, &arm.trigger) {
            continue;
        }
        let sent = timeout.and_then(|next| sent(journey, next));
        let place = sent.and_then(|it| places.steps.get(it.at())?.head);
        if let (Some(sent), Some(wait), Some(event)) = (place, here.head, program.event(*event)) {
            let event = event.name.clone();
            problems.push(JourneyError::EitherWay { event, wait }.at(sent));
        }
    }
}

/// Whether what is waited for may end the run.
fn is_over(program: &Program, journey: &Journey, by: &Trigger) -> bool {
    let events = reads::of_trigger(program, by);
    let goal = journey.goal.as_ref().filter(|it| !it.keep_going);
    let mut exits = journey.exits.iter();
    goal.is_some_and(|it| events.contains(&it.event))
        || exits.any(|it| !reads::of_trigger(program, &it.trigger).is_disjoint(&events))
}

/// The first message that everybody gets from a step on, before anything is asked.
fn sent(journey: &Journey, from: StepIx) -> Option<StepIx> {
    let mut at = from;
    // A way back would go round for ever.
    for _ in &journey.steps {
        at = match &journey.steps.get(at.at())?.kind {
            StepKind::Send { .. } => return Some(at),
            StepKind::Wait { next, .. }
            | StepKind::Do { next, .. }
            | StepKind::Assign { next, .. }
            | StepKind::Set { next, .. }
            | StepKind::Remember { next, .. }
            | StepKind::Tag { next, .. } => (*next)?,
            _ => return None,
        };
    }
    None
}
