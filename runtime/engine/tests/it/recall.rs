//! What is recalled of the past: the last and the favourite value, the usual time between two events, how long something
//! has been so; and who is in a sample.

use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;
use proptest::prelude::*;

use crate::build::*;

const BUY: EventIx = EventIx(0);

fn is_in(p: &Person) -> bool {
    !p.contact.memberships(&p.program).is_empty()
}

/// A segment of those whose last or favourite category is red ginseng.
fn recalls(keep: Keep) -> Build {
    let mut b = Build::new();
    b.event("buy", &[("category", Type::Text)]);
    let aggregate = b.aggregate(BUY, None, keep);
    let is = Comparison::Is(Operand::Value(text("0")));
    let red = b.compare(Source::Recalled(aggregate), is);
    b.segment("red", red);
    b
}

fn overdue(intervals: u32, settle: i64) -> Build {
    let mut b = Build::new();
    b.event("buy", &[]);
    let aggregate = b.aggregate(BUY, None, Keep::Rhythm);
    let overdue = b.is(Atom::Overdue {
        aggregate,
        intervals,
        settle,
    });
    b.segment("overdue", overdue);
    b
}

#[test]
fn who_buys_every_ten_days_is_overdue_after_twenty() {
    let mut p = overdue(2, 10 * MINUTE).person();
    p.does(MONDAY, BUY, &[]);
    p.does(MONDAY + 5 * DAY, BUY, &[]);
    assert_eq!(p.contact.next_wake(), None);
    p.does(MONDAY + 20 * DAY, BUY, &[]);
    assert_eq!(p.contact.next_wake(), Some(MONDAY + 40 * DAY + 10 * MINUTE));
    p.until(MONDAY + 50 * DAY);
    assert!(is_in(&p));
    p.does(MONDAY + 50 * DAY, BUY, &[]);
    assert!(!is_in(&p));
}

#[test]
fn what_happened_at_one_instant_has_no_rhythm() {
    let mut p = overdue(1, 0).person();
    for _ in 0..5 {
        p.does(MONDAY, BUY, &[]);
    }
    p.until(MONDAY + 500 * DAY);
    assert!(!is_in(&p));
}

#[test]
fn a_stay_is_counted_without_a_break_and_outlasts_a_deploy() {
    let build = |longer: bool| {
        let mut b = Build::new();
        b.event("buy", &[]);
        let recent = b.did(BUY, 1, Window::Last(days(if longer { 9 } else { 5 })), 0);
        let segment = b.segment("recent", recent);
        let loyal = b.is(Atom::MemberFor {
            segment,
            span: days(7),
        });
        b.segment("loyal", loyal);
        b
    };
    let mut p = build(false).person();
    p.does(MONDAY, BUY, &[]);
    p.does(MONDAY + 4 * DAY, BUY, &[]);
    // Until now without a break, and then not for seven days.
    p.until(MONDAY + 7 * DAY);
    assert_eq!(p.when("joined loyal"), Some(MONDAY + 7 * DAY));
    p.until(MONDAY + 9 * DAY);
    assert_eq!(p.when("left loyal"), Some(MONDAY + 9 * DAY));
    p.does(MONDAY + 10 * DAY, BUY, &[]);
    p.does(MONDAY + 14 * DAY, BUY, &[]);
    assert_eq!(p.contact.next_wake(), Some(MONDAY + 17 * DAY));
    // A deploy that leaves the contact in the segment leaves the stay as it is.
    let longer = build(true).link();
    let mut contact = journey_engine::Contact::decode(&p.contact.encode(), &longer).unwrap();
    let bought = |at: i64| journey_engine::Event {
        id: journey_engine::EventId::of(&at.to_string()),
        kind: BUY,
        occurred_at: at,
        received_at: at,
        fields: vec![],
    };
    let events = [10, 14].map(|day| bought(MONDAY + day * DAY)).into_iter();
    journey_engine::rebase(&longer, &mut contact, events, MONDAY + 15 * DAY, &mut p.out);
    assert_eq!(contact.next_wake(), Some(MONDAY + 17 * DAY));
}

#[test]
fn a_stay_in_a_stage_begins_when_the_stage_does() {
    let mut b = Build::new();
    b.event("buy", &[]);
    let lifecycle = b.shop_lifecycle(BUY, 0);
    let loyal = b.is(Atom::StageFor {
        lifecycle,
        stage: StageIx(1),
        span: days(100),
    });
    b.segment("loyal", loyal);
    let mut p = b.person();
    p.does(MONDAY, BUY, &[]);
    p.does(MONDAY + 50 * DAY, BUY, &[]);
    p.until(MONDAY + 139 * DAY);
    assert_eq!(p.when("joined loyal"), Some(MONDAY + 100 * DAY));
    p.until(MONDAY + 141 * DAY);
    assert_eq!(p.when("left loyal"), Some(MONDAY + 140 * DAY));
}

#[test]
fn a_sample_holds_its_share_of_people_and_larger_ones_hold_smaller_ones() {
    let build = |share: u32| {
        let mut b = Build::new();
        let name = "beta".to_owned();
        let sampled = b.is(Atom::Sample { name, share });
        b.segment("sample", sampled);
        b.link()
    };
    let (tenth, fifth) = (build(1_000), build(2_000));
    let mut counts = [0, 0];
    for at in 0..2_000 {
        let inside = [&tenth, &fifth].map(|program| {
            let mut contact = journey_engine::Contact::new(&format!("person {at}"));
            let item = journey_engine::Item::Attributes {
                set: vec![],
                occurred_at: MONDAY,
            };
            let mut out = journey_engine::Outcome::default();
            journey_engine::step(program, &mut contact, &item, MONDAY, &mut out);
            !contact.memberships(program).is_empty()
        });
        assert!(!inside[0] || inside[1]);
        counts[0] += u32::from(inside[0]);
        counts[1] += u32::from(inside[1]);
    }
    assert!((150..250).contains(&counts[0]), "{counts:?}");
    assert!((340..460).contains(&counts[1]), "{counts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_and_the_favourite_value_are_what_they_say_in_any_order(
        events in proptest::collection::vec((0..60i64, proptest::option::weighted(0.9, 0..3u32)), 1..30).prop_shuffle(),
        favourite in any::<bool>(),
    ) {
        let keep = if favourite { Keep::Favourite(FieldIx(0)) } else { Keep::Last(FieldIx(0)) };
        let mut p = recalls(keep).person();
        // One event an instant, so that it is clear which is the newest.
        let mut events = events;
        events.sort_by_key(|(at, _)| *at);
        events.dedup_by_key(|(at, _)| *at);
        events.sort_by_key(|(at, _)| at * 37 % 61);
        let mut happened: Vec<(i64, Option<u32>)> = Vec::new();
        for (at, category) in events {
            let fields: Vec<Value> = category.map(|it| text(&it.to_string())).into_iter().collect();
            p.does_late(MONDAY + at * HOUR, MONDAY + 61 * HOUR, BUY, &fields);
            happened.push((at, category));
            let expected = if favourite {
                let rank = |value: u32| {
                    let of = happened.iter().filter(move |it| it.1 == Some(value));
                    (of.clone().count(), of.map(|it| it.0).max())
                };
                rank(0).0 > 0 && rank(0) > rank(1) && rank(0) > rank(2)
            } else {
                happened.iter().max().unwrap().1 == Some(0)
            };
            prop_assert_eq!(is_in(&p), expected);
        }
    }

    #[test]
    fn a_rhythm_is_what_its_definition_says(
        events in proptest::collection::vec(0..90i64 * DAY, 1..12).prop_shuffle(),
        intervals in 1..4u32,
    ) {
        let mut p = overdue(intervals, 0).person();
        let heard = MONDAY + 90 * DAY;
        for at in &events {
            p.does_late(MONDAY + at, heard, BUY, &[]);
        }
        let (first, last) = (*events.iter().min().unwrap(), *events.iter().max().unwrap());
        let gaps = events.len() as i64 - 1;
        let is_overdue = |at: i64| {
            // at - newest ≥ k × (newest − oldest) / (n − 1), without fractions.
            gaps >= 2 && first < last && (at - last) * gaps >= i64::from(intervals) * (last - first)
        };
        p.until(heard);
        prop_assert_eq!(is_in(&p), is_overdue(90 * DAY));
        while let Some(wake) = p.contact.next_wake() {
            prop_assert!(!is_overdue(wake - 1 - MONDAY));
            p.until(wake);
            prop_assert!(is_overdue(wake - MONDAY) && is_in(&p));
        }
    }
}
