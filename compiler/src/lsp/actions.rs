//! Quick fixes: the edit that a problem brings along, and one that repairs everything of a file.

use std::collections::HashMap;

use journey_grammar::tree::Span;
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, TextEdit, Uri, WorkspaceEdit,
};

use super::position::Lines;
use super::said;
use super::view::View;
use crate::problem::{Edit, Problem};

/// What can be repaired in a range.
pub(super) fn of_range(view: &View<'_>, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let asked = view.lines.span(params.range);
    let problems = said::problems(view.project);
    let here: Vec<&Problem> = problems
        .iter()
        .filter(|it| it.at.file == view.file)
        .collect();
    let wanted = |kind: &CodeActionKind| {
        let only = params.context.only.as_ref();
        only.is_none_or(|only| {
            let asks = |it: &CodeActionKind| kind.as_str().starts_with(it.as_str());
            only.iter().any(asks)
        })
    };
    let mut found = Vec::new();
    if wanted(&CodeActionKind::QUICKFIX) {
        let touched = here.iter().filter(|it| touches(it.at.span, asked));
        found.extend(touched.filter_map(|problem| {
            let fix = problem.fix.as_ref()?;
            Some(action(view, problem, fix, params))
        }));
    }
    if wanted(&CodeActionKind::SOURCE_FIX_ALL) {
        found.extend(all(view, &here));
    }
    found
        .into_iter()
        .map(CodeActionOrCommand::CodeAction)
        .collect()
}

fn touches(a: Span, b: Span) -> bool {
    a.start <= b.end && b.start <= a.end
}

fn action(view: &View<'_>, problem: &Problem, fix: &Edit, params: &CodeActionParams) -> CodeAction {
    let said = params.context.diagnostics.iter().filter(|it| {
        let same = matches!(&it.code, Some(lsp_types::NumberOrString::String(code)) if code == problem.code);
        same && touches(view.lines.span(it.range), problem.at.span)
    });
    CodeAction {
        title: title(view, fix),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(said.cloned().collect()),
        edit: edit(view, &[fix]),
        is_preferred: Some(true),
        ..CodeAction::default()
    }
}

/// What the edit does, in words.
fn title(view: &View<'_>, fix: &Edit) -> String {
    let old = one_line(fix.at.span.of(view.project.text(fix.at.file)));
    let new = one_line(&fix.replacement);
    match (old.is_empty(), new.is_empty()) {
        (true, _) => view.say(format!("Insert `{new}`"), format!("`{new}` 넣기")),
        (false, true) => view.say(format!("Remove `{old}`"), format!("`{old}` 지우기")),
        (false, false) => view.say(
            format!("Replace `{old}` by `{new}`"),
            format!("`{old}` 대신 `{new}` 쓰기"),
        ),
    }
}

fn one_line(text: &str) -> String {
    const MOST: usize = 40;
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    line.chars().take(MOST).chain(['…']).collect()
}

/// All fixes of a file that do not touch each other, in one.
fn all(view: &View<'_>, problems: &[&Problem]) -> Option<CodeAction> {
    let mut fixes: Vec<&Edit> = problems
        .iter()
        .filter_map(|it| it.fix.as_ref())
        .filter(|it| it.at.file == view.file)
        .collect();
    fixes.sort_by_key(|it| it.at);
    let mut end = None;
    fixes.retain(|it| {
        let free = end.is_none_or(|end| it.at.span.start > end);
        if free {
            end = Some(it.at.span.end);
        }
        free
    });
    if fixes.is_empty() {
        return None;
    }
    let n = fixes.len();
    Some(CodeAction {
        title: view.say(
            format!("Fix all that can be fixed ({n})"),
            format!("고칠 수 있는 것 모두 고치기 ({n})"),
        ),
        kind: Some(CodeActionKind::SOURCE_FIX_ALL),
        edit: edit(view, &fixes),
        ..CodeAction::default()
    })
}

#[expect(
    clippy::mutable_key_type,
    reason = "the protocol's own type is keyed by addresses, whose hash never changes"
)]
fn edit(view: &View<'_>, fixes: &[&Edit]) -> Option<WorkspaceEdit> {
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for fix in fixes {
        let uri = view.workspace.uri(&view.project.path_of(fix.at.file))?;
        let lines = Lines::new(view.project.text(fix.at.file), view.workspace.encoding);
        let text = TextEdit::new(lines.range(fix.at.span), fix.replacement.clone());
        changes.entry(uri).or_default().push(text);
    }
    Some(WorkspaceEdit {
        changes: Some(changes),
        ..WorkspaceEdit::default()
    })
}
