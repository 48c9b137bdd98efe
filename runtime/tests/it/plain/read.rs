//! Reading: the same questions for the writer and for readers beside it.

use std::collections::{BinaryHeap, HashMap};

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use journey_ir::Instant;

use super::{Plain, outbox};
use journeyd::store::log::{record_at, unpack};
use journeyd::store::{
    ContactNo, ContactRow, Entry, Error, Kept, KeptProgram, KeptRejected, Place, ProgramNo, Read,
    Rejected, Status, TallyKey,
};

/// The largest program that is ever unpacked, in bytes.
const LARGEST_PROGRAM: usize = 256 * 1024 * 1024;
/// How many unpacked pages a walk through a history keeps: neighbouring records often share one.
const PAGES_KEPT: usize = 8;

macro_rules! reads {
    ($($store:ty),*) => {$(
        impl Read for $store {
            fn find(&mut self, names: &[&str]) -> Result<Vec<Option<ContactNo>>, Error> {
                find(&self.connection, names).map_err(self.explain())
            }

            fn load(&mut self, contacts: &[ContactNo]) -> Result<Vec<ContactRow>, Error> {
                load(&self.connection, contacts).map_err(self.explain())
            }

            fn following(&mut self, after: ContactNo, most: usize) -> Result<Vec<ContactRow>, Error> {
                following(&self.connection, after, most).map_err(self.explain())
            }

            fn due(&mut self, until: Instant, most: usize) -> Result<Vec<ContactNo>, Error> {
                due(&self.connection, until, most).map_err(self.explain())
            }

            fn next_wake(&mut self) -> Result<Option<Instant>, Error> {
                next_wake(&self.connection).map_err(self.explain())
            }

            fn count_due(&mut self, until: Instant, most: usize) -> Result<usize, Error> {
                count_due(&self.connection, until, most).map_err(self.explain())
            }

            fn history(&mut self, last: Option<Place>, most: usize) -> Result<Vec<Entry>, Error> {
                let broken = |place: Place| Error::Corrupt {
                    path: self.path.clone(),
                    detail: format!("page {} of the log cannot be read", place.page),
                };
                history(&self.connection, last, most)
                    .map_err(self.explain())?
                    .map_err(broken)
            }

            fn remembered(&mut self, contact: ContactNo, ids: &[u64]) -> Result<HashMap<u64, u32>, Error> {
                remembered(&self.connection, contact, ids).map_err(self.explain())
            }

            fn effects(
                &mut self,
                after: i64,
                status: Option<Status>,
                contact: Option<ContactNo>,
                most: usize,
            ) -> Result<Vec<Kept>, Error> {
                outbox::effects(&self.connection, after, status, contact, most).map_err(self.explain())
            }

            fn oldest_pending(&mut self) -> Result<Option<Instant>, Error> {
                outbox::oldest_pending(&self.connection).map_err(self.explain())
            }

            fn tallies(&mut self) -> Result<Vec<(TallyKey, i64)>, Error> {
                tallies(&self.connection).map_err(self.explain())
            }

            fn rejected(&mut self, before: Option<i64>, most: usize) -> Result<Vec<KeptRejected>, Error> {
                rejected(&self.connection, before, most).map_err(self.explain())
            }

            fn programs(&mut self) -> Result<Vec<KeptProgram>, Error> {
                programs(&self.connection).map_err(self.explain())
            }

            fn cursor(&mut self, name: &str) -> Result<Option<String>, Error> {
                text(&self.connection, "SELECT position FROM imports WHERE name = ?1", name).map_err(self.explain())
            }

            fn meta(&mut self, name: &str) -> Result<Option<String>, Error> {
                text(&self.connection, "SELECT value FROM meta WHERE name = ?1", name).map_err(self.explain())
            }
        }
    )*};
}

reads!(Plain);

fn find(from: &Connection, names: &[&str]) -> rusqlite::Result<Vec<Option<ContactNo>>> {
    let mut by_name = from.prepare_cached("SELECT id FROM contacts WHERE name = ?1")?;
    let mut by_alias = from.prepare_cached("SELECT contact FROM aliases WHERE name = ?1")?;
    names
        .iter()
        .map(|name| {
            let direct = by_name.query_row([name], |row| row.get(0)).optional()?;
            let found = match direct {
                Some(number) => Some(number),
                None => by_alias.query_row([name], |row| row.get(0)).optional()?,
            };
            Ok(found.map(ContactNo))
        })
        .collect()
}

const CONTACT: &str =
    "SELECT id, name, next_wake, last_page, last_offset, state, recent FROM contacts";

fn load(from: &Connection, contacts: &[ContactNo]) -> rusqlite::Result<Vec<ContactRow>> {
    let mut fetch = from.prepare_cached(&format!("{CONTACT} WHERE id = ?1"))?;
    let mut found = Vec::with_capacity(contacts.len());
    for contact in contacts {
        found.extend(fetch.query_row([contact.0], contact_row).optional()?);
    }
    Ok(found)
}

fn following(
    from: &Connection,
    after: ContactNo,
    most: usize,
) -> rusqlite::Result<Vec<ContactRow>> {
    from.prepare_cached(&format!("{CONTACT} WHERE id > ?1 ORDER BY id LIMIT ?2"))?
        .query_map(params![after.0, most as i64], contact_row)?
        .collect()
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

fn due(from: &Connection, until: Instant, most: usize) -> rusqlite::Result<Vec<ContactNo>> {
    from.prepare_cached(
        "SELECT id FROM contacts WHERE next_wake IS NOT NULL AND next_wake <= ?1 ORDER BY next_wake LIMIT ?2",
    )?
    .query_map(params![until, most as i64], |row| row.get(0).map(ContactNo))?
    .collect()
}

fn next_wake(from: &Connection) -> rusqlite::Result<Option<Instant>> {
    from.prepare_cached("SELECT min(next_wake) FROM contacts WHERE next_wake IS NOT NULL")?
        .query_row([], |row| row.get(0))
}

fn count_due(from: &Connection, until: Instant, most: usize) -> rusqlite::Result<usize> {
    let count: i64 = from
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM contacts WHERE next_wake IS NOT NULL AND next_wake <= ?1 LIMIT ?2)",
        )?
        .query_row(params![until, most as i64], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Walks the chains backwards, always following the newest place first.
fn history(
    from: &Connection,
    last: Option<Place>,
    most: usize,
) -> rusqlite::Result<Result<Vec<Entry>, Place>> {
    let mut fetch = from.prepare_cached("SELECT program, body FROM log WHERE id = ?1")?;
    let mut pages: Vec<(i64, ProgramNo, Vec<u8>)> = Vec::new();
    let mut open: BinaryHeap<Place> = last.into_iter().collect();
    let mut entries = Vec::new();
    while let Some(place) = open.pop() {
        if entries.len() >= most {
            break;
        }
        if !pages.iter().any(|(number, ..)| *number == place.page) {
            let row: Option<(i64, Vec<u8>)> = fetch
                .query_row([place.page], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((program, page)) = row
                .and_then(|(program, body)| unpack(&body).map(|page| (ProgramNo(program), page)))
            else {
                return Ok(Err(place));
            };
            if pages.len() >= PAGES_KEPT {
                pages.remove(0);
            }
            pages.push((place.page, program, page));
        }
        let found = pages
            .iter()
            .find(|(number, ..)| *number == place.page)
            .and_then(|(_, program, page)| Some((*program, record_at(page, place.offset)?.0)));
        let Some((program, record)) = found else {
            return Ok(Err(place));
        };
        // A pointer that does not lead backwards is damage, and following it might never end.
        let onward = record.previous.into_iter().chain(record.joined);
        for next in onward {
            if next >= place {
                return Ok(Err(place));
            }
            open.push(next);
        }
        entries.push(Entry {
            place,
            program,
            record,
        });
    }
    Ok(Ok(entries))
}

fn remembered(
    from: &Connection,
    contact: ContactNo,
    ids: &[u64],
) -> rusqlite::Result<HashMap<u64, u32>> {
    let mut fetch =
        from.prepare_cached("SELECT hour FROM remembered WHERE contact = ?1 AND id = ?2")?;
    let mut found = HashMap::new();
    for id in ids {
        let hour: Option<u32> = fetch
            .query_row(params![contact.0, id.cast_signed()], |row| row.get(0))
            .optional()?;
        found.extend(hour.map(|hour| (*id, hour)));
    }
    Ok(found)
}

fn tallies(from: &Connection) -> rusqlite::Result<Vec<(TallyKey, i64)>> {
    from.prepare_cached(
        "SELECT journey, version, what, detail, n FROM tallies WHERE n <> 0 \
         ORDER BY journey, version, what, detail",
    )?
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
}

fn rejected(
    from: &Connection,
    before: Option<i64>,
    most: usize,
) -> rusqlite::Result<Vec<KeptRejected>> {
    from.prepare_cached(
        "SELECT id, at, source, code, detail, payload FROM rejected \
         WHERE id < coalesce(?1, 9223372036854775807) ORDER BY id DESC LIMIT ?2",
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
}

fn programs(from: &Connection) -> rusqlite::Result<Vec<KeptProgram>> {
    from.prepare_cached("SELECT id, hash, json FROM programs ORDER BY id DESC")?
        .query_map([], |row| {
            let packed: Vec<u8> = row.get(2)?;
            let unpacked = zstd::stream::decode_all(packed.as_slice())
                .ok()
                .filter(|bytes| bytes.len() <= LARGEST_PROGRAM)
                .and_then(|bytes| String::from_utf8(bytes).ok());
            Ok(KeptProgram {
                number: ProgramNo(row.get(0)?),
                hash: row.get(1)?,
                json: unpacked.unwrap_or_default(),
            })
        })?
        .collect()
}

fn text(from: &Connection, sql: &str, name: &str) -> rusqlite::Result<Option<String>> {
    from.prepare_cached(sql)?
        .query_row([name], |row| row.get(0))
        .optional()
}
