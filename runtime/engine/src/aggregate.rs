//! What an aggregate keeps of a contact's events. Folding the same events in any order gives the same state; the
//! questions asked of it are answered in [`crate::condition`].

mod by_value;
mod chain;
mod halving;
mod kept;
mod recalled;
mod summary;

use std::cmp::Ordering;

use journey_ir::{Currency, Date, Decimal, Instant, Keep, Money, Value};
use serde::{Deserialize, Serialize};

use crate::calendar::{EARLIEST, LATEST};
use by_value::ByValue;
use halving::Halving;
use recalled::{Favourite, Newest, Rhythm};
use summary::Amounts;

pub(crate) use chain::{Chain, Links, PartOf};
pub(crate) use halving::Fading;
pub(crate) use summary::{Part, Summaries, amount_of};

/// How many currencies one total keeps apart.
const MOST_CURRENCIES: usize = 16;

/// An instant and the start of its event's id, which tells two events of one instant apart.
type Stamp = (Instant, u32);

/// The state of one aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fold {
    /// The oldest instant.
    First(Option<Instant>),
    /// The newest instant.
    Latest(Option<Instant>),
    /// The newest events, newest first.
    Newest(Vec<Stamp>),
    /// The oldest events, oldest first.
    Oldest(Vec<Stamp>),
    /// A sum.
    Total(Sums),
    /// A sum per day, oldest first.
    Days(Vec<(i32, Sums)>),
    /// Values and when each was last seen, newest first.
    Different(Vec<(Value, Instant)>),
    /// How many events.
    Count(u64),
    /// A summary.
    Summary(Summaries),
    /// A summary per day, oldest first.
    SummaryDays(Vec<(i32, Summaries)>),
    /// The amounts of a sliding window.
    Amounts(Amounts),
    /// Events that follow each other.
    Chain(Chain),
    /// The newest event's value.
    LastValue(Newest),
    /// The most frequent value.
    Favourite(Favourite),
    /// The time between two events.
    Rhythm(Rhythm),
    /// How many events, each worth less as it ages.
    Halving(Halving),
    /// The newest events of each value.
    ByValue(ByValue),
}

/// Sums per currency, sorted; plain numbers are summed as millionths under no currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sums(Vec<(Option<Currency>, i128)>);

impl Sums {
    pub(crate) fn add(&mut self, value: &Value) {
        let (currency, amount) = match value {
            Value::Number(Decimal(millionths)) => (None, *millionths),
            Value::Money(Money { minor, currency }) => (Some(*currency), *minor),
            _ => return,
        };
        self.add_amount(currency, i128::from(amount));
        // The first ones by name stay, whatever the order they came in.
        self.0.truncate(MOST_CURRENCIES);
    }

    fn add_amount(&mut self, currency: Option<Currency>, amount: i128) {
        match self.0.binary_search_by_key(&currency, |(it, _)| *it) {
            Ok(at) => {
                if let Some((_, sum)) = self.0.get_mut(at) {
                    *sum = sum.saturating_add(amount);
                }
            }
            Err(at) => self.0.insert(at, (currency, amount)),
        }
    }

    /// Adds other sums.
    pub(crate) fn add_all(&mut self, other: &Self) {
        for (currency, amount) in &other.0 {
            self.add_amount(*currency, *amount);
        }
    }

    /// The sums as values; empty where nothing was summed.
    pub(crate) fn values(&self) -> impl Iterator<Item = Value> + '_ {
        self.0.iter().map(|(currency, sum)| {
            let bounded = (*sum).clamp(i128::from(i64::MIN), i128::from(i64::MAX));
            let amount = i64::try_from(bounded).unwrap_or(i64::MAX);
            match currency {
                None => Value::Number(Decimal(amount)),
                Some(currency) => Value::Money(Money {
                    minor: amount,
                    currency: *currency,
                }),
            }
        })
    }
}

impl Fold {
    /// The state before any event.
    pub(crate) fn new(keep: &Keep) -> Self {
        match keep {
            Keep::First => Self::First(None),
            Keep::Newest(1) => Self::Latest(None),
            Keep::Newest(_) => Self::Newest(Vec::new()),
            Keep::Oldest(_) | Keep::Within { .. } => Self::Oldest(Vec::new()),
            Keep::Total(_) => Self::Total(Sums::default()),
            Keep::DailyTotals { .. } => Self::Days(Vec::new()),
            Keep::Different { .. } => Self::Different(Vec::new()),
            Keep::Summary { .. } => Self::Summary(Summaries::default()),
            Keep::DailySummaries { .. } => Self::SummaryDays(Vec::new()),
            Keep::Amounts { .. } => Self::Amounts(Amounts::default()),
            Keep::Chain { .. } => Self::Chain(Chain::default()),
            Keep::Last(_) => Self::LastValue(Newest::default()),
            Keep::Favourite(_) => Self::Favourite(Favourite::default()),
            Keep::Rhythm => Self::Rhythm(Rhythm::default()),
            Keep::Count => Self::Count(0),
            Keep::Halving { .. } => Self::Halving(Halving::default()),
            Keep::ByValue { .. } => Self::ByValue(ByValue::default()),
        }
    }

    /// Counts an event. `id` is the start of its id, `field` the value the aggregate reads, `day` its day in the
    /// project's zone.
    pub(crate) fn take(
        &mut self,
        keep: &Keep,
        at: Instant,
        id: u32,
        field: Option<&Value>,
        day: impl FnOnce() -> i32,
    ) {
        match (self, keep) {
            (Self::First(first), Keep::First) => *first = Some(first.map_or(at, |it| it.min(at))),
            (Self::Latest(last), Keep::Newest(_)) => *last = Some(last.map_or(at, |it| it.max(at))),
            (Self::Newest(kept), Keep::Newest(n)) => {
                insert(kept, (at, id), *n, |a, b| b.cmp(a));
            }
            (Self::Oldest(kept), Keep::Oldest(n)) => {
                insert(kept, (at, id), *n, Ord::cmp);
            }
            (Self::Oldest(kept), Keep::Within { from, to, most }) => {
                if (*from..*to).contains(&at) {
                    insert(kept, (at, id), *most, Ord::cmp);
                }
            }
            (Self::LastValue(newest), Keep::Last(_)) => newest.take(at, id, field),
            (Self::Rhythm(rhythm), Keep::Rhythm) => rhythm.take(at),
            (Self::Count(n), Keep::Count) => *n = n.saturating_add(1),
            (Self::Halving(halving), Keep::Halving { every }) => halving.take(at, *every),
            (fold, keep) => {
                if let Some(value) = field {
                    fold.take_value(keep, at, id, value, day);
                }
            }
        }
    }

    fn take_value(
        &mut self,
        keep: &Keep,
        at: Instant,
        id: u32,
        value: &Value,
        day: impl FnOnce() -> i32,
    ) {
        match (self, keep) {
            (Self::Total(sums), Keep::Total(_)) => sums.add(value),
            (Self::Days(days), Keep::DailyTotals { days: n, .. }) => {
                add_to_day(days, day(), *n, |sums| sums.add(value));
            }
            (Self::Favourite(favourite), Keep::Favourite(_)) => favourite.take(at, value),
            (Self::Different(seen), Keep::Different { most, from, to, .. })
                if lies_in(at, *from, *to) =>
            {
                see(seen, value, at, *most);
            }
            (Self::ByValue(seen), Keep::ByValue { most, from, to, .. })
                if lies_in(at, *from, *to) =>
            {
                seen.take(at, id, value, *most);
            }
            (Self::Summary(summaries), Keep::Summary { from, to, .. })
                if lies_in(at, *from, *to) =>
            {
                summaries.add(value);
            }
            (Self::SummaryDays(days), Keep::DailySummaries { days: n, .. }) => {
                add_to_day(days, day(), *n, |summaries| summaries.add(value));
            }
            (Self::Amounts(amounts), Keep::Amounts { within, .. }) => {
                amounts.take(at, id, value, *within);
            }
            // A state of another shape can only come from a damaged store; it is left alone.
            _ => {}
        }
    }

    /// The instant of the n-th newest event that is kept, counted from 1.
    pub(crate) fn nth_newest(&self, n: u32) -> Option<Instant> {
        let back = n.checked_sub(1)? as usize;
        match self {
            Self::First(at) | Self::Latest(at) => at.filter(|_| back == 0),
            Self::Newest(kept) => kept.get(back).map(|(at, _)| *at),
            Self::Oldest(kept) => kept.iter().rev().nth(back).map(|(at, _)| *at),
            _ => None,
        }
    }

    /// The instant of the n-th oldest event that is kept, counted from 1.
    pub(crate) fn nth_oldest(&self, n: u32) -> Option<Instant> {
        let on = n.checked_sub(1)? as usize;
        match self {
            Self::First(at) | Self::Latest(at) => at.filter(|_| on == 0),
            Self::Oldest(kept) => kept.get(on).map(|(at, _)| *at),
            Self::Newest(kept) => kept.iter().rev().nth(on).map(|(at, _)| *at),
            _ => None,
        }
    }

    /// The instants of the events that are kept, oldest first.
    pub(crate) fn oldest_first(&self) -> impl Iterator<Item = Instant> + '_ {
        let (one, kept): (Option<Instant>, &[Stamp]) = match self {
            Self::First(at) | Self::Latest(at) => (*at, &[]),
            Self::Oldest(kept) => (None, kept),
            _ => (None, &[]),
        };
        one.into_iter().chain(kept.iter().map(|(at, _)| *at))
    }

    /// How many of the events that are kept lie in [from, to).
    pub(crate) fn count(&self, from: Instant, to: Instant) -> usize {
        let inside = |at: &Instant| (from..to).contains(at);
        match self {
            Self::First(at) | Self::Latest(at) => usize::from(at.as_ref().is_some_and(inside)),
            Self::Newest(kept) | Self::Oldest(kept) => {
                kept.iter().filter(|(at, _)| inside(at)).count()
            }
            _ => 0,
        }
    }

    /// Whether every instant in it can be reckoned with.
    pub(crate) fn is_sound(&self) -> bool {
        let sound = |at: &Instant| (EARLIEST..=LATEST).contains(at);
        match self {
            Self::First(at) | Self::Latest(at) => at.as_ref().is_none_or(sound),
            Self::Newest(kept) | Self::Oldest(kept) => kept.iter().all(|(at, _)| sound(at)),
            Self::Total(_)
            | Self::Days(_)
            | Self::Count(_)
            | Self::Summary(_)
            | Self::SummaryDays(_)
            | Self::Favourite(_) => true,
            Self::Amounts(amounts) => amounts.is_sound(),
            Self::Chain(chain) => chain.is_sound(),
            Self::LastValue(newest) => newest.is_sound(),
            Self::Rhythm(rhythm) => rhythm.is_sound(),
            Self::Halving(halving) => halving.is_sound(),
            Self::Different(seen) => seen.iter().all(|(_, at)| sound(at)),
            Self::ByValue(seen) => seen.is_sound(),
        }
    }
}

/// Whether an instant lies in [from, to), where `None` is no bound.
fn lies_in(at: Instant, from: Option<Instant>, to: Option<Instant>) -> bool {
    from.is_none_or(|it| at >= it) && to.is_none_or(|it| at < it)
}

fn insert(
    kept: &mut Vec<Stamp>,
    stamp: Stamp,
    most: u32,
    order: impl Fn(&Stamp, &Stamp) -> Ordering,
) {
    if let Err(at) = kept.binary_search_by(|it| order(it, &stamp)) {
        kept.insert(at, stamp);
        kept.truncate(most as usize);
    }
}

fn add_to_day<T: Default>(days: &mut Vec<(i32, T)>, day: i32, most: u32, add: impl FnOnce(&mut T)) {
    let newest = days.last().map_or(day, |(last, _)| day.max(*last));
    let oldest = i64::from(newest) - i64::from(most);
    if i64::from(day) <= oldest {
        return;
    }
    let at = match days.binary_search_by_key(&day, |(it, _)| *it) {
        Ok(at) => at,
        Err(at) => {
            days.insert(at, (day, T::default()));
            at
        }
    };
    if let Some((_, sums)) = days.get_mut(at) {
        add(sums);
    }
    days.retain(|(day, _)| i64::from(*day) > oldest);
}

fn see(seen: &mut Vec<(Value, Instant)>, value: &Value, at: Instant, most: u32) {
    let at = match seen.iter().position(|(it, _)| it == value) {
        Some(known) => {
            let (_, before) = seen.remove(known);
            before.max(at)
        }
        None => at,
    };
    let order = |it: &(Value, Instant)| at.cmp(&it.1).then_with(|| compare(&it.0, value));
    let place = seen
        .iter()
        .position(|it| order(it).is_gt())
        .unwrap_or(seen.len());
    seen.insert(place, (value.clone(), at));
    seen.truncate(most as usize);
}

/// Some total order of values, so that ties are broken alike in every order of events.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Money(a), Value::Money(b)) => (a.currency, a.minor).cmp(&(b.currency, b.minor)),
        (Value::Date(Date(a)), Value::Date(Date(b))) => a.cmp(b),
        (Value::Moment(a), Value::Moment(b)) => a.cmp(b),
        (Value::YesNo(a), Value::YesNo(b)) => a.cmp(b),
        (Value::Span(a), Value::Span(b)) => (a.at_most(), a.n).cmp(&(b.at_most(), b.n)),
        (Value::List(a), Value::List(b)) => a
            .iter()
            .zip(b)
            .map(|(a, b)| compare(a, b))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len())),
        // Lists of objects are counted nowhere; their order only has to be one.
        (Value::Items(a), Value::Items(b)) => a.len().cmp(&b.len()),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Text(_) => 0,
        Value::Number(_) => 1,
        Value::Money(_) => 2,
        Value::Date(_) => 3,
        Value::Moment(_) => 4,
        Value::YesNo(_) => 5,
        Value::Span(_) => 6,
        Value::List(_) => 7,
        Value::Items(_) => 8,
    }
}
