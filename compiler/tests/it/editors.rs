//! The colours of an editor know the words of the language, all of them and no others.
//!
//! `npm run check` in `editors/vscode` asks the same of the tokens that an editor really makes of a text; this test needs no
//! Node, so that a word that is added to the grammar is missed at once.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The patterns of all rules, those of weekdays left out: their words are put together of halves.
fn patterns(rule: &Value, into: &mut Vec<String>) {
    match rule {
        Value::Object(rule) => {
            let weekday = rule.get("name").and_then(Value::as_str);
            if weekday.is_some_and(|it| it.contains("weekday")) {
                return;
            }
            into.extend(rule.get("match").and_then(Value::as_str).map(str::to_owned));
            rule.values().for_each(|it| patterns(it, into));
        }
        Value::Array(rules) => rules.iter().for_each(|it| patterns(it, into)),
        _ => {}
    }
}

/// The words of alternatives: `(if|otherwise)`.
fn words(pattern: &str) -> impl Iterator<Item = &str> {
    pattern
        .split(|it| "()|?:".contains(it))
        .filter(|it| it.len() > 1 && it.bytes().all(|it| it.is_ascii_lowercase()))
}

#[test]
fn every_word_of_the_language_has_a_colour_and_no_other_word_has() {
    let pest = read("../grammar/src/journey.pest");
    let rules: Value =
        serde_json::from_str(&read("editors/vscode/syntaxes/journey.tmLanguage.json")).unwrap();
    let mut all = Vec::new();
    patterns(&rules, &mut all);
    let mut coloured: BTreeSet<&str> = all.iter().flat_map(|it| words(it)).collect();

    let keywords: BTreeSet<&str> = pest
        .lines()
        .filter(|it| it.starts_with("kw_"))
        .filter_map(|it| it.split('"').nth(1))
        .collect();
    assert!(keywords.len() > 100, "{keywords:?}");
    let plain: Vec<_> = keywords.difference(&coloured).collect();
    assert_eq!(plain, Vec::<&&str>::new(), "words without a colour");

    // To the grammar these are names, and to the reader words: the purpose of a message, and the moment.
    for name in ["advertising", "now"] {
        coloured.remove(name);
    }
    let gone = |word: &&&str| !pest.contains(&format!("\"{word}\""));
    let gone: Vec<_> = coloured.iter().filter(gone).collect();
    assert_eq!(gone, Vec::<&&str>::new(), "words that the language has not");
}
