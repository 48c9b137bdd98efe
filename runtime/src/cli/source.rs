//! What to run: a compiled `program.json`, or a project that is compiled on the spot. The one place in the daemon that
//! calls the compiler.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use journey_ir as ir;
use journeyc::{Language, Look, Report};

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
    /// The project cannot be read.
    #[error(transparent)]
    Project(#[from] journeyc::LoadError),
    /// The project has problems, drawn as the compiler draws them.
    #[error("{} is not started: its journeys have errors\n\n{report}", .path.display())]
    Problems {
        /// The project.
        path: PathBuf,
        /// The problems.
        report: String,
    },
}

/// Reads what a path stands for.
pub(super) fn load(path: &Path) -> Result<ir::Program, SourceError> {
    if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        return read(path);
    }
    let project = journeyc::load(path)?;
    let compilation = journeyc::compile(&project);
    compilation.program.ok_or_else(|| {
        let mut report = Report::default();
        report.add(project.prefix(), &project, &compilation.problems);
        let look = Look {
            language: compilation.language.unwrap_or(Language::English),
            colours: std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            ..Look::default()
        };
        SourceError::Problems {
            path: path.to_owned(),
            report: report.human(look),
        }
    })
}

fn read(path: &Path) -> Result<ir::Program, SourceError> {
    let text = fs::read_to_string(path).map_err(|source| SourceError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    ir::Program::from_json(&text).map_err(|source| SourceError::Program {
        path: path.to_owned(),
        source,
    })
}
