//! The report for code scanners: SARIF 2.1.0 (OASIS), as GitHub, GitLab and Azure DevOps read it.

use serde_json::{Value, json};

use super::{Part, Report};
use crate::codes::{ALL, Code};
use crate::problem::{Language, Location, Problem, Severity};

/// Where the shape is described.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn render(report: &Report<'_>, language: Language) -> String {
    let results: Vec<Value> = report
        .problems()
        .map(|(part, problem)| result(part, problem, language))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "journeyc",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": ALL.iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.code,
        "name": code.name,
        "shortDescription": {"text": code.about},
        "help": {"text": crate::page(code.name).unwrap_or(code.about)},
        "defaultConfiguration": {"level": level(code.severity)},
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(part: &Part<'_>, problem: &Problem, language: Language) -> Value {
    let mut message = problem.message.in_language(language).to_owned();
    if let Some(help) = &problem.help {
        message.push_str(". ");
        message.push_str(help.in_language(language));
    }
    let related: Vec<Value> = problem
        .others
        .iter()
        .map(|(at, label)| {
            let mut place = place(part, *at);
            if let Some(place) = place.as_object_mut() {
                let text = label.in_language(language);
                place.insert("message".to_owned(), json!({"text": text}));
            }
            place
        })
        .collect();
    let fixes: Vec<Value> = problem
        .fix
        .iter()
        .map(|fix| {
            json!({"artifactChanges": [{
                "artifactLocation": {"uri": part.path(fix.at.file)},
                "replacements": [{
                    "deletedRegion": region(part, fix.at),
                    "insertedContent": {"text": fix.replacement},
                }],
            }]})
        })
        .collect();
    json!({
        "ruleId": problem.code,
        "level": level(problem.severity),
        "message": {"text": message},
        "locations": [place(part, problem.at)],
        "relatedLocations": related,
        "fixes": fixes,
    })
}

fn place(part: &Part<'_>, at: Location) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": part.path(at.file)},
        "region": region(part, at),
    }})
}

fn region(part: &Part<'_>, at: Location) -> Value {
    let (start, end) = part.points(at);
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}
