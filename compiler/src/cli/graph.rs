//! `journeyc graph`: journeys as pictures.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Exit;
use super::replace::replace;
use super::screen::Screen;
use crate::compile::{Compilation, compile};
use crate::graph::{self, Settings};
use crate::load::load;
use crate::near::nearest;
use crate::problem::{Language, Text};
use crate::project::LoadedProject;
use crate::report::Report;
use crate::sentences::Teller;

/// Draw journeys: for a review, a slide or the wall
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc graph cart_rescue -o cart.svg       one journey as SVG: light and dark, no other file needed
  journeyc graph cart_rescue > cart.svg        the same
  journeyc graph --all shop --format html -o shop.html
                                               all journeys on one page to move around in; prints well
  journeyc graph welcome --format mermaid      text for Markdown on GitHub or GitLab
  journeyc graph welcome --format dot | dot -Tpng > welcome.png
  journeyc graph welcome --against ../main -o welcome.svg
                                               what is new, changed and gone since another version
  journeyc graph welcome --lang ko             한국어로

Pictures are made from the compiled program: they show what will happen.")]
pub(super) struct Graph {
    /// The journey; left out with --all
    #[arg(value_name = "JOURNEY", required_unless_present = "all")]
    journey: Option<String>,
    /// The project folder; this one where it is left out
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// All journeys of the project
    #[arg(long)]
    all: bool,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "svg")]
    format: Format,
    /// The file to write; with --all and svg, a folder
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Another version of the project to compare with
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A picture
    Svg,
    /// A page with pictures
    Html,
    /// Text for Mermaid
    Mermaid,
    /// Text for Graphviz
    Dot,
}

/// A project that was compiled.
pub(super) struct Compiled {
    pub(super) project: LoadedProject,
    pub(super) compilation: Compilation,
}

impl Compiled {
    /// Its program in words.
    pub(super) fn teller(&self, language: Language) -> Option<Teller<'_>> {
        Some(Teller {
            program: self.compilation.program.as_ref()?,
            titles: &self.compilation.titles,
            language,
        })
    }
}

impl Graph {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        // `graph --all shop` names no journey.
        let folder = self
            .journey
            .as_ref()
            .filter(|_| self.all)
            .map(PathBuf::from);
        let folder = self
            .path
            .clone()
            .or(folder)
            .unwrap_or_else(|| PathBuf::from("."));
        let now = match compiled(&folder, screen) {
            Ok(now) => now,
            Err(exit) => return exit,
        };
        let before = match self.against.as_ref().map(|it| compiled(it, screen)) {
            Some(Err(exit)) => return exit,
            Some(Ok(before)) => Some(before),
            None => None,
        };
        let language = screen.language(now.compilation.language);
        let Some(teller) = now.teller(language) else {
            return Exit::Problems;
        };
        let asked = |it: &&journey_ir::Journey| self.all || self.journey.as_ref() == Some(&it.name);
        let journeys: Vec<&journey_ir::Journey> =
            teller.program.journeys.iter().filter(asked).collect();
        if journeys.is_empty() {
            return self.unknown(screen, teller);
        }
        let before = before.as_ref().and_then(|it| it.teller(language));
        if let Some(before) = before {
            let marked = matches!(self.format, Format::Svg | Format::Html);
            screen.note(&unseen(teller, before, &journeys, marked));
        }
        match self.format {
            Format::Mermaid | Format::Dot => {
                let draw = match self.format {
                    Format::Dot => graph::dot,
                    _ => graph::mermaid,
                };
                let texts: Vec<String> = journeys.iter().map(|it| draw(teller, it)).collect();
                write(screen, self.output.as_deref(), &texts.join("\n"))
            }
            Format::Svg | Format::Html => {
                let pictures: Vec<(String, graph::Picture)> = journeys
                    .iter()
                    .map(|it| {
                        let settings = settings(&now, it, teller, before);
                        (it.name.clone(), graph::picture(teller, it, &settings))
                    })
                    .collect();
                self.pictures(screen, teller, &pictures)
            }
        }
    }

    fn pictures(
        &self,
        screen: &mut Screen,
        teller: Teller<'_>,
        pictures: &[(String, graph::Picture)],
    ) -> Exit {
        if self.format == Format::Html {
            let title = match pictures {
                [(_, _)] => self.journey.clone().unwrap_or_default(),
                _ => teller.program.project.name.clone(),
            };
            let page = graph::html(&title, pictures, teller.language);
            return write(screen, self.output.as_deref(), &page);
        }
        if let [(_, picture)] = pictures {
            return write(screen, self.output.as_deref(), &graph::svg(picture));
        }
        let Some(folder) = &self.output else {
            screen.fail(&Text::new(
                "several pictures need a folder: add `-o FOLDER`, or `--format html` for one page",
                "그림이 여러 개입니다. `-o 폴더`를 붙이거나, `--format html`로 한 페이지를 만드세요",
            ));
            return Exit::Usage;
        };
        for (name, picture) in pictures {
            let path = folder.join(format!("{name}.svg"));
            let exit = write(screen, Some(&path), &graph::svg(picture));
            if exit != Exit::Fine {
                return exit;
            }
        }
        Exit::Fine
    }

    fn unknown(&self, screen: &mut Screen, teller: Teller<'_>) -> Exit {
        if teller.program.journeys.is_empty() {
            screen.fail(&Text::new(
                "this project has no journeys, so there is nothing to draw",
                "이 프로젝트에는 여정이 없어 그릴 것이 없습니다",
            ));
            return Exit::Usage;
        }
        let asked = self.journey.as_deref().unwrap_or_default();
        let names = teller.program.journeys.iter().map(|it| it.name.as_str());
        let (en, ko) = nearest(asked, names).map_or_else(Default::default, |near| {
            (
                format!("; did you mean `{near}`?"),
                format!(" 혹시 `{near}`인가요?"),
            )
        });
        screen.fail(&Text::new(
            format!("there is no journey called `{asked}`{en}"),
            format!("`{asked}`: 그런 여정이 없습니다.{ko}"),
        ));
        Exit::Usage
    }
}

/// What is different and not marked in the picture.
fn unseen(
    now: Teller<'_>,
    before: Teller<'_>,
    journeys: &[&journey_ir::Journey],
    marked: bool,
) -> String {
    let mut out = String::new();
    if !marked {
        out.push_str(now.word(
            "steps are marked as new and changed in svg and html only\n",
            "새 단계와 바뀐 단계는 svg와 html에만 표시됩니다\n",
        ));
    }
    let lines = graph::beside(now, before, journeys);
    if !lines.is_empty() {
        out.push_str(now.word(
            "also changed, outside of the boxes:\n",
            "그림의 상자 밖에서 바뀐 것:\n",
        ));
    }
    for line in lines {
        out.push_str("  - ");
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// Where the steps stand, and what is different.
fn settings(
    now: &Compiled,
    journey: &journey_ir::Journey,
    teller: Teller<'_>,
    before: Option<Teller<'_>>,
) -> Settings {
    let older = before.and_then(|teller| {
        let mut journeys = teller.program.journeys.iter();
        Some((teller, journeys.find(|it| it.name == journey.name)?))
    });
    Settings {
        written: now.compilation.written(&now.project, &journey.name),
        changes: before.map(|_| graph::compare((teller, journey), older)),
    }
}

/// Loads and compiles a project, and says what is wrong with it.
pub(super) fn compiled(path: &Path, screen: &mut Screen) -> Result<Compiled, Exit> {
    let project = load(path).map_err(|error| screen.cannot_load(&error))?;
    let compilation = compile(&project);
    if compilation.program.is_none() {
        let mut report = Report::default();
        report.add(project.prefix(), &project, &compilation.problems);
        screen.note(&report.human(screen.look(compilation.language)));
        return Err(Exit::Problems);
    }
    Ok(Compiled {
        project,
        compilation,
    })
}

/// Writes to a file, making its folder, or to the screen.
pub(super) fn write(screen: &mut Screen, path: Option<&Path>, text: &str) -> Exit {
    let Some(path) = path else {
        return match screen.print(text) {
            Ok(()) => Exit::Fine,
            Err(_) => Exit::Io,
        };
    };
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), std::fs::create_dir_all);
    if let Err(error) = made.and_then(|()| replace(path, text)) {
        let path = path.display();
        screen.fail(&Text::new(
            format!("`{path}` cannot be written: {error}"),
            format!("`{path}`을(를) 쓸 수 없습니다: {error}"),
        ));
        return Exit::Io;
    }
    Exit::Fine
}
