//! What is recalled of past events: the value of the newest one, the most frequent value, the time between two.

use journey_ir::{Instant, Value};
use serde::{Deserialize, Serialize};

use super::compare;
use crate::calendar::{EARLIEST, LATEST, NEVER, later};

/// How many different values are counted. Fields of a `one of …` have fewer.
const MOST_VALUES: usize = 1_000;

/// The newest event's value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Newest(Option<(Instant, u32, Option<Value>)>);

impl Newest {
    /// Counts an event; of two at one instant, the greater id is the newer.
    pub(super) fn take(&mut self, at: Instant, id: u32, value: Option<&Value>) {
        let newer = |known: &(Instant, u32, Option<Value>)| (at, id) > (known.0, known.1);
        if self.0.as_ref().is_none_or(newer) {
            self.0 = Some((at, id, value.cloned()));
        }
    }

    /// Its value.
    pub(crate) fn value(&self) -> Option<&Value> {
        self.0.as_ref()?.2.as_ref()
    }
}

/// How often each value occurred, and when it last did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Favourite(Vec<(Value, u64, Instant)>);

impl Favourite {
    /// Counts a value.
    pub(super) fn take(&mut self, at: Instant, value: &Value) {
        let room = self.0.len() < MOST_VALUES;
        match self.0.iter_mut().find(|(it, ..)| it == value) {
            Some((_, count, last)) => {
                *count = count.saturating_add(1);
                *last = at.max(*last);
            }
            None if room => {
                // Sorted, so that the order of events leaves no trace.
                let place = self
                    .0
                    .partition_point(|(it, ..)| compare(it, value).is_lt());
                self.0.insert(place, (value.clone(), 1, at));
            }
            None => {}
        }
    }

    /// The most frequent value; among equals, the most recent.
    pub(crate) fn value(&self) -> Option<&Value> {
        let most = self.0.iter().max_by_key(|(_, count, last)| (*count, *last));
        most.map(|(value, ..)| value)
    }
}

/// The oldest and the newest instant, and how many there were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rhythm(Option<(Instant, Instant, u64)>);

impl Rhythm {
    /// Counts an event.
    pub(super) fn take(&mut self, at: Instant) {
        self.0 = Some(match self.0 {
            Some((first, last, count)) => (first.min(at), last.max(at), count.saturating_add(1)),
            None => (at, at, 1),
        });
    }

    /// When so many usual intervals have passed since the newest event.
    pub(crate) fn overdue(&self, intervals: u32) -> Option<Instant> {
        let (_, last, _) = self.0?;
        Some(later(last, self.intervals(intervals)?))
    }

    /// How long so many usual intervals are, in milliseconds, rounded up. The usual interval is known from the third
    /// event on, unless all happened at one instant.
    pub(crate) fn intervals(&self, intervals: u32) -> Option<i64> {
        let (first, last, count) = self
            .0
            .filter(|(first, last, count)| *count >= 3 && first < last)?;
        let gaps = i128::from(count - 1);
        let all = i128::from(last - first) * i128::from(intervals);
        Some(i64::try_from((all + gaps - 1) / gaps).unwrap_or(NEVER))
    }
}

/// Whether the instants can be reckoned with.
pub(super) fn is_sound(at: Instant) -> bool {
    (EARLIEST..=LATEST).contains(&at)
}

impl Newest {
    /// Whether its instant can be reckoned with.
    pub(super) fn is_sound(&self) -> bool {
        self.0.as_ref().is_none_or(|(at, ..)| is_sound(*at))
    }
}

impl Rhythm {
    /// Whether its instants can be reckoned with.
    pub(super) fn is_sound(&self) -> bool {
        self.0
            .is_none_or(|(first, last, _)| is_sound(first) && is_sound(last) && first <= last)
    }
}
