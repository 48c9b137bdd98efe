//! Waiting: for a time, until a point in time, for the first of several events.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::journey::{Side, Until};

use super::error::JourneyError;
use super::flow::{Tail, Tails, after, arm};
use super::header::event_of;
use super::step_error::StepError;
use crate::lower::Lowering;
use crate::lower::parameters::Bound;
use crate::lower::scope::Scope;
use crate::names::Kind;
use crate::names::NameError;
use crate::problem::Location;
use crate::sources::FileId;
use crate::values;

impl Lowering<'_> {
    pub(super) fn wait(&mut self, file: FileId, wait: &syntax::Wait, tails: Tails) -> Tails {
        let id = |this: &mut Self| {
            let words = format!("wait after {}", this.flow.anchor);
            this.step_id(file, wait.label.as_ref(), &words)
        };
        match &wait.kind {
            syntax::WaitKind::For { length, then_until } => {
                let span = self.length(file, length);
                let until = match then_until {
                    None => None,
                    Some(until) => match self.until(file, until) {
                        Some(until) => Some(until),
                        None => return tails,
                    },
                };
                let Some(span) = span else {
                    return tails;
                };
                let settle = self.flow.settle;
                let kind = ir::StepKind::Wait {
                    span: Some(span),
                    settle,
                    until,
                    next: None,
                };
                let id = id(self);
                after(self.flow.push(id, kind, &tails))
            }
            syntax::WaitKind::Until(until) => {
                let Some(until) = self.until(file, until) else {
                    return tails;
                };
                // A clock time is a promise: nothing is held open.
                let kind = ir::StepKind::Wait {
                    span: None,
                    settle: 0,
                    until: Some(until),
                    next: None,
                };
                let id = id(self);
                after(self.flow.push(id, kind, &tails))
            }
            syntax::WaitKind::UpTo { limit, event, race } => {
                let id = id(self);
                match (event, race) {
                    (Some(event), None) => self.wait_for(file, *limit, event, id, tails),
                    (None, Some(race)) => self.race(file, wait.span, *limit, race, id, &tails),
                    (Some(event), Some(_)) => {
                        let at = Location::new(file, event.span);
                        self.problems.push(JourneyError::ForAndArms.at(at));
                        tails
                    }
                    (None, None) => {
                        let at = Location::new(file, wait.span);
                        self.problems.push(JourneyError::WaitForNothing.at(at));
                        tails
                    }
                }
            }
            syntax::WaitKind::Unknown(_) => tails,
        }
    }

    fn length(&mut self, file: FileId, length: &syntax::WaitLength) -> Option<ir::Span> {
        let path = match length {
            syntax::WaitLength::Duration(duration) => return self.wait_span(*duration, file),
            syntax::WaitLength::Parameter(path) => path,
        };
        let name = path.to_string();
        let at = Location::new(file, path.span);
        if self.parameter(&name).is_none() && self.is_event_to_wait_for(path, file) {
            return None;
        }
        match self.parameter(&name) {
            Some(Bound::Span(span)) => Some(*span),
            Some(Bound::Unknown) => None,
            Some(Bound::Template(_) | Bound::Offer(_) | Bound::Value { .. }) => {
                self.problems.push(JourneyError::NotALength { name }.at(at));
                None
            }
            None if path.is_missing() => None,
            None => {
                let known: Vec<&str> = self.frames.last().map_or_else(Vec::new, |frame| {
                    frame.bound.iter().map(|(name, _)| name.as_str()).collect()
                });
                let error = if self.is_reported(&name, &[Kind::Event]) {
                    self.names.explain(Kind::Parameter, &name)
                } else {
                    NameError::unknown_in(Kind::Parameter, &name, "", known)
                };
                self.problems.push(error.at(at));
                None
            }
        }
    }

    fn until(&mut self, file: FileId, until: &syntax::Until) -> Option<Until> {
        let scope = Scope::run(file);
        Some(match until {
            syntax::Until::Before { by, of } => {
                let (by, of) = (self.span(*by, file), self.moment_of(of, scope));
                Until::Moment {
                    of: of?,
                    offset: Some((by?, Side::Before)),
                }
            }
            syntax::Until::After { by, of } => {
                let (by, of) = (self.wait_span(*by, file), self.moment_of(of, scope));
                Until::Moment {
                    of: of?,
                    offset: Some((by?, Side::After)),
                }
            }
            syntax::Until::Inside(path) => Until::Inside(self.hours_named(path, file)?),
            syntax::Until::Weekdays { days, at } => {
                let mut on: Vec<ir::Weekday> =
                    days.iter().map(|day| values::weekday(day.value)).collect();
                on.sort_unstable();
                on.dedup();
                Until::Weekday {
                    on,
                    at: values::clock(*at),
                }
            }
            syntax::Until::Clock(clock) => Until::Clock(values::clock(*clock)),
            syntax::Until::Date { date, at } => Until::Date {
                on: values::date(*date),
                at: at.map_or(ir::Clock(0), values::clock),
            },
            syntax::Until::Path(path) if self.is_event_to_wait_for(path, file) => return None,
            syntax::Until::Path(path) => Until::Moment {
                of: self.moment_of(path, scope)?,
                offset: None,
            },
        })
    }

    /// Reports an event where a time is waited for; returns whether it is one.
    fn is_event_to_wait_for(&mut self, path: &syntax::Path, file: FileId) -> bool {
        let event = path.to_string();
        let known = self.event_ix(&event).is_some();
        if known {
            let at = Location::new(file, path.span);
            self.problems.push(StepError::WaitForEvent { event }.at(at));
        }
        known
    }

    /// `wait up to 7 days for purchase`: the run goes on either way.
    fn wait_for(
        &mut self,
        file: FileId,
        limit: syntax::Duration,
        event: &syntax::EventPattern,
        id: String,
        tails: Tails,
    ) -> Tails {
        let length = self.wait_span(limit, file);
        let pattern = self.event_pattern(event, Scope::run(file));
        let (Some(length), Some((waited_for, filter))) = (length, pattern) else {
            return tails;
        };
        self.check_lateness(file, (limit, length), waited_for, event.span);
        let (limit, event) = (length, waited_for);
        let trigger = ir::Trigger::Event { event, filter };
        let kind = ir::StepKind::Race {
            limit,
            settle: self.flow.settle.max(self.lateness(event)),
            arms: vec![ir::journey::Arm {
                trigger,
                next: None,
            }],
            timeout: None,
        };
        let at = self.flow.push(id, kind, &tails);
        let mut out = arm(at, 0);
        out.extend(after(at));
        out
    }

    /// `wait up to 3 days { on … on timeout … }`.
    fn race(
        &mut self,
        file: FileId,
        span: syntax::Span,
        limit: syntax::Duration,
        race: &syntax::Race,
        id: String,
        tails: &[Tail],
    ) -> Tails {
        let length = self.wait_span(limit, file);
        self.check_timeout(file, span, race);
        let triggers: Vec<Option<ir::Trigger>> = race
            .arms
            .iter()
            .map(|arm| match &arm.on {
                syntax::RaceTrigger::Timeout(_) => None,
                syntax::RaceTrigger::Trigger(trigger) => {
                    let lowered = self.trigger(trigger, Scope::run(file));
                    if lowered.is_none() {
                        self.gap(file, arm.span);
                    }
                    lowered
                }
            })
            .collect();
        if let Some(length) = length {
            self.check_settle(file, limit, length, race, &triggers);
        }
        let settles = triggers.iter().flatten().map(|it| self.settle_of(it)).max();
        let arms = triggers.iter().flatten();
        let kind = ir::StepKind::Race {
            limit: length.unwrap_or(ir::Span::new(1, ir::Unit::Day)),
            settle: settles.unwrap_or(0).max(self.flow.settle),
            arms: arms
                .map(|trigger| ir::journey::Arm {
                    trigger: trigger.clone(),
                    next: None,
                })
                .collect(),
            timeout: None,
        };
        let at = self.flow.push(id, kind, tails);
        let mut out = Tails::new();
        let mut position = 0;
        let mut timed_out = false;
        let around = self.flow.fork();
        for (written, trigger) in race.arms.iter().zip(&triggers) {
            let (tails, known, word) = match (&written.on, trigger) {
                (syntax::RaceTrigger::Timeout(_), _) => {
                    timed_out = true;
                    (after(at), None, "timeout".to_owned())
                }
                (syntax::RaceTrigger::Trigger(on), Some(trigger)) => {
                    position += 1;
                    (arm(at, position - 1), event_of(trigger), words(on))
                }
                // Its trigger was reported; its steps are checked all the same.
                (syntax::RaceTrigger::Trigger(on), None) => {
                    (after(at), self.event_ix_of(on), words(on))
                }
            };
            let anchor = format!("{} (on {word})", self.flow.anchor);
            let before = self.flow.unclear;
            self.flow.unclear |= matches!(
                (&written.on, trigger, known),
                (syntax::RaceTrigger::Trigger(_), None, None)
            );
            out.extend(self.arm(file, &written.steps, anchor, known, tails));
            self.flow.unclear = before;
        }
        if !timed_out {
            out.extend(after(at));
        }
        self.flow.join(around, !timed_out);
        out
    }

    fn check_timeout(&mut self, file: FileId, span: syntax::Span, race: &syntax::Race) {
        let mut timeouts = race.arms.iter().filter_map(|arm| match &arm.on {
            syntax::RaceTrigger::Timeout(span) => Some(*span),
            syntax::RaceTrigger::Trigger(_) => None,
        });
        let first = timeouts.next();
        if let (Some(first), Some(second)) = (first, timeouts.next()) {
            self.repeated(file, second, first, "on timeout");
        }
        let broken = race.arms.iter().any(|arm| {
            matches!(
                arm.on,
                syntax::RaceTrigger::Trigger(syntax::Trigger::Unknown(_))
            )
        });
        if first.is_none() && race.unknown.is_empty() && !broken {
            let at = Location::new(file, syntax::Span::new(span.start, race.span.start));
            self.problems.push(JourneyError::NoTimeout.at(at));
        }
    }

    /// Reports a wait that ends before the event it waits for can have arrived.
    fn check_settle(
        &mut self,
        file: FileId,
        limit: syntax::Duration,
        length: ir::Span,
        race: &syntax::Race,
        triggers: &[Option<ir::Trigger>],
    ) {
        for (arm, trigger) in race.arms.iter().zip(triggers) {
            let Some(ir::Trigger::Event { event, .. }) = trigger else {
                continue;
            };
            let arm_span = match &arm.on {
                syntax::RaceTrigger::Timeout(span) => *span,
                syntax::RaceTrigger::Trigger(_) => {
                    syntax::Span::new(arm.span.start, arm.steps.span.start)
                }
            };
            self.check_lateness(file, (limit, length), *event, arm_span);
        }
    }

    /// Reports a wait that ends before the event `waited_for` at a place can have arrived.
    fn check_lateness(
        &mut self,
        file: FileId,
        (limit, length): (syntax::Duration, ir::Span),
        event: ir::EventIx,
        waited_for: syntax::Span,
    ) {
        if self.lateness(event) <= length.at_most() {
            return;
        }
        let late = self.program.schema.events.get(event.at());
        let Some(late) = late.and_then(|it| it.arrives_within) else {
            return;
        };
        let error = JourneyError::SettlesLate {
            event: self.event_name(event),
            wait: length,
            late,
            arm: Location::new(file, waited_for),
        };
        self.problems
            .push(error.at(Location::new(file, limit.span)));
    }
}

/// The words of a trigger, for ids.
fn words(trigger: &syntax::Trigger) -> String {
    match trigger {
        syntax::Trigger::Joins(path) => format!("joins {path}"),
        syntax::Trigger::Leaves(path) => format!("leaves {path}"),
        syntax::Trigger::Becomes { lifecycle, stage } => {
            format!("{lifecycle} becomes {}", stage.text)
        }
        syntax::Trigger::Changes { attribute, .. } => format!("{attribute} changes"),
        syntax::Trigger::Event(pattern) => pattern.event.to_string(),
        syntax::Trigger::Unknown(_) => String::new(),
    }
}
