//! The tables: one SQLite file. This folder holds SQL and the mapping of rows, and no rule.
//!
//! `schema` has the layout, `read` and `outbox` what is asked, `write` how a generation of changes gets in.

mod outbox;
mod read;
mod schema;
mod write;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Error;
use super::folder;
use super::journal::Mark;

pub(super) use outbox::{Content, Cursor};
pub(super) use read::unpacked;

/// Memory for pages of the writer, in KiB. It writes in the order of the rows, and comes to most pages once.
const WRITER_CACHE_KIB: i64 = 16 * 1024;
/// Memory for pages of a reader, in KiB. What it reads at random the system keeps in memory anyway.
const READER_CACHE_KIB: i64 = 4 * 1024;
/// How long one connection waits for the rare moment in which another locks the file.
const BUSY: Duration = Duration::from_secs(5);
/// How long a checkpoint waits for those who read.
const READERS_END: Duration = Duration::from_millis(250);

/// A connection to the tables.
#[derive(Debug)]
pub(super) struct Tables {
    connection: Connection,
    path: PathBuf,
}

impl Tables {
    /// Opens the database of a folder for writing, creating or migrating it where needed.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder::database_in(folder);
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
        Ok(Self { connection, path })
    }

    /// Opens the database of a folder for reading only.
    pub(super) fn open_to_read(folder: &Path) -> Result<Self, Error> {
        let path = folder::database_in(folder);
        let missing = || Error::Missing {
            folder: folder.to_owned(),
        };
        let unusable = |source| Error::Folder {
            path: folder.to_owned(),
            source,
        };
        if !path.try_exists().map_err(unusable)? {
            return Err(missing());
        }
        let explain = |error: rusqlite::Error| explained(error, &path);
        let connection = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(explain)?;
        statements(&connection).map_err(explain)?;
        connection
            .pragma_update(None, "cache_size", -READER_CACHE_KIB)
            .map_err(explain)?;
        if layout(&connection, &path)? < schema::NEWEST {
            return Err(missing());
        }
        Ok(Self { connection, path })
    }

    /// Up to where the journal is in the tables.
    pub(super) fn applied(&self) -> Result<Mark, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached("SELECT sequence, chain FROM applied")?
                .query_row([], |row| {
                    let (sequence, chain): (i64, i64) = (row.get(0)?, row.get(1)?);
                    Ok(Mark {
                        sequence: sequence.cast_unsigned(),
                        chain: chain.cast_unsigned(),
                    })
                })
        })
    }

    /// Makes everything that is read until [`Self::end`] come from one moment.
    pub(super) fn begin(&self) -> Result<(), Error> {
        self.ask(|tables| tables.execute_batch("BEGIN"))
    }

    /// Ends what [`Self::begin`] began.
    pub(super) fn end(&self) -> Result<(), Error> {
        self.ask(|tables| tables.execute_batch("COMMIT"))
    }

    /// Asks several questions of one moment, which costs less than asking each alone.
    pub(super) fn together<T>(
        &self,
        questions: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        if !self.connection.is_autocommit() {
            return questions();
        }
        self.begin()?;
        let answer = questions();
        self.end()?;
        answer
    }

    /// Moves everything into the main file and waits for the disk. `false` where a reader kept some of it back.
    pub(super) fn checkpoint(&self) -> Result<bool, Error> {
        self.ask(|tables| {
            // Most who read are done at once; a backup is not, and the next checkpoint does what this one could not.
            tables.busy_timeout(READERS_END)?;
            let moved = tables.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                Ok(row.get::<_, i64>(0)? == 0)
            });
            tables.busy_timeout(BUSY)?;
            moved
        })
    }

    /// Checks every page of the database.
    pub(super) fn verify(&self) -> Result<(), Error> {
        let answer: String =
            self.ask(|tables| tables.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))?;
        if answer == "ok" {
            Ok(())
        } else {
            Err(Error::Corrupt {
                path: self.path.clone(),
                detail: answer,
            })
        }
    }

    /// Checks every page, index and reference of the database; says what is wrong, at most so many lines.
    pub(super) fn faults(&self, most: u32) -> Result<Vec<String>, Error> {
        let question = format!("PRAGMA integrity_check({most})");
        let mut lines: Vec<String> = self.ask(|tables| {
            let mut statement = tables.prepare(&question)?;
            let lines = statement.query_map([], |row| row.get(0))?;
            lines.collect()
        })?;
        lines.retain(|line| line != "ok");
        lines.extend(self.effects_of_nobody(most)?);
        Ok(lines)
    }

    /// Effects that are not found by whom they are for, which an erasure would leave.
    fn effects_of_nobody(&self, most: u32) -> Result<Vec<String>, Error> {
        self.ask(|tables| {
            let mut statement = tables.prepare(
                "SELECT id, contact FROM outbox WHERE NOT EXISTS (SELECT 1 FROM outbox_contacts AS owner \
                 WHERE owner.contact = outbox.contact AND owner.id = outbox.id) LIMIT ?1",
            )?;
            let lost = statement.query_map([most], |row| {
                let (number, contact): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok(format!("effect {number} is not found by its contact {contact}"))
            })?;
            lost.collect()
        })
    }

    /// Copies the tables as they are at the moment that was begun, and waits for the disk.
    pub(super) fn copy_to(&self, folder: &Path) -> Result<(), Error> {
        let path = folder::database_in(folder);
        let failed = |source| Error::Folder {
            path: path.clone(),
            source,
        };
        let file = folder::private_file(&path, true).map_err(failed)?;
        let mut copy = Connection::open(&path).map_err(|error| explained(error, &path))?;
        let copied = Backup::new(&self.connection, &mut copy).and_then(|backup| backup.step(-1));
        match copied.map_err(|error| explained(error, &path))? {
            StepResult::Done => {}
            other => {
                let reason = format!("{} could not be copied: {other:?}", self.path.display());
                return Err(Error::Database(reason));
            }
        }
        drop(copy);
        file.sync_all().map_err(failed)
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        question(&self.connection).map_err(|error| explained(error, &self.path))
    }
}

/// How statements wait for others and are kept. No plan depends on a bound value: otherwise some are made again at each use.
fn statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    let steady = DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
    connection.set_db_config(steady, true).map(drop)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    statements(connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // The journal is what makes a commit durable; here only checkpoints wait for the disk.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    // What is overwritten or removed leaves no old copy in the file.
    connection.pragma_update(None, "secure_delete", true)?;
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
