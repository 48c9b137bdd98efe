//! The parts of a program in sentences, in English and in Korean.
//!
//! Comes in: a compiled program and the titles of its project. Goes out: words. Everything is read from what runs, so
//! that a sentence cannot say something else than what happens. `explain`, `graph` and `docs` put these words on the
//! screen, into pictures and on pages.

mod conditions;
mod header;
mod korean;
mod measures;
mod memberships;
mod messages;
mod remaining;
mod rules;
mod sources;
mod steps;
mod triggers;
mod values;

use journey_ir as ir;

use crate::problem::Language;
use crate::titles::Titles;

pub(crate) use header::HeaderLine;
pub(crate) use messages::Version;
pub(crate) use steps::{Look, WayKind, either_way};
pub(crate) use values::grouped;

/// Words in the language of the teller: the English, then the Korean.
macro_rules! say {
    ($teller:expr, $en:literal, $ko:literal) => {
        match $teller.language {
            $crate::problem::Language::English => format!($en),
            $crate::problem::Language::Korean => format!($ko),
        }
    };
}
pub(crate) use say;

/// Puts a program into words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Teller<'a> {
    /// What is told.
    pub(crate) program: &'a ir::Program,
    /// What its things are called.
    pub(crate) titles: &'a Titles,
    /// The language.
    pub(crate) language: Language,
}

/// Whose fields are meant where words speak of *the event* or of what a run remembers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    /// The event at hand.
    pub(crate) event: Option<ir::EventIx>,
    /// What the run remembers.
    pub(crate) registers: &'a [ir::Register],
}

impl<'a> Place<'a> {
    /// A place in a journey.
    pub(crate) fn of(journey: &'a ir::Journey) -> Self {
        Self {
            event: None,
            registers: &journey.registers,
        }
    }

    /// The same place, where an event is at hand.
    pub(crate) fn with(self, event: ir::EventIx) -> Self {
        Self {
            event: Some(event),
            ..self
        }
    }
}

impl Teller<'_> {
    /// Whether words are Korean.
    pub(crate) fn is_korean(&self) -> bool {
        self.language == Language::Korean
    }

    /// One of two words.
    pub(crate) fn word<'w>(&self, en: &'w str, ko: &'w str) -> &'w str {
        match self.language {
            Language::English => en,
            Language::Korean => ko,
        }
    }
}
