//! Backup and verification: what was acknowledged before a backup began is in it, and what is planted is found.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use journey_ir::time::HOUR;
use journeyd::inspect;
use journeyd::process::Wakes;
use journeyd::store::{Read as _, SqliteReader, Store as _};
use rusqlite::Connection;
use serde_json::json;

use crate::clients::{get, post};
use crate::daemon::{KEY, TOKEN, run, start, start_with, text};
use crate::shop::{MONDAY, batch, known, open, program, purchase, with_address};

/// Sends people one after the other until it is over; notes who was acknowledged.
fn people(
    address: SocketAddr,
    over: &AtomicBool,
    known: &Mutex<Vec<String>>,
    told: &mpsc::Sender<()>,
) {
    for n in 0.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let who = format!("c{n}");
        let order = json!({"userId": who, "event": "purchase",
            "properties": {"order_id": format!("o{n}"), "total": 1000}});
        let answer = post(address, "/v1/track", KEY, &order).unwrap();
        assert_eq!(answer.status, 200);
        known.lock().unwrap().push(who);
        let _nobody_waits = told.send(()).is_err();
    }
}

#[test]
fn a_backup_under_load_has_everything_that_was_acknowledged_before_and_can_be_restored() {
    let root = tempfile::tempdir().unwrap();
    let daemon = start(root.path());
    let (over, known) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(Mutex::new(Vec::new())),
    );
    let (told, acknowledged) = mpsc::channel();
    let load = {
        let (address, over, known) = (daemon.address, over.clone(), known.clone());
        std::thread::spawn(move || people(address, &over, &known, &told))
    };
    let data = root.path().join("data");
    let copies: Vec<_> = (0..3)
        .map(|n| root.path().join(format!("copy-{n}")))
        .collect();
    for copy in &copies {
        for _ in 0..20 {
            acknowledged.recv().unwrap();
        }
        let before = known.lock().unwrap().clone();
        let (copy, data) = (copy.to_str().unwrap(), data.to_str().unwrap());
        let backup = run(&["backup", copy, "--data", data]);
        assert_eq!(backup.status.code(), Some(0), "{}", text(&backup.stderr));
        let checked = run(&["verify", "--data", copy]);
        assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));
        let mut store = SqliteReader::open(Path::new(copy)).unwrap();
        let names: Vec<&str> = before.iter().map(String::as_str).collect();
        let found = store.find(&names).unwrap();
        assert!(found.iter().all(Option::is_some), "{found:?}");
        // The same name again is refused, and what is there stays.
        let again = run(&["backup", copy, "--data", data]);
        assert_eq!(again.status.code(), Some(3));
        assert!(text(&again.stderr).contains("not empty"));
    }
    over.store(true, Ordering::Relaxed);
    load.join().unwrap();
    // The running store itself is checked beside the daemon.
    let checked = run(&["verify", "--data", data.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));
    daemon.kill();

    // The machine is lost; the copy takes the place of the folder.
    for secret in ["link-secret", "keys.json"] {
        let original = fs::read(data.join(secret)).ok();
        assert_eq!(fs::read(copies[2].join(secret)).ok(), original, "{secret}");
    }
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&copies[2], &data).unwrap();
    let restored = start_with(root.path(), &program());
    let found = get(restored.address, "/v1/contacts/c0", TOKEN).unwrap();
    assert_eq!(found.json()["runs"][0]["step"], "wait", "{}", found.body);
    restored.terminate();
}

/// A shop with some history, all of it in the tables.
fn shop(folder: &Path) {
    let mut shop = open(folder);
    let program = Arc::clone(shop.program());
    for n in 0..20 {
        let who = format!("c{n}");
        let arrivals = vec![
            with_address(&program, &who, MONDAY + n),
            purchase(&program, known(&who), &format!("o{n}"), MONDAY + n),
        ];
        shop.turn(&[batch(arrivals)], None, MONDAY + n).unwrap();
    }
    let wakes = Wakes {
        until: MONDAY + HOUR + 5,
        most: 100,
        effects: journeyd::process::Effects::Act,
    };
    shop.turn(&[], Some(wakes), MONDAY + HOUR + 5).unwrap();
    shop.store().checkpoint().unwrap();
}

/// What is wrong, as `journeyd verify` says it.
fn faults(folder: &Path) -> Vec<String> {
    let mut store = SqliteReader::open(folder).unwrap();
    let found = inspect::verify(&mut store).unwrap();
    let told = found.checks.into_iter().flat_map(|check| {
        let what = check.what;
        check
            .told
            .into_iter()
            .map(move |told| format!("{what}: {told}"))
    });
    told.collect()
}

#[test]
fn planted_damage_is_found_and_named() {
    let sound = tempfile::tempdir().unwrap();
    shop(sound.path());
    assert_eq!(faults(sound.path()), Vec::<String>::new());
    let planted = [
        (
            "UPDATE contacts SET next_wake = next_wake + 1 WHERE id = 20",
            "states: contact 20 is to be woken",
        ),
        (
            "UPDATE contacts SET state = x'00ff' WHERE id = 3",
            "states: the state of contact 3 cannot be read",
        ),
        (
            "UPDATE contacts SET last_offset = last_offset + 1 WHERE id = 4",
            "contacts: the history of contact 4 ends at",
        ),
        (
            "UPDATE contacts SET last_page = NULL, last_offset = NULL WHERE id = 4",
            "contacts: the history of contact 4 ends at nothing",
        ),
        (
            "DELETE FROM contacts WHERE id = 5",
            "effects: effect 5 is for contact 5, which does not exist",
        ),
        (
            "DELETE FROM log WHERE id = 2",
            "records of history: page 2 of the log is missing",
        ),
        (
            "UPDATE log SET body = (SELECT body FROM log WHERE id = 3) WHERE id = 4",
            "records of history: a record of contact 3 at",
        ),
        (
            "UPDATE log SET program = 77 WHERE id = 2",
            "records of history: page 2 was written under program 77",
        ),
        (
            "INSERT INTO aliases VALUES ('x', 777)",
            "other names: another name leads to contact 777",
        ),
        (
            "UPDATE outbox SET status = 2 WHERE id = 2",
            "effects: 1 effects are sent, and the counter says 0",
        ),
        (
            "UPDATE outbox SET status = 1 WHERE id = 2",
            "effects: effect 2 is held by a worker for ever",
        ),
        (
            "DELETE FROM outbox_contacts WHERE id = 2",
            "tables: effect 2 is not found by its contact 2",
        ),
        ("DELETE FROM outbox WHERE id = 2", "effects: "),
        (
            "UPDATE outbox SET body = x'0102' WHERE id = 2",
            "contents of effects: the content of effect 2",
        ),
        (
            "UPDATE tallies SET n = n + 1 WHERE what = 'inside'",
            "counters: the counter `thanks",
        ),
        (
            "UPDATE tallies SET n = n - 1 WHERE what = 'segment'",
            "counters: the counter `segment buyers` says 19",
        ),
    ];
    for (sql, expected) in planted {
        let copy = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(sound.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        let tables = Connection::open(copy.path().join("journey.db")).unwrap();
        assert!(tables.execute(sql, []).unwrap() > 0, "{sql}");
        drop(tables);
        let found = faults(copy.path());
        assert!(
            found.iter().any(|told| told.starts_with(expected)),
            "{sql}: {found:#?}"
        );
    }
}

#[test]
fn damaged_files_are_found_by_the_command() {
    let root = tempfile::tempdir().unwrap();
    shop(root.path());
    fs::write(root.path().join("link-secret"), "0".repeat(64)).unwrap();
    let verify = || run(&["verify", "--data", root.path().to_str().unwrap()]);
    let sound = verify();
    assert_eq!(sound.status.code(), Some(0), "{}", text(&sound.stderr));
    assert!(text(&sound.stdout).contains("sound, up to commit"));
    // Commits that are in the journal only, and one of them damaged.
    let mut shop = open(root.path());
    let linked = Arc::clone(shop.program());
    let mut path = None;
    for n in 0..3 {
        let order = purchase(
            &linked,
            known("c1"),
            &format!("late {n}"),
            MONDAY + 2 * HOUR,
        );
        shop.turn(&[batch(vec![order])], None, MONDAY + 2 * HOUR)
            .unwrap();
        let entries = fs::read_dir(root.path())
            .unwrap()
            .map(|it| it.unwrap().path());
        path = entries
            .filter(|it| {
                it.file_name()
                    .unwrap()
                    .to_string_lossy()
                    .starts_with("journal-")
            })
            .max();
    }
    drop(shop);
    assert_eq!(verify().status.code(), Some(0));
    let path = path.unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, bytes).unwrap();
    let damaged = verify();
    assert_eq!(damaged.status.code(), Some(1));
    assert!(
        text(&damaged.stderr).contains("is damaged at byte"),
        "{}",
        text(&damaged.stderr)
    );
}
