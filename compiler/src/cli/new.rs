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
    for name in &copy.grown {
        let _ = match language {
            Language::English => writeln!(out, "  added to yours: {name}"),
            Language::Korean => writeln!(out, "  원래 있던 것에 덧붙임: {name}"),
        };
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
    if let Some(currency) = &copy.currency {
        let _ = match language {
            Language::English => writeln!(
                out,
                "  amounts are in {currency} now, at a round rate: put in your own"
            ),
            Language::Korean => writeln!(
                out,
                "  금액을 어림잡아 {currency}(으)로 바꾸었습니다. 우리 금액으로 고치세요"
            ),
        };
    }
    out.push_str(&rested(&copy.rested, language));
    out.push_str(&upset(&copy.upset, language));
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

/// The tests that suppose something else than this project does.
fn rested(tests: &[(String, Text)], language: Language) -> String {
    let mut out = String::new();
    if tests.is_empty() {
        return out;
    }
    out.push_str(match language {
        Language::English => {
            "\n  Beside your other journeys and rules these tests do not hold. They are comments now; change them or delete them:\n"
        }
        Language::Korean => {
            "\n  이 프로젝트의 다른 여정과 규칙 때문에 맞지 않는 테스트는 주석으로 바꾸었습니다. 고쳐 쓰거나 지우세요.\n"
        }
    });
    out.push_str(&listed(tests, language));
    out
}

/// The project's own tests that suppose that the new journey is not there.
fn upset(tests: &[(String, Text)], language: Language) -> String {
    if tests.is_empty() {
        return String::new();
    }
    let said = match language {
        Language::English => {
            "\n  These tests of yours no longer hold, because the new journey writes to the same people:\n"
        }
        Language::Korean => {
            "\n  새 여정이 같은 사람에게 보내기 때문에 이제 맞지 않는, 원래 있던 테스트입니다.\n"
        }
    };
    format!("{said}{}", listed(tests, language))
}

fn listed(tests: &[(String, Text)], language: Language) -> String {
    let mut out = String::new();
    for (title, instead) in tests {
        let _ = writeln!(out, "  - {title}\n    {}", instead.in_language(language));
    }
    out
}
