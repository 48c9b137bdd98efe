//! The rows of a CSV file, one after the other, each typed and checked where it stands, or a problem with its line. A bad
//! row never stops the rest.

use std::io::BufRead;

use csv::{ByteRecord, ReaderBuilder};
use journey_engine::admit::{self, Admitted, Cell, EventHead, FieldProblem};
use journey_engine::{Event, EventId, Item, Program};
use journey_ir::project::Import;
use journey_ir::{AttributeIx, Instant, Value};

use crate::arrival::{Arrival, Who, hash_of, key_id, message_id};
use crate::columns::{Columns, EventColumn, FieldColumn, Misfit};
use crate::read::{BadRow, Reading, Source};

/// The longest row that is kept in a list of problems, in bytes.
const SHOWN: usize = 2_000;

/// What is wrong with a row: a stable word, and a sentence.
type Wrong = (&'static str, String);

/// Attributes and what they are from now on.
type Learnt = Vec<(AttributeIx, Option<Value>)>;

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

    /// Takes the next record from the file; `None` at its end.
    fn advance(&mut self) -> Option<Result<(), csv::Error>> {
        if self.over {
            return None;
        }
        let any = self.reader.read_byte_record(&mut self.record);
        any.map(|any| any.then_some(())).transpose()
    }

    /// A stream that breaks off (a truncated gzip file, a failing disk) ends the rows with one last problem.
    fn broken(&mut self, error: &csv::Error) -> BadRow {
        self.over = error.is_io_error();
        BadRow {
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
        }
    }

    /// Types and checks the row that was read; `None` where the mapping passes over it.
    fn read(&self, program: &Program) -> Result<Option<Reading>, Wrong> {
        let theirs = match &self.columns.event {
            EventColumn::Always(name) => name.as_str(),
            EventColumn::At(column) => self.cell(*column, "the event")?,
        };
        let event = self.columns.renamed(theirs);
        let Some((kind, columns)) = self.columns.fields_of(event) else {
            if self.columns.only {
                return Ok(None);
            }
            let reason = format!("the project declares no event named `{event}`");
            return Err(("unknown_event", reason));
        };
        let contact = self.cell(self.columns.contact, "the contact")?;
        let time = self.cell(self.columns.time, "the time")?;
        let at = self.instant(time)?;
        let id = match self.columns.id {
            Some(column) => self.text_at(column)?,
            None => None,
        };
        // A row without an id of its own is never a repeat: the position in the file is committed with it.
        let own = id.map(|id| message_id("import", id));
        let head = EventHead {
            id: EventId(own.unwrap_or_default()),
            kind,
            occurred_at: at,
            received_at: at,
        };
        let event = self.event(program, head, columns)?;
        let mut bad = self.all_bad("wrong_field", &event.problems);
        let mut arrivals = Vec::with_capacity(1 + usize::from(!self.columns.attributes.is_empty()));
        if let Some(attributes) = self.attributes(program)? {
            bad.extend(self.all_bad("wrong_attribute", &attributes.problems));
            let set = Item::Attributes {
                set: attributes.value,
                occurred_at: at,
            };
            arrivals.push(arrival(contact, at, None, set));
        }
        let mut event = event.value;
        let id = key_id(program, &event).map(|key| key.0).or(own);
        event.id = EventId(id.unwrap_or_else(|| self.row_id(contact, at)));
        arrivals.push(arrival(contact, at, id, Item::Event(event)));
        Ok(Some(Reading::Taken { arrivals, bad }))
    }

    fn event(
        &self,
        program: &Program,
        head: EventHead,
        columns: &[Option<FieldColumn>],
    ) -> Result<Admitted<Event>, Wrong> {
        let mut unreadable = None;
        let mut text_at = |column| match self.text_at(column) {
            Ok(text) => text,
            Err(wrong) => {
                unreadable = Some(wrong);
                None
            }
        };
        let event = admit::event_of_cells(program, head, |field| {
            let column = columns.get(field)?.as_ref()?;
            let text = text_at(column.column)?;
            let currency = column.currency.and_then(&mut text_at);
            Some(Cell { text, currency })
        });
        match unreadable {
            Some(wrong) => Err(wrong),
            None => event.map_err(|refusal| (refusal.code(), refusal.to_string())),
        }
    }

    /// The attributes that the row sets; `None` where it sets none.
    fn attributes(&self, program: &Program) -> Result<Option<Admitted<Learnt>>, Wrong> {
        let mut cells = Vec::new();
        for (column, attribute) in &self.columns.attributes {
            if let Some(text) = self.text_at(*column)? {
                cells.push((*attribute, text));
            }
        }
        let any = !cells.is_empty();
        Ok(any.then(|| admit::attributes_of_cells(program, cells.into_iter())))
    }

    fn instant(&self, time: &str) -> Result<Instant, Wrong> {
        instant(time, &self.zone).ok_or_else(|| {
            let reason = format!(
                "`{time}` is not a time such as 2026-03-02T14:00:00+09:00 or 2026-03-02 14:00"
            );
            ("bad_time", reason)
        })
    }

    /// The identity of a row that has none: its contact, line and time.
    fn row_id(&self, contact: &str, at: Instant) -> [u8; 16] {
        let (line, at) = (self.line().to_le_bytes(), at.to_le_bytes());
        hash_of(&[contact.as_bytes(), &line, &at])
    }

    fn all_bad(&self, code: &'static str, problems: &[FieldProblem]) -> Vec<BadRow> {
        let problems = problems.iter();
        problems
            .map(|problem| self.bad((code, problem.to_string())))
            .collect()
    }

    fn bad(&self, (code, reason): Wrong) -> BadRow {
        BadRow {
            line: self.line(),
            code,
            reason,
            text: self.text(),
        }
    }

    /// A cell that must not be empty.
    fn cell(&self, column: usize, what: &str) -> Result<&str, Wrong> {
        self.text_at(column)?
            .ok_or_else(|| ("missing_value", format!("the row does not say {what}")))
    }

    /// A cell's text; `None` where it is empty or the row is too short.
    fn text_at(&self, column: usize) -> Result<Option<&str>, Wrong> {
        let bytes = self.record.get(column).unwrap_or_default();
        let text = std::str::from_utf8(bytes).map_err(|_| {
            (
                "not_utf8",
                "the row is not UTF-8 text; save the file as UTF-8".to_owned(),
            )
        })?;
        let text = trimmed(text);
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

impl<R: BufRead> Source for Rows<R> {
    fn next(&mut self, program: &Program) -> Option<Reading> {
        if let Err(error) = self.advance()? {
            return Some(Reading::Bad(self.broken(&error)));
        }
        Some(match self.read(program) {
            Ok(Some(reading)) => reading,
            Ok(None) => Reading::PassedOver,
            Err(wrong) => Reading::Bad(self.bad(wrong)),
        })
    }

    fn skip(&mut self) -> bool {
        match self.advance() {
            None => false,
            Some(Ok(())) => true,
            Some(Err(error)) => {
                self.broken(&error);
                true
            }
        }
    }
}

/// Without white space around it. Almost every cell begins and ends with what is plainly none.
fn trimmed(text: &str) -> &str {
    let plain = |edge: Option<&u8>| edge.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if plain(bytes.first()) && plain(bytes.last()) {
        text
    } else {
        text.trim()
    }
}

fn arrival(contact: &str, at: Instant, id: Option<[u8; 16]>, item: Item) -> Arrival {
    Arrival {
        who: Who::Known(contact.to_owned()),
        received_at: at,
        id,
        item: Some(item),
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
