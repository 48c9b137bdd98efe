//! When a journey starts by the calendar.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::journey::Side;
use journey_ir::time::{MonthDay, Schedule};

use super::error::JourneyError;
use crate::cron;
use crate::lower::Lowering;
use crate::lower::scope::Scope;
use crate::problem::Location;
use crate::sources::FileId;
use crate::values::{self, type_words};

/// How far from a date an entry may be, in milliseconds: ten years.
const FURTHEST_FROM_DATE: i64 = 10 * 365 * ir::time::DAY;
/// The first day that not every month has.
const NOT_EVERY_MONTH: u32 = 29;

impl Lowering<'_> {
    /// The schedule, or nothing where a problem was reported.
    pub(super) fn schedule(
        &mut self,
        file: FileId,
        schedule: &syntax::Schedule,
    ) -> Option<Schedule> {
        Some(match schedule {
            syntax::Schedule::Month { on, at, .. } => Schedule::Monthly {
                on: self.month_day(file, on)?,
                at: values::clock(*at),
            },
            syntax::Schedule::Week { on, at, .. } => {
                let mut days: Vec<ir::Weekday> =
                    on.iter().map(|day| values::weekday(day.value)).collect();
                days.sort_unstable();
                days.dedup();
                Schedule::Weekly {
                    on: days,
                    at: values::clock(*at),
                }
            }
            syntax::Schedule::Day { at, .. } => Schedule::Daily {
                at: values::clock(*at),
            },
            syntax::Schedule::Once { date, at, .. } => Schedule::Once {
                on: values::date(*date),
                at: values::clock(*at),
            },
            syntax::Schedule::Attribute {
                every_year,
                offset,
                attribute,
                at,
                ..
            } => Schedule::Attribute {
                attribute: self.date_attribute(file, attribute)?,
                offset: match offset {
                    None => None,
                    Some((duration, side)) => Some(self.days_from_date(file, *duration, *side)?),
                },
                yearly: *every_year,
                at: values::clock(*at),
            },
            syntax::Schedule::Cron { expression, .. } => match cron::normalise(&expression.text) {
                Ok(normal) => Schedule::Cron(normal),
                Err(error) => {
                    let at = Location::new(file, expression.span);
                    self.problems.push(JourneyError::Cron { error }.at(at));
                    return None;
                }
            },
        })
    }

    /// The attribute that holds a date.
    fn date_attribute(&mut self, file: FileId, path: &syntax::Path) -> Option<ir::AttributeIx> {
        let (at, kind) = self.attribute_named(path, Scope::person(file))?;
        if matches!(kind, ir::Type::Date | ir::Type::Moment) {
            return Some(at);
        }
        let error = JourneyError::NoDate {
            name: path.to_string(),
            kind: type_words(&kind),
        };
        self.problems.push(error.at(Location::new(file, path.span)));
        None
    }

    fn days_from_date(
        &mut self,
        file: FileId,
        duration: syntax::Duration,
        side: syntax::Side,
    ) -> Option<(ir::Span, Side)> {
        let span = self.span(duration, file)?;
        let is_days = matches!(
            span.unit,
            ir::Unit::Day | ir::Unit::Week | ir::Unit::Month | ir::Unit::Year
        );
        if !is_days || span.at_most() > FURTHEST_FROM_DATE {
            let at = Location::new(file, duration.span);
            self.problems.push(JourneyError::NoDaysFromDate.at(at));
            return None;
        }
        let side = match side {
            syntax::Side::Before => Side::Before,
            syntax::Side::After => Side::After,
        };
        Some((span, side))
    }

    fn month_day(&mut self, file: FileId, on: &syntax::MonthDay) -> Option<MonthDay> {
        match on {
            syntax::MonthDay::Nth { ordinal, weekday } => {
                let (n, from_end) = match ordinal.value {
                    syntax::Ordinal::First => (1, false),
                    syntax::Ordinal::Second => (2, false),
                    syntax::Ordinal::Third => (3, false),
                    syntax::Ordinal::Fourth => (4, false),
                    syntax::Ordinal::Last => (1, true),
                };
                Some(MonthDay::Nth {
                    n,
                    from_end,
                    weekday: values::weekday(weekday.value),
                })
            }
            syntax::MonthDay::LastDay(_) => Some(MonthDay::Last),
            syntax::MonthDay::Day(day) => {
                let at = Location::new(file, day.span);
                match day.value {
                    1..=31 => {
                        if day.value >= NOT_EVERY_MONTH {
                            let day = day.value;
                            self.problems
                                .push(JourneyError::NotEveryMonth { day }.at(at));
                        }
                        Some(MonthDay::Day(day.value as u8))
                    }
                    day => {
                        self.problems.push(JourneyError::NoSuchDay { day }.at(at));
                        None
                    }
                }
            }
        }
    }
}
