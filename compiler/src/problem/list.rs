//! All problems of one compilation: collected in any order, read in the order of the text.

use super::{Problem, Severity};

/// How many problems a report shows; the rest is counted.
pub const MAX_SHOWN: usize = 50;

/// Collects problems. Nothing stops at the first one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    all: Vec<Problem>,
}

impl Problems {
    /// Adds one, from any pass's own error.
    pub fn push(&mut self, problem: impl Into<Problem>) {
        self.all.push(problem.into());
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: Self) {
        self.all.extend(other.all);
    }

    /// Sorts by file and position and drops what was said twice about the same place.
    pub fn sort(&mut self) {
        self.all
            .sort_by(|a, b| (a.at, a.severity, a.code).cmp(&(b.at, b.severity, b.code)));
        self.all
            .dedup_by(|a, b| a.at == b.at && a.code == b.code && a.message == b.message);
    }

    /// All of them, in the order they are in.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.all.iter()
    }

    /// Those that a report shows, and how many it leaves out. Warnings are left out before errors.
    pub fn shown(&self) -> (Vec<&Problem>, usize) {
        let mut shown: Vec<(usize, &Problem)> = self.all.iter().enumerate().collect();
        if shown.len() > MAX_SHOWN {
            shown.sort_by_key(|(at, problem)| (problem.severity, *at));
            shown.truncate(MAX_SHOWN);
            shown.sort_by_key(|(at, _)| *at);
        }
        let left_out = self.all.len() - shown.len();
        (
            shown.into_iter().map(|(_, problem)| problem).collect(),
            left_out,
        )
    }

    /// How many there are of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.all
            .iter()
            .filter(|problem| problem.severity == severity)
            .count()
    }

    /// Whether the project cannot run.
    pub fn has_errors(&self) -> bool {
        self.all
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use journey_grammar::tree::Span;

    use super::*;
    use crate::codes;
    use crate::problem::{Location, Text};
    use crate::sources::{FileId, Sources};

    fn file() -> FileId {
        Sources::default().add("a.journey", "")
    }

    fn at(start: u32, code: codes::Code) -> Problem {
        let place = Location::new(file(), Span::new(start, start + 1));
        Problem::new(code, place, Text::new("seen", "보임"))
    }

    #[test]
    fn problems_are_read_in_the_order_of_the_text_and_said_once() {
        let mut problems = Problems::default();
        for start in [9, 2, 9, 5] {
            problems.push(at(start, codes::UNKNOWN_NAME));
        }
        problems.sort();
        let starts: Vec<u32> = problems.iter().map(|p| p.at.span.start).collect();
        assert_eq!(starts, [2, 5, 9]);
    }

    #[test]
    fn an_error_is_shown_before_any_warning_is() {
        let mut problems = Problems::default();
        for start in 0..60 {
            problems.push(at(start, codes::BARE_PARTICLE));
        }
        problems.push(at(99, codes::UNKNOWN_NAME));
        problems.sort();
        let (shown, left_out) = problems.shown();
        assert_eq!((shown.len(), left_out), (MAX_SHOWN, 11));
        assert_eq!(shown.last().unwrap().code, "J0102");
    }
}
