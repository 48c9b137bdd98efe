//! The step.

use journey_ir::Instant;

use crate::contact::Contact;
use crate::effect::Outcome;
use crate::event::{Event, Item};
use crate::program::Program;

/// Processes one item at `now`. First every wake-up due strictly before the item's effective time runs, then the item,
/// to completion.
pub fn step(
    program: &Program,
    contact: &mut Contact,
    item: &Item,
    now: Instant,
    out: &mut Outcome,
) {
    let _ = (program, contact, item, now, out);
}

/// Runs everything due at or before `until`.
pub fn advance(program: &Program, contact: &mut Contact, until: Instant, out: &mut Outcome) {
    let _ = (program, contact, until, out);
}

/// At a deploy: reads a contact's stored events again under the changed program. Memberships change without starting or
/// ending anything, runs stay where they are, schedules are set anew.
///
/// Everything due before the deploy is to be run under the old program first.
pub fn rebase(
    program: &Program,
    contact: &mut Contact,
    events: impl Iterator<Item = Event>,
    now: Instant,
    out: &mut Outcome,
) {
    let _ = (program, contact, events, now, out);
}
