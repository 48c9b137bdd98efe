//! `journeyc test`: run the tests of journeys on a virtual clock.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Exit;
use super::screen::Screen;
use crate::compile::compile;
use crate::load::{LoadError, load, projects};
use crate::project::LoadedProject;
use crate::report::Report;
use crate::testing::{TestReport, run_tests};

/// Run the tests of journeys on a virtual clock
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc test                        all tests of the project in this folder
  journeyc test shop clinic            two projects
  journeyc test shop --filter 장바구니   only tests whose title or journey contains this
  journeyc test --coverage             and list the ways that no test takes
  journeyc test --min-coverage 80      for CI: fewer than 80% of the ways fail, too
  journeyc test --format junit         for servers that show tests

A test stands in any .journey file, best in tests/:

  test \"하루 뒤 특별 혜택 메일\" for cart_rescue {
    given 민지 { email: \"minji@example.com\", agreed to marketing by email }
    at 2026-03-02 14:00 민지 does add_to_cart { cart_id: \"c1\", total: 5만원 }
    after 1 day
    after 10 minutes
    expect only email cart_special_offer to 민지
  }

Time:   at <date> <clock> · after <duration>   in the project's time zone
People: <name> does <event> { … } · <name> changes { … } · <name> withdraws <consent>
Expect: no messages to <name>
        [only] <channel> <template> to <name> [at <date> <clock>] [containing \"words\"]
        at most <n> messages per <duration> to <name>
        task for <team> · call <connector>.<action> [with (…)]
        <name> exited as <reason>, goal or completed · <name> waiting at <label>
        <name> in, or not in, a journey, segment or stage

All journeys of the project run, not only the one under test; `only` means that nothing else was
sent to this person so far. Days pass in an instant, and nothing is sent.

Exit codes: 0 all passed · 1 a test failed, too few ways were taken, or the project has problems
            2 the filter fits no test")]
pub(super) struct Test {
    /// Project folders or .journey files
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Only tests whose title or journey contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
    /// How the verdicts are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// List the ways of branches, races and splits that no test takes
    #[arg(long)]
    coverage: bool,
    /// Fail where fewer than this many percent of the ways are taken
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_coverage: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For eyes
    Human,
    /// One JSON object
    Json,
    /// JUnit's XML
    Junit,
}

impl Test {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        let mut all = Vec::new();
        for path in &self.paths {
            match loaded(path) {
                Ok(projects) => all.extend(projects),
                Err(error) => return screen.cannot_load(&error),
            }
        }
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let mut report = TestReport::default();
        let mut language = None;
        for project in &all {
            let compilation = compile(project);
            language = language.or(compilation.language);
            let Some(program) = &compilation.program else {
                let mut problems = Report::default();
                problems.add(project.prefix(), project, &compilation.problems);
                let look = screen.look(compilation.language);
                return print(screen, &problems.human(look), Exit::Problems);
            };
            match run_tests(&compilation, &self.filter, threads) {
                Ok(run) => report.add(project, &program.project, run),
                Err(error) => {
                    screen.error(&error.to_string());
                    return Exit::Bug;
                }
            }
        }
        if report.count() == 0 && !self.filter.is_empty() {
            screen.error(&format!("no test has `{}` in its name", self.filter));
            return Exit::Usage;
        }
        let look = screen.look(language);
        let listed = self.coverage || self.min_coverage.is_some();
        let text = match self.format {
            Format::Human => report.human(look, listed),
            Format::Json => report.json(),
            Format::Junit => report.junit(look.language),
        };
        print(screen, &text, self.verdict(&report))
    }

    fn verdict(&self, report: &TestReport<'_>) -> Exit {
        let least = self.min_coverage.unwrap_or_default();
        if report.failed() > 0 || report.coverage() < usize::from(least) {
            Exit::Problems
        } else {
            Exit::Fine
        }
    }
}

fn print(screen: &mut Screen, text: &str, ended: Exit) -> Exit {
    match screen.print(text) {
        Ok(()) => ended,
        Err(error) => {
            screen.error(&error.to_string());
            Exit::Io
        }
    }
}

fn loaded(path: &Path) -> Result<Vec<LoadedProject>, LoadError> {
    projects(path)?.iter().map(|path| load(path)).collect()
}
