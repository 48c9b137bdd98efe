//! `# allow NAME: reason`: a report of a check that was looked at and is meant to stay.
//!
//! Comes in: the comments of all files. Goes out: the problems without those that are allowed, and problems of
//! comments that allow nothing. Only what checks say can be allowed; names, types and syntax decide what a program
//! means, so nobody can wave them through.

mod error;

use journey_grammar::tree::{Comment, Declaration, Span};

use crate::codes::{self, Code};
use crate::compile::ParsedFile;
use crate::near::nearest;
use crate::problem::{Location, Problem, Problems};
use crate::project::LoadedProject;
use crate::sources::{FileId, Source};
use error::AllowError;

/// The word after `#`.
const WORD: &str = "allow";

/// The line around the settings of a template.
const FENCE: &str = "+++";

/// All comments that allow something.
#[derive(Debug, Default)]
pub(crate) struct Allowances {
    all: Vec<Allowance>,
}

#[derive(Debug)]
struct Allowance {
    code: Code,
    /// The comment.
    at: Location,
    /// The comment with its line break, or with the spaces before it.
    all_of_it: Location,
    covers: Covers,
    used: bool,
}

/// Where the problems lie that a comment allows.
#[derive(Debug, Clone, Copy)]
enum Covers {
    /// Those that begin on a line, and those inside the declaration that begins there.
    Line {
        line: u32,
        declaration: Option<Span>,
    },
    /// The whole file.
    File,
}

/// What a comment says.
enum Said {
    Nothing,
    Wrong(AllowError),
    Allowed(Code),
}

impl Allowances {
    /// Reads the comments of a project.
    pub(crate) fn read(
        project: &LoadedProject,
        files: &[ParsedFile],
        problems: &mut Problems,
    ) -> Self {
        let mut allowances = Self::default();
        for file in files {
            if let Some(source) = project.sources().get(file.id) {
                allowances.of_journeys(source, file, problems);
            }
        }
        for template in project.templates() {
            if let Some(source) = project.sources().get(template.file) {
                allowances.of_template(source, template.file, problems);
            }
        }
        allowances
    }

    fn of_journeys(&mut self, source: &Source, file: &ParsedFile, problems: &mut Problems) {
        let line = |offset| source.position(offset).line;
        let says = |it: &&Comment| !it.is_doc && words(it.span.of(source.text())).starts_with(WORD);
        for comment in file.comments.iter().filter(says) {
            let target = target(source, &file.comments, comment);
            let mut declarations = file.tree.declarations.iter().map(Declaration::span);
            let declaration = declarations.find(|it| line(it.start) == target);
            let covers = Covers::Line {
                line: target,
                declaration,
            };
            self.add(
                source,
                Location::new(file.id, comment.span),
                covers,
                problems,
            );
        }
    }

    /// The settings of a template are TOML, whose comments begin with `#` too. One of them speaks for the whole file.
    fn of_template(&mut self, source: &Source, file: FileId, problems: &mut Problems) {
        let mut offset = 0_u32;
        let mut fences = 0;
        for line in source.text().split_inclusive('\n') {
            let words = line.trim();
            fences += usize::from(words == FENCE);
            if fences > 1 {
                return;
            }
            if words.starts_with('#') {
                let indent = line.len() - line.trim_start().len();
                let start = offset + indent as u32;
                let span = Span::new(start, start + words.len() as u32);
                self.add(source, Location::new(file, span), Covers::File, problems);
            }
            offset += line.len() as u32;
        }
    }

    fn add(&mut self, source: &Source, at: Location, covers: Covers, problems: &mut Problems) {
        match read(at.span.of(source.text()), at) {
            Said::Nothing => {}
            Said::Wrong(error) => problems.push(error.at(at)),
            Said::Allowed(code) => self.all.push(Allowance {
                code,
                at,
                all_of_it: all_of_it(source, at),
                covers,
                used: false,
            }),
        }
    }

    /// Takes out the problems that are allowed.
    pub(crate) fn apply(&mut self, line: impl Fn(Location) -> u32, problems: &mut Problems) {
        problems.retain(|problem| {
            let mut allowed = false;
            for allowance in &mut self.all {
                if allowance.covers(problem, line(problem.at)) {
                    allowance.used = true;
                    allowed = true;
                }
            }
            !allowed
        });
    }

    /// Reports comments that allowed nothing. To be asked only once everything was said that there is to say.
    pub(crate) fn report_unused(&self, problems: &mut Problems) {
        for unused in self.all.iter().filter(|it| !it.used) {
            let name = unused.code.name;
            let remove = unused.all_of_it;
            problems.push(AllowError::Unused { name, remove }.at(unused.at));
        }
    }
}

impl Allowance {
    fn covers(&self, problem: &Problem, line: u32) -> bool {
        if problem.code != self.code.code || problem.at.file != self.at.file {
            return false;
        }
        match self.covers {
            Covers::File => true,
            Covers::Line {
                line: target,
                declaration,
            } => line == target || declaration.is_some_and(|it| it.contains(problem.at.span)),
        }
    }
}

/// The line that a comment speaks of: its own, or the next one that is no comment.
fn target(source: &Source, comments: &[Comment], comment: &Comment) -> u32 {
    let line = |offset| source.position(offset).line;
    let mut target = line(comment.span.start);
    if !comment.own_line {
        return target;
    }
    target += 1;
    for next in comments.iter().filter(|it| it.own_line) {
        if line(next.span.start) == target {
            target += 1;
        }
    }
    target
}

/// What goes when a comment goes: its whole line, or the spaces between it and what stands before it.
fn all_of_it(source: &Source, comment: Location) -> Location {
    let text = source.text();
    let Span { start, end } = comment.span;
    let before = text.get(..start as usize).unwrap_or_default();
    let kept = before.trim_end_matches([' ', '\t']);
    let after = text.get(end as usize..).unwrap_or_default();
    let own_line = kept.is_empty() || kept.ends_with('\n');
    let line_break = if own_line {
        after.find('\n').map_or(after.len(), |at| at + 1)
    } else {
        0
    };
    let span = Span::new(kept.len() as u32, end + line_break as u32);
    Location::new(comment.file, span)
}

/// What a comment says after its `#`.
fn words(comment: &str) -> &str {
    comment.trim_start_matches('#').trim()
}

/// Reads a comment. One that only happens to begin with the word says nothing.
fn read(comment: &str, at: Location) -> Said {
    let Some(rest) = words(comment).strip_prefix(WORD) else {
        return Said::Nothing;
    };
    if !rest.starts_with(char::is_whitespace) {
        return Said::Nothing;
    }
    let (name, reason) = match rest.split_once(':') {
        Some((name, reason)) => (name.trim(), Some(reason.trim())),
        None => (rest.trim(), None),
    };
    let Some(code) = codes::find(name) else {
        let looks_like_a_name = !name.is_empty()
            && !name.contains(char::is_whitespace)
            && (name.contains('-') || codes::is_code(name));
        if !looks_like_a_name {
            return Said::Nothing;
        }
        let near = nearest(name, codes::ALL.iter().map(|it| it.name));
        let near = near.map(|near| (near, place_of(comment, name, at)));
        return Said::Wrong(AllowError::Unknown {
            name: name.to_owned(),
            near,
        });
    };
    if !code.can_be_allowed() {
        return Said::Wrong(AllowError::Never { name: code.name });
    }
    match reason {
        Some(reason) if !reason.is_empty() => Said::Allowed(code),
        _ => Said::Wrong(AllowError::NoReason { name: code.name }),
    }
}

/// Where a word of a comment stands.
fn place_of(comment: &str, word: &str, at: Location) -> Location {
    let start = at.span.start + comment.find(word).unwrap_or_default() as u32;
    Location::new(at.file, Span::new(start, start + word.len() as u32))
}
