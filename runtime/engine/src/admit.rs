//! The one door for outside data: untyped JSON comes in, typed and checked items go out, and every value that does not
//! fit is listed with a sentence that says what would.

mod coerce;
mod items;
pub(crate) mod reply;

use journey_ir::schema::{Field, Type};
use journey_ir::{AttributeIx, EventIx, FieldIx, Instant, Value};
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
    let kind = program.event_by_name(raw.name).ok_or_else(unknown)?;
    let head = EventHead {
        id: raw.id,
        kind,
        occurred_at: raw.occurred_at,
        received_at: raw.received_at,
    };
    filled(program, head, |_, field, problems| {
        admit_field(program, field, found(raw.fields, &field.name), problems)
    })
}

/// Takes in an event from outside like [`event`], of values that were found already: `found` gives that of a field by the
/// field's position in the event type.
pub fn event_of_values<'r>(
    program: &Program,
    head: EventHead,
    found: impl FnMut(usize) -> Option<&'r serde_json::Value>,
) -> Result<Admitted<Event>, Refusal> {
    match program.ir().event(head.kind) {
        Some(kind) if kind.built_in => Err(Refusal::BuiltIn(kind.name.clone())),
        _ => own_event_of_values(program, head, found),
    }
}

/// Takes in an event of our own like [`own_event`], of values that were found already.
pub fn own_event_of_values<'r>(
    program: &Program,
    head: EventHead,
    mut found: impl FnMut(usize) -> Option<&'r serde_json::Value>,
) -> Result<Admitted<Event>, Refusal> {
    filled(program, head, |at, field, problems| {
        let raw = found(at).filter(|raw| !coerce::is_nothing(raw));
        admit_field(program, field, raw, problems)
    })
}

/// What is known of an event before its fields.
#[derive(Debug, Clone, Copy)]
pub struct EventHead {
    /// Its identity.
    pub id: EventId,
    /// Its type.
    pub kind: EventIx,
    /// When it happened.
    pub occurred_at: Instant,
    /// When it arrived.
    pub received_at: Instant,
}

/// A cell of a table.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// What stands in it; blank for no value.
    pub text: &'a str,
    /// The code of the currency, where it stands in a cell of its own.
    pub currency: Option<&'a str>,
}

impl<'a> From<Cell<'a>> for coerce::Raw<'a> {
    fn from(cell: Cell<'a>) -> Self {
        match cell.currency {
            Some(currency) => Self::Amount(cell.text, currency),
            None => Self::Text(cell.text),
        }
    }
}

/// Takes in an event from the cells of a table's row; `cell` gives that of a field by the field's position in the
/// event type.
pub fn event_of_cells<'a>(
    program: &Program,
    head: EventHead,
    mut cell: impl FnMut(usize) -> Option<Cell<'a>>,
) -> Result<Admitted<Event>, Refusal> {
    filled(program, head, |at, field, _| {
        let Some(cell) = cell(at).filter(|cell| !cell.text.trim().is_empty()) else {
            return Ok(None);
        };
        let wrong = |wanted: &str| FieldProblem {
            field: field.name.clone(),
            problem: format!("should be {wanted}, and is {}", coerce::shown(cell)),
        };
        match &field.kind {
            Type::Items(_) => Err(wrong("a list of objects")),
            kind => coerce::value(program, kind, cell)
                .map(Some)
                .map_err(|wanted| wrong(&wanted)),
        }
    })
}

/// Fills the fields of an event, one after the other.
fn filled(
    program: &Program,
    head: EventHead,
    mut take: impl FnMut(usize, &Field, &mut Vec<FieldProblem>) -> Result<Option<Value>, FieldProblem>,
) -> Result<Admitted<Event>, Refusal> {
    let kind = program
        .ir()
        .event(head.kind)
        .ok_or_else(|| Refusal::UnknownEvent(String::new()))?;
    let mut problems = Vec::new();
    let mut fields = Vec::with_capacity(kind.fields.len());
    for (at, field) in kind.fields.iter().enumerate() {
        let value = match take(at, field, &mut problems) {
            Ok(value) => value,
            Err(problem) if field.optional => {
                problems.push(problem);
                None
            }
            Err(problem) => return Err(Refusal::WrongField(problem)),
        };
        if !field.optional && value.is_none() {
            return Err(Refusal::MissingField {
                event: kind.name.clone(),
                field: field.name.clone(),
            });
        }
        fields.push(value);
    }
    problems.truncate(MOST_PROBLEMS);
    let value = Event {
        id: head.id,
        kind: head.kind,
        occurred_at: head.occurred_at,
        received_at: head.received_at,
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
    raw: Option<&serde_json::Value>,
    problems: &mut Vec<FieldProblem>,
) -> Result<Option<Value>, FieldProblem> {
    match (raw, &field.kind) {
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
    let mut admitted = Admitted {
        value: Vec::new(),
        problems: Vec::new(),
    };
    for (name, raw) in map {
        match program.attribute_by_name(name) {
            Some(at) => {
                let raw = (!coerce::is_nothing(raw)).then(|| raw.into());
                attribute(program, at, raw, &mut admitted);
            }
            None => admitted.problems.push(FieldProblem {
                field: name.clone(),
                problem: "is not an attribute of this project".into(),
            }),
        }
    }
    admitted.problems.truncate(MOST_PROBLEMS);
    admitted
}

/// Takes in attributes from the cells of a table's row. A blank cell says nothing of its attribute.
#[must_use]
pub fn attributes_of_cells<'a>(
    program: &Program,
    cells: impl Iterator<Item = (AttributeIx, &'a str)>,
) -> Admitted<Vec<(AttributeIx, Option<Value>)>> {
    let mut admitted = Admitted {
        value: Vec::new(),
        problems: Vec::new(),
    };
    for (at, cell) in cells.filter(|(_, cell)| !cell.trim().is_empty()) {
        attribute(program, at, Some(coerce::Raw::Text(cell)), &mut admitted);
    }
    admitted.problems.truncate(MOST_PROBLEMS);
    admitted
}

/// One attribute; without a value it loses the one it has.
fn attribute(
    program: &Program,
    at: AttributeIx,
    raw: Option<coerce::Raw<'_>>,
    admitted: &mut Admitted<Vec<(AttributeIx, Option<Value>)>>,
) {
    let Some(attribute) = program.ir().attribute(at) else {
        return;
    };
    let value = match (&attribute.kind, raw) {
        (Type::YearsSince(_), _) => Err("is computed and cannot be set".to_owned()),
        (_, None) => Ok(None),
        (kind, Some(raw)) => coerce::value(program, kind, raw)
            .map(Some)
            .map_err(|wanted| format!("should be {wanted}, and is {}", coerce::shown(raw))),
    };
    match value {
        Ok(value) => admitted.value.push((at, value)),
        Err(problem) => admitted.problems.push(FieldProblem {
            field: attribute.name.clone(),
            problem,
        }),
    }
}
