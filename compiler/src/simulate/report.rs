//! What a simulation came to, for eyes and for programs.
//!
//! `document` says it in the reader's language, once; `table` sets that for a terminal and `html` as a page. `json` has
//! the numbers alone.

mod compared;
mod document;
mod html;
mod json;
mod table;
mod told;

use super::{Comparison, Simulation};
use crate::problem::Language;

/// A simulation, or two of them compared.
#[derive(Debug, Clone, Copy)]
pub struct SimulationReport<'a> {
    now: &'a Simulation,
    comparison: Option<&'a Comparison>,
}

impl<'a> SimulationReport<'a> {
    /// Of one project.
    #[must_use]
    pub const fn new(simulation: &'a Simulation) -> Self {
        Self {
            now: simulation,
            comparison: None,
        }
    }

    /// Of a project, and of what another version of it does differently.
    #[must_use]
    pub const fn against(comparison: &'a Comparison) -> Self {
        Self {
            now: &comparison.after,
            comparison: Some(comparison),
        }
    }

    /// For a terminal of so many columns.
    #[must_use]
    pub fn table(&self, language: Language, width: usize) -> String {
        table::render(&told::document(self, language), width)
    }

    /// One page that needs no other file.
    #[must_use]
    pub fn html(&self, language: Language) -> String {
        html::render(&told::document(self, language), language)
    }

    /// For programs. Its shape is described in `docs/simulate.md` and only ever gains fields.
    #[must_use]
    pub fn json(&self) -> String {
        json::render(self)
    }
}
