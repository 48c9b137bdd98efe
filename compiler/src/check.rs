//! Logic of conditions: what lowered cleanly, and still does not do what was meant.
//!
//! Comes in: the program, and where its branches and conditions were written. Goes out: problems with an example
//! person each. Everything is decided by listing all kinds of people ([`cells`]); where there are too many kinds,
//! nothing is said, because a false report would be worse than none.

mod cells;
mod error;
#[allow(dead_code, reason = "the read-back asks for them")]
pub(crate) mod facts;
mod gaps;
#[allow(dead_code, reason = "the read-back asks for them")]
mod often;
#[allow(dead_code, reason = "the read-back asks for them")]
mod paths;
mod range;
#[allow(dead_code, reason = "the read-back asks for them")]
pub(crate) mod span;
mod way;

use std::collections::BTreeSet;

use journey_ir as ir;
use journey_ir::{ConditionIx, EventIx, JourneyIx, StepIx};

use crate::places::Places;
use crate::problem::{Location, Problems};
use cells::{Budget, Cells, Node, Place};
use error::LogicError;

/// Where an `if … otherwise if …` was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Chain {
    /// Its journey.
    pub(crate) journey: JourneyIx,
    /// Its step, which branches.
    pub(crate) step: StepIx,
    /// The condition of each arm.
    pub(crate) arms: Vec<Location>,
    /// A plain `otherwise`, with the braces around the word.
    pub(crate) otherwise: Option<Location>,
}

/// Where a condition was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The condition and what must hold with it.
    pub(crate) conditions: Vec<ConditionIx>,
    /// Where it stands.
    pub(crate) at: Location,
    /// The journey it stands in, if it stands in one.
    pub(crate) journey: JourneyIx,
    /// The event whose fields it reads.
    pub(crate) event: Option<EventIx>,
}

/// What lowering hands over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// All chains. One in a sequence is here once for each time it is run.
    pub(crate) chains: Vec<Chain>,
    /// All conditions.
    pub(crate) conditions: Vec<Asked>,
    /// Journeys, their header lines and their steps.
    pub(crate) places: Places,
}

/// Reports what the conditions of a clean program leave out or cannot mean.
pub(crate) fn check(program: &ir::Program, written: &Written, problems: &mut Problems) {
    let mut budget = Budget::default();
    for asked in &written.conditions {
        if is_impossible(program, asked, &mut budget) {
            let with_filter = asked.conditions.len() > 1;
            problems.push(LogicError::NeverTrue { with_filter }.at(asked.at));
        }
    }
    let mut seen: BTreeSet<&Chain> = BTreeSet::new();
    for chain in &written.chains {
        if seen.insert(chain) {
            shadowed(program, chain, &mut budget, problems);
            gaps::check(program, chain, &mut budget, problems);
        }
    }
}

fn is_impossible(program: &ir::Program, asked: &Asked, budget: &mut Budget) -> bool {
    let registers = program
        .journey(asked.journey)
        .map_or(&[][..], |journey| journey.registers.as_slice());
    let place = Place { program, registers };
    let roots: Vec<Node> = asked
        .conditions
        .iter()
        .map(|&condition| (condition, asked.event))
        .collect();
    Cells::of(place, &roots, 1, budget).is_some_and(|cells| {
        let mut possible = false;
        cells.each(|person| possible |= roots.iter().all(|root| person.holds(*root)));
        !possible
    })
}

/// Warns of arms whose people are all taken by earlier arms.
fn shadowed(program: &ir::Program, chain: &Chain, budget: &mut Budget, problems: &mut Problems) {
    let Some((place, arms)) = gaps::arms(program, chain) else {
        return;
    };
    let Some(cells) = Cells::of(place, &arms, arms.len(), budget) else {
        return;
    };
    // For each arm, whether it is the first for anyone, and the first arm of someone whom it would take too.
    let mut reached = vec![false; arms.len()];
    let mut taken_by = vec![None; arms.len()];
    cells.each(|person| {
        let mut first = None;
        for (at, arm) in arms.iter().enumerate() {
            if !person.holds(*arm) {
                continue;
            }
            match (first, reached.get_mut(at), taken_by.get_mut(at)) {
                (None, Some(reached), _) => *reached = true,
                (Some(_), _, Some(taken_by)) if taken_by.is_none() => *taken_by = first,
                _ => {}
            }
            first = first.or(chain.arms.get(at).copied());
        }
    });
    for ((at, reached), taken_by) in chain.arms.iter().zip(reached).zip(taken_by) {
        if let (false, Some(first)) = (reached, taken_by) {
            problems.push(LogicError::Shadowed { first }.at(*at));
        }
    }
}
