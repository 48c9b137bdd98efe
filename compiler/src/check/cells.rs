//! All kinds of people that a set of conditions can tell apart.
//!
//! Comes in: conditions. Each thing they ask about becomes a variable: a value cut at the constants it is compared
//! with, a lifecycle, or the plain answer to a question about the past. Goes out: every combination of these that can
//! be, once. A combination may be listed that cannot be; one that can be is never left out.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::time::Instant;
use journey_ir::{
    Atom, AtomIx, AttributeIx, Comparison, Condition, ConditionIx, EventIx, FieldIx, Keep,
    LifecycleIx, Program, Register, ScoreIx, Source, Type, Unit, Value, Window,
};

use super::range::{self, Cell};

/// The largest number of kinds of people that are listed for one question.
const MOST_CELLS: usize = 20_000;

/// How many conditions are answered in all, for one kind of person each. It bounds the time of a whole compilation.
const MOST_ANSWERS: usize = 4_000_000;

/// How many conditions may still be answered, and what was done so far.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    pub(super) effort: Effort,
}

/// What the checks of conditions looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Conditions of which all kinds of people were listed, as often as they were asked about.
    pub conditions: usize,
    /// Kinds of people that were listed for them.
    pub people: usize,
    /// Questions that were left open because there were too many kinds of people.
    pub given_up: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            left: MOST_ANSWERS,
            effort: Effort::default(),
        }
    }
}

impl Budget {
    /// Counts this many conditions; `None` where they are too many.
    pub(super) fn spend(&mut self, conditions: usize) -> Option<()> {
        let Some(left) = self.left.checked_sub(conditions) else {
            self.effort.given_up += 1;
            return None;
        };
        self.left = left;
        Some(())
    }
}

/// A condition, and the event whose fields it reads.
pub(super) type Node = (ConditionIx, Option<EventIx>);

/// What the names of a condition mean.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) program: &'p Program,
    pub(super) registers: &'p [Register],
}

/// A value that can be read. A register and the field it remembers are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Attribute(AttributeIx),
    Field(EventIx, FieldIx),
    Score(ScoreIx),
}

/// What is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Of {
    Value(Key),
    Lifecycle(LifecycleIx),
    Answer(AtomIx, Option<EventIx>),
}

impl<'p> Place<'p> {
    /// The value that is read.
    pub(super) fn key(self, source: &Source, event: Option<EventIx>) -> Option<Key> {
        match source {
            Source::Attribute(at) => Some(Key::Attribute(*at)),
            Source::Field(field) => Some(Key::Field(event?, *field)),
            Source::Register(at) => match self.registers.get(at.at())? {
                Register::Field { event, field } => Some(Key::Field(*event, *field)),
                Register::Kept(_) => None,
            },
            Source::Score(at) => Some(Key::Score(*at)),
            Source::OfferExpires(_) | Source::Recalled(_) | Source::Item(_) => None,
        }
    }

    /// What a value holds.
    pub(super) fn kind(self, key: Key) -> Option<&'p Type> {
        match key {
            Key::Attribute(at) => Some(&self.program.attribute(at)?.kind),
            Key::Field(event, field) => Some(&self.program.field(event, field)?.kind),
            Key::Score(_) => Some(&Type::WholeNumber),
        }
    }

    /// Whether a value may be missing.
    pub(super) fn is_optional(self, key: Key) -> bool {
        match key {
            Key::Attribute(at) => self.program.attribute(at).is_some_and(|it| {
                let counted_from = match it.kind {
                    Type::YearsSince(date) => self.program.attribute(date),
                    _ => None,
                };
                let missing = |it: &ir::Attribute| it.optional && it.default.is_none();
                missing(it) || counted_from.is_some_and(missing)
            }),
            Key::Field(event, field) => self
                .program
                .field(event, field)
                .is_some_and(|it| it.optional),
            Key::Score(_) => false,
        }
    }

    /// How a value is written.
    pub(super) fn name(self, key: Key) -> Option<String> {
        Some(match key {
            Key::Attribute(at) => self.program.attribute(at)?.name.clone(),
            Key::Field(event, field) => format!(
                "{}.{}",
                crate::builtin::owner_of_fields(self.program.event(event)?),
                self.program.field(event, field)?.name
            ),
            Key::Score(at) => self.program.score(at)?.name.clone(),
        })
    }

    /// What an atom asks about: a value, where its comparison can be decided from a cell.
    fn variable(self, at: AtomIx, atom: &'p Atom, event: Option<EventIx>) -> Of {
        match atom {
            Atom::Compare { left, test } => {
                let key = self.key(left, event);
                let decided = range::constants(test).is_some();
                let told_apart = |key: &Key| {
                    self.kind(*key).is_some_and(|kind| {
                        !matches!(
                            kind,
                            Type::Money(None)
                                | Type::ListOf(_)
                                | Type::Items(_)
                                | Type::Duration
                                | Type::Offer
                        )
                    })
                };
                key.filter(|key| decided && told_apart(key))
                    .map_or(Of::Answer(at, event), Of::Value)
            }
            Atom::Stage { lifecycle, .. } => Of::Lifecycle(*lifecycle),
            // The objects of a list are not looked into; which list it is depends on the event.
            Atom::Items { .. } => Of::Answer(at, event),
            _ => Of::Answer(at, None),
        }
    }

    /// The conditions that these are made of, themselves included, each after its parts.
    pub(super) fn parts(self, roots: &[Node]) -> BTreeSet<Node> {
        let mut parts = BTreeSet::new();
        let mut open: Vec<Node> = roots.to_vec();
        while let Some((at, event)) = open.pop() {
            if !parts.insert((at, event)) {
                continue;
            }
            match self.program.condition(at) {
                Some(Condition::All(of) | Condition::Any(of)) => {
                    open.extend(of.iter().map(|it| (*it, event)));
                }
                Some(Condition::Not(of)) => open.push((*of, event)),
                Some(Condition::Is(atom)) => open.extend(self.inlined(*atom)),
                Some(Condition::Always) | None => {}
            }
        }
        parts
    }

    /// The condition of a segment that an atom asks for.
    fn inlined(self, atom: AtomIx) -> Option<Node> {
        match self.program.atom(atom)? {
            Atom::Member(segment) => Some((self.program.segment(*segment)?.condition, None)),
            _ => None,
        }
    }

    /// What conditions ask about, segments looked through.
    pub(super) fn asked(self, parts: &BTreeSet<Node>) -> BTreeMap<Of, Vec<&'p Atom>> {
        let mut asked: BTreeMap<Of, Vec<&Atom>> = BTreeMap::new();
        for (at, event) in parts {
            let Some(Condition::Is(at)) = self.program.condition(*at) else {
                continue;
            };
            if let Some(atom) = self.program.atom(*at)
                && self.inlined(*at).is_none()
            {
                let of = self.variable(*at, atom, *event);
                asked.entry(of).or_default().push(atom);
            }
        }
        asked
    }

    /// The cells that can be: a score is always known, and never beyond the bounds in which it is shown.
    fn shown(self, key: Key, cells: Vec<Cell>) -> Vec<Cell> {
        let Key::Score(at) = key else { return cells };
        let whole = |bound: i64| bound.saturating_mul(ir::Decimal::ONE);
        let shown = self.program.score(at).and_then(|it| it.shown);
        let (least, most) = shown.map_or((i64::MIN, i64::MAX), |(a, b)| (whole(a), whole(b)));
        let within = |cell: Cell| match cell {
            Cell::Range(low, high) if low.max(least) <= high.min(most) => {
                Some(Cell::Range(low.max(least), high.min(most)))
            }
            _ => None,
        };
        cells.into_iter().filter_map(within).collect()
    }

    fn cells(self, of: Of, atoms: &[&Atom]) -> Option<Vec<Cell>> {
        match of {
            Of::Answer(..) => Some(vec![Cell::Answer(true), Cell::Answer(false)]),
            Of::Lifecycle(at) => {
                let stages = self.program.lifecycles.get(at.at())?.stages.len();
                let stage = |at| Cell::Stage(ir::StageIx(at as u32));
                Some((0..stages).map(stage).collect())
            }
            Of::Value(key) => {
                let kind = self.kind(key)?;
                let named: Vec<Value> = atoms
                    .iter()
                    .filter_map(|atom| range::constants(test_of(atom)?))
                    .flatten()
                    .cloned()
                    .collect();
                let mut cells = match range::step_of(kind) {
                    Some(step) => {
                        let cuts = named.iter().filter_map(range::number).collect();
                        let cells = range::ordered(&cuts, step);
                        self.shown(key, cells)
                    }
                    None => range::words(kind, &named),
                };
                // An event without a field that it must have is not let in; a contact may be new.
                if matches!(key, Key::Field(..)) && !self.is_optional(key) {
                    cells.retain(|it| *it != Cell::Missing);
                }
                Some(cells)
            }
        }
    }
}

/// The comparison of an atom that is one.
pub(super) const fn test_of(atom: &Atom) -> Option<&Comparison> {
    match atom {
        Atom::Compare { test, .. } => Some(test),
        _ => None,
    }
}

/// All kinds of people that some conditions tell apart.
#[derive(Debug)]
pub(super) struct Cells<'p> {
    place: Place<'p>,
    parts: BTreeSet<Node>,
    variables: Vec<(Of, Vec<Cell>)>,
    position: BTreeMap<Of, usize>,
    /// Where the first answer is yes, the second is too.
    implied: Vec<(usize, usize)>,
}

impl<'p> Cells<'p> {
    /// Those of some conditions; `None` where they are too many. `more` is the further work for each kind of person.
    pub(super) fn of(
        place: Place<'p>,
        roots: &[Node],
        more: usize,
        budget: &mut Budget,
    ) -> Option<Self> {
        let parts = place.parts(roots);
        let mut variables = Vec::new();
        let mut count: usize = 1;
        for (of, atoms) in place.asked(&parts) {
            let cells = place.cells(of, &atoms)?;
            count = count.checked_mul(cells.len())?;
            if count > MOST_CELLS {
                budget.effort.given_up += 1;
                return None;
            }
            variables.push((of, cells));
        }
        let work = count.checked_mul(parts.len().checked_add(more)?)?;
        budget.spend(work)?;
        budget.effort.conditions += roots.len();
        budget.effort.people += count;
        let position = variables
            .iter()
            .enumerate()
            .map(|(at, (of, _))| (*of, at))
            .collect();
        let implied = implied(place.program, &variables);
        Some(Self {
            place,
            parts,
            variables,
            position,
            implied,
        })
    }

    /// How many kinds of people some conditions tell apart at most; `None` where they are too many to count.
    pub(super) fn count(place: Place<'p>, roots: &[Node]) -> Option<usize> {
        let asked = place.asked(&place.parts(roots));
        asked.iter().try_fold(1_usize, |count, (of, atoms)| {
            count.checked_mul(place.cells(*of, atoms)?.len())
        })
    }

    /// What is told apart, and how.
    pub(super) fn variables(&self) -> &[(Of, Vec<Cell>)] {
        &self.variables
    }

    /// Where a variable stands among them.
    pub(super) fn position(&self, of: Of) -> Option<usize> {
        self.position.get(&of).copied()
    }

    /// Shows every kind of person once.
    pub(super) fn each(&self, mut see: impl FnMut(&Person<'_>)) {
        let mut at = vec![0_usize; self.variables.len()];
        loop {
            if self.can_be(&at) {
                see(&self.person(&at));
            }
            // The next combination: one more in the first place that has one more, and all before it anew.
            let mut done = true;
            for (digit, (_, cells)) in at.iter_mut().zip(&self.variables) {
                *digit += 1;
                if *digit < cells.len() {
                    done = false;
                    break;
                }
                *digit = 0;
            }
            if done {
                return;
            }
        }
    }

    fn can_be(&self, at: &[usize]) -> bool {
        let yes = |variable: &usize| at.get(*variable) == Some(&0);
        self.implied
            .iter()
            .all(|(one, other)| !yes(one) || yes(other))
    }

    fn person<'c>(&'c self, at: &'c [usize]) -> Person<'c> {
        let mut holds: BTreeMap<Node, bool> = BTreeMap::new();
        // A condition refers only to earlier ones, and a segment only to earlier conditions.
        for node in &self.parts {
            let is = |of: &ConditionIx| holds.get(&(*of, node.1)).copied().unwrap_or_default();
            let answer = match self.place.program.condition(node.0) {
                None | Some(Condition::Always) => true,
                Some(Condition::All(of)) => of.iter().all(is),
                Some(Condition::Any(of)) => of.iter().any(is),
                Some(Condition::Not(of)) => !is(of),
                Some(Condition::Is(atom)) => match self.place.inlined(*atom) {
                    Some(inner) => holds.get(&inner).copied().unwrap_or_default(),
                    None => self.answer(*atom, node.1, at),
                },
            };
            holds.insert(*node, answer);
        }
        Person { at, holds }
    }

    fn answer(&self, atom_at: AtomIx, event: Option<EventIx>, at: &[usize]) -> bool {
        let Some(atom) = self.place.program.atom(atom_at) else {
            return false;
        };
        let cell = self
            .position(self.place.variable(atom_at, atom, event))
            .and_then(|variable| {
                let (_, cells) = self.variables.get(variable)?;
                cells.get(*at.get(variable)?)
            });
        match (cell, atom) {
            (Some(Cell::Answer(yes)), _) => *yes,
            (Some(Cell::Stage(is)), Atom::Stage { stage, .. }) => is == stage,
            (Some(cell), Atom::Compare { test, .. }) => range::passes(cell, test),
            _ => false,
        }
    }
}

/// One kind of person.
#[derive(Debug)]
pub(super) struct Person<'c> {
    at: &'c [usize],
    holds: BTreeMap<Node, bool>,
}

impl Person<'_> {
    /// Whether a condition was among those asked about, and holds for them.
    pub(super) fn holds(&self, node: Node) -> bool {
        self.holds.get(&node).copied().unwrap_or_default()
    }

    /// Whether a condition was among those asked about, and does not hold for them.
    pub(super) fn fails(&self, node: Node) -> bool {
        self.holds.get(&node) == Some(&false)
    }

    /// Which cell of a variable they are in.
    pub(super) fn cell(&self, variable: usize) -> Option<usize> {
        self.at.get(variable).copied()
    }
}

/// Which answers about the past follow from which others, for certain.
fn implied(program: &Program, variables: &[(Of, Vec<Cell>)]) -> Vec<(usize, usize)> {
    let happened: Vec<(usize, Happened)> = variables
        .iter()
        .enumerate()
        .filter_map(|(at, (of, _))| match of {
            Of::Answer(atom, _) => Some((at, happened(program, *atom)?)),
            Of::Value(_) | Of::Lifecycle(_) => None,
        })
        .collect();
    let mut implied = Vec::new();
    for (one, this) in &happened {
        for (other, that) in &happened {
            if one != other && this.implies(that) {
                implied.push((*one, *other));
            }
        }
    }
    implied
}

/// `did E at least n times in the last W`.
#[derive(Debug, PartialEq, Eq)]
struct Happened {
    event: EventIx,
    filter: Option<ConditionIx>,
    n: u32,
    window: Window,
    /// The only stretch of time that is kept.
    within: Option<(Instant, Instant)>,
    settle: i64,
}

fn happened(program: &Program, atom: AtomIx) -> Option<Happened> {
    let Atom::Happened {
        aggregate,
        n,
        window,
        settle,
    } = program.atom(atom)?
    else {
        return None;
    };
    let aggregate = program.aggregate(*aggregate)?;
    if matches!(aggregate.keep, Keep::Chain { .. }) {
        return None;
    }
    Some(Happened {
        event: aggregate.event,
        filter: aggregate.filter,
        n: *n,
        window: *window,
        within: match aggregate.keep {
            Keep::Within { from, to, .. } => Some((from, to)),
            _ => None,
        },
        settle: *settle,
    })
}

impl Happened {
    fn implies(&self, other: &Self) -> bool {
        let same = self.event == other.event && self.filter == other.filter;
        let longer = other.within.is_none() && other.window == Window::Ever
            || self.within == other.within
                && self.settle == other.settle
                && is_within(self.window, other.window);
        same && self.n >= other.n && longer
    }
}

/// Whether the first stretch of time lies inside the second, whatever the calendar.
fn is_within(one: Window, other: Window) -> bool {
    match (one, other) {
        (Window::Last(one), Window::Last(other)) => match (days(one), days(other)) {
            (Some(one), Some(other)) => one <= other,
            _ => one.unit == other.unit && one.n <= other.n,
        },
        (Window::LastDays(one), Window::LastDays(other)) => one <= other,
        (Window::Before(one), Window::Before(other)) => one <= other,
        (Window::Since(one), Window::Since(other)) => one >= other,
        (one, other) => one == other,
    }
}

/// The length of a span in days, where it is a number of days for certain.
fn days(span: ir::Span) -> Option<u32> {
    match span.unit {
        Unit::Day => Some(span.n),
        Unit::Week => span.n.checked_mul(7),
        Unit::Second | Unit::Minute | Unit::Hour | Unit::BusinessDay | Unit::Month | Unit::Year => {
            None
        }
    }
}
