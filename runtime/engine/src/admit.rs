//! The one door for outside data: untyped JSON comes in, typed and checked items go out, and every value that does not
//! fit is listed with a sentence that says what would.

mod coerce;
mod items;
pub(crate) mod reply;

use journey_ir::schema::{Field, Type};
use journey_ir::{AttributeIx, FieldIx, Instant, Value};
use serde_json::Map;

use crate::event::{Event, EventId};
use crate::program::Program;

/// How many problems of one item are listed.
const MOST_PROBLEMS: usize = 50;

/// An event as it arrives.
#[derive(Debug, Clone, Copy)]
pub struct RawEvent<'a> {
    /// Its identity.
    pub id: EventId,
    /// The name of its type.
    pub name: &'a str,
    /// When it happened.
    pub occurred_at: Instant,
    /// When it arrived.
    pub received_at: Instant,
    /// Its fields.
    pub fields: &'a Map<String, serde_json::Value>,
}

/// What was taken in, and what of it did not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted<T> {
    /// What was taken in.
    pub value: T,
    /// What was left out.
    pub problems: Vec<FieldProblem>,
}

/// A value that did not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct FieldProblem {
    /// The field or attribute.
    pub field: String,
    /// What is wrong, to follow the field's name: "should be an amount in KRW, and is \"abc\"".
    pub problem: String,
}

/// Why an event was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The project has no such event type.
    #[error("the project declares no event named `{0}`")]
    UnknownEvent(String),
    /// Our own channels report this event; it is not taken from outside.
    #[error("`{0}` is reported by the channels themselves and is not accepted from outside")]
    BuiltIn(String),
    /// A required field is missing.
    #[error("`{event}` needs the field `{field}`")]
    MissingField {
        /// The event type.
        event: String,
        /// The field.
        field: String,
    },
    /// A required field does not fit.
    #[error("{0}")]
    WrongField(FieldProblem),
}

impl Refusal {
    /// A stable word for the kind of refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownEvent(_) => "unknown_event",
            Self::BuiltIn(_) => "built_in_event",
            Self::MissingField { .. } => "missing_field",
            Self::WrongField(_) => "wrong_field",
        }
    }
}

/// Takes in an event from outside. Unknown fields are passed over, as clients send many; an optional field that does
/// not fit is left out and listed; a required one that does not fit, or is missing, refuses the event.
pub fn event(program: &Program, raw: RawEvent<'_>) -> Result<Admitted<Event>, Refusal> {
    let kind = program
        .event_by_name(raw.name)
        .and_then(|at| program.ir().event(at));
    if kind.is_some_and(|kind| kind.built_in) {
        return Err(Refusal::BuiltIn(raw.name.to_owned()));
    }
    own_event(program, raw)
}

/// Takes in an event that our own channels report, such as `email.clicked`.
pub fn own_event(program: &Program, raw: RawEvent<'_>) -> Result<Admitted<Event>, Refusal> {
    let unknown = || Refusal::UnknownEvent(raw.name.to_owned());
    let at = program.event_by_name(raw.name).ok_or_else(unknown)?;
    let kind = program.ir().event(at).ok_or_else(unknown)?;
    let mut problems = Vec::new();
    let mut fields = Vec::with_capacity(kind.fields.len());
    for field in &kind.fields {
        fields.push(
            match admit_field(program, field, raw.fields, &mut problems) {
                Ok(value) => value,
                Err(problem) if field.optional => {
                    problems.push(problem);
                    None
                }
                Err(problem) => return Err(Refusal::WrongField(problem)),
            },
        );
        if !field.optional && fields.last().is_none_or(Option::is_none) {
            return Err(Refusal::MissingField {
                event: kind.name.clone(),
                field: field.name.clone(),
            });
        }
    }
    problems.truncate(MOST_PROBLEMS);
    let value = Event {
        id: raw.id,
        kind: at,
        occurred_at: raw.occurred_at,
        received_at: raw.received_at,
        fields,
    };
    Ok(Admitted { value, problems })
}

/// The value of the field that identifies an event of its type, as a text; `None` for types without one.
#[must_use]
pub fn key_of(program: &Program, event: &Event) -> Option<String> {
    let FieldIx(at) = program.ir().event(event.kind)?.key?;
    match event.fields.get(at as usize)?.as_ref()? {
        Value::Text(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

/// The value of a field; what is left out of it is added to the problems.
fn admit_field(
    program: &Program,
    field: &Field,
    raw: &Map<String, serde_json::Value>,
    problems: &mut Vec<FieldProblem>,
) -> Result<Option<Value>, FieldProblem> {
    match (found(raw, &field.name), &field.kind) {
        (None, _) => Ok(None),
        (Some(raw), Type::Items(items)) => {
            items::list(program, &field.name, items, raw, problems).map(Some)
        }
        (Some(raw), _) => value(program, &field.name, &field.kind, raw),
    }
}

/// One value of a type; `None` where it stands for no value: `null`, or a blank text. `name` is what the problem is
/// told of.
pub fn value(
    program: &Program,
    name: &str,
    kind: &Type,
    raw: &serde_json::Value,
) -> Result<Option<Value>, FieldProblem> {
    if coerce::is_nothing(raw) {
        return Ok(None);
    }
    let value = coerce::value(program, kind, raw);
    value.map(Some).map_err(|wanted| FieldProblem {
        field: name.to_owned(),
        problem: format!("should be {wanted}, and is {}", coerce::shown(raw)),
    })
}

/// The value under a name; `payment.method` stands in the object `payment`, or under its whole name.
fn found<'r>(raw: &'r Map<String, serde_json::Value>, name: &str) -> Option<&'r serde_json::Value> {
    let inside = || {
        let (object, name) = name.split_once('.')?;
        raw.get(object)?.as_object()?.get(name)
    };
    let value = raw.get(name).or_else(inside)?;
    (!coerce::is_nothing(value)).then_some(value)
}

/// Takes in attributes. `null` removes a value; unknown names and values that do not fit are listed, the rest is kept.
#[must_use]
pub fn attributes(
    program: &Program,
    map: &Map<String, serde_json::Value>,
) -> Admitted<Vec<(AttributeIx, Option<Value>)>> {
    let mut value = Vec::new();
    let mut problems = Vec::new();
    for (name, raw) in map {
        let problem = |problem: String| FieldProblem {
            field: name.clone(),
            problem,
        };
        let Some(at) = program.attribute_by_name(name) else {
            problems.push(problem("is not an attribute of this project".into()));
            continue;
        };
        let Some(attribute) = program.ir().attribute(at) else {
            continue;
        };
        if matches!(attribute.kind, Type::YearsSince(_)) {
            problems.push(problem("is computed and cannot be set".into()));
        } else if coerce::is_nothing(raw) {
            value.push((at, None));
        } else {
            match coerce::value(program, &attribute.kind, raw) {
                Ok(good) => value.push((at, Some(good))),
                Err(wanted) => {
                    problems.push(problem(format!(
                        "should be {wanted}, and is {}",
                        coerce::shown(raw)
                    )));
                }
            }
        }
    }
    problems.truncate(MOST_PROBLEMS);
    Admitted { value, problems }
}
