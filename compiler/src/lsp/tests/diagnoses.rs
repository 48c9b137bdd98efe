//! What is published, and when.

use serde_json::json;

use super::editor::{Editor, SHOP};

#[test]
fn a_sound_project_has_nothing_to_say() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    editor.write("rescue.journey", "journey 환영 { entre }");
    editor.until_code("rescue.journey", "J0001");
    editor.write("rescue.journey", SHOP[3].1);
    editor.until("rescue.journey", <[_]>::is_empty);
    assert!(
        editor.problems.values().all(Vec::is_empty),
        "{:?}",
        editor.problems
    );
}

#[test]
fn a_problem_has_its_code_its_page_and_its_place() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    editor.replace("rescue.journey", "in 큰손", "in 큰선");
    editor.until_code("rescue.journey", "J0102");
    let problem = editor.problems["rescue.journey"][0].clone();
    assert_eq!(problem["severity"], 1);
    assert_eq!(problem["source"], "journeyc");
    let page = problem["codeDescription"]["href"].as_str().unwrap();
    assert!(page.ends_with("/unknown-name.md"));
    let place = json!({ "uri": editor.uri("rescue.journey"), "range": problem["range"] });
    assert_eq!(editor.covered(&place), "큰선");
}

#[test]
fn a_name_that_is_gone_is_missed_in_other_files() {
    let mut editor = Editor::shop();
    editor.open("segments.journey");
    editor.replace("segments.journey", "segment 큰손", "segment 작은손");
    editor.until_code("rescue.journey", "J0102");
    editor.replace("segments.journey", "segment 작은손", "segment 큰손");
    editor.until("rescue.journey", <[_]>::is_empty);
}

#[test]
fn a_name_declared_twice_shows_both_places() {
    let mut editor = Editor::shop();
    editor.open_with("more.journey", "segment 큰손 { did visit }\n");
    editor.until("segments.journey", |list| !list.is_empty());
    let other = editor.problems["segments.journey"][0]["relatedInformation"][0].clone();
    assert_eq!(editor.covered(&other["location"]), "큰손");
}

#[test]
fn templates_and_settings_have_problems_of_their_own() {
    let mut editor = Editor::shop();
    editor.open("templates/email/hello.md");
    editor.replace("templates/email/hello.md", "{{ name", "{{ nmae");
    editor.until_code("templates/email/hello.md", "J0301");
    editor.open("journey.toml");
    editor.replace("journey.toml", "timezone", "timezoen");
    editor.until("journey.toml", |list| !list.is_empty());
}

#[test]
fn messages_are_in_the_language_of_the_editor() {
    let mut editor = Editor::with(SHOP, &json!({ "locale": "ko-KR" }));
    editor.open("rescue.journey");
    editor.replace("rescue.journey", "in 큰손", "in 큰선");
    editor.until_code("rescue.journey", "J0102");
    let said = editor.problems["rescue.journey"][0]["message"].to_string();
    assert!(said.contains("세그먼트"), "{said}");
}

#[test]
fn a_file_of_no_project_is_checked_by_itself() {
    let mut editor = Editor::new(&[("readme.txt", "")]);
    editor.open_with("untitled:Untitled-1", "segment a { did nothing }\n");
    editor.until_code("untitled:Untitled-1", "J0102");
}

#[test]
fn a_closed_document_is_what_the_disk_says() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    editor.replace("rescue.journey", "in 큰손", "in 큰선");
    editor.until_code("rescue.journey", "J0102");
    let uri = editor.uri("rescue.journey");
    editor.tell(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": uri } }),
    );
    editor.until("rescue.journey", <[_]>::is_empty);
}

#[test]
fn a_template_that_is_deleted_is_missed() {
    let mut editor = Editor::shop();
    std::fs::remove_file(editor.path("templates/email/hello.md")).unwrap();
    let uri = editor.uri("templates/email/hello.md");
    editor.tell(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": uri, "type": 3 }] }),
    );
    editor.until("rescue.journey", |list| !list.is_empty());
}

#[test]
fn two_projects_in_one_folder_do_not_meet() {
    let mut files = Vec::new();
    let other: Vec<(String, &str)> = SHOP
        .iter()
        .map(|(path, text)| (format!("other/{path}"), *text))
        .collect();
    let own: Vec<(String, &str)> = SHOP
        .iter()
        .map(|(path, text)| (format!("shop/{path}"), *text))
        .collect();
    files.extend(own.iter().map(|(path, text)| (path.as_str(), *text)));
    files.extend(other.iter().map(|(path, text)| (path.as_str(), *text)));
    let mut editor = Editor::new(&files);
    editor.open("shop/segments.journey");
    editor.replace("shop/segments.journey", "segment 큰손", "segment 작은손");
    editor.until_code("shop/rescue.journey", "J0102");
    assert!(!editor.problems.contains_key("other/rescue.journey"));
}
