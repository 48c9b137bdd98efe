//! What a simulation comes to, in numbers. Tallies of different people add up in any order.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use journey_engine::program::Name;
use journey_engine::{Claim, Claimed, Program};
use journey_ir::Channel;

use super::reason::Reason;

/// A day on the project's calendar, counted from 1970.
pub(crate) type Day = i32;

/// How many people got so many messages: none, one, two, three to five, six and more.
pub(crate) const GROUPS: usize = 5;

/// All numbers.
#[derive(Debug, Default)]
pub(crate) struct Tally {
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

/// Counts one more of something.
pub(super) fn add<K: Ord>(to: &mut BTreeMap<K, u64>, key: K) {
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
        let mut tally = Self::default();
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

    /// Adds another tally.
    pub(super) fn add(&mut self, other: Self) {
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

    /// Counts somebody who got so many messages.
    pub(super) fn person(&mut self, messages: u64, name: &str) {
        let group = match messages {
            few @ 0..=2 => few as usize,
            3..=5 => 3,
            _ => 4,
        };
        if let Some(count) = self.per_person.get_mut(group) {
            *count += 1;
        }
        self.note_most(messages, name);
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
