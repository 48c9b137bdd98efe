//! Events that follow each other: the instants of each part, kept as long as they can matter, and the instants at which
//! the whole is complete. Sets of instants are kept, not a position in the chain, so events may arrive in any order.

use journey_ir::aggregate::Following;
use journey_ir::{Instant, Span};
use serde::{Deserialize, Serialize};

use crate::calendar::{EARLIEST, LATEST, later};

/// How many instants of each part are kept per key.
const MOST_INSTANTS: usize = 64;
/// How many keys are kept.
const MOST_KEYS: usize = 100;

/// The instant a span after another, in the contact's zone.
pub(crate) type After<'z> = &'z dyn Fn(Instant, Span) -> Instant;

/// The instants of all parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chain {
    keys: Vec<Open>,
    /// The last completion among those whose instants were dropped.
    done: Option<Instant>,
    /// How many times instants were dropped because there were too many.
    dropped: u32,
}

/// The instants of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    /// The hash of the value that all parts share; 0 where they need not share one.
    key: u64,
    /// The instants of each part, oldest first.
    parts: Vec<Vec<Instant>>,
}

/// When a chain is complete, and from when on that is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Completion {
    pub(crate) at: Instant,
    pub(crate) certain: Instant,
}

/// An event that is a part of a chain.
pub(crate) struct PartOf {
    /// Which part, from 0.
    pub(crate) part: usize,
    /// When.
    pub(crate) at: Instant,
    /// The hash of the value that all parts share.
    pub(crate) key: u64,
}

impl Chain {
    /// Counts an event. An instant can matter for `horizon` milliseconds; for ever without one.
    pub(crate) fn take(
        &mut self,
        event: &PartOf,
        then: &[Following],
        horizon: Option<i64>,
        after: After<'_>,
    ) {
        let newest = self.newest().map_or(event.at, |it| it.max(event.at));
        let gone = horizon.map_or(i64::MIN, |it| newest.saturating_sub(it));
        if event.at <= gone {
            return;
        }
        self.insert(event, then.len() + 1);
        for open in &mut self.keys {
            for part in &mut open.parts {
                part.retain(|at| *at > gone);
            }
        }
        self.keys.retain(|open| open.newest().is_some());
        self.keep_within_limits(then, after);
    }

    fn insert(&mut self, event: &PartOf, parts: usize) {
        let place = match self.keys.binary_search_by_key(&event.key, |it| it.key) {
            Ok(place) => place,
            Err(place) => {
                let open = Open {
                    key: event.key,
                    parts: vec![Vec::new(); parts],
                };
                self.keys.insert(place, open);
                place
            }
        };
        let open = self.keys.get_mut(place);
        if let Some(part) = open.and_then(|it| it.parts.get_mut(event.part))
            && let Err(place) = part.binary_search(&event.at)
        {
            part.insert(place, event.at);
        }
    }

    /// Drops the oldest instants where there are too many. What was complete with them stays known.
    fn keep_within_limits(&mut self, then: &[Following], after: After<'_>) {
        let mut done = self.done;
        for open in &mut self.keys {
            let first_kept = open.parts.iter().filter_map(|part| {
                let surplus = part.len().checked_sub(MOST_INSTANTS)?;
                part.get(surplus).copied().filter(|_| surplus > 0)
            });
            let Some(from) = first_kept.max() else {
                continue;
            };
            let before = open.completions(then, 0, after);
            for part in &mut open.parts {
                part.retain(|at| *at >= from);
            }
            let still = open.completions(then, 0, after);
            let lost = before.into_iter().filter(|it| !still.contains(it));
            done = done.max(lost.map(|it| it.at).max());
            self.dropped = self.dropped.saturating_add(1);
        }
        while self.keys.len() > MOST_KEYS {
            let oldest = self.keys.iter().enumerate();
            let oldest = oldest.min_by_key(|(_, open)| (open.newest(), open.key));
            let Some((place, _)) = oldest else { break };
            let open = self.keys.remove(place);
            let lost = open.completions(then, 0, after).into_iter();
            done = done.max(lost.map(|it| it.at).max());
            self.dropped = self.dropped.saturating_add(1);
        }
        self.done = done;
    }

    fn newest(&self) -> Option<Instant> {
        self.keys.iter().filter_map(Open::newest).max()
    }

    /// When the chain is complete, also where that is in the future if nothing more happens. `settle` is how long an
    /// absence is not certain.
    pub(crate) fn completions(
        &self,
        then: &[Following],
        settle: i64,
        after: After<'_>,
    ) -> Vec<Completion> {
        let done = self.done.map(|at| Completion { at, certain: at });
        let open = self.keys.iter();
        open.flat_map(|open| open.completions(then, settle, after))
            .chain(done)
            .collect()
    }

    /// Whether every instant in it can be reckoned with.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |at: &Instant| (EARLIEST..=LATEST).contains(at);
        let open = |open: &Open| open.parts.iter().flatten().all(sound);
        self.keys.iter().all(open) && self.done.iter().all(sound)
    }
}

impl Open {
    fn newest(&self) -> Option<Instant> {
        self.parts
            .iter()
            .filter_map(|part| part.last())
            .max()
            .copied()
    }

    fn completions(&self, then: &[Following], settle: i64, after: After<'_>) -> Vec<Completion> {
        let Some((first, rest)) = self.parts.split_first() else {
            return Vec::new();
        };
        let first = first.iter().map(|at| Completion {
            at: *at,
            certain: *at,
        });
        let mut reached: Vec<Completion> = first.collect();
        for (following, instants) in then.iter().zip(rest) {
            // Each part that was reached, and until when the next one counts.
            let spans = reached.iter();
            let spans: Vec<(Completion, Instant)> = spans
                .map(|it| (*it, after(it.at, following.within)))
                .collect();
            reached = if following.absent {
                stayed_away(&spans, instants, settle)
            } else {
                followed(&spans, instants)
            };
        }
        reached
    }
}

/// The ends of those spans in which nothing happened.
fn stayed_away(
    spans: &[(Completion, Instant)],
    instants: &[Instant],
    settle: i64,
) -> Vec<Completion> {
    let nothing = |(from, to): &&(Completion, Instant)| {
        let next = instants.partition_point(|at| *at <= from.at);
        instants.get(next).is_none_or(|at| at > to)
    };
    let ends = spans.iter().filter(nothing).map(|(from, to)| Completion {
        at: *to,
        certain: from.certain.max(later(*to, settle)),
    });
    ends.collect()
}

/// The instants that lie in any of the spans.
fn followed(spans: &[(Completion, Instant)], instants: &[Instant]) -> Vec<Completion> {
    let completed = instants.iter().filter_map(|at| {
        let before = spans.iter().filter(|(from, to)| from.at < *at && at <= to);
        let certain = before.map(|(from, _)| from.certain).min()?;
        Some(Completion {
            at: *at,
            certain: certain.max(*at),
        })
    });
    completed.collect()
}
