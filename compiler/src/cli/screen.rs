//! Standard output and error: what is printed, in which language, colours and width.

use std::io::{self, IsTerminal, Write};

use crate::problem::Language;
use crate::report::Look;

/// Columns where the terminal does not say.
const WIDTH: usize = 100;
/// Fewer columns than this make the lines of a file unreadable.
const NARROWEST: usize = 40;

/// Where a command prints.
pub(super) struct Screen {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    chosen: Option<Language>,
    system: Language,
    colours: bool,
    width: usize,
}

impl Screen {
    /// The screen of this process, from its environment.
    pub(super) fn of_this_process() -> Self {
        let variable = |name| std::env::var(name).unwrap_or_default();
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .map(variable)
            .into_iter()
            .find(|locale| !locale.is_empty());
        let korean = locale.is_some_and(|locale| locale.starts_with("ko"));
        let width = variable("COLUMNS").parse().unwrap_or(WIDTH);
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            chosen: None,
            system: if korean {
                Language::Korean
            } else {
                Language::English
            },
            colours: io::stdout().is_terminal() && variable("NO_COLOR").is_empty(),
            width: width.max(NARROWEST),
        }
    }

    /// Takes the language that was asked for on the command line.
    pub(super) fn set_language(&mut self, language: Language) {
        self.chosen = Some(language);
    }

    /// The language that was asked for on the command line.
    pub(super) const fn chosen(&self) -> Option<Language> {
        self.chosen
    }

    /// The language: the one asked for, else the project's, else the system's.
    pub(super) fn language(&self, project: Option<Language>) -> Language {
        self.chosen.or(project).unwrap_or(self.system)
    }

    /// How reports are drawn.
    pub(super) fn look(&self, project: Option<Language>) -> Look {
        Look {
            language: self.language(project),
            colours: self.colours,
            width: self.width,
        }
    }

    /// Prints the answer. A reader that went away early is no failure.
    pub(super) fn print(&mut self, text: &str) -> io::Result<()> {
        let written = self.out.write_all(text.as_bytes());
        match written.and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Prints beside the answer.
    pub(super) fn note(&mut self, text: &str) {
        // Nobody is left to tell when standard error is closed.
        let _ = self.err.write_all(text.as_bytes());
    }

    /// Prints what went wrong.
    pub(super) fn error(&mut self, text: &str) {
        self.note(&format!("journeyc: {text}\n"));
    }
}
