//! Decoded contacts that were used lately. What is in here is what is on disk: contacts are taken out to be worked on,
//! and come back only after the commit.

use std::collections::HashMap;
use std::hash::Hash;

use journey_engine::program::Name;
use journey_engine::{Contact, Program, StateError};

use super::eras::EraNo;
use super::recent::Recent;
use super::tally::Census;
use crate::store::{ContactNo, ContactRow, Place};

/// How many contacts each of the two generations holds.
const CONTACTS: usize = 24 * 1024;
/// How many names each of the two generations holds.
const NAMES: usize = 96 * 1024;

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

/// Contacts and names.
#[derive(Debug)]
pub(super) struct Cache {
    contacts: Generations<ContactNo, Held>,
    names: Generations<Name, ContactNo>,
}

impl Cache {
    pub(super) fn new() -> Self {
        Self {
            contacts: Generations::new(CONTACTS),
            names: Generations::new(NAMES),
        }
    }

    pub(super) fn holds(&self, number: ContactNo) -> bool {
        self.contacts.young.contains_key(&number) || self.contacts.old.contains_key(&number)
    }

    pub(super) fn take(&mut self, number: ContactNo) -> Option<Held> {
        let young = self.contacts.young.remove(&number);
        young.or_else(|| self.contacts.old.remove(&number))
    }

    pub(super) fn put(&mut self, number: ContactNo, held: Held) {
        self.contacts.put(number, held);
    }

    pub(super) fn number(&mut self, name: &str) -> Option<ContactNo> {
        if let Some(number) = self.names.young.get(name) {
            return Some(*number);
        }
        let (name, number) = self.names.old.remove_entry(name)?;
        self.names.put(name, number);
        Some(number)
    }

    pub(super) fn put_name(&mut self, name: Name, number: ContactNo) {
        self.names.put(name, number);
    }

    pub(super) fn forget_names(&mut self) {
        self.names = Generations::new(NAMES);
    }
}

/// A map that forgets what was not used for two generations.
#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    most: usize,
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn new(most: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            most,
        }
    }

    fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.most {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_makes_room() {
        let mut cache = Cache::new();
        cache.put_name("often".into(), ContactNo(1));
        for n in 0..(NAMES as i64 * 3) {
            cache.put_name(format!("seldom {n}").into(), ContactNo(n));
            if n % 1000 == 0 {
                assert_eq!(cache.number("often"), Some(ContactNo(1)));
            }
        }
        assert_eq!(cache.number("seldom 0"), None);
        assert!(cache.names.young.len() + cache.names.old.len() <= 2 * NAMES);
    }
}
