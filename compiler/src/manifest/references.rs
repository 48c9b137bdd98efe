//! Names of the schema that settings mention: the attributes an action may receive, the events and attributes that the
//! columns of a file become.

use journey_ir::Schema;

use super::Manifest;
use crate::near::nearest;
use crate::problem::Problems;
use crate::settings::{Error, Named};

impl Manifest {
    /// Reports every name that the schema does not have.
    pub(crate) fn check_references(&self, schema: &Schema, problems: &mut Problems) {
        let attributes: Vec<&str> = schema
            .attributes
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        let events: Vec<&str> = schema.events.iter().map(|it| it.name.as_str()).collect();
        for (what, written) in &self.references {
            let known = match what {
                Named::Event => &events,
                Named::Attribute | Named::Sender | Named::Action | Named::Consent => &attributes,
            };
            let name = written.value.as_str();
            if !known.contains(&name) {
                problems.push(Error::UnknownName {
                    at: written.at,
                    what: *what,
                    near: nearest(name, known.iter().copied()).map(str::to_owned),
                    name: name.to_owned(),
                });
            }
        }
    }
}
