//! J0608: text messages that take more bytes than one SMS has.
//!
//! Korean carriers count in EUC-KR: two bytes for a Hangul letter, one for ASCII, and 90 in all. A value whose longest
//! form the schema does not tell counts as nothing, so that what is said holds for every message.

use journey_ir::message::OfferPart;
use journey_ir::{Channel, Filter, Hole, Message, Piece, Schema, Type};

use super::Template;
use super::error::LegalError;
use crate::problem::Problems;

/// The most bytes of one SMS.
const MOST: usize = 90;

/// The most bytes of a long one, an LMS.
const MOST_LONG: usize = 2_000;

/// Reports a text message that is longer than one SMS, or than the LMS that it is meant to be, as far as the schema
/// tells.
pub(super) fn check(
    template: &Template,
    message: &Message,
    schema: &Schema,
    problems: &mut Problems,
) {
    let (Channel::Sms, Some(purpose)) = (message.channel, &template.purpose) else {
        return;
    };
    let bytes: usize = message
        .body
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => width(text),
            Piece::Hole { hole, filters } => longest(hole, filters, message, schema),
        })
        .sum();
    // What stands at the end of a file is not sent.
    let end = match message.body.last() {
        Some(Piece::Text(text)) => width(text) - width(text.trim_end()),
        _ => 0,
    };
    let bytes = bytes.saturating_sub(end);
    let most = if template.long { MOST_LONG } else { MOST };
    if bytes > most {
        problems.push(LegalError::LongSms {
            at: purpose.at,
            bytes,
            long: template.long,
        });
    }
}

/// The bytes of a text.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// The most bytes that a hole takes for certain in some message.
fn longest(hole: &Hole, filters: &[Filter], message: &Message, schema: &Schema) -> usize {
    let kind = match hole {
        Hole::Attribute(at) => schema.attributes.get(at.at()).map(|it| &it.kind),
        Hole::Need(at) => message.needs.get(*at as usize).map(|it| &it.kind),
        Hole::OfferPart(_, OfferPart::Expires) => Some(&Type::Moment),
        Hole::OfferPart(_, OfferPart::Title | OfferPart::Code)
        | Hole::Score(_)
        | Hole::UnsubscribeLink => None,
    };
    let value = match kind {
        Some(Type::OneOf(words)) => words.iter().map(|it| width(it)).max().unwrap_or(0),
        // `2026년 11월 27일`, the shorter of the ways to write a day.
        Some(Type::Date | Type::Moment) => "2026-11-27".len(),
        _ => 0,
    };
    let otherwise = filters.iter().find_map(|it| match it {
        Filter::Or(words) => Some(width(words)),
        _ => None,
    });
    value.max(otherwise.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_korean_letter_takes_two_bytes() {
        assert_eq!(width("(광고) 팔도한상"), 6 + 1 + 8);
    }
}
