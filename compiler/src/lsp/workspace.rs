//! All projects and open documents.
#![expect(
    clippy::disallowed_methods,
    reason = "the language server asks the disk what is a project and what was deleted"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lsp_types::Uri;

use super::position::Encoding;
use super::project::Project;
use super::uri;
use crate::load;
use crate::problem::Language;
use crate::sources::{FileId, MAX_BYTES};

/// A document that the editor has open.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// Its address exactly as the editor writes it.
    pub(super) uri: Uri,
    /// The editor's own count of its changes.
    pub(super) version: i32,
}

/// Everything the server knows.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    projects: BTreeMap<PathBuf, Project>,
    documents: BTreeMap<PathBuf, Document>,
    /// The texts of the open documents.
    texts: BTreeMap<PathBuf, String>,
    /// How columns are counted.
    pub(super) encoding: Encoding,
    /// The language that was asked for.
    pub(super) chosen: Option<Language>,
    /// The language of the editor, where nobody asks for one.
    pub(super) editor: Language,
}

impl Workspace {
    /// Reads the projects in a folder of the editor's workspace. Returns those that are new.
    pub(super) fn add_folder(&mut self, folder: &Path) -> Vec<PathBuf> {
        let found = load::projects(folder).unwrap_or_default();
        let folders = found.into_iter().filter(|it| it.is_dir()).map(|it| {
            // A folder above the one that was opened is found by its real path.
            it.strip_prefix(".").map_or(it.clone(), Path::to_owned)
        });
        let mut new = Vec::new();
        for base in folders.collect::<Vec<_>>() {
            if self.projects.contains_key(&base) || !base.join("journey.toml").is_file() {
                continue;
            }
            if let Some(project) = Project::read(&base, &self.texts, None) {
                self.projects.insert(base.clone(), project);
                new.push(base);
            }
        }
        new
    }

    /// Takes a document that was opened, or a change of one; returns its project.
    pub(super) fn set_text(&mut self, uri: &Uri, version: i32, text: String) -> PathBuf {
        let path = uri::path_of(uri);
        let document = Document {
            uri: uri.clone(),
            version,
        };
        self.documents.insert(path.clone(), document);
        let base = self.base_of(&path);
        let is_too_big = text.len() > MAX_BYTES;
        let shown = if is_too_big {
            String::new()
        } else {
            text.clone()
        };
        self.texts.insert(path.clone(), text);
        if let Some(project) = self.projects.get_mut(&base)
            && let Some(file) = project.file_at(&path)
        {
            project.set_text(file, &shown);
            return base;
        }
        self.reread(&base, &path);
        base
    }

    /// The text of an open document.
    pub(super) fn text(&self, uri: &Uri) -> Option<&str> {
        self.texts.get(&uri::path_of(uri)).map(String::as_str)
    }

    /// Forgets a document that was closed: the disk speaks again. Returns its project.
    pub(super) fn close(&mut self, uri: &Uri) -> PathBuf {
        let path = uri::path_of(uri);
        self.documents.remove(&path);
        self.texts.remove(&path);
        let base = self.base_of(&path);
        self.reread(&base, &path);
        base
    }

    /// Reads a project again, because files came, went or changed on the disk. Returns its folder.
    pub(super) fn changed_on_disk(&mut self, uri: &Uri) -> PathBuf {
        let path = uri::path_of(uri);
        let base = self.base_of(&path);
        // What the editor has open is newer than what the disk says.
        if !self.texts.contains_key(&path) || !path.is_file() {
            self.reread(&base, &path);
        }
        base
    }

    fn reread(&mut self, base: &Path, path: &Path) {
        let earlier = self.projects.remove(base);
        let read = if base == path {
            self.texts.get(path).map(|text| Project::lone(path, text))
        } else {
            Project::read(base, &self.texts, earlier.as_ref())
        };
        if let Some(read) = read {
            let read = match &earlier {
                Some(earlier) => read.after(earlier),
                None => read,
            };
            self.projects.insert(base.to_owned(), read);
        }
    }

    /// The folder of the project that a document belongs to; the document itself where it belongs to none.
    pub(super) fn base_at(&self, uri: &Uri) -> PathBuf {
        self.base_of(&uri::path_of(uri))
    }

    /// The folder of the project that a path belongs to; the path itself where it belongs to none.
    fn base_of(&self, path: &Path) -> PathBuf {
        let known = path
            .ancestors()
            .skip(1)
            .find(|it| self.projects.contains_key(*it));
        let on_disk = || {
            let folder = path.parent()?;
            // A new file does not exist yet, its folder does.
            let inside = load::root_above(&folder.join("new.journey"));
            inside.or_else(|| load::root_above(path))
        };
        match known {
            Some(base) => base.to_owned(),
            None => on_disk()
                .filter(|base| path.strip_prefix(base).is_ok_and(load::belongs))
                .unwrap_or_else(|| path.to_owned()),
        }
    }

    /// A project.
    pub(super) fn project(&self, base: &Path) -> Option<&Project> {
        self.projects.get(base)
    }

    /// A project, to change it.
    pub(super) fn project_mut(&mut self, base: &Path) -> Option<&mut Project> {
        self.projects.get_mut(base)
    }

    /// All projects.
    pub(super) fn projects(&self) -> impl Iterator<Item = &Project> {
        self.projects.values()
    }

    /// The project and file of a document.
    pub(super) fn find(&self, uri: &Uri) -> Option<(&Project, FileId)> {
        let path = uri::path_of(uri);
        let project = self.projects.get(&self.base_of(&path))?;
        Some((project, project.file_at(&path)?))
    }

    /// The open document at a path.
    pub(super) fn document(&self, path: &Path) -> Option<&Document> {
        self.documents.get(path)
    }

    /// The address of a file, as the editor writes it.
    pub(super) fn uri(&self, path: &Path) -> Option<Uri> {
        match self.documents.get(path) {
            Some(document) => Some(document.uri.clone()),
            None => uri::of_path(path),
        }
    }

    /// The language to speak about a project: the one asked for, else the project's, else the editor's.
    pub(super) fn language(&self, project: &Project) -> Language {
        let own = project.checked().and_then(|it| it.compilation.language);
        self.chosen.or(own).unwrap_or(self.editor)
    }
}
