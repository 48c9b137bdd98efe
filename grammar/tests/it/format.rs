//! The formatter: what is formatted is formatted again to the same text, means the same, and keeps every comment.

use std::path::{Path, PathBuf};

use journey_grammar::tree::Declaration;
use journey_grammar::{Parse, ProblemKind, Severity, format, parse};
use proptest::prelude::*;

use crate::cases::cases;
use crate::mutations::tokens;
use crate::spaces::respaced;
use crate::walk::without_spans;

/// Returns the comments as they are written, without spaces at their ends.
fn comments<'a>(text: &'a str, read: &Parse) -> Vec<(&'a str, bool)> {
    let comments = read.comments.iter();
    comments
        .map(|it| (it.span.of(text).trim_end(), it.own_line))
        .collect()
}

/// Formats a text without errors.
fn formatted(name: &str, text: &str) -> String {
    let formatted = format(text);
    assert!(!formatted.has_errors(), "{name}: {:?}", formatted.problems);
    let (before, after) = (parse(text), parse(&formatted.text));
    assert_eq!(after.problems, [], "{name}");
    assert_eq!(
        without_spans(&before.file.declarations),
        without_spans(&after.file.declarations),
        "{name}"
    );
    assert_eq!(
        comments(text, &before),
        comments(&formatted.text, &after),
        "{name}"
    );
    assert_eq!(format(&formatted.text).text, formatted.text, "{name}");
    formatted.text
}

/// Finds the `.journey` files below a folder of the repository.
fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|it| it == "journey") {
            into.push(path);
        }
    }
}

fn shipped() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = Vec::new();
    for folder in [
        "examples",
        "journeys",
        "compiler/starter",
        "compiler/tests/cases/seeds",
    ] {
        files(&root.join(folder), &mut paths);
    }
    assert!(paths.len() >= 20);
    let read = |path: PathBuf| {
        (
            path.display().to_string(),
            std::fs::read_to_string(path).unwrap(),
        )
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_accepted_case_keeps_its_tree_and_comments() {
    for (name, text) in cases("accepted").into_iter().chain(shipped()) {
        formatted(&name, &text);
    }
}

#[test]
fn the_worked_examples_of_the_language_are_canonical() {
    for (name, text) in cases("accepted") {
        let is_worked =
            !["every_construct", "schema", "tree_of_conditions"].contains(&name.as_str());
        if is_worked {
            assert_eq!(formatted(&name, &text), text, "{name}");
        }
    }
}

#[test]
fn messy_cases_are_formatted_as_reviewed() {
    for (name, text) in cases("messy") {
        let formatted = format(&text);
        assert_eq!(format(&formatted.text).text, formatted.text, "{name}");
        assert_eq!(
            formatted.has_errors(),
            name == "broken",
            "{name}: {:?}",
            formatted.problems
        );
        assert!(!is_refused(&text));
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("formatted_{name}"), formatted.text);
        });
    }
}

#[test]
fn line_ends_and_strange_spaces_become_plain_ones() {
    let text = "\u{FEFF}segment\u{3000}a {\r\n\u{A0}in b\r\n}";
    assert_eq!(format(text).text, "segment a {\n  in b\n}\n");
    assert_eq!(format("").text, "");
    assert_eq!(format(" \n\n").text, "");
    let inside = "segment a { b is \"가\u{3000}나\" } # 다\u{3000}라\n";
    assert_eq!(format(inside).text, inside);
}

#[test]
fn numbers_and_money_stay_as_they_are_written() {
    let text = "segment a {\n  b > 5,000\n  and c < ₩50,000\n  and d = 5,000 USD\n  and e is one of 1, 2,345\n}\n";
    let expected = "segment a {\n  b over 5,000\n  and c under ₩50,000\n  and d is 5,000 USD\n  and e is one of 1, 2,345\n}\n";
    assert_eq!(formatted("", text), expected);
    assert_eq!(
        formatted("", "segment a { b is 5,000USD or b is one of 1,2,3 }"),
        "segment a { b is 5,000 USD or b is one of 1, 2, 3 }\n"
    );
}

#[test]
fn words_that_run_together_where_the_grammar_allows_it_are_taken_apart() {
    let text = "offer a { 10%off }\nsegment b { c under$5and did d at least 3times }\n";
    let expected = "offer a { 10% off }\n\nsegment b { c under $5 and did d at least 3 times }\n";
    assert_eq!(formatted("", text), expected);
}

#[test]
fn words_of_the_language_that_name_something_do_not_join_lines() {
    let text = "journey a {\n  exit as and\n  exit as or\n}\n";
    assert_eq!(formatted("", text), text);
}

/// Tells whether the formatter gave up.
fn is_refused(text: &str) -> bool {
    format(text)
        .problems
        .iter()
        .any(|problem| problem.kind == ProblemKind::NotFormatted)
}

/// Fails unless every declaration with an error comes out byte for byte, and nothing is lost.
fn assert_broken_are_kept(text: &str) {
    let read = parse(text);
    let formatted = format(text);
    assert!(!is_refused(text), "{text:?} gave {:?}", formatted.problems);
    assert_eq!(format(&formatted.text).text, formatted.text, "{text:?}");
    let errors: Vec<_> = read
        .problems
        .iter()
        .filter(|problem| problem.kind.severity() == Severity::Error)
        .collect();
    for declaration in &read.file.declarations {
        let span = declaration.span();
        let is_hit = errors
            .iter()
            .any(|error| error.span.start <= span.end && error.span.end >= span.start);
        if is_hit || matches!(declaration, Declaration::Unknown(_)) {
            assert!(
                formatted.text.contains(span.of(text).trim()),
                "{text:?} gave {:?}",
                formatted.text
            );
        }
    }
}

#[test]
fn a_case_without_one_token_keeps_what_is_broken_and_formats_the_rest() {
    for (name, text) in cases("accepted") {
        let text = respaced(&text, 7);
        for token in tokens(&text) {
            // Every token of every case would take minutes.
            if token.start % 37 == 0 {
                let changed = format!("{}{}", &text[..token.start], &text[token.end..]);
                assert!(!changed.is_empty(), "{name}");
                assert_broken_are_kept(&changed);
            }
        }
    }
}

#[test]
fn endless_lines_and_lists_are_formatted() {
    let many = 4_000;
    for text in [
        format!("segment a {{ in b{} }}", " and in b".repeat(many)),
        format!(
            "segment a {{ did b{} }}",
            " then c where (d is 1 and e is 2) within 1 day".repeat(many / 4)
        ),
        format!("contact {{ a: one of b{} }}", ",\nb".repeat(many)),
        format!(
            "journey a {{ if in b {{ }}\n{}otherwise {{ exit }} }}",
            "#\n".repeat(many)
        ),
        "event a { }\n".repeat(many),
        "# c\n".repeat(many),
    ] {
        let formatted = format(&text);
        assert!(!formatted.has_errors());
        assert_eq!(format(&formatted.text).text, formatted.text);
    }
}

#[test]
fn spaces_make_no_difference() {
    for (name, text) in cases("accepted") {
        let canonical = format(&text).text;
        for seed in 0..12 {
            assert_eq!(format(&respaced(&text, seed)).text, canonical, "{name}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_formatted_or_left_as_it_was(text in "[ \t\r\n\u{A0}{}()\"'`#,:a-c가-다]{0,80}|.{0,80}") {
        let formatted = format(&text);
        prop_assert!(formatted.text == text || !is_refused(&text));
    }

    #[test]
    fn any_lines_are_formatted(text in "[ \t\n{}()\"'`#,.:;=<>a-f가-나0-9\\\\$%/+-]{0,200}") {
        assert_broken_are_kept(&text);
    }

    #[test]
    fn any_words_are_formatted(
        words in prop::collection::vec((prop::sample::select(crate::arbitrary::TOKENS), any::<bool>()), 0..80),
    ) {
        let text: String = words.iter().flat_map(|(word, space)| [*word, if *space { " " } else { "" }]).collect();
        assert_broken_are_kept(&text);
        assert_broken_are_kept(&format!("journey a {{\n  {text}\n}}\nsegment   b{{in c}}\n"));
    }
}
