//! Facts about the engine, told as stories and checked as properties.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod admission;
mod amount;
mod build;
mod chance;
mod entry;
mod link;
mod literal;
mod membership;
mod message;
mod model;
mod moves;
mod race;
mod repeat;
mod reply;
mod robust;
mod schedule;
mod score;
mod version;
mod wait;
mod words;
