//! Names of the schema that settings mention: the attributes an action may receive, the events and attributes that the
//! columns of a file become.

use super::Manifest;
use crate::known::Known;
use crate::near::nearest;
use crate::problem::Problems;
use crate::settings::{Error, Named};

impl Manifest {
    /// Reports every name that the schema does not have.
    pub(crate) fn check_references(&self, known: Known<'_>, problems: &mut Problems) {
        let schema = known.schema;
        let attributes: Vec<&str> = schema
            .attributes
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        let consents: Vec<&str> = schema.consents.iter().map(|it| it.name.as_str()).collect();
        let events: Vec<&str> = schema.events.iter().map(|it| it.name.as_str()).collect();
        for (what, written) in &self.references {
            if *what == Named::Attribute && !known.all_attributes {
                continue;
            }
            let known = match what {
                Named::Event => &events,
                Named::Consent => &consents,
                Named::Attribute | Named::Sender | Named::Action | Named::Connector => &attributes,
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
