//! The process: the engine over stored contacts, one durable decision at a time.

use std::sync::Arc;

use journey_engine::Item;
use journey_ir::time::{DAY, HOUR, Unit};
use journey_ir::{EventIx, Instant, Span};
use journeyd::clock::ManualClock;
use journeyd::deliver::Bell;
use journeyd::inspect;
use journeyd::process::{
    self, Arrival, Batch, Effects, OpenError, Process, Receipt, SubmitError, Wakes, Who, worker,
};
use journeyd::store::{DataFolder, Options, Read as _, Rejected, Sqlite, Store as _, TallyKey};
use proptest::prelude::*;
use serde_json::json;

use crate::shop::{
    MONDAY, batch, effects, event, happened, journey, known, open, open_with, program, purchase,
    tally, traits, with_address,
};

fn take(process: &mut Process<Sqlite>, arrivals: Vec<Arrival>, now: Instant) -> Receipt {
    let report = process.turn(&[batch(arrivals)], None, now).unwrap();
    report.receipts[0]
}

fn wake(process: &mut Process<Sqlite>, until: Instant) -> usize {
    let wakes = Wakes {
        until,
        most: 100,
        effects: Effects::Act,
    };
    process.turn(&[], Some(wakes), until).unwrap().woken
}

/// What a contact looks like from outside, as JSON.
fn report(process: &mut Process<Sqlite>, id: &str) -> serde_json::Value {
    let program = Arc::clone(process.program());
    let report = inspect::contact(process.store(), &program, id, 10_000).unwrap();
    serde_json::to_value(report.unwrap()).unwrap()
}

#[test]
fn a_purchase_is_answered_now_and_asked_about_an_hour_later() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let arrivals = vec![
        with_address(&program, "민지", MONDAY),
        purchase(&program, known("민지"), "o1", MONDAY + 1),
    ];
    let receipt = take(&mut shop, arrivals, MONDAY + 1);
    assert_eq!(receipt.accepted, 2);
    let first = ("send receipt".to_owned(), "민지".to_owned(), "pending");
    assert_eq!(effects(&mut shop), std::slice::from_ref(&first));
    assert_eq!(shop.next_wake().unwrap(), Some(MONDAY + 1 + HOUR));
    assert_eq!(tally(&mut shop, "inside", "wait"), 1);
    assert_eq!(tally(&mut shop, "segment", "buyers"), 1);
    drop(shop);

    // The daemon was away for a while; nothing of it is lost.
    let mut shop = open(root.path());
    assert_eq!(wake(&mut shop, MONDAY + HOUR), 0);
    assert_eq!(wake(&mut shop, MONDAY + 1 + HOUR), 1);
    let second = ("send question".to_owned(), "민지".to_owned(), "pending");
    assert_eq!(effects(&mut shop), [first, second]);
    assert_eq!(tally(&mut shop, "entered", ""), 1);
    assert_eq!(tally(&mut shop, "completed", ""), 1);
    assert_eq!(tally(&mut shop, "inside", "wait"), 0);
    assert_eq!(shop.next_wake().unwrap(), None);
}

#[test]
fn a_repeat_changes_nothing_not_even_after_a_restart() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let visit = |message: &str| happened(&program, known("a"), "page", &json!({}), message, MONDAY);
    let arrivals = vec![purchase(&program, known("a"), "o1", MONDAY), visit("m1")];
    assert_eq!(take(&mut shop, arrivals.clone(), MONDAY).accepted, 2);
    let before = report(&mut shop, "a");
    let receipt = take(&mut shop, arrivals.clone(), MONDAY + 5);
    assert_eq!((receipt.accepted, receipt.duplicates), (0, 2));
    drop(shop);
    let mut shop = open(root.path());
    let receipt = take(&mut shop, arrivals, MONDAY + DAY);
    assert_eq!((receipt.accepted, receipt.duplicates), (0, 2));
    // The same order under another message is the same order.
    let mut again = purchase(&program, known("a"), "o1", MONDAY + 9);
    again.received_at = MONDAY + 9;
    assert_eq!(take(&mut shop, vec![again], MONDAY + 9).duplicates, 1);
    assert_eq!(report(&mut shop, "a"), before);
    // Beyond the horizon it is not remembered any more.
    let later = MONDAY + 9 * DAY;
    let mut again = visit("m1");
    again.received_at = later;
    assert_eq!(take(&mut shop, vec![again], later).accepted, 1);
}

#[test]
fn a_busy_contact_is_protected_from_repeats_too() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let orders: Vec<Arrival> = (0..500)
        .map(|n| purchase(&program, known("a"), &format!("o{n}"), MONDAY + n))
        .collect();
    for part in orders.chunks(70) {
        assert_eq!(
            take(&mut shop, part.to_vec(), MONDAY + 500).accepted,
            part.len()
        );
    }
    drop(shop);
    let mut shop = open(root.path());
    let receipt = take(&mut shop, orders, MONDAY + HOUR);
    assert_eq!((receipt.accepted, receipt.duplicates), (0, 500));
    assert!(!shop.forget(MONDAY + 3 * DAY).unwrap());
    while shop.forget(MONDAY + 8 * DAY).unwrap() {}
    let ids: Vec<u64> = Vec::new();
    assert!(
        shop.store()
            .remembered(journeyd::store::ContactNo(1), &ids)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn after_a_failed_commit_nothing_has_happened_and_the_same_call_succeeds_later() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    take(&mut shop, vec![with_address(&program, "a", MONDAY)], MONDAY);
    let before = report(&mut shop, "a");
    shop.store().limit(Some(20_000));
    let mut many: Vec<Arrival> = (0..400)
        .map(|n| with_address(&program, &format!("c{n}"), MONDAY + 1))
        .collect();
    many.push(purchase(&program, known("a"), "o1", MONDAY + 1));
    let failed = shop.turn(&[batch(many.clone())], None, MONDAY + 1);
    assert!(failed.is_err());
    assert_eq!(report(&mut shop, "a"), before);
    shop.store().limit(None);
    assert_eq!(take(&mut shop, many, MONDAY + 1).accepted, 401);
    assert_eq!(effects(&mut shop).len(), 1);
    assert_eq!(tally(&mut shop, "contacts", ""), 401);
}

#[test]
fn nothing_from_the_past_is_sent_unless_asked_for() {
    for (mode, at, status) in [
        (Effects::Act, MONDAY - HOUR, "pending"),
        (Effects::Act, MONDAY - 2 * DAY, "stale"),
        (Effects::Hold, MONDAY - HOUR, "held"),
        (Effects::Record, MONDAY - 2 * DAY, "recorded"),
    ] {
        let root = tempfile::tempdir().unwrap();
        let mut shop = open(root.path());
        let program = Arc::clone(shop.program());
        let batch = Batch {
            arrivals: vec![
                with_address(&program, "a", at),
                purchase(&program, known("a"), "o1", at),
            ],
            effects: mode,
            ..Batch::default()
        };
        shop.turn(&[batch], None, MONDAY).unwrap();
        assert_eq!(effects(&mut shop)[0].2, status);
    }
}

#[test]
fn unsent_effects_of_a_cancelled_run_are_taken_back_even_within_one_batch() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let cancel = |who: &str, at| Arrival {
        who: known(who),
        received_at: at,
        id: None,
        item: Some(Item::Cancel {
            journey: None,
            occurred_at: at,
        }),
    };
    for who in ["a", "b"] {
        let address = with_address(&program, who, MONDAY);
        let order = purchase(&program, known(who), "o1", MONDAY + 1);
        take(&mut shop, vec![address, order], MONDAY + 1);
    }
    let both = vec![
        cancel("a", MONDAY + 2),
        purchase(&program, known("b"), "o2", MONDAY + 2),
        cancel("b", MONDAY + 3),
    ];
    take(&mut shop, both, MONDAY + 3);
    let statuses: Vec<&str> = effects(&mut shop).iter().map(|one| one.2).collect();
    assert!(
        statuses.iter().all(|status| *status == "revoked"),
        "{statuses:?}"
    );
    assert_eq!(shop.next_wake().unwrap(), None);
}

#[test]
fn a_visitor_who_signs_up_keeps_their_runs() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let device = Who::Anonymous("d1".into());
    let address = json!({"email": "minji@example.com"});
    let arrivals = vec![
        traits(&program, device.clone(), &address, MONDAY),
        purchase(&program, device.clone(), "o1", MONDAY + 1),
    ];
    take(&mut shop, arrivals, MONDAY + 1);
    let both = Who::Both {
        known: "민지".into(),
        anonymous: "d1".into(),
    };
    let name = json!({"name": "민지"});
    take(
        &mut shop,
        vec![traits(&program, both, &name, MONDAY + 2)],
        MONDAY + 2,
    );
    assert_eq!(wake(&mut shop, MONDAY + 2 * HOUR), 1);
    let found = report(&mut shop, "민지");
    assert_eq!(found["effects"].as_array().unwrap().len(), 2);
    assert_eq!(found["attributes"]["email"], "minji@example.com");
    // The device now stands for the person, and so it is after a restart.
    drop(shop);
    let mut shop = open(root.path());
    assert_eq!(report(&mut shop, "d1")["id"], "민지");
    take(
        &mut shop,
        vec![purchase(&program, device, "o2", MONDAY + 3 * HOUR)],
        MONDAY + 3 * HOUR,
    );
    assert_eq!(tally(&mut shop, "contacts", ""), 1);
    assert_eq!(
        report(&mut shop, "민지")["runs"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn two_contacts_who_turn_out_to_be_one_are_counted_as_one() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let device = Who::Anonymous("d1".into());
    take(
        &mut shop,
        vec![with_address(&program, "민지", MONDAY)],
        MONDAY,
    );
    let theirs = vec![
        traits(
            &program,
            device.clone(),
            &json!({"name": "minji", "email": "old@example.com"}),
            MONDAY - 5,
        ),
        purchase(&program, device.clone(), "o1", MONDAY + 1),
    ];
    take(&mut shop, theirs, MONDAY + 1);
    assert_eq!(tally(&mut shop, "contacts", ""), 2);
    let joined = Arrival {
        who: Who::Both {
            known: "민지".into(),
            anonymous: "d1".into(),
        },
        received_at: MONDAY + 2,
        id: None,
        item: None,
    };
    take(&mut shop, vec![joined.clone(), joined], MONDAY + 2);
    assert_eq!(tally(&mut shop, "contacts", ""), 1);
    assert_eq!(tally(&mut shop, "segment", "buyers"), 1);
    // The run of the one that is gone goes on, and its mail stays decided.
    assert_eq!(tally(&mut shop, "inside", "wait"), 1);
    let found = report(&mut shop, "민지");
    assert_eq!(found["segments"], json!(["buyers"]));
    assert_eq!(found["attributes"]["name"], "minji");
    assert_eq!(found["attributes"]["email"], "민지@example.com");
    assert_eq!(found["effects"][0]["status"], "pending");
    let history = found["history"].to_string();
    assert!(
        history.contains("turned out to be the same person"),
        "{history}"
    );
    // The order is known, whoever reports it again.
    let again = purchase(&program, known("민지"), "o1", MONDAY + 3);
    assert_eq!(take(&mut shop, vec![again], MONDAY + 3).duplicates, 1);
    drop(shop);
    let mut shop = open(root.path());
    assert_eq!(report(&mut shop, "d1")["id"], "민지");
}

#[test]
fn a_shared_device_passes_to_its_new_owner_without_the_past() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let both = |known: &str| Who::Both {
        known: known.into(),
        anonymous: "tablet".into(),
    };
    take(
        &mut shop,
        vec![purchase(&program, both("a"), "o1", MONDAY)],
        MONDAY,
    );
    take(
        &mut shop,
        vec![purchase(&program, both("b"), "o2", MONDAY + 1)],
        MONDAY + 1,
    );
    let visitor = purchase(&program, Who::Anonymous("tablet".into()), "o3", MONDAY + 2);
    take(&mut shop, vec![visitor], MONDAY + 2);
    let orders = |shop: &mut Process<Sqlite>, id: &str| {
        let history = report(shop, id)["history"].to_string();
        ["o1", "o2", "o3"].map(|order| history.contains(order))
    };
    assert_eq!(orders(&mut shop, "a"), [true, false, false]);
    assert_eq!(orders(&mut shop, "b"), [false, true, true]);
}

#[test]
fn an_alias_joins_even_two_known_contacts() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    for (who, order) in [("old", "o1"), ("new", "o2")] {
        take(
            &mut shop,
            vec![purchase(&program, known(who), order, MONDAY)],
            MONDAY,
        );
    }
    let alias = Arrival {
        who: Who::Alias {
            known: "new".into(),
            previous: "old".into(),
        },
        received_at: MONDAY + 1,
        id: None,
        item: None,
    };
    take(&mut shop, vec![alias], MONDAY + 1);
    take(
        &mut shop,
        vec![purchase(&program, known("old"), "o3", MONDAY + 2)],
        MONDAY + 2,
    );
    assert_eq!(report(&mut shop, "old")["id"], "new");
    let history = report(&mut shop, "new")["history"].to_string();
    for order in ["o1", "o2", "o3"] {
        assert!(history.contains(order), "{order} in {history}");
    }
}

#[test]
fn an_erased_contact_stays_erased() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let arrivals = vec![
        with_address(&program, "민지", MONDAY),
        purchase(&program, known("민지"), "o1", MONDAY + 1),
    ];
    take(&mut shop, arrivals, MONDAY + 1);
    let erase = Arrival {
        who: known("민지"),
        received_at: MONDAY + 2,
        id: None,
        item: Some(Item::Erase {
            occurred_at: MONDAY + 2,
        }),
    };
    take(&mut shop, vec![erase], MONDAY + 2);
    let late = purchase(&program, known("민지"), "o2", MONDAY + 3);
    take(&mut shop, vec![late], MONDAY + 3);
    let found = report(&mut shop, "민지");
    assert_eq!(found["erased"], true);
    assert_eq!(found["effects"][0]["what"], "erased");
    let text = found.to_string();
    for trace in ["example.com", "o1", "o2"] {
        assert!(!text.contains(trace), "{trace} in {text}");
    }
    assert_eq!(shop.next_wake().unwrap(), None);
}

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

#[test]
fn a_program_of_a_newer_format_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let mut store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    store.keep_program("b3:future", r#"{"ir": 99}"#, 0).unwrap();
    let error = process::open(store, program(), MONDAY, &mut |_| {}).unwrap_err();
    assert!(matches!(error, OpenError::Program(_)), "{error}");
    assert!(error.to_string().contains("update journeyd"), "{error}");
}

#[test]
fn what_was_rejected_is_kept_beside_what_was_accepted() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let rejected = Rejected {
        at: MONDAY,
        source: "test".into(),
        code: "unknown_event".into(),
        detail: "why".into(),
        payload: "{}".into(),
    };
    let batch = Batch {
        arrivals: vec![purchase(&program, known("a"), "o1", MONDAY)],
        rejected: vec![rejected],
        ..Batch::default()
    };
    let receipt = shop.turn(&[batch], None, MONDAY).unwrap().receipts[0];
    assert_eq!((receipt.accepted, receipt.rejected), (1, 1));
    assert_eq!(shop.store().rejected(None, 9).unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_means_that_it_is_on_disk() {
    let root = tempfile::tempdir().unwrap();
    let shop = open(root.path());
    let program = Arc::clone(shop.program());
    let clock = Arc::new(ManualClock::at(MONDAY));
    let (handle, thread) = worker::start(shop, clock.clone(), Bell::new(), i64::MAX).unwrap();
    let mut asked = tokio::task::JoinSet::new();
    for n in 0..200 {
        let handle = handle.clone();
        let folder = root.path().to_owned();
        let id = format!("c{n}");
        let one = vec![
            with_address(&program, &id, MONDAY),
            purchase(&program, known(&id), "o", MONDAY),
        ];
        asked.spawn(async move {
            let receipt = handle.submit(batch(one), 100).await.unwrap();
            assert_eq!(receipt.accepted, 2);
            let mut reader = journeyd::store::SqliteReader::open(&folder).unwrap();
            reader.find(&[&id]).unwrap()[0].is_some()
        });
    }
    while let Some(durable) = asked.join_next().await {
        assert!(durable.unwrap());
    }
    // An hour later everyone is asked, without anybody calling.
    clock.advance(HOUR);
    handle.stop().await;
    let mut shop = tokio::task::spawn_blocking(|| thread.join().unwrap())
        .await
        .unwrap();
    assert_eq!(effects(&mut shop).len(), 400);
    assert_eq!(tally(&mut shop, "completed", ""), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_can_wait_is_refused_and_nothing_of_it_happens() {
    let root = tempfile::tempdir().unwrap();
    let shop = open(root.path());
    let program = Arc::clone(shop.program());
    let clock = Arc::new(ManualClock::at(MONDAY));
    let (handle, thread) = worker::start(shop, clock, Bell::new(), i64::MAX).unwrap();
    let one = || batch(vec![purchase(&program, known("a"), "o1", MONDAY)]);
    let refused = handle.submit(one(), 1 << 30).await;
    assert!(matches!(refused, Err(SubmitError::Busy)), "{refused:?}");
    assert_eq!(handle.submit(one(), 100).await.unwrap().accepted, 1);
    handle.stop().await;
    tokio::task::spawn_blocking(|| thread.join().unwrap())
        .await
        .unwrap();
    let late = handle.submit(one(), 100).await;
    assert!(matches!(late, Err(SubmitError::Stopping)), "{late:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_with_the_disk_is_told_to_those_who_wait_and_kept_in_sight() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    shop.store().limit(Some(20_000));
    let clock = Arc::new(ManualClock::at(MONDAY));
    let (handle, _thread) = worker::start(shop, clock, Bell::new(), i64::MAX).unwrap();
    assert!(handle.trouble().is_none());
    let many = (0..400).map(|n| with_address(&program, &format!("c{n}"), MONDAY));
    let failed = handle.submit(batch(many.collect()), 100).await;
    assert!(matches!(failed, Err(SubmitError::Store(_))), "{failed:?}");
    let told = handle.trouble().unwrap().to_string();
    assert!(told.contains("free some space"), "{told}");
    // Smaller things still fit, and then all is well again.
    let small = batch(vec![with_address(&program, "a", MONDAY)]);
    assert_eq!(handle.submit(small, 100).await.unwrap().accepted, 1);
    assert!(handle.trouble().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However what arrives is cut into batches, wherever the daemon dies without having answered, and however often
    /// clients send again: the end is the same.
    #[test]
    fn cuts_crashes_and_repeats_do_not_change_the_end(
        orders in prop::collection::vec((0..4_u8, 0..90_i64), 1..40),
        cuts in prop::collection::vec((1..8_usize, prop::bool::ANY, prop::bool::ANY), 1..40),
    ) {
        let end = MONDAY + 10 * HOUR;
        let all = |program: &journey_engine::Program| -> Vec<Arrival> {
            let mut at = MONDAY;
            orders.iter().enumerate().map(|(n, (who, minutes))| {
                at += minutes * 60_000 / 10;
                purchase(program, known(&format!("c{who}")), &format!("o{n}"), at)
            }).collect()
        };
        let finish = |shop: &mut Process<Sqlite>| {
            while wake(shop, end) > 0 {}
            let mut tallies = shop.store().tallies().unwrap();
            tallies.sort();
            let mut keys: Vec<[u8; 32]> = shop.store().effects(0, None, None, 10_000).unwrap()
                .into_iter().map(|kept| kept.effect.key).collect();
            keys.sort_unstable();
            (tallies, keys)
        };

        let calm = tempfile::tempdir().unwrap();
        let mut shop = open(calm.path());
        let arrivals = all(&Arc::clone(shop.program()));
        take(&mut shop, arrivals.clone(), end);
        let expected = finish(&mut shop);

        let rough = tempfile::tempdir().unwrap();
        let mut shop = open(rough.path());
        let mut rest = arrivals.as_slice();
        let mut cuts = cuts.iter().cycle();
        while !rest.is_empty() {
            let (size, dies, again) = cuts.next().unwrap();
            let (now, later) = rest.split_at((*size).min(rest.len()));
            take(&mut shop, now.to_vec(), end);
            if *dies {
                drop(shop);
                shop = open(rough.path());
            }
            if *dies || *again {
                let receipt = take(&mut shop, now.to_vec(), end);
                prop_assert_eq!(receipt.duplicates, now.len());
            }
            rest = later;
        }
        prop_assert_eq!(finish(&mut shop), expected);
    }

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
