//! What a simulation comes to, in numbers. Tallies of different people add up in any order.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use jiff::tz::TimeZone;
use journey_engine::program::Name;
use journey_engine::view::Membership;
use journey_engine::{Claim, Claimed, Contact, Happening, Place, Program, RunId, What};
use journey_ir::{Channel, Instant};

use super::reason::Reason;

/// A day on the project's calendar, counted from 1970.
pub(crate) type Day = i32;

/// How many people got so many messages: none, one, two, three to five, six and more.
pub(crate) const GROUPS: usize = 5;

/// All numbers.
#[derive(Debug)]
pub(crate) struct Tally {
    calendar: Calendar,
    /// People of whom anything is known.
    pub(crate) people: u64,
    /// Things that happened and were acted upon.
    pub(crate) taken: u64,
    /// Repeats.
    pub(crate) repeats: u64,
    /// Events that nothing mentions, of people nobody knows.
    pub(crate) passed_over: u64,
    pub(crate) journeys: BTreeMap<Name, JourneyTally>,
    /// Messages by day and channel.
    pub(crate) days: BTreeMap<Day, BTreeMap<Channel, u64>>,
    /// How many people got so many messages.
    pub(crate) per_person: [u64; GROUPS],
    /// Who got most messages, and how many; of several the first by name.
    pub(crate) most: Option<(u64, String)>,
    /// Prizes of which there are only so many, by draw.
    pub(crate) prizes: BTreeMap<Claimed, Drawn>,
    /// Segments and audiences by name; stages by lifecycle and stage.
    pub(crate) segments: BTreeMap<Name, Flow>,
    pub(crate) stages: BTreeMap<(Name, Name), Flow>,
}

/// The numbers of one journey.
#[derive(Debug, Default)]
pub(crate) struct JourneyTally {
    pub(crate) entered: u64,
    pub(crate) refused: BTreeMap<Reason, u64>,
    /// How runs ended, and at which step they stood then; those that have not ended are among them.
    pub(crate) left: BTreeMap<(Reason, Option<Name>), u64>,
    /// Goals reached, also after the run's end.
    pub(crate) goals: u64,
    /// How long each took, in milliseconds.
    pub(crate) goal_times: Vec<i64>,
    pub(crate) messages: BTreeMap<(Channel, Name), u64>,
    pub(crate) days: BTreeMap<Day, u64>,
    /// Sends that were skipped.
    pub(crate) skipped: u64,
    /// Why; a send that tried several messages counts once under each reason.
    pub(crate) reasons: BTreeMap<Reason, u64>,
    /// How often sends were held back.
    pub(crate) held: BTreeMap<Reason, u64>,
    /// Arms of experiments, and what came out of draws.
    pub(crate) arms: BTreeMap<(Name, Name), u64>,
    pub(crate) calls: BTreeMap<String, u64>,
    pub(crate) tasks: BTreeMap<String, u64>,
}

/// How often a prize or offer of which there is only so much was claimed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Drawn {
    /// And there was one left.
    pub(crate) granted: u64,
    /// And there was none.
    pub(crate) refused: u64,
}

/// How people come and go.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    pub(crate) at_end: u64,
    pub(crate) joined: u64,
    pub(crate) left: u64,
    /// By day: joined, left.
    pub(crate) days: BTreeMap<Day, (u64, u64)>,
}

/// What is remembered of one person while their life goes on.
#[derive(Debug, Default)]
pub(crate) struct Life {
    messages: u64,
    runs: Vec<Open>,
    stages: Vec<(Name, Name)>,
}

/// A run that has not ended, or that may still reach its goal.
#[derive(Debug)]
struct Open {
    id: RunId,
    entered_at: Instant,
    step: Option<Name>,
}

/// Days in the project's zone. All that were asked for are remembered, and the last one is looked at first.
#[derive(Debug, Clone)]
struct Calendar {
    zone: TimeZone,
    last: Lasts,
    /// In the order of time.
    known: Vec<Lasts>,
}

/// A day, and from when to when it is.
#[derive(Debug, Clone, Copy)]
struct Lasts {
    day: Day,
    from: Instant,
    to: Instant,
}

impl Calendar {
    fn new(zone: &str) -> Self {
        Self {
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            last: Lasts {
                day: 0,
                from: Instant::MAX,
                to: Instant::MIN,
            },
            known: Vec::new(),
        }
    }

    fn day(&mut self, at: Instant) -> Day {
        if !self.last.holds(at) {
            let next = self.known.partition_point(|it| it.to <= at);
            let known = self.known.get(next).filter(|it| it.holds(at));
            self.last = match known {
                Some(known) => *known,
                None => self.look_up(at, next).unwrap_or(self.last),
            };
        }
        self.last.day
    }

    fn look_up(&mut self, at: Instant, place: usize) -> Option<Lasts> {
        let at = jiff::Timestamp::from_millisecond(at).ok()?;
        let zoned = at.to_zoned(self.zone.clone());
        let tomorrow = zoned.tomorrow().and_then(|it| it.start_of_day()).ok()?;
        let day = Lasts {
            day: days_since_1970(zoned.date()),
            from: zoned.start_of_day().ok()?.timestamp().as_millisecond(),
            to: tomorrow.timestamp().as_millisecond(),
        };
        self.known.insert(place, day);
        Some(day)
    }
}

impl Lasts {
    fn holds(&self, at: Instant) -> bool {
        (self.from..self.to).contains(&at)
    }
}

fn days_since_1970(date: jiff::civil::Date) -> Day {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since(epoch).map_or(0, |it| it.get_days())
}

fn add<K: Ord>(to: &mut BTreeMap<K, u64>, key: K) {
    to.entry(key).or_default().add_assign(1);
}

fn merge<K: Ord>(to: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, count) in from {
        to.entry(key).or_default().add_assign(count);
    }
}

/// What is counted under a name.
fn named<'m, T: Default>(map: &'m mut BTreeMap<Name, T>, name: &Name) -> &'m mut T {
    map.entry(Name::clone(name)).or_default()
}

impl Tally {
    /// Nothing yet; every journey, segment and stage of the program is there.
    pub(super) fn new(program: &Program) -> Self {
        let ir = program.ir();
        let mut tally = Self {
            calendar: Calendar::new(&ir.project.timezone),
            people: 0,
            taken: 0,
            repeats: 0,
            passed_over: 0,
            journeys: BTreeMap::new(),
            days: BTreeMap::new(),
            per_person: [0; GROUPS],
            most: None,
            prizes: BTreeMap::new(),
            segments: BTreeMap::new(),
            stages: BTreeMap::new(),
        };
        for journey in &ir.journeys {
            named(&mut tally.journeys, &journey.name.as_str().into());
        }
        for segment in &ir.segments {
            named(&mut tally.segments, &segment.name.as_str().into());
        }
        for lifecycle in &ir.lifecycles {
            let name: Name = lifecycle.name.as_str().into();
            for stage in &lifecycle.stages {
                let key = (Name::clone(&name), stage.name.as_str().into());
                tally.stages.entry(key).or_default();
            }
        }
        tally
    }

    /// Several tallies put together.
    pub(super) fn merged(program: &Program, all: Vec<Self>) -> Self {
        let mut sum = Self::new(program);
        for one in all {
            sum.add(one);
        }
        sum
    }

    /// Ready to be told.
    pub(super) fn sorted(mut self) -> Self {
        for journey in self.journeys.values_mut() {
            journey.goal_times.sort_unstable();
        }
        self
    }

    fn add(&mut self, other: Self) {
        self.people += other.people;
        self.taken += other.taken;
        self.repeats += other.repeats;
        self.passed_over += other.passed_over;
        for (name, theirs) in other.journeys {
            self.journeys.entry(name).or_default().add(theirs);
        }
        for (day, channels) in other.days {
            merge(self.days.entry(day).or_default(), channels);
        }
        for (own, theirs) in self.per_person.iter_mut().zip(other.per_person) {
            *own += theirs;
        }
        if let Some((count, who)) = other.most {
            self.note_most(count, &who);
        }
        for (prize, drawn) in other.prizes {
            let own = self.prizes.entry(prize).or_default();
            own.granted += drawn.granted;
            own.refused += drawn.refused;
        }
        for (name, flow) in other.segments {
            self.segments.entry(name).or_default().add(flow);
        }
        for (key, flow) in other.stages {
            self.stages.entry(key).or_default().add(flow);
        }
    }

    /// All messages.
    pub(crate) fn messages(&self) -> u64 {
        self.days.values().flat_map(BTreeMap::values).sum()
    }

    /// Counts a prize or offer that was claimed.
    pub(super) fn drawn(&mut self, claim: &Claim, granted: bool) {
        let drawn = self.prizes.entry(claim.what.clone()).or_default();
        drawn.granted += u64::from(granted);
        drawn.refused += u64::from(!granted);
    }

    fn note_most(&mut self, count: u64, who: &str) {
        let beaten = self
            .most
            .as_ref()
            .is_none_or(|(most, name)| count > *most || (count == *most && who < name.as_str()));
        if count > 0 && beaten {
            self.most = Some((count, who.to_owned()));
        }
    }

    /// Counts one thing that happened to a person.
    pub(super) fn count(&mut self, happening: &Happening, life: &mut Life) {
        let at = happening.at;
        match &happening.what {
            What::Entered { journey, run } => {
                named(&mut self.journeys, journey).entered += 1;
                life.runs.push(Open {
                    id: *run,
                    entered_at: at,
                    step: None,
                });
            }
            What::NotEntered { journey, why } => {
                let journey = named(&mut self.journeys, journey);
                add(&mut journey.refused, Reason::of_refusal(*why));
            }
            What::Sent {
                place,
                channel,
                template,
            } => {
                life.stands(place);
                life.messages += 1;
                let day = self.calendar.day(at);
                add(self.days.entry(day).or_default(), *channel);
                let journey = named(&mut self.journeys, &place.journey);
                add(&mut journey.days, day);
                add(&mut journey.messages, (*channel, Name::clone(template)));
            }
            What::Skipped { place, tried } => {
                life.stands(place);
                let mut reasons: Vec<Reason> =
                    tried.iter().map(|it| Reason::of_skip(&it.why)).collect();
                reasons.sort_unstable();
                reasons.dedup();
                let journey = named(&mut self.journeys, &place.journey);
                journey.skipped += 1;
                for reason in reasons {
                    add(&mut journey.reasons, reason);
                }
            }
            What::Held { place, why, .. } => {
                life.stands(place);
                let journey = named(&mut self.journeys, &place.journey);
                add(&mut journey.held, Reason::of_hold(why));
            }
            What::Waiting { place, .. }
            | What::NotCalled { place, .. }
            | What::UsedUp { place, .. }
            | What::Answered { place, .. }
            | What::TimedOut { place }
            | What::Set { place, .. }
            | What::Tagged { place, .. }
            | What::Replied { place, .. }
            | What::Stopped { place } => life.stands(place),
            What::Called { place, action } => {
                life.stands(place);
                let journey = named(&mut self.journeys, &place.journey);
                add(&mut journey.calls, action.clone());
            }
            What::Assigned { place, to } => {
                life.stands(place);
                let journey = named(&mut self.journeys, &place.journey);
                add(&mut journey.tasks, to.clone());
            }
            What::Allotted {
                place,
                experiment,
                arm,
            } => {
                life.stands(place);
                let journey = named(&mut self.journeys, &place.journey);
                let arm = (Name::clone(experiment), Name::clone(arm));
                add(&mut journey.arms, arm);
            }
            What::Goal { journey, run, .. } => {
                let journey = named(&mut self.journeys, journey);
                journey.goals += 1;
                if let Some(open) = life.run(*run) {
                    journey.goal_times.push(at.saturating_sub(open.entered_at));
                }
            }
            What::Ended { journey, run, how } => {
                let step = life.run(*run).and_then(|it| it.step.clone());
                let journey = named(&mut self.journeys, journey);
                // Whoever took all steps left at no step in particular.
                let how = Reason::of_end(how);
                let step = step.filter(|_| how.code != "completed");
                add(&mut journey.left, (how, step));
            }
            What::Drew {
                place, draw, prize, ..
            } => {
                life.stands(place);
                let journey = named(&mut self.journeys, &place.journey);
                let arm = (Name::clone(draw), Name::clone(prize));
                add(&mut journey.arms, arm);
            }
            What::Joined { segment } => self.segment(segment, at, true),
            What::Listed { audience, joined } => self.segment(audience, at, *joined),
            What::Left { segment } => self.segment(segment, at, false),
            What::Became { lifecycle, stage } => self.stage(lifecycle, stage, at, life),
            _ => {}
        }
    }

    fn segment(&mut self, segment: &Name, at: Instant, joined: bool) {
        let day = self.calendar.day(at);
        named(&mut self.segments, segment).passes(day, joined);
    }

    fn stage(&mut self, lifecycle: &Name, stage: &Name, at: Instant, life: &mut Life) {
        let day = self.calendar.day(at);
        let to = |stage: &Name| (Name::clone(lifecycle), Name::clone(stage));
        let before = life.stages.iter_mut().find(|(it, _)| it == lifecycle);
        if let Some((_, before)) = before {
            let left = std::mem::replace(before, Name::clone(stage));
            self.stages.entry(to(&left)).or_default().passes(day, false);
        } else {
            life.stages.push(to(stage));
        }
        self.stages.entry(to(stage)).or_default().passes(day, true);
    }

    /// Counts where a person is at the end, and is ready for the next.
    pub(super) fn close(
        &mut self,
        program: &Program,
        contact: &Contact,
        name: &str,
        life: &mut Life,
    ) {
        self.people += 1;
        for membership in contact.memberships(program) {
            match membership {
                Membership::Segment(name) | Membership::Audience(name) => {
                    named(&mut self.segments, &name).at_end += 1;
                }
                Membership::Share(_) => {}
                Membership::Stage { lifecycle, stage } => {
                    self.stages.entry((lifecycle, stage)).or_default().at_end += 1;
                }
            }
        }
        for run in contact.runs(program) {
            if let Some(journey) = run.journey {
                let journey = named(&mut self.journeys, &journey);
                add(&mut journey.left, (Reason::INSIDE, run.step));
            }
        }
        let group = match life.messages {
            few @ 0..=2 => few as usize,
            3..=5 => 3,
            _ => 4,
        };
        if let Some(count) = self.per_person.get_mut(group) {
            *count += 1;
        }
        self.note_most(life.messages, name);
        life.messages = 0;
        life.runs.clear();
        life.stages.clear();
    }
}

impl Life {
    fn run(&self, id: RunId) -> Option<&Open> {
        self.runs.iter().rev().find(|it| it.id == id)
    }

    /// A run came to a step.
    fn stands(&mut self, place: &Place) {
        let run = self.runs.iter_mut().rev().find(|it| it.id == place.run);
        if let Some(run) = run {
            run.step = Some(Name::clone(&place.step));
        }
    }
}

impl JourneyTally {
    /// How many runs have not ended.
    pub(crate) fn inside(&self) -> u64 {
        self.ended_as("inside")
    }

    /// How many runs ended in a way.
    pub(crate) fn ended_as(&self, code: &str) -> u64 {
        let left = self.left.iter();
        left.filter(|((how, _), _)| how.code == code)
            .map(|(_, count)| count)
            .sum()
    }

    /// All messages.
    pub(crate) fn sent(&self) -> u64 {
        self.messages.values().sum()
    }

    /// The middle one of the times to the goal, in milliseconds; of two middle ones the shorter.
    pub(crate) fn median(&self) -> Option<i64> {
        let last = self.goal_times.len().checked_sub(1)?;
        self.goal_times.get(last / 2).copied()
    }

    fn add(&mut self, other: Self) {
        self.entered += other.entered;
        self.goals += other.goals;
        self.skipped += other.skipped;
        self.goal_times.extend(other.goal_times);
        merge(&mut self.refused, other.refused);
        merge(&mut self.left, other.left);
        merge(&mut self.messages, other.messages);
        merge(&mut self.days, other.days);
        merge(&mut self.reasons, other.reasons);
        merge(&mut self.held, other.held);
        merge(&mut self.arms, other.arms);
        merge(&mut self.calls, other.calls);
        merge(&mut self.tasks, other.tasks);
    }
}

impl Flow {
    fn passes(&mut self, day: Day, joined: bool) {
        let of_day = self.days.entry(day).or_default();
        if joined {
            self.joined += 1;
            of_day.0 += 1;
        } else {
            self.left += 1;
            of_day.1 += 1;
        }
    }

    fn add(&mut self, other: Self) {
        self.at_end += other.at_end;
        self.joined += other.joined;
        self.left += other.left;
        for (day, (joined, left)) in other.days {
            let own = self.days.entry(day).or_default();
            own.0 += joined;
            own.1 += left;
        }
    }
}
