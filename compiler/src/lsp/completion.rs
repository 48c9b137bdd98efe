//! What could be written at the cursor.
//!
//! The words of the language come from the grammar itself, run on what stands before the cursor. The names come from
//! the project, chosen by the words just before: templates after a channel, values after `is`, fields after
//! `event.`.

mod names;
mod snippets;

use std::collections::BTreeSet;

use journey_grammar::{Place, suggest};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat,
    MarkupContent, MarkupKind, Range, TextEdit,
};

use super::phrases;
use super::place::{Cursor, cursor};
use super::project::Role;
use super::view::View;
use crate::problem::Text;

/// How many are offered. Editors filter as people type on.
const MOST: usize = 500;

/// One thing that could be written.
#[derive(Debug, Clone)]
struct Choice {
    label: String,
    /// What is written, where that is not the label; with places to fill in for a snippet.
    insert: Option<String>,
    is_snippet: bool,
    kind: CompletionItemKind,
    detail: String,
    doc: Option<Text>,
}

impl Choice {
    fn new(label: impl Into<String>, kind: CompletionItemKind) -> Self {
        Self {
            label: label.into(),
            insert: None,
            is_snippet: false,
            kind,
            detail: String::new(),
            doc: None,
        }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// What could be written at an offset.
pub(super) fn at(view: &View<'_>, offset: u32) -> Vec<CompletionItem> {
    let here = cursor(view.text, offset);
    let found = match view.project.role(view.file) {
        Role::Journey => of_journey(view, &here),
        Role::Template(channel, name) => names::of_template(view, &here, channel, &name),
        Role::Settings | Role::Other => Vec::new(),
    };
    let range = Range::new(view.lines.position(here.start), view.lines.position(offset));
    let mut seen = BTreeSet::new();
    found
        .into_iter()
        .filter(|it| seen.insert(it.label.clone()))
        .take(MOST)
        .enumerate()
        .map(|(at, choice)| item(view, at, choice, range))
        .collect()
}

fn of_journey(view: &View<'_>, here: &Cursor<'_>) -> Vec<Choice> {
    if here.is_quoted {
        return Vec::new();
    }
    let Some(place) = here.place() else {
        return snippets::declarations(here);
    };
    if let Some(names) = names::wanted(view, here, place) {
        return names;
    }
    let mut found = Vec::new();
    let at_start = here.before.is_empty();
    let (rule, before) = strict(place, here.before);
    let mut words = suggest(rule, before);
    if at_start && place == Place::Step && here.blocks.len() == 1 {
        let header = suggest(Place::Header, "");
        words.words.extend(header.words);
    }
    if words.takes_name {
        found.extend(names::readable(view, here));
    }
    if at_start {
        found.extend(snippets::lines(place));
    }
    let keywords = words.words.into_iter().map(|word| Choice {
        doc: phrases::of(&word),
        ..Choice::new(word, CompletionItemKind::KEYWORD)
    });
    found.extend(keywords);
    found
}

/// The part of a line that is a condition is asked about as one: the rules of blocks end before it is read.
fn strict(place: Place, before: &str) -> (Place, &str) {
    if let Some((_, inside)) = before.rsplit_once("where")
        && let Some(inside) = inside.trim_start().strip_prefix('(')
        && inside.matches(')').count() <= inside.matches('(').count()
    {
        return (Place::Condition, inside);
    }
    let words = before.strip_prefix("otherwise").unwrap_or(before);
    match words.trim_start().strip_prefix("if ") {
        Some(condition) => (Place::Condition, condition),
        None => (place, before),
    }
}

fn item(view: &View<'_>, at: usize, choice: Choice, range: Range) -> CompletionItem {
    let written = choice.insert.unwrap_or_else(|| choice.label.clone());
    CompletionItem {
        sort_text: Some(format!("{at:04}")),
        kind: Some(choice.kind),
        detail: (!choice.detail.is_empty()).then_some(choice.detail),
        documentation: choice.doc.map(|it| {
            Documentation::MarkupContent(MarkupContent {
                kind: MarkupKind::Markdown,
                value: it.in_language(view.language).to_owned(),
            })
        }),
        insert_text_format: choice.is_snippet.then_some(InsertTextFormat::SNIPPET),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, written))),
        label: choice.label,
        ..CompletionItem::default()
    }
}
