//! Planted mistakes: what people get wrong in the library's journeys is found, each mistake by its own code.
//!
//! A `planted.toml` beside a project lists them: the file, the words to find, what is written instead, and the code
//! that must be reported. The project itself is silent; another test says so.

use std::path::{Path, PathBuf};

use journeyc::{LoadedProject, compile, projects};
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
        expect,
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
    let compilation = compile(&LoadedProject::from_texts(changed));
    let said: Vec<_> = compilation.problems.iter().map(|it| it.code).collect();
    (!said.contains(&expect.as_str()))
        .then(|| format!("{expect} is not among {said:?}: {replace:?}"))
}

#[test]
fn every_planted_mistake_is_found() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for project in projects(&root()).unwrap() {
        let Ok(list) = std::fs::read_to_string(project.join("planted.toml")) else {
            continue;
        };
        let planted: Planted = toml::from_str(&list).unwrap();
        let mut files = Vec::new();
        texts(&project, "", &mut files);
        for mistake in &planted.mistake {
            seen += 1;
            let why = missed(&files, mistake);
            wrong.extend(why.map(|why| format!("{}: {why}", project.display())));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen >= 10, "only {seen} mistakes were planted");
}
