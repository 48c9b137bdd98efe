//! Verdicts for programs: one JSON object. Fields are only ever added.

use serde_json::{Value, json};

use super::{Part, TestReport, local, zone_named};
use crate::testing::runner::{Entry, Failure, Person};

/// The version of the shape.
const VERSION: u32 = 1;

pub(super) fn render(report: &TestReport<'_>) -> String {
    let tests: Vec<Value> = report.parts.iter().flat_map(tests).collect();
    let coverage: Vec<Value> = report.parts.iter().map(coverage).collect();
    let all = json!({
        "version": VERSION,
        "passed": report.count() - report.failed(),
        "failed": report.failed(),
        "tests": tests,
        "coverage": coverage,
    });
    let mut text = serde_json::to_string_pretty(&all).unwrap_or_default();
    text.push('\n');
    text
}

fn tests<'a>(part: &'a Part<'_>) -> impl Iterator<Item = Value> + 'a {
    part.run.verdicts.iter().map(|(script, verdict)| {
        let failed = !verdict.failures.is_empty();
        // What happened to people is only of interest where it was not what was expected.
        let people = verdict.people.iter().filter(|_| failed);
        json!({
            "title": script.title,
            "journey": script.journey,
            "at": part.place(script.at),
            "passed": !failed,
            "failures": verdict.failures.iter().map(|it| failure(part, it)).collect::<Vec<_>>(),
            "people": people.map(|it| person(part, it)).collect::<Vec<_>>(),
        })
    })
}

fn failure(part: &Part<'_>, failure: &Failure) -> Value {
    json!({
        "at": part.place(failure.at),
        "expected": part.words(failure.at),
        "now": local(failure.now, &part.zone),
        "instead": {"en": failure.instead.en, "ko": failure.instead.ko},
    })
}

fn person(part: &Part<'_>, person: &Person) -> Value {
    let zone = zone_named(&part.zone);
    let line = |entry: &Entry| match entry {
        Entry::Happened(it) => json!({
            "at": local(it.at, &part.zone),
            "what": it.what.sentence_in(&zone),
        }),
        Entry::Repeated { at, event } => json!({
            "at": local(*at, &part.zone),
            "what": format!("{event} is a repeat and was dropped"),
        }),
    };
    json!({
        "name": person.name,
        "timeline": person.timeline.iter().map(line).collect::<Vec<_>>(),
    })
}

fn coverage(part: &Part<'_>) -> Value {
    let coverage = &part.run.coverage;
    let (taken, ways) = coverage.counts();
    let never = coverage.ways.iter().filter(|it| !it.taken);
    json!({
        "project": part.name,
        "ways": ways,
        "taken": taken,
        "percent": coverage.percent(),
        "never_taken": never.map(|it| part.place(it.at)).collect::<Vec<_>>(),
    })
}
