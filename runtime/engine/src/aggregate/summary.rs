//! Amounts put together: their sum, their number and the largest of them, each currency apart.

use journey_ir::condition::Measure;
use journey_ir::time::HOUR;
use journey_ir::{Currency, Decimal, Instant, Money, Value};
use serde::{Deserialize, Serialize};

use super::Sums;
use super::kept::{Kept, One};
use crate::calendar::{EARLIEST, LATEST};

/// How many currencies are kept apart.
const MOST_CURRENCIES: usize = 16;
/// How many amounts of a sliding window are kept one by one for a contact. The oldest ones above it are put together
/// by the hour.
const MOST_AMOUNTS: usize = 4_096;

/// What is known of some amounts of one currency, in minor units; of plain numbers, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Summary {
    sum: i128,
    count: u64,
    largest: i64,
}

/// Summaries per currency, sorted; plain numbers stand under no currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summaries(Vec<(Option<Currency>, Summary)>);

impl Summaries {
    /// Adds one amount; what is no amount adds nothing.
    pub(crate) fn add(&mut self, value: &Value) {
        if let Some((currency, amount)) = amount_of(value) {
            self.add_one(currency, amount);
        }
    }

    fn add_one(&mut self, currency: Option<Currency>, amount: i64) {
        let one = Summary {
            sum: i128::from(amount),
            count: 1,
            largest: amount,
        };
        self.join(currency, one);
        // The first ones by name stay, whatever the order they came in.
        self.0.truncate(MOST_CURRENCIES);
    }

    /// Adds sums, each as one amount.
    fn add_sums(&mut self, sums: &Sums) {
        for (currency, sum) in &sums.0 {
            let largest = in_range(*sum);
            let one = Summary {
                sum: *sum,
                count: 1,
                largest,
            };
            self.join(*currency, one);
        }
    }

    /// Adds other summaries.
    pub(crate) fn add_all(&mut self, other: &Self) {
        for (currency, summary) in &other.0 {
            self.join(*currency, *summary);
        }
    }

    fn join(&mut self, currency: Option<Currency>, more: Summary) {
        match self.0.binary_search_by_key(&currency, |(it, _)| *it) {
            Ok(at) => {
                if let Some((_, known)) = self.0.get_mut(at) {
                    known.sum = known.sum.saturating_add(more.sum);
                    known.count = known.count.saturating_add(more.count);
                    known.largest = known.largest.max(more.largest);
                }
            }
            Err(at) => self.0.insert(at, (currency, more)),
        }
    }

    /// What they measure, per currency; empty where there was no amount. What is left of a minor unit is dropped.
    pub(crate) fn values(&self, measure: Measure) -> impl Iterator<Item = Value> + '_ {
        self.0.iter().map(move |(currency, summary)| {
            let amount = match measure {
                Measure::Total => summary.sum,
                Measure::Average => summary.sum / i128::from(summary.count.max(1)),
                Measure::Largest => i128::from(summary.largest),
            };
            value_of(*currency, in_range(amount))
        })
    }
}

/// The amounts of a sliding window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Amounts {
    /// One by one.
    kept: Kept,
    /// Those put together, by the hour, oldest first.
    hours: Vec<(i64, Summaries)>,
    /// How many were put together.
    merged: u64,
}

/// Some amounts that leave a window at one instant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'a> {
    One(Option<Currency>, i64),
    Many(&'a Summaries),
    /// Of which only the total is known.
    Sums(&'a Sums),
}

impl Part<'_> {
    /// Adds them to others.
    pub(crate) fn add_to(&self, summaries: &mut Summaries) {
        match self {
            Self::One(currency, amount) => summaries.add_one(*currency, *amount),
            Self::Many(many) => summaries.add_all(many),
            Self::Sums(sums) => summaries.add_sums(sums),
        }
    }

    /// What it measures in its only currency.
    pub(crate) fn amount(&self, measure: Measure) -> Option<i64> {
        self.in_one_currency(measure).map(|(_, amount)| amount)
    }

    /// Whether it is all of one currency, and can only make more of what others measure: to a total it must not add
    /// less than nothing.
    pub(crate) fn grows(&self, currency: Option<Currency>, measure: Measure) -> bool {
        self.in_one_currency(measure).is_some_and(|(own, amount)| {
            own == currency && (amount >= 0 || measure == Measure::Largest)
        })
    }

    fn in_one_currency(&self, measure: Measure) -> Option<(Option<Currency>, i64)> {
        match self {
            Self::One(currency, amount) => Some((*currency, *amount)),
            Self::Many(many) => only(many.values(measure)),
            Self::Sums(sums) => only(sums.values()),
        }
    }
}

/// The only amount that there is.
fn only(mut amounts: impl Iterator<Item = Value>) -> Option<(Option<Currency>, i64)> {
    let one = amounts.next()?;
    amounts.next().is_none().then(|| amount_of(&one)).flatten()
}

/// The nearest amount that there is.
fn in_range(sum: i128) -> i64 {
    let bounded = sum.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    i64::try_from(bounded).unwrap_or(i64::MAX)
}

/// An amount as a value.
pub(super) fn value_of(currency: Option<Currency>, amount: i64) -> Value {
    match currency {
        None => Value::Number(Decimal(amount)),
        Some(currency) => Value::Money(Money {
            minor: amount,
            currency,
        }),
    }
}

/// A number in millionths, or money in minor units of its currency.
pub(crate) fn amount_of(value: &Value) -> Option<(Option<Currency>, i64)> {
    match value {
        Value::Number(Decimal(millionths)) => Some((None, *millionths)),
        Value::Money(Money { minor, currency }) => Some((Some(*currency), *minor)),
        _ => None,
    }
}

impl Amounts {
    /// Counts an amount. `within` is how long it can matter, in milliseconds.
    pub(super) fn take(&mut self, at: Instant, id: u32, value: &Value, within: i64) {
        let Some(amount) = amount_of(value) else {
            return;
        };
        self.kept.insert(at, id, amount);
        let newest = self.kept.oldest_first().last();
        let newest = newest.map_or(at, |it| at.max(it.at));
        let gone = newest.saturating_sub(within);
        self.kept.forget(gone);
        let hours = self
            .hours
            .partition_point(|(hour, _)| end_of(*hour) <= gone);
        self.hours.drain(..hours);
        let Self {
            kept,
            hours,
            merged,
        } = self;
        for one in kept.beyond(MOST_AMOUNTS) {
            merge(hours, &one);
            *merged = merged.saturating_add(1);
        }
    }

    /// What they measure in a currency, the newest first, and in all at most, where all are of that currency and older ones
    /// can only make more of what newer ones measure.
    pub(crate) fn growing(
        &self,
        currency: Option<Currency>,
        measure: Measure,
    ) -> Option<(i128, impl Iterator<Item = (Instant, i64)> + Clone)> {
        let mut hours = self.hours.iter();
        let grow = self.kept.grow(currency, measure)
            && hours.all(|(_, many)| Part::Many(many).grows(currency, measure));
        let amounts = self.newest_first();
        let amounts = amounts.filter_map(move |(at, part)| Some((at, part.amount(measure)?)));
        let most = match measure {
            Measure::Total if self.hours.is_empty() => self.kept.total(currency),
            _ => i128::MAX,
        };
        grow.then_some((most, amounts))
    }

    /// All amounts with their instants, the newest first. Those put together count as of the end of their hour.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (Instant, Part<'_>)> + Clone {
        let mut kept = self.kept.oldest_first();
        let mut hours = self.hours.iter().rev();
        let mut hour = hours.next();
        std::iter::from_fn(move || {
            if let Some((one, rest)) = kept.split_last()
                && hour.is_none_or(|(hour, _)| end_of(*hour) <= one.at)
            {
                kept = rest;
                return Some((one.at, Part::One(one.currency, one.amount)));
            }
            let (at, many) = std::mem::replace(&mut hour, hours.next())?;
            Some((end_of(*at), Part::Many(many)))
        })
    }

    /// Whether every instant in it can be reckoned with.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |at: Instant| (EARLIEST..=LATEST).contains(&at);
        let mut kept = self.kept.oldest_first().iter();
        kept.all(|it| sound(it.at))
            && self
                .hours
                .iter()
                .all(|(hour, _)| sound(hour.saturating_mul(HOUR)))
    }
}

/// Puts an amount together with the others of its hour.
fn merge(hours: &mut Vec<(i64, Summaries)>, one: &One) {
    let hour = one.at.div_euclid(HOUR);
    let place = match hours.binary_search_by_key(&hour, |(it, _)| *it) {
        Ok(place) => place,
        Err(place) => {
            hours.insert(place, (hour, Summaries::default()));
            place
        }
    };
    if let Some((_, summaries)) = hours.get_mut(place) {
        summaries.add_one(one.currency, one.amount);
    }
}

/// The last millisecond of an hour.
fn end_of(hour: i64) -> Instant {
    hour.saturating_add(1).saturating_mul(HOUR) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_the_cap_the_oldest_amounts_are_put_together_by_the_hour_and_nothing_is_lost() {
        let mut amounts = Amounts::default();
        let more = 1_000;
        let events = MOST_AMOUNTS as i64 + more;
        for at in 0..events {
            let value = Value::Number(Decimal(1));
            amounts.take(at * 60_000, at as u32, &value, i64::MAX / 2);
        }
        assert_eq!(amounts.kept.oldest_first().len(), MOST_AMOUNTS);
        assert_eq!(amounts.merged, more as u64);
        let mut all = Summaries::default();
        amounts
            .newest_first()
            .for_each(|(_, part)| part.add_to(&mut all));
        let total: Vec<_> = all.values(Measure::Total).collect();
        assert_eq!(total, [Value::Number(Decimal(events))]);
        assert!(amounts.is_sound());
    }

    #[test]
    fn amounts_are_given_newest_first_also_where_one_came_late_for_its_hour() {
        let one = Value::Number(Decimal(1));
        let mut amounts = Amounts::default();
        for at in 0..=MOST_AMOUNTS as i64 {
            amounts.take(at * 60_000, 0, &one, i64::MAX / 2);
        }
        amounts.kept.forget(HOUR);
        for at in [0, HOUR - 1, HOUR] {
            amounts.take(at, 1, &one, i64::MAX / 2);
        }
        let ats: Vec<_> = amounts.newest_first().map(|(at, _)| at).collect();
        assert!(ats.is_sorted_by(|newer, older| newer >= older));
        assert_eq!(ats.iter().filter(|at| **at == HOUR - 1).count(), 2);
    }
}
