//! A list of people who are to enter a journey, as CSV: each row becomes a request to enter, or a problem with its line.

use std::io::BufRead;

use csv::{ByteRecord, ReaderBuilder};
use journey_engine::Program;
use journey_ir::Instant;
use serde_json::{Map, Value};

use crate::call::{Call, Plain};
use crate::read::{BadRow, Reading, Source};
use crate::translate::{Origin, Refused, Translator};

/// The columns that may name the contact, the first that is there.
const CONTACT: [&str; 2] = ["contact", "id"];

/// Why a list cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum UnusableList {
    /// The journey does not exist, or nobody enters it by request.
    #[error("there is no journey `{0}` that people enter by request")]
    NoJourney(String),
    /// The header line is missing or broken.
    #[error("the first line is not a header of column names: {0}")]
    Header(csv::Error),
    /// No column says who.
    #[error("no column is called `contact` or `id`, so it is not known who is to enter")]
    NoContact,
    /// A column is no field of the request.
    #[error("a request to enter `{journey}` has no field `{column}`; it has {known}")]
    UnknownColumn {
        /// The journey.
        journey: String,
        /// The column's name.
        column: String,
        /// The fields there are, for people.
        known: String,
    },
    /// A column is there twice.
    #[error("two columns are called `{0}`")]
    TwiceTheColumn(String),
}

/// The rows of a list.
pub struct Entries<R> {
    reader: csv::Reader<R>,
    record: ByteRecord,
    translator: Translator,
    journey: String,
    /// The columns' names, in order.
    columns: Vec<String>,
    /// Which of them names the contact.
    contact: usize,
    /// What the whole file is, so that a row is told from the same line of another list.
    content: String,
    /// The source that the rows' message ids are unique in: the same file may be for two journeys.
    source: String,
    now: Instant,
    /// The stream broke off: there is nothing more to read.
    over: bool,
}

impl<R> std::fmt::Debug for Entries<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entries")
            .field("journey", &self.journey)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl<R: BufRead> Entries<R> {
    /// Reads the header and holds it against what a request to enter the journey says. `content` is a hash of the
    /// whole file; everybody enters at `now`.
    pub fn new(
        input: R,
        journey: &str,
        program: &std::sync::Arc<Program>,
        content: &str,
        now: Instant,
    ) -> Result<Self, UnusableList> {
        let translator = Translator::new(std::sync::Arc::clone(program));
        let Some(fields) = translator.request_fields(journey) else {
            return Err(UnusableList::NoJourney(journey.to_owned()));
        };
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(input);
        let header = reader.byte_headers().map_err(UnusableList::Header)?;
        let columns: Vec<String> = header
            .iter()
            .map(|name| String::from_utf8_lossy(name))
            .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        let contact = CONTACT
            .iter()
            .find_map(|name| columns.iter().position(|it| it == name))
            .ok_or(UnusableList::NoContact)?;
        for (at, column) in columns.iter().enumerate() {
            if columns.iter().take(at).any(|it| it == column) {
                return Err(UnusableList::TwiceTheColumn(column.clone()));
            }
            if at != contact && !fields.contains(&column.as_str()) {
                return Err(UnusableList::UnknownColumn {
                    journey: journey.to_owned(),
                    column: column.clone(),
                    known: listed(&fields),
                });
            }
        }
        Ok(Self {
            reader,
            record: ByteRecord::new(),
            journey: journey.to_owned(),
            columns,
            contact,
            content: content.to_owned(),
            source: format!("list {journey}"),
            now,
            over: false,
            translator,
        })
    }

    /// Takes the next record from the file; `None` at its end.
    fn advance(&mut self) -> Option<Result<(), csv::Error>> {
        if self.over {
            return None;
        }
        let any = self.reader.read_byte_record(&mut self.record);
        if let Err(error) = &any {
            self.over = error.is_io_error();
        }
        any.map(|any| any.then_some(())).transpose()
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    /// The row as the request that a call would make of it.
    fn item(&self) -> Result<Call<'_>, Refused> {
        if self.record.len() > self.columns.len() {
            let (cells, columns) = (self.record.len(), self.columns.len());
            let reason = format!("the row has {cells} cells, and there are {columns} columns");
            return Err(Refused::new("too_many_cells", reason));
        }
        let mut properties = Map::new();
        let mut call = Call::default();
        for (at, (column, cell)) in self.columns.iter().zip(&self.record).enumerate() {
            let text = std::str::from_utf8(cell).map_err(|_| {
                let reason = "the row is not UTF-8 text; save the file as UTF-8";
                Refused::new("not_utf8", reason)
            })?;
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            if at == self.contact {
                call.user_id = Some(Plain::Text(text.into()));
            } else {
                properties.insert(column.clone(), Value::String(text.to_owned()));
            }
        }
        if call.user_id.is_none() {
            let reason = "the row does not say the contact";
            return Err(Refused::new("missing_value", reason));
        }
        let id = format!("{} {}", self.content, self.line());
        call.message_id = Some(id.into());
        call.properties = Some(Value::Object(properties));
        Ok(call)
    }

    fn read(&self) -> Reading {
        let origin = Origin {
            source: &self.source,
            received_at: self.now,
            sent_at: None,
        };
        let request = |call: &Call<'_>| self.translator.request(&self.journey, call, origin);
        match self.item().and_then(|call| request(&call)) {
            Ok(translated) => {
                let bad = translated.problems.into_iter();
                Reading::Taken {
                    arrivals: translated.arrivals,
                    bad: bad.map(|problem| self.bad(problem)).collect(),
                }
            }
            Err(refused) => Reading::Bad(self.bad(refused)),
        }
    }

    fn bad(&self, refused: Refused) -> BadRow {
        let cells: Vec<_> = self.record.iter().map(String::from_utf8_lossy).collect();
        BadRow {
            line: self.line(),
            code: refused.code,
            reason: refused.detail,
            text: cells.join(","),
        }
    }

    fn broken(&self, error: &csv::Error) -> Reading {
        let line = error
            .position()
            .map_or_else(|| self.line(), csv::Position::line);
        Reading::Bad(BadRow {
            line,
            code: "row_broken",
            reason: format!("the row cannot be read: {error}"),
            text: String::new(),
        })
    }
}

impl<R: BufRead> Source for Entries<R> {
    fn next(&mut self, _program: &Program) -> Option<Reading> {
        Some(match self.advance()? {
            Ok(()) => self.read(),
            Err(error) => self.broken(&error),
        })
    }

    fn skip(&mut self) -> bool {
        self.advance().is_some()
    }
}

fn listed(fields: &[&str]) -> String {
    if fields.is_empty() {
        return "none".to_owned();
    }
    let quoted: Vec<String> = fields.iter().map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}
