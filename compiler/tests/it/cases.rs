//! Each folder of `tests/cases` is a small project; beside it stands what is said about it.

use std::fs;
use std::path::{Path, PathBuf};

use journeyc::{LoadedProject, Look, MAX_BYTES, MAX_SHOWN, Report, compile, load};

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut all: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    all
}

/// The plain report, 80 columns wide, in the language of the project.
fn report(project: &LoadedProject) -> String {
    let compilation = compile(project);
    let mut report = Report::default();
    report.add("", project, &compilation.problems);
    report.human(Look {
        language: compilation.language.unwrap_or_default(),
        ..Look::default()
    })
}

#[test]
fn every_case_is_reported_as_it_was() {
    for case in cases() {
        let said = report(&load(&case).unwrap());
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(&case);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("report", said));
    }
}

#[test]
fn every_case_compiles_the_same_twice() {
    for case in cases() {
        let project = load(&case).unwrap();
        assert_eq!(compile(&project).problems, compile(&project).problems);
    }
}

#[test]
fn a_file_that_is_too_big_is_named_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("huge.journey"),
        vec![b'#'; MAX_BYTES + 1],
    )
    .unwrap();
    fs::write(folder.path().join("journey.toml"), "naem = 1\n").unwrap();
    insta::assert_snapshot!(report(&load(folder.path()).unwrap()));
}

#[test]
fn only_the_first_problems_are_shown_and_the_rest_is_counted() {
    let wrong: Vec<String> = (0..81).map(|at| format!("x{at} = 1")).collect();
    let wrong = wrong.join("\n");
    let project = LoadedProject::from_texts([("journey.toml", wrong.as_str())]);
    let said = report(&project);
    assert_eq!(said.matches("unknown-setting").count(), MAX_SHOWN);
    assert!(
        said.ends_with("and 31 more\n81 errors in 1 file\n"),
        "{said}"
    );
}

#[test]
fn a_line_without_end_is_named_and_not_shown() {
    let wrong = format!("naem = \"{}\"\n", "x".repeat(5_000));
    let project = LoadedProject::from_texts([("journey.toml", wrong.as_str())]);
    let said = report(&project);
    assert!(
        said.contains("J0121 unknown-setting [journey.toml:1:1]"),
        "{said}"
    );
    assert!(said.len() < 1_000, "{said}");
}

#[test]
fn the_report_for_programs_has_every_place_in_bytes_and_columns() {
    let project =
        LoadedProject::from_texts([("journey.toml", "[project]\nname = \"가\"\nnaem = \"나\"\n")]);
    let compilation = compile(&project);
    let mut report = Report::default();
    report.add("shop/", &project, &compilation.problems);
    insta::assert_snapshot!(report.json());
}
