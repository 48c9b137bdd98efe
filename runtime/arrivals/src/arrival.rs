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
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind.name.as_bytes());
    hasher.update(&[0]);
    hasher.update(&postcard::to_stdvec(value).ok()?);
    Some(EventId(first_16(hasher.finalize())))
}

/// The id by which a repeat of an item is recognised by its source's own message id.
#[must_use]
pub fn message_id(source: &str, message: &str) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(source.as_bytes());
    hasher.update(&[0]);
    hasher.update(message.as_bytes());
    first_16(hasher.finalize())
}

/// The start of a hash, as long as an id.
pub(crate) fn first_16(hash: blake3::Hash) -> [u8; 16] {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    id
}
