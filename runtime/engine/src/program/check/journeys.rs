//! Whether journeys can be executed: their triggers, schedules and steps.

use journey_ir::journey::{Expression, MoveTo, Until};
use journey_ir::time::{DAY, Schedule};
use journey_ir::{Entry, Journey, Register, StepIx, StepKind, Trigger};

use super::{Check, Checked, dangling, entry_event, followers, meaningless};
use crate::calendar::LONGEST_OFFSET;
use crate::program::LinkError;

impl Check<'_> {
    pub(super) fn trigger(&self, what: &str, trigger: &Trigger) -> Checked {
        match trigger {
            Trigger::Event { event, filter } => {
                self.event(what, *event)?;
                filter.map_or(Ok(()), |filter| self.condition(what, filter))
            }
            Trigger::Joins(segment) | Trigger::Leaves(segment) => self.segment(what, *segment),
            Trigger::Becomes { lifecycle, stage } => self.stage(what, *lifecycle, *stage),
            Trigger::Changes { attribute, .. } => self.attribute(what, *attribute),
        }
    }

    pub(super) fn schedule(&self, what: &str, schedule: &Schedule) -> Checked {
        let Schedule::Attribute {
            attribute, offset, ..
        } = schedule
        else {
            return Ok(());
        };
        self.attribute(what, *attribute)?;
        let Some((span, _)) = offset else {
            return Ok(());
        };
        if span.exact().is_some() {
            return Err(meaningless(what, "a date is moved by days and longer"));
        }
        if span.at_most() > LONGEST_OFFSET * 365 * DAY {
            return Err(LinkError::TooLarge {
                what: format!("the days from the date of {what}"),
                limit: LONGEST_OFFSET.unsigned_abs() * 365,
            });
        }
        Ok(())
    }

    pub(super) fn journey(&self, journey: &Journey) -> Checked {
        let what = journey.name.as_str();
        match &journey.entry {
            Entry::When { trigger, condition } => {
                self.trigger(what, trigger)?;
                condition.map_or(Ok(()), |at| self.condition(what, at))?;
            }
            Entry::Schedule { schedule, people } => {
                self.schedule(what, schedule)?;
                self.condition(what, *people)?;
            }
        }
        if let Some(key) = journey.run_key {
            let field = entry_event(journey).and_then(|event| self.0.field(event, key));
            field.ok_or_else(|| dangling(what, "field", key.0))?;
        }
        if let Some(goal) = &journey.goal {
            self.event(what, goal.event)?;
            goal.filter.map_or(Ok(()), |at| self.condition(what, at))?;
        }
        journey
            .exits
            .iter()
            .try_for_each(|exit| self.trigger(what, &exit.trigger))?;
        for register in &journey.registers {
            if let Register::Field { event, field } = register {
                self.0
                    .field(*event, *field)
                    .ok_or_else(|| dangling(what, "field", field.0))?;
            }
        }
        let step = |at: Option<StepIx>| match at {
            Some(at) if at.at() >= journey.steps.len() => Err(dangling(what, "step", at.0)),
            _ => Ok(()),
        };
        step(journey.start)?;
        for moved in &journey.moves {
            if let MoveTo::Step(to) = moved.to {
                step(Some(to))?;
            }
        }
        journey.steps.iter().try_for_each(|at| {
            followers(&at.kind).into_iter().try_for_each(step)?;
            if let StepKind::Remember { register, .. } = &at.kind
                && register.at() >= journey.registers.len()
            {
                return Err(dangling(what, "register", register.0));
            }
            self.step(&format!("{what}.{}", at.id), &at.kind)
        })
    }

    pub(super) fn step(&self, what: &str, kind: &StepKind) -> Checked {
        match kind {
            StepKind::Send {
                candidates, args, ..
            } => {
                if candidates.is_empty() {
                    return Err(meaningless(what, "sends nothing"));
                }
                candidates
                    .iter()
                    .try_for_each(|at| self.message(what, *at))?;
                args.iter()
                    .try_for_each(|arg| self.expression(what, &arg.value))
            }
            StepKind::Do { args, .. } | StepKind::Assign { args, .. } => args
                .iter()
                .try_for_each(|arg| self.expression(what, &arg.value)),
            StepKind::Wait { until, .. } => match until {
                Some(Until::Moment { of, .. }) => self.source(what, of),
                Some(Until::Inside(hours)) => self.hours(what, *hours),
                Some(Until::Clock(_) | Until::Weekday { .. } | Until::Date { .. }) | None => Ok(()),
            },
            StepKind::Race { arms, .. } => arms
                .iter()
                .try_for_each(|arm| self.trigger(what, &arm.trigger)),
            StepKind::Branch { arms, .. } => arms
                .iter()
                .try_for_each(|(at, _)| self.condition(what, *at)),
            StepKind::Set { attribute, to, .. } => {
                self.attribute(what, *attribute)?;
                self.expression(what, to)
            }
            StepKind::Split { measured, .. } => {
                let Some(measured) = measured else {
                    return Ok(());
                };
                self.event(what, measured.event)?;
                measured
                    .filter
                    .map_or(Ok(()), |at| self.condition(what, at))
            }
            StepKind::Repeat { until, .. } => until
                .as_ref()
                .map_or(Ok(()), |trigger| self.trigger(what, trigger)),
            StepKind::Remember { of, .. } => self.source(what, of),
            StepKind::Ask {
                reply, attribute, ..
            } => {
                self.event(what, *reply)?;
                self.attribute(what, *attribute)
            }
            StepKind::EveryNth { n: 0, .. } => Err(meaningless(what, "is for no time at all")),
            StepKind::EveryNth { .. }
            | StepKind::Draw { .. }
            | StepKind::Tag { .. }
            | StepKind::Exit { .. } => Ok(()),
        }
    }

    pub(super) fn expression(&self, what: &str, expression: &Expression) -> Checked {
        match expression {
            Expression::Value(_) => Ok(()),
            Expression::Source(source) => self.source(what, source),
            Expression::Offer(at) => self.offer(what, *at),
        }
    }
}
