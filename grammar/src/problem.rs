//! Problems as data: what was seen, where, and the edit that would help. The wording is beside it.

use crate::tree::Span;

/// One thing that is wrong with the text of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What is wrong, with the words the message needs.
    pub kind: ProblemKind,
    /// The characters that are to blame.
    pub span: Span,
    /// Other places that explain it.
    pub labels: Vec<Label>,
    /// The edit that would repair it.
    pub fix: Option<Edit>,
}

/// Another place that belongs to a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What stands there, in English.
    pub english: String,
    /// What stands there, in Korean.
    pub korean: String,
}

/// A replacement of some text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub replacement: String,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, and is probably not what was meant.
    Warning,
}

/// The language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

/// The kinds of problems.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// Something else was expected here.
    Syntax {
        /// What stands here.
        found: String,
        /// What could stand here, at most three.
        expected: Vec<String>,
    },
}

impl ProblemKind {
    /// Returns the stable code: `J0001`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "J0001",
        }
    }

    /// Returns the stable name: `syntax`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "syntax",
        }
    }

    /// Tells whether the file can be used all the same.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Syntax { .. } => Severity::Error,
        }
    }

    /// Returns one sentence that says what was seen and what was expected.
    pub fn message(&self, _language: Language) -> String {
        String::new()
    }

    /// Returns what to do about it.
    pub fn help(&self, _language: Language) -> Option<String> {
        None
    }
}
