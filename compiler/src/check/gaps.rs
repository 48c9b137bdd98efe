//! `if … otherwise if …` over one value: whom it leaves out, and whom its `otherwise` takes along.
//!
//! One arm by itself is a filter: who does not pass it is left out on purpose. From the second arm on a chain shares
//! people out, so that whoever comes and has no arm is named, unless an `otherwise` says what they get.

use journey_ir as ir;
use journey_ir::{Comparison, Condition, StepKind};

use super::Chain;
use super::arrivals::Questions;
use super::cells::{Budget, Node, Of, Place, test_of};
use super::error::{Gap, Hole, LogicError, Side};
use super::range::{Cell, value};
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
    of: Of,
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
    questions: &mut Questions<'_>,
    budget: &mut Budget,
    problems: &mut Problems,
    overlaps: &mut Vec<(Location, Problems)>,
) {
    let Some(compared) = compared(program, chain, questions, budget) else {
        return;
    };
    overlaps.extend(compared.overlaps(chain));
    match chain.otherwise {
        None if compared.arms_with_values() > 1 => {
            if let Some(gap) = compared.gap(chain) {
                problems.push(LogicError::Gap(Box::new(gap.1)).at(gap.0));
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
    questions: &mut Questions<'_>,
    budget: &mut Budget,
) -> Option<Compared<'p>> {
    let (place, arms) = arms(program, chain)?;
    let journey = program.journey(chain.journey)?;
    let asked = place.asked(&place.parts(&arms));
    let mut keys = asked.keys();
    let (Some(of @ (Of::Value(_) | Of::Lifecycle(_))), None) = (keys.next(), keys.next()) else {
        return None;
    };
    let of = *of;
    if matches!(of, Of::Value(key) if way::is_set(journey, key)) {
        return None;
    }
    budget.spend(journey.steps.len())?;
    let arrivals = questions.arrivals_by_all(&arms, budget)?;
    let cells = arrivals.cells();
    let (variable, values) = cells.variable(of)?;
    // Nobody sets the value here, so that what was asked on the way holds still.
    let mut comes = way::reaching(place, journey, cells, chain.step);
    comes.keep(&arrivals.at(chain.step));
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
        of,
        name: name(place, of)?,
        kinds,
        tests: arms.iter().map(|arm| only_test(place, *arm)).collect(),
        missing_is_asked: asked
            .values()
            .flatten()
            .any(|atom| test_of(atom).is_some_and(asks)),
    })
}

/// How what is compared is written.
fn name(place: Place<'_>, of: Of) -> Option<String> {
    match of {
        Of::Value(key) => place.name(key),
        Of::Lifecycle(at) => Some(place.program.lifecycles.get(at.at())?.name.clone()),
        Of::Answer(..) => None,
    }
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
            Cell::Range(i64::MIN, high) => self.value(high),
            Cell::Range(low, _) => self.value(low),
            _ => None,
        }
    }

    /// The value of an ordered type that a number stands for.
    fn value(&self, raw: i64) -> Option<ir::Value> {
        let Of::Value(key) = self.of else { return None };
        value(self.place.kind(key)?, raw)
    }

    /// Whether someone without the value comes to the chain, and no arm takes them.
    fn misses_missing(&self) -> bool {
        let left = |it: &Kind| it.cell == Cell::Missing && it.possible && it.arms.is_empty();
        let optional = matches!(self.of, Of::Value(key) if self.place.is_optional(key));
        optional && self.kinds.iter().any(left)
    }

    /// Whether `otherwise` takes values, and a missing one along with them without a word.
    fn takes_missing(&self) -> bool {
        let takes_values = self.values().any(|it| it.possible && it.arms.is_empty());
        self.is_ordered() && !self.missing_is_asked && takes_values && self.misses_missing()
    }

    fn is_ordered(&self) -> bool {
        self.values().all(|it| matches!(it.cell, Cell::Range(..)))
    }

    fn values(&self) -> impl DoubleEndedIterator<Item = &Kind> {
        self.kinds.iter().filter(|it| it.cell != Cell::Missing)
    }

    /// Who comes and has no arm, and the arm to blame for it. Between two arms a hole is likelier a slip than at an
    /// end, and what is above the last arm is dearer than what is below the first.
    fn gap(&self, chain: &Chain) -> Option<(Location, Gap)> {
        let missing = !self.missing_is_asked && self.misses_missing();
        let values: Vec<&Kind> = self.values().collect();
        let mut holes: Vec<(usize, &[&Kind])> = Vec::new();
        let mut from = 0;
        for run in values.chunk_by(|a, b| is_left_out(a) == is_left_out(b)) {
            if run.first().is_some_and(|it| is_left_out(it)) {
                holes.push((from, run));
            }
            from += run.len();
        }
        let rank = |(from, run): &(usize, &[&Kind])| match (*from, from + run.len()) {
            (0, _) => 2,
            (_, end) if end == values.len() => 1,
            _ => 0,
        };
        // Of equals the first.
        let hole = holes.into_iter().min_by_key(rank);
        let side = |arm: usize| {
            let test = self.tests.get(arm).copied().flatten().cloned();
            let at = *chain.arms.get(arm)?;
            Some((at, Side { at, test }))
        };
        let nearest = |kind: Option<&&Kind>| side(*kind?.arms.first()?);
        let (hole, below, above) = match hole {
            _ if !self.is_ordered() => {
                let words = values.iter().filter(|it| is_left_out(it));
                (self.words(words), side(0), side(chain.arms.len() - 1))
            }
            None => (None, side(0), side(chain.arms.len() - 1)),
            Some((from, run)) => {
                let below = from.checked_sub(1).and_then(|it| values.get(it));
                let above = values.get(from + run.len());
                let hole = self.range(run, below, above)?;
                (Some(hole), nearest(below), nearest(above))
            }
        };
        if hole.is_none() && !missing {
            return None;
        }
        let ((at, above), below) = match (above, below) {
            (Some(above), below) => (above, below),
            (None, Some(below)) => (below, None),
            (None, None) => (side(chain.arms.len() - 1)?, side(0)),
        };
        let below = below.map(|it| it.1).filter(|it| it.at != at);
        let name = self.name.clone();
        let gap = Gap {
            name,
            hole,
            missing,
            below,
            above,
        };
        Some((at, gap))
    }

    /// The values of a stretch of an ordered type, between what is taken below and above it.
    fn range(&self, run: &[&Kind], below: Option<&&Kind>, above: Option<&&Kind>) -> Option<Hole> {
        let (low, high) = (low(run.first()?)?, high(run.last()?)?);
        // A single value beside an open end is the amount that was written.
        let only = |kind: Option<&&Kind>| match kind?.cell {
            Cell::Range(low, high) if low == high => self.value(low),
            _ => None,
        };
        Some(match (low, high) {
            (i64::MIN, i64::MAX) => return None,
            (i64::MIN, high) => match only(above) {
                Some(above) => Hole::Under(above),
                None => Hole::AtMost(self.value(high)?),
            },
            (low, i64::MAX) => match only(below) {
                Some(below) => Hole::Over(below),
                None => Hole::AtLeast(self.value(low)?),
            },
            (low, high) if low == high => Hole::Only(self.value(low)?),
            (low, high) => Hole::Between(self.value(low)?, self.value(high)?),
        })
    }

    /// The words that have no arm; `None` where every word has one.
    fn words<'k>(&self, left_out: impl Iterator<Item = &'k &'k Kind>) -> Option<Hole> {
        let mut words = Vec::new();
        let mut others = false;
        for kind in left_out {
            match &kind.cell {
                Cell::Word(ir::Value::Text(word)) => words.push(word.clone()),
                Cell::Word(ir::Value::YesNo(yes)) => {
                    words.push(if *yes { "yes" } else { "no" }.to_owned());
                }
                Cell::Stage(stage) => words.extend(self.stage(*stage)),
                Cell::Other => others = true,
                Cell::Word(_) | Cell::Range(..) | Cell::Missing | Cell::Answer(_) => {}
            }
        }
        if words.is_empty() {
            others.then_some(Hole::Others)
        } else {
            Some(Hole::Words(words))
        }
    }

    fn stage(&self, at: ir::StageIx) -> Option<String> {
        let Of::Lifecycle(lifecycle) = self.of else {
            return None;
        };
        let stages = &self.place.program.lifecycles.get(lifecycle.at())?.stages;
        Some(stages.get(at.at())?.name.clone())
    }

    /// How many arms take a value that no earlier one takes.
    fn arms_with_values(&self) -> usize {
        let takes = |arm: &usize| self.values().any(|it| it.arms.first() == Some(arm));
        (0..self.tests.len()).filter(takes).count()
    }
}

/// Whether someone comes with a value and no arm takes them.
const fn is_left_out(kind: &Kind) -> bool {
    kind.possible && kind.arms.is_empty()
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
