//! What to run: a project of `.journey` files, which is compiled, or a compiled `program.json`. The one place in the
//! daemon that knows the compiler.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use journey_ir as ir;
use journeyc::{Look, Report, Severity};

use crate::reload::Compiled;

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
        /// All of them, as people read them.
        report: String,
    },
}

/// Reads what a path stands for. Problems of a project are reported; warnings do not stop it.
pub(crate) fn load(path: &Path) -> Result<ir::Program, SourceError> {
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let read = read(path, colours);
    match &read {
        Ok(compiled) => super::report(&compiled.warnings),
        Err(SourceError::Errors { report, .. }) => super::report(report),
        Err(_) => {}
    }
    Ok(read?.program)
}

/// Reads what a path stands for, once more while it runs.
pub(crate) fn again(path: &Path) -> Result<Compiled, String> {
    read(path, false).map_err(|error| match error {
        SourceError::Errors { report, .. } => report,
        other => other.to_string(),
    })
}

fn read(path: &Path, colours: bool) -> Result<Compiled, SourceError> {
    if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        return Ok(Compiled {
            program: compiled(path)?,
            warnings: String::new(),
        });
    }
    let project = journeyc::load(path)?;
    let compilation = journeyc::compile(&project);
    let mut report = Report::default();
    report.add(project.prefix(), &project, &compilation.problems);
    let errors = report.count(Severity::Error);
    let mut told = String::new();
    if errors + report.count(Severity::Warning) > 0 {
        told = report.human(Look {
            language: compilation.language.unwrap_or(Look::default().language),
            colours,
            ..Look::default()
        });
    }
    match compilation.program {
        Some(program) => Ok(Compiled {
            program,
            warnings: told,
        }),
        None => Err(SourceError::Errors {
            errors,
            report: told,
        }),
    }
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
