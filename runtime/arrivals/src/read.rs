//! What an importer reads from a file: one thing after the other, each typed and checked, or a problem with its line.

use journey_engine::{EventId, Item, Program, RawEvent, admit};

use super::rows::{Read, Row, Rows};
use crate::arrival::{Arrival, Who, first_16, key_id, message_id};

pub use super::rows::BadRow;

/// What one row or line gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// Things that happened, and what of the row did not fit.
    Taken {
        /// What happened.
        arrivals: Vec<Arrival>,
        /// What did not fit.
        bad: Vec<BadRow>,
    },
    /// A row of a type that the mapping passes over.
    PassedOver,
    /// It could not be read or accepted.
    Bad(BadRow),
}

/// A file of events, whatever its format.
pub trait Source {
    /// The next row; `None` at the end.
    fn next(&mut self, program: &Program) -> Option<Reading>;
    /// Passes over the next row without a look at what it says; `false` at the end.
    fn skip(&mut self) -> bool;
}

impl<R: std::io::BufRead> Source for Rows<R> {
    fn next(&mut self, program: &Program) -> Option<Reading> {
        Some(match self.next_row()? {
            Read::PassedOver => Reading::PassedOver,
            Read::Bad(bad) => Reading::Bad(bad),
            Read::Row(row) => admitted(program, &row),
        })
    }

    fn skip(&mut self) -> bool {
        self.skip_row()
    }
}

/// Types and checks a row.
fn admitted(program: &Program, row: &Row) -> Reading {
    // A row without an id of its own is never a repeat: the position in the file is committed with it.
    let own = row.id.as_ref().map(|id| message_id("import", id));
    let raw = RawEvent {
        id: EventId(own.unwrap_or_else(|| row_id(row))),
        name: &row.event,
        occurred_at: row.at,
        received_at: row.at,
        fields: &row.fields,
    };
    let event = match admit::event(program, raw) {
        Ok(event) => event,
        Err(refusal) => {
            let (code, reason) = (refusal.code(), refusal.to_string());
            return Reading::Bad(bad(row, code, reason));
        }
    };
    let mut problems: Vec<BadRow> = event
        .problems
        .iter()
        .map(|problem| bad(row, "wrong_field", problem.to_string()))
        .collect();
    let mut arrivals = Vec::with_capacity(2);
    if !row.attributes.is_empty() {
        let attributes = admit::attributes(program, &row.attributes);
        let wrong = attributes.problems.iter();
        problems.extend(wrong.map(|problem| bad(row, "wrong_attribute", problem.to_string())));
        arrivals.push(arrival(
            row,
            None,
            Item::Attributes {
                set: attributes.value,
                occurred_at: row.at,
            },
        ));
    }
    let mut event = event.value;
    let key = key_id(program, &event);
    if let Some(key) = key {
        event.id = key;
    }
    let id = key.map(|key| key.0).or(own);
    arrivals.push(arrival(row, id, Item::Event(event)));
    Reading::Taken {
        arrivals,
        bad: problems,
    }
}

fn arrival(row: &Row, id: Option<[u8; 16]>, item: Item) -> Arrival {
    Arrival {
        who: Who::Known(row.contact.clone()),
        received_at: row.at,
        id,
        item: Some(item),
    }
}

/// The identity of a row that has none: its contact, line and time.
fn row_id(row: &Row) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(row.contact.as_bytes());
    hasher.update(&row.line.to_le_bytes());
    hasher.update(&row.at.to_le_bytes());
    first_16(hasher.finalize())
}

fn bad(row: &Row, code: &'static str, reason: String) -> BadRow {
    BadRow {
        line: row.line,
        code,
        reason,
        text: format!("{} {} {:?}", row.contact, row.event, row.fields),
    }
}
