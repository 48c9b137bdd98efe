//! Any text is read without a panic or a hang, and every place that is reported lies in the text.
//!
//! `cargo +nightly fuzz run parse ../tests/accepted ../tests/rejected`, from this folder's parent.

#![no_main]

use journey_grammar::{Language, LineIndex, parse, set_parser_call_limit};
use libfuzzer_sys::{fuzz_target, Corpus};

fuzz_target!(|text: &str| -> Corpus {
    set_parser_call_limit();
    let read = parse(text);
    let index = LineIndex::new(text);
    for problem in &read.problems {
        assert!(text.get(problem.span.start as usize..problem.span.end as usize).is_some());
        for language in [Language::English, Language::Korean] {
            assert!(!problem.kind.message(language).is_empty());
            let _ = problem.kind.help(language);
        }
        let _ = index.position(text, problem.span.start);
    }
    for declaration in &read.file.declarations {
        let span = declaration.span();
        assert!(text.get(span.start as usize..span.end as usize).is_some());
    }
    Corpus::Keep
});
