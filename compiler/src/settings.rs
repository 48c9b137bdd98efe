//! TOML read with places: `journey.toml`, the head of a template, a holiday file.
//!
//! Comes in: text. Goes out: values that know where they stand. A [`Section`] remembers which keys were asked for, so
//! that every other key is reported as unknown, with the nearest known one.

mod error;
mod expected;

pub(crate) use error::Error;
pub(crate) use expected::{Expected, Named};

use journey_grammar::tree::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::near::nearest;
use crate::problem::{Location, Problems};
use crate::sources::FileId;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) at: Location,
}

impl<T> Placed<T> {
    pub(crate) const fn new(value: T, at: Location) -> Self {
        Self { value, at }
    }
}

/// Where a TOML text stands: its file, and the offset of its first byte there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) file: FileId,
    pub(crate) offset: u32,
}

impl Origin {
    fn place(self, range: &std::ops::Range<usize>) -> Location {
        let at = |offset: usize| self.offset + offset as u32;
        Location::new(self.file, Span::new(at(range.start), at(range.end)))
    }
}

/// Parses a TOML text as far as it can be read; every mistake is reported.
pub(crate) fn parse<'t>(text: &'t str, origin: Origin, problems: &mut Problems) -> DeTable<'t> {
    let (table, errors) = DeTable::parse_recoverable(text);
    // Later mistakes on the same line follow from the first.
    let mut last_line = None;
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        let line = text
            .get(..range.start)
            .map(|before| before.matches('\n').count());
        let curly = curly_quote(text, range.start);
        if let Some((at, quote)) = curly.filter(|_| line != last_line) {
            let at = origin.place(&(at..at + quote.len_utf8()));
            problems.push(Error::CurlyQuote { at, quote });
        } else if line.is_none() || line != last_line {
            problems.push(Error::Toml {
                at: origin.place(&range),
                words: error.message().to_owned(),
            });
        }
        last_line = line;
    }
    table.into_inner()
}

/// The first curly quote on the line of a place, after its `=`, and where it stands.
fn curly_quote(text: &str, at: usize) -> Option<(usize, char)> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |it| it + 1);
    let line = text.get(start..)?.lines().next()?;
    let value = line.find('=')? + 1;
    let value_at = value + line.get(value..)?.find(|c: char| !c.is_whitespace())?;
    let written = line.get(value_at..)?;
    // Inside straight quotes they are words as any other.
    if written.starts_with('"') {
        let closing = written.rfind(['“', '”'])?;
        return written
            .ends_with(['“', '”'])
            .then_some((start + value_at + closing, written.chars().next_back()?));
    }
    let (found, quote) = written
        .char_indices()
        .find(|(_, c)| matches!(c, '“' | '”' | '‘' | '’'))?;
    Some((start + value_at + found, quote))
}

/// One table of a TOML text.
pub(crate) struct Section<'t> {
    /// Its name as people write it: `connectors.crm`; empty for the whole text.
    pub(crate) name: String,
    /// Where it starts.
    pub(crate) at: Location,
    origin: Origin,
    table: &'t DeTable<'t>,
    asked: Vec<&'static str>,
    /// Whether a line could not be read, so that nothing is said to be missing.
    unclear: bool,
}

impl<'t> Section<'t> {
    /// The whole of a parsed text.
    pub(crate) fn root(table: &'t DeTable<'t>, origin: Origin) -> Self {
        Self {
            name: String::new(),
            at: origin.place(&(0..0)),
            origin,
            table,
            asked: Vec::new(),
            unclear: false,
        }
    }

    /// Where some lines could not be read.
    #[must_use]
    pub(crate) const fn unclear(mut self) -> Self {
        self.unclear = true;
        self
    }

    /// Whether a key is there, whatever its type. Does not count as asking for it.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A text.
    pub(crate) fn text(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Placed<String>> {
        self.read(key, Expected::Text, problems, |value| {
            value.as_str().map(str::to_owned)
        })
    }

    /// A text that has to be there.
    pub(crate) fn needed_text(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Placed<String>> {
        if !self.has(key) {
            self.asked.push(key);
            // A misspelled key is reported as unknown, and is not missing as well.
            let written = self.table.keys().map(|key| &**key.get_ref());
            if self.unclear || nearest(key, written).is_some() {
                return None;
            }
            problems.push(Error::Missing {
                at: self.at,
                key,
                section: self.name.clone(),
            });
            return None;
        }
        self.text(key, problems)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, key: &'static str, problems: &mut Problems) -> Option<bool> {
        self.read(key, Expected::Flag, problems, DeValue::as_bool)
            .map(|flag| flag.value)
    }

    /// A list of texts.
    pub(crate) fn texts(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Vec<Placed<String>> {
        self.list(key, Expected::Texts, problems, |value| {
            value.as_str().map(str::to_owned)
        })
    }

    /// A list of days, written `2026-01-01` with or without quotes.
    pub(crate) fn dates(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Vec<Placed<String>> {
        self.list(key, Expected::Dates, problems, |value| match value {
            DeValue::Datetime(date) => Some(date.to_string()),
            other => other.as_str().map(str::to_owned),
        })
    }

    /// A list of whole numbers.
    pub(crate) fn numbers(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Vec<Placed<i64>> {
        self.list(key, Expected::Numbers, problems, |value| {
            let number = value.as_integer()?;
            i64::from_str_radix(number.as_str(), number.radix()).ok()
        })
    }

    /// A table of texts by name: `{ owner = "text" }`.
    pub(crate) fn pairs(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Vec<(Placed<String>, Placed<String>)> {
        let Some(section) = self.section(key, problems) else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, value) in section.table {
            let at = self.origin.place(&value.span());
            let name = Placed::new(name.get_ref().to_string(), self.origin.place(&name.span()));
            match value.get_ref().as_str() {
                Some(text) => pairs.push((name, Placed::new(text.to_owned(), at))),
                None => problems.push(wrong_type(&name.value, at, Expected::Text, value)),
            }
        }
        pairs
    }

    /// A table under a fixed name.
    pub(crate) fn section(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Section<'t>> {
        self.asked.push(key);
        let (name, value) = self.table.get_key_value(key)?;
        self.inner(name, value, problems)
    }

    /// All tables of a table, under names of the project's own: `[senders.shop]`, `[senders.clinic]`.
    pub(crate) fn sections(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Vec<(Placed<String>, Section<'t>)> {
        let Some(outer) = self.section(key, problems) else {
            return Vec::new();
        };
        outer
            .table
            .iter()
            .filter_map(|(name, value)| {
                let section = outer.inner(name, value, problems)?;
                Some((Placed::new(name.get_ref().to_string(), section.at), section))
            })
            .collect()
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(self, problems: &mut Problems) {
        for key in self.table.keys() {
            let word: &str = key.get_ref();
            if !self.asked.contains(&word) {
                problems.push(Error::UnknownKey {
                    at: self.origin.place(&key.span()),
                    key: word.to_owned(),
                    section: self.name.clone(),
                    near: nearest(word, self.asked.iter().copied()).map(str::to_owned),
                    known: self.asked.clone(),
                });
            }
        }
    }

    fn inner(
        &self,
        name: &Spanned<toml::de::DeString<'t>>,
        value: &'t Spanned<DeValue<'t>>,
        problems: &mut Problems,
    ) -> Option<Section<'t>> {
        let Some(table) = value.get_ref().as_table() else {
            let at = self.origin.place(&value.span());
            problems.push(wrong_type(name.get_ref(), at, Expected::Table, value));
            return None;
        };
        let dot = if self.name.is_empty() { "" } else { "." };
        Some(Section {
            name: format!("{}{dot}{}", self.name, name.get_ref()),
            at: self.origin.place(&name.span()),
            origin: self.origin,
            table,
            asked: Vec::new(),
            unclear: self.unclear,
        })
    }

    fn read<T>(
        &mut self,
        key: &'static str,
        expected: Expected,
        problems: &mut Problems,
        take: impl Fn(&DeValue<'t>) -> Option<T>,
    ) -> Option<Placed<T>> {
        self.asked.push(key);
        let value = self.table.get(key)?;
        let at = self.origin.place(&value.span());
        let taken = take(value.get_ref());
        if taken.is_none() {
            problems.push(wrong_type(key, at, expected, value));
        }
        taken.map(|value| Placed::new(value, at))
    }

    fn list<T>(
        &mut self,
        key: &'static str,
        expected: Expected,
        problems: &mut Problems,
        take: impl Fn(&DeValue<'t>) -> Option<T>,
    ) -> Vec<Placed<T>> {
        self.asked.push(key);
        let Some(value) = self.table.get(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            let at = self.origin.place(&value.span());
            problems.push(wrong_type(key, at, expected, value));
            return Vec::new();
        };
        let mut all = Vec::new();
        for value in array {
            let at = self.origin.place(&value.span());
            match take(value.get_ref()) {
                Some(taken) => all.push(Placed::new(taken, at)),
                None => problems.push(wrong_type(key, at, expected, value)),
            }
        }
        all
    }
}

fn wrong_type(key: &str, at: Location, expected: Expected, found: &Spanned<DeValue<'_>>) -> Error {
    Error::WrongType {
        at,
        key: key.to_owned(),
        expected,
        found: found.get_ref().type_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Sources;

    fn read(text: &str, ask: impl Fn(&mut Section<'_>, &mut Problems)) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.add("journey.toml", text);
        let origin = Origin { file, offset: 0 };
        let mut problems = Problems::default();
        let table = parse(text, origin, &mut problems);
        let mut section = Section::root(&table, origin);
        ask(&mut section, &mut problems);
        section.finish(&mut problems);
        problems
            .iter()
            .map(|it| format!("{} {}", it.at.span.of(text), it.message.en))
            .collect()
    }

    #[test]
    fn a_key_that_was_not_asked_for_is_reported_where_it_stands() {
        let said = read("naem = 'x'", |section, problems| {
            section.text("name", problems);
        });
        assert_eq!(said, ["naem `naem` is not a setting here"]);
    }

    #[test]
    fn every_mistake_of_the_text_is_reported_and_the_rest_is_read() {
        let said = read("a = \nb = 'ok'\nc = ]\n", |section, problems| {
            section.text("a", problems);
            assert_eq!(section.text("b", problems).unwrap().value, "ok");
            section.text("c", problems);
        });
        assert!(said.len() >= 2, "{said:?}");
    }
}
