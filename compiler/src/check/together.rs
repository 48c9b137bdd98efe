//! Journeys side by side: how many messages they can have for one person at the same time, whom a cap then drops, and
//! what the end of the quiet hours lets go all at once.
//!
//! Comes in: all journeys. Each is looked at once, and then taken into a group as long as there is still a person who
//! can be in all of the group; the work grows with the number of journeys, not with that of their pairs.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::time::{DAY, MINUTE, Schedule};
use journey_ir::{
    Channel, Clock, Entry, Journey, JourneyIx, PolicyRule, Program, Purpose, Then, Trigger,
};

use super::cells::{Budget, Place};
use super::journey_error::JourneyError;
use super::paths::{self, concerns, is_silenced};
use super::people::{self, Wanted};
use super::span::Length;
use super::{reads, way};
use crate::places::Places;
use crate::problem::{Problems, Text};

/// How many journeys are looked for, unless a cap lets more through.
const ENOUGH: usize = 6;
/// How many messages at once are many.
const MANY: usize = 3;
/// How many days of schedules are laid beside each other.
const TIMELINE: i64 = 400;

/// What a rule looks at.
#[derive(Clone, Copy)]
struct Looked<'p> {
    purpose: Option<Purpose>,
    except: &'p [Channel],
    /// Milliseconds within which messages meet.
    window: i64,
}

/// A journey that may send such a message.
struct Sender {
    at: JourneyIx,
    priority: u8,
    /// The earliest times of its messages since the entry.
    times: BTreeSet<i64>,
}

/// Reports caps that drop messages by chance, and quiet hours that end with many messages at once.
pub(super) fn check(
    program: &Program,
    places: &Places,
    budget: &mut Budget,
    problems: &mut Problems,
) {
    for (policy, written) in program.policies.iter().enumerate() {
        // One cap shows what the others of the policy would say again.
        let mut told = false;
        for (rule, of) in written.rules.iter().enumerate() {
            let Some(at) = places.rule(policy, rule) else {
                continue;
            };
            let error = match of {
                PolicyRule::Cap {
                    at_most,
                    purpose,
                    per,
                    then: Then::Skip,
                } if !told => dropped(program, (*at_most, *purpose, *per), places, budget),
                PolicyRule::Quiet {
                    purpose,
                    from,
                    to,
                    except,
                    then: Then::Wait,
                    ..
                } => bunched(program, *purpose, (*from, *to), except, places, budget),
                PolicyRule::Cap { .. } | PolicyRule::Quiet { .. } | PolicyRule::HoldOut { .. } => {
                    None
                }
            };
            if let Some(error) = error {
                told |= matches!(error, JourneyError::Dropped { .. });
                problems.push(error.at(at));
            }
        }
    }
}

fn dropped(
    program: &Program,
    (at_most, purpose, per): (u32, Option<Purpose>, ir::Span),
    places: &Places,
    budget: &mut Budget,
) -> Option<JourneyError> {
    let looked = Looked {
        purpose,
        except: &[],
        window: Length::of(per).least,
    };
    let mut levels: BTreeMap<u8, Vec<Sender>> = BTreeMap::new();
    for sender in senders(program, looked) {
        levels.entry(sender.priority).or_default().push(sender);
    }
    // Journeys of different priority are not dropped by chance.
    levels.into_values().rev().find_map(|level| {
        let near = near(program, level, looked.window);
        let enough = (at_most as usize).saturating_add(1).max(ENOUGH);
        let (group, person) = group(program, &near, enough, budget)?;
        let counts = most_due(program, &group, looked, at_most as usize);
        // What one run alone sends too much is told where that run sends it.
        let several = group.len() > 1 || counts.iter().any(|it| *it > at_most as usize);
        let total: usize = counts.iter().sum();
        (several && total > at_most as usize).then(|| JourneyError::Dropped {
            at_most,
            per,
            journeys: named(program, places, &group),
            counts,
            person,
        })
    })
}

fn bunched(
    program: &Program,
    purpose: Option<Purpose>,
    (from, to): (Clock, Clock),
    except: &[Channel],
    places: &Places,
    budget: &mut Budget,
) -> Option<JourneyError> {
    let looked = Looked {
        purpose,
        except,
        window: paths::minutes(from, to) * MINUTE,
    };
    let rules = program.policies.iter().flat_map(|it| &it.rules);
    let cap = rules
        .filter_map(|rule| match rule {
            PolicyRule::Cap {
                at_most,
                purpose: of,
                ..
            } if of.is_none() || *of == purpose => Some(*at_most as usize),
            _ => None,
        })
        .min();
    if cap.is_some_and(|cap| cap < MANY) {
        return None;
    }
    // A schedule has its own clock time, and is not held if that is by day.
    let by_event = |it: &Sender| {
        let journey = program.journey(it.at);
        journey.is_some_and(|it| matches!(it.entry, Entry::When { .. }))
    };
    let senders: Vec<Sender> = senders(program, looked)
        .into_iter()
        .filter(by_event)
        .collect();
    let near = near(program, senders, looked.window);
    let (group, person) = group(program, &near, ENOUGH, budget)?;
    let together = group.len().min(cap.unwrap_or(usize::MAX));
    (together >= MANY).then(|| JourneyError::Bunched {
        together,
        at: to,
        journeys: named(program, places, &group),
        person,
    })
}

fn named(
    program: &Program,
    places: &Places,
    group: &[JourneyIx],
) -> Vec<(String, crate::problem::Location)> {
    let names = group.iter().filter_map(|it| {
        let journey = program.journey(*it)?;
        Some((journey.name.clone(), places.journey(*it)?.name))
    });
    names.collect()
}

fn senders(program: &Program, looked: Looked<'_>) -> Vec<Sender> {
    let counts = |it: &ir::MessageIx| {
        let message = program.message(*it);
        message.is_some_and(|it| {
            concerns(looked.purpose, it.purpose) && is_silenced(looked.except, it.channel)
        })
    };
    let all = program.journeys.iter().enumerate();
    all.filter_map(|(at, journey)| {
        let mut times = BTreeSet::new();
        paths::each(program, journey, |path| {
            let sends = path.sends(journey);
            let counted = sends.filter(|(_, _, candidates)| candidates.iter().any(counts));
            times.extend(counted.map(|(_, stop, _)| stop.reached.least));
        });
        (!times.is_empty()).then_some(Sender {
            at: JourneyIx(at as u32),
            priority: journey.priority,
            times,
        })
    })
    .collect()
}

/// The most journeys whose messages can meet: those that events start, with one entry at the same time, and those of
/// schedules as the calendar has them.
fn near(program: &Program, senders: Vec<Sender>, window: i64) -> Vec<JourneyIx> {
    let (mut free, mut fixed) = (Vec::new(), Vec::new());
    for sender in senders {
        let Some(journey) = program.journey(sender.at) else {
            continue;
        };
        match &journey.entry {
            Entry::When { .. } => free.extend(sender.times.iter().map(|it| (*it, sender.at))),
            Entry::Schedule { schedule, .. } => {
                // The first message is enough to meet others.
                let first = sender.times.first().copied().unwrap_or(0);
                let entries = occurrences(schedule);
                fixed.extend(entries.into_iter().map(|it| (it + first, sender.at)));
            }
        }
    }
    let mut near = meeting(free, window);
    near.extend(meeting(fixed, window));
    near
}

/// The most different journeys with a time in one stretch that is shorter than `window`.
fn meeting(mut times: Vec<(i64, JourneyIx)>, window: i64) -> Vec<JourneyIx> {
    times.sort_unstable();
    let mut inside: BTreeMap<JourneyIx, usize> = BTreeMap::new();
    let mut best: Vec<JourneyIx> = Vec::new();
    let mut from = 0;
    for (at, journey) in &times {
        *inside.entry(*journey).or_default() += 1;
        while let Some((_, gone)) = times.get(from).filter(|it| at - it.0 >= window) {
            if let Some(n) = inside.get_mut(gone) {
                *n -= 1;
                if *n == 0 {
                    inside.remove(gone);
                }
            }
            from += 1;
        }
        if inside.len() > best.len() {
            best = inside.keys().copied().collect();
        }
    }
    best
}

/// How many messages each journey of a group has for one person, in the stretch in which they are most together. Only
/// what every run sends is counted twice, so that nobody has to go two ways at once. Those of schedules lie as the
/// calendar has them; what events start may happen at any time beside them.
fn most_due(
    program: &Program,
    group: &[JourneyIx],
    looked: Looked<'_>,
    at_most: usize,
) -> Vec<usize> {
    let timed: Vec<Timed> = group
        .iter()
        .map(|at| Timed::of(program, *at, looked))
        .collect();
    let best = |scheduled: bool| -> Vec<usize> {
        let these = || timed.iter().filter(|it| it.scheduled == scheduled);
        let starts: BTreeSet<i64> = these()
            .flat_map(|it| it.sure.iter().chain(&it.some).copied())
            .collect();
        let counts = |start: i64| -> Vec<usize> {
            let window = start..start.saturating_add(looked.window);
            these().map(|it| it.within(&window)).collect()
        };
        let all = starts.into_iter().map(counts);
        all.max_by_key(|it| it.iter().sum::<usize>())
            .unwrap_or_default()
    };
    let (mut free, mut fixed) = (best(false).into_iter(), best(true).into_iter());
    let counts = timed.iter().map(|it| {
        if it.scheduled {
            fixed.next().unwrap_or(1)
        } else {
            free.next().unwrap_or(1).min(at_most)
        }
    });
    counts.collect()
}

/// When a journey sends what a rule looks at.
struct Timed {
    /// Whether its times are of the calendar, and not since the entry.
    scheduled: bool,
    /// What every run sends, in order.
    sure: Vec<i64>,
    /// What some run sends.
    some: BTreeSet<i64>,
}

impl Timed {
    fn of(program: &Program, at: JourneyIx, looked: Looked<'_>) -> Self {
        let mut timed = Self {
            scheduled: false,
            sure: Vec::new(),
            some: BTreeSet::new(),
        };
        let Some(journey) = program.journey(at) else {
            return timed;
        };
        let counts = |it: &ir::MessageIx| {
            let message = program.message(*it);
            message.is_some_and(|it| concerns(looked.purpose, it.purpose))
        };
        let mut first = true;
        paths::each(program, journey, |path| {
            let straight = path.stops.iter().take_while(|stop| {
                let step = journey.steps.get(stop.step.at());
                step.is_some_and(|it| goes_straight_on(&it.kind))
            });
            let straight = straight.count();
            for (nth, stop, candidates) in path.sends(journey) {
                if first && nth < straight && candidates.iter().all(counts) {
                    timed.sure.push(stop.reached.least);
                }
                if candidates.iter().any(counts) {
                    timed.some.insert(stop.reached.least);
                }
            }
            first = false;
        });
        if let Entry::Schedule { schedule, .. } = &journey.entry {
            timed.scheduled = true;
            let mut entries = occurrences(schedule);
            let again = journey.reenter == ir::journey::Reenter::AnyTime;
            if !again || journey.ends.is_some() {
                entries.truncate(1);
            }
            let sure = std::mem::take(&mut timed.sure);
            let first = std::mem::take(&mut timed.some).pop_first();
            for entry in entries {
                timed.sure.extend(sure.iter().map(|it| entry + it));
                timed.some.extend(first.map(|it| entry + it));
            }
            timed.sure.sort_unstable();
        }
        timed
    }

    /// How many of them fall into a stretch.
    fn within(&self, window: &std::ops::Range<i64>) -> usize {
        let sure = self.sure.iter().filter(|it| window.contains(it)).count();
        let some = self.some.iter().any(|it| window.contains(it));
        sure.max(usize::from(some))
    }
}

/// Whether everyone who comes to a step goes on to the same one.
const fn goes_straight_on(kind: &ir::StepKind) -> bool {
    use ir::StepKind as Kind;
    matches!(
        kind,
        Kind::Send { .. }
            | Kind::Wait { .. }
            | Kind::Do { .. }
            | Kind::Assign { .. }
            | Kind::Set { .. }
            | Kind::Remember { .. }
            | Kind::Tag { .. }
    )
}

/// When a schedule comes, in milliseconds of local time since 1970, over a bit more than a year.
fn occurrences(schedule: &Schedule) -> Vec<i64> {
    // 1 January 2026, a Thursday: any year shows which weekdays and days of the month meet.
    const START: i64 = 20_454;
    let clock = |day: i64, at: Clock| day * DAY + i64::from(at.0) * MINUTE;
    match schedule {
        Schedule::Once { on, at } => vec![clock(i64::from(on.0), *at)],
        // Each person has their own day.
        Schedule::Cron(_) | Schedule::Attribute { .. } => Vec::new(),
        Schedule::Daily { at } => (START..START + TIMELINE)
            .map(|day| clock(day, *at))
            .collect(),
        Schedule::Weekly { on, at } => (START..START + TIMELINE)
            .filter(|day| on.iter().any(|it| *it as i64 == weekday(*day)))
            .map(|day| clock(day, *at))
            .collect(),
        Schedule::Monthly { on, at } => (START..START + TIMELINE)
            .filter(|day| is_day(*on, *day))
            .map(|day| clock(day, *at))
            .collect(),
    }
}

/// The day of the week, 0 for Monday; 1 January 1970 was a Thursday.
const fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

fn is_day(on: ir::time::MonthDay, day: i64) -> bool {
    use ir::time::MonthDay;
    let epoch = jiff::civil::Date::constant(1970, 1, 1);
    let Ok(date) = jiff::Span::new()
        .try_days(day)
        .and_then(|it| epoch.checked_add(it))
    else {
        return false;
    };
    let (of_month, last) = (i64::from(date.day()), i64::from(date.days_in_month()));
    match on {
        MonthDay::Last => of_month == last,
        MonthDay::Day(day) => of_month == i64::from(day),
        MonthDay::Nth {
            n,
            from_end,
            weekday: on,
        } => {
            let from_start = (of_month - 1) / 7 + 1;
            let to_end = (last - of_month) / 7 + 1;
            let nth = if from_end { to_end } else { from_start };
            weekday(day) == on as i64 && nth == i64::from(n)
        }
    }
}

/// Journeys of which one person can be in all, and such a person.
fn group(
    program: &Program,
    near: &[JourneyIx],
    enough: usize,
    budget: &mut Budget,
) -> Option<(Vec<JourneyIx>, Text)> {
    let mut wanted = Wanted::default();
    let mut group: Vec<JourneyIx> = Vec::new();
    let mut found = None;
    for at in near {
        if group.len() == enough {
            break;
        }
        let Some(journey) = program.journey(*at) else {
            continue;
        };
        let shut = |other: &JourneyIx| {
            let other = program.journey(*other);
            other.is_some_and(|other| exclude(program, journey, other))
        };
        if group.iter().any(shut) {
            continue;
        }
        let Some(more) = with(program, &wanted, journey) else {
            continue;
        };
        if let Some(person) = people::find(program, &more, budget) {
            group.push(*at);
            (wanted, found) = (more, Some(person));
        }
    }
    Some((group, found?))
}

/// Whether what starts one journey ends the other.
fn exclude(program: &Program, one: &Journey, other: &Journey) -> bool {
    let starts_end = |one: &Journey, other: &Journey| match &one.entry {
        Entry::When {
            trigger: Trigger::Event { event, .. },
            ..
        } => reads::ends(program, other, *event),
        Entry::When { trigger, .. } => other.exits.iter().any(|it| it.trigger == *trigger),
        Entry::Schedule { .. } => false,
    };
    starts_end(one, other) || starts_end(other, one)
}

/// What a person has who can enter one journey more; `None` where that is not looked into or cannot be.
fn with(program: &Program, wanted: &Wanted, journey: &Journey) -> Option<Wanted> {
    let mut more = wanted.clone();
    let place = Place {
        program,
        registers: &[],
    };
    more.conditions.extend(way::entry(place, journey));
    match &journey.entry {
        Entry::When { trigger, .. } => match trigger {
            Trigger::Event { event, .. } => {
                more.events.insert(*event);
            }
            Trigger::Joins(_) => {}
            Trigger::Becomes { lifecycle, stage } => {
                if *more.stages.entry(*lifecycle).or_insert(*stage) != *stage {
                    return None;
                }
            }
            Trigger::Leaves(_) | Trigger::Changes { .. } => return None,
        },
        Entry::Schedule { .. } => {}
        #[allow(
            unreachable_patterns,
            reason = "a person who is let in by other means is not looked into"
        )]
        _ => return None,
    }
    Some(more)
}
