//! How one attempt to carry out an effect ended, as a channel tells it. What follows from it is decided in [`super::retry`].

use super::reason::Reason;

/// The end of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The provider took it, or it was written down.
    Done {
        /// What the provider calls it, where it said so.
        provider_id: Option<String>,
    },
    /// A task that no system takes over: it stays in the daemon's own list.
    KeptOpen,
    /// It was certainly not carried out, and may be later.
    Failed {
        /// Why, in a sentence.
        reason: Reason,
        /// How many milliseconds the provider asked us to wait.
        retry_after: Option<i64>,
        /// What is to blame.
        blame: Blame,
    },
    /// It was certainly not carried out, and never will be.
    Refused {
        /// Why, in a sentence.
        reason: Reason,
    },
    /// It may or may not have been carried out.
    Unclear {
        /// What is known, in a sentence.
        reason: Reason,
    },
}

/// What a failure says about the attempts of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Nothing: this one failed.
    Effect,
    /// The provider cannot be reached or takes nothing from us now, so that others would fail alike.
    Provider,
}

impl Attempt {
    /// It was carried out.
    #[must_use]
    pub fn done(provider_id: impl Into<Option<String>>) -> Self {
        Self::Done {
            provider_id: provider_id.into(),
        }
    }

    /// It failed, and others need not.
    #[must_use]
    pub fn failed(reason: impl Into<Reason>) -> Self {
        Self::Failed {
            reason: reason.into(),
            retry_after: None,
            blame: Blame::Effect,
        }
    }

    /// The provider is not there.
    #[must_use]
    pub fn provider_down(reason: impl Into<Reason>) -> Self {
        Self::Failed {
            reason: reason.into(),
            retry_after: None,
            blame: Blame::Provider,
        }
    }

    /// It will never be carried out.
    #[must_use]
    pub fn refused(reason: impl Into<Reason>) -> Self {
        Self::Refused {
            reason: reason.into(),
        }
    }

    /// It is not known.
    #[must_use]
    pub fn unclear(reason: impl Into<Reason>) -> Self {
        Self::Unclear {
            reason: reason.into(),
        }
    }
}
