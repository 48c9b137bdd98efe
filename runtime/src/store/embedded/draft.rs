//! A commit being prepared: what a decision means for each row, as records of one frame. Nothing of it shows anywhere
//! until the frame is in the journal.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use journey_ir::Instant;

use super::index::Index;
use super::queue::Queue;
use super::redo::{self, Bytes, ContactImage, Made, Named, Record, State};
use super::view::View;
use crate::store::decision::{BLANKED, REJECTED_BYTES, REJECTED_ROWS};
use crate::store::journal;
use crate::store::log::{Packer, blank_record};
use crate::store::outbox::AUDIENCES;
use crate::store::{
    Ask, Change, Claim, Claimed, ContactNo, ContactRow, Decision, Error, HandedOver, NewEffect,
    Place, ProgramNo, Rejected, Revocation, Revoked, Settlement, Status, TallyKey,
};

/// The highest number of a contact that was merged into another: it must not be given again.
pub(super) const HIGHEST_MERGED: &str = "highest_merged";

/// A page of the log.
#[derive(Debug)]
struct Page<'a> {
    at: Instant,
    program: ProgramNo,
    body: Cow<'a, [u8]>,
}

#[derive(Debug)]
pub(super) struct Draft<'a> {
    view: View<'a>,
    index: &'a Index,
    frame: Vec<u8>,
    names: BTreeSet<&'a str>,
    /// Contacts that get another name.
    renamed: BTreeSet<ContactNo>,
    /// The keys of effects that are revoked while a worker has them.
    pub(super) recalled: Vec<[u8; 32]>,
    aliases: BTreeMap<String, ContactNo>,
    pages: BTreeMap<i64, Page<'a>>,
    made: BTreeMap<i64, (ProgramNo, &'a NewEffect)>,
    keys: BTreeSet<[u8; 32]>,
    effects: BTreeMap<i64, State>,
    remembered: BTreeMap<(ContactNo, u64), u32>,
    tallies: BTreeMap<TallyKey, i64>,
    /// How many effects more there are of each status, by its number.
    statuses: BTreeMap<i64, i64>,
    meta: BTreeMap<&'a str, Option<Cow<'a, str>>>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(view: View<'a>, index: &'a Index) -> Self {
        Self {
            view,
            index,
            frame: journal::begin(),
            names: BTreeSet::new(),
            renamed: BTreeSet::new(),
            recalled: Vec::new(),
            aliases: BTreeMap::new(),
            pages: BTreeMap::new(),
            made: BTreeMap::new(),
            keys: BTreeSet::new(),
            effects: BTreeMap::new(),
            remembered: BTreeMap::new(),
            tallies: BTreeMap::new(),
            statuses: BTreeMap::new(),
            meta: BTreeMap::new(),
        }
    }

    /// Adds everything in a decision.
    pub(super) fn decide(&mut self, decision: &'a Decision) -> Result<(), Error> {
        for (change, row) in &decision.contacts {
            self.contact(*change, row)?;
        }
        for (name, contact) in &decision.aliases {
            self.aliases.insert(name.clone(), *contact);
        }
        for (number, body) in decision.log.pages() {
            let page = Page {
                at: decision.at,
                program: decision.program,
                body: Cow::Borrowed(body),
            };
            self.pages.insert(number, page);
        }
        for settlement in &decision.settled {
            self.settle(settlement)?;
        }
        for revocation in &decision.revoked {
            self.revoke(revocation, decision.at)?;
        }
        for effect in &decision.effects {
            self.make(effect, decision.program)?;
        }
        // After what was taken back, which still names the contacts that go.
        for run in &decision.handed_over {
            self.hand_over(*run)?;
        }
        for (from, into) in &decision.merged {
            self.merge(*from, *into)?;
        }
        for (contact, last) in &decision.erased {
            self.erase(*contact, *last)?;
        }
        for (contact, id, hour) in &decision.remembered {
            let key = (*contact, *id);
            let before = match self.remembered.get(&key) {
                Some(hour) => Some(*hour),
                None => self.view.remembered(*contact, *id)?,
            };
            let hour = before.map_or(*hour, |before| before.max(*hour));
            self.remembered.insert(key, hour);
        }
        self.reject(&decision.rejected)?;
        self.blank(&decision.blanked)?;
        for (key, n) in decision.tallies.iter().filter(|(_, n)| **n != 0) {
            self.count(key.clone(), *n);
        }
        for cursor in &decision.cursors {
            self.put(&Record::Cursor {
                name: &cursor.name,
                position: &cursor.position,
                at: cursor.at,
            })?;
        }
        for (name, value) in &decision.meta {
            self.meta.insert(name, value.as_deref().map(Cow::Borrowed));
        }
        Ok(())
    }

    /// Takes effects for a worker, of those that nothing else in this commit changes, nor the name of their contact.
    pub(super) fn claim(&mut self, ask: &Ask, queue: &mut Queue) -> Result<Claim, Error> {
        let ready = queue.next(&self.view, &ask.lane, ask.now, ask.most)?;
        let mut next_due = ready.next_due;
        let mut effects = Vec::with_capacity(ready.effects.len());
        for (number, abandoned) in ready.effects {
            let Some(mut state) = self.view.effect(number)? else {
                continue;
            };
            if self.effects.contains_key(&number) || self.renamed.contains(&state.contact) {
                // How it is after this commit shows the next time, which is at once.
                next_due = Some(ask.now);
                continue;
            }
            let before = state.status;
            state.status = Status::Claimed;
            state.lease = Some(ask.lease_until);
            state.attempts += 1;
            let kept = self.view.kept(number, state.clone())?;
            effects.extend(kept.map(|kept| Claimed { kept, abandoned }));
            self.change(number, before, state);
        }
        let lease = (!effects.is_empty()).then_some(ask.lease_until);
        Ok(Claim {
            effects,
            next_due: next_due.into_iter().chain(lease).min(),
        })
    }

    /// The frame.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, Error> {
        for (name, contact) in std::mem::take(&mut self.aliases) {
            self.put(&Record::Alias {
                name: &name,
                contact: contact.0,
            })?;
        }
        let mut packer = Packer::default();
        for (number, page) in std::mem::take(&mut self.pages) {
            self.put(&Record::Page {
                number,
                at: page.at,
                program: page.program.0,
                body: Bytes(&packer.pack(&page.body)),
            })?;
        }
        for (number, state) in std::mem::take(&mut self.effects) {
            let record = match self.made.get(&number) {
                Some((program, effect)) => Record::Made {
                    number,
                    made: Made::of(effect, *program),
                    state,
                },
                None => Record::Effect { number, state },
            };
            self.put(&record)?;
        }
        for ((contact, id), hour) in std::mem::take(&mut self.remembered) {
            self.put(&Record::Remembered {
                contact: contact.0,
                id,
                hour: Some(hour),
            })?;
        }
        let statuses = std::mem::take(&mut self.statuses).into_iter();
        for (status, n) in statuses.filter(|(_, n)| *n != 0) {
            self.count(status_key(status), n);
        }
        for (key, n) in std::mem::take(&mut self.tallies) {
            self.put(&Record::Tally {
                journey: &key.journey,
                version: &key.version,
                what: &key.what,
                detail: &key.detail,
                n,
            })?;
        }
        for (name, value) in std::mem::take(&mut self.meta) {
            let value = value.as_deref();
            self.put(&Record::Meta { name, value })?;
        }
        Ok(self.frame)
    }

    /// Adds a record as it is.
    pub(super) fn put(&mut self, record: &Record<'_>) -> Result<(), Error> {
        redo::put(&mut self.frame, record).map_err(|error| Error::Database(error.to_string()))
    }

    fn contact(&mut self, change: Change, row: &'a ContactRow) -> Result<(), Error> {
        let former = match change {
            Change::Rename => self.view.load(&[row.number])?.pop().map(|row| row.name),
            Change::Insert | Change::Update => None,
        };
        let named = match (change, &former) {
            (Change::Rename, Some(former)) => Named::Was(former),
            (Change::Insert, _) => Named::New,
            _ => Named::Kept,
        };
        if let Named::Was(_) = named {
            self.renamed.insert(row.number);
        }
        if named != Named::Kept {
            let owner = self.index.named(&row.name);
            if owner.is_some_and(|owner| owner != row.number) || !self.names.insert(&row.name) {
                return Err(Error::Database(
                    "two contacts were to have one name".to_owned(),
                ));
            }
        }
        self.put(&Record::Contact(ContactImage::of(row, named)))
    }

    fn merge(&mut self, from: ContactNo, into: ContactNo) -> Result<(), Error> {
        for name in self.view.aliases_of(from)? {
            self.aliases.entry(name).or_insert(into);
        }
        for owner in self.aliases.values_mut().filter(|owner| **owner == from) {
            *owner = into;
        }
        for (number, mut state) in self.effects_of(from, false)? {
            state.contact = into;
            self.effects.insert(number, state);
        }
        if from == into {
            return Ok(());
        }
        if let Some(row) = self.view.load(&[from])?.pop() {
            self.put(&Record::Gone {
                number: from.0,
                name: &row.name,
            })?;
        }
        let known = match self.meta.get(HIGHEST_MERGED) {
            Some(value) => value.as_deref().map(ToOwned::to_owned),
            None => self.view.meta(HIGHEST_MERGED)?,
        };
        let known = known.and_then(|text| text.parse().ok()).unwrap_or(0);
        if known < from.0 {
            let value = Cow::Owned(from.0.to_string());
            self.meta.insert(HIGHEST_MERGED, Some(value));
        }
        Ok(())
    }

    /// Overwrites the content of the chain that ends at `last`, with what joined it, and of all effects.
    fn erase(&mut self, contact: ContactNo, last: Option<Place>) -> Result<(), Error> {
        for (number, mut state) in self.effects_of(contact, false)? {
            // What takes the person out of an advertising network is still needed; it loses its content once it is done.
            let needed = &*state.lane == AUDIENCES
                && matches!(state.status, Status::Pending | Status::Claimed);
            if !needed {
                state.blank = true;
                state.outcome = None;
                self.effects.insert(number, state);
            }
        }
        let mut open: Vec<Place> = last.into_iter().collect();
        while let Some(place) = open.pop() {
            if !self.pages.contains_key(&place.page) {
                let at = self.view.page_written_at(place.page)?;
                let page = self.view.page(place.page)?;
                let Some(((program, body), at)) = page.zip(at) else {
                    continue;
                };
                let body = Cow::Owned(body);
                self.pages.insert(place.page, Page { at, program, body });
            }
            let Some(page) = self.pages.get_mut(&place.page) else {
                continue;
            };
            // All records of the chain on this page are done while it is at hand.
            let mut here = vec![place.offset];
            while let Some(offset) = here.pop() {
                let Some((previous, joined)) = blank_record(page.body.to_mut(), offset) else {
                    continue;
                };
                for next in previous.into_iter().chain(joined) {
                    if next.page == place.page && next.offset < offset {
                        here.push(next.offset);
                    } else if next < place {
                        open.push(next);
                    }
                }
            }
        }
        Ok(())
    }

    fn reject(&mut self, rejected: &[Rejected]) -> Result<(), Error> {
        for (number, item) in (self.index.next.rejected..).zip(rejected) {
            let end = item.payload.floor_char_boundary(REJECTED_BYTES);
            self.put(&Record::Rejected {
                number,
                at: item.at,
                source: &item.source,
                code: &item.code,
                detail: &item.detail,
                payload: item.payload.get(..end).unwrap_or_default(),
            })?;
        }
        Ok(())
    }

    /// Takes the content of rejected items away.
    fn blank(&mut self, numbers: &[i64]) -> Result<(), Error> {
        for number in numbers {
            let before = Some(number.saturating_add(1));
            let found = self.view.rejected(before, 1, REJECTED_ROWS)?.pop();
            let Some(item) = found.filter(|it| it.number == *number) else {
                continue;
            };
            self.put(&Record::Rejected {
                number: *number,
                at: item.rejected.at,
                source: &item.rejected.source,
                code: &item.rejected.code,
                detail: BLANKED,
                payload: "",
            })?;
        }
        Ok(())
    }

    fn count(&mut self, key: TallyKey, n: i64) {
        let known = &self.index.tallies;
        let before = || known.get(&key).copied().unwrap_or(0);
        let now = self.tallies.get(&key).copied().unwrap_or_else(before) + n;
        self.tallies.insert(key, now);
    }

    fn count_status(&mut self, status: Status, n: i64) {
        *self.statuses.entry(status.number()).or_default() += n;
    }
}

/// The outbox.
impl Draft<'_> {
    /// Changes an effect, and counts it where its status is another.
    pub(super) fn change(&mut self, number: i64, before: Status, state: State) {
        if state.status != before {
            self.count_status(before, -1);
            self.count_status(state.status, 1);
        }
        self.effects.insert(number, state);
    }

    fn effects_of(&self, contact: ContactNo, unsent: bool) -> Result<BTreeMap<i64, State>, Error> {
        let mut found = self.view.effects_of(contact, unsent)?;
        found.retain(|number, _| !self.effects.contains_key(number));
        let here = self.effects.iter().filter(|(_, it)| it.contact == contact);
        found.extend(here.map(|(number, state)| (*number, state.clone())));
        Ok(found)
    }

    fn settle(&mut self, settlement: &Settlement) -> Result<(), Error> {
        let Some(number) = self.view.effect_of_key(&settlement.key)? else {
            return Ok(());
        };
        let here = self.effects.get(&number).cloned();
        let known = match here {
            Some(state) => Some(state),
            None => self.view.effect(number)?,
        };
        let Some(mut state) = known else {
            return Ok(());
        };
        let before = state.status;
        if !before.may_become(settlement.status) {
            return Ok(());
        }
        state.status = settlement.status;
        state.due = settlement.due;
        state.outcome = Some(settlement.outcome.as_str().into());
        state.settled_at = Some(settlement.at);
        state.lease = None;
        state.attempts = state.attempts.saturating_sub(settlement.untried.into());
        state.blank |= &*state.lane == AUDIENCES && settlement.status == Status::Done;
        self.change(number, before, state);
        Ok(())
    }

    fn revoke(&mut self, revocation: &Revocation, at: Instant) -> Result<(), Error> {
        for (number, mut state) in self.effects_of(revocation.contact, true)? {
            let before = state.status;
            let unsent = matches!(before, Status::Pending | Status::Held | Status::Claimed);
            let meant = match &revocation.what {
                Revoked::Run(run) => state.run == *run,
                Revoked::Advertising(lane) => state.advertising && *state.lane == **lane,
                Revoked::Lane(lane) => *state.lane == **lane,
                Revoked::Everything => true,
                Revoked::Listing(run) => state.advertising && state.run == *run,
            };
            if unsent && meant {
                // A worker that has it may not have begun: what it tells then is heard only where something was sent.
                if before == Status::Claimed {
                    self.recalled.push(state.key);
                }
                state.lease = None;
                state.status = Status::Revoked;
                state.settled_at = Some(at);
                self.change(number, before, state);
            }
        }
        Ok(())
    }

    fn hand_over(&mut self, run: HandedOver) -> Result<(), Error> {
        for (number, mut state) in self.effects_of(run.from, false)? {
            if state.run == run.run {
                state.contact = run.into;
                state.run = run.now;
                self.effects.insert(number, state);
            }
        }
        Ok(())
    }
}

impl<'a> Draft<'a> {
    fn make(&mut self, effect: &'a NewEffect, program: ProgramNo) -> Result<(), Error> {
        if !self.keys.insert(effect.key) || self.view.effect_of_key(&effect.key)?.is_some() {
            return Err(Error::Database("one effect was decided twice".to_owned()));
        }
        let number = self.index.next.effect + self.made.len() as i64;
        self.made.insert(number, (program, effect));
        self.effects.insert(number, State::new(effect));
        self.count_status(effect.status, 1);
        Ok(())
    }
}

/// The counter of effects of a status.
fn status_key(number: i64) -> TallyKey {
    TallyKey {
        journey: Arc::default(),
        version: Arc::default(),
        what: Cow::Borrowed("outbox"),
        detail: number.to_string().into(),
    }
}
