//! Periods of KPIs: a day, a week that ends on Sunday, a month, each in the project's zone.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use journey_ir::Instant;
use journey_ir::measure::Period;

/// One period: its days, and the instant at which it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
}

impl Days {
    /// The period that an instant lies in.
    #[must_use]
    pub fn around(every: Period, at: Instant, zone: &TimeZone) -> Self {
        Self::of(every, day_of(at, zone))
    }

    /// The period that a day lies in.
    #[must_use]
    pub fn of(every: Period, day: Date) -> Self {
        let (first, last) = match every {
            Period::Day => (day, day),
            Period::Week => {
                let since_monday = i64::from(day.weekday().to_monday_zero_offset());
                let monday = day.saturating_sub(since_monday.days());
                debug_assert_eq!(monday.weekday(), Weekday::Monday);
                (monday, monday.saturating_add(6.days()))
            }
            Period::Month => (day.first_of_month(), day.last_of_month()),
        };
        Self { first, last }
    }

    /// The period that follows.
    #[must_use]
    pub fn next(self, every: Period) -> Self {
        Self::of(every, self.last.saturating_add(1.day()))
    }

    /// When it is over: the first instant of the day after it.
    #[must_use]
    pub fn end(self, zone: &TimeZone) -> Instant {
        let midnight = self.last.saturating_add(1.day()).at(0, 0, 0, 0);
        let at = zone.to_ambiguous_timestamp(midnight).compatible();
        at.map_or(Instant::MAX, Timestamp::as_millisecond)
    }

    /// Its days, written as they are in the counters.
    pub fn words(self) -> impl Iterator<Item = String> {
        self.first
            .series(1.day())
            .take_while(move |day| *day <= self.last)
            .map(|day| day.to_string())
    }
}

/// The day of an instant in a zone.
#[must_use]
pub fn day_of(at: Instant, zone: &TimeZone) -> Date {
    let at = Timestamp::from_millisecond(at).unwrap_or_default();
    at.to_zoned(zone.clone()).date()
}

/// A day as the engine counts them, from days since 1970.
#[must_use]
pub fn date_of(day: journey_ir::Date) -> Date {
    let epoch = Date::constant(1970, 1, 1);
    epoch.saturating_add(i64::from(day.0).days())
}

/// The zone of a project.
#[must_use]
pub fn zone_of(program: &journey_ir::Program) -> TimeZone {
    TimeZone::get(&program.project.timezone).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seoul() -> TimeZone {
        TimeZone::get("Asia/Seoul").unwrap()
    }

    #[test]
    fn a_week_ends_when_sunday_does_in_the_project_s_zone() {
        // Sunday 2026-03-08 23:59 in Seoul.
        let sunday = "2026-03-08T14:59:00Z".parse::<Timestamp>().unwrap();
        let week = Days::around(Period::Week, sunday.as_millisecond(), &seoul());
        assert_eq!(week.first.to_string(), "2026-03-02");
        assert_eq!(week.last.to_string(), "2026-03-08");
        let end = "2026-03-08T15:00:00Z".parse::<Timestamp>().unwrap();
        assert_eq!(week.end(&seoul()), end.as_millisecond());
        assert_eq!(week.words().count(), 7);
    }

    #[test]
    fn the_month_after_january_is_february() {
        let january = Days::of(Period::Month, Date::constant(2026, 1, 31));
        let next = january.next(Period::Month);
        assert_eq!(next.first.to_string(), "2026-02-01");
        assert_eq!(next.last.to_string(), "2026-02-28");
    }
}
