//! The daemon that runs journeys: a compiled program, a contact store, an intake for events, and channels.
//!
//! Reading order: [`clock`] and [`secrets`] (the two doors to the machine), [`store`] (what is kept), [`process`] (the
//! one place that runs the engine over it), [`intake`] and [`import`] (what comes in, now and from the past),
//! [`deliver`] (what goes out), [`inspect`] (what an operator and a marketer see), [`daemon`] (all of it,
//! running), [`cli`] (the commands).
#![warn(missing_docs)]

pub mod cli;
pub mod clock;
pub mod daemon;
pub mod deliver;
mod halves;
pub mod import;
pub mod inspect;
pub mod intake;
mod link_secret;
pub mod metrics;
pub mod process;
pub mod project;
pub mod reload;
pub mod secrets;
pub mod store;
