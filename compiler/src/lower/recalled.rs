//! What is recalled of the past: the last value of a field, the favourite one, how long something has been so; and who is
//! in a sample.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::ConditionIx;
use journey_ir::aggregate::Keep;

use super::Lowering;
use super::behavior::Counted;
use super::scope::{Readable, Scope};
use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::values;

/// What can be wrong with what is recalled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RecallError {
    /// `favourite visit.page`, where the page is text.
    NoChoice { name: String, kind: Text },
    /// `in 0% of people`.
    Share,
}

impl RecallError {
    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        match self {
            Self::NoChoice { name, kind } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{name}` holds {}, and a favourite is one of a few values", kind.en),
                    format!("`{name}`의 값은 {}입니다. `favourite`는 정해진 몇 가지 값 중 하나여야 합니다", kind.ko),
                ),
            )
            .label(Text::new("any number of values", "값이 몇 가지인지 알 수 없음"))
            .help(Text::new(
                "use a field that is `one of …`, or count with `number of different …`",
                "`one of …` 필드를 쓰거나 `number of different …`로 세세요",
            )),
            Self::Share => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new(
                    "a part of all people is more than 0% and less than 100%, with up to two decimals",
                    "사람의 비율은 0%보다 크고 100%보다 작으며 소수점 둘째 자리까지 쓸 수 있습니다",
                ),
            )
            .help(Text::new("write another share", "다른 비율을 쓰세요")),
        }
    }
}

impl Lowering<'_> {
    /// `last purchase.category is 홍삼`.
    pub(super) fn last(
        &mut self,
        recalled: &syntax::Recalled,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let over = self.over(&recalled.of, scope)?;
        let keep = Keep::Last(over.field);
        let aggregate = self.tables.aggregate(over.event, None, keep);
        let left = Readable {
            source: ir::Source::Recalled(aggregate),
            ..over.as_number(over.kind.clone())
        };
        self.comparison(&left, comparison, scope)
    }

    /// `favourite purchase.category is 홍삼`.
    pub(super) fn favourite(
        &mut self,
        recalled: &syntax::Recalled,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let over = self.over(&recalled.of, scope)?;
        if !matches!(over.kind, ir::Type::OneOf(_) | ir::Type::YesNo) {
            let error = RecallError::NoChoice {
                name: over.name.clone(),
                kind: values::type_words(&over.kind),
            };
            let at = Location::new(scope.file, recalled.of.span);
            self.problems.push(error.at(at));
            return None;
        }
        let keep = Keep::Favourite(over.field);
        let aggregate = self.tables.aggregate(over.event, None, keep);
        let left = Readable {
            source: ir::Source::Recalled(aggregate),
            ..over.as_number(over.kind.clone())
        };
        self.comparison(&left, comparison, scope)
    }

    /// `in 10% of people by "beta"`.
    pub(super) fn sample(&mut self, sample: &syntax::Sample, scope: Scope) -> Option<ConditionIx> {
        let share = self.share_of_people(sample.share, scope)?;
        let name = sample.name.as_ref();
        Some(self.tables.is(ir::Atom::Sample {
            name: name.map(|it| it.text.clone()).unwrap_or_default(),
            share,
        }))
    }

    /// A part of all people, of ten thousand.
    pub(super) fn share_of_people(&mut self, share: syntax::Decimal, scope: Scope) -> Option<u32> {
        let percent = self.or_report(values::decimal(share), share.span, scope.file)?;
        let hundredth = ir::Decimal::ONE / 100;
        let of_ten_thousand = percent.0 / hundredth;
        if percent.0 % hundredth != 0 || !(1..10_000).contains(&of_ten_thousand) {
            let at = Location::new(scope.file, share.span);
            self.problems.push(RecallError::Share.at(at));
            return None;
        }
        u32::try_from(of_ten_thousand).ok()
    }

    /// `생애주기 is 활동 for at least 30 days`.
    pub(super) fn stage_for(
        &mut self,
        lifecycle: ir::LifecycleIx,
        comparison: &syntax::Comparison,
        duration: syntax::Duration,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let span = self.wait_span(duration, scope.file);
        let syntax::ComparisonKind::Is(value) = &comparison.kind else {
            return None;
        };
        let stage = self.stage_value(lifecycle, value, scope)?;
        let span = span?;
        Some(self.tables.is(ir::Atom::StageFor {
            lifecycle,
            stage,
            span,
        }))
    }

    /// `did (not) purchase in the last 2 usual intervals`.
    pub(super) fn in_usual_intervals(
        &mut self,
        behavior: &syntax::Behavior,
        counted: Counted,
        intervals: &syntax::Spanned<u32>,
        scope: Scope,
    ) -> Option<ConditionIx> {
        if intervals.value == 0 {
            let error = values::ValueError::NoTime;
            let at = Location::new(scope.file, intervals.span);
            self.problems.push(error.at(at));
            return None;
        }
        if let Some(count) = &behavior.count {
            let times = self.so_often(count, scope, |it, n| {
                let n = it.few(n, count.span, scope)?;
                Some(it.paced_at_least(counted, n, intervals.value, scope))
            })?;
            return Some(match behavior.polarity.value {
                syntax::Polarity::Did => times,
                syntax::Polarity::DidNot | syntax::Polarity::NeverDid => self.tables.not(times),
            });
        }
        let settle = if scope.settles {
            self.lateness(counted.event)
        } else {
            0
        };
        let Counted { event, filter } = counted;
        let aggregate = self.tables.aggregate(event, filter, Keep::Rhythm);
        let overdue = self.tables.is(ir::Atom::Overdue {
            aggregate,
            intervals: intervals.value,
            settle,
        });
        if behavior.polarity.value != syntax::Polarity::Did {
            // Whose usual interval is not known is not overdue.
            return Some(overdue);
        }
        let aggregate = self.tables.aggregate(event, filter, Keep::First);
        let ever = self.tables.is(ir::Atom::Happened {
            aggregate,
            n: 1,
            window: ir::Window::Ever,
            settle: 0,
        });
        let in_time = self.tables.not(overdue);
        Some(self.tables.all(vec![ever, in_time]))
    }

    /// `at least 2 times in the last 3 usual intervals`.
    fn paced_at_least(
        &mut self,
        counted: Counted,
        n: u32,
        intervals: u32,
        scope: Scope,
    ) -> ConditionIx {
        let Counted { event, filter } = counted;
        let settle = if scope.settles {
            self.lateness(event)
        } else {
            0
        };
        let rhythm = self.tables.aggregate(event, filter, Keep::Rhythm);
        let newest = self.tables.aggregate(event, filter, Keep::Newest(n));
        self.tables.is(ir::Atom::Paced {
            rhythm,
            newest,
            n,
            intervals,
            settle,
        })
    }
}
