//! Where logs go: for people on a terminal, or one JSON object per line for machines. What is logged names nobody.

use std::io::{self, IsTerminal as _};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// How logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Starts logging to standard error. `RUST_LOG` chooses what is logged.
pub(super) fn start(format: LogFormat) {
    start_at("info", format);
}

/// Standard error, and nothing where it takes nothing: a full disk or a reader that went away ends the log and not the
/// work.
struct Lines;

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _lost = io::stderr().write_all(bytes).is_err();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start_at(level: &str, format: LogFormat) {
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).ok();
    let read = asked.map(|asked| (EnvFilter::builder().parse(&asked), asked));
    let (filter, unread) = match read {
        Some((Ok(filter), _)) => (filter, None),
        Some((Err(error), asked)) => (EnvFilter::new(level), Some((error, asked))),
        None => (EnvFilter::new(level), None),
    };
    let base = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .log_internal_errors(false)
        .with_writer(|| Lines);
    let started = match format {
        LogFormat::Json => base.json().flatten_event(true).try_init(),
        LogFormat::Text => base
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
    };
    // Somebody else logs already, as in tests.
    let _already = started.is_err();
    if let Some((error, asked)) = unread {
        tracing::error!("RUST_LOG=`{asked}` is not understood, {level} is logged: {error}");
    }
}

/// Starts logging for commands that print their own answer: only what goes wrong is logged.
pub(super) fn start_quietly() {
    start_at("error", LogFormat::Text);
}
