//! `journeyc docs`: a project as pages for people.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Exit;
use super::graph::{Compiled, compiled, write};
use super::screen::Screen;
use crate::docs::{Subject, markdown, pages};
use crate::problem::{Language, Text};

/// Write pages about a project: journeys in sentences and pictures, segments, messages, rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc docs -o pages                    open pages/index.html in a browser; no server is needed
  journeyc docs shop -o pages --lang ko     한국어로
  journeyc docs shop -o wiki --format md    one Markdown file with diagrams, wiki/index.md

Pages are made from the compiled program, so they are never out of date: write them again in CI.")]
pub(super) struct Docs {
    /// The project folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// The folder to write to; files of other names in it are left alone
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "html")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Pages for a browser
    Html,
    /// One Markdown file
    Md,
}

impl Docs {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        let compiled = match compiled(&self.path, screen) {
            Ok(compiled) => compiled,
            Err(exit) => return exit,
        };
        let language = screen.language(compiled.compilation.language);
        let Some(subject) = subject(&compiled, language) else {
            return Exit::Problems;
        };
        let files = match self.format {
            Format::Html => pages(&subject),
            Format::Md => vec![markdown(&subject)],
        };
        for file in &files {
            let exit = write(screen, Some(&self.output.join(&file.name)), &file.text);
            if exit != Exit::Fine {
                return exit;
            }
        }
        let (n, folder) = (files.len(), self.output.display());
        let first = files.first().map_or("", |it| it.name.as_str());
        let done = Text::new(
            format!("{n} files; start at {folder}/{first}\n"),
            format!("파일 {n}개를 썼습니다. {folder}/{first}부터 보세요\n"),
        );
        match screen.print(done.in_language(language)) {
            Ok(()) => Exit::Fine,
            Err(_) => Exit::Io,
        }
    }
}

/// A compiled project with all that its pages say.
fn subject(compiled: &Compiled, language: Language) -> Option<Subject<'_>> {
    let teller = compiled.teller(language)?;
    let mut tests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for test in &compiled.compilation.tests {
        if let Some(journey) = &test.journey {
            let titles = tests.entry(journey.clone()).or_default();
            titles.push(test.title.clone());
        }
    }
    let journeys = teller.program.journeys.iter();
    let written = journeys.map(|it| {
        let lines = compiled.compilation.written(&compiled.project, &it.name);
        (it.name.clone(), lines)
    });
    Some(Subject {
        teller,
        tests,
        written: written.collect(),
    })
}
