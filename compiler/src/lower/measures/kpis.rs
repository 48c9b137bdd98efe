//! KPIs: what is counted, how often, what it is to reach, and whom to tell.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::measure::{Alert, Figure, Period, Target, Threshold};

use super::error::MeasureError;
use crate::lower::Lowering;
use crate::lower::scope::Scope;
use crate::problem::Location;
use crate::sources::FileId;
use crate::values;

/// What an alert tells an action that has an input of this name.
const TOLD: [&str; 7] = ["text", "kpi", "title", "value", "part", "whole", "period"];

impl Lowering<'_> {
    /// Lowers all KPIs.
    pub(super) fn kpis(&mut self) {
        for (name, file, kpi) in self.names.kpis() {
            if let Some(lowered) = self.kpi(name, file, kpi) {
                self.program.kpis.push(lowered);
            } else {
                self.gap(file, kpi.name.span);
            }
        }
    }

    fn kpi(&mut self, name: &str, file: FileId, kpi: &syntax::Kpi) -> Option<ir::Kpi> {
        let mut lines = Lines::default();
        for line in &kpi.lines {
            let (place, word, span) = match line {
                syntax::KpiLine::Measure(measure) => {
                    lines.measure = self.measure(file, measure);
                    (&mut lines.places[0], "measure", measure_span(measure))
                }
                syntax::KpiLine::Every(unit) => {
                    lines.every = self.period(file, *unit);
                    (&mut lines.places[1], "every", unit.span)
                }
                syntax::KpiLine::Target(target) => {
                    lines.target = self.target(file, target);
                    (&mut lines.places[2], "target", target.span)
                }
                syntax::KpiLine::Alert(alert) => {
                    lines.alert = self.alert(file, alert);
                    (&mut lines.places[3], "alert", alert.span)
                }
                syntax::KpiLine::Unknown(_) => return None,
            };
            match *place {
                Some(first) => self.repeated(file, span, first, word),
                None => *place = Some(span),
            }
        }
        for (place, word) in [(lines.places[0], "measure"), (lines.places[1], "every")] {
            if place.is_none() {
                let at = Location::new(file, kpi.name.span);
                let name = name.to_owned();
                let error = MeasureError::KpiLacks { name, word };
                self.problems.push(error.at(at));
            }
        }
        Some(ir::Kpi {
            name: name.to_owned(),
            title: kpi.title.as_ref().map(|it| it.text.clone()),
            measure: lines.measure?,
            every: lines.every?,
            target: lines.target,
            alert: lines.alert,
        })
    }

    fn measure(&mut self, file: FileId, measure: &syntax::Measure) -> Option<Figure> {
        match measure {
            syntax::Measure::Ratio {
                numerator,
                denominator,
            } => {
                let part = self.counter(file, numerator);
                let whole = self.counter(file, denominator);
                Some(Figure::Ratio {
                    part: part?,
                    whole: whole?,
                })
            }
            syntax::Measure::Share(condition) => Some(Figure::Share(
                self.condition(condition, Scope::person(file))?,
            )),
        }
    }

    fn period(&mut self, file: FileId, unit: syntax::Spanned<syntax::TimeUnit>) -> Option<Period> {
        match unit.value {
            syntax::TimeUnit::Day => Some(Period::Day),
            syntax::TimeUnit::Week => Some(Period::Week),
            syntax::TimeUnit::Month => Some(Period::Month),
            syntax::TimeUnit::Second
            | syntax::TimeUnit::Minute
            | syntax::TimeUnit::Hour
            | syntax::TimeUnit::Year => {
                let at = Location::new(file, unit.span);
                self.problems.push(MeasureError::NoPeriod.at(at));
                None
            }
        }
    }

    fn target(&mut self, file: FileId, target: &syntax::KpiTarget) -> Option<Target> {
        let test = self.threshold(file, &target.comparison);
        if test.is_none() {
            self.gap(file, target.span);
        }
        Some(Target {
            test: test?,
            by: target.by.map(values::date),
        })
    }

    fn alert(&mut self, file: FileId, alert: &syntax::KpiAlert) -> Option<Alert> {
        let when = self.threshold(file, &alert.when);
        let Some((connector, action)) = self.action(file, &alert.to) else {
            self.gap(file, alert.to.span);
            return None;
        };
        let mut needed = action.inputs.iter().filter(|it| !it.optional);
        if let Some(input) = needed.find(|it| !TOLD.contains(&it.name.as_str())) {
            let error = MeasureError::AlertCannotTell {
                action: alert.to.to_string(),
                input: input.name.clone(),
                told: TOLD.join("`, `"),
            };
            let at = Location::new(file, alert.to.span);
            self.problems.push(error.at(at));
            return None;
        }
        Some(Alert {
            connector,
            action: action.name,
            when: when?,
        })
    }

    fn threshold(&mut self, file: FileId, comparison: &syntax::Comparison) -> Option<Threshold> {
        use syntax::ComparisonKind as Written;
        match &comparison.kind {
            Written::Under(x) => self.share(file, x).map(Threshold::Under),
            Written::AtMost(x) => self.share(file, x).map(Threshold::AtMost),
            Written::Over(x) => self.share(file, x).map(Threshold::Over),
            Written::AtLeast(x) => self.share(file, x).map(Threshold::AtLeast),
            Written::Between(low, high) => {
                let (low, high) = (self.share(file, low), self.share(file, high));
                Some(Threshold::Between(low?, high?))
            }
            _ => {
                let at = Location::new(file, comparison.span);
                self.problems.push(MeasureError::NotAThreshold.at(at));
                None
            }
        }
    }

    /// `25%`.
    fn share(&mut self, file: FileId, value: &syntax::Value) -> Option<ir::Decimal> {
        if let syntax::ValueKind::Percent(percent) = &value.kind {
            return self.or_report(values::decimal(*percent), percent.span, file);
        }
        let at = Location::new(file, value.span);
        self.problems.push(MeasureError::NotPercent.at(at));
        None
    }
}

/// The lines of a KPI as they are read: measure, every, target, alert.
#[derive(Default)]
struct Lines {
    measure: Option<Figure>,
    every: Option<Period>,
    target: Option<Target>,
    alert: Option<Alert>,
    places: [Option<syntax::Span>; 4],
}

fn measure_span(measure: &syntax::Measure) -> syntax::Span {
    match measure {
        syntax::Measure::Ratio {
            numerator,
            denominator,
        } => syntax::Span::new(numerator.span.start, denominator.span.end),
        syntax::Measure::Share(condition) => condition.span(),
    }
}
