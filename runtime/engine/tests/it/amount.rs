//! Totals, averages and largest amounts, in windows that slide and in stretches that stand still.

use journey_ir::condition::Measure;
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR};
use journey_ir::*;
use proptest::prelude::*;

use crate::build::*;

const BUY: EventIx = EventIx(0);
const ZONE: &str = "America/New_York";

fn program(keep: Keep, measure: Measure, window: Window, test: Comparison) -> Build {
    let mut b = Build::new().zone(ZONE);
    b.event("buy", &[("total", Type::Money(Currency::new("KRW")))]);
    let aggregate = b.aggregate(BUY, None, keep);
    let big = b.is(Atom::Amount {
        aggregate,
        measure,
        window,
        test,
    });
    b.segment("big", big);
    b.ir.rankings.push(Ranking {
        name: "best".into(),
        by: RankedBy::Amount {
            aggregate,
            measure,
            window,
        },
        share: 1_000,
        at: Clock(4 * 60),
    });
    b
}

fn sliding(measure: Measure, span: Span, test: Comparison) -> Build {
    let keep = Keep::Amounts {
        field: FieldIx(0),
        within: span.at_most(),
    };
    program(keep, measure, Window::Last(span), test)
}

fn is_big(p: &Person) -> bool {
    !p.contact.memberships(&p.program).is_empty()
}

#[test]
fn a_sliding_total_falls_when_its_oldest_amount_leaves() {
    let test = Comparison::AtLeast(Operand::Value(won(100_000)));
    let mut p = sliding(Measure::Total, hours(48), test).person();
    p.does(MONDAY, BUY, &[won(60_000)]);
    p.does(MONDAY + HOUR, BUY, &[won(30_000)]);
    p.does(MONDAY + 2 * HOUR, BUY, &[won(20_000)]);
    assert_eq!(p.when("joined big"), Some(MONDAY + 2 * HOUR));
    assert_eq!(p.contact.next_wake(), Some(MONDAY + 48 * HOUR));
    p.does(MONDAY + 3 * HOUR, BUY, &[won(70_000)]);
    // 60,000 leave and 120,000 remain; then 30,000 leave and 90,000 remain.
    assert_eq!(p.contact.next_wake(), Some(MONDAY + 49 * HOUR));
    p.until(MONDAY + 90 * HOUR);
    assert_eq!(p.when("left big"), Some(MONDAY + 49 * HOUR));
    assert_eq!(p.contact.next_wake(), None);
}

#[test]
fn an_average_can_rise_as_amounts_leave() {
    let test = Comparison::AtLeast(Operand::Value(won(50_000)));
    let mut p = sliding(Measure::Average, hours(24), test).person();
    p.does(MONDAY, BUY, &[won(10_000)]);
    p.does(MONDAY + HOUR, BUY, &[won(80_000)]);
    assert!(!is_big(&p));
    p.until(MONDAY + 24 * HOUR - 1);
    assert!(!is_big(&p));
    p.until(MONDAY + 24 * HOUR);
    assert!(is_big(&p));
    p.until(MONDAY + 25 * HOUR);
    assert!(!is_big(&p));
}

#[test]
fn a_stretch_that_stands_still_counts_from_its_first_instant_to_its_last() {
    let keep = Keep::Summary {
        field: FieldIx(0),
        from: Some(MONDAY),
        to: Some(MONDAY + DAY),
    };
    let test = Comparison::AtLeast(Operand::Value(won(10)));
    let mut p = program(keep, Measure::Largest, Window::Ever, test).person();
    p.does(MONDAY - 1, BUY, &[won(50)]);
    p.does(MONDAY, BUY, &[won(3)]);
    assert!(!is_big(&p));
    p.does(MONDAY + DAY, BUY, &[won(50)]);
    assert!(!is_big(&p));
    p.does_late(MONDAY + DAY - 1, MONDAY + 2 * DAY, BUY, &[won(10)]);
    assert!(is_big(&p));
}

#[test]
fn what_happened_on_one_day_is_counted_for_that_day() {
    let mut b = Build::new();
    b.event("buy", &[]);
    let keep = Keep::Within {
        from: MONDAY,
        to: MONDAY + DAY,
        most: 2,
    };
    let aggregate = b.aggregate(BUY, None, keep);
    let twice = b.is(Atom::Happened {
        aggregate,
        n: 2,
        window: Window::Ever,
        settle: 0,
    });
    b.segment("big", twice);
    let mut p = b.person();
    p.does(MONDAY - 1, BUY, &[]);
    p.does(MONDAY, BUY, &[]);
    p.does(MONDAY + DAY, BUY, &[]);
    assert!(!is_big(&p));
    p.does_late(MONDAY + DAY - 1, MONDAY + 2 * DAY, BUY, &[]);
    assert!(is_big(&p));
}

/// When an event leaves a window, by the calendar of New York.
fn leaves(at: i64, span: Span) -> i64 {
    let zoned = jiff::Timestamp::from_millisecond(at).unwrap();
    let zoned = zoned.in_tz(ZONE).unwrap();
    let span = match span.unit {
        Unit::Hour => return at + i64::from(span.n) * HOUR,
        Unit::Day => jiff::Span::new().days(span.n),
        _ => jiff::Span::new().months(span.n),
    };
    let later = zoned.datetime().checked_add(span).unwrap();
    later.in_tz(ZONE).unwrap().timestamp().as_millisecond()
}

/// The measure of the amounts that are in the window.
fn literally(events: &[(i64, i64)], measure: Measure, span: Span, at: i64) -> Option<i64> {
    let inside = events
        .iter()
        .filter(|(t, _)| *t <= at && at < leaves(*t, span));
    let amounts: Vec<i64> = inside.map(|(_, amount)| *amount).collect();
    let sum: i64 = amounts.iter().sum();
    Some(match measure {
        _ if amounts.is_empty() => return None,
        Measure::Total => sum,
        Measure::Average => sum / amounts.len() as i64,
        Measure::Largest => *amounts.iter().max().unwrap(),
    })
}

fn measures() -> impl Strategy<Value = Measure> {
    prop_oneof![
        Just(Measure::Total),
        Just(Measure::Average),
        Just(Measure::Largest)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sliding_amount_is_what_its_definition_says(
        events in proptest::collection::vec((0..400 * HOUR, -20..100i64), 1..40),
        order in any::<prop::sample::Index>(),
        measure in measures(),
        span in prop_oneof![(1..200u32).prop_map(hours), (1..9u32).prop_map(days), Just(Span::new(1, Unit::Month))],
        mark in -10..250i64,
        at_most in any::<bool>(),
    ) {
        let operand = Operand::Value(won(mark));
        let test = if at_most { Comparison::AtMost(operand) } else { Comparison::AtLeast(operand) };
        let passes = |value: i64| if at_most { value <= mark } else { value >= mark };
        let mut p = sliding(measure, span, test).person();
        // From the week before the clocks go forward on; a third of the events is heard of late.
        let start = MONDAY + order.index(7) as i64 * HOUR;
        let mut heard: Vec<(i64, i64, i64)> = events
            .iter()
            .map(|(at, amount)| (start + at + if amount % 3 == 0 { amount.abs() * HOUR } else { 0 }, start + at, *amount))
            .collect();
        heard.sort_unstable();
        let mut happened: Vec<(i64, i64)> = Vec::new();
        let last = heard.last().map_or(start, |(at, ..)| *at) + 60 * DAY;
        for (now, at, amount) in heard.into_iter().chain([(last, last, 0)]) {
            while let Some(wake) = p.contact.next_wake().filter(|wake| *wake < now) {
                let expected = literally(&happened, measure, span, wake - 1).is_some_and(passes);
                prop_assert_eq!(is_big(&p), expected);
                p.until(wake);
                let expected = literally(&happened, measure, span, wake).is_some_and(passes);
                prop_assert_eq!(is_big(&p), expected);
            }
            p.until(now);
            let expected = literally(&happened, measure, span, now);
            prop_assert_eq!(is_big(&p), expected.is_some_and(passes));
            let ranked = expected.filter(|it| *it != 0 && !happened.is_empty());
            prop_assert_eq!(p.contact.standing(&p.program, RankingIx(0), now), ranked);
            if now < last {
                p.does_late(at, now, BUY, &[won(amount)]);
                p.until(now);
                happened.push((at, amount));
                prop_assert_eq!(is_big(&p), literally(&happened, measure, span, now).is_some_and(passes));
            }
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter_for_amounts(
        events in proptest::collection::vec((0..30 * DAY, 0..100i64), 1..40)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        measure in measures(),
    ) {
        let (sorted, shuffled) = events;
        let states = [sorted, shuffled].map(|events| {
            let test = Comparison::AtLeast(Operand::Value(won(150)));
            let mut p = sliding(measure, days(3), test).person();
            for (at, amount) in events {
                p.does_late(MONDAY + at, MONDAY + 30 * DAY, BUY, &[won(amount)]);
            }
            (is_big(&p), p.contact.next_wake())
        });
        prop_assert_eq!(states[0], states[1]);
    }
}
