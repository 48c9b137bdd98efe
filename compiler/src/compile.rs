//! The whole way from texts to a program, without touching the world.

use std::collections::BTreeMap;
use std::sync::Arc;

use journey_grammar::tree;
use journey_ir::{Program, StepIx};

use crate::allow::Allowances;
use crate::check::{Asked, Effort};
use crate::lower::Lowered;
use crate::places::Places;
use crate::problem::{Language, Location, Problems};
use crate::project::LoadedProject;
use crate::sources::FileId;
use crate::stop::Stop;
use crate::testing::Script;
use crate::titles::Titles;
use crate::{cores, lower, manifest, syntax, templates, version};

/// One `.journey` file, parsed. A copy shares everything, so that a file that did not change is never read twice.
#[derive(Debug, Clone)]
pub(crate) struct ParsedFile {
    pub(crate) id: FileId,
    pub(crate) tree: Arc<tree::File>,
    pub(crate) comments: Arc<[tree::Comment]>,
    pub(crate) problems: Arc<[journey_grammar::Problem]>,
}

/// Fewer files than this are read faster than a thread is started.
const FILES_PER_THREAD: usize = 16;

impl ParsedFile {
    /// Reads the text of a file.
    pub(crate) fn read(id: FileId, text: &str) -> Self {
        let parsed = journey_grammar::parse(text);
        Self {
            id,
            tree: Arc::new(parsed.file),
            comments: parsed.comments.into(),
            problems: parsed.problems.into(),
        }
    }
}

/// What became of a project.
#[derive(Debug, Clone)]
pub struct Compilation {
    /// The program, unless something is an error.
    pub program: Option<Program>,
    /// Its tests, in the order of the text.
    pub tests: Vec<Script>,
    /// Where the program's journeys and steps were written; also where something is an error, for what could be read.
    pub places: Places,
    /// What the declarations are called.
    pub titles: Titles,
    /// What the checks of conditions looked at.
    pub effort: Effort,
    /// Everything there is to say, in the order of the text.
    pub problems: Problems,
    /// The language that `journey.toml` asks for.
    pub language: Option<Language>,
    /// The conditions of the program and where they stand.
    pub(crate) conditions: Vec<Asked>,
}

impl Compilation {
    /// Where each step of a journey was written: `journeys/welcome.journey:12`.
    pub(crate) fn written(
        &self,
        project: &LoadedProject,
        journey: &str,
    ) -> BTreeMap<StepIx, String> {
        let journeys = self.program.iter().flat_map(|it| &it.journeys);
        let at = journeys.into_iter().position(|it| it.name == journey);
        let places = at.and_then(|at| self.places.journeys.get(at));
        let steps = places.map(|it| it.steps.as_slice()).unwrap_or_default();
        let line = |(at, step): (usize, &crate::places::StepPlaces)| {
            let place = step.whole?;
            let source = project.sources().get(place.file)?;
            let line = source.position(place.span.start).line;
            Some((StepIx(at as u32), format!("{}:{line}", source.path())))
        };
        steps.iter().enumerate().filter_map(line).collect()
    }
}

/// Compiles a project. The same texts always give the same program and the same problems.
pub fn compile(project: &LoadedProject) -> Compilation {
    let files = read_files(project);
    let mut compilation = compile_files(project, &files);
    cores::free(files);
    if let Some(program) = &mut compilation.program {
        version::stamp(program);
    }
    compilation
}

/// What there is to say about a project.
#[derive(Debug, Clone)]
pub struct Findings {
    /// Everything there is to say, in the order of the text.
    pub problems: Problems,
    /// What the checks of conditions looked at.
    pub effort: Effort,
    /// The language that `journey.toml` asks for.
    pub language: Option<Language>,
}

/// Says what [`compile`] would say, without working out the versions of journeys.
pub fn check(project: &LoadedProject) -> Findings {
    let files = read_files(project);
    let (lowered, problems, language) = lowered(project, &files, &Stop::default());
    cores::free(files);
    Findings {
        problems,
        effort: lowered.effort,
        language,
    }
}

/// Reads all `.journey` files of a project, on all cores. Each file is read by itself, so that the result is the same on
/// any number of them.
pub(crate) fn read_files(project: &LoadedProject) -> Vec<ParsedFile> {
    cores::map(project.journeys(), FILES_PER_THREAD, |&id| {
        ParsedFile::read(id, project.sources().text(id))
    })
}

/// Compiles a project whose `.journey` files were read already. Its journeys have no versions yet.
pub(crate) fn compile_files(project: &LoadedProject, files: &[ParsedFile]) -> Compilation {
    compile_until(project, files, &Stop::default())
}

/// Does the same until it is stopped. What comes out then is incomplete, and nobody may look at it.
pub(crate) fn compile_until(
    project: &LoadedProject,
    files: &[ParsedFile],
    stop: &Stop,
) -> Compilation {
    let (lowered, problems, language) = lowered(project, files, stop);
    Compilation {
        program: lowered.program,
        tests: lowered.tests,
        places: lowered.places,
        titles: Titles::collect(files),
        effort: lowered.effort,
        conditions: lowered.conditions,
        problems,
        language,
    }
}

fn lowered(
    project: &LoadedProject,
    files: &[ParsedFile],
    stop: &Stop,
) -> (Lowered, Problems, Option<Language>) {
    let mut problems = project.problems().clone();
    let manifest = manifest::read(project, &mut problems);
    let templates = templates::read(project, &manifest, &mut problems);
    for file in files {
        for problem in file.problems.iter() {
            problems.push(syntax::problem(file.id, problem.clone()));
        }
    }
    let line = |at: Location| {
        let source = project.sources().get(at.file);
        source.map_or(0, |it| it.position(at.span.start).line)
    };
    let mut allowances = Allowances::read(project, files, &mut problems);
    let mut allow = |problems: &mut Problems| allowances.apply(line, problems);
    let texts = (&manifest, &templates, files);
    let lowered = lower::program(texts, stop, &mut allow, &mut problems);
    if lowered.program.is_some() {
        allowances.report_unused(&mut problems);
    }
    problems.sort();
    problems.fold(line);
    (lowered, problems, manifest.language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_nobody_waits_for_looks_at_no_journey() {
        let text =
            "event visit { page: text }\n\njourney a {\n  enter when visit\n  wait 1 day\n}\n";
        let project = LoadedProject::from_texts([
            (
                "journey.toml",
                "[project]\nname = \"a\"\ntimezone = \"Asia/Seoul\"\n",
            ),
            ("a.journey", text),
        ]);
        let files = read_files(&project);
        let stop = Stop::default();
        let places = |stop| compile_until(&project, &files, stop).places.journeys.len();
        assert_eq!(places(&stop), 1);
        stop.stop();
        assert_eq!(places(&stop), 0);
    }
}
