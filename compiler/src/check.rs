//! Logic of conditions: what lowered cleanly, and still does not do what was meant.
//!
//! Comes in: the program, and where its branches and conditions were written. Goes out: problems with an example
//! person each. Everything is decided by listing all kinds of people ([`cells`]); where there are too many kinds,
//! nothing is said, because a false report would be worse than none.

mod absence;
mod arrivals;
mod cells;
mod cycles;
mod dates;
mod error;
mod gaps;
mod given;
mod header;
mod hours;
mod journey_error;
mod lack;
pub(crate) mod often;
mod paths;
mod people;
pub(crate) mod policy;
pub(crate) mod presence;
mod races;
mod range;
mod reads;
mod routes;
mod settles;
pub(crate) mod span;
mod together;
mod way;
pub(crate) mod witness;

use std::collections::BTreeSet;

use journey_ir as ir;
use journey_ir::{ConditionIx, EventIx, JourneyIx, StepIx};

use crate::places::Places;
use crate::problem::{Location, Problems};
pub use cells::Effort;
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
    pub(crate) journey: Option<JourneyIx>,
    /// The event whose fields it reads.
    pub(crate) event: Option<EventIx>,
    /// Whether it stands in `where ( … )`, so that fields are written without their event.
    pub(crate) in_where: bool,
    /// Conditions that take people before this one is asked: earlier arms, earlier stages.
    pub(crate) unless: Vec<ConditionIx>,
    /// Events that are known to have happened where it stands.
    pub(crate) known: Vec<EventIx>,
    /// Its negations and its phrases about the past.
    pub(crate) parts: Vec<Part>,
}

/// A part of a condition whose very words matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// What is written.
    pub(crate) kind: PartKind,
    /// What it lowered to.
    pub(crate) condition: ConditionIx,
    /// Where it stands.
    pub(crate) at: Location,
}

/// What a part says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// `not …`
    Not,
    /// `did not … in the last …`
    DidNotLately,
    /// Another phrase about the past: `did …`, `never did …`.
    Behavior,
}

/// The stages of a lifecycle, as far as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stages {
    /// The condition of each, with where it was written; an `otherwise` is left out.
    pub(crate) tests: Vec<(ConditionIx, Location)>,
}

/// What lowering hands over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// All chains. One in a sequence is here once for each time it is run.
    pub(crate) chains: Vec<Chain>,
    /// All conditions.
    pub(crate) conditions: Vec<Asked>,
    /// All lifecycles.
    pub(crate) lifecycles: Vec<Stages>,
    /// Journeys, their header lines and their steps.
    pub(crate) places: Places,
    /// Whether the rules of Korean law are asked for.
    pub(crate) korea: bool,
}

/// Reports what the conditions of a clean program leave out or cannot mean, and how much was looked at.
pub(crate) fn check(program: &ir::Program, written: &Written, problems: &mut Problems) -> Effort {
    let mut budget = Budget::default();
    // Where something was said about a condition as a whole, so that nothing is said that follows from it.
    let mut told: BTreeSet<Location> = BTreeSet::new();
    let in_branches: BTreeSet<Location> = written
        .chains
        .iter()
        .flat_map(|it| it.arms.iter().copied())
        .collect();
    for asked in distinct(&written.conditions) {
        if is_impossible(program, asked, &mut budget) {
            let with_filter = asked.conditions.len() > 1;
            told.insert(asked.at);
            problems.push(LogicError::NeverTrue { with_filter }.at(asked.at));
        } else if !in_branches.contains(&asked.at)
            && let Some(problem) = given::tautology(program, asked, &mut budget)
        {
            told.insert(asked.at);
            problems.push(problem);
        }
    }
    for lifecycle in &written.lifecycles {
        let place = Place {
            program,
            registers: &[],
        };
        let (tests, at): (Vec<Node>, Vec<Location>) = lifecycle
            .tests
            .iter()
            .map(|(it, at)| ((*it, None), *at))
            .unzip();
        shadowed(place, &tests, &at, &mut told, &mut budget, problems);
    }
    let mut seen: BTreeSet<&Chain> = BTreeSet::new();
    for chain in &written.chains {
        if seen.insert(chain) {
            if let Some((place, arms)) = gaps::arms(program, chain) {
                shadowed(place, &arms, &chain.arms, &mut told, &mut budget, problems);
            }
            gaps::check(program, chain, &told, &mut budget, problems);
        }
    }
    given::chains(
        program,
        &written.chains,
        &written.places,
        &told,
        &mut budget,
        problems,
    );
    for asked in distinct(&written.conditions) {
        if !told.contains(&asked.at) {
            absence::check(program, asked, &mut budget, problems);
        }
    }
    for (at, places) in written.places.journeys.iter().enumerate() {
        let at = JourneyIx(at as u32);
        races::check(program, at, places, &mut budget, problems);
        if let Some(journey) = program.journey(at) {
            presence::check(program, journey, places, problems);
            dates::journey(program, journey, places, problems);
        }
    }
    each_journey(program, written, &mut budget, problems);
    dates::months(program, written, problems);
    budget.effort
}

/// Reports what is wrong with the times of single journeys.
fn each_journey(
    program: &ir::Program,
    written: &Written,
    budget: &mut Budget,
    problems: &mut Problems,
) {
    let all = &written.places;
    for (at, places) in all.journeys.iter().enumerate() {
        let at = JourneyIx(at as u32);
        header::check(program, at, places, budget, problems);
        routes::check(program, at, places, budget, problems);
        hours::check(program, at, (all, places), written.korea, problems);
        settles::check(program, at, places, problems);
    }
    // Whoever is in several journeys is looked for apart, so that no single journey uses up what that takes.
    let mut apart = Budget::default();
    together::check(program, all, &mut apart, problems);
    cycles::check(program, all, &mut apart, problems);
    budget.effort.given_up += apart.effort.given_up;
}

/// Each condition once, though a sequence may be run many times.
fn distinct(all: &[Asked]) -> impl Iterator<Item = &Asked> {
    let mut seen = BTreeSet::new();
    all.iter()
        .filter(move |it| seen.insert((it.at, it.conditions.clone())))
}

fn is_impossible(program: &ir::Program, asked: &Asked, budget: &mut Budget) -> bool {
    let registers = asked
        .journey
        .and_then(|it| program.journey(it))
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

/// Warns of arms or stages whose people are all taken by earlier ones.
fn shadowed(
    place: Place<'_>,
    arms: &[Node],
    written: &[Location],
    told: &mut BTreeSet<Location>,
    budget: &mut Budget,
    problems: &mut Problems,
) {
    let Some(cells) = Cells::of(place, arms, arms.len(), budget) else {
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
            first = first.or(written.get(at).copied());
        }
    });
    for ((at, reached), taken_by) in written.iter().zip(reached).zip(taken_by) {
        if let (false, Some(first)) = (reached, taken_by)
            && told.insert(*at)
        {
            problems.push(LogicError::Shadowed { first }.at(*at));
        }
    }
}
