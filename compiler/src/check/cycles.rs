//! Journeys that start each other: which of them hang together by the attributes and tags that one changes and another
//! is started by.
//!
//! Comes in: all journeys. Goes out: problems, each with the round that a person makes and an example of such a person.
//! What hangs together is found in one pass over all journeys; whether anybody goes round is then tried out with the
//! engine itself ([`rounds`]), so that nothing is reported that does not happen.

mod rounds;

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::journey::Reenter;
use journey_ir::time::DAY;
use journey_ir::{
    Atom, AttributeIx, Condition, ConditionIx, Entry, Journey, JourneyIx, Program, Source, StepIx,
    StepKind, Trigger, Type,
};

use super::cells::Budget;
use super::journey_error::JourneyError;
use super::span::Length;
use crate::places::Places;
use crate::problem::{Location, Problems};

/// The most groups of journeys that are tried out in one project.
const MOST_GROUPS: usize = 16;

/// Something that a journey changes and another is started by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing<'p> {
    Attribute(AttributeIx),
    Tag(&'p str),
}

/// Journeys that may start each other.
struct Group<'p> {
    journeys: BTreeSet<JourneyIx>,
    /// What they start each other by.
    things: BTreeSet<Thing<'p>>,
}

/// Warns of journeys that start each other again and again within a day.
pub(super) fn check(
    program: &Program,
    places: &Places,
    budget: &mut Budget,
    problems: &mut Problems,
) {
    let groups = groups(program);
    if groups.len() > MOST_GROUPS {
        budget.effort.given_up += 1;
    }
    let mut trial = None;
    for group in groups.iter().take(MOST_GROUPS) {
        let trial = trial.get_or_insert_with(|| rounds::Trial::of(program));
        let Some(trial) = trial else { return };
        let Some(round) = trial.round(group, budget) else {
            continue;
        };
        if let Some(problem) = told(program, places, &round) {
            problems.push(problem);
        }
    }
}

/// The problem of a round: where its first journey is entered, with the steps that start the others.
fn told(
    program: &Program,
    places: &Places,
    round: &rounds::Round,
) -> Option<crate::problem::Problem> {
    let first = *round.journeys.first()?;
    let at = places.journey(first)?.enter?;
    let following = round.journeys.iter().cycle().skip(1);
    let starts: Vec<(Location, String)> = round
        .journeys
        .iter()
        .zip(following)
        .filter_map(|(one, next)| {
            let step = starting_step(program, *one, *next)?;
            let here = places.step(*one, step)?;
            Some((here.head?, program.journey(*next)?.name.clone()))
        })
        .collect();
    let names = round
        .journeys
        .iter()
        .filter_map(|it| program.journey(*it).map(|it| it.name.clone()))
        .collect();
    let error = JourneyError::GoRound {
        names,
        starts,
        person: round.person.clone(),
    };
    Some(error.at(at))
}

/// The first step of a journey by which another may start.
fn starting_step(program: &Program, of: JourneyIx, next: JourneyIx) -> Option<StepIx> {
    let heard = heard(program, program.journey(next)?);
    let steps = &program.journey(of)?.steps;
    let at = steps
        .iter()
        .position(|it| changed(&it.kind).is_some_and(|it| heard.contains(&it)))?;
    Some(StepIx(at as u32))
}

/// What a step changes.
fn changed(kind: &StepKind) -> Option<Thing<'_>> {
    match kind {
        StepKind::Set { attribute, .. } => Some(Thing::Attribute(*attribute)),
        StepKind::Tag { tag, .. } => Some(Thing::Tag(tag)),
        _ => None,
    }
}

/// What the entry of a journey answers to.
fn heard<'p>(program: &'p Program, journey: &Journey) -> BTreeSet<Thing<'p>> {
    let Entry::When { trigger, .. } = &journey.entry else {
        return BTreeSet::new();
    };
    match trigger {
        Trigger::Event { .. } => BTreeSet::new(),
        Trigger::Joins(segment) | Trigger::Leaves(segment) => {
            let segment = program.segment(*segment);
            asked(program, segment.map(|it| it.condition))
        }
        Trigger::Becomes { lifecycle, .. } => {
            let lifecycle = program.lifecycles.get(lifecycle.at());
            let stages = lifecycle.into_iter().flat_map(|it| &it.stages);
            asked(program, stages.map(|it| it.when))
        }
        Trigger::Changes { attribute, .. } => BTreeSet::from([Thing::Attribute(*attribute)]),
    }
}

/// The attributes and tags that conditions ask for, through segments and lifecycles.
fn asked(
    program: &Program,
    conditions: impl IntoIterator<Item = ConditionIx>,
) -> BTreeSet<Thing<'_>> {
    let (mut things, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<ConditionIx> = conditions.into_iter().collect();
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        match program.condition(at) {
            Some(Condition::All(of) | Condition::Any(of)) => open.extend(of),
            Some(Condition::Not(of)) => open.push(*of),
            Some(Condition::Is(atom)) => match program.atom(*atom) {
                Some(Atom::Compare {
                    left: Source::Attribute(at),
                    ..
                }) => {
                    let from = program.attribute(*at).and_then(|it| match it.kind {
                        Type::YearsSince(date) => Some(date),
                        _ => None,
                    });
                    things.insert(Thing::Attribute(from.unwrap_or(*at)));
                }
                Some(Atom::Tagged(tag)) => {
                    things.insert(Thing::Tag(tag));
                }
                Some(Atom::Member(segment)) => {
                    open.extend(program.segment(*segment).map(|it| it.condition));
                }
                Some(Atom::Stage { lifecycle, .. }) => {
                    let lifecycle = program.lifecycles.get(lifecycle.at());
                    let stages = lifecycle.into_iter().flat_map(|it| &it.stages);
                    open.extend(stages.map(|it| it.when));
                }
                _ => {}
            },
            Some(Condition::Always) | None => {}
        }
    }
    things
}

/// Whether people can enter more than once a day.
fn enters_again(journey: &Journey) -> bool {
    match journey.reenter {
        Reenter::Never => false,
        Reenter::After(span) => Length::of(span).least < DAY,
        Reenter::AnyTime => true,
    }
}

/// The groups of journeys of which each leads to each other, in the order of their first journeys.
fn groups(program: &Program) -> Vec<Group<'_>> {
    let mut graph = Graph::default();
    for (at, journey) in program.journeys.iter().enumerate() {
        if !enters_again(journey) {
            continue;
        }
        let heard = heard(program, journey);
        if heard.is_empty() {
            continue;
        }
        let node = Node::Journey(JourneyIx(at as u32));
        for thing in heard {
            graph.edge(Node::Thing(thing), node);
        }
        for thing in journey.steps.iter().filter_map(|it| changed(&it.kind)) {
            graph.edge(node, Node::Thing(thing));
        }
    }
    let mut groups: Vec<Group<'_>> = graph
        .circles()
        .into_iter()
        .map(|nodes| {
            let (mut journeys, mut things) = (BTreeSet::new(), BTreeSet::new());
            for node in nodes {
                match node {
                    Node::Journey(at) => {
                        journeys.insert(at);
                    }
                    Node::Thing(thing) => {
                        things.insert(thing);
                    }
                }
            }
            Group { journeys, things }
        })
        .collect();
    groups.sort_by(|a, b| a.journeys.cmp(&b.journeys));
    groups
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node<'p> {
    Journey(JourneyIx),
    Thing(Thing<'p>),
}

/// What leads where, and back.
#[derive(Default)]
struct Graph<'p> {
    to: BTreeMap<Node<'p>, BTreeSet<Node<'p>>>,
    from: BTreeMap<Node<'p>, BTreeSet<Node<'p>>>,
}

impl<'p> Graph<'p> {
    fn edge(&mut self, from: Node<'p>, to: Node<'p>) {
        self.to.entry(from).or_default().insert(to);
        self.from.entry(to).or_default().insert(from);
    }

    /// The strongly connected components with more than one node, by Kosaraju's two passes.
    fn circles(&self) -> Vec<BTreeSet<Node<'p>>> {
        let mut seen = BTreeSet::new();
        let mut order = Vec::new();
        for node in self.to.keys() {
            visit(&self.to, *node, &mut seen, &mut order);
        }
        let mut seen = BTreeSet::new();
        let mut circles = Vec::new();
        for node in order.into_iter().rev() {
            let mut circle = Vec::new();
            visit(&self.from, node, &mut seen, &mut circle);
            if circle.len() > 1 {
                circles.push(circle.into_iter().collect());
            }
        }
        circles
    }
}

/// Follows the edges from a node to all that were not seen yet; each is written down after those behind it.
fn visit<'p>(
    edges: &BTreeMap<Node<'p>, BTreeSet<Node<'p>>>,
    from: Node<'p>,
    seen: &mut BTreeSet<Node<'p>>,
    order: &mut Vec<Node<'p>>,
) {
    if !seen.insert(from) {
        return;
    }
    let follow = |node: &Node<'p>| edges.get(node).into_iter().flatten().copied();
    let mut open = vec![(from, follow(&from).collect::<Vec<_>>())];
    while let Some((node, left)) = open.last_mut() {
        match left.pop() {
            Some(next) if seen.insert(next) => {
                let behind = follow(&next).collect();
                open.push((next, behind));
            }
            Some(_) => {}
            None => {
                order.push(*node);
                open.pop();
            }
        }
    }
}

/// The journeys that an event starts and that change something of a group: how a person gets into it.
fn leading<'p>(program: &'p Program, group: &Group<'p>) -> BTreeSet<ir::EventIx> {
    let mut events = BTreeSet::new();
    for journey in &program.journeys {
        if let Entry::When {
            trigger: Trigger::Event { event, .. },
            ..
        } = &journey.entry
            && journey
                .steps
                .iter()
                .filter_map(|it| changed(&it.kind))
                .any(|it| group.things.contains(&it))
        {
            events.insert(*event);
        }
    }
    events
}
