//! Files of past events: CSV or NDJSON in, the same decisions out that the events would have caused when they happened.
//!
//! Reading order: [`mod@file`] (bytes), [`columns`] and [`rows`] (CSV), [`lines`] and [`calls`] (NDJSON), [`read`] (typed and checked),
//! [`mod@replay`] (through the process, on event time).

pub mod calls;
pub mod columns;
pub mod file;
pub mod lines;
pub mod read;
pub mod replay;
pub mod rows;

pub use calls::Calls;
pub use columns::Misfit;
pub use read::{BadRow, Source};
pub use replay::{Options, Summary, replay};
pub use rows::Unreadable;
