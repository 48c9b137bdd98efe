//! Which kinds of people come to each step of a journey, as far as some conditions can tell them apart.
//!
//! Comes in: a journey and the conditions of interest. Goes out: for each step the kinds of people who may stand there.
//! What an event of the run says stays as it is; everything else about a person may have changed wherever a run parks.
//! Nobody who can come is left out, so that what holds for all who are listed holds for all who come.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::{EventIx, Journey, StepIx, StepKind, Trigger};

use super::cells::{Budget, Cells, Key, Node, Of, Place};
use super::kinds::Kinds;
use super::range::Cell;
use super::way;

/// With up to so many kinds of people, all conditions of a journey are looked at together.
const FEW: usize = 1_000;

/// What a journey asks, read once for all of its branches.
pub(super) struct Questions<'p> {
    place: Place<'p>,
    journey: &'p Journey,
    /// What holds for everyone who enters.
    entry: Vec<Node>,
    /// The conditions of the entry, the branches and the races, each with what it tells apart.
    all: Vec<(Node, BTreeSet<Of>)>,
    /// Whether they tell so few apart that they are looked at together.
    are_few: bool,
    /// Who comes where, by the conditions that were looked at; `None` where they were too many.
    known: BTreeMap<Vec<Node>, Option<Arrivals<'p>>>,
}

/// The kinds of people at each step.
pub(super) struct Arrivals<'p> {
    cells: Cells<'p>,
    steps: Vec<Kinds>,
}

impl<'p> Questions<'p> {
    /// Those of a journey; `None` where there are too many to read.
    pub(super) fn of(place: Place<'p>, journey: &'p Journey, budget: &mut Budget) -> Option<Self> {
        let entry = way::entry(place, journey);
        let mut nodes = entry.clone();
        nodes.extend(way::questions(journey));
        nodes.sort_unstable();
        nodes.dedup();
        budget.spend(nodes.len())?;
        let are_few = Cells::count(place, &nodes).is_some_and(|count| count <= FEW);
        let mut all = Vec::with_capacity(nodes.len());
        for node in nodes {
            let parts = place.parts(&[node]);
            budget.spend(parts.len())?;
            all.push((node, place.asked(&parts).into_keys().collect()));
        }
        Some(Self {
            place,
            journey,
            entry,
            all,
            are_few,
            known: BTreeMap::new(),
        })
    }

    /// The people who come to the steps of the journey, told apart by conditions of its branches; `None` where they
    /// are too many.
    pub(super) fn arrivals(
        &mut self,
        interest: &[Node],
        budget: &mut Budget,
    ) -> Option<&Arrivals<'p>> {
        let roots = self.related(interest, false);
        self.arrivals_of(&roots, budget)
    }

    /// The same, told apart by everything that has to do with these conditions, however far about: whoever is left
    /// out here cannot come, and whoever is not can, as far as conditions tell.
    pub(super) fn arrivals_by_all(
        &mut self,
        interest: &[Node],
        budget: &mut Budget,
    ) -> Option<&Arrivals<'p>> {
        let roots = self.related(interest, true);
        self.arrivals_of(&roots, budget)
    }

    fn arrivals_of(&mut self, roots: &[Node], budget: &mut Budget) -> Option<&Arrivals<'p>> {
        if !self.known.contains_key(roots) {
            let arrivals = self.walk(roots, budget);
            self.known.insert(roots.to_vec(), arrivals);
        }
        self.known.get(roots)?.as_ref()
    }

    /// All questions; where they are many, those that ask about the same things, and with `all` those that ask about
    /// the same things as these, and so on.
    fn related(&self, interest: &[Node], all: bool) -> Vec<Node> {
        if self.are_few {
            return self.all.iter().map(|it| it.0).collect();
        }
        let mut related: BTreeSet<Node> = interest.iter().copied().collect();
        loop {
            let of_these = self.all.iter().filter(|(node, _)| related.contains(node));
            let things: BTreeSet<Of> = of_these.flat_map(|it| it.1.iter().copied()).collect();
            let near = self.all.iter().filter(|it| !it.1.is_disjoint(&things));
            let before = related.len();
            related.extend(near.map(|it| it.0));
            if !all || related.len() == before {
                let is_related = |(node, _): &&(Node, _)| related.contains(node);
                return self.all.iter().filter(is_related).map(|it| it.0).collect();
            }
        }
    }

    /// Follows everyone from the entry until nobody new comes anywhere.
    fn walk(&self, roots: &[Node], budget: &mut Budget) -> Option<Arrivals<'p>> {
        let journey = self.journey;
        let more = journey.steps.len().saturating_add(roots.len());
        let cells = Cells::of(self.place, roots, more, budget)?;
        let mut steps = vec![cells.nobody(); journey.steps.len()];
        let mut walk = Walk {
            cells: &cells,
            roots,
            alike: BTreeMap::new(),
        };
        let mut open: BTreeSet<StepIx> = BTreeSet::new();
        let mut come = |at: StepIx, people: &Kinds, open: &mut BTreeSet<StepIx>| {
            if steps.get_mut(at.at()).is_some_and(|here| here.add(people)) {
                open.insert(at);
            }
            steps.get(at.at()).cloned()
        };
        if let Some(start) = journey.start {
            come(start, &walk.entering(journey, &self.entry), &mut open);
        }
        let nobody = cells.nobody();
        // What follows mostly stands behind, so that the first step is looked at first.
        while let Some(at) = open.pop_first() {
            let (Some(here), Some(step)) =
                (come(at, &nobody, &mut open), journey.steps.get(at.at()))
            else {
                continue;
            };
            for (next, people) in walk.ways(&step.kind, &here) {
                come(next, &people, &mut open);
            }
        }
        Some(Arrivals { cells, steps })
    }
}

impl Arrivals<'_> {
    /// The kinds of people who come to a step.
    pub(super) fn at(&self, step: StepIx) -> Kinds {
        let here = self.steps.get(step.at()).cloned();
        here.unwrap_or_else(|| self.cells.nobody())
    }

    /// All kinds of people that are told apart.
    pub(super) const fn cells(&self) -> &Cells<'_> {
        &self.cells
    }

    /// Those for whom a condition of interest holds.
    pub(super) fn holding(&self, node: Node) -> Kinds {
        self.cells.holding(node)
    }
}

/// One walk through a journey.
struct Walk<'c, 'p> {
    cells: &'c Cells<'p>,
    /// The conditions that are looked at.
    roots: &'c [Node],
    /// For each kind of person, the class of those who have all values in common that stay, by the event whose fields
    /// do not; `None` where everyone is of one class.
    alike: BTreeMap<Option<EventIx>, Option<Vec<usize>>>,
}

impl Walk<'_, '_> {
    /// Those for whom a condition does not hold; nobody where it is not looked at.
    fn failing(&self, node: Node) -> Kinds {
        if self.roots.contains(&node) {
            self.cells.failing(node)
        } else {
            self.cells.nobody()
        }
    }

    /// Those for whom all holds that the entry asks for.
    fn entering(&self, journey: &Journey, entry: &[Node]) -> Kinds {
        let mut people = self.cells.everyone().clone();
        for fact in entry {
            people.leave_out(&self.failing(*fact));
        }
        if let ir::Entry::When { trigger, .. } = &journey.entry {
            self.keep_stage(trigger, &mut people);
        }
        people
    }

    /// Leaves those in a stage that has just begun.
    fn keep_stage(&self, trigger: &Trigger, people: &mut Kinds) {
        if let Trigger::Becomes { lifecycle, stage } = trigger
            && let Some((at, _)) = self.cells.variable(Of::Lifecycle(*lifecycle))
        {
            people.keep(&self.cells.in_cell(at, &Cell::Stage(*stage)));
        }
    }

    /// Those whom these may have become, where only what events of the run said has stayed as it was; of all events
    /// but `renewed`, which has just happened again.
    fn changed(&mut self, people: &Kinds, renewed: Option<EventIx>) -> Kinds {
        if people.is_empty() {
            return people.clone();
        }
        let everyone = self.cells.everyone();
        let alike = self.alike.entry(renewed).or_insert_with(|| {
            let stays = |of: Of| match of {
                Of::Value(Key::Field(event, _)) => Some(event) != renewed,
                _ => false,
            };
            self.cells.alike(stays)
        });
        let Some(alike) = alike else {
            return everyone.clone();
        };
        let classes: BTreeSet<usize> = people
            .iter()
            .filter_map(|kind| alike.get(kind).copied())
            .collect();
        let mut changed = self.cells.nobody();
        everyone
            .iter()
            .filter(|kind| alike.get(*kind).is_some_and(|it| classes.contains(it)))
            .for_each(|kind| changed.insert(kind));
        changed
    }

    /// Who goes where from a step.
    fn ways(&mut self, kind: &StepKind, people: &Kinds) -> Vec<(StepIx, Kinds)> {
        let to = |next: &Option<StepIx>, people: Kinds| next.map(|next| (next, people));
        match kind {
            StepKind::Do { next, .. } | StepKind::Assign { next, .. } => {
                to(next, people.clone()).into_iter().collect()
            }
            StepKind::Exit { .. } => Vec::new(),
            StepKind::Split { arms, .. } => arms
                .iter()
                .filter_map(|arm| to(&arm.next, people.clone()))
                .collect(),
            StepKind::Branch { arms, otherwise } => {
                let mut ways = Vec::new();
                let mut left = people.clone();
                for (condition, next) in arms {
                    let node = (*condition, None);
                    let taken = left.without(&self.failing(node));
                    if self.roots.contains(&node) {
                        left.leave_out(&self.cells.holding(node));
                    }
                    ways.extend(to(next, taken));
                }
                ways.extend(to(otherwise, left));
                ways
            }
            StepKind::Race { arms, timeout, .. } => {
                let mut ways: Vec<_> = arms
                    .iter()
                    .filter_map(|arm| to(&arm.next, self.after(&arm.trigger, people)))
                    .collect();
                ways.extend(to(timeout, self.changed(people, None)));
                ways
            }
            // Everything else may take time, and what it does to a person is not looked into.
            other => {
                let changed = self.changed(people, None);
                let ways = way::all(other).into_iter();
                ways.map(|next| (next, changed.clone())).collect()
            }
        }
    }

    /// Those who are left in an arm: what the run remembers of the event is new.
    fn after(&mut self, trigger: &Trigger, people: &Kinds) -> Kinds {
        let mut people = self.changed(people, event_of(trigger));
        if let Some(filter) = way::filter(trigger) {
            people.leave_out(&self.failing(filter));
        }
        self.keep_stage(trigger, &mut people);
        people
    }
}

const fn event_of(trigger: &Trigger) -> Option<EventIx> {
    match trigger {
        Trigger::Event { event, .. } => Some(*event),
        _ => None,
    }
}
