//! Files of past events: CSV or NDJSON in, the same decisions out that the events would have caused when they happened.
//!
//! Files become arrivals in `journey_arrivals`; [`mod@replay`] takes these through the process, on event time.

pub mod replay;

pub use replay::{Options, Summary, replay};
