//! What is handed to the process: arrivals for contacts, with everything that must become durable together with them.

use journey_arrivals::Arrival;

use crate::store::spool::Decided;
use crate::store::{Cursor, Rejected, Settlement};

/// What becomes of the effects that are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Effects {
    /// They are carried out, except those that come too late for that.
    #[default]
    Act,
    /// They are carried out, however long ago they were due: a replay that is asked to send.
    Always,
    /// They are kept back until somebody releases them.
    Hold,
    /// They are only written down.
    Record,
}

/// Things that become durable together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// What arrived.
    pub arrivals: Vec<Arrival>,
    /// What could not be accepted.
    pub rejected: Vec<Rejected>,
    /// Rejected items by number that are to lose their content.
    pub blanked: Vec<i64>,
    /// What workers have to tell about effects.
    pub settled: Vec<Settlement>,
    /// How far the import is that sends this.
    pub cursor: Option<Cursor>,
    /// What becomes of the effects.
    pub effects: Effects,
    /// The program that the arrivals were read under, counted from the start of the daemon, where they depend on it.
    pub read_under: Option<u64>,
    /// Up to where the spool is decided with this, where it comes from there.
    pub spooled: Option<Decided>,
}

impl Batch {
    /// How much work this is.
    #[must_use]
    pub const fn weight(&self) -> usize {
        1 + self.arrivals.len() + self.rejected.len() + self.settled.len()
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Arrivals that were processed.
    pub accepted: usize,
    /// Arrivals that were repeats.
    pub duplicates: usize,
    /// Arrivals that concern nobody: events nothing mentions, of people nobody knows.
    pub ignored: usize,
    /// Items that were rejected.
    pub rejected: usize,
}
