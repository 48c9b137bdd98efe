//! `journeyc fix`: the repairs that problems come with, applied.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::difference::difference;
use super::replace::replace;
use super::screen::Screen;
use crate::codes::{self, Code};
use crate::fix::{Fixed, fixed};
use crate::load::{LoadError, load, projects};
use crate::problem::{Language, Problem, Text};
use crate::project::LoadedProject;

/// How many lines of the difference are shown for one file.
const MAX_LINES: usize = 200;

/// Repair what can be repaired for certain
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc fix                         the project in this folder
  journeyc fix shop --dry-run          show what would change, and change nothing
  journeyc fix shop missing-arm        only this problem
  journeyc fix shop unknown-name       take the guesses of `did you mean …?` too: only where the problem is named

What changed is laid out as `journeyc fmt` does. `journeyc check` says what is left.")]
pub(super) struct Fix {
    /// Project folders or .journey files, then names or codes of problems
    #[arg(value_name = "PATH|CODE", default_value = ".")]
    what: Vec<String>,
    /// Change nothing; show what would change
    #[arg(long)]
    dry_run: bool,
}

impl Fix {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        let (codes, paths) = self.codes_and_paths();
        let wanted = |problem: &Problem| {
            let certain = problem.fix.as_ref().is_some_and(|it| it.is_certain);
            let named = codes.iter().any(|it| it.code == problem.code);
            named || (codes.is_empty() && certain)
        };
        let mut edits = 0;
        let mut files = 0;
        for path in &paths {
            let all = match loaded(path) {
                Ok(all) => all,
                Err(error) => return screen.cannot_load(&error),
            };
            for project in all {
                let fixed = fixed(&project, wanted);
                edits += fixed.edits;
                files += fixed.files.len();
                if let Err(exit) = self.write(&project, &fixed, screen) {
                    return exit;
                }
            }
        }
        screen.note(&summary(edits, files, self.dry_run, screen.language(None)));
        Exit::Fine
    }

    /// What names a problem is one; all else is a path.
    fn codes_and_paths(&self) -> (Vec<Code>, Vec<PathBuf>) {
        let mut chosen = Vec::new();
        let mut paths = Vec::new();
        for word in &self.what {
            match codes::find(word) {
                Some(code) => chosen.push(code),
                None => paths.push(PathBuf::from(word)),
            }
        }
        if paths.is_empty() {
            paths.push(PathBuf::from("."));
        }
        (chosen, paths)
    }

    fn write(
        &self,
        project: &LoadedProject,
        fixed: &Fixed,
        screen: &mut Screen,
    ) -> Result<(), Exit> {
        for file in &fixed.files {
            let name = format!("{}{}", project.prefix(), file.path);
            let shown = difference(&name, "fixed", &file.old, &file.new, MAX_LINES);
            screen.print(&shown).map_err(|_| Exit::Io)?;
            if self.dry_run {
                continue;
            }
            replace(Path::new(&name), &file.new).map_err(|error| {
                screen.fail(&Text::new(
                    format!("`{name}` cannot be written: {error}"),
                    format!("`{name}`을(를) 쓸 수 없습니다: {error}"),
                ));
                Exit::Io
            })?;
        }
        Ok(())
    }
}

fn loaded(path: &Path) -> Result<Vec<LoadedProject>, LoadError> {
    projects(path)?.iter().map(|it| load(it)).collect()
}

fn summary(edits: usize, files: usize, dry_run: bool, language: Language) -> String {
    let noun = if files == 1 { "file" } else { "files" };
    match (language, edits, dry_run) {
        (Language::English, 0, _) => "nothing to repair\n".to_owned(),
        (Language::English, _, true) => format!("would repair: {edits}, in {files} {noun}\n"),
        (Language::English, _, false) => format!("repaired: {edits}, in {files} {noun}\n"),
        (Language::Korean, 0, _) => "고칠 것이 없습니다\n".to_owned(),
        (Language::Korean, _, true) => format!("파일 {files}개에서 {edits}곳을 고칠 수 있습니다\n"),
        (Language::Korean, _, false) => format!("파일 {files}개에서 {edits}곳을 고쳤습니다\n"),
    }
}
