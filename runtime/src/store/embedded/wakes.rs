//! When each contact is due. What comes soon is kept in order; the rest by the hour, and put in order when its hour comes.
//! So a wake-up that is put off again and again costs next to nothing, and far ones take a few bytes.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir::Instant;
use journey_ir::time::HOUR;

use crate::store::ContactNo;

/// No wake-up.
const NEVER: Instant = Instant::MIN;
/// So many entries that are not valid any more are not worth a clearing.
const FEW: usize = 4_096;

/// The wake-ups of all contacts.
#[derive(Debug)]
pub(super) struct Wakes {
    /// When each contact is due, by its number.
    of: Vec<Instant>,
    /// Those before `soon`, in order.
    near: BTreeSet<(Instant, u32)>,
    /// Those from `soon` on, by the hour. Whoever is due at another hour by now is still among them.
    far: BTreeMap<i64, Vec<u32>>,
    /// Where the first hour begins that is not in order yet.
    soon: Instant,
    /// How many entries there are in `far`.
    entries: usize,
    /// How many of them are valid.
    valid: usize,
}

impl Wakes {
    /// Room for so many contacts.
    pub(super) fn with_capacity(contacts: usize) -> Self {
        Self {
            of: Vec::with_capacity(contacts),
            near: BTreeSet::new(),
            far: BTreeMap::new(),
            soon: Instant::MIN,
            entries: 0,
            valid: 0,
        }
    }

    /// When a contact is due.
    pub(super) fn of(&self, contact: ContactNo) -> Option<Instant> {
        let at = self.of.get(usize::try_from(contact.0).ok()?)?;
        (*at != NEVER).then_some(*at)
    }

    /// A contact is due at another time from now on, or no more.
    pub(super) fn set(&mut self, contact: ContactNo, at: Option<Instant>) {
        let number = contact.0 as u32;
        let at = at.unwrap_or(NEVER);
        if self.of.len() <= number as usize {
            self.of.resize(number as usize + 1, NEVER);
        }
        let Some(slot) = self.of.get_mut(number as usize) else {
            return;
        };
        let before = std::mem::replace(slot, at);
        if before == at {
            return;
        }
        let was_far = before != NEVER && before >= self.soon;
        let is_far = at != NEVER && at >= self.soon;
        if was_far && is_far && hour(before) == hour(at) {
            return;
        }
        if was_far {
            self.valid -= 1;
        } else if before != NEVER {
            self.near.remove(&(before, number));
        }
        if is_far {
            self.far.entry(hour(at)).or_default().push(number);
            self.valid += 1;
            self.entries += 1;
            self.clear();
        } else if at != NEVER {
            self.near.insert((at, number));
        }
    }

    /// When the next contact is due.
    pub(super) fn next(&mut self) -> Option<Instant> {
        while self.near.is_empty() && !self.far.is_empty() {
            self.open();
        }
        self.near.first().map(|(at, _)| *at)
    }

    /// Who is due until an instant, the earliest first.
    pub(super) fn due(&mut self, until: Instant) -> impl Iterator<Item = ContactNo> {
        while self
            .far
            .first_key_value()
            .is_some_and(|(at, _)| *at <= hour(until))
        {
            self.open();
        }
        let due = self.near.range(..=(until, u32::MAX));
        due.map(|(_, number)| ContactNo(i64::from(*number)))
    }

    /// Puts the first hour in order.
    fn open(&mut self) {
        let Some((first, numbers)) = self.far.pop_first() else {
            return;
        };
        self.soon = (first + 1).saturating_mul(HOUR);
        self.entries -= numbers.len();
        for number in numbers {
            let at = self.of.get(number as usize).copied().unwrap_or(NEVER);
            if at != NEVER && hour(at) == first && self.near.insert((at, number)) {
                self.valid -= 1;
            }
        }
    }

    /// Leaves out what is not valid any more, where that is more than half.
    fn clear(&mut self) {
        if self.entries < self.valid.saturating_mul(2) + FEW {
            return;
        }
        let of = &self.of;
        self.far.retain(|hour_of, numbers| {
            let is_valid = |number: u32| {
                let at = of.get(number as usize).copied().unwrap_or(NEVER);
                at != NEVER && hour(at) == *hour_of
            };
            numbers.sort_unstable();
            numbers.dedup();
            numbers.retain(|number| is_valid(*number));
            numbers.shrink_to_fit();
            !numbers.is_empty()
        });
        self.entries = self.far.values().map(Vec::len).sum();
    }
}

const fn hour(at: Instant) -> i64 {
    at.div_euclid(HOUR)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_says_what_a_sorted_list_says(
            steps in prop::collection::vec((0..40_u32, 0..5_u8, -3_000_000..90_000_000_i64), 1..400),
        ) {
            let mut wakes = Wakes::with_capacity(0);
            let mut model: BTreeMap<u32, Instant> = BTreeMap::new();
            for (number, what, at) in steps {
                let contact = ContactNo(i64::from(number));
                match what {
                    0 => {
                        wakes.set(contact, None);
                        model.remove(&number);
                    }
                    1 => {
                        let mut due: Vec<_> = model.iter().map(|(n, at)| (*at, *n)).collect();
                        due.retain(|(when, _)| *when <= at);
                        due.sort_unstable();
                        let due: Vec<_> = due.into_iter().map(|(_, n)| ContactNo(i64::from(n))).collect();
                        prop_assert_eq!(wakes.due(at).collect::<Vec<_>>(), due);
                    }
                    _ => {
                        wakes.set(contact, Some(at));
                        model.insert(number, at);
                    }
                }
                prop_assert_eq!(wakes.of(contact), model.get(&number).copied());
                prop_assert_eq!(wakes.next(), model.values().min().copied());
            }
        }

        #[test]
        fn what_is_put_off_again_and_again_leaves_little_behind(
            times in prop::collection::vec((0..20_i64, 1..2_000_i64), 9_000),
        ) {
            let mut wakes = Wakes::with_capacity(0);
            for (number, hours) in times {
                wakes.set(ContactNo(number), Some(hours * HOUR));
            }
            prop_assert!(wakes.entries <= 2 * 20 + FEW);
            prop_assert_eq!(wakes.entries, wakes.far.values().map(Vec::len).sum::<usize>());
        }
    }
}
