//! A time zone: from instants to civil time and back. The zone data is compiled in, so that the same decision is made on
//! every machine.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use journey_ir::Instant;
use journey_ir::time::DAY;

use super::{EARLIEST, LATEST, NEVER};

/// After this instant (2200-01-01) a zone without transitions has none any more.
const FAR: Instant = 7_258_118_400_000;
/// How many zones by name are remembered; there are about 600.
const MOST_ZONES: usize = 1_000;

/// A time zone.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    tz: TimeZone,
    name: Arc<str>,
    /// From here on the offset never changes, which spares the look-up for most of the world.
    settled: Instant,
    offset: i64,
}

impl Zone {
    /// The zone of an IANA name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let tz = TimeZone::get(name).ok()?;
        let far = Timestamp::from_millisecond(FAR).ok()?;
        let settled = match tz.preceding(far).next() {
            Some(last) if last.timestamp().as_millisecond() > FAR - 2 * 366 * DAY => NEVER,
            Some(last) => last.timestamp().as_millisecond(),
            None => i64::MIN,
        };
        Some(Self {
            offset: millis(tz.to_offset(far)),
            name: tz.iana_name().unwrap_or(name).into(),
            tz,
            settled,
        })
    }

    /// Coordinated universal time.
    pub(crate) fn utc() -> Self {
        Self {
            tz: TimeZone::UTC,
            name: "UTC".into(),
            settled: i64::MIN,
            offset: 0,
        }
    }

    /// Its IANA name.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How far the wall is ahead of UTC.
    pub(super) fn offset(&self, at: Instant) -> i64 {
        if at >= self.settled {
            return self.offset;
        }
        Timestamp::from_millisecond(at).map_or(0, |at| millis(self.tz.to_offset(at)))
    }

    /// The first change of the clocks after an instant and up to another.
    pub(crate) fn change_between(&self, after: Instant, until: Instant) -> Option<Instant> {
        if self.offset(after) == self.offset(until) {
            return None;
        }
        let next = self
            .tz
            .following(Timestamp::from_millisecond(after).ok()?)
            .find(|it| millis(it.offset()) != self.offset(after))?;
        Some(next.timestamp().as_millisecond()).filter(|it| *it <= until)
    }

    /// The civil time of an instant as milliseconds since 1970-01-01T00:00 on the wall.
    pub(super) fn wall(&self, at: Instant) -> i64 {
        let at = at.clamp(EARLIEST, LATEST);
        at + self.offset(at)
    }

    /// The day and the milliseconds since its midnight.
    pub(crate) fn local(&self, at: Instant) -> (i32, i64) {
        let wall = self.wall(at);
        (wall.div_euclid(DAY) as i32, wall.rem_euclid(DAY))
    }

    /// The day of an instant.
    pub(crate) fn day(&self, at: Instant) -> i32 {
        self.local(at).0
    }

    /// The instant at which the wall shows a day and a time.
    pub(crate) fn instant(&self, day: i32, of_day: i64) -> Instant {
        let wall = i64::from(day).saturating_mul(DAY).saturating_add(of_day);
        self.instant_of(wall)
    }

    /// The instant of a civil time.
    pub(super) fn instant_of(&self, wall: i64) -> Instant {
        if wall > LATEST {
            return NEVER;
        }
        let wall = wall.max(EARLIEST);
        if self.settled == i64::MIN || wall - DAY >= self.settled {
            let before = self.offset(wall - DAY);
            if before == self.offset {
                return wall - self.offset;
            }
        }
        // Where the offset is the same a day earlier and a day later, the time exists exactly once.
        let (before, after) = (self.offset(wall - DAY), self.offset(wall + DAY));
        if before == after {
            return wall - before;
        }
        let exact = || {
            let civil = Offset::UTC.to_datetime(Timestamp::from_millisecond(wall).ok()?);
            let at = self.tz.to_ambiguous_timestamp(civil).compatible().ok()?;
            Some(at.as_millisecond())
        };
        exact().unwrap_or(wall - before)
    }
}

fn millis(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000
}

/// Zones by name, each prepared once.
#[derive(Debug, Default)]
pub(crate) struct Zones(RwLock<BTreeMap<String, Arc<Zone>>>);

impl Zones {
    /// The zone of an IANA name.
    pub(crate) fn named(&self, name: &str) -> Option<Arc<Zone>> {
        if let Ok(known) = self.0.read()
            && let Some(zone) = known.get(name)
        {
            return Some(Arc::clone(zone));
        }
        let zone = Arc::new(Zone::named(name)?);
        if let Ok(mut known) = self.0.write()
            && known.len() < MOST_ZONES
        {
            known.insert(name.to_owned(), Arc::clone(&zone));
        }
        Some(zone)
    }
}
