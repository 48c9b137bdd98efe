//! Which column of a table is what: the mapping of `[import.NAME]` in `journey.toml`, or of flags, held against the
//! header of a file.

use journey_engine::Program;
use journey_ir::project::Import;
use journey_ir::{Event, Type};

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
    /// The fields of each event type that the file may contain: (type, its fields).
    pub fields: Vec<(String, Vec<FieldColumn>)>,
    /// Columns that set attributes: (column, attribute).
    pub attributes: Vec<(usize, String)>,
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

/// A field and its column.
#[derive(Debug, Clone)]
pub struct FieldColumn {
    /// The column.
    pub column: usize,
    /// The field's name.
    pub field: String,
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
            program
                .attribute_by_name(attribute)
                .ok_or_else(|| Misfit::NoAttribute(attribute.clone()))?;
            attributes.push((
                find(column, "an attribute", "attribute")?,
                attribute.clone(),
            ));
        }
        let id = import.id.as_deref();
        Ok(Self {
            time: find(&import.time, "the time", "time")?,
            contact: find(&import.contact, "the contact", "contact")?,
            id: id
                .map(|column| find(column, "the row's id", "id"))
                .transpose()?,
            event,
            fields: fields(header, import, program),
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

    /// The columns of an event type's fields; `None` where the project does not declare it.
    #[must_use]
    pub fn fields_of(&self, event: &str) -> Option<&[FieldColumn]> {
        let found = self.fields.iter().find(|(name, _)| name == event);
        found.map(|(_, fields)| fields.as_slice())
    }
}

fn position(header: &[&str], name: &str) -> Option<usize> {
    header.iter().position(|column| column.trim() == name)
}

fn fields(header: &[&str], import: &Import, program: &Program) -> Vec<(String, Vec<FieldColumn>)> {
    let events = program
        .ir()
        .schema
        .events
        .iter()
        .filter(|event| !event.built_in);
    events
        .map(|event| (event.name.clone(), fields_of(event, header, import)))
        .collect()
}

fn fields_of(event: &Event, header: &[&str], import: &Import) -> Vec<FieldColumn> {
    let mut found = Vec::new();
    for field in &event.fields {
        let named = import.fields.iter().find(|(_, to)| *to == field.name);
        let column = named.map_or(field.name.as_str(), |(from, _)| from);
        if let Some(column) = position(header, column) {
            let money = matches!(field.kind, Type::Money(_));
            found.push(FieldColumn {
                column,
                field: field.name.clone(),
                currency: if money {
                    position(header, "currency")
                } else {
                    None
                },
            });
        }
    }
    found
}
