//! A reader beside the writer, in the same process or in another. It sees what is committed: the tables at one moment,
//! and what the journal says since.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::overlay::Overlay;
use super::redo;
use super::view::View;
use crate::store::Error;
use crate::store::journal::disk::{Disk, Folder};
use crate::store::journal::{At, Mark, Scan, Stop};
use crate::store::sqlite::Tables;

/// How often it begins again where the writer removes a segment at that very moment.
const TRIES: usize = 10;

/// A reader.
#[derive(Debug)]
pub struct SqliteReader {
    tables: Tables,
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// The moment of the tables that the overlay goes on from.
    applied: Mark,
    scan: Scan,
    overlay: Overlay,
    nothing: Overlay,
}

impl SqliteReader {
    /// Opens the store of a folder for reading only.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Self::open_with(folder, Arc::new(Folder::at(folder)))
    }

    /// Opens the store of a folder whose journal lies elsewhere.
    pub fn open_with(folder: &Path, disk: Arc<dyn Disk>) -> Result<Self, Error> {
        let tables = Tables::open_to_read(folder)?;
        let applied = tables.applied()?;
        Ok(Self {
            tables,
            disk,
            path: folder.to_owned(),
            applied,
            scan: Scan::after(applied, folder),
            overlay: Overlay::default(),
            nothing: Overlay::default(),
        })
    }

    /// Answers a question from one moment.
    pub(super) fn ask<T>(
        &mut self,
        question: impl FnOnce(&View<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.begin()?;
        let answer = question(&View {
            layers: [&self.overlay, &self.nothing],
            files: &self.scan.files,
            tables: &self.tables,
        });
        self.tables.end()?;
        answer
    }

    /// Takes one moment of the tables, and reads what the journal says since.
    fn begin(&mut self) -> Result<(), Error> {
        let mut result = Ok(());
        for _ in 0..TRIES {
            self.tables.begin()?;
            match self.catch_up() {
                Ok(true) => return Ok(()),
                // The writer has removed what this moment still needs: a later moment does not need it.
                Ok(false) => {}
                Err(error) => result = Err(error),
            }
            self.tables.end()?;
            self.applied = Mark::default();
            self.forget();
        }
        result.and(Err(Error::Database(
            "the store changed faster than it could be read; try again".to_owned(),
        )))
    }

    fn catch_up(&mut self) -> Result<bool, Error> {
        let applied = self.tables.applied()?;
        if applied != self.applied {
            self.applied = applied;
            self.forget();
        }
        let overlay = &mut self.overlay;
        let mut take = |frame: At, payload: &[u8]| {
            for read in redo::records(frame, payload) {
                let (at, record) = read.ok_or_else(|| {
                    Error::Database("the journal was written by a newer journeyd".to_owned())
                })?;
                overlay.take(at, record, true);
            }
            Ok(())
        };
        Ok(match self.scan.run(self.disk.as_ref(), &mut take)? {
            Stop::End => true,
            Stop::Damaged { .. } | Stop::Missing { .. } => false,
        })
    }

    fn forget(&mut self) {
        self.overlay = Overlay::default();
        self.scan = Scan::after(self.applied, &self.path);
    }
}
