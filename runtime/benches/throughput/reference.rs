//! What the same work costs in SQLite without anything of ours: one row per record, as a first version of any such
//! daemon would write it. Our own figure is only worth something beside this one from the same machine and minute.

use std::time::Instant;

use rusqlite::{Connection, params};

use crate::live::cpu;
use crate::numbers::Numbers;
use crate::{COMMIT, report};

/// The size of a contact's state, in bytes.
const STATE: usize = 300;
/// The size of an event, in bytes.
const EVENT: usize = 220;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE contacts (id BLOB PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE events (id BLOB PRIMARY KEY, contact BLOB NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE timers (due INTEGER NOT NULL, contact BLOB NOT NULL, PRIMARY KEY (due, contact)) WITHOUT ROWID;
    CREATE TABLE outbox (id BLOB PRIMARY KEY, contact BLOB NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
";

fn key(kind: &str, n: usize) -> [u8; 16] {
    let hash = blake3::hash(format!("{kind}{n}").as_bytes());
    let mut key = [0; 16];
    key.iter_mut()
        .zip(hash.as_bytes())
        .for_each(|(to, from)| *to = *from);
    key
}

/// Read a state by key, write it back, append an event, a timer, and every third time an effect. Gives events/s.
pub(crate) fn row_per_record(contacts: usize, events: usize) -> f64 {
    let root = tempfile::tempdir().unwrap();
    let mut database = Connection::open(root.path().join("reference.db")).unwrap();
    database.execute_batch(SCHEMA).unwrap();
    let state = vec![7_u8; STATE];
    let filling = database.transaction().unwrap();
    for contact in 0..contacts {
        let row = params![key("contact", contact), state];
        filling
            .prepare_cached("INSERT INTO contacts VALUES (?1, ?2)")
            .unwrap()
            .execute(row)
            .unwrap();
    }
    filling.commit().unwrap();
    database
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let mut numbers = Numbers(7);
    let body = vec![9_u8; EVENT];
    let (before, started) = (cpu(), Instant::now());
    for commit in 0..events / COMMIT {
        let work = database.transaction().unwrap();
        for n in 0..COMMIT {
            let n = commit * COMMIT + n;
            let contact = key("contact", numbers.below(contacts));
            let mut read = work
                .prepare_cached("SELECT state FROM contacts WHERE id = ?1")
                .unwrap();
            let mut state: Vec<u8> = read.query_row([contact], |row| row.get(0)).unwrap();
            state.rotate_left(1);
            let run = |sql: &str, row: &[&dyn rusqlite::ToSql]| {
                work.prepare_cached(sql).unwrap().execute(row).unwrap();
            };
            run(
                "UPDATE contacts SET state = ?2 WHERE id = ?1",
                &[&contact, &state],
            );
            run(
                "INSERT INTO events VALUES (?1, ?2, ?3)",
                &[&key("event", n), &contact, &body],
            );
            run(
                "INSERT OR REPLACE INTO timers VALUES (?1, ?2)",
                &[&(n as i64 + 86_400_000), &contact],
            );
            if n.is_multiple_of(3) {
                run(
                    "INSERT INTO outbox VALUES (?1, ?2, ?3)",
                    &[&key("effect", n), &contact, &body],
                );
            }
        }
        work.commit().unwrap();
    }
    database
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let figure = report(
        "reference: SQLite, a row per record, full sync",
        contacts,
        events / COMMIT * COMMIT,
        started,
    );
    let busy = (cpu() - before) * 1e6 / events as f64;
    println!("    {busy:.1} µs of processor time per event");
    figure
}
