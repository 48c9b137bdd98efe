//! What the engine wants done outside: messages, calls, tasks. Deciding an effect and carrying it out are different
//! things; the key makes the second idempotent.

use std::fmt;

use journey_ir::{Channel, Instant, JourneyIx, Purpose, StepIx, Value};
use serde::{Deserialize, Serialize};

use crate::claim::Claim;
use crate::history::Happening;
use crate::program::Name;

/// The identity of an effect: a hash of contact, journey, run, step and iteration. No two intended effects share one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EffectKey(pub [u8; 32]);

impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EffectKey({self})")
    }
}

/// A run of a contact through a journey: the n-th run this contact started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub u32);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// One decided effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Its identity, which a provider gets as its idempotency key.
    pub key: EffectKey,
    /// When it was decided, in event time.
    pub at: Instant,
    /// The run that wants it.
    pub run: RunId,
    /// The journey of that run.
    pub journey: Name,
    /// The id of the step that wants it.
    pub step: Name,
    /// What is to be done.
    pub what: Intent,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    /// Send a message.
    Send(Send),
    /// Call a system.
    Call(Call),
    /// Give someone a task.
    Task(Task),
    /// Tell an advertising network of the contact.
    Enlist(Enlist),
}

/// A message to send. [`crate::render::message`] turns it into words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// The channel.
    pub channel: Channel,
    /// The template's name; with the channel it names the message in every version of the program.
    pub template: Name,
    /// Why it is sent.
    pub purpose: Purpose,
    /// The sender's name in the project's settings, where the message or its channel has one.
    pub sender: Option<Name>,
    /// The address.
    pub to: String,
    /// Everything the template needs, by name: `contact.name`, `cart`, `coupon.code`. What is missing here has words
    /// for that case in the template.
    pub values: Vec<(Name, Value)>,
    /// The IANA time zone in which moments are written.
    pub timezone: Name,
    /// The names of the consents by which this person may get it in quiet hours.
    pub freed_by: Vec<Name>,
    /// When the message is worth nothing any more.
    pub not_after: Option<Instant>,
    /// The code of the language it is written in: the contact's, where the message is translated into it, else the
    /// project's.
    pub language: Name,
    /// The channel that failed to deliver it before, where this is its second way.
    pub instead_of: Option<Channel>,
}

/// A call of a connector's action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The connector.
    pub connector: String,
    /// Its action.
    pub action: String,
    /// The arguments that have a value.
    pub args: Vec<(String, Value)>,
    /// The contact's private data that this action is allowed.
    pub contact: Vec<(String, Value)>,
}

/// A task for a person or team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The person or team.
    pub to: String,
    /// What is to be done.
    pub title: String,
    /// By when.
    pub due_at: Option<Instant>,
    /// The contact's private data that the action which tells the team is allowed.
    pub contact: Vec<(String, Value)>,
    /// The arguments that have a value.
    pub args: Vec<(String, Value)>,
}

/// Telling an advertising network that a contact belongs to an audience, or no longer does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enlist {
    /// The network's name in the project's settings.
    pub network: String,
    /// The audience.
    pub audience: String,
    /// Whether the contact is added; otherwise it is taken out.
    pub add: bool,
    /// By what the network recognises the contact.
    pub people: Vec<Match>,
    /// The how-manieth thing this is that networks are told of the contact in this audience: what was told later counts.
    pub turn: u32,
}

/// By what an advertising network recognises someone, in plain text; it is hashed before it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Match {
    /// An e-mail address.
    Email(String),
    /// A phone number.
    Phone(String),
}

/// Effects already decided that must not be carried out any more, if they have not been yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Revoked {
    /// All of a run: an operator ended it.
    Run(RunId),
    /// All advertising by this channel: the contact unsubscribed.
    Advertising(Channel),
    /// All messages by this channel: it is suppressed.
    Channel(Channel),
    /// Everything: the contact was erased.
    Everything,
    /// What would have added the contact to an audience: it has left. The number is that of the effects of the audience.
    Listing(RunId),
}

/// What a step decided. The buffers belong to the caller, who clears and reuses them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
    /// What happened and why, in order.
    pub history: Vec<Happening>,
    /// What is no longer to be done.
    pub revoked: Vec<Revoked>,
    /// Prizes to be granted or refused, in order.
    pub claims: Vec<Claim>,
    /// Which way runs went, in order; kept only where a caller asks for it with `Some`.
    pub passages: Option<Vec<Passage>>,
    /// Whether the effects of journeys are decided and told, and not written out: for a caller who carries none out.
    pub dry: bool,
}

/// A run went from one step on to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Passage {
    /// The journey.
    pub journey: JourneyIx,
    /// The step it left.
    pub from: StepIx,
    /// The step it went on to; `None` at the end.
    pub to: Option<StepIx>,
}

impl Outcome {
    /// Empties the buffers and keeps their memory.
    pub fn clear(&mut self) {
        self.effects.clear();
        self.history.clear();
        self.revoked.clear();
        self.claims.clear();
        if let Some(passages) = &mut self.passages {
            passages.clear();
        }
    }
}
