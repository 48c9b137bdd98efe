//! `journeyc check`: look for mistakes.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Exit;
use super::screen::Screen;
use crate::check::Effort;
use crate::compile::{self, Findings};
use crate::load::{load, projects};
use crate::problem::Severity;
use crate::project::LoadedProject;
use crate::report::Report;

/// Look for mistakes in journeys, settings and templates
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc check                       the project in this folder
  journeyc check shop clinic           two projects
  journeyc check shop/journeys/welcome.journey
                                       the project that this file belongs to
  journeyc check --lang ko             한국어로
  journeyc check --deny warnings       for CI: warnings fail, too
  journeyc check --format github       notes beside the lines of a pull request
  journeyc check --format sarif        for code scanners
  journeyc check --format junit        for servers that show tests
  journeyc check --format json         for programs; see docs/report.md

Each problem has a code; `journeyc explain J0301` says more about it.")]
pub(super) struct Check {
    /// Project folders or .journey files
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// How problems are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// What fails besides errors
    #[arg(long, value_name = "SEVERITY")]
    deny: Option<Deny>,
    /// Say how much the checks of conditions looked at
    #[arg(long)]
    stats: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For eyes
    Human,
    /// One JSON object
    Json,
    /// Workflow commands of GitHub Actions
    Github,
    /// SARIF 2.1.0
    Sarif,
    /// JUnit's XML
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Warnings
    Warnings,
}

/// A project that was read and compiled.
struct Checked {
    prefix: String,
    project: LoadedProject,
    findings: Findings,
}

impl Check {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        let mut all = Vec::new();
        for path in &self.paths {
            match check(path) {
                Ok(checked) => all.extend(checked),
                Err(error) => return screen.cannot_load(&error),
            }
        }
        let mut report = Report::default();
        for checked in &all {
            let problems = &checked.findings.problems;
            report.add(checked.prefix.clone(), &checked.project, problems);
        }
        let language = all.iter().find_map(|it| it.findings.language);
        let text = match self.format {
            Format::Human => report.human(screen.look(language)),
            Format::Json => report.json(),
            Format::Github => report.github(screen.language(language)),
            Format::Sarif => report.sarif(screen.language(language)),
            Format::Junit => report.junit(screen.language(language)),
        };
        if let Err(error) = screen.print(&text) {
            screen.error(&error.to_string());
            return Exit::Io;
        }
        if self.stats {
            for checked in &all {
                screen.note(&stats(&checked.prefix, checked.findings.effort));
            }
        }
        let denied = self.deny == Some(Deny::Warnings) && report.count(Severity::Warning) > 0;
        if denied || report.count(Severity::Error) > 0 {
            Exit::Problems
        } else {
            Exit::Fine
        }
    }
}

/// One line about what was looked at.
fn stats(prefix: &str, effort: Effort) -> String {
    let Effort {
        conditions,
        people,
        given_up,
    } = effort;
    let project = prefix.trim_end_matches('/');
    let project = if project.is_empty() { "." } else { project };
    format!(
        "{project}: {conditions} conditions looked at, {people} kinds of people listed, {given_up} questions given up\n"
    )
}

fn check(path: &Path) -> Result<Vec<Checked>, crate::load::LoadError> {
    let mut all = Vec::new();
    for path in projects(path)? {
        let project = load(&path)?;
        let findings = compile::check(&project);
        all.push(Checked {
            prefix: project.prefix().to_owned(),
            project,
            findings,
        });
    }
    Ok(all)
}
