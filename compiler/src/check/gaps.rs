//! `if … otherwise if …` over one value: whom it leaves out, and whom its `otherwise` takes along.

use journey_ir as ir;
use journey_ir::{Comparison, Condition, StepKind};

use super::Chain;
use super::cells::{Budget, Cells, Key, Node, Of, Place, test_of};
use super::error::{Gap, LogicError, Side};
use super::range::{Cell, step_of, value};
use super::way;
use crate::problem::{Location, Problems};

/// One cell of the value that a chain compares.
#[derive(Debug)]
struct Kind {
    cell: Cell,
    /// Whether anyone comes to the chain with it.
    possible: bool,
    /// The arms whose condition holds for it.
    arms: Vec<usize>,
}

/// The chain, and the only value it compares.
struct Compared<'p> {
    place: Place<'p>,
    key: Key,
    kind: &'p ir::Type,
    name: String,
    /// In the order of the values; a missing one first.
    kinds: Vec<Kind>,
    /// The only comparison of each arm, where it has only one.
    tests: Vec<Option<&'p Comparison>>,
    /// Whether an arm asks if the value is missing or known.
    missing_is_asked: bool,
}

/// Reports the holes of a chain, or a missing value that its `otherwise` takes along; apart from them, its ranges that
/// overlap.
pub(super) fn check(
    program: &ir::Program,
    chain: &Chain,
    budget: &mut Budget,
    problems: &mut Problems,
    overlaps: &mut Vec<(Location, Problems)>,
) {
    let Some(compared) = compared(program, chain, budget) else {
        return;
    };
    overlaps.extend(compared.overlaps(chain));
    match chain.otherwise {
        None if chain.arms.len() > 1 => {
            if let Some(gap) = compared.gap(chain) {
                let at = gap.above.at;
                problems.push(LogicError::Gap(Box::new(gap)).at(at));
            }
        }
        Some(otherwise) if compared.takes_missing() => {
            let name = compared.name;
            problems.push(LogicError::TakesMissing { name }.at(otherwise));
        }
        None | Some(_) => {}
    }
}

/// The conditions of a chain's arms.
pub(super) fn arms<'p>(program: &'p ir::Program, chain: &Chain) -> Option<(Place<'p>, Vec<Node>)> {
    let journey = program.journey(chain.journey)?;
    let place = Place {
        program,
        registers: &journey.registers,
    };
    let StepKind::Branch { arms, .. } = &journey.steps.get(chain.step.at())?.kind else {
        return None;
    };
    let arms: Vec<Node> = arms
        .iter()
        .map(|(condition, _)| (*condition, None))
        .collect();
    (arms.len() == chain.arms.len()).then_some((place, arms))
}

fn compared<'p>(
    program: &'p ir::Program,
    chain: &Chain,
    budget: &mut Budget,
) -> Option<Compared<'p>> {
    let (place, arms) = arms(program, chain)?;
    let journey = program.journey(chain.journey)?;
    let asked = place.asked(&place.parts(&arms));
    let mut keys = asked.keys();
    let (Some(Of::Value(key)), None) = (keys.next(), keys.next()) else {
        return None;
    };
    let key = *key;
    let kind = place.kind(key)?;
    step_of(kind)?;
    if way::is_set(journey, key) {
        return None;
    }
    let mut roots = arms.clone();
    roots.extend(way::conditions(place, journey, key, budget)?);
    let cells = Cells::of(place, &roots, journey.steps.len(), budget)?;
    let (variable, values) = cells.variable(Of::Value(key))?;
    let comes = way::reaching(place, journey, &cells, chain.step);
    let kinds = values.iter().map(|cell| {
        let people = cells.in_cell(variable, cell);
        // The arms ask about nothing else, so that all of the cell answer alike.
        let takes = |(_, arm): &(usize, &Node)| cells.holding(**arm).meets(&people);
        Kind {
            cell: cell.clone(),
            possible: comes.meets(&people),
            arms: arms
                .iter()
                .enumerate()
                .filter(takes)
                .map(|it| it.0)
                .collect(),
        }
    });
    let kinds = kinds.collect();
    let asks = |test: &Comparison| matches!(test, Comparison::IsMissing | Comparison::IsKnown);
    Some(Compared {
        place,
        key,
        kind,
        name: place.name(key)?,
        kinds,
        tests: arms.iter().map(|arm| only_test(place, *arm)).collect(),
        missing_is_asked: asked
            .values()
            .flatten()
            .any(|atom| test_of(atom).is_some_and(asks)),
    })
}

/// The comparison that a condition is, if it is no more than one.
fn only_test(place: Place<'_>, (condition, _): Node) -> Option<&Comparison> {
    match place.program.condition(condition)? {
        Condition::Is(atom) => test_of(place.program.atom(*atom)?),
        _ => None,
    }
}

impl Compared<'_> {
    /// Reports ranges of which each has values of its own, and both some in common: nobody writes that on purpose as
    /// `under 40` before `under 60`, where the later one is meant for the rest.
    fn overlaps(&self, chain: &Chain) -> Vec<(Location, Problems)> {
        let mut found = Vec::new();
        for (later, at) in chain.arms.iter().enumerate() {
            let overlap = (0..later).find_map(|first| {
                let both = self.overlap(first, later)?;
                Some((*chain.arms.get(first)?, both))
            });
            if let Some((first, value)) = overlap {
                let name = self.name.clone();
                let mut problems = Problems::default();
                problems.push(LogicError::Overlap { name, value, first }.at(*at));
                found.push((*at, problems));
            }
        }
        found
    }

    /// A value that two ranges take, where neither lies inside the other and someone comes with it.
    fn overlap(&self, first: usize, later: usize) -> Option<ir::Value> {
        let values: Vec<&Kind> = self.values().collect();
        let takes = |arm: usize| move |it: &&&Kind| it.arms.contains(&arm);
        let is_range = |arm: usize| {
            let runs = values.chunk_by(|a, b| a.arms.contains(&arm) == b.arms.contains(&arm));
            runs.filter(|run| run.first().is_some_and(|it| it.arms.contains(&arm)))
                .count()
                == 1
        };
        let only = |one: usize, other: usize| {
            let mut all = values.iter().filter(takes(one));
            all.any(|it| !it.arms.contains(&other))
        };
        if !(is_range(first) && is_range(later) && only(first, later) && only(later, first)) {
            return None;
        }
        let mut own = values.iter().filter(takes(later));
        if !own.any(|it| it.possible && it.arms.first() == Some(&later)) {
            return None;
        }
        let mut both = values.iter().filter(takes(first)).filter(takes(later));
        let shown = both.find(|it| it.possible && it.arms.first() == Some(&first))?;
        match shown.cell {
            Cell::Range(i64::MIN, high) => value(self.kind, high),
            Cell::Range(low, _) => value(self.kind, low),
            _ => None,
        }
    }

    /// Whether someone without the value comes to the chain, and no arm takes them.
    fn misses_missing(&self) -> bool {
        let left = |it: &Kind| it.cell == Cell::Missing && it.possible && it.arms.is_empty();
        self.place.is_optional(self.key) && self.kinds.iter().any(left)
    }

    /// Whether `otherwise` takes values, and a missing one along with them without a word.
    fn takes_missing(&self) -> bool {
        let takes_values = self.values().any(|it| it.possible && it.arms.is_empty());
        !self.missing_is_asked && takes_values && self.misses_missing()
    }

    fn values(&self) -> impl DoubleEndedIterator<Item = &Kind> {
        self.kinds.iter().filter(|it| it.cell != Cell::Missing)
    }

    /// The first hole that nobody can have meant.
    fn gap(&self, chain: &Chain) -> Option<Gap> {
        let missing = self.misses_missing();
        let values: Vec<&Kind> = self.values().collect();
        let runs: Vec<&[&Kind]> = values
            .chunk_by(|a, b| a.arms.is_empty() == b.arms.is_empty())
            .collect();
        for around in runs.windows(3) {
            let [before, hole, after] = around else {
                continue;
            };
            let (Some(below), Some(above)) = (before.last(), after.first()) else {
                continue;
            };
            let ends_open = [runs.first(), runs.last()]
                .into_iter()
                .flatten()
                .filter_map(|run| run.first())
                .any(|it| it.arms.is_empty());
            let Some(person) = hole.iter().find(|it| it.possible) else {
                continue;
            };
            let (Some(low), Some(high)) = (
                hole.first().and_then(|it| low(it)),
                hole.last().and_then(|it| high(it)),
            ) else {
                continue;
            };
            let same_arm = below.arms.iter().any(|it| above.arms.contains(it));
            let unmeant =
                (is_range(before, below) && is_range(after, above) && self.is_narrow(low, high))
                    || (!ends_open && self.arms_with_values() > 2);
            if hole.iter().all(|it| !it.arms.is_empty()) || same_arm || !unmeant {
                continue;
            }
            let Cell::Range(first, last) = person.cell else {
                continue;
            };
            let side = |kind: &Kind| {
                let arm = *kind.arms.first()?;
                let test = self.tests.get(arm).copied().flatten().cloned();
                Some(Side {
                    at: *chain.arms.get(arm)?,
                    test,
                })
            };
            return Some(Gap {
                name: self.name.clone(),
                hole: Some((value(self.kind, first)?, value(self.kind, last)?)),
                missing,
                below: side(below)?,
                above: side(above)?,
            });
        }
        self.only_missing(chain, missing)
    }

    /// Every value has an arm, and only who has none gets nothing.
    fn only_missing(&self, chain: &Chain, missing: bool) -> Option<Gap> {
        let complete = self.values().all(|it| !it.arms.is_empty());
        let by_one = |arm: usize| self.values().all(|it| it.arms.contains(&arm));
        if !missing || !complete || (0..self.tests.len()).any(by_one) {
            return None;
        }
        let (first, last) = (chain.arms.first()?, chain.arms.last()?);
        let test = |at: usize| self.tests.get(at).copied().flatten().cloned();
        Some(Gap {
            name: self.name.clone(),
            hole: None,
            missing,
            below: Side {
                at: *first,
                test: test(0),
            },
            above: Side {
                at: *last,
                test: test(self.tests.len().checked_sub(1)?),
            },
        })
    }

    /// Whether a hole is a single value, or lies between two neighbouring whole amounts: a slip, not a decision.
    fn is_narrow(&self, low: i64, high: i64) -> bool {
        let whole = match self.kind {
            ir::Type::Money(Some(currency)) => 10_i64.pow(currency.places()),
            ir::Type::Number => ir::Decimal::ONE,
            _ => 1,
        };
        let between = high.saturating_add(1).saturating_sub(low.saturating_sub(1));
        low == high || between <= whole
    }

    fn arms_with_values(&self) -> usize {
        let takes = |arm: &usize| self.values().any(|it| it.arms.contains(arm));
        (0..self.tests.len()).filter(takes).count()
    }
}

/// Whether the arm that takes this cell takes more values around it than one.
fn is_range(run: &[&Kind], cell: &Kind) -> bool {
    let same = |it: &&&Kind| cell.arms.iter().any(|arm| it.arms.contains(arm));
    let lowest = run.iter().find(same).and_then(|it| low(it));
    let highest = run.iter().rev().find(same).and_then(|it| high(it));
    lowest != highest
}

fn low(kind: &Kind) -> Option<i64> {
    match kind.cell {
        Cell::Range(low, _) => Some(low),
        _ => None,
    }
}

fn high(kind: &Kind) -> Option<i64> {
    match kind.cell {
        Cell::Range(_, high) => Some(high),
        _ => None,
    }
}
