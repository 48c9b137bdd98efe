//! `journeyc simulate`: what a project would have done to the people of a real log.

use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant as Stopwatch;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use journey_arrivals::rows::{Unreadable, instant};
use journey_arrivals::{Layout, file};
use journey_engine::Program;

use super::Exit;
use super::columns::ColumnFlags;
use super::graph::{Compiled, compiled, write};
use super::screen::Screen;
use crate::problem::Text;
use crate::simulate::{
    Assume, Memory, Settings, Side, Simulation, SimulationError, SimulationReport, Stage, Until,
    compare, simulate,
};
use crate::written;

/// Replay a real log against the project: what would have been sent, and to whom
///
/// Every person in the log lives through the journeys again, on the log's own time and with the engine that runs them
/// for real. Nothing is sent and nothing is stored.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc simulate calls.ndjson shop          Segment calls, one a line, as the daemon takes them
  journeyc simulate orders.csv.gz shop --as orders
                                               a table, by the mapping [import.orders] of journey.toml
  journeyc simulate orders.csv shop --time date --contact customer --event-name purchase \\
      --field amount=total                     a table, by flags
  journeyc simulate orders.csv.gz shop --as orders --assume consent,addresses
                                               logs of orders seldom hold consents and addresses
  journeyc simulate calls.ndjson shop --tail \"30 days\"
                                               time goes on after the last row, so that waits end
  journeyc simulate calls.ndjson shop --against ../shop-main
                                               what this version does differently, and to whom
  journeyc simulate calls.ndjson shop --messages sent.csv
                                               and every single message
  journeyc simulate calls.ndjson shop --format html -o report.html --lang ko

The log is CSV or NDJSON; plain, gzip or zstd. Bad rows are counted and listed and stop nothing. Names that
the log joins anywhere are one person from its first row on. The report does not depend on the number of
threads. Of a log that is larger than memory, the rest waits in a temporary file.

Exit codes: 0 simulated · 1 the project has problems, or the columns do not fit · 2 wrong usage
            3 a file could not be read or written")]
pub(super) struct Simulate {
    /// The log: a .csv file, or .ndjson with one Segment call a line
    #[arg(value_name = "LOG")]
    log: PathBuf,
    /// The project folder
    #[arg(value_name = "PROJECT", default_value = ".")]
    project: PathBuf,
    /// Another version of the project: the same log runs through both
    #[arg(long, value_name = "OTHER")]
    against: Option<PathBuf>,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// The file to write; the screen where it is left out
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A table of every message: when, to whom, on which channel, which template, from which journey
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    messages: Option<PathBuf>,
    /// Time goes on until this moment, in the project's zone
    #[arg(long, value_name = "TIME", conflicts_with = "tail")]
    until: Option<String>,
    /// Time goes on for so long after the last row
    #[arg(long, value_name = "DURATION")]
    tail: Option<String>,
    /// What everyone is taken to have, whatever the log says
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    assume: Vec<Assumption>,
    /// On how many threads; by default, on all cores
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZeroUsize>,
    #[command(flatten)]
    columns: ColumnFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For eyes
    Table,
    /// One JSON object
    Json,
    /// One page with charts
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Assumption {
    /// Every consent, from their first row on
    Consent,
    /// An address on every channel, until the log says another
    Addresses,
}

/// A project ready to be played, and what its columns mean.
struct Ready {
    project: Compiled,
    program: Arc<Program>,
    mapping: journey_ir::project::Import,
}

impl Simulate {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        match self.simulate(screen) {
            Ok(exit) | Err(exit) => exit,
        }
    }

    fn simulate(&self, screen: &mut Screen) -> Result<Exit, Exit> {
        let after = self.ready(&self.project, screen)?;
        let before = self.against.as_ref();
        let before = before.map(|it| self.ready(it, screen)).transpose()?;
        let until = self.time(&after.program, screen)?;
        let language = screen.language(after.project.compilation.language);
        let width = screen.look(None).width;
        let progress = Progress::new();
        let watch = Stopwatch::now();
        let tell = |stage| progress.tell(stage);
        let now = self.side(&after, until, &progress, screen)?;
        let (text, rows) = if let Some(before) = &before {
            let old = self.side(before, until, &progress, screen)?;
            let both = compare(old, now, &tell);
            let both = both.map_err(|error| self.failed(&error, screen))?;
            let text = self.told(&SimulationReport::against(&both), language, width);
            (text, both.rows())
        } else {
            let one = simulate(now, &tell);
            let one = one.map_err(|error| self.failed(&error, screen))?;
            let text = self.told(&SimulationReport::new(&one), language, width);
            if let Some(path) = &self.messages
                && let failed @ (Exit::Io | Exit::Bug) = write(screen, Some(path), &listed(&one))
            {
                return Err(failed);
            }
            (text, one.rows())
        };
        progress.clear();
        let exit = write(screen, self.output.as_deref(), &text);
        screen.note(&pace(rows, watch.elapsed().as_secs_f64()));
        Ok(exit)
    }

    fn ready(&self, path: &Path, screen: &mut Screen) -> Result<Ready, Exit> {
        let project = compiled(path, screen)?;
        let Some(ir) = project.compilation.program.clone() else {
            return Err(Exit::Problems);
        };
        let program = Program::link(Arc::new(ir), &[]).map_err(|error| {
            screen.error(&error.to_string());
            Exit::Bug
        })?;
        let mapping = self.columns.mapping(&program).map_err(|error| {
            let (name, known) = (error.name, error.known);
            screen.fail(&Text::new(
                format!("there is no mapping `{name}`; journey.toml has {known}"),
                format!("`{name}`: 그런 열 설정이 없습니다. journey.toml에 있는 것: {known}"),
            ));
            Exit::Problems
        })?;
        Ok(Ready {
            project,
            program: Arc::new(program),
            mapping,
        })
    }

    fn side<'a>(
        &self,
        ready: &'a Ready,
        until: Until,
        progress: &Progress,
        screen: &mut Screen,
    ) -> Result<Side<'a, Box<dyn BufRead + Send>>, Exit> {
        let all = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let settings = Settings {
            mapping: &ready.mapping,
            layout: Layout::of(&self.log),
            until,
            assume: Assume {
                consent: self.assume.contains(&Assumption::Consent),
                addresses: self.assume.contains(&Assumption::Addresses),
            },
            threads: self.threads.unwrap_or(all),
            memory: Memory {
                bytes: Memory::USUAL,
                beyond: tempfile::tempfile,
            },
            list: self.messages.is_some(),
        };
        Ok(Side {
            program: &ready.program,
            input: self.open(progress, screen)?,
            settings,
        })
    }

    fn time(&self, program: &Program, screen: &mut Screen) -> Result<Until, Exit> {
        if let Some(text) = &self.until {
            let zone = TimeZone::get(&program.ir().project.timezone).unwrap_or(TimeZone::UTC);
            return instant(text, &zone).map(Until::At).ok_or_else(|| {
                screen.fail(&Text::new(
                    format!("`--until {text}` is no time such as 2026-07-01 or 2026-07-01 09:00"),
                    format!("`--until {text}`: 2026-07-01이나 2026-07-01 09:00처럼 쓰세요"),
                ));
                Exit::Usage
            });
        }
        let Some(text) = &self.tail else {
            return Ok(Until::End);
        };
        written::milliseconds(text).map(Until::After).ok_or_else(|| {
            screen.fail(&Text::new(
                format!("`--tail {text}` is no length of time such as \"30 days\", in weeks, days, hours, minutes or seconds"),
                format!("`--tail {text}`: \"30 days\"처럼 쓰세요 (weeks, days, hours, minutes, seconds)"),
            ));
            Exit::Usage
        })
    }

    fn open(
        &self,
        progress: &Progress,
        screen: &mut Screen,
    ) -> Result<Box<dyn BufRead + Send>, Exit> {
        let opened = file::open(&self.log).map_err(|error| {
            let path = self.log.display();
            screen.fail(&Text::new(
                format!("{path} cannot be read: {error}"),
                format!("{path}을(를) 읽을 수 없습니다: {error}"),
            ));
            Exit::Io
        })?;
        progress.reads(opened.size, opened.consumed);
        Ok(opened.reader)
    }

    fn failed(&self, error: &SimulationError, screen: &mut Screen) -> Exit {
        screen.error(&format!("{}: {error}", self.log.display()));
        match error {
            SimulationError::Unreadable(Unreadable::Header(_) | Unreadable::Misfit(_)) => {
                Exit::Problems
            }
            SimulationError::Unreadable(Unreadable::Broken(_)) | SimulationError::NoRoom(_) => {
                Exit::Io
            }
        }
    }

    fn told(
        &self,
        report: &SimulationReport<'_>,
        language: crate::problem::Language,
        width: usize,
    ) -> String {
        match self.format {
            Format::Table => report.table(language, width),
            Format::Json => report.json(),
            Format::Html => report.html(language),
        }
    }
}

/// Every message as a table, with times in UTC.
fn listed(simulation: &Simulation) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut table = "at,person,channel,template,journey\n".to_owned();
    for sent in simulation.messages() {
        let at = jiff::Timestamp::from_millisecond(sent.at).unwrap_or_default();
        let (person, template) = (quoted(&sent.person), quoted(&sent.template));
        let (channel, journey) = (sent.channel, quoted(&sent.journey));
        let _ = writeln!(table, "{at},{person},{channel},{template},{journey}");
    }
    table
}

/// `899 rows in 0.04 s: 22,475 rows/s`
fn pace(rows: u64, seconds: f64) -> String {
    let each_second = (rows as f64 / seconds.max(0.001)) as u64;
    format!("{rows} rows in {seconds:.2} s: {each_second} rows/s\n")
}

/// A bar on standard error, where that is a terminal.
struct Progress {
    bar: ProgressBar,
    read: std::sync::Mutex<Vec<Arc<AtomicU64>>>,
}

impl Progress {
    fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        let style = ProgressStyle::with_template("{msg:10} {bar:40} {percent:>3} %  {eta} left");
        Self {
            bar: bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())),
            read: std::sync::Mutex::new(Vec::new()),
        }
    }

    fn reads(&self, size: u64, consumed: Arc<AtomicU64>) {
        self.bar.inc_length(size);
        if let Ok(mut read) = self.read.lock() {
            read.push(consumed);
        }
    }

    fn tell(&self, stage: Stage) {
        match stage {
            Stage::Reading => {
                if let Ok(read) = self.read.lock() {
                    let sum = read.iter().map(|it| it.load(Ordering::Relaxed)).sum();
                    self.bar.set_position(sum);
                }
                self.bar.set_message("reading");
            }
            Stage::Playing(percent) => {
                self.bar.set_length(100);
                self.bar.set_position(percent as u64);
                self.bar.set_message("playing");
            }
        }
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
