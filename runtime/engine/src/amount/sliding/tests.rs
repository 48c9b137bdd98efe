//! Sliding amounts against the plain way: sum up what is in the window, and then what remains at every instant at which
//! something leaves.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use journey_ir as ir;
use journey_ir::time::{HOUR, MINUTE};
use journey_ir::{Decimal, Money, Project, Value};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::aggregate::Sums;
use crate::contact::Contact;
use crate::program::Program;

/// Zones with clocks that are set back by an hour, by half an hour, by two, that once left out a day, and that have
/// never been set back since the eighties.
const ZONES: [&str; 8] = [
    "Europe/London",
    "Asia/Seoul",
    "America/New_York",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Pacific/Apia",
    "America/Nuuk",
    "UTC",
];

/// One part as it is made up: when, and its amounts.
#[derive(Debug, Clone)]
struct Made {
    near_end: bool,
    away: i64,
    amounts: Vec<Value>,
    how: u8,
}

/// What a part refers to.
#[derive(Debug)]
enum Kept {
    One(Option<Currency>, i64),
    Many(Summaries),
    Sums(Sums),
}

impl Kept {
    fn of(made: &Made) -> Self {
        let (mut many, mut sums) = (Summaries::default(), Sums::default());
        for amount in &made.amounts {
            many.add(amount);
            sums.add(amount);
        }
        match (made.how, made.amounts.first()) {
            (0, _) => Self::Many(many),
            (1, _) => Self::Sums(sums),
            (_, one) => match one.and_then(amount_of) {
                Some((currency, amount)) => Self::One(currency, amount),
                None => Self::Many(many),
            },
        }
    }

    fn part(&self) -> Part<'_> {
        match self {
            Self::One(currency, amount) => Part::One(*currency, *amount),
            Self::Many(many) => Part::Many(many),
            Self::Sums(sums) => Part::Sums(sums),
        }
    }
}

fn money(code: &str, minor: i64) -> Value {
    Value::Money(Money {
        minor,
        currency: Currency::new(code).unwrap(),
    })
}

/// A window of a span, or of so many calendar days.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Span(Span),
    Days(u32),
}

fn windows() -> impl Strategy<Value = Asked> {
    let span = |unit| move |n| Asked::Span(Span::new(n, unit));
    prop_oneof![
        2 => (1..200u32).prop_map(span(Unit::Hour)),
        4 => (1..40u32).prop_map(span(Unit::Day)),
        1 => (1..4u32).prop_map(span(Unit::Week)),
        4 => (1..5u32).prop_map(span(Unit::Month)),
        1 => Just(Asked::Span(Span::new(1, Unit::Year))),
        1 => Just(Asked::Span(Span::new(u32::MAX, Unit::Day))),
        3 => (1..40u32).prop_map(Asked::Days),
    ]
}

/// Mostly pounds that are not negative; at times all kinds of amounts.
fn amounts(wild: bool) -> BoxedStrategy<Vec<Value>> {
    let pounds = (0..60i64).prop_map(|it| money("GBP", it));
    if !wild {
        return proptest::collection::vec(pounds, 1..3).boxed();
    }
    let any = prop_oneof![
        6 => pounds,
        2 => (-60..60i64).prop_map(|it| money("GBP", it)),
        1 => (0..60i64).prop_map(|it| money("KRW", it)),
        1 => (0..60i64).prop_map(|it| Value::Number(Decimal(it))),
        1 => select(vec![i64::MIN, i64::MAX - 1, i64::MAX]).prop_map(|it| money("GBP", it)),
    ];
    proptest::collection::vec(any, 0..3).boxed()
}

fn parts() -> impl Strategy<Value = Vec<Made>> {
    let away = prop_oneof![
        4 => (-6..6i64).prop_map(|n| n * 30 * MINUTE),
        3 => (-200..200i64).prop_map(|n| n * HOUR),
        2 => -100 * HOUR..100 * HOUR,
        1 => (-60..60i64).prop_map(|n| n * 24 * HOUR),
    ];
    any::<bool>().prop_flat_map(move |wild| {
        let made = (any::<bool>(), away.clone(), amounts(wild), 0..6u8);
        let made = made.prop_map(|(near_end, away, amounts, how)| Made {
            near_end,
            away,
            amounts,
            how,
        });
        proptest::collection::vec(made, 0..14)
    })
}

fn comparisons() -> impl Strategy<Value = Comparison> {
    let mark = prop_oneof![
        10 => (-20..300i64).prop_map(|it| money("GBP", it)),
        1 => Just(money("GBP", 0)),
        1 => (0..200i64).prop_map(|it| money("KRW", it)),
        1 => (0..200i64).prop_map(|it| Value::Number(Decimal(it))),
        1 => select(vec![i64::MIN, i64::MAX]).prop_map(|it| money("GBP", it)),
        1 => Just(Value::Text("GBP".into())),
    ];
    (mark.clone(), mark, 0..10u8).prop_map(|(one, other, which)| {
        let (x, y) = (Operand::Value(one.clone()), Operand::Value(other));
        match which {
            0 => Comparison::IsMissing,
            1 => Comparison::IsKnown,
            2 => Comparison::Under(x),
            3 => Comparison::AtMost(x),
            4 => Comparison::Over(x),
            5 => Comparison::AtLeast(x),
            6 => Comparison::Between(x, y),
            7 => Comparison::Is(x),
            8 => Comparison::IsNot(x),
            _ => Comparison::IsOneOf(vec![one]),
        }
    })
}

/// The definition: what is in the window as a whole, and again at every instant at which something leaves it.
fn plainly(
    scene: &Scene<'_>,
    parts: &[(Instant, Part<'_>)],
    measure: Measure,
    test: &Comparison,
) -> Answer {
    let holds_at = |at: Instant| {
        let mut all = Summaries::default();
        for (_, part) in parts.iter().filter(|(end, _)| at < *end) {
            part.add_to(&mut all);
        }
        scene.passes(all.values(measure), test)
    };
    let holds = holds_at(scene.at);
    let mut ends: Vec<Instant> = parts.iter().map(|(end, _)| *end).collect();
    ends.retain(|end| scene.at < *end);
    ends.sort_unstable();
    let flips = ends.into_iter().find(|end| holds_at(*end) != holds);
    Answer {
        holds,
        until: flips.unwrap_or(NEVER),
    }
}

/// An instant at which a zone's clock was changed, or one of some ends of months.
fn moment(zone: &str, which: Index) -> Instant {
    let tz = TimeZone::get(zone).unwrap();
    let from: Timestamp = "1985-01-01T00:00:00Z".parse().unwrap();
    let changes = tz.following(from).map(|it| it.timestamp().as_millisecond());
    let mut all: Vec<_> = changes.take_while(|it| *it < 1_900_000_000_000).collect();
    for date in ["2024-02-29", "2026-01-31", "2026-02-28", "2026-11-30"] {
        let end: jiff::civil::Date = date.parse().unwrap();
        let end = end.to_zoned(tz.clone()).unwrap();
        all.extend(std::iter::repeat_n(end.timestamp().as_millisecond(), 4));
    }
    all[which.index(all.len())]
}

fn program(zone: &str) -> Program {
    let project = Project {
        name: "test".into(),
        timezone: zone.into(),
        language: "en".into(),
        ..Project::default()
    };
    Program::link(Arc::new(ir::Program::empty(project)), &[]).unwrap()
}

fn measures() -> impl Strategy<Value = Measure> {
    select(vec![Measure::Total, Measure::Average, Measure::Largest])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_answer_is_the_plain_one(
        zone in select(ZONES.to_vec()),
        which in any::<Index>(),
        asked in windows(),
        made in parts(),
        measure in measures(),
        test in comparisons(),
        now in (any::<Index>(), prop_oneof![3 => -1..2i64, 1 => -100 * HOUR..100 * HOUR]),
    ) {
        let (program, contact) = (program(zone), Contact::new("anna"));
        let moment = moment(zone, which);
        let scene = Scene {
            program: &program,
            contact: &contact,
            zone: program.zone(),
            at: moment,
            event: None,
            item: None,
            run: None,
            registers: &[],
        };
        let leaves = |at: i64| match asked {
            Asked::Span(span) => scene.leaves_after(at, span),
            Asked::Days(n) => scene.leaves_on(at as i32, n),
        };
        let happened = |made: &Made| {
            let start = match asked {
                _ if !made.near_end => moment,
                Asked::Span(span) => scene.zone.before(moment, span),
                Asked::Days(n) => moment - i64::from(n) * DAY,
            };
            let at = crate::calendar::within_range(start + made.away);
            match asked {
                Asked::Span(_) => at,
                Asked::Days(_) => i64::from(scene.zone.day(at)),
            }
        };
        let kept: Vec<(i64, Kept)> = made.iter().map(|made| (happened(made), Kept::of(made))).collect();
        let mut parts: Vec<(i64, Part<'_>)> = kept.iter().map(|(at, kept)| (*at, kept.part())).collect();
        parts.sort_by_key(|(at, _)| Reverse(*at));
        let with_ends: Vec<_> = parts.iter().map(|(at, part)| (leaves(*at), *part)).collect();
        let disorder = match asked {
            Asked::Span(span) => disorder(span),
            Asked::Days(_) => Some(0),
        };
        let (near, off) = now;
        let ends: Vec<Instant> = with_ends.iter().map(|(end, _)| *end).filter(|it| *it != NEVER).collect();
        let at = if ends.is_empty() { moment } else { ends[near.index(ends.len())] };
        let growing = |currency, measure| {
            let grow = parts.iter().all(|(_, part)| part.grows(currency, measure));
            let amounts = parts.iter().filter_map(|(at, part)| Some((*at, part.amount(measure)?)));
            let amounts: Vec<(i64, i64)> = amounts.collect();
            let most = match measure {
                Measure::Total => amounts.iter().map(|(_, it)| i128::from(*it)).sum(),
                _ => i128::MAX,
            };
            grow.then_some((most, amounts.into_iter()))
        };
        let sliding = Sliding { parts: parts.iter().copied(), growing, leaves, disorder };
        for at in [at, at + off] {
            let scene = Scene { at, ..scene };
            let meant = plainly(&scene, &with_ends, measure, &test);
            prop_assert_eq!(sliding.compared(&scene, measure, &test), meant);
        }
    }

    #[test]
    fn what_happened_enough_later_leaves_no_earlier(
        zone in select(ZONES.to_vec()),
        which in any::<Index>(),
        asked in windows(),
        near_end in any::<bool>(),
        away in -200 * HOUR..200 * HOUR,
        more in prop_oneof![Just(0), 0..HOUR, 0..20 * DAY],
    ) {
        let Asked::Span(span) = asked else {
            return Ok(());
        };
        let program = program(zone);
        let zone = program.zone();
        let moment = moment(zone.name(), which);
        let one = away + if near_end { zone.before(moment, span) } else { moment };
        let one = crate::calendar::within_range(one);
        let other = one + disorder(span).unwrap() + more;
        prop_assert!(zone.after(one, span) <= zone.after(other, span));
    }
}
