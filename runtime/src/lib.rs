//! The daemon that runs journeys: a compiled program, a contact store, an intake for events, and channels.
//!
//! Reading order: [`store`] (what is kept), [`process`] (the one place that runs the engine over it).
#![warn(missing_docs)]

pub mod clock;
pub mod import;
pub mod process;
pub mod report;
pub mod store;
