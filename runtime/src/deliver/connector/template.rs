//! Texts of a request: `{{ input }}` and `${SECRET}` in a text go in, the finished text comes out. Each value is escaped
//! for the place it stands in, so that data can never change the shape of a request.

use std::fmt;

use percent_encoding::utf8_percent_encode;
use serde_json::Value as Json;

use super::inputs::{Inputs, words};
use crate::secrets::{SecretError, Secrets};
use journey_letters::markdown::{URL_PART, html_escaped};

/// Where a text stands, and so how values are escaped in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In an address or a form: percent-encoded.
    Url,
    /// In JSON. Between quotes a value is escaped; outside it brings its own quotes, and is `null` if missing.
    Json,
    /// In XML or HTML.
    Markup,
    /// In a header or plain text.
    Plain,
}

impl Place {
    /// The place that a body of that content type is.
    #[must_use]
    pub(super) fn of_content_type(content_type: &str) -> Self {
        let content_type = content_type.to_ascii_lowercase();
        if content_type.contains("json") {
            Self::Json
        } else if content_type.contains("urlencoded") {
            Self::Url
        } else if content_type.contains("xml") || content_type.contains("html") {
            Self::Markup
        } else {
            Self::Plain
        }
    }
}

/// A text with its secrets filled in, ready for values. Its `Debug` shows nothing.
#[derive(Clone)]
pub(super) struct Template {
    place: Place,
    pieces: Vec<Piece>,
}

#[derive(Clone)]
enum Piece {
    Text(String),
    Input { name: String, quoted: bool },
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({:?})", self.place)
    }
}

/// Why a text could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FillError {
    /// A header would break into two.
    #[error("`{0}` holds a line break, which a header cannot carry")]
    Break(String),
    /// An address would lead elsewhere.
    #[error("`{0}` is `.` or `..`, which would change the address")]
    Dots(String),
}

impl Template {
    /// Reads the text and fills in its secrets.
    pub(super) fn parse(text: &str, place: Place, secrets: &Secrets) -> Result<Self, SecretError> {
        let mut pieces = Vec::new();
        let mut quotes = Quotes::default();
        let mut rest = text;
        loop {
            let (before, inside) = rest.split_once("{{").unwrap_or((rest, ""));
            let words = with_secrets(before, place, secrets, &mut quotes)?;
            pieces.push(Piece::Text(words));
            let Some((name, after)) = inside.split_once("}}") else {
                return Ok(Self { place, pieces });
            };
            pieces.push(Piece::Input {
                name: name.trim().to_owned(),
                quoted: quotes.open,
            });
            rest = after;
        }
    }

    /// Fills in the values.
    pub(super) fn fill(&self, inputs: &Inputs) -> Result<String, FillError> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Input { name, quoted } => {
                    let value = inputs.get(name).unwrap_or(&Json::Null);
                    out.push_str(&self.escaped(name, value, *quoted)?);
                }
            }
        }
        Ok(out)
    }

    fn escaped(&self, name: &str, value: &Json, quoted: bool) -> Result<String, FillError> {
        Ok(match self.place {
            Place::Json if quoted => in_quotes(&words(value)),
            Place::Json => value.to_string(),
            Place::Markup => html_escaped(&words(value)).into_owned(),
            Place::Url => {
                let words = words(value);
                if words == "." || words == ".." {
                    return Err(FillError::Dots(name.to_owned()));
                }
                utf8_percent_encode(&words, URL_PART).to_string()
            }
            Place::Plain => {
                let words = words(value);
                if words.chars().any(char::is_control) {
                    return Err(FillError::Break(name.to_owned()));
                }
                words
            }
        })
    }
}

/// Fills in secrets, and follows which quotes of JSON are open.
fn with_secrets(
    text: &str,
    place: Place,
    secrets: &Secrets,
    quotes: &mut Quotes,
) -> Result<String, SecretError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').ok_or(SecretError::Unclosed)?;
        quotes.follow(before);
        out.push_str(before);
        let secret = secrets.fill(&format!("${{{name}}}"))?;
        if place == Place::Json && quotes.open {
            out.push_str(&in_quotes(secret.expose()));
        } else {
            out.push_str(secret.expose());
        }
        rest = after;
    }
    quotes.follow(rest);
    out.push_str(rest);
    Ok(out)
}

fn in_quotes(words: &str) -> String {
    let quoted = Json::from(words).to_string();
    let inside = quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
}

#[derive(Default)]
struct Quotes {
    open: bool,
    escaped: bool,
}

impl Quotes {
    fn follow(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                _ if self.escaped => self.escaped = false,
                '\\' if self.open => self.escaped = true,
                '"' => self.open = !self.open,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fill(text: &str, place: Place, inputs: &Json) -> Result<String, FillError> {
        let secrets = Secrets::fixed([("KEY", "s\"3{{ name }}")]);
        let template = Template::parse(text, place, &secrets).unwrap();
        template.fill(inputs.as_object().unwrap())
    }

    #[test]
    fn json_stays_json_whatever_the_values_are() {
        let inputs =
            json!({ "name": "\",\"admin\":true,\"x\":\"민지", "budget": 4999.5, "tags": ["a\""] });
        let body = fill(
            r#"{"key":"${KEY}","who":"\"{{ name }}\"","name":{{ name }},"budget":{{budget}},"none":{{ nope }},"empty":"{{ nope }}","tags":{{ tags }}}"#,
            Place::Json,
            &inputs,
        );
        let read: Json = serde_json::from_str(&body.unwrap()).unwrap();
        assert_eq!(
            read,
            json!({
                "key": "s\"3{{ name }}", "who": "\"\",\"admin\":true,\"x\":\"민지\"", "name": "\",\"admin\":true,\"x\":\"민지",
                "budget": 4999.5, "none": null, "empty": "", "tags": ["a\""],
            })
        );
    }

    #[test]
    fn an_address_keeps_its_path() {
        let of = |id: &str| {
            fill(
                "https://a.example/u/{{ id }}/x",
                Place::Url,
                &json!({ "id": id }),
            )
        };
        assert_eq!(
            of("민/../?#"),
            Ok("https://a.example/u/%EB%AF%BC%2F..%2F%3F%23/x".to_owned())
        );
        assert_eq!(of(".."), Err(FillError::Dots("id".to_owned())));
    }

    #[test]
    fn a_header_stays_one_line() {
        let of = |name: &str| fill("hi {{ name }}", Place::Plain, &json!({ "name": name }));
        assert_eq!(of("민지"), Ok("hi 민지".to_owned()));
        assert_eq!(
            of("a\r\nX-Evil: 1"),
            Err(FillError::Break("name".to_owned()))
        );
    }
}
