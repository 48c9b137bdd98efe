//! What the writer knows of all contacts without asking the tables: the number behind each name, and when each is due.
//! About 45 bytes per contact.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::redo::{Named, Record};
use super::wakes::Wakes;
use crate::store::{ContactNo, TallyKey};

/// Twelve bytes of the hash of a name. Among ten million names the chance that any two share them is less than one in a
/// thousand million million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct NameKey([u32; 3]);

impl NameKey {
    pub(super) fn of(name: &str) -> Self {
        let hash = blake3::hash(name.as_bytes());
        let mut key = [0; 3];
        for (to, from) in key.iter_mut().zip(hash.as_bytes().as_chunks::<4>().0) {
            *to = u32::from_le_bytes(*from);
        }
        Self(key)
    }
}

impl Hash for NameKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [first, second, _] = self.0;
        state.write_u64(u64::from(first) << 32 | u64::from(second));
    }
}

/// Keys that are hashes already need no further hashing.
#[derive(Debug, Default)]
pub(super) struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

type Names = HashMap<NameKey, u32, BuildHasherDefault<Plain>>;

/// The numbers that come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) contact: i64,
    pub(super) page: i64,
    pub(super) effect: i64,
    pub(super) rejected: i64,
    pub(super) program: i64,
}

#[derive(Debug)]
pub(super) struct Index {
    names: Names,
    aliases: Names,
    pub(super) wakes: Wakes,
    pub(super) tallies: BTreeMap<TallyKey, i64>,
    pub(super) next: Next,
}

impl Index {
    pub(super) fn new(next: Next) -> Self {
        Self {
            // Growing would need twice the room for a moment.
            names: Names::with_capacity_and_hasher(
                usize::try_from(next.contact).unwrap_or(0),
                BuildHasherDefault::default(),
            ),
            aliases: Names::default(),
            wakes: Wakes::with_capacity(usize::try_from(next.contact).unwrap_or(0)),
            tallies: BTreeMap::new(),
            next,
        }
    }

    pub(super) fn add_name(&mut self, name: &str, number: ContactNo) {
        self.names.insert(NameKey::of(name), number.0 as u32);
    }

    pub(super) fn add_alias(&mut self, name: &str, number: ContactNo) {
        self.aliases.insert(NameKey::of(name), number.0 as u32);
    }

    /// The contact of a name.
    pub(super) fn named(&self, name: &str) -> Option<ContactNo> {
        let number = self.names.get(&NameKey::of(name))?;
        Some(ContactNo(i64::from(*number)))
    }

    /// The contacts of names, or of other names.
    pub(super) fn find(&self, names: &[&str]) -> Vec<Option<ContactNo>> {
        let keys: Vec<NameKey> = names.iter().map(|name| NameKey::of(name)).collect();
        // In a loop of their own, so that the processor waits for the memory of several at a time: with a million names
        // that is what this takes.
        let found = |key| self.names.get(key).or_else(|| self.aliases.get(key));
        let numbers = keys.iter().map(found);
        numbers
            .map(|number| number.map(|number| ContactNo(i64::from(*number))))
            .collect()
    }

    /// Takes a record.
    pub(super) fn take(&mut self, record: &Record<'_>) {
        match record {
            Record::Contact(image) => {
                let number = ContactNo(image.number);
                self.next.contact = self.next.contact.max(image.number + 1);
                if image.named != Named::Kept {
                    if let Named::Was(former) = image.named {
                        self.no_longer(former, number);
                    }
                    self.add_name(image.name, number);
                }
                self.wakes.set(number, image.next_wake);
            }
            Record::Gone { number, name } => {
                self.next.contact = self.next.contact.max(*number + 1);
                self.no_longer(name, ContactNo(*number));
                self.wakes.set(ContactNo(*number), None);
            }
            Record::Alias { name, contact } => self.add_alias(name, ContactNo(*contact)),
            Record::Page { number, .. } => self.next.page = self.next.page.max(*number + 1),
            Record::Made { number, .. } => self.next.effect = self.next.effect.max(*number + 1),
            Record::Rejected { number, .. } => {
                self.next.rejected = self.next.rejected.max(*number + 1);
            }
            Record::Program { number, .. } => {
                self.next.program = self.next.program.max(*number + 1);
            }
            Record::Tally {
                journey,
                version,
                what,
                detail,
                n,
            } => {
                let key = TallyKey {
                    journey: (*journey).into(),
                    version: (*version).into(),
                    what: (*what).to_owned().into(),
                    detail: (*detail).into(),
                };
                self.tallies.insert(key, *n);
            }
            Record::Effect { .. }
            | Record::Remembered { .. }
            | Record::Cursor { .. }
            | Record::Meta { .. } => {}
        }
    }

    fn no_longer(&mut self, name: &str, number: ContactNo) {
        let key = NameKey::of(name);
        if self.names.get(&key) == Some(&(number.0 as u32)) {
            self.names.remove(&key);
        }
    }
}
