//! A contact as reports show it: names instead of keys. Nothing is decided here.

use journey_ir::{Channel, Instant, Value};

use crate::contact::Contact;
use crate::effect::RunId;
use crate::history::Hold;
use crate::program::{Name, Program};

/// One set or lifecycle a contact belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// In a segment.
    Segment(Name),
    /// In a stage of a lifecycle.
    Stage {
        /// The lifecycle.
        lifecycle: Name,
        /// The stage.
        stage: Name,
    },
}

/// One active run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunView {
    /// The run.
    pub id: RunId,
    /// The journey; `None` where no loaded program knows it.
    pub journey: Option<Name>,
    /// The version it is pinned to; `None` where that version is not loaded.
    pub version: Option<String>,
    /// When it started.
    pub entered_at: Instant,
    /// The id of the step where it stands.
    pub step: Option<Name>,
    /// What it waits for.
    pub waits_for: WaitsFor,
    /// When it goes on by itself.
    pub due: Option<Instant>,
}

/// What a parked run waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitsFor {
    /// A time.
    Time,
    /// One of several things to happen, or a time.
    Race,
    /// The moment at which a message may be sent.
    Send(Hold),
    /// Nothing: it was stopped for taking too many steps.
    Stopped,
    /// Its version of the journey to be loaded again.
    Version,
}

/// One consent by one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentView {
    /// The consent.
    pub consent: Name,
    /// The channel.
    pub channel: Channel,
    /// Whether it is given.
    pub given: bool,
    /// Since when.
    pub at: Instant,
}

impl Contact {
    /// The attributes that have a value, defaults included, in the order of the schema.
    #[must_use]
    pub fn attributes(&self, program: &Program) -> Vec<(Name, Value)> {
        let _ = program;
        Vec::new()
    }

    /// The segments and stages the contact is in.
    #[must_use]
    pub fn memberships(&self, program: &Program) -> Vec<Membership> {
        let _ = program;
        Vec::new()
    }

    /// The active runs, oldest first.
    #[must_use]
    pub fn runs(&self, program: &Program) -> Vec<RunView> {
        let _ = program;
        Vec::new()
    }

    /// The consents ever given or withdrawn.
    #[must_use]
    pub fn consents(&self, program: &Program) -> Vec<ConsentView> {
        let _ = program;
        Vec::new()
    }

    /// The tags, sorted.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        &[]
    }

    /// The channels by which the contact wants no advertising.
    #[must_use]
    pub fn unsubscribed(&self) -> Vec<Channel> {
        Vec::new()
    }

    /// The channels that must not be used, with the reason.
    #[must_use]
    pub fn suppressed(&self) -> Vec<(Channel, String)> {
        Vec::new()
    }
}
