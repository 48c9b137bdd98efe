//! What is remembered of a contact's past events, so that no condition ever reads the history.

use serde::{Deserialize, Serialize};

use crate::index::{ConditionIx, EventIx, FieldIx};
use crate::time::{DAY, MINUTE};

/// The largest number of instants or values that one aggregate keeps per contact.
pub const MOST_KEPT: u32 = 64;
/// The longest run of calendar days that one total keeps per contact.
pub const MOST_DAYS: u32 = 400;

/// The shortest half-life of a score, in milliseconds: a minute.
pub const SHORTEST_HALF_LIFE: i64 = MINUTE;
/// The longest half-life of a score, in milliseconds: ten years.
pub const LONGEST_HALF_LIFE: i64 = 3_660 * DAY;

/// One aggregate: which events it listens to, and what it keeps of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Aggregate {
    /// The event type.
    pub event: EventIx,
    /// Which of these events count; `Source::Field` reads the event's own fields. `None` counts all.
    pub filter: Option<ConditionIx>,
    /// What is kept.
    pub keep: Keep,
}

/// What an aggregate keeps. Every kind gives the same result for the same set of events in any order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The instant of the oldest event.
    First,
    /// The instants of the `n` newest events, 1 to [`MOST_KEPT`].
    Newest(u32),
    /// The instants of the `n` oldest events, 1 to [`MOST_KEPT`].
    Oldest(u32),
    /// The sum of a number or money field over all events, and how many there were.
    Total(FieldIx),
    /// The same per calendar day in the project's zone, for the last `days` days (at most [`MOST_DAYS`]).
    DailyTotals {
        /// The field summed.
        field: FieldIx,
        /// How many days are kept.
        days: u32,
    },
    /// The `most` values of the field seen most recently, each with its newest instant.
    Different {
        /// The field.
        field: FieldIx,
        /// How many values are kept, 1 to [`MOST_KEPT`].
        most: u32,
    },
    /// How many there were.
    Count,
    /// How many there were, each counting half as much after every half-life.
    Halving {
        /// The half-life in milliseconds, [`SHORTEST_HALF_LIFE`] to [`LONGEST_HALF_LIFE`].
        every: i64,
    },
}
