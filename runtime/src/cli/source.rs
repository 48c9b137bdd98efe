//! What to run: a compiled `program.json`. The one place in the daemon that reads programs.

use std::fs;
use std::path::{Path, PathBuf};

use journey_ir as ir;

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no program.
    #[error("{}: {source}", .path.display())]
    Program {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ir::LoadError,
    },
}

/// Reads what a path stands for.
pub(super) fn load(path: &Path) -> Result<ir::Program, SourceError> {
    let text = fs::read_to_string(path).map_err(|source| SourceError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    ir::Program::from_json(&text).map_err(|source| SourceError::Program {
        path: path.to_owned(),
        source,
    })
}
