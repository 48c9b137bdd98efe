//! When a schedule falls due that hangs on a date of the contact: once, or in every year, so many days before or after.

use journey_ir::journey::Side;
use journey_ir::{Clock, Instant, Span};

use super::date::{anniversary, moved, year_of};
use super::{NEVER, Zone, of_day};

/// How many years around the present are looked at for a yearly date, beside those that the offset spans.
const YEARS_AROUND: i16 = 2;
/// The longest offset from a date, in years.
pub(crate) const LONGEST_OFFSET: i64 = 10;

/// A schedule with the date it hangs on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dated {
    /// The day of the date, counted from 1970-01-01.
    pub(crate) day: i32,
    /// How far from it.
    pub(crate) offset: Option<(Span, Side)>,
    /// Whether it falls due every year.
    pub(crate) yearly: bool,
    /// At which clock time.
    pub(crate) at: Clock,
}

impl Dated {
    /// The first instant at or after another at which it falls due for a day that is not `done`: once for each date,
    /// and no second time in a year for an earlier date.
    pub(crate) fn next(&self, zone: &Zone, from: Instant, done: Option<i32>) -> Instant {
        self.occurrences(zone, from)
            .filter(|(day, _)| match done {
                Some(done) if self.yearly => *day > done,
                Some(done) => *day != done,
                None => true,
            })
            .map(|(_, at)| at)
            .find(|at| *at >= from)
            .unwrap_or(NEVER)
    }

    /// The day for which it has fallen due last at an instant.
    pub(crate) fn last_day(&self, zone: &Zone, now: Instant) -> Option<i32> {
        let past = self.occurrences(zone, now).filter(|(_, at)| *at <= now);
        past.map(|(day, _)| day).last()
    }

    /// Days and instants around an instant, in order.
    fn occurrences(&self, zone: &Zone, around: Instant) -> impl Iterator<Item = (i32, Instant)> {
        let reach = YEARS_AROUND + LONGEST_OFFSET as i16;
        let years = if self.yearly {
            let born = year_of(self.day).unwrap_or(i16::MIN);
            let now = year_of(zone.day(around)).unwrap_or(born);
            now.saturating_sub(reach).max(born)..now.saturating_add(reach)
        } else {
            0..1
        };
        years.filter_map(move |year| {
            let base = if self.yearly {
                anniversary(self.day, year)?
            } else {
                self.day
            };
            let day = match self.offset {
                None => base,
                Some((span, side)) => {
                    let sign = if side == Side::Before { -1 } else { 1 };
                    i32::try_from(moved(base, span, sign)?).ok()?
                }
            };
            Some((day, zone.instant(day, of_day(self.at))))
        })
    }
}
