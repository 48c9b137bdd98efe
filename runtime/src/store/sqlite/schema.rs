//! The tables, and how older layouts become the newest one.

use rusqlite::Connection;

/// `JRNY`: says that a database is ours.
pub(super) const APPLICATION_ID: i64 = 0x4a52_4e59;

/// Each step takes the layout from its position to the next; a released step is never edited.
const STEPS: &[&str] = &[LAYOUT_1, LAYOUT_2, LAYOUT_3];

/// The newest layout this daemon knows.
pub(super) const NEWEST: i64 = STEPS.len() as i64;

/// Brings a database from `found` to [`NEWEST`], in one transaction.
pub(super) fn migrate(connection: &mut Connection, found: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", NEWEST)?;
    transaction.commit()
}

const LAYOUT_1: &str = "
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

// The journal before the tables: how far it is in them. Effects are counted where their status changes.
const LAYOUT_2: &str = "
CREATE TABLE applied (sequence INTEGER NOT NULL, chain INTEGER NOT NULL) STRICT;
INSERT INTO applied VALUES (0, 0);
DROP TRIGGER outbox_counts_new;
DROP TRIGGER outbox_counts_change;
";

// An index is written in the order of the rows, which for these is no order at all: each entry costs a page. As tables of
// their own they are written in their own order, and every page once per generation.
const LAYOUT_3: &str = "
DROP INDEX contacts_due;
CREATE TABLE wakes (contact INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
INSERT INTO wakes SELECT id, next_wake FROM contacts WHERE next_wake IS NOT NULL ORDER BY id;

CREATE TABLE outbox_new (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
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
INSERT INTO outbox_new SELECT id, key, contact, run, decided_at, status, due, lease, attempts, program, journey, step, lane,
    advertising, whenever, body, outcome, settled_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (lane, due) WHERE status = 0;
CREATE INDEX outbox_leased ON outbox (lease) WHERE status = 1;

-- The first eight bytes of each key, which is a hash: the rest is compared in the row.
CREATE TABLE outbox_keys (start BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (start, id)) STRICT, WITHOUT ROWID;
INSERT INTO outbox_keys SELECT substr(key, 1, 8), id FROM outbox ORDER BY 1, 2;

-- To whom each effect belongs, or belonged before contacts were merged.
CREATE TABLE outbox_contacts (contact INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (contact, id)) STRICT, WITHOUT ROWID;
INSERT INTO outbox_contacts SELECT contact, id FROM outbox ORDER BY 1, 2;
";
