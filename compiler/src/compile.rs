//! The whole way from texts to a program, without touching the world.

use journey_grammar::tree;
use journey_ir::Program;

use crate::allow::Allowances;
use crate::check::Effort;
use crate::places::Places;
use crate::problem::{Language, Location, Problems};
use crate::project::LoadedProject;
use crate::sources::FileId;
use crate::testing::Script;
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
    /// What the checks of conditions looked at.
    pub effort: Effort,
    /// Everything there is to say, in the order of the text.
    pub problems: Problems,
    /// The language that `journey.toml` asks for.
    pub language: Option<Language>,
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
