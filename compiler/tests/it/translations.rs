//! What is shipped says the same in every language: each message of the library stands in Korean and in English, and the
//! two have the same variables, the same links, and promise the same percentages, hours and addresses.
//!
//! The words themselves differ freely; numbers are compared only where both languages write them in figures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What must be alike in all languages of a message.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    /// `coupon.expires | date`, without the filters that only make good Korean.
    variables: BTreeSet<String>,
    /// Target and name of each link, in their order.
    links: Vec<String>,
    /// `30%`, `08:00`; not `1:1`.
    figures: Vec<String>,
}

fn facts(text: &str) -> Facts {
    let (words, holes) = taken_apart(text);
    let mut figures: Vec<String> = words
        .split(|it: char| !(it.is_ascii_digit() || it == ':' || it == '%'))
        .map(|it| it.trim_end_matches(':'))
        .filter(|it| it.starts_with(|it: char| it.is_ascii_digit()))
        .filter(|it| it.ends_with('%') || it.split_once(':').is_some_and(|(_, it)| it.len() == 2))
        .map(str::to_owned)
        .collect();
    figures.sort();
    Facts {
        variables: holes.iter().map(|it| variable(it)).collect(),
        links: links(text),
        figures,
    }
}

/// The words around the holes, and what stands in the holes.
fn taken_apart(text: &str) -> (String, Vec<&str>) {
    let mut words = String::new();
    let mut holes = Vec::new();
    let mut parts = text.split("{{");
    words.push_str(parts.next().unwrap());
    for part in parts {
        let (hole, after) = part.split_once("}}").unwrap();
        holes.push(hole);
        words.push(' ');
        words.push_str(after);
    }
    (words, holes)
}

/// A hole without the words that stand in for a missing value, and without the particle after it.
fn variable(hole: &str) -> String {
    let parts = hole.split('|').map(|it| {
        let name = it.split(':').next().unwrap();
        name.trim()
    });
    let parts: Vec<&str> = parts.filter(|it| *it != "josa").collect();
    parts.join(" | ")
}

/// What stands between the parentheses of each Markdown link.
fn links(text: &str) -> Vec<String> {
    let ends = text.split("](").skip(1);
    ends.map(|it| it.split(')').next().unwrap().to_owned())
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All templates below a folder.
fn templates(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            templates(&path, into);
        } else if path.components().any(|it| it.as_os_str() == "templates") {
            into.push(path);
        }
    }
}

/// The template that a translation belongs to; nothing for an original.
fn original(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_str()?;
    let (name, _) = stem.rsplit_once('.')?;
    Some(path.with_file_name(format!("{name}.md")))
}

#[test]
fn a_message_says_the_same_in_every_language() {
    let mut all = Vec::new();
    for folder in ["examples", "journeys", "compiler/starter"] {
        templates(&root().join(folder), &mut all);
    }
    let mut compared = 0;
    for path in &all {
        let Some(original) = original(path) else {
            continue;
        };
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        let name = path.display();
        assert_eq!(facts(&read(path)), facts(&read(&original)), "{name}");
        compared += 1;
    }
    assert!(compared > 100, "only {compared} translations were found");
}

/// The examples speak to the customers of one country each; the library is for everybody.
#[test]
fn every_message_of_the_library_stands_in_two_languages() {
    let mut all = Vec::new();
    templates(&root().join("journeys"), &mut all);
    let translated: BTreeSet<PathBuf> = all.iter().filter_map(|it| original(it)).collect();
    let originals = all.iter().filter(|it| original(it).is_none());
    let alone: Vec<_> = originals.filter(|it| !translated.contains(*it)).collect();
    assert_eq!(alone, Vec::<&PathBuf>::new());
}

#[test]
fn a_forgotten_link_variable_or_percentage_is_noticed() {
    let korean = facts("{{ name | or: '고객' }}님, 20% 할인은 [여기](https://a.example \"shop\")");
    let same = "Dear {{ name | or: 'you' }}, [here](https://a.example \"shop\") are 20%";
    assert_eq!(facts(same), korean);
    for wrong in [
        same.replace("20%", "25%"),
        same.replace("\"shop\"", "\"shp\""),
        same.replace("name", "first_name"),
        same.replace("| or: 'you' ", ""),
    ] {
        assert_ne!(facts(&wrong), korean, "{wrong}");
    }
}
