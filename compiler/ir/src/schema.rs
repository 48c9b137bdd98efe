//! What is known about a contact, and which events are understood.

use serde::{Deserialize, Serialize};

use crate::index::{AttributeIx, FieldIx};
use crate::message::Channel;
use crate::time::Span;
use crate::value::{Currency, Value};

/// Attributes, events and consents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Attributes of a contact.
    pub attributes: Vec<Attribute>,
    /// Event types: the project's own, then the built-in ones (`email.clicked` …) that the channels report.
    pub events: Vec<Event>,
    /// Consents a contact can give and withdraw.
    pub consents: Vec<Consent>,
}

/// One attribute of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name, as written.
    pub name: String,
    /// What it holds.
    pub kind: Type,
    /// Whether it may be missing.
    pub optional: bool,
    /// Whether it is personal data that leaves only where a connector is allowed it.
    pub private: bool,
    /// Its value where none was given.
    pub default: Option<Value>,
}

/// What an attribute or an event field holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Any text.
    Text,
    /// A decimal number.
    Number,
    /// A number without decimals.
    WholeNumber,
    /// Money, of one currency or of any.
    Money(Option<Currency>),
    /// A calendar day.
    Date,
    /// An instant.
    Moment,
    /// Yes or no.
    YesNo,
    /// An e-mail address.
    EmailAddress,
    /// A phone number.
    PhoneNumber,
    /// An IANA time zone.
    Timezone,
    /// An http or https address.
    Link,
    /// One of these words.
    OneOf(Vec<String>),
    /// One of these words, which are in order, the lowest first.
    Scale(Vec<String>),
    /// Several values of a type.
    ListOf(Box<Type>),
    /// Several objects, in an event.
    Items(Items),
    /// Whole years since a date attribute, computed when read.
    YearsSince(AttributeIx),
    /// A length of time (a sequence's parameter or a message's argument; never an attribute).
    Duration,
    /// An offer (a message's argument; never an attribute).
    Offer,
}

impl Type {
    /// The words of a choice, whether they are in order or not.
    #[must_use]
    pub fn choices(&self) -> Option<&[String]> {
        match self {
            Self::OneOf(choices) | Self::Scale(choices) => Some(choices),
            _ => None,
        }
    }
}

/// What each object of a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Items {
    /// What one of them is called: `item`.
    pub element: String,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// One event type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its name: `purchase`, `email.clicked`.
    pub name: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The field whose value identifies the event: a second event with the same value is a repeat.
    pub key: Option<FieldIx>,
    /// How late it may arrive; nothing is decided by its absence before that.
    pub arrives_within: Option<Span>,
    /// Whether our own channels report it, and the intake does not accept it.
    pub built_in: bool,
}

/// One field of an event, or of an object in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    /// Its name, as written; the field of an object after the object's name: `payment.method`.
    pub name: String,
    /// What it holds.
    pub kind: Type,
    /// Whether it may be missing.
    pub optional: bool,
    /// Whether it is personal data.
    pub private: bool,
}

/// One consent, given and withdrawn per channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Its name: `marketing`.
    pub name: String,
    /// The messaging channels it covers.
    pub channels: Vec<Channel>,
    /// Other receivers it covers (`meta`, `google`).
    pub others: Vec<String>,
    /// After how long it is asked again.
    pub ask_again: Option<Span>,
}
