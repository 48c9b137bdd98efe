//! `[import.NAME]`: how the columns of a file become events.

use journey_ir::project::Import;

use super::Manifest;
use crate::problem::Problems;
use crate::settings::{Error, Named, Placed, Section};

impl Manifest {
    pub(super) fn read_imports(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        for (name, mut section) in root.sections("import", problems) {
            if section.has("event") == section.has("event_name") {
                problems.push(Error::Together {
                    at: section.at,
                    key: "event",
                    other: "event_name",
                });
            }
            let time = section.needed_text("time", problems);
            let contact = section.needed_text("contact", problems);
            let event_name = section.text("event_name", problems);
            let rename = section.pairs("rename", problems);
            let attributes = section.pairs("attributes", problems);
            let events = event_name.iter().chain(rename.iter().map(|(_, ours)| ours));
            self.references
                .extend(events.map(|it| (Named::Event, it.clone())));
            self.references.extend(
                attributes
                    .iter()
                    .map(|(_, it)| (Named::Attribute, it.clone())),
            );
            let import = Import {
                name: name.value,
                time: time.map(|it| it.value).unwrap_or_default(),
                contact: contact.map(|it| it.value).unwrap_or_default(),
                event: section.text("event", problems).map(|it| it.value),
                event_name: event_name.map(|it| it.value),
                rename: words(rename),
                only: section.flag("only", problems).unwrap_or_default(),
                fields: words(section.pairs("fields", problems)),
                attributes: words(attributes),
                id: section.text("id", problems).map(|it| it.value),
            };
            self.project.imports.push(import);
            section.finish(problems);
        }
    }
}

fn words(pairs: Vec<(Placed<String>, Placed<String>)>) -> Vec<(String, String)> {
    pairs
        .into_iter()
        .map(|(from, to)| (from.value, to.value))
        .collect()
}
