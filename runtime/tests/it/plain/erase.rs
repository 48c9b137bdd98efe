//! Erasure: the content of a contact's records and effects is overwritten in place. The records keep their length, so
//! that those of other contacts on the same pages stay where they are.

use rusqlite::{OptionalExtension as _, Transaction, params};

use journeyd::store::log::{Packer, blank_record, unpack};
use journeyd::store::outbox::AUDIENCES;
use journeyd::store::{ContactNo, Place};

/// Overwrites the chain that ends at `last`, with what joined it, and the content of all effects.
pub(super) fn blank(
    to: &Transaction<'_>,
    contact: ContactNo,
    last: Option<Place>,
) -> rusqlite::Result<()> {
    to.execute(
        // What takes the person out of an advertising network is still needed; it loses its content once it is done.
        "UPDATE outbox SET body = x'', outcome = NULL WHERE contact = ?1 AND NOT (lane = ?2 AND status < 2)",
        params![contact.0, AUDIENCES],
    )?;
    let mut open: Vec<Place> = last.into_iter().collect();
    while let Some(place) = open.pop() {
        let body: Option<Vec<u8>> = to
            .prepare_cached("SELECT body FROM log WHERE id = ?1")?
            .query_row([place.page], |row| row.get(0))
            .optional()?;
        let Some(mut page) = body.as_deref().and_then(unpack) else {
            continue;
        };
        // All records of the chain on this page are done while it is at hand.
        let mut here = vec![place.offset];
        while let Some(offset) = here.pop() {
            let Some((previous, joined)) = blank_record(&mut page, offset) else {
                continue;
            };
            for next in previous.into_iter().chain(joined) {
                if next.page == place.page && next.offset < offset {
                    here.push(next.offset);
                } else if next < place {
                    open.push(next);
                }
            }
        }
        to.prepare_cached("UPDATE log SET body = ?2 WHERE id = ?1")?
            .execute(params![place.page, Packer::default().pack(&page)])?;
    }
    Ok(())
}
