//! Questions whose answer is settled: by what brought people here, or by itself.
//!
//! Comes in: the chains and conditions of a program. Goes out: the questions that all who come answer alike. A chain in
//! a sequence is reported only where that is so wherever the sequence is run.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;

use super::arrivals::Arrivals;
use super::cells::{Budget, Cells, Node, Place};
use super::error::LogicError;
use super::{Asked, Chain, gaps};
use crate::places::Places;
use crate::problem::{Location, Problem, Problems};

/// How all who come answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Open,
}

/// Warns of questions in branches that everyone who comes answers alike. What stands in `told` was reported already.
pub(super) fn chains(
    program: &ir::Program,
    chains: &[Chain],
    places: &Places,
    told: &BTreeSet<Location>,
    budget: &mut Budget,
    problems: &mut Problems,
) {
    let mut answers: BTreeMap<Location, (Answer, Option<Location>)> = BTreeMap::new();
    for chain in chains {
        let entry = places.journey(chain.journey).and_then(|it| it.enter);
        let found = of_chain(program, chain, budget);
        for (at, answer) in chain.arms.iter().zip(found) {
            let all = answers.entry(*at).or_insert((answer, entry));
            if all.0 != answer {
                all.0 = Answer::Open;
            }
        }
    }
    for (at, (answer, entry)) in answers {
        let always = match answer {
            Answer::Yes => true,
            Answer::No => false,
            Answer::Open => continue,
        };
        if !told.contains(&at) {
            let entry = entry.filter(|it| it.file == at.file);
            problems.push(LogicError::Settled { always, entry }.at(at));
        }
    }
}

/// The answers to the questions of one chain, in their order.
fn of_chain(program: &ir::Program, chain: &Chain, budget: &mut Budget) -> Vec<Answer> {
    let open = vec![Answer::Open; chain.arms.len()];
    let Some((place, arms)) = gaps::arms(program, chain) else {
        return open;
    };
    let Some(journey) = program.journey(chain.journey) else {
        return open;
    };
    let Some(arrivals) = Arrivals::of(place, journey, &arms, budget) else {
        return open;
    };
    // For each arm, how many come to it and how many of them it takes.
    let mut counts = vec![(0_usize, 0_usize); arms.len()];
    for holds in arrivals.at(chain.step, &arms) {
        for (count, takes) in counts.iter_mut().zip(&holds) {
            count.0 += 1;
            count.1 += usize::from(*takes);
            if *takes {
                break;
            }
        }
    }
    let answer = |(at, (come, taken)): (usize, (usize, usize))| match (come, taken) {
        (0, _) => Answer::Open,
        (_, 0) => Answer::No,
        // A last arm that takes all who are left is how a complete chain ends.
        (come, taken) if at == 0 && come == taken => Answer::Yes,
        _ => Answer::Open,
    };
    counts.into_iter().enumerate().map(answer).collect()
}

/// The problem of a condition that everyone satisfies, outside of branches.
pub(super) fn tautology(
    program: &ir::Program,
    asked: &Asked,
    budget: &mut Budget,
) -> Option<Problem> {
    let journey = asked.journey.and_then(|it| program.journey(it));
    let place = Place {
        program,
        registers: journey.map_or(&[][..], |it| it.registers.as_slice()),
    };
    let roots: Vec<Node> = asked
        .conditions
        .iter()
        .map(|it| (*it, asked.event))
        .collect();
    let (last, given) = roots.split_last()?;
    if program.condition(last.0) == Some(&ir::Condition::Always) {
        return None;
    }
    let cells = Cells::of(place, &roots, 1, budget)?;
    let (mut come, mut left) = (0_usize, 0_usize);
    cells.each(|person| {
        if given.iter().all(|it| person.holds(*it)) {
            come += 1;
            left += usize::from(!person.holds(*last));
        }
    });
    let settled = LogicError::Settled {
        always: true,
        entry: None,
    };
    (come > 0 && left == 0).then(|| settled.at(asked.at))
}
