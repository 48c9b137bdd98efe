//! The whole state of one contact: what is kept between two steps. It is program-independent on purpose: attributes,
//! aggregates, consents, offers and journeys are kept under [stable keys](crate::program::Key), so that a state written
//! under one program is read under the next.

use journey_ir::Instant;

use crate::program::Program;

/// The whole state of one contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    id: String,
}

/// Why a stored state could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// It was written by a newer release.
    #[error(
        "this contact's state has format {found}, and this release reads formats up to {known}; update journeyd"
    )]
    Newer {
        /// Its format.
        found: u8,
        /// The newest format that is known here.
        known: u8,
    },
    /// It is not a state, or a damaged one.
    #[error("this contact's state is damaged: {0}")]
    Damaged(String),
}

impl Contact {
    /// A contact of whom nothing is known.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned() }
    }

    /// The contact's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When something falls due next, if nothing happens before.
    #[must_use]
    pub fn next_wake(&self) -> Option<Instant> {
        None
    }

    /// Everything up to here has been decided.
    #[must_use]
    pub fn clock(&self) -> Instant {
        0
    }

    /// Whether the state was written under another program and [`crate::rebase`] has not been called since.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        false
    }

    /// Whether the contact was erased: what remains is a tombstone.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        false
    }

    /// The state as bytes: compact, versioned by its first byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Reads a state. One written under another program keeps all that the two have in common, and is
    /// [stale](Self::is_stale).
    pub fn decode(bytes: &[u8], program: &Program) -> Result<Self, StateError> {
        let _ = (bytes, program);
        Err(StateError::Damaged("it is empty".into()))
    }
}
