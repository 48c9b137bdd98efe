//! `journey.toml`: the settings of a project.
//!
//! Comes in: the text of the file and of the holiday files. Goes out: a [`Manifest`], which is the program's own
//! [`ir::Project`] and what only the compiler needs. Every mistake is reported at its exact place, and what could be
//! read is kept, so that one mistake does not cause others elsewhere.

mod addresses;
mod channels;
mod connectors;
mod hours;
mod imports;
mod networks;
mod project;
mod references;
mod secrets;

use std::collections::BTreeSet;

use journey_ir as ir;
use journey_ir::{Currency, HoursIx, Type};

use crate::carriers::Product;
use crate::near::nearest;
use crate::problem::{Language, Problems};
use crate::project::LoadedProject;
use crate::settings::{Error, Named, Origin, Placed, Section, parse};

/// The name of the file.
pub(crate) const FILE_NAME: &str = "journey.toml";

/// The settings of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// What the program carries.
    pub(crate) project: ir::Project,
    /// The language that is asked for; `project.language` where none is.
    pub(crate) language: Option<Language>,
    /// What `$` and `¥` mean: (sign, currency).
    pub(crate) symbols: Vec<(String, Currency)>,
    /// The compliance packs that are switched on: `kr`.
    pub(crate) packs: Vec<String>,
    /// Whether the project has a name of its own, other than that of its folder.
    pub(crate) named: bool,
    /// The product by which a channel's provider carries messages.
    pub(crate) products: Vec<(ir::Channel, &'static Product)>,
    /// Names of the schema that settings mention; checked once there is a schema.
    pub(crate) references: Vec<(Named, Placed<String>)>,
    /// The consent that a network asks for by itself: (network, consent).
    pub(crate) network_consents: Vec<(String, String)>,
    /// The attribute written as a channel's address, where one is written.
    pub(crate) addresses: Vec<(ir::Channel, Placed<String>)>,
    /// The names of links and inputs whose value was reported, so that nobody is blamed for using them.
    pub(crate) broken: BTreeSet<String>,
}

/// Reads the settings of a project. Without a `journey.toml` everything has its default.
pub(crate) fn read(loaded: &LoadedProject, problems: &mut Problems) -> Manifest {
    let mut manifest = Manifest {
        project: project::defaults(loaded.name()),
        ..Manifest::default()
    };
    let Some(file) = loaded.manifest() else {
        return manifest;
    };
    let origin = Origin { file, offset: 0 };
    let table = parse(loaded.sources().text(file), origin, problems);
    let mut root = Section::root(&table, origin);
    manifest.read_all(&mut root, loaded, problems);
    root.finish(problems);
    manifest
}

impl Manifest {
    /// The product by which a channel's messages go, where one is named.
    pub(crate) fn product(&self, channel: ir::Channel) -> Option<&'static Product> {
        let mut products = self.products.iter();
        products.find(|(of, _)| *of == channel).map(|(_, it)| *it)
    }

    /// The names by which people know who writes to them.
    pub(crate) fn sender_names(&self) -> Vec<String> {
        let senders = self.project.senders.iter();
        let shown = senders.filter_map(|it| it.from.split_once('<').map(|(name, _)| name));
        let own = self.named.then_some(self.project.name.as_str());
        let names = shown.chain(own);
        let mut names: Vec<String> = names.map(|it| it.trim().to_owned()).collect();
        names.retain(|it| !it.is_empty());
        names.dedup();
        names
    }

    /// Whether messages can go out from an address that is somebody's, so that their words are no sample any more.
    pub(crate) fn is_live(&self) -> bool {
        let mut senders = self.project.senders.iter();
        senders.any(|it| {
            let address = it
                .from
                .rsplit_once('<')
                .map_or(it.from.as_str(), |(_, it)| it);
            !crate::samples::is_address(address.trim_end_matches('>'))
        })
    }

    fn read_all(
        &mut self,
        root: &mut Section<'_>,
        loaded: &LoadedProject,
        problems: &mut Problems,
    ) {
        self.read_project(root, problems);
        self.read_compliance(root, problems);
        self.read_limits(root, problems);
        self.read_hours(root, loaded, problems);
        // Senders and connectors come before what refers to them.
        self.read_senders(root, problems);
        self.read_connectors(root, problems);
        self.read_channels(root, problems);
        self.read_teams(root, problems);
        self.read_links(root, problems);
        self.read_imports(root, problems);
        self.read_networks(root, problems);
    }

    /// The currency of amounts that name none.
    pub(crate) fn currency(&self) -> Option<Currency> {
        self.project.currency
    }

    /// The currency that a sign such as `$` stands for in this project.
    pub(crate) fn symbol(&self, sign: &str) -> Option<Currency> {
        self.symbols
            .iter()
            .find(|(known, _)| known == sign)
            .map(|(_, currency)| *currency)
    }

    /// The opening hours of a name.
    pub(crate) fn hours(&self, name: &str) -> Option<HoursIx> {
        let at = self.project.hours.iter().position(|it| it.name == name)?;
        Some(HoursIx(at as u32))
    }

    /// The opening hours whose name is nearest.
    pub(crate) fn hours_near(&self, name: &str) -> Option<&str> {
        nearest(name, self.project.hours.iter().map(|it| it.name.as_str()))
    }

    /// The action of a connector.
    pub(crate) fn action(&self, connector: &str, action: &str) -> Option<&ir::project::Action> {
        self.project
            .connectors
            .iter()
            .find(|it| it.name == connector)?
            .actions
            .iter()
            .find(|it| it.name == action)
    }

    /// The `connector.action` whose name is nearest to `path`.
    pub(crate) fn action_near(&self, path: &str) -> Option<String> {
        let all: Vec<String> = self
            .project
            .connectors
            .iter()
            .flat_map(|it| {
                it.actions
                    .iter()
                    .map(move |action| format!("{}.{}", it.name, action.name))
            })
            .collect();
        nearest(path, all.iter().map(String::as_str)).map(str::to_owned)
    }

    /// The team of a name.
    pub(crate) fn team(&self, name: &str) -> Option<&ir::project::Team> {
        self.project.teams.iter().find(|it| it.name == name)
    }

    /// The team whose name is nearest.
    pub(crate) fn team_near(&self, name: &str) -> Option<&str> {
        nearest(name, self.project.teams.iter().map(|it| it.name.as_str()))
    }

    /// The URL of a named link.
    pub(crate) fn link(&self, name: &str) -> Option<&str> {
        self.project
            .links
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, url)| url.as_str())
    }

    /// The sender of a name.
    pub(crate) fn sender(&self, name: &str) -> Option<&ir::project::Sender> {
        self.project.senders.iter().find(|it| it.name == name)
    }

    /// The settings of a channel.
    pub(crate) fn channel(&self, channel: ir::Channel) -> Option<&ir::project::ChannelSettings> {
        self.project
            .channels
            .iter()
            .find(|it| it.channel == channel)
    }

    /// The sender a setting names, or a problem.
    pub(crate) fn known_sender(
        &self,
        sender: Placed<String>,
        problems: &mut Problems,
    ) -> Option<String> {
        if self.sender(&sender.value).is_some() {
            return Some(sender.value);
        }
        let names = self.project.senders.iter().map(|it| it.name.as_str());
        problems.push(Error::UnknownName {
            at: sender.at,
            what: Named::Sender,
            near: nearest(&sender.value, names).map(str::to_owned),
            name: sender.value,
        });
        None
    }
}

/// One of some words, or a problem at the word.
fn choice<T>(
    key: &str,
    value: &Placed<String>,
    choices: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T>
where
    T: Copy,
{
    let found = choices.iter().find(|(word, _)| *word == value.value);
    if found.is_none() {
        let words = choices.iter().map(|(word, _)| *word);
        problems.push(Error::NotOneOf {
            at: value.at,
            key: key.to_owned(),
            value: value.value.clone(),
            near: nearest(&value.value, words.clone()).map(str::to_owned),
            allowed: words.map(str::to_owned).collect(),
        });
    }
    found.map(|(_, value)| *value)
}

/// What a text means, or a problem at the text.
fn meaning<T>(
    key: &str,
    value: &Placed<String>,
    expected: crate::settings::Expected,
    read: impl Fn(&str) -> Option<T>,
    problems: &mut Problems,
) -> Option<T> {
    let meaning = read(&value.value);
    if meaning.is_none() {
        problems.push(Error::WrongValue {
            at: value.at,
            key: key.to_owned(),
            value: value.value.clone(),
            expected,
        });
    }
    meaning
}

/// A time zone that exists, or a problem at its name.
fn known_zone(zone: Placed<String>, problems: &mut Problems) -> Option<String> {
    if crate::written::is_zone(&zone.value) {
        return Some(zone.value);
    }
    problems.push(Error::NoZone {
        at: zone.at,
        near: crate::written::zone_near(&zone.value),
        value: zone.value,
    });
    None
}

/// The type of an action's input or a message's argument, and whether it may be left out.
pub(crate) fn typed(
    key: &str,
    value: &Placed<String>,
    problems: &mut Problems,
) -> Option<(Type, bool)> {
    let expected = crate::settings::Expected::Type;
    meaning(key, value, expected, crate::written::typed, problems)
}

#[cfg(test)]
mod tests;
