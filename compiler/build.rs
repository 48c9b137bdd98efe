//! Lists the files of the lifecycle library, so that the binary carries it.

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
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let library = here.join("../journeys");
    println!("cargo::rerun-if-changed={}", library.display());
    let mut files = Vec::new();
    walk(&library, Path::new(""), &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for below in files {
        let path = library.join(&below).canonicalize()?;
        let path = path.to_string_lossy();
        let below = below.to_string_lossy().replace('\\', "/");
        let _ = writeln!(list, "    ({below:?}, include_str!({path:?})),");
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("library.rs"), list)
}

/// The texts below a folder that a project can use, as paths relative to it.
fn walk(root: &Path, below: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        let extension = path.extension().and_then(|it| it.to_str());
        if entry.file_type()?.is_dir() {
            walk(root, &path, files)?;
        } else if matches!(extension, Some("journey" | "md" | "toml" | "svg")) {
            files.push(path);
        }
    }
    Ok(())
}
