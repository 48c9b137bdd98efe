//! Questions whose answer is settled: by what brought people here, or by itself.
//!
//! Comes in: the chains and conditions of a program. Goes out: the questions that all who come answer alike. A chain in
//! a sequence is reported only where that is so wherever the sequence is run.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::StepIx;

use super::arrivals::{Arrivals, Questions};
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

/// How all who come answer in one journey, and where people enter that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answered {
    answer: Answer,
    entry: Option<Location>,
}

/// The answers of all journeys.
#[derive(Debug, Default)]
pub(super) struct Answers {
    all: BTreeMap<Location, Answered>,
}

impl Answers {
    /// Adds those of a journey. What stands in a sequence is answered wherever it is run.
    pub(super) fn add(&mut self, answers: Vec<(Location, Answered)>) {
        for (at, answered) in answers {
            let all = self.all.entry(at).or_insert(answered);
            if all.answer != answered.answer {
                all.answer = Answer::Open;
            }
        }
    }

    /// Warns of questions that everyone who comes answers alike. What stands in `told` was reported already.
    pub(super) fn report(self, told: &BTreeSet<Location>, problems: &mut Problems) {
        for (at, Answered { answer, entry }) in self.all {
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
}

/// The answers to the questions in the branches of one journey.
pub(super) fn chains(
    program: &ir::Program,
    chains: &[&Chain],
    places: &Places,
    mut questions: Option<&mut Questions<'_>>,
    budget: &mut Budget,
) -> Vec<(Location, Answered)> {
    let mut answers = Vec::new();
    let journey = chains.first().map(|it| it.journey);
    let Some(journey) = journey.and_then(|it| places.journey(it)) else {
        return answers;
    };
    let entry = journey.enter;
    for chain in chains {
        let found = questions.as_mut().and_then(|questions| {
            let (_, arms) = gaps::arms(program, chain)?;
            let arrivals = questions.arrivals(&arms, budget)?;
            Some(of_chain(arrivals, chain.step, &arms))
        });
        let found = found.unwrap_or_else(|| vec![Answer::Open; chain.arms.len()]);
        let answered = found.into_iter().map(|answer| Answered { answer, entry });
        answers.extend(chain.arms.iter().copied().zip(answered));
    }
    answers
}

/// The answers to the questions of one chain, in their order.
fn of_chain(arrivals: &Arrivals<'_>, step: StepIx, arms: &[Node]) -> Vec<Answer> {
    let mut come = arrivals.at(step);
    let mut answers = Vec::with_capacity(arms.len());
    for (at, arm) in arms.iter().enumerate() {
        let left = come.without(&arrivals.holding(*arm));
        answers.push(if come.is_empty() {
            Answer::Open
        } else if left == come {
            Answer::No
        } else if at == 0 && left.is_empty() {
            // A last arm that takes all who are left is how a complete chain ends.
            Answer::Yes
        } else {
            Answer::Open
        });
        come = left;
    }
    answers
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
    let come = cells.holding_all(given);
    let all = !come.is_empty() && come.is_within(&cells.holding(*last));
    let settled = LogicError::Settled {
        always: true,
        entry: None,
    };
    all.then(|| settled.at(asked.at))
}
