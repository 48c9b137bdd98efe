//! Logic of conditions: what lowered cleanly, and still does not do what was meant.
//!
//! Comes in: the program, and where its branches and conditions were written. Goes out: problems with an example
//! person each. Everything is decided by listing all kinds of people ([`cells`]); where there are too many kinds,
//! nothing is said, because a false report would be worse than none.

mod absence;
mod arrivals;
mod cells;
mod counted;
mod cycles;
mod dates;
mod either_way;
mod error;
mod gaps;
mod given;
mod header;
mod hours;
mod implied;
mod journey_error;
mod kinds;
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

use std::collections::{BTreeSet, HashSet};

use journey_ir as ir;
use journey_ir::{ConditionIx, EventIx, JourneyIx, StepIx};

use crate::cores;
use crate::places::Places;
use crate::problem::{Location, Problems};
use crate::stop::Stop;
use arrivals::Questions;
pub use cells::Effort;
use cells::{Budget, Cells, Node, Place};
use error::LogicError;
use kinds::Kinds;

/// Where an `if … otherwise if …` was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
pub(crate) fn check(
    program: &ir::Program,
    written: &Written,
    stop: &Stop,
    problems: &mut Problems,
) -> Effort {
    let works = works(program, written);
    let rules = routes::Rules::of(program);
    let found = cores::map(&works, WORKS_PER_THREAD, |work| {
        if stop.is_stopped() {
            return Found::default();
        }
        work.done(program, &rules, written)
    });
    if stop.is_stopped() {
        return Effort::default();
    }
    let mut effort = Effort::default();
    for found in &found {
        effort.add(found.effort);
    }
    // Where something was said about a condition as a whole, so that nothing is said that follows from it.
    let mut told: BTreeSet<Location> = BTreeSet::new();
    let mut shadowed = Vec::new();
    for lifecycle in &written.lifecycles {
        shadowed.extend(shadowed_stages(program, lifecycle, &mut effort));
    }
    let mut answers = given::Answers::default();
    let mut rest = Vec::with_capacity(found.len());
    for found in found {
        told.extend(found.settled.iter().map(|it| it.at));
        problems.extend(found.settled);
        shadowed.extend(found.shadowed);
        answers.add(found.answers);
        rest.push((found.chains, found.lesser, found.times));
    }
    for (at, first) in shadowed {
        if told.insert(at) {
            problems.push(LogicError::Shadowed { first }.at(at));
        }
    }
    answers.report(&told, problems);
    for (chains, lesser, times) in rest {
        problems.extend(chains);
        for (_, lesser) in lesser.into_iter().filter(|(at, _)| !told.contains(at)) {
            problems.extend(lesser);
        }
        problems.extend(times);
    }
    // Whoever is in several journeys is looked for apart, so that no single journey uses up what that takes.
    let mut apart = Budget::default();
    together::check(program, &written.places, &mut apart, problems);
    cycles::check(program, &written.places, &mut apart, problems);
    effort.given_up += apart.effort.given_up;
    dates::months(program, written, problems);
    effort
}

/// Fewer journeys than this are checked faster than a thread is started.
const WORKS_PER_THREAD: usize = 8;

/// What can be checked by itself: a journey with all that stands in it, or a condition that stands in none. Each has a
/// budget of its own, so that nothing is left open in a small journey because the project is large.
#[derive(Debug, Default)]
struct Work<'w> {
    journey: Option<JourneyIx>,
    conditions: Vec<&'w Asked>,
    chains: Vec<&'w Chain>,
}

/// What was found, apart by what can silence what.
#[derive(Debug, Default)]
struct Found {
    /// Conditions that nobody or everybody satisfies.
    settled: Problems,
    /// Arms whose people are all taken, each with the first arm that takes one of them.
    shadowed: Vec<(Location, Location)>,
    /// How all who come answer the questions of branches.
    answers: Vec<(Location, given::Answered)>,
    /// What chains leave out.
    chains: Problems,
    /// Arms that share people with an earlier one, and what the words of a condition take along, by its place. It is
    /// said only where nothing was said about the condition as a whole.
    lesser: Vec<(Location, Problems)>,
    /// What is wrong with the journey and its times.
    times: Problems,
    effort: Effort,
}

/// All work there is: the journeys in order, then the other conditions in written order. A condition or chain that
/// stands there twice, because a sequence is run many times, is looked at once.
fn works<'w>(program: &ir::Program, written: &'w Written) -> Vec<Work<'w>> {
    let mut works: Vec<Work<'w>> = (0..program.journeys.len())
        .map(|at| Work {
            journey: Some(JourneyIx(at as u32)),
            ..Work::default()
        })
        .collect();
    for asked in distinct(&written.conditions) {
        match asked.journey.and_then(|it| works.get_mut(it.at())) {
            Some(work) => work.conditions.push(asked),
            None => works.push(Work {
                conditions: vec![asked],
                ..Work::default()
            }),
        }
    }
    let mut seen: HashSet<&Chain> = HashSet::with_capacity(written.chains.len());
    for chain in &written.chains {
        if seen.insert(chain)
            && let Some(work) = works.get_mut(chain.journey.at())
        {
            work.chains.push(chain);
        }
    }
    works
}

impl Work<'_> {
    /// What the journey asks in its branches, if it has any.
    fn questions<'p>(
        &self,
        program: &'p ir::Program,
        budget: &mut Budget,
    ) -> Option<Questions<'p>> {
        let journey = program.journey(self.chains.first()?.journey)?;
        let registers = &journey.registers;
        Questions::of(Place { program, registers }, journey, budget)
    }

    fn done(&self, program: &ir::Program, rules: &routes::Rules, written: &Written) -> Found {
        let mut found = Found::default();
        let mut budget = Budget::default();
        let in_branches: HashSet<Location> = self
            .chains
            .iter()
            .flat_map(|it| it.arms.iter().copied())
            .collect();
        for asked in &self.conditions {
            if is_impossible(program, asked, &mut budget) {
                let with_filter = asked.conditions.len() > 1;
                let problem = LogicError::NeverTrue { with_filter }.at(asked.at);
                found.settled.push(problem);
            } else if !in_branches.contains(&asked.at)
                && let Some(problem) = given::tautology(program, asked, &mut budget)
            {
                found.settled.push(problem);
            }
        }
        if let Some(at) = self.journey
            && let Some(problem) = counted::entry(program, at, &self.conditions, &mut budget)
        {
            found.settled.push(problem);
        }
        let mut questions = self.questions(program, &mut budget);
        for chain in &self.chains {
            if let Some((place, arms)) = gaps::arms(program, chain) {
                let shadowed = shadowed(place, &arms, &chain.arms, &mut budget);
                found.shadowed.extend(shadowed);
            }
            let (holes, overlaps) = (&mut found.chains, &mut found.lesser);
            if let Some(questions) = &mut questions {
                gaps::check(program, chain, questions, &mut budget, holes, overlaps);
            }
        }
        let places = &written.places;
        found.answers = given::chains(
            program,
            &self.chains,
            places,
            questions.as_mut(),
            &mut budget,
        );
        for asked in &self.conditions {
            let mut problems = Problems::default();
            absence::check(program, asked, &mut budget, &mut problems);
            if !problems.is_empty() {
                found.lesser.push((asked.at, problems));
            }
        }
        if let Some(at) = self.journey {
            journey(program, rules, at, written, &mut budget, &mut found.times);
        }
        found.effort = budget.effort;
        found
    }
}

/// Reports what is wrong with a journey as a whole and with its times.
fn journey(
    program: &ir::Program,
    rules: &routes::Rules,
    at: JourneyIx,
    written: &Written,
    budget: &mut Budget,
    problems: &mut Problems,
) {
    let all = &written.places;
    let (Some(journey), Some(places)) = (program.journey(at), all.journey(at)) else {
        return;
    };
    races::check(program, at, places, budget, problems);
    either_way::check(program, at, places, problems);
    presence::check(program, journey, places, problems);
    dates::journey(program, journey, places, problems);
    header::check(program, at, places, budget, problems);
    routes::check(program, rules, at, places, budget, problems);
    hours::check(program, at, (all, places), written.korea, problems);
    settles::check(program, at, places, problems);
}

/// Each condition once, though a sequence may be run many times.
fn distinct(all: &[Asked]) -> impl Iterator<Item = &Asked> {
    let mut seen: HashSet<(Location, &[ConditionIx])> = HashSet::with_capacity(all.len());
    all.iter()
        .filter(move |it| seen.insert((it.at, it.conditions.as_slice())))
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
    Cells::of(place, &roots, 1, budget).is_some_and(|cells| cells.holding_all(&roots).is_empty())
}

/// The stages of a lifecycle whose people are all taken by earlier ones.
fn shadowed_stages(
    program: &ir::Program,
    lifecycle: &Stages,
    effort: &mut Effort,
) -> Vec<(Location, Location)> {
    let place = Place {
        program,
        registers: &[],
    };
    let (tests, at): (Vec<Node>, Vec<Location>) = lifecycle
        .tests
        .iter()
        .map(|(it, at)| ((*it, None), *at))
        .unzip();
    let mut budget = Budget::default();
    let shadowed = shadowed(place, &tests, &at, &mut budget);
    effort.add(budget.effort);
    shadowed
}

/// The arms or stages whose people are all taken by earlier ones, each with the first that takes one of them.
fn shadowed(
    place: Place<'_>,
    arms: &[Node],
    written: &[Location],
    budget: &mut Budget,
) -> Vec<(Location, Location)> {
    let Some(cells) = Cells::of(place, arms, arms.len(), budget) else {
        return Vec::new();
    };
    let holding: Vec<Kinds> = arms.iter().map(|it| cells.holding(*it)).collect();
    let mut taken = cells.nobody();
    let mut shadowed = Vec::new();
    for (at, (here, written_at)) in holding.iter().zip(written).enumerate() {
        let lost = here.and(&taken).iter().next();
        if let (true, Some(lost)) = (here.is_within(&taken), lost) {
            let mut earlier = holding.iter().zip(written).take(at);
            let first = earlier.find(|(it, _)| it.has(lost));
            shadowed.extend(first.map(|(_, first)| (*written_at, *first)));
        }
        taken.add(here);
    }
    shadowed
}
