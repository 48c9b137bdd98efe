//! Composing a mail: who, what and when go in, a complete MIME message and its envelope come out. The same input
//! always gives the same bytes, so that a retry is the same mail and not a second one.

use std::time::{Duration, UNIX_EPOCH};

use journey_ir::time::Instant;
use journey_letters::{Body, Fragment, page};
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body as MimeBody, Mailbox, Message, MultiPart, SinglePart};

use super::address::{self, AddressError};

/// How a reader of advertising stops it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// A link below the daemon's public address. Mail programs may post to it with one click (RFC 8058).
    Link(String),
    /// A mail to this address, where the daemon has no public address.
    Mail(String),
}

impl Stop {
    /// The link as it stands in a body.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Link(url) => url.clone(),
            Self::Mail(address) => format!("mailto:{address}?subject=unsubscribe"),
        }
    }
}

/// A mail before it has a form.
#[derive(Debug, Clone)]
pub struct Letter<'a> {
    /// The effect's key in hexadecimal: it names the message for ever.
    pub key: &'a str,
    /// The sender, `Name <address>`.
    pub from: &'a str,
    /// Where answers go.
    pub reply_to: Option<&'a str>,
    /// The receiver.
    pub to: &'a str,
    /// The subject line.
    pub subject: &'a str,
    /// The body.
    pub body: Vec<Fragment<'a>>,
    /// The language of the text, `ko` or `en`.
    pub language: &'a str,
    /// The time in the `Date` header.
    pub date: Instant,
    /// How the reader stops it; set for advertising.
    pub stop: Option<&'a Stop>,
}

/// A finished mail.
#[derive(Debug, Clone)]
pub struct Composed {
    /// Who it is from and to, for the transport.
    pub envelope: Envelope,
    /// The whole message.
    pub bytes: Vec<u8>,
    /// Its Message-ID.
    pub message_id: String,
}

/// Why a mail cannot be composed. Trying again would not help.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// An address is wrong.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The subject could start a header of its own.
    #[error("the subject holds a line break or control character")]
    Subject,
    /// The message could not be built.
    #[error("the mail could not be built: {0}")]
    Build(#[from] lettre::error::Error),
}

/// The longest line, in bytes, without its end (RFC 5322 §2.1.1).
const MAX_LINE: usize = 998;
/// The longest address in a header, in bytes.
const MAX_STOP: usize = 900;
/// The header that says how to stop, and the one that allows one click.
const LIST_UNSUBSCRIBE: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe");
const LIST_UNSUBSCRIBE_POST: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");

/// Gives the letter its form.
pub fn compose(letter: &Letter<'_>) -> Result<Composed, ComposeError> {
    if letter.subject.chars().any(char::is_control) {
        return Err(ComposeError::Subject);
    }
    let from = address::parse(letter.from)?;
    let message_id = message_id(letter.key, &from);
    let mut builder = Message::builder()
        .from(from)
        .to(address::parse(letter.to)?)
        .subject(letter.subject)
        .date(UNIX_EPOCH + Duration::from_millis(letter.date.max(0).unsigned_abs()))
        .message_id(Some(message_id.clone()));
    if let Some(reply_to) = letter.reply_to {
        builder = builder.reply_to(address::parse(reply_to)?);
    }
    for (name, value) in stop_headers(letter.stop) {
        // Written in one line: folding it would break signatures that mail programs insist upon.
        builder = builder.raw_header(HeaderValue::dangerous_new_pre_encoded(
            name,
            value.clone(),
            value,
        ));
    }
    let message = builder.multipart(parts(letter))?;
    Ok(Composed {
        envelope: message.envelope().clone(),
        bytes: message.formatted(),
        message_id,
    })
}

fn message_id(key: &str, from: &Mailbox) -> String {
    format!("<{key}@{}>", from.email.domain())
}

fn parts(letter: &Letter<'_>) -> MultiPart {
    let body = Body::new(letter.body.iter().copied());
    let written = body.written();
    let page = page(letter.language, letter.subject, &written.html);
    MultiPart::alternative()
        .boundary(format!("journey-{}", letter.key))
        .singlepart(
            SinglePart::builder()
                .header(ContentType::TEXT_PLAIN)
                .body(encoded(written.text)),
        )
        .singlepart(
            SinglePart::builder()
                .header(ContentType::TEXT_HTML)
                .body(encoded(page)),
        )
}

/// What every mail server takes as it is travels as it is; lettre chooses an encoding for all else, and also for lines
/// above 76 characters, which need none below [`MAX_LINE`].
fn encoded(text: String) -> MimeBody {
    let plain = text.is_ascii()
        && !text.contains(['\r', '\0'])
        && text.split('\n').all(|line| line.len() <= MAX_LINE);
    if plain {
        let lines = text.replace('\n', "\r\n").into_bytes();
        MimeBody::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit)
    } else {
        MimeBody::new(text)
    }
}

/// One click is offered only over https, as RFC 8058 demands.
fn stop_headers(stop: Option<&Stop>) -> Vec<(HeaderName, String)> {
    let Some(stop) = stop else {
        return Vec::new();
    };
    let url = stop.url();
    if url.len() > MAX_STOP
        || !url
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')
    {
        return Vec::new();
    }
    let mut headers = vec![(LIST_UNSUBSCRIBE, format!("<{url}>"))];
    if url.starts_with("https://") {
        headers.push((
            LIST_UNSUBSCRIBE_POST,
            "List-Unsubscribe=One-Click".to_owned(),
        ));
    }
    headers
}
