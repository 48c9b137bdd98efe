//! Which attribute holds a person's address on each channel.

use journey_ir::{Attribute, Channel, Type};

use super::Manifest;
use crate::known::Known;
use crate::near::nearest;
use crate::problem::Problems;
use crate::settings::{Error, Named};

impl Manifest {
    /// The attribute of each channel: what `[channels.X] address` says, else the first attribute of the fitting type.
    pub(crate) fn addresses(
        &self,
        known: Known<'_>,
        problems: &mut Problems,
    ) -> Vec<(Channel, String)> {
        Channel::ALL
            .into_iter()
            .filter_map(|channel| {
                let name = self.address(channel, known, problems)?;
                Some((channel, name))
            })
            .collect()
    }

    fn address(
        &self,
        channel: Channel,
        known: Known<'_>,
        problems: &mut Problems,
    ) -> Option<String> {
        let schema = known.schema;
        let written = self.addresses.iter().find(|(of, _)| *of == channel);
        let Some((_, written)) = written else {
            let usual = usual(channel)?;
            let fits = |attribute: &&Attribute| attribute.kind == usual;
            return schema
                .attributes
                .iter()
                .find(fits)
                .map(|attribute| attribute.name.clone());
        };
        let names = schema.attributes.iter().map(|it| it.name.as_str());
        if names.clone().any(|name| name == written.value) {
            return Some(written.value.clone());
        }
        if !known.all_attributes {
            return None;
        }
        problems.push(Error::UnknownName {
            at: written.at,
            what: Named::Attribute,
            name: written.value.clone(),
            near: nearest(&written.value, names).map(str::to_owned),
        });
        None
    }
}

/// The type of the attribute that is usually a channel's address. The other channels reach people by their id.
const fn usual(channel: Channel) -> Option<Type> {
    match channel {
        Channel::Email => Some(Type::EmailAddress),
        Channel::Sms | Channel::Kakao => Some(Type::PhoneNumber),
        Channel::Push | Channel::Webhook | Channel::Inapp => None,
    }
}
