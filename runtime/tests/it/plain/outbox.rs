//! The queue of effects: putting in, taking out, and telling what became of them.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use journey_ir::Instant;

use journeyd::store::outbox::AUDIENCES;
use journeyd::store::{
    Ask, Claim, Claimed, ContactNo, Kept, NewEffect, ProgramNo, Revocation, Revoked, Settlement,
    Status,
};

/// The columns that [`kept`] reads, in its order.
const COLUMNS: &str = "o.id, o.key, o.contact, o.run, o.decided_at, o.status, o.journey, o.step, o.lane, o.body, \
                       o.program, coalesce(c.name, ''), o.attempts, o.due, o.outcome, o.settled_at, o.advertising, \
                       o.whenever";

pub(super) fn insert(
    to: &Transaction<'_>,
    program: ProgramNo,
    effects: &[NewEffect],
) -> rusqlite::Result<()> {
    let mut insert = to.prepare_cached(
        "INSERT INTO outbox (key, contact, run, decided_at, status, due, program, journey, step, lane, \
         advertising, whenever, body) VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    for effect in effects {
        insert.execute(params![
            effect.key,
            effect.contact.0,
            effect.run,
            effect.decided_at,
            effect.status.number(),
            program.0,
            effect.journey,
            effect.step,
            effect.lane,
            effect.advertising,
            effect.whenever,
            effect.body,
        ])?;
    }
    Ok(())
}

pub(super) fn release(
    from: &Connection,
    journey: Option<&str>,
    now: Instant,
) -> rusqlite::Result<usize> {
    from.execute(
        "UPDATE outbox SET status = ?1, due = ?2, whenever = 1 WHERE status = ?3 AND (?4 IS NULL OR journey = ?4)",
        params![Status::Pending.number(), now, Status::Held.number(), journey],
    )
}

pub(super) fn settle(to: &Transaction<'_>, settled: &[Settlement]) -> rusqlite::Result<()> {
    // That it was carried out is the last word, and that it was given up is the last but for that. An effect that was
    // revoked while its worker was busy stays revoked only where nothing was sent after all.
    let mut update = to.prepare_cached(
        "UPDATE outbox SET status = ?2, due = ?3, outcome = ?4, settled_at = ?5, lease = NULL, \
         attempts = attempts - ?6, body = iif(lane = ?7 AND ?2 = 2, x'', body) WHERE key = ?1 \
         AND status <> 2 AND NOT (status = 3 AND ?2 <> 2) AND NOT (status = 7 AND ?2 = 0)",
    )?;
    for settlement in settled {
        update.execute(params![
            settlement.key,
            settlement.status.number(),
            settlement.due,
            settlement.outcome,
            settlement.at,
            settlement.untried,
            AUDIENCES,
        ])?;
    }
    Ok(())
}

pub(super) fn revoke(
    to: &Transaction<'_>,
    revoked: &[Revocation],
    at: Instant,
) -> rusqlite::Result<()> {
    for revocation in revoked {
        let (run, lane, advertising) = match &revocation.what {
            Revoked::Run(run) => (Some(*run), None, false),
            Revoked::Advertising(lane) => (None, Some(lane), true),
            Revoked::Lane(lane) => (None, Some(lane), false),
            Revoked::Everything => (None, None, false),
            Revoked::Listing(run) => (Some(*run), None, true),
        };
        to.prepare_cached(
            "UPDATE outbox SET status = 7, settled_at = ?2, lease = NULL WHERE contact = ?1 AND status IN (0, 1, 4) \
             AND (?3 IS NULL OR run = ?3) AND (?4 IS NULL OR lane = ?4) AND advertising >= ?5",
        )?
        .execute(params![revocation.contact.0, at, run, lane, advertising])?;
    }
    Ok(())
}

/// What may be taken: in which order, and when the next one beyond that may be.
struct Ready {
    numbers: Vec<(i64, bool)>,
    next: Option<Instant>,
}

fn ready(from: &Connection, ask: &Ask) -> rusqlite::Result<Ready> {
    let mut all: Vec<(i64, bool, Instant)> = Vec::new();
    let mut later: Vec<Instant> = Vec::new();
    for (sql, abandoned) in [
        (
            "SELECT id, lease FROM outbox WHERE status = 1 AND lane = ?1 ORDER BY lease, id",
            true,
        ),
        (
            "SELECT id, due FROM outbox WHERE status = 0 AND lane = ?1 ORDER BY due, id",
            false,
        ),
    ] {
        let mut statement = from.prepare_cached(sql)?;
        for row in statement.query_map([&ask.lane], |row| Ok((row.get(0)?, row.get(1)?)))? {
            let (number, at) = row?;
            if at <= ask.now && all.len() < ask.most {
                all.push((number, abandoned, at));
            } else {
                later.push(at);
            }
        }
    }
    Ok(Ready {
        numbers: all
            .into_iter()
            .map(|(number, old, _)| (number, old))
            .collect(),
        next: later.into_iter().min(),
    })
}

/// An effect with everything that is known of it, to be compared.
fn whole(from: &Connection, number: i64) -> rusqlite::Result<Vec<Value>> {
    from.prepare_cached(
        "SELECT o.*, c.name FROM outbox o LEFT JOIN contacts c ON c.id = o.contact WHERE o.id = ?1",
    )?
    .query_row([number], |row| {
        let columns = row.as_ref().column_count();
        (0..columns).map(|at| row.get(at)).collect()
    })
}

/// Commits, and claims what could be claimed before and was not changed meanwhile.
pub(super) fn commit_and_claim(
    connection: &mut Connection,
    asked: &[Ask],
    commit: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<Vec<Claim>> {
    let transaction = connection.transaction()?;
    let mut plans = Vec::new();
    for ask in asked {
        let ready = ready(&transaction, ask)?;
        let numbers = ready.numbers.iter();
        let before: rusqlite::Result<Vec<_>> = numbers
            .map(|(number, _)| whole(&transaction, *number))
            .collect();
        plans.push((ask, ready, before?));
    }
    commit(&transaction)?;
    let mut claims = Vec::new();
    for (ask, ready, before) in plans {
        let mut next = ready.next;
        let mut numbers = Vec::new();
        for (one, before) in ready.numbers.into_iter().zip(before) {
            if whole(&transaction, one.0)? == before {
                numbers.push(one);
            } else {
                next = Some(ask.now);
            }
        }
        let effects = take(&transaction, &numbers, ask.lease_until)?;
        let lease = (!effects.is_empty()).then_some(ask.lease_until);
        claims.push(Claim {
            effects,
            next_due: next.into_iter().chain(lease).min(),
        });
    }
    transaction.commit()?;
    Ok(claims)
}

fn take(
    from: &Transaction<'_>,
    numbers: &[(i64, bool)],
    lease_until: Instant,
) -> rusqlite::Result<Vec<Claimed>> {
    let mut lease = from.prepare_cached(
        "UPDATE outbox SET status = 1, lease = ?2, attempts = attempts + 1 WHERE id = ?1",
    )?;
    let mut fetch = from.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM outbox o LEFT JOIN contacts c ON c.id = o.contact WHERE o.id = ?1"
    ))?;
    let mut claimed = Vec::with_capacity(numbers.len());
    for (number, abandoned) in numbers {
        lease.execute(params![number, lease_until])?;
        if let Some(kept) = fetch.query_row([number], kept).optional()? {
            let abandoned = *abandoned;
            claimed.push(Claimed { kept, abandoned });
        }
    }
    Ok(claimed)
}

pub(super) fn effects(
    connection: &Connection,
    after: i64,
    status: Option<Status>,
    contact: Option<ContactNo>,
    most: usize,
) -> rusqlite::Result<Vec<Kept>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox o LEFT JOIN contacts c ON c.id = o.contact \
             WHERE o.id > ?1 AND (?2 IS NULL OR o.status = ?2) AND (?3 IS NULL OR o.contact = ?3) \
             ORDER BY o.id LIMIT ?4"
        ))?
        .query_map(
            params![
                after,
                status.map(Status::number),
                contact.map(|contact| contact.0),
                i64::try_from(most).unwrap_or(i64::MAX)
            ],
            kept,
        )?
        .collect()
}

pub(super) fn oldest_pending(connection: &Connection) -> rusqlite::Result<Option<Instant>> {
    connection
        .prepare_cached("SELECT min(due) FROM outbox WHERE status = 0")?
        .query_row([], |row| row.get(0))
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        number: row.get(0)?,
        effect: NewEffect {
            key: row.get(1)?,
            contact: ContactNo(row.get(2)?),
            run: row.get(3)?,
            decided_at: row.get(4)?,
            status: Status::from_number(row.get(5)?).unwrap_or(Status::Unclear),
            journey: row.get(6)?,
            step: row.get(7)?,
            lane: row.get(8)?,
            advertising: row.get(16)?,
            whenever: row.get(17)?,
            body: row.get(9)?,
        },
        program: ProgramNo(row.get(10)?),
        contact_name: row.get(11)?,
        attempts: row.get(12)?,
        due: row.get(13)?,
        outcome: row.get(14)?,
        settled_at: row.get(15)?,
    })
}
