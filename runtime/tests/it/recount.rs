//! Another program on the same contacts: everybody is counted again under it.

use std::sync::Arc;

use journey_ir::time::{DAY, HOUR, Unit};
use journey_ir::{EventIx, Span};
use journeyd::process::{self, OpenError};
use journeyd::store::{DataFolder, Read as _, Sqlite, Store as _, TallyKey};
use serde_json::json;

use crate::shop::{
    MONDAY, effects, event, happened, journey, known, open, open_with, program, purchase, report,
    take, tally, wake,
};

#[test]
fn a_changed_program_counts_everyone_again_without_a_sound() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let linked = Arc::clone(shop.program());
    let visit = |who: &str, at| happened(&linked, known(who), "cart_filled", &json!({}), "m", at);
    take(
        &mut shop,
        vec![
            purchase(&linked, known("a"), "o1", MONDAY),
            visit("a", MONDAY + 1),
        ],
        MONDAY + 1,
    );
    drop(shop);

    let mut changed = program();
    // Positions move: a new event comes first, so everything is found again by name.
    changed
        .schema
        .events
        .insert(0, event("new_event", vec![], None));
    changed.schema.events[1].fields.reverse();
    changed.schema.events[1].key = Some(journey_ir::FieldIx(2));
    for aggregate in &mut changed.aggregates {
        aggregate.event = EventIx(3);
    }
    changed.segments[0].name = "fillers".into();
    changed.journeys = vec![journey("thanks", EventIx(1), Span::new(2, Unit::Day))];
    let mut told = Vec::new();
    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let opened = process::open(store, changed.clone(), MONDAY + 10, &mut |at| told.push(at));
    let mut shop = opened.unwrap();
    assert_eq!((told.len(), told[0].done, told[0].total), (1, 1, 1));
    assert_eq!(tally(&mut shop, "segment", "fillers"), 1);
    assert_eq!(tally(&mut shop, "segment", "buyers"), 0);
    assert_eq!(effects(&mut shop).len(), 0);
    // The run finishes on the version it started on.
    assert_eq!(wake(&mut shop, MONDAY + HOUR), 1);
    assert_eq!(tally(&mut shop, "completed", ""), 1);
    assert_eq!(report(&mut shop, "a")["segments"], json!(["fillers"]));
    // Orders are still known under the new positions.
    let program = Arc::clone(shop.program());
    let again = purchase(&program, known("a"), "o1", MONDAY + HOUR);
    assert_eq!(take(&mut shop, vec![again], MONDAY + HOUR).duplicates, 1);
    drop(shop);
    // The same program again changes nothing.
    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let mut told = 0;
    process::open(store, changed, MONDAY + DAY, &mut |_| told += 1).unwrap();
    assert_eq!(told, 0);
}

#[test]
fn people_and_counters_follow_a_journey_to_its_new_name() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let linked = Arc::clone(shop.program());
    take(
        &mut shop,
        vec![purchase(&linked, known("a"), "o1", MONDAY)],
        MONDAY,
    );
    drop(shop);
    let mut renamed = program();
    let before = renamed.journeys[0].name.clone();
    let version = renamed.journeys[0].version.clone();
    renamed.journeys[0].name = "gratitude".into();
    renamed.journeys[0].formerly = vec![before.clone()];
    // Opened twice, it is counted once; and the version that people started on is found under the new name.
    renamed.journeys[0].version = "other".into();
    for _ in 0..2 {
        let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
        let mut shop = process::open(store, renamed.clone(), MONDAY + 10, &mut |_| ()).unwrap();
        let of = |name: &str, tallies: &[(TallyKey, i64)]| {
            let own = tallies.iter().filter(|(key, _)| *key.journey == *name);
            own.filter(|(key, n)| *n != 0 && !matches!(&*key.what, "by day"))
                .map(|(key, n)| (key.what.to_string(), key.version.to_string(), *n))
                .collect::<Vec<_>>()
        };
        let tallies = shop.store().tallies().unwrap();
        assert_eq!(of(&before, &tallies), []);
        let now = of("gratitude", &tallies);
        assert!(
            now.contains(&("inside".into(), version.clone(), 1)),
            "{now:?}"
        );
        assert!(
            now.contains(&("entered".into(), String::new(), 1)),
            "{now:?}"
        );
    }
    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let mut shop = process::open(store, renamed, MONDAY + 10, &mut |_| ()).unwrap();
    assert_eq!(wake(&mut shop, MONDAY + HOUR), 1);
    assert_eq!(tally(&mut shop, "completed", ""), 1);
}

#[test]
fn counting_again_goes_on_where_it_was_interrupted() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let linked = Arc::clone(shop.program());
    let many = (0..1_200).map(|n| purchase(&linked, known(&format!("c{n}")), "o", MONDAY));
    take(&mut shop, many.collect(), MONDAY);
    drop(shop);
    let mut changed = program();
    changed.segments[0].name = "customers".into();

    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let interrupted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        process::open(store, changed.clone(), MONDAY, &mut |_| {
            panic!("killed here")
        })
        .map(|_| ())
    }));
    assert!(interrupted.is_err());
    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let mut told = Vec::new();
    let mut shop = process::open(store, changed, MONDAY, &mut |at| told.push(at.done)).unwrap();
    assert_eq!(told, [1_000, 1_200]);
    assert_eq!(tally(&mut shop, "segment", "customers"), 1_200);
    assert_eq!(tally(&mut shop, "segment", "buyers"), 0);
    assert_eq!(tally(&mut shop, "contacts", ""), 1_200);
}

#[test]
fn what_falls_due_while_counting_again_is_interrupted_is_not_lost() {
    let root = tempfile::tempdir().unwrap();
    let mut recent = program();
    let bought = journey_ir::Window::Last(Span::new(2, Unit::Hour));
    recent.aggregates[0].keep = journey_ir::Keep::Newest(1);
    recent.atoms[0] = journey_ir::Atom::Happened {
        aggregate: journey_ir::AggregateIx(0),
        n: 1,
        window: bought,
        settle: 0,
    };
    let mut farewell = journey("farewell", EventIx(0), Span::new(1, Unit::Day));
    farewell.entry = journey_ir::Entry::When {
        trigger: journey_ir::Trigger::Leaves(journey_ir::SegmentIx(0)),
        condition: None,
    };
    recent.journeys.push(farewell);
    let mut shop = open_with(root.path(), recent.clone(), MONDAY);
    let linked = Arc::clone(shop.program());
    let many = (0..700).map(|n| purchase(&linked, known(&format!("c{n}")), "o", MONDAY));
    take(&mut shop, many.collect(), MONDAY);
    drop(shop);

    let mut changed = recent;
    changed.segments.push(changed.segments[0].clone());
    changed.segments[1].name = "customers".into();
    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let interrupted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        process::open(store, changed.clone(), MONDAY + HOUR, &mut |_| {
            panic!("killed here")
        })
        .map(|_| ())
    }));
    assert!(interrupted.is_err());
    // It comes back when everybody has left the segment.
    let mut shop = open_with(root.path(), changed, MONDAY + 3 * HOUR);
    while wake(&mut shop, MONDAY + 3 * HOUR) > 0 {}
    let entered = shop.store().tallies().unwrap().into_iter();
    let entered = entered.filter(|(key, _)| key.what == "entered" && &*key.journey == "farewell");
    assert_eq!(entered.map(|(_, n)| n).sum::<i64>(), 700);
}

#[test]
fn a_program_of_a_newer_format_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let mut store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    store.keep_program("b3:future", r#"{"ir": 99}"#, 0).unwrap();
    let error = process::open(store, program(), MONDAY, &mut |_| {}).unwrap_err();
    assert!(matches!(error, OpenError::Program(_)), "{error}");
    assert!(error.to_string().contains("update journeyd"), "{error}");
}
