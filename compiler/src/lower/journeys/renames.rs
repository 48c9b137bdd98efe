//! `moved win_back to come_back`: a journey that has another name now. Whoever is inside goes on under the new name, and
//! what was counted follows.

use std::cmp::Reverse;

use journey_grammar::tree as syntax;

use super::step_error::StepError;
use crate::lower::Lowering;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;

/// A `moved` line that names a whole journey.
struct Line<'t> {
    file: FileId,
    from: &'t syntax::Name,
    to: &'t syntax::MovedTarget,
}

impl Line<'_> {
    /// The journey it leads to, where it leads to one.
    fn target(&self) -> Option<&syntax::Name> {
        match self.to {
            syntax::MovedTarget::Step(path) if path.parts.len() == 1 => path.first(),
            _ => None,
        }
    }

    fn target_at(&self) -> Location {
        let span = match self.to {
            syntax::MovedTarget::Step(path) => path.span,
            syntax::MovedTarget::Next(span) | syntax::MovedTarget::Exit(span) => *span,
        };
        Location::new(self.file, span)
    }
}

impl Lowering<'_> {
    /// Tells journeys what they were called before, once all journeys are there.
    pub(super) fn renames(&mut self) {
        let mut lines: Vec<Line<'_>> = Vec::new();
        for (file, declaration) in self.names.unnamed() {
            if let syntax::Declaration::Moved(moved) = declaration
                && let [from] = moved.from.parts.as_slice()
                && !moved.from.is_missing()
            {
                let to = &moved.to;
                let line = Line { file, from, to };
                if self.is_sound(&line, &lines) {
                    lines.push(line);
                }
            }
        }
        let mut names = Vec::new();
        for line in &lines {
            if let Some((journey, moves)) = self.renamed_to(line, &lines) {
                names.push((moves, journey, line.from.text.clone()));
            }
        }
        // The more often it was renamed since, the older the name.
        names.sort_by_key(|(moves, ..)| Reverse(*moves));
        for (_, journey, name) in names {
            if let Some(journey) = self.program.journeys.get_mut(journey) {
                journey.formerly.push(name);
            }
        }
    }

    /// Whether a line can be meant, given those before it.
    fn is_sound(&mut self, line: &Line<'_>, before: &[Line<'_>]) -> bool {
        let at = Location::new(line.file, line.from.span);
        let error = if let Some(first) = before.iter().find(|it| it.from.text == line.from.text) {
            let first = Location::new(first.file, first.from.span);
            StepError::MovedTwice { first }.at(at)
        } else if self.is_reported(&line.from.text, &[Kind::Journey]) {
            let journey = line.from.text.clone();
            StepError::JourneyStillThere { journey }.at(at)
        } else if let Some(target) = line.target() {
            let same = |it: &&Line<'_>| it.target().is_some_and(|it| it.text == target.text);
            let Some(first) = before.iter().find(same) else {
                return true;
            };
            let first = first.target_at();
            StepError::TwoIntoOne { first }.at(line.target_at())
        } else {
            StepError::WholeJourney.at(line.target_at())
        };
        self.problems.push(error);
        false
    }

    /// The journey that a line leads to over all later ones, and over how many.
    fn renamed_to(&mut self, line: &Line<'_>, lines: &[Line<'_>]) -> Option<(usize, usize)> {
        let mut target = line.target()?;
        for moves in 0..=lines.len() {
            let mut journeys = self.program.journeys.iter();
            if let Some(journey) = journeys.position(|it| it.name == target.text) {
                return Some((journey, moves));
            }
            let next = lines.iter().find(|it| it.from.text == target.text);
            let Some(next) = next.and_then(Line::target) else {
                break;
            };
            target = next;
        }
        let named = line.target()?;
        if !self.is_reported(&named.text, &[Kind::Journey]) {
            let error = self.names.explain(Kind::Journey, &named.text);
            self.problems.push(error.at(line.target_at()));
        }
        None
    }
}
