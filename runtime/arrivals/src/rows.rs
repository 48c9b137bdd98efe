//! The rows of a CSV file, one after the other, each a row or a problem with its line. A bad row never stops the rest.

use std::io::BufRead;

use csv::{ByteRecord, ReaderBuilder};
use journey_engine::Program;
use journey_ir::Instant;
use journey_ir::project::Import;
use serde_json::{Map, Value};

use super::columns::{Columns, EventColumn, Misfit};

/// The longest row that is kept in a list of problems, in bytes.
const SHOWN: usize = 2_000;

/// One row of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the unpacked file, from 1.
    pub line: u64,
    /// The contact's id.
    pub contact: String,
    /// When it happened.
    pub at: Instant,
    /// The row's own id, where the file has one.
    pub id: Option<String>,
    /// The event's type, by the project's name.
    pub event: String,
    /// The event's fields.
    pub fields: Map<String, Value>,
    /// Attributes that the row sets.
    pub attributes: Map<String, Value>,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its line in the unpacked file, from 1.
    pub line: u64,
    /// A stable word for what is wrong.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// The row itself, shortened.
    pub text: String,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// It is an event.
    Row(Row),
    /// It is of a type that the mapping passes over.
    PassedOver,
    /// It could not be read.
    Bad(BadRow),
}

/// Why a file cannot be read as a table at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The header line is missing or broken.
    #[error("the first line is not a header of column names: {0}")]
    Header(csv::Error),
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Broken(std::io::Error),
    /// The mapping does not fit.
    #[error(transparent)]
    Misfit(#[from] Misfit),
}

/// The rows of a file.
pub struct Rows<R> {
    reader: csv::Reader<R>,
    record: ByteRecord,
    columns: Columns,
    zone: jiff::tz::TimeZone,
    /// The stream broke off: there is nothing more to read.
    over: bool,
    /// How many lines of the file come before this stream.
    before: u64,
}

impl<R> std::fmt::Debug for Rows<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl<R: BufRead> Rows<R> {
    /// Reads the header and holds the mapping against it.
    pub fn new(input: R, import: &Import, program: &Program) -> Result<Self, Unreadable> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(input);
        let header = reader.byte_headers().map_err(Unreadable::Header)?;
        let names: Vec<String> = header
            .iter()
            .map(|name| {
                String::from_utf8_lossy(name)
                    .trim_start_matches('\u{feff}')
                    .trim()
                    .to_owned()
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let columns = Columns::find(&names, import, program)?;
        let zone = jiff::tz::TimeZone::get(&program.ir().project.timezone);
        Ok(Self {
            reader,
            record: ByteRecord::new(),
            columns,
            zone: zone.unwrap_or(jiff::tz::TimeZone::UTC),
            over: false,
            before: 0,
        })
    }

    /// Counts lines from where the stream stands in its file.
    #[must_use]
    pub const fn after(mut self, lines: u64) -> Self {
        self.before = lines;
        self
    }

    /// The next row; `None` at the end of the file.
    pub fn next_row(&mut self) -> Option<Read> {
        Some(match self.advance()? {
            Ok(()) => self.read(),
            Err(error) => self.broken(&error),
        })
    }

    /// Passes over the next row; `false` at the end of the file.
    pub fn skip_row(&mut self) -> bool {
        match self.advance() {
            None => false,
            Some(Ok(())) => true,
            Some(Err(error)) => {
                self.broken(&error);
                true
            }
        }
    }

    /// Takes the next record from the file; `None` at its end.
    fn advance(&mut self) -> Option<Result<(), csv::Error>> {
        if self.over {
            return None;
        }
        let any = self.reader.read_byte_record(&mut self.record);
        any.map(|any| any.then_some(())).transpose()
    }

    /// A stream that breaks off (a truncated gzip file, a failing disk) ends the rows with one last problem.
    fn broken(&mut self, error: &csv::Error) -> Read {
        self.over = error.is_io_error();
        Read::Bad(BadRow {
            line: error
                .position()
                .map_or_else(|| self.line(), |at| self.before + at.line()),
            code: if self.over {
                "file_broken"
            } else {
                "row_broken"
            },
            reason: format!("the file cannot be read from here on: {error}"),
            text: String::new(),
        })
    }

    fn read(&self) -> Read {
        match self.row() {
            Ok(Some(row)) => Read::Row(row),
            Ok(None) => Read::PassedOver,
            Err((code, reason)) => Read::Bad(BadRow {
                line: self.line(),
                code,
                reason,
                text: self.text(),
            }),
        }
    }

    fn row(&self) -> Result<Option<Row>, (&'static str, String)> {
        let theirs = match &self.columns.event {
            EventColumn::Always(name) => name.as_str(),
            EventColumn::At(column) => self.cell(*column, "the event")?,
        };
        let event = self.columns.renamed(theirs);
        let Some(field_columns) = self.columns.fields_of(event) else {
            if self.columns.only {
                return Ok(None);
            }
            let reason = format!("the project declares no event named `{event}`");
            return Err(("unknown_event", reason));
        };
        let contact = self.cell(self.columns.contact, "the contact")?;
        let time = self.cell(self.columns.time, "the time")?;
        let at = instant(time, &self.zone).ok_or_else(|| {
            let reason = format!(
                "`{time}` is not a time such as 2026-03-02T14:00:00+09:00 or 2026-03-02 14:00"
            );
            ("bad_time", reason)
        })?;
        let mut fields = Map::new();
        for field in field_columns {
            if let Some(text) = self.text_at(field.column)? {
                let currency = field
                    .currency
                    .and_then(|at| self.text_at(at).ok().flatten());
                fields.insert(field.field.clone(), value(text, currency));
            }
        }
        let mut attributes = Map::new();
        for (column, attribute) in &self.columns.attributes {
            if let Some(text) = self.text_at(*column)? {
                attributes.insert(attribute.clone(), Value::String(text.to_owned()));
            }
        }
        let id = match self.columns.id {
            Some(column) => self.text_at(column)?.map(str::to_owned),
            None => None,
        };
        Ok(Some(Row {
            line: self.line(),
            contact: contact.to_owned(),
            at,
            id,
            event: event.to_owned(),
            fields,
            attributes,
        }))
    }

    /// A cell that must not be empty.
    fn cell(&self, column: usize, what: &str) -> Result<&str, (&'static str, String)> {
        self.text_at(column)?
            .ok_or_else(|| ("missing_value", format!("the row does not say {what}")))
    }

    /// A cell's text; `None` where it is empty or the row is too short.
    fn text_at(&self, column: usize) -> Result<Option<&str>, (&'static str, String)> {
        let bytes = self.record.get(column).unwrap_or_default();
        let text = std::str::from_utf8(bytes)
            .map_err(|_| {
                (
                    "not_utf8",
                    "the row is not UTF-8 text; save the file as UTF-8".to_owned(),
                )
            })?
            .trim();
        Ok((!text.is_empty()).then_some(text))
    }

    fn line(&self) -> u64 {
        let line = self.record.position().map_or(0, csv::Position::line);
        self.before + line
    }

    fn text(&self) -> String {
        let cells: Vec<_> = self.record.iter().map(String::from_utf8_lossy).collect();
        let mut text = cells.join(",");
        let mut end = text.len().min(SHOWN);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text
    }
}

/// An amount with its currency is written as one text, `505.30 GBP`, so that a foreign amount is noticed.
fn value(text: &str, currency: Option<&str>) -> Value {
    match currency {
        Some(currency) => Value::String(format!("{text} {currency}")),
        None => Value::String(text.to_owned()),
    }
}

/// Reads an instant: RFC 3339, a day or a day and a time in the project's zone, or seconds or milliseconds since 1970.
#[must_use]
pub fn instant(text: &str, zone: &jiff::tz::TimeZone) -> Option<Instant> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    if let Ok(number) = text.parse::<i64>() {
        // Seconds until the year 5138; above that, milliseconds.
        return Some(if number.abs() < 100_000_000_000 {
            number.checked_mul(1_000)?
        } else {
            number
        });
    }
    let local = text.parse::<jiff::civil::DateTime>().ok()?;
    Some(
        local
            .to_zoned(zone.clone())
            .ok()?
            .timestamp()
            .as_millisecond(),
    )
}
