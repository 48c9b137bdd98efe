//! `journeyc new`: copy a ready journey of the lifecycle library into a project.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where files are written"
)]

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::replace::replace;
use super::screen::Screen;
use crate::library::{self, Copied};
use crate::load::{LoadError, load};
use crate::near::nearest;
use crate::problem::{Language, Text};
use crate::project::LoadedProject;

/// Copy a ready journey into a project
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc new                         list the ready journeys
  journeyc new --from cart-rescue      copy this one into the project in this folder
  journeyc new --from win-back shop    into another one; a folder that is not there is made

What the project declares already stays as it is. Attributes, events and settings that the journey needs and the project
lacks are added; its templates and tests come with it, ready to edit.")]
pub(super) struct New {
    /// The ready journey
    #[arg(long, value_name = "JOURNEY")]
    from: Option<String>,
    /// The project's folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
}

impl New {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        let Some(name) = &self.from else {
            return list(screen);
        };
        let Some(entry) = library::find(name) else {
            return unknown(screen, name);
        };
        let project = match load(&self.path) {
            Ok(project) => project,
            Err(LoadError::Empty { .. }) => LoadedProject::default(),
            Err(_) if !self.path.exists() => LoadedProject::default(),
            Err(error) => return screen.cannot_load(&error),
        };
        let copy = library::into(&project, entry);
        // A file or folder inside a project stands for the whole project.
        let root = match project.prefix() {
            "" => self.path.clone(),
            prefix => PathBuf::from(prefix),
        };
        for (path, text) in &copy.files {
            if let Err(error) = write(&root.join(path), text) {
                screen.fail(&Text::new(
                    format!("`{path}` cannot be written: {error}"),
                    format!("`{path}`을(를) 쓸 수 없습니다: {error}"),
                ));
                return Exit::Io;
            }
        }
        let language = screen.language(None);
        match screen.print(&said(&copy, &project, &self.path, language)) {
            Ok(()) => Exit::Fine,
            Err(_) => Exit::Io,
        }
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    replace(path, text)
}

fn list(screen: &mut Screen) -> Exit {
    let widest = library::all().map(|it| it.name.len()).max();
    let width = widest.unwrap_or_default();
    let mut out = String::new();
    let mut stage = "";
    for entry in library::all() {
        if entry.stage != stage {
            stage = entry.stage;
            let _ = writeln!(out, "{stage}");
        }
        let _ = writeln!(out, "  {:width$}  {}", entry.name, entry.about());
    }
    let how = match screen.language(None) {
        Language::English => {
            "\nCopy one into the project in this folder: journeyc new --from NAME\n"
        }
        Language::Korean => "\n이 폴더의 프로젝트에 가져오려면: journeyc new --from 이름\n",
    };
    out.push_str(how);
    match screen.print(&out) {
        Ok(()) => Exit::Fine,
        Err(_) => Exit::Io,
    }
}

fn unknown(screen: &mut Screen, name: &str) -> Exit {
    let spelled = name.replace('-', "_");
    let text = match nearest(&spelled, library::all().map(|it| it.name)) {
        Some(near) => Text::new(
            format!("there is no ready journey called `{name}`; did you mean `{near}`?"),
            format!("`{name}`: 그런 여정이 없습니다. 혹시 `{near}`인가요?"),
        ),
        None => Text::new(
            format!("there is no ready journey called `{name}`; `journeyc new` lists them all"),
            format!("`{name}`: 그런 여정이 없습니다. `journeyc new`가 모두 보여 줍니다"),
        ),
    };
    screen.fail(&text);
    Exit::Usage
}

/// What was done, file by file, and what to do next.
fn said(copy: &Copied, project: &LoadedProject, path: &Path, language: Language) -> String {
    let mut out = String::new();
    for (file, _) in &copy.files {
        let was_there = project.sources().iter().any(|(_, it)| it.path() == file);
        let how = match (was_there, language) {
            (false, Language::English) => "new",
            (true, Language::English) => "added to",
            (false, Language::Korean) => "새로 만듦",
            (true, Language::Korean) => "덧붙임",
        };
        let _ = writeln!(out, "  {how} {file}");
    }
    if copy.files.is_empty() {
        out.push_str(match language {
            Language::English => "everything is there already; nothing was written\n",
            Language::Korean => "모두 이미 있어서 아무것도 쓰지 않았습니다\n",
        });
    }
    let kept: Vec<&str> = copy
        .kept
        .iter()
        .chain(&copy.there)
        .map(String::as_str)
        .collect();
    if !kept.is_empty() {
        let kept = kept.join(", ");
        let _ = match language {
            Language::English => writeln!(out, "  yours stay as they are: {kept}"),
            Language::Korean => writeln!(out, "  원래 있던 것은 그대로: {kept}"),
        };
    }
    let path = path.display();
    let _ = match language {
        Language::English => writeln!(
            out,
            "\nNext: journeyc check {path} · journeyc test {path} · then change the words and amounts to yours"
        ),
        Language::Korean => writeln!(
            out,
            "\n다음: journeyc check {path} · journeyc test {path} · 그리고 문구와 금액을 우리 것으로 바꾸세요"
        ),
    };
    out
}
