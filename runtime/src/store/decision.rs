//! What one commit writes. Everything in it becomes durable together, or not at all.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use journey_ir::Instant;

use super::log::{Log, Place};
use super::outbox::{NewEffect, Revocation, Settlement};
use super::{ContactNo, ProgramNo};

/// How many bytes of a rejected item are kept.
pub const REJECTED_BYTES: usize = 8 * 1024;
/// How many rejected items are kept; the oldest make room.
pub const REJECTED_ROWS: i64 = 100_000;

/// What a rejected item says instead of its reason, once its content is gone.
pub const BLANKED: &str = "it named somebody who was erased";

/// One contact as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// Its number.
    pub number: ContactNo,
    /// Its name: the id under which the outside knows it.
    pub name: String,
    /// When it must be looked at next.
    pub next_wake: Option<Instant>,
    /// Its last record in the log.
    pub last: Option<Place>,
    /// Its state, as the engine wrote it.
    pub state: Vec<u8>,
    /// The ids of items that arrived lately and the era in which it was counted, as the process wrote them.
    pub recent: Vec<u8>,
}

/// How a contact's row changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Insert,
    /// Everything but the name.
    Update,
    /// Everything, the name included.
    Rename,
}

/// Something that could not be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// When it arrived.
    pub at: Instant,
    /// Through which key or file.
    pub source: String,
    /// A stable word for the reason.
    pub code: String,
    /// The reason in a sentence.
    pub detail: String,
    /// The item, cut to [`REJECTED_BYTES`].
    pub payload: String,
}

/// One counter of the read model.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TallyKey {
    /// The journey, or empty for what concerns none.
    pub journey: Arc<str>,
    /// Its version, or empty where versions are not told apart.
    pub version: Arc<str>,
    /// What is counted: `entered`, `exited`, `sent`, `parked`, `segment`, …
    pub what: Cow<'static, str>,
    /// Which of it: a reason, a template, a step, a stage.
    pub detail: Arc<str>,
}

/// How far a named import has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The import.
    pub name: String,
    /// Its position, in the importer's own words.
    pub position: String,
    /// When.
    pub at: Instant,
}

/// A run of a contact that was merged into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandedOver {
    /// The contact that goes.
    pub from: ContactNo,
    /// The run's number there.
    pub run: u32,
    /// The contact that stays.
    pub into: ContactNo,
    /// The run's number from now on.
    pub now: u32,
}

/// One commit.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The program under whose positions states, records and effects are written.
    pub program: ProgramNo,
    /// When it is made.
    pub at: Instant,
    /// Contacts that changed, each once.
    pub contacts: Vec<(Change, ContactRow)>,
    /// Contacts that were merged into others: from, into.
    pub merged: Vec<(ContactNo, ContactNo)>,
    /// Runs of those that go on under another number.
    pub handed_over: Vec<HandedOver>,
    /// Contacts whose past is to be unreadable from the given place backwards, and whose effects lose their content.
    pub erased: Vec<(ContactNo, Option<Place>)>,
    /// Other names of contacts.
    pub aliases: Vec<(String, ContactNo)>,
    /// What arrived and what was decided.
    pub log: Log,
    /// New effects.
    pub effects: Vec<NewEffect>,
    /// Pending effects that are taken back; applied before `effects` are added.
    pub revoked: Vec<Revocation>,
    /// What workers told.
    pub settled: Vec<Settlement>,
    /// Ids that no longer fit into a contact's own list: contact, id, and the hour of arrival.
    pub remembered: Vec<(ContactNo, u64, u32)>,
    /// What could not be accepted.
    pub rejected: Vec<Rejected>,
    /// Rejected items by number that lose their content: they name somebody who is erased.
    pub blanked: Vec<i64>,
    /// By how much each counter changes.
    pub tallies: BTreeMap<TallyKey, i64>,
    /// How far imports have come.
    pub cursors: Vec<Cursor>,
    /// Settings of the store itself; `None` removes one.
    pub meta: Vec<(String, Option<String>)>,
}

impl Decision {
    /// A commit without anything in it.
    #[must_use]
    pub const fn new(program: ProgramNo, at: Instant, next_page: i64) -> Self {
        Self {
            program,
            at,
            contacts: Vec::new(),
            merged: Vec::new(),
            handed_over: Vec::new(),
            erased: Vec::new(),
            aliases: Vec::new(),
            log: Log::starting_at(next_page),
            effects: Vec::new(),
            revoked: Vec::new(),
            settled: Vec::new(),
            remembered: Vec::new(),
            rejected: Vec::new(),
            blanked: Vec::new(),
            tallies: BTreeMap::new(),
            cursors: Vec::new(),
            meta: Vec::new(),
        }
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.contacts.is_empty()
            && self.merged.is_empty()
            && self.handed_over.is_empty()
            && self.erased.is_empty()
            && self.aliases.is_empty()
            && self.log.is_empty()
            && self.effects.is_empty()
            && self.revoked.is_empty()
            && self.settled.is_empty()
            && self.remembered.is_empty()
            && self.rejected.is_empty()
            && self.blanked.is_empty()
            && self.tallies.is_empty()
            && self.cursors.is_empty()
            && self.meta.is_empty()
    }
}
