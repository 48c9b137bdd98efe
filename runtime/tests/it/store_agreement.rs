//! Random decisions leave the same behind in the store of the daemon as in the plain one, whenever it crashes and
//! however far the tables are behind the journal; and a reader beside it sees the same.

use std::path::Path;
use std::sync::Arc;

use journeyd::store::journal::disk::Folder;
use journeyd::store::{
    Change, ContactNo, ContactRow, Cursor, DataFolder, Decision, Durability, HandedOver, NewEffect,
    Options, ProgramNo, Read, Rejected, Revocation, Revoked, Settlement, Sqlite, SqliteReader,
    Status, Store, TallyKey,
};

use crate::plain::Plain;

/// A small generator of numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % most
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// The contacts as the process would know them.
#[derive(Default)]
struct World {
    rows: Vec<ContactRow>,
    keys: Vec<[u8; 32]>,
    next_contact: i64,
    next_page: i64,
    now: i64,
    renamed: usize,
}

const LANES: [&str; 3] = ["email", "sms", "audiences"];

impl World {
    fn decision(&mut self, numbers: &mut Numbers) -> Decision {
        self.now += 10;
        let mut decision = Decision::new(ProgramNo(1), self.now, self.next_page);
        let mut changed: Vec<(Change, ContactRow)> = Vec::new();
        for _ in 0..numbers.below(4) {
            let number = self.next_contact;
            self.next_contact += 1;
            let row = ContactRow {
                number: ContactNo(number),
                name: format!("c{number}"),
                next_wake: None,
                last: None,
                state: vec![1; numbers.below(20)],
                recent: Vec::new(),
            };
            self.rows.push(row.clone());
            changed.push((Change::Insert, row));
        }
        for _ in 0..numbers.below(5) {
            if self.rows.is_empty() {
                break;
            }
            let at = numbers.below(self.rows.len());
            let row = &mut self.rows[at];
            row.next_wake = (!numbers.one_in(3)).then(|| self.now + numbers.below(500) as i64);
            row.state = vec![numbers.below(250) as u8; numbers.below(40)];
            row.recent = vec![2; numbers.below(3)];
            let body = vec![3; numbers.below(300)];
            row.last = Some(decision.log.append(row.number, row.last, None, &body));
            let mut change = Change::Update;
            if numbers.one_in(8) {
                self.renamed += 1;
                let former = std::mem::replace(&mut row.name, format!("r{}", self.renamed));
                decision.aliases.push((former, row.number));
                change = Change::Rename;
            }
            match changed.iter_mut().find(|(_, it)| it.number == row.number) {
                Some((_, it)) if change == Change::Update => *it = row.clone(),
                Some((Change::Insert, it)) => *it = row.clone(),
                Some(slot) => *slot = (Change::Rename, row.clone()),
                None => changed.push((change, row.clone())),
            }
        }
        decision.contacts = changed;
        if !self.rows.is_empty() {
            self.outbox(&mut decision, numbers);
            self.rest(&mut decision, numbers);
        }
        self.next_page = decision.log.next_page();
        decision
    }

    fn some(&self, numbers: &mut Numbers) -> ContactNo {
        self.rows[numbers.below(self.rows.len())].number
    }

    fn outbox(&mut self, decision: &mut Decision, numbers: &mut Numbers) {
        for _ in 0..numbers.below(4) {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&(self.keys.len() as u64).to_le_bytes());
            self.keys.push(key);
            let statuses = [
                Status::Pending,
                Status::Pending,
                Status::Held,
                Status::Recorded,
            ];
            decision.effects.push(NewEffect {
                key,
                contact: self.some(numbers),
                run: numbers.below(3) as u32,
                decided_at: self.now - numbers.below(50) as i64,
                status: statuses[numbers.below(4)],
                journey: ["welcome", "winback"][numbers.below(2)].to_owned(),
                step: "send".to_owned(),
                lane: LANES[numbers.below(3)].to_owned(),
                advertising: numbers.one_in(2),
                whenever: false,
                body: vec![4; numbers.below(30)],
            });
        }
        for _ in 0..numbers.below(4) {
            if self.keys.is_empty() {
                break;
            }
            let statuses = [
                Status::Done,
                Status::Pending,
                Status::Failed,
                Status::Unclear,
            ];
            decision.settled.push(Settlement {
                key: self.keys[numbers.below(self.keys.len())],
                status: statuses[numbers.below(4)],
                due: self.now + numbers.below(80) as i64,
                untried: false,
                outcome: format!("said at {}", self.now),
                at: self.now,
            });
        }
        if numbers.one_in(3) {
            let what = match numbers.below(5) {
                0 => Revoked::Run(numbers.below(3) as u32),
                1 => Revoked::Advertising("email".to_owned()),
                2 => Revoked::Lane("sms".to_owned()),
                3 => Revoked::Everything,
                _ => Revoked::Listing(numbers.below(3) as u32),
            };
            let contact = self.some(numbers);
            decision.revoked.push(Revocation { contact, what });
        }
    }

    fn rest(&mut self, decision: &mut Decision, numbers: &mut Numbers) {
        if numbers.one_in(6) {
            let contact = self.some(numbers);
            decision
                .aliases
                .push((format!("a{}", numbers.below(30)), contact));
        }
        // A contact that changes in the same commit is not merged away: the process does not write it either.
        let from = self.some(numbers);
        let into = self.some(numbers);
        let free = decision.contacts.iter().all(|(_, row)| row.number != from);
        if numbers.one_in(5) && from != into && free {
            let run = HandedOver {
                from,
                run: 1,
                into,
                now: 9,
            };
            decision.handed_over.push(run);
            decision.merged.push((from, into));
            self.rows.retain(|row| row.number != from);
        }
        if numbers.one_in(8) {
            let row = &self.rows[numbers.below(self.rows.len())];
            decision.erased.push((row.number, row.last));
        }
        for _ in 0..numbers.below(3) {
            let id = numbers.below(12) as u64;
            let hour = (self.now / 100) as u32 + numbers.below(3) as u32;
            decision.remembered.push((ContactNo(1), id, hour));
        }
        for _ in 0..numbers.below(2) {
            decision.rejected.push(Rejected {
                at: self.now,
                source: "web".to_owned(),
                code: "unknown_event".to_owned(),
                detail: "why".to_owned(),
                payload: "{}".to_owned(),
            });
        }
        for _ in 0..numbers.below(4) {
            let key = TallyKey {
                journey: "welcome".into(),
                version: "".into(),
                what: "entered".into(),
                detail: format!("{}", numbers.below(5)).into(),
            };
            decision.tallies.insert(key, numbers.below(5) as i64 - 2);
        }
        if numbers.one_in(3) {
            decision.cursors.push(Cursor {
                name: "orders".to_owned(),
                position: format!("row {}", self.now),
                at: self.now,
            });
        }
        if numbers.one_in(3) {
            let value = (!numbers.one_in(3)).then(|| self.now.to_string());
            decision.meta.push(("prize".to_owned(), value));
        }
    }

    fn names(&self) -> Vec<String> {
        let own = (1..self.next_contact).map(|n| format!("c{n}"));
        let renamed = (1..=self.renamed).map(|n| format!("r{n}"));
        own.chain(renamed)
            .chain((0..30).map(|n| format!("a{n}")))
            .collect()
    }
}

/// Everything that can be read, as text.
fn told(store: &mut dyn Read, world: &World) -> Vec<String> {
    let names = world.names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ids: Vec<u64> = (0..12).collect();
    let contacts = store.following(ContactNo(0), 10_000).unwrap();
    let mut told = vec![
        format!("{:?}", store.find(&names).unwrap()),
        format!("{:?}", store.following(ContactNo(3), 4).unwrap()),
        format!("{:?}", store.next_wake().unwrap()),
        format!("{:?}", store.count_due(world.now + 200, 1_000).unwrap()),
        format!("{:?}", store.oldest_pending().unwrap()),
        format!("{:?}", store.tallies().unwrap()),
        format!("{:?}", store.rejected(None, 7).unwrap()),
        format!("{:?}", store.rejected(Some(4), 7).unwrap()),
        format!("{:?}", store.cursor("orders").unwrap()),
        format!("{:?}", store.meta("prize").unwrap()),
        format!("{:?}", store.meta("highest_merged").unwrap()),
        format!("{:?}", store.programs().unwrap()),
        format!("{:?}", store.effects(0, None, None, 10_000).unwrap()),
        format!(
            "{:?}",
            store.effects(5, Some(Status::Pending), None, 3).unwrap()
        ),
        format!(
            "{:?}",
            store.effects(0, None, Some(ContactNo(2)), 50).unwrap()
        ),
    ];
    let mut due = store.due(world.now + 200, 1_000).unwrap();
    due.sort_unstable();
    told.push(format!("{due:?}"));
    let mut remembered: Vec<_> = store
        .remembered(ContactNo(1), &ids)
        .unwrap()
        .into_iter()
        .collect();
    remembered.sort_unstable();
    told.push(format!("{remembered:?}"));
    for row in &contacts {
        let history = store.history(row.last, 100).unwrap();
        told.push(format!("{row:?} {history:?}"));
    }
    told
}

fn opened(folder: &Path, thread: bool) -> Sqlite {
    let options = Options {
        disk: Arc::new(Folder::at(folder)),
        thread,
        // So small that a generation is a few commits.
        least_waiting: 3_000,
    };
    Sqlite::open_with(DataFolder::lock(folder).unwrap(), options).unwrap()
}

/// One history: the same is done to both stores, and all they tell is compared.
fn history(seed: u64, commits: usize, thread: bool) {
    let root = tempfile::tempdir().unwrap();
    let mut numbers = Numbers(seed);
    let mut plain = Plain::new();
    let mut store = opened(root.path(), thread);
    let mut reader = SqliteReader::open(root.path()).unwrap();
    let mut world = World {
        next_contact: 1,
        next_page: 1,
        now: 1_000,
        ..World::default()
    };
    for step in 0..commits {
        match numbers.below(12) {
            0 => {
                let (now, lane) = (world.now, LANES[numbers.below(3)]);
                let most = numbers.below(5);
                let lease = now + numbers.below(60) as i64;
                let ours = store.claim(lane, now, lease, most).unwrap();
                let theirs = plain.claim(lane, now, lease, most).unwrap();
                // Effects due at the same instant may be taken in any order, but the plain store has one.
                assert_eq!(ours, theirs, "seed {seed} step {step} {lane}");
            }
            1 => {
                let journey = numbers.one_in(2).then_some("welcome");
                let ours = store.release(journey, world.now).unwrap();
                assert_eq!(ours, plain.release(journey, world.now).unwrap());
            }
            2 => {
                let hour = (world.now / 100) as u32;
                let ours = store.forget(hour, 1_000).unwrap();
                assert_eq!(ours, plain.forget(hour, 1_000).unwrap());
            }
            3 => {
                let hash = format!("b3:{}", numbers.below(4));
                let ours = store.keep_program(&hash, "{}", world.now).unwrap();
                assert_eq!(ours, plain.keep_program(&hash, "{}", world.now).unwrap());
            }
            4 => {
                let crash = numbers.one_in(2);
                let durability = if crash {
                    Durability::Crash
                } else {
                    Durability::PowerLoss
                };
                store.set_durability(durability).unwrap();
            }
            5 if numbers.one_in(2) => store.checkpoint().unwrap(),
            5 => drop(store.rest().unwrap()),
            _ => {
                let decision = world.decision(&mut numbers);
                store.commit(&decision).unwrap();
                plain.commit(&decision).unwrap();
            }
        }
        if numbers.one_in(6) {
            drop(store);
            store = opened(root.path(), thread);
        }
        let expected = told(&mut plain, &world);
        assert_eq!(
            told(&mut store, &world),
            expected,
            "seed {seed} step {step}"
        );
        assert_eq!(
            told(&mut reader, &world),
            expected,
            "reader, seed {seed} step {step}"
        );
        let counters = store.counters().unwrap();
        assert_eq!(
            counters,
            plain.counters().unwrap(),
            "seed {seed} step {step}"
        );
    }
    store.verify().unwrap();
    let expected = told(&mut plain, &world);
    assert_eq!(told(&mut store, &world), expected, "seed {seed} at the end");
}

/// Seeds are taken from `STORE_SEEDS` in the environment where more are wanted.
#[test]
fn random_decisions_leave_the_same_behind_whenever_it_crashes() {
    let seeds = std::env::var("STORE_SEEDS")
        .ok()
        .and_then(|text| text.parse().ok());
    for seed in 0..seeds.unwrap_or(12) {
        history(seed, 120, false);
    }
}

#[test]
fn random_decisions_leave_the_same_behind_while_a_thread_writes_the_tables() {
    for seed in 1_000..1_004 {
        history(seed, 120, true);
    }
}

/// Content that no packing makes smaller, in a record of its own page for each part.
fn secret(part: usize) -> Vec<u8> {
    let mut numbers = Numbers(part as u64 + 7);
    let letters = (0..9_000).map(|_| numbers.below(256) as u8);
    letters.collect()
}

const PARTS: usize = 12;

/// A store in which somebody has a long history, partly in the tables and partly in the journal, and is then erased.
fn with_an_erased_contact(root: &Path) -> Sqlite {
    let mut store = opened(root, true);
    let mut last = None;
    for part in 0..PARTS {
        let page = store.counters().unwrap().page;
        let mut decision = Decision::new(ProgramNo(1), 5, page);
        last = Some(decision.log.append(ContactNo(1), last, None, &secret(part)));
        store.commit(&decision).unwrap();
        if part == PARTS / 2 {
            store.checkpoint().unwrap();
        }
    }
    let page = store.counters().unwrap().page;
    let mut decision = Decision::new(ProgramNo(1), 6, page);
    decision.erased.push((ContactNo(1), last));
    store.commit(&decision).unwrap();
    store
}

fn purge(store: &mut Sqlite) {
    while !store.purge().unwrap() {
        std::thread::yield_now();
    }
}

/// Whether any file still has any stretch of it.
fn is_left(root: &Path) -> bool {
    let files = std::fs::read_dir(root).unwrap();
    files.into_iter().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let mut stretches: std::collections::HashSet<&[u8]> = std::collections::HashSet::new();
        stretches.extend(bytes.windows(24));
        (0..PARTS).any(|part| secret(part).chunks(24).any(|it| stretches.contains(it)))
    })
}

#[test]
fn nothing_of_an_erased_contact_is_left_in_any_file_once_that_is_said() {
    let root = tempfile::tempdir().unwrap();
    let mut store = with_an_erased_contact(root.path());
    purge(&mut store);
    assert!(!is_left(root.path()));
}

#[test]
fn an_erasure_is_complete_only_when_nobody_reads_an_older_moment_any_more() {
    let root = tempfile::tempdir().unwrap();
    let mut reader = {
        let mut store = opened(root.path(), true);
        let mut decision = Decision::new(ProgramNo(1), 5, 1);
        decision
            .log
            .append(ContactNo(2), None, None, b"somebody else");
        store.commit(&decision).unwrap();
        SqliteReader::open(root.path()).unwrap()
    };
    reader.hold().unwrap();
    let mut store = with_an_erased_contact(root.path());
    // As long as the reader is there the tables keep their past, however often it is asked.
    store.checkpoint().unwrap();
    assert!(!store.purge().unwrap());
    assert!(is_left(root.path()));
    drop(reader);
    purge(&mut store);
    assert!(!is_left(root.path()));
}

#[test]
fn an_erasure_goes_on_after_a_crash() {
    let root = tempfile::tempdir().unwrap();
    drop(with_an_erased_contact(root.path()));
    let mut store = opened(root.path(), true);
    purge(&mut store);
    assert!(!is_left(root.path()));
}
