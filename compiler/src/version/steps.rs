//! Steps by what they do. What follows a step is its position in the journey, which is part of the journey.

use journey_ir as ir;
use journey_ir::journey::{Expression, Until};
use serde_json::{Value, json};

use super::Form;

impl Form<'_> {
    /// A step by what it does.
    pub(super) fn step(&mut self, step: &ir::StepKind) -> Value {
        match step {
            ir::StepKind::Send {
                candidates,
                args,
                between,
                within,
                next,
            } => {
                let messages: Vec<Value> = candidates.iter().map(|it| self.message(*it)).collect();
                json!({
                    "send": messages,
                    "args": self.arguments(args),
                    "between": between,
                    "within": within,
                    "next": next,
                })
            }
            ir::StepKind::Wait {
                span,
                settle,
                until,
                next,
            } => {
                let until = until.as_ref().map(|it| self.until(it));
                json!({"wait": span, "settle": settle, "until": until, "next": next})
            }
            ir::StepKind::Race {
                limit,
                settle,
                arms,
                timeout,
            } => {
                let arms: Vec<Value> = arms
                    .iter()
                    .map(|arm| json!([self.trigger(&arm.trigger), arm.next]))
                    .collect();
                json!({"race": limit, "settle": settle, "arms": arms, "timeout": timeout})
            }
            ir::StepKind::Branch { arms, otherwise } => {
                let arms: Vec<Value> = arms
                    .iter()
                    .map(|(condition, next)| json!([self.condition(*condition, None), next]))
                    .collect();
                json!({"branch": arms, "otherwise": otherwise})
            }
            ir::StepKind::Split {
                name,
                arms,
                measured,
            } => {
                let measured = measured.as_ref().map(|it| {
                    let filter = it
                        .filter
                        .map(|filter| self.condition(filter, Some(it.event)));
                    json!([self.event(it.event), filter, it.within])
                });
                json!({"split": name, "arms": arms, "measured": measured})
            }
            ir::StepKind::Repeat {
                times,
                every,
                settle,
                until,
                body,
                next,
            } => {
                let until = until.as_ref().map(|it| self.trigger(it));
                json!({
                    "repeat": times,
                    "every": every,
                    "settle": settle,
                    "until": until,
                    "body": body,
                    "next": next,
                })
            }
            ir::StepKind::Remember { register, of, next } => {
                json!({"remember": register, "of": self.source(of, None), "next": next})
            }
            ir::StepKind::Ask {
                reply,
                attribute,
                limit,
                settle,
                answer,
                unclear,
                timeout,
            } => json!({
                "ask": self.attribute(*attribute),
                "reply": self.event(*reply),
                "limit": limit,
                "settle": settle,
                "answer": answer,
                "unclear": unclear,
                "timeout": timeout,
            }),
            ir::StepKind::EveryNth { n, then, otherwise } => {
                json!({"every": n, "then": then, "otherwise": otherwise})
            }
            ir::StepKind::Draw { name, arms } => json!({"draw": name, "arms": arms}),
            ir::StepKind::Do {
                connector,
                action,
                args,
                next,
            } => {
                json!({"do": [connector, action], "args": self.arguments(args), "next": next})
            }
            ir::StepKind::Assign {
                to,
                title,
                args,
                due,
                next,
            } => {
                json!({"assign": [to, title], "args": self.arguments(args), "due": due, "next": next})
            }
            ir::StepKind::Set {
                attribute,
                to,
                next,
            } => {
                json!({"set": self.attribute(*attribute), "to": self.expression(to), "next": next})
            }
            ir::StepKind::Tag { tag, add, next } => json!({"tag": tag, "add": add, "next": next}),
            ir::StepKind::Exit { reason } => json!({"exit": reason}),
        }
    }

    /// A message by what a send of it depends on; its words may change.
    fn message(&self, message: ir::MessageIx) -> Value {
        let message = self.program.message(message);
        json!(message.map(|it| {
            json!({
                "channel": it.channel,
                "template": it.template,
                "purpose": it.purpose,
                "consent": it.consent.map(|consent| self.consent(consent)),
                "needs": it.needs,
            })
        }))
    }

    fn arguments(&mut self, arguments: &[ir::journey::Argument]) -> Vec<Value> {
        arguments
            .iter()
            .map(|it| json!([it.name, self.expression(&it.value)]))
            .collect()
    }

    fn expression(&mut self, expression: &Expression) -> Value {
        match expression {
            Expression::Value(value) => json!({"value": value}),
            Expression::Source(source) => self.source(source, None),
            Expression::Offer(offer) => json!({"offer": self.offer(*offer)}),
        }
    }

    fn until(&mut self, until: &Until) -> Value {
        match until {
            Until::Moment { of, offset } => {
                json!({"moment": self.source(of, None), "offset": offset})
            }
            Until::Inside(hours) => json!({"inside": self.hours(*hours)}),
            Until::Clock(_) | Until::Weekday { .. } | Until::Date { .. } => json!(until),
        }
    }
}
