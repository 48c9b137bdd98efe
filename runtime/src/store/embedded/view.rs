//! Reading through the layers: what is not yet in the tables first, the newest at the front, then the tables.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use journey_ir::Instant;

use super::index::NameKey;
use super::overlay::{Dirty, Overlay, Touched};
use super::redo::{self, Record, State};
use crate::store::journal::{At, Files};
use crate::store::log::{record_at, unpack};
use crate::store::sqlite::{Content, Tables, unpacked};
use crate::store::{
    ContactNo, ContactRow, Entry, Error, Kept, KeptProgram, KeptRejected, NewEffect, Place,
    ProgramNo, Rejected, Status, TallyKey,
};

/// How many unpacked pages a walk through a history keeps: neighbouring records often share one.
const PAGES_KEPT: usize = 8;
/// How many numbers are tried at a time where rows are asked for in order.
const STRIDE: i64 = 256;

/// The layers at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    /// The newest first.
    pub(super) layers: [&'a Overlay; 2],
    pub(super) files: &'a Files,
    pub(super) tables: &'a Tables,
}

impl View<'_> {
    /// The contact of a name, or of another name.
    pub(super) fn find(&self, name: &str) -> Result<Option<ContactNo>, Error> {
        let key = NameKey::of(name);
        let layered = self.layers.iter().find_map(|layer| layer.names.get(&key));
        let direct = match layered {
            Some(found) => *found,
            None => self.tables.named(name)?,
        };
        if direct.is_some() {
            return Ok(direct);
        }
        let layered = self.layers.iter().find_map(|layer| layer.aliases.get(name));
        match layered {
            Some(found) => Ok(Some(*found)),
            None => self.tables.aliased(name),
        }
    }

    /// Contacts, in the order of their numbers.
    pub(super) fn load(&self, contacts: &[ContactNo]) -> Result<Vec<ContactRow>, Error> {
        let mut rows = Vec::with_capacity(contacts.len());
        let mut buffer = Vec::new();
        let mut elsewhere = Vec::with_capacity(contacts.len());
        for contact in contacts {
            if self.layered(*contact).is_some() {
                rows.extend(self.contact(*contact, &mut buffer)?);
            } else {
                elsewhere.push(*contact);
            }
        }
        if !elsewhere.is_empty() {
            self.tables.together(|| {
                let numbers = elsewhere.into_iter();
                self.tables.contacts(numbers, |row| rows.push(row))
            })?;
        }
        rows.sort_unstable_by_key(|row| row.number);
        Ok(rows)
    }

    /// What the layers say of a contact.
    pub(super) fn layered(&self, contact: ContactNo) -> Option<&Option<Dirty>> {
        self.layers
            .iter()
            .find_map(|layer| layer.contacts.get(&contact))
    }

    fn contact(
        &self,
        contact: ContactNo,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<ContactRow>, Error> {
        match self.layered(contact) {
            None => self.tables.contact(contact),
            Some(None) => Ok(None),
            Some(Some(dirty)) => {
                self.files.read_into(dirty.at, buffer)?;
                match redo::read(buffer) {
                    Some(Record::Contact(image)) => Ok(Some(image.row())),
                    _ => Err(damaged()),
                }
            }
        }
    }

    /// The name of a contact; empty where there is none.
    fn name_of(&self, contact: ContactNo) -> Result<String, Error> {
        let row = self.contact(contact, &mut Vec::new())?;
        Ok(row.map(|row| row.name).unwrap_or_default())
    }

    /// Contacts in the order of their numbers, of which `end` is the first that is not given yet.
    pub(super) fn following(
        &self,
        after: ContactNo,
        end: i64,
        most: usize,
    ) -> Result<Vec<ContactRow>, Error> {
        let mut rows = Vec::new();
        let mut next = after.0.saturating_add(1).max(1);
        while next < end && rows.len() < most {
            let until = end.min(next.saturating_add(STRIDE));
            let numbers: Vec<ContactNo> = (next..until).map(ContactNo).collect();
            rows.extend(self.load(&numbers)?);
            next = until;
        }
        rows.truncate(most);
        Ok(rows)
    }

    /// Who is due until an instant, the earliest first.
    pub(super) fn due(&self, until: Instant, most: usize) -> Result<Vec<(Instant, u32)>, Error> {
        let mut due = Vec::new();
        let mut dirty = 0;
        for (at, layer) in self.layers.iter().enumerate() {
            for number in layer.sorted_contacts() {
                let Some(change) = layer.contacts.get(&number) else {
                    continue;
                };
                let newer = self.layers.iter().take(at);
                if newer
                    .into_iter()
                    .any(|it| it.contacts.contains_key(&number))
                {
                    continue;
                }
                dirty += 1;
                let wake = change.as_ref().and_then(Dirty::next_wake);
                due.extend(
                    wake.filter(|wake| *wake <= until)
                        .map(|wake| (wake, number.0 as u32)),
                );
            }
        }
        for (wake, number) in self.tables.wakes_until(until, most.saturating_add(dirty))? {
            let contact = ContactNo(i64::from(number));
            if !self
                .layers
                .iter()
                .any(|it| it.contacts.contains_key(&contact))
            {
                due.push((wake, number));
            }
        }
        due.sort_unstable();
        due.truncate(most);
        Ok(due)
    }

    /// Walks the chains backwards, always following the newest place first.
    pub(super) fn history(&self, last: Option<Place>, most: usize) -> Result<Vec<Entry>, Error> {
        let broken = |place: Place| {
            Error::Database(format!("page {} of the log cannot be read", place.page))
        };
        let mut pages: Vec<(i64, ProgramNo, Vec<u8>)> = Vec::new();
        let mut open: BinaryHeap<Place> = last.into_iter().collect();
        let mut entries = Vec::new();
        while let Some(place) = open.pop() {
            if entries.len() >= most {
                break;
            }
            if !pages.iter().any(|(number, ..)| *number == place.page) {
                let (program, page) = self.page(place.page)?.ok_or_else(|| broken(place))?;
                if pages.len() >= PAGES_KEPT {
                    pages.remove(0);
                }
                pages.push((place.page, program, page));
            }
            let found = pages
                .iter()
                .find(|(number, ..)| *number == place.page)
                .and_then(|(_, program, page)| Some((*program, record_at(page, place.offset)?.0)));
            let (program, record) = found.ok_or_else(|| broken(place))?;
            // A pointer that does not lead backwards is damage, and following it might never end.
            let onward = record.previous.into_iter().chain(record.joined);
            for next in onward {
                if next >= place {
                    return Err(broken(place));
                }
                open.push(next);
            }
            entries.push(Entry {
                place,
                program,
                record,
            });
        }
        Ok(entries)
    }

    /// A page of the log, unpacked, with its program.
    pub(super) fn page(&self, number: i64) -> Result<Option<(ProgramNo, Vec<u8>)>, Error> {
        let layered = self
            .layers
            .iter()
            .find_map(|layer| layer.pages.get(&number));
        if let Some(at) = layered {
            let bytes = self.files.read(*at)?;
            return match redo::read(&bytes) {
                Some(Record::Page { program, body, .. }) => {
                    let page = unpack(body.0).ok_or_else(damaged)?;
                    Ok(Some((ProgramNo(program), page)))
                }
                _ => Err(damaged()),
            };
        }
        let found = self.tables.page(number)?;
        Ok(found.and_then(|(program, packed)| Some((program, unpack(&packed)?))))
    }

    /// When a page of the log was written.
    pub(super) fn page_written_at(&self, number: i64) -> Result<Option<Instant>, Error> {
        let layered = self
            .layers
            .iter()
            .find_map(|layer| layer.pages.get(&number));
        let Some(at) = layered else {
            return self.tables.page_written_at(number);
        };
        match redo::read(&self.files.read(*at)?) {
            Some(Record::Page { at, .. }) => Ok(Some(at)),
            _ => Err(damaged()),
        }
    }

    /// The hour of an id that a contact's own list had no room for.
    pub(super) fn remembered(&self, contact: ContactNo, id: u64) -> Result<Option<u32>, Error> {
        let key = (contact, id);
        let layered = self.layers.iter().find_map(|it| it.remembered.get(&key));
        match layered {
            Some(hour) => Ok(*hour),
            None => self.tables.remembered(contact, id),
        }
    }

    /// Ids that arrived before an hour.
    pub(super) fn remembered_before(
        &self,
        hour: u32,
        most: usize,
    ) -> Result<Vec<(ContactNo, u64)>, Error> {
        let mut found: BTreeMap<(ContactNo, u64), bool> = BTreeMap::new();
        for layer in self.layers {
            for (key, at) in &layer.remembered {
                let old = at.is_some_and(|at| at < hour);
                found.entry(*key).or_insert(old);
            }
        }
        let asked = most.saturating_add(found.len());
        for key in self.tables.remembered_before(hour, asked)? {
            found.entry(key).or_insert(true);
        }
        let old = found.into_iter().filter(|(_, old)| *old);
        Ok(old.map(|(key, _)| key).take(most).collect())
    }

    /// All counters that are not 0.
    pub(super) fn tallies(&self) -> Result<Vec<(TallyKey, i64)>, Error> {
        let mut all: BTreeMap<TallyKey, i64> = self.tables.tallies()?.into_iter().collect();
        for layer in self.layers.iter().rev() {
            let changed = layer.tallies.iter();
            all.extend(changed.map(|(key, n)| (key.clone(), *n)));
        }
        Ok(all.into_iter().filter(|(_, n)| *n != 0).collect())
    }

    /// Rejected items before a number and from `first` on, newest first.
    pub(super) fn rejected(
        &self,
        before: Option<i64>,
        most: usize,
        kept: i64,
    ) -> Result<Vec<KeptRejected>, Error> {
        let before = before.unwrap_or(i64::MAX);
        let mut found: BTreeMap<i64, KeptRejected> = BTreeMap::new();
        for row in self.tables.rejected(before, most)? {
            found.insert(row.number, row);
        }
        let newest = self
            .layers
            .iter()
            .filter_map(|it| it.rejected.last_key_value());
        let newest = newest.map(|(number, _)| *number);
        let newest = newest.chain(
            self.tables
                .rejected(i64::MAX, 1)?
                .into_iter()
                .map(|it| it.number),
        );
        let first = newest.max().map_or(0, |newest| newest - kept + 1);
        // What was written last wins.
        for layer in self.layers.iter().rev() {
            let numbers = layer.rejected.range(..before).rev().take(most);
            for (number, at) in numbers {
                let rejected = self.rejected_at(*at)?;
                let number = *number;
                found.insert(number, KeptRejected { number, rejected });
            }
        }
        let rows = found.into_values().rev();
        Ok(rows.filter(|row| row.number >= first).take(most).collect())
    }

    fn rejected_at(&self, at: At) -> Result<Rejected, Error> {
        match redo::read(&self.files.read(at)?) {
            Some(Record::Rejected {
                at,
                source,
                code,
                detail,
                payload,
                ..
            }) => Ok(Rejected {
                at,
                source: source.to_owned(),
                code: code.to_owned(),
                detail: detail.to_owned(),
                payload: payload.to_owned(),
            }),
            _ => Err(damaged()),
        }
    }

    /// All programs, the newest first.
    pub(super) fn programs(&self) -> Result<Vec<KeptProgram>, Error> {
        let mut found: BTreeMap<i64, KeptProgram> = BTreeMap::new();
        for kept in self.tables.programs()? {
            found.insert(kept.number.0, kept);
        }
        for at in self.layers.iter().flat_map(|layer| layer.programs.values()) {
            match redo::read(&self.files.read(*at)?) {
                Some(Record::Program {
                    number, hash, json, ..
                }) => {
                    let kept = KeptProgram {
                        number: ProgramNo(number),
                        hash: hash.to_owned(),
                        json: unpacked(json.0),
                    };
                    found.insert(number, kept);
                }
                _ => return Err(damaged()),
            }
        }
        Ok(found.into_values().rev().collect())
    }

    /// How far an import has come.
    pub(super) fn cursor(&self, name: &str) -> Result<Option<String>, Error> {
        let layered = self.layers.iter().find_map(|layer| layer.cursors.get(name));
        match layered {
            Some((position, _)) => Ok(Some(position.clone())),
            None => self.tables.cursor(name),
        }
    }

    /// A setting of the store itself.
    pub(super) fn meta(&self, name: &str) -> Result<Option<String>, Error> {
        let layered = self.layers.iter().find_map(|layer| layer.meta.get(name));
        match layered {
            Some(value) => Ok(value.clone()),
            None => self.tables.meta(name),
        }
    }

    /// The other names of a contact.
    pub(super) fn aliases_of(&self, contact: ContactNo) -> Result<Vec<String>, Error> {
        let mut names = self.tables.aliases_of(contact)?;
        for layer in self.layers.iter().rev() {
            names.retain(|name| !layer.aliases.contains_key(name));
            let here = layer.aliases.iter().filter(|(_, it)| **it == contact);
            names.extend(here.map(|(name, _)| name.clone()));
        }
        Ok(names)
    }
}

/// The outbox.
impl View<'_> {
    /// Whether an effect is new or changed in a layer.
    pub(super) fn touched(&self, number: i64) -> Option<&Touched> {
        self.layers.iter().find_map(|it| it.effects.get(&number))
    }

    /// An effect as it stands at a place of the journal.
    fn state_at(&self, at: At) -> Result<State, Error> {
        match redo::read(&self.files.read(at)?) {
            Some(Record::Made { state, .. } | Record::Effect { state, .. }) => Ok(state),
            _ => Err(damaged()),
        }
    }

    /// An effect.
    pub(super) fn effect(&self, number: i64) -> Result<Option<State>, Error> {
        match self.touched(number) {
            Some(touched) => self.state_at(touched.at).map(Some),
            None => self.tables.effect(number),
        }
    }

    /// The number of the effect of a key.
    pub(super) fn effect_of_key(&self, key: &[u8; 32]) -> Result<Option<i64>, Error> {
        let layered = self.layers.iter().find_map(|it| it.effect_of_key(key));
        match layered {
            Some(number) => Ok(Some(number)),
            None => self.tables.effect_of_key(key),
        }
    }

    /// The effects of a contact; where `unsent` at least those that may not be sent yet.
    pub(super) fn effects_of(
        &self,
        contact: ContactNo,
        unsent: bool,
    ) -> Result<BTreeMap<i64, State>, Error> {
        let mut found = BTreeMap::new();
        for (number, state) in self.tables.effects_of(contact, unsent)? {
            if self.touched(number).is_none() {
                found.insert(number, state);
            }
        }
        for number in self.layers.iter().flat_map(|it| it.effects_of(contact)) {
            if let Some(touched) = self.touched(number).filter(|it| it.contact == contact) {
                found.insert(number, self.state_at(touched.at)?);
            }
        }
        Ok(found)
    }

    /// Effects by number after `after`, of one status, one contact and one journey where given, in order.
    pub(super) fn effects(
        &self,
        after: i64,
        status: Option<Status>,
        contact: Option<ContactNo>,
        journey: Option<&str>,
        most: usize,
    ) -> Result<BTreeMap<i64, State>, Error> {
        let mut found = BTreeMap::new();
        let mut from = after;
        while found.len() < most {
            let rows = self.tables.effects(from, status, contact, journey, most)?;
            let Some((last, _)) = rows.last() else { break };
            from = *last;
            let untouched = rows
                .into_iter()
                .filter(|(it, _)| self.touched(*it).is_none());
            found.extend(untouched);
        }
        let fits = |touched: &Touched| {
            status.is_none_or(|status| touched.status == status)
                && contact.is_none_or(|contact| touched.contact == contact)
        };
        for layer in self.layers {
            let mut taken = 0;
            for (number, _) in layer.effects.range(after.saturating_add(1)..) {
                let Some(touched) = self.touched(*number).filter(|it| fits(it)) else {
                    continue;
                };
                let state = self.state_at(touched.at)?;
                if journey.is_none_or(|journey| &*state.journey == journey) {
                    found.insert(*number, state);
                    taken += 1;
                }
                if taken == most {
                    break;
                }
            }
        }
        while found.len() > most {
            found.pop_last();
        }
        Ok(found)
    }

    /// When the oldest pending effect became due.
    pub(super) fn oldest_pending(&self) -> Result<Option<Instant>, Error> {
        let in_tables = self
            .tables
            .oldest_pending(|number| self.touched(number).is_none())?;
        let layered = self.layers.iter().flat_map(|it| it.effects.keys());
        let layered = layered.filter_map(|number| {
            let state = self.touched(*number)?;
            (state.status == Status::Pending).then_some(state.due)
        });
        Ok(layered.chain(in_tables).min())
    }

    /// A whole effect.
    pub(super) fn kept(&self, number: i64, state: State) -> Result<Option<Kept>, Error> {
        let Some(content) = self.content(number)? else {
            return Ok(None);
        };
        let body = if state.blank {
            Vec::new()
        } else {
            content.body
        };
        Ok(Some(Kept {
            number,
            contact_name: self.name_of(state.contact)?,
            effect: NewEffect {
                key: state.key,
                contact: state.contact,
                run: state.run,
                decided_at: content.decided_at,
                status: state.status,
                journey: state.journey.into(),
                step: content.step,
                lane: state.lane.into(),
                advertising: state.advertising,
                whenever: state.whenever,
                body,
            },
            program: content.program,
            attempts: state.attempts,
            due: state.due,
            outcome: state.outcome.map(Into::into),
            settled_at: state.settled_at,
        }))
    }

    fn content(&self, number: i64) -> Result<Option<Content>, Error> {
        let made = self
            .layers
            .iter()
            .find_map(|layer| layer.effects.get(&number)?.made);
        let Some(at) = made else {
            return self.tables.content(number);
        };
        match redo::read(&self.files.read(at)?) {
            Some(Record::Made { made, .. }) => Ok(Some(Content {
                program: ProgramNo(made.program),
                decided_at: made.decided_at,
                step: made.step.to_owned(),
                body: made.body.0.to_vec(),
            })),
            _ => Err(damaged()),
        }
    }
}

/// Which of these ids a contact's own list had no room for.
pub(super) fn remembered(
    view: &View<'_>,
    contact: ContactNo,
    ids: &[u64],
) -> Result<HashMap<u64, u32>, Error> {
    let mut found = HashMap::new();
    for id in ids {
        found.extend(view.remembered(contact, *id)?.map(|hour| (*id, hour)));
    }
    Ok(found)
}

pub(super) fn damaged() -> Error {
    Error::Database("a record of the journal is damaged".to_owned())
}
