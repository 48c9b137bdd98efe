//! `total of …`, `number of different …`, `largest of …`: amounts over past events.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::aggregate::{Keep, MOST_DAYS, MOST_KEPT};
use journey_ir::{ConditionIx, EventIx, FieldIx};

use super::Lowering;
use super::behavior::Counted;
use super::error::ConditionError;
use super::scope::{Readable, Scope};
use crate::names::Kind;
use crate::problem::{Location, Text};
use crate::values::type_words;

/// The field that an amount is computed over.
struct Over {
    event: EventIx,
    field: FieldIx,
    kind: ir::Type,
    name: String,
}

impl Lowering<'_> {
    /// An amount over past events, compared.
    pub(super) fn amount(
        &mut self,
        aggregate: &syntax::Aggregate,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let over = self.over(&aggregate.of, scope)?;
        match aggregate.kind.value {
            syntax::AggregateKind::Total => self.total(&over, aggregate, comparison, scope),
            syntax::AggregateKind::NumberOfDifferent => {
                self.different(&over, aggregate, comparison, scope)
            }
            syntax::AggregateKind::Largest => self.largest(&over, aggregate, comparison, scope),
            syntax::AggregateKind::Average => {
                self.not_supported(
                    scope.file,
                    aggregate.span,
                    &Text::new("`average of`", "`average of`(평균)"),
                    Text::new("use `total of`", "`total of`를 쓰세요"),
                );
                None
            }
        }
    }

    fn over(&mut self, path: &syntax::Path, scope: Scope) -> Option<Over> {
        let (last, front) = path.parts.split_last()?;
        if path.is_missing() {
            return None;
        }
        let names: Vec<&str> = front.iter().map(|it| it.text.as_str()).collect();
        let owner = names.join(".");
        let Some((event, field)) = self.field_path(path) else {
            let (kind, name) = if owner.is_empty() {
                (Kind::Field, last.text.as_str())
            } else {
                (Kind::Event, owner.as_str())
            };
            if !self.is_reported(name, &[Kind::Event]) {
                let error = self.names.explain(kind, name);
                let first = path.first().map_or(path.span, |it| it.span);
                let span = front.iter().fold(first, |all, part| all.to(part.span));
                let at = Location::new(scope.file, span);
                self.problems.push(error.at(at));
            }
            return None;
        };
        let declared = self.program.schema.events.get(event.at())?;
        let position = declared.fields.iter().position(|it| it.name == field.text);
        let Some(position) = position else {
            if self.incomplete.contains(&declared.name) {
                return None;
            }
            let declared = declared.clone();
            let known = declared.fields.iter().map(|it| it.name.as_str());
            self.unknown_in(
                Kind::Field,
                &field.text,
                &declared.name,
                known,
                scope.file,
                field.span,
            );
            return None;
        };
        Some(Over {
            event,
            field: FieldIx(position as u32),
            kind: declared.fields.get(position)?.kind.clone(),
            name: path.to_string(),
        })
    }

    fn total(
        &mut self,
        over: &Over,
        aggregate: &syntax::Aggregate,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let summable = matches!(
            over.kind,
            ir::Type::Number | ir::Type::WholeNumber | ir::Type::Money(_)
        );
        if !summable {
            let error = ConditionError::NotSummable {
                name: over.name.clone(),
                kind: type_words(&over.kind),
            };
            let at = Location::new(scope.file, aggregate.of.span);
            self.problems.push(error.at(at));
            return None;
        }
        let field = over.field;
        let (keep, window) = match &aggregate.window {
            None => (Keep::Total(field), ir::Window::Ever),
            Some(syntax::Window::InTheLast(duration)) if is_calendar_days(*duration) => {
                let days = duration.count;
                if days == 0 || days > MOST_DAYS {
                    let at = Location::new(scope.file, duration.span);
                    let most = MOST_DAYS;
                    self.problems.push(ConditionError::TooMany { most }.at(at));
                    return None;
                }
                (
                    Keep::DailyTotals { field, days },
                    ir::Window::LastDays(days),
                )
            }
            Some(_) => {
                self.not_supported(
                    scope.file,
                    aggregate.span,
                    &Text::new(
                        "a total over a window that is not in calendar days",
                        "달력 날짜가 아닌 기간의 합계",
                    ),
                    Text::new(
                        "write `in the last 30 calendar days`",
                        "`in the last 30 calendar days`처럼 쓰세요",
                    ),
                );
                return None;
            }
        };
        let aggregate = self.tables.aggregate(over.event, None, keep);
        let left = over.as_number(over.kind.clone());
        self.amount_test(aggregate, window, &left, comparison, scope)
    }

    fn different(
        &mut self,
        over: &Over,
        aggregate: &syntax::Aggregate,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let window = match &aggregate.window {
            None => ir::Window::Ever,
            Some(window @ (syntax::Window::InTheLast(_) | syntax::Window::Since(_))) => {
                self.window(window, aggregate.span, scope)?
            }
            Some(
                syntax::Window::Before(_)
                | syntax::Window::On(_)
                | syntax::Window::UsualIntervals(_),
            ) => {
                self.not_supported(
                    scope.file,
                    aggregate.span,
                    &Text::new(
                        "different values before or on a day",
                        "특정한 날이나 그 이전의 서로 다른 값 수",
                    ),
                    Text::new(
                        "use `in the last …` or `since …`",
                        "`in the last …`이나 `since …`를 쓰세요",
                    ),
                );
                return None;
            }
        };
        let left = over.as_number(ir::Type::WholeNumber);
        let test = self.test(&left, comparison, scope)?;
        let Some(most) = values_needed(&test) else {
            let instead = "`at least`, `at most`, `under`, `over`, `is`";
            self.senseless(&over.name, &left.kind, comparison, instead, scope);
            return None;
        };
        let Some(most) = u32::try_from(most).ok().filter(|&most| most <= MOST_KEPT) else {
            let at = Location::new(scope.file, comparison.span);
            let most = MOST_KEPT - 1;
            self.problems.push(ConditionError::TooMany { most }.at(at));
            return None;
        };
        let keep = Keep::Different {
            field: over.field,
            most: most.max(1),
        };
        let aggregate = self.tables.aggregate(over.event, None, keep);
        Some(self.tables.is(ir::Atom::Amount {
            aggregate,
            window,
            test,
        }))
    }

    /// `largest of x at least c` asks whether there was an event with x at least c.
    fn largest(
        &mut self,
        over: &Over,
        aggregate: &syntax::Aggregate,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let asked = &comparison.kind;
        if !matches!(
            asked,
            syntax::ComparisonKind::AtLeast(_) | syntax::ComparisonKind::Over(_)
        ) {
            self.not_supported(
                scope.file,
                comparison.span,
                &Text::new(
                    "`largest of` with anything but `at least` and `over`",
                    "`at least`, `over`가 아닌 `largest of` 비교",
                ),
                Text::new(
                    "ask with `did … where ( … )`",
                    "`did … where ( … )`로 물으세요",
                ),
            );
            return None;
        }
        let window = match &aggregate.window {
            None => ir::Window::Ever,
            Some(window) => self.window(window, aggregate.span, scope)?,
        };
        let left = Readable {
            source: ir::Source::Field(over.field),
            ..over.as_number(over.kind.clone())
        };
        let filter = self.comparison(&left, comparison, scope.counted_fields_of(over.event))?;
        let counted = Counted {
            event: over.event,
            filter: Some(filter),
        };
        self.at_least(counted, 1, window, aggregate.span, scope)
    }

    fn amount_test(
        &mut self,
        aggregate: ir::AggregateIx,
        window: ir::Window,
        left: &Readable,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let test = self.test(left, comparison, scope)?;
        Some(self.tables.is(ir::Atom::Amount {
            aggregate,
            window,
            test,
        }))
    }
}

impl Over {
    /// The amount as something that is compared.
    fn as_number(&self, kind: ir::Type) -> Readable {
        Readable {
            source: ir::Source::Field(self.field),
            kind,
            optional: true,
            private: None,
            names_template: None,
            name: self.name.clone(),
        }
    }
}

const fn is_calendar_days(duration: syntax::Duration) -> bool {
    matches!(
        (duration.day_kind, duration.unit),
        (Some(syntax::DayKind::Calendar), syntax::TimeUnit::Day)
    )
}

/// How many different values must be kept so that a comparison of their number is exact.
fn values_needed(test: &ir::Comparison) -> Option<i64> {
    use ir::Comparison as Test;
    let whole = |operand: &ir::Operand| match operand {
        ir::Operand::Value(ir::Value::Number(number)) => Some(number.0 / ir::Decimal::ONE),
        ir::Operand::Value(_) | ir::Operand::Source(_) => None,
    };
    match test {
        Test::AtLeast(n) | Test::Under(n) => whole(n),
        Test::AtMost(n) | Test::Over(n) | Test::Is(n) | Test::IsNot(n) | Test::Between(_, n) => {
            Some(whole(n)?.saturating_add(1))
        }
        Test::IsOneOf(_)
        | Test::Includes(_)
        | Test::Contains(_)
        | Test::StartsWith(_)
        | Test::IsMissing
        | Test::IsKnown => None,
    }
}
