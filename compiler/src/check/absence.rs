//! Words that take more people along than they seem to: `not …` of a value that may be missing, and `did not … in the
//! last …`, which also holds for people who never did.

use std::collections::BTreeSet;

use journey_ir as ir;
use journey_ir::{Atom, Comparison, Condition, ConditionIx, EventIx, Window};

use super::cells::{Budget, Key, Node, Of, Place, test_of};
use super::error::LogicError;
use super::lack::{Answers, Lack};
use super::{Asked, PartKind, way};
use crate::problem::Problems;

/// Warns of such words in one condition.
pub(super) fn check(
    program: &ir::Program,
    asked: &Asked,
    budget: &mut Budget,
    problems: &mut Problems,
) {
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
    let parts = place.parts(&roots);
    let entry = journey.map_or_else(Vec::new, |it| way::entry(place, it));
    let count = parts.len().saturating_add(entry.len());
    if asked.parts.is_empty()
        || budget
            .spend(count.saturating_mul(asked.parts.len()))
            .is_none()
    {
        return;
    }
    // Who lacks something and satisfies the condition, as far as can be told.
    let includes = |lack: Lack| {
        let mut answers = Answers::of(place, lack);
        let comes = !entry.iter().any(|fact| answers.holds(*fact) == Some(false));
        let mut unless = asked.unless.iter();
        let left = !unless.any(|it| answers.holds((*it, asked.event)) == Some(true));
        comes && left && !roots.iter().any(|root| answers.holds(*root) == Some(false))
    };
    for part in &asked.parts {
        match part.kind {
            PartKind::Not => {
                let keys = values(place, (part.condition, asked.event));
                let asks = |key: &Key| asks_if_missing(place, asked, &parts, *key);
                let name = keys
                    .into_iter()
                    .filter(|key| place.is_optional(*key) && !asks(key))
                    .find(|key| {
                        let mut answers = Answers::of(place, Lack::Value(*key));
                        let taken = answers.holds((part.condition, asked.event)) == Some(true);
                        taken && includes(Lack::Value(*key))
                    })
                    .and_then(|key| match key {
                        Key::Field(event, field) if asked.in_where => {
                            Some(program.field(event, field)?.name.clone())
                        }
                        key => place.name(key),
                    });
                if let Some(name) = name {
                    problems.push(LogicError::NotTakesMissing { name }.at(part.at));
                }
            }
            PartKind::DidNotLately => {
                let Some(event) = event_of(program, part.condition) else {
                    continue;
                };
                let mentioned = asked.known.contains(&event) || asks_ever(program, &parts, event);
                if !mentioned
                    && includes(Lack::Event(event))
                    && let Some(event) = program.event(event)
                {
                    let name = event.name.clone();
                    problems.push(LogicError::NeverDid { name }.at(part.at));
                }
            }
            PartKind::Behavior => {}
        }
    }
}

/// The values that a condition compares.
fn values(place: Place<'_>, root: Node) -> BTreeSet<Key> {
    let asked = place.asked(&place.parts(&[root]));
    asked
        .keys()
        .filter_map(|of| match of {
            Of::Value(key) => Some(*key),
            Of::Lifecycle(_) | Of::Answer(..) => None,
        })
        .collect()
}

/// Whether it was thought of that a value may be missing: here, or anywhere in the journey.
fn asks_if_missing(place: Place<'_>, asked: &Asked, parts: &[Node], key: Key) -> bool {
    let mut all: Vec<Node> = asked.unless.iter().map(|it| (*it, asked.event)).collect();
    let journey = asked.journey.and_then(|it| place.program.journey(it));
    all.extend(journey.map_or_else(Vec::new, way::questions));
    all.extend(parts);
    let questions = place.asked(&place.parts(&all));
    questions.get(&Of::Value(key)).is_some_and(|atoms| {
        let asks = |test: &Comparison| matches!(test, Comparison::IsMissing | Comparison::IsKnown);
        atoms.iter().any(|atom| test_of(atom).is_some_and(asks))
    })
}

/// The event that `did not …` is about.
fn event_of(program: &ir::Program, condition: ConditionIx) -> Option<EventIx> {
    let Condition::Not(inner) = program.condition(condition)? else {
        return None;
    };
    let Condition::Is(atom) = program.condition(*inner)? else {
        return None;
    };
    match program.atom(*atom)? {
        Atom::Happened { aggregate, .. } => Some(program.aggregate(*aggregate)?.event),
        _ => None,
    }
}

/// Whether it is asked if an event ever happened.
fn asks_ever(program: &ir::Program, parts: &[Node], event: EventIx) -> bool {
    parts.iter().any(|(condition, _)| {
        let Some(Condition::Is(atom)) = program.condition(*condition) else {
            return false;
        };
        match program.atom(*atom) {
            Some(Atom::Happened {
                aggregate, window, ..
            }) => {
                let of = program.aggregate(*aggregate).map(|it| it.event);
                *window == Window::Ever && of == Some(event)
            }
            _ => false,
        }
    })
}
