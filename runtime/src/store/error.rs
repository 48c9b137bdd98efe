//! What can go wrong with the store, in words that say what to do.

use std::io;
use std::path::PathBuf;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another daemon works on the same data.
    #[error(
        "another journeyd{} already works on {}; stop it first, or give this one its own folder with --data",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(),
        .folder.display()
    )]
    Locked {
        /// The data folder.
        folder: PathBuf,
        /// The other daemon, where its lock file names it.
        pid: Option<u32>,
    },
    /// The database was written by a newer daemon.
    #[error(
        "{} was written by a newer journeyd (layout {found}, this one knows up to {known}); update journeyd, or restore \
         the backup made before the update", .path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The newest layout known here.
        known: i64,
    },
    /// The file is a database of something else.
    #[error("{} is not a journeyd database; choose another folder with --data", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// There is no database yet.
    #[error("there is no journeyd data in {}; start `journeyd run` there first, or point --data at the right folder", .folder.display())]
    Missing {
        /// The data folder.
        folder: PathBuf,
    },
    /// The database is damaged.
    #[error(
        "{} is damaged ({detail}); stop journeyd, keep a copy of the folder, and restore a backup or run \
         `sqlite3 journey.db .recover`", .path.display()
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The journal is damaged where it had been safe on disk.
    #[error(
        "{} is damaged at byte {offset}; stop journeyd, keep a copy of the folder, and restore a backup, or move the \
         journal files away to go on without what is not yet in journey.db", .path.display()
    )]
    Journal {
        /// The segment.
        path: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
    },
    /// Part of the journal is missing, or it belongs to another database.
    #[error(
        "{} does not continue journey.db, which goes up to commit {after}; journal files and journey.db belong together: \
         put back the missing files, or restore all of them from one backup", .path.display()
    )]
    JournalMissing {
        /// The segment that cannot be used.
        path: PathBuf,
        /// The last commit that is known.
        after: u64,
    },
    /// The disk is full.
    #[error("the disk that holds {} is full; nothing was lost, free some space and journeyd goes on by itself", .path.display())]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// The file or its disk cannot be written.
    #[error("{} cannot be written; check that the disk is not read-only and that this user owns the folder", .path.display())]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// The data folder cannot be used.
    #[error("{} cannot be used: {source}{}", .path.display(), advice(.source))]
    Folder {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The database answered with something else.
    #[error("the database failed: {0}")]
    Database(String),
}

/// What to do about a data folder that cannot be used; empty where nothing is known to help.
pub(crate) fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "; it is another user's: run this as the owner of the data folder or as root, or choose another folder with \
             --data"
        }
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            "; that is a file: point --data at a folder"
        }
        io::ErrorKind::NotFound => {
            "; is that the data folder? start `journeyd run` there first, or point --data at the right one"
        }
        _ => "",
    }
}
