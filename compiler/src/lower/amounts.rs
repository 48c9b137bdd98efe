//! `total of …`, `average of …`, `largest of …`, `number of different …`: amounts over past events.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::aggregate::{Keep, MOST_DAYS, MOST_KEPT};
use journey_ir::condition::Measure;
use journey_ir::time::{DAY, Instant};
use journey_ir::{ConditionIx, EventIx, FieldIx};

use super::Lowering;
use super::behavior::{Counted, When};
use super::error::{ConditionError, StateError};
use super::left_out::LeftOut;
use super::scope::{Readable, Scope};
use crate::names::Kind;
use crate::problem::Location;
use crate::values::type_words;

/// A sliding window up to this length, in milliseconds, is kept without a word: its events are few.
const LONGEST_QUIET: i64 = 8 * DAY;

/// The field that an amount is computed over.
pub(super) struct Over {
    pub(super) event: EventIx,
    pub(super) field: FieldIx,
    pub(super) kind: ir::Type,
    pub(super) name: String,
}

/// When different values are counted: a window that is asked of what is kept, and what is kept at all.
#[derive(Clone, Copy)]
struct Stretch {
    window: ir::Window,
    from: Option<Instant>,
    to: Option<Instant>,
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
            syntax::AggregateKind::NumberOfDifferent => {
                self.different(&over, aggregate, comparison, scope)
            }
            syntax::AggregateKind::Largest if is_an_event(aggregate, comparison) => {
                self.largest(&over, aggregate, comparison, scope)
            }
            syntax::AggregateKind::Largest => {
                self.measured(&over, Measure::Largest, aggregate, comparison, scope)
            }
            syntax::AggregateKind::Total => {
                self.measured(&over, Measure::Total, aggregate, comparison, scope)
            }
            syntax::AggregateKind::Average => {
                self.measured(&over, Measure::Average, aggregate, comparison, scope)
            }
        }
    }

    /// The field of a path.
    pub(super) fn over(&mut self, path: &syntax::Path, scope: Scope) -> Option<Over> {
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

    fn measured(
        &mut self,
        over: &Over,
        measure: Measure,
        aggregate: &syntax::Aggregate,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        self.summable(over, aggregate, scope)?;
        let (keep, window) = self.kept(over.field, measure, aggregate, scope)?;
        let kind = match (measure, &over.kind) {
            // The average of whole numbers need not be one.
            (Measure::Average, ir::Type::WholeNumber) => ir::Type::Number,
            (_, kind) => kind.clone(),
        };
        let test = self.test(&over.as_number(kind), comparison, scope)?;
        let aggregate = self.tables.aggregate(over.event, None, keep);
        Some(self.tables.is(ir::Atom::Amount {
            aggregate,
            measure,
            window,
            test,
        }))
    }

    /// Says so where a field holds nothing that can be added up.
    fn summable(&mut self, over: &Over, aggregate: &syntax::Aggregate, scope: Scope) -> Option<()> {
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
        }
        summable.then_some(())
    }

    /// What must be kept to measure amounts, and the window within it.
    fn kept(
        &mut self,
        field: FieldIx,
        measure: Measure,
        aggregate: &syntax::Aggregate,
        scope: Scope,
    ) -> Option<(Keep, ir::Window)> {
        let summary = |from, to| (Keep::Summary { field, from, to }, ir::Window::Ever);
        Some(match &aggregate.window {
            None if measure == Measure::Total => (Keep::Total(field), ir::Window::Ever),
            None => summary(None, None),
            Some(syntax::Window::InTheLast(duration)) if is_calendar_days(*duration) => {
                let days = self.calendar_days(*duration, scope)?;
                let keep = match measure {
                    Measure::Total => Keep::DailyTotals { field, days },
                    Measure::Average | Measure::Largest => Keep::DailySummaries { field, days },
                };
                (keep, ir::Window::LastDays(days))
            }
            Some(syntax::Window::InTheLast(duration)) => {
                let span = self.wait_span(*duration, scope.file)?;
                let within = span.at_most();
                if within > LONGEST_QUIET {
                    let at = Location::new(scope.file, duration.span);
                    let days = (span.unit == ir::Unit::Day).then_some(span.n);
                    let days = days.filter(|days| *days <= MOST_DAYS);
                    self.problems.push(StateError::Grows { days }.at(at));
                }
                (Keep::Amounts { field, within }, ir::Window::Last(span))
            }
            Some(syntax::Window::Since(value)) => {
                summary(Some(self.window_edge(value, scope)?), None)
            }
            Some(syntax::Window::Before(value)) => {
                summary(None, Some(self.window_edge(value, scope)?))
            }
            Some(syntax::Window::On(day)) => {
                let (from, to) = self.day(*day, scope)?;
                summary(Some(from), Some(to))
            }
            Some(syntax::Window::UsualIntervals(count)) => {
                let at = Location::new(scope.file, count.span);
                self.problems.push(LeftOut::AmountsByRhythm.at(at));
                return None;
            }
        })
    }

    fn different(
        &mut self,
        over: &Over,
        aggregate: &syntax::Aggregate,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let different = self.different_in(aggregate, scope)?;
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
            from: different.from,
            to: different.to,
        };
        let aggregate = self.tables.aggregate(over.event, None, keep);
        Some(self.tables.is(ir::Atom::Amount {
            aggregate,
            measure: Measure::Total,
            window: different.window,
            test,
        }))
    }

    /// The window in which different values are counted.
    fn different_in(&mut self, aggregate: &syntax::Aggregate, scope: Scope) -> Option<Stretch> {
        let always = Stretch {
            window: ir::Window::Ever,
            from: None,
            to: None,
        };
        Some(match &aggregate.window {
            None => always,
            Some(syntax::Window::InTheLast(duration)) => Stretch {
                window: self.recent(*duration, scope)?,
                ..always
            },
            Some(syntax::Window::Since(value)) => Stretch {
                window: ir::Window::Since(self.window_edge(value, scope)?),
                ..always
            },
            Some(syntax::Window::Before(value)) => Stretch {
                to: Some(self.window_edge(value, scope)?),
                ..always
            },
            Some(syntax::Window::On(day)) => {
                let (from, to) = self.day(*day, scope)?;
                Stretch {
                    from: Some(from),
                    to: Some(to),
                    ..always
                }
            }
            Some(syntax::Window::UsualIntervals(count)) => {
                let at = Location::new(scope.file, count.span);
                self.problems.push(LeftOut::AmountsByRhythm.at(at));
                return None;
            }
        })
    }

    /// `in the last …`: a time that ends now, or whole days of which today is the last.
    pub(super) fn recent(
        &mut self,
        duration: syntax::Duration,
        scope: Scope,
    ) -> Option<ir::Window> {
        if is_calendar_days(duration) {
            let days = self.calendar_days(duration, scope)?;
            return Some(ir::Window::LastDays(days));
        }
        Some(ir::Window::Last(self.wait_span(duration, scope.file)?))
    }

    /// A number of calendar days that a window can have.
    fn calendar_days(&mut self, duration: syntax::Duration, scope: Scope) -> Option<u32> {
        let days = duration.count;
        if days == 0 || days > MOST_DAYS {
            let at = Location::new(scope.file, duration.span);
            let most = MOST_DAYS;
            self.problems.push(ConditionError::TooMany { most }.at(at));
            return None;
        }
        Some(days)
    }

    /// An amount over past events that people are ranked by, and what it holds.
    pub(super) fn ranked_amount(
        &mut self,
        aggregate: &syntax::Aggregate,
        scope: Scope,
    ) -> Option<(ir::RankedBy, ir::Type)> {
        let over = self.over(&aggregate.of, scope)?;
        let measure = match aggregate.kind.value {
            syntax::AggregateKind::NumberOfDifferent => {
                let Stretch { window, from, to } = self.different_in(aggregate, scope)?;
                let keep = Keep::Different {
                    field: over.field,
                    most: MOST_KEPT,
                    from,
                    to,
                };
                let by = ir::RankedBy::Amount {
                    aggregate: self.tables.aggregate(over.event, None, keep),
                    measure: Measure::Total,
                    window,
                };
                return Some((by, ir::Type::WholeNumber));
            }
            syntax::AggregateKind::Largest => Measure::Largest,
            syntax::AggregateKind::Total => Measure::Total,
            syntax::AggregateKind::Average => Measure::Average,
        };
        self.summable(&over, aggregate, scope)?;
        let (keep, window) = self.kept(over.field, measure, aggregate, scope)?;
        let by = ir::RankedBy::Amount {
            aggregate: self.tables.aggregate(over.event, None, keep),
            measure,
            window,
        };
        Some((by, over.kind))
    }

    /// `largest of x at least c` asks whether there was an event with x at least c.
    fn largest(
        &mut self,
        over: &Over,
        aggregate: &syntax::Aggregate,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let when = match &aggregate.window {
            None => When::Window(ir::Window::Ever),
            Some(window) => self.window(window, scope)?,
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
        self.at_least(counted, 1, when, aggregate.span, scope)
    }
}

impl Over {
    /// The amount as something that is compared.
    pub(super) fn as_number(&self, kind: ir::Type) -> Readable {
        Readable {
            source: ir::Source::Field(self.field),
            kind,
            optional: true,
            private: None,
            names_template: None,
            names_link: None,
            name: self.name.clone(),
        }
    }
}

/// Whether the largest amount is so iff there was such an event, which takes one instant to remember.
const fn is_an_event(aggregate: &syntax::Aggregate, comparison: &syntax::Comparison) -> bool {
    let by_days = matches!(
        aggregate.window,
        Some(syntax::Window::InTheLast(duration)) if is_calendar_days(duration)
    );
    let from_below = matches!(
        comparison.kind,
        syntax::ComparisonKind::AtLeast(_) | syntax::ComparisonKind::Over(_)
    );
    from_below && !by_days
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
