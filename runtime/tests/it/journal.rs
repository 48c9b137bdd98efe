//! The journal: what is left of it after a crash is what was committed, and damage is not taken for its end.

use std::fs;
use std::path::{Path, PathBuf};

use journeyd::store::{
    Change, ContactNo, ContactRow, DataFolder, Decision, Error, Options, ProgramNo, Read as _,
    Sqlite, Store as _,
};

fn open(folder: &Path) -> Result<Sqlite, Error> {
    Sqlite::open(DataFolder::lock(folder).unwrap())
}

fn add(store: &mut Sqlite, number: i64) {
    let mut decision = Decision::new(ProgramNo(1), number, number);
    let row = ContactRow {
        number: ContactNo(number),
        name: format!("c{number}"),
        next_wake: None,
        last: None,
        state: vec![7; 10],
        recent: Vec::new(),
    };
    decision.contacts.push((Change::Insert, row));
    store.commit(&decision).unwrap();
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut found: Vec<PathBuf> = entries
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("journal-")
        })
        .collect();
    found.sort();
    found
}

/// A store with three commits of one contact each, all in one segment, and where the segment ended after each.
fn three(folder: &Path) -> (PathBuf, Vec<usize>) {
    let mut store = open(folder).unwrap();
    let mut ends = Vec::new();
    for number in 1..=3 {
        add(&mut store, number);
        ends.push(fs::read(&segments(folder)[0]).unwrap().len());
    }
    drop(store);
    (segments(folder).remove(0), ends)
}

fn count(store: &mut Sqlite) -> usize {
    store.following(ContactNo(0), 10).unwrap().len()
}

#[test]
fn a_journal_cut_at_any_byte_holds_the_commits_before_the_cut() {
    let root = tempfile::tempdir().unwrap();
    let (segment, ends) = three(root.path());
    let whole = fs::read(&segment).unwrap();
    for cut in 0..=whole.len() {
        for later in segments(root.path()) {
            fs::remove_file(later).unwrap();
        }
        fs::write(&segment, &whole[..cut]).unwrap();
        let mut store = open(root.path()).unwrap();
        let safe = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(count(&mut store), safe, "cut at {cut}");
        // What follows the cut continues, and is there after the next start.
        add(&mut store, safe as i64 + 1);
        drop(store);
        assert_eq!(
            count(&mut open(root.path()).unwrap()),
            safe + 1,
            "cut at {cut}"
        );
    }
}

#[test]
fn a_damaged_commit_that_had_been_safe_is_refused_with_its_place() {
    let root = tempfile::tempdir().unwrap();
    let (segment, ends) = three(root.path());
    let whole = fs::read(&segment).unwrap();
    for at in (ends[0]..ends[1]).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        fs::write(&segment, &damaged).unwrap();
        let error = open(root.path()).unwrap_err();
        let Error::Journal { path, offset } = &error else {
            panic!("{error}");
        };
        assert_eq!((path, *offset), (&segment, ends[0] as u64));
        assert!(error.to_string().contains("restore a backup"), "{error}");
    }
}

#[test]
fn a_last_commit_that_was_torn_was_never_acknowledged() {
    let root = tempfile::tempdir().unwrap();
    let (segment, ends) = three(root.path());
    let mut torn = fs::read(&segment).unwrap();
    torn[ends[1] + 50..].fill(0);
    fs::write(&segment, &torn).unwrap();
    assert_eq!(count(&mut open(root.path()).unwrap()), 2);
}

#[test]
fn segments_that_were_never_made_hinder_no_start() {
    let root = tempfile::tempdir().unwrap();
    three(root.path());
    // Two sudden ends left beginnings of heads, one of them under a number from before all others were removed.
    for (number, bytes) in [(2, 0), (3, 9), (10, 31)] {
        let path = root.path().join(format!("journal-{number:010}"));
        fs::write(path, vec![0; bytes]).unwrap();
    }
    for number in 4..=6 {
        let mut store = open(root.path()).unwrap();
        add(&mut store, number);
        assert_eq!(count(&mut store), number as usize);
    }
}

#[test]
fn a_last_segment_with_a_damaged_head_is_refused_where_something_stands_behind_it() {
    let root = tempfile::tempdir().unwrap();
    let (segment, _) = three(root.path());
    let mut damaged = fs::read(&segment).unwrap();
    damaged[3] ^= 0x40;
    fs::write(&segment, &damaged).unwrap();
    let error = open(root.path()).unwrap_err();
    let Error::Journal { path, offset } = &error else {
        panic!("{error}");
    };
    assert_eq!((path, *offset), (&segment, 0));
}

#[test]
fn a_journal_of_another_history_is_refused() {
    let (mine, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut store = open(mine.path()).unwrap();
    add(&mut store, 1);
    store.checkpoint().unwrap();
    drop(store);
    let mut store = open(other.path()).unwrap();
    for number in 1..=5 {
        add(&mut store, number + 1);
    }
    drop(store);
    for segment in segments(mine.path()) {
        fs::remove_file(segment).unwrap();
    }
    let segment = segments(other.path()).remove(0);
    let name = segment.file_name().unwrap();
    fs::copy(&segment, mine.path().join(name)).unwrap();
    let error = open(mine.path()).unwrap_err();
    assert!(
        matches!(error, Error::JournalMissing { after: 1, .. }),
        "{error}"
    );
}

#[test]
fn what_is_in_the_tables_leaves_the_journal() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path()).unwrap();
    add(&mut store, 1);
    store.checkpoint().unwrap();
    let left: u64 = segments(root.path())
        .iter()
        .map(|path| fs::metadata(path).unwrap().len())
        .sum();
    assert!(left < 100, "{left} bytes");
    assert_eq!(count(&mut store), 1);
    drop(store);
    assert_eq!(count(&mut open(root.path()).unwrap()), 1);
}

#[test]
fn a_store_that_rests_brings_everything_into_the_tables() {
    let root = tempfile::tempdir().unwrap();
    let options = Options {
        thread: false,
        ..Options::of(root.path())
    };
    let mut store = Sqlite::open_with(DataFolder::lock(root.path()).unwrap(), options).unwrap();
    for number in 1..=3 {
        add(&mut store, number);
    }
    let asked = (0..10).take_while(|_| store.rest().unwrap()).count();
    assert!(asked < 10);
    let lengths = segments(root.path()).into_iter();
    let left: u64 = lengths.map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(left < 100, "{left} bytes");
    assert_eq!(count(&mut store), 3);
}
