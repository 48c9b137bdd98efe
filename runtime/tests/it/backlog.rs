//! Many at one time, and much that is too late: what was due while nobody was there, and what is due for everybody at
//! nine o'clock.

use std::sync::Arc;

use journey_ir::time::{DAY, HOUR};
use journeyd::inspect::erasure;
use journeyd::process::{Arrival, Batch, Effects, Process, Wakes, Who};
use journeyd::store::{Read as _, Rejected, Sqlite};
use serde_json::json;

use crate::shop::{
    MONDAY, batch, effects, known, open, open_with, program, purchase, tally, traits, with_address,
};

/// What the daemon takes along per turn.
const WAKES: usize = 1_024;

fn wakes(until: i64) -> Wakes {
    Wakes {
        until,
        most: WAKES,
        effects: Effects::Act,
    }
}

fn take(shop: &mut Process<Sqlite>, arrivals: Vec<Arrival>, now: i64) {
    shop.turn(&[batch(arrivals)], None, now).unwrap();
}

#[test]
fn people_who_are_all_due_at_once_and_events_do_not_wait_for_each_other() {
    const PARKED: usize = 5_000;
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let parked = (0..PARKED).map(|n| purchase(&program, known(&format!("p{n}")), "o", MONDAY));
    take(&mut shop, parked.collect(), MONDAY);
    let nine = MONDAY + HOUR;
    let mut turns = 0;
    let mut woken = 0;
    while woken < PARKED {
        let live = (0..10).map(|n| {
            let order = format!("live {turns} {n}");
            purchase(&program, known(&order), &order, nine)
        });
        let report = shop.turn(&[batch(live.collect())], Some(wakes(nine)), nine);
        let report = report.unwrap();
        // Each turn carries everything that was sent, and a bounded part of the rest.
        assert_eq!(report.receipts[0].accepted, 10);
        assert!(report.woken <= WAKES);
        woken += report.woken;
        turns += 1;
    }
    assert_eq!((woken, turns), (PARKED, PARKED.div_ceil(WAKES)));
    assert_eq!(tally(&mut shop, "completed", ""), PARKED as i64);
    assert_eq!(tally(&mut shop, "inside", "wait"), 10 * turns as i64);
}

#[test]
fn what_was_due_while_nobody_was_there_goes_on_and_what_is_too_late_is_not_sent() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program_ = Arc::clone(shop.program());
    for (who, at) in [("old", MONDAY), ("new", MONDAY + 2 * DAY)] {
        let arrivals = vec![
            with_address(&program_, who, at),
            purchase(&program_, known(who), who, at),
        ];
        take(&mut shop, arrivals, at);
    }
    drop(shop);
    // The question to one is two days late, that to the other an hour; a day is what the project allows.
    let back = MONDAY + 2 * DAY + 2 * HOUR;
    let mut shop = open_with(root.path(), program(), back);
    while shop.turn(&[], Some(wakes(back)), back).unwrap().woken > 0 {}
    let questions: Vec<_> = effects(&mut shop)
        .into_iter()
        .filter(|(step, ..)| step == "send question")
        .map(|(_, who, status)| (who, status))
        .collect();
    let expected = [("old".to_owned(), "stale"), ("new".to_owned(), "pending")];
    assert_eq!(questions, expected);
    assert_eq!(tally(&mut shop, "completed", ""), 2);
}

fn erase(shop: &mut Process<Sqlite>, id: &str) {
    let found = erasure::find(shop.store(), id).unwrap().unwrap();
    shop.turn(&[erasure::batch(&found, MONDAY)], None, MONDAY)
        .unwrap();
}

#[test]
fn rejected_items_that_name_somebody_who_is_erased_lose_their_content() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program_ = Arc::clone(shop.program());
    let rejected = |payload: serde_json::Value| Rejected {
        at: MONDAY,
        source: "web".into(),
        code: "unknown_event".into(),
        detail: format!("{} is no event", payload["event"]),
        payload: payload.to_string(),
    };
    let sent = Batch {
        arrivals: vec![with_address(&program_, "mina", MONDAY)],
        rejected: vec![
            rejected(json!({"userId": "mina", "event": "Mina came", "phone": "010"})),
            rejected(json!({"userId": "jun", "event": "visit"})),
        ],
        ..Batch::default()
    };
    shop.turn(&[sent], None, MONDAY).unwrap();
    erase(&mut shop, "mina");
    for _ in 0..2 {
        let kept = shop.store().rejected(None, 9).unwrap();
        assert_eq!(kept.len(), 2);
        assert!(kept[0].rejected.payload.contains("jun"));
        assert_eq!(kept[1].rejected.payload, "");
        assert_eq!(kept[1].rejected.code, "unknown_event");
        assert!(!format!("{kept:?}").contains("Mina"), "{kept:?}");
        // The same from the tables.
        drop(shop);
        shop = open(root.path());
    }
    assert_eq!(shop.store().rejected(Some(2), 9).unwrap().len(), 1);
}

fn meets(known: &str, device: &str) -> Arrival {
    Arrival {
        who: Who::Both {
            known: known.into(),
            anonymous: device.into(),
        },
        received_at: MONDAY,
        id: None,
        item: None,
    }
}

#[test]
fn whoever_signs_up_on_the_device_of_somebody_who_was_erased_is_somebody_else() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    let device = Who::Anonymous("phone".into());
    let bought = purchase(&program, device.clone(), "o1", MONDAY);
    take(&mut shop, vec![bought], MONDAY);
    erase(&mut shop, "phone");
    assert_eq!(tally(&mut shop, "erased", ""), 1);
    take(&mut shop, vec![meets("mina", "phone")], MONDAY);
    let later = vec![
        with_address(&program, "mina", MONDAY),
        purchase(&program, known("mina"), "o2", MONDAY),
        purchase(&program, device, "o3", MONDAY),
    ];
    take(&mut shop, later, MONDAY);
    assert_eq!(tally(&mut shop, "segment", "buyers"), 1);
    assert_eq!(tally(&mut shop, "inside", "wait"), 2);
    assert_eq!(effects(&mut shop).len(), 2);
}

#[test]
fn a_device_that_turns_out_to_be_of_somebody_who_was_erased_is_erased_too() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    take(
        &mut shop,
        vec![with_address(&program, "mina", MONDAY)],
        MONDAY,
    );
    erase(&mut shop, "mina");
    let device = Who::Anonymous("phone".into());
    let email = json!({"email": "mina@example.com"});
    let arrivals = vec![
        traits(&program, device.clone(), &email, MONDAY),
        purchase(&program, device, "o1", MONDAY),
    ];
    take(&mut shop, arrivals, MONDAY);
    assert_eq!(tally(&mut shop, "inside", "wait"), 1);
    take(&mut shop, vec![meets("mina", "phone")], MONDAY);
    assert_eq!(tally(&mut shop, "inside", "wait"), 0);
    assert_eq!(tally(&mut shop, "contacts", ""), 0);
    assert_eq!(tally(&mut shop, "erased", ""), 1);
    let kept = shop.store().effects(0, None, None, 9).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].effect.status.word(), "revoked");
    assert!(!String::from_utf8_lossy(&kept[0].effect.body).contains("mina"));
    let found = erasure::find(shop.store(), "mina").unwrap().unwrap();
    let program = Arc::clone(shop.program());
    let report = journeyd::inspect::contact(shop.store(), &program, &found.name, 100);
    let report = format!("{:?}", report.unwrap().unwrap());
    assert!(report.contains("erased: true"), "{report}");
    assert!(
        !report.contains("o1") && !report.contains("example"),
        "{report}"
    );
}
