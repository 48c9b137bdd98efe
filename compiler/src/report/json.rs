//! The report for programs: one JSON object.

use serde::Serialize;

use super::{Part, Report};
use crate::problem::{Location, Problem, Severity, Text};

/// The version of the shape. Fields are added without a new one.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Root {
    version: u32,
    errors: usize,
    warnings: usize,
    infos: usize,
    problems: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    message: Words,
    help: Option<Words>,
    at: Place,
    label: Option<Words>,
    others: Vec<Other>,
    fix: Option<Fix>,
}

#[derive(Serialize)]
struct Words {
    en: String,
    ko: String,
}

#[derive(Serialize)]
struct Place {
    file: String,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    byte: u32,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Other {
    at: Place,
    label: Words,
}

#[derive(Serialize)]
struct Fix {
    at: Place,
    replacement: String,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let root = Root {
        version: VERSION,
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        infos: report.count(Severity::Info),
        problems: report
            .problems()
            .map(|(part, problem)| entry(part, problem))
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&root).unwrap_or_default();
    text.push('\n');
    text
}

fn entry(part: &Part<'_>, problem: &Problem) -> Entry {
    Entry {
        code: problem.code,
        name: problem.name,
        severity: problem.severity.word(),
        message: words(&problem.message),
        help: problem.help.as_ref().map(words),
        at: place(part, problem.at),
        label: (!problem.label.en.is_empty()).then(|| words(&problem.label)),
        others: problem
            .others
            .iter()
            .map(|(at, label)| Other {
                at: place(part, *at),
                label: words(label),
            })
            .collect(),
        fix: problem.fix.as_ref().map(|fix| Fix {
            at: place(part, fix.at),
            replacement: fix.replacement.clone(),
        }),
    }
}

fn words(text: &Text) -> Words {
    Words {
        en: text.en.clone(),
        ko: text.ko.clone(),
    }
}

fn place(part: &Part<'_>, location: Location) -> Place {
    let source = part.project.sources().get(location.file);
    let point = |byte: u32| {
        let position = source.map(|it| it.position(byte));
        Point {
            byte,
            line: position.map_or(1, |it| it.line),
            column: position.map_or(1, |it| it.column),
        }
    };
    Place {
        file: part.path(location.file),
        start: point(location.span.start),
        end: point(location.span.end),
    }
}
