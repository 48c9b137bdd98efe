//! What is remembered of a contact's past events, so that no condition ever reads the history.

use serde::{Deserialize, Serialize};

use crate::index::{ConditionIx, EventIx, FieldIx};
use crate::time::{DAY, Instant, MINUTE, Span};

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

/// The most parts that a chain of events has.
pub const MOST_PARTS: usize = 3;

/// A later part of a chain of events: `then not purchase within 1 day with the same cart_id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Following {
    /// The event type.
    pub event: EventIx,
    /// Which of them.
    pub filter: Option<ConditionIx>,
    /// Its field whose value it shares with all others that have one.
    pub key: Option<FieldIx>,
    /// How long after the part before.
    pub within: Span,
    /// Whether it stayed away for all that time.
    pub absent: bool,
}

impl Aggregate {
    /// The types of the events that can change what is kept.
    pub fn events(&self) -> impl Iterator<Item = EventIx> {
        let later = match &self.keep {
            Keep::Chain { then, .. } => then.as_slice(),
            _ => &[],
        };
        std::iter::once(self.event).chain(later.iter().map(|it| it.event))
    }

    /// Whether events of a type can change what is kept.
    #[must_use]
    pub fn listens_to(&self, event: EventIx) -> bool {
        self.events().any(|it| it == event)
    }
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
        /// The first instant that counts; `None` for the beginning of time.
        #[serde(default)]
        from: Option<Instant>,
        /// The first instant that does not count any more; `None` for the end of time.
        #[serde(default)]
        to: Option<Instant>,
    },
    /// The instants of the `most` newest events of each value of the field.
    ByValue {
        /// The field.
        field: FieldIx,
        /// How many instants are kept of each value, 1 to [`MOST_KEPT`].
        most: u32,
        /// The first instant that counts; `None` for the beginning of time.
        from: Option<Instant>,
        /// The first instant that does not count any more; `None` for the end of time.
        to: Option<Instant>,
    },
    /// The sum, the number and the largest of a number or money field over the events from an instant on and before
    /// another.
    Summary {
        /// The field.
        field: FieldIx,
        /// The first instant that counts; `None` for the beginning of time.
        from: Option<Instant>,
        /// The first instant that does not count any more; `None` for the end of time.
        to: Option<Instant>,
    },
    /// The same per calendar day in the project's zone, for the last `days` days (at most [`MOST_DAYS`]).
    DailySummaries {
        /// The field.
        field: FieldIx,
        /// How many days are kept.
        days: u32,
    },
    /// A number or money field of every event of a sliding window, with its instant.
    Amounts {
        /// The field.
        field: FieldIx,
        /// How long an amount can matter, in milliseconds; at least the longest window asked for.
        within: i64,
    },
    /// The instants of the `most` oldest events from an instant on and before another.
    Within {
        /// The first instant that counts.
        from: Instant,
        /// The first instant that does not count any more.
        to: Instant,
        /// How many are kept, 1 to [`MOST_KEPT`].
        most: u32,
    },
    /// The instants of events that follow each other; the aggregate's own event is the first part.
    Chain {
        /// The field of the first part whose value it shares with all others that have one; `None` where it shares none.
        key: Option<FieldIx>,
        /// The parts after the first, one or two.
        then: Vec<Following>,
        /// How long an instant can matter, in milliseconds; `None` for ever.
        horizon: Option<i64>,
    },
    /// The field of the newest event, which may be missing.
    Last(FieldIx),
    /// How often each value of a `one of …` field occurred, and when it last did. The most frequent one is the favourite;
    /// among equals, the most recent.
    Favourite(FieldIx),
    /// The oldest and the newest instant, and how many there were.
    Rhythm,
    /// How many there were.
    Count,
    /// How many there were, each counting half as much after every half-life.
    Halving {
        /// The half-life in milliseconds, [`SHORTEST_HALF_LIFE`] to [`LONGEST_HALF_LIFE`].
        every: i64,
    },
}

impl Keep {
    /// The field it reads, where it reads one.
    #[must_use]
    pub const fn field(&self) -> Option<FieldIx> {
        match self {
            Self::Total(field)
            | Self::DailyTotals { field, .. }
            | Self::Different { field, .. }
            | Self::ByValue { field, .. }
            | Self::Summary { field, .. }
            | Self::DailySummaries { field, .. }
            | Self::Last(field)
            | Self::Favourite(field)
            | Self::Amounts { field, .. } => Some(*field),
            Self::First
            | Self::Newest(_)
            | Self::Oldest(_)
            | Self::Within { .. }
            | Self::Chain { .. }
            | Self::Rhythm
            | Self::Count
            | Self::Halving { .. } => None,
        }
    }

    /// The same, reading another field where it reads one.
    #[must_use]
    pub fn with_field(self, of: impl FnOnce(FieldIx) -> FieldIx) -> Self {
        let mut keep = self;
        match &mut keep {
            Self::Total(field)
            | Self::DailyTotals { field, .. }
            | Self::Different { field, .. }
            | Self::ByValue { field, .. }
            | Self::Summary { field, .. }
            | Self::DailySummaries { field, .. }
            | Self::Last(field)
            | Self::Favourite(field)
            | Self::Amounts { field, .. } => *field = of(*field),
            Self::First
            | Self::Newest(_)
            | Self::Oldest(_)
            | Self::Within { .. }
            | Self::Chain { .. }
            | Self::Rhythm
            | Self::Count
            | Self::Halving { .. } => {}
        }
        keep
    }
}
