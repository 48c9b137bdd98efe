//! Messages: templates parsed and checked, ready to be filled in.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::index::{AttributeIx, ConsentIx, ScoreIx};
use crate::schema::Type;

/// A way to reach a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
    /// KakaoTalk.
    Kakao,
    /// Push notification.
    Push,
    /// An HTTP call per message.
    Webhook,
    /// A message shown inside the product.
    Inapp,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 6] = [
        Self::Email,
        Self::Sms,
        Self::Kakao,
        Self::Push,
        Self::Webhook,
        Self::Inapp,
    ];

    /// The word for it in `.journey` files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Kakao => "kakao",
            Self::Push => "push",
            Self::Webhook => "webhook",
            Self::Inapp => "inapp",
        }
    }

    /// The channel of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.word() == word)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a message is sent. Caps, quiet hours and consent hang on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// For profit: needs consent.
    Advertising,
    /// Part of a deal: receipts, notices.
    Transactional,
    /// Asks for an opinion.
    Survey,
}

impl Purpose {
    /// The word for it in `.journey` files and templates.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Advertising => "advertising",
            Self::Transactional => "transactional",
            Self::Survey => "survey",
        }
    }

    /// The purpose of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Advertising, Self::Transactional, Self::Survey]
            .into_iter()
            .find(|purpose| purpose.word() == word)
    }
}

/// One template on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The channel it is written for.
    pub channel: Channel,
    /// The template's name: the file `templates/<channel>/<name>.md`.
    pub template: String,
    /// Why it is sent.
    pub purpose: Purpose,
    /// The consent a person must have given by this channel; `None` where none is needed.
    pub consent: Option<ConsentIx>,
    /// The sender's name in `project.senders`.
    pub sender: Option<String>,
    /// The subject line (e-mail) or title (push); empty elsewhere.
    pub subject: Vec<Piece>,
    /// The body: Markdown for e-mail, plain text elsewhere.
    pub body: Vec<Piece>,
    /// The arguments it needs, by name.
    pub needs: Vec<Need>,
    /// The same message in other languages than the project's: `templates/<channel>/<name>.<language>.md`.
    pub translations: Vec<Translation>,
}

impl Message {
    /// The words for a reader of a language: those of its translation where there is one, else the project's own.
    #[must_use]
    pub fn words(&self, language: &str) -> (&[Piece], &[Piece]) {
        match self.translation(language) {
            Some(other) => (&other.subject, &other.body),
            None => (&self.subject, &self.body),
        }
    }

    /// The translation into a language.
    #[must_use]
    pub fn translation(&self, language: &str) -> Option<&Translation> {
        self.translations.iter().find(|it| it.language == language)
    }
}

/// The words of a message in another language. Purpose, sender, consent and arguments are the message's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The language's code in two letters (ISO 639-1), as in the file's name and in the attribute `language`.
    pub language: String,
    /// The subject line (e-mail) or title (push); empty elsewhere.
    pub subject: Vec<Piece>,
    /// The body.
    pub body: Vec<Piece>,
}

/// An argument of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Type,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Words as they stand.
    Text(String),
    /// A value put in. Without a value and without [`Filter::Or`] the whole message is not sent.
    Hole {
        /// What is put in.
        hole: Hole,
        /// How it is written, applied in order.
        filters: Vec<Filter>,
    },
}

/// What a hole is filled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hole {
    /// An attribute of the contact.
    Attribute(AttributeIx),
    /// An argument, by its position in `message.needs`.
    Need(u32),
    /// A part of an offer argument, by its position in `message.needs`.
    OfferPart(u32, OfferPart),
    /// The link by which this person can unsubscribe.
    UnsubscribeLink,
    /// A score of the contact.
    Score(ScoreIx),
}

/// A part of an issued offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferPart {
    /// Its title.
    Title,
    /// This contact's code.
    Code,
    /// When it expires.
    Expires,
}

/// How a value is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// `or: '고객'`: these words where there is no value.
    Or(String),
    /// `josa: "을/를"`: the value followed by the particle that fits its last syllable.
    Josa(String),
    /// `date`: a day in the project's language.
    Date,
    /// `money`: an amount with its currency.
    Money,
    /// `cart_link`: the value inside the project's link of that name, escaped for a URL.
    Link(String),
    /// `upper`: in capitals.
    Upper,
    /// `lower`: in small letters.
    Lower,
}
