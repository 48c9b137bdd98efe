//! Time as data. Arithmetic on it (zones, month ends, gaps) is the engine's.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::index::AttributeIx;
use crate::journey::Side;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
pub type Instant = i64;

/// Milliseconds in one second, minute, hour and exact day of 24 hours.
pub const SECOND: i64 = 1_000;
/// Milliseconds in one minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Milliseconds in one hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Milliseconds in 24 hours.
pub const DAY: i64 = 24 * HOUR;
/// By how much clocks are put back at most, in milliseconds: two hours in Troll, one or less elsewhere.
const LONGEST_CHANGE: i64 = 2 * HOUR;

/// A calendar day: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(pub i32);

/// A time of day on a 24-hour clock: minutes since midnight, under 1,440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Clock(pub u16);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The unit of a span. `Hour` and shorter are exact; `Day` and longer are calendar spans in the contact's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Exactly 1,000 ms.
    Second,
    /// Exactly 60 seconds.
    Minute,
    /// Exactly 60 minutes.
    Hour,
    /// The same clock time on the next day.
    Day,
    /// The same clock time on the next day on which the project's hours for business days are open, in their zone.
    BusinessDay,
    /// Seven days.
    Week,
    /// The same day of the next month, or its last day.
    Month,
    /// Twelve months.
    Year,
}

/// A length of time as it was written: `3 days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// How many units.
    pub n: u32,
    /// Of which unit.
    pub unit: Unit,
}

impl Span {
    /// A span of `n` units.
    #[must_use]
    pub const fn new(n: u32, unit: Unit) -> Self {
        Self { n, unit }
    }

    /// The exact length in milliseconds where the unit has one, `None` for days and longer.
    #[must_use]
    pub const fn exact(self) -> Option<i64> {
        match self.unit {
            Unit::Second => Some(self.n as i64 * SECOND),
            Unit::Minute => Some(self.n as i64 * MINUTE),
            Unit::Hour => Some(self.n as i64 * HOUR),
            Unit::Day | Unit::BusinessDay | Unit::Week | Unit::Month | Unit::Year => None,
        }
    }

    /// The length in milliseconds with days of 24 hours, months of 31 and years of 366 days: never too short.
    #[must_use]
    pub const fn at_most(self) -> i64 {
        let n = self.n as i64;
        match self.unit {
            Unit::Second => n * SECOND,
            Unit::Minute => n * MINUTE,
            Unit::Hour => n * HOUR,
            // A day at the end of summer time is longer.
            Unit::Day => n * DAY + LONGEST_CHANGE,
            // Open one day a week, and closed for a month of holidays.
            Unit::BusinessDay => n.saturating_mul(7 * DAY).saturating_add(31 * DAY),
            Unit::Week => n * 7 * DAY + LONGEST_CHANGE,
            Unit::Month => n.saturating_mul(31 * DAY).saturating_add(LONGEST_CHANGE),
            Unit::Year => n.saturating_mul(366 * DAY).saturating_add(LONGEST_CHANGE),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::BusinessDay => "business day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Year => "year",
        };
        write!(f, "{} {unit}{}", self.n, if self.n == 1 { "" } else { "s" })
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the weekdays say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// When a journey starts by the calendar, in the contact's zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// `every month on the first Tuesday at 10:00`, `… on day 5 at 09:30`, `… on the last day at 18:00`.
    Monthly {
        /// Which day of the month.
        on: MonthDay,
        /// At which clock time.
        at: Clock,
    },
    /// `every week on Tuesday, Friday at 10:00`.
    Weekly {
        /// On which days.
        on: Vec<Weekday>,
        /// At which clock time.
        at: Clock,
    },
    /// `every day at 10:00`.
    Daily {
        /// At which clock time.
        at: Clock,
    },
    /// `on 2026-09-01 at 10:00`.
    Once {
        /// The day.
        on: Date,
        /// The clock time.
        at: Clock,
    },
    /// `30 days before renewal_date at 09:00`, `every year on birthday at 09:00`: by a date of the contact.
    Attribute {
        /// The attribute: a date, or a moment whose day counts.
        attribute: AttributeIx,
        /// How many days, weeks, months or years before or after that day.
        offset: Option<(Span, Side)>,
        /// Whether it falls due every year, and not only in the year of the date.
        yearly: bool,
        /// At which clock time.
        at: Clock,
    },
    /// `on cron "0 9 * * MON"`: minute, hour, day of month, month, day of week, with weekdays by name.
    Cron(String),
}

/// A day of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthDay {
    /// The n-th weekday, counted from 1; `last` is 5 with `from_end`.
    Nth {
        /// 1 to 4, or 1 with `from_end` for the last.
        n: u8,
        /// Whether to count from the end of the month.
        from_end: bool,
        /// The weekday.
        weekday: Weekday,
    },
    /// The last day of the month.
    Last,
    /// Day 1 to 31; a month without that day is passed over.
    Day(u8),
}
