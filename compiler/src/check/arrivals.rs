//! Which kinds of people come to each step of a journey, as far as some conditions can tell them apart.
//!
//! Comes in: a journey and the conditions of interest. Goes out: for each step the kinds of people who may stand there.
//! What an event of the run says stays as it is; everything else about a person may have changed wherever a run parks.
//! Nobody who can come is left out, so that what holds for all who are listed holds for all who come.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::{EventIx, Journey, StepIx, StepKind, Trigger};

use super::cells::{Budget, Cells, Key, Node, Of, Person, Place};
use super::range::Cell;
use super::way;

/// The kinds of people at each step.
pub(super) struct Arrivals {
    /// For each step, which kinds may come to it.
    steps: Vec<Vec<bool>>,
    /// For each kind, the conditions of interest that hold.
    holds: Vec<BTreeMap<Node, bool>>,
}

/// All kinds of people, and what of them may change.
struct Kinds<'p> {
    place: Place<'p>,
    cells: Vec<Vec<usize>>,
    holds: Vec<BTreeMap<Node, bool>>,
    variables: Vec<(Of, Vec<Cell>)>,
}

impl Arrivals {
    /// The people who come to the steps of a journey, told apart by `interest`; `None` where they are too many.
    pub(super) fn of(
        place: Place<'_>,
        journey: &Journey,
        interest: &[Node],
        budget: &mut Budget,
    ) -> Option<Self> {
        let near = related(place, journey, interest, budget)?;
        let roots: Vec<Node> = interest.iter().copied().chain(near).collect();
        let more = journey.steps.len().saturating_add(roots.len());
        let cells = Cells::of(place, &roots, more, budget)?;
        let mut kinds = Kinds {
            place,
            cells: Vec::new(),
            holds: Vec::new(),
            variables: cells.variables().to_vec(),
        };
        cells.each(|person| kinds.add(&roots, person));
        let steps = kinds.walk(journey);
        Some(Self {
            steps,
            holds: kinds.holds,
        })
    }

    /// For each kind of person who comes to a step, whether each of these conditions holds.
    pub(super) fn at<'s>(
        &'s self,
        step: StepIx,
        conditions: &'s [Node],
    ) -> impl Iterator<Item = Vec<bool>> + 's {
        let here = self.steps.get(step.at()).map_or(&[][..], Vec::as_slice);
        here.iter()
            .zip(&self.holds)
            .filter(|(comes, _)| **comes)
            .map(|(_, holds)| {
                let answer = |node: &Node| holds.get(node).copied().unwrap_or_default();
                conditions.iter().map(answer).collect()
            })
    }
}

/// With up to so many kinds of people, all conditions of a journey are looked at together.
const FEW: usize = 1_000;

/// The conditions of the entry, the branches and the races; where they are many, those that ask about the same things.
fn related(
    place: Place<'_>,
    journey: &Journey,
    interest: &[Node],
    budget: &mut Budget,
) -> Option<BTreeSet<Node>> {
    let parts = place.parts(interest);
    budget.spend(parts.len())?;
    let things: BTreeSet<Of> = place.asked(&parts).into_keys().collect();
    let mut all = way::entry(place, journey);
    all.extend(way::questions(journey));
    budget.spend(all.len())?;
    let together: Vec<Node> = interest.iter().chain(&all).copied().collect();
    if Cells::count(place, &together).is_some_and(|count| count <= FEW) {
        return Some(all.into_iter().collect());
    }
    let mut near = BTreeSet::new();
    for node in all {
        let parts = place.parts(&[node]);
        budget.spend(parts.len())?;
        let asked: BTreeSet<Of> = place.asked(&parts).into_keys().collect();
        if !asked.is_disjoint(&things) {
            near.insert(node);
        }
    }
    Some(near)
}

impl Kinds<'_> {
    fn add(&mut self, roots: &[Node], person: &Person<'_>) {
        let cells = (0..self.variables.len()).filter_map(|at| person.cell(at));
        self.cells.push(cells.collect());
        let holds = roots.iter().map(|root| (*root, person.holds(*root)));
        self.holds.push(holds.collect());
    }

    /// Follows everyone from the entry until nobody new comes anywhere.
    fn walk(&self, journey: &Journey) -> Vec<Vec<bool>> {
        let mut steps = vec![vec![false; self.cells.len()]; journey.steps.len()];
        let mut open: Vec<(StepIx, Vec<bool>)> = Vec::new();
        open.extend(journey.start.map(|start| (start, self.entering(journey))));
        while let Some((at, people)) = open.pop() {
            let (Some(here), Some(step)) = (steps.get_mut(at.at()), journey.steps.get(at.at()))
            else {
                continue;
            };
            let mut new = false;
            for (here, comes) in here.iter_mut().zip(&people) {
                new |= *comes && !*here;
                *here |= *comes;
            }
            if new {
                let here = here.clone();
                open.extend(self.ways(&step.kind, &here));
            }
        }
        steps
    }

    /// Those for whom all holds that the entry asks for.
    fn entering(&self, journey: &Journey) -> Vec<bool> {
        let facts = way::entry(self.place, journey);
        let mut people: Vec<bool> = self
            .holds
            .iter()
            .map(|holds| !facts.iter().any(|fact| holds.get(fact) == Some(&false)))
            .collect();
        if let ir::Entry::When { trigger, .. } = &journey.entry {
            self.keep_stage(trigger, &mut people);
        }
        people
    }

    /// Leaves those in a stage that has just begun.
    fn keep_stage(&self, trigger: &Trigger, people: &mut [bool]) {
        let Trigger::Becomes { lifecycle, stage } = trigger else {
            return;
        };
        let Some((at, cells)) = self.variable(Of::Lifecycle(*lifecycle)) else {
            return;
        };
        for (comes, kind) in people.iter_mut().zip(&self.cells) {
            let cell = kind.get(at).and_then(|cell| cells.get(*cell));
            *comes &= cell == Some(&Cell::Stage(*stage));
        }
    }

    fn variable(&self, of: Of) -> Option<(usize, &[Cell])> {
        let at = self.variables.iter().position(|(it, _)| *it == of)?;
        Some((at, self.variables.get(at)?.1.as_slice()))
    }

    /// Those whom these may have become, where only what `stays` says has stayed as it was.
    fn changed(&self, people: &[bool], stays: impl Fn(Of) -> bool) -> Vec<bool> {
        let kept: Vec<usize> = self
            .variables
            .iter()
            .enumerate()
            .filter(|(_, (of, _))| stays(*of))
            .map(|(at, _)| at)
            .collect();
        let seen_as = |kind: &Vec<usize>| -> Vec<usize> {
            kept.iter()
                .filter_map(|at| kind.get(*at).copied())
                .collect()
        };
        let classes: BTreeSet<Vec<usize>> = people
            .iter()
            .zip(&self.cells)
            .filter(|(comes, _)| **comes)
            .map(|(_, kind)| seen_as(kind))
            .collect();
        let comes = |kind: &Vec<usize>| classes.contains(&seen_as(kind));
        self.cells.iter().map(comes).collect()
    }

    /// Who goes where from a step.
    fn ways(&self, kind: &StepKind, people: &[bool]) -> Vec<(StepIx, Vec<bool>)> {
        let to = |next: &Option<StepIx>, people: Vec<bool>| next.map(|next| (next, people));
        match kind {
            StepKind::Do { next, .. } | StepKind::Assign { next, .. } => {
                to(next, people.to_vec()).into_iter().collect()
            }
            StepKind::Exit { .. } => Vec::new(),
            StepKind::Set { next, .. } | StepKind::Tag { next, .. } => {
                to(next, self.changed(people, is_of_the_run))
                    .into_iter()
                    .collect()
            }
            StepKind::Split { arms, .. } => arms
                .iter()
                .filter_map(|arm| to(&arm.next, people.to_vec()))
                .collect(),
            StepKind::Branch { arms, otherwise } => {
                let mut ways = Vec::new();
                let mut left = people.to_vec();
                for (condition, next) in arms {
                    let node = (*condition, None);
                    let mut taken = left.clone();
                    for ((taken, left), holds) in taken.iter_mut().zip(&mut left).zip(&self.holds) {
                        *taken &= holds.get(&node) != Some(&false);
                        *left &= holds.get(&node) != Some(&true);
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
                ways.extend(to(timeout, self.changed(people, is_of_the_run)));
                ways
            }
            // Everything else may take time, and what it does to a person is not looked into.
            other => way::all(other)
                .into_iter()
                .map(|next| (next, self.changed(people, is_of_the_run)))
                .collect(),
        }
    }

    /// Those who are left in an arm: what the run remembers of the event is new.
    fn after(&self, trigger: &Trigger, people: &[bool]) -> Vec<bool> {
        let event = event_of(trigger);
        let stays = |of: Of| match of {
            Of::Value(Key::Field(field_of, _)) => Some(field_of) != event,
            _ => false,
        };
        let mut people = self.changed(people, stays);
        if let Some(filter) = way::filter(trigger) {
            for (comes, holds) in people.iter_mut().zip(&self.holds) {
                *comes &= holds.get(&filter) != Some(&false);
            }
        }
        self.keep_stage(trigger, &mut people);
        people
    }
}

/// Whether something cannot change while a run waits.
const fn is_of_the_run(of: Of) -> bool {
    matches!(of, Of::Value(Key::Field(..)))
}

const fn event_of(trigger: &Trigger) -> Option<EventIx> {
    match trigger {
        Trigger::Event { event, .. } => Some(*event),
        _ => None,
    }
}
