//! Columns, in both encodings.

use serde_json::json;

use super::editor::{Editor, SHOP};

#[test]
fn columns_are_bytes_when_the_editor_offers_that() {
    let more =
        json!({ "capabilities": { "general": { "positionEncodings": ["utf-8", "utf-16"] } } });
    let mut editor = Editor::with(SHOP, &more);
    editor.open("rescue.journey");
    editor.replace(
        "rescue.journey",
        "or 생애주기 is 활동",
        "or 생애주기 is 할동",
    );
    editor.until("rescue.journey", |list| !list.is_empty());
    let range = &editor.problems["rescue.journey"][0]["range"];
    let line = "  if in 큰손 or 생애주기 is 할동 {";
    assert_eq!(range["start"]["character"], line.find("할동").unwrap());
}

#[test]
fn a_change_in_the_middle_of_a_line_with_emoji_and_hangul_is_applied() {
    let mut editor = Editor::shop();
    editor.open_with(
        "odd.journey",
        "segment a { did visit } # 😀가\nsegment 나 { did nope }\n",
    );
    editor.until_code("odd.journey", "J0102");
    let uri = editor.uri("odd.journey");
    editor.tell(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": uri, "version": 2 },
            "contentChanges": [
                { "range": { "start": { "line": 0, "character": 26 }, "end": { "line": 0, "character": 28 } },
                  "text": "나" },
                { "range": { "start": { "line": 1, "character": 16 }, "end": { "line": 1, "character": 20 } },
                  "text": "visit" },
            ],
        }),
    );
    editor.until("odd.journey", <[_]>::is_empty);
}
