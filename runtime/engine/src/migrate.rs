//! People inside when a new version is deployed: a run goes on in the new version where its place there is certain, and
//! stays on the version it started on where it is not. Nothing is done twice: a moved run only stands elsewhere.

use std::mem::discriminant;

use journey_ir::journey::{MoveTo, OnUpdate};
use journey_ir::{Journey, StepIx, StepKind};

use crate::absorb::remember_entries;
use crate::contact::{Contact, GaveUp, Loop, Position, Run};
use crate::history::{End, What};
use crate::program::{Key, Program, check};
use crate::turn::Turn;

impl Contact {
    /// Puts what is kept of renamed journeys under the names of today: runs, entries and schedules go on as if the
    /// journeys had always been called so.
    pub(crate) fn follow_renames(&mut self, program: &Program) {
        if !program.renames() {
            return;
        }
        let name = |it: &mut Key| *it = program.renamed(*it).unwrap_or(*it);
        let version = |it: &mut Key| {
            let at = program.journey_of(*it);
            let link = at.and_then(|at| program.journey(at));
            *it = link.map_or(*it, |(_, link)| link.key);
        };
        for run in &mut self.runs {
            name(&mut run.journey);
            version(&mut run.version);
        }
        self.finished
            .iter_mut()
            .for_each(|it| version(&mut it.version));
        self.measuring
            .iter_mut()
            .for_each(|it| version(&mut it.version));
        for mut plan in std::mem::take(&mut self.schedules) {
            name(&mut plan.journey);
            if self.schedules.iter().all(|it| it.journey != plan.journey) {
                self.schedules.push(plan);
            }
        }
        for mut log in std::mem::take(&mut self.entries) {
            name(&mut log.journey);
            remember_entries(&mut self.entries, log);
        }
    }
}

/// What becomes of a run under a new version.
enum Moved {
    /// It goes on there.
    To(Box<Run>),
    /// It ends, as `moved … to exit` says.
    Out,
    /// Its place there is not known.
    Nowhere,
}

impl Turn<'_> {
    /// Moves runs to the current version: all of journeys that say so, and those parked where a `moved` line says.
    pub(crate) fn move_runs(&mut self) {
        let mut at = 0;
        while let Some(run) = self.contact.runs.get(at) {
            let id = run.id;
            match self.moved(run) {
                None => {}
                Some(Moved::To(run)) => {
                    if let Some(held) = self.contact.runs.get_mut(at) {
                        *held = *run;
                    }
                    let journey = self.name_at(at);
                    self.note(What::Moved { journey, run: id });
                }
                Some(Moved::Out) => self.end(at, End::Exited(Some("moved".into()))),
                Some(Moved::Nowhere) => {
                    let journey = self.name_at(at);
                    self.note(What::NotMoved { journey, run: id });
                }
            }
            at += usize::from(self.contact.runs.get(at).is_some_and(|it| it.id == id));
        }
    }

    /// What becomes of a run; `None` where nothing is to.
    fn moved(&self, run: &Run) -> Option<Moved> {
        let (old, _) = self
            .program
            .journey(self.program.journey_of(run.version)?)?;
        let (new, link) = self
            .program
            .journey(self.program.current_journey(run.journey)?)?;
        let step = run.position.step().and_then(|at| old.steps.get(at.at()));
        let is_told = step.is_some_and(|step| new.moves.iter().any(|it| it.from == step.id));
        if link.key == run.version || (new.on_update != OnUpdate::Move && !is_told) {
            return None;
        }
        let same_keys = check::entry_event(old) == check::entry_event(new)
            && old.run_key == new.run_key
            && old.restart == new.restart;
        let map = Mapping { old, new };
        Some(match map.position(&run.position) {
            Some(Place::Out) => Moved::Out,
            Some(Place::At(position)) if same_keys => match map.loops(run, &position) {
                Some(loops) => Moved::To(Box::new(Run {
                    version: link.key,
                    gave_up: run.gave_up.as_ref().and_then(|it| map.gave_up(it)),
                    registers: map.registers(run),
                    position,
                    loops,
                    ..run.clone()
                })),
                None => Moved::Nowhere,
            },
            _ => Moved::Nowhere,
        })
    }
}

enum Place {
    At(Position),
    Out,
}

/// Two versions of a journey, linked under one program.
struct Mapping<'a> {
    old: &'a Journey,
    new: &'a Journey,
}

impl Mapping<'_> {
    fn position(&self, position: &Position) -> Option<Place> {
        let (Position::Waiting { step, .. }
        | Position::Racing { step, .. }
        | Position::Held { step, .. }
        | Position::Claiming { step, .. }) = position
        else {
            return None;
        };
        match self.target(*step)? {
            MoveTo::Exit => Some(Place::Out),
            MoveTo::Next => {
                let follows = match &self.old.steps.get(step.at())?.kind {
                    StepKind::Send { next, .. }
                    | StepKind::Wait { next, .. }
                    | StepKind::Repeat { next, .. } => *next,
                    StepKind::Race { timeout, .. } | StepKind::Ask { timeout, .. } => *timeout,
                    _ => return None,
                };
                let next = match follows {
                    None => None,
                    Some(step) => Some(self.step(step)?),
                };
                Some(Place::At(Position::Ready(next)))
            }
            MoveTo::Step(to) => self.parked(position, to).map(Place::At),
        }
    }

    /// The same waiting at another step, which must be of the same kind.
    fn parked(&self, position: &Position, to: StepIx) -> Option<Position> {
        let mut position = position.clone();
        let (Position::Waiting { step, .. }
        | Position::Racing { step, .. }
        | Position::Held { step, .. }
        | Position::Claiming { step, .. }) = &mut position
        else {
            return None;
        };
        let before = &self.old.steps.get(step.at())?.kind;
        let after = &self.new.steps.get(to.at())?.kind;
        let claims = match after {
            StepKind::Draw { arms, .. } => arms.iter().any(
                |arm| matches!(&position, Position::Claiming { prize, .. } if *prize == arm.name),
            ),
            _ => true,
        };
        if discriminant(before) != discriminant(after) || !claims {
            return None;
        }
        if let Position::Waiting { step, .. }
        | Position::Racing { step, .. }
        | Position::Held { step, .. }
        | Position::Claiming { step, .. } = &mut position
        {
            *step = to;
        }
        Some(position)
    }

    /// Where a step is in the new version: where a `moved` says, else under its own id.
    fn target(&self, step: StepIx) -> Option<MoveTo> {
        let id = &self.old.steps.get(step.at())?.id;
        if let Some(moved) = self.new.moves.iter().find(|it| it.from == *id) {
            return Some(moved.to);
        }
        let at = self.new.steps.iter().position(|it| it.id == *id)?;
        Some(MoveTo::Step(StepIx(at as u32)))
    }

    fn step(&self, step: StepIx) -> Option<StepIx> {
        match self.target(step)? {
            MoveTo::Step(to) => Some(to),
            MoveTo::Next | MoveTo::Exit => None,
        }
    }

    /// The repeats a run is in, where the new place is in just these.
    fn loops(&self, run: &Run, position: &Position) -> Option<Vec<Loop>> {
        let loops: Vec<Loop> = run
            .loops
            .iter()
            .map(|of| {
                Some(Loop {
                    step: self.step(of.step)?,
                    ..*of
                })
            })
            .collect::<Option<_>>()?;
        let Some(at) = position.step() else {
            return Some(loops);
        };
        let around = repeats_around(self.new, at);
        let same = around.len() == loops.len() && loops.iter().all(|it| around.contains(&it.step));
        // Between two repetitions a run stands at the repeat itself.
        same.then_some(loops)
    }

    fn gave_up(&self, race: &GaveUp) -> Option<GaveUp> {
        Some(GaveUp {
            step: self.step(race.step)?,
            ..race.clone()
        })
    }

    /// What the run remembers, in the places of the new version; what the old one did not remember is missing.
    fn registers(&self, run: &Run) -> Vec<Option<journey_ir::Value>> {
        let kept = |wanted| {
            let at = self.old.registers.iter().position(|it| it == wanted)?;
            run.registers.get(at).cloned().flatten()
        };
        self.new.registers.iter().map(kept).collect()
    }
}

/// The repeats whose body a step is in, or which it is itself.
fn repeats_around(journey: &Journey, step: StepIx) -> Vec<StepIx> {
    let repeats = journey.steps.iter().enumerate();
    repeats
        .filter_map(|(at, it)| match &it.kind {
            StepKind::Repeat { body, .. } => Some((StepIx(at as u32), *body)),
            _ => None,
        })
        .filter(|(repeat, body)| *repeat == step || leads_to(journey, *body, *repeat, step))
        .map(|(repeat, _)| repeat)
        .collect()
}

/// Whether steps lead from one to another without passing a third.
fn leads_to(journey: &Journey, from: Option<StepIx>, without: StepIx, to: StepIx) -> bool {
    let mut seen = vec![false; journey.steps.len()];
    let mut open: Vec<StepIx> = from.into_iter().collect();
    while let Some(at) = open.pop() {
        if at == without {
            continue;
        }
        if at == to {
            return true;
        }
        let Some(seen) = seen.get_mut(at.at()) else {
            continue;
        };
        if !std::mem::replace(seen, true)
            && let Some(step) = journey.steps.get(at.at())
        {
            open.extend(check::followers(&step.kind).into_iter().flatten());
        }
    }
    false
}
