//! What to run: a project of `.journey` files, which is compiled, or a compiled `program.json`. The one place in the
//! daemon that knows the compiler.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use journey_ir as ir;
use journeyc::{Look, Report, Severity};

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
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
    /// The project cannot be loaded.
    #[error(transparent)]
    Project(#[from] journeyc::LoadError),
    /// The project has errors, which were reported.
    #[error("the project has {errors} {}; nothing was started", if *.errors == 1 { "error" } else { "errors" })]
    Errors {
        /// How many.
        errors: usize,
    },
}

/// Reads what a path stands for. Problems of a project are reported; warnings do not stop it.
pub(crate) fn load(path: &Path) -> Result<ir::Program, SourceError> {
    if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        return compiled(path);
    }
    let project = journeyc::load(path)?;
    let compilation = journeyc::compile(&project);
    let mut report = Report::default();
    report.add(project.prefix(), &project, &compilation.problems);
    let errors = report.count(Severity::Error);
    if errors + report.count(Severity::Warning) > 0 {
        let look = Look {
            language: compilation.language.unwrap_or(Look::default().language),
            colours: std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            ..Look::default()
        };
        super::report(report.human(look));
    }
    compilation.program.ok_or(SourceError::Errors { errors })
}

fn compiled(path: &Path) -> Result<ir::Program, SourceError> {
    let text = fs::read_to_string(path).map_err(|source| SourceError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    ir::Program::from_json(&text).map_err(|source| SourceError::Program {
        path: path.to_owned(),
        source,
    })
}
