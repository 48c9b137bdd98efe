//! What a project has before a ready journey comes: its names, and the parts of its declarations that can be added to.

use std::collections::{BTreeMap, BTreeSet};

use journey_grammar::tree::{
    Consent, ConsentLine, ContactLine, Declaration, Event, EventLine, Field, Name, Span,
};

use crate::project::LoadedProject;

/// A file of a project.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnFile<'p> {
    pub(super) path: &'p str,
    pub(super) text: &'p str,
}

/// A declaration that can be added to.
#[derive(Debug)]
pub(super) struct Part<'p, T> {
    pub(super) file: OwnFile<'p>,
    pub(super) is: T,
}

/// Fields in braces.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) all: BTreeMap<String, OwnField>,
    /// From the keyword to the closing brace.
    pub(super) span: Span,
}

/// One of them.
#[derive(Debug)]
pub(super) enum OwnField {
    Field(Field),
    /// An object or a list of objects.
    Object,
}

/// What a project has.
#[derive(Debug, Default)]
pub(super) struct Own<'p> {
    pub(super) paths: BTreeSet<&'p str>,
    pub(super) names: BTreeSet<String>,
    pub(super) contact: Option<Part<'p, Fields>>,
    pub(super) events: BTreeMap<String, Part<'p, Fields>>,
    /// The channels of each consent.
    pub(super) consents: BTreeMap<String, Part<'p, Vec<Name>>>,
    pub(super) journeys: BTreeSet<String>,
}

impl<'p> Own<'p> {
    pub(super) fn of(project: &'p LoadedProject) -> Self {
        let sources = project.sources();
        let mut own = Self {
            paths: sources.iter().map(|(_, source)| source.path()).collect(),
            ..Self::default()
        };
        for &id in project.journeys() {
            let file = OwnFile {
                path: sources.path(id),
                text: sources.text(id),
            };
            for declaration in journey_grammar::parse(file.text).file.declarations {
                own.names.extend(name_of(&declaration));
                own.add(file, declaration);
            }
        }
        own
    }

    fn add(&mut self, file: OwnFile<'p>, declaration: Declaration) {
        match declaration {
            Declaration::Contact(contact) => {
                let fields = contact.lines.into_iter().filter_map(|line| match line {
                    ContactLine::Field(field) => {
                        Some((field.name.text.clone(), OwnField::Field(field)))
                    }
                    ContactLine::Unknown(_) => None,
                });
                let is = Fields {
                    all: fields.collect(),
                    span: contact.span,
                };
                self.contact = Some(Part { file, is });
            }
            Declaration::Event(event) => {
                let name = event.name.to_string();
                let is = fields_of(event);
                self.events.insert(name, Part { file, is });
            }
            Declaration::Consent(consent) => {
                let name = consent.name.text.clone();
                let is = channels(&consent).to_vec();
                self.consents.insert(name, Part { file, is });
            }
            Declaration::Journey(journey) => {
                self.journeys.insert(journey.name.text.clone());
            }
            _ => {}
        }
    }
}

fn fields_of(event: Event) -> Fields {
    let fields = event.lines.into_iter().filter_map(|line| match line {
        EventLine::Field(field) => Some((field.name.text.clone(), OwnField::Field(field))),
        EventLine::Object(object) => Some((object.name.text, OwnField::Object)),
        EventLine::Arrives(_) | EventLine::Unknown(_) => None,
    });
    Fields {
        all: fields.collect(),
        span: event.span,
    }
}

/// The channels that a consent is asked for.
pub(super) fn channels(consent: &Consent) -> &[Name] {
    let found = consent.lines.iter().find_map(|line| match line {
        ConsentLine::For(channels) => Some(channels.as_slice()),
        _ => None,
    });
    found.unwrap_or_default()
}

/// The name that a declaration has for itself; tests have their titles.
pub(super) fn name_of(declaration: &Declaration) -> Option<String> {
    match declaration {
        Declaration::Event(event) => Some(event.name.to_string()),
        Declaration::Test(test) => test
            .title
            .as_ref()
            .map(|title| format!("\"{}\"", title.text)),
        other => other.name().map(|name| name.text.clone()),
    }
}

/// The text of a project's file; empty where it has none.
pub(super) fn own_text(project: &LoadedProject, path: &str) -> String {
    let mut sources = project.sources().iter();
    let found = sources.find(|(_, source)| source.path() == path);
    found.map_or_else(String::new, |(_, source)| source.text().to_owned())
}
