//! What the operational documents claim: every option is described, and every test they name exists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document(name: &str) -> String {
    std::fs::read_to_string(here().join("docs").join(name)).unwrap()
}

/// All Rust files below a folder.
fn sources(folder: PathBuf) -> Vec<String> {
    let mut open = vec![folder];
    let mut texts = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

#[test]
fn every_option_and_variable_is_described() {
    let help = Command::new(env!("CARGO_BIN_EXE_journeyd"))
        .args(["run", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let words = help.split(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '='));
    let options = words.filter(|word| word.starts_with("--") && *word != "--help");
    let mut names: BTreeSet<String> = options.map(str::to_owned).collect();
    assert!(names.contains("--listen"), "{help}");
    for text in sources(here().join("src")) {
        for rest in text.split("\"JOURNEY_").skip(1) {
            let name = rest.split('"').next().unwrap();
            names.insert(format!("JOURNEY_{name}"));
        }
    }
    assert!(names.contains("JOURNEY_PUBLIC_URL"), "{names:?}");
    let described = document("configuration.md");
    for name in names {
        assert!(described.contains(&name), "configuration.md lacks `{name}`");
    }
}

#[test]
fn every_claim_about_security_names_a_test_that_exists() {
    let mut code = sources(here().join("src"));
    code.extend(sources(here().join("tests/it")));
    let page = document("security.md");
    let mut claims = 0;
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let Some((_, tests)) = line.trim_end_matches(" |").rsplit_once(" | ") else {
            continue;
        };
        if tests == "test" || tests.starts_with("---") {
            continue;
        }
        for test in tests.split(", ") {
            let name = test.trim_matches('`');
            let is_there = code
                .iter()
                .any(|file| file.contains(&format!("fn {name}(")));
            assert!(is_there, "security.md names `{name}`, which is no test");
            claims += 1;
        }
    }
    assert!(claims > 20, "{claims}");
}
