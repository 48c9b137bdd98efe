//! The amounts of a sliding window one by one, oldest first, with what is known of all of them together.

use journey_ir::condition::Measure;
use journey_ir::{Currency, Instant, Value};
use serde::{Deserialize, Serialize, Serializer};

use super::summary::{amount_of, value_of};

/// An amount of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct One {
    pub(super) at: Instant,
    /// The start of the event's id.
    id: u32,
    pub(super) currency: Option<Currency>,
    pub(super) amount: i64,
}

/// An amount as it is stored.
type Stored = (Instant, u32, Value);

/// Amounts in the order in which they happened. Only the amounts are stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<Stored>")]
pub(super) struct Kept {
    amounts: Vec<One>,
    /// How many there are of each currency, the plain numbers under none.
    kinds: Vec<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    currency: Option<Currency>,
    count: usize,
    /// How many of them are negative.
    negative: usize,
    total: i128,
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let stored = |it: &One| (it.at, it.id, value_of(it.currency, it.amount));
        to.collect_seq(self.amounts.iter().map(stored))
    }
}

impl From<Vec<Stored>> for Kept {
    fn from(stored: Vec<Stored>) -> Self {
        let amount = |(at, id, value)| {
            let (currency, amount) = amount_of(&value)?;
            Some(One {
                at,
                id,
                currency,
                amount,
            })
        };
        let mut kept = Self {
            amounts: stored.into_iter().filter_map(amount).collect(),
            kinds: Vec::new(),
        };
        for one in &kept.amounts {
            came(&mut kept.kinds, one);
        }
        kept
    }
}

impl Kept {
    /// All of them, oldest first.
    pub(super) fn oldest_first(&self) -> &[One] {
        &self.amounts
    }

    /// Whether older ones can only make more of what newer ones measure, as they are all of one currency and none takes
    /// anything away.
    pub(super) fn grow(&self, currency: Option<Currency>, measure: Measure) -> bool {
        let grows = |it: &Kind| {
            it.currency == currency && (it.negative == 0 || measure == Measure::Largest)
        };
        self.kinds.iter().all(grows)
    }

    /// What those of a currency come to.
    pub(super) fn total(&self, currency: Option<Currency>) -> i128 {
        let kind = self.kinds.iter().find(|it| it.currency == currency);
        kind.map_or(0, |it| it.total)
    }

    /// Keeps an amount of an event that is not known yet.
    pub(super) fn insert(
        &mut self,
        at: Instant,
        id: u32,
        (currency, amount): (Option<Currency>, i64),
    ) {
        let known = self
            .amounts
            .binary_search_by_key(&(at, id), |it| (it.at, it.id));
        if let Err(place) = known {
            let one = One {
                at,
                id,
                currency,
                amount,
            };
            came(&mut self.kinds, &one);
            self.amounts.insert(place, one);
        }
    }

    /// Forgets what happened up to an instant.
    pub(super) fn forget(&mut self, until: Instant) {
        let gone = self.amounts.partition_point(|it| it.at <= until);
        self.take_oldest(gone).for_each(drop);
    }

    /// Takes the oldest out, all but so many.
    pub(super) fn beyond(&mut self, most: usize) -> impl Iterator<Item = One> {
        self.take_oldest(self.amounts.len().saturating_sub(most))
    }

    fn take_oldest(&mut self, n: usize) -> impl Iterator<Item = One> {
        let Self { amounts, kinds } = self;
        amounts.drain(..n).inspect(|it| went(kinds, it))
    }
}

fn came(kinds: &mut Vec<Kind>, one: &One) {
    let at = match kinds.binary_search_by_key(&one.currency, |it| it.currency) {
        Ok(at) => at,
        Err(at) => {
            let none = Kind {
                currency: one.currency,
                count: 0,
                negative: 0,
                total: 0,
            };
            kinds.insert(at, none);
            at
        }
    };
    if let Some(kind) = kinds.get_mut(at) {
        kind.count += 1;
        kind.negative += usize::from(one.amount < 0);
        kind.total += i128::from(one.amount);
    }
}

fn went(kinds: &mut Vec<Kind>, one: &One) {
    if let Ok(at) = kinds.binary_search_by_key(&one.currency, |it| it.currency)
        && let Some(kind) = kinds.get_mut(at)
    {
        kind.count -= 1;
        kind.negative -= usize::from(one.amount < 0);
        kind.total -= i128::from(one.amount);
        if kind.count == 0 {
            kinds.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amounts() -> impl Strategy<Value = (Option<Currency>, i64)> {
        let currency = proptest::sample::select(vec!["", "GBP", "KRW"]);
        (currency.prop_map(Currency::new), -3..9i64)
    }

    proptest! {
        #[test]
        fn what_is_known_of_all_is_what_is_true_of_each(
            all in proptest::collection::vec((0..50i64, 0..3u32, amounts()), 0..40),
            most in 1..9usize,
            within in 1..60i64,
        ) {
            let mut kept = Kept::default();
            for (at, id, amount) in all {
                kept.insert(at, id, amount);
                kept.forget(at - within);
                kept.beyond(most).for_each(drop);
                let stored = postcard::to_allocvec(&kept).unwrap();
                prop_assert_eq!(&postcard::from_bytes::<Kept>(&stored).unwrap(), &kept);
                for (measure, currency) in [(Measure::Total, None), (Measure::Largest, Currency::new("GBP"))] {
                    let mut each = kept.oldest_first().iter();
                    let grow = each.all(|it| it.currency == currency && (it.amount >= 0 || measure == Measure::Largest));
                    prop_assert_eq!(kept.grow(currency, measure), grow);
                    let of_it = kept.oldest_first().iter().filter(|it| it.currency == currency);
                    let total: i128 = of_it.map(|it| i128::from(it.amount)).sum();
                    prop_assert_eq!(kept.total(currency), total);
                }
            }
        }
    }
}
