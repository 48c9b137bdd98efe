//! Files that are made to hang or to overflow. Every test here would not return if a limit were missing.

use journey_grammar::tree::Declaration;
use journey_grammar::{MAX_FILE_BYTES, MAX_PROBLEMS, ProblemKind, parse, set_parser_call_limit};

#[test]
fn a_hundred_thousand_parentheses_are_refused() {
    let parse = parse(&format!("segment a {{ {}", "(".repeat(100_000)));
    assert!(
        matches!(parse.problems[..], [ref it] if matches!(it.kind, ProblemKind::TooDeep { .. }))
    );
    assert!(matches!(
        parse.file.declarations[..],
        [Declaration::Unknown(_)]
    ));
}

#[test]
fn a_file_of_braces_is_refused() {
    let parse = parse(&"{".repeat(MAX_FILE_BYTES));
    assert_eq!(parse.problems.len(), 1);
}

#[test]
fn a_file_beyond_the_limit_is_refused() {
    let parse = parse(&" ".repeat(MAX_FILE_BYTES + 1));
    assert!(matches!(
        parse.problems[0].kind,
        ProblemKind::TooLarge { .. }
    ));
}

#[test]
fn a_megabyte_of_not_is_refused() {
    let parse = parse(&format!(
        "segment a {{ {} in b }}",
        "not ".repeat(256 * 1024)
    ));
    assert!(matches!(
        parse.problems[0].kind,
        ProblemKind::TooDeep { .. }
    ));
    drop(parse);
}

#[test]
fn a_long_list_of_lists_is_refused() {
    let parse = parse(&format!(
        "contact {{ a: {} text }}",
        "list of ".repeat(100_000)
    ));
    assert!(matches!(
        parse.problems[0].kind,
        ProblemKind::TooDeep { .. }
    ));
}

#[test]
fn a_long_otherwise_if_is_no_nesting() {
    let arms = " otherwise if a is 1 { exit }".repeat(5_000);
    let parse = parse(&format!("journey a {{ if a is 2 {{ exit }}{arms} }}"));
    assert_eq!(parse.problems, []);
}

#[test]
fn texts_that_are_never_closed_end_with_their_lines() {
    let parse = parse(&format!(
        "segment a {{\n{}}}\n",
        "  a is \"b\n".repeat(50_000)
    ));
    assert_eq!(parse.problems.len(), MAX_PROBLEMS);
}

#[test]
fn one_endless_line_of_quotes_is_read() {
    for sign in ["\"", "'", "`", "“", "\"\" ", "' ", "\\\""] {
        let parse = parse(&sign.repeat(100_000));
        assert!(!parse.problems.is_empty(), "{sign}");
    }
}

#[test]
fn a_file_of_nonsense_lines_is_one_problem() {
    let parse = parse(&"a\n".repeat(20_000));
    assert_eq!(parse.problems.len(), 1);
}

#[test]
fn one_endless_line_of_mistakes_is_read() {
    for mistake in ["a b, ", "a: ’ ’, ", "a：1，", "\u{a0}"] {
        let parse = parse(&format!(
            "test \"a\" {{ given b {{ {} }} }}",
            mistake.repeat(20_000)
        ));
        assert!(
            (1..=MAX_PROBLEMS).contains(&parse.problems.len()),
            "{mistake}"
        );
    }
}

#[test]
fn closing_brackets_without_end_are_given_up() {
    for sign in ["}\n", ")\n", "}", ")", "{\n}\n}\n"] {
        let parse = parse(&format!("journey a {{\n{}", sign.repeat(100_000)));
        assert!(!parse.problems.is_empty(), "{sign}");
    }
}

#[test]
fn the_deepest_nesting_that_is_allowed_is_read() {
    let parens = format!("segment a {{ {}in b{} }}", "(".repeat(63), ")".repeat(63));
    assert_eq!(parse(&parens).problems, []);
    let blocks = format!(
        "journey a {{ {}exit{} }}",
        "if in b { ".repeat(63),
        " }".repeat(63)
    );
    assert_eq!(parse(&blocks).problems, []);
    let broken = format!(
        "journey a {{ {}exit{} }}",
        "if in b or { ".repeat(63),
        " }".repeat(63)
    );
    assert!(!parse(&broken).problems.is_empty());
    let raw = format!("nonsense {}{}", "{ x ".repeat(64), "} ".repeat(64));
    assert_eq!(parse(&raw).problems.len(), 1);
}

#[test]
fn what_is_broken_on_every_level_is_not_read_again_on_every_level() {
    // The fuse of a hundred million steps would blow if a construct were read again on every level.
    set_parser_call_limit();
    let step = "if a is 1 and { wait up to 3 days { on x garbage { choose by { y { send emial z";
    for repeated in [1, 2, 4, 8, 12] {
        let text = format!(
            "journey a {{ {}{} }}",
            step.repeat(repeated),
            " }".repeat(repeated * 5)
        );
        let parse = parse(&text);
        assert!(
            !parse
                .problems
                .iter()
                .any(|it| it.kind == ProblemKind::TooComplex),
            "{repeated}"
        );
    }
}
