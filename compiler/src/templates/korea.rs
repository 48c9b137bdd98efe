//! J0602: what Korean law asks of the words of advertising (the pack `kr`): the label `(광고)` at their start, who sends
//! it, in e-mail how to reach them, and how to refuse further ones at no cost (Network Act art. 50, decree annex 6).

use journey_ir::{Channel, Purpose};

use super::Template;
use super::draft::Draft;
use super::error::LegalError;
use super::filter::UNSUBSCRIBE_LINK;
use crate::manifest::Manifest;
use crate::problem::{Location, Problems};
use journey_grammar::tree::Span;

/// The label.
pub(super) const LABEL: &str = "(광고)";

/// How people say that a message can be refused.
const REFUSALS: [&str; 2] = ["수신거부", "수신 거부"];

/// Reports an advertising template without the label, the sender or a way to refuse it.
pub(super) fn check(template: &Template, manifest: &Manifest, problems: &mut Problems) {
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
    // A subject that is missing or could not be read is reported as that.
    let unread = is_mail && words.is_empty();
    let labelled = match words.first() {
        Some(Draft::Text(text)) => text.value.trim_start().starts_with(LABEL),
        _ => false,
    };
    if !labelled && !unread {
        problems.push(LegalError::NoLabel {
            at: words.first().map_or(purpose.at, start),
            insertable: words.first().is_some_and(is_exact),
        });
    }
    check_refusal(template, purpose.at, problems);
    check_sender(template, manifest, purpose.at, labelled, problems);
}

fn check_refusal(template: &Template, at: Location, problems: &mut Problems) {
    let linked = template.body.iter().any(|draft| match draft {
        Draft::Hole(hole) => hole.path.value == [UNSUBSCRIBE_LINK],
        Draft::Text(_) => false,
    });
    let told = texts(template).any(|text| REFUSALS.iter().any(|it| text.contains(it)));
    match template.channel {
        Channel::Email if !linked => problems.push(LegalError::NoOptOut { at }),
        Channel::Sms | Channel::Kakao | Channel::Push if !linked && !told => {
            let end = template.body.last().filter(|it| is_exact(it)).map(end);
            problems.push(LegalError::NoRefusal {
                at,
                channel: template.channel,
                end,
            });
        }
        _ => {}
    }
}

/// Reports text messages that do not say whose they are, and e-mail that does not say how to reach them.
fn check_sender(
    template: &Template,
    manifest: &Manifest,
    at: Location,
    labelled: bool,
    problems: &mut Problems,
) {
    let names = manifest.sender_names();
    // Elsewhere the app, the channel or the head of the mail says whose a message is.
    let in_words = template.channel == Channel::Sms;
    let said = |name: &String| texts(template).any(|text| text.contains(name.as_str()));
    if in_words && !names.is_empty() && !names.iter().any(said) {
        let after = match (template.channel, template.body.first()) {
            (Channel::Sms, Some(Draft::Text(text))) if labelled => {
                let before = text.value.len() - text.value.trim_start().len();
                let offset = text.at.span.start + (before + LABEL.len()) as u32;
                let exact = text.at.span.len() as usize == text.value.len();
                exact.then(|| Location::new(text.at.file, Span::new(offset, offset)))
            }
            _ => None,
        };
        let name = names.first().cloned().unwrap_or_default();
        problems.push(LegalError::NoSender { at, name, after });
    }
    if template.channel == Channel::Email && !texts(template).any(has_contact) {
        problems.push(LegalError::NoContact { at });
    }
}

/// The words of the body.
fn texts(template: &Template) -> impl Iterator<Item = &str> {
    template.body.iter().filter_map(|draft| match draft {
        Draft::Text(text) => Some(text.value.as_str()),
        Draft::Hole(_) => None,
    })
}

/// Whether a text has an e-mail address or a phone number: at least nine digits, perhaps with hyphens.
fn has_contact(text: &str) -> bool {
    let mut digits = 0;
    let phone = text.chars().any(|c| {
        match c {
            '0'..='9' => digits += 1,
            '-' | ')' | '(' | '.' | ' ' => {}
            _ => digits = 0,
        }
        digits >= 9
    });
    let short = text
        .split_whitespace()
        .any(|word| is_service_number(word.trim_matches(|c: char| !c.is_ascii_digit())));
    phone || short || text.split_whitespace().any(|it| it.contains('@'))
}

/// `1588-0000`, as Korean companies have them.
fn is_service_number(word: &str) -> bool {
    word.split_once('-').is_some_and(|(first, second)| {
        let digits = |part: &str| part.len() == 4 && part.bytes().all(|it| it.is_ascii_digit());
        digits(first) && digits(second) && first.starts_with('1')
    })
}

/// Where a piece ends, before the line breaks after it.
fn end(draft: &Draft) -> Location {
    let (at, trailing) = match draft {
        Draft::Text(text) => (text.at, text.value.len() - text.value.trim_end().len()),
        Draft::Hole(hole) => (hole.at, 0),
    };
    let end = at.span.end.saturating_sub(trailing as u32);
    Location::new(at.file, Span::new(end, end))
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
