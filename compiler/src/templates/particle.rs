//! J0309: a Korean particle straight after a hole, which reads wrongly for half of all words.

use super::draft::Hole;
use super::error::VariableError as Error;
use super::filter::PARTICLES;
use crate::problem::{Location, Problems};
use crate::settings::Placed;
use journey_grammar::tree::Span;

/// How many of [`PARTICLES`] are looked for: the others are also whole words or endings.
const CLEAR: usize = 5;

/// Reports the particle at the start of the words after a hole, if there is one.
pub(super) fn check(hole: &Hole, after: &Placed<String>, problems: &mut Problems) {
    let words = after.value.as_str();
    let length = words
        .find(|c: char| !('가'..='힣').contains(&c))
        .unwrap_or(words.len());
    let found = words.get(..length).unwrap_or_default();
    let pair = PARTICLES
        .iter()
        .take(CLEAR)
        .find(|(consonant, vowel)| found == *consonant || found == *vowel);
    let Some((consonant, vowel)) = pair else {
        return;
    };
    // Words with escapes stand somewhere in a setting; then all of it is shown and nothing is replaced.
    let exact = after.at.span.start == hole.at.span.end;
    let start = after.at.span.start;
    let particle = if exact {
        Location::new(after.at.file, Span::new(start, start + found.len() as u32))
    } else {
        after.at
    };
    let hole_and_particle = Location::new(hole.at.file, hole.at.span.to(particle.span));
    problems.push(Error::BareParticle {
        at: particle,
        found: found.to_owned(),
        pair: format!("{consonant}/{vowel}"),
        inside: hole.inside.clone(),
        replaced: exact.then_some(hole_and_particle),
    });
}
