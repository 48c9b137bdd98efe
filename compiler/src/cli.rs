//! `journeyc`: arguments in, text and an exit code out. One file per command.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where the environment is read"
)]

mod build;
mod check;
mod columns;
mod difference;
mod docs;
mod explain;
mod fix;
mod fmt;
mod graph;
mod init;
mod lsp;
mod new;
mod preview;
mod replace;
mod screen;
mod simulate;
mod test;

use std::ffi::OsString;
use std::process::{ExitCode, Termination};

use clap::{Parser, Subcommand, ValueEnum};

use crate::load::LoadError;
use crate::problem::{Language, Text};
pub use columns::{ColumnFlags, NoMapping, default_mapping};
use screen::Screen;

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: nothing is wrong.
    Fine,
    /// 1: there are problems in the project.
    Problems,
    /// 2: the command was used wrongly.
    Usage,
    /// 3: something could not be read or written.
    Io,
    /// 70: a bug of ours.
    Bug,
}

impl Exit {
    const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Problems => 1,
            Self::Usage => 2,
            Self::Io => 3,
            Self::Bug => 70,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

/// Check and compile journeys: lifecycle marketing as code.
#[derive(Debug, Parser)]
#[command(
    name = "journeyc",
    version,
    after_help = "\
Start here:
  journeyc init shop          make a small project that works
  journeyc new --from cart-rescue
                              copy a ready journey into the project in this folder
  journeyc check shop         look for mistakes in it
  journeyc fix shop           repair what can be repaired for certain
  journeyc test shop          run its tests on a virtual clock
  journeyc simulate calls.ndjson shop
                              replay a real log: what would have been sent, and to whom
  journeyc explain welcome shop
                              read a journey back in sentences
  journeyc preview email/welcome_coupon shop
                              read a message as somebody will get it
  journeyc graph --all shop --format html -o shop.html
                              draw its journeys
  journeyc fmt shop           lay its journeys out in the one canonical way
  journeyc build shop         compile it for the daemon, journeyd

Exit codes: 0 fine · 1 problems in the project · 2 wrong usage · 3 could not read or write · 70 a bug"
)]
struct Arguments {
    /// The language of messages: by default that of journey.toml, else of the system
    #[arg(long, global = true, value_name = "LANGUAGE")]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    /// English
    En,
    /// 한국어
    Ko,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Test(test::Test),
    Simulate(Box<simulate::Simulate>),
    Build(build::Build),
    Fix(fix::Fix),
    Fmt(fmt::Fmt),
    Init(init::Init),
    New(new::New),
    Explain(explain::Explain),
    Lsp(lsp::Lsp),
    Graph(graph::Graph),
    Docs(docs::Docs),
    Preview(preview::Preview),
}

/// Runs the command line of this process.
pub fn main() -> Exit {
    let ended =
        std::panic::catch_unwind(|| run(std::env::args_os(), &mut Screen::of_this_process()));
    ended.unwrap_or_else(|_| {
        Screen::of_this_process().error(
            "this is a bug in journeyc, not in your project. Please report it with the lines above: \
             https://github.com/journey-lang/journey/issues",
        );
        Exit::Bug
    })
}

fn run(arguments: impl IntoIterator<Item = OsString>, screen: &mut Screen) -> Exit {
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => {
            if let Some(lang) = arguments.lang {
                screen.set_language(match lang {
                    Lang::En => Language::English,
                    Lang::Ko => Language::Korean,
                });
            }
            match arguments.command {
                Command::Check(check) => check.run(screen),
                Command::Test(test) => test.run(screen),
                Command::Simulate(simulate) => simulate.run(screen),
                Command::Build(build) => build.run(screen),
                Command::Fix(fix) => fix.run(screen),
                Command::Fmt(fmt) => fmt.run(screen),
                Command::Init(init) => init.run(screen),
                Command::New(new) => new.run(screen),
                Command::Explain(explain) => explain.run(screen),
                Command::Lsp(lsp) => lsp.run(screen),
                Command::Graph(graph) => graph.run(screen),
                Command::Docs(docs) => docs.run(screen),
                Command::Preview(preview) => preview.run(screen),
            }
        }
        Err(answer) => {
            // `--help` and `--version` are answers too; clap knows which go where and in which colours.
            let wrong = answer.use_stderr();
            let printed = answer.print();
            match (wrong, printed) {
                (true, _) => Exit::Usage,
                (false, Ok(())) => Exit::Fine,
                (false, Err(_)) => Exit::Io,
            }
        }
    }
}

impl Screen {
    /// Says why no project could be read.
    fn cannot_load(&mut self, error: &LoadError) -> Exit {
        self.fail(&error.text());
        Exit::Io
    }

    fn fail(&mut self, text: &Text) {
        let language = self.language(None);
        self.error(text.in_language(language));
    }
}
