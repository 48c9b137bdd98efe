//! One project as the editor sees it: texts, trees, and what the last full check said.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use journey_ir::Channel;
use unicode_normalization::UnicodeNormalization;

use super::drift::Drift;
use super::worker::{Checked, Job};
use crate::compile::ParsedFile;
use crate::cores;
use crate::load;
use crate::manifest;
use crate::names::Names;
use crate::project::LoadedProject;
use crate::sources::FileId;

/// What a file of a project is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// A `.journey` file.
    Journey,
    /// A template.
    Template(Channel, String),
    /// `journey.toml`.
    Settings,
    /// A holiday file, or a template at the wrong place.
    Other,
}

/// A project.
#[derive(Debug)]
pub(super) struct Project {
    /// Its folder; of a file that belongs to none, the file itself.
    base: PathBuf,
    is_lone: bool,
    loaded: LoadedProject,
    files: Vec<ParsedFile>,
    /// Counts changes.
    generation: u64,
    drift: Drift,
    checked: Option<Checked>,
}

impl Project {
    /// Reads the project in a folder; `open` are the texts that the editor has, by path.
    /// A file that says what it said in `earlier`, the same project read before, is not parsed again.
    pub(super) fn read(
        base: &Path,
        open: &BTreeMap<PathBuf, String>,
        earlier: Option<&Self>,
    ) -> Option<Self> {
        let over = open.iter().filter_map(|(path, text)| {
            let below = path.strip_prefix(base).ok()?;
            Some((below.to_owned(), text.clone()))
        });
        let loaded = load::load_over(base, &over.collect()).ok()?;
        let files = read_files(&loaded, earlier);
        Some(Self::new(base.to_owned(), false, loaded, files))
    }

    /// A file that belongs to no project.
    pub(super) fn lone(path: &Path, text: &str) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut loaded = LoadedProject::new(stem);
        let is_known = load::belongs(Path::new(name.as_ref()));
        let name = if is_known {
            name.into_owned()
        } else {
            format!("{}.journey", name.replace('/', "-"))
        };
        loaded.add(&name, Ok(text.to_owned()));
        let files = read_files(&loaded, None);
        Self::new(path.to_owned(), true, loaded, files)
    }

    fn new(base: PathBuf, is_lone: bool, loaded: LoadedProject, files: Vec<ParsedFile>) -> Self {
        Self {
            base,
            is_lone,
            loaded,
            files,
            generation: 1,
            drift: Drift::default(),
            checked: None,
        }
    }

    /// Takes over what an earlier reading of the same project knew, as far as it still holds.
    pub(super) fn after(mut self, earlier: &Self) -> Self {
        self.generation = earlier.generation + 1;
        self
    }

    /// Its texts.
    pub(super) const fn loaded(&self) -> &LoadedProject {
        &self.loaded
    }

    /// Its trees.
    pub(super) fn files(&self) -> &[ParsedFile] {
        &self.files
    }

    /// What it declares.
    pub(super) fn names(&self) -> Names<'_> {
        // What is wrong with the names is the worker's business.
        Names::of(&self.files)
    }

    /// The tree of a file.
    pub(super) fn parsed(&self, file: FileId) -> Option<&ParsedFile> {
        let at = self.files.binary_search_by_key(&file, |it| it.id).ok()?;
        self.files.get(at)
    }

    /// The text of a file.
    pub(super) fn text(&self, file: FileId) -> &str {
        self.loaded.sources().text(file)
    }

    /// What a file is.
    pub(super) fn role(&self, file: FileId) -> Role {
        if self.parsed(file).is_some() {
            return Role::Journey;
        }
        if self.loaded.manifest() == Some(file) {
            return Role::Settings;
        }
        let template = self.loaded.templates().iter().find(|it| it.file == file);
        template.map_or(Role::Other, |it| {
            Role::Template(it.channel, it.name.clone())
        })
    }

    /// The file of a template.
    pub(super) fn template(&self, channel: Channel, name: &str) -> Option<FileId> {
        let mut templates = self.loaded.templates().iter();
        let found = templates.find(|it| it.channel == channel && it.name == name)?;
        Some(found.file)
    }

    /// The file at a path.
    pub(super) fn file_at(&self, path: &Path) -> Option<FileId> {
        if self.is_lone {
            let (id, _) = self.loaded.sources().iter().next()?;
            return (path == self.base).then_some(id);
        }
        let below = path.strip_prefix(&self.base).ok()?.to_str()?;
        let below: String = below.replace('\\', "/").nfc().collect();
        self.loaded.file(&below)
    }

    /// Where a file lies.
    pub(super) fn path_of(&self, file: FileId) -> PathBuf {
        if self.is_lone {
            return self.base.clone();
        }
        if manifest::FILE_NAME == self.loaded.sources().path(file) {
            return self.base.join(manifest::FILE_NAME);
        }
        self.base.join(self.loaded.sources().path(file))
    }

    /// Gives a file a new text.
    pub(super) fn set_text(&mut self, file: FileId, text: &str) {
        if self.text(file) == text {
            return;
        }
        self.generation += 1;
        self.drift.note(
            self.generation,
            file,
            self.loaded.sources().text(file),
            text,
        );
        self.loaded.set_text(file, text);
        if let Ok(at) = self.files.binary_search_by_key(&file, |it| it.id)
            && let Some(parsed) = self.files.get_mut(at)
        {
            *parsed = ParsedFile::read(file, text);
        }
    }

    /// What the worker needs to check it. Nothing is copied but pointers.
    pub(super) fn job(&self) -> Job {
        Job {
            base: self.base.clone(),
            generation: self.generation,
            is_edit: self.checked.is_some(),
            loaded: self.loaded.clone(),
            files: self.files.clone(),
        }
    }

    /// Takes the result of a check, unless a later one is known. Returns the one that is not needed any more.
    pub(super) fn take(&mut self, checked: Checked) -> Option<Checked> {
        let known = self.checked.as_ref().map_or(0, |it| it.generation);
        if checked.generation <= known || checked.generation > self.generation {
            return Some(checked);
        }
        self.drift.forget(checked.generation);
        self.checked.replace(checked)
    }

    /// The last result of a check.
    pub(super) const fn checked(&self) -> Option<&Checked> {
        self.checked.as_ref()
    }

    /// The edits since then.
    pub(super) const fn drift(&self) -> &Drift {
        &self.drift
    }

    /// Whether the last check saw what is there now.
    pub(super) fn is_checked(&self) -> bool {
        self.checked
            .as_ref()
            .is_some_and(|it| it.generation == self.generation)
    }
}

/// Fewer files than this are read faster than a thread is started.
const FILES_PER_THREAD: usize = 16;

/// The trees of a project's files; where `earlier` has the same text at the same path, its tree.
fn read_files(loaded: &LoadedProject, earlier: Option<&Project>) -> Vec<ParsedFile> {
    let known: HashMap<&str, (&str, &ParsedFile)> = earlier
        .into_iter()
        .flat_map(|earlier| earlier.files.iter().map(move |file| (earlier, file)))
        .filter_map(|(earlier, file)| {
            let source = earlier.loaded.sources().get(file.id)?;
            Some((source.path(), (source.text(), file)))
        })
        .collect();
    cores::map(loaded.journeys(), FILES_PER_THREAD, |&id| {
        let sources = loaded.sources();
        let text = sources.text(id);
        match known.get(sources.path(id)) {
            Some((same, file)) if *same == text => ParsedFile {
                id,
                ..(*file).clone()
            },
            _ => ParsedFile::read(id, text),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_did_not_change_is_not_parsed_again() {
        let texts = [("a.journey", "segment a { did x }\n"), ("b.journey", "")];
        let before = Project::lone(Path::new("a.journey"), texts[0].1);
        let files = read_files(&LoadedProject::from_texts(texts), Some(&before));
        assert!(Arc::ptr_eq(&files[0].tree, &before.files[0].tree));
        let changed = LoadedProject::from_texts([("a.journey", "segment b { did x }\n")]);
        let files = read_files(&changed, Some(&before));
        assert!(!Arc::ptr_eq(&files[0].tree, &before.files[0].tree));
    }
}
