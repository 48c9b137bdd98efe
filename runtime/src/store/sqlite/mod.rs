//! The embedded store: one SQLite file with a write-ahead log, one writer, any number of readers.
//!
//! This folder holds SQL and the mapping of rows, and no rule. `schema` has the layout, `read` and `write` the two halves
//! of the trait, `outbox` the queue of effects, `erase` what erasure overwrites.

mod erase;
mod outbox;
mod read;
mod schema;
mod write;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::folder::{self, DataFolder};
use super::{Error, Store as _};

/// How large the write-ahead log grows before it is moved into the main file, in pages of 4 KiB. A page that changes
/// often is then moved once, not once per commit.
const CHECKPOINT_PAGES: i64 = 16_384;
/// Memory for pages of the writer, in KiB.
const WRITER_CACHE_KIB: i64 = 96 * 1024;
/// How long a reader waits for the rare moment in which the file is locked.
const BUSY: Duration = Duration::from_secs(5);

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A loss of power: each commit waits for the disk.
    PowerLoss,
    /// A crash of the process: only checkpoints wait for the disk. For imports, which go on from their last durable
    /// position.
    Crash,
}

/// The writer.
#[derive(Debug)]
pub struct Sqlite {
    pub(super) connection: Connection,
    path: PathBuf,
    // Held for as long as this value lives: nobody else may write.
    folder: DataFolder,
}

/// A reader, which may live beside the writer, in the same process or in another.
#[derive(Debug)]
pub struct SqliteReader {
    pub(super) connection: Connection,
    path: PathBuf,
}

impl Sqlite {
    /// Opens the database of a folder, creating or migrating it where needed.
    pub fn open(folder: DataFolder) -> Result<Self, Error> {
        let path = folder.database();
        let explain = |error: rusqlite::Error| explained(error, &path);
        // SQLite gives its side files the permissions of the main one.
        folder::private_file(&path, false).map_err(|source| match source.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Error::ReadOnly { path: path.clone() }
            }
            _ => Error::Folder {
                path: path.clone(),
                source,
            },
        })?;
        let mut connection = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(explain)?;
        prepare(&connection).map_err(explain)?;
        let found = layout(&connection, &path)?;
        if found < schema::NEWEST {
            schema::migrate(&mut connection, found).map_err(explain)?;
        }
        let mut store = Self {
            connection,
            path,
            folder,
        };
        store.set_durability(Durability::PowerLoss)?;
        Ok(store)
    }

    /// Opens a reader of the same database.
    pub fn reader(&self) -> Result<SqliteReader, Error> {
        SqliteReader::open(self.folder.path())
    }

    /// The folder this store lies in.
    #[must_use]
    pub const fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// Checks every page of the database. Reads all of it, so it is done on demand only.
    pub fn verify(&self) -> Result<(), Error> {
        let answer: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| explained(error, &self.path))?;
        if answer == "ok" {
            Ok(())
        } else {
            Err(Error::Corrupt {
                path: self.path.clone(),
                detail: answer,
            })
        }
    }

    /// Lets the database grow to so many pages at most, or as far as the disk goes: a small quota behaves like a full
    /// disk.
    pub fn limit_pages(&self, most: Option<u32>) -> Result<(), Error> {
        self.connection
            .pragma_update(None, "max_page_count", most.unwrap_or(u32::MAX - 1))
            .map_err(self.explain())
    }

    fn explain(&self) -> impl Fn(rusqlite::Error) -> Error + '_ {
        |error| explained(error, &self.path)
    }
}

impl SqliteReader {
    /// Opens the database of a folder for reading only.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder::database_in(folder);
        if !path.exists() {
            return Err(Error::Missing {
                folder: folder.to_owned(),
            });
        }
        let explain = |error: rusqlite::Error| explained(error, &path);
        let connection = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(explain)?;
        connection.busy_timeout(BUSY).map_err(explain)?;
        if layout(&connection, &path)? < schema::NEWEST {
            return Err(Error::Missing {
                folder: folder.to_owned(),
            });
        }
        Ok(Self { connection, path })
    }

    fn explain(&self) -> impl Fn(rusqlite::Error) -> Error + '_ {
        |error| explained(error, &self.path)
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

/// The layout of a database: 0 for a new one.
fn layout(connection: &Connection, path: &Path) -> Result<i64, Error> {
    let explain = |error: rusqlite::Error| explained(error, path);
    let number = |pragma: &str| {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
            .map_err(explain)
    };
    let found = number("user_version")?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(explain)?;
    if tables > 0 && number("application_id")? != schema::APPLICATION_ID {
        return Err(Error::Foreign {
            path: path.to_owned(),
        });
    }
    if found > schema::NEWEST {
        return Err(Error::Newer {
            path: path.to_owned(),
            found,
            known: schema::NEWEST,
        });
    }
    Ok(found)
}

/// Turns what SQLite says into what the operator can do.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it stands in `map_err`, which gives its error away"
)]
fn explained(error: rusqlite::Error, path: &Path) -> Error {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Full { path },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            Error::ReadOnly { path }
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Corrupt {
            path,
            detail: error.to_string(),
        },
        _ => Error::Database(error.to_string()),
    }
}
