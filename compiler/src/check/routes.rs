//! One journey's ways: messages that come twice, too late, or never, and offers that are over.
//!
//! Comes in: a journey with the places of its steps. Goes out: problems. A thing that must hold on every way is said
//! only where all ways were seen; a thing that holds on one way only where someone can go it.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::journey::Until;
use journey_ir::time::DAY;
use journey_ir::{
    Channel, ConsentIx, EventIx, Journey, JourneyIx, MessageIx, OfferIx, PolicyRule, Program,
    Purpose, Source, StepIx, StepKind, Then, Trigger, Type,
};

use super::cells::{Budget, Cells, Node, Place};
use super::journey_error::JourneyError;
use super::paths::{self, Path, Stop, Way};
use super::span::Length;
use super::{reads, way};
use crate::places::JourneyPlaces;
use crate::problem::{Location, Problems};

/// How close together the same message twice is no intention.
const SOON: i64 = 7 * DAY;

/// What the ways of all journeys are held against.
#[derive(Debug)]
pub(super) struct Rules {
    /// Caps that skip, as their count, their purpose and their shortest length in milliseconds.
    caps: Vec<(u32, Option<Purpose>, ir::Span)>,
    /// The events by which people buy: they have a key and an amount.
    sales: BTreeSet<EventIx>,
}

/// A journey under examination.
struct Routes<'p> {
    program: &'p Program,
    rules: &'p Rules,
    journey: &'p Journey,
    places: &'p JourneyPlaces,
    /// Whether any step hands out an offer or waits for the end of one.
    has_offers: bool,
    /// Whether two steps send the same message.
    has_twins: bool,
    /// Whether a send may come after the time of the goal.
    may_be_late: bool,
    /// The sales that stop nothing, with what each step means to them.
    sales: Vec<(EventIx, Vec<Part>)>,
}

/// What a step means to someone who may buy meanwhile.
#[derive(Debug, Clone, Copy)]
enum Part {
    Nothing,
    /// Time passes, and nobody notices a sale.
    Waits,
    /// A sale is noticed.
    Hears,
    /// An advertisement is sent.
    Advertises,
}

/// The sales that stop nothing in a journey, each with what every step means to it.
fn unstopped_sales(
    program: &Program,
    rules: &Rules,
    journey: &Journey,
) -> Vec<(EventIx, Vec<Part>)> {
    let ir::Entry::When { trigger, .. } = &journey.entry else {
        return Vec::new();
    };
    let started = reads::of_trigger(program, trigger);
    if journey.goal.is_some() || started.iter().any(|it| rules.sales.contains(it)) {
        return Vec::new();
    }
    let sales = rules.sales.iter().copied();
    sales
        .filter(|sale| !reads::ends(program, journey, *sale))
        .map(|sale| {
            let part = |step: &ir::Step| part(program, &step.kind, sale);
            (sale, journey.steps.iter().map(part).collect())
        })
        .collect()
}

fn part(program: &Program, kind: &StepKind, sale: EventIx) -> Part {
    let heard = |it: &Trigger| reads::of_trigger(program, it).contains(&sale);
    match kind {
        StepKind::Repeat { until, .. } if until.as_ref().is_some_and(heard) => Part::Hears,
        StepKind::Race { arms, .. } if arms.iter().any(|it| heard(&it.trigger)) => Part::Hears,
        StepKind::Wait { .. } | StepKind::Ask { .. } | StepKind::Race { .. } => Part::Waits,
        StepKind::Branch { arms, .. } => {
            let asked = reads::of(program, arms.iter().map(|it| it.0));
            if asked.events.contains(&sale) {
                Part::Hears
            } else {
                Part::Nothing
            }
        }
        StepKind::Send { candidates, .. } => {
            let mut messages = candidates.iter().filter_map(|it| program.message(*it));
            if messages.any(|it| it.purpose == Purpose::Advertising) {
                Part::Advertises
            } else {
                Part::Nothing
            }
        }
        _ => Part::Nothing,
    }
}

/// The steps of which something is known.
fn steps<T>(known: &[Option<T>]) -> impl Iterator<Item = (StepIx, &T)> {
    let all = known.iter().enumerate();
    all.filter_map(|(at, it)| Some((StepIx(at as u32), it.as_ref()?)))
}

/// The offer whose end a step waits for.
const fn awaited(kind: &StepKind) -> Option<OfferIx> {
    match kind {
        StepKind::Wait {
            until:
                Some(Until::Moment {
                    of: Source::OfferExpires(offer),
                    ..
                }),
            ..
        } => Some(*offer),
        _ => None,
    }
}

/// Whether two steps of a journey send the same message.
fn has_twins(journey: &Journey) -> bool {
    let mut sent: BTreeMap<MessageIx, usize> = BTreeMap::new();
    for (at, step) in journey.steps.iter().enumerate() {
        if let StepKind::Send { candidates, .. } = &step.kind {
            let twin = |it: &MessageIx| *sent.entry(*it).or_insert(at) != at;
            if candidates.iter().any(twin) {
                return true;
            }
        }
    }
    false
}

/// Whether all waits of a journey together are longer than the time of its goal, or that is not known.
fn may_be_late(journey: &Journey) -> bool {
    let Some(goal) = &journey.goal else {
        return false;
    };
    let mut waits = journey.steps.iter().map(|step| shortest(&step.kind));
    let longest = waits.try_fold(0_i64, |all, it| Some(all.saturating_add(it?)));
    let window = Length::of(goal.within).most;
    longest
        .zip(window)
        .is_none_or(|(longest, window)| longest > window)
}

/// By how much a step puts off what follows it for certain, in milliseconds, on the way on which that is the most; `None`
/// where it depends on the steps before it.
fn shortest(kind: &StepKind) -> Option<i64> {
    match kind {
        StepKind::Wait {
            until: Some(Until::Moment { .. }),
            ..
        }
        | StepKind::Repeat { .. } => None,
        StepKind::Wait { span, settle, .. } => {
            let span = span.map_or(0, |it| Length::of(it).least);
            Some(span.saturating_add(*settle))
        }
        StepKind::Race { limit, settle, .. } | StepKind::Ask { limit, settle, .. } => {
            Some(Length::of(*limit).least.saturating_add(*settle))
        }
        _ => Some(0),
    }
}

fn deals_in_offers(kind: &StepKind) -> bool {
    awaited(kind).is_some() || paths::offers(kind).next().is_some()
}

/// What was seen on the ways so far.
#[derive(Default)]
struct Seen {
    /// The same message on two steps, the shortest time between them, and a way.
    twice: BTreeMap<(StepIx, StepIx), (MessageIx, i64, Path)>,
    /// A send that a sale does not stop, the wait before it, the sale, and a way.
    unstopped: BTreeMap<StepIx, (StepIx, EventIx, Path)>,
    /// The earliest time of each send, by its step.
    earliest: Vec<Option<i64>>,
    /// The shortest time from an offer's issue to a send that carries it.
    carried: BTreeMap<(StepIx, OfferIx), i64>,
    /// Waits for the end of an offer, and whether it was issued before on any way.
    awaited: BTreeMap<(StepIx, OfferIx), bool>,
    /// What caps do to each step that sends.
    capped: Vec<Option<Cap>>,
}

/// What caps do to a send.
#[derive(Clone)]
enum Cap {
    /// On some way it goes through.
    Passes,
    /// On all ways so far one is used up.
    Stops(Capped),
}

#[derive(Clone)]
struct Capped {
    by: StepIx,
    /// The longest time between the two.
    within: i64,
    at_most: u32,
    per: ir::Span,
}

/// Reports what is wrong on the ways of a journey.
pub(super) fn check(
    program: &Program,
    rules: &Rules,
    at: JourneyIx,
    places: &JourneyPlaces,
    budget: &mut Budget,
    problems: &mut Problems,
) {
    let Some(journey) = program.journey(at) else {
        return;
    };
    let routes = Routes {
        program,
        rules,
        journey,
        places,
        has_offers: journey.steps.iter().any(|it| deals_in_offers(&it.kind)),
        has_twins: has_twins(journey),
        may_be_late: may_be_late(journey),
        sales: unstopped_sales(program, rules, journey),
    };
    if routes.has_nothing_to_look_for() {
        return;
    }
    let mut seen = Seen {
        earliest: vec![None; journey.steps.len()],
        capped: vec![None; journey.steps.len()],
        ..Seen::default()
    };
    let complete = paths::each(program, journey, |path| routes.look(path, &mut seen));
    routes.report_ways(&seen, budget, problems);
    if complete {
        routes.report_all(&seen, problems);
    } else {
        budget.effort.given_up += 1;
    }
}

/// The longest time from when one stop is left to when a later one is reached.
fn most_between(until: &[(i64, usize)], from: usize, to: usize) -> Option<i64> {
    let ((before, endless), (after, still)) = (until.get(from + 1)?, until.get(to)?);
    (endless == still).then(|| after.saturating_sub(*before))
}

impl Rules {
    pub(super) fn of(program: &Program) -> Self {
        Self {
            caps: caps(program),
            sales: sales(program),
        }
    }
}

fn caps(program: &Program) -> Vec<(u32, Option<Purpose>, ir::Span)> {
    let rules = program.policies.iter().flat_map(|it| &it.rules);
    rules
        .filter_map(|rule| match rule {
            PolicyRule::Cap {
                at_most,
                purpose,
                per,
                then: Then::Skip,
            } => Some((*at_most, *purpose, *per)),
            PolicyRule::Cap { .. } | PolicyRule::Quiet { .. } | PolicyRule::HoldOut { .. } => None,
        })
        .collect()
}

fn sales(program: &Program) -> BTreeSet<EventIx> {
    let is_sale = |event: &ir::Event| {
        let amount = |field: &ir::Field| matches!(field.kind, Type::Money(_));
        !event.built_in && event.key.is_some() && event.fields.iter().any(amount)
    };
    let events = program.schema.events.iter().enumerate();
    events
        .filter(|(_, event)| is_sale(event))
        .map(|(at, _)| EventIx(at as u32))
        .collect()
}

impl Routes<'_> {
    fn kind(&self, stop: &Stop) -> Option<&StepKind> {
        Some(&self.journey.steps.get(stop.step.at())?.kind)
    }

    fn at(&self, step: StepIx) -> Option<Location> {
        let places = self.places.steps.get(step.at())?;
        // What a sequence does is to blame where it is run, because only there it is too often or too late.
        places.runs.first().copied().or(places.head)
    }

    /// Whether no way can have anything wrong with it, which spares following all of them.
    fn has_nothing_to_look_for(&self) -> bool {
        let sought = [
            self.has_twins,
            self.may_be_late,
            self.has_offers,
            !self.sales.is_empty(),
            !self.rules.caps.is_empty(),
        ];
        !sought.contains(&true)
    }

    fn look(&self, path: &Path, seen: &mut Seen) {
        if self.has_twins {
            self.look_twice(path, seen);
        }
        self.look_unstopped(path, seen);
        if self.may_be_late {
            self.look_times(path, seen);
        }
        if self.has_offers {
            self.look_offers(path, seen);
        }
        if !self.rules.caps.is_empty() {
            self.look_caps(path, seen);
        }
    }

    fn look_twice(&self, path: &Path, seen: &mut Seen) {
        let mut last: BTreeMap<MessageIx, usize> = BTreeMap::new();
        for (at, stop, candidates) in path.sends(self.journey) {
            for message in candidates {
                let Some(before) = last.insert(*message, at) else {
                    continue;
                };
                let (Some(first), Some(gap)) =
                    (path.stops.get(before), path.least_between(before, at))
                else {
                    continue;
                };
                if first.step == stop.step || gap > SOON {
                    continue;
                }
                seen.twice
                    .entry((first.step, stop.step))
                    .or_insert_with(|| (*message, gap, path.up_to(at)));
            }
        }
    }

    /// A journey that an event other than a sale starts, and that nothing stops when the person buys meanwhile.
    fn look_unstopped(&self, path: &Path, seen: &mut Seen) {
        for (sale, steps) in &self.sales {
            let mut waited: Option<StepIx> = None;
            for (at, stop) in path.stops.iter().enumerate() {
                match steps.get(stop.step.at()) {
                    Some(Part::Waits) => waited = Some(stop.step),
                    Some(Part::Hears) => waited = None,
                    Some(Part::Advertises) => {
                        let Some(wait) = waited else { continue };
                        seen.unstopped
                            .entry(stop.step)
                            .or_insert_with(|| (wait, *sale, path.up_to(at)));
                    }
                    Some(Part::Nothing) | None => {}
                }
            }
        }
    }

    fn look_times(&self, path: &Path, seen: &mut Seen) {
        for (_, stop, _) in path.sends(self.journey) {
            let least = stop.reached.least;
            if let Some(earliest) = seen.earliest.get_mut(stop.step.at()) {
                *earliest = Some(earliest.map_or(least, |it| it.min(least)));
            }
        }
    }

    fn look_offers(&self, path: &Path, seen: &mut Seen) {
        // For each offer, the time since its issue that has passed for certain.
        let mut since: BTreeMap<OfferIx, i64> = BTreeMap::new();
        for stop in &path.stops {
            let Some(kind) = self.kind(stop) else {
                continue;
            };
            for offer in paths::offers(kind) {
                if let Some(passed) = since.get(&offer) {
                    let known = seen.carried.entry((stop.step, offer)).or_insert(*passed);
                    *known = (*passed).min(*known);
                } else {
                    since.insert(offer, 0);
                    seen.carried.insert((stop.step, offer), 0);
                }
            }
            let awaited = awaited(kind);
            if let Some(offer) = awaited {
                *seen.awaited.entry((stop.step, offer)).or_insert(false) |=
                    since.contains_key(&offer);
            }
            let passes = stop.left.least.saturating_sub(stop.reached.least);
            for (offer, passed) in &mut since {
                // How long another offer still lasts says nothing for certain.
                if awaited.is_none_or(|it| it == *offer) {
                    *passed = passed.saturating_add(passes);
                }
            }
        }
    }

    fn look_caps(&self, path: &Path, seen: &mut Seen) {
        let sends: Vec<(usize, &Stop, &[MessageIx])> = path.sends(self.journey).collect();
        let until = self.most_until(path);
        let mut skipped: BTreeSet<usize> = BTreeSet::new();
        for (n, (at, stop, candidates)) in sends.iter().enumerate() {
            let mut found = None;
            for (at_most, purpose, per) in &self.rules.caps {
                let window = Length::of(*per).least;
                let counts = |(from, _, earlier): &&(usize, &Stop, &[MessageIx])| {
                    let held = stop.left.most.zip(stop.reached.most).map(|(a, b)| a - b);
                    let passed = most_between(&until, *from, *at).zip(held);
                    !skipped.contains(from)
                        && passed.is_some_and(|(passed, held)| passed.saturating_add(held) < window)
                        && self.is_certain(earlier, candidates, *purpose)
                };
                let mut before = sends.iter().take(n).rev().filter(counts);
                let Some(needed) = (*at_most as usize).checked_sub(1) else {
                    continue;
                };
                if let Some((by, first, _)) = before.nth(needed) {
                    found = Some(Capped {
                        by: first.step,
                        within: most_between(&until, *by, *at).unwrap_or(0),
                        at_most: *at_most,
                        per: *per,
                    });
                    break;
                }
            }
            if found.is_some() {
                skipped.insert(*at);
            }
            if let Some(known) = seen.capped.get_mut(stop.step.at()) {
                match (&known, found) {
                    (_, None) => *known = Some(Cap::Passes),
                    (None, Some(found)) => *known = Some(Cap::Stops(found)),
                    (Some(_), Some(_)) => {}
                }
            }
        }
    }

    /// For each stop, the longest times of all stops before it together, and how many of them have no longest time.
    fn most_until(&self, path: &Path) -> Vec<(i64, usize)> {
        let mut until = Vec::with_capacity(path.stops.len());
        let (mut most, mut endless) = (0_i64, 0);
        for stop in &path.stops {
            until.push((most, endless));
            let moment = matches!(
                self.kind(stop),
                Some(StepKind::Wait {
                    until: Some(Until::Moment { .. }),
                    ..
                })
            );
            match stop.left.most.zip(stop.reached.most).filter(|_| !moment) {
                Some((left, reached)) => most = most.saturating_add(left.saturating_sub(reached)),
                None => endless += 1,
            }
        }
        until
    }

    /// Whether everyone who can get a later message has got the earlier one, and both count for a purpose.
    fn is_certain(
        &self,
        earlier: &[MessageIx],
        later: &[MessageIx],
        purpose: Option<Purpose>,
    ) -> bool {
        let of = |messages: &[MessageIx]| -> BTreeSet<(Channel, Option<ConsentIx>)> {
            let messages = messages.iter().filter_map(|it| self.program.message(*it));
            messages.map(|it| (it.channel, it.consent)).collect()
        };
        let counts = |it: &MessageIx| {
            let message = self.program.message(*it);
            message.is_some_and(|it| paths::concerns(purpose, it.purpose))
        };
        of(later).is_subset(&of(earlier)) && earlier.iter().all(counts) && later.iter().all(counts)
    }

    /// What someone can meet.
    fn report_ways(&self, seen: &Seen, budget: &mut Budget, problems: &mut Problems) {
        let mut blamed = BTreeSet::new();
        for ((first, second), (message, gap, path)) in &seen.twice {
            let (Some(at), Some(other)) = (self.at(*second), self.at(*first)) else {
                continue;
            };
            let Some(message) = self.program.message(*message) else {
                continue;
            };
            if at != other && self.can_be(path, budget) && blamed.insert(at) {
                let error = JourneyError::Twice {
                    template: message.template.clone(),
                    gap: *gap,
                    first: other,
                };
                problems.push(error.at(at));
            }
        }
        let unstopped = seen
            .unstopped
            .iter()
            .find_map(|(send, (wait, sale, path))| {
                let event = self.program.event(*sale)?;
                let found = (self.at(*send)?, self.at(*wait)?, event.name.clone());
                self.can_be(path, budget).then_some(found)
            });
        if let Some((at, wait, event)) = unstopped {
            problems.push(JourneyError::Unstopped { event, wait }.at(at));
        }
    }

    /// What holds on all ways.
    fn report_all(&self, seen: &Seen, problems: &mut Problems) {
        if let Some(goal) = &self.journey.goal
            && let Some(line) = self.places.goal
            && let Some(window) = Length::of(goal.within).most
        {
            // The first is enough: all later ones are later still.
            let mut sends = steps(&seen.earliest);
            if let Some((step, least)) = sends.find(|(_, least)| **least > window)
                && let Some(at) = self.at(step)
            {
                let error = JourneyError::AfterGoal {
                    reached: *least,
                    within: goal.within,
                    goal: line,
                };
                problems.push(error.at(at));
            }
        }
        for ((step, offer), passed) in &seen.carried {
            let Some(declared) = self.program.offer(*offer) else {
                continue;
            };
            let Some((valid, most)) = declared.valid.zip(declared.valid.map(Length::of)) else {
                continue;
            };
            if let (Some(at), Some(most)) = (self.at(*step), most.most)
                && *passed >= most
            {
                let error = JourneyError::Expired {
                    offer: declared.name.clone(),
                    valid,
                    passed: *passed,
                };
                problems.push(error.at(at));
            }
        }
        for ((step, offer), issued) in &seen.awaited {
            if *issued || self.is_issued_elsewhere(*offer) {
                continue;
            }
            if let (Some(at), Some(declared)) = (self.at(*step), self.program.offer(*offer)) {
                let offer = declared.name.clone();
                problems.push(JourneyError::NotIssued { offer }.at(at));
            }
        }
        for (step, capped) in steps(&seen.capped) {
            let Cap::Stops(capped) = capped else { continue };
            if let (Some(at), Some(first)) = (self.at(step), self.at(capped.by)) {
                let error = JourneyError::AlwaysCapped {
                    within: capped.within,
                    at_most: capped.at_most,
                    per: capped.per,
                    first,
                };
                problems.push(error.at(at));
            }
        }
    }

    fn is_issued_elsewhere(&self, offer: OfferIx) -> bool {
        let carries = |step: &ir::Step| paths::offers(&step.kind).any(|it| it == offer);
        let mut others = self.program.journeys.iter();
        others.any(|it| it.name != self.journey.name && it.steps.iter().any(carries))
    }

    /// Whether somebody can go this way, for certain. Conditions that may have changed their answer on the way, or that
    /// cannot be looked into, make it uncertain.
    fn can_be(&self, path: &Path, budget: &mut Budget) -> bool {
        let place = Place {
            program: self.program,
            registers: &self.journey.registers,
        };
        let entry = way::entry(place, self.journey);
        let mut holds: Vec<Node> = entry;
        let mut fails: Vec<Node> = Vec::new();
        let (mut changed, mut raced) = (false, false);
        let started = match &self.journey.entry {
            ir::Entry::When { trigger, .. } => reads::of_trigger(self.program, trigger),
            ir::Entry::Schedule { .. } => BTreeSet::new(),
        };
        for stop in &path.stops {
            match self.kind(stop) {
                Some(StepKind::Set { .. } | StepKind::Tag { .. }) => changed = true,
                Some(StepKind::Ask { .. } | StepKind::Repeat { .. }) => {
                    (changed, raced) = (true, true);
                }
                Some(StepKind::Race { arms, .. }) => {
                    raced = true;
                    if let Way::Arm(at) = stop.way {
                        holds.extend(arms.get(at).and_then(|it| filter(&it.trigger)));
                    }
                }
                Some(StepKind::Branch { arms, .. }) => {
                    let asked = reads::of(self.program, arms.iter().map(|it| it.0));
                    let known = asked.events.iter().any(|it| started.contains(it));
                    if changed || known || (raced && asked.past) {
                        return false;
                    }
                    for (at, (condition, _)) in arms.iter().enumerate() {
                        if stop.way == Way::Arm(at) {
                            holds.push((*condition, None));
                            break;
                        }
                        fails.push((*condition, None));
                    }
                }
                _ => {}
            }
        }
        let roots: Vec<Node> = holds.iter().chain(&fails).copied().collect();
        if fails.is_empty() && holds.is_empty() {
            return true;
        }
        let Some(cells) = Cells::of(place, &roots, roots.len(), budget) else {
            return false;
        };
        let mut people = cells.holding_all(&holds);
        for node in fails {
            people.keep(&cells.failing(node));
        }
        !people.is_empty()
    }
}

const fn filter(trigger: &Trigger) -> Option<Node> {
    match trigger {
        Trigger::Event {
            event,
            filter: Some(filter),
        } => Some((*filter, Some(*event))),
        _ => None,
    }
}
