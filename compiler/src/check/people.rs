//! One person who satisfies several conditions at once, or the knowledge that there may be none.
//!
//! Comes in: conditions. Behaviour becomes the ages of the newest events, cut at the windows that are asked about;
//! lifecycles are looked into. Goes out: a person, in words. Where two questions hang together in a way that is not
//! looked into, nobody is found, so that whoever is shown could really exist.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::time::DAY;
use journey_ir::{
    Atom, AtomIx, Condition, ConditionIx, EventIx, Keep, Program, Source, Value, Window,
};

use super::cells::{Budget, Key, Node, Place, test_of};
use super::range::{self, Cell};
use super::span::{self, Length};
use crate::problem::Text;

/// The most people that are looked at for one question.
const MOST_PEOPLE: usize = 20_000;
/// The most histories of one event that are told apart.
const MOST_HISTORIES: usize = 400;

/// What everyone who is looked for has in common.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// Conditions that hold.
    pub(super) conditions: BTreeSet<Node>,
    /// Stages they are in.
    pub(super) stages: BTreeMap<ir::LifecycleIx, ir::StageIx>,
    /// Events that have just happened.
    pub(super) events: BTreeSet<EventIx>,
}

/// What is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Value(Key),
    Past(EventIx, Option<ConditionIx>),
    Answer(AtomIx, Option<EventIx>),
}

/// One of the things that it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Is {
    Cell(Cell),
    /// How long ago the newest events happened, newest first, in milliseconds.
    Ages(Vec<i64>),
    Answer(bool),
}

/// Someone who has all that is wanted, in words; `None` where nobody was found.
pub(super) fn find(program: &Program, wanted: &Wanted, budget: &mut Budget) -> Option<Text> {
    let search = Search::of(program, wanted)?;
    let people = search
        .variables
        .values()
        .try_fold(1_usize, |n, it| n.checked_mul(it.len()))?;
    if people > MOST_PEOPLE {
        return None;
    }
    budget.spend(people.saturating_mul(search.size))?;
    let choices: Vec<(&Of, &Vec<Is>)> = search.variables.iter().collect();
    let mut at = vec![0_usize; choices.len()];
    loop {
        let person: BTreeMap<Of, &Is> = choices
            .iter()
            .zip(&at)
            .filter_map(|((of, all), at)| Some((**of, all.get(*at)?)))
            .collect();
        if search.is_found(&person) {
            return Some(search.words(&person));
        }
        let mut done = true;
        for (digit, (_, all)) in at.iter_mut().zip(&choices) {
            *digit += 1;
            if *digit < all.len() {
                done = false;
                break;
            }
            *digit = 0;
        }
        if done {
            return None;
        }
    }
}

struct Search<'p> {
    place: Place<'p>,
    wanted: &'p Wanted,
    variables: BTreeMap<Of, Vec<Is>>,
    /// How many questions are asked about each person.
    size: usize,
}

impl<'p> Search<'p> {
    fn of(program: &'p Program, wanted: &'p Wanted) -> Option<Self> {
        let mut search = Self {
            place: Place {
                program,
                registers: &[],
            },
            wanted,
            variables: BTreeMap::new(),
            size: 1,
        };
        let atoms = search.atoms()?;
        search.size = atoms.len().max(1);
        let mut asked: BTreeMap<Of, Vec<&Atom>> = BTreeMap::new();
        for (at, event) in atoms {
            let atom = program.atom(at)?;
            asked
                .entry(search.variable(at, atom, event)?)
                .or_default()
                .push(atom);
        }
        if search.hang_together(&asked) {
            return None;
        }
        for (of, atoms) in asked {
            let choices = search.choices(of, &atoms)?;
            search.variables.insert(of, choices);
        }
        Some(search)
    }

    /// All atoms that are asked, segments and lifecycles looked into.
    fn atoms(&self) -> Option<BTreeSet<(AtomIx, Option<EventIx>)>> {
        let program = self.place.program;
        let mut open: Vec<Node> = self.wanted.conditions.iter().copied().collect();
        for lifecycle in self.wanted.stages.keys() {
            open.extend(stages(program, *lifecycle));
        }
        let (mut seen, mut atoms) = (BTreeSet::new(), BTreeSet::new());
        while let Some((at, event)) = open.pop() {
            if !seen.insert((at, event)) {
                continue;
            }
            match program.condition(at)? {
                Condition::Always => {}
                Condition::All(of) | Condition::Any(of) => {
                    open.extend(of.iter().map(|it| (*it, event)));
                }
                Condition::Not(of) => open.push((*of, event)),
                Condition::Is(atom) => match program.atom(*atom)? {
                    Atom::Member(segment) => {
                        open.push((program.segment(*segment)?.condition, None));
                    }
                    Atom::Stage { lifecycle, .. } => open.extend(stages(program, *lifecycle)),
                    _ => {
                        atoms.insert((*atom, event));
                    }
                },
            }
        }
        Some(atoms)
    }

    fn variable(&self, at: AtomIx, atom: &Atom, event: Option<EventIx>) -> Option<Of> {
        Some(match atom {
            Atom::Happened {
                aggregate,
                window: Window::Ever | Window::Last(_) | Window::LastDays(_),
                ..
            } => {
                let aggregate = self.place.program.aggregate(*aggregate)?;
                // A chain, or what happened on one day, is another matter than the events themselves.
                if matches!(aggregate.keep, Keep::Chain { .. } | Keep::Within { .. }) {
                    return None;
                }
                Of::Past(aggregate.event, aggregate.filter)
            }
            Atom::Compare { left, test } => match left {
                Source::Attribute(at) if range::constants(test).is_some() => {
                    Of::Value(Key::Attribute(*at))
                }
                Source::Field(field) if range::constants(test).is_some() => {
                    Of::Value(Key::Field(event?, *field))
                }
                Source::Attribute(_) | Source::Field(_) => Of::Answer(at, event),
                _ => return None,
            },
            Atom::Agreed { .. } | Atom::Tagged(_) | Atom::Inside(_) => Of::Answer(at, None),
            _ => return None,
        })
    }

    /// Whether two of the questions depend on each other in a way that is not looked into.
    fn hang_together(&self, asked: &BTreeMap<Of, Vec<&Atom>>) -> bool {
        let mut filters: BTreeMap<EventIx, usize> = BTreeMap::new();
        let (mut values, mut answers) = (BTreeSet::new(), BTreeSet::new());
        for (of, atoms) in asked {
            match of {
                Of::Past(event, Some(_)) => *filters.entry(*event).or_default() += 1,
                Of::Past(_, None) => {}
                Of::Value(key) => {
                    values.insert(*key);
                    // Years since a date and the date itself.
                    if let Some(ir::Type::YearsSince(date)) = self.place.kind(*key) {
                        answers.insert(Key::Attribute(*date));
                    }
                }
                Of::Answer(_, event) => {
                    for atom in atoms {
                        match atom {
                            Atom::Compare {
                                left: Source::Attribute(at),
                                ..
                            } => {
                                answers.insert(Key::Attribute(*at));
                            }
                            Atom::Compare {
                                left: Source::Field(at),
                                ..
                            } => {
                                answers.extend(event.map(|event| Key::Field(event, *at)));
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
        filters.values().any(|n| *n > 1) || !values.is_disjoint(&answers)
    }

    fn choices(&self, of: Of, atoms: &[&Atom]) -> Option<Vec<Is>> {
        match of {
            Of::Answer(..) => Some(vec![Is::Answer(true), Is::Answer(false)]),
            Of::Past(..) => histories(atoms),
            Of::Value(key) => {
                let kind = self.place.kind(key)?;
                let named: Vec<Value> = atoms
                    .iter()
                    .filter_map(|atom| range::constants(test_of(atom)?))
                    .flatten()
                    .cloned()
                    .collect();
                let cells = match range::step_of(kind) {
                    Some(step) => {
                        range::ordered(&named.iter().filter_map(range::number).collect(), step)
                    }
                    None if matches!(
                        kind,
                        ir::Type::Money(None) | ir::Type::ListOf(_) | ir::Type::Offer
                    ) =>
                    {
                        return None;
                    }
                    None => range::words(kind, &named),
                };
                let can_be = |it: &Cell| *it != Cell::Missing || self.place.is_optional(key);
                Some(cells.into_iter().filter(can_be).map(Is::Cell).collect())
            }
        }
    }

    fn is_found(&self, person: &BTreeMap<Of, &Is>) -> bool {
        let just = |of: &EventIx| match person.get(&Of::Past(*of, None)) {
            Some(Is::Ages(ages)) => ages.first() == Some(&0),
            _ => true,
        };
        self.wanted.events.iter().all(just)
            && are_consistent(person)
            && self
                .wanted
                .conditions
                .iter()
                .all(|it| self.holds(*it, person) == Some(true))
            && self
                .wanted
                .stages
                .iter()
                .all(|(lifecycle, stage)| self.stage(*lifecycle, person) == Some(*stage))
    }

    fn holds(&self, (at, event): Node, person: &BTreeMap<Of, &Is>) -> Option<bool> {
        let program = self.place.program;
        Some(match program.condition(at)? {
            Condition::Always => true,
            Condition::All(of) => {
                for it in of {
                    if !self.holds((*it, event), person)? {
                        return Some(false);
                    }
                }
                true
            }
            Condition::Any(of) => {
                for it in of {
                    if self.holds((*it, event), person)? {
                        return Some(true);
                    }
                }
                false
            }
            Condition::Not(of) => !self.holds((*of, event), person)?,
            Condition::Is(ix) => match program.atom(*ix)? {
                Atom::Member(segment) => {
                    self.holds((program.segment(*segment)?.condition, None), person)?
                }
                Atom::Stage { lifecycle, stage } => self.stage(*lifecycle, person)? == *stage,
                atom => {
                    let of = self.variable(*ix, atom, event)?;
                    match (person.get(&of)?, atom) {
                        (Is::Answer(yes), _) => *yes,
                        (Is::Ages(ages), Atom::Happened { n, window, .. }) => {
                            let nth = ages.get((*n as usize).checked_sub(1)?);
                            nth.is_some_and(|age| length(*window).is_none_or(|it| *age < it))
                        }
                        (Is::Cell(cell), Atom::Compare { test, .. }) => range::passes(cell, test),
                        _ => return None,
                    }
                }
            },
        })
    }

    fn stage(&self, lifecycle: ir::LifecycleIx, person: &BTreeMap<Of, &Is>) -> Option<ir::StageIx> {
        let stages = &self.place.program.lifecycles.get(lifecycle.at())?.stages;
        for (at, stage) in stages.iter().enumerate() {
            if self.holds((stage.when, None), person)? {
                return Some(ir::StageIx(at as u32));
            }
        }
        None
    }

    /// What is told of a person: their past, and the values that are asked about.
    fn words(&self, person: &BTreeMap<Of, &Is>) -> Text {
        let (mut en, mut ko) = (Vec::new(), Vec::new());
        for (of, is) in person {
            let told = match (of, is) {
                (Of::Past(event, None), Is::Ages(ages)) => self.past(*event, ages),
                (Of::Value(key), Is::Cell(cell)) => self.value(*key, cell),
                _ => None,
            };
            if let Some(told) = told {
                en.push(told.en);
                ko.push(told.ko);
            }
        }
        Text::new(en.join(", "), ko.join(", "))
    }

    fn past(&self, event: EventIx, ages: &[i64]) -> Option<Text> {
        let name = &self.place.program.event(event)?.name;
        let n = ages.len();
        Some(match ages.first() {
            None => Text::new(format!("never `{name}`"), format!("`{name}` 없음")),
            Some(0) => Text::new(
                format!("`{name}` {}, today", times(n)),
                format!("`{name}` {n}번, 오늘"),
            ),
            Some(age) => {
                let (en, ko) = span::words(*age);
                Text::new(
                    format!("`{name}` {}, last {en} ago", times(n)),
                    format!("`{name}` {n}번, 마지막은 {ko} 전"),
                )
            }
        })
    }

    fn value(&self, key: Key, cell: &Cell) -> Option<Text> {
        let name = self.place.name(key)?;
        match cell {
            Cell::Word(Value::Text(word)) => Some(Text::new(
                format!("`{name}` {word}"),
                format!("`{name}` {word}"),
            )),
            Cell::Missing => Some(Text::new(
                format!("no `{name}`"),
                format!("`{name}` 비어 있음"),
            )),
            _ => None,
        }
    }
}

fn times(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

fn stages(program: &Program, lifecycle: ir::LifecycleIx) -> Vec<Node> {
    let lifecycle = program.lifecycles.get(lifecycle.at());
    lifecycle.map_or_else(Vec::new, |it| {
        it.stages.iter().map(|it| (it.when, None)).collect()
    })
}

/// The length of a window into the past; `None` for all of it.
const fn length(window: Window) -> Option<i64> {
    match window {
        Window::Last(span) => Some(Length::of(span).least),
        Window::LastDays(days) => Some(days as i64 * DAY),
        _ => None,
    }
}

/// All histories of an event that some questions tell apart: each age is 0 or the length of a window, at which an
/// event has just left it.
fn histories(atoms: &[&Atom]) -> Option<Vec<Is>> {
    let (mut ages, mut most) = (BTreeSet::from([0_i64]), 0);
    for atom in atoms {
        let Atom::Happened { n, window, .. } = atom else {
            return None;
        };
        ages.extend(length(*window));
        most = most.max(*n);
    }
    let mut all: Vec<Vec<i64>> = vec![Vec::new()];
    let mut newest: Vec<Vec<i64>> = all.clone();
    for _ in 0..most {
        let mut longer = Vec::new();
        for history in &newest {
            for age in &ages {
                if history.last().is_none_or(|last| age >= last) {
                    longer.push(history.iter().copied().chain([*age]).collect());
                }
            }
        }
        all.extend(longer.iter().cloned());
        newest = longer;
        if all.len() > MOST_HISTORIES {
            return None;
        }
    }
    Some(all.into_iter().map(Is::Ages).collect())
}

/// Whether events that pass a filter are among all events of their type.
fn are_consistent(person: &BTreeMap<Of, &Is>) -> bool {
    person.iter().all(|(of, is)| match (of, is) {
        (Of::Past(event, Some(_)), Is::Ages(some)) => match person.get(&Of::Past(*event, None)) {
            Some(Is::Ages(all)) => some
                .iter()
                .enumerate()
                .all(|(at, age)| all.get(at).is_some_and(|it| it <= age) || at >= all.len().max(1)),
            _ => true,
        },
        _ => true,
    })
}
