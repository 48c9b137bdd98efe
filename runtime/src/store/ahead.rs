//! Contacts that are read before they are asked for.

use super::journal::At;
use super::{ContactRow, Error};

/// Reads contacts on whatever thread it is called. What it gives may have changed meanwhile:
/// [`is_unchanged`](super::Store::is_unchanged) says so.
pub type Ahead = Box<dyn FnOnce() -> Result<Vec<(ContactRow, Stamp)>, Error> + Send>;

/// As of which moment a contact was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// How many generations were in the tables then.
    pub(in crate::store) generation: u64,
    /// Where it lay in the journal, if not in the tables.
    pub(in crate::store) place: Option<At>,
}
