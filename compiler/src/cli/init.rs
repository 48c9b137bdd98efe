//! `journeyc init`: a small project that works, to change into one's own.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where files are written"
)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::screen::Screen;
use crate::problem::{Language, Text};

/// The word that stands for the project's name in the files.
const NAME: &str = "PROJECT_NAME";

/// The files of a new project: path and text.
type Starter = &'static [(&'static str, &'static str)];

const ENGLISH: Starter = include!(concat!(env!("OUT_DIR"), "/starter_en.rs"));

/// In Korean, for a shop in Korea: its currency, its channels, its rules for advertising.
const KOREAN: Starter = include!(concat!(env!("OUT_DIR"), "/starter_ko.rs"));

/// Make a small project that works
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc init shop
  cd shop && journeyc check && journeyc test
  journeyc init 우리가게 --lang ko

The project has two journeys, a lifecycle, templates, tests, and a file of sample events. Every file explains itself.
With `--lang ko` (or a Korean locale) it is a Korean shop's: won, KakaoTalk, the rules for advertising in Korea. Nothing
that exists is touched.")]
pub(super) struct Init {
    /// The folder to make
    #[arg(value_name = "NAME")]
    path: PathBuf,
}

impl Init {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        let shown = self.path.display();
        match is_free(&self.path) {
            Ok(true) => {}
            Ok(false) => {
                screen.fail(&Text::new(
                    format!("`{shown}` exists and is not empty; nothing was written. Choose another name"),
                    format!("`{shown}`이(가) 이미 있고 비어 있지 않아 아무것도 쓰지 않았습니다. 다른 이름을 고르세요"),
                ));
                return Exit::Io;
            }
            Err(error) => return cannot_write(screen, &self.path, &error),
        }
        let language = screen.language(None);
        let starter = match language {
            Language::English => ENGLISH,
            Language::Korean => KOREAN,
        };
        if let Err(error) = write(starter, &self.path) {
            return cannot_write(screen, &self.path, &error);
        }
        let folder = in_a_shell(&shown.to_string());
        let next = match language {
            Language::English => format!(
                "{shown} is ready: {} files\n\n  cd {folder}\n  journeyc check\n  journeyc test\n  journeyd demo .\n  journeyd run .\n\nREADME.md says what is where.\n",
                starter.len()
            ),
            Language::Korean => format!(
                "{shown} 준비됨: 파일 {}개\n\n  cd {folder}\n  journeyc check\n  journeyc test\n  journeyd demo .\n  journeyd run .\n\n무엇이 어디에 있는지는 README.md에 있습니다.\n",
                starter.len()
            ),
        };
        match screen.print(&next) {
            Ok(()) => Exit::Fine,
            Err(_) => Exit::Io,
        }
    }
}

/// A path as it is typed after `cd`.
fn in_a_shell(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:~".contains(c);
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

fn cannot_write(screen: &mut Screen, path: &Path, error: &io::Error) -> Exit {
    let shown = path.display();
    screen.fail(&Text::new(
        format!("`{shown}` cannot be made: {error}"),
        format!("`{shown}`을(를) 만들 수 없습니다: {error}"),
    ));
    Exit::Io
}

/// Whether a path is not there, or is an empty folder.
fn is_free(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(error),
    }
}

fn write(starter: Starter, root: &Path) -> io::Result<()> {
    fs::create_dir_all(root)?;
    let name = fs::canonicalize(root)?;
    let name = name.file_name().unwrap_or_default().to_string_lossy();
    // The name stands inside quotes of TOML.
    let name = name.replace(['"', '\\'], "");
    for (path, text) in starter {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // A file that appeared meanwhile is somebody's, and is not replaced.
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)?;
        io::Write::write_all(&mut file, text.replace(NAME, &name).as_bytes())?;
    }
    Ok(())
}
