//! A reader beside the writer, in the same process or in another. It sees what is committed: the tables at one moment,
//! and what the journal says since.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::overlay::Overlay;
use super::redo;
use super::view::View;
use crate::store::Error;
use crate::store::journal::disk::{Disk, Folder};
use crate::store::journal::{At, Mark, Scan};
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
    /// How many frames the overlay stands for.
    frames: u64,
    /// Whether all questions are answered from one moment.
    held: bool,
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
            frames: 0,
            held: false,
        })
    }

    /// Answers a question from one moment.
    pub(super) fn ask<T>(
        &mut self,
        question: impl FnOnce(&View<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if !self.held {
            self.begin()?;
        }
        let answer = question(&View {
            layers: [&self.overlay, &self.nothing],
            files: &self.scan.files,
            tables: &self.tables,
        });
        if !self.held {
            self.tables.end()?;
        }
        answer
    }

    /// Answers everything that is asked from now on from this one moment. What the writer has in its journal since then
    /// stays there for as long as this value lives.
    pub fn hold(&mut self) -> Result<(), Error> {
        if !self.held {
            self.begin()?;
            self.held = true;
        }
        Ok(())
    }

    /// How many commits are in the journal and not yet in the tables, as of the last question.
    #[must_use]
    pub const fn waiting(&self) -> u64 {
        self.frames
    }

    /// The number of the last commit, as of the last question.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.scan.last.sequence
    }

    pub(super) const fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.path
    }

    pub(super) fn disk(&self) -> &dyn Disk {
        self.disk.as_ref()
    }

    /// Takes one moment of the tables, and reads what the journal says since.
    fn begin(&mut self) -> Result<(), Error> {
        let mut result = Ok(());
        let mut moments = BTreeSet::new();
        for _ in 0..TRIES {
            self.tables.begin()?;
            result = self.catch_up();
            if result.is_ok() {
                return result;
            }
            // The writer may have removed what this moment still needs: a later moment does not need it.
            moments.insert(self.applied.sequence);
            self.tables.end()?;
            self.applied = Mark::default();
            self.forget();
        }
        if moments.len() > 1 {
            result = Err(Error::Database(
                "the store changed faster than it could be read; try again".to_owned(),
            ));
        }
        result
    }

    fn catch_up(&mut self) -> Result<(), Error> {
        let applied = self.tables.applied()?;
        if applied != self.applied {
            self.applied = applied;
            self.forget();
        }
        let (overlay, frames) = (&mut self.overlay, &mut self.frames);
        let mut take = |frame: At, _: Mark, payload: &[u8]| {
            *frames += 1;
            for read in redo::records(frame, payload) {
                let (at, record) = read.ok_or_else(|| {
                    Error::Database("the journal was written by a newer journeyd".to_owned())
                })?;
                overlay.take(at, record, true);
            }
            Ok(())
        };
        self.scan.run(self.disk.as_ref(), &mut take)
    }

    fn forget(&mut self) {
        self.overlay = Overlay::default();
        self.frames = 0;
        self.scan = Scan::after(self.applied, &self.path);
    }
}
