//! A ready journey is tried where it goes before anything is written: the project must compile, and all its tests hold.
//!
//! A test of the library supposes that nobody else writes to its people. Where the project's other journeys do, or its
//! policies differ, the test is made a comment that says what happens instead, for a marketer to change or delete.

use std::num::NonZeroUsize;

use journey_grammar::tree::Declaration;

use super::copied::{Copied, Upset};
use crate::compile::{Compilation, compile};
use crate::problem::{Language, Location, Severity, Text};
use crate::project::LoadedProject;
use crate::testing::run_tests;

/// Why a test cannot run, by its title.
type Reasons = Vec<(String, Text)>;

/// The copy with the tests that do not hold in this project made comments, or refused where it would not compile.
pub(super) fn tried(project: &LoadedProject, mut copy: Copied) -> Copied {
    if project.journey_files() > 0 && compile(project).problems.has_errors() {
        // What is wrong already says nothing about the journey.
        return copy;
    }
    let mut whole = after(project, &copy);
    let mut compilation = compile(&whole);
    let wrong = wrong_tests(&whole, &compilation);
    if !wrong.is_empty() {
        copy.rest(project, &wrong, compilation.language);
        whole = after(project, &copy);
        compilation = compile(&whole);
    }
    if compilation.problems.has_errors() {
        copy.refused = Some(Box::new((whole, compilation.problems)));
        return copy;
    }
    let failing = failing_tests(&compilation);
    copy.rest(project, &failing, compilation.language);
    let before = compile(project);
    copy.upset = upset(&before, (&whole, &compilation), &copy);
    copy.warned = warned(&before, (&whole, &compilation));
    copy
}

/// The file and line of a place.
fn place(project: &LoadedProject, at: Location) -> String {
    let sources = project.sources();
    let line = sources
        .get(at.file)
        .map_or(0, |it| it.position(at.span.start).line);
    format!("{}:{line}", sources.path(at.file))
}

/// The warnings that were not there before.
fn warned(
    before: &Compilation,
    (project, after): (&LoadedProject, &Compilation),
) -> Vec<(String, Text, Option<Text>)> {
    let known = |code: &str, message: &Text| {
        let mut all = before.problems.iter();
        all.any(|it| it.code == code && it.message == *message)
    };
    let warnings = after
        .problems
        .iter()
        .filter(|it| it.severity == Severity::Warning && !known(it.code, &it.message));
    warnings
        .map(|it| {
            let place = format!("{} {}", it.code, place(project, it.at));
            (place, it.message.clone(), it.help.clone())
        })
        .collect()
}

/// The failing tests that are the project's own, and held before.
fn upset(
    before: &Compilation,
    (project, after): (&LoadedProject, &Compilation),
    copy: &Copied,
) -> Vec<Upset> {
    let is_rested = |title: &str| copy.rested.iter().any(|(it, _)| it == title);
    let failed_before = failing_tests(before);
    let held = |title: &str| failed_before.iter().all(|(it, _)| it != title);
    let Ok(run) = run_tests(after, "", NonZeroUsize::MIN) else {
        return Vec::new();
    };
    let failed = run.verdicts.into_iter().filter_map(|(script, verdict)| {
        let failure = verdict.failures.into_iter().next()?;
        let text = project.sources().text(failure.at.file);
        Some(Upset {
            title: script.title,
            place: place(project, failure.at),
            line: failure.at.span.of(text).trim().to_owned(),
            instead: failure.instead,
        })
    });
    failed
        .filter(|it| !is_rested(&it.title) && held(&it.title))
        .collect()
}

/// The project as it will be.
pub(super) fn after(project: &LoadedProject, copy: &Copied) -> LoadedProject {
    let sources = project.sources();
    let unchanged = sources
        .iter()
        .map(|(_, source)| (source.path(), source.text()))
        .filter(|(path, _)| copy.files.iter().all(|(changed, _)| changed != path));
    let changed = copy
        .files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    LoadedProject::from_texts(unchanged.chain(changed))
}

/// The tests that have an error inside.
fn wrong_tests(project: &LoadedProject, compilation: &Compilation) -> Reasons {
    let mut found = Vec::new();
    let errors = compilation
        .problems
        .iter()
        .filter(|it| it.severity == Severity::Error);
    let errors: Vec<_> = errors.collect();
    for &file in project.journeys() {
        for declaration in journey_grammar::parse(project.sources().text(file))
            .file
            .declarations
        {
            let Declaration::Test(test) = declaration else {
                continue;
            };
            let inside = |at: Location| {
                at.file == file && test.span.start <= at.span.start && at.span.end <= test.span.end
            };
            let error = errors.iter().find(|it| inside(it.at));
            if let (Some(error), Some(title)) = (error, test.title) {
                found.push((title.text, error.message.clone()));
            }
        }
    }
    found
}

/// The tests that do not hold.
fn failing_tests(compilation: &Compilation) -> Reasons {
    let Ok(run) = run_tests(compilation, "", NonZeroUsize::MIN) else {
        return Vec::new();
    };
    let failed = run.verdicts.into_iter().filter_map(|(script, verdict)| {
        let failure = verdict.failures.first()?;
        Some((script.title, failure.instead.clone()))
    });
    failed.collect()
}

impl Copied {
    /// Makes these tests comments in the files that are new.
    fn rest(&mut self, project: &LoadedProject, tests: &Reasons, language: Option<Language>) {
        let mut rested = Vec::new();
        for (path, text) in &mut self.files {
            let before = super::own::own_text(project, path);
            let mut out = String::new();
            let mut from = 0;
            for declaration in journey_grammar::parse(text).file.declarations {
                let span = declaration.span();
                let Declaration::Test(test) = declaration else {
                    continue;
                };
                let title = test.title.map(|it| it.text).unwrap_or_default();
                let reason = tests.iter().find(|(it, _)| *it == title);
                // What the project had before is its own.
                let (Some((_, reason)), true) = (reason, span.start as usize >= before.len())
                else {
                    continue;
                };
                out.push_str(text.get(from..span.start as usize).unwrap_or_default());
                out.push_str(&comment(span.of(text), reason, language));
                from = span.end as usize;
                rested.push((title, reason.clone()));
            }
            out.push_str(text.get(from..).unwrap_or_default());
            *text = out;
        }
        self.rested.extend(rested);
    }
}

/// A test as a comment, with what happens in this project instead.
fn comment(test: &str, reason: &Text, language: Option<Language>) -> String {
    let mut out = match language.unwrap_or_default() {
        Language::English => format!(
            "# Beside your other journeys and rules this test does not hold: {}\n",
            reason.en
        ),
        Language::Korean => format!(
            "# 이 프로젝트의 다른 여정과 규칙 때문에 맞지 않는 테스트입니다. {}\n",
            reason.ko
        ),
    };
    let mut lines = test.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str("# ");
        out.push_str(line);
        if lines.peek().is_some() {
            out.push('\n');
        }
    }
    out
}
