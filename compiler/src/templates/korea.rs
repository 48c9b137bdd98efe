//! J0602: what Korean law asks of the words of advertising (the pack `kr`): the label `(광고)` at their start, and in
//! e-mail a link to refuse further ones.

use journey_ir::{Channel, Purpose};

use super::Template;
use super::draft::Draft;
use super::error::LegalError;
use super::filter::UNSUBSCRIBE_LINK;
use crate::problem::{Location, Problems};
use journey_grammar::tree::Span;

/// The label.
pub(super) const LABEL: &str = "(광고)";

/// Reports an advertising template without the label, or without the link.
pub(super) fn check(template: &Template, problems: &mut Problems) {
    let Some(purpose) = &template.purpose else {
        return;
    };
    if purpose.value != Purpose::Advertising {
        return;
    }
    let is_mail = template.channel == Channel::Email;
    let words = if is_mail {
        &template.subject
    } else {
        &template.body
    };
    let labelled = match words.first() {
        Some(Draft::Text(text)) => text.value.trim_start().starts_with(LABEL),
        _ => false,
    };
    if !labelled {
        problems.push(LegalError::NoLabel {
            at: words.first().map_or(purpose.at, start),
            insertable: words.first().is_some_and(is_exact),
        });
    }
    let refusable = template.body.iter().any(|draft| match draft {
        Draft::Hole(hole) => hole.path.value == [UNSUBSCRIBE_LINK],
        Draft::Text(_) => false,
    });
    if is_mail && !refusable {
        problems.push(LegalError::NoOptOut { at: purpose.at });
    }
}

/// Whether a piece has a place of its own. In a setting with escapes its place is the whole setting.
fn is_exact(draft: &Draft) -> bool {
    match draft {
        Draft::Text(text) => text.at.span.len() as usize == text.value.len(),
        Draft::Hole(hole) => hole.at != hole.path.at,
    }
}

/// Where a piece begins.
fn start(draft: &Draft) -> Location {
    let at = match draft {
        Draft::Text(text) => text.at,
        Draft::Hole(hole) => hole.at,
    };
    Location::new(at.file, Span::new(at.span.start, at.span.start))
}
