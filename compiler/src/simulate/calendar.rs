//! Days in the project's zone, numbered in the order in which they are first asked for, and what is counted on them.

use jiff::tz::TimeZone;
use journey_ir::Instant;
use journey_ir::time::DAY;

use super::tally::Day;

/// The days that were asked for. The last one is looked at first.
#[derive(Debug)]
pub(super) struct Calendar {
    zone: TimeZone,
    last: Lasts,
    /// In the order of time.
    known: Vec<Lasts>,
    /// By number.
    days: Vec<Day>,
}

/// A day, by its number, and from when to when it is.
#[derive(Debug, Clone, Copy)]
struct Lasts {
    number: usize,
    from: Instant,
    to: Instant,
}

impl Lasts {
    fn holds(&self, at: Instant) -> bool {
        (self.from..self.to).contains(&at)
    }
}

impl Calendar {
    pub(super) fn new(zone: &str) -> Self {
        Self {
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            last: Lasts {
                number: 0,
                from: Instant::MAX,
                to: Instant::MIN,
            },
            known: Vec::new(),
            days: Vec::new(),
        }
    }

    /// The number of the day of an instant.
    pub(super) fn number(&mut self, at: Instant) -> usize {
        if !self.last.holds(at) {
            let known = self.near(at).copied();
            self.last = known.or_else(|| self.find(at)).unwrap_or(self.last);
        }
        self.last.number
    }

    /// The day of an instant, where it stands as far behind the first as it would if every day between were known and had
    /// 24 hours, or one off.
    fn near(&self, at: Instant) -> Option<&Lasts> {
        let first = self.known.first()?;
        let place = usize::try_from(at.checked_sub(first.from)? / DAY).ok()?;
        let around = self.known.get(place.saturating_sub(1)..)?;
        around.iter().take(3).find(|it| it.holds(at))
    }

    fn find(&mut self, at: Instant) -> Option<Lasts> {
        let next = self.known.partition_point(|it| it.to <= at);
        let known = self.known.get(next).filter(|it| it.holds(at));
        known.copied().or_else(|| self.look_up(at, next))
    }

    fn look_up(&mut self, at: Instant, place: usize) -> Option<Lasts> {
        let at = jiff::Timestamp::from_millisecond(at).ok()?;
        let zoned = at.to_zoned(self.zone.clone());
        let tomorrow = zoned.tomorrow().and_then(|it| it.start_of_day()).ok()?;
        let lasts = Lasts {
            number: self.days.len(),
            from: zoned.start_of_day().ok()?.timestamp().as_millisecond(),
            to: tomorrow.timestamp().as_millisecond(),
        };
        self.days.push(days_since_1970(zoned.date()));
        self.known.insert(place, lasts);
        Some(lasts)
    }
}

fn days_since_1970(date: jiff::civil::Date) -> Day {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since(epoch).map_or(0, |it| it.get_days())
}

/// What is counted on each day, by the day's number.
#[derive(Debug, Default)]
pub(super) struct ByDay<T>(Vec<T>);

impl<T: Default + PartialEq> ByDay<T> {
    /// What is counted on a day.
    pub(super) fn on(&mut self, number: usize) -> Option<&mut T> {
        if self.0.len() <= number {
            self.0.resize_with(number + 1, T::default);
        }
        self.0.get_mut(number)
    }

    /// The days on which anything was counted.
    pub(super) fn into_days(self, calendar: &Calendar) -> impl Iterator<Item = (Day, T)> {
        let nothing = T::default();
        let all = calendar.days.iter().copied().zip(self.0);
        all.filter(move |(_, it)| *it != nothing)
    }
}
