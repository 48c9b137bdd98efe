//! The lifecycle library, as it is carried by the binary: ready journeys to copy into a project.
//!
//! Comes in: a journey's name and the texts of the project it goes to. Goes out: a [`Copied`], the files to write, after
//! which the project compiles and its tests hold. `merge` goes through the journey's files; `own` is what the project
//! has, `additions`, `settings` and `fill` what its declarations, settings and events need of each other, `amounts` and
//! `language` are about words, `rest` tries the result, and `samples` finds what nobody can do but the sender.

mod additions;
mod amounts;
mod copied;
mod fill;
mod language;
mod merge;
mod own;
mod rest;
mod samples;
mod settings;

pub(crate) use copied::{Copied, Upset};
pub(crate) use merge::into;
pub(crate) use samples::Samples;

use crate::problem::Language;

/// All files of the library: path below `journeys/`, and text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The settings file that makes a folder a project.
const SETTINGS: &str = "journey.toml";

/// One ready journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The stage of the lifecycle that it serves: `sale`.
    pub(crate) stage: &'static str,
    /// Its name: `cart_rescue`.
    pub(crate) name: &'static str,
    /// The folder: `sale/cart_rescue`.
    folder: &'static str,
}

impl Entry {
    /// Its files: paths below its folder, and texts.
    pub(crate) fn files(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        FILES.iter().filter_map(move |(path, text)| {
            let below = path.strip_prefix(self.folder)?.strip_prefix('/')?;
            Some((below, *text))
        })
    }

    /// The language that its messages are written in.
    fn language(self) -> String {
        let settings = self.files().find(|(path, _)| *path == SETTINGS);
        let known: toml::Table = settings
            .and_then(|(_, text)| text.parse().ok())
            .unwrap_or_default();
        let written = known
            .get("project")
            .and_then(|it| it.get("default_language"));
        written
            .and_then(toml::Value::as_str)
            .unwrap_or("en")
            .to_owned()
    }

    /// What it does, in one line: the first sentence of its page after the heading and the link to the other language.
    pub(crate) fn about(self, language: Language) -> &'static str {
        let page = match language {
            Language::English => "README.md",
            Language::Korean => "README.ko.md",
        };
        let page = self.files().find(|(path, _)| *path == page);
        let lines = page.map_or("", |(_, text)| text).lines();
        let mut said =
            lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '!', '<', '[']));
        said.next().unwrap_or_default()
    }
}

/// All ready journeys, by stage and name.
pub(crate) fn all() -> impl Iterator<Item = Entry> {
    FILES.iter().filter_map(|(path, _)| {
        let folder = path.strip_suffix(SETTINGS)?.strip_suffix('/')?;
        let (stage, name) = folder.rsplit_once('/')?;
        Some(Entry {
            stage,
            name,
            folder,
        })
    })
}

/// The ready journey of a name; `cart-rescue` and `cart_rescue` are the same.
pub(crate) fn find(name: &str) -> Option<Entry> {
    let name = name.replace('-', "_");
    all().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_journey_is_found_by_either_spelling() {
        let entry = find("cart-rescue").unwrap();
        assert_eq!((entry.stage, entry.name), ("sale", "cart_rescue"));
        assert_eq!(find("cart_rescue"), Some(entry));
        assert!(entry.files().any(|(path, _)| path == "journey.toml"));
        assert_eq!(find("cart"), None);
    }
}
