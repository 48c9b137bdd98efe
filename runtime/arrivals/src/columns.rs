//! Which column of a table is what: the mapping of `[import.NAME]` in `journey.toml`, or of flags, held against the
//! header of a file.

use journey_engine::Program;
use journey_ir::project::Import;
use journey_ir::{AttributeIx, Event, EventIx, Field, Type};

/// Where each thing a row says is found. Columns are counted from 0.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The time.
    pub time: usize,
    /// The contact's id.
    pub contact: usize,
    /// The row's own id.
    pub id: Option<usize>,
    /// The event's type, or the one type of all rows.
    pub event: EventColumn,
    /// The event types that the file may contain, and the column of each of their fields, in the order of the fields.
    pub events: Vec<EventColumns>,
    /// Columns that set attributes: (column, attribute).
    pub attributes: Vec<(usize, AttributeIx)>,
    /// Whether rows of undeclared types are passed over in silence.
    pub only: bool,
    rename: Vec<(String, String)>,
}

/// Where the type of an event is found.
#[derive(Debug, Clone)]
pub enum EventColumn {
    /// In a column.
    At(usize),
    /// It is the same for all rows.
    Always(String),
}

/// An event type, and the column of each of its fields, where there is one.
#[derive(Debug, Clone)]
pub struct EventColumns {
    /// The type's name.
    pub name: String,
    /// The type.
    pub kind: EventIx,
    /// By the position of the field.
    pub fields: Vec<Option<FieldColumn>>,
}

/// The column of a field.
#[derive(Debug, Clone)]
pub struct FieldColumn {
    /// The column.
    pub column: usize,
    /// The column that says the currency, where the field is money and the file has one.
    pub currency: Option<usize>,
}

/// Why a mapping does not fit a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A column is not in the header.
    #[error(
        "the file has no column `{wanted}` for {purpose}; its columns are: {header}. Name the right one in \
         `[import.…]` of journey.toml, or with `--{flag}`"
    )]
    NoColumn {
        /// The column looked for.
        wanted: String,
        /// What it is for.
        purpose: &'static str,
        /// The flag that names it.
        flag: &'static str,
        /// The columns there are.
        header: String,
    },
    /// The mapping names an event type that the project does not declare.
    #[error("the mapping turns rows into `{0}`, and the project declares no such event")]
    NoEvent(String),
    /// The mapping names an attribute that the project does not declare.
    #[error("the mapping sets `{0}`, and the contact has no such attribute")]
    NoAttribute(String),
}

impl Columns {
    /// Holds a mapping against the header of a file.
    pub fn find(header: &[&str], import: &Import, program: &Program) -> Result<Self, Misfit> {
        let find = |wanted: &str, purpose, flag| {
            position(header, wanted).ok_or_else(|| Misfit::NoColumn {
                wanted: wanted.to_owned(),
                purpose,
                flag,
                header: header.join(", "),
            })
        };
        let event = match (&import.event, &import.event_name) {
            (_, Some(name)) => EventColumn::Always(name.clone()),
            (Some(column), None) => EventColumn::At(find(column, "the event", "event")?),
            (None, None) => EventColumn::At(find("event", "the event", "event")?),
        };
        let names = import
            .rename
            .iter()
            .map(|(_, ours)| ours)
            .chain(&import.event_name);
        for name in names {
            program
                .event_by_name(name)
                .ok_or_else(|| Misfit::NoEvent(name.clone()))?;
        }
        let mut attributes = Vec::new();
        for (column, attribute) in &import.attributes {
            let at = program.attribute_by_name(attribute);
            let at = at.ok_or_else(|| Misfit::NoAttribute(attribute.clone()))?;
            attributes.push((find(column, "an attribute", "attribute")?, at));
        }
        let id = import.id.as_deref();
        Ok(Self {
            time: find(&import.time, "the time", "time")?,
            contact: find(&import.contact, "the contact", "contact")?,
            id: id
                .map(|column| find(column, "the row's id", "id"))
                .transpose()?,
            event,
            events: events(header, import, program),
            attributes,
            only: import.only,
            rename: import.rename.clone(),
        })
    }

    /// The project's name for an event type of the file.
    #[must_use]
    pub fn renamed<'a>(&'a self, theirs: &'a str) -> &'a str {
        let ours = self.rename.iter().find(|(from, _)| from == theirs);
        ours.map_or(theirs, |(_, to)| to)
    }

    /// An event type and the columns of its fields; `None` where the project does not declare it.
    #[must_use]
    pub fn fields_of(&self, event: &str) -> Option<(EventIx, &[Option<FieldColumn>])> {
        let found = self.events.iter().find(|it| it.name == event)?;
        Some((found.kind, &found.fields))
    }
}

fn position(header: &[&str], name: &str) -> Option<usize> {
    header.iter().position(|column| column.trim() == name)
}

fn events(header: &[&str], import: &Import, program: &Program) -> Vec<EventColumns> {
    let all = (0_u32..).map(EventIx).zip(&program.ir().schema.events);
    all.filter(|(_, event)| !event.built_in)
        .map(|(kind, event)| EventColumns {
            name: event.name.clone(),
            kind,
            fields: fields_of(event, header, import),
        })
        .collect()
}

fn fields_of(event: &Event, header: &[&str], import: &Import) -> Vec<Option<FieldColumn>> {
    let of = |field: &Field| {
        let named = import.fields.iter().find(|(_, to)| *to == field.name);
        let column = named.map_or(field.name.as_str(), |(from, _)| from);
        let money = matches!(field.kind, Type::Money(_));
        Some(FieldColumn {
            column: position(header, column)?,
            currency: position(header, "currency").filter(|_| money),
        })
    };
    event.fields.iter().map(of).collect()
}
