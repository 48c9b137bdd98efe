//! Laying out any text settles at once, and what was right stays right and says the same.
//!
//! `cargo +nightly fuzz run fmt`, from this folder's parent; `grammar/docs/fuzzing.md` says how to seed it.

#![no_main]

use journey_grammar::{format, parse, set_parser_call_limit};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    set_parser_call_limit();
    let once = format(text).text;
    let twice = format(&once).text;
    assert_eq!(twice, once, "laying out what was laid out changed it");
    let before = parse(text);
    if before.problems.is_empty() {
        let after = parse(&once);
        assert!(after.problems.is_empty(), "laying it out broke it: {:?}", after.problems);
        assert_eq!(
            after.file.declarations.len(),
            before.file.declarations.len(),
            "laying it out lost a declaration"
        );
    }
});
