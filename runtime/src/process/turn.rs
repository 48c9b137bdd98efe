//! One turn: a group of batches and of due wake-ups becomes one decision.
//!
//! ```text
//!   names ─► numbers ─► contacts (cache, else store) ─► identities ─► items, per contact in order ─► due wake-ups
//! ```

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use journey_arrivals::{ANONYMOUS, Arrival, Who, rank};
use journey_engine::program::Name;
use journey_engine::{Contact, Item, Program, advance, step};
use journey_ir::Instant;

use super::Keeping;
use super::batch::{Batch, Effects, Receipt};
use super::cache::{Cache, Held};
use super::enrolment::Enrolments;
use super::eras::{EraNo, Eras};
use super::recent;
use super::scribe::{Cause, Scribe, Working};
use super::tally::Census;
use crate::halves::in_halves;
use crate::store::{Change, ContactNo, ContactRow, Decision, Error, Rejected, Store, spool};

/// Work in progress. Dropped without [`Self::finish`] it leaves no trace: the contacts it took from the cache are read
/// from the store again.
#[derive(Debug)]
pub(super) struct Turn<'a, S> {
    pub(super) store: &'a mut S,
    pub(super) scribe: Scribe<'a>,
    /// The instant as of which something is decided at this moment: when it came in, or until when people are woken.
    pub(super) as_of: Instant,
    pub(super) working: BTreeMap<ContactNo, Working>,
    pub(super) program: &'a Program,
    pub(super) keeping: &'a Keeping,
    pub(super) eras: &'a Eras,
    pub(super) enrolments: &'a Enrolments,
    cache: &'a mut Cache,
    names: HashMap<Name, ContactNo>,
    next: ContactNo,
    /// Contacts that cannot be read, and those that were merged into others in this turn.
    pub(super) closed: BTreeSet<ContactNo>,
    /// How much has been taken of each thing of which there is only so much, where that was asked in this turn.
    pub(super) taken: BTreeMap<String, u64>,
    /// How many records of the past were read.
    pub(super) read: usize,
}

/// What a finished turn hands back once its decision is committed.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) decision: Decision,
    pub(super) next: ContactNo,
    working: BTreeMap<ContactNo, Working>,
}

impl Finished {
    /// What was decided is on disk now: the cache may show it.
    pub(super) fn remember(self, cache: &mut Cache) {
        for (number, working) in self.working {
            cache.put(number, working.held);
        }
    }
}

/// One arrival whose contact is known.
struct Placed<'b> {
    contact: ContactNo,
    at: Instant,
    class: u8,
    arrival: &'b Arrival,
    batch: usize,
}

impl<'a, S: Store> Turn<'a, S> {
    pub(super) fn begin(
        store: &'a mut S,
        cache: &'a mut Cache,
        program: &'a Program,
        keeping: &'a Keeping,
        (eras, enrolments): (&'a Eras, &'a Enrolments),
        decision: Decision,
        next: ContactNo,
    ) -> Self {
        Self {
            store,
            as_of: decision.at,
            scribe: Scribe::new(program, decision),
            working: BTreeMap::new(),
            program,
            keeping,
            eras,
            enrolments,
            cache,
            names: HashMap::default(),
            next,
            closed: BTreeSet::new(),
            taken: BTreeMap::new(),
            read: 0,
        }
    }

    /// Processes batches. All items of one contact are taken in the order in which they happened.
    pub(super) fn take(&mut self, batches: &[Batch]) -> Result<Vec<Receipt>, Error> {
        self.prefetch(batches)?;
        let mut receipts = vec![Receipt::default(); batches.len()];
        let mut placed = Vec::new();
        for (batch, (given, receipt)) in batches.iter().zip(&mut receipts).enumerate() {
            for arrival in &given.arrivals {
                let Some(contact) = self.whose(arrival, given.effects)? else {
                    receipt.ignored += 1;
                    continue;
                };
                match &arrival.item {
                    None => receipt.accepted += 1,
                    Some(item) => placed.push(Placed {
                        contact,
                        at: item.occurred_at(),
                        class: rank(item),
                        arrival,
                        batch,
                    }),
                }
            }
            receipt.rejected += given.rejected.len();
            let decision = &mut self.scribe.decision;
            decision.rejected.extend_from_slice(&given.rejected);
            decision.blanked.extend_from_slice(&given.blanked);
            decision.settled.extend_from_slice(&given.settled);
            decision.cursors.extend(given.cursor.clone());
            let spooled = given.spooled.map(|until| Some(until.to_string()));
            let spooled = spooled.map(|until| (spool::DECIDED.to_owned(), until));
            decision.meta.extend(spooled);
        }
        // Stable: what happened at the same instant stays in the order of arrival.
        placed.sort_by_key(|one| (one.contact, one.at, one.class));
        for one in placed {
            let effects = batches.get(one.batch).map_or(Effects::Act, |b| b.effects);
            let outcome = self.item(&one, effects)?;
            if let Some(receipt) = receipts.get_mut(one.batch) {
                match outcome {
                    Taken::Accepted => receipt.accepted += 1,
                    Taken::Duplicate => receipt.duplicates += 1,
                    Taken::Unreadable => receipt.rejected += 1,
                }
            }
        }
        Ok(receipts)
    }

    /// Runs everything of these contacts that is due.
    pub(super) fn wake(
        &mut self,
        due: &[ContactNo],
        until: Instant,
        effects: Effects,
    ) -> Result<(), Error> {
        self.load(due)?;
        self.as_of = until;
        for number in due {
            let Some(working) = self.working.get_mut(number) else {
                continue;
            };
            advance(
                self.program,
                &mut working.held.contact,
                until,
                &mut self.scribe.outcome,
            );
            self.scribe
                .record(*number, working, Cause::time(until, effects))?;
            self.grant(*number, effects)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Finished {
        for working in self.working.values_mut() {
            if working.fresh && working.change.is_some() {
                let census = Census::of(&working.held.contact, self.program);
                let tallies = &mut self.scribe.tallies;
                tallies.move_contact(&working.held.census, &census);
                working.held.census = census;
            }
        }
        let working = self.working.iter();
        let changed: Vec<_> = working
            .filter_map(|(number, one)| Some((one.change?, *number, &*one.held)))
            .collect();
        let rows = in_halves(&changed, |(change, number, held)| {
            (*change, held.row(*number))
        });
        self.scribe.decision.contacts.extend(rows);
        let mut decision = self.scribe.decision;
        let taken = self.taken.into_iter();
        decision
            .meta
            .extend(taken.map(|(name, n)| (name, Some(n.to_string()))));
        decision.tallies = self.scribe.tallies.into_changes();
        Finished {
            decision,
            next: self.next,
            working: self.working,
        }
    }

    fn item(&mut self, one: &Placed<'_>, effects: Effects) -> Result<Taken, Error> {
        let (Some(item), number) = (&one.arrival.item, one.contact) else {
            return Ok(Taken::Accepted);
        };
        self.as_of = one.arrival.received_at;
        let Some(working) = self.working.get_mut(&number) else {
            let rejected = unreadable(one.arrival, self.scribe.decision.at);
            self.scribe.decision.rejected.push(rejected);
            return Ok(Taken::Unreadable);
        };
        if let Some(id) = one.arrival.id {
            // When it came in, and not when it is decided: the spool may lie in between.
            let hour = recent::hour(one.arrival.received_at);
            let id = recent::short(id);
            let recent = &mut working.held.recent;
            let mut known = recent.holds(id, hour);
            if !known && recent.has_handed_over(hour) {
                let found = self.store.remembered(number, &[id])?;
                let handed = self.scribe.decision.remembered.iter();
                known = found.get(&id).is_some_and(|at| !recent::expired(*at, hour))
                    || handed.into_iter().any(|(c, i, _)| (*c, *i) == (number, id));
            }
            if known {
                return Ok(Taken::Duplicate);
            }
            let mut handed_over = Vec::new();
            recent.add(id, hour, &mut handed_over);
            let handed_over = handed_over.into_iter().map(|(id, at)| (number, id, at));
            self.scribe.decision.remembered.extend(handed_over);
        }
        // Of a person who was erased nothing is written down any more.
        let tell = !working.held.contact.is_erased();
        step(
            self.program,
            &mut working.held.contact,
            item,
            one.arrival.received_at,
            &mut self.scribe.outcome,
        );
        let mut cause = Cause::item(item, one.arrival.received_at, effects);
        if !tell {
            cause.item = None;
        }
        self.scribe.record(number, working, cause)?;
        self.grant(number, effects)?;
        Ok(Taken::Accepted)
    }

    /// Finds names and loads contacts for all batches at once.
    fn prefetch(&mut self, batches: &[Batch]) -> Result<(), Error> {
        let names = names(batches);
        let asked: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let mut numbers: Vec<ContactNo> = Vec::with_capacity(asked.len());
        for (name, found) in asked.iter().zip(self.store.find(&asked)?) {
            if let Some(number) = found {
                self.names.insert((*name).into(), number);
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        self.load(&numbers)
    }

    /// Brings contacts from the cache or the store onto the desk.
    pub(super) fn load(&mut self, numbers: &[ContactNo]) -> Result<(), Error> {
        let mut missing = Vec::new();
        for number in numbers {
            if self.working.contains_key(number) || self.closed.contains(number) {
                continue;
            }
            match self.cache.take(*number) {
                Some(held) => drop(self.working.insert(*number, working(held))),
                None => missing.push(*number),
            }
        }
        let mut rows = self.store.load(&missing)?;
        // Who is brought into the current era first may be granted what another is refused: that is not for the store to say.
        rows.sort_unstable_by_key(|row| row.number);
        let (program, current) = (self.program, self.eras.current());
        let decoded = in_halves(&rows, |row| {
            let (era, _) = EraNo::of(&row.recent);
            (era == current).then(|| Held::decode(row, program))
        });
        for (row, decoded) in rows.into_iter().zip(decoded) {
            match decoded {
                Some(Ok(held)) => drop(self.working.insert(row.number, working(Box::new(held)))),
                Some(Err(_)) | None => self.load_row(row)?,
            }
        }
        Ok(())
    }

    /// Brings a contact onto the desk as it is in the current era.
    pub(super) fn load_row(&mut self, mut row: ContactRow) -> Result<(), Error> {
        if let Err(error) = self.place(&row)? {
            tracing::error!(contact = row.number.0, %error, "store.contact_unreadable");
            self.closed.insert(row.number);
            // Otherwise it would be due for ever. Its state stays as it is.
            if row.next_wake.take().is_some() {
                let change = (Change::Update, row);
                self.scribe.decision.contacts.push(change);
            }
        }
        Ok(())
    }

    /// The contact of an arrival, made or joined where the names say so; `None` for events that nothing mentions, of
    /// people nobody knows.
    fn whose(&mut self, arrival: &Arrival, effects: Effects) -> Result<Option<ContactNo>, Error> {
        self.as_of = arrival.received_at;
        let name = match &arrival.who {
            Who::Known(known) => known.clone(),
            Who::Anonymous(id) => format!("{ANONYMOUS}{id}"),
            Who::Both { known, anonymous } => {
                let other = format!("{ANONYMOUS}{anonymous}");
                return self.join(known, &other, false, effects).map(Some);
            }
            Who::Alias { known, previous } => {
                let anonymous = format!("{ANONYMOUS}{previous}");
                let other = if self.number(&anonymous).is_some() {
                    anonymous
                } else {
                    previous.clone()
                };
                return self.join(known, &other, true, effects).map(Some);
            }
        };
        if let Some(number) = self.number(&name) {
            return Ok(Some(number));
        }
        if let Some(Item::Event(event)) = &arrival.item
            && !self.program.hears(event.kind)
        {
            return Ok(None);
        }
        Ok(Some(self.create(&name)))
    }

    pub(super) fn number(&self, name: &str) -> Option<ContactNo> {
        self.names.get(name).copied()
    }

    pub(super) fn set_name(&mut self, name: &str, number: ContactNo) {
        self.names.insert(name.into(), number);
    }

    pub(super) fn create(&mut self, name: &str) -> ContactNo {
        let number = self.next;
        self.next = ContactNo(number.0 + 1);
        let held = Held {
            name: name.into(),
            contact: Contact::new(name),
            last: None,
            recent: recent::Recent::default(),
            census: Census::default(),
            era: self.eras.current(),
        };
        let mut working = working(Box::new(held));
        working.change = Some(Change::Insert);
        working.fresh = true;
        self.working.insert(number, working);
        self.set_name(name, number);
        number
    }
}

enum Taken {
    Accepted,
    Duplicate,
    Unreadable,
}

pub(super) fn working(held: Box<Held>) -> Working {
    Working {
        chains: held.last.into_iter().collect(),
        held,
        change: None,
        fresh: false,
    }
}

/// All names under which those may be known whom batches are about.
pub(super) fn names<'b>(batches: impl IntoIterator<Item = &'b Batch>) -> Vec<Cow<'b, str>> {
    let arrivals = batches.into_iter().flat_map(|batch| &batch.arrivals);
    arrivals
        .flat_map(|arrival| names_of(&arrival.who))
        .collect()
}

fn names_of(who: &Who) -> impl Iterator<Item = Cow<'_, str>> {
    fn plain(name: &str) -> Cow<'_, str> {
        Cow::Borrowed(name)
    }
    let anonymous = |id: &str| Some(Cow::Owned(format!("{ANONYMOUS}{id}")));
    let names = match who {
        Who::Known(known) => [Some(plain(known)), None, None],
        Who::Anonymous(id) => [anonymous(id), None, None],
        Who::Both {
            known,
            anonymous: id,
        } => [Some(plain(known)), anonymous(id), None],
        Who::Alias { known, previous } => [
            Some(plain(known)),
            anonymous(previous),
            Some(plain(previous)),
        ],
    };
    names.into_iter().flatten()
}

fn unreadable(arrival: &Arrival, at: Instant) -> Rejected {
    Rejected {
        at,
        source: "store".to_owned(),
        code: "contact_unreadable".to_owned(),
        detail: "the stored state of this contact is damaged, or was written by a newer journeyd"
            .to_owned(),
        payload: format!("{:?}", arrival.item),
    }
}
