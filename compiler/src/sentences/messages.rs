//! Messages in words: their name, their tag, and what they look like with sample values.

use journey_ir as ir;
use journey_ir::journey::Expression;
use journey_ir::message::{Hole, OfferPart, Piece};
use journey_ir::{Message, Purpose};

use super::{Teller, say};
use crate::problem::Language;

/// A message in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version<'a, 'm> {
    /// Tells of it in that language.
    pub(crate) teller: Teller<'a>,
    /// The language's code: `ko`.
    pub(crate) code: &'m str,
    /// The subject line; empty where the channel has none.
    pub(crate) subject: &'m [Piece],
    /// The body.
    pub(crate) body: &'m [Piece],
}

impl<'a> Teller<'a> {
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

    /// A message in every language it is written in: this one's first, each with samples in its own language.
    pub(crate) fn versions<'m>(&self, message: &'m Message) -> Vec<Version<'a, 'm>>
    where
        'a: 'm,
    {
        let own = self.program.project.language.as_str();
        let original = (own, &message.subject, &message.body);
        let others = message.translations.iter();
        let others = others.map(|it| (it.language.as_str(), &it.subject, &it.body));
        let mut all: Vec<Version<'a, 'm>> = std::iter::once(original)
            .chain(others)
            .map(|(code, subject, body)| Version {
                teller: Teller {
                    language: match code {
                        "ko" => Language::Korean,
                        _ => Language::English,
                    },
                    ..*self
                },
                code,
                subject,
                body,
            })
            .collect();
        let wanted = if self.is_korean() { "ko" } else { "en" };
        all.sort_by_key(|it| it.code != wanted);
        all
    }

    /// A message in this language, else in the project's.
    pub(super) fn spoken<'m>(&self, message: &'m Message) -> Version<'a, 'm>
    where
        'a: 'm,
    {
        let own = &self.program.project.language;
        let wanted = if self.is_korean() { "ko" } else { "en" };
        let mut all = self.versions(message);
        let at = all.iter().position(|it| it.code == wanted);
        let at = at.or_else(|| all.iter().position(|it| it.code == *own));
        all.swap_remove(at.unwrap_or_default())
    }

    /// The offer that is all that a message is ever sent with.
    fn only_offer(&self, message: &Message) -> Option<&'a ir::Offer> {
        let same = |at: &ir::MessageIx| {
            let other = self.program.message(*at);
            other.is_some_and(|it| it.channel == message.channel && it.template == message.template)
        };
        let steps = self.program.journeys.iter().flat_map(|it| &it.steps);
        let given = steps.filter_map(|step| match &step.kind {
            ir::StepKind::Send {
                candidates, args, ..
            } if candidates.iter().any(same) => Some(args),
            _ => None,
        });
        let mut offers = given.flatten().filter_map(|it| match it.value {
            Expression::Offer(at) => Some(at),
            _ => None,
        });
        let first = offers.next()?;
        let offer = self.program.offers.get(first.at())?;
        offers.all(|it| it == first).then_some(offer)
    }

    /// What people read first: the subject, else the first line that says more than who sends an advertisement.
    pub(super) fn first_words(&self, message: &Message) -> String {
        let version = self.spoken(message);
        let subject = version.teller.sample(message, version.subject);
        if !subject.is_empty() {
            return subject;
        }
        let body = version.teller.sample(message, version.body);
        let lines = body.lines().map(str::trim);
        let mut lines = lines.filter(|it| !it.is_empty() && !it.starts_with("(광고)"));
        lines.next().unwrap_or_default().to_owned()
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
                OfferPart::Title => {
                    let offer = self.only_offer(message);
                    let title = offer.and_then(|it| it.title.clone());
                    title.unwrap_or_else(|| self.word("‹coupon›", "‹쿠폰›").to_owned())
                }
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
