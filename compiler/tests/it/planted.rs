//! Planted mistakes: what people get wrong in the library's journeys is found, each mistake by its own code, at its own
//! words, and without a word about anything else.
//!
//! A `planted.toml` beside a project lists them: the file, the words to find, what is written instead, the code that must
//! be reported, and the words that must be blamed. The project itself is silent; another test says so.

use std::path::{Path, PathBuf};

use journeyc::{LoadedProject, Problem, compile, projects};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Planted {
    mistake: Vec<Mistake>,
}

/// One mistake, in the order of its telling.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistake {
    /// The file, below the project's folder.
    file: String,
    /// What stands there; the first place is taken.
    find: String,
    /// What is written instead.
    replace: String,
    /// The code that must be reported.
    expect: String,
    /// The first line of what must be blamed: the words, or all of the line where they stand at its beginning.
    at: String,
    /// The codes of what else is rightly said about the same mistake, in their order: as a rule, none.
    #[serde(default)]
    also: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../journeys")
}

/// The texts of a folder, by their path below it.
fn texts(folder: &Path, below: &str, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        if folder.join(&path).is_dir() {
            texts(folder, &path, into);
        } else if let Ok(text) = std::fs::read_to_string(folder.join(&path)) {
            into.push((path, text));
        }
    }
}

/// Why a mistake is not found; nothing where it is.
fn missed(files: &[(String, String)], mistake: &Mistake) -> Option<String> {
    let Mistake {
        file,
        find,
        replace,
        ..
    } = mistake;
    let mut changed = files.to_vec();
    let Some((_, text)) = changed.iter_mut().find(|(path, _)| path == file) else {
        return Some(format!("there is no {file}"));
    };
    if !text.contains(find.as_str()) {
        return Some(format!("{file} does not say {find:?}"));
    }
    *text = text.replacen(find.as_str(), replace, 1);
    let changed = changed
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let project = LoadedProject::from_texts(changed);
    let mut said: Vec<(&str, &str)> = compile(&project)
        .problems
        .iter()
        .map(|it| (it.code, blamed(&project, it)))
        .collect();
    said.sort_unstable();
    let own = (mistake.expect.as_str(), mistake.at.as_str());
    let mut rest = said.clone();
    if let Some(at) = rest.iter().position(|it| *it == own) {
        rest.remove(at);
    }
    let codes = rest.iter().map(|it| it.0);
    let alike = rest.len() < said.len() && codes.eq(mistake.also.iter());
    (!alike).then(|| {
        format!(
            "{own:?} and {:?} were expected, {said:?} was said: {replace:?}",
            mistake.also
        )
    })
}

/// The first line of the words that a problem blames.
fn blamed<'a>(project: &'a LoadedProject, problem: &Problem) -> &'a str {
    let text = project.sources().text(problem.at.file);
    problem.at.span.of(text).lines().next().unwrap_or_default()
}

#[test]
fn every_planted_mistake_is_found() {
    let mut wrong = Vec::new();
    for project in projects(&root()).unwrap() {
        let list = std::fs::read_to_string(project.join("planted.toml"));
        let list = list.unwrap_or_else(|_| panic!("no mistakes are planted in {project:?}"));
        let planted: Planted = toml::from_str(&list).unwrap();
        assert!(planted.mistake.len() >= 2, "{project:?}");
        let mut files = Vec::new();
        texts(&project, "", &mut files);
        for mistake in &planted.mistake {
            let why = missed(&files, mistake);
            wrong.extend(why.map(|why| format!("{}: {why}", project.display())));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
