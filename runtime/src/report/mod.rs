//! What happened, for people: the funnel of each journey, who is where, and the most telling stories. Everything comes
//! from counters and from the outbox; no contact is scanned.
//!
//! Reading order: [`overview`] (counters into tables), [`stories`] (the outbox into three people), [`table`] (how either
//! is drawn).

pub mod overview;
pub mod stories;
pub mod table;

pub use overview::Overview;
pub use stories::{Story, stories};
