//! A copy of the store while somebody writes it: the tables at one moment, then the journal from there on, as far as it
//! goes by the time it is read. Both together open like a store that was stopped at that moment. The spool is copied first:
//! what goes from it meanwhile is in the store by then.

use std::path::Path;

use super::reader::SqliteReader;
use crate::store::journal::{explained, name, number};
use crate::store::{Error, spool};

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
        let failed = |error| explained(error, folder);
        let mut segments: Vec<u32> = self
            .disk()
            .list()
            .map_err(failed)?
            .iter()
            .filter_map(|name| number(name))
            .collect();
        segments.sort_unstable();
        for segment in segments {
            self.copy_segment(segment, folder)?;
        }
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

    fn copy_segment(&self, segment: u32, folder: &Path) -> Result<(), Error> {
        let name = name(segment);
        let path = folder.join(&name);
        match self.disk().open(&name) {
            // It went between the listing and now: it is in the tables that were copied.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            from => {
                let from = from.map_err(|error| explained(error, &path))?;
                // What is appended after this was not acknowledged before the copy began.
                spool::copy_segment(from.as_ref(), &path)
            }
        }
    }
}
