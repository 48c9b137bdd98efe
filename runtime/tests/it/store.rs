//! The store, by itself: what is on disk after a commit, and what is refused.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use journeyd::store::{
    Ask, Change, Claim, ContactNo, ContactRow, Cursor, DataFolder, Decision, Error, NewEffect,
    Place, ProgramNo, Read, Rejected, Revocation, Revoked, Settlement, Sqlite, SqliteReader,
    Status, Store,
};

fn open(folder: &Path) -> Sqlite {
    Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap()
}

fn row(number: i64, name: &str) -> ContactRow {
    ContactRow {
        number: ContactNo(number),
        name: name.to_owned(),
        next_wake: None,
        last: None,
        state: vec![1, 2, 3],
        recent: Vec::new(),
    }
}

fn decision(store: &mut Sqlite) -> Decision {
    let page = store.counters().unwrap().page;
    Decision::new(ProgramNo(1), 1_000, page)
}

fn effect(key: u8, contact: i64, run: u32) -> NewEffect {
    NewEffect {
        key: [key; 32],
        contact: ContactNo(contact),
        run,
        decided_at: 100,
        status: Status::Pending,
        journey: "welcome".to_owned(),
        step: "send".to_owned(),
        lane: "email".to_owned(),
        advertising: key.is_multiple_of(2),
        whenever: false,
        body: vec![key; 4],
    }
}

fn statuses(store: &mut Sqlite) -> Vec<Status> {
    let all = store.effects(0, None, None, 100).unwrap();
    all.into_iter().map(|kept| kept.effect.status).collect()
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let program = store.keep_program("b3:1", "{}", 5).unwrap();
    assert_eq!(store.keep_program("b3:1", "{}", 6).unwrap(), program);
    let mut decision = decision(&mut store);
    let mut contact = row(1, "민지");
    contact.next_wake = Some(700);
    decision.contacts.push((Change::Insert, contact.clone()));
    decision
        .aliases
        .push(("anonymous:a".to_owned(), ContactNo(1)));
    decision.cursors.push(Cursor {
        name: "orders".to_owned(),
        position: "row 7".to_owned(),
        at: 3,
    });
    store.commit(&decision).unwrap();
    drop(store);

    let mut store = open(root.path());
    assert_eq!(
        store.find(&["민지", "anonymous:a", "nobody"]).unwrap(),
        [Some(ContactNo(1)), Some(ContactNo(1)), None]
    );
    assert_eq!(
        store.load(&[ContactNo(1), ContactNo(9)]).unwrap(),
        [contact]
    );
    assert_eq!(store.next_wake().unwrap(), Some(700));
    assert_eq!(store.due(699, 10).unwrap(), []);
    assert_eq!(store.due(700, 10).unwrap(), [ContactNo(1)]);
    assert_eq!(store.cursor("orders").unwrap().as_deref(), Some("row 7"));
    assert_eq!(store.programs().unwrap().len(), 1);
    assert_eq!(store.counters().unwrap().contact, ContactNo(2));
    store.verify().unwrap();
}

#[test]
fn a_second_daemon_is_refused_and_told_who_is_there() {
    let root = tempfile::tempdir().unwrap();
    let store = open(root.path());
    let error = DataFolder::lock(root.path()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Locked { .. }), "{text}");
    assert!(
        text.contains(&format!("process {}", std::process::id())),
        "{text}"
    );
    drop(store);
    DataFolder::lock(root.path()).unwrap();
}

#[test]
fn data_is_private_to_its_user() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    let mut store = open(&folder);
    let mut decision = decision(&mut store);
    decision.contacts.push((Change::Insert, row(1, "x")));
    store.commit(&decision).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_newer_a_foreign_and_a_damaged_database_are_each_refused_with_advice() {
    let newer = tempfile::tempdir().unwrap();
    drop(open(newer.path()));
    let path = newer.path().join("journey.db");
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    let error = Sqlite::open(DataFolder::lock(newer.path()).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("update journeyd"), "{error}");

    let foreign = tempfile::tempdir().unwrap();
    let raw = rusqlite::Connection::open(foreign.path().join("journey.db")).unwrap();
    raw.execute_batch("CREATE TABLE notes (text)").unwrap();
    drop(raw);
    let error = Sqlite::open(DataFolder::lock(foreign.path()).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Foreign { .. }), "{error}");

    let damaged = tempfile::tempdir().unwrap();
    fs::write(
        damaged.path().join("journey.db"),
        "this is no database ".repeat(500),
    )
    .unwrap();
    let error = Sqlite::open(DataFolder::lock(damaged.path()).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("restore a backup"), "{error}");
}

#[test]
fn a_reader_lives_beside_the_writer_and_says_where_nothing_is() {
    let root = tempfile::tempdir().unwrap();
    let error = SqliteReader::open(root.path()).unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
    let mut store = open(root.path());
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.find(&["x"]).unwrap(), [None]);
    let mut decision = decision(&mut store);
    decision.contacts.push((Change::Insert, row(1, "x")));
    store.commit(&decision).unwrap();
    assert_eq!(reader.find(&["x"]).unwrap(), [Some(ContactNo(1))]);
}

#[test]
fn a_full_disk_fails_a_commit_as_a_whole_and_leaves_what_was_there() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut first = decision(&mut store);
    first.contacts.push((Change::Insert, row(1, "kept")));
    store.commit(&first).unwrap();
    store.limit(Some(100_000));
    let mut large = decision(&mut store);
    for number in 2..500 {
        let mut contact = row(number, &format!("c{number}"));
        contact.state = vec![7; 2_000];
        large.contacts.push((Change::Insert, contact));
    }
    let error = store.commit(&large).unwrap_err();
    assert!(matches!(error, Error::Full { .. }), "{error}");
    assert_eq!(
        store.find(&["kept", "c2"]).unwrap(),
        [Some(ContactNo(1)), None]
    );
    store.limit(None);
    store.commit(&large).unwrap();
    assert_eq!(store.find(&["c499"]).unwrap(), [Some(ContactNo(499))]);
}

#[test]
fn a_folder_that_cannot_be_written_is_said_so() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    let error = DataFolder::lock(&file.join("data")).unwrap_err();
    assert!(matches!(error, Error::Folder { .. }), "{error}");
}

#[test]
fn history_is_a_chain_over_commits_and_merged_contacts() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut last: [Option<Place>; 2] = [None, None];
    for commit in 0..20_u8 {
        let mut decision = decision(&mut store);
        for contact in 0..2_u8 {
            let body = vec![commit * 2 + contact; 3_000];
            let number = ContactNo(i64::from(contact) + 1);
            let slot = &mut last[usize::from(contact)];
            *slot = Some(decision.log.append(number, *slot, None, &body));
        }
        store.commit(&decision).unwrap();
    }
    let bodies = |entries: Vec<journeyd::store::Entry>| -> Vec<u8> {
        entries
            .into_iter()
            .map(|entry| entry.record.body[0])
            .collect()
    };
    let first = bodies(store.history(last[0], 100).unwrap());
    assert_eq!(first, (0..20).rev().map(|n| n * 2).collect::<Vec<u8>>());
    assert_eq!(bodies(store.history(last[0], 3).unwrap()), [38, 36, 34]);

    let mut join = decision(&mut store);
    let place = join.log.append(ContactNo(1), last[0], last[1], &[200]);
    store.commit(&join).unwrap();
    let both = bodies(store.history(Some(place), 100).unwrap());
    assert_eq!(both.len(), 41);
    assert_eq!(both[..5], [200, 39, 38, 37, 36]);
}

#[test]
fn an_erased_contact_leaves_no_content_and_its_neighbours_keep_theirs() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut first = decision(&mut store);
    let mine = first
        .log
        .append(ContactNo(1), None, None, b"secret-address");
    let other = first.log.append(ContactNo(2), None, None, b"neighbour");
    first.effects.push(effect(1, 1, 1));
    store.commit(&first).unwrap();
    let mut second = decision(&mut store);
    let again = second
        .log
        .append(ContactNo(1), Some(mine), None, &[b's'; 900]);
    second.erased.push((ContactNo(1), Some(again)));
    store.commit(&second).unwrap();

    let bodies: Vec<Vec<u8>> = store
        .history(Some(again), 10)
        .unwrap()
        .into_iter()
        .map(|entry| entry.record.body)
        .collect();
    assert_eq!(bodies, [vec![0; 900], vec![0; 14]]);
    let kept = store.history(Some(other), 10).unwrap();
    assert_eq!(kept[0].record.body, b"neighbour");
    assert_eq!(store.effects(0, None, None, 1).unwrap()[0].effect.body, b"");
}

#[test]
fn an_effect_is_held_by_one_worker_until_its_lease_ends() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut decision = decision(&mut store);
    decision.contacts.push((Change::Insert, row(1, "민지")));
    decision.effects = vec![effect(1, 1, 1), effect(2, 1, 2)];
    store.commit(&decision).unwrap();

    let first = store.claim("email", 200, 500, 1).unwrap();
    assert_eq!(first.effects.len(), 1);
    assert_eq!(first.effects[0].kept.contact_name, "민지");
    assert_eq!(first.effects[0].kept.attempts, 1);
    assert!(!first.effects[0].abandoned);
    assert_eq!(first.next_due, Some(100));
    assert!(store.claim("sms", 200, 500, 9).unwrap().effects.is_empty());
    assert_eq!(store.claim("email", 200, 400, 9).unwrap().effects.len(), 1);
    let none = store.claim("email", 300, 900, 9).unwrap();
    assert!(none.effects.is_empty());
    assert_eq!(none.next_due, Some(400));

    let again = store.claim("email", 500, 900, 9).unwrap();
    assert_eq!(again.effects.len(), 2);
    assert!(
        again
            .effects
            .iter()
            .all(|one| one.abandoned && one.kept.attempts == 2)
    );
}

#[test]
fn what_workers_tell_is_kept_and_counted() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut first = decision(&mut store);
    first.effects = (1..=4).map(|key| effect(key, 1, u32::from(key))).collect();
    store.commit(&first).unwrap();
    store.claim("email", 200, 500, 9).unwrap();
    let tell = |key: u8, status: Status, untried: bool| Settlement {
        key: [key; 32],
        status,
        due: 900,
        untried,
        outcome: "said".to_owned(),
        at: 300,
    };
    let mut second = decision(&mut store);
    second.settled = vec![
        tell(1, Status::Done, false),
        tell(2, Status::Pending, false),
        tell(3, Status::Pending, true),
        tell(4, Status::Failed, false),
    ];
    store.commit(&second).unwrap();
    let all = store.effects(0, None, None, 9).unwrap();
    let attempts: Vec<u32> = all.iter().map(|kept| kept.attempts).collect();
    assert_eq!(attempts, [1, 1, 0, 1]);
    assert_eq!(store.claim("email", 899, 999, 9).unwrap().effects.len(), 0);
    assert_eq!(store.claim("email", 900, 999, 9).unwrap().effects.len(), 2);
    let counts: Vec<(String, i64)> = store
        .tallies()
        .unwrap()
        .into_iter()
        .map(|(key, n)| (key.detail.to_string(), n))
        .collect();
    let of = |status: Status, n| (status.number().to_string(), n);
    assert_eq!(
        counts,
        [
            of(Status::Claimed, 2),
            of(Status::Done, 1),
            of(Status::Failed, 1)
        ]
    );
}

#[test]
fn outcomes_and_the_next_claim_are_one_commit_or_none() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut first = decision(&mut store);
    first.effects = (1..=4).map(|key| effect(key, 1, u32::from(key))).collect();
    store.commit(&first).unwrap();
    let keys = |claims: &[Claim]| -> Vec<u8> {
        let all = claims.iter().flat_map(|claim| &claim.effects);
        all.map(|one| one.kept.effect.key[0]).collect()
    };
    let ask = |now, most| Ask {
        lane: "email".to_owned(),
        now,
        lease_until: now + 300,
        most,
    };
    let none = decision(&mut store);
    let taken = store.commit_and_claim(&none, &[ask(200, 2)]).unwrap();
    assert_eq!(keys(&taken), [1, 2]);

    let mut second = decision(&mut store);
    let tell = |key: u8, status, due| Settlement {
        key: [key; 32],
        status,
        due,
        untried: false,
        outcome: String::new(),
        at: 600,
    };
    // The lease of both is over, which is no matter: the first is done, and the second comes back later.
    second.settled = vec![tell(1, Status::Done, 600), tell(2, Status::Pending, 900)];
    second.revoked.push(Revocation {
        contact: ContactNo(1),
        what: Revoked::Run(3),
    });
    let statuses = |store: &mut Sqlite| -> Vec<Status> {
        let all = store.effects(0, None, None, 9).unwrap();
        all.iter().map(|kept| kept.effect.status).collect()
    };
    let before = statuses(&mut store);
    store.limit(Some(0));
    assert!(store.commit_and_claim(&second, &[ask(600, 9)]).is_err());
    assert_eq!(statuses(&mut store), before);
    store.limit(None);
    let taken = store.commit_and_claim(&second, &[ask(600, 9)]).unwrap();
    assert_eq!(keys(&taken), [4]);
    // Three more were looked at, and are as this very commit leaves them: the next look is at once.
    assert_eq!(taken[0].next_due, Some(600));
    let after = [
        Status::Done,
        Status::Pending,
        Status::Revoked,
        Status::Claimed,
    ];
    assert_eq!(statuses(&mut store), after);
    drop(store);
    let mut store = open(root.path());
    assert_eq!(statuses(&mut store), after);
    let next = store.claim("email", 700, 1_000, 9).unwrap();
    assert_eq!((next.effects.len(), next.next_due), (0, Some(900)));
}

#[test]
fn an_effect_goes_out_under_the_name_its_contact_has_then() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut first = decision(&mut store);
    first.contacts = vec![(Change::Insert, row(1, "anonymous:d1"))];
    first.effects = vec![effect(1, 1, 1)];
    store.commit(&first).unwrap();
    let ask = Ask {
        lane: "email".to_owned(),
        now: 200,
        lease_until: 500,
        most: 9,
    };
    let mut second = decision(&mut store);
    second.contacts = vec![(Change::Rename, row(1, "kim"))];
    let taken = store.commit_and_claim(&second, std::slice::from_ref(&ask));
    let taken = taken.unwrap();
    assert!(taken[0].effects.is_empty());
    assert_eq!(taken[0].next_due, Some(200));
    let third = decision(&mut store);
    let taken = store.commit_and_claim(&third, &[ask]).unwrap();
    assert_eq!(taken[0].effects[0].kept.contact_name, "kim");
}

#[test]
fn what_is_known_to_be_sent_is_not_due_again_when_another_attempt_ends_later() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut first = decision(&mut store);
    first.effects = vec![effect(1, 1, 1), effect(2, 1, 2)];
    store.commit(&first).unwrap();
    // The clock jumps while a worker is busy: its lease is over, and another attempt begins.
    store.claim("email", 200, 500, 9).unwrap();
    store.claim("email", 600, 900, 9).unwrap();
    let mut told = |key: u8, status: Status| {
        let mut next = decision(&mut store);
        next.settled = vec![Settlement {
            key: [key; 32],
            status,
            due: 700,
            untried: false,
            outcome: "said".to_owned(),
            at: 650,
        }];
        store.commit(&next).unwrap();
    };
    told(1, Status::Done);
    told(1, Status::Pending);
    // What was given up and turns out to be sent is sent.
    told(2, Status::Failed);
    told(2, Status::Pending);
    told(2, Status::Done);
    assert_eq!(statuses(&mut store), [Status::Done, Status::Done]);
    assert!(
        store
            .claim("email", 2_000, 2_500, 9)
            .unwrap()
            .effects
            .is_empty()
    );
}

#[test]
fn unsent_effects_are_taken_back_by_run_channel_and_contact() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut first = decision(&mut store);
    first.effects = vec![
        effect(1, 1, 1),
        effect(2, 1, 2),
        effect(3, 1, 2),
        effect(4, 2, 2),
    ];
    store.commit(&first).unwrap();
    let (p, r) = (Status::Pending, Status::Revoked);
    let mut revoke = |what| {
        let mut decision = decision(&mut store);
        let contact = ContactNo(1);
        decision.revoked.push(Revocation { contact, what });
        store.commit(&decision).unwrap();
        statuses(&mut store)
    };
    assert_eq!(revoke(Revoked::Run(1)), [r, p, p, p]);
    assert_eq!(revoke(Revoked::Lane("sms".to_owned())), [r, p, p, p]);
    assert_eq!(
        revoke(Revoked::Advertising("email".to_owned())),
        [r, r, p, p]
    );
    assert_eq!(revoke(Revoked::Everything), [r, r, r, p]);
}

#[test]
fn what_is_revoked_while_a_worker_has_it_is_not_sent_later() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut first = decision(&mut store);
    first.effects = vec![effect(1, 1, 1), effect(2, 1, 1), effect(3, 1, 1)];
    store.commit(&first).unwrap();
    let claimed = store.claim("email", 200, 300, 3).unwrap();
    let keys: Vec<_> = claimed
        .effects
        .iter()
        .map(|it| it.kept.effect.key)
        .collect();
    assert_eq!(keys.len(), 3);
    let mut revoking = decision(&mut store);
    let (contact, what) = (ContactNo(1), Revoked::Everything);
    revoking.revoked.push(Revocation { contact, what });
    store.commit(&revoking).unwrap();
    assert_eq!(store.recalled(), keys);
    assert!(store.recalled().is_empty());
    // The first was on its way, the second failed for the time being, the third is never heard of again.
    let told = |key, status| Settlement {
        key,
        status,
        due: 201,
        untried: false,
        outcome: String::new(),
        at: 201,
    };
    let mut telling = decision(&mut store);
    telling.settled = vec![told(keys[0], Status::Done), told(keys[1], Status::Pending)];
    store.commit(&telling).unwrap();
    let (d, r) = (Status::Done, Status::Revoked);
    assert_eq!(statuses(&mut store), [d, r, r]);
    let later = store.claim("email", 1_000, 2_000, 3).unwrap();
    assert!(later.effects.is_empty());
}

#[test]
fn one_effect_key_is_kept_once_and_the_whole_commit_fails_otherwise() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut decision = decision(&mut store);
    decision.contacts.push((Change::Insert, row(1, "x")));
    decision.effects = vec![effect(1, 1, 1), effect(1, 1, 1)];
    assert!(store.commit(&decision).is_err());
    assert_eq!(store.find(&["x"]).unwrap(), [None]);
    assert!(statuses(&mut store).is_empty());
}

#[test]
fn rejected_items_are_cut_at_a_whole_letter() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path());
    let mut decision = decision(&mut store);
    decision.rejected.push(Rejected {
        at: 1,
        source: "web".to_owned(),
        code: "unknown_event".to_owned(),
        detail: "why".to_owned(),
        payload: format!("x{}", "한".repeat(9_000)),
    });
    store.commit(&decision).unwrap();
    let kept = store.rejected(None, 9).unwrap();
    let payload = &kept[0].rejected.payload;
    assert!(payload.len() <= 8_192 && payload.len() > 8_188 && payload.ends_with('한'));
    assert!(store.rejected(Some(kept[0].number), 9).unwrap().is_empty());
}
