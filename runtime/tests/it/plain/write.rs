//! Writing: one decision is one transaction.

use rusqlite::{OptionalExtension as _, Transaction, params};

use journey_ir::Instant;

use super::Plain;
use journeyd::store::decision::{BLANKED, REJECTED_BYTES, REJECTED_ROWS};
use journeyd::store::{
    Ask, Change, Claim, ContactNo, ContactRow, Counters, Decision, Durability, Error, HandedOver,
    ProgramNo, Rejected, Store, TallyKey,
};

/// The zstd level for programs: they are written once and kept for ever.
const PROGRAM_LEVEL: i32 = 6;

impl Store for Plain {
    fn counters(&mut self) -> Result<Counters, Error> {
        let next = |table: &str| {
            let sql = format!("SELECT coalesce(max(id), 0) + 1 FROM {table}");
            self.connection
                .query_row(&sql, [], |row| row.get::<_, i64>(0))
                .map_err(self.explain())
        };
        Ok(Counters {
            contact: ContactNo(next("contacts")?.max(self.highest_merged()? + 1)),
            page: next("log")?,
        })
    }

    fn keep_program(&mut self, hash: &str, json: &str, at: Instant) -> Result<ProgramNo, Error> {
        let known: Option<i64> = self
            .connection
            .query_row("SELECT id FROM programs WHERE hash = ?1", [hash], |row| {
                row.get(0)
            })
            .optional()
            .map_err(self.explain())?;
        if let Some(number) = known {
            return Ok(ProgramNo(number));
        }
        let packed = zstd::bulk::compress(json.as_bytes(), PROGRAM_LEVEL)
            .map_err(|error| Error::Database(error.to_string()))?;
        self.connection
            .execute(
                "INSERT INTO programs (hash, stored_at, json) VALUES (?1, ?2, ?3)",
                params![hash, at, packed],
            )
            .map_err(self.explain())?;
        Ok(ProgramNo(self.connection.last_insert_rowid()))
    }

    fn commit(&mut self, decision: &Decision) -> Result<(), Error> {
        self.commit_and_claim(decision, &[]).map(drop)
    }

    fn commit_and_claim(
        &mut self,
        decision: &Decision,
        asked: &[Ask],
    ) -> Result<Vec<Claim>, Error> {
        let write = |transaction: &Transaction<'_>| write_all(transaction, decision);
        super::outbox::commit_and_claim(&mut self.connection, asked, write)
            .map_err(|error| super::explained(error, &self.path))
    }

    fn claim(
        &mut self,
        lane: &str,
        now: Instant,
        lease_until: Instant,
        most: usize,
    ) -> Result<Claim, Error> {
        let ask = Ask {
            lane: lane.to_owned(),
            now,
            lease_until,
            most,
        };
        let claims = super::outbox::commit_and_claim(&mut self.connection, &[ask], |_| Ok(()))
            .map_err(|error| super::explained(error, &self.path))?;
        Ok(claims.into_iter().next().unwrap_or_default())
    }

    fn release(&mut self, journey: Option<&str>, now: Instant) -> Result<usize, Error> {
        super::outbox::release(&self.connection, journey, now).map_err(self.explain())
    }

    fn forget(&mut self, before_hour: u32, most: usize) -> Result<usize, Error> {
        self.connection
            .prepare_cached(
                "DELETE FROM remembered WHERE (contact, id) IN \
                 (SELECT contact, id FROM remembered WHERE hour < ?1 LIMIT ?2)",
            )
            .and_then(|mut statement| statement.execute(params![before_hour, most as i64]))
            .map_err(self.explain())
    }

    fn set_durability(&mut self, _: Durability) -> Result<(), Error> {
        Ok(())
    }

    fn purge(&mut self) -> Result<bool, Error> {
        Ok(true)
    }

    fn checkpoint(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

impl Plain {
    /// A merged contact has no row any more, but its number must not be given again.
    fn highest_merged(&self) -> Result<i64, Error> {
        self.connection
            .query_row(
                "SELECT coalesce(max(value + 0), 0) FROM meta WHERE name = 'highest_merged'",
                [],
                |row| row.get(0),
            )
            .map_err(self.explain())
    }
}

fn write_all(to: &Transaction<'_>, decision: &Decision) -> rusqlite::Result<()> {
    write_contacts(to, &decision.contacts)?;
    write_aliases(to, &decision.aliases)?;
    write_log(to, decision)?;
    super::outbox::settle(to, &decision.settled)?;
    super::outbox::revoke(to, &decision.revoked, decision.at)?;
    super::outbox::insert(to, decision.program, &decision.effects)?;
    // After what was taken back, which still names the contacts that go.
    write_handed_over(to, &decision.handed_over)?;
    write_merged(to, &decision.merged)?;
    for (contact, last) in &decision.erased {
        super::erase::blank(to, *contact, *last)?;
    }
    write_remembered(to, &decision.remembered)?;
    write_rejected(to, &decision.rejected)?;
    for number in &decision.blanked {
        to.prepare_cached("UPDATE rejected SET detail = ?2, payload = '' WHERE id = ?1")?
            .execute(params![number, BLANKED])?;
    }
    write_tallies(to, decision.tallies.iter())?;
    for cursor in &decision.cursors {
        to.prepare_cached(
            "INSERT INTO imports (name, position, at) VALUES (?1, ?2, ?3) \
             ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at",
        )?
        .execute(params![cursor.name, cursor.position, cursor.at])?;
    }
    for (name, value) in &decision.meta {
        match value {
            Some(value) => to
                .prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?
                .execute([name, value])?,
            None => to
                .prepare_cached("DELETE FROM meta WHERE name = ?1")?
                .execute([name])?,
        };
    }
    Ok(())
}

/// In the order of their numbers, so that neighbours on a page are written together.
fn write_contacts(to: &Transaction<'_>, contacts: &[(Change, ContactRow)]) -> rusqlite::Result<()> {
    let mut sorted: Vec<&(Change, ContactRow)> = contacts.iter().collect();
    sorted.sort_by_key(|(_, row)| row.number);
    let mut update = to.prepare_cached(
        "UPDATE contacts SET next_wake = ?2, last_page = ?3, last_offset = ?4, state = ?5, recent = ?6 WHERE id = ?1",
    )?;
    let mut insert = to.prepare_cached(
        "INSERT INTO contacts (id, next_wake, last_page, last_offset, state, recent, name) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (change, row) in sorted {
        let page = row.last.map(|place| place.page);
        let offset = row.last.map(|place| place.offset);
        if *change == Change::Rename {
            to.prepare_cached("UPDATE contacts SET name = ?2 WHERE id = ?1")?
                .execute(params![row.number.0, row.name])?;
        }
        if *change == Change::Insert {
            insert.execute(params![
                row.number.0,
                row.next_wake,
                page,
                offset,
                row.state,
                row.recent,
                row.name
            ])?;
        } else {
            update.execute(params![
                row.number.0,
                row.next_wake,
                page,
                offset,
                row.state,
                row.recent
            ])?;
        }
    }
    Ok(())
}

fn write_merged(to: &Transaction<'_>, merged: &[(ContactNo, ContactNo)]) -> rusqlite::Result<()> {
    for (from, into) in merged {
        for sql in [
            "UPDATE aliases SET contact = ?2 WHERE contact = ?1",
            "UPDATE outbox SET contact = ?2 WHERE contact = ?1",
            "DELETE FROM contacts WHERE id = ?1 AND id <> ?2",
        ] {
            to.prepare_cached(sql)?.execute([from.0, into.0])?;
        }
    }
    if let Some((highest, _)) = merged.iter().max() {
        to.prepare_cached(
            "INSERT INTO meta (name, value) VALUES ('highest_merged', ?1) ON CONFLICT (name) \
             DO UPDATE SET value = excluded.value WHERE value + 0 < excluded.value + 0",
        )?
        .execute([highest.0.to_string()])?;
    }
    Ok(())
}

/// Gives unsent effects the number that their run has with the contact that stays, so that they can be taken back.
fn write_handed_over(to: &Transaction<'_>, runs: &[HandedOver]) -> rusqlite::Result<()> {
    for run in runs {
        to.prepare_cached(
            "UPDATE outbox SET contact = ?3, run = ?4 WHERE contact = ?1 AND run = ?2",
        )?
        .execute(params![run.from.0, run.run, run.into.0, run.now])?;
    }
    Ok(())
}

fn write_aliases(to: &Transaction<'_>, aliases: &[(String, ContactNo)]) -> rusqlite::Result<()> {
    for (name, contact) in aliases {
        to.prepare_cached(
            "INSERT INTO aliases (name, contact) VALUES (?1, ?2) \
             ON CONFLICT (name) DO UPDATE SET contact = excluded.contact",
        )?
        .execute(params![name, contact.0])?;
    }
    Ok(())
}

fn write_log(to: &Transaction<'_>, decision: &Decision) -> rusqlite::Result<()> {
    let mut insert =
        to.prepare_cached("INSERT INTO log (id, at, program, body) VALUES (?1, ?2, ?3, ?4)")?;
    for (page, body) in decision.log.packed() {
        insert.execute(params![page, decision.at, decision.program.0, body])?;
    }
    Ok(())
}

fn write_remembered(
    to: &Transaction<'_>,
    remembered: &[(ContactNo, u64, u32)],
) -> rusqlite::Result<()> {
    for (contact, id, hour) in remembered {
        to.prepare_cached(
            "INSERT INTO remembered (contact, id, hour) VALUES (?1, ?2, ?3) \
             ON CONFLICT (contact, id) DO UPDATE SET hour = max(hour, excluded.hour)",
        )?
        .execute(params![contact.0, id.cast_signed(), hour])?;
    }
    Ok(())
}

fn write_rejected(to: &Transaction<'_>, rejected: &[Rejected]) -> rusqlite::Result<()> {
    if rejected.is_empty() {
        return Ok(());
    }
    let mut insert = to.prepare_cached(
        "INSERT INTO rejected (at, source, code, detail, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for item in rejected {
        let end = item.payload.floor_char_boundary(REJECTED_BYTES);
        let payload = item.payload.get(..end).unwrap_or_default();
        insert.execute(params![
            item.at,
            item.source,
            item.code,
            item.detail,
            payload
        ])?;
    }
    let newest = to.last_insert_rowid();
    to.prepare_cached("DELETE FROM rejected WHERE id <= ?1")?
        .execute([newest - REJECTED_ROWS])?;
    Ok(())
}

fn write_tallies<'a>(
    to: &Transaction<'_>,
    changes: impl Iterator<Item = (&'a TallyKey, &'a i64)>,
) -> rusqlite::Result<()> {
    let mut add = to.prepare_cached(
        "INSERT INTO tallies (journey, version, what, detail, n) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (journey, version, what, detail) DO UPDATE SET n = n + excluded.n",
    )?;
    for (key, n) in changes.filter(|(_, n)| **n != 0) {
        add.execute(params![key.journey, key.version, key.what, key.detail, n])?;
    }
    Ok(())
}
