//! The ids of what arrived lately for one contact, so that a repeat changes nothing.
//!
//! They live in the contact's own row, which is read and written anyway: remembering an id costs no further page. A
//! contact that is too busy for that hands its oldest ids to the store's table.

use journey_ir::Instant;
use journey_ir::time::{DAY, HOUR};

/// How long an id is remembered, in hours: longer than the longest retry of any client library (12 hours), and long
/// enough for browsers that come back after a week-end.
pub const HORIZON_HOURS: u32 = 7 * 24;
/// How many ids a contact's own row holds.
const MOST: usize = 96;
/// How many are handed over when it is full.
const HANDED_OVER: usize = 48;
/// Bytes per id: the id's first eight bytes and the hour of arrival. Eight bytes are enough among the ids of one
/// contact: with 10,000 of them a chance repeat is rarer than one in a hundred thousand million.
const WIDTH: usize = 12;

const _: () = assert!(HORIZON_HOURS as i64 * HOUR == 7 * DAY);

/// The hour of an instant.
#[must_use]
pub(super) fn hour(at: Instant) -> u32 {
    u32::try_from(at.max(0) / HOUR).unwrap_or(u32::MAX)
}

/// The part of an id that is kept.
#[must_use]
pub(super) fn short(id: [u8; 16]) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(id) {
        *to = from;
    }
    u64::from_le_bytes(first)
}

/// The ids of one contact, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Recent {
    ids: Vec<(u64, u32)>,
    /// Until which hour the store's table may hold ids of this contact.
    handed_over_until: u32,
}

impl Recent {
    /// Reads what [`Self::encode`] wrote. Damage only costs the memory of some ids.
    #[must_use]
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let Some((head, rest)) = bytes.split_first_chunk::<4>() else {
            return Self::default();
        };
        let ids = rest.as_chunks::<WIDTH>().0.iter().filter_map(|entry| {
            let (id, hour) = entry.split_first_chunk::<8>()?;
            let hour = u32::from_le_bytes(hour.try_into().ok()?);
            Some((u64::from_le_bytes(*id), hour))
        });
        let ids = ids.collect();
        Self {
            ids,
            handed_over_until: u32::from_le_bytes(*head),
        }
    }

    /// For the contact's row; empty where there is nothing to remember.
    #[must_use]
    pub(super) fn encode(&self) -> Vec<u8> {
        if self.ids.is_empty() && self.handed_over_until == 0 {
            return Vec::new();
        }
        let mut bytes = Vec::with_capacity(4 + self.ids.len() * WIDTH);
        bytes.extend_from_slice(&self.handed_over_until.to_le_bytes());
        for (id, hour) in &self.ids {
            bytes.extend_from_slice(&id.to_le_bytes());
            bytes.extend_from_slice(&hour.to_le_bytes());
        }
        bytes
    }

    /// Whether the id is known here.
    #[must_use]
    pub(super) fn holds(&self, id: u64, now: u32) -> bool {
        self.ids
            .iter()
            .any(|(known, hour)| *known == id && !expired(*hour, now))
    }

    /// Whether the store's table has to be asked too.
    #[must_use]
    pub(super) const fn has_handed_over(&self, now: u32) -> bool {
        self.handed_over_until > now
    }

    /// Remembers an id, and pushes those that no longer have room to `handed_over`.
    pub(super) fn add(&mut self, id: u64, now: u32, handed_over: &mut Vec<(u64, u32)>) {
        if self.ids.len() >= MOST {
            self.ids.retain(|(_, hour)| !expired(*hour, now));
        }
        if self.ids.len() >= MOST {
            handed_over.extend(self.ids.drain(..HANDED_OVER));
            self.handed_over_until = now.saturating_add(HORIZON_HOURS + 1);
        }
        self.ids.push((id, now));
    }

    /// Takes over the ids of a contact that is merged into this one.
    pub(super) fn absorb(&mut self, other: &Self, now: u32, handed_over: &mut Vec<(u64, u32)>) {
        for (id, hour) in &other.ids {
            if !expired(*hour, now) {
                self.add(*id, now, handed_over);
            }
        }
    }
}

/// Whether an id of that hour is too old to matter.
#[must_use]
pub(super) const fn expired(hour: u32, now: u32) -> bool {
    hour.saturating_add(HORIZON_HOURS) < now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_for_the_horizon_and_not_longer() {
        let mut recent = Recent::default();
        let mut over = Vec::new();
        recent.add(7, 100, &mut over);
        let recent = Recent::decode(&recent.encode());
        assert!(recent.holds(7, 100 + HORIZON_HOURS));
        assert!(!recent.holds(7, 101 + HORIZON_HOURS));
        assert!(!recent.holds(8, 100));
        assert!(!recent.has_handed_over(100));
    }

    #[test]
    fn a_busy_contact_hands_its_oldest_ids_to_the_store() {
        let mut recent = Recent::default();
        let mut over = Vec::new();
        for id in 0..200 {
            recent.add(id, 5, &mut over);
        }
        let kept: Vec<u64> = (0..200).filter(|id| recent.holds(*id, 5)).collect();
        assert!(kept.len() <= MOST);
        assert_eq!(over.len() + kept.len(), 200);
        assert!(recent.has_handed_over(5));
        assert_eq!(Recent::decode(&recent.encode()), recent);
    }

    #[test]
    fn damage_is_not_fatal() {
        assert_eq!(Recent::decode(&[1, 2]), Recent::default());
        assert_eq!(Recent::decode(&[0; 4 + WIDTH + 3]).ids.len(), 1);
    }
}
