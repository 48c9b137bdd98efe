//! Why no project could be read at all.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::{MAX_DEPTH, MAX_FILES, MAX_PROJECT_BYTES};
use crate::problem::{Language, Text};

/// Why there is no project at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError {
    /// Nothing is there.
    Missing {
        /// Where.
        path: PathBuf,
    },
    /// The system did not let us look.
    System {
        /// Where.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file that is neither `.journey` nor `journey.toml`.
    NotAProject {
        /// Where.
        path: PathBuf,
    },
    /// A folder without any file of a project.
    Empty {
        /// Where.
        path: PathBuf,
    },
    /// More than a project may hold: probably the wrong folder.
    TooMuch {
        /// Where.
        path: PathBuf,
    },
}

impl LoadError {
    pub(super) fn at(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        if error.kind() == io::ErrorKind::NotFound {
            return Self::Missing { path };
        }
        Self::System {
            path,
            reason: error.to_string(),
        }
    }

    /// What to tell people.
    pub fn text(&self) -> Text {
        match self {
            Self::Missing { path } => Text::new(
                format!("there is nothing at `{}`", path.display()),
                format!("`{}`에 아무것도 없습니다", path.display()),
            ),
            Self::System { path, reason } => Text::new(
                format!("`{}` cannot be read: {reason}", path.display()),
                format!("`{}`을(를) 읽을 수 없습니다: {reason}", path.display()),
            ),
            Self::NotAProject { path } => Text::new(
                format!(
                    "`{}` is neither a project folder nor a `.journey` file",
                    path.display()
                ),
                format!(
                    "`{}`은(는) 프로젝트 폴더도 `.journey` 파일도 아닙니다",
                    path.display()
                ),
            ),
            Self::Empty { path } => Text::new(
                format!(
                    "`{}` holds no `journey.toml` and no `.journey` file; `journeyc init NAME` makes a project to start \
                     from",
                    path.display()
                ),
                format!(
                    "`{}`에 `journey.toml`도 `.journey` 파일도 없습니다. `journeyc init 이름`으로 시작할 프로젝트를 \
                     만드세요",
                    path.display()
                ),
            ),
            Self::TooMuch { path } => {
                let mib = MAX_PROJECT_BYTES / (1024 * 1024);
                Text::new(
                    format!(
                        "`{}` holds more than a project may ({MAX_FILES} files, {mib} MiB, {MAX_DEPTH} folders deep); is \
                         it the right folder?",
                        path.display()
                    ),
                    format!(
                        "`{}`: 프로젝트의 한계(파일 {MAX_FILES}개, {mib} MiB, 폴더 깊이 {MAX_DEPTH})를 넘습니다. 맞는 \
                         폴더인가요?",
                        path.display()
                    ),
                )
            }
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().in_language(Language::English))
    }
}

impl std::error::Error for LoadError {}
