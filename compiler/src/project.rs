//! A project in memory: its texts, sorted by what they are.
//!
//! Comes in: paths relative to the project's folder, and bytes. Goes out: a [`LoadedProject`], which is all the
//! compiler ever sees of the world. Where a file belongs is decided by its path alone.

mod error;

pub(crate) use error::Error;

use journey_grammar::tree::Span;
use journey_ir::Channel;
use unicode_normalization::UnicodeNormalization;

use crate::manifest;
use crate::near::nearest;
use crate::problem::{Location, Problems};
use crate::sources::{FileId, Sources, Unreadable};

/// A template's file: `templates/<channel>/<name>.md`, or its translation `templates/<channel>/<name>.en.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateFile {
    pub(crate) channel: Channel,
    /// The name in Unicode NFC, whatever the file system made of it.
    pub(crate) name: String,
    /// The code of the language that it is a translation into.
    pub(crate) language: Option<String>,
    pub(crate) file: FileId,
    /// Whether it was no text, which was reported.
    pub(crate) unread: bool,
}

/// The texts of a project, read and not yet understood.
#[derive(Debug, Clone, Default)]
pub struct LoadedProject {
    name: String,
    prefix: String,
    sources: Sources,
    manifest: Option<FileId>,
    journeys: Vec<FileId>,
    templates: Vec<TemplateFile>,
    holidays: Vec<FileId>,
    problems: Problems,
}

impl LoadedProject {
    /// A project without files. The name is its folder's, until `journey.toml` says otherwise.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// A project from texts by path, for what never was on a disk: tests, code blocks, an editor's buffers.
    pub fn from_texts<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut files: Vec<_> = files.into_iter().collect();
        files.sort_unstable();
        let mut project = Self::new("project");
        for (path, text) in files {
            project.add(path, Ok(text.to_owned()));
        }
        project
    }

    /// The name of its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stands before its paths in reports: where its folder lies, with a `/` at the end; empty for this folder.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// With its folder's path for reports.
    #[must_use]
    pub(crate) fn with_prefix(mut self, prefix: String) -> Self {
        self.prefix = prefix;
        self
    }

    /// Its texts.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The file of a path relative to the project.
    pub(crate) fn file(&self, path: &str) -> Option<FileId> {
        let mut files = self.sources.iter();
        files
            .find(|(_, source)| source.path() == path)
            .map(|(id, _)| id)
    }

    /// Gives a file another text, for an editor.
    pub(crate) fn set_text(&mut self, file: FileId, text: &str) {
        self.sources.replace(file, text);
    }

    /// How many `.journey` files it has.
    pub fn journey_files(&self) -> usize {
        self.journeys.len()
    }

    /// How many templates it has.
    pub fn template_files(&self) -> usize {
        self.templates.len()
    }

    /// The settings.
    pub(crate) fn manifest(&self) -> Option<FileId> {
        self.manifest
    }

    /// The `.journey` files.
    pub(crate) fn journeys(&self) -> &[FileId] {
        &self.journeys
    }

    /// The templates.
    pub(crate) fn templates(&self) -> &[TemplateFile] {
        &self.templates
    }

    /// The holiday file of a path relative to the project.
    pub(crate) fn holidays(&self, path: &str) -> Option<FileId> {
        self.holidays
            .iter()
            .copied()
            .find(|file| self.sources.path(*file) == path)
    }

    /// What was wrong while loading.
    pub(crate) fn problems(&self) -> &Problems {
        &self.problems
    }

    /// Adds a file by its path, or what kept it from being read.
    pub(crate) fn add(&mut self, path: &str, content: Result<String, Unread>) {
        let path: String = path.nfc().collect();
        match content {
            Ok(text) => {
                let file = self.sources.add(path, text);
                self.classify(file);
            }
            Err(unread) => self.add_unread(&path, unread),
        }
    }

    /// Says that a folder below is a project of its own and was not read.
    pub(crate) fn add_separate(&mut self, path: &str) {
        let path: String = path.nfc().collect();
        let file = self.sources.add(path, "");
        self.problems.push(Error::Separate { at: whole(file) });
    }

    fn add_unread(&mut self, path: &str, unread: Unread) {
        // The text as far as it can be shown: offsets up to the first wrong byte are those of the file.
        let (text, offset) = match &unread {
            Unread::Bytes(bytes, Unreadable::NotUtf8 { offset }) => {
                (String::from_utf8_lossy(bytes).into_owned(), *offset)
            }
            Unread::Bytes(_, Unreadable::TooBig { .. }) | Unread::System(_) => (String::new(), 0),
        };
        let file = self.sources.add(path, text);
        let at = Location::new(file, Span::new(offset as u32, offset as u32));
        self.problems.push(match unread {
            Unread::Bytes(_, Unreadable::NotUtf8 { .. }) => Error::NotUtf8 { at },
            Unread::Bytes(_, Unreadable::TooBig { bytes }) => Error::TooBig { at, bytes },
            Unread::System(reason) => Error::Unreadable { at, reason },
        });
        if path == manifest::FILE_NAME {
            self.manifest = Some(file);
        } else if let Some(Ok(template)) = template(path, file) {
            // Known by name, so that the sends that use it are not blamed.
            self.templates.push(TemplateFile {
                unread: true,
                ..template
            });
        }
    }

    fn classify(&mut self, file: FileId) {
        let path = self.sources.path(file);
        if path == manifest::FILE_NAME {
            self.manifest = Some(file);
        } else if path.ends_with(".journey") {
            self.journeys.push(file);
        } else if let Some(template) = template(path, file) {
            match template {
                Ok(template) => self.templates.push(template),
                Err(error) => self.problems.push(error),
            }
        } else {
            self.holidays.push(file);
        }
    }
}

/// Why a file has no text.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It was read and is no text.
    Bytes(Vec<u8>, Unreadable),
    /// The system did not let us read it.
    System(String),
}

/// The template of a path below `templates/`, where it is one.
fn template(path: &str, file: FileId) -> Option<Result<TemplateFile, Error>> {
    let below = path.strip_prefix("templates/")?;
    let at = whole(file);
    let [folder, name] = below.split('/').collect::<Vec<_>>()[..] else {
        return Some(Err(Error::MisplacedTemplate { at }));
    };
    let words = Channel::ALL.map(Channel::word);
    let Some(channel) = Channel::from_word(folder) else {
        return Some(Err(Error::UnknownChannel {
            at,
            folder: folder.to_owned(),
            near: nearest(folder, words).map(str::to_owned),
        }));
    };
    let name = name.strip_suffix(".md")?;
    let (name, language) = match name.rsplit_once('.') {
        Some((name, code)) if !name.is_empty() && is_language(code) => (name, Some(code)),
        _ => (name, None),
    };
    Some(Ok(TemplateFile {
        channel,
        name: name.to_owned(),
        language: language.map(str::to_owned),
        file,
        unread: false,
    }))
}

/// Whether a word is a language's code: two small letters (ISO 639-1).
fn is_language(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The beginning of a file, to blame it as a whole.
pub(crate) fn whole(file: FileId) -> Location {
    Location::new(file, Span::new(0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_by_what_their_path_says() {
        let project = LoadedProject::from_texts([
            ("templates/email/welcome.md", ""),
            ("journey.toml", ""),
            ("holidays/kr.toml", ""),
            ("journeys/a.journey", ""),
        ]);
        assert!(project.manifest().is_some());
        assert_eq!(project.journey_files(), 1);
        assert_eq!(project.templates()[0].name, "welcome");
        assert!(project.holidays("holidays/kr.toml").is_some());
        assert!(project.problems().is_empty());
    }

    #[test]
    fn a_template_of_no_channel_is_reported_with_the_nearest_one() {
        let project =
            LoadedProject::from_texts([("templates/emial/a.md", ""), ("templates/lost.md", "")]);
        let said: Vec<_> = project.problems().iter().collect();
        assert!(said[0].help.as_ref().unwrap().en.contains("`email`"));
        assert_eq!(said[1].code, "J0093");
    }

    #[test]
    fn a_name_that_the_file_system_took_apart_is_put_together() {
        let apart: String = "templates/email/환영.md".nfd().collect();
        let project = LoadedProject::from_texts([(apart.as_str(), "")]);
        assert_eq!(project.templates()[0].name, "환영");
    }
}
