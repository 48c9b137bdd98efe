//! When a journey starts by the calendar.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::time::{MonthDay, Schedule};

use super::error::JourneyError;
use crate::cron;
use crate::lower::Lowering;
use crate::problem::Location;
use crate::sources::FileId;
use crate::values;

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
            syntax::Schedule::Attribute { span, .. } => {
                let what = ("entries by a date of the person", "사람의 날짜에 맞춘 시작");
                self.not_yet(file, *span, what);
                return None;
            }
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
