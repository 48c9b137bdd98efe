//! The commands of `journeyd`. Each file is one command; this one says what there is.

mod backup;
mod contact;
mod control;
mod demo;
mod enter;
mod import;
mod keys;
mod logging;
mod outbox;
mod rejected;
mod release;
mod reload;
mod report;
mod run;
mod source;
mod status;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Where data lies unless somebody says otherwise.
const DATA: &str = "journey-data";

/// Runs customer journeys: takes in events over HTTP, decides, and sends.
#[derive(Debug, Parser)]
#[command(
    name = "journeyd",
    version,
    after_help = "Start here:\n  \
        journeyd demo examples/shop          see a made-up shop run through five months\n  \
        journeyd run my-shop                 compile the project and run it\n  \
        journeyd status                      see how it stands, while it runs\n  \
        journeyd contact ana@example.com     see one person's whole story\n\n\
        Keys are made with `journeyd keys`, or come from JOURNEY_WRITE_KEYS (name:key, …) and JOURNEY_ADMIN_TOKEN."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Demo(demo::Demo),
    Import(Box<import::Import>),
    Enter(enter::Enter),
    Contact(contact::Contact),
    Status(status::Status),
    Report(report::Report),
    Outbox(outbox::Outbox),
    Rejected(rejected::Rejected),
    Release(release::Release),
    Reload(reload::Reload),
    Keys(keys::Keys),
    Backup(backup::Backup),
    Verify(verify::Verify),
}

/// The data folder.
#[derive(Debug, clap::Args)]
struct Data {
    /// The folder that holds all data
    #[arg(long, value_name = "DIR", default_value = DATA, global = true)]
    data: PathBuf,
}

/// How a command ended, as scripts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// All is well.
    Fine,
    /// The journeys or their settings have problems, or what was asked for does not exist: the same again ends the same.
    Problems,
    /// Something could not be read, written or started.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Problems => 1,
            Exit::Failed => 3,
        })
    }
}

/// Runs the command of this process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let exit = match Arguments::parse().command {
        Command::Run(run) => run.run(),
        Command::Demo(demo) => demo.run(),
        Command::Import(import) => import.run(),
        Command::Enter(enter) => enter.run(),
        Command::Contact(contact) => contact.run(),
        Command::Status(status) => status.run(),
        Command::Report(report) => report.run(),
        Command::Outbox(outbox) => outbox.run(),
        Command::Rejected(rejected) => rejected.run(),
        Command::Release(release) => release.run(),
        Command::Reload(reload) => reload.run(),
        Command::Keys(keys) => keys.run(),
        Command::Backup(backup) => backup.run(),
        Command::Verify(verify) => verify.run(),
    };
    exit.into()
}

/// Prints an answer. A reader that went away, like `head`, is no error.
fn say(text: impl std::fmt::Display) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let _closed = write!(out, "{text}").and_then(|()| out.flush()).is_err();
}

/// Prints a report of problems.
fn report(text: impl std::fmt::Display) {
    use std::io::Write as _;
    let _closed = write!(std::io::stderr().lock(), "{text}").is_err();
}

/// Prints what went wrong.
fn complain(text: impl std::fmt::Display) {
    use std::io::Write as _;
    let _closed = writeln!(std::io::stderr().lock(), "error: {text}").is_err();
}
