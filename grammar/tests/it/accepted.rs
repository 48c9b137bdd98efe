//! Everything in `tests/accepted/` is the language.

use journey_grammar::{parse, tree};

use crate::cases::cases;
use crate::walk::assert_spans_are_sane;

#[test]
fn every_accepted_case_is_read_without_a_problem() {
    for (name, text) in cases("accepted") {
        let parse = parse(&text);
        assert_eq!(parse.problems, [], "{name}");
        let debug = format!("{:?}", parse.file);
        assert!(!debug.contains("Unknown("), "{name}");
        assert_spans_are_sane(&text, &parse);
    }
}

#[test]
fn the_trees_of_some_cases_are_as_reviewed() {
    for (name, text) in cases("accepted") {
        if ["cart_rescue", "tree_of_values", "tree_of_conditions"].contains(&name.as_str()) {
            insta::with_settings!({ prepend_module_to_snapshot => false }, {
                insta::assert_debug_snapshot!(name, parse(&text).file);
            });
        }
    }
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing_but_places() {
    for (name, text) in cases("accepted") {
        let windows = format!("\u{FEFF}{}", text.replace('\n', "\r\n"));
        let read = parse(&windows);
        assert_eq!(read.problems, [], "{name}");
        let plain = crate::walk::without_spans(&parse(&text).file);
        assert_eq!(
            crate::walk::without_spans(&read.file).replace("\\r", ""),
            plain,
            "{name}"
        );
    }
}

#[test]
fn names_written_in_pieces_are_the_same_names() {
    let whole = parse("lifecycle 생애주기 { 활동 otherwise }");
    let pieces = parse(
        "lifecycle \u{1109}\u{1162}\u{11BC}\u{110B}\u{1162}\u{110C}\u{116E}\u{1100}\u{1175} { 활동 otherwise }",
    );
    assert_eq!(pieces.problems, []);
    assert_eq!(
        crate::walk::without_spans(&whole.file),
        crate::walk::without_spans(&pieces.file)
    );
}

#[test]
fn description_lines_belong_to_the_declaration_below() {
    let parse = parse(
        "## not this\n\n# nor this\n## 큰손\n## 일 년에 백만 원\nsegment big { did purchase }\n",
    );
    let tree::Declaration::Segment(segment) = &parse.file.declarations[0] else {
        panic!()
    };
    assert_eq!(segment.doc.as_ref().unwrap().text, "큰손\n일 년에 백만 원");
    assert_eq!(parse.comments.len(), 4);
}

#[test]
fn steps_that_could_be_read_keep_their_place_beside_those_that_could_not() {
    let parse = parse("journey a {\n  send email one\n  goto start\n  send email two\n}\n");
    let tree::Declaration::Journey(journey) = &parse.file.declarations[0] else {
        panic!()
    };
    assert_eq!(parse.problems.len(), 1);
    assert!(matches!(
        journey.steps[..],
        [
            tree::Step::Send(_),
            tree::Step::Unknown(_),
            tree::Step::Send(_)
        ]
    ));
}
