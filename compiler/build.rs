//! Lists the files of the lifecycle library and of the projects that `init` makes, so that the binary carries them.

#![allow(
    clippy::disallowed_methods,
    reason = "this runs while building, where files are read"
)]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    embed("../journeys", "library.rs")?;
    embed("starter/en", "starter_en.rs")?;
    embed("starter/ko", "starter_ko.rs")
}

/// Writes the list of a folder's files, path and text, in the order of their paths.
fn embed(folder: &str, list_name: &str) -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = here.join(folder);
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    walk(&folder, Path::new(""), &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for below in files {
        let path = folder.join(&below).canonicalize()?;
        let path = path.to_string_lossy();
        let below = below.to_string_lossy().replace('\\', "/");
        let _ = writeln!(list, "    ({below:?}, include_str!({path:?})),");
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join(list_name), list)
}

/// The texts below a folder that a project can use, as paths relative to it.
fn walk(root: &Path, below: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        let extension = path.extension().and_then(|it| it.to_str());
        if entry.file_type()?.is_dir() {
            walk(root, &path, files)?;
        } else if matches!(
            extension,
            Some("journey" | "md" | "ndjson" | "svg" | "toml")
        ) {
            files.push(path);
        }
    }
    Ok(())
}
