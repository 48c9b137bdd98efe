//! When events with a value happened, for each value: what `did E where (cart_id is add_to_cart.cart_id)` reads.

use journey_ir::{Instant, Value};
use serde::{Deserialize, Serialize};

use super::recalled::is_sound;
use super::{Fold, Stamp, insert};
use crate::entry::key_hash;

/// How many values are kept apart. Above it those go that were seen the longest time ago.
const MOST_VALUES: usize = 100;

/// The newest events of each value, sorted by the hash of the value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ByValue(Vec<(u64, Fold)>);

impl ByValue {
    /// Counts an event with a value; `most` events of each value are kept.
    pub(super) fn take(&mut self, at: Instant, id: u32, value: &Value, most: u32) {
        let key = key_hash(Some(value));
        let place = match self.0.binary_search_by_key(&key, |(it, _)| *it) {
            Ok(place) => place,
            Err(place) => {
                self.0.insert(place, (key, Fold::Newest(Vec::new())));
                place
            }
        };
        if let Some((_, Fold::Newest(kept))) = self.0.get_mut(place) {
            insert(kept, (at, id), most, |a, b| b.cmp(a));
        }
        if self.0.len() > MOST_VALUES {
            let newest = |(key, fold): &(u64, Fold)| (fold.nth_newest(1), *key);
            let oldest = self.0.iter().enumerate().min_by_key(|(_, it)| newest(it));
            if let Some(place) = oldest.map(|(place, _)| place) {
                self.0.remove(place);
            }
        }
    }

    /// What is kept of a value.
    pub(crate) fn of(&self, value: &Value) -> Option<&Fold> {
        let key = key_hash(Some(value));
        let place = self.0.binary_search_by_key(&key, |(it, _)| *it).ok()?;
        self.0.get(place).map(|(_, fold)| fold)
    }

    /// Whether every instant in it can be reckoned with.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |stamp: &Stamp| is_sound(stamp.0);
        self.0.iter().all(|(_, fold)| match fold {
            Fold::Newest(kept) => kept.iter().all(sound),
            _ => false,
        })
    }
}
