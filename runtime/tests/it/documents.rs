//! What the documents claim: every option and every metric is described, every test and file they name exists, and the
//! commands that are written down are understood.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::operate::Shop;

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the whole workspace.
fn house() -> &'static Path {
    here().parent().unwrap()
}

fn document(name: &str) -> String {
    std::fs::read_to_string(here().join("docs").join(name)).unwrap()
}

fn is_a(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|it| it == extension)
}

/// All files below a folder of one extension.
fn files(folder: PathBuf, extension: &str) -> Vec<PathBuf> {
    let mut open = vec![folder];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if is_a(&path, extension) {
                found.push(path);
            }
        }
    }
    found
}

/// What a Rust file is called as a module: after itself, or after its folder.
fn module(path: &Path) -> String {
    let named = match path.file_stem().unwrap().to_str().unwrap() {
        "mod" => path.parent().unwrap().file_name().unwrap(),
        _ => path.file_stem().unwrap(),
    };
    named.to_str().unwrap().to_owned()
}

/// Every test of the workspace, by its module and its name.
fn tests() -> BTreeSet<(String, String)> {
    let mut tests = BTreeSet::new();
    let rooms = ["compiler", "grammar", "runtime"];
    for path in rooms
        .iter()
        .flat_map(|room| files(house().join(room), "rs"))
    {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            let function = line.strip_prefix("async ").unwrap_or(line);
            if let Some(rest) = function.strip_prefix("fn ") {
                let name = rest.split(['(', '<']).next().unwrap();
                if std::mem::take(&mut is_test) {
                    tests.insert((module(&path), name.to_owned()));
                }
            }
        }
    }
    tests
}

/// What stands between backquotes, line by line, and nothing of what is quoted as a block.
fn quoted(page: &str) -> Vec<&str> {
    let mut inside = false;
    page.lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            inside ^= fence;
            !inside && !fence
        })
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect()
}

/// Whether a word can only be the name of a test: they are sentences.
fn is_sentence(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    word.chars().all(plain) && word.matches('_').count() >= 3 && !word.starts_with("journeyd_")
}

/// The test that a word names: where it says so, with its module.
fn named_test(word: &str) -> Option<(Option<&str>, &str)> {
    let (module, name) = match word.rsplit_once("::") {
        Some((module, name)) => (Some(module), name),
        None => (None, word),
    };
    is_sentence(name).then_some((module, name))
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
    for path in files(here().join("src"), "rs") {
        let text = std::fs::read_to_string(path).unwrap();
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
fn every_test_and_file_that_a_document_names_exists() {
    let tests = tests();
    let mut pages = vec![house().join("README.md")];
    pages.extend(files(here().join("docs"), "md"));
    pages.extend(files(here().join("engine/docs"), "md"));
    let mut named = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        // From the page's own folder, from its package, from `runtime` and from the top.
        let folder = page.parent().unwrap();
        let from = [folder, folder.parent().unwrap(), here(), house()];
        for word in quoted(&text) {
            let page = page.display();
            if word.contains('/') && is_a(Path::new(word), "rs") {
                let is_there = from.iter().any(|folder| folder.join(word).exists());
                assert!(is_there, "{page} names `{word}`, which is no file");
            }
            if let Some((module, name)) = named_test(word) {
                let is_it = |it: &&(String, String)| {
                    it.1 == name && module.is_none_or(|module| module == it.0)
                };
                let found = tests.iter().find(is_it);
                assert!(found.is_some(), "{page} names `{word}`, which is no test");
                named += 1;
            }
        }
    }
    assert!(named > 70, "{named}");
}

#[test]
fn every_claim_about_security_names_its_tests_and_where_they_are() {
    let page = document("security.md");
    let defended = page.split("\n## ").find(|it| it.starts_with("Defended"));
    let rows = defended.unwrap().lines();
    let rows = rows.filter(|line| line.starts_with("| ")).skip(2);
    let mut claims = 0;
    for line in rows {
        let (_, tests) = line.trim_end_matches(" |").rsplit_once(" | ").unwrap();
        for test in tests.split(", ") {
            let test = test.trim_matches('`');
            let with_place = matches!(named_test(test), Some((Some(_), _)));
            assert!(with_place, "security.md: {test} in {line}");
            claims += 1;
        }
    }
    assert!(claims > 30, "{claims}");
}

/// A metric's kind and labels.
type Metric = (String, BTreeSet<String>);

/// The table of metrics, with what each means.
fn described_metrics() -> BTreeMap<String, (Metric, String)> {
    let page = document("operating.md");
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `journeyd_"));
    rows.map(|row| {
        let cells: Vec<&str> = row
            .trim_end_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        let &[name, kind, labels, meaning] = cells.as_slice() else {
            panic!("four cells: {row}");
        };
        let name = format!("journeyd_{}", name.trim_end_matches('`'));
        let labels = quoted(labels).into_iter().map(str::to_owned).collect();
        (name, ((kind.to_owned(), labels), meaning.to_owned()))
    })
    .collect()
}

/// The names of the labels of one line of a page of metrics: `name{label="value",other="value"} 1`.
fn labels(line: &str) -> BTreeSet<String> {
    let inside = line
        .split_once('{')
        .and_then(|(_, rest)| rest.rsplit_once('}'));
    let between_values = inside
        .map_or("", |(labels, _)| labels)
        .split('"')
        .step_by(2);
    let names = between_values.map(|it| it.trim_matches([',', '=']).to_owned());
    names.filter(|it| !it.is_empty() && it != "le").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_metric_is_described_as_the_daemon_tells_it() {
    let shop = Shop::open().await;
    shop.buys("minji", "o1").await;
    let unheard = json!({"type": "track", "userId": "minji", "event": "Unheard Of"});
    shop.post("/v1/track", unheard).await;
    let page = shop.get("/metrics").await.body;
    let described = described_metrics();
    let mut told = BTreeSet::new();
    let mut labelled = BTreeSet::new();
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap();
            let known = described.get(name);
            let (_, meaning) = known.unwrap_or_else(|| panic!("operating.md lacks `{name}`"));
            let help = help.trim_end_matches('.');
            assert!(meaning.starts_with(help), "{name}: {meaning} / {help}");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(described[name].0.0, kind, "{name}");
            told.insert(name.to_owned());
        } else {
            let name = line.split(['{', ' ']).next().unwrap();
            let parts = ["_bucket", "_sum", "_count"];
            let whole = parts.iter().find_map(|part| name.strip_suffix(part));
            let name = whole.filter(|it| told.contains(*it)).unwrap_or(name);
            let labels = labels(line);
            assert_eq!(described[name].0.1, labels, "{name}");
            if !labels.is_empty() {
                labelled.insert(name.to_owned());
            }
        }
    }
    let described: BTreeSet<String> = described.into_keys().collect();
    assert_eq!(described, told);
    assert!(labelled.len() >= 4, "{labelled:?}");
}

/// What follows the program's name in a list of words, written as JSON or as a shell would read it.
fn arguments(line: &str) -> Vec<String> {
    let words: Vec<String> = match line.trim_start().strip_prefix('[') {
        Some(_) => serde_json::from_str(line.trim()).unwrap(),
        None => line.split_whitespace().map(str::to_owned).collect(),
    };
    let its_name = |word: &String| word.ends_with("/journeyd");
    words.into_iter().skip_while(|it| its_name(it)).collect()
}

/// Whether the program understands these arguments: asked for help at their end, it reads all of them first.
fn is_understood(arguments: &[String]) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_journeyd"));
    let output = command.args(arguments).arg("--help").output().unwrap();
    output.status.success()
}

#[test]
fn the_container_and_the_unit_start_the_program_with_arguments_it_understands() {
    let read = |name: &str| std::fs::read_to_string(here().join("deploy").join(name)).unwrap();
    let after = |text: &str, start: &str| {
        let rest = text.lines().find_map(|line| line.strip_prefix(start));
        arguments(rest.unwrap_or_else(|| panic!("{start} in {text}")))
    };
    let (dockerfile, unit) = (read("Dockerfile"), read("journeyd.service"));
    assert_eq!(after(&dockerfile, "ENTRYPOINT "), Vec::<String>::new());
    for arguments in [
        after(&dockerfile, "CMD "),
        after(&dockerfile, "HEALTHCHECK CMD "),
        after(&unit, "ExecStart="),
    ] {
        assert!(arguments.len() > 2, "{arguments:?}");
        assert!(is_understood(&arguments), "{arguments:?}");
        let unknown = [arguments.as_slice(), &["--no-such-option".to_owned()]].concat();
        assert!(!is_understood(&unknown), "{unknown:?}");
    }
}
