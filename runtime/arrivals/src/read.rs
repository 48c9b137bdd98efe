//! What an importer reads from a file: one thing after the other, each typed and checked, or a problem with its line.

use journey_engine::Program;

use crate::arrival::Arrival;

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its line in the unpacked file, from 1.
    pub line: u64,
    /// A stable word for what is wrong.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// The row itself, shortened.
    pub text: String,
}

/// What one row or line gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// Things that happened, and what of the row did not fit.
    Taken {
        /// What happened.
        arrivals: Vec<Arrival>,
        /// What did not fit.
        bad: Vec<BadRow>,
    },
    /// A row of a type that the mapping passes over.
    PassedOver,
    /// It could not be read or accepted.
    Bad(BadRow),
}

/// A file of events, whatever its format.
pub trait Source {
    /// The next row; `None` at the end.
    fn next(&mut self, program: &Program) -> Option<Reading>;
    /// Passes over the next row without a look at what it says; `false` at the end.
    fn skip(&mut self) -> bool;
}
