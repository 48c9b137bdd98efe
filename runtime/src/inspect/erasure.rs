//! Erasure of one person: what has to be handed to the process, and which files go with it.

use journey_arrivals::{ANONYMOUS, Arrival, Who};
use journey_engine::Item;
use journey_ir::Instant;

use super::export::rejected;
use crate::process::Batch;
use crate::store::{ContactNo, Error, Read};

/// How many effects are looked at per question.
const EFFECTS: usize = 1_000;

/// A person that is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name in the store.
    pub name: String,
    /// The keys of all its effects: files in the mailbox folder are called after them.
    pub keys: Vec<[u8; 32]>,
    /// The rejected items that name it.
    rejected: Vec<i64>,
}

/// Finds a person by its id or the id of a device.
pub fn find(store: &mut impl Read, id: &str) -> Result<Option<Found>, Error> {
    let anonymous = format!("{ANONYMOUS}{id}");
    let found = store.find(&[id, &anonymous])?;
    let numbers: Vec<ContactNo> = found.into_iter().flatten().take(1).collect();
    let Some(row) = store.load(&numbers)?.into_iter().next() else {
        return Ok(None);
    };
    let mut keys = Vec::new();
    let mut after = 0;
    loop {
        let kept = store.effects(after, None, Some(row.number), EFFECTS)?;
        let Some(last) = kept.last() else {
            break;
        };
        after = last.number;
        keys.extend(kept.iter().map(|kept| kept.effect.key));
    }
    Ok(Some(Found {
        rejected: rejected(store, &[id, &row.name])?
            .into_iter()
            .map(|kept| kept.number)
            .collect(),
        name: row.name,
        keys,
    }))
}

/// What erases a person.
#[must_use]
pub fn batch(found: &Found, now: Instant) -> Batch {
    let who = match found.name.strip_prefix(ANONYMOUS) {
        Some(device) => Who::Anonymous(device.to_owned()),
        None => Who::Known(found.name.clone()),
    };
    Batch {
        arrivals: vec![Arrival {
            who,
            received_at: now,
            id: None,
            item: Some(Item::Erase { occurred_at: now }),
        }],
        blanked: found.rejected.clone(),
        ..Batch::default()
    }
}
