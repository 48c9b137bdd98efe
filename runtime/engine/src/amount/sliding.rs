//! Amounts that leave a window one after the other: whether a comparison holds of those that are still in it, and the
//! first instant at which what remains changes the answer.
//!
//! Most comparisons ask whether amounts reach a mark, and amounts that are not negative only ever make a total more. So
//! going from the newest amount back, the one with which the mark is reached settles the matter: only when that one
//! leaves does the answer change, and of the others nobody needs to know when they leave.

use std::cmp::Reverse;

use journey_ir::condition::Measure;
use journey_ir::time::DAY;
use journey_ir::{Comparison, Currency, Instant, Operand, Span, Unit};

use crate::aggregate::{Part, Summaries, amount_of};
use crate::calendar::NEVER;
use crate::condition::{Answer, Scene};

/// Amounts of a window.
pub(super) struct Sliding<P, G, L> {
    /// The newest first, each with when it happened: an instant, or the number of a day.
    pub(super) parts: P,
    /// What they measure in a currency and in all at most, where all are of that currency and older ones can only make more
    /// of what newer ones measure.
    pub(super) growing: G,
    /// When what happened then leaves the window.
    pub(super) leaves: L,
    /// By how much more than this something must have happened later, so that it surely leaves no earlier; `None` where
    /// nobody can tell.
    pub(super) disorder: Option<i64>,
}

/// How far apart two events are at least, in milliseconds, of which the newer surely leaves a window of a span no earlier
/// than the older. Clocks have been moved by up to a day, in either direction, and the last days of a long month may all
/// leave at the end of a short one.
pub(super) const fn disorder(span: Span) -> Option<i64> {
    match span.unit {
        Unit::Second | Unit::Minute | Unit::Hour => Some(0),
        Unit::Day | Unit::Week => Some(3 * DAY),
        Unit::Month | Unit::Year => Some(6 * DAY),
        // What happened on closed days leaves at a midnight, which a clock may pass over.
        Unit::BusinessDay => None,
    }
}

/// What a comparison lets pass: amounts of one currency from one mark up to below another.
struct Marks {
    currency: Option<Currency>,
    /// Reached by whatever is enough.
    enough: i64,
    /// Reached by whatever is too much, and never below what is enough.
    too_much: Option<i64>,
}

impl Marks {
    /// The marks of a comparison with amounts; `None` where it is another, or its marks are of two currencies, the wrong
    /// way round or beyond all amounts.
    fn of(scene: &Scene<'_>, test: &Comparison) -> Option<Self> {
        let (enough, too_much) = match test {
            Comparison::Under(x) => (None, Some((x, 0))),
            Comparison::AtMost(x) => (None, Some((x, 1))),
            Comparison::Over(x) => (Some((x, 1)), None),
            Comparison::AtLeast(x) => (Some((x, 0)), None),
            Comparison::Is(x) => (Some((x, 0)), Some((x, 1))),
            Comparison::Between(from, to) => (Some((from, 0)), Some((to, 1))),
            _ => return None,
        };
        let mark = |given: Option<(&Operand, i64)>| {
            let Some((operand, more)) = given else {
                return Some(None);
            };
            let (currency, amount) = amount_of(&*scene.operand(operand)?)?;
            Some(Some((currency, amount.checked_add(more)?)))
        };
        let (enough, too_much) = (mark(enough)?, mark(too_much)?);
        let (currency, _) = enough.or(too_much)?;
        let alike = |of: Option<(_, _)>| of.is_none_or(|(it, _)| it == currency);
        let (alike, mark) = (alike(enough) && alike(too_much), |(_, mark)| mark);
        // Without such a mark any amount is enough.
        let (enough, too_much) = (enough.map_or(i64::MIN, mark), too_much.map(mark));
        let ordered = too_much.is_none_or(|it| enough <= it);
        (alike && ordered).then_some(Self {
            currency,
            enough,
            too_much,
        })
    }
}

/// How amounts come together that are all of one currency and of which none makes anything less.
struct Join<F> {
    /// What there is before the first.
    none: i64,
    join: F,
}

impl<F: Fn(i64, i64) -> i64> Join<F> {
    /// When that happened with which a mark is reached, from an amount so far on.
    fn reaches(
        &self,
        mark: i64,
        so_far: &mut i64,
        amounts: &mut impl Iterator<Item = (i64, i64)>,
    ) -> Option<i64> {
        let reached = amounts.find(|(_, amount)| {
            *so_far = (self.join)(*so_far, *amount);
            *so_far >= mark
        });
        reached.map(|(at, _)| at)
    }
}

impl<'p, P, G, A, L> Sliding<P, G, L>
where
    P: Iterator<Item = (i64, Part<'p>)> + Clone,
    G: Fn(Option<Currency>, Measure) -> Option<(i128, A)>,
    A: Iterator<Item = (i64, i64)> + Clone,
    L: Fn(i64) -> Instant,
{
    /// Whether a comparison holds of what they measure, and until when.
    pub(super) fn compared(
        &self,
        scene: &Scene<'_>,
        measure: Measure,
        test: &Comparison,
    ) -> Answer {
        self.by_marks(scene, measure, test).unwrap_or_else(|| {
            let passes = |all: &Summaries| scene.passes(all.values(measure), test);
            self.one_by_one(scene.at, passes)
        })
    }

    /// The answer where amounts can only make it more: it holds while what is left has reached what is enough, and not
    /// what is too much.
    fn by_marks(&self, scene: &Scene<'_>, measure: Measure, test: &Comparison) -> Option<Answer> {
        if measure == Measure::Average {
            return None;
        }
        let marks = Marks::of(scene, test)?;
        let (most, amounts) = (self.growing)(marks.currency, measure)?;
        if most < i128::from(marks.enough) {
            return Some(Answer::always(false));
        }
        let disorder = self.disorder?;
        Some(if measure == Measure::Largest {
            let (none, join) = (i64::MIN, i64::max);
            self.joined(scene.at, &marks, (&amounts, disorder), &Join { none, join })
        } else {
            let (none, join) = (0, i64::saturating_add);
            self.joined(scene.at, &marks, (&amounts, disorder), &Join { none, join })
        })
    }

    fn joined(
        &self,
        now: Instant,
        marks: &Marks,
        (amounts, disorder): (&A, i64),
        join: &Join<impl Fn(i64, i64) -> i64>,
    ) -> Answer {
        let (mut sum, mut rest) = (join.none, amounts.clone());
        let enough = join.reaches(marks.enough, &mut sum, &mut rest);
        let too_much = marks.too_much.and_then(|mark| match enough {
            Some(at) if sum >= mark => Some((mark, at)),
            _ => Some((mark, join.reaches(mark, &mut sum, &mut rest)?)),
        });
        let falls_below =
            |(mark, around)| self.falls_below(mark, amounts.clone(), join, (around, disorder));
        // What is not reached has been fallen below already.
        let enough = enough.map_or(i64::MIN, |around| falls_below((marks.enough, around)));
        let too_much = too_much.map_or(i64::MIN, falls_below);
        if now < too_much {
            Answer {
                holds: false,
                until: if too_much < enough { too_much } else { NEVER },
            }
        } else if now < enough {
            Answer {
                holds: true,
                until: enough,
            }
        } else {
            Answer::always(false)
        }
    }

    /// When what is left falls below a mark, which in the order in which things happened is reached at `around`. Whatever
    /// leaves in another order happened not far from there.
    fn falls_below(
        &self,
        mark: i64,
        amounts: impl Iterator<Item = (i64, i64)>,
        join: &Join<impl Fn(i64, i64) -> i64>,
        (around, disorder): (i64, i64),
    ) -> Instant {
        let (from, to) = (
            around.saturating_sub(disorder),
            around.saturating_add(disorder),
        );
        let (mut sum, mut near) = (join.none, Vec::new());
        for (at, amount) in amounts.take_while(|(at, _)| from <= *at) {
            if to < at {
                sum = (join.join)(sum, amount);
            } else {
                near.push((at, amount));
            }
        }
        let mut near = self.leaving(near.into_iter());
        near.sort_by_key(|(end, _)| Reverse(*end));
        let end = join.reaches(mark, &mut sum, &mut near.into_iter());
        end.unwrap_or(i64::MIN)
    }

    /// The answer in every case: what remains is put together from the last to leave back, and the last change that is
    /// found is the first in time.
    fn one_by_one(&self, now: Instant, passes: impl Fn(&Summaries) -> bool) -> Answer {
        let mut parts = self.leaving(self.parts.clone());
        parts.retain(|(end, _)| now < *end);
        parts.sort_by_key(|(end, _)| Reverse(*end));
        let mut rest = Summaries::default();
        let (mut holds, mut until) = (passes(&rest), NEVER);
        for together in parts.chunk_by(|(one, _), (other, _)| one == other) {
            for (_, part) in together {
                part.add_to(&mut rest);
            }
            let passes = passes(&rest);
            if let Some((end, _)) = together.first().filter(|_| passes != holds) {
                (holds, until) = (passes, *end);
            }
        }
        Answer { holds, until }
    }

    /// Things with when they leave in place of when they happened, which is worked out once for what happened together.
    fn leaving<T>(&self, of: impl Iterator<Item = (i64, T)>) -> Vec<(Instant, T)> {
        let mut known = None;
        let with_end = of.map(|(at, what)| {
            let end = match known {
                Some((it, end)) if it == at => end,
                _ => (self.leaves)(at),
            };
            known = Some((at, end));
            (end, what)
        });
        with_end.collect()
    }
}

#[cfg(test)]
mod tests;
