//! The `.journey` files at a path, whichever project they belong to, and their texts one by one: for commands that look
//! at files, not at projects.

use std::fs;
use std::path::{Path, PathBuf};

use super::{LoadError, MAX_FILES, Walk};
use crate::project::Unread;
use crate::sources::Unreadable;

/// Returns the file at a path, or all `.journey` files of the folder and the projects in it, sorted.
pub(crate) fn journey_files(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let kind = fs::metadata(path).map_err(|error| LoadError::at(path, &error))?;
    let mut files = Vec::new();
    if kind.is_dir() {
        below(path, &mut files)?;
        files.sort();
    } else if is_journey(path) {
        files.push(path.to_owned());
    } else {
        let path = path.to_owned();
        return Err(LoadError::NotAProject { path });
    }
    Ok(files)
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let walk = Walk::of(folder)?;
    let own = walk.files.into_iter().filter(|file| is_journey(file));
    files.extend(own.map(|file| folder.join(file)));
    if files.len() > MAX_FILES {
        let path = folder.to_owned();
        return Err(LoadError::TooMuch { path });
    }
    for project in walk.separate {
        below(&folder.join(project), files)?;
    }
    Ok(())
}

fn is_journey(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "journey")
}

/// Reads the text of one file.
pub(crate) fn journey_text(path: &Path) -> Result<String, LoadError> {
    super::read(path).map_err(|unread| {
        let reason = match unread {
            Unread::System(reason) => reason,
            Unread::Bytes(_, Unreadable::NotUtf8 { offset }) => {
                format!("it is no UTF-8 text from byte {offset} on")
            }
            Unread::Bytes(_, Unreadable::TooBig { bytes }) => {
                format!("it is too big ({bytes} bytes)")
            }
        };
        let path = path.to_owned();
        LoadError::System { path, reason }
    })
}
