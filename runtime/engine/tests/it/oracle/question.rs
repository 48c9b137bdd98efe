//! Questions about a person, and what they mean: each is answered by reading the whole list of what is known, and the
//! instant at which its answer next changes is found by trying every instant at which it might.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use journey_ir::condition::Measure;
use journey_ir::time::DAY;
use journey_ir::{Instant, Span};

use super::civil::{date, day, midnight, plus};

/// Something a person did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Deed {
    pub(crate) kind: u32,
    pub(crate) at: Instant,
    /// A value that events may share.
    pub(crate) key: Option<u8>,
    pub(crate) number: Option<i64>,
    /// An amount, and whether it is in dollars instead of won.
    pub(crate) money: Option<(i64, bool)>,
    pub(crate) category: Option<u8>,
}

/// The instants and the person that questions are asked of.
#[derive(Debug, Clone)]
pub(crate) struct World {
    /// Everything that has been heard of.
    pub(crate) deeds: Vec<Deed>,
    pub(crate) project: TimeZone,
    pub(crate) home: TimeZone,
    /// The day of birth.
    pub(crate) born: i32,
    /// For each question its answer and since when it is that.
    pub(crate) since: Vec<(u32, Instant)>,
}

/// Which events count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Which {
    pub(crate) kind: u32,
    /// `where (number at least …)`.
    pub(crate) at_least: Option<i64>,
}

impl Which {
    fn counts(self, deed: &Deed) -> bool {
        let enough = self
            .at_least
            .is_none_or(|least| deed.number.is_some_and(|it| it >= least));
        deed.kind == self.kind && enough
    }
}

/// When something counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    Ever,
    Last(Span),
    Days(u32),
    Since(Instant),
    Before(Instant),
    /// On a day of the project.
    On(i32),
}

/// A comparison with whole numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Test {
    AtLeast(i64),
    AtMost(i64),
    Over(i64),
    Under(i64),
    Is(i64),
    Between(i64, i64),
}

impl Test {
    /// Whether a quotient passes: `of / over`, what is left of a `unit` of it dropped.
    fn passes(self, value: i128, unit: i128) -> bool {
        let is = |n: i64| value.cmp(&(i128::from(n) * unit));
        match self {
            Self::AtLeast(n) => is(n).is_ge(),
            Self::AtMost(n) => is(n).is_le(),
            Self::Over(n) => is(n).is_gt(),
            Self::Under(n) => is(n).is_lt(),
            Self::Is(n) => is(n).is_eq(),
            Self::Between(a, b) => is(a).is_ge() && is(b).is_le(),
        }
    }
}

/// A later part of a chain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Then {
    pub(crate) kind: u32,
    pub(crate) within: Span,
    pub(crate) absent: bool,
    /// Whether it shares its key with the part before.
    pub(crate) same: bool,
}

/// A question. Its answer is 1 or 0, or the number of a stage.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    Did {
        which: Which,
        n: usize,
        when: When,
        settle: i64,
    },
    Amount {
        which: Which,
        /// The won or dollars of a field of money, else of a field of numbers.
        money: Option<bool>,
        measure: Measure,
        when: When,
        test: Test,
    },
    Different {
        which: Which,
        when: When,
        test: Test,
        most: usize,
    },
    LastIs(Which, u8),
    FavouriteIs(Which, u8),
    Overdue {
        which: Which,
        intervals: u32,
        settle: i64,
    },
    Chain {
        first: u32,
        then: Vec<Then>,
        n: usize,
        when: When,
        settle: i64,
    },
    /// At least `n` times in the last so many usual intervals.
    Paced {
        which: Which,
        n: usize,
        intervals: u32,
        settle: i64,
    },
    /// At least `n` times with the key that the person has.
    With {
        which: Which,
        n: usize,
        when: When,
        settle: i64,
    },
    Score {
        lines: Vec<(i64, Which)>,
        half_life: Option<i64>,
        shown: Option<(i64, i64)>,
        test: Test,
    },
    /// 1 never, 2 within the first span, 3 within the second, 4 otherwise.
    Stage {
        which: Which,
        spans: [Span; 2],
        settle: i64,
    },
    /// In the segment of the question before this one, for so long.
    InItFor(Span),
    /// The same of the condition of that segment.
    HeldFor(Span),
    AgeBetween(i64, i64),
}

/// A value of the past, where there is one.
type Recalled = Option<u8>;
/// When a chain was complete, and from when on that is certain.
type Completion = (Instant, Instant);

impl World {
    fn counting(&self, which: Which) -> impl Iterator<Item = &Deed> {
        self.deeds.iter().filter(move |it| which.counts(it))
    }

    /// The instants of events, newest first.
    fn newest_first(&self, which: Which) -> Vec<Instant> {
        let mut all: Vec<Instant> = self.counting(which).map(|it| it.at).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all
    }

    /// Whether something of an instant counts at another.
    fn counts(&self, of: Instant, at: Instant, when: When, settle: i64) -> bool {
        match when {
            When::Ever => true,
            When::Last(span) => at < plus(&self.home, of, span) + settle,
            When::Days(n) => day(&self.project, at - settle) < day(&self.project, of) + n as i32,
            When::Since(from) => of >= from,
            When::Before(to) => of < to,
            When::On(on) => day(&self.project, of) == on,
        }
    }

    /// The instants at which things of these instants may stop to count.
    fn ends(&self, of: &[Instant], when: When, settle: i64) -> Vec<Instant> {
        let end = |at: &Instant| match when {
            When::Last(span) => Some(plus(&self.home, *at, span) + settle),
            When::Days(n) => {
                let day = day(&self.project, *at) + n as i32;
                Some(midnight(&self.project, day) + settle)
            }
            When::Ever | When::Since(_) | When::Before(_) | When::On(_) => None,
        };
        of.iter().filter_map(end).collect()
    }

    /// The value that was seen last; nothing certain where two were at one instant.
    fn last_value(&self, which: Which) -> Option<Recalled> {
        let newest = self.counting(which).map(|it| it.at).max();
        let mut last = self.counting(which).filter(|it| Some(it.at) == newest);
        let value = last.next().and_then(|it| it.category);
        last.all(|it| it.category == value).then_some(value)
    }

    /// The most frequent value, among equals the one seen last; nothing certain where two were at one instant.
    fn favourite(&self, which: Which) -> Option<Recalled> {
        let ranks = (0..=9).filter_map(|value| {
            let seen = || self.counting(which).filter(|it| it.category == Some(value));
            let last = seen().map(|it| it.at).max()?;
            Some(((seen().count(), last), value))
        });
        let ranks: Vec<_> = ranks.collect();
        let best = ranks.iter().max();
        let ties = ranks
            .iter()
            .filter(|it| best.is_some_and(|best| best.0 == it.0));
        (ties.count() <= 1).then_some(best.map(|(_, value)| *value))
    }

    /// When so many usual intervals have passed since an instant, where they are known.
    fn paces_after(&self, from: Instant, which: Which, intervals: u32) -> Option<Instant> {
        let all = self.newest_first(which);
        let (newest, oldest) = (*all.first()?, *all.last()?);
        if all.len() < 3 || newest == oldest {
            return None;
        }
        let gaps = all.len() as i64 - 1;
        let wait = (newest - oldest) * i64::from(intervals);
        Some(from + wait.div_euclid(gaps) + i64::from(wait.rem_euclid(gaps) > 0))
    }

    /// When so many usual intervals have passed since the newest event.
    fn overdue(&self, which: Which, intervals: u32, settle: i64) -> Option<Instant> {
        let newest = *self.newest_first(which).first()?;
        Some(self.paces_after(newest, which, intervals)? + settle)
    }

    /// The instants of events with the key that the person has, newest first.
    fn with_key(&self, which: Which) -> Vec<Instant> {
        let own = self.counting(which).filter(|it| it.key == Some(WANTED));
        let mut all: Vec<Instant> = own.map(|it| it.at).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all
    }

    fn completions(
        &self,
        first: u32,
        then: &[Then],
        key: Option<u8>,
        settle: i64,
    ) -> Vec<Completion> {
        // A part shares the key with its neighbours: with the one before it where it says so, with the next where that
        // does.
        let shares = |part: usize| {
            let own = part > 0 && then[part - 1].same;
            key.is_some() && (own || then.get(part).is_some_and(|it| it.same))
        };
        let of = |kind, part| {
            let all = self.deeds.iter();
            let all = all.filter(move |it| it.kind == kind && (!shares(part) || it.key == key));
            // What happens twice at one instant happens once.
            let all: BTreeSet<Instant> = all.map(|it| it.at).collect();
            all
        };
        let mut reached: Vec<Completion> = of(first, 0).into_iter().map(|at| (at, at)).collect();
        for (number, part) in then.iter().enumerate() {
            let until = |from: Instant| plus(&self.home, from, part.within);
            let instants = of(part.kind, number + 1);
            reached = if part.absent {
                let nothing = |(from, _): &&Completion| {
                    !instants.iter().any(|at| from < at && *at <= until(*from))
                };
                let alone = reached.iter().filter(nothing);
                alone
                    .map(|(from, certain)| (until(*from), (*certain).max(until(*from) + settle)))
                    .collect()
            } else {
                let complete = |at: Instant| {
                    let before = reached.iter();
                    let before = before.filter(|(from, _)| *from < at && at <= until(*from));
                    let certain = before.map(|(_, certain)| *certain).min()?;
                    Some((at, at.max(certain)))
                };
                instants.into_iter().filter_map(complete).collect()
            };
        }
        reached
    }

    fn chained(&self, first: u32, then: &[Then], settle: i64) -> Vec<Completion> {
        if !then.iter().any(|it| it.same) {
            return self.completions(first, then, None, settle);
        }
        let keys: BTreeSet<u8> = self.deeds.iter().filter_map(|it| it.key).collect();
        keys.into_iter()
            .flat_map(|key| self.completions(first, then, Some(key), settle))
            .collect()
    }

    /// A score without bounds. Nothing certain where it is too near a whole number to be told by floats.
    fn points(&self, lines: &[(i64, Which)], half_life: Option<i64>, at: Instant) -> Option<i64> {
        let mut exact = true;
        let mut sum = 0.0_f64;
        for (points, which) in lines {
            for deed in self.counting(*which) {
                let age = half_life.map_or(0.0, |every| {
                    exact &= (at - deed.at) % every == 0 && (at - deed.at) / every < 30;
                    (at - deed.at) as f64 / every as f64
                });
                sum += *points as f64 * (-age).exp2();
            }
        }
        let near = (sum - sum.round()).abs() < 1e-9;
        (exact || !near).then_some(sum.trunc() as i64)
    }

    fn age(&self, at: Instant) -> i64 {
        let (born, today) = (date(self.born), date(day(&self.home, at)));
        let had = (today.month(), today.day()) >= (born.month(), born.day());
        i64::from(today.year() - born.year()) - i64::from(!had)
    }
}

impl Question {
    /// The answer at an instant, from what is known; `None` where this model cannot tell.
    pub(crate) fn answer(&self, world: &World, index: usize, at: Instant) -> Option<u32> {
        Some(u32::from(match self {
            Self::Did {
                which,
                n,
                when,
                settle,
            } => {
                let newest = world.newest_first(*which);
                match when {
                    When::Before(_) => newest.iter().rev().nth(n - 1),
                    _ => newest.get(n - 1),
                }
                .is_some_and(|it| world.counts(*it, at, *when, *settle))
            }
            Self::With {
                which,
                n,
                when,
                settle,
            } => {
                let own = world.with_key(*which).into_iter();
                let counted = own.filter(|it| world.counts(*it, at, *when, *settle));
                // As for all that happened, the n-th newest decides.
                match when {
                    When::Before(_) | When::On(_) => counted.count() >= *n,
                    _ => world
                        .with_key(*which)
                        .get(n - 1)
                        .is_some_and(|it| world.counts(*it, at, *when, *settle)),
                }
            }
            Self::Paced {
                which,
                n,
                intervals,
                settle,
            } => world.newest_first(*which).get(n - 1).is_some_and(|nth| {
                let end = world.paces_after(*nth, *which, *intervals);
                end.is_none_or(|end| at < end + settle)
            }),
            Self::Amount {
                which,
                money,
                measure,
                when,
                test,
            } => {
                let counting = world
                    .counting(*which)
                    .filter(|it| world.counts(it.at, at, *when, 0));
                let amount = |it: &Deed| match (money, it.money) {
                    (None, _) => it.number.map(|it| i128::from(it) * 1_000_000),
                    (Some(dollars), Some((minor, is_dollars))) if *dollars == is_dollars => {
                        Some(i128::from(minor))
                    }
                    (Some(_), _) => None,
                };
                let amounts: Vec<i128> = counting.filter_map(amount).collect();
                let unit = if money.is_some() { 1 } else { 1_000_000 };
                let sum: i128 = amounts.iter().sum();
                amounts.iter().max().is_some_and(|largest| match measure {
                    Measure::Total => test.passes(sum, unit),
                    Measure::Average => test.passes(sum / amounts.len() as i128, unit),
                    Measure::Largest => test.passes(*largest, unit),
                })
            }
            Self::Different {
                which,
                when,
                test,
                most,
            } => {
                // A stretch of time that is over has values of its own.
                let within = |it: &&Deed| match when {
                    When::Before(_) | When::On(_) => world.counts(it.at, at, *when, 0),
                    _ => true,
                };
                let seen = (0..=9).filter_map(|value| {
                    let of = world
                        .counting(*which)
                        .filter(within)
                        .filter(|it| it.category == Some(value));
                    of.map(|it| it.at).max()
                });
                let mut seen: Vec<Instant> = seen.collect();
                seen.sort_unstable_by(|a, b| b.cmp(a));
                let kept = seen.iter().take(*most);
                let count = kept.filter(|it| world.counts(**it, at, *when, 0)).count();
                test.passes(count as i128, 1)
            }
            Self::LastIs(which, value) => world.last_value(*which)? == Some(*value),
            Self::FavouriteIs(which, value) => world.favourite(*which)? == Some(*value),
            Self::Overdue {
                which,
                intervals,
                settle,
            } => world
                .overdue(*which, *intervals, *settle)
                .is_some_and(|due| due <= at),
            Self::Chain {
                first,
                then,
                n,
                when,
                settle,
            } => {
                let complete = world.chained(*first, then, *settle);
                let counted = complete.iter().filter(|(it, certain)| {
                    *certain <= at && world.counts(*it, at, *when, *settle)
                });
                counted.count() >= *n
            }
            Self::Score {
                lines,
                half_life,
                shown,
                test,
            } => {
                let points = world.points(lines, *half_life, at)?;
                let points = shown.map_or(points, |(low, high)| points.clamp(low, high));
                test.passes(i128::from(points), 1)
            }
            Self::Stage {
                which,
                spans,
                settle,
            } => {
                let newest = world.newest_first(*which);
                let within = |span| {
                    newest
                        .first()
                        .is_some_and(|it| world.counts(*it, at, When::Last(span), *settle))
                };
                return Some(match newest.is_empty() {
                    true => 1,
                    false if within(spans[0]) => 2,
                    false if within(spans[1]) => 3,
                    false => 4,
                });
            }
            Self::InItFor(span) | Self::HeldFor(span) => {
                let (value, since) = world.since[index - 1];
                value == 1 && plus(&world.home, since, *span) <= at
            }
            Self::AgeBetween(from, to) => (*from..=*to).contains(&world.age(at)),
        }))
    }

    /// The instants at which the answer may change by itself, and many more.
    fn candidates(&self, world: &World, index: usize) -> Vec<Instant> {
        let all: Vec<Instant> = world.deeds.iter().map(|it| it.at).collect();
        match self {
            Self::Did { when, settle, .. } | Self::With { when, settle, .. } => {
                world.ends(&all, *when, *settle)
            }
            Self::Paced {
                which,
                intervals,
                settle,
                ..
            } => {
                let end = |at: &Instant| world.paces_after(*at, *which, *intervals);
                all.iter().filter_map(end).map(|it| it + settle).collect()
            }
            Self::Amount { when, .. } | Self::Different { when, .. } => world.ends(&all, *when, 0),
            Self::Overdue {
                which,
                intervals,
                settle,
            } => world
                .overdue(*which, *intervals, *settle)
                .into_iter()
                .collect(),
            Self::Chain {
                first,
                then,
                when,
                settle,
                ..
            } => {
                let complete = world.chained(*first, then, *settle);
                let (at, certain): (Vec<Instant>, Vec<Instant>) = complete.into_iter().unzip();
                let ends = world.ends(&at, *when, *settle);
                certain.into_iter().chain(ends).collect()
            }
            Self::Stage { spans, settle, .. } => {
                let end = |span: &Span| world.ends(&all, When::Last(*span), *settle);
                spans.iter().flat_map(end).collect()
            }
            Self::InItFor(span) | Self::HeldFor(span) => {
                let (_, since) = world.since[index - 1];
                vec![plus(&world.home, since, *span)]
            }
            Self::AgeBetween(..) => {
                // Around every birthday.
                let around = |years| {
                    world.born + years * 365 + years / 4 - 3
                        ..world.born + years * 365 + years / 4 + 3
                };
                let days = (0..80).flat_map(around);
                days.map(|day| midnight(&world.home, day)).collect()
            }
            Self::LastIs(..) | Self::FavouriteIs(..) | Self::Score { .. } => Vec::new(),
        }
    }

    /// The first instant after now at which the answer is another, if nothing happens. Not for scores, which change at
    /// instants that no list has.
    pub(crate) fn next_change(&self, world: &World, index: usize, now: Instant) -> Option<Instant> {
        let mut candidates = self.candidates(world, index);
        candidates.retain(|at| *at > now);
        candidates.sort_unstable();
        candidates.dedup();
        let before = self.answer(world, index, now);
        let changes = |at: &Instant| self.answer(world, index, *at) != before;
        candidates.into_iter().find(changes)
    }

    /// Whether its answer fades.
    pub(crate) const fn fades(&self) -> bool {
        matches!(
            self,
            Self::Score {
                half_life: Some(_),
                ..
            }
        )
    }
}

/// The key that the person has.
pub(crate) const WANTED: u8 = 1;
/// Longer than anything is asked about.
pub(crate) const AGES: i64 = 40_000 * DAY;
