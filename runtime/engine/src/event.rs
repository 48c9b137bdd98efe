//! What can happen to a contact: the items that [`crate::step()`] takes, typed and checked by [`crate::admit`].

use std::fmt;

use journey_ir::{AttributeIx, Channel, ConsentIx, EventIx, Instant, Value};
use serde::{Deserialize, Serialize};

use crate::effect::{Effect, RunId};
use crate::hash::start_of;

/// The identity of an event. Two events with the same id are the same event, and the caller drops the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventId(pub [u8; 16]);

impl EventId {
    /// The id of an event that outside systems know by a text: the start of the text's BLAKE3 hash.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(blake3::hash(text.as_bytes()).as_bytes()) {
            *to = *from;
        }
        Self(id)
    }

    /// The first eight bytes as a number: what a contact's state keeps of an id.
    pub(crate) fn short(self) -> u64 {
        start_of(&self.0)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One event of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its identity.
    pub id: EventId,
    /// Its type.
    pub kind: EventIx,
    /// When it happened.
    pub occurred_at: Instant,
    /// When we heard of it. A replay of history uses the time at which it happened.
    pub received_at: Instant,
    /// Its fields by their position in the event type; a missing tail means missing values.
    pub fields: Vec<Option<Value>>,
}

/// One thing that happens to a contact, from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// An event.
    Event(Event),
    /// Attributes are set; `None` removes a value. Of two changes to one attribute the later `occurred_at` stays.
    Attributes {
        /// The attributes and their values.
        set: Vec<(AttributeIx, Option<Value>)>,
        /// When it happened.
        occurred_at: Instant,
    },
    /// A consent is given or withdrawn.
    Consent {
        /// The consent.
        consent: ConsentIx,
        /// The channel; `None` for all that the consent covers.
        channel: Option<Channel>,
        /// Whether it is given.
        given: bool,
        /// When it happened.
        occurred_at: Instant,
    },
    /// The contact wants no more advertising.
    Unsubscribe {
        /// By this channel; `None` for all.
        channel: Option<Channel>,
        /// When it happened.
        occurred_at: Instant,
    },
    /// The channel must not be used any more at all: a hard bounce, a complaint.
    Suppress {
        /// The channel.
        channel: Channel,
        /// Why, for the history.
        reason: String,
        /// When it happened.
        occurred_at: Instant,
    },
    /// The contact's data is erased. What remains is a tombstone, so that late events do not bring the person back.
    Erase {
        /// When it was asked for.
        occurred_at: Instant,
    },
    /// An operator ends runs.
    Cancel {
        /// The journey; `None` for all.
        journey: Option<String>,
        /// When it was asked for.
        occurred_at: Instant,
    },
    /// A message could not be delivered for good, and its channel has another to stand in for it.
    Undelivered {
        /// The effect that failed.
        effect: Box<Effect>,
        /// When it failed.
        occurred_at: Instant,
    },
    /// A claimed prize was granted or refused. One that no run is waiting for changes nothing.
    Granted {
        /// The run that claimed it.
        run: RunId,
        /// The prize.
        prize: String,
        /// Whether it was granted.
        granted: bool,
        /// When that was decided.
        occurred_at: Instant,
    },
    /// A deploy lets the contact into a journey that says `including current members`, if it is a member now.
    Enroll {
        /// The journey.
        journey: String,
        /// When it was asked for.
        occurred_at: Instant,
    },
    /// A ranking of all people came out.
    Ranked {
        /// The ranking.
        ranking: String,
        /// Whether the contact is in.
        within: bool,
        /// When.
        occurred_at: Instant,
    },
}

impl Item {
    /// When it happened, by its own account.
    #[must_use]
    pub const fn occurred_at(&self) -> Instant {
        match self {
            Self::Event(event) => event.occurred_at,
            Self::Attributes { occurred_at, .. }
            | Self::Consent { occurred_at, .. }
            | Self::Unsubscribe { occurred_at, .. }
            | Self::Suppress { occurred_at, .. }
            | Self::Erase { occurred_at }
            | Self::Cancel { occurred_at, .. }
            | Self::Undelivered { occurred_at, .. }
            | Self::Granted { occurred_at, .. }
            | Self::Enroll { occurred_at, .. }
            | Self::Ranked { occurred_at, .. } => *occurred_at,
        }
    }
}
