//! Counts what happens while people live: each happening goes to the journey, segment or stage it names and to its day.
//! What comes out is a [`Tally`].

use std::collections::BTreeMap;
use std::ops::AddAssign;

use journey_engine::program::Name;
use journey_engine::view::Membership;
use journey_engine::{Claim, Contact, Happening, Program, RunId, What};
use journey_ir::{Channel, Instant};

use super::calendar::{ByDay, Calendar};
use super::named::Named;
use super::reason::Reason;
use super::tally::{Flow, JourneyTally, Tally, add};

/// Counts on top of a tally.
#[derive(Debug)]
pub(super) struct Counter {
    tally: Tally,
    calendar: Calendar,
    journeys: Named<OfJourney>,
    segments: Named<OfFlow>,
    /// By lifecycle and stage.
    stages: Named<Named<OfFlow>>,
    days: ByDay<BTreeMap<Channel, u64>>,
}

#[derive(Debug, Default)]
struct OfJourney {
    tally: JourneyTally,
    messages: Named<BTreeMap<Channel, u64>>,
    days: ByDay<u64>,
}

#[derive(Debug, Default)]
struct OfFlow {
    flow: Flow,
    days: ByDay<(u64, u64)>,
}

/// What is remembered of one person while their life goes on.
#[derive(Debug, Default)]
pub(super) struct Life {
    messages: u64,
    runs: Vec<Open>,
    /// The stage of each lifecycle.
    stages: Vec<(Name, Name)>,
}

/// A run that has not ended, or that may still reach its goal.
#[derive(Debug)]
struct Open {
    id: RunId,
    entered_at: Instant,
    step: Option<Name>,
}

impl Counter {
    pub(super) fn new(program: &Program, tally: Tally) -> Self {
        Self {
            tally,
            calendar: Calendar::new(&program.ir().project.timezone),
            journeys: Named::default(),
            segments: Named::default(),
            stages: Named::default(),
            days: ByDay::default(),
        }
    }

    /// What was there before, with all that was counted.
    pub(super) fn finish(self) -> Tally {
        let mut sum = self.tally;
        let mut counted = Tally::default();
        for (name, it) in self.journeys.into_all() {
            let mut journey = it.tally;
            journey.days = it.days.into_days(&self.calendar).collect();
            for (template, channels) in it.messages.into_all() {
                let of = |(channel, count)| ((channel, Name::clone(&template)), count);
                journey.messages.extend(channels.into_iter().map(of));
            }
            counted.journeys.insert(name, journey);
        }
        for (name, it) in self.segments.into_all() {
            counted.segments.insert(name, it.finish(&self.calendar));
        }
        for (lifecycle, stages) in self.stages.into_all() {
            for (stage, it) in stages.into_all() {
                let key = (Name::clone(&lifecycle), stage);
                counted.stages.insert(key, it.finish(&self.calendar));
            }
        }
        counted.days = self.days.into_days(&self.calendar).collect();
        sum.add(counted);
        sum
    }

    /// Counts something that happened and was acted upon.
    pub(super) const fn taken(&mut self) {
        self.tally.taken += 1;
    }

    /// Counts a repeat.
    pub(super) const fn repeated(&mut self) {
        self.tally.repeats += 1;
    }

    /// Counts an event that nothing mentions, of somebody nobody knows.
    pub(super) const fn passed_over(&mut self) {
        self.tally.passed_over += 1;
    }

    /// Counts a prize that was drawn.
    pub(super) fn drawn(&mut self, claim: &Claim, granted: bool) {
        self.tally.drawn(claim, granted);
    }

    /// Counts one thing that happened to a person.
    pub(super) fn count(&mut self, happening: Happening, life: &mut Life) {
        let Happening { at, what } = happening;
        match what {
            What::Entered { journey, run } => {
                self.journey(&journey, |it| it.entered += 1);
                life.runs.push(Open {
                    id: run,
                    entered_at: at,
                    step: None,
                });
            }
            What::NotEntered { journey, why } => {
                self.journey(&journey, |it| {
                    add(&mut it.refused, Reason::of_refusal(why));
                });
            }
            What::Sent {
                place,
                channel,
                template,
            } => {
                life.messages += 1;
                self.sent(&place.journey, channel, &template, at);
                life.stands(place.run, place.step);
            }
            What::Skipped { place, tried } => {
                life.stands(place.run, place.step);
                let mut reasons: Vec<Reason> =
                    tried.iter().map(|it| Reason::of_skip(&it.why)).collect();
                reasons.sort_unstable();
                reasons.dedup();
                self.journey(&place.journey, |it| {
                    it.skipped += 1;
                    for reason in reasons {
                        add(&mut it.reasons, reason);
                    }
                });
            }
            What::Held { place, why, .. } => {
                life.stands(place.run, place.step);
                self.journey(&place.journey, |it| {
                    add(&mut it.held, Reason::of_hold(&why));
                });
            }
            What::Waiting { place, .. }
            | What::NotCalled { place, .. }
            | What::UsedUp { place, .. }
            | What::Answered { place, .. }
            | What::TimedOut { place }
            | What::Set { place, .. }
            | What::Tagged { place, .. }
            | What::Replied { place, .. }
            | What::Stopped { place } => life.stands(place.run, place.step),
            What::Called { place, action } => {
                life.stands(place.run, place.step);
                self.journey(&place.journey, |it| add(&mut it.calls, action));
            }
            What::Assigned { place, to } => {
                life.stands(place.run, place.step);
                self.journey(&place.journey, |it| add(&mut it.tasks, to));
            }
            What::Allotted {
                place,
                experiment,
                arm,
            } => {
                life.stands(place.run, place.step);
                let arm = (experiment, arm);
                self.journey(&place.journey, |it| add(&mut it.arms, arm));
            }
            What::Goal { journey, run, .. } => {
                let entered = life.run(run).map(|it| it.entered_at);
                self.journey(&journey, |it| {
                    it.goals += 1;
                    it.goal_times
                        .extend(entered.map(|entered| at.saturating_sub(entered)));
                });
            }
            What::Ended { journey, run, how } => {
                let step = life.run(run).and_then(|it| it.step.clone());
                // Whoever took all steps left at no step in particular.
                let how = Reason::of_end(&how);
                let step = step.filter(|_| how.code != "completed");
                self.journey(&journey, |it| add(&mut it.left, (how, step)));
            }
            What::Drew {
                place, draw, prize, ..
            } => {
                life.stands(place.run, place.step);
                let arm = (draw, prize);
                self.journey(&place.journey, |it| add(&mut it.arms, arm));
            }
            What::Joined { segment } => self.segment(&segment, at, true),
            What::Listed { audience, joined } => self.segment(&audience, at, joined),
            What::Left { segment } => self.segment(&segment, at, false),
            What::Became { lifecycle, stage } => self.stage(&lifecycle, stage, at, life),
            _ => {}
        }
    }

    fn journey(&mut self, name: &Name, count: impl FnOnce(&mut JourneyTally)) {
        if let Some(journey) = self.journeys.of(name) {
            count(&mut journey.tally);
        }
    }

    fn sent(&mut self, journey: &Name, channel: Channel, template: &Name, at: Instant) {
        let day = self.calendar.number(at);
        if let Some(of_day) = self.days.on(day) {
            add(of_day, channel);
        }
        let Some(journey) = self.journeys.of(journey) else {
            return;
        };
        if let Some(of_day) = journey.days.on(day) {
            of_day.add_assign(1);
        }
        if let Some(channels) = journey.messages.of(template) {
            add(channels, channel);
        }
    }

    fn segment(&mut self, segment: &Name, at: Instant, joined: bool) {
        let day = self.calendar.number(at);
        if let Some(flow) = self.segments.of(segment) {
            flow.passes(day, joined);
        }
    }

    fn stage(&mut self, lifecycle: &Name, stage: Name, at: Instant, life: &mut Life) {
        let day = self.calendar.number(at);
        let Some(stages) = self.stages.of(lifecycle) else {
            return;
        };
        if let Some(flow) = stages.of(&stage) {
            flow.passes(day, true);
        }
        let before = life.stages.iter_mut().find(|(it, _)| it == lifecycle);
        let Some((_, before)) = before else {
            return life.stages.push((Name::clone(lifecycle), stage));
        };
        let left = std::mem::replace(before, stage);
        if let Some(flow) = stages.of(&left) {
            flow.passes(day, false);
        }
    }

    /// Counts where a person is at the end, and is ready for the next.
    pub(super) fn close(
        &mut self,
        program: &Program,
        contact: &Contact,
        name: &str,
        life: &mut Life,
    ) {
        self.tally.people += 1;
        for membership in contact.memberships(program) {
            let flow = match membership {
                Membership::Segment(name) | Membership::Audience(name) => self.segments.of(&name),
                Membership::Share(_) => None,
                Membership::Stage { lifecycle, stage } => {
                    let stages = self.stages.of(&lifecycle);
                    stages.and_then(|it| it.of(&stage))
                }
            };
            if let Some(flow) = flow {
                flow.flow.at_end += 1;
            }
        }
        for run in contact.runs(program) {
            if let Some(journey) = run.journey {
                let left = (Reason::INSIDE, run.step);
                self.journey(&journey, |it| add(&mut it.left, left));
            }
        }
        self.tally.person(life.messages, name);
        life.messages = 0;
        life.runs.clear();
        life.stages.clear();
    }
}

impl OfFlow {
    fn passes(&mut self, day: usize, joined: bool) {
        let (own, of_day) = (&mut self.flow, self.days.on(day));
        if joined {
            own.joined += 1;
        } else {
            own.left += 1;
        }
        if let Some(of_day) = of_day {
            of_day.0 += u64::from(joined);
            of_day.1 += u64::from(!joined);
        }
    }

    fn finish(self, calendar: &Calendar) -> Flow {
        Flow {
            days: self.days.into_days(calendar).collect(),
            ..self.flow
        }
    }
}

impl Life {
    fn run(&self, id: RunId) -> Option<&Open> {
        self.runs.iter().rev().find(|it| it.id == id)
    }

    /// A run came to a step.
    fn stands(&mut self, run: RunId, step: Name) {
        let run = self.runs.iter_mut().rev().find(|it| it.id == run);
        if let Some(run) = run {
            run.step = Some(step);
        }
    }
}
