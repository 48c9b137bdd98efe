//! The steps of a journey as the blocks they were written in.
//!
//! Comes in: a compiled journey, whose steps only say what follows them. Goes out: the same steps nested, each exactly
//! once: a step with several ways out holds an arm for each, and what all of them lead to follows it.

use std::collections::BTreeSet;

use journey_ir as ir;
use journey_ir::StepIx;
use journey_ir::journey::Unclear;

/// Steps that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// The steps in order.
    pub(crate) items: Vec<Item>,
    /// How it ends.
    pub(crate) ends: Ends,
}

/// One step and what is nested in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The step.
    pub(crate) step: StepIx,
    /// One block per way out, in the order of [`ways`]; none for a step with one way. A repeat has its body only.
    pub(crate) arms: Vec<Block>,
}

/// How a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// It goes on after the step that it is nested in.
    GoesOn,
    /// The run is complete.
    Complete,
    /// Nobody gets here: every way has ended before.
    Dead,
}

/// The ways out of a step, in the order in which they are told: arms first, then `otherwise` or the timeout.
pub(crate) fn ways(kind: &ir::StepKind) -> Vec<Option<StepIx>> {
    use ir::StepKind as Step;
    match kind {
        Step::Send { next, .. }
        | Step::Wait { next, .. }
        | Step::Do { next, .. }
        | Step::Assign { next, .. }
        | Step::Set { next, .. }
        | Step::Remember { next, .. }
        | Step::Tag { next, .. } => vec![*next],
        Step::Race { arms, timeout, .. } => {
            let arms = arms.iter().map(|it| it.next);
            arms.chain([*timeout]).collect()
        }
        Step::Branch { arms, otherwise } => {
            let arms = arms.iter().map(|it| it.1);
            arms.chain([*otherwise]).collect()
        }
        Step::Split { arms, .. } => arms.iter().map(|it| it.next).collect(),
        Step::Draw { arms, .. } => arms.iter().map(|it| it.next).collect(),
        Step::EveryNth {
            then, otherwise, ..
        } => vec![*then, *otherwise],
        Step::Ask {
            answer,
            unclear,
            timeout,
            ..
        } => {
            let unclear = match unclear {
                Unclear::Take(next) => Some(*next),
                Unclear::Wait => None,
            };
            let first = std::iter::once(*answer);
            first.chain(unclear).chain([*timeout]).collect()
        }
        Step::Repeat { body, next, .. } => vec![*body, *next],
        Step::Exit { .. } => Vec::new(),
    }
}

/// The nested steps of a journey.
pub(crate) fn outline(journey: &ir::Journey) -> Block {
    let mut reading = Reading {
        journey,
        seen: BTreeSet::new(),
    };
    reading.block(journey.start, &mut Vec::new())
}

struct Reading<'a> {
    journey: &'a ir::Journey,
    seen: BTreeSet<StepIx>,
}

impl Reading<'_> {
    /// The steps from one on, up to where an enclosing step goes on.
    fn block(&mut self, start: Option<StepIx>, stops: &mut Vec<StepIx>) -> Block {
        let mut items = Vec::new();
        let mut at = start;
        loop {
            let Some(step) = at else {
                return Block {
                    items,
                    ends: Ends::Complete,
                };
            };
            let kind = self.journey.steps.get(step.at()).map(|it| &it.kind);
            let (Some(kind), false) = (kind, stops.contains(&step) || !self.seen.insert(step))
            else {
                return Block {
                    items,
                    ends: Ends::GoesOn,
                };
            };
            let ways = ways(kind);
            let single = match kind {
                ir::StepKind::Exit { .. } => {
                    let arms = Vec::new();
                    items.push(Item { step, arms });
                    return Block {
                        items,
                        ends: Ends::Dead,
                    };
                }
                ir::StepKind::Split { .. } | ir::StepKind::Draw { .. } => None,
                ir::StepKind::Repeat { body, next, .. } => {
                    // The last step of the body leads back to the step itself.
                    stops.push(step);
                    let arms = vec![self.block(*body, stops)];
                    stops.pop();
                    items.push(Item { step, arms });
                    at = *next;
                    continue;
                }
                _ => (ways.len() == 1).then(|| ways.first().copied().flatten()),
            };
            if let Some(next) = single {
                let arms = Vec::new();
                items.push(Item { step, arms });
                at = next;
                continue;
            }
            let join = self.join(kind, &ways, stops);
            stops.extend(join);
            let arms: Vec<Block> = ways.iter().map(|way| self.block(*way, stops)).collect();
            if join.is_some() {
                stops.pop();
            }
            let ends = ends_of(&arms);
            items.push(Item { step, arms });
            match join {
                Some(join) => at = Some(join),
                None => return Block { items, ends },
            }
        }
    }

    /// Where the ways of a step come together: the first step that two of them lead to. Where all arms but
    /// `otherwise` end, that is where `otherwise` leads: `if … { exit }` guards what stands after it.
    fn join(
        &self,
        kind: &ir::StepKind,
        ways: &[Option<StepIx>],
        stops: &[StepIx],
    ) -> Option<StepIx> {
        let reached: Vec<BTreeSet<StepIx>> =
            ways.iter().map(|way| self.reach(*way, stops)).collect();
        let shared = reached.iter().enumerate().flat_map(|(at, set)| {
            let others = reached.iter().skip(at + 1);
            others.flat_map(move |other| set.intersection(other).copied())
        });
        let shared = shared.min();
        if shared.is_some() || !matches!(kind, ir::StepKind::Branch { .. }) {
            return shared;
        }
        let (last, arms) = ways.split_last()?;
        let guards = arms.iter().all(|arm| self.only_exits(*arm));
        if guards { *last } else { None }.filter(|it| !stops.contains(it))
    }

    fn only_exits(&self, at: Option<StepIx>) -> bool {
        let kind = at.and_then(|at| self.journey.steps.get(at.at()));
        matches!(kind.map(|it| &it.kind), Some(ir::StepKind::Exit { .. }))
    }

    fn reach(&self, from: Option<StepIx>, stops: &[StepIx]) -> BTreeSet<StepIx> {
        let mut found = BTreeSet::new();
        let mut open: Vec<StepIx> = from.into_iter().collect();
        while let Some(step) = open.pop() {
            if stops.contains(&step) || !found.insert(step) {
                continue;
            }
            let step = self.journey.steps.get(step.at());
            open.extend(step.into_iter().flat_map(|it| ways(&it.kind)).flatten());
        }
        found
    }
}

/// How a step with these arms ends where they do not come together at a step.
fn ends_of(arms: &[Block]) -> Ends {
    let all = |ends: Ends| arms.iter().any(|it| it.ends == ends);
    if all(Ends::GoesOn) {
        Ends::GoesOn
    } else if all(Ends::Complete) {
        Ends::Complete
    } else {
        Ends::Dead
    }
}
