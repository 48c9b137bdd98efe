//! Problems for eyes and for programs. The only place that renders.
//!
//! Comes in: one or more projects with their problems. Goes out: text, drawn by miette or in a shape that programs read.

mod github;
mod human;
mod json;
pub(crate) mod junit;
mod sarif;

use crate::problem::{Language, Location, Problem, Problems, Severity};
use crate::project::LoadedProject;
use crate::sources::{FileId, Position};

/// How a report is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// In which language.
    pub language: Language,
    /// Whether with colours.
    pub colours: bool,
    /// How many columns wide.
    pub width: usize,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            language: Language::English,
            colours: false,
            width: 80,
        }
    }
}

/// Problems of one or more projects.
#[derive(Debug, Default)]
pub struct Report<'p> {
    parts: Vec<Part<'p>>,
}

#[derive(Debug)]
struct Part<'p> {
    /// What stands before the paths: where the project lies, as seen from where the command runs.
    prefix: String,
    project: &'p LoadedProject,
    problems: &'p Problems,
}

impl Part<'_> {
    fn path(&self, file: FileId) -> String {
        format!("{}{}", self.prefix, self.project.sources().path(file))
    }

    /// Where a place begins and ends.
    fn points(&self, at: Location) -> (Position, Position) {
        let source = self.project.sources().get(at.file);
        let point = |byte| {
            source.map_or(Position { line: 1, column: 1 }, |source| {
                source.position(byte)
            })
        };
        (point(at.span.start), point(at.span.end))
    }
}

impl<'p> Report<'p> {
    /// Adds a project. Its paths are shown after `prefix`.
    pub fn add(
        &mut self,
        prefix: impl Into<String>,
        project: &'p LoadedProject,
        problems: &'p Problems,
    ) {
        self.parts.push(Part {
            prefix: prefix.into(),
            project,
            problems,
        });
    }

    /// The report for eyes: each problem with its lines, then one line that counts them.
    pub fn human(&self, look: Look) -> String {
        human::render(self, look)
    }

    /// The report for programs. Its shape is described in `docs/report.md` and only ever gains fields.
    pub fn json(&self) -> String {
        json::render(self)
    }

    /// The report for GitHub Actions: one workflow command per problem.
    pub fn github(&self, language: Language) -> String {
        github::render(self, language)
    }

    /// The report for code scanners: SARIF 2.1.0.
    pub fn sarif(&self, language: Language) -> String {
        sarif::render(self, language)
    }

    /// The report for servers that show tests: JUnit's XML.
    pub fn junit(&self, language: Language) -> String {
        junit::render(self, language)
    }

    /// How many problems of a severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.parts
            .iter()
            .map(|part| part.problems.count(severity))
            .sum()
    }

    fn problems(&self) -> impl Iterator<Item = (&Part<'p>, &'p Problem)> {
        self.parts
            .iter()
            .flat_map(|part| part.problems.iter().map(move |problem| (part, problem)))
    }
}
