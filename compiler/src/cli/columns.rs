//! What the columns of a log mean: a mapping of `journey.toml`, and flags over it. `journeyd import` takes the same ones.

use clap::Args;
use journey_engine::Program;
use journey_ir::project::Import as Mapping;

/// What columns mean, over the mapping in `journey.toml`.
#[derive(Debug, Clone, Default, Args)]
pub struct ColumnFlags {
    /// The mapping `[import.NAME]` of journey.toml
    #[arg(long = "as", visible_alias = "map", value_name = "NAME")]
    mapping: Option<String>,
    /// The column of the time
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// The column of the contact's id
    #[arg(long, value_name = "COLUMN")]
    contact: Option<String>,
    /// The column of the event's type
    #[arg(long, value_name = "COLUMN")]
    event: Option<String>,
    /// The one event type of all rows
    #[arg(long, value_name = "EVENT", conflicts_with = "event")]
    event_name: Option<String>,
    /// The column that identifies a row
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// A column that is a field under another name
    #[arg(long = "field", value_name = "COLUMN=FIELD", value_parser = pair)]
    fields: Vec<(String, String)>,
    /// A column that sets an attribute
    #[arg(long = "attribute", value_name = "COLUMN=ATTRIBUTE", value_parser = pair)]
    attributes: Vec<(String, String)>,
    /// An event type of the file under the project's name
    #[arg(long = "rename", value_name = "THEIRS=OURS", value_parser = pair)]
    rename: Vec<(String, String)>,
    /// Pass over event types that the project does not declare
    #[arg(long)]
    only: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (left, right) = text.split_once('=').ok_or("write it as `left=right`")?;
    Ok((left.to_owned(), right.to_owned()))
}

/// A mapping was named that the project does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoMapping {
    /// The name.
    pub name: String,
    /// The names that there are, or `none`.
    pub known: String,
}

impl ColumnFlags {
    /// The mapping that was named, or the default one, with the flags over it.
    pub fn mapping(&self, program: &Program) -> Result<Mapping, NoMapping> {
        let known = &program.ir().project.imports;
        let mut mapping = match &self.mapping {
            None => default_mapping(),
            Some(name) => {
                let found = known.iter().find(|known| known.name == *name);
                found.cloned().ok_or_else(|| no_mapping(name, known))?
            }
        };
        if let Some(time) = &self.time {
            mapping.time.clone_from(time);
        }
        if let Some(contact) = &self.contact {
            mapping.contact.clone_from(contact);
        }
        if self.event.is_some() || self.event_name.is_some() {
            mapping.event.clone_from(&self.event);
            mapping.event_name.clone_from(&self.event_name);
        }
        if self.id.is_some() {
            mapping.id.clone_from(&self.id);
        }
        mapping.fields.extend_from_slice(&self.fields);
        mapping.attributes.extend_from_slice(&self.attributes);
        mapping.rename.extend_from_slice(&self.rename);
        mapping.only |= self.only;
        Ok(mapping)
    }
}

fn no_mapping(name: &str, known: &[Mapping]) -> NoMapping {
    let names: Vec<&str> = known.iter().map(|it| it.name.as_str()).collect();
    NoMapping {
        name: name.to_owned(),
        known: if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        },
    }
}

/// Columns by the names of our own export: `timestamp`, `contact_id`, `event`.
#[must_use]
pub fn default_mapping() -> Mapping {
    Mapping {
        name: String::new(),
        time: "timestamp".to_owned(),
        contact: "contact_id".to_owned(),
        event: Some("event".to_owned()),
        event_name: None,
        rename: Vec::new(),
        only: false,
        fields: Vec::new(),
        attributes: Vec::new(),
        id: None,
    }
}
