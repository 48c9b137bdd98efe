//! Answers to questions about a place.

use serde_json::json;

use super::editor::Editor;

#[test]
fn a_name_is_shown_with_its_title_description_and_declaration() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    let said = editor.hovered("rescue.journey", "goal pur|chase");
    assert!(said.contains("**purchase** — 구매"), "{said}");
    assert!(said.contains("돈을 낸 주문입니다."), "{said}");
    assert!(said.contains("order_id: text, key"), "{said}");
}

#[test]
fn a_word_of_the_language_is_explained() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    let said = editor.hovered("rescue.journey", "go|al purchase");
    assert!(said.contains("ends the run at once"), "{said}");
}

#[test]
fn a_wait_says_how_much_longer_it_listens() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    // That nothing uses a segment is only known once the whole project was checked and has no errors.
    editor.open_with("unused.journey", "segment 안씀 { did visit }\n");
    editor.until_code("unused.journey", "J0302");
    let said = editor.hovered("rescue.journey", "wa|it 1 day");
    assert!(said.contains("10 minutes"), "{said}");
    let uri = editor.uri("rescue.journey");
    let hints = editor.ask(
        "textDocument/inlayHint",
        json!({
            "textDocument": { "uri": uri },
            "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } },
        }),
    );
    let labels: Vec<_> = hints
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["label"].clone())
        .collect();
    assert_eq!(labels, ["Asia/Seoul", "+ 10 minutes"]);
}

#[test]
fn a_name_leads_to_its_declaration() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    for (words, declared) in [
        ("in 큰|손", "큰손"),
        ("or 생|애주기", "생애주기"),
        ("is 활|동", "활동"),
        ("goal pur|chase", "purchase"),
        ("where (pa|ge", "page"),
    ] {
        let found = editor.at("textDocument/definition", "rescue.journey", words);
        assert_eq!(editor.covered(&found), declared, "{words}");
    }
    let found = editor.at("textDocument/definition", "rescue.journey", "email hel|lo");
    assert!(
        found["uri"]
            .as_str()
            .unwrap()
            .ends_with("/templates/email/hello.md")
    );
}

#[test]
fn every_use_of_a_name_is_found_in_all_files() {
    let mut editor = Editor::shop();
    editor.open("schema.journey");
    let found = editor.at(
        "textDocument/references",
        "schema.journey",
        "event pur|chase",
    );
    assert_eq!(found.as_array().unwrap().len(), 5);
    let found = editor.at("textDocument/references", "schema.journey", "  na|me: text");
    let uris: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["uri"].to_string())
        .collect();
    assert!(uris.iter().any(|it| it.contains("hello.md")), "{uris:?}");
}

#[test]
fn words_before_the_cursor_choose_what_is_offered() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    for (line, expected) in [
        ("send |", "email"),
        ("send email |", "thanks"),
        ("if in |", "큰손"),
        ("if 생애주기 is |", "휴면"),
        ("if sex is |", "여성"),
        ("if purchase.|", "category"),
        ("if purchase.category is |", "홍삼"),
        ("if did |", "purchase"),
        ("if did purchase where (|", "total"),
        ("if did purchase where (category is |", "비타민"),
        ("wait 3 |", "days"),
        ("goal purchase within 3 |", "days"),
        ("enter when |", "visit"),
        ("enter when 생애주기 becomes |", "휴면"),
        ("exit when joins |", "큰손"),
        ("reenter |", "never"),
        ("send email hello with (coupon: |", "welcome10"),
        ("|", "wait"),
        ("|", "goal"),
        ("wait up to 3 days { on |", "timeout"),
        ("choose by |", "sex"),
        ("choose by sex { |", "남성"),
        ("assign to |", "sales"),
        ("if agreed to |", "marketing"),
    ] {
        let text = format!("journey 환영 {{\n  {}\n", line.replace('|', ""));
        editor.write("rescue.journey", &text);
        let before = line.split('|').next().unwrap();
        let words = format!("  {before}|\n");
        let offered = editor.offered("rescue.journey", &words);
        assert!(
            offered.iter().any(|it| it == expected),
            "`{line}`: {offered:?}"
        );
    }
}

#[test]
fn tests_are_completed_too() {
    let mut editor = Editor::shop();
    editor.open("tests.journey");
    for (line, expected) in [
        ("given 민지 { |", "email"),
        ("given 민지 { sex: |", "남성"),
        ("after 1 |", "day"),
        ("at 2026-01-01 10:00 민지 does |", "purchase"),
        ("at 2026-01-01 10:00 민지 does purchase { |", "total"),
        (
            "at 2026-01-01 10:00 민지 does purchase { category: |",
            "홍삼",
        ),
        ("expect email |", "hello"),
        ("expect 민지 in |", "환영"),
    ] {
        let text = format!("test \"x\" for 환영 {{\n  {}\n", line.replace('|', ""));
        editor.write("tests.journey", &text);
        let before = line.split('|').next().unwrap();
        let offered = editor.offered("tests.journey", &format!("  {before}|\n"));
        let fits = offered
            .iter()
            .any(|it| it.trim_end_matches('s') == expected.trim_end_matches('s'));
        assert!(fits, "`{line}`: {offered:?}");
    }
}

#[test]
fn a_template_offers_attributes_and_filters() {
    let mut editor = Editor::shop();
    let path = "templates/email/hello.md";
    editor.open(path);
    editor.write(path, "Hi {{ \n{{ name | ");
    assert!(editor.offered(path, "Hi {{ |").contains(&"name".to_owned()));
    let place = json!({ "line": 1, "character": 10 });
    let uri = editor.uri(path);
    let asked = json!({ "textDocument": { "uri": uri }, "position": place });
    let found = editor.ask("textDocument/completion", asked);
    let labels: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["label"].clone())
        .collect();
    assert!(labels.contains(&json!("or")), "{labels:?}");
}

#[test]
fn nothing_is_offered_in_a_comment() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    editor.write("rescue.journey", "journey 환영 {\n  # send em\n}\n");
    assert!(editor.offered("rescue.journey", "# send em|").is_empty());
}

#[test]
fn a_fix_is_offered_where_its_problem_is() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    editor.replace("rescue.journey", "in 큰손", "in 큰선");
    editor.until_code("rescue.journey", "J0102");
    let problem = editor.problems["rescue.journey"][0].clone();
    let uri = editor.uri("rescue.journey");
    let found = editor.ask(
        "textDocument/codeAction",
        json!({
            "textDocument": { "uri": uri },
            "range": problem["range"],
            "context": { "diagnostics": [problem] },
        }),
    );
    let fix = &found[0];
    assert_eq!(fix["title"], "Replace `큰선` by `큰손`");
    assert_eq!(fix["diagnostics"].as_array().unwrap().len(), 1);
    let texts = editor.applied(&fix["edit"]);
    assert!(texts["rescue.journey"].contains("if in 큰손"));
}

#[test]
fn formatting_gives_the_canonical_text() {
    let mut editor = Editor::shop();
    editor.open_with(
        "odd.journey",
        "segment a{did visit}\n\nsegment  b { did visit }\n",
    );
    let uri = editor.uri("odd.journey");
    let edits = editor.ask(
        "textDocument/formatting",
        json!({ "textDocument": { "uri": uri }, "options": { "tabSize": 2, "insertSpaces": true } }),
    );
    let texts = editor.applied(&json!({ "changes": { uri.clone(): edits } }));
    assert_eq!(
        texts["odd.journey"],
        "segment a { did visit }\n\nsegment b { did visit }\n"
    );
    let edits = editor.ask(
        "textDocument/rangeFormatting",
        json!({
            "textDocument": { "uri": uri },
            "range": { "start": { "line": 2, "character": 0 }, "end": { "line": 2, "character": 3 } },
            "options": { "tabSize": 2, "insertSpaces": true },
        }),
    );
    let texts = editor.applied(&json!({ "changes": { uri: edits } }));
    assert_eq!(
        texts["odd.journey"],
        "segment a{did visit}\n\nsegment b { did visit }\n"
    );
}

#[test]
fn the_outline_has_declarations_and_their_parts() {
    let mut editor = Editor::shop();
    editor.open("segments.journey");
    let uri = editor.uri("segments.journey");
    let found = editor.ask(
        "textDocument/documentSymbol",
        json!({ "textDocument": { "uri": uri } }),
    );
    assert_eq!(found[0]["name"], "생애주기");
    assert_eq!(found[0]["children"][2]["name"], "휴면");
    assert_eq!(found[1]["name"], "큰손");
    let found = editor.ask("workspace/symbol", json!({ "query": "prch" }));
    assert_eq!(found[0]["name"], "purchase");
}

#[test]
fn names_are_coloured_and_blocks_can_be_folded() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    let uri = editor.uri("rescue.journey");
    let document = json!({ "textDocument": { "uri": uri } });
    let tokens = editor.ask("textDocument/semanticTokens/full", document.clone());
    assert_eq!(
        tokens["data"].as_array().unwrap()[..5],
        [1, 8, 2, 0, 1].map(|it| json!(it))
    );
    let folds = editor.ask("textDocument/foldingRange", document.clone());
    assert!(
        folds
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["startLine"] == 1 && it["endLine"] == 11)
    );
    editor.open("tests.journey");
    let uri = editor.uri("tests.journey");
    let lenses = editor.ask(
        "textDocument/codeLens",
        json!({ "textDocument": { "uri": uri } }),
    );
    assert_eq!(lenses[0]["command"]["arguments"][1], "인사");
}

#[test]
fn the_same_name_is_highlighted() {
    let mut editor = Editor::shop();
    editor.open("tests.journey");
    let found = editor.at(
        "textDocument/documentHighlight",
        "tests.journey",
        "given 민|지",
    );
    assert_eq!(found.as_array().unwrap().len(), 3);
}
