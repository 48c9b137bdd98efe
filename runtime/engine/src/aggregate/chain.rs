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
/// How many completions are kept whose instants were dropped: as many as can be asked for.
const MOST_DONE: usize = journey_ir::aggregate::MOST_KEPT as usize;
/// The key of instants that need not share a value: they count with every key.
const ANY_KEY: u64 = 0;

/// The instant a span after another, in the contact's zone.
pub(crate) type After<'z> = &'z dyn Fn(Instant, Span) -> Instant;

/// The instants of all parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chain {
    keys: Vec<Open>,
    /// The last completions among those whose instants were dropped, oldest first.
    done: Vec<Instant>,
    /// How many times instants were dropped because there were too many.
    dropped: u32,
}

/// The instants of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    /// The hash of the value that parts share; [`ANY_KEY`] for parts that need not share one.
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
    /// The hash of the value that it shares with others; `None` where it need not share one.
    pub(crate) key: Option<u64>,
}

/// The parts of a chain, and which of them share a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Links<'k> {
    /// Whether the first part shares one.
    pub(crate) first: bool,
    /// The parts after the first.
    pub(crate) then: &'k [Following],
}

impl Links<'_> {
    fn shares(self, part: usize) -> bool {
        match part.checked_sub(1) {
            None => self.first,
            Some(later) => self.then.get(later).is_some_and(|it| it.key.is_some()),
        }
    }

    /// Whether any parts share a value.
    fn any(self) -> bool {
        self.first || self.then.iter().any(|it| it.key.is_some())
    }
}

impl Chain {
    /// Counts an event. An instant can matter for `horizon` milliseconds; for ever without one.
    pub(crate) fn take(
        &mut self,
        event: &PartOf,
        links: Links<'_>,
        horizon: Option<i64>,
        after: After<'_>,
    ) {
        let newest = self.newest().map_or(event.at, |it| it.max(event.at));
        let gone = horizon.map_or(i64::MIN, |it| newest.saturating_sub(it));
        if event.at <= gone {
            return;
        }
        self.insert(event, links.then.len() + 1);
        for open in &mut self.keys {
            for part in &mut open.parts {
                part.retain(|at| *at > gone);
            }
        }
        self.keys.retain(|open| open.newest().is_some());
        self.keep_within_limits(links, after);
    }

    fn insert(&mut self, event: &PartOf, parts: usize) {
        let key = event.key.unwrap_or(ANY_KEY);
        let place = match self.keys.binary_search_by_key(&key, |it| it.key) {
            Ok(place) => place,
            Err(place) => {
                let open = Open {
                    key,
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
    fn keep_within_limits(&mut self, links: Links<'_>, after: After<'_>) {
        let is_common = |open: &Open| links.any() && open.key == ANY_KEY;
        let common = self.keys.iter().any(|it| is_common(it) && it.is_crowded());
        let concerned = |it: &Open| common || it.is_crowded();
        if self.keys.iter().any(concerned) {
            let places: Vec<u64> = self
                .keys
                .iter()
                .filter(|it| concerned(it))
                .map(|it| it.key)
                .collect();
            let before = self.completed_under(&places, links, after);
            for open in self.keys.iter_mut().filter(|it| it.is_crowded()) {
                open.thin_out();
                self.dropped = self.dropped.saturating_add(1);
            }
            let mut still = self.completed_under(&places, links, after);
            let lost = before.into_iter().filter(|it| {
                let same = still.iter().position(|other| other == it);
                same.map(|at| still.swap_remove(at)).is_none()
            });
            self.done.extend(lost);
        }
        while self.keys.len() > MOST_KEYS + usize::from(self.keys.first().is_some_and(is_common)) {
            let open = self.keys.iter().filter(|it| !is_common(it));
            let oldest = open.min_by_key(|open| (open.newest(), open.key));
            let Some(key) = oldest.map(|it| it.key) else {
                break;
            };
            let lost = self.completed_under(&[key], links, after);
            self.keys.retain(|it| it.key != key);
            self.done.extend(lost);
            self.dropped = self.dropped.saturating_add(1);
        }
        self.done.sort_unstable();
        let surplus = self.done.len().saturating_sub(MOST_DONE);
        self.done.drain(..surplus);
    }

    /// When the chain is complete under some keys.
    fn completed_under(&self, keys: &[u64], links: Links<'_>, after: After<'_>) -> Vec<Instant> {
        let open = self.keys.iter().filter(|it| keys.contains(&it.key));
        open.flat_map(|open| self.completed(open, links, 0, after))
            .map(|it| it.at)
            .collect()
    }

    fn newest(&self) -> Option<Instant> {
        self.keys.iter().filter_map(Open::newest).max()
    }

    /// When the chain is complete, each time, also where that is in the future if nothing more happens. `settle` is how
    /// long an absence is not certain.
    pub(crate) fn completions(
        &self,
        links: Links<'_>,
        settle: i64,
        after: After<'_>,
    ) -> Vec<Completion> {
        let done = self.done.iter().map(|&at| Completion { at, certain: at });
        let open = self.keys.iter();
        open.flat_map(|open| self.completed(open, links, settle, after))
            .chain(done)
            .collect()
    }

    /// When the chain is complete under one key.
    fn completed(
        &self,
        open: &Open,
        links: Links<'_>,
        settle: i64,
        after: After<'_>,
    ) -> Vec<Completion> {
        if !links.any() {
            let parts = open.parts.iter().map(Vec::as_slice);
            return completions(parts, links.then, settle, after);
        }
        if open.key == ANY_KEY {
            return Vec::new();
        }
        let common = self.keys.first().filter(|it| it.key == ANY_KEY);
        let parts = open.parts.iter().enumerate().map(|(at, own)| {
            if links.shares(at) {
                return own.as_slice();
            }
            let free = common.and_then(|it| it.parts.get(at));
            free.map_or(&[][..], Vec::as_slice)
        });
        completions(parts, links.then, settle, after)
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

    fn is_crowded(&self) -> bool {
        self.parts.iter().any(|part| part.len() > MOST_INSTANTS)
    }

    /// Drops the oldest instants, so that no part has too many and none lacks what another of that time has.
    fn thin_out(&mut self) {
        let first_kept = self.parts.iter().filter_map(|part| {
            let surplus = part.len().checked_sub(MOST_INSTANTS)?;
            part.get(surplus).copied().filter(|_| surplus > 0)
        });
        let Some(from) = first_kept.max() else { return };
        for part in &mut self.parts {
            part.retain(|at| *at >= from);
        }
    }
}

/// When a chain of these instants is complete.
fn completions<'p>(
    mut parts: impl Iterator<Item = &'p [Instant]>,
    then: &[Following],
    settle: i64,
    after: After<'_>,
) -> Vec<Completion> {
    let Some(first) = parts.next() else {
        return Vec::new();
    };
    let first = first.iter().map(|at| Completion {
        at: *at,
        certain: *at,
    });
    let mut reached: Vec<Completion> = first.collect();
    for (following, instants) in then.iter().zip(parts) {
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
