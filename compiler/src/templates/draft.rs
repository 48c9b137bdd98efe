//! The words of a template taken apart: text, and holes `{{ path | filter: 'argument' }}`.
//!
//! A small strict parser. A hole stands on one line; its names are those of `.journey` files; an argument stands in
//! quotes and has no escapes. What cannot be read is reported and left out.

use journey_grammar::tree::Span;

use super::error::SyntaxError as Error;
use crate::problem::{Location, Problems};
use crate::settings::Placed;
use crate::sources::FileId;

/// A piece of a template, not yet bound to a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Draft {
    /// Words as they stand.
    Text(Placed<String>),
    /// A hole.
    Hole(Hole),
}

/// `{{ coupon.expires | date }}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hole {
    /// The names from left to right, without the dots; at least one.
    pub(super) path: Placed<Vec<String>>,
    pub(super) filters: Vec<Call>,
    /// From brace to brace.
    pub(super) at: Location,
    /// What stands between the braces.
    pub(super) inside: String,
}

/// `josa: '을/를'`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: Placed<String>,
    pub(super) argument: Option<Placed<String>>,
}

/// Where a text stands in its file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ground {
    /// Byte for byte, from this offset on.
    Exact { file: FileId, offset: u32 },
    /// Somewhere in here: a setting with escapes, whose bytes are not those of the file.
    Within(Location),
}

impl Ground {
    fn place(self, start: usize, end: usize) -> Location {
        match self {
            Self::Exact { file, offset } => {
                Location::new(file, Span::new(offset + start as u32, offset + end as u32))
            }
            Self::Within(location) => location,
        }
    }
}

/// Takes a text apart.
pub(super) fn parse(text: &str, ground: Ground, problems: &mut Problems) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(opening) = rest.find("{{") else {
            push_text(&mut drafts, text, at, text.len(), ground, problems);
            break;
        };
        let opening = at + opening;
        push_text(&mut drafts, text, at, opening, ground, problems);
        let (hole, end) = hole(text, opening, ground, problems);
        drafts.extend(hole.map(Draft::Hole));
        at = end;
    }
    drafts
}

fn push_text(
    drafts: &mut Vec<Draft>,
    text: &str,
    start: usize,
    end: usize,
    ground: Ground,
    problems: &mut Problems,
) {
    let words = text.get(start..end).unwrap_or_default();
    if words.is_empty() {
        return;
    }
    // The end of a block says nothing that its beginning did not.
    if let Some(offset) = words.find("{%") {
        let at = ground.place(start + offset, start + offset + 2);
        problems.push(Error::Block { at });
    }
    drafts.push(Draft::Text(Placed::new(
        words.to_owned(),
        ground.place(start, end),
    )));
}

/// The hole that opens at `opening`, and the offset just after it.
fn hole(
    text: &str,
    opening: usize,
    ground: Ground,
    problems: &mut Problems,
) -> (Option<Hole>, usize) {
    let start = opening + 2;
    let own = up_to_a_brace(text.get(start..).unwrap_or_default());
    let length = own.len();
    if !text
        .get(start + length..)
        .is_some_and(|rest| rest.starts_with("}}"))
    {
        problems.push(Error::Unclosed {
            at: ground.place(opening, start),
        });
        return (None, start + own.trim_end().len());
    }
    let inside = own;
    let end = start + length + 2;
    let whole = ground.place(opening, end);
    let mut reader = Reader {
        text: inside,
        at: 0,
        start,
        ground,
    };
    match reader.hole(whole) {
        Ok(hole) => (Some(hole), end),
        Err(error) => {
            problems.push(error);
            (None, end)
        }
    }
}

/// The text before the end of the line, `{{` or `}}`, whichever comes first.
fn up_to_a_brace(text: &str) -> &str {
    let bytes = text.as_bytes();
    let stops = |at: &usize| match bytes.get(*at) {
        Some(b'\n') => true,
        Some(brace @ (b'{' | b'}')) => bytes.get(at + 1) == Some(brace),
        _ => false,
    };
    let end = (0..bytes.len()).find(stops).unwrap_or(bytes.len());
    text.get(..end).unwrap_or_default()
}

/// Reads what stands between the braces.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// The offset of the text in its ground.
    start: usize,
    ground: Ground,
}

impl Reader<'_> {
    fn hole(&mut self, whole: Location) -> Result<Hole, Error> {
        self.skip_spaces();
        if self.rest().is_empty() {
            return Err(Error::EmptyHole { at: whole });
        }
        let start = self.at;
        let mut path = vec![self.name("a name such as `name`")?.value];
        while self.take('.') {
            path.push(self.name("a name after the dot")?.value);
        }
        let path = Placed::new(path, self.place(start, self.at));
        let mut filters = Vec::new();
        self.skip_spaces();
        while self.take('|') {
            self.skip_spaces();
            let name = self.name("a filter such as `or: '…'`")?;
            self.skip_spaces();
            let argument = if self.take(':') {
                self.skip_spaces();
                Some(self.quoted()?)
            } else {
                None
            };
            filters.push(Call { name, argument });
            self.skip_spaces();
        }
        if !self.rest().is_empty() {
            return Err(self.unexpected("`|` and a filter, or `}}`"));
        }
        Ok(Hole {
            path,
            filters,
            at: whole,
            inside: self.text.trim().to_owned(),
        })
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn place(&self, start: usize, end: usize) -> Location {
        self.ground.place(self.start + start, self.start + end)
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, sign: char) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len_utf8();
        }
        found
    }

    fn name(&mut self, expected: &'static str) -> Result<Placed<String>, Error> {
        let rest = self.rest();
        let fits = |c: char| c.is_alphanumeric() || c == '_';
        let length = rest.find(|c: char| !fits(c)).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default().to_owned();
        if word.is_empty() || word.starts_with(char::is_numeric) {
            return Err(self.unexpected(expected));
        }
        let start = self.at;
        self.at += length;
        let word = unicode_normalization::UnicodeNormalization::nfc(word.as_str()).collect();
        Ok(Placed::new(word, self.place(start, self.at)))
    }

    fn quoted(&mut self) -> Result<Placed<String>, Error> {
        let start = self.at;
        let Some(quote @ ('\'' | '"')) = self.rest().chars().next() else {
            return Err(self.unexpected("words in quotes such as `'고객'`"));
        };
        self.at += 1;
        let Some(length) = self.rest().find(quote) else {
            return Err(Error::UnclosedQuote {
                at: self.place(start, self.text.len()),
            });
        };
        let words = self.rest().get(..length).unwrap_or_default().to_owned();
        self.at += length + 1;
        Ok(Placed::new(words, self.place(start, self.at)))
    }

    fn unexpected(&self, expected: &'static str) -> Error {
        let rest = self.rest();
        let word = rest.split_whitespace().next().unwrap_or_default();
        if word.is_empty() {
            // The end of the hole is to blame: its closing braces.
            let end = self.text.len();
            return Error::Unexpected {
                at: self.place(end, end + 2),
                found: "}}".to_owned(),
                expected,
            };
        }
        let start = self.at + (rest.len() - rest.trim_start().len());
        Error::Unexpected {
            at: self.place(start, start + word.len()),
            found: word.to_owned(),
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Sources;

    /// What a text is taken apart into, in short, and what is said about it.
    fn parsed(text: &str) -> (String, Vec<String>) {
        let file = Sources::default().add("a.md", text);
        let mut problems = Problems::default();
        let drafts = parse(text, Ground::Exact { file, offset: 0 }, &mut problems);
        let short = |draft: &Draft| match draft {
            Draft::Text(words) => words.value.clone(),
            Draft::Hole(hole) => {
                let filters = hole.filters.iter().map(|call| {
                    let argument = call.argument.as_ref().map(|it| format!("={}", it.value));
                    format!("|{}{}", call.name.value, argument.unwrap_or_default())
                });
                format!(
                    "<{}{}>",
                    hole.path.value.join("."),
                    filters.collect::<String>()
                )
            }
        };
        let said = problems
            .iter()
            .map(|it| format!("{}: {}", it.at.span.of(text), it.message.en))
            .collect();
        (drafts.iter().map(short).collect(), said)
    }

    #[test]
    fn holes_are_read_with_their_filters() {
        let (short, said) = parsed(
            "{{name|or: '고객'}}님, {{ coupon.expires | date }}까지 {{ 상품 | josa: \"을/를\" }} 사세요",
        );
        assert_eq!(
            short,
            "<name|or=고객>님, <coupon.expires|date>까지 <상품|josa=을/를> 사세요"
        );
        assert!(said.is_empty(), "{said:?}");
    }

    #[test]
    fn what_cannot_be_read_is_reported_and_the_rest_is_kept() {
        for (text, short, says) in [
            (
                "a {{ name\nb {{ x }}",
                "a \nb <x>",
                "{{: this `{{` is never closed",
            ),
            ("{{ a {{ b }}", " <b>", "{{: this `{{` is never closed"),
            ("{{}} b", " b", "{{}}: there is nothing between the braces"),
            ("{{ 1a }}", "", "1a: `1a` stands where"),
            ("{{ a | }}", "", "}}: `}}` stands where"),
            ("{{ a | or: x }}", "", "x: `x` stands where"),
            (
                "{{ a | or: 'x }}",
                "",
                "'x : these words have no closing quote",
            ),
            ("{{ a b }}", "", "b: `b` stands where"),
            ("{% if a %}", "{% if a %}", "{%: `{%"),
        ] {
            let (found, said) = parsed(text);
            assert_eq!(found, short, "{text}");
            assert_eq!(said.len(), 1, "{text}: {said:?}");
            assert!(said[0].starts_with(says), "{text}: {said:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in "[ {}|:.'\"a가\n%0]{0,40}") {
            parsed(&text);
        }
    }
}
