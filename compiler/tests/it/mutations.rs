//! Whatever one token of a good project becomes, the compiler says something or compiles; it never stops.

use std::fs;
use std::path::Path;

use journeyc::{LoadedProject, compile};
use proptest::prelude::*;

const FILES: [&str; 7] = [
    "schema/people.journey",
    "segments/customers.journey",
    "journeys/cart_rescue.journey",
    "journeys/demo_request.journey",
    "journeys/lapsed.journey",
    "journeys/welcome.journey",
    "journeys/win_back.journey",
];

fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/seeds");
    FILES
        .iter()
        .map(|path| {
            let text = fs::read_to_string(root.join(path)).unwrap();
            ((*path).to_owned(), text)
        })
        .collect()
}

/// Where the words, numbers, texts and signs of a file stand.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut end = start + first.len_utf8();
        while let Some(&(at, next)) = rest.peek() {
            let joins = (first.is_alphanumeric() || first == '_')
                && (next.is_alphanumeric() || next == '_');
            if !joins {
                break;
            }
            end = at + next.len_utf8();
            rest.next();
        }
        found.push((start, end));
    }
    found
}

/// Compiles; a program comes of what has no error, and of nothing else.
fn holds(texts: &[(String, String)]) {
    let texts = texts
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let compilation = compile(&LoadedProject::from_texts(texts));
    assert_eq!(
        compilation.program.is_some(),
        !compilation.problems.has_errors()
    );
    for problem in compilation.problems.iter() {
        assert!(!problem.message.en.is_empty() && !problem.message.ko.is_empty());
        // What is left out of a program without a reason is a mistake of the compiler.
        assert!(
            !problem.message.en.contains("what stands here"),
            "{problem:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn one_token_changed_compiles_or_is_reported(file in 0..FILES.len(), pick in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), change in 0..3) {
        let mut texts = texts();
        let text = texts[file].1.clone();
        let tokens = tokens(&text);
        let (start, end) = tokens[pick.index(tokens.len())];
        let (from, to) = tokens[other.index(tokens.len())];
        let instead = match change {
            0 => String::new(),
            1 => format!("{0} {0}", &text[start..end]),
            _ => text[from..to].to_owned(),
        };
        texts[file].1 = format!("{}{instead}{}", &text[..start], &text[end..]);
        holds(&texts);
    }
}

#[test]
fn every_word_removed_compiles_or_is_reported() {
    let all = texts();
    for file in 0..all.len() {
        for (start, end) in tokens(&all[file].1).into_iter().step_by(5) {
            let mut texts = all.clone();
            texts[file].1.replace_range(start..end, "");
            holds(&texts);
        }
    }
}
