//! All problems of one compilation: collected in any order, read in the order of the text.

use std::collections::BTreeMap;

use super::{Problem, Severity};

/// How many problems a report shows; the rest is counted.
pub const MAX_SHOWN: usize = 50;

/// How many problems are kept; the rest is counted. A file that is no journey at all has a problem per word.
pub const MAX_KEPT: usize = 10_000;

/// Collects problems. Nothing stops at the first one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    all: Vec<Problem>,
    /// The severities of those that were not kept.
    not_kept: BTreeMap<Severity, usize>,
}

impl Problems {
    /// Adds one, from any pass's own error.
    pub fn push(&mut self, problem: impl Into<Problem>) {
        let problem = problem.into();
        if self.all.len() < MAX_KEPT {
            self.all.push(problem);
        } else {
            *self.not_kept.entry(problem.severity).or_default() += 1;
        }
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
        let left_out = self.len() - shown.len();
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
            + self.not_kept.get(&severity).copied().unwrap_or_default()
    }

    /// Whether the project cannot run.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len() + self.not_kept.values().sum::<usize>()
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
    fn what_is_not_kept_is_counted() {
        let mut problems = Problems::default();
        for start in 0..MAX_KEPT as u32 {
            problems.push(at(start, codes::BARE_PARTICLE));
        }
        problems.push(at(0, codes::UNKNOWN_NAME));
        assert!(problems.has_errors());
        assert_eq!(problems.len(), MAX_KEPT + 1);
        assert_eq!(problems.iter().count(), MAX_KEPT);
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
