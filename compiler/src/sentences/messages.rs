//! Messages in words: their name, their tag, and what they look like with sample values.

use journey_ir as ir;
use journey_ir::message::{Hole, OfferPart, Piece};
use journey_ir::{Message, Purpose};

use super::{Teller, say};

impl Teller<'_> {
    /// `[광고] `, `[survey] `; nothing for what is part of a deal.
    pub(crate) fn tag(&self, message: &Message) -> &'static str {
        match (message.purpose, self.is_korean()) {
            (Purpose::Advertising, false) => "[ad] ",
            (Purpose::Advertising, true) => "[광고] ",
            (Purpose::Survey, false) => "[survey] ",
            (Purpose::Survey, true) => "[설문] ",
            (Purpose::Transactional, _) => "",
        }
    }

    /// A purpose.
    pub(crate) fn purpose(&self, purpose: Purpose) -> &'static str {
        match (purpose, self.is_korean()) {
            (Purpose::Advertising, false) => "advertising",
            (Purpose::Advertising, true) => "광고",
            (Purpose::Survey, false) => "survey",
            (Purpose::Survey, true) => "설문",
            (Purpose::Transactional, false) => "transactional",
            (Purpose::Transactional, true) => "거래 안내",
        }
    }

    /// `[광고] 이메일 “cart_special_offer”`.
    pub(crate) fn message(&self, message: &Message) -> String {
        let (tag, channel) = (self.tag(message), self.channel(message.channel));
        format!("{tag}{channel} “{}”", message.template)
    }

    /// A template's words with a sample in every hole.
    pub(crate) fn sample(&self, message: &Message, pieces: &[Piece]) -> String {
        let part = |piece: &Piece| match piece {
            Piece::Text(words) => words.clone(),
            Piece::Hole { hole, .. } => self.sample_in(message, hole),
        };
        pieces.iter().map(part).collect()
    }

    /// A sample for one hole of a template.
    pub(crate) fn sample_in(&self, message: &Message, hole: &Hole) -> String {
        let need = |at: &u32| message.needs.get(*at as usize);
        match hole {
            Hole::Attribute(at) => {
                let attribute = self.program.attribute(*at);
                attribute.map_or_else(String::new, |it| self.sample_of(&it.name, &it.kind))
            }
            Hole::Need(at) => {
                need(at).map_or_else(String::new, |it| self.sample_of(&it.name, &it.kind))
            }
            Hole::OfferPart(_, part) => match part {
                OfferPart::Title => self.word("First order 10%", "첫 구매 10%").to_owned(),
                OfferPart::Code => "WELCOME-7K2M".to_owned(),
                OfferPart::Expires => self.word("2026-09-14", "2026년 9월 14일").to_owned(),
            },
            Hole::Score(_) => "42".to_owned(),
            Hole::UnsubscribeLink => "https://example.com/unsubscribe".to_owned(),
        }
    }

    /// A plausible value of a type; a text shows the name of what stands there.
    fn sample_of(&self, name: &str, kind: &ir::Type) -> String {
        match kind {
            ir::Type::Number | ir::Type::WholeNumber | ir::Type::YearsSince(_) => "3".to_owned(),
            ir::Type::Money(_) => self.word("₩50,000", "5만원").to_owned(),
            ir::Type::Date | ir::Type::Moment => say!(self, "2026-09-14", "2026년 9월 14일"),
            ir::Type::YesNo => self.word("yes", "예").to_owned(),
            ir::Type::EmailAddress => "minji@example.com".to_owned(),
            ir::Type::PhoneNumber => "010-1234-5678".to_owned(),
            ir::Type::Timezone => "Asia/Seoul".to_owned(),
            ir::Type::Link => "https://example.com".to_owned(),
            ir::Type::OneOf(values) | ir::Type::Scale(values) => {
                values.first().cloned().unwrap_or_default()
            }
            ir::Type::Text if name == "name" => self.word("Minji", "민지").to_owned(),
            ir::Type::Text
            | ir::Type::ListOf(_)
            | ir::Type::Items(_)
            | ir::Type::Duration
            | ir::Type::Offer => format!("‹{name}›"),
        }
    }
}
