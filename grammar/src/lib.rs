//! Text of a `.journey` file to a syntax tree with byte spans, comments and problems.
//!
//! Reading goes in four steps: `scan` finds comments, quotes and brackets; `repair` balances the brackets of each
//! declaration by its indentation; pest reads the text by `journey.pest`, whose rules succeed once their keyword is
//! seen; `recover` explains what was left over. Reading always succeeds: what could not be read is in the tree as
//! `Unknown` and in the list of problems. No names are resolved here.

pub mod tree;

mod examples;
mod foreign_words;
mod format;
mod from_pairs;
mod habits;
mod josa;
mod line_index;
mod parse;
mod prepared;
mod problem;
mod recover;
mod repair;
mod rule_words;
mod scan;
mod similar;
mod suggest;
mod wording;

pub use format::{Formatted, MAX_WIDTH, format};
pub use josa::resolved as resolved_particles;
pub use line_index::{LineIndex, Position};
pub use parse::{MAX_FILE_BYTES, MAX_PROBLEMS, parse, pest_alone, set_parser_call_limit};
pub use problem::{Edit, Label, Language, Problem, ProblemKind, Severity};
pub use rule_words::Expected;
pub use suggest::{Place, Suggestions, is_reserved, suggest};

/// What [`parse()`] returns: a tree whatever was written, and everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parse {
    /// The tree.
    pub file: tree::File,
    /// All comments in written order.
    pub comments: Vec<tree::Comment>,
    /// What is wrong, sorted by position.
    pub problems: Vec<Problem>,
}
