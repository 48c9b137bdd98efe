//! `journeyc fmt`: one canonical layout for every `.journey` file.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use journey_grammar::{Formatted, ProblemKind};

use super::Exit;
use super::difference::difference;
use super::replace::replace;
use super::screen::Screen;
use crate::load::{LoadError, journey_files, journey_text};
use crate::problem::{Language, Text};
use crate::sources::MAX_BYTES;

/// How many lines of the difference are shown for one file.
const MAX_LINES: usize = 20;

/// Lay out .journey files in the one canonical way
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc fmt                         every .journey file in this folder
  journeyc fmt shop/journeys/welcome.journey
  journeyc fmt --check                 for CI: change nothing, fail if something would change
  journeyc fmt --stdin < a.journey     for editors: from standard input to standard output

Meaning, names, comments and numbers stay as they are. A declaration with a syntax error is left as it is, and ends in
exit code 1; `journeyc check` says what is wrong with it.")]
pub(super) struct Fmt {
    /// .journey files, or folders with such files
    #[arg(value_name = "PATH", default_value = ".", conflicts_with = "stdin")]
    paths: Vec<PathBuf>,
    /// Change nothing; show what would change and fail
    #[arg(long)]
    check: bool,
    /// Read standard input and write standard output
    #[arg(long)]
    stdin: bool,
}

/// What happened to all files together.
#[derive(Debug, Default)]
struct Tally {
    files: usize,
    changed: usize,
    /// Something was left as it is because of an error.
    has_errors: bool,
}

impl Fmt {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        if self.stdin {
            return self.stream(screen);
        }
        let mut tally = Tally::default();
        for path in &self.paths {
            let files = match journey_files(path) {
                Ok(files) => files,
                Err(error) => return screen.cannot_load(&error),
            };
            for file in files {
                if let Err(exit) = self.file(&file, screen, &mut tally) {
                    return exit;
                }
            }
        }
        screen.note(&summary(&tally, self.check, screen.language(None)));
        if tally.has_errors || self.check && tally.changed > 0 {
            Exit::Problems
        } else {
            Exit::Fine
        }
    }

    /// Formats one file in its place, or shows what would change.
    fn file(&self, path: &Path, screen: &mut Screen, tally: &mut Tally) -> Result<(), Exit> {
        let text = journey_text(path).map_err(|error| screen.cannot_load(&error))?;
        let formatted = journey_grammar::format(&text);
        let name = path.strip_prefix(".").unwrap_or(path).display().to_string();
        tally.files += 1;
        tally.has_errors |= warn(&name, &formatted, screen);
        if formatted.text == text {
            return Ok(());
        }
        tally.changed += 1;
        if self.check {
            return print(
                screen,
                &difference(&name, "canonical", &text, &formatted.text, MAX_LINES),
            );
        }
        write(path, &formatted.text).map_err(|error| {
            screen.fail(&Text::new(
                format!("`{name}` cannot be written: {error}"),
                format!("`{name}`을(를) 쓸 수 없습니다: {error}"),
            ));
            Exit::Io
        })?;
        print(screen, &format!("{name}\n"))
    }

    /// From standard input to standard output.
    fn stream(&self, screen: &mut Screen) -> Exit {
        let text = match standard_input() {
            Ok(text) => text,
            Err(error) => return screen.cannot_load(&error),
        };
        let formatted = journey_grammar::format(&text);
        let name = "standard input";
        let has_errors = warn(name, &formatted, screen);
        let is_changed = formatted.text != text;
        let answer = match (self.check, is_changed) {
            (false, _) => formatted.text,
            (true, true) => difference(name, "canonical", &text, &formatted.text, MAX_LINES),
            (true, false) => String::new(),
        };
        match print(screen, &answer) {
            Err(exit) => exit,
            Ok(()) if has_errors || self.check && is_changed => Exit::Problems,
            Ok(()) => Exit::Fine,
        }
    }
}

fn print(screen: &mut Screen, text: &str) -> Result<(), Exit> {
    screen.print(text).map_err(|_| Exit::Io)
}

/// Writes through a link to the file it leads to, so that the link stays.
fn write(path: &Path, text: &str) -> io::Result<()> {
    replace(&fs::canonicalize(path)?, text)
}

fn standard_input() -> Result<String, LoadError> {
    let cannot_read = |reason: String| LoadError::System {
        path: PathBuf::from("standard input"),
        reason,
    };
    let mut bytes = Vec::new();
    io::stdin()
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| cannot_read(error.to_string()))?;
    if bytes.len() > MAX_BYTES {
        return Err(cannot_read(format!("it is longer than {MAX_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| cannot_read(error.to_string()))
}

/// Says that something was left as it is; returns whether that is so.
fn warn(name: &str, formatted: &Formatted, screen: &mut Screen) -> bool {
    if !formatted.has_errors() {
        return false;
    }
    let kinds = formatted.problems.iter().map(|problem| &problem.kind);
    let refused = kinds
        .into_iter()
        .find(|kind| **kind == ProblemKind::NotFormatted);
    screen.fail(&match refused {
        Some(kind) => {
            use journey_grammar::Language::{English, Korean};
            let sentences = |language| {
                let help = kind.help(language).unwrap_or_default();
                format!("{name}: {}; {help}", kind.message(language))
            };
            Text::new(sentences(English), sentences(Korean))
        }
        None => Text::new(
            format!(
                "{name}: what has a syntax error was left as it is; `journeyc check` says what is wrong"
            ),
            format!(
                "{name}: 문법 오류가 있는 부분은 그대로 두었습니다. 무엇이 잘못되었는지는 `journeyc check`가 알려 줍니다"
            ),
        ),
    });
    true
}

fn summary(tally: &Tally, check: bool, language: Language) -> String {
    let Tally { files, changed, .. } = tally;
    let noun = if *files == 1 { "file" } else { "files" };
    match (language, check) {
        (Language::English, true) if *changed > 0 => {
            format!("not canonical: {changed} of {files} {noun}; `journeyc fmt` formats them\n")
        }
        (Language::English, true) => format!("{files} {noun}, nothing to change\n"),
        (Language::English, false) => format!("changed: {changed} of {files} {noun}\n"),
        (Language::Korean, true) if *changed > 0 => format!(
            "파일 {files}개 중 {changed}개가 표준 형식이 아닙니다. `journeyc fmt`가 맞춰 줍니다\n"
        ),
        (Language::Korean, true) => format!("파일 {files}개, 바꿀 것이 없습니다\n"),
        (Language::Korean, false) => format!("파일 {files}개 중 {changed}개를 바꾸었습니다\n"),
    }
}
