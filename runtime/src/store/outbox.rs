//! The outbox: effects that were decided, and what became of them.

use journey_ir::Instant;

use super::{ContactNo, ProgramNo};

/// The lane of what advertising networks are told. Its content is forgotten as soon as it is carried out.
pub const AUDIENCES: &str = "audiences";

/// What has become of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Waits for a worker.
    Pending,
    /// A worker has it until its lease ends.
    Claimed,
    /// Carried out.
    Done,
    /// Given up: the receiver refuses it for good, or it was tried too often.
    Failed,
    /// Kept back until somebody releases it.
    Held,
    /// Written down only; it comes from a replay of the past.
    Recorded,
    /// Decided too long ago to be still worth carrying out.
    Stale,
    /// Its run ended, or its contact was erased or refused it, before it was sent.
    Revoked,
    /// It is not known whether the receiver took it, and trying again might do it twice.
    Unclear,
    /// A task in the daemon's own list, until somebody closes it.
    Open,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Claimed,
        Self::Done,
        Self::Failed,
        Self::Held,
        Self::Recorded,
        Self::Stale,
        Self::Revoked,
        Self::Unclear,
        Self::Open,
    ];

    /// Its number in the store; numbers are never reused.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Pending => 0,
            Self::Claimed => 1,
            Self::Done => 2,
            Self::Failed => 3,
            Self::Held => 4,
            Self::Recorded => 5,
            Self::Stale => 6,
            Self::Revoked => 7,
            Self::Unclear => 8,
            Self::Open => 9,
        }
    }

    /// The status of a number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|status| status.number() == number)
    }

    /// Whether what a worker tells may still change it. Where a clock jumped, a lease ends while its worker is busy, and
    /// two attempts tell of one effect: that it was carried out is the last word, and that it was given up is the last
    /// but for that. An effect that was revoked meanwhile stays so where nothing was sent after all.
    #[must_use]
    pub const fn may_become(self, told: Self) -> bool {
        match self {
            Self::Done => false,
            Self::Failed => matches!(told, Self::Done),
            Self::Revoked => !matches!(told, Self::Pending | Self::Open),
            _ => true,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Claimed => "being sent",
            Self::Done => "sent",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Recorded => "recorded",
            Self::Stale => "stale",
            Self::Revoked => "revoked",
            Self::Unclear => "unclear",
            Self::Open => "open",
        }
    }
}

/// An effect as it is put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEffect {
    /// Its key: one per intended effect.
    pub key: [u8; 32],
    /// Whom it concerns.
    pub contact: ContactNo,
    /// The run that decided it.
    pub run: u32,
    /// When it was decided, on the contact's clock.
    pub decided_at: Instant,
    /// What becomes of it: pending, or kept back.
    pub status: Status,
    /// The journey.
    pub journey: String,
    /// The step.
    pub step: String,
    /// The channel or connector that will carry it; workers claim by it.
    pub lane: String,
    /// Whether it is advertising, which the contact may stop.
    pub advertising: bool,
    /// Whether it is carried out however late it is: somebody asked for the past to be sent.
    pub whenever: bool,
    /// The effect itself, as the process wrote it.
    pub body: Vec<u8>,
}

/// An effect as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its number: later effects have higher ones.
    pub number: i64,
    /// The effect.
    pub effect: NewEffect,
    /// The program under whose positions the body was written.
    pub program: ProgramNo,
    /// The name of the contact.
    pub contact_name: String,
    /// How often a worker took it, this time included.
    pub attempts: u32,
    /// When it may be taken next.
    pub due: Instant,
    /// What its receiver said.
    pub outcome: Option<String>,
    /// When that was.
    pub settled_at: Option<Instant>,
}

/// An effect that a worker took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The effect.
    pub kept: Kept,
    /// Whether an earlier worker took it and never told how it ended.
    pub abandoned: bool,
}

/// What a worker asks for: effects of a lane that are due, and those whose lease has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The lane.
    pub lane: String,
    /// Due at or before this instant.
    pub now: Instant,
    /// Until when they are the worker's.
    pub lease_until: Instant,
    /// At most so many.
    pub most: usize,
}

/// Effects that a worker took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The effects, those that became due first at the front.
    pub effects: Vec<Claimed>,
    /// When the next effect that was not taken becomes due.
    pub next_due: Option<Instant>,
}

/// What a worker has to tell about an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Which effect.
    pub key: [u8; 32],
    /// What becomes of it.
    pub status: Status,
    /// When to try again, where it goes back to pending.
    pub due: Instant,
    /// Whether this attempt does not count.
    pub untried: bool,
    /// What the receiver said, without personal data.
    pub outcome: String,
    /// When that was.
    pub at: Instant,
}

/// Which unsent effects of a contact are taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Whose.
    pub contact: ContactNo,
    /// Which of them.
    pub what: Revoked,
}

/// Which unsent effects are taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// Those of a run.
    Run(u32),
    /// Advertising by a lane.
    Advertising(String),
    /// All of a lane.
    Lane(String),
    /// All.
    Everything,
    /// The advertising among those of a run.
    Listing(u32),
}
