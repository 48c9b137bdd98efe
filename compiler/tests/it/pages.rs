//! The pages of `journeyc explain`: every code has one, and its examples do what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use journeyc::{CODES, Code, LoadedProject, compile, korean_page, page};

/// Problems of files that no text can show; the loader's own tests raise them.
const NOT_SHOWN: [&str; 4] = ["not-utf-8", "separate-project", "too-big", "unreadable"];

const SECTIONS: [&str; 4] = [
    "## What it means",
    "## Why it matters",
    "## Example",
    "## Instead",
];

const KOREAN_SECTIONS: [&str; 4] = [
    "## 무슨 뜻인가요",
    "## 왜 중요한가요",
    "## 보기",
    "## 이렇게",
];

/// The files in the fenced blocks of a section: `journey` is `example.journey`, `toml PATH` and `md PATH` are at PATH.
fn files(page: &str, section: &str) -> BTreeMap<String, String> {
    let after = page.split_once(section).map_or("", |(_, after)| after);
    let section = after.split("\n## ").next().unwrap();
    let mut files = BTreeMap::new();
    let mut open: Option<(String, String)> = None;
    for line in section.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some((path, text))) => {
                files.insert(path, text);
            }
            (Some(info), None) => {
                let path = info
                    .split_once(' ')
                    .map_or("example.journey", |(_, path)| path);
                open = Some((path.to_owned(), String::new()));
            }
            (None, Some((path, text))) => open = Some((path, format!("{text}{line}\n"))),
            (None, None) => {}
        }
    }
    files
}

fn codes(files: &BTreeMap<String, String>) -> Vec<String> {
    let texts = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let compilation = compile(&LoadedProject::from_texts(texts));
    compilation
        .problems
        .iter()
        .map(|it| format!("{} {}", it.code, it.message.en))
        .collect()
}

#[test]
fn every_code_has_a_page_with_all_sections_and_every_page_a_code() {
    for code in CODES {
        let page = page(code.name).unwrap_or_else(|| panic!("{} has no page", code.name));
        let title = format!("# {} {}: ", code.code, code.name);
        assert!(page.starts_with(&title), "{}", code.name);
        for section in SECTIONS {
            assert_eq!(page.matches(section).count(), 1, "{} {section}", code.name);
        }
    }
    let known: BTreeSet<String> = CODES.iter().map(|it| it.name.to_owned()).collect();
    for folder in ["src/problems", "src/problems/ko"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let pages = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file());
        let written: BTreeSet<String> = pages
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(written, known);
    }
}

#[test]
fn every_page_is_there_in_korean_with_the_same_examples() {
    let mut wrong = Vec::new();
    for code in CODES {
        let (english, korean) = (page(code.name).unwrap(), korean_page(code.name).unwrap());
        let title = format!("# {} {}: ", code.code, code.name);
        let hangul = |it: char| ('가'..='힣').contains(&it);
        let words = korean
            .lines()
            .next()
            .and_then(|line| line.strip_prefix(&title));
        if !words.is_some_and(|words| words.contains(hangul)) {
            wrong.push(format!("{}: no Korean title", code.name));
        }
        let headings = korean.lines().filter(|line| line.starts_with("## "));
        if headings.collect::<Vec<_>>() != KOREAN_SECTIONS {
            wrong.push(format!("{}: other headings", code.name));
        }
        for (ours, theirs) in SECTIONS.iter().zip(KOREAN_SECTIONS).skip(2) {
            if files(english, ours) != files(&korean, theirs) {
                wrong.push(format!("{}: other examples", code.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Every problem that a page can show, with its page.
fn shown() -> impl Iterator<Item = (&'static Code, &'static str)> {
    CODES
        .iter()
        .filter(|it| !NOT_SHOWN.contains(&it.name))
        .filter_map(|it| page(it.name).map(|page| (it, page)))
}

#[test]
fn every_example_raises_its_code_and_nothing_else() {
    let mut wrong = Vec::new();
    for (code, page) in shown() {
        let said = codes(&files(page, "## Example"));
        if said.is_empty() || !said.iter().all(|it| it.starts_with(code.code)) {
            wrong.push(format!("{}: {said:?}", code.name));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_instead_is_silent() {
    let mut wrong = Vec::new();
    for (code, page) in shown() {
        let instead = files(page, "## Instead");
        // Prose says what to do where no text can show it.
        if instead.is_empty() {
            continue;
        }
        let mut project = files(page, "## Example");
        project.extend(instead);
        let said = codes(&project);
        if !said.is_empty() {
            wrong.push(format!("{}: {said:?}", code.name));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
