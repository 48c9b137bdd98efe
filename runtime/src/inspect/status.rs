//! How the daemon stands: contacts, runs per journey and step, the outbox, what is due, what was rejected. Read from the
//! counters, so that it costs the same with a hundred contacts and with a million.

use std::collections::BTreeMap;
use std::fmt;

use jiff::tz::TimeZone;
use journey_ir::Instant;
use serde::Serialize;

use super::table::{Table, bar, local_time};
use crate::process::{Progress, progress};
use crate::store::spool::Undecided;
use crate::store::{self, Error, Read, TallyKey};

/// How many due contacts are counted before "or more" is said.
const DUE_COUNTED: usize = 100_000;

/// The width of the longest bar, in columns.
const BAR: usize = 24;

/// How the daemon stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// How many contacts there are.
    pub contacts: i64,
    /// How many of them are counted under the program that was deployed last, while that is not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counting_again: Option<Progress>,
    /// Contacts per segment.
    pub segments: BTreeMap<String, i64>,
    /// Contacts per stage, by `lifecycle: stage`.
    pub stages: BTreeMap<String, i64>,
    /// The journeys.
    pub journeys: BTreeMap<String, JourneyLine>,
    /// What was acknowledged and is not decided, where there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undecided: Option<Undecided>,
    /// Effects by status.
    pub outbox: BTreeMap<&'static str, i64>,
    /// When the oldest pending effect became due.
    pub oldest_pending: Option<Instant>,
    /// How many contacts are due now.
    pub due: usize,
    /// When the next contact is due.
    pub next_wake: Option<Instant>,
    /// The number of the last rejected item: how many there ever were.
    pub rejected: i64,
    /// KPIs whose newest result is not what it is to be, with that result.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub off_target: BTreeMap<String, String>,
}

/// The journeys by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Journeys(pub BTreeMap<String, JourneyLine>);

/// One journey.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JourneyLine {
    /// Runs that started.
    pub entered: i64,
    /// Runs that reached the goal.
    pub goal: i64,
    /// Runs that took all their steps.
    pub completed: i64,
    /// Runs that ended otherwise, by reason.
    pub exited: BTreeMap<String, i64>,
    /// Messages handed over for sending, by channel and template.
    pub sent: BTreeMap<String, i64>,
    /// Messages not sent, by template and reason.
    pub skipped: BTreeMap<String, i64>,
    /// Calls by connector and action.
    pub called: BTreeMap<String, i64>,
    /// Tasks by who got them.
    pub assigned: BTreeMap<String, i64>,
    /// Where active runs stand.
    pub inside: Vec<StepLine>,
}

/// Runs at one step of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepLine {
    /// The version.
    pub version: String,
    /// The step.
    pub step: String,
    /// How many runs stand there.
    pub runs: i64,
}

/// Reads how a store stands at an instant. What is not decided yet is not in the store.
pub fn status(store: &mut impl Read, now: Instant) -> Result<Status, Error> {
    let mut status = Status {
        oldest_pending: store.oldest_pending()?,
        due: store.count_due(now, DUE_COUNTED)?,
        next_wake: store.next_wake()?,
        counting_again: progress(store)?,
        rejected: store.rejected(None, 1)?.first().map_or(0, |one| one.number),
        ..Status::default()
    };
    for (key, n) in store.tallies()? {
        let detail = key.detail.to_string();
        if key.journey.is_empty() {
            match &*key.what {
                "contacts" => status.contacts = n,
                "segment" => drop(status.segments.insert(detail, n)),
                "stage" => drop(status.stages.insert(detail, n)),
                "outbox" => {
                    let known = detail.parse().ok().and_then(store::Status::from_number);
                    if let Some(known) = known {
                        status.outbox.insert(known.word(), n);
                    }
                }
                _ => {}
            }
            continue;
        }
        add_to_journey(&mut status.journeys, &key, n);
    }
    status.off_target = off_target(store)?;
    Ok(status)
}

/// Reads what happened in the journeys of a store.
pub fn journeys(store: &mut impl Read) -> Result<Journeys, Error> {
    let mut journeys = Journeys::default();
    for (key, n) in store.tallies()? {
        if !key.journey.is_empty() {
            add_to_journey(&mut journeys.0, &key, n);
        }
    }
    Ok(journeys)
}

/// KPIs that miss their target, where a program has run here and can be read.
fn off_target(store: &mut impl Read) -> Result<BTreeMap<String, String>, Error> {
    let Ok(program) = crate::process::last_program(store) else {
        return Ok(BTreeMap::new());
    };
    let kpis = super::report(store, &program)?.kpis;
    let missed = kpis.into_iter().filter(|kpi| kpi.off_target);
    Ok(missed
        .filter_map(|kpi| {
            let last = kpi.results.last()?;
            let target = kpi.target.unwrap_or_default();
            Some((kpi.name, format!("{}, target {target}", last.share)))
        })
        .collect())
}

fn add_to_journey(journeys: &mut BTreeMap<String, JourneyLine>, key: &TallyKey, n: i64) {
    let detail = key.detail.to_string();
    let journey = journeys.entry(key.journey.to_string()).or_default();
    match &*key.what {
        "entered" => journey.entered += n,
        "goal" => journey.goal += n,
        "completed" => journey.completed += n,
        "exited" => *journey.exited.entry(detail).or_default() += n,
        "sent" => *journey.sent.entry(detail).or_default() += n,
        "skipped" => *journey.skipped.entry(detail).or_default() += n,
        "called" => *journey.called.entry(detail).or_default() += n,
        "assigned" => *journey.assigned.entry(detail).or_default() += n,
        "inside" => journey.inside.push(StepLine {
            version: key.version.to_string(),
            step: detail,
            runs: n,
        }),
        _ => {}
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: Instant| format!("{} UTC", local_time(at, &TimeZone::UTC));
        let mut head = Table::new(&["", ""]);
        head.row(["contacts".to_owned(), self.contacts.to_string()]);
        if let Some(Progress { done, total }) = self.counting_again {
            let far = format!(
                "{} of {total} since the last deploy",
                share(done as i64, total as i64)
            );
            head.row(["counted again".to_owned(), far]);
        }
        let next = match (self.due, self.next_wake) {
            (0, None) => "nothing waits for a time".to_owned(),
            (0, Some(at)) => format!("next {}", time(at)),
            (DUE_COUNTED.., _) => format!("{DUE_COUNTED} or more are due"),
            (n, _) => format!("{n} are due now"),
        };
        head.row(["wake-ups".to_owned(), next]);
        if let Some(Undecided { bytes, since }) = self.undecided {
            let waits = format!("{} KB, since {}", bytes.div_ceil(1_000), time(since));
            head.row(["to be decided".to_owned(), waits]);
        }
        head.row(["outbox".to_owned(), listed(self.outbox.iter())]);
        if let Some(at) = self.oldest_pending {
            head.row(["oldest pending".to_owned(), time(at)]);
        }
        head.row(["rejected items".to_owned(), self.rejected.to_string()]);
        for (kpi, result) in &self.off_target {
            head.row(["off target".to_owned(), format!("{kpi}: {result}")]);
        }
        write!(f, "{head}")?;

        let mut groups = Table::new(&["", "", ""]).numbers(&[1]);
        for (name, n) in self.stages.iter().chain(&self.segments) {
            groups.row([name.clone(), n.to_string(), bar(*n, self.contacts, BAR)]);
        }
        if !groups.is_empty() {
            write!(f, "\nWho is where\n{groups}")?;
        }
        write_journeys(f, &self.journeys)?;
        let mut steps = Table::new(&["Journey", "Stands at", "Runs"]).numbers(&[2]);
        for (name, journey) in &self.journeys {
            for step in &journey.inside {
                steps.row([name.clone(), step.step.clone(), step.runs.to_string()]);
            }
        }
        if !steps.is_empty() {
            write!(f, "\nWhere runs stand\n{steps}")?;
        }
        let mut messages = Table::new(&["Journey", "What", "Decided", "Not done"]).numbers(&[2, 3]);
        for (name, journey) in &self.journeys {
            let called = journey
                .called
                .iter()
                .map(|(what, n)| (format!("call {what}"), n));
            let assigned = journey
                .assigned
                .iter()
                .map(|(who, n)| (format!("task for {who}"), n));
            let sent = journey.sent.iter().map(|(what, n)| (what.clone(), n));
            for (what, n) in sent.chain(called).chain(assigned) {
                messages.row([name.clone(), what, n.to_string(), String::new()]);
            }
            for (message, n) in &journey.skipped {
                messages.row([name.clone(), message.clone(), String::new(), n.to_string()]);
            }
        }
        if !messages.is_empty() {
            write!(f, "\nMessages, calls and tasks\n{messages}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Journeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_journeys(f, &self.0)
    }
}

fn write_journeys(
    f: &mut fmt::Formatter<'_>,
    journeys: &BTreeMap<String, JourneyLine>,
) -> fmt::Result {
    let mut table = Table::new(&[
        "Journey",
        "Entered",
        "Inside",
        "Goal",
        "Completed",
        "Exited",
    ])
    .numbers(&[1, 2, 3, 4]);
    for (name, journey) in journeys {
        let inside: i64 = journey.inside.iter().map(|step| step.runs).sum();
        table.row([
            name.clone(),
            journey.entered.to_string(),
            inside.to_string(),
            share(journey.goal, journey.entered),
            journey.completed.to_string(),
            listed(journey.exited.iter()),
        ]);
    }
    if !table.is_empty() {
        write!(f, "\nJourneys\n{table}")?;
    }
    Ok(())
}

/// A number with its share of a whole: `12 (40 %)`.
fn share(part: i64, whole: i64) -> String {
    if part == 0 || whole <= 0 {
        return part.to_string();
    }
    format!("{part} ({} %)", part * 100 / whole)
}

fn listed<'a, K: fmt::Display + 'a>(counts: impl Iterator<Item = (K, &'a i64)>) -> String {
    let parts: Vec<String> = counts
        .map(|(name, n)| match name.to_string() {
            name if name.is_empty() => n.to_string(),
            name => format!("{n} {name}"),
        })
        .collect();
    if parts.is_empty() {
        "–".to_owned()
    } else {
        parts.join(", ")
    }
}
