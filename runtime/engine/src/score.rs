//! What a score is worth at an instant, and when a question about it is next answered differently.

use journey_ir::{Comparison, Decimal, Instant, Keep, Operand, ScoreIx, Value};

use crate::aggregate::{Fading, Fold};
use crate::calendar::NEVER;
use crate::condition::Scene;
use crate::program::operands;

/// A score in points, before it is bounded.
enum Points {
    /// It stays as it is.
    Steady(i128),
    /// It fades.
    Fading(Fading),
}

impl Scene<'_> {
    /// The value of a score, a whole number.
    pub(crate) fn score(&self, at: ScoreIx) -> Option<Value> {
        let points = match self.points(at)? {
            Points::Steady(points) => points,
            Points::Fading(fading) => signed(&fading, fading.size(self.at)),
        };
        Some(self.shown(at, points))
    }

    /// When a comparison of a score next has another answer.
    pub(crate) fn score_flips(&self, at: ScoreIx, test: &Comparison) -> Instant {
        let Some(Points::Fading(fading)) = self.points(at) else {
            return NEVER;
        };
        let size = fading.size(self.at);
        let holds = |size| self.compares(Some(&self.shown(at, signed(&fading, size))), test);
        let now = holds(size);
        // The answer changes only next to a number that the score is compared with.
        let mut sizes: Vec<i128> = self
            .numbers(test)
            .flat_map(|of| [of - 1, of, of + 1])
            .filter(|it| (0..size).contains(it))
            .collect();
        sizes.sort_unstable();
        let other = sizes.into_iter().rev().find(|it| holds(*it) != now);
        other.map_or(NEVER, |size| fading.falls_to(size, self.at))
    }

    /// When a score next changes at all.
    pub(crate) fn score_changes(&self, at: ScoreIx) -> Instant {
        match self.points(at) {
            Some(Points::Fading(fading)) => match fading.size(self.at) {
                0 => NEVER,
                size => fading.falls_to(size - 1, self.at),
            },
            Some(Points::Steady(_)) | None => NEVER,
        }
    }

    /// The numbers of a comparison without their signs and places.
    pub(crate) fn numbers(&self, test: &Comparison) -> impl Iterator<Item = i128> {
        let listed: &[Value] = match test {
            Comparison::IsOneOf(values) => values,
            _ => &[],
        };
        let compared = operands(test).into_iter().flatten();
        let compared =
            compared.filter_map(|it: &Operand| self.operand(it).map(std::borrow::Cow::into_owned));
        compared
            .chain(listed.iter().cloned())
            .filter_map(|value| match value {
                Value::Number(Decimal(it)) => Some(i128::from(it / Decimal::ONE).abs()),
                _ => None,
            })
    }

    fn points(&self, at: ScoreIx) -> Option<Points> {
        let score = self.program.ir().score(at)?;
        let kept = |line: &journey_ir::ScoreLine| {
            self.program
                .ir()
                .aggregate(line.aggregate)
                .map(|it| &it.keep)
        };
        let half_life = score.lines.iter().find_map(|line| match kept(line) {
            Some(Keep::Halving { every }) => Some(*every),
            _ => None,
        });
        let folds = || {
            let lines = score.lines.iter();
            lines.filter_map(|line| Some((line.points, self.fold(line.aggregate)?)))
        };
        if let Some(every) = half_life {
            let lines = folds().filter_map(|(points, fold)| match fold {
                Fold::Halving(halving) => Some((points, halving)),
                _ => None,
            });
            return Some(Points::Fading(Fading::of(every, lines)));
        }
        let sum = folds().map(|(points, fold)| match fold {
            Fold::Count(n) => i128::from(points) * i128::from(*n),
            _ => 0,
        });
        Some(Points::Steady(sum.sum()))
    }

    /// Points as they are read.
    fn shown(&self, at: ScoreIx, points: i128) -> Value {
        let bounds = self.program.ir().score(at).and_then(|it| it.shown);
        let (low, high) = bounds.unwrap_or((i64::MIN, i64::MAX));
        let points = points.min(i128::from(high)).max(i128::from(low));
        let millionths = points.saturating_mul(i128::from(Decimal::ONE));
        let bounded = millionths.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Value::Number(Decimal(i64::try_from(bounded).unwrap_or(i64::MAX)))
    }
}

const fn signed(fading: &Fading, size: i128) -> i128 {
    if fading.is_negative() { -size } else { size }
}
