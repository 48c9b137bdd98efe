//! What tests came to, for eyes and for programs.

mod human;
mod json;
mod junit;

use jiff::tz::TimeZone;
use journey_ir::{Instant, Project};

use super::TestRun;
use crate::problem::{Language, Location};
use crate::project::LoadedProject;
use crate::report::Look;

/// The tests of one or more projects, run.
#[derive(Debug, Default)]
pub struct TestReport<'p> {
    parts: Vec<Part<'p>>,
}

#[derive(Debug)]
struct Part<'p> {
    project: &'p LoadedProject,
    /// The name in the project's settings.
    name: String,
    /// The zone in which the clock of the tests is read.
    zone: String,
    run: TestRun,
}

impl Part<'_> {
    /// `tests/cart_rescue.journey:12`
    fn place(&self, at: Location) -> String {
        let sources = self.project.sources();
        let source = sources.get(at.file);
        let line = source.map_or(0, |it| it.position(at.span.start).line);
        format!("{}{}:{line}", self.project.prefix(), sources.path(at.file))
    }

    /// What is written at a place, its first line.
    fn words(&self, at: Location) -> &str {
        let text = self.project.sources().text(at.file);
        at.span.of(text).trim().lines().next().unwrap_or_default()
    }
}

impl<'p> TestReport<'p> {
    /// Adds the tests of a project with these settings.
    pub fn add(&mut self, project: &'p LoadedProject, settings: &Project, run: TestRun) {
        self.parts.push(Part {
            project,
            name: settings.name.clone(),
            zone: settings.timezone.clone(),
            run,
        });
    }

    /// For eyes, with the ways that no test took if they are asked for, and a line that counts the tests at its end.
    pub fn human(&self, look: Look, coverage: bool) -> String {
        human::render(self, look, coverage)
    }

    /// For programs. Its shape is described in `docs/report.md` and only ever gains fields.
    pub fn json(&self) -> String {
        json::render(self)
    }

    /// For servers that show tests: JUnit's XML.
    pub fn junit(&self, language: Language) -> String {
        junit::render(self, language)
    }

    /// How many tests were run.
    pub fn count(&self) -> usize {
        self.parts.iter().map(|it| it.run.verdicts.len()).sum()
    }

    /// How many of them failed.
    pub fn failed(&self) -> usize {
        let verdicts = self.parts.iter().flat_map(|it| &it.run.verdicts);
        verdicts.filter(|(_, it)| !it.failures.is_empty()).count()
    }

    /// The smallest share of ways taken in any project, in whole percent; 100 without projects.
    pub fn coverage(&self) -> usize {
        let shares = self.parts.iter().map(|it| it.run.coverage.percent());
        shares.min().unwrap_or(100)
    }
}

fn zone_named(zone: &str) -> TimeZone {
    TimeZone::get(zone).unwrap_or(TimeZone::UTC)
}

/// `2026-03-02 14:10`, as clocks in a zone show it.
pub(super) fn local(at: Instant, zone: &str) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(
        |_| "?".to_owned(),
        |at| {
            let zoned = at.to_zoned(zone_named(zone));
            zoned.strftime("%Y-%m-%d %H:%M").to_string()
        },
    )
}
