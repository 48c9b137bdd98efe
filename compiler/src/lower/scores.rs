//! Scores: each line becomes a count of its events, halving where the score says so.
//!
//! Points stand beside the counts, so that other points for the same events need no history to be read again.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::aggregate::{Keep, LONGEST_HALF_LIFE, SHORTEST_HALF_LIFE};
use journey_ir::score::MOST_POINTS;
use journey_ir::time::{DAY, HOUR, MINUTE, SECOND};

use super::Lowering;
use super::scope::Scope;
use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::sources::FileId;

/// What can be wrong with a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScoreError {
    /// `score empty { halves every 14 days }`.
    NoPoints { name: String },
    /// `+0 when visit`, `+99999999 when visit`.
    Points,
    /// `halves every 1 month`.
    HalfLife,
    /// `halves every 1 second`.
    HalfLifeLength,
    /// `shown between 100 and 0`, `shown between 0.5 and 1`.
    Bounds,
}

impl ScoreError {
    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        let (code, message, help) = match self {
            Self::NoPoints { name } => (
                codes::MISSING_PART,
                Text::new(
                    format!("nothing gives points in the score `{name}`"),
                    format!("점수 `{name}`에 점수를 주는 이벤트가 없습니다"),
                ),
                Text::new(
                    "add a line such as `+10 when <event>`",
                    "`+10 when <이벤트>` 같은 줄을 넣으세요",
                ),
            ),
            Self::Points => (
                codes::OUT_OF_RANGE,
                Text::new(
                    "one event gives or takes between 1 and 1,000,000 points",
                    "이벤트 하나의 점수는 1점에서 1,000,000점 사이입니다",
                ),
                Text::new("write other points", "다른 점수를 쓰세요"),
            ),
            Self::HalfLife => (
                codes::OUT_OF_RANGE,
                Text::new(
                    "a score fades evenly, and calendar days, months and years are not all of one length",
                    "점수는 고르게 줄어드는데, 달력의 날·달·해는 길이가 서로 다릅니다",
                ),
                Text::new(
                    "write days or weeks: `halves every 30 days`",
                    "일이나 주로 쓰세요: `halves every 30 days`",
                ),
            ),
            Self::HalfLifeLength => (
                codes::OUT_OF_RANGE,
                Text::new(
                    "a score halves after at least a minute and at most ten years",
                    "점수가 반이 되는 시간은 1분 이상 10년 이하입니다",
                ),
                Text::new("write another length of time", "다른 기간을 쓰세요"),
            ),
            Self::Bounds => (
                codes::OUT_OF_RANGE,
                Text::new(
                    "a score is shown between two whole numbers, the smaller one first",
                    "점수의 표시 범위는 정수 두 개이고, 작은 수를 먼저 씁니다",
                ),
                Text::new(
                    "write for example `shown between 0 and 100`",
                    "예: `shown between 0 and 100`",
                ),
            ),
        };
        Problem::new(code, at, message).help(help)
    }
}

impl Lowering<'_> {
    /// Lowers all scores.
    pub(super) fn scores(&mut self) {
        for (name, file, score) in self.names.scores() {
            let lowered = self.score(name, file, score);
            let at = ir::ScoreIx(self.program.scores.len() as u32);
            self.scores.insert(name.to_owned(), at);
            self.program.scores.push(lowered);
        }
    }

    fn score(&mut self, name: &str, file: FileId, score: &syntax::Score) -> ir::Score {
        let (mut points, mut halves, mut shown) = (Vec::new(), Vec::new(), Vec::new());
        let mut unknown = false;
        for line in &score.lines {
            match line {
                syntax::ScoreLine::Points(line) => points.push(line),
                syntax::ScoreLine::HalvesEvery(duration) => halves.push(*duration),
                syntax::ScoreLine::ShownBetween(range) => shown.push(range),
                syntax::ScoreLine::Unknown(_) => unknown = true,
            }
        }
        if points.is_empty() && !unknown {
            let at = Location::new(file, score.name.span);
            let name = name.to_owned();
            self.problems.push(ScoreError::NoPoints { name }.at(at));
        }
        self.once(file, "halves every", halves.iter().map(|it| it.span));
        self.once(file, "shown between", shown.iter().map(|it| it.span));
        let every = halves.first().and_then(|it| self.half_life(file, *it));
        let keep = every.map_or(Keep::Count, |every| Keep::Halving { every });
        let mut lines = Vec::new();
        for line in points {
            match self.points(file, line, &keep) {
                Some(line) => lines.push(line),
                None => self.gap(file, line.span),
            }
        }
        ir::Score {
            name: name.to_owned(),
            title: score.title.as_ref().map(|it| it.text.clone()),
            lines,
            shown: shown.first().and_then(|it| self.bounds(file, it)),
        }
    }

    /// Reports lines that stand twice where one is possible.
    fn once(&mut self, file: FileId, line: &str, mut spans: impl Iterator<Item = syntax::Span>) {
        if let Some((first, second)) = spans.next().zip(spans.next()) {
            self.repeated(file, second, first, line);
        }
    }

    fn points(
        &mut self,
        file: FileId,
        line: &syntax::Points,
        keep: &Keep,
    ) -> Option<ir::ScoreLine> {
        let counted = self.counted(&line.event, Scope::person(file));
        let points = line.points.value;
        if points == 0 || points.unsigned_abs() > MOST_POINTS.unsigned_abs() {
            let at = Location::new(file, line.points.span);
            self.problems.push(ScoreError::Points.at(at));
            return None;
        }
        let counted = counted?;
        let aggregate = self
            .tables
            .aggregate(counted.event, counted.filter, keep.clone());
        Some(ir::ScoreLine { points, aggregate })
    }

    fn half_life(&mut self, file: FileId, duration: syntax::Duration) -> Option<i64> {
        use syntax::TimeUnit;
        let unit = match (duration.day_kind, duration.unit) {
            (None, TimeUnit::Second) => Some(SECOND),
            (None, TimeUnit::Minute) => Some(MINUTE),
            (None, TimeUnit::Hour) => Some(HOUR),
            (None, TimeUnit::Day) => Some(DAY),
            (None, TimeUnit::Week) => Some(7 * DAY),
            (Some(_), _) | (None, TimeUnit::Month | TimeUnit::Year) => None,
        };
        let length = unit.map(|unit| unit.saturating_mul(i64::from(duration.count)));
        let error = match length {
            None => ScoreError::HalfLife,
            Some(length) if (SHORTEST_HALF_LIFE..=LONGEST_HALF_LIFE).contains(&length) => {
                return Some(length);
            }
            Some(_) => ScoreError::HalfLifeLength,
        };
        self.problems
            .push(error.at(Location::new(file, duration.span)));
        None
    }

    fn bounds(&mut self, file: FileId, range: &syntax::ScoreRange) -> Option<(i64, i64)> {
        let whole = |number: syntax::Decimal| {
            let number = crate::values::decimal(number).ok()?;
            (number.0 % ir::Decimal::ONE == 0).then_some(number.0 / ir::Decimal::ONE)
        };
        let bounds = whole(range.low).zip(whole(range.high));
        let bounds = bounds.filter(|(low, high)| low <= high);
        if bounds.is_none() {
            let at = Location::new(file, range.span);
            self.problems.push(ScoreError::Bounds.at(at));
        }
        bounds
    }

    /// The score of a name, as something that is read.
    pub(super) fn score_named(&self, name: &str) -> Option<super::scope::Readable> {
        Some(super::scope::Readable {
            source: ir::Source::Score(*self.scores.get(name)?),
            kind: ir::Type::WholeNumber,
            optional: false,
            private: None,
            names_template: None,
            names_link: None,
            name: name.to_owned(),
        })
    }
}
