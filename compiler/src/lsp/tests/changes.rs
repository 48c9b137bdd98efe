//! Typing: what is shown while a full check is on its way.

use super::editor::{Editor, SHOP};

#[test]
fn typing_a_journey_letter_by_letter_ends_with_nothing_to_say() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    let text = SHOP[3].1;
    let mut typed = String::new();
    for letter in text.chars() {
        typed.push(letter);
        editor.write("rescue.journey", &typed);
    }
    editor.write("rescue.journey", "journey 환영 { entre }");
    editor.until_code("rescue.journey", "J0001");
    editor.write("rescue.journey", text);
    editor.until("rescue.journey", <[_]>::is_empty);
}

#[test]
fn what_was_found_before_moves_with_the_text() {
    let mut editor = Editor::shop();
    editor.open("rescue.journey");
    editor.replace("rescue.journey", "in 큰손", "in 큰선");
    editor.until_code("rescue.journey", "J0102");
    let before = editor.problems["rescue.journey"][0]["range"]["start"]["line"].as_u64();
    editor.replace("rescue.journey", "journey 환영", "# more\n\njourney 환영");
    editor.until("rescue.journey", |list| {
        let line = list
            .first()
            .and_then(|it| it["range"]["start"]["line"].as_u64());
        line == before.map(|it| it + 2)
    });
}
