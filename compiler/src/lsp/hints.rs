//! Words between the words: how much longer a wait listens, and in whose zone a journey's clock runs.

use std::collections::BTreeMap;

use journey_grammar::tree::{Declaration, Span};
use journey_ir::StepKind;
use lsp_types::{InlayHint, InlayHintLabel, InlayHintTooltip, Range};

use super::view::View;

/// What can be told about a range.
pub(super) fn of_range(view: &View<'_>, range: Range) -> Vec<InlayHint> {
    let asked = view.lines.span(range);
    let mut found = settles(view, asked);
    found.extend(zones(view, asked));
    found.sort_by_key(|it| it.position);
    found
}

/// How many milliseconds each wait of the file listens on. A wait in a sequence has the longest of its uses.
pub(super) fn settling(view: &View<'_>) -> BTreeMap<Span, i64> {
    let mut longest: BTreeMap<Span, i64> = BTreeMap::new();
    let Some(checked) = view.project.checked() else {
        return longest;
    };
    let Some(program) = &checked.compilation.program else {
        return longest;
    };
    let drift = view.project.drift();
    let places = checked.compilation.places.journeys.iter();
    for (journey, places) in program.journeys.iter().zip(places) {
        for (step, place) in journey.steps.iter().zip(&places.steps) {
            let (StepKind::Wait { settle, .. } | StepKind::Race { settle, .. }) = &step.kind else {
                continue;
            };
            let Some(at) = place.whole.filter(|it| it.file == view.file && *settle > 0) else {
                continue;
            };
            if let Some(span) = drift.now(checked.generation, at.file, at.span) {
                let known = longest.entry(span).or_default();
                *known = (*known).max(*settle);
            }
        }
    }
    longest
}

fn settles(view: &View<'_>, asked: Span) -> Vec<InlayHint> {
    let waits = settling(view).into_iter();
    waits
        .filter(|(span, _)| span.start >= asked.start && span.start <= asked.end)
        .map(|(span, settle)| {
            let words = span.of(view.text);
            let head = words.lines().next().unwrap_or_default();
            let head = head.trim_end().trim_end_matches('{').trim_end();
            let time = length(view, settle);
            hint(
                view,
                span.start + head.len() as u32,
                format!("+ {time}"),
                view.say(
                    format!(
                        "Events may arrive late, so the run listens {time} longer before it goes on."
                    ),
                    format!("이벤트가 늦게 올 수 있어서 {time} 더 기다린 뒤에 넘어갑니다."),
                ),
            )
        })
        .collect()
}

/// A span of milliseconds in words.
pub(super) fn length(view: &View<'_>, milliseconds: i64) -> String {
    let seconds = milliseconds / 1_000;
    let (n, en, ko) = match seconds {
        s if s % 86_400 == 0 => (s / 86_400, "day", "일"),
        s if s % 3_600 == 0 => (s / 3_600, "hour", "시간"),
        s if s % 60 == 0 => (s / 60, "minute", "분"),
        s => (s, "second", "초"),
    };
    let plural = if n == 1 { "" } else { "s" };
    view.say(format!("{n} {en}{plural}"), format!("{n}{ko}"))
}

fn zones(view: &View<'_>, asked: Span) -> Vec<InlayHint> {
    let program = view
        .project
        .checked()
        .and_then(|it| it.compilation.program.as_ref());
    let (Some(program), Some(file)) = (program, view.project.parsed(view.file)) else {
        return Vec::new();
    };
    let zone = &program.project.timezone;
    let own = view.names.attribute("timezone").is_some();
    let journeys = file.tree.declarations.iter().filter_map(|it| match it {
        Declaration::Journey(journey) => Some(journey),
        _ => None,
    });
    journeys
        .filter(|it| it.span.start >= asked.start && it.span.start <= asked.end)
        .map(|journey| {
            let head = journey.title.as_ref().map_or(journey.name.span, |it| it.span);
            let (label, tooltip) = if own {
                (
                    view.say("contact's zone", "고객의 시간대"),
                    view.say(
                        format!("Clock times and days are those of each contact; without a timezone, of {zone}."),
                        format!("시각과 날짜는 고객마다 그 사람의 시간대를 따르고, 없으면 {zone}를 따릅니다."),
                    ),
                )
            } else {
                (
                    zone.clone(),
                    view.say(
                        format!("Clock times and days are those of {zone}."),
                        format!("시각과 날짜는 {zone}를 따릅니다."),
                    ),
                )
            };
            hint(view, head.end, label, tooltip)
        })
        .collect()
}

fn hint(view: &View<'_>, at: u32, label: String, tooltip: String) -> InlayHint {
    InlayHint {
        position: view.lines.position(at),
        label: InlayHintLabel::String(label),
        kind: None,
        text_edits: None,
        tooltip: Some(InlayHintTooltip::String(tooltip)),
        padding_left: Some(true),
        padding_right: Some(false),
        data: None,
    }
}
