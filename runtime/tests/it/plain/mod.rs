//! The store as a reference: the same promises kept in the plainest way, each decision one transaction of SQL. What
//! random decisions leave behind there is what they must leave behind in the store of the daemon.

mod erase;
mod outbox;
mod read;
mod write;

use std::path::{Path, PathBuf};

use journeyd::store::Error;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) connection: Connection,
    path: PathBuf,
}

impl Plain {
    /// A new store in memory.
    pub(crate) fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        let steady = DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
        connection.set_db_config(steady, true).unwrap();
        connection.execute_batch(LAYOUT).unwrap();
        Self {
            connection,
            path: PathBuf::from("plain"),
        }
    }

    fn explain(&self) -> impl Fn(rusqlite::Error) -> Error + '_ {
        |error| explained(error, &self.path)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn explained(error: rusqlite::Error, _: &Path) -> Error {
    Error::Database(error.to_string())
}

const LAYOUT: &str = "
-- One row per person; next_wake is the only thing time can change.
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    next_wake INTEGER,
    last_page INTEGER,
    last_offset INTEGER,
    state BLOB NOT NULL,
    recent BLOB NOT NULL
) STRICT;
CREATE INDEX contacts_due ON contacts (next_wake) WHERE next_wake IS NOT NULL;

-- Other names of a contact: anonymous ids, former ids.
CREATE TABLE aliases (name TEXT PRIMARY KEY, contact INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_contact ON aliases (contact);

-- Pages of records. One commit appends one page or a few, whatever number of contacts it concerns.
CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, program INTEGER NOT NULL, body BLOB NOT NULL) STRICT;

-- Ids of items for contacts that are too busy to keep them in their own row.
CREATE TABLE remembered (
    contact INTEGER NOT NULL,
    id INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    PRIMARY KEY (contact, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX remembered_hour ON remembered (hour);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    contact INTEGER NOT NULL,
    run INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    due INTEGER NOT NULL,
    lease INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    program INTEGER NOT NULL,
    journey TEXT NOT NULL,
    step TEXT NOT NULL,
    lane TEXT NOT NULL,
    advertising INTEGER NOT NULL,
    whenever INTEGER NOT NULL,
    body BLOB NOT NULL,
    outcome TEXT,
    settled_at INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (lane, due) WHERE status = 0;
CREATE INDEX outbox_leased ON outbox (lease) WHERE status = 1;
CREATE INDEX outbox_contact ON outbox (contact);

CREATE TABLE rejected (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    payload TEXT NOT NULL
) STRICT;

-- Every program that ever ran here, so that runs can finish on theirs and old records can be read.
CREATE TABLE programs (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    stored_at INTEGER NOT NULL,
    json BLOB NOT NULL
) STRICT;

-- Counters kept by difference, so that a report never scans contacts.
CREATE TABLE tallies (
    journey TEXT NOT NULL,
    version TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (journey, version, what, detail)
) STRICT, WITHOUT ROWID;

-- How many effects have which status, kept exact whoever changes one.
CREATE TRIGGER outbox_counts_new AFTER INSERT ON outbox BEGIN
    INSERT INTO tallies VALUES ('', '', 'outbox', new.status, 1)
    ON CONFLICT (journey, version, what, detail) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER outbox_counts_change AFTER UPDATE OF status ON outbox WHEN old.status <> new.status BEGIN
    UPDATE tallies SET n = n - 1 WHERE journey = '' AND version = '' AND what = 'outbox' AND detail = old.status;
    INSERT INTO tallies VALUES ('', '', 'outbox', new.status, 1)
    ON CONFLICT (journey, version, what, detail) DO UPDATE SET n = n + 1;
END;

CREATE TABLE imports (name TEXT PRIMARY KEY, position TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
";
