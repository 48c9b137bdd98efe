//! Problems in the protocol's shape.

use std::collections::BTreeMap;
use std::str::FromStr;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    Location, NumberOrString, Uri,
};

use super::position::Lines;
use super::project::Project;
use super::said;
use super::workspace::Workspace;
use crate::codes;
use crate::problem::{Language, Problem, Severity};
use crate::sources::FileId;

/// Where the pages of all problems stand.
const PAGES: &str = "https://github.com/journey-lang/journey/blob/main/compiler/src/problems";

/// How many are shown of one file; the rest follows once these are repaired.
const MOST_OF_ONE_FILE: usize = 200;

/// What there is to say about each file of a project that has problems.
pub(super) fn of_project(
    workspace: &Workspace,
    project: &Project,
) -> BTreeMap<FileId, Vec<Diagnostic>> {
    let language = workspace.language(project);
    let mut lines: BTreeMap<FileId, Lines<'_>> = BTreeMap::new();
    let mut found: BTreeMap<FileId, Vec<Diagnostic>> = BTreeMap::new();
    for problem in said::problems(project) {
        let files = problem.others.iter().map(|(at, _)| at.file);
        for file in files.chain([problem.at.file]) {
            lines
                .entry(file)
                .or_insert_with(|| Lines::new(project.text(file), workspace.encoding));
        }
        let of_file = found.entry(problem.at.file).or_default();
        if of_file.len() < MOST_OF_ONE_FILE {
            let shown = Shown {
                workspace,
                project,
                lines: &lines,
                language,
            };
            of_file.extend(shown.diagnostic(&problem));
        }
    }
    found
}

struct Shown<'a> {
    workspace: &'a Workspace,
    project: &'a Project,
    lines: &'a BTreeMap<FileId, Lines<'a>>,
    language: Language,
}

impl Shown<'_> {
    fn diagnostic(&self, problem: &Problem) -> Option<Diagnostic> {
        let related = problem.others.iter().filter_map(|(at, words)| {
            let uri = self.workspace.uri(&self.project.path_of(at.file))?;
            let range = self.lines.get(&at.file)?.range(at.span);
            Some(DiagnosticRelatedInformation {
                location: Location::new(uri, range),
                message: words.in_language(self.language).to_owned(),
            })
        });
        let related: Vec<_> = related.collect();
        let unreachable = problem.code == codes::UNREACHABLE_STEP.code;
        Some(Diagnostic {
            range: self.lines.get(&problem.at.file)?.range(problem.at.span),
            severity: Some(match problem.severity {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
                Severity::Info => DiagnosticSeverity::INFORMATION,
            }),
            code: Some(NumberOrString::String(problem.code.to_owned())),
            code_description: Uri::from_str(&format!("{PAGES}/{}.md", problem.name))
                .ok()
                .map(|href| CodeDescription { href }),
            source: Some("journeyc".to_owned()),
            message: message(problem, self.language),
            related_information: (!related.is_empty()).then_some(related),
            tags: unreachable.then(|| vec![DiagnosticTag::UNNECESSARY]),
            data: None,
        })
    }
}

/// The sentence, and what to do about it.
fn message(problem: &Problem, language: Language) -> String {
    let said = problem.message.in_language(language);
    match &problem.help {
        Some(help) => format!("{said}\n{}", help.in_language(language)),
        None => said.to_owned(),
    }
}
