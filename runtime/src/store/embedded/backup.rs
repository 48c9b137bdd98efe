//! A copy of the store while somebody writes it: the tables at one moment, then the journal from there on, as far as it
//! goes by the time it is read. Both together open like a store that was stopped at that moment. The spool is copied first:
//! what goes from it meanwhile is in the store by then.

use std::path::Path;

use super::reader::SqliteReader;
use crate::store::{Error, journal, spool};

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// The number of the last commit in it.
    pub last: u64,
    /// How many commits of it lie in the journal and not yet in the tables.
    pub waiting: u64,
}

impl SqliteReader {
    /// Copies the store into a folder that holds none, waits for the disk, and reads the copy once. Everything that was
    /// acknowledged before is in it. The writer goes on meanwhile, and keeps its journal.
    pub fn copy_to(&mut self, folder: &Path) -> Result<Copied, Error> {
        spool::copy(self.folder(), folder)?;
        self.hold()?;
        let before = self.last();
        self.tables().copy_to(folder)?;
        // What goes between the listing and the reading is in the tables that were copied.
        journal::copy(self.disk(), folder)?;
        let mut copy = Self::open(folder)?;
        copy.hold()?;
        if copy.last() < before {
            return Err(Error::Database(format!(
                "the copy ends with commit {}, and commit {before} was there before it began; try again",
                copy.last()
            )));
        }
        Ok(Copied {
            last: copy.last(),
            waiting: copy.waiting(),
        })
    }
}
