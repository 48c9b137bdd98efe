//! All problems of one compilation: collected in any order, read in the order of the text.

use std::collections::{BTreeMap, BTreeSet};

use super::{Location, Problem, Severity, Text};
use crate::codes;
use crate::sources::FileId;

/// How many problems a report shows; the rest is counted.
pub const MAX_SHOWN: usize = 50;

/// How many problems are kept; the rest is counted. A file that is no journey at all has a problem per word.
pub const MAX_KEPT: usize = 10_000;

/// How many further places of one problem are shown.
const MAX_REPEATS: usize = 3;

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
        let problem = problem.into().with_particles();
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

    /// Leaves out what follows from another problem. What is said about the meaning of a line that could not be read
    /// is a guess; and what is wrong in the same way again becomes a further place of the first.
    pub(crate) fn fold(&mut self, line: impl Fn(Location) -> u32) {
        let unread: BTreeSet<(FileId, u32)> = self
            .all
            .iter()
            .filter(|it| is_unread(it))
            .map(|it| (it.at.file, line(it.at)))
            .collect();
        self.all
            .retain(|it| is_of_the_text(it) || !unread.contains(&(it.at.file, line(it.at))));
        let mut first: BTreeMap<(&'static str, Option<FileId>, String), usize> = BTreeMap::new();
        let mut kept: Vec<Problem> = Vec::with_capacity(self.all.len());
        for problem in std::mem::take(&mut self.all) {
            let within = match Reach::of(&problem) {
                Reach::Place => {
                    kept.push(problem);
                    continue;
                }
                Reach::File => Some(problem.at.file),
                Reach::Project => None,
            };
            let key = (problem.code, within, problem.message.en.clone());
            match first.get(&key).and_then(|at| kept.get_mut(*at)) {
                Some(first) if first.others.len() < MAX_REPEATS => {
                    first
                        .others
                        .push((problem.at, Text::new("also here", "여기도")));
                }
                Some(_) => {}
                None => {
                    first.insert(key, kept.len());
                    kept.push(problem);
                }
            }
        }
        self.all = kept;
    }

    /// Adds all of another list.
    pub(crate) fn extend(&mut self, others: Self) {
        for problem in others.all {
            self.push(problem);
        }
        for (severity, count) in others.not_kept {
            *self.not_kept.entry(severity).or_default() += count;
        }
    }

    /// Leaves out those that do not pass.
    pub(crate) fn retain(&mut self, passes: impl FnMut(&Problem) -> bool) {
        self.all.retain(passes);
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

/// Whether a problem is about the text of a file, not about what it means.
fn is_of_the_text(problem: &Problem) -> bool {
    let of_the_text = [codes::SYNTAX, codes::UNCLOSED, codes::STRANGE_SPACE];
    let unit = codes::UNKNOWN_UNIT;
    problem.code == unit.code || of_the_text.iter().any(|it| it.code == problem.code)
}

/// Whether a part of the line could not be read, or was read as something else.
fn is_unread(problem: &Problem) -> bool {
    problem.code == codes::SYNTAX.code && problem.severity == Severity::Error
}

/// How far one repair of a problem reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Place,
    File,
    Project,
}

impl Reach {
    fn of(problem: &Problem) -> Self {
        let is = |code: codes::Code| problem.code == code.code;
        if is(codes::UNKNOWN_NAME) || is(codes::MISSING_TEMPLATE) {
            Self::File
        } else if is(codes::UNDEFINED_SYMBOL) || is(codes::NO_CONSENT) {
            Self::Project
        } else {
            Self::Place
        }
    }
}

#[cfg(test)]
mod tests {
    use journey_grammar::tree::Span;

    use super::*;
    use crate::sources::Sources;

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
    fn a_line_that_could_not_be_read_has_no_second_problem() {
        let mut problems = Problems::default();
        problems.push(at(2, codes::UNKNOWN_NAME));
        problems.push(at(5, codes::SYNTAX));
        problems.push(at(15, codes::UNKNOWN_NAME));
        problems.sort();
        problems.fold(|at| at.span.start / 10);
        let said: Vec<_> = problems.iter().map(|it| it.code).collect();
        assert_eq!(said, ["J0001", "J0102"]);
    }

    #[test]
    fn a_name_that_is_wrong_again_is_a_further_place() {
        let mut problems = Problems::default();
        for start in 0..6 {
            problems.push(at(start, codes::UNKNOWN_NAME));
        }
        problems.sort();
        problems.fold(|at| at.span.start);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems.iter().next().unwrap().others.len(), MAX_REPEATS);
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
