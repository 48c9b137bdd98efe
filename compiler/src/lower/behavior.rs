//! Behaviour phrases to aggregates: what must be remembered of past events so that a phrase is answered exactly.
//!
//! `did E` keeps the first instant; windows that end now keep the newest instants; counts over all time and
//! `before D` keep the oldest; `on D` keeps those of that day. Counts over all time that are too large to keep one by one
//! keep the number.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::aggregate::{Keep, MOST_KEPT};
use journey_ir::time::Instant;
use journey_ir::{ConditionIx, EventIx};

use super::Lowering;
use super::error::ConditionError;
use super::left_out::LeftOut;
use super::scope::Scope;
use crate::problem::Location;
use crate::values;

/// Events of one type, perhaps only some of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) event: EventIx,
    pub(super) filter: Option<ConditionIx>,
}

/// The stretch of the past that a phrase counts in.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// A window that is asked about what is kept.
    Window(ir::Window),
    /// From an instant on and before another: nothing else is kept.
    Between(Instant, Instant),
}

impl Lowering<'_> {
    /// `did purchase where (…) at least 3 times in the last 180 days`.
    pub(super) fn behavior(
        &mut self,
        behavior: &syntax::Behavior,
        scope: Scope,
    ) -> Option<ConditionIx> {
        if let Some(syntax::Window::UsualIntervals(intervals)) = &behavior.window
            && behavior.pattern.then.is_empty()
        {
            let counted = self.counted(&behavior.pattern.first, scope)?;
            return self.in_usual_intervals(behavior, counted, intervals, scope);
        }
        let happened = if !behavior.pattern.then.is_empty() {
            self.chain_of_events(behavior, scope)?
        } else if let Some(picked) = self.picked(&behavior.pattern.first, scope) {
            self.happened_with(behavior, &picked, scope)?
        } else {
            self.happened(behavior, scope)?
        };
        Some(match behavior.polarity.value {
            syntax::Polarity::Did => happened,
            syntax::Polarity::DidNot | syntax::Polarity::NeverDid => self.tables.not(happened),
        })
    }

    fn happened(&mut self, behavior: &syntax::Behavior, scope: Scope) -> Option<ConditionIx> {
        let counted = self.counted(&behavior.pattern.first, scope);
        let when = match &behavior.window {
            None => Some(When::Window(ir::Window::Ever)),
            Some(window) => self.window(window, scope),
        };
        let (counted, when) = (counted?, when?);
        match &behavior.count {
            None => self.at_least(counted, 1, when, behavior.span, scope),
            Some(count) => self.counted_times(counted, count, when, scope),
        }
    }

    /// The events of a pattern, filtered by their own fields only.
    pub(super) fn counted(
        &mut self,
        pattern: &syntax::EventPattern,
        scope: Scope,
    ) -> Option<Counted> {
        let event = self.event_named(&pattern.event, scope.file)?;
        self.check_opens(&pattern.event, scope.file);
        let filter = match &pattern.filter {
            None => None,
            Some(filter) => {
                let scope = scope.counted_fields_of(event);
                let lowered = self.condition(filter, scope)?;
                self.asked(vec![lowered], filter, scope);
                Some(lowered)
            }
        };
        Some(Counted { event, filter })
    }

    fn counted_times(
        &mut self,
        counted: Counted,
        count: &syntax::Count,
        when: When,
        scope: Scope,
    ) -> Option<ConditionIx> {
        self.so_often(count, scope, |it, n| {
            it.at_least(counted, n, when, count.span, scope)
        })
    }

    /// `at least n times`, `at most n times`, `exactly n times`, where it can be asked if something was at least so often.
    pub(super) fn so_often(
        &mut self,
        count: &syntax::Count,
        scope: Scope,
        mut at_least: impl FnMut(&mut Self, u32) -> Option<ConditionIx>,
    ) -> Option<ConditionIx> {
        let n = count.times.value;
        match count.bound {
            syntax::CountBound::AtLeast if n == 0 => {
                let at = Location::new(scope.file, count.span);
                self.problems.push(ConditionError::NoTimes.at(at));
                None
            }
            syntax::CountBound::AtLeast => at_least(self, n),
            syntax::CountBound::AtMost => {
                let more = at_least(self, n.saturating_add(1))?;
                Some(self.tables.not(more))
            }
            syntax::CountBound::Exactly => {
                let more = at_least(self, n.saturating_add(1))?;
                let not_more = self.tables.not(more);
                if n == 0 {
                    return Some(not_more);
                }
                let enough = at_least(self, n)?;
                Some(self.tables.all(vec![enough, not_more]))
            }
        }
    }

    /// As many times as are kept one by one, or a problem.
    pub(super) fn few(&mut self, n: u32, span: syntax::Span, scope: Scope) -> Option<u32> {
        if n > MOST_KEPT {
            let at = Location::new(scope.file, span);
            let most = MOST_KEPT - 1;
            self.problems.push(ConditionError::TooMany { most }.at(at));
            return None;
        }
        Some(n)
    }

    /// At least `n` of these events in the window.
    pub(super) fn at_least(
        &mut self,
        counted: Counted,
        n: u32,
        when: When,
        span: syntax::Span,
        scope: Scope,
    ) -> Option<ConditionIx> {
        if n > MOST_KEPT && matches!(when, When::Window(ir::Window::Ever)) {
            return Some(self.counted_all(counted, n));
        }
        let n = self.few(n, span, scope)?;
        let (keep, window) = match when {
            When::Between(from, to) => (Keep::Within { from, to, most: n }, ir::Window::Ever),
            When::Window(window) => (kept(n, window)?, window),
        };
        let aggregate = self.tables.aggregate(counted.event, counted.filter, keep);
        let settle = if scope.settles {
            self.lateness(counted.event)
        } else {
            0
        };
        Some(self.tables.is(ir::Atom::Happened {
            aggregate,
            n,
            window,
            settle,
        }))
    }

    /// More than can be kept one by one, over all time: they are counted.
    fn counted_all(&mut self, counted: Counted, n: u32) -> ConditionIx {
        let aggregate = self
            .tables
            .aggregate(counted.event, counted.filter, Keep::Count);
        let n = ir::Decimal(i64::from(n) * ir::Decimal::ONE);
        self.tables.is(ir::Atom::Amount {
            aggregate,
            measure: ir::Measure::Total,
            window: ir::Window::Ever,
            test: ir::Comparison::AtLeast(ir::Operand::Value(ir::Value::Number(n))),
        })
    }

    /// The window of a behaviour phrase.
    pub(super) fn window(&mut self, window: &syntax::Window, scope: Scope) -> Option<When> {
        Some(match window {
            syntax::Window::InTheLast(duration) => When::Window(self.recent(*duration, scope)?),
            syntax::Window::Before(value) => {
                When::Window(ir::Window::Before(self.window_edge(value, scope)?))
            }
            syntax::Window::Since(value) => {
                When::Window(ir::Window::Since(self.window_edge(value, scope)?))
            }
            syntax::Window::UsualIntervals(count) => {
                let at = Location::new(scope.file, count.span);
                self.problems.push(LeftOut::AmountsByRhythm.at(at));
                return None;
            }
            syntax::Window::On(day) => {
                let (from, to) = self.day(*day, scope)?;
                When::Between(from, to)
            }
        })
    }

    /// The first instant of a day in the project's zone, and that of the next.
    pub(super) fn day(&mut self, day: syntax::Date, scope: Scope) -> Option<(Instant, Instant)> {
        let zone = self.literals().timezone().to_owned();
        let ends = values::midnight(day, &zone).and_then(|from| {
            let to = values::later(from, ir::Span::new(1, ir::Unit::Day), &zone)?;
            Ok((from, to))
        });
        self.or_report(ends, day.span, scope.file)
    }

    /// The instant that a window begins or ends at: a day means its first instant in the project's zone.
    pub(super) fn window_edge(
        &mut self,
        value: &syntax::Value,
        scope: Scope,
    ) -> Option<ir::time::Instant> {
        let edge = match &value.kind {
            syntax::ValueKind::Date(day) => values::midnight(*day, self.literals().timezone()),
            syntax::ValueKind::Moment(moment) => self.literals().moment(moment),
            other => Err(values::wrong_type(&ir::Type::Date, other)),
        };
        self.or_report(edge, value.span, scope.file)
    }
}

/// What must be kept of `n` events so that a window is answered exactly.
const fn kept(n: u32, window: ir::Window) -> Option<Keep> {
    match window {
        ir::Window::Ever | ir::Window::Before(_) if n == 1 => Some(Keep::First),
        ir::Window::Ever | ir::Window::Before(_) => Some(Keep::Oldest(n)),
        ir::Window::Last(_) | ir::Window::LastDays(_) | ir::Window::Since(_) => {
            Some(Keep::Newest(n))
        }
        // Neither the oldest nor the newest events tell what happened on a day between them.
        ir::Window::On(_) => None,
    }
}
