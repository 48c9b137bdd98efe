//! The most telling contacts: those to whom the most different things happened.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use journey_engine::{End, Happening, Item, Program, What};
use journey_ir::Instant;

use super::contact::fields_of;
use super::table::local_minute;
use crate::process::Line;
use crate::store::{ContactNo, Error, Read};

/// How many effects are looked through for people worth telling about.
const EFFECTS_LOOKED_AT: usize = 5_000;
/// How many people of each journey are read closely.
const CLOSE_READ: usize = 8;
/// How many records of one person are read.
const RECORDS: usize = 200;

/// What arrived, and what was made of it.
type Entry = (Option<Item>, Vec<Happening>);

/// What happened to one contact.
#[derive(Debug, Clone)]
pub struct Story {
    /// The contact's id.
    pub contact: String,
    /// What happened, oldest first.
    pub lines: Vec<(Instant, String)>,
}

/// The `most` most telling stories, each led by another journey where there are enough.
pub fn stories(store: &mut impl Read, program: &Program, most: usize) -> Result<Vec<Story>, Error> {
    let zone = TimeZone::get(&program.ir().project.timezone).unwrap_or(TimeZone::UTC);
    let mut told = Vec::new();
    for number in candidates(store)? {
        let Some(row) = store.load(&[number])?.into_iter().next() else {
            continue;
        };
        let history = history(store, &row)?;
        told.push((interest(&history), row.name, history));
    }
    told.sort_by(|a, b| b.0.score.cmp(&a.0.score).then_with(|| a.1.cmp(&b.1)));
    let mut chosen = Vec::new();
    let mut led_by = BTreeSet::new();
    for round in 0..2 {
        for (interest, name, history) in &told {
            let fresh = round == 1 || !led_by.contains(&interest.journey);
            let taken = chosen.iter().any(|story: &Story| story.contact == *name);
            if chosen.len() < most && fresh && !taken {
                led_by.insert(interest.journey.clone());
                chosen.push(Story {
                    contact: name.clone(),
                    lines: lines(history, program, &zone),
                });
            }
        }
    }
    Ok(chosen)
}

/// The contacts with the most different effects, those of every journey among them.
fn candidates(store: &mut impl Read) -> Result<Vec<ContactNo>, Error> {
    let mut kinds: BTreeMap<ContactNo, BTreeSet<(String, String)>> = BTreeMap::new();
    for kept in store.effects(0, None, None, EFFECTS_LOOKED_AT)? {
        let kind = (kept.effect.journey, kept.effect.step);
        kinds.entry(kept.effect.contact).or_default().insert(kind);
    }
    let mut of_journey: BTreeMap<&str, Vec<(usize, ContactNo)>> = BTreeMap::new();
    for (contact, kinds) in &kinds {
        let journeys: BTreeSet<&str> = kinds.iter().map(|(journey, _)| journey.as_str()).collect();
        for journey in journeys {
            of_journey
                .entry(journey)
                .or_default()
                .push((kinds.len(), *contact));
        }
    }
    let mut chosen = BTreeSet::new();
    for mut ranked in of_journey.into_values() {
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        chosen.extend(
            ranked
                .into_iter()
                .take(CLOSE_READ)
                .map(|(_, contact)| contact),
        );
    }
    Ok(chosen.into_iter().collect())
}

/// What arrived for a contact and what was made of it, oldest first.
fn history(store: &mut impl Read, row: &crate::store::ContactRow) -> Result<Vec<Entry>, Error> {
    let mut entries = store.history(row.last, RECORDS)?;
    entries.reverse();
    let lines = entries
        .iter()
        .filter_map(|entry| Line::decode(&entry.record.body));
    Ok(lines.map(|line| (line.item, line.happened)).collect())
}

struct Interest {
    score: usize,
    journey: String,
}

/// How much there is to tell: every kind of turn counts once, decisions more than arrivals, and a hand-over to
/// another system most of all.
fn interest(history: &[Entry]) -> Interest {
    let mut kinds = BTreeSet::new();
    let mut journeys: BTreeMap<String, usize> = BTreeMap::new();
    for happening in history.iter().flat_map(|(_, happened)| happened) {
        let Some((weight, kind, journey)) = turn(&happening.what) else {
            continue;
        };
        kinds.insert((weight, kind));
        *journeys.entry(journey).or_default() += weight;
    }
    let journey = journeys.into_iter().max_by_key(|(_, weight)| *weight);
    Interest {
        score: kinds.iter().map(|(weight, _)| weight).sum(),
        journey: journey.map(|(name, _)| name).unwrap_or_default(),
    }
}

/// The kind of turn something is, how much it weighs, and in which journey.
fn turn(what: &What) -> Option<(usize, String, String)> {
    let (weight, kind, journey) = match what {
        What::Entered { journey, .. } => (1, "entered", journey),
        What::Goal { journey, .. } => (4, "goal", journey),
        What::Answered { place, .. } => (4, "answered", &place.journey),
        What::TimedOut { place } => (2, "timed out", &place.journey),
        What::Held { place, .. } => (4, "held", &place.journey),
        What::Sent { place, .. } => (1, "sent", &place.journey),
        What::Skipped { place, .. } => (2, "skipped", &place.journey),
        What::Called { place, .. } => (20, "called", &place.journey),
        What::Assigned { place, .. } => (3, "assigned", &place.journey),
        What::Ended { journey, .. } => (1, "ended", journey),
        _ => return None,
    };
    Some((weight, format!("{kind} {journey}"), journey.to_string()))
}

fn lines(history: &[Entry], program: &Program, zone: &TimeZone) -> Vec<(Instant, String)> {
    let mut lines = Vec::new();
    for (item, happened) in history {
        if let Some(Item::Event(event)) = item
            && let Some(kind) = program.ir().event(event.kind)
        {
            let fields = fields_of(kind, &event.fields);
            let fields = if fields.is_empty() {
                fields
            } else {
                format!(" ({fields})")
            };
            lines.push((event.occurred_at, format!("did {}{fields}", kind.name)));
        }
        let told = happened.iter();
        lines.extend(told.filter_map(|one| Some((one.at, told_briefly(&one.what, zone)?))));
    }
    lines.sort_by_key(|(at, _)| *at);
    lines
}

/// The turns of a story, in fewer words than the full history has; `None` for what a story can do without.
fn told_briefly(what: &What, zone: &TimeZone) -> Option<String> {
    Some(match what {
        What::Became { lifecycle, stage } => format!("{lifecycle} becomes {stage}"),
        What::Joined { segment } => format!("joins {segment}"),
        What::Left { segment } => format!("leaves {segment}"),
        What::Entered { journey, .. } => format!("enters {journey}"),
        What::Sent {
            place,
            channel,
            template,
        } => format!("{} sends {channel} {template}", place.journey),
        What::Skipped { place, tried } => {
            let why: Vec<String> = tried
                .iter()
                .map(|one| format!("{} {} ({})", one.channel, one.template, one.why))
                .collect();
            format!("{} does not send {}", place.journey, why.join(", "))
        }
        What::Held { place, until, why } => {
            let until = local_minute(*until, zone);
            format!("{} holds its message until {until}: {why}", place.journey)
        }
        What::Called { place, action } => format!("{} calls {action}", place.journey),
        What::Assigned { place, to } => format!("{} gives {to} a task", place.journey),
        What::Answered { place, by } => format!("{} hears of {by} in time", place.journey),
        What::TimedOut { place } => format!("{} has waited long enough", place.journey),
        What::Goal { journey, .. } => format!("reaches the goal of {journey}"),
        What::Ended {
            how: End::Completed | End::Goal,
            ..
        } => return None,
        What::Ended { journey, how, .. } => format!("{journey} {how}"),
        What::Unsubscribed { .. } | What::Agreed { given: false, .. } | What::NotEntered { .. } => {
            what.sentence_in(zone)
        }
        _ => return None,
    })
}
