//! How a generation of changes gets into the tables: every row once, in one transaction, in the order of its key.
//! Rows are written as they are now, so that writing a generation twice changes nothing.

use rusqlite::{CachedStatement, Transaction, params};

use super::{Tables, explained};
use crate::store::decision::REJECTED_ROWS;
use crate::store::embedded::{ContactImage, Dirty, Overlay, Record, read_record};
use crate::store::journal::{At, Files};
use crate::store::{ContactNo, Error};

impl Tables {
    /// Writes a generation. `files` hold the part of the journal that it refers to.
    pub(in crate::store) fn apply(
        &mut self,
        generation: &Overlay,
        files: &Files,
    ) -> Result<(), Error> {
        let path = &self.path;
        let explain = |error: rusqlite::Error| explained(error, path);
        let transaction = self.connection.transaction().map_err(explain)?;
        let mut work = Work {
            to: &transaction,
            from: files,
            buffer: Vec::new(),
        };
        let done = work.all(generation);
        drop(work);
        match done {
            Ok(()) => transaction.commit().map_err(explain),
            Err(Failed::Tables(error)) => Err(explain(error)),
            Err(Failed::Journal(error)) => Err(error),
        }
    }
}

enum Failed {
    Tables(rusqlite::Error),
    Journal(Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Tables(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Journal(error)
    }
}

struct Work<'a> {
    to: &'a Transaction<'a>,
    from: &'a Files,
    buffer: Vec<u8>,
}

impl Work<'_> {
    fn all(&mut self, generation: &Overlay) -> Result<(), Failed> {
        self.contacts(generation)?;
        self.aliases(generation)?;
        self.log(generation)?;
        self.outbox(generation)?;
        self.remembered(generation)?;
        self.rejected(generation)?;
        self.programs(generation)?;
        self.small(generation)?;
        self.to
            .prepare_cached("UPDATE applied SET sequence = ?1, chain = ?2")?
            .execute([
                generation.mark.sequence.cast_signed(),
                generation.mark.chain.cast_signed(),
            ])?;
        Ok(())
    }

    /// Gives the record at a place to `with`.
    fn record(
        &mut self,
        at: At,
        with: &mut dyn FnMut(Record<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), Failed> {
        self.from.read_into(at, &mut self.buffer)?;
        let record = read_record(&self.buffer)
            .ok_or_else(|| Error::Database("a record of the journal is damaged".to_owned()))?;
        Ok(with(record)?)
    }

    fn contacts(&mut self, generation: &Overlay) -> Result<(), Failed> {
        // Only the numbers are put in order: there may be hundreds of thousands.
        let sorted = generation.sorted_contacts();
        let changes = || {
            let each = sorted.iter();
            each.filter_map(|number| Some((number, generation.contacts.get(number)?.as_ref())))
        };
        let gone: Vec<ContactNo> = changes()
            .filter(|(_, change)| change.is_none())
            .map(|(number, _)| *number)
            .collect();
        let dirty = || changes().filter_map(|(number, change)| Some((number, change?)));
        let mut remove = self
            .to
            .prepare_cached("DELETE FROM contacts WHERE id = ?1")?;
        for number in &gone {
            remove.execute([number.0])?;
        }
        // A name may pass from one contact to another: all of them are given up before any is taken.
        let mut unname = self
            .to
            .prepare_cached("UPDATE contacts SET name = char(0) || id WHERE id = ?1")?;
        for (number, _) in dirty().filter(|(_, change)| change.named) {
            unname.execute([number.0])?;
        }
        let to = self.to;
        let mut statements = Statements {
            update: to.prepare_cached(
                "UPDATE contacts SET last_page = ?2, last_offset = ?3, state = ?4, recent = ?5, next_wake = ?6 \
                 WHERE id = ?1",
            )?,
            insert: to.prepare_cached(
                "INSERT INTO contacts (id, last_page, last_offset, state, recent, next_wake, name) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET last_page = excluded.last_page, \
                 last_offset = excluded.last_offset, state = excluded.state, recent = excluded.recent, \
                 next_wake = excluded.next_wake, name = excluded.name",
            )?,
        };
        for (_, change) in dirty() {
            self.record(change.at, &mut |record| match record {
                Record::Contact(image) => statements.write(&image, *change),
                _ => Ok(()),
            })?;
        }
        let mut wake =
            to.prepare_cached("INSERT OR REPLACE INTO wakes (contact, at) VALUES (?1, ?2)")?;
        let mut sleep = to.prepare_cached("DELETE FROM wakes WHERE contact = ?1")?;
        for (number, change) in dirty().filter(|(_, change)| change.rewaked) {
            match change.next_wake {
                Some(at) => wake.execute([number.0, at])?,
                None => sleep.execute([number.0])?,
            };
        }
        for number in gone {
            sleep.execute([number.0])?;
        }
        Ok(())
    }

    fn aliases(&mut self, generation: &Overlay) -> Result<(), Failed> {
        let mut write = self.to.prepare_cached(
            "INSERT INTO aliases (name, contact) VALUES (?1, ?2) \
             ON CONFLICT (name) DO UPDATE SET contact = excluded.contact",
        )?;
        for (name, contact) in &generation.aliases {
            write.execute(params![name, contact.0])?;
        }
        Ok(())
    }

    fn log(&mut self, generation: &Overlay) -> Result<(), Failed> {
        let mut write = self.to.prepare_cached(
            "INSERT OR REPLACE INTO log (id, at, program, body) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for page in generation.pages.values() {
            self.record(*page, &mut |record| {
                if let Record::Page {
                    number,
                    at,
                    program,
                    body,
                } = record
                {
                    write.execute(params![number, at, program, body.0])?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn outbox(&mut self, generation: &Overlay) -> Result<(), Failed> {
        let mut insert = self.to.prepare_cached(
            "INSERT INTO outbox (id, contact, run, status, due, lease, attempts, whenever, outcome, \
             settled_at, body, key, decided_at, program, journey, step, lane, advertising) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, iif(?11, x'', ?12), ?13, ?14, ?15, ?16, ?17, ?18, ?19) \
             ON CONFLICT (id) DO UPDATE SET contact = excluded.contact, run = excluded.run, status = excluded.status, \
             due = excluded.due, lease = excluded.lease, attempts = excluded.attempts, whenever = excluded.whenever, \
             outcome = excluded.outcome, settled_at = excluded.settled_at, body = excluded.body",
        )?;
        let mut update = self.to.prepare_cached(
            "UPDATE outbox SET contact = ?2, run = ?3, status = ?4, due = ?5, lease = ?6, attempts = ?7, \
             whenever = ?8, outcome = ?9, settled_at = ?10, body = iif(?11, x'', body) WHERE id = ?1",
        )?;
        let mut keys: Vec<([u8; 8], i64)> = Vec::new();
        let mut of: Vec<(i64, i64)> = Vec::with_capacity(generation.effects.len());
        for (number, touched) in &generation.effects {
            of.push((touched.contact.0, *number));
            let mut now = None;
            if touched.made != Some(touched.at) {
                self.record(touched.at, &mut |record| {
                    if let Record::Made { state, .. } | Record::Effect { state, .. } = record {
                        now = Some(state);
                    }
                    Ok(())
                })?;
            }
            let Some(made) = touched.made else {
                let Some(state) = now else { continue };
                update.execute(params![
                    number,
                    state.contact.0,
                    state.run,
                    state.status.number(),
                    state.due,
                    state.lease,
                    state.attempts,
                    state.whenever,
                    state.outcome,
                    state.settled_at,
                    state.blank,
                ])?;
                continue;
            };
            self.record(made, &mut |record| {
                let Record::Made { made, state, .. } = record else {
                    return Ok(());
                };
                let state = now.take().unwrap_or(state);
                let start = state.key.first_chunk().copied();
                keys.extend(start.map(|start| (start, *number)));
                insert.execute(params![
                    number,
                    state.contact.0,
                    state.run,
                    state.status.number(),
                    state.due,
                    state.lease,
                    state.attempts,
                    state.whenever,
                    state.outcome,
                    state.settled_at,
                    state.blank,
                    made.body.0,
                    state.key,
                    made.decided_at,
                    made.program,
                    state.journey,
                    made.step,
                    state.lane,
                    state.advertising,
                ])?;
                Ok(())
            })?;
        }
        keys.sort_unstable();
        let mut write = self
            .to
            .prepare_cached("INSERT OR IGNORE INTO outbox_keys (start, id) VALUES (?1, ?2)")?;
        for (start, number) in keys {
            write.execute(params![start, number])?;
        }
        of.sort_unstable();
        let mut write = self.to.prepare_cached(
            "INSERT OR IGNORE INTO outbox_contacts (contact, id) VALUES (?1, ?2)",
        )?;
        for (contact, number) in of {
            write.execute([contact, number])?;
        }
        Ok(())
    }

    fn remembered(&mut self, generation: &Overlay) -> Result<(), Failed> {
        let mut write = self.to.prepare_cached(
            "INSERT INTO remembered (contact, id, hour) VALUES (?1, ?2, ?3) \
             ON CONFLICT (contact, id) DO UPDATE SET hour = excluded.hour",
        )?;
        let mut remove = self
            .to
            .prepare_cached("DELETE FROM remembered WHERE contact = ?1 AND id = ?2")?;
        for ((contact, id), hour) in &generation.remembered {
            match hour {
                Some(hour) => write.execute(params![contact.0, id.cast_signed(), hour])?,
                None => remove.execute(params![contact.0, id.cast_signed()])?,
            };
        }
        Ok(())
    }

    fn rejected(&mut self, generation: &Overlay) -> Result<(), Failed> {
        let Some((newest, _)) = generation.rejected.last_key_value() else {
            return Ok(());
        };
        let mut write = self.to.prepare_cached(
            "INSERT OR REPLACE INTO rejected (id, at, source, code, detail, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let oldest = newest - REJECTED_ROWS;
        for place in generation.rejected.range(oldest + 1..).map(|(_, at)| at) {
            self.record(*place, &mut |record| {
                if let Record::Rejected {
                    number,
                    at,
                    source,
                    code,
                    detail,
                    payload,
                } = record
                {
                    write.execute(params![number, at, source, code, detail, payload])?;
                }
                Ok(())
            })?;
        }
        self.to
            .prepare_cached("DELETE FROM rejected WHERE id <= ?1")?
            .execute([oldest])?;
        Ok(())
    }

    fn programs(&mut self, generation: &Overlay) -> Result<(), Failed> {
        let mut write = self.to.prepare_cached(
            "INSERT OR REPLACE INTO programs (id, hash, stored_at, json) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for place in generation.programs.values() {
            self.record(*place, &mut |record| {
                if let Record::Program {
                    number,
                    hash,
                    at,
                    json,
                } = record
                {
                    write.execute(params![number, hash, at, json.0])?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Counters, cursors and settings.
    fn small(&mut self, generation: &Overlay) -> Result<(), Failed> {
        let mut write = self
            .to
            .prepare_cached("INSERT OR REPLACE INTO tallies (journey, version, what, detail, n) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (key, n) in &generation.tallies {
            write.execute(params![key.journey, key.version, key.what, key.detail, n])?;
        }
        let mut write = self.to.prepare_cached(
            "INSERT OR REPLACE INTO imports (name, position, at) VALUES (?1, ?2, ?3)",
        )?;
        for (name, (position, at)) in &generation.cursors {
            write.execute(params![name, position, at])?;
        }
        for (name, value) in &generation.meta {
            match value {
                Some(value) => self
                    .to
                    .prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?
                    .execute([name, value])?,
                None => self
                    .to
                    .prepare_cached("DELETE FROM meta WHERE name = ?1")?
                    .execute([name])?,
            };
        }
        Ok(())
    }
}

struct Statements<'a> {
    update: CachedStatement<'a>,
    insert: CachedStatement<'a>,
}

impl Statements<'_> {
    fn write(&mut self, image: &ContactImage<'_>, change: Dirty) -> rusqlite::Result<()> {
        let (page, offset) = image.last.unzip();
        let (state, recent) = (image.state.0, image.recent.0);
        let (number, wake) = (image.number, image.next_wake);
        let written = if change.named {
            0
        } else {
            self.update
                .execute(params![number, page, offset, state, recent, wake])?
        };
        if written == 0 {
            self.insert.execute(params![
                number, page, offset, state, recent, wake, image.name
            ])?;
        }
        Ok(())
    }
}
