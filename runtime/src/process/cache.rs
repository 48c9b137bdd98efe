//! Decoded contacts that were used lately. What is in here is what is on disk: contacts are taken out to be worked on,
//! and come back only after the commit.

use foldhash::HashMap;

use journey_engine::program::Name;
use journey_engine::{Contact, Program, StateError};

use super::eras::EraNo;
use super::recent::Recent;
use super::tally::Census;
use crate::store::{ContactNo, ContactRow, Place};

/// How many contacts each of the two generations holds.
const CONTACTS: usize = 4 * 1024;

/// One contact, decoded.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) name: Name,
    pub(super) contact: Contact,
    pub(super) last: Option<Place>,
    pub(super) recent: Recent,
    /// What the counters say of it.
    pub(super) census: Census,
    /// When it was last counted.
    pub(super) era: EraNo,
}

impl Held {
    /// Decodes a row.
    pub(super) fn decode(row: &ContactRow, program: &Program) -> Result<Self, StateError> {
        let contact = Contact::decode(&row.state, program)?;
        let (era, recent) = EraNo::of(&row.recent);
        Ok(Self {
            name: row.name.as_str().into(),
            census: Census::of(&contact, program),
            contact,
            last: row.last,
            recent: Recent::decode(recent),
            era,
        })
    }

    /// As it is kept.
    pub(super) fn row(&self, number: ContactNo) -> ContactRow {
        ContactRow {
            number,
            name: self.name.to_string(),
            next_wake: self.contact.next_wake(),
            last: self.last,
            state: self.contact.encode(),
            recent: self.era.mark(self.recent.encode()),
        }
    }
}

type Generation = HashMap<ContactNo, Box<Held>>;

/// Contacts that were used lately: what was not used while a whole generation went by is forgotten.
#[derive(Debug, Default)]
pub(super) struct Cache {
    young: Generation,
    old: Generation,
    forgotten: Generation,
}

impl Cache {
    pub(super) fn take(&mut self, number: ContactNo) -> Option<Box<Held>> {
        let young = self.young.remove(&number);
        young.or_else(|| self.old.remove(&number))
    }

    /// Whether a contact is here.
    pub(super) fn holds(&self, number: ContactNo) -> bool {
        self.young.contains_key(&number) || self.old.contains_key(&number)
    }

    pub(super) fn put(&mut self, number: ContactNo, held: Box<Held>) {
        if self.young.len() >= CONTACTS {
            let young = std::mem::take(&mut self.young);
            self.forgotten = std::mem::replace(&mut self.old, young);
        }
        self.young.insert(number, held);
    }

    /// What was forgotten since this was asked last, to be taken apart elsewhere.
    pub(super) fn forgotten(&mut self) -> Option<impl Send + use<>> {
        let forgotten = std::mem::take(&mut self.forgotten);
        (!forgotten.is_empty()).then_some(forgotten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Held {
        Held {
            name: "".into(),
            contact: Contact::new(""),
            last: None,
            recent: Recent::default(),
            census: Census::default(),
            era: EraNo::of(&[]).0,
        }
    }

    #[test]
    fn what_is_used_stays_and_the_rest_makes_room() {
        let mut cache = Cache::default();
        cache.put(ContactNo(0), Box::new(held()));
        for n in 1..(CONTACTS as i64 * 3) {
            cache.put(ContactNo(n), Box::new(held()));
            if n % 1000 == 0 {
                let often = cache.take(ContactNo(0)).unwrap();
                cache.put(ContactNo(0), often);
            }
        }
        assert!(cache.take(ContactNo(1)).is_none());
        assert!(cache.young.len() + cache.old.len() <= 2 * CONTACTS);
    }
}
