//! What is known of everyone who comes to a step: which values are there for certain.
//!
//! Comes in: a journey. Goes out: for each step the values that its entry, its branches and its races have made sure
//! of; and problems where a message is given one that may be missing. A value that was there is taken to stay.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::journey::{ChangeEnd, Expression};
use journey_ir::time::Schedule;
use journey_ir::{
    Atom, AttributeIx, Comparison, Condition, ConditionIx, Entry, EventIx, Filter, Hole, Journey,
    MessageIx, Piece, Source, StepIx, StepKind, Trigger,
};

use super::cells::{Key, Node, Place};
use super::error::LogicError;
use super::lack::operands;
use super::way;
use crate::cores;
use crate::places::JourneyPlaces;
use crate::problem::Problems;

type Keys = BTreeSet<Key>;

/// The values that are there at each step; `None` where nobody comes.
fn known(place: Place<'_>, journey: &Journey) -> Vec<Option<Keys>> {
    let mut steps: Vec<Option<Keys>> = vec![None; journey.steps.len()];
    let entry = way::entry(place, journey);
    let mut facts = Facts::of(place);
    let mut at_entry: Keys = entry
        .into_iter()
        .flat_map(|node| facts.when(node, true))
        .collect();
    at_entry.extend(brought(&journey.entry));
    let mut open: Vec<(StepIx, Keys)> =
        journey.start.map(|it| (it, at_entry)).into_iter().collect();
    while let Some((at, keys)) = open.pop() {
        let (Some(here), Some(step)) = (steps.get_mut(at.at()), journey.steps.get(at.at())) else {
            continue;
        };
        let less = match here {
            None => keys,
            Some(before) if before.is_subset(&keys) => continue,
            Some(before) => before.intersection(&keys).copied().collect(),
        };
        *here = Some(less.clone());
        open.extend(ways(&mut facts, &step.kind, &less));
    }
    steps
}

/// The attribute without which nobody could have entered: the date that fell due, or what changed to a value.
const fn brought(entry: &Entry) -> Option<Key> {
    match entry {
        Entry::Schedule {
            schedule: Schedule::Attribute { attribute, .. },
            ..
        }
        | Entry::When {
            trigger:
                Trigger::Changes {
                    attribute,
                    to: ChangeEnd::Value(_),
                    ..
                },
            ..
        } => Some(Key::Attribute(*attribute)),
        _ => None,
    }
}

/// What is known on each way out of a step.
fn ways(facts: &mut Facts<'_>, kind: &StepKind, keys: &Keys) -> Vec<(StepIx, Keys)> {
    match kind {
        StepKind::Branch { arms, otherwise } => {
            let mut ways = Vec::new();
            let mut keys = keys.clone();
            for (condition, next) in arms {
                let node = (*condition, None);
                let mut taken = keys.clone();
                taken.extend(facts.when(node, true));
                ways.extend(next.map(|next| (next, taken)));
                keys.extend(facts.when(node, false));
            }
            ways.extend(otherwise.map(|next| (next, keys)));
            ways
        }
        StepKind::Race { arms, timeout, .. } => {
            let mut ways: Vec<(StepIx, Keys)> = Vec::new();
            for arm in arms {
                let mut keys = keys.clone();
                if let Trigger::Event { event, .. } = &arm.trigger {
                    // The run remembers the new event from here on.
                    keys.retain(|key| !matches!(key, Key::Field(of, _) if of == event));
                }
                keys.extend(
                    way::filter(&arm.trigger).map_or_else(Keys::new, |it| facts.when(it, true)),
                );
                ways.extend(arm.next.map(|next| (next, keys)));
            }
            ways.extend(timeout.map(|next| (next, keys.clone())));
            ways
        }
        StepKind::Ask {
            attribute, answer, ..
        } => {
            let all = way::all(kind).into_iter();
            let mut ways: Vec<(StepIx, Keys)> = all.map(|next| (next, keys.clone())).collect();
            if let Some((_, keys)) = ways.iter_mut().find(|(next, _)| Some(*next) == *answer) {
                keys.insert(Key::Attribute(*attribute));
            }
            ways
        }
        StepKind::Set {
            attribute,
            to,
            next,
        } => {
            let mut keys = keys.clone();
            let is_there = match to {
                Expression::Value(_) => true,
                Expression::Source(source) => facts
                    .place
                    .key(source, None)
                    .is_some_and(|key| !facts.place.is_optional(key) || keys.contains(&key)),
                Expression::Offer(_) => false,
            };
            if is_there {
                keys.insert(Key::Attribute(*attribute));
            } else {
                keys.remove(&Key::Attribute(*attribute));
            }
            next.iter().map(|next| (*next, keys.clone())).collect()
        }
        other => {
            let next = way::all(other);
            next.into_iter().map(|next| (next, keys.clone())).collect()
        }
    }
}

/// What the answers to conditions tell.
struct Facts<'p> {
    place: Place<'p>,
    seen: BTreeMap<(Node, bool), Keys>,
}

impl<'p> Facts<'p> {
    const fn of(place: Place<'p>) -> Self {
        Self {
            place,
            seen: BTreeMap::new(),
        }
    }

    /// The values that must be there where a condition has this answer.
    fn when(&mut self, node: Node, answer: bool) -> Keys {
        if let Some(known) = self.seen.get(&(node, answer)) {
            return known.clone();
        }
        let (at, event) = node;
        let keys = match self.place.program.condition(at) {
            None | Some(Condition::Always) => Keys::new(),
            Some(Condition::Not(of)) => self.when((*of, event), !answer),
            Some(Condition::All(of)) => self.together(of, event, answer, answer),
            Some(Condition::Any(of)) => self.together(of, event, answer, !answer),
            Some(Condition::Is(atom)) => match self.place.program.atom(*atom) {
                Some(Atom::Compare { left, test }) => self.compared(left, test, event, answer),
                Some(Atom::Member(segment)) => {
                    let segment = self.place.program.segment(*segment);
                    segment.map_or_else(Keys::new, |it| self.when((it.condition, None), answer))
                }
                _ => Keys::new(),
            },
        };
        self.seen.insert((node, answer), keys.clone());
        keys
    }

    /// What all parts tell, or what each of them does.
    fn together(
        &mut self,
        of: &[ConditionIx],
        event: Option<EventIx>,
        answer: bool,
        all: bool,
    ) -> Keys {
        let mut parts = of.iter().map(|part| self.when((*part, event), answer));
        let first = parts.next().unwrap_or_default();
        parts.fold(first, |keys, part| {
            if all {
                keys.union(&part).copied().collect()
            } else {
                keys.intersection(&part).copied().collect()
            }
        })
    }

    fn compared(
        &self,
        left: &Source,
        test: &Comparison,
        event: Option<EventIx>,
        answer: bool,
    ) -> Keys {
        let is_there = match test {
            Comparison::IsMissing => !answer,
            _ => answer,
        };
        if !is_there {
            return Keys::new();
        }
        let sources = std::iter::once(left).chain(operands(test));
        sources.filter_map(|it| self.place.key(it, event)).collect()
    }
}

/// Fewer journeys than this are looked through faster than a thread is started.
const JOURNEYS_PER_THREAD: usize = 16;

/// The attributes that everyone has to whom a message is ever sent.
pub(crate) fn certain(program: &ir::Program) -> BTreeSet<(MessageIx, AttributeIx)> {
    let mut certain: BTreeMap<MessageIx, Keys> = BTreeMap::new();
    let of_journeys = cores::map(&program.journeys, JOURNEYS_PER_THREAD, |journey| {
        let mut certain = BTreeMap::new();
        let place = Place {
            program,
            registers: &journey.registers,
        };
        for (step, keys) in journey.steps.iter().zip(known(place, journey)) {
            let (StepKind::Send { candidates, .. }, Some(keys)) = (&step.kind, keys) else {
                continue;
            };
            for message in candidates {
                keep_common(&mut certain, *message, &keys);
            }
        }
        certain
    });
    for (message, keys) in of_journeys.into_iter().flatten() {
        keep_common(&mut certain, message, &keys);
    }
    let attribute = |key: &Key| match key {
        Key::Attribute(at) => Some(*at),
        Key::Field(..) | Key::Score(_) => None,
    };
    certain
        .iter()
        .flat_map(|(message, keys)| keys.iter().filter_map(attribute).map(|it| (*message, it)))
        .collect()
}

/// Leaves of what is known wherever a message is sent only what is known here, too.
fn keep_common(certain: &mut BTreeMap<MessageIx, Keys>, message: MessageIx, keys: &Keys) {
    certain
        .entry(message)
        .and_modify(|it| it.retain(|key| keys.contains(key)))
        .or_insert_with(|| keys.clone());
}

/// Reports arguments of messages that may be missing where a message cannot do without.
pub(super) fn check(
    program: &ir::Program,
    journey: &Journey,
    places: &JourneyPlaces,
    problems: &mut Problems,
) {
    if !journey.steps.iter().any(|it| reads_arguments(&it.kind)) {
        return;
    }
    let place = Place {
        program,
        registers: &journey.registers,
    };
    let steps = journey.steps.iter().zip(&places.steps);
    for ((step, written), keys) in steps.zip(known(place, journey)) {
        let (
            StepKind::Send {
                candidates, args, ..
            },
            Some(keys),
        ) = (&step.kind, keys)
        else {
            continue;
        };
        for argument in args {
            let Expression::Source(source) = &argument.value else {
                continue;
            };
            let Some(key) = place.key(source, None) else {
                continue;
            };
            let message = candidates.iter().filter_map(|it| program.message(*it));
            let needing = message
                .into_iter()
                .find(|it| cannot_do_without(it, &argument.name));
            let at = written
                .arguments
                .iter()
                .find(|(name, _)| *name == argument.name);
            if let (Some(message), Some((_, at)), Some(name)) = (needing, at, place.name(key))
                && place.is_optional(key)
                && !keys.contains(&key)
            {
                let error = LogicError::MayLack {
                    name,
                    need: argument.name.clone(),
                    template: message.template.clone(),
                };
                problems.push(error.at(*at));
            }
        }
    }
}

/// Whether a step sends a message something that is read when it is sent.
fn reads_arguments(kind: &StepKind) -> bool {
    let StepKind::Send { args, .. } = kind else {
        return false;
    };
    args.iter()
        .any(|it| matches!(it.value, Expression::Source(_)))
}

/// Whether a message says nothing in the place of an argument that is missing.
fn cannot_do_without(message: &ir::Message, need: &str) -> bool {
    let Some(at) = message.needs.iter().position(|it| it.name == need) else {
        return false;
    };
    let translated = message.translations.iter();
    let translated = translated.flat_map(|it| it.subject.iter().chain(&it.body));
    let mut pieces = message
        .subject
        .iter()
        .chain(&message.body)
        .chain(translated);
    pieces.any(|piece| match piece {
        Piece::Hole {
            hole: Hole::Need(of),
            filters,
        } => *of as usize == at && !filters.iter().any(|it| matches!(it, Filter::Or(_))),
        _ => false,
    })
}
