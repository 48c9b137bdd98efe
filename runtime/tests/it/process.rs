//! The process: the engine over stored contacts, one durable decision at a time.

use std::sync::Arc;

use journey_engine::Item;
use journey_ir::time::{DAY, HOUR};
use journeyd::process::{Arrival, Batch, Effects, Process, Who};
use journeyd::store::{Read as _, Rejected, Sqlite};
use proptest::prelude::*;
use serde_json::json;

use crate::shop::{
    MONDAY, batch, effects, happened, known, open, purchase, report, take, tally, traits, wake,
    with_address,
};

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
}
