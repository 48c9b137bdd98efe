//! Random questions and random lives.

use journey_ir::condition::Measure;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::{Instant, Span, Unit};
use proptest::prelude::*;

use super::compiled::KINDS;
use super::question::{Deed, Question, Test, Then, When, Which};
use crate::build::at;

/// Zones whose clocks change by an hour, by half, by two, at midnight and across it, and once by a day.
pub(crate) const ZONES: [&str; 11] = [
    "UTC",
    "Asia/Seoul",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "America/Nuuk",
    "Africa/Cairo",
];

/// Where lives begin: before changes of clocks, the ends of months, leap days.
const ERAS: [&str; 9] = [
    "1987-05-03T00:00:00Z",
    "1988-10-01T00:00:00Z",
    "2011-12-20T00:00:00Z",
    "2018-10-28T00:00:00Z",
    "2018-02-10T00:00:00Z",
    "2024-01-28T00:00:00Z",
    "2025-10-20T00:00:00Z",
    "2026-03-02T00:00:00Z",
    "2026-03-25T00:00:00Z",
];

/// What happens in a life.
#[derive(Debug, Clone)]
pub(crate) enum Happens {
    /// Something is done so long after the last thing, and heard of so much later.
    Deed { deed: Deed, after: i64, late: i64 },
    /// The person moves to the zone with this number.
    Moves { after: i64, zone: usize },
    /// Another's deeds turn out to be this person's: deeds and how long before they were done.
    Merge { after: i64, deeds: Vec<(i64, Deed)> },
}

/// One case.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) questions: Vec<Question>,
    pub(crate) project: &'static str,
    pub(crate) home: usize,
    pub(crate) begins: Instant,
    pub(crate) born: i32,
    pub(crate) happens: Vec<Happens>,
    /// How time passes: not at all between things; up to when they happen; up to when they are heard of.
    pub(crate) pace: u8,
}

fn spans() -> impl Strategy<Value = Span> {
    prop_oneof![
        Just(Span::new(1, Unit::Hour)),
        Just(Span::new(90, Unit::Minute)),
        Just(Span::new(1, Unit::Day)),
        Just(Span::new(2, Unit::Day)),
        Just(Span::new(1, Unit::Week)),
        Just(Span::new(1, Unit::Month)),
        Just(Span::new(2, Unit::Month)),
        Just(Span::new(1, Unit::Year)),
    ]
}

/// Lengths of time that meet spans exactly, nearly and not at all.
fn gaps() -> impl Strategy<Value = i64> {
    prop_oneof![
        1 => Just(0),
        1 => Just(1),
        2 => (0..180i64).prop_map(|n| n * MINUTE),
        2 => (0..96i64).prop_map(|n| n * HOUR / 2),
        2 => (0..45i64).prop_map(|n| n * DAY),
        1 => Just(HOUR - 1),
        1 => Just(DAY),
        1 => 0..40 * DAY,
    ]
}

fn lateness() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => Just(0),
        1 => 0..2 * HOUR,
        1 => 0..3 * DAY,
        1 => Just(3 * DAY),
        1 => Just(3 * DAY + 1),
        1 => 0..40 * DAY,
    ]
}

fn settle() -> impl Strategy<Value = i64> {
    prop_oneof![3 => Just(0), 1 => Just(10 * MINUTE), 1 => Just(3 * HOUR)]
}

fn which() -> impl Strategy<Value = Which> {
    let least = proptest::option::weighted(0.3, 1..4i64);
    (0..KINDS, least).prop_map(|(kind, at_least)| Which { kind, at_least })
}

fn edges() -> impl Strategy<Value = Instant> {
    let from = (0..ERAS.len()).prop_map(|n| at(ERAS[n]));
    (from, 0..60i64).prop_map(|(from, days)| from + days * DAY)
}

fn tests(n: impl Strategy<Value = i64> + Clone + 'static) -> BoxedStrategy<Test> {
    prop_oneof![
        3 => n.clone().prop_map(Test::AtLeast),
        1 => n.clone().prop_map(Test::AtMost),
        1 => n.clone().prop_map(Test::Over),
        1 => n.clone().prop_map(Test::Under),
        1 => n.clone().prop_map(Test::Is),
        1 => (n.clone(), n).prop_map(|(a, b)| Test::Between(a.min(b), a.max(b))),
    ]
    .boxed()
}

fn windows() -> impl Strategy<Value = When> {
    prop_oneof![
        1 => Just(When::Ever),
        4 => spans().prop_map(When::Last),
        1 => edges().prop_map(When::Since),
        2 => (1..40u32).prop_map(When::Days),
        1 => edges().prop_map(When::Before),
    ]
}

/// Windows, and days that are over.
fn stretches() -> impl Strategy<Value = When> {
    let days = edges().prop_map(|at| When::On((at / DAY) as i32));
    prop_oneof![4 => windows(), 1 => days]
}

fn behaviour() -> BoxedStrategy<Question> {
    let did = (which(), 1..4usize, windows(), settle()).prop_map(|(which, n, when, settle)| {
        let settle = match when {
            When::Last(_) | When::Days(_) => settle,
            _ => 0,
        };
        Question::Did {
            which,
            n,
            when,
            settle,
        }
    });
    let overdue =
        (which(), 1..4u32, settle()).prop_map(|(which, intervals, settle)| Question::Overdue {
            which,
            intervals,
            settle,
        });
    let stage = (which(), spans(), spans(), settle()).prop_map(|(which, one, other, settle)| {
        Question::Stage {
            which,
            spans: [one, other],
            settle,
        }
    });
    let last = (which(), 0..4u8).prop_map(|(which, value)| Question::LastIs(which, value));
    let favourite =
        (which(), 0..4u8).prop_map(|(which, value)| Question::FavouriteIs(which, value));
    let age = (20..45i64, 0..3i64).prop_map(|(from, more)| Question::AgeBetween(from, from + more));
    let paced =
        (which(), 1..4usize, 1..4u32, settle()).prop_map(|(which, n, intervals, settle)| {
            Question::Paced {
                which,
                n,
                intervals,
                settle,
            }
        });
    let with = (which(), 1..3usize, stretches(), settle()).prop_map(|(which, n, when, settle)| {
        let settle = match when {
            When::Last(_) | When::Days(_) => settle,
            _ => 0,
        };
        Question::With {
            which,
            n,
            when,
            settle,
        }
    });
    prop_oneof![4 => did, 1 => overdue, 1 => paced, 2 => with, 1 => stage, 1 => last, 1 => favourite, 1 => age].boxed()
}

fn amounts() -> BoxedStrategy<Question> {
    let measure = prop_oneof![
        Just(Measure::Total),
        Just(Measure::Average),
        Just(Measure::Largest)
    ];
    let of = proptest::option::of(any::<bool>());
    let amount = (which(), of, measure, windows(), tests(-2..12i64)).prop_map(
        |(which, money, measure, when, test)| Question::Amount {
            which,
            money,
            measure,
            when,
            test,
        },
    );
    let different =
        (which(), stretches(), tests(0..4i64), 5..8usize).prop_map(|(which, when, test, most)| {
            Question::Different {
                which,
                when,
                test,
                most,
            }
        });
    prop_oneof![2 => amount, 1 => different].boxed()
}

fn chains() -> BoxedStrategy<Question> {
    let then = (0..KINDS, spans(), any::<bool>(), any::<bool>());
    let then = then.prop_map(|(kind, within, absent, same)| Then {
        kind,
        within,
        absent,
        same,
    });
    let parts = proptest::collection::vec(then, 1..3).prop_map(|mut then| {
        // What stays away has no key that what stays away after it could share.
        if let [one, two] = then.as_mut_slice()
            && one.absent
            && two.absent
            && !one.same
        {
            two.same = false;
        }
        then
    });
    let often = prop_oneof![2 => Just(1), 1 => 2..4usize];
    (0..KINDS, parts, often, stretches(), settle())
        .prop_map(|(first, then, n, when, settle)| Question::Chain {
            first,
            then,
            n,
            when,
            settle,
        })
        .boxed()
}

fn scores() -> BoxedStrategy<Question> {
    let points = prop_oneof![4 => 1..60i64, 1 => -40..-1i64];
    let lines = proptest::collection::vec((points, which()), 1..4);
    let half_life = prop_oneof![
        1 => Just(None),
        3 => prop_oneof![Just(HOUR), Just(DAY), Just(14 * DAY), Just(7 * HOUR + 1)].prop_map(Some),
    ];
    let shown = proptest::option::of(Just((0, 100)));
    (lines, half_life, shown, tests(-5..70i64))
        .prop_map(|(lines, half_life, shown, test)| Question::Score {
            lines,
            half_life,
            shown,
            test,
        })
        .boxed()
}

/// A few questions; a stay is asked of a segment before it.
pub(crate) fn questions() -> impl Strategy<Value = Vec<Question>> {
    let one = prop_oneof![2 => behaviour(), 2 => amounts(), 2 => chains(), 1 => scores()];
    let stay = proptest::option::weighted(0.3, spans());
    proptest::collection::vec((one, stay), 2..6).prop_map(|all| {
        let with_stays = all.into_iter().flat_map(|(question, stay)| {
            let timed = !question.fades() && !matches!(question, Question::Stage { .. });
            let stay = stay.filter(|_| timed).map(|span| match span.unit {
                Unit::Day | Unit::Minute => Question::HeldFor(span),
                _ => Question::InItFor(span),
            });
            std::iter::once(question).chain(stay)
        });
        with_stays.collect()
    })
}

fn deeds() -> impl Strategy<Value = Deed> {
    let some = |n: u8| proptest::option::weighted(0.8, 0..n);
    let number = proptest::option::weighted(0.8, -1..6i64);
    let money = proptest::option::weighted(0.8, (-1..6i64, any::<bool>()));
    (0..KINDS, some(3), number, money, some(4)).prop_map(|(kind, key, number, money, category)| {
        Deed {
            kind,
            at: 0,
            key,
            number,
            money,
            category,
        }
    })
}

fn happenings() -> impl Strategy<Value = Happens> {
    let deed = (deeds(), gaps(), lateness());
    let moves = (gaps(), 0..ZONES.len());
    let merge = (
        gaps(),
        proptest::collection::vec((0..60 * DAY, deeds()), 1..5),
    );
    prop_oneof![
        12 => deed.prop_map(|(deed, after, late)| Happens::Deed { deed, after, late }),
        1 => moves.prop_map(|(after, zone)| Happens::Moves { after, zone }),
        1 => merge.prop_map(|(after, deeds)| Happens::Merge { after, deeds }),
    ]
}

pub(crate) fn lives() -> impl Strategy<Value = Life> {
    let happens = proptest::collection::vec(happenings(), 1..14);
    let places = (0..ZONES.len(), 0..ZONES.len(), 0..ERAS.len());
    let born = prop_oneof![3 => -1_000..10_000i32, 1 => Just(789 + 365 * 4 + 1)];
    (questions(), places, born, happens, 0..3u8).prop_map(
        |(questions, (project, home, era), born, happens, pace)| Life {
            questions,
            project: ZONES[project],
            home,
            begins: at(ERAS[era]),
            born,
            happens,
            pace,
        },
    )
}
