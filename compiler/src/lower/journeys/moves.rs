//! `moved win_back.ask to win_back.ask_reason`: where people go who are parked at a step that has another name now, or is
//! gone.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::StepKind;
use journey_ir::journey::{Move, MoveTo};

use super::step_error::StepError;
use crate::lower::Lowering;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;

/// A `moved` line, understood as far as it can be by itself.
struct Line<'t> {
    file: FileId,
    written: &'t syntax::Moved,
    journey: usize,
    from: String,
}

impl Lowering<'_> {
    /// Lowers all `moved` lines, once all journeys are there.
    pub(in crate::lower) fn moves(&mut self) {
        self.renames();
        let mut lines: Vec<Line<'_>> = Vec::new();
        for (file, declaration) in self.names.unnamed() {
            if let syntax::Declaration::Moved(moved) = declaration
                && moved.from.parts.len() > 1
                && let Some((journey, from)) = self.step_of(file, &moved.from)
            {
                let twice = lines
                    .iter()
                    .find(|it| it.journey == journey && it.from == from);
                if let Some(first) = twice {
                    let first = Location::new(first.file, first.written.from.span);
                    let at = Location::new(file, moved.from.span);
                    self.problems.push(StepError::MovedTwice { first }.at(at));
                    continue;
                }
                lines.push(Line {
                    file,
                    written: moved,
                    journey,
                    from,
                });
            }
        }
        for line in &lines {
            if let Some(to) = self.move_to(line, &lines)
                && let Some(journey) = self.program.journeys.get_mut(line.journey)
            {
                journey.moves.push(Move {
                    from: line.from.clone(),
                    to,
                });
            }
        }
    }

    /// The journey and the id of the step that a path names.
    fn step_of(&mut self, file: FileId, path: &syntax::Path) -> Option<(usize, String)> {
        if path.is_missing() {
            return None;
        }
        let (first, rest) = path.parts.split_first()?;
        let name = self.program.now_called(&first.text);
        let mut journeys = self.program.journeys.iter();
        let journey = journeys.position(|it| it.name == name);
        if journey.is_none() && !self.is_reported(&first.text, &[Kind::Journey]) {
            let error = self.names.explain(Kind::Journey, &first.text);
            self.problems
                .push(error.at(Location::new(file, first.span)));
        }
        let words: Vec<&str> = rest.iter().map(|it| it.text.as_str()).collect();
        Some((journey?, words.join(".")))
    }

    fn move_to(&mut self, line: &Line<'_>, lines: &[Line<'_>]) -> Option<MoveTo> {
        let at = Location::new(line.file, line.written.from.span);
        if self.place_of(line.journey, &line.from).is_some() {
            let step = line.from.clone();
            self.problems.push(StepError::StillThere { step }.at(at));
            return None;
        }
        let path = match &line.written.to {
            syntax::MovedTarget::Next(_) => return Some(MoveTo::Next),
            syntax::MovedTarget::Exit(_) => return Some(MoveTo::Exit),
            syntax::MovedTarget::Step(path) => path,
        };
        let (journey, mut to) = self.step_of(line.file, path)?;
        let at = Location::new(line.file, path.span);
        if journey != line.journey || to.is_empty() {
            self.problems.push(StepError::AnotherJourney.at(at));
            return None;
        }
        // What has moved since may have moved again.
        for _ in lines {
            if let Some(step) = self.place_of(journey, &to) {
                return Some(MoveTo::Step(step));
            }
            let next = lines
                .iter()
                .find(|it| it.journey == journey && it.from == to);
            match next.map(|it| &it.written.to) {
                Some(syntax::MovedTarget::Next(_)) => return Some(MoveTo::Next),
                Some(syntax::MovedTarget::Exit(_)) => return Some(MoveTo::Exit),
                Some(syntax::MovedTarget::Step(path)) => {
                    let rest = path.parts.get(1..).unwrap_or_default();
                    let words: Vec<&str> = rest.iter().map(|it| it.text.as_str()).collect();
                    to = words.join(".");
                }
                None => break,
            }
        }
        let journey = self.program.journeys.get(journey)?;
        let known: Vec<String> = journey
            .steps
            .iter()
            .filter(|step| holds_people(&step.kind))
            .map(|step| step.id.clone())
            .collect();
        let of = journey.name.clone();
        let known = known.iter().map(String::as_str);
        self.unknown_in(Kind::Label, &to, &of, known, line.file, path.span);
        None
    }

    /// The step of an id at which people can be parked.
    fn place_of(&self, journey: usize, id: &str) -> Option<ir::StepIx> {
        let steps = &self.program.journeys.get(journey)?.steps;
        let found = steps
            .iter()
            .position(|step| step.id == id && holds_people(&step.kind));
        found.map(|at| ir::StepIx(at as u32))
    }
}

/// Whether a run can be parked at such a step.
const fn holds_people(kind: &StepKind) -> bool {
    matches!(
        kind,
        StepKind::Send { .. }
            | StepKind::Wait { .. }
            | StepKind::Race { .. }
            | StepKind::Ask { .. }
            | StepKind::Repeat { .. }
            | StepKind::Draw { .. }
    )
}
