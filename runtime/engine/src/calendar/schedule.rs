//! When a schedule falls due for one contact: weekly, monthly, daily, once, and cron expressions through the `cron`
//! crate on civil time, converted to instants at this one boundary.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use jiff::civil;
use journey_ir::time::{DAY, MonthDay, Schedule};
use journey_ir::{Date, Instant};

use super::date::{civil_of, number_of};
use super::{NEVER, Zone, of_day, weekday};

/// How many months are searched for one that has the wanted day.
const MONTHS: i64 = 24;
/// How many civil times of a cron expression are looked at around a change of the clocks.
const CRON_STEPS: usize = 2_000;

/// A cron expression, prepared.
#[derive(Debug)]
pub(crate) struct Cron(Box<cron::Schedule>);

impl Cron {
    /// Reads minute, hour, day of month, month, day of week.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.split_whitespace().count() != 5 {
            return None;
        }
        // The crate wants seconds first and years last.
        let schedule = cron::Schedule::from_str(&format!("0 {text} *")).ok()?;
        Some(Self(Box::new(schedule)))
    }

    pub(super) fn next(&self, zone: &Zone, from: Instant) -> Instant {
        // Just after the clocks went forward, times that they left out may still be to come.
        let left_out = zone.offset(from) - zone.offset(from - DAY);
        let wall = zone.wall(from) - 1 - left_out.max(0);
        let Some(start) = DateTime::<Utc>::from_timestamp_millis(wall) else {
            return NEVER;
        };
        let mut best = NEVER;
        for civil in self.0.after(&start).take(CRON_STEPS) {
            let civil = civil.timestamp_millis();
            // A time inside a gap is shifted behind times that follow it on the wall, so the search goes on until no
            // later time can come earlier.
            if best != NEVER && civil >= zone.wall(best) {
                break;
            }
            let at = zone.instant_of(civil);
            if at >= from {
                best = best.min(at);
            }
        }
        best
    }
}

/// The first occurrence at or after an instant, on a later day than the last one: a schedule falls due once per local
/// date, also for someone who travels. Cron expressions name their own times and may fall due many times a day.
pub(crate) fn next_occurrence(
    schedule: &Schedule,
    cron: Option<&Cron>,
    zone: &Zone,
    from: Instant,
    last_day: Option<i32>,
) -> Instant {
    let today = zone.day(from);
    // A gap before midnight shifts a time into the next day.
    let first = last_day.map_or(today - 1, |last| last.saturating_add(1).max(today - 1));
    let on = |day: i32, at| {
        let at = zone.instant(day, of_day(at));
        (at >= from).then_some(at)
    };
    match schedule {
        Schedule::Daily { at } => (first..first.saturating_add(4)).find_map(|day| on(day, *at)),
        Schedule::Weekly { on: days, at } => (first..first.saturating_add(16))
            .filter(|day| days.contains(&weekday(*day)))
            .find_map(|day| on(day, *at)),
        Schedule::Monthly { on: which, at } => (0..MONTHS)
            .filter_map(|month| day_of_month(first, month, *which))
            .filter(|day| *day >= first)
            .find_map(|day| on(day, *at)),
        Schedule::Once { on: Date(day), at } => {
            if last_day.is_some_and(|last| last >= *day) {
                None
            } else {
                on(*day, *at)
            }
        }
        // The contact's own date decides: see `Dated`.
        Schedule::Attribute { .. } => None,
        Schedule::Cron(_) => cron.map(|cron| cron.next(zone, from)),
    }
    .unwrap_or(NEVER)
}

fn day_of_month(first: i32, month: i64, which: MonthDay) -> Option<i32> {
    let month = civil_of(i64::from(first))?
        .first_of_month()
        .checked_add(jiff::Span::new().try_months(month).ok()?)
        .ok()?;
    let date = match which {
        MonthDay::Last => month.last_of_month(),
        MonthDay::Day(day) => {
            civil::Date::new(month.year(), month.month(), i8::try_from(day).ok()?).ok()?
        }
        MonthDay::Nth {
            n,
            from_end,
            weekday,
        } => {
            let n = i8::try_from(n.clamp(1, 5)).ok()?;
            let weekday = match weekday {
                journey_ir::Weekday::Monday => civil::Weekday::Monday,
                journey_ir::Weekday::Tuesday => civil::Weekday::Tuesday,
                journey_ir::Weekday::Wednesday => civil::Weekday::Wednesday,
                journey_ir::Weekday::Thursday => civil::Weekday::Thursday,
                journey_ir::Weekday::Friday => civil::Weekday::Friday,
                journey_ir::Weekday::Saturday => civil::Weekday::Saturday,
                journey_ir::Weekday::Sunday => civil::Weekday::Sunday,
            };
            month
                .nth_weekday_of_month(if from_end { -n } else { n }, weekday)
                .ok()?
        }
    };
    Some(number_of(date))
}
