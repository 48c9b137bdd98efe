//! The contact store, in domain words: contacts with their states, the log, the outbox, the counters.
//!
//! Everything is batch-first: contacts are loaded by the hundred, and one [`Decision`] carries all that a batch of them
//! changes. No SQL type leaves the folder of an implementation.
//!
//! Reading order: [`decision`] (what a commit writes), [`log`] and [`outbox`] (two of its parts), [`folder`] (where it
//! lies, and who may write), [`journal`] (what makes a commit durable), [`embedded`] (the embedded store), `sqlite`
//! (its tables), [`ahead`] (reading early), [`spool`] (what was acknowledged and waits to be decided).

pub mod ahead;
pub mod decision;
pub mod embedded;
pub(crate) mod error;
pub mod folder;
pub mod journal;
pub mod log;
pub mod outbox;
pub mod spool;
mod sqlite;

use std::collections::HashMap;

use journey_ir::Instant;

use ahead::{Ahead, Stamp};
pub use decision::{Change, ContactRow, Cursor, Decision, HandedOver, Rejected, TallyKey};
pub use embedded::{Check, Copied, Durability, Options, SHOWN, Sqlite, SqliteReader};
pub use error::Error;
pub use folder::DataFolder;
pub use log::{Entry, Log, Place};
pub use outbox::{Ask, Claim, Claimed, Kept, NewEffect, Revocation, Revoked, Settlement, Status};

/// The number of a contact in this store, from 1, without gaps to speak of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct ContactNo(pub i64);

/// The number of a program in this store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProgramNo(pub i64);

/// A program as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptProgram {
    /// Its number.
    pub number: ProgramNo,
    /// Its hash.
    pub hash: String,
    /// Its canonical JSON.
    pub json: String,
}

/// A rejected item as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRejected {
    /// Its number.
    pub number: i64,
    /// The item.
    pub rejected: Rejected,
}

/// The numbers that the next commit continues from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// The next contact.
    pub contact: ContactNo,
    /// The next page of the log.
    pub page: i64,
}

/// What can be asked of a store while somebody else writes it.
pub trait Read {
    /// The numbers of contacts, by name or by another name of theirs, in the order asked.
    fn find(&mut self, names: &[&str]) -> Result<Vec<Option<ContactNo>>, Error>;
    /// Contacts by number; those that do not exist are left out.
    fn load(&mut self, contacts: &[ContactNo]) -> Result<Vec<ContactRow>, Error>;
    /// Contacts whose numbers follow `after`, in order.
    fn following(&mut self, after: ContactNo, most: usize) -> Result<Vec<ContactRow>, Error>;
    /// The contacts that are due at or before an instant, the earliest first.
    fn due(&mut self, until: Instant, most: usize) -> Result<Vec<ContactNo>, Error>;
    /// When the next contact is due.
    fn next_wake(&mut self) -> Result<Option<Instant>, Error>;
    /// How many contacts are due at or before an instant, counted up to `most`.
    fn count_due(&mut self, until: Instant, most: usize) -> Result<usize, Error>;
    /// The records of a chain from its end backwards, joined chains included, at most `most`; newest commit first.
    fn history(&mut self, last: Option<Place>, most: usize) -> Result<Vec<Entry>, Error>;
    /// Which of these ids are among those a contact's own list had no room for, with the hour of their arrival.
    fn remembered(&mut self, contact: ContactNo, ids: &[u64]) -> Result<HashMap<u64, u32>, Error>;
    /// Effects by number after `after`, of one status and one contact where given, in order.
    fn effects(
        &mut self,
        after: i64,
        status: Option<Status>,
        contact: Option<ContactNo>,
        most: usize,
    ) -> Result<Vec<Kept>, Error>;
    /// When the oldest pending effect became due, if any is pending.
    fn oldest_pending(&mut self) -> Result<Option<Instant>, Error>;
    /// All counters that are not 0.
    fn tallies(&mut self) -> Result<Vec<(TallyKey, i64)>, Error>;
    /// Rejected items before `before`, newest first.
    fn rejected(&mut self, before: Option<i64>, most: usize) -> Result<Vec<KeptRejected>, Error>;
    /// All programs, the newest first.
    fn programs(&mut self) -> Result<Vec<KeptProgram>, Error>;
    /// How far an import has come.
    fn cursor(&mut self, name: &str) -> Result<Option<String>, Error>;
    /// A setting of the store itself.
    fn meta(&mut self, name: &str) -> Result<Option<String>, Error>;
}

/// The one writer of a store.
pub trait Store: Read + Send {
    /// The numbers that the next commit continues from.
    fn counters(&mut self) -> Result<Counters, Error>;
    /// Keeps a program, or finds it by its hash.
    fn keep_program(&mut self, hash: &str, json: &str, at: Instant) -> Result<ProgramNo, Error>;
    /// Writes everything in `decision`, or nothing. Once it returns, all of it survives a loss of power.
    fn commit(&mut self, decision: &Decision) -> Result<(), Error>;
    /// Takes pending effects of a lane that are due, and those whose lease has ended.
    fn claim(
        &mut self,
        lane: &str,
        now: Instant,
        lease_until: Instant,
        most: usize,
    ) -> Result<Claim, Error>;
    /// Commits, and then takes what is asked for; in one go where the store can. What the decision itself makes due or
    /// changes, the name of its contact included, is taken as it is afterwards: at once or the next time. After an error
    /// nothing of it has happened, or the decision alone has.
    fn commit_and_claim(
        &mut self,
        decision: &Decision,
        asked: &[Ask],
    ) -> Result<Vec<Claim>, Error> {
        self.commit(decision)?;
        let claims = asked
            .iter()
            .map(|ask| self.claim(&ask.lane, ask.now, ask.lease_until, ask.most));
        claims.collect()
    }
    /// The keys of effects that were revoked since this was asked last, while a worker had them. A worker that has not
    /// begun one yet need not.
    fn recalled(&mut self) -> Vec<[u8; 32]> {
        Vec::new()
    }
    /// Prepares to read contacts on another thread while this store goes on; nothing where it cannot.
    fn read_ahead(&mut self, contacts: &[ContactNo]) -> Result<Option<Ahead>, Error> {
        let _ = contacts;
        Ok(None)
    }
    /// Whether a contact that was read ahead is still what was read.
    fn is_unchanged(&self, contact: ContactNo, stamp: Stamp) -> bool {
        let _ = (contact, stamp);
        false
    }
    /// Lets effects that are held back go, those of one journey where given; says how many there were.
    fn release(&mut self, journey: Option<&str>, now: Instant) -> Result<usize, Error>;
    /// Forgets ids that arrived before an hour, at most `most`; says how many there were.
    fn forget(&mut self, before_hour: u32, most: usize) -> Result<usize, Error>;
    /// Chooses between safety from power loss at each commit, and speed for work that can be repeated.
    fn set_durability(&mut self, durability: Durability) -> Result<(), Error>;
    /// Nothing else is to be done for a moment: the time to tidy up. Says whether to ask again at the next such moment.
    fn rest(&mut self) -> Result<bool, Error> {
        Ok(false)
    }
    /// Goes on with taking what was erased out of every file; says whether nothing of it is left anywhere. Does not wait:
    /// it is asked again until it says so.
    fn purge(&mut self) -> Result<bool, Error>;
    /// Moves everything that was committed into the tables.
    fn checkpoint(&mut self) -> Result<(), Error>;
}
