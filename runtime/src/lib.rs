//! The daemon that runs journeys.

pub mod clock;
pub mod deliver;
pub mod secrets;
