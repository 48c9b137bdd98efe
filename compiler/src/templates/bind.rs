//! A template and a schema to a message of the program: every hole bound to what fills it.

use std::collections::BTreeSet;

use journey_grammar::tree::Span;
use journey_ir::message::{OfferPart, Translation};
use journey_ir::{
    AttributeIx, Channel, ConsentIx, Filter, Hole as Filled, Message, MessageIx, Piece, Purpose,
    Schema, Score, ScoreIx, Type,
};

use super::draft::{Draft, Hole};
use super::error::{ConsentError, LegalError, SyntaxError, VariableError as Error};
use super::filter::{self, UNSUBSCRIBE_LINK, is_words};
use super::{Template, korea, particle, sms};
use crate::known::Known;
use crate::manifest::Manifest;
use crate::near::nearest;
use crate::problem::{Location, Problem, Problems};
use crate::settings;
use crate::settings::{Named, Placed};

const OFFER_PARTS: [(&str, OfferPart, Type); 3] = [
    ("title", OfferPart::Title, Type::Text),
    ("code", OfferPart::Code, Type::Text),
    ("expires", OfferPart::Expires, Type::Moment),
];

/// The message of a template. What could not be bound is reported and left out.
pub(super) fn message(
    position: MessageIx,
    template: &Template,
    advertised: &[Channel],
    manifest: &Manifest,
    known: Known<'_>,
    problems: &mut Problems,
) -> Message {
    let binder = Binder {
        template,
        advertised,
        manifest,
        schema: known.schema,
        scores: known.scores,
        all_attributes: known.all_attributes,
        all_consents: known.all_consents,
        position,
        certain: known.certain,
    };
    let korean = manifest.packs.iter().any(|pack| pack == "kr");
    if korean {
        korea::check(template, manifest, problems);
        for (_, translated) in &template.translations {
            korea::check(translated, manifest, problems);
        }
    }
    check_purpose(template, manifest, problems);
    let translations = template.translations.iter().map(|(language, translated)| {
        let binder = Binder {
            template: translated,
            ..binder
        };
        Translation {
            language: language.clone(),
            subject: binder.pieces(&translated.subject, problems),
            body: binder.pieces(&translated.body, problems),
        }
    });
    let translations = translations.collect();
    let purpose = template.purpose.as_ref().map(|it| it.value);
    let message = Message {
        channel: template.channel,
        template: template.name.clone(),
        purpose: purpose.unwrap_or(Purpose::Transactional),
        consent: binder.consent(problems),
        sender: template.sender.clone(),
        subject: binder.pieces(&template.subject, problems),
        body: binder.pieces(&template.body, problems),
        needs: template.needs.clone(),
        translations,
    };
    if korean {
        sms::check(template, &message, known.schema, problems);
    }
    message
}

/// Reports a purpose that does not go with what the template carries, or with what carries the template.
fn check_purpose(template: &Template, manifest: &Manifest, problems: &mut Problems) {
    let Some(purpose) = &template.purpose else {
        return;
    };
    let offer = template.needs.iter().find(|it| it.kind == Type::Offer);
    if let Some(need) = offer
        && purpose.value == Purpose::Transactional
    {
        problems.push(LegalError::OfferInNotice {
            at: purpose.at,
            need: need.name.clone(),
        });
    }
    if let Some(product) = manifest.product(template.channel)
        && !product.carries.contains(&purpose.value)
    {
        problems.push(LegalError::WrongChannel {
            at: purpose.at,
            product,
            purpose: purpose.value,
        });
    }
}

#[derive(Clone, Copy)]
struct Binder<'a> {
    /// The channels by which the project advertises.
    advertised: &'a [Channel],
    template: &'a Template,
    manifest: &'a Manifest,
    schema: &'a Schema,
    scores: &'a [Score],
    all_attributes: bool,
    all_consents: bool,
    position: MessageIx,
    certain: Option<&'a BTreeSet<(MessageIx, AttributeIx)>>,
}

/// What a path stands for.
struct Variable {
    hole: Filled,
    kind: Type,
    /// Whether some people have no value.
    maybe_missing: bool,
}

impl Binder<'_> {
    fn pieces(&self, drafts: &[Draft], problems: &mut Problems) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut unknown: Vec<&str> = Vec::new();
        for (at, draft) in drafts.iter().enumerate() {
            match draft {
                Draft::Text(words) => {
                    self.lone_braces(words, problems);
                    pieces.push(Piece::Text(words.value.clone()));
                }
                Draft::Hole(hole) => {
                    let after = match drafts.get(at + 1) {
                        Some(Draft::Text(words)) => Some(words),
                        _ => None,
                    };
                    // `coupon.title`, `coupon.code`: one argument is missing, not two.
                    let first = hole.path.value.first().map_or("", String::as_str);
                    if unknown.contains(&first) {
                        continue;
                    }
                    if hole.path.value.len() > 1 && !self.is_offer(first) {
                        unknown.push(first);
                    }
                    pieces.extend(self.piece(hole, after, problems));
                }
            }
        }
        pieces
    }

    /// Reports `{name}`, which would be sent as it stands, where `name` is something that could be filled in.
    fn lone_braces(&self, words: &Placed<String>, problems: &mut Problems) {
        for (opening, rest) in words.value.match_indices('{').map(|(at, _)| {
            let rest = words.value.get(at + 1..).unwrap_or_default();
            (at, rest)
        }) {
            let Some((name, _)) = rest.split_once('}') else {
                return;
            };
            let inside = name.trim();
            let needed = self.template.needs.iter().any(|it| it.name == inside);
            if !needed && self.attribute(inside).is_none() {
                continue;
            }
            let exact = words.at.span.len() as usize == words.value.len();
            let at = if exact {
                let start = words.at.span.start + opening as u32;
                let end = start + name.len() as u32 + 2;
                Location::new(words.at.file, Span::new(start, end))
            } else {
                words.at
            };
            problems.push(SyntaxError::OneBrace {
                at,
                name: inside.to_owned(),
                exact,
            });
        }
    }

    fn piece(
        &self,
        hole: &Hole,
        after: Option<&Placed<String>>,
        problems: &mut Problems,
    ) -> Option<Piece> {
        let variable = match self.variable(hole) {
            Ok(variable) => variable,
            Err(error) => {
                let unclear = !self.all_attributes || self.template.unclear;
                if unclear && matches!(error, Error::UnknownVariable { .. }) {
                    return None;
                }
                let mut problem = Problem::from(error);
                // In a setting with escapes the place is the whole setting, which no single word replaces.
                if hole.path.at == hole.at {
                    problem.fix = None;
                }
                problems.push(problem);
                return None;
            }
        };
        let filters: Vec<Filter> = hole
            .filters
            .iter()
            .filter_map(|call| filter::bind(call, &variable.kind, self.manifest, problems))
            .collect();
        // By name, so that a default that could not be read is not asked for again.
        let has = |name: &str| hole.filters.iter().any(|call| call.name.value == name);
        // A filter that was reported may have been meant as the default.
        let all_read = filters.len() == hole.filters.len();
        if variable.maybe_missing && !has("or") && all_read {
            problems.push(Error::MaybeMissing {
                at: hole.path.at,
                name: hole.path.value.join("."),
                inside: hole.inside.clone(),
                korean: after.is_some_and(|words| words.value.starts_with("님")),
            });
        }
        if let Some(after) = after.filter(|_| is_words(&variable.kind) && !has("josa")) {
            particle::check(hole, after, problems);
        }
        Some(Piece::Hole {
            hole: variable.hole,
            filters,
        })
    }

    fn variable(&self, hole: &Hole) -> Result<Variable, Error> {
        let path: Vec<&str> = hole.path.value.iter().map(String::as_str).collect();
        let at = hole.path.at;
        match path.as_slice() {
            [UNSUBSCRIBE_LINK] => Ok(Variable {
                hole: Filled::UnsubscribeLink,
                kind: Type::Link,
                maybe_missing: false,
            }),
            [name] => self
                .need(name, at)
                .or_else(|| self.attribute(name).map(Ok))
                .or_else(|| self.score(name).map(Ok))
                .unwrap_or_else(|| Err(self.unknown(name, at))),
            [name, part] => self.part(name, part, at),
            _ => Err(self.unknown(&path.join("."), at)),
        }
    }

    /// The argument of a name. It hides an attribute of the same name.
    fn need(&self, name: &str, at: Location) -> Option<Result<Variable, Error>> {
        let position = self.template.needs.iter().position(|it| it.name == name)?;
        let kind = self.template.needs.get(position)?.kind.clone();
        if kind == Type::Offer {
            return Some(Err(Error::WholeOffer {
                at,
                name: name.to_owned(),
            }));
        }
        Some(Ok(Variable {
            hole: Filled::Need(position as u32),
            kind,
            maybe_missing: false,
        }))
    }

    fn attribute(&self, name: &str) -> Option<Variable> {
        let at = self
            .schema
            .attributes
            .iter()
            .position(|it| it.name == name)?;
        let attribute = self.schema.attributes.get(at)?;
        Some(Variable {
            hole: Filled::Attribute(AttributeIx(at as u32)),
            kind: shown(&attribute.kind),
            maybe_missing: self.maybe_missing(AttributeIx(at as u32))
                && self
                    .certain
                    .is_some_and(|it| !it.contains(&(self.position, AttributeIx(at as u32)))),
        })
    }

    /// A score, which everyone has.
    fn score(&self, name: &str) -> Option<Variable> {
        let at = self.scores.iter().position(|it| it.name == name)?;
        Some(Variable {
            hole: Filled::Score(ScoreIx(at as u32)),
            kind: Type::WholeNumber,
            maybe_missing: false,
        })
    }

    /// Whether some people have no value for an attribute. Years since a date are missing where the date is.
    fn maybe_missing(&self, attribute: AttributeIx) -> bool {
        let Some(attribute) = self.schema.attributes.get(attribute.at()) else {
            return false;
        };
        match attribute.kind {
            // Invariant: a date attribute is no `years since`, so this ends.
            Type::YearsSince(date) => self
                .schema
                .attributes
                .get(date.at())
                .is_some_and(|date| date.optional && date.default.is_none()),
            _ => attribute.optional && attribute.default.is_none(),
        }
    }

    /// `coupon.expires`: a part of an offer that is passed.
    fn part(&self, name: &str, part: &str, at: Location) -> Result<Variable, Error> {
        if !self.is_offer(name) {
            return Err(self.unknown(&format!("{name}.{part}"), at));
        }
        let position = self.template.needs.iter().position(|it| it.name == name);
        OFFER_PARTS
            .iter()
            .find(|(word, ..)| *word == part)
            .zip(position)
            .map(|((_, part, kind), position)| Variable {
                hole: Filled::OfferPart(position as u32, *part),
                kind: kind.clone(),
                // Whether an offer expires is the offer's business; the engine skips a send that needs it and has none.
                maybe_missing: false,
            })
            .ok_or_else(|| Error::UnknownPart {
                at,
                name: name.to_owned(),
                part: part.to_owned(),
                near: nearest(part, OFFER_PARTS.iter().map(|(word, ..)| *word)).map(str::to_owned),
            })
    }

    /// Whether an argument is an offer.
    fn is_offer(&self, name: &str) -> bool {
        let mut needs = self.template.needs.iter();
        needs.any(|it| it.name == name && it.kind == Type::Offer)
    }

    fn unknown(&self, name: &str, at: Location) -> Error {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        let event = self
            .schema
            .events
            .iter()
            .find(|it| !rest.is_empty() && it.name == first);
        let needs = self.template.needs.iter().map(|it| it.name.as_str());
        let attributes = self.schema.attributes.iter().map(|it| it.name.as_str());
        let scores = self.scores.iter().map(|it| it.name.as_str());
        let known = needs
            .chain(attributes)
            .chain(scores)
            .chain([UNSUBSCRIBE_LINK]);
        Error::UnknownVariable {
            at,
            near: nearest(name, known).map(str::to_owned),
            name: name.to_owned(),
            field: event.is_some().then(|| rest.to_owned()),
        }
    }

    /// The consent that the message needs: the one written, else `marketing`, else the only one for the channel.
    fn consent(&self, problems: &mut Problems) -> Option<ConsentIx> {
        let purpose = self.template.purpose.as_ref()?;
        let channel = self.template.channel;
        let covers = |at: usize| {
            self.schema
                .consents
                .get(at)
                .is_some_and(|consent| consent.channels.contains(&channel))
        };
        let by_name = |name: &str| self.schema.consents.iter().position(|it| it.name == name);
        if let Some(written) = &self.template.consent {
            let Some(at) = by_name(&written.value) else {
                let names = self.schema.consents.iter().map(|it| it.name.as_str());
                problems.push(settings::Error::UnknownName {
                    at: written.at,
                    what: Named::Consent,
                    near: nearest(&written.value, names).map(str::to_owned),
                    name: written.value.clone(),
                });
                return None;
            };
            if !covers(at) {
                problems.push(ConsentError::ConsentElsewhere {
                    at: written.at,
                    consent: written.value.clone(),
                    channel,
                });
                return None;
            }
            return Some(ConsentIx(at as u32));
        }
        if purpose.value != Purpose::Advertising {
            return None;
        }
        let covering: Vec<usize> = (0..self.schema.consents.len())
            .filter(|at| covers(*at))
            .collect();
        let usual = by_name("marketing").filter(|at| covers(*at));
        let only = match covering.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let chosen = usual.or(only);
        if chosen.is_none() && self.all_consents {
            let names = covering
                .iter()
                .filter_map(|at| self.schema.consents.get(*at));
            let mut consents = self.schema.consents.iter();
            let other = match self.schema.consents.as_slice() {
                [only] => Some(only),
                _ => consents.find(|it| it.name == "marketing"),
            };
            problems.push(ConsentError::NoConsent {
                at: purpose.at,
                channel,
                covering: names.map(|it| it.name.clone()).collect(),
                other: other.map(|it| {
                    let channels = it.channels.iter().map(|it| it.word().to_owned());
                    (it.name.clone(), channels.chain(it.others.clone()).collect())
                }),
                advertised: self.advertised.to_vec(),
            });
        }
        chosen.map(|at| ConsentIx(at as u32))
    }
}

/// The type of what is written for an attribute: years are a number.
fn shown(kind: &Type) -> Type {
    match kind {
        Type::YearsSince(_) => Type::WholeNumber,
        other => other.clone(),
    }
}
