//! `journeyc new`: copy a ready journey of the lifecycle library into a project.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where files are written"
)]

mod said;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::replace::replace;
use super::screen::Screen;
use crate::library;
use crate::load::{LoadError, load};
use crate::near::nearest;
use crate::problem::{Language, Problems, Text};
use crate::project::LoadedProject;
use crate::report::{Look, Report};

/// Copy a ready journey into a project
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc new                         list the ready journeys
  journeyc new --from cart-rescue      copy this one into the project in this folder
  journeyc new --from win-back shop    into another one; a folder that is not there is made

What the project declares already stays as it is; attributes, events, fields and settings that the journey needs and the
project lacks are added. Templates and tests come with it, in the project's language and currency. Nothing is written that
would not compile.")]
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
        if let Some(journey) = &copy.taken {
            return taken(screen, journey);
        }
        if let Some(refused) = &copy.refused {
            let (whole, problems) = refused.as_ref();
            return refuse(screen, whole, problems);
        }
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
        match screen.print(&said::said(&copy, &project, &self.path, language)) {
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
    let language = screen.language(None);
    let mut out = String::new();
    let mut stage = "";
    for entry in library::all() {
        if entry.stage != stage {
            stage = entry.stage;
            let _ = writeln!(out, "{stage}");
        }
        let _ = writeln!(out, "  {:width$}  {}", entry.name, entry.about(language));
    }
    let how = match language {
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

/// Says that the project has a journey of this name: it may have been copied before, and changed since.
fn taken(screen: &mut Screen, journey: &str) -> Exit {
    let text = match screen.language(None) {
        Language::English => format!(
            "Your project has a journey `{journey}` already; nothing was written.\n\
             To begin anew, delete it or give it another name first.\n"
        ),
        Language::Korean => format!(
            "프로젝트에 `{journey}` 여정이 이미 있어서 아무것도 쓰지 않았습니다.\n\
             처음부터 다시 하려면 먼저 그 여정을 지우거나 이름을 바꾸세요.\n"
        ),
    };
    match screen.print(&text) {
        Ok(()) => Exit::Fine,
        Err(_) => Exit::Io,
    }
}

/// Says what the project would have to change first: two things of one name that mean something different.
fn refuse(screen: &mut Screen, whole: &LoadedProject, problems: &Problems) -> Exit {
    let mut report = Report::default();
    report.add("", whole, problems);
    let language = screen.language(None);
    let shown = report.human(Look {
        language,
        ..Look::default()
    });
    screen.fail(&Text::new(
        format!(
            "Nothing was written, because this journey and your project mean something different by the same name:\n\n{shown}\n\
             Give yours another name, or write the journey by hand: journeyc new lists where its folder is."
        ),
        format!(
            "이 여정과 프로젝트가 같은 이름을 다른 뜻으로 써서 아무것도 쓰지 않았습니다.\n\n{shown}\n\
             프로젝트에 있는 것의 이름을 바꾼 뒤 다시 하세요."
        ),
    ));
    Exit::Problems
}
