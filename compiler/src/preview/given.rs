//! What is known of a person and given to a message: untyped JSON comes in, values by the name of their hole and what
//! does not fit come out. Values are typed by the engine, as the daemon types what arrives.

use std::collections::BTreeMap;

use journey_engine::{FieldProblem, Program, admit};
use journey_ir::message::Need;
use journey_ir::{AttributeIx, Message, Type, Value};
use serde_json::{Map, Value as Json};

use super::{Given, unknown};
use crate::near::nearest;
use crate::problem::Text;

/// The parts of an offer that a template can name, and what they hold.
const PARTS: [(&str, Type); 3] = [
    ("title", Type::Text),
    ("code", Type::Text),
    ("expires", Type::Moment),
];

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The values that there are: `contact.name`, `cart`, `coupon.code`.
    pub(super) values: BTreeMap<String, Value>,
    /// What is wrong with what was given.
    pub(super) problems: Vec<Text>,
}

impl Known {
    /// Reads what was given for a message.
    pub(super) fn read(program: &Program, message: &Message, given: Given<'_>) -> Self {
        let mut known = Self::default();
        for attribute in &program.ir().schema.attributes {
            if let Some(value) = &attribute.default {
                known.set(format!("contact.{}", attribute.name), value.clone());
            }
        }
        known.person(program, given.person.unwrap_or(&Map::new()));
        for (name, raw) in given.arguments.into_iter().flatten() {
            known.argument(program, message, name, raw);
        }
        known
    }

    /// The value of an attribute of the person.
    pub(super) fn contact(&self, name: &str) -> Option<&Value> {
        self.values.get(&format!("contact.{name}"))
    }

    /// The same by its position.
    pub(super) fn attribute(&self, program: &Program, at: AttributeIx) -> Option<&Value> {
        self.contact(&program.ir().attribute(at)?.name)
    }

    fn set(&mut self, name: String, value: Value) {
        self.values.insert(name, value);
    }

    fn person(&mut self, program: &Program, person: &Map<String, Json>) {
        let ir = program.ir();
        let attributes = &ir.schema.attributes;
        let mut stored = Map::new();
        for (name, raw) in person {
            let attribute = attributes.iter().find(|it| it.name == *name);
            let computed = match attribute.map(|it| &it.kind) {
                Some(Type::YearsSince(_)) => Some(Type::WholeNumber),
                Some(_) => None,
                None if ir.scores.iter().any(|it| it.name == *name) => Some(Type::Number),
                None => {
                    let names = attributes.iter().map(|it| it.name.as_str());
                    self.problems.push(unknown(
                        nearest(name, names),
                        &format!("`{name}` is not an attribute of this project"),
                        &format!("`{name}`: 이 프로젝트에 없는 속성입니다"),
                    ));
                    continue;
                }
            };
            match computed {
                Some(kind) => self.typed(program, format!("contact.{name}"), name, &kind, raw),
                None => {
                    stored.insert(name.clone(), raw.clone());
                }
            }
        }
        let admitted = admit::attributes(program, &stored);
        for (at, value) in admitted.value {
            if let Some((attribute, value)) = ir.attribute(at).zip(value) {
                self.set(format!("contact.{}", attribute.name), value);
            }
        }
        self.problems.extend(admitted.problems.iter().map(wrong));
    }

    fn argument(&mut self, program: &Program, message: &Message, name: &str, raw: &Json) {
        let Some(need) = message.needs.iter().find(|it| it.name == name) else {
            let names = message.needs.iter().map(|it| it.name.as_str());
            self.problems.push(unknown(
                nearest(name, names),
                &format!("`{name}` is not an argument of this message"),
                &format!("`{name}`: 이 메시지에 없는 인자입니다"),
            ));
            return;
        };
        if need.kind == Type::Offer {
            self.offer(program, need, raw);
        } else {
            self.typed(program, need.name.clone(), name, &need.kind, raw);
        }
    }

    /// An offer is an object of its parts.
    fn offer(&mut self, program: &Program, need: &Need, raw: &Json) {
        let Some(given) = raw.as_object() else {
            self.problems.push(wrong(&FieldProblem {
                field: need.name.clone(),
                problem: "should be an object of `title`, `code` and `expires`".to_owned(),
            }));
            return;
        };
        for (part, raw) in given {
            let name = format!("{}.{part}", need.name);
            if let Some((_, kind)) = PARTS.iter().find(|(it, _)| it == part) {
                self.typed(program, name.clone(), &name, kind, raw);
            } else {
                self.problems.push(unknown(
                    nearest(part, PARTS.iter().map(|(it, _)| *it)),
                    &format!("`{name}` is not a part of an offer"),
                    &format!("`{name}`: 쿠폰에 없는 항목입니다"),
                ));
            }
        }
        // An offer as a whole is written as its code.
        if let Some(code) = self.values.get(&format!("{}.code", need.name)).cloned() {
            self.set(need.name.clone(), code);
        }
    }

    /// One value of a type; `shown` is what problems call it.
    fn typed(&mut self, program: &Program, name: String, shown: &str, kind: &Type, raw: &Json) {
        match admit::value(program, shown, kind, raw) {
            Ok(Some(value)) => self.set(name, value),
            Ok(None) => {}
            Err(problem) => self.problems.push(wrong(&problem)),
        }
    }
}

/// The engine tells in English what would have fitted.
fn wrong(problem: &FieldProblem) -> Text {
    Text::new(
        problem.to_string(),
        format!(
            "`{}` 값이 맞지 않습니다: {}",
            problem.field, problem.problem
        ),
    )
}
