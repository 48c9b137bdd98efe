//! Facts about the engine, told as stories and checked as properties.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod admission;
mod amount;
mod build;
mod chain;
mod dates;
mod entry;
mod items;
mod link;
mod literal;
mod membership;
mod message;
mod model;
mod race;
mod robust;
mod schedule;
mod score;
mod version;
mod wait;
mod words;
