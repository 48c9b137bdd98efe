//! Scores: points fade evenly, flip at their exact instant, and do not depend on the order in which events arrive.

use journey_ir::aggregate::Keep;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;
use proptest::prelude::*;

use crate::build::*;

const UP: u32 = 0;
const DOWN: u32 = 1;

/// A program with a score of two lines and a segment of those who pass a comparison.
fn program(
    points: [i64; 2],
    every: Option<i64>,
    shown: Option<(i64, i64)>,
    test: Comparison,
) -> Build {
    let mut b = Build::new();
    let keep = every.map_or(Keep::Count, |every| Keep::Halving { every });
    let mut lines = Vec::new();
    for (name, points) in ["up", "down"].into_iter().zip(points) {
        let event = b.event(name, &[]);
        let aggregate = b.aggregate(event, None, keep.clone());
        lines.push(ScoreLine { points, aggregate });
    }
    b.ir.scores.push(Score {
        name: "lead_score".into(),
        title: None,
        lines,
        shown,
    });
    let hot = b.compare(Source::Score(ScoreIx(0)), test);
    b.segment("hot", hot);
    b
}

fn at_least(n: i64) -> Comparison {
    Comparison::AtLeast(Operand::Value(whole(n)))
}

#[test]
fn a_score_that_reaches_the_mark_falls_below_it_as_it_fades() {
    let mut p = program([50, -40], Some(14 * DAY), None, at_least(50)).person();
    p.does(MONDAY, EventIx(UP), &[]);
    assert_eq!(p.when("joined hot"), Some(MONDAY));
    p.does(MONDAY, EventIx(UP), &[]);
    // A hundred points are fifty after one half-life, and less one millisecond later.
    assert_eq!(p.contact.next_wake(), Some(MONDAY + 14 * DAY + 1));
    p.until(MONDAY + 14 * DAY);
    assert!(!p.tells("left hot"));
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.when("left hot"), Some(MONDAY + 14 * DAY + 1));
}

#[test]
fn points_are_taken_and_what_fades_comes_back_to_nothing() {
    let under = Comparison::Under(Operand::Value(whole(0)));
    let mut p = program([10, -40], Some(DAY), None, under).person();
    p.does(MONDAY, EventIx(DOWN), &[]);
    p.until(MONDAY + 60 * DAY);
    assert_eq!(p.when("joined hot"), Some(MONDAY));
    // 40 halves to 0.99… after log2(40) days.
    let left = p.when("left hot").unwrap();
    assert!((left - MONDAY - 5 * DAY) > 0 && left < MONDAY + 6 * DAY);
    assert_eq!(p.contact.next_wake(), None);
}

#[test]
fn a_score_without_half_life_keeps_its_points() {
    let mut p = program([10, -40], None, Some((0, 100)), at_least(20)).person();
    p.does(MONDAY, EventIx(UP), &[]);
    p.does(MONDAY + HOUR, EventIx(UP), &[]);
    p.until(MONDAY + 4_000 * DAY);
    assert_eq!(p.when("joined hot"), Some(MONDAY + HOUR));
    assert!(!p.tells("left hot"));
    assert_eq!(p.contact.next_wake(), None);
}

#[test]
fn the_bounds_hold_for_what_is_read_and_not_for_what_is_kept() {
    // 250 points are shown as 100, and it takes them more than one half-life to be fewer.
    let mut p = program([250, -40], Some(DAY), Some((0, 100)), at_least(100)).person();
    p.does(MONDAY, EventIx(UP), &[]);
    p.until(MONDAY + DAY);
    assert!(!p.tells("left hot"));
    p.until(MONDAY + 2 * DAY);
    assert!(p.tells("left hot"));
}

#[test]
fn a_score_is_an_argument_and_a_word_of_a_message() {
    let mut b = program([50, -40], Some(14 * DAY), None, at_least(50));
    let mail = b.message(Message {
        channel: Channel::Email,
        template: "hot".into(),
        purpose: Purpose::Transactional,
        consent: None,
        sender: None,
        subject: vec![],
        body: vec![Piece::Hole {
            hole: Hole::Score(ScoreIx(0)),
            filters: vec![],
        }],
        needs: vec![],
        translations: vec![],
    });
    b.journey(
        "hot",
        when(EventIx(UP)),
        vec![wait(days(7), 0, next(1)), send(mail, None)],
    );
    let mut p = b.person();
    p.does(MONDAY, EventIx(UP), &[]);
    p.until(MONDAY + 7 * DAY);
    let sent = p.out.effects.iter().find_map(|effect| match &effect.what {
        journey_engine::Intent::Send(send) => Some(send.values.clone()),
        _ => None,
    });
    // 50 / √2 is 35.36.
    assert_eq!(sent.unwrap(), [("contact.lead_score".into(), whole(35))]);
}

/// The definition, read literally, in floating point.
fn literally(events: &[(i64, u32)], points: [i64; 2], every: i64, at: i64) -> f64 {
    let worth = |(t, kind): &(i64, u32)| {
        let age = (at - t) as f64 / every as f64;
        points[*kind as usize] as f64 * (-age).exp2()
    };
    events.iter().filter(|(t, _)| *t <= at).map(worth).sum()
}

/// Whether the literal value, what is left of a point dropped, passes; `None` where it is too close to say.
fn passes(value: f64, shown: Option<(i64, i64)>, mark: i64) -> Option<bool> {
    let clear = (value - value.round()).abs() > 1e-7;
    let whole = value.trunc();
    let (low, high) = shown.unwrap_or((i64::MIN, i64::MAX));
    clear.then(|| whole.clamp(low as f64, high as f64) >= mark as f64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_score_is_what_its_definition_says(
        events in proptest::collection::vec((0..40 * DAY, prop_oneof![3 => Just(UP), 1 => Just(DOWN)]), 1..25),
        points in (1..60i64, -60..-1i64),
        every in prop_oneof![Just(MINUTE), Just(DAY), Just(14 * DAY), 1_000_000..3_000_000_000i64],
        shown in proptest::option::of((-20..20i64, 20..90i64)),
        mark in -30..120i64,
    ) {
        let points = [points.0, points.1];
        let mut p = program(points, Some(every), shown, at_least(mark)).person();
        let mut events: Vec<(i64, u32)> = events.into_iter().map(|(at, kind)| (MONDAY + at, kind)).collect();
        events.sort_unstable();
        let mut happened = Vec::new();
        for (at, kind) in events {
            // Whatever flipped before is what the definition says, one millisecond before and after it too.
            while let Some(wake) = p.contact.next_wake().filter(|wake| *wake < at) {
                check(&p, &happened, points, every, shown, mark, wake - 1)?;
                p.until(wake);
                check(&p, &happened, points, every, shown, mark, wake)?;
            }
            p.does(at, EventIx(kind), &[]);
            happened.push((at, kind));
            check(&p, &happened, points, every, shown, mark, at)?;
        }
        while let Some(wake) = p.contact.next_wake() {
            check(&p, &happened, points, every, shown, mark, wake - 1)?;
            p.until(wake);
            check(&p, &happened, points, every, shown, mark, wake)?;
        }
        check(&p, &happened, points, every, shown, mark, MONDAY + 20_000 * DAY)?;
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        events in proptest::collection::vec((0..300 * DAY, prop_oneof![3 => Just(UP), 1 => Just(DOWN)]), 1..40)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
    ) {
        let (sorted, shuffled) = events;
        let states = [sorted, shuffled].map(|events| {
            let mut p = program([7, -3], Some(DAY), None, at_least(5)).person();
            let end = MONDAY + 300 * DAY;
            for (at, kind) in events {
                p.does_late(MONDAY + at, end, EventIx(kind), &[]);
            }
            (p.contact.memberships(&p.program), p.contact.next_wake())
        });
        prop_assert_eq!(&states[0], &states[1]);
    }
}

fn check(
    p: &Person,
    happened: &[(i64, u32)],
    points: [i64; 2],
    every: i64,
    shown: Option<(i64, i64)>,
    mark: i64,
    at: i64,
) -> Result<(), TestCaseError> {
    let value = literally(happened, points, every, at);
    if let Some(expected) = passes(value, shown, mark) {
        let is_hot = !p.contact.memberships(&p.program).is_empty();
        prop_assert_eq!(is_hot, expected, "{} at {}", value, at);
    }
    Ok(())
}

#[test]
fn what_a_score_was_when_it_moved_somebody_is_told() {
    let mut p = program([30, -10], None, None, at_least(30)).person();
    p.does(MONDAY, EventIx(UP), &[]);
    assert!(p.tells("lead_score is 30"), "{}", p.story());
    p.does(MONDAY + HOUR, EventIx(DOWN), &[]);
    assert!(p.tells("lead_score is 20"), "{}", p.story());
    p.does(MONDAY + 2 * HOUR, EventIx(DOWN), &[]);
    assert_eq!(p.times("lead_score is"), 2, "{}", p.story());
}
