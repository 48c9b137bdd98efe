//! What is said about every case in `tests/rejected/`, in both languages, with the text under the underline.

use std::fmt::Write as _;

use journey_grammar::{Language, LineIndex, Parse, parse};

use crate::cases::cases;
use crate::walk::assert_spans_are_sane;

#[test]
fn every_rejected_case_is_explained_as_reviewed() {
    for (name, text) in cases("rejected") {
        let parse = parse(&text);
        assert!(!parse.problems.is_empty(), "{name}");
        assert_spans_are_sane(&text, &parse);
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("rejected_{name}"), report(&text, &parse));
        });
    }
}

fn report(text: &str, parse: &Parse) -> String {
    let index = LineIndex::new(text);
    let mut report = String::new();
    for problem in &parse.problems {
        let at = index.position(text, problem.span.start);
        let (line, column) = (at.line + 1, at.character + 1);
        let kind = &problem.kind;
        writeln!(
            report,
            "{line}:{column} {} {}",
            kind.code(),
            kind.message(Language::English)
        )
        .unwrap();
        writeln!(report, "    {}", kind.message(Language::Korean)).unwrap();
        writeln!(report, "    under: {:?}", problem.span.of(text)).unwrap();
        for label in &problem.labels {
            writeln!(
                report,
                "    label: {:?} {} / {}",
                label.span.of(text),
                label.english,
                label.korean
            )
            .unwrap();
        }
        if let Some(help) = kind.help(Language::English) {
            writeln!(report, "    help: {help}").unwrap();
            writeln!(report, "    도움: {}", kind.help(Language::Korean).unwrap()).unwrap();
        }
        if let Some(fix) = &problem.fix {
            writeln!(
                report,
                "    fix: {:?} -> {:?}",
                fix.span.of(text),
                fix.replacement
            )
            .unwrap();
        }
    }
    report
}

#[test]
fn messages_are_one_line_with_a_small_start_and_no_period() {
    for (_, text) in cases("rejected") {
        for problem in parse(&text).problems {
            for language in [Language::English, Language::Korean] {
                let message = problem.kind.message(language);
                assert!(
                    !message.contains('\n') && !message.ends_with('.'),
                    "{message}"
                );
                assert!(
                    !message.starts_with(|c: char| c.is_ascii_uppercase()),
                    "{message}"
                );
            }
        }
    }
}

#[test]
fn following_the_fixes_of_known_mistakes_leads_to_the_language() {
    let (_, mut text) = cases("rejected")
        .into_iter()
        .find(|(name, _)| name == "fixable")
        .unwrap();
    for _ in 0..100 {
        let Some(fix) = parse(&text)
            .problems
            .into_iter()
            .find_map(|problem| problem.fix)
        else {
            break;
        };
        text.replace_range(
            fix.span.start as usize..fix.span.end as usize,
            &fix.replacement,
        );
    }
    assert_eq!(parse(&text).problems, [], "{text}");
}
