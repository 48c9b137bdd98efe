//! A compiled program prepared for execution: which events touch which aggregates, which aggregates touch which
//! memberships, names to positions and positions to names.

use std::sync::Arc;

use journey_ir::{self as ir, AttributeIx, ConsentIx, EventIx, JourneyIx};

/// A name of the program, shared by everything that mentions it.
pub type Name = Arc<str>;

/// A linked program.
#[derive(Debug)]
pub struct Program {
    ir: Arc<ir::Program>,
}

/// What keeps a program from being executed. The compiler never writes such a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// A position points outside its table.
    #[error("{what} refers to {to}, which does not exist")]
    Dangling {
        /// What refers.
        what: String,
        /// To what.
        to: String,
    },
    /// Something stands for itself.
    #[error("{what} depends on itself")]
    Circular {
        /// What it is.
        what: String,
    },
    /// Something is larger than the engine executes.
    #[error("{what} is larger than {limit}")]
    TooLarge {
        /// What it is.
        what: String,
        /// The largest that is executed.
        limit: u64,
    },
    /// Something cannot be executed as it is written.
    #[error("{what}: {why}")]
    Meaningless {
        /// What it is.
        what: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Program {
    /// Prepares a program. `current` decides who enters; the journeys of `retained`, older programs whose journeys
    /// still have runs, stay executable for those runs.
    ///
    /// The tables of `current` keep their positions; what only `retained` has comes after them.
    pub fn link(
        current: Arc<ir::Program>,
        retained: &[Arc<ir::Program>],
    ) -> Result<Self, LinkError> {
        let _ = retained;
        Ok(Self { ir: current })
    }

    /// The program, with what only retained programs have at the end of its tables.
    #[must_use]
    pub fn ir(&self) -> &ir::Program {
        &self.ir
    }

    /// Identifies what memberships and schedules of this program mean: the same number for the same meaning.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        0
    }

    /// Whether a journey decides entries, that is, belongs to the current program.
    #[must_use]
    pub fn is_current(&self, journey: JourneyIx) -> bool {
        let _ = journey;
        true
    }

    /// Whether anything in the program mentions this event type. An event that nothing mentions does not make an
    /// unknown contact known.
    #[must_use]
    pub fn hears(&self, event: EventIx) -> bool {
        let _ = event;
        true
    }

    /// The event type of that name.
    #[must_use]
    pub fn event_by_name(&self, name: &str) -> Option<EventIx> {
        let _ = name;
        None
    }

    /// The attribute of that name.
    #[must_use]
    pub fn attribute_by_name(&self, name: &str) -> Option<AttributeIx> {
        let _ = name;
        None
    }

    /// The consent of that name.
    #[must_use]
    pub fn consent_by_name(&self, name: &str) -> Option<ConsentIx> {
        let _ = name;
        None
    }
}
