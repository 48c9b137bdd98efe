//! The journal after ends that need two misfortunes in a row: each was found by a life and is told here by itself.

use std::sync::Arc;

use journeyd::store::{
    Change, ContactNo, ContactRow, DataFolder, Decision, Error, Options, ProgramNo, Read as _,
    Sqlite, Store as _,
};
use tempfile::TempDir;

use crate::chance::Chance;
use crate::disk::{SimulatedDisk, Trouble};
use crate::life::sudden;
use crate::scene::Scene;

fn open(folder: &TempDir, disk: &SimulatedDisk) -> Result<Sqlite, Error> {
    let options = Options {
        disk: Arc::new(disk.clone()),
        thread: false,
        least_waiting: 1_000_000,
    };
    Sqlite::open_with(DataFolder::lock(folder.path())?, options)
}

fn add(store: &mut Sqlite, number: i64) -> Result<(), Error> {
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
    store.commit(&decision)
}

#[test]
fn a_kill_while_a_segment_begins_and_then_a_loss_of_power_hinder_no_start() {
    for seed in 0..40 {
        let folder = Scene::folder();
        let disk = SimulatedDisk::new(folder.path(), Chance::of(seed), false);
        let mut store = open(&folder, &disk).unwrap();
        add(&mut store, 1).unwrap();
        store.checkpoint().unwrap();
        drop(store);
        // Everything is in the tables. The process is killed after some calls of the next segment's beginning.
        let mut store = open(&folder, &disk).unwrap();
        disk.stop_in(Some(seed % 5));
        let _killed = sudden(|| add(&mut store, 2).is_ok()).is_none();
        disk.stop_in(None);
        drop(store);
        let mut store = open(&folder, &disk).unwrap();
        let next = store.counters().unwrap().contact;
        add(&mut store, next.0).unwrap();
        drop(store);
        disk.lose_power();
        let mut store = open(&folder, &disk).unwrap();
        let name = format!("c{}", next.0);
        assert_eq!(store.find(&[&name]).unwrap(), [Some(next)], "{seed}");
    }
}

#[test]
fn segments_that_a_full_disk_let_go_of_do_not_come_back_beside_the_next() {
    for seed in 0..60 {
        let folder = Scene::folder();
        let disk = SimulatedDisk::new(folder.path(), Chance::of(seed), false);
        add(&mut open(&folder, &disk).unwrap(), 1).unwrap();
        let mut store = open(&folder, &disk).unwrap();
        add(&mut store, 2).unwrap();
        // Everything goes into the tables, and there is no room for a segment to follow those that are removed.
        disk.trouble(Some(Trouble::Full));
        store.checkpoint().unwrap();
        disk.trouble(None);
        drop(store);
        let mut store = open(&folder, &disk).unwrap();
        disk.stop_in(Some(seed % 6));
        let _killed = sudden(|| add(&mut store, 3).is_ok()).is_none();
        disk.stop_in(None);
        drop(store);
        disk.lose_power();
        let mut store = open(&folder, &disk).unwrap();
        let found = store.find(&["c1", "c2"]).unwrap();
        assert_eq!(found, [Some(ContactNo(1)), Some(ContactNo(2))], "{seed}");
    }
}
