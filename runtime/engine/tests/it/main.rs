//! Facts about the engine, told as stories and checked as properties.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod admission;
mod amount;
mod audience;
mod build;
mod chain;
mod chance;
mod dates;
mod entry;
mod fallback;
mod funnel;
mod items;
mod link;
mod literal;
mod membership;
mod message;
mod model;
mod moves;
mod oracle;
mod order;
mod race;
mod recall;
mod repeat;
mod reply;
mod robust;
mod schedule;
mod score;
mod version;
mod wait;
mod words;
