//! Messages in words: a decided [`Send`] and its template become a subject and a body.

use std::fmt::Write as _;

use journey_ir::{Filter, Hole, Message, Piece, Value};

use crate::effect::Send;
use crate::josa::with_josa;
use crate::program::Program;
use crate::send::hole_name;
use crate::words::{self, Language};

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject line (e-mail) or title (push); empty elsewhere.
    pub subject: String,
    /// The body: Markdown for e-mail, plain text elsewhere. Values are kept apart from the template's own words, so
    /// that a channel can write them as data, whatever they look like.
    pub body: Vec<Part>,
}

/// A part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The template's own words.
    Text(String),
    /// A value, filtered.
    Value(String),
    /// An address the project made: a value through one of its links, or the link to unsubscribe.
    Link(String),
}

impl Part {
    /// Its words.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Text(words) | Self::Value(words) | Self::Link(words) => words,
        }
    }
}

/// Why a message could not be put into words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The program no longer has this template.
    #[error("there is no {channel} template named `{template}`")]
    NoTemplate {
        /// The channel.
        channel: journey_ir::Channel,
        /// The template.
        template: String,
    },
    /// The template has come to need a value that was not resolved when the message was decided.
    #[error("`{name}` has no value")]
    Missing {
        /// The value's name.
        name: String,
    },
}

/// Puts a message into words. `unsubscribe` is the link by which this contact can unsubscribe.
///
/// Where several versions of the program have a template of this name, the current one is used if the values suffice.
pub fn message(program: &Program, send: &Send, unsubscribe: &str) -> Result<Rendered, RenderError> {
    let mut result = Err(RenderError::NoTemplate {
        channel: send.channel,
        template: send.template.to_string(),
    });
    let same = |it: &&Message| it.channel == send.channel && *it.template == *send.template;
    for message in program.ir().messages.iter().filter(same) {
        let page = Page {
            program,
            message,
            send,
            unsubscribe,
        };
        let (subject, body) = message.words(&send.language);
        let rendered = page.text(subject).and_then(|subject| {
            let body = page.parts(body)?;
            Ok(Rendered { subject, body })
        });
        if rendered.is_ok() {
            return rendered;
        }
        result = rendered;
    }
    result
}

/// The language in which somebody reads a message: their own where it is translated, else the project's. `own` is their
/// word for it: `en`, `en-US`, `영어`.
#[must_use]
pub fn language<'a>(program: &'a Program, message: &'a Message, own: Option<&Value>) -> &'a str {
    let translation = match own {
        Some(Value::Text(word)) => message.translation(words::language_code(word)),
        _ => None,
    };
    let project = &program.ir().project.language;
    translation.map_or(project, |it| &it.language)
}

struct Page<'a> {
    program: &'a Program,
    message: &'a Message,
    send: &'a Send,
    unsubscribe: &'a str,
}

impl Page<'_> {
    fn text(&self, pieces: &[Piece]) -> Result<String, RenderError> {
        let parts = self.parts(pieces)?;
        Ok(parts.iter().map(Part::words).collect())
    }

    fn parts(&self, pieces: &[Piece]) -> Result<Vec<Part>, RenderError> {
        let part = |piece: &Piece| match piece {
            Piece::Text(words) => Ok(Part::Text(words.clone())),
            Piece::Hole { hole, filters } => self.hole(hole, filters),
        };
        pieces.iter().map(part).collect()
    }

    fn hole(&self, hole: &Hole, filters: &[Filter]) -> Result<Part, RenderError> {
        if *hole == Hole::UnsubscribeLink {
            return Ok(Part::Link(self.unsubscribe.to_owned()));
        }
        let name = hole_name(self.program, self.message, hole).unwrap_or_default();
        let value = self.send.values.iter().find(|(it, _)| **it == *name);
        let (text, filters) = match value {
            Some((_, value)) => (self.words(value, filters), filters),
            None => instead(filters).ok_or(RenderError::Missing { name })?,
        };
        Ok(self.filtered(text, filters))
    }

    /// A value in the message's language.
    fn words(&self, value: &Value, filters: &[Filter]) -> String {
        let language = Language::of(&self.send.language);
        let zone = self.program.zone_named(&self.send.timezone);
        match value {
            Value::Moment(at) if filters.contains(&Filter::Date) => {
                words::date(zone.day(*at), language)
            }
            value => words::plain(value, language, &zone),
        }
    }

    fn filtered(&self, mut text: String, filters: &[Filter]) -> Part {
        let links = &self.program.ir().project.links;
        let mut is_link = false;
        for filter in filters {
            match filter {
                // Dates and amounts are in the message's language already, and there is a value.
                Filter::Or(_) | Filter::Date | Filter::Money => {}
                Filter::Josa(pair) => text = with_josa(&text, pair),
                Filter::Upper => text = text.to_uppercase(),
                Filter::Lower => text = text.to_lowercase(),
                Filter::Link(name) => {
                    is_link = true;
                    if let Some((_, url)) = links.iter().find(|(it, _)| it == name) {
                        text = url.replace("{}", &escaped(&text));
                    }
                }
            }
        }
        if is_link {
            Part::Link(text)
        } else {
            Part::Value(text)
        }
    }
}

/// The words for a missing value, and the filters after them: filters apply in the order in which they are written.
fn instead(filters: &[Filter]) -> Option<(String, &[Filter])> {
    let at = filters
        .iter()
        .position(|filter| matches!(filter, Filter::Or(_)))?;
    match filters.get(at..)?.split_first()? {
        (Filter::Or(words), rest) => Some((words.clone(), rest)),
        _ => None,
    }
}

/// A text inside a URL (RFC 3986: everything but the unreserved characters is percent-encoded).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a `String` never fails.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
