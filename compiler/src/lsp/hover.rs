//! What a name, a word or a wait means.

mod read_back;

use journey_grammar::tree::{self, Declaration, Span};
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use super::hints;
use super::phrases;
use super::refs::{Owner, Target};
use super::view::View;
use crate::names::Kind;
use crate::titles;

/// How many lines of a declaration are shown.
const MOST_LINES: usize = 14;

/// What stands at an offset.
pub(super) fn at(view: &View<'_>, offset: u32) -> Option<Hover> {
    if let Some(occurrence) = view.occurrence(offset) {
        let markdown = of_target(view, &occurrence.target)?;
        return Some(hover(view, occurrence.span, markdown));
    }
    view.project.parsed(view.file)?;
    let span = word(view.text, offset)?;
    let file = view.project.parsed(view.file)?;
    let in_comment = file.comments.iter().any(|it| it.span.contains(span));
    let sentence = phrases::of(span.of(view.text)).filter(|_| !in_comment)?;
    let mut parts = vec![sentence.in_language(view.language).to_owned()];
    parts.extend(settling(view, offset));
    parts.extend(read_back::of_condition(view, offset));
    Some(hover(view, span, parts.join("\n\n")))
}

fn hover(view: &View<'_>, span: Span, value: String) -> Hover {
    Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value,
        }),
        range: Some(view.lines.range(span)),
    }
}

/// The word at an offset.
fn word(text: &str, offset: u32) -> Option<Span> {
    let at = offset as usize;
    let is_word = |c: char| c == '_' || unicode_ident::is_xid_continue(c);
    let before = text.get(..at)?;
    let start = before.trim_end_matches(is_word).len();
    let after = text.get(at..)?;
    let end = at + after.len() - after.trim_start_matches(is_word).len();
    (start < end).then(|| Span::new(start as u32, end as u32))
}

/// How long the wait listens on that is written on this line.
fn settling(view: &View<'_>, offset: u32) -> Option<String> {
    let line = view.lines.line(offset);
    let waits = hints::settling(view);
    let (_, settle) = waits
        .iter()
        .find(|(span, _)| view.lines.line(span.start) == line)?;
    let time = hints::length(view, *settle);
    Some(view.say(
        format!("Events may arrive late, so it listens **{time}** longer before it goes on."),
        format!("이벤트가 늦게 올 수 있어서 **{time}** 더 기다린 뒤에 넘어갑니다."),
    ))
}

/// What something is: its kind, title, description, and how it is declared.
pub(super) fn of_target(view: &View<'_>, target: &Target) -> Option<String> {
    let mut parts = Vec::new();
    let name = target.name();
    let kind = target.kind().map(Kind::words);
    let kind = kind.map_or_else(
        || match target {
            Target::Template(channel, _) => {
                view.say(format!("{channel} template"), format!("{channel} 템플릿"))
            }
            _ => view.say("remembered value", "기억한 값"),
        },
        |it| it.in_language(view.language).to_owned(),
    );
    let (title, doc) = titles(view, target);
    let title = title.map_or_else(String::new, |it| format!(" — {it}"));
    parts.push(format!("{kind} **{name}**{title}"));
    if let Some(of) = owner(view, target) {
        parts.push(of);
    }
    parts.extend(doc);
    match declaration(view, target) {
        Some((text, is_markdown)) => {
            let fence = if is_markdown { "markdown" } else { "journey" };
            parts.push(format!("```{fence}\n{text}\n```"));
        }
        None if is_built_in(target) => parts.push(view.say(
            "Reported by the channel itself.",
            "채널이 스스로 알려 주는 이벤트입니다.",
        )),
        None => return None,
    }
    Some(parts.join("\n\n"))
}

fn is_built_in(target: &Target) -> bool {
    match target {
        Target::Named(_, event) | Target::Field(event, _) => crate::builtin::is_event(event),
        _ => false,
    }
}

fn owner(view: &View<'_>, target: &Target) -> Option<String> {
    let (kind, name) = match target {
        Target::Field(event, _) => (Kind::Event, event.clone()),
        Target::Choice(Owner::Attribute(name), _) => (Kind::Attribute, name.clone()),
        Target::Choice(Owner::Field(event, name), _) => (Kind::Field, format!("{event}.{name}")),
        Target::Stage(of, _) => (Kind::Lifecycle, of.clone()),
        Target::FunnelStage(of, _) => (Kind::Funnel, of.clone()),
        Target::Parameter(of, _) => (Kind::Sequence, of.clone()),
        _ => return None,
    };
    let words = kind.words();
    Some(format!("{} `{name}`", words.in_language(view.language)))
}

/// The title and description of a declaration.
fn titles(view: &View<'_>, target: &Target) -> (Option<String>, Option<String>) {
    let name = match target {
        Target::Named(_, name) => name,
        Target::Stage(lifecycle, stage) => {
            let declared = view.names.get(lifecycle).map(|it| it.declaration);
            let title = match declared {
                Some(Declaration::Lifecycle(it)) => it.lines.iter().find_map(|line| match line {
                    tree::LifecycleLine::Stage(it) if it.name.text == *stage => it.title.clone(),
                    _ => None,
                }),
                _ => None,
            };
            return (title.map(|it| it.text), None);
        }
        _ => return (None, None),
    };
    let Some(declared) = view.names.get(name) else {
        return (None, None);
    };
    let Some((_, title, doc)) = titles::words(declared.declaration) else {
        return (None, None);
    };
    (
        title.map(|it| it.text.clone()),
        doc.map(|it| it.text.clone()),
    )
}

/// The text that declares something, and whether it is a template's.
fn declaration(view: &View<'_>, target: &Target) -> Option<(String, bool)> {
    if let Target::Template(channel, name) = target {
        let file = view.project.template(*channel, name)?;
        return Some((head(view.project.text(file)), true));
    }
    if let Target::Named(_, name) = target
        && let Some(declared) = view.names.get(name)
    {
        let text = view.project.text(declared.at.file);
        return Some((head(declared.declaration.span().of(text)), false));
    }
    let (file, span) = view.declared(target)?;
    let text = view.project.text(file);
    let from = text.get(..span.start as usize)?;
    let start = from.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..)?.lines().next()?;
    Some((line.trim().to_owned(), false))
}

/// The first lines of a text.
fn head(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().take(MOST_LINES).collect();
    if text.lines().nth(MOST_LINES).is_some() {
        lines.push("…");
    }
    lines.join("\n")
}
