//! Random characters and random words: nothing panics, and every span is sane.

use journey_grammar::{Language, parse};
use proptest::prelude::*;

use crate::walk::assert_spans_are_sane;

pub(crate) const TOKENS: &[&str] = &[
    "journey",
    "segment",
    "event",
    "contact",
    "lifecycle",
    "test",
    "sequence",
    "moved",
    "policy",
    "offer",
    "score",
    "funnel",
    "kpi",
    "audience",
    "consent",
    "enter",
    "when",
    "reenter",
    "goal",
    "exit",
    "as",
    "within",
    "did",
    "never",
    "not",
    "then",
    "in",
    "the",
    "last",
    "at",
    "least",
    "most",
    "3",
    "days",
    "day",
    "hrs",
    "5만원",
    "$5,000",
    "10%",
    "if",
    "otherwise",
    "else",
    "choose",
    "by",
    "split",
    "repeat",
    "up",
    "to",
    "times",
    "every",
    "wait",
    "until",
    "send",
    "email",
    "sms",
    "first",
    "available",
    "of",
    "with",
    "(",
    ")",
    "{",
    "}",
    ",",
    ":",
    ";",
    ".",
    "=",
    "==",
    "\"text\"",
    "\"",
    "'",
    "`",
    "`x",
    "“",
    "”",
    "#",
    "##",
    "\n",
    "\n",
    "\n  ",
    "\r\n",
    "\t",
    "\u{a0}",
    "\u{3000}",
    "\u{feff}",
    "（",
    "）",
    "｛",
    "：",
    "여성",
    "생애주기",
    "becomes",
    "is",
    "missing",
    "known",
    "one",
    "between",
    "and",
    "or",
    "on",
    "timeout",
    "purchase",
    "a.b",
    "2026-02-30",
    "2026-11-27",
    "09:30",
    "25:00",
    "9pm",
    "Asia/Seoul",
    "Monday",
    "yes",
    "given",
    "expect",
    "no",
    "messages",
    "after",
    "does",
    "where",
    "for",
    "everyone",
    "people",
    "+10",
    "-",
    "/",
    "\\",
    "\"a\\q\"",
    "😀",
    "e\u{301}",
];

fn check(text: &str) {
    let parse = parse(text);
    assert_spans_are_sane(text, &parse);
    for problem in &parse.problems {
        for language in [Language::English, Language::Korean] {
            assert!(!problem.kind.message(language).is_empty());
            let _ = problem.kind.help(language);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in ".{0,200}") {
        check(&text);
    }

    #[test]
    fn any_lines_are_read(text in "[ \t\r\n{}()\"'`#,.:;=a-f가-나0-9\\\\$%]{0,300}") {
        check(&text);
    }

    #[test]
    fn any_words_are_read(words in prop::collection::vec((prop::sample::select(TOKENS), prop::bool::ANY), 0..120)) {
        let text: String = words.iter().map(|(word, space)| if *space { format!("{word} ") } else { (*word).to_owned() }).collect();
        check(&text);
    }

    #[test]
    fn any_words_inside_a_journey_are_read(words in prop::collection::vec(prop::sample::select(TOKENS), 0..60)) {
        check(&format!("journey a {{\n  {}\n}}\n", words.join(" ")));
    }
}
