//! `journeyd import`: events of the past, on their own time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use journey_arrivals::file::{self, EventFile};
use journey_arrivals::{Calls, Layout, Source, rows};
use journey_engine::Program;
use journey_ir::Instant;
use journey_ir::project::Import as Mapping;
use journeyc::cli::ColumnFlags;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{Data, Exit, complain, say, source};
use crate::clock::{Clock as _, SystemClock};
use crate::import::{Options, Summary, replay};
use crate::inspect::local_time;
use crate::link_secret;
use crate::process::{self, Effects, OpenError, Process, Progress};
use crate::project::{self, OtherProject};
use crate::store::{DataFolder, Durability, Error, Sqlite, Store as _};

/// Replay a file of past events: memberships, runs and history become what they would be had it all happened here
///
/// CSV needs to be told what its columns mean, by a mapping in journey.toml or by flags. NDJSON holds one Segment call a
/// line, with its timestamp. Plain, gzip and zstd files are told apart by themselves. An import that was interrupted goes
/// on where it stopped; bad rows are listed and the rest goes on. Nothing from the past is sent unless you say so.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  journeyd import orders.csv.gz --as orders --project shop
  journeyd import calls.ndjson --project shop --until now
  journeyd import orders.csv --project shop --time date --contact customer --event-name purchase --field amount=total

In journey.toml:
  [import.orders]
  time = \"date\"
  contact = \"customer\"
  event_name = \"purchase\"
  fields = { amount = \"total\" }")]
pub(super) struct Import {
    /// The file of events
    file: PathBuf,
    /// The project, or its compiled program; by default the one that ran on this data last
    #[arg(long, value_name = "PROJECT")]
    project: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
    /// What becomes of messages, calls and tasks
    #[arg(long, value_enum, default_value_t = What::Record)]
    effects: What,
    /// Until when time passes after the last row: `end` (that row's own time), `now`, or a time
    #[arg(long, value_name = "WHEN", default_value = "end")]
    until: String,
    #[command(flatten)]
    columns: ColumnFlags,
}

/// What becomes of what the past decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Write it down only
    Record,
    /// Keep it back in the outbox until `journeyd release`
    Hold,
    /// Put it into the outbox, however old it is: the next `journeyd run` sends it
    Send,
}

/// Why an import cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    #[error(transparent)]
    Source(#[from] source::SourceError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] Error),
    #[error("{} cannot be read: {source}", .path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {source}", .path.display())]
    Unreadable {
        path: PathBuf,
        source: rows::Unreadable,
    },
    #[error(transparent)]
    OtherProject(#[from] OtherProject),
    #[error("the secret behind links cannot be made: {0}")]
    LinkSecret(std::io::Error),
    #[error("there is no mapping `{name}`; journey.toml has {known}")]
    NoMapping { name: String, known: String },
    #[error("`--until {0}` is none of `end`, `now` and a time such as 2026-07-01T00:00:00+09:00")]
    Until(String),
}

impl ImportError {
    pub(super) const fn exit(&self) -> Exit {
        match self {
            Self::Source(_)
            | Self::OtherProject(_)
            | Self::NoMapping { .. }
            | Self::Until(_)
            | Self::Unreadable { .. } => Exit::Problems,
            Self::Open(_) | Self::Store(_) | Self::File { .. } | Self::LinkSecret(_) => {
                Exit::Failed
            }
        }
    }
}

impl Import {
    pub(super) fn run(&self) -> Exit {
        super::logging::start_quietly();
        match self.import() {
            Ok(summary) => {
                say(told(&summary));
                if summary.stopped {
                    Exit::Failed
                } else {
                    Exit::Fine
                }
            }
            Err(error) => {
                complain(&error);
                error.exit()
            }
        }
    }

    fn import(&self) -> Result<Summary, ImportError> {
        let mut process = open(self.project.as_deref(), &self.data.data)?;
        let program = Arc::clone(process.program());
        let mapping = self.columns.mapping(&program).map_err(|error| {
            let (name, known) = (error.name, error.known);
            ImportError::NoMapping { name, known }
        })?;
        let job = Job {
            file: &self.file,
            mapping: &mapping,
            effects: match self.effects {
                What::Record => Effects::Record,
                What::Hold => Effects::Hold,
                What::Send => Effects::Always,
            },
            until: until(&self.until)?,
        };
        job.run(&mut process)
    }
}

/// One file to be replayed.
pub(super) struct Job<'a> {
    pub(super) file: &'a Path,
    pub(super) mapping: &'a Mapping,
    pub(super) effects: Effects,
    pub(super) until: Option<Instant>,
}

impl Job<'_> {
    pub(super) fn run(&self, process: &mut Process<Sqlite>) -> Result<Summary, ImportError> {
        let opened = file::open(self.file).map_err(|source| ImportError::File {
            path: self.file.to_owned(),
            source,
        })?;
        let options = Options {
            name: format!("{} {}", self.mapping.name, opened.fingerprint)
                .trim()
                .to_owned(),
            effects: self.effects,
            until: self.until,
        };
        let reading = Bytes {
            size: opened.size,
            consumed: Arc::clone(&opened.consumed),
        };
        let mut source = self.source(opened, process.program())?;
        carry_out(process, source.as_mut(), &options, &reading)
    }

    fn source(
        &self,
        opened: EventFile,
        program: &Arc<Program>,
    ) -> Result<Box<dyn Source + Send>, ImportError> {
        if Layout::of(self.file) == Layout::Calls {
            return Ok(Box::new(Calls::new(opened.reader, program)));
        }
        let rows = rows::Rows::new(opened.reader, self.mapping, program);
        rows.map(|rows| Box::new(rows) as Box<dyn Source + Send>)
            .map_err(|source| ImportError::Unreadable {
                path: self.file.to_owned(),
                source,
            })
    }
}

/// How far a file has been read.
pub(super) struct Bytes {
    pub(super) size: u64,
    pub(super) consumed: Arc<AtomicU64>,
}

/// Takes a source through the process with a progress bar, until its end or a signal.
pub(super) fn carry_out(
    process: &mut Process<Sqlite>,
    source: &mut (dyn Source + Send),
    options: &Options,
    reading: &Bytes,
) -> Result<Summary, ImportError> {
    let bar = bar(reading.size);
    let stopping = stop_on_signal();
    // A crash loses the tail of the import and not its order: the position in the file is part of each commit.
    process.store().set_durability(Durability::Crash)?;
    let summary = replay(process, source, options, &mut |so_far| {
        bar.set_position(reading.consumed.load(Ordering::Relaxed));
        bar.set_message(format!("{} rows", so_far.resumed_after + so_far.rows));
        !stopping.load(Ordering::Relaxed)
    });
    bar.finish_and_clear();
    process.store().set_durability(Durability::PowerLoss)?;
    process.store().checkpoint()?;
    Ok(summary?)
}

/// Opens a data folder for a project, or for the one that ran on it last.
pub(super) fn open(project: Option<&Path>, data: &Path) -> Result<Process<Sqlite>, ImportError> {
    let program = project.map(source::load).transpose()?;
    let mut store = Sqlite::open(DataFolder::lock(data)?)?;
    let before = project::before(&mut store)?;
    if before.is_none() {
        // With the data, so that data without it has lost it.
        let made = link_secret::read_or_new(data).and_then(|secret| secret.keep(data, false));
        made.map_err(ImportError::LinkSecret)?;
    }
    if let (Some(program), Some(before)) = (&program, &before) {
        project::check(&before.project, &program.project, None)?;
    }
    let program = program.or(before).ok_or(OpenError::NoProgram)?;
    let bar = ProgressBar::new(0);
    let opened = process::open(store, program, SystemClock.now(), &mut |at: Progress| {
        bar.set_length(at.total);
        bar.set_position(at.done);
    });
    bar.finish_and_clear();
    Ok(opened?)
}

fn until(text: &str) -> Result<Option<Instant>, ImportError> {
    match text {
        "end" => Ok(None),
        "now" => Ok(Some(SystemClock.now())),
        time => rows::instant(time, &jiff::tz::TimeZone::UTC)
            .map(Some)
            .ok_or_else(|| ImportError::Until(time.to_owned())),
    }
}

fn bar(size: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("replaying {bar:40} {percent:>3} %  {msg}  {eta} left");
    ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A flag that Ctrl-C and SIGTERM set, so that the import ends between two commits.
fn stop_on_signal() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let listening = std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            else {
                return;
            };
            runtime.block_on(async {
                let (Ok(mut terminate), Ok(mut interrupt)) = (
                    signal(SignalKind::terminate()),
                    signal(SignalKind::interrupt()),
                ) else {
                    return;
                };
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                set.store(true, Ordering::Relaxed);
            });
        });
    // Without that thread a signal ends the process at once, which loses nothing that was committed.
    drop(listening);
    flag
}

/// What an import did, for people.
pub(super) fn told(summary: &Summary) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    if summary.resumed_after > 0 {
        line(format!(
            "went on after row {}, where an earlier import had stopped",
            summary.resumed_after
        ));
    }
    if summary.rows == 0 && summary.resumed_after > 0 {
        line("nothing was left to do: this file has been imported before".to_owned());
    } else {
        line(format!(
            "{} rows: {} taken, {} repeats, {} passed over, {} rejected",
            summary.rows,
            summary.accepted,
            summary.duplicates,
            summary.passed_over,
            summary.rejected
        ));
    }
    for bad in &summary.bad_rows {
        line(format!("  line {}: {}", bad.line, bad.reason));
    }
    if summary.rejected > summary.bad_rows.len() as u64 {
        line("  … `journeyd rejected` lists all of them".to_owned());
    }
    if let Some(until) = summary.until {
        line(format!(
            "everything is decided until {} UTC",
            local_time(until, &jiff::tz::TimeZone::UTC)
        ));
    }
    if summary.stopped {
        line("stopped before the end; the same command goes on from here".to_owned());
    }
    text
}
