//! `journeyc explain`: a journey, or anything else that has a name, read back in sentences; or the page of a problem.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;

use super::Exit;
use super::screen::Screen;
use crate::codes;
use crate::compile::{Compilation, compile};
use crate::explain::{Thing, describe, things};
use crate::load::{load, projects};
use crate::near::nearest;
use crate::pages;
use crate::problem::{Language, Text};
use crate::report::Report;
use crate::sentences::Teller;

/// Read a journey back in sentences, or say more about a problem
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc explain                     lists everything that has a name here, and all problems
  journeyc explain cart_rescue         the journey in numbered sentences
  journeyc explain cart_rescue shop --lang ko
                                       한국어로, 다른 폴더의 프로젝트에서
  journeyc explain 생애주기            a lifecycle, segment, score, offer, policy, consent or event
  journeyc explain J0301               the page of a problem
  journeyc explain unknown-variable    the same by its name

The sentences are made from the compiled program: they say what will happen, not what was meant.")]
pub(super) struct Explain {
    /// A journey, another name of the project, or the code or name of a problem
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The project folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
}

impl Explain {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        let page = self.name.as_deref().and_then(codes::find).and_then(|code| {
            match screen.language(None) {
                Language::English => pages::page(code.name).map(ToOwned::to_owned),
                Language::Korean => pages::korean_page(code.name),
            }
        });
        if let Some(page) = page {
            return print(screen, &page);
        }
        let found = match projects(&self.path) {
            Ok(found) => found,
            // Pages of problems need no project; a folder that was named does.
            Err(_) if self.path.as_os_str() == "." => Vec::new(),
            Err(error) => return screen.cannot_load(&error),
        };
        let mut told = Vec::new();
        let mut known = Vec::new();
        for path in found {
            let project = match load(&path) {
                Ok(project) => project,
                Err(_) if self.path.as_os_str() == "." => continue,
                Err(error) => return screen.cannot_load(&error),
            };
            let compilation = compile(&project);
            let language = screen.language(compilation.language);
            let Some(program) = &compilation.program else {
                if self.name.is_none() {
                    continue;
                }
                let mut report = Report::default();
                report.add(project.prefix(), &project, &compilation.problems);
                screen.note(&report.human(screen.look(compilation.language)));
                return Exit::Problems;
            };
            let teller = Teller {
                program,
                titles: &compilation.titles,
                language,
            };
            let things = things(program);
            match &self.name {
                None => told.push(list_of(&things, teller, &compilation)),
                Some(name) => {
                    let named = things.iter().filter(|it| it.name() == name);
                    told.extend(named.map(|it| describe(teller, *it)));
                    known.extend(things.iter().map(|it| it.name().to_owned()));
                }
            }
        }
        match &self.name {
            Some(name) if told.is_empty() => unknown(screen, name, &known),
            Some(_) => print(screen, &told.join("\n")),
            None => {
                told.push(problems(screen.language(None)));
                print(screen, &told.join("\n"))
            }
        }
    }
}

fn unknown(screen: &mut Screen, asked: &str, known: &[String]) -> Exit {
    let words = codes::ALL.iter().flat_map(|it| [it.code, it.name]);
    let words = words.chain(known.iter().map(String::as_str));
    let (en, ko) = nearest(asked, words).map_or_else(Default::default, |near| {
        (
            format!("; did you mean `{near}`?"),
            format!(" 혹시 `{near}`인가요?"),
        )
    });
    screen.fail(&Text::new(
        format!(
            "`{asked}` is neither a name of this project nor a problem{en} (`journeyc explain` lists all)"
        ),
        format!("`{asked}`: 그런 이름도, 그런 문제도 없습니다.{ko} `journeyc explain`은 모두 보여 줍니다"),
    ));
    Exit::Usage
}

fn print(screen: &mut Screen, text: &str) -> Exit {
    match screen.print(text) {
        Ok(()) => Exit::Fine,
        Err(_) => Exit::Io,
    }
}

/// The names of a project, by kind.
fn list_of(things: &[Thing<'_>], teller: Teller<'_>, compilation: &Compilation) -> String {
    let mut out = String::new();
    let mut kind = "";
    for thing in things {
        let (en, ko) = thing.kind();
        let this = teller.word(en, ko);
        if this != kind {
            kind = this;
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{kind}");
        }
        let (name, title) = (thing.name(), compilation.titles.title(thing.name()));
        if name == title {
            let _ = writeln!(out, "  {name}");
        } else {
            let _ = writeln!(out, "  {name}  {title}");
        }
    }
    out
}

fn problems(language: Language) -> String {
    let widest = codes::ALL.iter().map(|it| it.name.len()).max();
    let width = widest.unwrap_or_default();
    let lines: Vec<String> = codes::ALL
        .iter()
        .map(|it| {
            let severity = it.severity.word();
            format!(
                "  {} {:<width$} {severity:<7} {}",
                it.code, it.name, it.about
            )
        })
        .collect();
    let head = match language {
        Language::English => "problems",
        Language::Korean => "문제",
    };
    format!("{head}\n{}\n", lines.join("\n"))
}
