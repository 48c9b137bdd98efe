//! A contact that was last counted in an older era is brought into the current one before anything else happens to it:
//! what was due in its era runs under the program of that era, to the end of it; then its own history is counted again
//! under the next program, and so on. Nobody joins, leaves or becomes by it.
//!
//! The result depends on the contact and the eras alone, not on when it is done.

use journey_engine::{Contact, Program, StateError, advance};
use journey_ir::Instant;

use super::batch::Effects;
use super::cache::Held;
use super::eras::{Era, EraNo};
use super::scribe::{Cause, Working};
use super::turn::{Turn, working};
use crate::store::{ContactNo, ContactRow, Error, Store};

impl<'a, S: Store> Turn<'a, S> {
    /// Puts a contact onto the desk as it is in the current era.
    pub(super) fn place(&mut self, row: &ContactRow) -> Result<Result<(), StateError>, Error> {
        let eras = self.eras;
        let behind = eras.behind(EraNo::of(&row.recent).0);
        let program = behind.first().map_or(self.program, |(era, _)| &era.program);
        let held = match Held::decode(row, program) {
            Ok(held) => held,
            Err(error) => return Ok(Err(error)),
        };
        let number = row.number;
        self.working.insert(number, working(Box::new(held)));
        if !behind.is_empty() {
            self.catch_up(number, &behind)?;
        }
        Ok(Ok(()))
    }

    fn catch_up(&mut self, number: ContactNo, behind: &[(&'a Era, Instant)]) -> Result<(), Error> {
        let (eras, current) = (self.eras, self.program);
        let mut ended = None;
        for (era, end) in behind {
            if ended.is_some() {
                self.name_census(number);
            }
            let later = eras.after(era.written.number, current);
            self.under(&era.program, later.collect());
            if let Some(ended) = ended {
                self.count_again(number, ended)?;
            }
            self.run_due(number, *end, Effects::Act)?;
            ended = Some(*end);
        }
        self.name_census(number);
        self.under(current, Vec::new());
        if let Some(ended) = ended {
            self.count_again(number, ended)?;
        }
        if let Some(working) = self.working.get_mut(&number) {
            working.held.era = eras.current();
        }
        Ok(())
    }

    /// Where a contact counts is kept by names before another program decides.
    fn name_census(&mut self, number: ContactNo) {
        if let Some(working) = self.working.get_mut(&number) {
            working.held.census = working.held.census.named(self.program);
        }
    }

    /// Lets another program decide, whose journeys `later` ones may have renamed.
    fn under(&mut self, program: &'a Program, later: Vec<&'a Program>) {
        self.program = program;
        self.scribe.program = program;
        self.scribe.tallies.under(program, later);
    }

    /// Runs what is due for one contact, up to an instant.
    pub(super) fn run_due(
        &mut self,
        number: ContactNo,
        until: Instant,
        effects: Effects,
    ) -> Result<(), Error> {
        let due = |one: &Working| one.held.contact.next_wake().is_some_and(|at| at <= until);
        if !self.working.get(&number).is_some_and(due) {
            return Ok(());
        }
        let Some(mut one) = self.working.remove(&number) else {
            return Ok(());
        };
        let contact = &mut one.held.contact;
        advance(self.program, contact, until, &mut self.scribe.outcome);
        self.write_down(number, one, Cause::time(until, effects))
    }

    /// Counts a contact's events again under the program at hand, as of the time at which that began to decide.
    fn count_again(&mut self, number: ContactNo, began: Instant) -> Result<(), Error> {
        let Some(mut one) = self.working.remove(&number) else {
            return Ok(());
        };
        // What both programs have is kept under the same keys; the rest is found by name.
        let state = one.held.contact.encode();
        if let Ok(contact) = Contact::decode(&state, self.program) {
            one.held.contact = contact;
        }
        let past = self.read_again(&one.chains.clone())?;
        self.rebase(&mut one, past.events, began);
        self.write_down(number, one, Cause::time(began, Effects::Act))
    }

    fn write_down(
        &mut self,
        number: ContactNo,
        mut one: Working,
        cause: Cause<'_>,
    ) -> Result<(), Error> {
        let written = self.scribe.record(number, &mut one, cause);
        self.working.insert(number, one);
        written?;
        self.grant(number, cause.effects)
    }
}
