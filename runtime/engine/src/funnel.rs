//! Funnels: which stages a contact has reached, and when. That is worked out from what the aggregates keep and stored
//! nowhere, so that a late event, a changed program or a merge of two contacts is counted as if it had always been so.
//! Days and spans are those of the project's zone.

use std::sync::Arc;

use journey_ir::{Date, Funnel, FunnelIx, FunnelStage, Instant};

use crate::aggregate::Fold;
use crate::calendar::NEVER;
use crate::contact::Contact;
use crate::event::Event;
use crate::history::What;
use crate::program::{Name, Program};
use crate::turn::Turn;

/// A stage of a funnel that a contact has reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The funnel.
    pub funnel: Name,
    /// The stage.
    pub stage: Name,
    /// When.
    pub at: Instant,
    /// The day on which it was.
    pub day: Date,
    /// The day on which the contact reached the first stage.
    pub cohort: Date,
}

impl Contact {
    /// All stages of all funnels that the contact has reached.
    #[must_use]
    pub fn reached(&self, program: &Program) -> Vec<Reached> {
        let mut all = Vec::new();
        for at in 0..program.ir().funnels.len() {
            let funnel = FunnelIx(at as u32);
            let instants = self.progress(program, funnel);
            let Some(cohort) = instants.first().map(|at| program.zone().day(*at)) else {
                continue;
            };
            for (stage, at) in instants.into_iter().enumerate() {
                let (funnel, stage) = program.funnel_names(funnel, stage);
                all.push(Reached {
                    funnel,
                    stage,
                    at,
                    day: Date(program.zone().day(at)),
                    cohort: Date(cohort),
                });
            }
        }
        all
    }

    /// When each stage of a funnel was reached, as far as the contact has come.
    pub(crate) fn progress(&self, program: &Program, funnel: FunnelIx) -> Vec<Instant> {
        let mut reached = Vec::new();
        let Some(Funnel { stages, .. }) = program.ir().funnel(funnel) else {
            return reached;
        };
        for stage in stages {
            let fold = program
                .aggregate_key(stage.aggregate)
                .and_then(|key| self.aggregate(key));
            let at = fold.and_then(|fold| match (reached.first(), reached.last()) {
                (Some(first), Some(before)) => later_stage(program, stage, fold, *first, *before),
                _ => fold.nth_oldest(stage.n),
            });
            let Some(at) = at else { break };
            reached.push(at);
        }
        reached
    }
}

/// The first event not before the stage above was reached with which enough have happened since the first stage.
fn later_stage(
    program: &Program,
    stage: &FunnelStage,
    fold: &Fold,
    first: Instant,
    before: Instant,
) -> Option<Instant> {
    let end = stage
        .within
        .map_or(NEVER, |span| program.zone().after(first, span));
    let since_first = fold.oldest_first().filter(|at| *at >= first);
    let mut enough = since_first.skip(stage.n.saturating_sub(1) as usize);
    enough.find(|at| *at >= before).filter(|at| *at <= end)
}

impl Turn<'_> {
    /// How far the contact has come in the funnels that an event touches.
    pub(crate) fn funnels_before(&self, event: &Event) -> Vec<(FunnelIx, Vec<Instant>)> {
        let touched = self.program.event(event.kind);
        let touched = touched.map_or(&[][..], |link| &link.funnels);
        touched
            .iter()
            .map(|at| (*at, self.contact.progress(self.program, *at)))
            .collect()
    }

    /// Records the stages that were reached since.
    pub(crate) fn note_reached(&mut self, before: Vec<(FunnelIx, Vec<Instant>)>) {
        for (funnel, before) in before {
            let now = self.contact.progress(self.program, funnel);
            if now == before {
                continue;
            }
            for (stage, at) in now.into_iter().enumerate() {
                if before.get(stage) == Some(&at) {
                    continue;
                }
                let (funnel, stage) = self.program.funnel_names(funnel, stage);
                self.note(What::Reached { funnel, stage, at });
            }
        }
    }
}

/// The names of a funnel and its stages.
pub(crate) fn names_of(funnel: &Funnel) -> (Name, Vec<Name>) {
    let stages = funnel.stages.iter().map(|it| Arc::from(it.name.as_str()));
    (funnel.name.as_str().into(), stages.collect())
}
