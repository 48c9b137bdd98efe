//! What is shipped compiles without a word: every project in `examples/` and `journeys/`, and the README's journeys.

use std::path::{Path, PathBuf};

use journeyc::{LoadedProject, Look, Report, compile, load, projects};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn problems(project: &LoadedProject) -> String {
    let compilation = compile(project);
    let mut report = Report::default();
    report.add("", project, &compilation.problems);
    if compilation.problems.is_empty() {
        String::new()
    } else {
        report.human(Look::default())
    }
}

#[test]
fn every_example_and_library_journey_compiles_without_a_word() {
    let mut seen = 0;
    for folder in ["examples", "journeys"] {
        for path in projects(&root().join(folder)).unwrap() {
            assert_eq!(problems(&load(&path).unwrap()), "", "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 9, "only {seen} projects were found");
}

/// The blocks of a language in a Markdown text.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<String> = None;
    for line in markdown.lines() {
        match &mut open {
            Some(_) if line.trim() == "```" => found.extend(open.take()),
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line.trim() == format!("```{language}") => open = Some(String::new()),
            None => {}
        }
    }
    found
}

/// The texts of a folder, by their path below it.
fn texts(folder: &Path, below: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        if folder.join(&path).is_dir() {
            texts(folder, &path, into);
        } else if let Ok(text) = std::fs::read_to_string(folder.join(&path)) {
            into.push((path.to_str().unwrap().to_owned(), text));
        }
    }
}

#[test]
fn the_journeys_in_the_readme_compile_with_the_example_shop() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = blocks(&readme, "journey");
    assert!(!blocks.is_empty());
    let mut files = Vec::new();
    texts(&root().join("examples/shop"), Path::new(""), &mut files);
    // The README declares the shop's journeys and lifecycle itself.
    let own = ["journeys/", "segments/", "tests/"];
    files.retain(|(path, _)| !own.iter().any(|folder| path.starts_with(folder)));
    for (n, block) in blocks.iter().enumerate() {
        files.push((format!("readme-{n}.journey"), block.clone()));
    }
    let files = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let compilation = compile(&LoadedProject::from_texts(files));
    // The README shows a part of the shop, so not all of its templates and offers are used.
    let others = compilation.problems.iter().filter(|it| it.name != "unused");
    let said: Vec<&str> = others.map(|it| it.message.en.as_str()).collect();
    assert_eq!(said, Vec::<&str>::new());
}

/// All Rust texts below a folder, one after the other.
fn rust_below(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_none_or(|it| it != "target") {
            rust_below(&path, into);
        } else if path.extension().is_some_and(|it| it == "rs") {
            into.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_test_that_the_readme_names_as_a_guard_exists() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, invariants) = readme.split_once("### Invariants").unwrap();
    let guards = invariants.split('`').filter_map(|it| it.split_once("::"));
    let mut sources = String::new();
    for room in ["grammar", "compiler", "runtime"] {
        rust_below(&root().join(room), &mut sources);
    }
    let mut seen = 0;
    for (_, guard) in guards {
        assert!(sources.contains(&format!("fn {guard}(")), "{guard}");
        seen += 1;
    }
    assert!(seen >= 10, "only {seen} guards are named");
}
