//! The amounts of a sliding window one by one, oldest first, with what is known of all of them together.

use journey_ir::condition::Measure;
use journey_ir::{Currency, Instant, Value};
use serde::{Deserialize, Serialize, Serializer};

use super::summary::amount_of;

/// An amount with its instant and the start of its event's id.
pub(super) type Stamped = (Instant, u32, Value);

/// Amounts in the order in which they happened. Only the amounts are stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<Stamped>")]
pub(super) struct Kept {
    amounts: Vec<Stamped>,
    /// How many there are of each currency, the plain numbers under none.
    kinds: Vec<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    currency: Option<Currency>,
    count: usize,
    /// How many of them are negative.
    negative: usize,
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.amounts.serialize(to)
    }
}

impl From<Vec<Stamped>> for Kept {
    fn from(amounts: Vec<Stamped>) -> Self {
        let mut kept = Self::default();
        for one in &amounts {
            kept.came(one);
        }
        kept.amounts = amounts;
        kept
    }
}

impl Kept {
    /// All of them, oldest first.
    pub(super) fn oldest_first(&self) -> &[Stamped] {
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

    /// Keeps an amount of an event that is not known yet.
    pub(super) fn insert(&mut self, at: Instant, id: u32, value: &Value) {
        let place = self
            .amounts
            .binary_search_by_key(&(at, id), |(at, id, _)| (*at, *id));
        if let Err(place) = place {
            let one = (at, id, value.clone());
            self.came(&one);
            self.amounts.insert(place, one);
        }
    }

    /// Forgets what happened up to an instant.
    pub(super) fn forget(&mut self, until: Instant) {
        let gone = self.amounts.partition_point(|(at, ..)| *at <= until);
        self.take_oldest(gone).for_each(drop);
    }

    /// Takes the oldest out, all but so many.
    pub(super) fn beyond(&mut self, most: usize) -> impl Iterator<Item = Stamped> {
        self.take_oldest(self.amounts.len().saturating_sub(most))
    }

    fn take_oldest(&mut self, n: usize) -> impl Iterator<Item = Stamped> {
        let Self { amounts, kinds } = self;
        amounts.drain(..n).inspect(|it| went(kinds, it))
    }

    fn came(&mut self, (.., value): &Stamped) {
        let Some((currency, amount)) = amount_of(value) else {
            return;
        };
        let at = match self.kinds.binary_search_by_key(&currency, |it| it.currency) {
            Ok(at) => at,
            Err(at) => {
                let none = Kind {
                    currency,
                    count: 0,
                    negative: 0,
                };
                self.kinds.insert(at, none);
                at
            }
        };
        if let Some(kind) = self.kinds.get_mut(at) {
            kind.count += 1;
            kind.negative += usize::from(amount < 0);
        }
    }
}

fn went(kinds: &mut Vec<Kind>, (.., value): &Stamped) {
    let Some((currency, amount)) = amount_of(value) else {
        return;
    };
    if let Ok(at) = kinds.binary_search_by_key(&currency, |it| it.currency)
        && let Some(kind) = kinds.get_mut(at)
    {
        kind.count -= 1;
        kind.negative -= usize::from(amount < 0);
        if kind.count == 0 {
            kinds.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey_ir::{Decimal, Money};
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Value> {
        let currency = proptest::sample::select(vec!["GBP", "KRW"]);
        let money = |(code, minor): (&str, i64)| {
            let currency = Currency::new(code).unwrap();
            Value::Money(Money { minor, currency })
        };
        prop_oneof![
            (-9..9i64).prop_map(|it| Value::Number(Decimal(it))),
            (currency, -9..9i64).prop_map(money)
        ]
    }

    proptest! {
        #[test]
        fn what_is_known_of_all_is_what_is_true_of_each(
            all in proptest::collection::vec((0..50i64, 0..3u32, values()), 0..40),
            most in 1..9usize,
            within in 1..60i64,
        ) {
            let mut kept = Kept::default();
            for (at, id, value) in all {
                kept.insert(at, id, &value);
                kept.forget(at - within);
                kept.beyond(most).for_each(drop);
                prop_assert_eq!(&kept, &Kept::from(kept.oldest_first().to_vec()));
                for (measure, currency) in [(Measure::Total, None), (Measure::Largest, Currency::new("GBP"))] {
                    let each = kept.oldest_first().iter().filter_map(|(.., value)| amount_of(value));
                    let mut each = each.map(|(it, amount)| it == currency && (amount >= 0 || measure == Measure::Largest));
                    prop_assert_eq!(kept.grow(currency, measure), each.all(|it| it));
                }
            }
        }
    }
}
