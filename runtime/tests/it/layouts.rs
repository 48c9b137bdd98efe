//! Databases of older layouts, as the daemons of their time left them: the newest daemon takes them over with everything
//! in them, or leaves them as they are.

use std::path::{Path, PathBuf};

use journey_ir::time::HOUR;
use journeyd::inspect;
use journeyd::process::{self, last_program};
use journeyd::store::{DataFolder, Error, Read as _, Sqlite, SqliteReader};
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;

use crate::shop::{effects, report, tally, wake};

/// What each daemon of an older layout left.
const OLDER: [&str; 2] = [
    include_str!("../layouts/layout_1.sql"),
    include_str!("../layouts/layout_2.sql"),
];

fn database(data: &Path) -> PathBuf {
    data.join("journey.db")
}

/// A data folder with a database in it.
fn unpacked(dump: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let connection = Connection::open(database(root.path())).unwrap();
    connection.execute_batch(dump).unwrap();
    root
}

fn open(data: &Path) -> Result<Sqlite, Error> {
    Sqlite::open(DataFolder::lock(data).unwrap())
}

fn version(data: &Path) -> i64 {
    let connection = Connection::open(database(data)).unwrap();
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

/// How tables, indexes and triggers were made, each by its name.
fn layout(data: &Path) -> Vec<(String, Option<String>)> {
    let connection = Connection::open(database(data)).unwrap();
    let made = "SELECT name, sql FROM sqlite_schema ORDER BY name";
    let mut statement = connection.prepare(made).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// What a question is answered, a line for each row.
fn asked(data: &Path, question: &str) -> Vec<String> {
    let connection = Connection::open(database(data)).unwrap();
    let mut statement = connection.prepare(question).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let values = (0..columns).map(|at| row.get::<_, Value>(at).unwrap());
        let values: Vec<Value> = values.collect();
        lines.push(format!("{values:?}"));
    }
    lines
}

/// Everything that some tables hold.
fn content(data: &Path, tables: &[String]) -> Vec<Vec<String>> {
    let questions = tables
        .iter()
        .map(|table| format!("SELECT * FROM {table} ORDER BY 1"));
    questions.map(|question| asked(data, &question)).collect()
}

/// What tables of the newest layout repeat, and of what.
const REPEATED: [[&str; 2]; 3] = [
    [
        "SELECT contact, at FROM wakes ORDER BY 1",
        "SELECT id, next_wake FROM contacts WHERE next_wake IS NOT NULL ORDER BY 1",
    ],
    [
        "SELECT start, id FROM outbox_keys ORDER BY 2",
        "SELECT substr(key, 1, 8), id FROM outbox ORDER BY 2",
    ],
    [
        "SELECT contact, id FROM outbox_contacts ORDER BY 2",
        "SELECT contact, id FROM outbox ORDER BY 2",
    ],
];

fn tables(data: &Path) -> Vec<String> {
    let made = layout(data).into_iter();
    let tables = made.filter(|(_, sql)| {
        sql.as_ref()
            .is_some_and(|sql| sql.starts_with("CREATE TABLE"))
    });
    tables.map(|(name, _)| name).collect()
}

/// When the last of all contacts is to be woken.
fn due(data: &Path) -> i64 {
    let connection = Connection::open(database(data)).unwrap();
    let due = "SELECT max(next_wake) FROM contacts";
    connection.query_row(due, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_store_of_an_older_layout_becomes_as_a_new_one_and_keeps_every_row() {
    let fresh = tempfile::tempdir().unwrap();
    drop(open(fresh.path()).unwrap());
    for (dump, older) in OLDER.iter().zip(1..) {
        let root = unpacked(dump);
        let data = root.path();
        assert_eq!(version(data), older);
        let tables = tables(data);
        let before = content(data, &tables);
        let rows: usize = before.iter().map(Vec::len).sum();
        assert!(rows > 20, "{before:?}");
        drop(open(data).unwrap());
        assert_eq!(content(data, &tables), before);
        for [repeats, of] in REPEATED {
            assert_eq!(asked(data, repeats), asked(data, of), "{repeats}");
            assert!(!asked(data, of).is_empty(), "{of}");
        }
        assert_eq!(layout(data), layout(fresh.path()));
        assert_eq!(version(data), version(fresh.path()));
        let found = inspect::verify(&mut SqliteReader::open(data).unwrap()).unwrap();
        assert!(found.is_sound(), "{found}");
    }
}

#[test]
fn people_of_an_older_layout_are_known_and_their_journeys_go_on() {
    for dump in OLDER {
        let root = unpacked(dump);
        let due = due(root.path());
        let mut store = open(root.path()).unwrap();
        let program = last_program(&mut store).unwrap();
        let mut process = process::open(store, program, due - HOUR, &mut |_| {}).unwrap();
        let minji = report(&mut process, "d1");
        assert_eq!(minji["id"], "민지");
        assert_eq!(minji["attributes"]["email"], "minji@example.com");
        assert_eq!(minji["segments"], json!(["buyers"]));
        assert!(minji["history"].to_string().contains("o1"));
        assert_eq!(minji["effects"].as_array().unwrap().len(), 2);
        assert_eq!(process.store().rejected(None, 9).unwrap().len(), 1);
        assert_eq!(tally(&mut process, "inside", "wait after do crm.note"), 3);
        // The number of effects that wait was kept by triggers once.
        assert_eq!(tally(&mut process, "outbox", "0"), 2);

        assert_eq!(wake(&mut process, due), 3);
        let questions = effects(&mut process).into_iter();
        let questions = questions.filter(|(step, ..)| step == "send email question");
        let questions: Vec<_> = questions.map(|(_, who, status)| (who, status)).collect();
        let expected = ["민지", "jiu"].map(|who| (who.to_owned(), "pending"));
        assert_eq!(questions, expected);
        assert_eq!(tally(&mut process, "inside", "wait after do crm.note"), 0);
        assert_eq!(tally(&mut process, "outbox", "0"), 4);
        drop(process);
        let found = inspect::verify(&mut SqliteReader::open(root.path()).unwrap()).unwrap();
        assert!(found.is_sound(), "{found}");
    }
}

#[test]
fn a_layout_that_cannot_be_brought_up_to_date_stays_whole_as_it_is() {
    for (dump, older) in OLDER.iter().zip(1..) {
        let root = unpacked(dump);
        let data = root.path();
        // The last step fails at its end, when everything before it is done.
        let obstacle = |statement: &str| {
            let connection = Connection::open(database(data)).unwrap();
            connection.execute_batch(statement).unwrap();
        };
        obstacle("CREATE TABLE outbox_contacts (taken INTEGER) STRICT");
        let before = (layout(data), content(data, &tables(data)));
        let refused = open(data).map(|_| ());
        assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
        assert_eq!(version(data), older);
        assert_eq!((layout(data), content(data, &tables(data))), before);

        obstacle("DROP TABLE outbox_contacts");
        drop(open(data).unwrap());
        let found = inspect::verify(&mut SqliteReader::open(data).unwrap()).unwrap();
        assert!(found.is_sound(), "{found}");
    }
}
