//! The language reference: every example compiles, or raises what it says; and every construct has an example.

mod document;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use journey_grammar::parse;
use journeyc::{LoadedProject, Look, TestReport, compile, run_tests};

use document::Document;

/// The project of every example that is right.
pub(crate) fn projects() -> Vec<BTreeMap<String, String>> {
    document::read().projects().into_values().collect()
}

fn loaded(files: &BTreeMap<String, String>) -> LoadedProject {
    let files = files.iter();
    LoadedProject::from_texts(files.map(|(path, text)| (path.as_str(), text.as_str())))
}

/// What is said about a project. Nothing uses everything that all examples may use.
fn said(files: &BTreeMap<String, String>) -> Vec<String> {
    let compilation = compile(&loaded(files));
    let problems = compilation.problems.iter();
    let problems = problems.filter(|it| it.name != "unused");
    let help = |it: &journeyc::Problem| it.help.as_ref().map(|it| it.en.clone());
    problems
        .map(|it| format!("{} {} ({:?})", it.code, it.message.en, help(it)))
        .collect()
}

#[test]
fn the_prelude_compiles_without_a_word() {
    assert_eq!(said(&document::read().prelude), Vec::<String>::new());
}

#[test]
fn every_example_is_what_it_says() {
    let document = document::read();
    let mut wrong = Vec::new();
    for example in &document.examples {
        let said = said(&document.project(example));
        let fits = match &example.raises {
            None => said.is_empty(),
            Some(code) => !said.is_empty() && said.iter().all(|it| it.starts_with(code.as_str())),
        };
        if !fits {
            wrong.push(format!("{}: {said:#?}", example.place));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(document.examples.len() > 70, "examples are missing");
}

#[test]
fn every_example_is_in_canonical_form() {
    let document = document::read();
    let right = document.examples.iter().filter(|it| it.raises.is_none());
    let journeys = right.filter(|it| it.path == "example.journey");
    let changed: Vec<String> = journeys
        .filter(|it| journey_grammar::format(&it.text).text != it.text)
        .map(|it| format!("{}\n{}", it.place, journey_grammar::format(&it.text).text))
        .collect();
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

#[test]
fn every_test_of_the_reference_passes() {
    let document = document::read();
    let mut played = 0;
    for example in document.examples.iter().filter(|it| it.raises.is_none()) {
        let project = loaded(&document.project(example));
        let compilation = compile(&project);
        let Some(program) = &compilation.program else {
            continue;
        };
        let run = run_tests(&compilation, "", NonZeroUsize::MIN).unwrap();
        let mut report = TestReport::default();
        report.add(&project, &program.project, run);
        let said = report.human(Look::default(), false);
        assert_eq!(report.failed(), 0, "{}: {said}", example.place);
        played += report.count();
    }
    assert!(played >= 4, "only {played} tests were played");
}

/// The texts that show how something is written: what is right, and what is left out on purpose.
fn shown(document: &Document) -> impl Iterator<Item = &str> {
    let examples = document.examples.iter();
    let shown = examples.filter(|it| matches!(it.raises.as_deref(), None | Some("J0110")));
    let prelude = document.prelude.values().map(String::as_str);
    shown.map(|it| it.text.as_str()).chain(prelude)
}

/// Everything that is shown, as trees.
fn trees(document: &Document) -> String {
    let trees: Vec<String> = shown(document)
        .map(|it| format!("{:?}", parse(it).file))
        .collect();
    trees.join("\n")
}

/// The places of a tree that an example can fill: variants as `Name`, options as `name: Some(`, flags as `name: true`.
fn places_of_trees() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grammar/src/tree");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    files.sort();
    let mut places = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let (mut item, mut is_enum) = (String::new(), false);
        for line in text.lines() {
            let words = |start: &str| {
                let rest = line.strip_prefix(start)?;
                rest.split(|it: char| !it.is_alphanumeric()).next()
            };
            if let Some(name) = words("pub enum ") {
                (item, is_enum) = (name.to_owned(), true);
            } else if let Some(name) = words("pub struct ") {
                (item, is_enum) = (name.to_owned(), false);
            } else if line.starts_with("impl ") {
                is_enum = false;
            } else if is_enum
                && let Some(name) = words("    ").filter(|it| it.starts_with(char::is_uppercase))
            {
                places.push((format!("{item}::{name}"), name.to_owned()));
            } else if let Some((name, kind)) = line
                .trim_start()
                .strip_prefix("pub ")
                .and_then(|it| it.split_once(": "))
            {
                let filled = match kind {
                    _ if kind.starts_with("Option<") => format!("{name}: Some("),
                    "bool," => format!("{name}: true"),
                    _ => continue,
                };
                places.push((format!("{item}.{name}"), filled));
            }
        }
    }
    places
}

#[test]
fn every_construct_of_the_tree_has_an_example() {
    let trees = trees(&document::read());
    let words: BTreeSet<&str> = trees.split(|it: char| !it.is_alphanumeric()).collect();
    let missing: Vec<String> = places_of_trees()
        .into_iter()
        .filter(|(place, _)| !place.ends_with("::Unknown"))
        .filter(|(_, filled)| {
            !(words.contains(filled.as_str())
                || trees.contains(filled.as_str()) && filled.contains(' '))
        })
        .map(|(place, _)| place)
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_keyword_of_the_grammar_has_an_example() {
    let grammar = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grammar/src/journey.pest");
    let grammar = fs::read_to_string(grammar).unwrap();
    let document = document::read();
    let shown: BTreeSet<&str> = shown(&document)
        .flat_map(|it| it.split(|it: char| !(it.is_alphanumeric() || it == '_')))
        .collect();
    let missing: Vec<&str> = grammar
        .lines()
        .filter_map(|it| it.strip_prefix("kw_")?.split_once(" = "))
        .map(|(word, _)| word)
        .filter(|it| !shown.contains(it))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
