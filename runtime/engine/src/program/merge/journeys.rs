//! The journeys of a retained program, with everything they refer to at its place in the current tables.

use journey_ir::journey::{Arm, Expression, Measured, Until};
use journey_ir::time::Schedule;
use journey_ir::{self as ir, ConditionIx, Entry, Goal, Journey, StepIx, StepKind, Trigger};

use super::Merge;
use crate::program::check;

impl Merge<'_> {
    pub(super) fn trigger(&mut self, trigger: &Trigger) -> Trigger {
        match trigger {
            Trigger::Event { event, filter } => Trigger::Event {
                filter: filter.map(|at| self.condition(at, Some(*event))),
                event: self.event(*event),
            },
            Trigger::Joins(segment) => Trigger::Joins(self.segment(*segment)),
            Trigger::Leaves(segment) => Trigger::Leaves(self.segment(*segment)),
            Trigger::Becomes { lifecycle, stage } => {
                let (lifecycle, stage) = self.stage(*lifecycle, *stage);
                Trigger::Becomes { lifecycle, stage }
            }
            Trigger::Changes {
                attribute,
                from,
                to,
            } => Trigger::Changes {
                attribute: self.attribute(*attribute),
                from: from.clone(),
                to: to.clone(),
            },
        }
    }

    pub(super) fn expression(&mut self, expression: Expression) -> Expression {
        match expression {
            Expression::Value(value) => Expression::Value(value),
            Expression::Source(source) => Expression::Source(self.source(&source, None)),
            Expression::Offer(at) => Expression::Offer(self.offer(at)),
        }
    }

    pub(super) fn arguments(
        &mut self,
        args: Vec<ir::journey::Argument>,
    ) -> Vec<ir::journey::Argument> {
        let argument = |arg: ir::journey::Argument| ir::journey::Argument {
            value: self.expression(arg.value),
            ..arg
        };
        args.into_iter().map(argument).collect()
    }

    pub(super) fn journey(&mut self, old: &Journey) -> Journey {
        let started_by = check::entry_event(old);
        let journey = old.clone();
        Journey {
            name: self.into.now_called(&old.name).to_owned(),
            formerly: Vec::new(),
            entry: match journey.entry {
                Entry::When { trigger, condition } => Entry::When {
                    trigger: self.trigger(&trigger),
                    condition: condition.map(|at| self.condition(at, started_by)),
                },
                Entry::Schedule { schedule, people } => Entry::Schedule {
                    schedule: match schedule {
                        Schedule::Attribute {
                            attribute,
                            offset,
                            yearly,
                            at,
                        } => Schedule::Attribute {
                            attribute: self.attribute(attribute),
                            offset,
                            yearly,
                            at,
                        },
                        same => same,
                    },
                    people: self.condition(people, None),
                },
            },
            run_key: journey
                .run_key
                .zip(started_by)
                .map(|(at, event)| self.field(event, at)),
            goal: journey.goal.map(|goal| Goal {
                filter: goal.filter.map(|at| self.condition(at, Some(goal.event))),
                event: self.event(goal.event),
                ..goal
            }),
            exits: journey
                .exits
                .into_iter()
                .map(|exit| ir::ExitRule {
                    trigger: self.trigger(&exit.trigger),
                    ..exit
                })
                .collect(),
            registers: journey
                .registers
                .into_iter()
                .map(|register| match register {
                    ir::Register::Field { event, field } => ir::Register::Field {
                        field: self.field(event, field),
                        event: self.event(event),
                    },
                    kept @ ir::Register::Kept(_) => kept,
                })
                .collect(),
            steps: journey
                .steps
                .into_iter()
                .map(|step| ir::Step {
                    kind: self.step(step.kind),
                    ..step
                })
                .collect(),
            ..journey
        }
    }

    pub(super) fn step(&mut self, kind: StepKind) -> StepKind {
        match kind {
            StepKind::Send {
                candidates,
                args,
                between,
                within,
                next,
            } => StepKind::Send {
                candidates: candidates.into_iter().map(|at| self.message(at)).collect(),
                args: self.arguments(args),
                between,
                within,
                next,
            },
            StepKind::Wait {
                span,
                settle,
                until,
                next,
            } => StepKind::Wait {
                span,
                settle,
                until: until.map(|until| match until {
                    Until::Moment { of, offset } => Until::Moment {
                        of: self.source(&of, None),
                        offset,
                    },
                    Until::Inside(hours) => Until::Inside(self.hours(hours)),
                    same @ (Until::Clock(_) | Until::Weekday { .. } | Until::Date { .. }) => same,
                }),
                next,
            },
            StepKind::Race {
                limit,
                settle,
                arms,
                timeout,
            } => StepKind::Race {
                limit,
                settle,
                arms: arms
                    .into_iter()
                    .map(|arm| Arm {
                        trigger: self.trigger(&arm.trigger),
                        next: arm.next,
                    })
                    .collect(),
                timeout,
            },
            StepKind::Branch { arms, otherwise } => StepKind::Branch {
                arms: self.branches(arms),
                otherwise,
            },
            StepKind::Do {
                connector,
                action,
                args,
                next,
            } => StepKind::Do {
                connector,
                action,
                args: self.arguments(args),
                next,
            },
            StepKind::Assign {
                to,
                title,
                args,
                due,
                next,
            } => StepKind::Assign {
                to,
                title,
                args: self.arguments(args),
                due,
                next,
            },
            StepKind::Set {
                attribute,
                to,
                next,
            } => StepKind::Set {
                attribute: self.attribute(attribute),
                to: self.expression(to),
                next,
            },
            StepKind::Split {
                name,
                arms,
                measured,
            } => StepKind::Split {
                name,
                arms,
                measured: measured.map(|it| Measured {
                    filter: it.filter.map(|at| self.condition(at, Some(it.event))),
                    event: self.event(it.event),
                    within: it.within,
                }),
            },
            StepKind::Repeat {
                times,
                every,
                settle,
                until,
                body,
                next,
            } => StepKind::Repeat {
                until: until.map(|trigger| self.trigger(&trigger)),
                times,
                every,
                settle,
                body,
                next,
            },
            StepKind::Remember { register, of, next } => StepKind::Remember {
                of: self.source(&of, None),
                register,
                next,
            },
            StepKind::Ask {
                reply,
                attribute,
                limit,
                settle,
                answer,
                unclear,
                timeout,
            } => StepKind::Ask {
                reply: self.event(reply),
                attribute: self.attribute(attribute),
                limit,
                settle,
                answer,
                unclear,
                timeout,
            },
            same @ (StepKind::EveryNth { .. }
            | StepKind::Draw { .. }
            | StepKind::Tag { .. }
            | StepKind::Exit { .. }) => same,
        }
    }

    pub(super) fn branches(
        &mut self,
        arms: Vec<(ConditionIx, Option<StepIx>)>,
    ) -> Vec<(ConditionIx, Option<StepIx>)> {
        arms.into_iter()
            .map(|(at, next)| (self.condition(at, None), next))
            .collect()
    }
}
