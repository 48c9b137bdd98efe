//! The daemon under load, from the outside: events over HTTP, mails into a mail server, people whose time comes. Each
//! figure stands beside a named reference of the same run, where there is one.
//!
//! `cargo bench -p journeyd --bench live -- intake latency outbox timers nine` measures what is named, or all of it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement prints, and stops where something is wrong"
)]

mod bare;
mod daemon;
mod intake;
mod latency;
mod load;
mod nine;
#[path = "../numbers/mod.rs"]
mod numbers;
mod outbox;
mod sink;
mod source;
mod timers;

use std::path::Path;

use journey_ir as ir;

/// As in the daemon itself.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// An example project.
fn compiled(example: &str) -> ir::Program {
    let examples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples"));
    let project = journeyc::load(&examples.join(example)).unwrap();
    let compilation = journeyc::compile(&project);
    compilation.program.unwrap()
}

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|it| it == name);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        if wanted("intake") {
            intake::run().await;
        }
        if wanted("latency") {
            latency::run().await;
        }
        if wanted("outbox") {
            outbox::run().await;
        }
        if wanted("timers") {
            timers::run().await;
        }
        if wanted("nine") {
            nine::run().await;
        }
    });
}
