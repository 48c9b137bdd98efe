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
    let value = postcard::to_stdvec(value).ok()?;
    Some(EventId(hash_of(&[kind.name.as_bytes(), &[0], &value])))
}

/// The id by which a repeat of an item is recognised by its source's own message id.
#[must_use]
pub fn message_id(source: &str, message: &str) -> [u8; 16] {
    hash_of(&[source.as_bytes(), &[0], message.as_bytes()])
}

/// The start of the hash of several parts in a row, as long as an id. They are hashed in one go: of a few bytes, that is
/// much cheaper than one part after the other.
pub(crate) fn hash_of(parts: &[&[u8]]) -> [u8; 16] {
    let hash = blake3::hash(&parts.concat());
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    id
}
