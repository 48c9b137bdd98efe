//! Events that follow each other, or stay away: complete at their exact instant, whatever the order of arrival.

use journey_ir::aggregate::Following;
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;
use proptest::prelude::*;

use crate::build::*;

const CART: EventIx = EventIx(0);
const BUY: EventIx = EventIx(1);
const ZONE: &str = "America/New_York";

/// One later part: its event, how long after the part before, whether it stays away.
type Later = (u32, Span, bool);

#[derive(Debug, Clone)]
struct Phrase {
    first: u32,
    then: Vec<Later>,
    keyed: bool,
    window: Window,
    settle: i64,
}

fn program(phrase: &Phrase) -> Build {
    let mut b = Build::new().zone(ZONE);
    for name in ["cart", "buy", "visit"] {
        b.event(name, &[("cart_id", Type::Text)]);
    }
    let key = phrase.keyed.then_some(FieldIx(0));
    let last = match phrase.window {
        Window::Last(span) => Some(span.at_most() + phrase.settle),
        _ => None,
    };
    let all: i64 = phrase.then.iter().map(|(_, span, _)| span.at_most()).sum();
    let then = phrase.then.iter().map(|(event, within, absent)| Following {
        event: EventIx(*event),
        filter: None,
        key,
        within: *within,
        absent: *absent,
    });
    let keep = Keep::Chain {
        key,
        then: then.collect(),
        horizon: last.map(|last| last + all),
    };
    let aggregate = b.aggregate(EventIx(phrase.first), None, keep);
    let done = b.is(Atom::Happened {
        aggregate,
        n: 1,
        window: phrase.window,
        settle: phrase.settle,
    });
    b.segment("done", done);
    b
}

fn abandoned(window: Window, settle: i64, keyed: bool) -> Phrase {
    Phrase {
        first: CART.0,
        then: vec![(BUY.0, days(1), true)],
        keyed,
        window,
        settle,
    }
}

fn is_done(p: &Person) -> bool {
    !p.contact.memberships(&p.program).is_empty()
}

#[test]
fn a_cart_that_nobody_buys_is_abandoned_a_day_later_and_for_a_while() {
    let mut p = program(&abandoned(Window::Last(days(30)), 0, true)).person();
    let noon = MONDAY + 17 * HOUR;
    p.does(noon, CART, &[text("a")]);
    p.does(noon + HOUR, CART, &[text("b")]);
    p.does(noon + 2 * HOUR, BUY, &[text("a")]);
    assert_eq!(p.contact.next_wake(), Some(noon + DAY + HOUR));
    p.until(noon + 100 * DAY);
    assert_eq!(p.when("joined done"), Some(noon + DAY + HOUR));
    // Thirty days later by the clocks of New York, which have gone forward.
    assert_eq!(p.when("left done"), Some(noon + 31 * DAY));
}

#[test]
fn an_event_at_the_last_instant_still_comes_in_time() {
    let mut p = program(&abandoned(Window::Ever, 0, false)).person();
    p.does(MONDAY, CART, &[]);
    p.does(MONDAY + DAY, BUY, &[]);
    p.until(MONDAY + 9 * DAY);
    assert!(!p.tells("done"));
}

#[test]
fn an_absence_waits_for_events_that_arrive_late() {
    let mut p = program(&abandoned(Window::Ever, 10 * MINUTE, false)).person();
    p.does(MONDAY, CART, &[]);
    p.does_late(MONDAY + DAY - MINUTE, MONDAY + DAY + 8 * MINUTE, BUY, &[]);
    p.until(MONDAY + 9 * DAY);
    assert!(!p.tells("done"));
}

#[test]
fn a_late_answer_takes_an_absence_back() {
    let mut p = program(&abandoned(Window::Ever, 0, false)).person();
    p.does(MONDAY, CART, &[]);
    p.until(MONDAY + 2 * DAY);
    assert!(is_done(&p));
    p.does_late(MONDAY + HOUR, MONDAY + 2 * DAY + 1, BUY, &[]);
    assert!(!is_done(&p));
}

#[test]
fn what_was_complete_stays_so_however_much_follows() {
    let bought = Phrase {
        then: vec![(BUY.0, hours(2), false)],
        ..abandoned(Window::Ever, 0, true)
    };
    let mut p = program(&bought).person();
    p.does(MONDAY, CART, &[text("a")]);
    p.does(MONDAY + HOUR, BUY, &[text("a")]);
    assert!(is_done(&p));
    for at in 0..300 {
        p.does(
            MONDAY + DAY + at * HOUR,
            CART,
            &[text(&format!("cart {at}"))],
        );
    }
    for at in 0..300 {
        p.does(MONDAY + 30 * DAY + at * HOUR, CART, &[text("a")]);
    }
    assert!(is_done(&p));
    assert_eq!(p.times("left done"), 0);
}

#[test]
fn a_chain_survives_a_program_that_means_the_same_and_is_read_again_under_another() {
    let phrase = abandoned(Window::Last(days(30)), 0, false);
    let mut p = program(&phrase).person();
    p.does(MONDAY, CART, &[]);
    let longer = program(&abandoned(Window::Last(days(60)), 0, false)).link();
    let bytes = p.contact.encode();
    let read = journey_engine::Contact::decode(&bytes, &program(&phrase).link()).unwrap();
    assert!(!read.is_stale());
    let mut read = journey_engine::Contact::decode(&bytes, &longer).unwrap();
    assert!(read.is_stale());
    let event = journey_engine::Event {
        id: journey_engine::EventId::of("event 1"),
        kind: CART,
        occurred_at: MONDAY,
        received_at: MONDAY,
        fields: vec![],
    };
    let events = std::iter::once(event);
    journey_engine::rebase(&longer, &mut read, events, MONDAY + HOUR, &mut p.out);
    assert_eq!(read.next_wake(), Some(MONDAY + DAY));
}

/// The instant a span after another, by the calendar of New York.
fn after(at: i64, span: Span) -> i64 {
    if let Some(exact) = span.exact() {
        return at + exact;
    }
    let zoned = jiff::Timestamp::from_millisecond(at).unwrap();
    let later = zoned.in_tz(ZONE).unwrap().datetime() + jiff::Span::new().days(span.n);
    later.in_tz(ZONE).unwrap().timestamp().as_millisecond()
}

type Act = (i64, u32, Option<u32>);

/// Whether the phrase holds of some events at an instant, read literally.
fn literally(phrase: &Phrase, events: &[Act], at: i64) -> bool {
    let of = |kind: u32| {
        let events = events.iter().filter(move |it| it.1 == kind);
        events.filter(|it| !phrase.keyed || it.2.is_some())
    };
    let same = |a: &Act, key: Option<u32>| !phrase.keyed || a.2 == key;
    let mut reached: Vec<(i64, i64, Option<u32>)> =
        of(phrase.first).map(|it| (it.0, it.0, it.2)).collect();
    for (kind, within, absent) in &phrase.then {
        let mut next = Vec::new();
        for (from, certain, key) in reached {
            let to = after(from, *within);
            let inside = of(*kind).filter(|it| from < it.0 && it.0 <= to && same(it, key));
            let inside: Vec<&Act> = inside.collect();
            if *absent && inside.is_empty() {
                next.push((to, certain.max(to + phrase.settle), key));
            } else if !*absent {
                next.extend(inside.iter().map(|it| (it.0, certain.max(it.0), it.2)));
            }
        }
        reached = next;
    }
    reached.iter().any(|(complete, certain, _)| {
        let counts = match phrase.window {
            Window::Last(span) => at < after(*complete, span) + phrase.settle,
            Window::Since(from) => *complete >= from,
            Window::Before(to) => *complete < to,
            _ => true,
        };
        *certain <= at && counts
    })
}

fn spans() -> impl Strategy<Value = Span> {
    prop_oneof![(1..40u32).prop_map(hours), (1..4u32).prop_map(days)]
}

fn phrases() -> impl Strategy<Value = Phrase> {
    let window = prop_oneof![
        Just(Window::Ever),
        spans().prop_map(Window::Last),
        (0..400i64).prop_map(|at| Window::Since(MONDAY + at * HOUR)),
        (0..400i64).prop_map(|at| Window::Before(MONDAY + at * HOUR)),
    ];
    let then = proptest::collection::vec((0..3u32, spans(), any::<bool>()), 1..3);
    let settle = prop_oneof![Just(0), Just(2 * HOUR)];
    (0..2u32, then, any::<bool>(), window, settle).prop_map(
        |(first, then, keyed, window, settle)| Phrase {
            first,
            then,
            keyed,
            window,
            settle,
        },
    )
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let key = prop_oneof![1 => Just(None), 4 => (0..3u32).prop_map(Some)];
    // The clocks of New York go forward on the Sunday after.
    proptest::collection::vec((0..400i64, 0..3u32, key), 1..25).prop_map(|acts| {
        let acts = acts.into_iter();
        acts.map(|(at, kind, key)| (MONDAY + at * HOUR, kind, key))
            .collect()
    })
}

fn fields(key: Option<u32>) -> Vec<Value> {
    key.map(|key| text(&key.to_string())).into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_chain_is_complete_when_its_definition_says_so(phrase in phrases(), acts in acts()) {
        let mut p = program(&phrase).person();
        // A third of the events is heard of late.
        let mut heard: Vec<(i64, Act)> = acts
            .iter()
            .map(|act| (act.0 + if act.0 / HOUR % 3 == 0 { act.0 / HOUR % 50 * HOUR } else { 0 }, *act))
            .collect();
        heard.sort_unstable();
        let end = MONDAY + 700 * HOUR;
        heard.push((end, (end, 99, None)));
        let mut happened: Vec<Act> = Vec::new();
        for (now, act) in heard {
            while let Some(wake) = p.contact.next_wake().filter(|wake| *wake < now) {
                prop_assert_eq!(is_done(&p), literally(&phrase, &happened, wake - 1));
                p.until(wake);
                prop_assert_eq!(is_done(&p), literally(&phrase, &happened, wake));
            }
            p.until(now);
            prop_assert_eq!(is_done(&p), literally(&phrase, &happened, now));
            if act.1 != 99 {
                p.does_late(act.0, now, EventIx(act.1), &fields(act.2));
                p.until(now);
                happened.push(act);
                prop_assert_eq!(is_done(&p), literally(&phrase, &happened, now));
            }
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter_for_chains(
        phrase in phrases(),
        acts in acts().prop_flat_map(|acts| (Just(acts.clone()), Just(acts).prop_shuffle())),
    ) {
        let (sorted, shuffled) = acts;
        let end = MONDAY + 400 * HOUR;
        let states = [sorted, shuffled].map(|acts| {
            let mut p = program(&phrase).person();
            for act in acts {
                p.does_late(act.0, end, EventIx(act.1), &fields(act.2));
            }
            p.until(end);
            (is_done(&p), p.contact.next_wake())
        });
        prop_assert_eq!(states[0], states[1]);
    }
}
