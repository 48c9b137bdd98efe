//! Reading ahead: it is a matter of speed, and nobody can tell.

use std::sync::Arc;

use journey_ir::time::HOUR;
use journeyd::process::{self, Effects, Wakes};
use journeyd::store::{DataFolder, Options, Read as _, Sqlite};
use proptest::prelude::*;

use crate::shop::{MONDAY, batch, effects, known, open, program, purchase, take, wake};

#[test]
fn those_who_are_due_are_read_ahead_and_woken_as_they_are_then() {
    let run = |most: usize| {
        let root = tempfile::tempdir().unwrap();
        let mut shop = open(root.path());
        let program = Arc::clone(shop.program());
        let order =
            |who: usize, order: &str, at| purchase(&program, known(&format!("c{who}")), order, at);
        let first = (0..1_500).map(|who| order(who, &format!("o{who}"), MONDAY));
        take(&mut shop, first.collect(), MONDAY);
        drop(shop);
        // Nobody is in memory. An hour later all are due, and every third orders again while others are woken.
        let mut shop = open(root.path());
        let due = MONDAY + HOUR;
        let mut again = (0..1_500).step_by(3);
        loop {
            let orders: Vec<_> = again.by_ref().take(150).collect();
            let orders = orders
                .into_iter()
                .map(|who| order(who, &format!("again{who}"), due));
            let wakes = Wakes {
                until: due,
                most,
                effects: Effects::Act,
            };
            let batch = batch(orders.collect());
            let report = shop.turn(&[batch], Some(wakes), due).unwrap();
            if report.woken == 0 && report.receipts[0].accepted == 0 {
                break;
            }
        }
        let mut keys: Vec<_> = effects(&mut shop).into_iter().collect();
        keys.sort();
        let rows = shop
            .store()
            .following(journeyd::store::ContactNo(0), 10_000)
            .unwrap();
        let states: Vec<_> = rows.into_iter().map(|row| (row.name, row.state)).collect();
        (keys, states)
    };
    let (few, many) = (run(300), run(700));
    assert_eq!(few.1.len(), 1_500);
    assert!(few == many);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is read ahead, and whatever happens before it is used: nobody can tell.
    #[test]
    fn what_is_read_ahead_is_used_only_as_it_is(
        steps in prop::collection::vec((0..5_u8, 1..64_u8, 0..90_i64), 1..40),
    ) {
        let run = |ahead: bool| {
            let root = tempfile::tempdir().unwrap();
            // Every commit begins a generation, and the next one writes it into the tables.
            let options = Options { thread: false, least_waiting: 1, ..Options::of(root.path()) };
            let store = Sqlite::open_with(DataFolder::lock(root.path()).unwrap(), options).unwrap();
            let mut shop = process::open(store, program(), MONDAY, &mut |_| {}).unwrap();
            let linked = Arc::clone(shop.program());
            let mut now = MONDAY;
            for (n, (kind, people, minutes)) in steps.iter().enumerate() {
                now += minutes * 60_000;
                let people = (0..6).filter(|who| people & (1 << who) != 0);
                let orders = people.map(|who| {
                    purchase(&linked, known(&format!("c{who}")), &format!("o{n}-{who}"), now)
                });
                let orders = batch(orders.collect());
                match kind {
                    0 if ahead => {
                        // A turn that fails leaves nobody in the cache whom it was about.
                        shop.store().limit(Some(0));
                        assert!(shop.turn(&[orders], None, now).is_err());
                        shop.store().limit(None);
                    }
                    1 | 2 if ahead => shop.read_ahead([&orders]).unwrap(),
                    3 => drop(wake(&mut shop, now)),
                    4 => drop(shop.turn(&[orders], None, now).unwrap()),
                    _ => {}
                }
            }
            shop.store().following(journeyd::store::ContactNo(0), 100).unwrap()
        };
        prop_assert_eq!(run(true), run(false));
    }
}
