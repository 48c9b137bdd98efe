//! Any text as all journeys of the example shop: a program comes of what has no error and of nothing else, the engine
//! takes it, and neither storing it nor formatting its text changes it.
//!
//! `cargo +nightly fuzz run check`, from this folder's parent; `grammar/docs/fuzzing.md` says how to seed it.

#![no_main]

mod corpus;
#[path = "../../examples/hammer/projects.rs"]
mod projects;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static SHOP: LazyLock<corpus::Project> = LazyLock::new(corpus::shop);

fuzz_target!(|text: &str| {
    let mut project = SHOP.clone();
    project.insert(corpus::FUZZED.to_owned(), text.to_owned());
    let _ = projects::holds(&project);
});
