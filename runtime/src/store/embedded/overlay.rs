//! What is in the journal and not yet in the tables: one generation of it.
//!
//! Small rows are held; of large ones it is known where in the journal they lie.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use journey_ir::Instant;

use super::index::NameKey;
use super::redo::{Named, Record, State};
use crate::store::journal::{At, Mark};
use crate::store::{ContactNo, Status, TallyKey};

/// A contact whose row changed.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Dirty {
    pub(in crate::store) at: At,
    pub(in crate::store) next_wake: Option<Instant>,
    /// Whether its wake-up may differ from the one in the tables.
    pub(in crate::store) rewaked: bool,
    /// Whether it is new, or its name may differ from the one in the tables.
    pub(in crate::store) named: bool,
}

/// An effect that is new or changed. All else about it is read from the journal.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Touched {
    /// Where it stands as it is now.
    pub(in crate::store) at: At,
    /// Where it was made, if that was in this generation.
    pub(in crate::store) made: Option<At>,
    pub(in crate::store) contact: ContactNo,
    pub(in crate::store) status: Status,
    pub(in crate::store) due: Instant,
    pub(in crate::store) lease: Option<Instant>,
}

/// Twelve bytes of the key of an effect, which is a hash.
type KeyStart = [u8; 12];

fn start_of(key: &[u8; 32]) -> KeyStart {
    let mut start = [0; 12];
    start.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    start
}

/// One generation.
#[derive(Debug, Default)]
pub(in crate::store) struct Overlay {
    /// Contacts; `None` where one was merged into another.
    pub(in crate::store) contacts: HashMap<ContactNo, Option<Dirty>>,
    pub(in crate::store) names: HashMap<NameKey, Option<ContactNo>>,
    pub(in crate::store) aliases: BTreeMap<String, ContactNo>,
    pub(in crate::store) pages: BTreeMap<i64, At>,
    pub(in crate::store) remembered: BTreeMap<(ContactNo, u64), Option<u32>>,
    pub(in crate::store) effects: BTreeMap<i64, Touched>,
    effects_by_key: HashMap<KeyStart, i64>,
    effects_of: BTreeSet<(ContactNo, i64)>,
    pub(in crate::store) rejected: BTreeMap<i64, At>,
    pub(in crate::store) programs: BTreeMap<i64, At>,
    pub(in crate::store) tallies: BTreeMap<TallyKey, i64>,
    pub(in crate::store) cursors: BTreeMap<String, (String, Instant)>,
    pub(in crate::store) meta: BTreeMap<String, Option<String>>,
    /// How much of the journal it stands for, in bytes.
    pub(in crate::store) bytes: u64,
    /// Up to where it goes.
    pub(in crate::store) mark: Mark,
    /// Something was erased: what the journal says of it should go soon.
    pub(in crate::store) erased: bool,
}

impl Overlay {
    pub(in crate::store) const fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Takes a record. `rewaked` says whether its contact may be due at another time than until now.
    pub(in crate::store) fn take(&mut self, at: At, record: Record<'_>, rewaked: bool) {
        match record {
            Record::Contact(image) => {
                let number = ContactNo(image.number);
                if image.named != Named::Kept {
                    if let Named::Was(former) = image.named {
                        self.no_longer(former, number);
                    }
                    let key = NameKey::of(image.name);
                    self.names.insert(key, Some(number));
                }
                let before = self.contacts.get(&number).copied().flatten();
                let dirty = Dirty {
                    at,
                    next_wake: image.next_wake,
                    rewaked: rewaked || before.is_some_and(|before| before.rewaked),
                    named: before.is_some_and(|before| before.named) || image.named != Named::Kept,
                };
                self.contacts.insert(number, Some(dirty));
            }
            Record::Gone { number, name } => {
                self.no_longer(name, ContactNo(number));
                self.contacts.insert(ContactNo(number), None);
            }
            Record::Alias { name, contact } => {
                self.aliases.insert(name.to_owned(), ContactNo(contact));
            }
            Record::Page { number, .. } => {
                self.pages.insert(number, at);
            }
            Record::Made { number, state, .. } => self.touch(number, at, &state, true),
            Record::Effect { number, state } => self.touch(number, at, &state, false),
            Record::Remembered { contact, id, hour } => {
                self.remembered.insert((ContactNo(contact), id), hour);
            }
            Record::Rejected { number, .. } => {
                self.rejected.insert(number, at);
            }
            Record::Program { number, .. } => {
                self.programs.insert(number, at);
            }
            Record::Tally {
                journey,
                version,
                what,
                detail,
                n,
            } => {
                let key = TallyKey {
                    journey: journey.into(),
                    version: version.into(),
                    what: what.to_owned().into(),
                    detail: detail.into(),
                };
                self.tallies.insert(key, n);
            }
            Record::Cursor { name, position, at } => {
                self.cursors
                    .insert(name.to_owned(), (position.to_owned(), at));
            }
            Record::Meta { name, value } => {
                self.meta
                    .insert(name.to_owned(), value.map(ToOwned::to_owned));
            }
        }
    }

    /// The numbers of the contacts, in order.
    pub(in crate::store) fn sorted_contacts(&self) -> Vec<ContactNo> {
        let mut sorted: Vec<ContactNo> = self.contacts.keys().copied().collect();
        sorted.sort_unstable();
        sorted
    }

    /// The effect of a key, where it is new or changed here.
    pub(in crate::store) fn effect_of_key(&self, key: &[u8; 32]) -> Option<i64> {
        self.effects_by_key.get(&start_of(key)).copied()
    }

    /// Effects that are new or changed here and belong, or belonged, to a contact.
    pub(in crate::store) fn effects_of(&self, contact: ContactNo) -> impl Iterator<Item = i64> {
        self.effects_of
            .range((contact, i64::MIN)..=(contact, i64::MAX))
            .map(|(_, number)| *number)
    }

    fn touch(&mut self, number: i64, at: At, state: &State, new: bool) {
        self.effects_by_key.insert(start_of(&state.key), number);
        self.effects_of.insert((state.contact, number));
        let made = if new {
            Some(at)
        } else {
            self.effects.get(&number).and_then(|it| it.made)
        };
        let touched = Touched {
            at,
            made,
            contact: state.contact,
            status: state.status,
            due: state.due,
            lease: state.lease,
        };
        self.effects.insert(number, touched);
    }

    /// A contact no longer has a name, unless another has taken it already.
    fn no_longer(&mut self, name: &str, number: ContactNo) {
        let owner = self.names.entry(NameKey::of(name)).or_insert(None);
        if *owner == Some(number) {
            *owner = None;
        }
    }
}
