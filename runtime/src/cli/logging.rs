//! Where logs go: for people on a terminal, or one JSON object per line for machines. Logs never hold personal data.

use std::io::IsTerminal as _;

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

fn start_at(level: &str, format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let base = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Json => base.json().flatten_event(true).try_init(),
        LogFormat::Text => base
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
    };
    // Somebody else logs already, as in tests.
    let _already = started.is_err();
}

/// Starts logging for commands that print their own answer: only what goes wrong is logged.
pub(super) fn start_quietly() {
    start_at("error", LogFormat::Text);
}
