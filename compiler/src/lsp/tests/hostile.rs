//! Whatever an editor sends, there is an answer.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::editor::{Editor, SHOP};

const QUESTIONS: [&str; 14] = [
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/typeDefinition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/documentSymbol",
    "textDocument/semanticTokens/full",
    "textDocument/foldingRange",
    "textDocument/formatting",
    "textDocument/rangeFormatting",
    "textDocument/inlayHint",
    "textDocument/codeAction",
];

/// Parameters that fit every question.
fn everything(uri: &str, line: u32, character: u32) -> Value {
    let place = json!({ "line": line, "character": character });
    json!({
        "textDocument": { "uri": uri },
        "position": place,
        "range": { "start": place, "end": { "line": line + 3, "character": 0 } },
        "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
        "options": { "tabSize": 2, "insertSpaces": true },
        "newName": "새이름",
    })
}

fn ask_everything(editor: &mut Editor, uri: &str, line: u32, character: u32) {
    for question in QUESTIONS {
        let asked = everything(uri, line, character);
        let said = editor.try_ask(question, asked);
        assert!(
            !matches!(&said, Err(it) if it.contains("bug")),
            "{question}: {said:?}"
        );
    }
    let asked = everything(uri, line, character);
    let said = editor.try_ask("textDocument/rename", asked);
    assert!(!matches!(&said, Err(it) if it.contains("bug")), "{said:?}");
}

#[test]
fn a_document_that_was_never_opened_has_answers_too() {
    let mut editor = Editor::shop();
    for uri in [
        editor.uri("rescue.journey"),
        editor.uri("nowhere/at/all.journey"),
        "untitled:Untitled-9".to_owned(),
        "git:/some/where.journey?ref=1".to_owned(),
    ] {
        ask_everything(&mut editor, &uri, 2, 9);
    }
}

#[test]
fn strange_messages_are_survived() {
    let mut editor = Editor::shop();
    editor.tell("textDocument/didChange", json!({ "nonsense": true }));
    editor.tell(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": editor.uri("rescue.journey"), "version": 7 },
            "contentChanges": [{ "text": "never opened" }],
        }),
    );
    editor.tell("$/cancelRequest", json!({ "id": 99 }));
    editor.tell(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": "file:///gone" } }),
    );
    assert!(editor.try_ask("textDocument/hover", json!(7)).is_err());
    assert!(editor.try_ask("no/such", json!({})).is_err());
    editor.open("rescue.journey");
    assert!(!editor.hovered("rescue.journey", "go|al").is_empty());
}

#[test]
fn a_file_that_is_no_text_or_too_large_is_survived() {
    let mut editor = Editor::shop();
    editor.open_with("big.journey", &"segment a { did visit }\n".repeat(200_000));
    let uri = editor.uri("big.journey");
    ask_everything(&mut editor, &uri, 70_000, 3);
    editor.write("big.journey", "segment b { did visit }\n");
    editor.until_code("big.journey", "J0302");
}

/// Pieces of text that mean something, and some that do not.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("journey 환영 {\n".to_owned()),
        Just("  wait up to 3 days {\n on purchase { exit }\n".to_owned()),
        Just("if in 큰손 {".to_owned()),
        Just("}".to_owned()),
        Just("where (".to_owned()),
        Just("\"".to_owned()),
        Just("# 😀\r\n".to_owned()),
        Just("{{ name | ".to_owned()),
        Just("생애주기 is ".to_owned()),
        Just("\u{feff}\u{3000}\0".to_owned()),
        "\\PC{0,8}",
    ]
}

#[derive(Debug, Clone)]
struct Typing {
    file: usize,
    start: (u32, u32),
    length: u32,
    text: String,
}

fn typing() -> impl Strategy<Value = Typing> {
    (0..SHOP.len(), (0..14_u32, 0..40_u32), 0..6_u32, piece()).prop_map(
        |(file, start, length, text)| Typing {
            file,
            start,
            length,
            text,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_typing_never_breaks_the_server(edits in prop::collection::vec(typing(), 1..12)) {
        let mut editor = Editor::shop();
        for (path, _) in SHOP {
            editor.open(path);
        }
        for (version, edit) in edits.into_iter().enumerate() {
            let uri = editor.uri(SHOP[edit.file].0);
            let (line, character) = edit.start;
            editor.tell("textDocument/didChange", json!({
                "textDocument": { "uri": uri, "version": version + 2 },
                "contentChanges": [{
                    "range": {
                        "start": { "line": line, "character": character },
                        "end": { "line": line, "character": character + edit.length },
                    },
                    "text": edit.text,
                }],
            }));
            ask_everything(&mut editor, &uri, line, character + 1);
        }
    }
}
