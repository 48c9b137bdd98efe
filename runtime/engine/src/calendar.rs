//! Civil time: instants, zones and spans. An hour and shorter is exact; a day and longer keeps the clock time of a zone.
//! Where a clock time does not exist it is shifted forward by the gap, and where it exists twice the first one counts.

mod date;
mod dated;
mod hours;
mod schedule;
mod zone;

pub(crate) use date::{age, birthday, weekday};
pub(crate) use dated::{Dated, LONGEST_OFFSET};
pub(crate) use hours::OpenHours;
pub(crate) use schedule::{Cron, next_occurrence};
pub(crate) use zone::{Zone, Zones};

use journey_ir::time::{DAY, MINUTE};
use journey_ir::{Clock, Instant, Span};

/// An instant that never comes.
pub(crate) const NEVER: Instant = i64::MAX;
/// The earliest instant the engine reckons with, in the year 5.
pub(crate) const EARLIEST: Instant = -62_000_000_000_000;
/// The latest instant the engine reckons with, in the year 9892; what lies later never comes.
pub(crate) const LATEST: Instant = 250_000_000_000_000;

/// Brings an instant from outside into the range the engine reckons with.
pub(crate) fn within_range(at: Instant) -> Instant {
    at.clamp(EARLIEST, LATEST)
}

/// An instant later by exact milliseconds.
pub(crate) fn later(at: Instant, by: i64) -> Instant {
    match at.saturating_add(by) {
        sum if sum > LATEST => NEVER,
        sum => sum.max(EARLIEST),
    }
}

/// Milliseconds since midnight on a clock.
pub(crate) fn of_day(clock: Clock) -> i64 {
    i64::from(clock.0) * MINUTE
}

impl Zone {
    /// The instant a span after another.
    pub(crate) fn after(&self, at: Instant, span: Span) -> Instant {
        self.moved(at, span, 1)
    }

    /// The instant a span before another.
    pub(crate) fn before(&self, at: Instant, span: Span) -> Instant {
        self.moved(at, span, -1)
    }

    fn moved(&self, at: Instant, span: Span, sign: i64) -> Instant {
        if at == NEVER {
            return NEVER;
        }
        if let Some(exact) = span.exact() {
            return later(at, sign * exact);
        }
        let (day, clock) = self.local(at);
        match date::moved(day, span, sign) {
            Some(day) if day > LATEST / DAY => NEVER,
            Some(day) if day < EARLIEST / DAY => EARLIEST,
            Some(day) => self.instant(day as i32, clock),
            None if sign > 0 => NEVER,
            None => EARLIEST,
        }
    }

    /// The first midnight of a day.
    pub(crate) fn midnight(&self, day: i32) -> Instant {
        self.instant(day, 0)
    }

    /// The first instant at or after another at which the clock shows a time.
    pub(crate) fn next_clock(&self, at: Instant, clock: Clock) -> Instant {
        self.next_clock_on(at, clock, |_| true)
    }

    /// The same, on the next day that is wanted within a week.
    pub(crate) fn next_clock_on(
        &self,
        at: Instant,
        clock: Clock,
        wanted: impl Fn(i32) -> bool,
    ) -> Instant {
        let (today, _) = self.local(at);
        // Yesterday too: a time that does not exist before midnight is shifted into the next day.
        (today - 1..=today + 8)
            .filter(|day| wanted(*day))
            .map(|day| self.instant(day, of_day(clock)))
            .find(|candidate| *candidate >= at)
            .unwrap_or(NEVER)
    }
}

#[cfg(test)]
mod brute;
#[cfg(test)]
mod tests;
