//! One contact: what is known, where its runs stand, what was sent, and everything that ever happened, with reasons.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use jiff::tz::TimeZone;
use journey_engine::view::{Membership, WaitsFor};
use journey_engine::{Contact, Item, Program, What};
use journey_ir::{self as ir, Instant, Value};
use serde::Serialize;

use super::outbox::what;
use super::table::{Table, local_time};
use crate::process::{Line, OpenError, is_behind};
use crate::store::{ContactNo, ContactRow, Error, ProgramNo, Read};

/// Everything about one contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactReport {
    /// Its id.
    pub id: String,
    /// Whether it was erased.
    pub erased: bool,
    /// Whether it is still to be counted again under the program that was deployed last: what is told of segments, stages
    /// and runs is as the program before it left them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub to_be_counted: bool,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// The segments it is in.
    pub segments: Vec<String>,
    /// The audiences in which advertising networks know it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// Its stage in each lifecycle.
    pub stages: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its consents: `marketing by email: yes`.
    pub consents: Vec<String>,
    /// Channels that are closed for it, with the reason.
    pub closed_channels: Vec<String>,
    /// Its active runs.
    pub runs: Vec<RunLine>,
    /// When it is looked at next, in milliseconds since 1970 UTC.
    pub next_wake: Option<Instant>,
    /// What was sent and done for it.
    pub effects: Vec<EffectLine>,
    /// What happened, the oldest first.
    pub history: Vec<StoryLine>,
    /// Whether there is older history than is shown.
    pub more_history: bool,
    #[serde(skip)]
    timezone: String,
}

/// One active run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunLine {
    /// The journey.
    pub journey: String,
    /// Since when.
    pub entered_at: Instant,
    /// The step where it stands.
    pub step: String,
    /// What it waits for.
    pub waits_for: &'static str,
    /// When it goes on by itself.
    pub due: Option<Instant>,
}

/// One effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectLine {
    /// When it was decided.
    pub at: Instant,
    /// The journey.
    pub journey: String,
    /// What it is: `email welcome`.
    pub what: String,
    /// What became of it.
    pub status: &'static str,
    /// What its receiver said.
    pub outcome: Option<String>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoryLine {
    /// When.
    pub at: Instant,
    /// What, in a sentence.
    pub what: String,
}

/// How many effects are shown.
const EFFECTS: usize = 1_000;

/// Reads everything about a contact; `None` where nobody has that id. `most` records of history are shown.
pub fn contact(
    store: &mut impl Read,
    program: &Program,
    id: &str,
    most: usize,
) -> Result<Option<ContactReport>, OpenError> {
    let Some(row) = find(store, id)? else {
        return Ok(None);
    };
    let contact =
        Contact::decode(&row.state, program).map_err(|error| Error::Database(error.to_string()))?;
    let mut report = ContactReport {
        id: row.name.clone(),
        erased: contact.is_erased(),
        to_be_counted: is_behind(store, &row)?,
        attributes: contact
            .attributes(program)
            .into_iter()
            .map(|(name, value)| (name.to_string(), words(&value)))
            .collect(),
        segments: Vec::new(),
        audiences: Vec::new(),
        stages: BTreeMap::new(),
        tags: contact.tags().iter().map(ToString::to_string).collect(),
        consents: consents(&contact, program),
        closed_channels: closed_channels(&contact),
        runs: runs(&contact, program),
        next_wake: contact.next_wake(),
        effects: effects(store, row.number)?,
        history: Vec::new(),
        more_history: false,
        timezone: program.ir().project.timezone.clone(),
    };
    for membership in contact.memberships(program) {
        match membership {
            Membership::Segment(name) => report.segments.push(name.to_string()),
            Membership::Stage { lifecycle, stage } => {
                report
                    .stages
                    .insert(lifecycle.to_string(), stage.to_string());
            }
            Membership::Audience(name) => report.audiences.push(name.to_string()),
            // Counting for a KPI says nothing about the person that a segment would not say better.
            Membership::Share(_) => {}
        }
    }
    story(store, &row, most, &mut report)?;
    Ok(Some(report))
}

/// By its id, or by the id of a device.
fn find(store: &mut impl Read, id: &str) -> Result<Option<ContactRow>, Error> {
    let anonymous = format!("{}{id}", journey_arrivals::ANONYMOUS);
    let found = store.find(&[id, &anonymous])?;
    let numbers: Vec<ContactNo> = found.into_iter().flatten().take(1).collect();
    Ok(store.load(&numbers)?.into_iter().next())
}

fn consents(contact: &Contact, program: &Program) -> Vec<String> {
    let consents = contact.consents(program).into_iter();
    let mut lines: Vec<String> = consents
        .map(|one| {
            let given = if one.given { "yes" } else { "no" };
            format!("{} by {}: {given}", one.consent, one.channel)
        })
        .collect();
    lines.sort_unstable();
    lines
}

fn closed_channels(contact: &Contact) -> Vec<String> {
    let unsubscribed = contact.unsubscribed().into_iter();
    let suppressed = contact.suppressed().iter();
    unsubscribed
        .map(|channel| format!("{channel}: unsubscribed from advertising"))
        .chain(suppressed.map(|(channel, reason)| format!("{channel}: {reason}")))
        .collect()
}

fn runs(contact: &Contact, program: &Program) -> Vec<RunLine> {
    let runs = contact.runs(program).into_iter();
    runs.map(|run| RunLine {
        journey: run
            .journey
            .map_or_else(|| "?".to_owned(), |n| n.to_string()),
        entered_at: run.entered_at,
        step: run.step.map_or_else(|| "?".to_owned(), |n| n.to_string()),
        waits_for: match run.waits_for {
            WaitsFor::Time => "a time",
            WaitsFor::Race => "an event, or a time",
            WaitsFor::Send(_) => "a time at which it may send",
            WaitsFor::Grant => "a prize to be granted",
            WaitsFor::Stopped => "nothing: it was stopped",
            WaitsFor::Version => "its version of the journey",
        },
        due: run.due,
    })
    .collect()
}

fn effects(store: &mut impl Read, contact: ContactNo) -> Result<Vec<EffectLine>, Error> {
    let kept = store.effects(0, None, Some(contact), EFFECTS)?;
    Ok(kept
        .into_iter()
        .map(|kept| EffectLine {
            at: kept.effect.decided_at,
            journey: kept.effect.journey,
            what: what(&kept.effect.body),
            status: kept.effect.status.word(),
            outcome: kept.outcome.filter(|outcome| !outcome.is_empty()),
        })
        .collect())
}

fn story(
    store: &mut impl Read,
    row: &ContactRow,
    most: usize,
    report: &mut ContactReport,
) -> Result<(), OpenError> {
    let mut entries = store.history(row.last, most.saturating_add(1))?;
    report.more_history = entries.len() > most;
    entries.truncate(most);
    let zone = &TimeZone::get(&report.timezone).unwrap_or(TimeZone::UTC);
    let mut schemas: BTreeMap<ProgramNo, ir::Schema> = BTreeMap::new();
    for kept in store.programs()? {
        let program = ir::Program::from_json(&kept.json)?;
        schemas.insert(kept.number, program.schema);
    }
    for entry in entries.into_iter().rev() {
        let Some(line) = Line::decode(&entry.record.body) else {
            continue;
        };
        let fields = match (&line.item, schemas.get(&entry.program)) {
            (Some(Item::Event(event)), Some(schema)) => schema
                .events
                .get(event.kind.at())
                .map(|kind| fields_of(kind, &event.fields)),
            _ => None,
        };
        if let Some(name) = &line.merged {
            report.history.push(StoryLine {
                at: line.received_at,
                what: format!("{name} turned out to be the same person"),
            });
        }
        for happening in &line.happened {
            let mut what = happening.what.sentence_in(zone);
            if let (What::Received { .. }, Some(fields)) = (&happening.what, &fields)
                && !fields.is_empty()
            {
                // Writing into a `String` never fails.
                let _ = write!(what, " ({fields})");
            }
            report.history.push(StoryLine {
                at: happening.at,
                what,
            });
        }
    }
    report.history.sort_by_key(|line| line.at);
    Ok(())
}

pub(super) fn fields_of(kind: &ir::Event, values: &[Option<Value>]) -> String {
    let mut text = String::new();
    for (field, value) in kind.fields.iter().zip(values) {
        if let Some(value) = value {
            let comma = if text.is_empty() { "" } else { ", " };
            // Writing into a `String` never fails.
            let _ = write!(
                text,
                "{comma}{}: {}",
                field.name,
                of_kind(&field.kind, value)
            );
        }
    }
    text
}

/// A value in words; of a list of objects every field with its name.
fn of_kind(kind: &ir::Type, value: &Value) -> String {
    let (ir::Type::Items(items), Value::Items(all)) = (kind, value) else {
        return words(value);
    };
    let object = |values: &Vec<Option<Value>>| {
        let named = items.fields.iter().zip(values);
        let shown = named.filter_map(|(field, value)| {
            Some(format!("{}: {}", field.name, words(value.as_ref()?)))
        });
        format!("({})", shown.collect::<Vec<_>>().join(", "))
    };
    all.iter().map(object).collect::<Vec<_>>().join(" ")
}

fn words(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Money(money) => money.to_string(),
        Value::Date(date) => jiff::civil::date(1970, 1, 1)
            .checked_add(jiff::Span::new().days(i64::from(date.0)))
            .map_or_else(|_| "?".to_owned(), |date| date.to_string()),
        Value::Moment(at) => format!("{} UTC", local_time(*at, &TimeZone::UTC)),
        Value::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Span(span) => span.to_string(),
        Value::List(values) => values.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Items(values) => values.len().to_string(),
    }
}

impl fmt::Display for ContactReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC);
        let time = |at: Instant| local_time(at, &zone);
        let erased = if self.erased { " (erased)" } else { "" };
        writeln!(f, "{}{erased}", self.id)?;
        let mut known = Table::new(&["", ""]);
        for (name, value) in &self.attributes {
            known.row([name.clone(), value.clone()]);
        }
        for (lifecycle, stage) in &self.stages {
            known.row([lifecycle.clone(), stage.clone()]);
        }
        for (name, list) in [
            ("segments", &self.segments),
            ("audiences", &self.audiences),
            ("tags", &self.tags),
            ("consents", &self.consents),
            ("closed channels", &self.closed_channels),
        ] {
            if !list.is_empty() {
                known.row([name.to_owned(), list.join("; ")]);
            }
        }
        if self.to_be_counted {
            let wait = "waits to be counted under the program that was deployed last";
            known.row(["deploy".to_owned(), wait.to_owned()]);
        }
        if let Some(at) = self.next_wake {
            known.row(["next wake-up".to_owned(), time(at)]);
        }
        write!(f, "{known}")?;

        let mut runs = Table::new(&["Journey", "Since", "Stands at", "Waits for", "Until"]);
        for run in &self.runs {
            runs.row([
                run.journey.clone(),
                time(run.entered_at),
                run.step.clone(),
                run.waits_for.to_owned(),
                run.due.map_or_else(|| "–".to_owned(), time),
            ]);
        }
        section(f, "Where it is", &runs)?;

        let mut effects = Table::new(&["Decided", "Journey", "What", "Status", ""]);
        for effect in &self.effects {
            effects.row([
                time(effect.at),
                effect.journey.clone(),
                effect.what.clone(),
                effect.status.to_owned(),
                effect.outcome.clone().unwrap_or_default(),
            ]);
        }
        section(f, "What was done", &effects)?;

        let mut history = Table::new(&["", ""]);
        for line in &self.history {
            history.row([time(line.at), line.what.clone()]);
        }
        section(f, "What happened", &history)?;
        if self.more_history {
            writeln!(f, "  … and more before that; use --history N to see it")?;
        }
        Ok(())
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, table: &Table) -> fmt::Result {
    if table.is_empty() {
        return Ok(());
    }
    write!(f, "\n{title}\n{table}")
}
