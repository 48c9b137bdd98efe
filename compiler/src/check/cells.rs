//! All kinds of people that a set of conditions can tell apart.
//!
//! Comes in: conditions. Each thing they ask about becomes a variable: a value cut at the constants it is compared
//! with, a lifecycle, or the plain answer to a question about the past. Goes out: every combination of these that can
//! be, once. A combination may be listed that cannot be; one that can be is never left out.

use std::collections::{BTreeMap, BinaryHeap};

use journey_ir as ir;
use journey_ir::{
    Atom, AtomIx, AttributeIx, Comparison, Condition, ConditionIx, EventIx, FieldIx, LifecycleIx,
    Program, Register, ScoreIx, Source, Type, Value,
};

use super::implied::implied;
use super::kinds::Kinds;
use super::range::{self, Cell};

/// The largest number of kinds of people that are listed for one question.
const MOST_CELLS: usize = 20_000;

/// How many conditions are answered for one journey, for one kind of person each. It bounds the time of a compilation.
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

impl Effort {
    /// Adds what was done elsewhere.
    pub(super) const fn add(&mut self, other: Self) {
        self.conditions += other.conditions;
        self.people += other.people;
        self.given_up += other.given_up;
    }
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
            Source::OfferExpires(_)
            | Source::OfferIssued(_)
            | Source::Recalled(_)
            | Source::Item(_) => None,
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

    /// The conditions that these are made of, themselves included, each once and after its parts.
    pub(super) fn parts(self, roots: &[Node]) -> Vec<Node> {
        let mut parts: Vec<Node> = Vec::with_capacity(roots.len() * 4);
        // A part stands before what it is a part of, so that the last one is never met again.
        let mut open: BinaryHeap<Node> = roots.iter().copied().collect();
        while let Some((at, event)) = open.pop() {
            if parts.last() == Some(&(at, event)) {
                continue;
            }
            parts.push((at, event));
            let before = |it: &Node| it.0 < at;
            match self.program.condition(at) {
                Some(Condition::All(of) | Condition::Any(of)) => {
                    open.extend(of.iter().map(|it| (*it, event)).filter(before));
                }
                Some(Condition::Not(of)) => open.extend(Some((*of, event)).filter(before)),
                Some(Condition::Is(atom)) => open.extend(self.inlined(*atom).filter(before)),
                Some(Condition::Always) | None => {}
            }
        }
        parts.reverse();
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
    pub(super) fn asked(self, parts: &[Node]) -> BTreeMap<Of, Vec<&'p Atom>> {
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
    variables: Vec<Variable>,
    /// How many kinds there are, those who cannot be included.
    count: usize,
    /// Those who can be.
    everyone: Kinds,
    /// The conditions and their parts, in order, and who satisfies each.
    parts: Vec<Node>,
    holds: Vec<Kinds>,
}

/// Something that is told apart. The cell of kind `n` is `n / stride`, modulo the number of cells.
#[derive(Debug)]
struct Variable {
    of: Of,
    cells: Vec<Cell>,
    stride: usize,
}

impl Variable {
    /// Of so many kinds, those whose cell passes.
    fn passing(&self, count: usize, passes: impl Fn(&Cell) -> bool) -> Kinds {
        let mut kinds = Kinds::none(count);
        let passing = self.cells.iter().enumerate().filter(|(_, it)| passes(it));
        for (cell, _) in passing {
            let from = cell * self.stride;
            let period = self.cells.len() * self.stride;
            for from in (from..count).step_by(period.max(1)) {
                kinds.add_range(from, from + self.stride);
            }
        }
        kinds
    }
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
            let (cells, stride) = (place.cells(of, &atoms)?, count);
            count = count.checked_mul(cells.len())?;
            if count > MOST_CELLS {
                budget.effort.given_up += 1;
                return None;
            }
            variables.push(Variable { of, cells, stride });
        }
        // A value that can be nothing at all is not looked into.
        if count == 0 {
            return None;
        }
        let work = count.checked_mul(parts.len().checked_add(more)?)?;
        budget.spend(work)?;
        budget.effort.conditions += roots.len();
        budget.effort.people += count;
        let mut cells = Self {
            place,
            count,
            everyone: Kinds::all(count),
            holds: Vec::with_capacity(parts.len()),
            parts,
            variables,
        };
        let yes = |variable: &Variable| variable.passing(count, |it| *it == Cell::Answer(true));
        let told = cells.variables.iter().map(|it| it.of);
        for (one, other) in implied(place.program, told) {
            if let (Some(one), Some(other)) = (cells.variables.get(one), cells.variables.get(other))
            {
                cells.everyone.leave_out(&yes(one).without(&yes(other)));
            }
        }
        cells.answer_all();
        Some(cells)
    }

    /// How many kinds of people some conditions tell apart at most; `None` where they are too many to count.
    pub(super) fn count(place: Place<'p>, roots: &[Node]) -> Option<usize> {
        let asked = place.asked(&place.parts(roots));
        asked.iter().try_fold(1_usize, |count, (of, atoms)| {
            count.checked_mul(place.cells(*of, atoms)?.len())
        })
    }

    /// What is told apart.
    pub(super) fn variables(&self) -> impl ExactSizeIterator<Item = (Of, &[Cell])> {
        let all = self.variables.iter();
        all.map(|it| (it.of, it.cells.as_slice()))
    }

    /// Where a variable stands among them, and what it can be.
    pub(super) fn variable(&self, of: Of) -> Option<(usize, &[Cell])> {
        // They are in order.
        let at = self.variables.binary_search_by_key(&of, |it| it.of).ok()?;
        Some((at, self.variables.get(at)?.cells.as_slice()))
    }

    /// Everyone who can be.
    pub(super) const fn everyone(&self) -> &Kinds {
        &self.everyone
    }

    /// No one.
    pub(super) fn nobody(&self) -> Kinds {
        Kinds::none(self.count)
    }

    /// For each kind of person, the class of those who have these variables in common; `None` where there are no such
    /// variables.
    pub(super) fn alike(&self, stays: impl Fn(Of) -> bool) -> Option<Vec<usize>> {
        let kept: Vec<&Variable> = self.variables.iter().filter(|it| stays(it.of)).collect();
        let class = |kind: usize| {
            let cells = kept
                .iter()
                .map(|it| kind / it.stride % it.cells.len() * it.stride);
            cells.sum()
        };
        (!kept.is_empty()).then(|| (0..self.count).map(class).collect())
    }

    /// Those for whom a condition holds; nobody where it is not among those asked about.
    pub(super) fn holding(&self, node: Node) -> Kinds {
        let known = self.answer(node).cloned();
        known.unwrap_or_else(|| self.nobody())
    }

    /// Those for whom a condition does not hold; nobody where it is not among those asked about.
    pub(super) fn failing(&self, node: Node) -> Kinds {
        let holding = self.answer(node).unwrap_or(&self.everyone);
        self.everyone.without(holding)
    }

    /// Those for whom all of these hold.
    pub(super) fn holding_all(&self, nodes: &[Node]) -> Kinds {
        let mut all = self.everyone.clone();
        for node in nodes {
            all.keep(&self.holding(*node));
        }
        all
    }

    /// Those who are in a cell of a variable.
    pub(super) fn in_cell(&self, variable: usize, cell: &Cell) -> Kinds {
        let mut kinds = self.everyone.clone();
        if let Some(variable) = self.variables.get(variable) {
            kinds.keep(&variable.passing(self.count, |it| it == cell));
        }
        kinds
    }

    /// Which cell of a variable a kind of person is in.
    pub(super) fn cell(&self, variable: usize, kind: usize) -> Option<&Cell> {
        let variable = self.variables.get(variable)?;
        let at = (kind / variable.stride) % variable.cells.len();
        variable.cells.get(at)
    }

    /// Who satisfies a condition; `None` where it is not among those asked about.
    fn answer(&self, node: Node) -> Option<&Kinds> {
        self.holds.get(self.parts.binary_search(&node).ok()?)
    }

    /// Answers every condition for everyone. A condition refers only to earlier ones, and a segment only to earlier
    /// conditions.
    fn answer_all(&mut self) {
        for at in 0..self.parts.len() {
            let Some(node) = self.parts.get(at).copied() else {
                continue;
            };
            let is = |of: &ConditionIx| self.holding((*of, node.1));
            let answer = match self.place.program.condition(node.0) {
                None | Some(Condition::Always) => self.everyone.clone(),
                Some(Condition::All(of)) => {
                    let mut all = self.everyone.clone();
                    for it in of {
                        all.keep(&is(it));
                    }
                    all
                }
                Some(Condition::Any(of)) => {
                    let mut any = self.nobody();
                    for it in of {
                        any.add(&is(it));
                    }
                    any
                }
                Some(Condition::Not(of)) => self.everyone.without(&is(of)),
                Some(Condition::Is(atom)) => match self.place.inlined(*atom) {
                    Some(inner) => self.holding(inner),
                    None => self.saying(*atom, node.1),
                },
            };
            self.holds.push(answer);
        }
    }

    /// Those for whom an atom holds.
    fn saying(&self, at: AtomIx, event: Option<EventIx>) -> Kinds {
        let found = self.place.program.atom(at).and_then(|atom| {
            let of = self.place.variable(at, atom, event);
            let at = self.variables.binary_search_by_key(&of, |it| it.of).ok()?;
            Some((atom, self.variables.get(at)?))
        });
        let Some((atom, variable)) = found else {
            return self.nobody();
        };
        let mut kinds = variable.passing(self.count, |cell| match (cell, atom) {
            (Cell::Answer(yes), _) => *yes,
            (Cell::Stage(is), Atom::Stage { stage, .. }) => is == stage,
            (cell, Atom::Compare { test, .. }) => range::passes(cell, test),
            _ => false,
        });
        kinds.keep(&self.everyone);
        kinds
    }
}
