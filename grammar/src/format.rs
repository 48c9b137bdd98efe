//! Text to canonical text: the same tree and the same comments, laid out in one way.
//!
//! What the author decides is kept: blank lines (one at most), a block of one statement on one line, and conditions
//! with a line for each part. A declaration that could not be read is left byte for byte as it was. The result is read
//! again before it is returned: when it does not mean the same, the text comes back as it was, with a problem.

mod kept;
mod layout;
mod marks;
mod numbers;
mod outline;
mod print;
mod same;
mod tokens;

use crate::Parse;
use crate::parse::{self, MAX_FILE_BYTES, MAX_PROBLEMS};
use crate::problem::{Problem, ProblemKind, Severity};
use crate::tree::Span;

/// The widest line that is not broken, in columns; a Hangul syllable takes two.
pub const MAX_WIDTH: usize = 100;

/// What formatting gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Formatted {
    /// The canonical text, or the text as it was where it could not be read.
    pub text: String,
    /// What is wrong with the text that was given, sorted by position.
    pub problems: Vec<Problem>,
}

impl Formatted {
    /// Tells whether something had to be left as it was because of an error.
    pub fn has_errors(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.kind.severity() == Severity::Error)
    }
}

/// Formats the text of one `.journey` file. Formatting what was formatted changes nothing.
///
/// ```
/// let formatted = journey_grammar::format("segment rich{total>=5만원}");
/// assert_eq!(formatted.text, "segment rich { total at least 5만원 }\n");
/// ```
pub fn format(text: &str) -> Formatted {
    let read = parse::read(text);
    // Beyond the limits not every problem is known, so nobody knows what may be touched.
    if text.len() > MAX_FILE_BYTES || read.problems.len() >= MAX_PROBLEMS {
        return unchanged(text, parse::ordered(text, read.problems));
    }
    let canonical = canonical(text, &read);
    let is_same = canonical == text || same::means_the_same(text, &read, &canonical);
    let mut problems = parse::ordered(text, read.problems);
    if is_same {
        return Formatted {
            text: canonical,
            problems,
        };
    }
    problems.push(Problem {
        kind: ProblemKind::NotFormatted,
        span: Span::new(0, 0),
        labels: Vec::new(),
        fix: None,
    });
    unchanged(text, problems)
}

fn canonical(text: &str, read: &Parse) -> String {
    let kept = kept::regions(text, read);
    let marks = marks::of(text, &read.file);
    let tokens = tokens::of(text, &read.comments, &kept, &marks);
    print::file(&outline::file(&tokens))
}

fn unchanged(text: &str, problems: Vec<Problem>) -> Formatted {
    Formatted {
        text: text.to_owned(),
        problems,
    }
}
