//! The outbox as the workers see it: effects that are decided and committed come out in small batches, and how each
//! ended goes back in. The store implements it.

use std::fmt;

use journey_engine::{Effect, EffectKey, Intent};
use journey_ir::Channel;
use journey_ir::time::Instant;
use tokio::sync::watch;

use super::reason::Reason;
use crate::store::outbox::AUDIENCES;

/// What shares a provider, and so a worker: a slow mail server never holds up the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// Messages by one channel.
    Message(Channel),
    /// Calls of connectors.
    Calls,
    /// Tasks for people.
    Tasks,
    /// What advertising networks are told.
    Audiences,
}

impl Lane {
    /// All lanes.
    pub const ALL: [Self; 9] = [
        Self::Message(Channel::Email),
        Self::Message(Channel::Sms),
        Self::Message(Channel::Kakao),
        Self::Message(Channel::Push),
        Self::Message(Channel::Webhook),
        Self::Message(Channel::Inapp),
        Self::Calls,
        Self::Tasks,
        Self::Audiences,
    ];

    /// The lane of an effect.
    #[must_use]
    pub const fn of(effect: &Effect) -> Self {
        match &effect.what {
            Intent::Send(send) => Self::Message(send.channel),
            Intent::Call(_) => Self::Calls,
            Intent::Task(_) => Self::Tasks,
            Intent::Enlist(_) => Self::Audiences,
        }
    }

    /// Its stable name, as stores and logs write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Message(channel) => channel.word(),
            Self::Calls => "calls",
            Self::Tasks => "tasks",
            Self::Audiences => AUDIENCES,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// An effect that a worker holds until it records how it ended, or until its lease is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The contact's id.
    pub contact: String,
    /// What is to be done.
    pub effect: Effect,
    /// How often it was claimed before, without the times it was given back ([`Outcome::GivenBack`]).
    pub attempts: u32,
    /// Whether the last claim ended without a record, because the daemon died or its lease ran out. The effect may
    /// then have been carried out already.
    pub interrupted: bool,
    /// Whether it is carried out however late it is: somebody asked for the past to be sent.
    pub whenever: bool,
}

/// A batch of work.
#[derive(Debug, Default)]
pub struct Claim {
    /// The effects, those that became due first at the front.
    pub work: Vec<Claimed>,
    /// When the next effect that was not claimed becomes due, if there is one. May be in the past.
    pub next_due: Option<Instant>,
}

/// How an effect ended, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out.
    Done {
        /// What the provider calls it.
        provider_id: Option<String>,
    },
    /// A task that no system took over: it stays open in the daemon's own list until someone closes it.
    KeptOpen,
    /// It becomes due again at `after`.
    Retry {
        /// When.
        after: Instant,
        /// Why it failed, in a sentence.
        reason: Reason,
    },
    /// It is never tried again.
    GiveUp {
        /// Why, in a sentence.
        reason: Reason,
    },
    /// It may or may not have been carried out, and is not tried again.
    Unclear {
        /// What is known, in a sentence.
        reason: Reason,
    },
    /// It was not tried. It is due again at once, and the claim does not count.
    GivenBack,
}

impl Outcome {
    /// Its stable name, as metrics write it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::KeptOpen => "kept_open",
            Self::Retry { .. } => "retry",
            Self::GiveUp { .. } => "failed",
            Self::Unclear { .. } => "unclear",
            Self::GivenBack => "given_back",
        }
    }
}

/// An outcome and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The effect's key.
    pub key: EffectKey,
    /// How it ended.
    pub outcome: Outcome,
    /// When, by the daemon's clock.
    pub at: Instant,
    /// The effect and its contact, where it failed for good: it may have a second way.
    pub given_up: Option<Box<(String, Effect)>>,
}

impl Recorded {
    /// An outcome of what was claimed.
    #[must_use]
    pub fn of(claimed: &Claimed, outcome: Outcome, at: Instant) -> Self {
        let failed = matches!(outcome, Outcome::GiveUp { .. });
        Self {
            key: claimed.effect.key,
            outcome,
            at,
            given_up: failed.then(|| Box::new((claimed.contact.clone(), claimed.effect.clone()))),
        }
    }

    /// When the effect may be claimed again, where it goes back.
    pub(super) const fn due_again(&self) -> Option<Instant> {
        match &self.outcome {
            Outcome::Retry { after, .. } => Some(*after),
            Outcome::GivenBack => Some(self.at),
            _ => None,
        }
    }
}

/// Why the outbox could not be reached. The worker tries again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the outbox cannot be reached: {0}")]
pub struct OutboxError(pub String);

/// The outbox. Calls may block; workers make them on threads made for that.
///
/// A store rings the [`Bell`] whenever it commits new effects.
pub trait Outbox: Send + Sync + 'static {
    /// Records how effects ended, and takes up to `limit` effects of a lane that are due at `now`, which it holds until
    /// `now + lease` milliseconds: both in one commit, or, after an error, perhaps neither. In the same transaction it
    /// drops those that were revoked since they were decided, so that none of them is returned. An effect held by someone
    /// else is returned only after the lease is over, and then as `interrupted`.
    fn exchange(
        &self,
        outcomes: &[Recorded],
        lane: Lane,
        limit: usize,
        now: Instant,
        lease: i64,
    ) -> Result<Claim, OutboxError>;

    /// Whether an effect that was taken, and of which nothing was recorded since, was revoked meanwhile. Does not block.
    fn is_recalled(&self, key: &EffectKey) -> bool;

    /// Records how effects ended, all or none.
    fn record(&self, outcomes: &[Recorded]) -> Result<(), OutboxError>;
}

/// Wakes the workers. A ring is never lost: a worker that was busy notices it at its next look.
#[derive(Debug, Clone)]
pub struct Bell(watch::Sender<u64>);

impl Bell {
    /// A bell that has not rung.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Says that there may be work.
    pub fn ring(&self) {
        self.0.send_modify(|rings| *rings = rings.wrapping_add(1));
    }

    /// An ear for one worker.
    pub(super) fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

impl Default for Bell {
    fn default() -> Self {
        Self::new()
    }
}
