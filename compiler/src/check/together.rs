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
        (group.len() > at_most as usize).then(|| JourneyError::Dropped {
            at_most,
            per,
            journeys: named(program, places, &group),
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
