//! The pictures of the library: each journey's page shows the picture that `journeyc graph` draws of it now.
//!
//! `UPDATE_LIBRARY=1 cargo test -p journeyc pictures` draws them anew.

use std::path::{Path, PathBuf};
use std::process::Command;

use journeyc::projects;

/// The names of the journeys of a project, in the order of its files.
fn journeys(project: &Path) -> Vec<String> {
    let files = std::fs::read_dir(project).unwrap();
    let mut files: Vec<PathBuf> = files.map(|it| it.unwrap().path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "journey"));
    files.sort();
    let mut names = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let found = text.lines().filter_map(|it| it.strip_prefix("journey "));
        names.extend(found.filter_map(|it| it.split_whitespace().next().map(str::to_owned)));
    }
    names
}

fn drawn(journey: &str, project: &Path) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_journeyc"))
        .args(["graph", journey, "--format", "svg", "--lang", "ko"])
        .arg(project)
        .output()
        .unwrap();
    assert!(run.status.success(), "{journey}: {run:?}");
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn every_journey_of_the_library_has_its_picture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../journeys");
    let update = std::env::var_os("UPDATE_LIBRARY").is_some();
    let mut wrong = Vec::new();
    for project in projects(&root).unwrap() {
        let names = journeys(&project);
        let own = project.file_name().unwrap().to_str().unwrap();
        // The picture shows the journey that the folder is called after, or its first.
        let Some(journey) = names.iter().find(|it| *it == own).or(names.first()) else {
            continue;
        };
        let path = project.join("picture.svg");
        let now = drawn(journey, &project);
        if update {
            std::fs::write(&path, &now).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let page = std::fs::read_to_string(project.join("README.md")).unwrap_or_default();
        if kept != now || !page.contains("](picture.svg)") {
            wrong.push(own.to_owned());
        }
    }
    assert_eq!(
        wrong,
        Vec::<String>::new(),
        "out of date: UPDATE_LIBRARY=1 cargo test -p journeyc pictures"
    );
}
