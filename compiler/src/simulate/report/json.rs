//! The numbers for programs: one JSON object. Fields are only ever added.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::SimulationReport;
use super::compared::sent;
use super::document::{Say, date};
use crate::problem::Language;
use crate::simulate::Simulation;
use crate::simulate::act::Act;
use crate::simulate::compare::Comparison;
use crate::simulate::reason::Reason;
use crate::simulate::tally::{Flow, JourneyTally, Tally};

/// The version of the shape.
const VERSION: u32 = 1;

pub(super) fn render(report: &SimulationReport<'_>) -> String {
    let mut all = simulation(report.now);
    all.insert("version".to_owned(), VERSION.into());
    if let Some(comparison) = report.comparison {
        let before = Value::Object(simulation(&comparison.before));
        all.insert("before".to_owned(), before);
        all.insert("difference".to_owned(), difference(comparison));
    }
    let mut text = serde_json::to_string_pretty(&all).unwrap_or_default();
    text.push('\n');
    text
}

fn zone(simulation: &Simulation) -> TimeZone {
    let zone = &simulation.program.ir().project.timezone;
    TimeZone::get(zone).unwrap_or(TimeZone::UTC)
}

fn simulation(simulation: &Simulation) -> Map<String, Value> {
    let zone = zone(simulation);
    let say = Say {
        language: Language::English,
        zone: &zone,
    };
    let (intake, tally) = (&simulation.intake, &simulation.tally);
    let bad = intake
        .listed
        .iter()
        .map(|it| json!({"line": it.line, "code": it.code, "reason": it.reason}));
    let rows = json!({
        "read": intake.rows,
        "taken": tally.taken + intake.joined,
        "repeats": tally.repeats,
        "passed_over": intake.passed_over + tally.passed_over,
        "bad": intake.bad,
        "bad_rows": bad.collect::<Vec<_>>(),
        "first": intake.first.map(|it| say.time(it)),
        "last": intake.last.map(|it| say.time(it)),
    });
    let [none, one, two, few, many] = tally.per_person;
    let per_person = json!({
        "0": none, "1": one, "2": two, "3-5": few, "6+": many,
        "most": tally.most.as_ref().map(|(count, who)| json!({"messages": count, "person": who})),
    });
    let days = tally.days.iter().map(|(day, channels)| {
        let channels = channels
            .iter()
            .map(|(it, count)| (it.word().to_owned(), json!(count)));
        (date(*day), Value::Object(channels.collect()))
    });
    let journeys = tally.journeys.iter();
    let journeys = journeys.map(|(name, it)| (name.to_string(), journey(it)));
    let mut all = Map::new();
    for (key, value) in [
        ("project", json!(simulation.program.ir().project.name)),
        ("timezone", json!(simulation.program.ir().project.timezone)),
        ("until", json!(simulation.until.map(|it| say.time(it)))),
        (
            "assumed",
            json!({"consent": simulation.assume.consent, "addresses": simulation.assume.addresses}),
        ),
        ("rows", rows),
        ("people", json!(tally.people)),
        ("messages", json!(tally.messages())),
        ("messages_by_day", Value::Object(days.collect())),
        ("messages_per_person", per_person),
        ("templates", templates(tally)),
        ("journeys", Value::Object(journeys.collect())),
        ("segments", segments(tally)),
        ("lifecycles", lifecycles(tally)),
    ] {
        all.insert(key.to_owned(), value);
    }
    all
}

fn templates(tally: &Tally) -> Value {
    let all = sent(tally).into_iter().map(|((channel, template), count)| {
        json!({"channel": channel.word(), "template": template, "messages": count})
    });
    all.collect()
}

fn journey(it: &JourneyTally) -> Value {
    let left = it.left.iter().map(|((how, step), count)| {
        json!({"how": how.code, "reason": how.name, "step": step, "runs": count})
    });
    let arms = it.arms.iter().map(
        |((experiment, arm), count)| json!({"experiment": experiment, "arm": arm, "runs": count}),
    );
    let messages = it.messages.iter().map(|((channel, template), count)| {
        json!({"channel": channel.word(), "template": template, "messages": count})
    });
    let days = it
        .days
        .iter()
        .map(|(day, count)| (date(*day), json!(count)));
    json!({
        "entered": it.entered,
        "inside": it.inside(),
        "not_entered": reasons(&it.refused),
        "left": left.collect::<Vec<_>>(),
        "goals": it.goals,
        "median_milliseconds_to_goal": it.median(),
        "messages": it.sent(),
        "messages_by_day": Value::Object(days.collect()),
        "templates": messages.collect::<Vec<_>>(),
        "sends_skipped": it.skipped,
        "skipped": reasons(&it.reasons),
        "held": reasons(&it.held),
        "split": arms.collect::<Vec<_>>(),
        "calls": it.calls,
        "tasks": it.tasks,
    })
}

fn reasons(counts: &BTreeMap<Reason, u64>) -> Value {
    let all = counts
        .iter()
        .map(|(reason, count)| json!({"reason": reason.code, "name": reason.name, "times": count}));
    all.collect()
}

fn flow(flow: &Flow) -> Value {
    let days = flow
        .days
        .iter()
        .map(|(day, (joined, left))| (date(*day), json!({"joined": joined, "left": left})));
    json!({
        "at_end": flow.at_end,
        "joined": flow.joined,
        "left": flow.left,
        "days": Value::Object(days.collect()),
    })
}

fn segments(tally: &Tally) -> Value {
    let all = tally.segments.iter();
    Value::Object(all.map(|(name, it)| (name.to_string(), flow(it))).collect())
}

fn lifecycles(tally: &Tally) -> Value {
    let mut all: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for ((lifecycle, stage), it) in &tally.stages {
        let stages = all.entry(lifecycle.to_string()).or_default();
        stages.insert(stage.to_string(), flow(it));
    }
    let all = all
        .into_iter()
        .map(|(name, stages)| (name, Value::Object(stages)));
    Value::Object(all.collect())
}

fn difference(comparison: &Comparison) -> Value {
    let zone = zone(&comparison.after);
    let say = Say {
        language: Language::English,
        zone: &zone,
    };
    let line = |act: Option<&Act>| {
        act.map(|it| json!({"at": say.time(it.at), "journey": it.journey, "what": it.words().en}))
    };
    let examples = comparison.examples.iter().map(|it| {
        json!({
            "person": it.name,
            "before": line(it.before.as_ref()),
            "after": line(it.after.as_ref()),
        })
    });
    json!({"people": comparison.different, "examples": examples.collect::<Vec<_>>()})
}
