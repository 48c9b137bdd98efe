//! How many messages one person can be sent in a stretch of time, at worst.
//!
//! Comes in: one journey. Goes out: the times of its messages on the way that has most of them close together, and
//! how many of them fall into a day or a week. Caps are not taken into account: whoever asks wants to know what they
//! have to hold back.

use journey_ir as ir;
use journey_ir::journey::Reenter;
use journey_ir::time::{DAY, Schedule};
use journey_ir::{Journey, MessageIx, Program, Purpose, StepIx};

use super::paths::{self, Path};
use super::span::Length;

/// The messages of a journey that can fall into one stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Burst {
    /// The sends, in the order of their times. One stands here once for each time it can happen.
    pub(crate) sends: Vec<Sent>,
    /// Whether people can enter again and again, each time with as many more messages.
    pub(crate) per_entry: bool,
}

/// A send at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The step.
    pub(crate) step: StepIx,
    /// Milliseconds since the first entry.
    pub(crate) at: i64,
}

/// The most messages of a purpose (of any where there is none) that a journey can send one person in less than `window`
/// milliseconds; `None` where it has too many ways to say.
pub(crate) fn most(
    program: &Program,
    journey: &Journey,
    purpose: Option<Purpose>,
    window: i64,
) -> Option<Burst> {
    let entries = entries(journey, window);
    let mut best = Burst::default();
    let complete = paths::each(program, journey, |path| {
        let sends = sends(program, journey, path, purpose);
        let mut all: Vec<Sent> = entries
            .at
            .iter()
            .flat_map(|entry| {
                let moved = |it: &Sent| Sent {
                    at: it.at.saturating_add(*entry),
                    ..*it
                };
                sends.iter().map(moved).collect::<Vec<_>>()
            })
            .collect();
        all.sort_by_key(|it| it.at);
        let densest = densest(&all, window);
        if densest.len() > best.sends.len() {
            best.sends = densest.to_vec();
        }
    });
    best.per_entry = entries.again;
    complete.then_some(best)
}

/// The sends of a way, each at the earliest time it can be.
fn sends(program: &Program, journey: &Journey, path: &Path, purpose: Option<Purpose>) -> Vec<Sent> {
    let counts = |it: &MessageIx| {
        let message = program.message(*it);
        message.is_some_and(|it| paths::concerns(purpose, it.purpose))
    };
    path.sends(journey)
        .filter(|(_, _, candidates)| candidates.iter().any(counts))
        .map(|(_, stop, _)| Sent {
            step: stop.step,
            at: stop.reached.least,
        })
        .collect()
}

/// The most of these, in the order of their times, that lie less than `window` apart.
fn densest(all: &[Sent], window: i64) -> &[Sent] {
    let mut best: &[Sent] = &[];
    let mut from = 0;
    for (to, last) in all.iter().enumerate() {
        while all
            .get(from)
            .is_some_and(|first| last.at.saturating_sub(first.at) >= window)
        {
            from += 1;
        }
        if let Some(these) = all.get(from..=to)
            && these.len() > best.len()
        {
            best = these;
        }
    }
    best
}

/// When one person can enter a journey again.
struct Entries {
    /// Times since the first entry, in milliseconds.
    at: Vec<i64>,
    /// Whether nothing says how soon the next one can be.
    again: bool,
}

/// The most entries that are looked at.
const MOST_ENTRIES: i64 = 64;

fn entries(journey: &Journey, window: i64) -> Entries {
    let once = |again| Entries { at: vec![0], again };
    match (journey.reenter, &journey.entry) {
        (Reenter::Never, _) => once(false),
        (Reenter::After(span), _) => {
            let every = Length::of(span).least.max(1);
            let times = (window / every).clamp(0, MOST_ENTRIES);
            Entries {
                at: (0..=times).map(|it| it.saturating_mul(every)).collect(),
                again: window / every > MOST_ENTRIES,
            }
        }
        (Reenter::AnyTime, ir::Entry::When { .. }) => once(true),
        (Reenter::AnyTime, ir::Entry::Schedule { schedule, .. }) => match schedule {
            Schedule::Daily { .. } => Entries {
                at: days(window, |_| true),
                again: false,
            },
            Schedule::Weekly { on, .. } => Entries {
                at: days(window, |day| {
                    on.iter().any(|it| *it as i64 == day.rem_euclid(7))
                }),
                again: false,
            },
            Schedule::Monthly { .. } => Entries {
                at: (0..=(window / (28 * DAY)).min(MOST_ENTRIES))
                    .map(|it| it * 28 * DAY)
                    .collect(),
                again: false,
            },
            Schedule::Once { .. } | Schedule::Attribute { yearly: false, .. } => once(false),
            Schedule::Attribute { yearly: true, .. } => Entries {
                at: (0..=(window / (365 * DAY)).min(MOST_ENTRIES))
                    .map(|it| it * 365 * DAY)
                    .collect(),
                again: false,
            },
            Schedule::Cron(_) => once(true),
        },
    }
}

/// The days on which a schedule comes, over two weeks more than the window, so that every weekday begins one.
fn days(window: i64, comes: impl Fn(i64) -> bool) -> Vec<i64> {
    let days = (window / DAY).min(MOST_ENTRIES) + 14;
    (0..days)
        .filter(|it| comes(*it))
        .map(|it| it * DAY)
        .collect()
}
