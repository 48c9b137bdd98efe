//! A folder or a single file on disk to a [`LoadedProject`]. Besides the command line, the only place that touches files.
//!
//! Hidden folders, `target`, `node_modules` and `journey-data` are passed over. A folder is entered once however many
//! links lead to it, and everything is counted against limits, so that a wrong path ends with a message.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the compiler reads files"
)]

mod error;
mod journey_files;

pub use error::LoadError;
pub(crate) use journey_files::{journey_files, journey_text};

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use crate::manifest;
use crate::project::{LoadedProject, Unread};
use crate::sources::{MAX_BYTES, Sources, Unreadable};

/// How many files a project may have.
pub const MAX_FILES: usize = 10_000;
/// How many folders deep a project may be.
pub const MAX_DEPTH: usize = 24;
/// How many bytes all texts of a project may have together.
pub const MAX_PROJECT_BYTES: u64 = 64 * 1024 * 1024;

/// Folders that never hold a project's own files.
const PASSED_OVER: [&str; 3] = ["target", "node_modules", "journey-data"];

/// Reads the project at a path: a folder, a `journey.toml`, or a `.journey` file. A file or folder inside a project
/// stands for the whole project, whose names it uses; one outside any stands for itself.
pub fn load(path: &Path) -> Result<LoadedProject, LoadError> {
    let kind = fs::metadata(path).map_err(|error| LoadError::at(path, &error))?;
    if kind.is_dir() {
        let inside = !path.join(manifest::FILE_NAME).is_file();
        return match root_above(path).filter(|_| inside) {
            Some(root) => load_folder(&root),
            None => load_folder(path),
        };
    }
    if path
        .file_name()
        .is_some_and(|name| name == manifest::FILE_NAME)
    {
        return load_folder(parent(path));
    }
    if path
        .extension()
        .is_none_or(|extension| extension != "journey")
    {
        return Err(LoadError::NotAProject {
            path: path.to_owned(),
        });
    }
    match root_above(path) {
        Some(root) => load_folder(&root),
        None => Ok(load_file(path)),
    }
}

/// The projects at a path. A folder that is no project itself stands for the projects below it.
pub fn projects(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let kind = fs::metadata(path).map_err(|error| LoadError::at(path, &error))?;
    if !kind.is_dir() || path.join(manifest::FILE_NAME).is_file() {
        return Ok(vec![path.to_owned()]);
    }
    // Like a file, a folder inside a project stands for the whole of it.
    if let Some(root) = root_above(path) {
        return Ok(vec![root]);
    }
    let walk = Walk::of(path)?;
    if walk.separate.is_empty() {
        return Ok(vec![path.to_owned()]);
    }
    // Loose files beside projects are each their own.
    let loose = walk
        .files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|it| it == "journey"));
    let mut all: Vec<PathBuf> = walk.separate.into_iter().chain(loose).collect();
    all.sort();
    Ok(all.into_iter().map(|below| path.join(below)).collect())
}

fn load_folder(root: &Path) -> Result<LoadedProject, LoadError> {
    load_over(root, &BTreeMap::new())
}

/// Reads the project in a folder as an editor sees it: `over` holds texts by their path below the folder, which stand
/// for what the disk says, or for files that are not there yet.
pub(crate) fn load_over(
    root: &Path,
    over: &BTreeMap<PathBuf, String>,
) -> Result<LoadedProject, LoadError> {
    let mut walk = Walk::of(root)?;
    walk.files
        .extend(over.keys().filter(|it| belongs(it)).cloned());
    walk.files.sort();
    walk.files.dedup();
    let mut project = LoadedProject::new(folder_name(root)).with_prefix(prefix(root));
    let mut total: u64 = 0;
    for below in walk.files {
        let content = match over.get(&below) {
            Some(text) => Ok(text.clone()),
            None => read(&root.join(&below)),
        };
        total += match &content {
            Ok(text) => text.len() as u64,
            Err(_) => 0,
        };
        if total > MAX_PROJECT_BYTES {
            return Err(LoadError::TooMuch {
                path: root.to_owned(),
            });
        }
        project.add(&slashes(&below), content);
    }
    for below in walk.separate {
        project.add_separate(&slashes(&below.join(manifest::FILE_NAME)));
    }
    if project.sources().is_empty() {
        return Err(LoadError::Empty {
            path: root.to_owned(),
        });
    }
    Ok(project)
}

fn load_file(path: &Path) -> LoadedProject {
    let mut project = LoadedProject::new(
        path.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    );
    project.add(&slashes(path), read(path));
    project
}

/// The nearest folder above a file that has a `journey.toml`. The search stops where a repository begins.
pub(crate) fn root_above(path: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(path).ok()?;
    // Folders that were written are shown as they were written, the others by their full path.
    let mut written: Vec<&Path> = path.ancestors().skip(1).collect();
    if path.is_relative() && !path.components().any(|it| it == Component::ParentDir) {
        written.retain(|folder| !folder.as_os_str().is_empty());
        written.push(Path::new("."));
    }
    for (depth, folder) in real.ancestors().skip(1).take(MAX_DEPTH).enumerate() {
        if folder.join(manifest::FILE_NAME).is_file() {
            let shown = written
                .get(depth)
                .filter(|shown| fs::canonicalize(shown).is_ok_and(|shown| shown == folder));
            return Some(shown.map_or_else(|| folder.to_owned(), |shown| (*shown).to_owned()));
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// What lies below a folder, as paths relative to it, sorted.
#[derive(Default)]
struct Walk {
    files: Vec<PathBuf>,
    separate: Vec<PathBuf>,
    entered: BTreeSet<PathBuf>,
}

impl Walk {
    fn of(root: &Path) -> Result<Self, LoadError> {
        let mut walk = Self::default();
        walk.enter(root, Path::new(""), 0)?;
        walk.files.sort();
        walk.separate.sort();
        Ok(walk)
    }

    fn enter(&mut self, root: &Path, below: &Path, depth: usize) -> Result<(), LoadError> {
        let folder = root.join(below);
        let real = fs::canonicalize(&folder).map_err(|error| LoadError::at(&folder, &error))?;
        if !self.entered.insert(real) {
            return Ok(());
        }
        if depth > MAX_DEPTH || self.entered.len() > MAX_FILES {
            return Err(LoadError::TooMuch { path: folder });
        }
        let entries = fs::read_dir(&folder).map_err(|error| LoadError::at(&folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| LoadError::at(&folder, &error))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            // A link that leads nowhere is no file of the project.
            let Ok(kind) = fs::metadata(entry.path()) else {
                continue;
            };
            let here = below.join(name);
            if kind.is_dir() {
                if name.starts_with('.') || PASSED_OVER.contains(&name) {
                    continue;
                }
                if entry.path().join(manifest::FILE_NAME).is_file() {
                    self.separate.push(here);
                } else {
                    self.enter(root, &here, depth + 1)?;
                }
            } else if kind.is_file() && belongs(&here) {
                self.files.push(here);
            }
            if self.files.len() > MAX_FILES {
                return Err(LoadError::TooMuch {
                    path: root.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Whether a file is one of a project's, by its path.
pub(crate) fn belongs(below: &Path) -> bool {
    let extension = below.extension().and_then(|it| it.to_str());
    let hidden = below
        .file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with('.'));
    match extension {
        Some("journey") => !hidden,
        Some("md") => !hidden && below.starts_with("templates"),
        Some("toml") => {
            below == Path::new(manifest::FILE_NAME) || (!hidden && below.starts_with("holidays"))
        }
        _ => false,
    }
}

fn read(path: &Path) -> Result<String, Unread> {
    let bytes = read_bytes(path).map_err(|error| Unread::System(error.to_string()))?;
    if bytes.len() > MAX_BYTES {
        let size = fs::metadata(path).map_or(bytes.len() as u64, |it| it.len());
        return Err(Unread::Bytes(
            Vec::new(),
            Unreadable::TooBig { bytes: size },
        ));
    }
    Sources::decode(bytes).map_err(|(bytes, reason)| Unread::Bytes(bytes, reason))
}

/// One byte more than is allowed is enough to know, however long the file grows meanwhile.
fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn folder_name(root: &Path) -> String {
    let real = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    real.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// What stands before the paths of a project in reports.
fn prefix(root: &Path) -> String {
    let slashes = slashes(root);
    match slashes.trim_start_matches("./") {
        "" | "." => String::new(),
        below => format!("{}/", below.trim_end_matches('/')),
    }
}

/// The path with `/` between its parts on every system.
fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/").replacen("//", "/", 1)
}

#[cfg(test)]
mod tests;
