//! From calls and files to arrivals: what the outside says happened, typed, checked, and named as it names people.
//!
//! Reading order: [`arrival`] (what comes out); [`call`], [`timestamps`], `names`, [`translate`] (calls as Segment's
//! clients make them); [`mod@file`] (bytes), [`columns`] and [`rows`] (CSV), [`lines`] and [`calls`] (NDJSON), [`read`] (both, one
//! thing after the other), [`entries`] (lists of people who are to enter a journey), [`parts`] (both, several at once). The daemon takes calls over HTTP and imports files; a simulation reads files alone.

pub mod arrival;
pub mod call;
pub mod calls;
pub mod columns;
pub mod entries;
pub mod file;
pub mod lines;
mod names;
pub mod parts;
pub mod read;
pub mod rows;
pub mod timestamps;
pub mod translate;

pub use arrival::{ANONYMOUS, Arrival, Who, key_id, message_id, rank};
pub use call::Call;
pub use calls::Calls;
pub use columns::Misfit;
pub use parts::{Head, Layout, Part, Parts};
pub use read::{BadRow, Reading, Source};
pub use rows::{Rows, Unreadable};
pub use translate::{Origin, Refused, Translator};
