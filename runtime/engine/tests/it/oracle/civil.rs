//! Calendar arithmetic as the definitions give it: by jiff's own zoned times, where the engine has arithmetic of its own.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned, civil};
use journey_ir::{Instant, Span, Unit};

fn zoned(tz: &TimeZone, at: Instant) -> Zoned {
    let at = Timestamp::from_millisecond(at).unwrap();
    at.to_zoned(tz.clone())
}

/// The instant a span after another.
pub(crate) fn plus(tz: &TimeZone, at: Instant, span: Span) -> Instant {
    let n = i64::from(span.n);
    let of = jiff::Span::new();
    let of = match span.unit {
        Unit::Second | Unit::Minute | Unit::Hour => return at + span.exact().unwrap(),
        Unit::Day | Unit::BusinessDay => of.days(n),
        Unit::Week => of.weeks(n),
        Unit::Month => of.months(n),
        Unit::Year => of.years(n),
    };
    let then = zoned(tz, at).checked_add(of).unwrap();
    then.timestamp().as_millisecond()
}

/// The day of an instant, counted from 1970-01-01.
pub(crate) fn day(tz: &TimeZone, at: Instant) -> i32 {
    let day = zoned(tz, at).date() - civil::date(1970, 1, 1);
    day.get_days()
}

/// The date with a number.
pub(crate) fn date(day: i32) -> civil::Date {
    let days = jiff::Span::new().days(day);
    civil::date(1970, 1, 1).checked_add(days).unwrap()
}

/// The instant at which a day begins.
pub(crate) fn midnight(tz: &TimeZone, day: i32) -> Instant {
    let at = tz.to_ambiguous_zoned(date(day).to_datetime(civil::Time::midnight()));
    at.compatible().unwrap().timestamp().as_millisecond()
}
