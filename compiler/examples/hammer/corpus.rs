//! What is changed: the texts that the grammar accepts and refuses, and every project of the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::chance::Chance;
use crate::changes;
use crate::document;

/// Files by their path below the project's folder.
pub(crate) type Project = BTreeMap<String, String>;

/// All that is changed.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) texts: Vec<String>,
    pub(crate) projects: Vec<Project>,
}

impl Corpus {
    pub(crate) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut texts = Vec::new();
        for folder in ["accepted", "messy", "rejected"] {
            let mut files = Project::new();
            read_folder(
                &root.join("grammar/tests").join(folder),
                Path::new(""),
                &mut files,
            );
            texts.extend(files.into_values());
        }
        let mut roots = vec![
            root.join("compiler/starter/en"),
            root.join("compiler/starter/ko"),
            root.join("compiler/tests/cases/seeds"),
        ];
        for shelf in ["examples", "journeys"] {
            roots.extend(journeyc::projects(&root.join(shelf)).expect("projects"));
        }
        let mut projects: Vec<Project> = roots.iter().map(PathBuf::as_path).map(project).collect();
        projects.extend(document::read().projects().into_values());
        for project in &projects {
            let journeys = project.iter().filter(|(path, _)| is_journey(path));
            texts.extend(journeys.map(|(_, text)| text.clone()));
        }
        Self { texts, projects }
    }

    pub(crate) fn changed_text(&self, chance: &mut Chance) -> String {
        let mut text = chance.of(&self.texts).clone();
        for _ in 0..=chance.below(4) {
            let other = chance.of(&self.texts);
            text = changes::changed(&text, other, chance);
        }
        text
    }

    /// A project with a few changes in one or two of its journey files.
    pub(crate) fn changed_project(&self, chance: &mut Chance) -> Project {
        let mut project = chance.of(&self.projects).clone();
        let journeys = project.iter().filter(|(path, _)| is_journey(path));
        let all: Vec<&str> = journeys.map(|(_, text)| text.as_str()).collect();
        let all = all.join("\n");
        let mut files: Vec<&mut String> = project
            .iter_mut()
            .filter(|(path, _)| is_journey(path))
            .map(|(_, text)| text)
            .collect();
        if chance.one_in(3) {
            changes::recombine(&mut files, chance);
        }
        for _ in 0..chance.below(4) {
            let at = chance.below(files.len());
            if let Some(text) = files.get_mut(at) {
                **text = changes::exchanged(text, &all, chance);
            }
        }
        project
    }
}

pub(crate) fn is_journey(path: &str) -> bool {
    path.ends_with(".journey")
}

fn project(folder: &Path) -> Project {
    let mut files = Project::new();
    read_folder(folder, Path::new(""), &mut files);
    files
}

fn read_folder(folder: &Path, below: &Path, into: &mut Project) {
    for entry in fs::read_dir(folder.join(below)).expect("a folder") {
        let path = below.join(entry.expect("an entry").file_name());
        if folder.join(&path).is_dir() {
            read_folder(folder, &path, into);
        } else if let Ok(text) = fs::read_to_string(folder.join(&path)) {
            into.insert(path.to_string_lossy().into_owned(), text);
        }
    }
}
