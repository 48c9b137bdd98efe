//! Calendar days as numbers since 1970-01-01, and back, through jiff.

use jiff::civil;
use journey_ir::{Span, Unit, Weekday};

/// The day with this number, where the calendar has it.
pub(super) fn civil_of(day: i64) -> Option<civil::Date> {
    let days = jiff::Span::new().try_days(day).ok()?;
    civil::date(1970, 1, 1).checked_add(days).ok()
}

/// The number of a day.
pub(super) fn number_of(date: civil::Date) -> i32 {
    (date - civil::date(1970, 1, 1)).get_days()
}

/// The same day of a month further on, or that month's last.
pub(super) fn add_months(day: i32, months: i64) -> Option<i64> {
    let span = jiff::Span::new().try_months(months).ok()?;
    let date = civil_of(i64::from(day))?.checked_add(span).ok()?;
    Some(i64::from(number_of(date)))
}

/// The day so many days, weeks, months or years after another, or before it.
pub(super) fn moved(day: i32, span: Span, sign: i64) -> Option<i64> {
    let n = sign * i64::from(span.n);
    match span.unit {
        Unit::Week => Some(i64::from(day) + n * 7),
        Unit::Month => add_months(day, n),
        Unit::Year => add_months(day, n * 12),
        // Without hours that say which days are business days, all are.
        Unit::Day | Unit::BusinessDay | Unit::Hour | Unit::Minute | Unit::Second => {
            Some(i64::from(day) + n)
        }
    }
}

/// The year of a day.
pub(super) fn year_of(day: i32) -> Option<i16> {
    Some(civil_of(i64::from(day))?.year())
}

/// The same day in another year; for 29 February the 28th where that year has no 29th.
pub(super) fn anniversary(day: i32, year: i16) -> Option<i32> {
    let date = civil_of(i64::from(day))?;
    let date = civil::Date::new(year, date.month(), date.day())
        .or_else(|_| civil::Date::new(year, date.month(), 28))
        .ok()?;
    Some(number_of(date))
}

/// The weekday of a day.
pub(crate) fn weekday(day: i32) -> Weekday {
    match (day.saturating_add(3)).rem_euclid(7) {
        0 => Weekday::Monday,
        1 => Weekday::Tuesday,
        2 => Weekday::Wednesday,
        3 => Weekday::Thursday,
        4 => Weekday::Friday,
        5 => Weekday::Saturday,
        _ => Weekday::Sunday,
    }
}

/// Whole years between two days; someone born on 29 February turns a year older on 1 March of a common year.
pub(crate) fn age(born: i32, today: i32) -> Option<i64> {
    let (born, today) = (civil_of(i64::from(born))?, civil_of(i64::from(today))?);
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    Some(i64::from(today.year()) - i64::from(born.year()) - i64::from(!had_birthday))
}

/// The day on which someone turns `years` old.
pub(crate) fn birthday(born: i32, years: i64) -> Option<i32> {
    let born = civil_of(i64::from(born))?;
    let year = i16::try_from(i64::from(born.year()) + years).ok()?;
    let date = civil::Date::new(year, born.month(), born.day())
        .or_else(|_| civil::Date::new(year, 3, 1))
        .ok()?;
    Some(number_of(date))
}
