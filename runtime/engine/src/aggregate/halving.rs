//! Counts that lose half of their worth again and again. Instants come in, whole numbers go out; every machine computes
//! the same bits, because nothing here is a float, and any order of the same instants gives the same state.
//!
//! An event at `t` weighs 2^(t / half-life), so that its worth compared with one of now is its age in half-lives. Such
//! weights are only ever added up. They are kept per group of half-lives, because their sum has no bounds; a group that
//! is so old that a million of its events are worth less than a billionth of one of the newest group is dropped.

use std::collections::BTreeMap;

use journey_ir::Instant;
use serde::{Deserialize, Serialize};

use crate::calendar::{LATEST, NEVER};

/// The binary places of a weight.
const PLACES: u32 = 50;
/// How many half-lives are one group.
const GROUP: i64 = 16;
/// How many groups are kept.
const GROUPS: i64 = 5;
/// The binary places of a fraction of a half-life, and how many roots of two are known.
const FRACTION: usize = 56;
/// The binary places of the roots of two.
const ROOT_PLACES: u32 = 62;
/// 2^(1/2), 2^(1/4), 2^(1/8), …
const ROOTS: [u128; FRACTION] = roots();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated while compiling, where a wrong index is an error"
)]
const fn roots() -> [u128; FRACTION] {
    let mut roots = [0; FRACTION];
    let mut root: u128 = 2 << ROOT_PLACES;
    let mut at = 0;
    while at < FRACTION {
        root = (root << ROOT_PLACES).isqrt();
        roots[at] = root;
        at += 1;
    }
    roots
}

/// The weights of all events, by group of half-lives, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Halving(Vec<(i64, i128)>);

/// The half-life that an instant is in, and how much more than at its start an event weighs: 1 to 2, with [`PLACES`]
/// binary places.
fn weigh(at: Instant, every: i64) -> (i64, i128) {
    let every = every.max(1);
    let rest = u128::from(at.rem_euclid(every).unsigned_abs());
    let fraction = (rest << FRACTION) / u128::from(every.unsigned_abs());
    let mut power: u128 = 1 << ROOT_PLACES;
    for (bit, root) in (0..FRACTION).rev().zip(ROOTS) {
        if fraction >> bit & 1 == 1 {
            power = (power * root) >> ROOT_PLACES;
        }
    }
    // At most 2^51.
    (
        at.div_euclid(every),
        (power >> (ROOT_PLACES - PLACES)) as i128,
    )
}

impl Halving {
    /// Counts an event.
    pub(super) fn take(&mut self, at: Instant, every: i64) {
        let (half_life, weight) = weigh(at, every);
        let (group, above) = (half_life.div_euclid(GROUP), half_life.rem_euclid(GROUP));
        let newest = self.0.last().map_or(group, |(last, _)| group.max(*last));
        let weight = weight << above;
        match self.0.binary_search_by_key(&group, |(it, _)| *it) {
            Ok(at) => {
                if let Some((_, sum)) = self.0.get_mut(at) {
                    *sum = sum.saturating_add(weight);
                }
            }
            Err(at) => self.0.insert(at, (group, weight)),
        }
        self.0
            .retain(|(group, _)| *group > newest.saturating_sub(GROUPS));
    }

    /// Whether it can be reckoned with.
    pub(super) fn is_sound(&self) -> bool {
        let far = 1 << 50;
        self.0.len() <= GROUPS as usize
            && self.0.is_sorted_by(|(one, _), (other, _)| one < other)
            && self
                .0
                .iter()
                .all(|(group, sum)| (-far..=far).contains(group) && *sum >= 0)
    }
}

/// A sum of halving counts times points, whose size only ever shrinks while nothing happens.
#[derive(Debug)]
pub(crate) struct Fading {
    every: i64,
    groups: BTreeMap<i64, i128>,
    negative: bool,
}

impl Fading {
    /// The sum of counts of one half-life, each times its points.
    pub(crate) fn of<'h>(every: i64, lines: impl Iterator<Item = (i64, &'h Halving)>) -> Self {
        let mut groups: BTreeMap<i64, i128> = BTreeMap::new();
        for (points, Halving(weights)) in lines {
            for (group, weight) in weights {
                let sum = groups.entry(*group).or_default();
                *sum = sum.saturating_add(weight.saturating_mul(i128::from(points)));
            }
        }
        let mut fading = Self {
            every,
            groups,
            negative: false,
        };
        if fading.weight_in(i64::MIN) < 0 {
            fading.negative = true;
            for sum in fading.groups.values_mut() {
                *sum = sum.saturating_neg();
            }
        }
        fading
    }

    /// The weight of everything, in units of a group or of the newest one, whichever is later; rounded down.
    fn weight_in(&self, group: i64) -> i128 {
        let (mut weight, mut before) = (0_i128, i64::MIN);
        let mut age_to = |weight: i128, group: i64| {
            let older = group.saturating_sub(before).clamp(0, 127 / GROUP + 1);
            before = group;
            weight >> (older * GROUP).min(127)
        };
        for (of, sum) in &self.groups {
            weight = age_to(weight, *of).saturating_add(*sum);
        }
        let newest = self
            .groups
            .keys()
            .next_back()
            .map_or(group, |it| group.max(*it));
        age_to(weight, newest)
    }

    /// Whether it is below zero.
    pub(crate) const fn is_negative(&self) -> bool {
        self.negative
    }

    /// How far it is from zero at an instant, what is left of a point dropped.
    pub(crate) fn size(&self, at: Instant) -> i128 {
        let (half_life, weight) = weigh(at, self.every);
        let (group, above) = (half_life.div_euclid(GROUP), half_life.rem_euclid(GROUP));
        self.weight_in(group) / (weight << above)
    }

    /// The first instant after another at which its size is a number or less, if it is not already.
    pub(crate) fn falls_to(&self, size: i128, after: Instant) -> Instant {
        let half_lives = 128 - self.size(after).leading_zeros();
        let mut low = after;
        let mut high = after.saturating_add(self.every.saturating_mul(i64::from(half_lives)));
        while low < high {
            let middle = low.saturating_add((high - low) / 2);
            if self.size(middle) <= size {
                high = middle;
            } else {
                low = middle.saturating_add(1);
            }
        }
        if low > LATEST { NEVER } else { low }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1_000;

    fn counted(every: i64, at: &[Instant]) -> Halving {
        let mut halving = Halving::default();
        for at in at {
            halving.take(*at, every);
        }
        halving
    }

    #[test]
    fn a_weight_has_the_same_bits_everywhere() {
        assert_eq!(weigh(0, 1_000), (0, 1 << 50));
        assert_eq!(weigh(500, 1_000), (0, 0x5_A827_999F_CEF3));
        assert_eq!(weigh(-1_000, 1_000), (-1, 1 << 50));
        assert_eq!(weigh(333, 1_000), weigh(1_333 - 1_000, 1_000));
    }

    #[test]
    fn points_are_whole_at_their_instant_and_half_a_half_life_later() {
        let every = 14 * DAY;
        let at = 1_772_409_612_345;
        let halving = counted(every, &[at]);
        let fading = Fading::of(every, [(50, &halving)].into_iter());
        assert_eq!(fading.size(at), 50);
        assert_eq!(fading.size(at + 1), 49);
        assert_eq!(fading.size(at + every), 25);
        assert_eq!(fading.falls_to(24, at), at + every + 1);
        let gone = fading.falls_to(0, at);
        assert_eq!((fading.size(gone - 1), fading.size(gone)), (1, 0));
    }

    #[test]
    fn what_is_taken_away_is_below_zero_and_comes_back_to_it() {
        let every = DAY;
        let (up, down) = (counted(every, &[0]), counted(every, &[DAY]));
        let fading = Fading::of(every, [(10, &up), (-40, &down)].into_iter());
        assert!(fading.is_negative());
        assert_eq!(fading.size(DAY), 35);
        assert_eq!(fading.size(2 * DAY), 17);
        assert_eq!(fading.size(400 * DAY), 0);
    }

    #[test]
    fn the_order_of_events_does_not_matter_and_the_state_is_small() {
        let instants: Vec<Instant> = (0..500)
            .map(|it| it * it * 7_777_777 % (4_000 * DAY))
            .collect();
        let mut back = instants.clone();
        back.reverse();
        let halving = counted(DAY, &instants);
        assert_eq!(halving, counted(DAY, &back));
        assert!(halving.is_sound() && halving.0.len() <= 5);
    }
}
