//! Hostile programs and damaged states: everything ends, nothing panics.

use journey_engine::{Contact, Event, EventId, Item, Outcome, advance, step};
use journey_ir::journey::Reenter;
use journey_ir::time::{DAY, Schedule};
use journey_ir::*;
use proptest::prelude::*;

use crate::build::*;
use crate::model::lively;

#[test]
fn steps_that_run_in_a_circle_are_stopped() {
    let circles = [
        vec![StepKind::Branch {
            arms: vec![],
            otherwise: next(0),
        }],
        vec![race(days(0), 0, vec![], next(0))],
        vec![
            StepKind::Tag {
                tag: "x".into(),
                add: true,
                next: next(1),
            },
            StepKind::Tag {
                tag: "x".into(),
                add: false,
                next: next(0),
            },
        ],
    ];
    for circle in circles {
        let mut b = Build::new();
        let go = b.event("go", &[]);
        b.journey("j", when(go), circle);
        let mut p = b.person();
        p.does(MONDAY, go, &[]);
        p.until(MONDAY + DAY);
        assert!(p.tells("stopped for good"));
        assert_eq!(p.contact.runs(&p.program).len(), 1);
        assert_eq!(p.contact.next_wake(), None);
    }
}

#[test]
fn a_circle_with_a_short_wait_ends_too() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    b.journey(
        "j",
        when(go),
        vec![wait(Span::new(1, Unit::Second), 0, next(0))],
    );
    let mut p = b.person();
    p.does(MONDAY, go, &[]);
    let mut out = Outcome::default();
    advance(&p.program, &mut p.contact, MONDAY + 36_500 * DAY, &mut out);
    assert_eq!(p.contact.next_wake(), None);
}

#[test]
fn journeys_that_start_each_other_end() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let tagged = b.is(Atom::Tagged("x".into()));
    let s = b.segment("s", tagged);
    let tag = |add| StepKind::Tag {
        tag: "x".into(),
        add,
        next: None,
    };
    let enter = |trigger| Entry::When {
        trigger,
        condition: None,
    };
    b.journey("start", when(go), vec![tag(true)]);
    b.journey("off", enter(Trigger::Joins(s)), vec![tag(false)])
        .reenter = Reenter::AnyTime;
    b.journey("on", enter(Trigger::Leaves(s)), vec![tag(true)])
        .reenter = Reenter::AnyTime;
    let mut p = b.person();
    p.does(MONDAY, go, &[]);
    assert!(p.tells("stopped for good"));
}

#[test]
fn times_from_beyond_the_calendar_are_brought_back() {
    let (program, events) = lively();
    let mut contact = Contact::new("x");
    let mut out = Outcome::default();
    for at in [i64::MIN, i64::MAX, 0, i64::MAX, i64::MIN] {
        let event = Event {
            id: EventId::of(&at.to_string()),
            kind: events[0],
            occurred_at: at,
            received_at: at,
            fields: vec![None; 9],
        };
        step(&program, &mut contact, &Item::Event(event), at, &mut out);
        let read = Contact::decode(&contact.encode(), &program).unwrap();
        assert_eq!(read, contact);
    }
    advance(&program, &mut contact, i64::MAX, &mut out);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (program, _) = lively();
        let mut framed = vec![1];
        framed.extend(bytes);
        let _ = Contact::decode(&framed, &program);
    }

    #[test]
    fn a_damaged_state_is_refused_or_goes_on(at in 0usize..400, bit in 0u8..8, cut in prop_oneof![Just(0usize), 0usize..400]) {
        let (program, events) = lively();
        let mut p = Person::in_program(program);
        for (n, event) in events.iter().enumerate() {
            p.does(MONDAY + n as i64, *event, &[text("a"), whole(1), text("b")]);
        }
        let mut bytes = p.contact.encode();
        let length = bytes.len();
        bytes[at % length] ^= 1 << bit;
        bytes.truncate(length - cut % length);
        if let Ok(mut contact) = Contact::decode(&bytes, &p.program) {
            let mut out = Outcome::default();
            advance(&p.program, &mut contact, MONDAY + 20 * DAY, &mut out);
            let event = Event {
                id: EventId::of("later"),
                kind: events[0],
                occurred_at: MONDAY + 21 * DAY,
                received_at: MONDAY + 21 * DAY,
                fields: vec![],
            };
            step(&p.program, &mut contact, &Item::Event(event), MONDAY + 21 * DAY, &mut out);
        }
    }
}

/// A state with what no step ever leaves behind.
fn forged(p: &Person, change: impl Fn(&mut serde_json::Value)) -> Contact {
    let mut state = serde_json::to_value(&p.contact).unwrap();
    change(&mut state);
    serde_json::from_value(state).unwrap()
}

#[test]
fn forged_watches_and_schedules_are_refused_or_end() {
    let (program, _) = lively();
    let mut p = Person::in_program(program);
    p.until(MONDAY);
    let planned = |journey: &str| {
        let key = blake3::hash(format!("journey\0{journey}").as_bytes());
        let key = u32::from_le_bytes(*key.as_bytes().first_chunk().unwrap());
        serde_json::json!({"journey": key, "due": MONDAY, "last_day": null, "last": null})
    };
    let forgeries: [&dyn Fn(&mut serde_json::Value); 4] = [
        &|state| {
            let watches = state["watches"].as_array_mut().unwrap();
            watches.push(serde_json::json!({"value": 1, "flip": MONDAY}));
        },
        &|state| state["life"] = "Unknown".into(),
        &|state| state["schedules"] = vec![planned("weekly"), planned("weekly")].into(),
        &|state| state["schedules"] = vec![planned("rescue")].into(),
    ];
    for forge in forgeries {
        let bytes = forged(&p, forge).encode();
        if let Ok(mut contact) = Contact::decode(&bytes, &p.program) {
            let mut out = Outcome::default();
            advance(&p.program, &mut contact, MONDAY + 20 * DAY, &mut out);
            assert!(contact.next_wake().is_none_or(|it| it > MONDAY + 20 * DAY));
        }
    }
}

#[test]
fn a_first_event_from_long_ago_does_not_make_up_for_the_years_since() {
    for occurred_at in [i64::MIN, 0] {
        let mut b = Build::new();
        let visit = b.event("visit", &[]);
        let recent = b.did(visit, 1, Window::Last(days(5)), 0);
        b.segment("recent", recent);
        let everyone = b.always();
        let mail = b.mail("news");
        let schedule = Schedule::Daily { at: clock(10, 0) };
        b.journey(
            "news",
            Entry::Schedule {
                schedule,
                people: everyone,
            },
            vec![send(mail, None)],
        )
        .reenter = Reenter::AnyTime;
        let mut p = Person::unknown(b.link());
        p.does_late(occurred_at, MONDAY, visit, &[]);
        let email = p.program.attribute_by_name("email").unwrap();
        p.set(MONDAY, email, "a@b.kr");
        p.until(MONDAY + DAY);
        assert!(p.times("entered news") <= 4, "{}", p.times("entered news"));
        assert!(!p.tells("joined recent"));
    }
}

#[test]
fn ending_runs_makes_nobody_known() {
    let mut b = Build::new();
    let always = b.always();
    b.segment("everyone", always);
    let mut p = Person::unknown(b.link());
    let cancel = Item::Cancel {
        journey: None,
        occurred_at: MONDAY,
    };
    p.item(&cancel, MONDAY);
    assert!(!p.contact.is_known() && p.out.history.is_empty());
}
