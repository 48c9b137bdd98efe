//! New names.

use serde_json::{Value, json};

use super::editor::Editor;

fn rename(editor: &mut Editor, below: &str, words: &str, to: &str) -> Result<Value, String> {
    let place = editor.place(below, words);
    let uri = editor.uri(below);
    editor.try_ask(
        "textDocument/rename",
        json!({ "textDocument": { "uri": uri }, "position": place, "newName": to }),
    )
}

#[test]
fn a_journey_gets_its_new_name_everywhere_and_its_people_move_along() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    let edit = rename(&mut editor, "rescue.journey", "journey 환|영", "첫인사").unwrap();
    let texts = editor.applied(&edit);
    assert!(texts["rescue.journey"].contains("journey 첫인사 \"환영\""));
    assert!(texts["rescue.journey"].ends_with("\n\nmoved 환영 to 첫인사\n"));
    assert!(texts["tests.journey"].contains("for 첫인사 {"));
}

#[test]
fn a_labelled_step_moves_along() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    let edit = rename(&mut editor, "rescue.journey", "as fir|st", "greeting").unwrap();
    let texts = editor.applied(&edit);
    assert!(texts["rescue.journey"].contains("send email hello as greeting"));
    assert!(texts["rescue.journey"].contains("moved 환영.first to 환영.greeting"));
}

#[test]
fn an_attribute_is_renamed_in_templates_too() {
    let mut editor = Editor::shop();
    editor.open("schema.journey");
    let edit = rename(&mut editor, "schema.journey", "  na|me: text", "이름").unwrap();
    let texts = editor.applied(&edit);
    assert!(texts["templates/email/hello.md"].contains("{{ 이름 | or"));
    assert!(texts["schema.journey"].contains("  이름: text"));
}

#[test]
fn a_template_is_renamed_with_its_file() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    let edit = rename(&mut editor, "rescue.journey", "email hel|lo", "인사").unwrap();
    let texts = editor.applied(&edit);
    assert!(texts["rescue.journey"].contains("send email 인사 as first"));
    assert!(texts["tests.journey"].contains("expect email 인사 to"));
    let renamed = edit["documentChanges"].as_array().unwrap().last().unwrap();
    assert_eq!(renamed["kind"], "rename");
    assert_eq!(renamed["newUri"], editor.uri("templates/email/인사.md"));
}

#[test]
fn a_stage_and_a_value_are_renamed_where_they_are_meant() {
    let mut editor = Editor::shop();
    editor.open("segments.journey");
    let edit = rename(&mut editor, "segments.journey", "  활|동 when", "단골").unwrap();
    let texts = editor.applied(&edit);
    assert!(texts["rescue.journey"].contains("생애주기 is 단골"));
}

#[test]
fn a_reserved_word_is_put_in_backticks() {
    let mut editor = Editor::shop();
    editor.open("segments.journey");
    let edit = rename(&mut editor, "segments.journey", "segment 큰|손", "send").unwrap();
    let texts = editor.applied(&edit);
    assert!(texts["segments.journey"].contains("segment `send` {"));
    assert!(texts["rescue.journey"].contains("if in `send` or"));
}

#[test]
fn a_name_that_is_taken_or_no_name_is_refused() {
    let mut editor = Editor::shop();
    editor.open("segments.journey");
    for name in ["생애주기", "1st", "a b", ""] {
        let refused = rename(&mut editor, "segments.journey", "segment 큰|손", name);
        assert!(refused.is_err(), "{name}");
    }
}

#[test]
fn what_channels_report_themselves_keeps_its_name() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    editor.replace("rescue.journey", "goal purchase", "goal email.clicked");
    let refused = rename(&mut editor, "rescue.journey", "goal email.cl|icked", "x");
    assert!(refused.is_err());
}
