//! What is asked of the outbox table.

use rusqlite::{OptionalExtension as _, Row, params};

use journey_ir::Instant;

use super::Tables;
use crate::store::embedded::State;
use crate::store::{ContactNo, Error, ProgramNo, Status};

const STATE: &str = "SELECT outbox.id, key, outbox.contact, run, status, due, lease, attempts, journey, lane, advertising, \
                     whenever, outcome, settled_at FROM outbox";
/// Those of one contact, the first parameter.
const OF_CONTACT: &str = "JOIN outbox_contacts AS owner ON owner.id = outbox.id AND owner.contact = ?1 \
                          WHERE outbox.contact = ?1";

/// What never changes about an effect, and its body.
#[derive(Debug)]
pub(in crate::store) struct Content {
    pub(in crate::store) program: ProgramNo,
    pub(in crate::store) decided_at: Instant,
    pub(in crate::store) step: String,
    pub(in crate::store) body: Vec<u8>,
}

/// A position in the order in which effects become due.
pub(in crate::store) type Cursor = (Instant, i64);

impl Tables {
    /// An effect.
    pub(in crate::store) fn effect(&self, number: i64) -> Result<Option<State>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached(&format!("{STATE} WHERE id = ?1"))?
                .query_row([number], |row| state(row).map(|(_, state)| state))
                .optional()
        })
    }

    /// The number of the effect of a key.
    pub(in crate::store) fn effect_of_key(&self, key: &[u8; 32]) -> Result<Option<i64>, Error> {
        let start: Option<&[u8; 8]> = key.first_chunk();
        self.ask(|tables| {
            let mut starting =
                tables.prepare_cached("SELECT id FROM outbox_keys WHERE start = ?1")?;
            let mut numbers = starting.query([start])?;
            while let Some(row) = numbers.next()? {
                let number: i64 = row.get(0)?;
                let found: Option<[u8; 32]> = tables
                    .prepare_cached("SELECT key FROM outbox WHERE id = ?1")?
                    .query_row([number], |row| row.get(0))
                    .optional()?;
                if found.as_ref() == Some(key) {
                    return Ok(Some(number));
                }
            }
            Ok(None)
        })
    }

    /// The effects of a contact; only those that may not be sent yet where asked.
    pub(in crate::store) fn effects_of(
        &self,
        contact: ContactNo,
        unsent: bool,
    ) -> Result<Vec<(i64, State)>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached(&format!(
                    "{STATE} {OF_CONTACT} AND (NOT ?2 OR status IN (0, 1, 4)) ORDER BY outbox.id"
                ))?
                .query_map(params![contact.0, unsent], state)?
                .collect()
        })
    }

    /// Effects after a number, of one status and one contact and one journey where given, in order.
    pub(in crate::store) fn effects(
        &self,
        after: i64,
        status: Option<Status>,
        contact: Option<ContactNo>,
        journey: Option<&str>,
        most: usize,
    ) -> Result<Vec<(i64, State)>, Error> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let of = match contact {
            Some(_) => OF_CONTACT,
            None => "WHERE ?1 IS NULL",
        };
        self.ask(|tables| {
            tables
                .prepare_cached(&format!(
                    "{STATE} {of} AND outbox.id > ?2 AND (?3 IS NULL OR status = ?3) AND (?4 IS NULL OR journey = ?4) \
                     ORDER BY outbox.id LIMIT ?5"
                ))?
                .query_map(
                    params![
                        contact.map(|contact| contact.0),
                        after,
                        status.map(Status::number),
                        journey,
                        most
                    ],
                    state,
                )?
                .collect()
        })
    }

    /// The rest of an effect.
    pub(in crate::store) fn content(&self, number: i64) -> Result<Option<Content>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached("SELECT program, decided_at, step, body FROM outbox WHERE id = ?1")?
                .query_row([number], |row| {
                    Ok(Content {
                        program: ProgramNo(row.get(0)?),
                        decided_at: row.get(1)?,
                        step: row.get(2)?,
                        body: row.get(3)?,
                    })
                })
                .optional()
        })
    }

    /// Pending effects of a lane after a position, in the order in which they become due.
    pub(in crate::store) fn pending(
        &self,
        lane: &str,
        after: Cursor,
        most: usize,
    ) -> Result<Vec<Cursor>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached(
                    "SELECT due, id FROM outbox WHERE status = 0 AND lane = ?1 AND due >= ?2 \
                     AND (due > ?2 OR id > ?3) ORDER BY due, id LIMIT ?4",
                )?
                .query_map(params![lane, after.0, after.1, most as i64], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect()
        })
    }

    /// Effects of a lane that a worker has, in the order in which their leases end.
    pub(in crate::store) fn leased(&self, lane: &str) -> Result<Vec<Cursor>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached(
                    "SELECT lease, id FROM outbox WHERE status = 1 AND lane = ?1 AND lease IS NOT NULL ORDER BY lease, id",
                )?
                .query_map([lane], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// The earliest instant at which an effect is due that `counts`.
    pub(in crate::store) fn oldest_pending(
        &self,
        mut counts: impl FnMut(i64) -> bool,
    ) -> Result<Option<Instant>, Error> {
        self.ask(|tables| {
            let mut statement =
                tables.prepare_cached("SELECT due, id FROM outbox WHERE status = 0")?;
            let mut rows = statement.query([])?;
            let mut oldest: Option<Instant> = None;
            while let Some(row) = rows.next()? {
                let due: Instant = row.get(0)?;
                if oldest.is_none_or(|oldest| due < oldest) && counts(row.get(1)?) {
                    oldest = Some(due);
                }
            }
            Ok(oldest)
        })
    }
}

fn state(row: &Row<'_>) -> rusqlite::Result<(i64, State)> {
    let state = State {
        key: row.get(1)?,
        contact: ContactNo(row.get(2)?),
        run: row.get(3)?,
        status: Status::from_number(row.get(4)?).unwrap_or(Status::Unclear),
        due: row.get(5)?,
        lease: row.get(6)?,
        attempts: row.get(7)?,
        journey: row.get(8)?,
        lane: row.get(9)?,
        advertising: row.get(10)?,
        whenever: row.get(11)?,
        outcome: row.get(12)?,
        settled_at: row.get(13)?,
        blank: false,
    };
    Ok((row.get(0)?, state))
}
