//! Durations, days, clock times and instants.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::ValueError;

/// The longest duration that can be written, in milliseconds: a hundred years.
const LONGEST: i64 = 100 * 366 * ir::time::DAY;

/// A length of time; days that are not plain days are refused.
pub(crate) fn span(duration: syntax::Duration) -> Result<ir::Span, ValueError> {
    match duration.day_kind {
        Some(syntax::DayKind::Business) => Err(ValueError::BusinessDays),
        Some(syntax::DayKind::Calendar) | None => wait_span(duration),
    }
}

/// A length of time that a run waits, which may be in business days.
pub(crate) fn wait_span(duration: syntax::Duration) -> Result<ir::Span, ValueError> {
    if duration.day_kind == Some(syntax::DayKind::Calendar) {
        return Err(ValueError::CalendarDays {
            days: duration.count,
        });
    }
    let business = duration.day_kind == Some(syntax::DayKind::Business);
    let unit = match duration.unit {
        syntax::TimeUnit::Second => ir::Unit::Second,
        syntax::TimeUnit::Minute => ir::Unit::Minute,
        syntax::TimeUnit::Hour => ir::Unit::Hour,
        syntax::TimeUnit::Day if business => ir::Unit::BusinessDay,
        syntax::TimeUnit::Day => ir::Unit::Day,
        syntax::TimeUnit::Week => ir::Unit::Week,
        syntax::TimeUnit::Month => ir::Unit::Month,
        syntax::TimeUnit::Year => ir::Unit::Year,
    };
    if duration.count == 0 {
        return Err(ValueError::NoTime);
    }
    let one = ir::Span::new(1, unit).at_most();
    match one.checked_mul(i64::from(duration.count)) {
        Some(length) if length <= LONGEST => Ok(ir::Span::new(duration.count, unit)),
        _ => Err(ValueError::TooLong),
    }
}

/// A day; the grammar accepts only days that exist.
pub(crate) fn date(day: syntax::Date) -> ir::Date {
    // Days since 1970 after H. Hinnant's "chrono-compatible low-level date algorithms": the year begins in March, so
    // that the leap day is its last.
    let (month, dom) = (i32::from(day.month), i32::from(day.day));
    let year = i32::from(day.year) - i32::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + dom - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    ir::Date(era * 146_097 + day_of_era - 719_468)
}

/// A clock time.
pub(crate) fn clock(clock: syntax::Clock) -> ir::Clock {
    ir::Clock(u16::from(clock.hour) * 60 + u16::from(clock.minute))
}

/// A day of the week.
pub(crate) const fn weekday(day: syntax::Weekday) -> ir::Weekday {
    match day {
        syntax::Weekday::Monday => ir::Weekday::Monday,
        syntax::Weekday::Tuesday => ir::Weekday::Tuesday,
        syntax::Weekday::Wednesday => ir::Weekday::Wednesday,
        syntax::Weekday::Thursday => ir::Weekday::Thursday,
        syntax::Weekday::Friday => ir::Weekday::Friday,
        syntax::Weekday::Saturday => ir::Weekday::Saturday,
        syntax::Weekday::Sunday => ir::Weekday::Sunday,
    }
}

/// Whether there is a time zone of this name.
pub(crate) fn is_timezone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

/// The instant at which a clock in a zone shows this time of that day. A time that the clock skips is moved forward.
pub(crate) fn instant(
    day: syntax::Date,
    clock: syntax::Clock,
    zone: &str,
) -> Result<ir::time::Instant, ValueError> {
    at_clock(day, clock.hour, clock.minute, zone)
}

/// The first instant of a day in a zone.
pub(crate) fn midnight(day: syntax::Date, zone: &str) -> Result<ir::time::Instant, ValueError> {
    at_clock(day, 0, 0, zone)
}

/// The instant that lies a span after another, on the clocks of a zone.
pub(crate) fn later(
    from: ir::time::Instant,
    span: ir::Span,
    zone: &str,
) -> Result<ir::time::Instant, ValueError> {
    shifted(from, i64::from(span.n), span.unit, zone)
}

/// The instant that lies a span before another, on the clocks of a zone.
pub(crate) fn earlier(
    from: ir::time::Instant,
    span: ir::Span,
    zone: &str,
) -> Result<ir::time::Instant, ValueError> {
    shifted(from, -i64::from(span.n), span.unit, zone)
}

fn shifted(
    from: ir::time::Instant,
    n: i64,
    unit: ir::Unit,
    zone: &str,
) -> Result<ir::time::Instant, ValueError> {
    let timezone = jiff::tz::TimeZone::get(zone).map_err(|_| ValueError::UnknownTimezone {
        name: zone.to_owned(),
    })?;
    let none = jiff::Span::new();
    let length = match unit {
        ir::Unit::Second => none.try_seconds(n),
        ir::Unit::Minute => none.try_minutes(n),
        ir::Unit::Hour => none.try_hours(n),
        // Where a test or condition counts days, all days count.
        ir::Unit::Day | ir::Unit::BusinessDay => none.try_days(n),
        ir::Unit::Week => none.try_weeks(n),
        ir::Unit::Month => none.try_months(n),
        ir::Unit::Year => none.try_years(n),
    };
    let from = jiff::Timestamp::from_millisecond(from).map_err(|_| ValueError::TooLarge)?;
    let shifted = length.and_then(|length| from.to_zoned(timezone).checked_add(length));
    let shifted = shifted.map_err(|_| ValueError::TooLarge)?;
    Ok(shifted.timestamp().as_millisecond())
}

fn at_clock(
    day: syntax::Date,
    hour: u8,
    minute: u8,
    zone: &str,
) -> Result<ir::time::Instant, ValueError> {
    let unknown = || ValueError::UnknownTimezone {
        name: zone.to_owned(),
    };
    let timezone = jiff::tz::TimeZone::get(zone).map_err(|_| unknown())?;
    let (year, month, day) = (day.year as i16, day.month as i8, day.day as i8);
    let civil = jiff::civil::DateTime::new(year, month, day, hour as i8, minute as i8, 0, 0);
    let zoned = civil
        .and_then(|civil| civil.to_zoned(timezone))
        .map_err(|_| ValueError::TooLarge)?;
    Ok(zoned.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use journey_grammar::tree::{Clock, Date, DayKind, Duration, Span, TimeUnit};

    use super::*;

    fn day(year: u16, month: u8, day: u8) -> Date {
        Date {
            year,
            month,
            day,
            span: Span::default(),
        }
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(date(day(1970, 1, 1)), ir::Date(0));
        assert_eq!(date(day(2000, 3, 1)), ir::Date(11_017));
        assert_eq!(date(day(2026, 11, 27)), ir::Date(20_784));
        assert_eq!(date(day(1969, 12, 31)), ir::Date(-1));
        for (year, month, dom) in [(1904, 2, 29), (2024, 2, 29), (2100, 12, 31), (9999, 1, 1)] {
            let civil = jiff::civil::Date::new(year as i16, month as i8, dom as i8).unwrap();
            let epoch = jiff::civil::Date::new(1970, 1, 1).unwrap();
            let days = (civil - epoch).get_days();
            assert_eq!(date(day(year, month, dom)), ir::Date(days));
        }
    }

    #[test]
    fn a_clock_time_is_an_instant_in_its_zone() {
        let nine = Clock {
            hour: 9,
            minute: 0,
            span: Span::default(),
        };
        assert_eq!(instant(day(1970, 1, 1), nine, "Asia/Seoul"), Ok(0));
        assert!(instant(day(1970, 1, 1), nine, "Asia/Seul").is_err());
    }

    #[test]
    fn durations_are_bounded() {
        let duration = |count, unit, day_kind| {
            span(Duration {
                count,
                unit,
                day_kind,
                span: Span::default(),
            })
        };
        assert_eq!(
            duration(2, TimeUnit::Week, None),
            Ok(ir::Span::new(2, ir::Unit::Week))
        );
        assert_eq!(
            duration(u32::MAX, TimeUnit::Year, None),
            Err(ValueError::TooLong)
        );
        assert_eq!(duration(0, TimeUnit::Day, None), Err(ValueError::NoTime));
        assert_eq!(
            duration(3, TimeUnit::Day, Some(DayKind::Business)),
            Err(ValueError::BusinessDays)
        );
    }
}
