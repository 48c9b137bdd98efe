//! Whether questions can be answered: conditions that are small enough, and aggregates that keep what is asked of them.

use journey_ir::aggregate::{
    LONGEST_HALF_LIFE, MOST_DAYS, MOST_KEPT, MOST_PARTS, SHORTEST_HALF_LIFE,
};
use journey_ir::schema::Type;
use journey_ir::{
    self as ir, Aggregate, Atom, Comparison, Condition, ConditionIx, Following, ItemsTest, Keep,
    Measure, Operand, Source, Window,
};

use super::{Check, Checked, DEEPEST, LARGEST, dangling, meaningless, operands};
use crate::program::LinkError;

impl Check<'_> {
    /// Conditions refer to earlier ones only; their written-out size and depth are bounded.
    pub(super) fn conditions(&self) -> Checked {
        let mut measured: Vec<(u32, u64)> = Vec::with_capacity(self.0.conditions.len());
        for (at, condition) in self.0.conditions.iter().enumerate() {
            let what = format!("condition {at}");
            let of = |child: &ConditionIx| {
                measured
                    .get(child.at())
                    .copied()
                    .ok_or_else(|| dangling(&what, "a condition that is not earlier,", child.0))
            };
            let (depth, size) = match condition {
                Condition::Always => (0, 1),
                Condition::Is(atom) => {
                    let atom = self
                        .0
                        .atom(*atom)
                        .ok_or_else(|| dangling(&what, "atom", atom.0))?;
                    match atom {
                        Atom::Items { filter, .. } => of(filter)?,
                        Atom::HeldFor { condition, .. } => of(condition)?,
                        _ => (0, 1),
                    }
                }
                Condition::Not(child) => of(child)?,
                Condition::All(children) | Condition::Any(children) => {
                    let mut sum = (0, 1_u64);
                    for child in children {
                        let (depth, size) = of(child)?;
                        sum = (depth.max(sum.0), size.saturating_add(sum.1));
                    }
                    sum
                }
            };
            if depth >= DEEPEST {
                return Err(LinkError::TooLarge {
                    what,
                    limit: u64::from(DEEPEST),
                });
            }
            if size > LARGEST {
                return Err(LinkError::TooLarge {
                    what,
                    limit: LARGEST,
                });
            }
            measured.push((depth + 1, size));
        }
        Ok(())
    }

    pub(super) fn atoms(&self) -> Checked {
        for (at, atom) in self.0.atoms.iter().enumerate() {
            let what = format!("atom {at}");
            match atom {
                Atom::Compare { left, test } => {
                    self.source(&what, left)?;
                    self.test(&what, test)?;
                }
                Atom::Happened {
                    aggregate,
                    n,
                    window,
                    ..
                } => {
                    let aggregate = self
                        .0
                        .aggregate(*aggregate)
                        .ok_or_else(|| dangling(&what, "aggregate", aggregate.0))?;
                    happened(&what, aggregate, *n, *window)?;
                }
                Atom::Amount {
                    aggregate,
                    measure,
                    window,
                    test,
                } => {
                    self.test(&what, test)?;
                    let aggregate = self
                        .0
                        .aggregate(*aggregate)
                        .ok_or_else(|| dangling(&what, "aggregate", aggregate.0))?;
                    amount(&what, aggregate, *measure, *window)?;
                }
                Atom::Overdue { aggregate, .. } => {
                    match self.0.aggregate(*aggregate).map(|it| &it.keep) {
                        Some(Keep::Rhythm) => {}
                        Some(_) => {
                            return Err(meaningless(&what, "asks no rhythm if it is overdue"));
                        }
                        None => return Err(dangling(&what, "aggregate", aggregate.0)),
                    }
                }
                Atom::Paced {
                    rhythm, newest, n, ..
                } => {
                    let keep = |at| self.0.aggregate(at).map(|it| &it.keep);
                    match (keep(*rhythm), keep(*newest)) {
                        (Some(Keep::Rhythm), Some(Keep::Newest(kept)))
                            if (1..=*kept).contains(n) => {}
                        (Some(_), Some(_)) => {
                            return Err(meaningless(&what, "asks of a pace more than is kept"));
                        }
                        (None, _) => return Err(dangling(&what, "aggregate", rhythm.0)),
                        (_, None) => return Err(dangling(&what, "aggregate", newest.0)),
                    }
                }
                Atom::HappenedWith {
                    aggregate,
                    value,
                    n,
                    window,
                    ..
                } => {
                    self.source(&what, value)?;
                    match (self.0.aggregate(*aggregate).map(|it| &it.keep), window) {
                        (None, _) => return Err(dangling(&what, "aggregate", aggregate.0)),
                        (
                            Some(Keep::ByValue { most, .. }),
                            Window::Ever | Window::Last(_) | Window::LastDays(_) | Window::Since(_),
                        ) if (1..=*most).contains(n) => {}
                        _ => return Err(meaningless(&what, "asks of a value more than is kept")),
                    }
                }
                Atom::HeldFor { condition, .. } => self.condition(&what, *condition)?,
                Atom::Member(segment) | Atom::MemberFor { segment, .. } => {
                    self.segment(&what, *segment)?;
                }
                Atom::Stage { lifecycle, stage }
                | Atom::StageFor {
                    lifecycle, stage, ..
                } => self.stage(&what, *lifecycle, *stage)?,
                Atom::Agreed { consent, .. } => self.consent(&what, *consent)?,
                Atom::Ranked(ranking) => self.ranking(&what, *ranking)?,
                Atom::Tagged(_) | Atom::Sample { .. } => {}
                Atom::Inside(hours) => self.hours(&what, *hours)?,
                Atom::Items { of, filter, test } => {
                    self.source(&what, of)?;
                    self.condition(&what, *filter)?;
                    if let ItemsTest::Count(test) = test {
                        self.test(&what, test)?;
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn source(&self, what: &str, source: &Source) -> Checked {
        match source {
            Source::Attribute(at) => self.attribute(what, *at),
            Source::OfferExpires(at) | Source::OfferIssued(at) => self.offer(what, *at),
            Source::Item(at) => match self.0.field(at.event, at.list).map(|it| &it.kind) {
                Some(Type::Items(items)) if at.field.at() < items.fields.len() => Ok(()),
                _ => Err(dangling(what, "field of an object", at.field.0)),
            },
            Source::Score(at) => self.score(what, *at),
            Source::Recalled(at) => match self.0.aggregate(*at).map(|it| &it.keep) {
                Some(Keep::Last(_) | Keep::Favourite(_)) => Ok(()),
                Some(_) => Err(meaningless(what, "recalls a value that is not kept")),
                None => Err(dangling(what, "aggregate", at.0)),
            },
            // Which event or run is at hand depends on who asks; one without this field has no value there.
            Source::Field(_) | Source::Register(_) => Ok(()),
        }
    }

    pub(super) fn test(&self, what: &str, test: &Comparison) -> Checked {
        let mut read = operands(test).into_iter().flatten();
        read.try_for_each(|operand| match operand {
            Operand::Value(_) => Ok(()),
            Operand::Source(source) => self.source(what, source),
        })
    }

    pub(super) fn aggregate(&self, what: &str, aggregate: &Aggregate) -> Checked {
        self.event(what, aggregate.event)?;
        let field = |field: ir::FieldIx| {
            self.0
                .field(aggregate.event, field)
                .map(drop)
                .ok_or_else(|| dangling(what, "field", field.0))
        };
        let kept = |n: u32| {
            if n == 0 {
                Err(meaningless(what, "keeps nothing"))
            } else if n > MOST_KEPT {
                Err(LinkError::TooLarge {
                    what: what.to_owned(),
                    limit: u64::from(MOST_KEPT),
                })
            } else {
                Ok(())
            }
        };
        match aggregate.keep {
            Keep::Chain { key, ref then, .. } => {
                if let Some(key) = key {
                    field(key)?;
                }
                self.chain(what, then)?;
            }
            Keep::First | Keep::Count | Keep::Rhythm => {}
            Keep::Newest(n) | Keep::Oldest(n) => kept(n)?,
            Keep::Total(of)
            | Keep::Last(of)
            | Keep::Favourite(of)
            | Keep::Summary { field: of, .. }
            | Keep::Amounts { field: of, .. } => {
                field(of)?;
            }
            Keep::Within { most, .. } => kept(most)?,
            Keep::DailyTotals { field: sum, days } | Keep::DailySummaries { field: sum, days } => {
                field(sum)?;
                if days == 0 || days > MOST_DAYS {
                    return Err(LinkError::TooLarge {
                        what: what.to_owned(),
                        limit: u64::from(MOST_DAYS),
                    });
                }
            }
            Keep::Different {
                field: of, most, ..
            }
            | Keep::ByValue {
                field: of, most, ..
            } => {
                field(of)?;
                kept(most)?;
            }
            Keep::Halving { every } => {
                if !(SHORTEST_HALF_LIFE..=LONGEST_HALF_LIFE).contains(&every) {
                    return Err(meaningless(what, "halves too often or too seldom"));
                }
            }
        }
        match aggregate.filter {
            None => Ok(()),
            Some(filter) => {
                self.condition(what, filter)?;
                self.reads_the_event_only(what, filter)
            }
        }
    }

    pub(super) fn chain(&self, what: &str, then: &[Following]) -> Checked {
        if then.is_empty() || then.len() >= MOST_PARTS {
            return Err(meaningless(what, "is a chain of one event or of too many"));
        }
        then.iter().try_for_each(|part| {
            self.event(what, part.event)?;
            if let Some(key) = part.key {
                let field = self.0.field(part.event, key);
                field.ok_or_else(|| dangling(what, "field", key.0))?;
            }
            part.filter.map_or(Ok(()), |filter| {
                self.condition(what, filter)?;
                self.reads_the_event_only(what, filter)
            })
        })
    }

    /// A filter that read anything but the event would make the state depend on the order of events.
    pub(super) fn reads_the_event_only(&self, what: &str, at: ConditionIx) -> Checked {
        let pure = |operand: &Operand| {
            matches!(
                operand,
                Operand::Value(_) | Operand::Source(Source::Field(_) | Source::Item(_))
            )
        };
        match self.0.condition(at) {
            None | Some(Condition::Always) => Ok(()),
            Some(Condition::All(of) | Condition::Any(of)) => of
                .iter()
                .try_for_each(|at| self.reads_the_event_only(what, *at)),
            Some(Condition::Not(of)) => self.reads_the_event_only(what, *of),
            Some(Condition::Is(atom)) => match self.0.atom(*atom) {
                Some(Atom::Items {
                    of: Source::Field(_),
                    filter,
                    test,
                }) => match test {
                    ItemsTest::Count(test) if !operands(test).into_iter().flatten().all(pure) => {
                        Err(meaningless(what, "its filter reads something else"))
                    }
                    _ => self.reads_the_event_only(what, *filter),
                },
                Some(Atom::Compare {
                    left: Source::Field(_) | Source::Item(_),
                    test,
                }) if operands(test).into_iter().flatten().all(pure) => Ok(()),
                _ => Err(meaningless(
                    what,
                    "its filter reads something other than the event's own fields",
                )),
            },
        }
    }
}

fn happened(what: &str, aggregate: &Aggregate, n: u32, window: Window) -> Checked {
    let (kept, oldest) = match aggregate.keep {
        Keep::First => (1, true),
        Keep::Oldest(n) => (n, true),
        Keep::Within { most, .. } if window == Window::Ever => (most, true),
        Keep::Newest(n) => (n, false),
        Keep::Chain { .. } => {
            return if (1..=MOST_KEPT).contains(&n) {
                Ok(())
            } else {
                Err(meaningless(
                    what,
                    "asks a chain for more than is kept of it",
                ))
            };
        }
        _ => return Err(meaningless(what, "asks a sum whether something happened")),
    };
    if n == 0 || n > kept {
        return Err(meaningless(what, "asks for more events than are kept"));
    }
    match (window, oldest) {
        (Window::Ever | Window::On(_), _)
        | (Window::Before(_), true)
        | (Window::Last(_) | Window::LastDays(_) | Window::Since(_), false) => Ok(()),
        (Window::Before(_), false) => {
            Err(meaningless(what, "asks the newest events about the oldest"))
        }
        (Window::Last(_) | Window::LastDays(_) | Window::Since(_), true) => {
            Err(meaningless(what, "asks the oldest events about the newest"))
        }
    }
}

pub(super) fn amount(
    what: &str,
    aggregate: &Aggregate,
    measure: Measure,
    window: Window,
) -> Checked {
    let summed = matches!(
        aggregate.keep,
        Keep::Summary { .. } | Keep::DailySummaries { .. } | Keep::Amounts { .. }
    );
    if measure != Measure::Total && !summed {
        return Err(meaningless(what, "asks a sum for more than the sum"));
    }
    match (&aggregate.keep, window) {
        (Keep::Total(_) | Keep::Summary { .. } | Keep::Count, Window::Ever)
        | (
            Keep::Different { .. },
            Window::Ever | Window::Last(_) | Window::LastDays(_) | Window::Since(_),
        ) => Ok(()),
        (
            Keep::DailyTotals { days, .. } | Keep::DailySummaries { days, .. },
            Window::LastDays(n),
        ) if n <= *days => Ok(()),
        (Keep::Amounts { within, .. }, Window::Last(span)) if span.at_most() <= *within => Ok(()),
        _ => Err(meaningless(
            what,
            "asks for a window that its aggregate does not keep",
        )),
    }
}
