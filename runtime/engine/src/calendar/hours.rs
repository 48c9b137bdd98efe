//! Opening hours in their own zone, holidays closed.

use journey_ir::project::Hours;
use journey_ir::time::Clock;
use journey_ir::{Instant, Weekday};

use super::{NEVER, Zone, of_day, weekday};

/// How many days are searched for the next opening.
const SEARCHED: i32 = 400;

/// Opening hours, prepared.
#[derive(Debug)]
pub(crate) struct OpenHours {
    zone: Zone,
    open: Vec<(Weekday, Clock, Clock)>,
    holidays: Vec<i32>,
}

impl OpenHours {
    /// Prepares opening hours; `None` where their zone does not exist.
    pub(crate) fn new(hours: &Hours) -> Option<Self> {
        let mut holidays: Vec<i32> = hours.holidays.iter().map(|day| day.0).collect();
        holidays.sort_unstable();
        Some(Self {
            zone: Zone::named(&hours.timezone)?,
            open: hours.open.clone(),
            holidays,
        })
    }

    /// The openings that begin on a day. Closing at or before opening lies on the next day.
    fn of(&self, day: i32) -> impl Iterator<Item = (Instant, Instant)> + '_ {
        let weekday = weekday(day);
        self.open
            .iter()
            .filter(move |(on, ..)| *on == weekday && self.may_open(day))
            .map(move |(_, from, to)| {
                let until = if to > from { day } else { day + 1 };
                (
                    self.zone.instant(day, of_day(*from)),
                    self.zone.instant(until, of_day(*to)),
                )
            })
    }

    /// The end of the opening that an instant lies in.
    fn closing(&self, at: Instant) -> Option<Instant> {
        let day = self.zone.day(at);
        // What was opened before a day that the zone left out closes two days later.
        (day - 2..=day)
            .flat_map(|day| self.of(day))
            .filter(|(from, to)| *from <= at && at < *to)
            .map(|(_, to)| to)
            .max()
    }

    /// Whether an instant lies inside.
    pub(crate) fn inside(&self, at: Instant) -> bool {
        self.closing(at).is_some()
    }

    /// The first instant inside, at or after another.
    pub(crate) fn next_inside(&self, at: Instant) -> Instant {
        if self.inside(at) {
            return at;
        }
        let day = self.zone.day(at);
        let first_of = |days: std::ops::RangeInclusive<i32>| {
            let openings = days.flat_map(|day| self.of(day));
            let openings = openings.filter(|(from, to)| at < *from && from < to);
            openings.map(|(from, _)| from).min()
        };
        // A time that does not exist before midnight is shifted into the next day.
        (day - 1..day.saturating_add(SEARCHED))
            .find(|day| first_of(*day..=*day).is_some())
            .and_then(|day| first_of(day..=day + 1))
            .unwrap_or(NEVER)
    }

    /// The same clock time, in the zone of these hours, on the n-th day after on which they open.
    pub(crate) fn business_days_after(&self, at: Instant, n: u32) -> Instant {
        if at == NEVER {
            return NEVER;
        }
        let (day, clock) = self.zone.local(at);
        self.open_days_after(day, n)
            .map_or(NEVER, |day| self.zone.instant(day, clock))
    }

    /// When something leaves a window of the last `n` business days: at the same clock time so many open days later.
    /// What happened on a closed day counts with the beginning of the next open one, so what is newer never leaves
    /// earlier.
    pub(crate) fn leaves_business_days(&self, at: Instant, n: u32) -> Instant {
        let (day, _) = self.zone.local(at);
        if self.opens_on(day) {
            return self.business_days_after(at, n);
        }
        let open = (day..=day.saturating_add(SEARCHED)).find(|day| self.opens_on(*day));
        open.and_then(|open| self.open_days_after(open, n))
            .map_or(NEVER, |day| self.zone.midnight(day))
    }

    /// The n-th open day after another.
    fn open_days_after(&self, mut day: i32, n: u32) -> Option<i32> {
        for _ in 0..n {
            let last = day.saturating_add(SEARCHED);
            day = (day.saturating_add(1)..=last).find(|day| self.opens_on(*day))?;
        }
        Some(day)
    }

    fn opens_on(&self, day: i32) -> bool {
        let open = self.open.iter().any(|(on, ..)| *on == weekday(day));
        open && self.may_open(day)
    }

    /// Whether a day is no holiday, and none that the zone left out when it moved across the date line.
    fn may_open(&self, day: i32) -> bool {
        self.holidays.binary_search(&day).is_err() && self.zone.day(self.zone.midnight(day)) == day
    }

    /// The next instant at which inside turns to outside or back; never too late.
    pub(crate) fn next_change(&self, at: Instant) -> Instant {
        self.closing(at).unwrap_or_else(|| self.next_inside(at))
    }
}
