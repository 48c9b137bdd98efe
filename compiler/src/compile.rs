//! The whole way from texts to a program, without touching the world.

use std::collections::BTreeMap;

use journey_grammar::tree;
use journey_ir::{Program, StepIx};

use crate::allow::Allowances;
use crate::check::Effort;
use crate::places::Places;
use crate::problem::{Language, Location, Problems};
use crate::project::LoadedProject;
use crate::sources::FileId;
use crate::testing::Script;
use crate::titles::Titles;
use crate::{lower, manifest, syntax, templates};

/// One `.journey` file, parsed.
#[derive(Debug, Clone)]
pub(crate) struct ParsedFile {
    pub(crate) id: FileId,
    pub(crate) tree: tree::File,
    pub(crate) comments: Vec<tree::Comment>,
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
    let mut problems = project.problems().clone();
    let manifest = manifest::read(project, &mut problems);
    let templates = templates::read(project, &manifest, &mut problems);
    let files: Vec<ParsedFile> = project
        .journeys()
        .iter()
        .map(|&id| parse(id, project.sources().text(id), &mut problems))
        .collect();
    let line = |at: Location| {
        let source = project.sources().get(at.file);
        source.map_or(0, |it| it.position(at.span.start).line)
    };
    let mut allowances = Allowances::read(project, &files, &mut problems);
    let mut allow = |problems: &mut Problems| allowances.apply(line, problems);
    let lowered = lower::program(&manifest, &templates, &files, &mut allow, &mut problems);
    if lowered.program.is_some() {
        allowances.report_unused(&mut problems);
    }
    problems.sort();
    problems.fold(line);
    Compilation {
        program: lowered.program,
        tests: lowered.tests,
        places: lowered.places,
        titles: Titles::collect(&files),
        effort: lowered.effort,
        problems,
        language: manifest.language,
    }
}

fn parse(id: FileId, text: &str, problems: &mut Problems) -> ParsedFile {
    let parsed = journey_grammar::parse(text);
    for problem in parsed.problems {
        problems.push(syntax::problem(id, problem));
    }
    ParsedFile {
        id,
        tree: parsed.file,
        comments: parsed.comments,
    }
}
