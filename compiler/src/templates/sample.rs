//! J0609: messages of a project that can send, with words of the ready journeys that only stand for something.

use super::Template;
use super::draft::Draft;
use super::error::LegalError;
use crate::problem::{Location, Problems};
use crate::samples;
use journey_grammar::tree::Span;

/// The most words that are named.
const MOST_NAMED: usize = 4;

/// Warns of such words, once for a template and once for each of its translations.
pub(super) fn check(template: &Template, problems: &mut Problems) {
    let mut first = None;
    let mut words: Vec<String> = Vec::new();
    for draft in template.subject.iter().chain(&template.body) {
        let Draft::Text(text) = draft else { continue };
        for range in samples::found(&text.value) {
            let word = text.value.get(range.clone()).unwrap_or_default();
            if !words.iter().any(|it| it == word) {
                words.push(word.to_owned());
            }
            let exact = text.at.span.len() as usize == text.value.len();
            let (start, end) = (range.start as u32, range.end as u32);
            first = first.or(Some(if exact {
                let from = text.at.span.start;
                Location::new(text.at.file, Span::new(from + start, from + end))
            } else {
                text.at
            }));
        }
    }
    words.truncate(MOST_NAMED);
    if let Some(at) = first {
        problems.push(LegalError::Sample { at, words });
    }
    for (_, translation) in &template.translations {
        check(translation, problems);
    }
}
