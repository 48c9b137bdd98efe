//! One case: an input that follows from a seed, and the judgement on it. What went wrong comes out as data, so that a
//! smaller input can be asked whether it goes wrong in the same way.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use journeyc::{Compilation, LoadedProject};

use crate::chance::Chance;
use crate::corpus::{Corpus, Project};
use crate::{lives, projects, texts};

/// What is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// One text, read and formatted.
    Text(String),
    /// A project, compiled, tested and lived through.
    Project(Project),
}

impl Input {
    /// The input of a seed: the same corpus and seed give the same one.
    pub(crate) fn of(seed: u64, corpus: &Corpus) -> Self {
        let mut chance = Chance::new(seed);
        if chance.one_in(4) {
            Self::Text(corpus.changed_text(&mut chance))
        } else {
            Self::Project(corpus.changed_project(&mut chance))
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => writeln!(f, "{text}"),
            Self::Project(project) => {
                for (path, text) in project {
                    writeln!(f, "=== {path}\n{text}")?;
                }
                Ok(())
            }
        }
    }
}

/// What is judged: the functions of the compiler, or others in their place that are known to be wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Product {
    pub(crate) format: fn(&str) -> String,
    pub(crate) compile: fn(&LoadedProject) -> Compilation,
}

impl Default for Product {
    fn default() -> Self {
        Self {
            format: |text| journey_grammar::format(text).text,
            compile: journeyc::compile,
        }
    }
}

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Texts that were read and formatted.
    pub(crate) texts: u64,
    /// Projects that were compiled.
    pub(crate) projects: u64,
    /// Of these, those without an error.
    pub(crate) programs: u64,
    /// Items that contacts lived through.
    pub(crate) items: u64,
    /// Edits of an editor.
    pub(crate) edits: u64,
}

/// What went wrong, in the words of the assertion or the panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) String);

impl Wrong {
    /// The fact that did not hold, without the values of this one case.
    pub(crate) fn kind(&self) -> &str {
        let end = self.0.find([':', '\n']);
        self.0
            .get(..end.unwrap_or(self.0.len()))
            .unwrap_or_default()
    }
}

/// Judges one input.
pub(crate) fn judge(
    product: Product,
    input: &Input,
    seed: u64,
    counts: &mut Counts,
) -> Result<(), Wrong> {
    // Not the choices that made the input: a smaller one is lived through in the same way.
    let mut chance = Chance::new(!seed);
    let case = AssertUnwindSafe(|| match input {
        Input::Text(text) => {
            texts::holds(product, text);
            counts.texts += 1;
        }
        Input::Project(project) => {
            counts.projects += 1;
            if let Some(program) = projects::holds(product, project) {
                counts.programs += 1;
                counts.items += lives::holds(&program, &mut chance);
            }
        }
    });
    catch_unwind(case).map_err(|panic| Wrong(words(panic.as_ref())))
}

/// The words of a panic.
pub(crate) fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}
