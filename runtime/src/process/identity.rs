//! Two names become one contact.
//!
//! Where only one of the two is a contact, it takes both names and everything goes on: its runs keep running. Where both
//! are, the history of the one joins the history of the other, whose state is counted again from all events. Runs go on;
//! of two of the same journey and key the older does, and the other ends as cancelled.

use std::collections::BTreeMap;

use journey_arrivals::ANONYMOUS;
use journey_engine::{Event, EventId, Item, absorb, leave, rebase, step};
use journey_ir::{self as ir, Instant};

use super::batch::Effects;
use super::line::{Line, Translator};
use super::recent::{self, HORIZON_HOURS};
use super::scribe::{Cause, Working};
use super::tally::Census;
use super::turn::Turn;
use crate::store::{
    Change, ContactNo, Error, HandedOver, Place, ProgramNo, Revocation, Revoked, Status, Store,
};

/// How many records of one contact are read again, the newest first.
const MOST_RECORDS: usize = 250_000;

impl<S: Store> Turn<'_, S> {
    /// Makes `other` a name of the contact `known`. Two people who are both known by their own ids become one only
    /// where this is `asked`.
    pub(super) fn join(
        &mut self,
        known: &str,
        other: &str,
        asked: bool,
        effects: Effects,
    ) -> Result<ContactNo, Error> {
        let number = match (self.number(known), self.number(other)) {
            (None, None) => self.create(known),
            (Some(number), None) => number,
            (Some(number), Some(same)) if number == same => return Ok(number),
            (found, Some(from)) => {
                // The id of a device that has another owner already passes to the new one, without the past.
                let working = self.working.get(&from).map(|it| &it.held);
                let own = working.is_some_and(|held| &*held.name == other);
                let erased = working.is_some_and(|held| held.contact.is_erased());
                let may_go = own && (asked || other.starts_with(ANONYMOUS));
                match found {
                    // Whoever comes anew is not the person who was erased, and takes over the bare id.
                    None if may_go && erased => {
                        let number = self.create(known);
                        self.merge(from, number, other, effects)?;
                        number
                    }
                    None if may_go => self.rename(from, known),
                    None => self.create(known),
                    Some(number) if may_go => {
                        self.merge(from, number, other, effects)?;
                        number
                    }
                    Some(number) => number,
                }
            }
        };
        if known != other {
            self.set_name(other, number);
            let alias = (other.to_owned(), number);
            self.scribe.decision.aliases.push(alias);
        }
        Ok(number)
    }

    fn rename(&mut self, number: ContactNo, name: &str) -> ContactNo {
        if let Some(working) = self.working.get_mut(&number) {
            working.held.name = name.into();
            working.touch(Change::Rename);
        }
        self.set_name(name, number);
        number
    }

    fn merge(
        &mut self,
        from: ContactNo,
        into: ContactNo,
        name: &str,
        effects: Effects,
    ) -> Result<(), Error> {
        // What was due before happened to two contacts.
        let before = self.as_of.saturating_sub(1);
        self.run_due(from, before, effects)?;
        self.run_due(into, before, effects)?;
        let (Some(mut gone), Some(mut stays)) =
            (self.working.remove(&from), self.working.remove(&into))
        else {
            return Ok(());
        };
        let now = self.as_of;
        self.closed.insert(from);
        if stays.held.contact.is_erased() {
            // They are one person, who was erased.
            let item = Item::Erase { occurred_at: now };
            let outcome = &mut self.scribe.outcome;
            step(self.program, &mut gone.held.contact, &item, now, outcome);
            let cause = Cause::time(now, effects);
            self.scribe.record(from, &mut gone, cause)?;
            self.scribe.decision.erased.push((into, gone.held.last));
        }
        let theirs = self.read_again(&gone.chains)?;
        self.count_out(from, &mut gone, effects)?;

        let mut events = theirs.events;
        events.extend(self.read_again(&stays.chains)?.events);
        self.rebase(&mut stays, events, now);
        if !stays.held.contact.is_erased() {
            // Of two changes to one attribute the later stays, whichever contact it was made to.
            for item in &theirs.others {
                let contact = &mut stays.held.contact;
                step(self.program, contact, item, now, &mut self.scribe.outcome);
            }
        }
        self.hand_over(from, &gone, into, &mut stays);
        let mut handed_over = Vec::new();
        let hour = recent::hour(now);
        stays
            .held
            .recent
            .absorb(&gone.held.recent, hour, &mut handed_over);
        let handed_over = handed_over.into_iter().map(|(id, at)| (into, id, at));
        self.scribe.decision.remembered.extend(handed_over);

        let mut cause = Cause::time(now, effects);
        cause.merged = Some((name, gone.held.last));
        self.scribe.record(into, &mut stays, cause)?;
        stays.chains.append(&mut gone.chains);
        // There is no row to remove of one that was made in this very turn.
        if gone.change != Some(Change::Insert) {
            self.scribe.decision.merged.push((from, into));
        }
        self.working.insert(into, stays);
        // Nobody comes to this contact again to ask whether it is a member, and it may be one now.
        for journey in self.enrolments.asked_only(into, from) {
            self.enrol(&[into], &journey, effects)?;
        }
        Ok(())
    }

    /// Hands the runs of a contact that goes to the one that stays.
    fn hand_over(&mut self, from: ContactNo, gone: &Working, into: ContactNo, stays: &mut Working) {
        let (leaving, now) = (gone.held.contact.clone(), self.as_of);
        let outcome = &mut self.scribe.outcome;
        let absorbed = absorb(self.program, &mut stays.held.contact, leaving, now, outcome);
        for run in absorbed.ended {
            let what = Revoked::Run(run.0);
            let effects = self.scribe.decision.effects.iter_mut();
            for effect in effects.filter(|it| it.contact == from && it.run == run.0) {
                effect.status = Status::Revoked;
            }
            let revocation = Revocation {
                contact: from,
                what,
            };
            self.scribe.decision.revoked.push(revocation);
        }
        let runs = absorbed.runs.into_iter();
        let handed_over = runs.map(|(run, now)| HandedOver {
            from,
            run: run.0,
            into,
            now: now.0,
        });
        self.scribe.decision.handed_over.extend(handed_over);
    }

    /// Takes a contact that goes out of the audiences and the counters.
    fn count_out(
        &mut self,
        number: ContactNo,
        gone: &mut Working,
        effects: Effects,
    ) -> Result<(), Error> {
        let now = self.as_of;
        let outcome = &mut self.scribe.outcome;
        outcome.clear();
        leave(self.program, &mut gone.held.contact, now, outcome);
        if !outcome.history.is_empty() {
            self.scribe
                .record(number, gone, Cause::time(now, effects))?;
        }
        self.scribe.outcome.clear();
        let nowhere = Census::default();
        self.scribe
            .tallies
            .move_contact(&gone.held.census, &nowhere);
        Ok(())
    }

    /// Counts a contact's events again under the program at hand, as of `now`.
    pub(super) fn rebase(&mut self, working: &mut Working, events: Vec<Event>, now: Instant) {
        let mut events = without_repeats(events);
        events.sort_by_key(|event| (event.occurred_at, event.received_at, event.id));
        rebase(
            self.program,
            &mut working.held.contact,
            events.into_iter(),
            now,
            &mut self.scribe.outcome,
        );
        working.fresh = true;
    }

    /// Reads what arrived for a contact from its history on disk, under the positions of the program at hand.
    pub(super) fn read_again(&mut self, chains: &[Place]) -> Result<Past, Error> {
        let mut past = Past::default();
        let schema = &self.program.ir().schema;
        let schemas: &BTreeMap<ProgramNo, ir::Schema> = &self.keeping.schemas;
        let translator = Translator::new(schema, schemas);
        for chain in chains {
            let entries = self.store.history(Some(*chain), MOST_RECORDS)?;
            self.read += entries.len();
            for entry in entries {
                let item = Line::decode(&entry.record.body).and_then(|line| line.item);
                match item.and_then(|item| translator.item(entry.program, item)) {
                    Some(Item::Event(event)) => past.events.push(event),
                    Some(
                        item @ (Item::Attributes { .. }
                        | Item::Consent { .. }
                        | Item::Unsubscribe { .. }
                        | Item::Suppress { .. }),
                    ) => past.others.push(item),
                    _ => {}
                }
            }
        }
        past.others.sort_by_key(Item::occurred_at);
        Ok(past)
    }
}

/// The events without those that two contacts were each told of before they became one: what is a repeat for one contact
/// is one here, too.
fn without_repeats(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| event.received_at);
    let mut heard: BTreeMap<EventId, u32> = BTreeMap::new();
    events.retain(|event| {
        let hour = recent::hour(event.received_at);
        let known = heard.get(&event.id);
        let repeat = known.is_some_and(|first| hour - first < HORIZON_HOURS);
        if !repeat {
            heard.insert(event.id, hour);
        }
        !repeat
    });
    events
}

/// What arrived for a contact.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub(super) events: Vec<Event>,
    /// Attributes and consents, in the order in which they happened.
    pub(super) others: Vec<Item>,
}
