//! Whole declarations and blocks with places to fill in.

use journey_grammar::Place;
use lsp_types::CompletionItemKind;

use super::Choice;
use crate::lsp::phrases;
use crate::lsp::place::Cursor;

const DECLARATIONS: &[(&str, &str)] = &[
    (
        "journey",
        "journey ${1:name} \"${2:title}\" {\n  enter when ${3:event}\n  goal ${4:event} within ${5:7 days}\n\n  $0\n}",
    ),
    ("segment", "segment ${1:name} \"${2:title}\" {\n  $0\n}"),
    (
        "lifecycle",
        "lifecycle ${1:name} \"${2:title}\" {\n  ${3:stage} when $0\n  ${4:stage} otherwise\n}",
    ),
    (
        "test",
        "test \"${1:fact}\" for ${2:journey} {\n  given ${3:person} { $4 }\n  at ${5:2026-03-02 09:00} ${3:person} does ${6:event} { $7 }\n  expect $0\n}",
    ),
    ("event", "event ${1:name} \"${2:title}\" {\n  $0\n}"),
    (
        "contact",
        "contact {\n  email: email address, optional, private\n  $0\n}",
    ),
    (
        "consent",
        "consent ${1:name} \"${2:title}\" {\n  for ${3:email}\n}",
    ),
    (
        "offer",
        "offer ${1:name} \"${2:title}\" {\n  ${3:10}% off\n  valid ${4:14 days}\n}",
    ),
    (
        "policy",
        "policy ${1:name} {\n  at most ${2:1} advertising message per ${3:1 day}, then skip\n}",
    ),
    (
        "score",
        "score ${1:name} \"${2:title}\" {\n  +${3:10} when ${4:event}\n  halves every ${5:14 days}\n}",
    ),
    ("sequence", "sequence ${1:name} {\n  $0\n}"),
    (
        "funnel",
        "funnel ${1:name} \"${2:title}\" {\n  ${3:stage} when ${4:event}\n  $0\n}",
    ),
    (
        "kpi",
        "kpi ${1:name} \"${2:title}\" {\n  measure $0\n  every week\n}",
    ),
    (
        "audience",
        "audience ${1:name} \"${2:title}\" {\n  people where ($0)\n  sync to ${3:meta}\n}",
    ),
    ("moved", "moved ${1:old} to ${2:new}"),
];

const STEPS: &[(&str, &str)] = &[
    (
        "wait up to …",
        "wait up to ${1:3 days} {\n  on ${2:event} { $3 }\n  on timeout { $0 }\n}",
    ),
    (
        "if … otherwise",
        "if ${1:condition} {\n  $2\n} otherwise {\n  $0\n}",
    ),
    (
        "choose by …",
        "choose by ${1:field} {\n  ${2:value} { $3 }\n  otherwise { $0 }\n}",
    ),
    (
        "split …",
        "split ${1:name} measured by ${2:event} within ${3:3 days} {\n  50% ${4:a} { $5 }\n  50% ${6:b} { $0 }\n}",
    ),
    (
        "ask …",
        "ask ${1:kakao} ${2:template} for ${3:attribute} up to ${4:1 day} {\n  on answer { $5 }\n  on timeout { $0 }\n}",
    ),
    (
        "draw …",
        "draw ${1:name} {\n  ${2:10}% ${3:prize} up to ${4:10} in total { $5 }\n  otherwise { $0 }\n}",
    ),
    (
        "every … time",
        "every ${1:4}th time {\n  $2\n} otherwise {\n  $0\n}",
    ),
    (
        "repeat …",
        "repeat up to ${1:3} times every ${2:2 days} {\n  $0\n}",
    ),
];

/// What can stand at the top of a file; only at the beginning of a line.
pub(super) fn declarations(here: &Cursor<'_>) -> Vec<Choice> {
    if !here.before.is_empty() || !here.blocks.is_empty() {
        return Vec::new();
    }
    DECLARATIONS.iter().map(|it| snippet(*it)).collect()
}

/// Blocks that can begin a line of a place.
pub(super) fn lines(place: Place) -> Vec<Choice> {
    match place {
        Place::Step => STEPS.iter().map(|it| snippet(*it)).collect(),
        _ => Vec::new(),
    }
}

fn snippet((label, text): (&str, &str)) -> Choice {
    let word = label.split(' ').next().unwrap_or_default();
    Choice {
        insert: Some(text.to_owned()),
        is_snippet: true,
        doc: phrases::of(word),
        ..Choice::new(label, CompletionItemKind::SNIPPET)
    }
}
