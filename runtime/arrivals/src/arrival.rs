//! What everything that comes in is brought to: something that happened to a contact, as the outside names it.

use journey_engine::{Event, EventId, Item, Program};
use journey_ir::Instant;

/// In front of the names of contacts that are only known by an anonymous id, so that they never meet a user's id.
pub const ANONYMOUS: &str = "anonymous:";

/// How the outside names a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// By its own id.
    Known(String),
    /// By the id of a device.
    Anonymous(String),
    /// By both: from now on they are the same contact.
    Both {
        /// Its own id.
        known: String,
        /// The id of a device.
        anonymous: String,
    },
    /// By a former id, own or of a device, which from now on is the same contact.
    Alias {
        /// The id from now on.
        known: String,
        /// The former one.
        previous: String,
    },
}

/// One thing that happened to a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// Whom.
    pub who: Who,
    /// When we heard of it; for a replay of the past, when it happened.
    pub received_at: Instant,
    /// By what a repeat is recognised; nothing is a repeat where `None`.
    pub id: Option<[u8; 16]>,
    /// What; nothing but the names are joined where `None`.
    pub item: Option<Item>,
}

/// The order of things that happened at the same instant: what ends first, then what is learnt, then what is done.
#[must_use]
pub const fn rank(item: &Item) -> u8 {
    match item {
        Item::Erase { .. }
        | Item::Unsubscribe { .. }
        | Item::Suppress { .. }
        | Item::Cancel { .. }
        | Item::Consent { given: false, .. } => 0,
        Item::Consent { .. } | Item::Attributes { .. } => 1,
        Item::Event(_)
        | Item::Enroll { .. }
        | Item::Undelivered { .. }
        | Item::Granted { .. }
        | Item::Ranked { .. } => 2,
    }
}

/// The id by which a repeat of an event is recognised where its type declares a key: two events of one contact with the
/// same key value are the same event, whoever reports them.
#[must_use]
pub fn key_id(program: &Program, event: &Event) -> Option<EventId> {
    let kind = program.ir().event(event.kind)?;
    let value = event.fields.get(kind.key?.at())?.as_ref()?;
    let mut named = Vec::with_capacity(64);
    named.extend_from_slice(kind.name.as_bytes());
    named.push(0);
    let named = postcard::to_extend(value, named).ok()?;
    Some(EventId(start_of_hash(&named)))
}

/// The id by which a repeat of an item is recognised by its source's own message id.
#[must_use]
pub fn message_id(source: &str, message: &str) -> [u8; 16] {
    hash_of(&[source.as_bytes(), &[0], message.as_bytes()])
}

/// How many bytes are put together without asking for memory.
const FEW: usize = 128;

/// The start of the hash of several parts in a row, as long as an id. They are hashed in one go: of a few bytes, that is
/// much cheaper than one part after the other.
pub(crate) fn hash_of(parts: &[&[u8]]) -> [u8; 16] {
    let mut all = [0; FEW];
    let mut rest = all.as_mut_slice();
    for part in parts {
        let Some((here, behind)) = std::mem::take(&mut rest).split_at_mut_checked(part.len())
        else {
            return start_of_hash(&parts.concat());
        };
        here.copy_from_slice(part);
        rest = behind;
    }
    let left = rest.len();
    start_of_hash(all.get(..FEW - left).unwrap_or_default())
}

fn start_of_hash(bytes: &[u8]) -> [u8; 16] {
    let hash = blake3::hash(bytes);
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_the_parts_are_makes_no_difference() {
        for length in [0, 1, FEW - 2, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let long = "가나다".bytes().cycle().take(length).collect::<Vec<u8>>();
            let parts: [&[u8]; 3] = [b"a", &long, b""];
            assert_eq!(hash_of(&parts), start_of_hash(&parts.concat()));
        }
    }
}
