//! Writes a file in one step: whoever reads it sees the old bytes or the new ones, never half of them.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where files are written"
)]

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file. The permissions of one that is there already are kept.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this is no file name"))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(hidden);
    let result = write_through(&beside, text)
        .and_then(|()| keep_permissions(path, &beside))
        .and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        // What is left of a failed attempt is of no use to anyone.
        let _ = fs::remove_file(&beside);
    }
    result
}

fn write_through(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn keep_permissions(old: &Path, new: &Path) -> io::Result<()> {
    match fs::metadata(old) {
        Ok(there) => fs::set_permissions(new, there.permissions()),
        Err(_) => Ok(()),
    }
}
