//! What is asked of the tables, apart from the outbox.

use rusqlite::{OptionalExtension as _, Row, params};

use journey_ir::Instant;

use super::Tables;
use crate::store::{
    ContactNo, ContactRow, Error, KeptProgram, KeptRejected, Place, ProgramNo, Rejected, TallyKey,
};

/// The largest program that is ever unpacked, in bytes.
const LARGEST_PROGRAM: usize = 256 * 1024 * 1024;

const CONTACT: &str = "SELECT id, name, next_wake, last_page, last_offset, state, recent FROM contacts \
                       WHERE id = ?1";

impl Tables {
    /// The contact of a name.
    pub(in crate::store) fn named(&self, name: &str) -> Result<Option<ContactNo>, Error> {
        self.number("SELECT id FROM contacts WHERE name = ?1", name)
    }

    /// The contact of another name.
    pub(in crate::store) fn aliased(&self, name: &str) -> Result<Option<ContactNo>, Error> {
        self.number("SELECT contact FROM aliases WHERE name = ?1", name)
    }

    fn number(&self, sql: &str, name: &str) -> Result<Option<ContactNo>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached(sql)?
                .query_row([name], |row| row.get(0).map(ContactNo))
                .optional()
        })
    }

    /// The other names of a contact.
    pub(in crate::store) fn aliases_of(&self, contact: ContactNo) -> Result<Vec<String>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached("SELECT name FROM aliases WHERE contact = ?1")?
                .query_map([contact.0], |row| row.get(0))?
                .collect()
        })
    }

    /// Calls `each` with all names and then with all other names; the last argument says which.
    pub(in crate::store) fn all_names(
        &self,
        mut each: impl FnMut(&str, ContactNo, bool),
    ) -> Result<(), Error> {
        self.ask(|tables| {
            for (sql, other) in [
                ("SELECT name, id FROM contacts", false),
                ("SELECT name, contact FROM aliases", true),
            ] {
                let mut statement = tables.prepare(sql)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let name = row.get_ref(0)?.as_str()?;
                    each(name, ContactNo(row.get(1)?), other);
                }
            }
            Ok(())
        })
    }

    /// All wake-ups, in the order of contacts.
    pub(in crate::store) fn wakes(&self) -> Result<Vec<(Instant, u32)>, Error> {
        self.ask(|tables| {
            tables
                .prepare("SELECT at, contact FROM wakes")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// The wake-ups until an instant, the earliest first. Looks at all of them.
    pub(in crate::store) fn wakes_until(
        &self,
        until: Instant,
        most: usize,
    ) -> Result<Vec<(Instant, u32)>, Error> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.ask(|tables| {
            tables
                .prepare_cached(
                    "SELECT at, contact FROM wakes WHERE at <= ?1 ORDER BY at, contact LIMIT ?2",
                )?
                .query_map([until, most], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// The number after the highest of a table.
    pub(in crate::store) fn next_number(&self, table: &str) -> Result<i64, Error> {
        let sql = format!("SELECT coalesce(max(id), 0) + 1 FROM {table}");
        self.ask(|tables| tables.query_row(&sql, [], |row| row.get(0)))
    }

    /// A contact.
    pub(in crate::store) fn contact(&self, number: ContactNo) -> Result<Option<ContactRow>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached(CONTACT)?
                .query_row([number.0], contact_row)
                .optional()
        })
    }

    /// Gives those of these contacts that there are to `each`, in their order.
    pub(in crate::store) fn contacts(
        &self,
        numbers: impl Iterator<Item = ContactNo>,
        mut each: impl FnMut(ContactRow),
    ) -> Result<(), Error> {
        self.ask(|tables| {
            let mut statement = tables.prepare_cached(CONTACT)?;
            for number in numbers {
                let mut rows = statement.query([number.0])?;
                if let Some(row) = rows.next()? {
                    each(contact_row(row)?);
                }
            }
            Ok(())
        })
    }

    /// A page of the log as it is packed, with its program.
    pub(in crate::store) fn page(
        &self,
        number: i64,
    ) -> Result<Option<(ProgramNo, Vec<u8>)>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached("SELECT program, body FROM log WHERE id = ?1")?
                .query_row([number], |row| Ok((ProgramNo(row.get(0)?), row.get(1)?)))
                .optional()
        })
    }

    /// When a page of the log was written.
    pub(in crate::store) fn page_written_at(&self, number: i64) -> Result<Option<Instant>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached("SELECT at FROM log WHERE id = ?1")?
                .query_row([number], |row| row.get(0))
                .optional()
        })
    }

    /// The hour of an id that a contact's own list had no room for.
    pub(in crate::store) fn remembered(
        &self,
        contact: ContactNo,
        id: u64,
    ) -> Result<Option<u32>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached("SELECT hour FROM remembered WHERE contact = ?1 AND id = ?2")?
                .query_row(params![contact.0, id.cast_signed()], |row| row.get(0))
                .optional()
        })
    }

    /// Ids that arrived before an hour.
    pub(in crate::store) fn remembered_before(
        &self,
        hour: u32,
        most: usize,
    ) -> Result<Vec<(ContactNo, u64)>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached("SELECT contact, id FROM remembered WHERE hour < ?1 LIMIT ?2")?
                .query_map(params![hour, most as i64], |row| {
                    Ok((
                        ContactNo(row.get(0)?),
                        row.get::<_, i64>(1)?.cast_unsigned(),
                    ))
                })?
                .collect()
        })
    }

    /// All counters.
    pub(in crate::store) fn tallies(&self) -> Result<Vec<(TallyKey, i64)>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached("SELECT journey, version, what, detail, n FROM tallies")?
                .query_map([], |row| {
                    let key = TallyKey {
                        journey: row.get(0)?,
                        version: row.get(1)?,
                        what: row.get::<_, String>(2)?.into(),
                        detail: row.get(3)?,
                    };
                    Ok((key, row.get(4)?))
                })?
                .collect()
        })
    }

    /// Rejected items before a number, newest first.
    pub(in crate::store) fn rejected(
        &self,
        before: i64,
        most: usize,
    ) -> Result<Vec<KeptRejected>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached(
                    "SELECT id, at, source, code, detail, payload FROM rejected WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
                )?
                .query_map(params![before, most as i64], |row| {
                    Ok(KeptRejected {
                        number: row.get(0)?,
                        rejected: Rejected {
                            at: row.get(1)?,
                            source: row.get(2)?,
                            code: row.get(3)?,
                            detail: row.get(4)?,
                            payload: row.get(5)?,
                        },
                    })
                })?
                .collect()
        })
    }

    /// All programs, the newest first.
    pub(in crate::store) fn programs(&self) -> Result<Vec<KeptProgram>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached("SELECT id, hash, json FROM programs ORDER BY id DESC")?
                .query_map([], |row| {
                    let packed: Vec<u8> = row.get(2)?;
                    Ok(KeptProgram {
                        number: ProgramNo(row.get(0)?),
                        hash: row.get(1)?,
                        json: unpacked(&packed),
                    })
                })?
                .collect()
        })
    }

    /// How far an import has come.
    pub(in crate::store) fn cursor(&self, name: &str) -> Result<Option<String>, Error> {
        self.text("SELECT position FROM imports WHERE name = ?1", name)
    }

    /// A setting of the store itself.
    pub(in crate::store) fn meta(&self, name: &str) -> Result<Option<String>, Error> {
        self.text("SELECT value FROM meta WHERE name = ?1", name)
    }

    fn text(&self, sql: &str, name: &str) -> Result<Option<String>, Error> {
        self.ask(|tables| {
            tables
                .prepare_cached(sql)?
                .query_row([name], |row| row.get(0))
                .optional()
        })
    }
}

/// The text of a packed program; empty where it is damaged.
pub(in crate::store) fn unpacked(packed: &[u8]) -> String {
    zstd::stream::decode_all(packed)
        .ok()
        .filter(|bytes| bytes.len() <= LARGEST_PROGRAM)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

fn contact_row(row: &Row<'_>) -> rusqlite::Result<ContactRow> {
    let page: Option<i64> = row.get(3)?;
    let offset: Option<u32> = row.get(4)?;
    Ok(ContactRow {
        number: ContactNo(row.get(0)?),
        name: row.get(1)?,
        next_wake: row.get(2)?,
        last: page
            .zip(offset)
            .map(|(page, offset)| Place { page, offset }),
        state: row.get(5)?,
        recent: row.get(6)?,
    })
}
