//! `journeyd demo`: a project with its sample events, from nothing to a story, without anybody being mailed.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use journey_ir::project::ConnectorKind;
use journey_ir::{self as ir, Instant};
use serde_json::{Map, Value, json};

use crate::cli::import::{self, ImportError, Job};
use crate::cli::{Data, Exit, complain, say};
use crate::clock::{Clock as _, ManualClock, SystemClock};
use crate::daemon::{Daemon, Facing, MAILBOX, Options, StartError};
use crate::deliver::connector::guard::Reach;
use crate::import::Summary;
use crate::inspect::{self, Story, local_minute};
use crate::process::{Effects, OpenError, current_program};
use crate::secrets::Secrets;
use crate::store::{DataFolder, Error, SqliteReader, Status, folder};

/// How many stories are told.
const STORIES: usize = 3;
/// How many lines of one story are shown.
const STORY_LINES: usize = 18;
/// How often the outbox is looked at while messages are written.
const LOOK: Duration = Duration::from_millis(20);
/// Marks a data folder that a demo made.
const MARKER: &str = "made-by-demo";

/// Show what a project does: replay its sample events and tell what happened
///
/// Compiles PROJECT, replays the files in its `data` folder on their own time, writes every message to the mailbox
/// folder (nobody is mailed, whatever the settings say), and prints funnels, places and stories. Run it again and it
/// shows the same data. It only takes a data folder that is new or that a demo made.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// The project folder, with sample events in `data`
    #[arg(default_value = "examples/shop")]
    project: PathBuf,
    #[command(flatten)]
    data: Data,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] Error),
    #[error("{} has no sample events: put .ndjson or .csv files into {}", .project.display(), .folder.display())]
    NoEvents { project: PathBuf, folder: PathBuf },
    #[error("{} was not made by a demo, which lets made-up people act; give it a folder of its own with --data, as in `--data demo-data`", .0.display())]
    NotOurs(PathBuf),
    #[error("the system refuses: {0}")]
    System(#[from] std::io::Error),
}

impl Demo {
    pub(super) fn run(&self) -> Exit {
        super::logging::start_quietly();
        match self.show() {
            Ok(()) => Exit::Fine,
            Err(error @ DemoError::NotOurs(_)) => {
                complain(error);
                Exit::Problems
            }
            Err(DemoError::Import(error)) => {
                complain(&error);
                error.exit()
            }
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    fn show(&self) -> Result<(), DemoError> {
        let began = SystemClock.now();
        let summaries = self.replay()?;
        let until = summaries.iter().filter_map(|summary| summary.until).max();
        let until = until.unwrap_or_else(|| SystemClock.now());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let key = runtime.block_on(self.deliver(until))?;
        let seconds = (SystemClock.now() - began) as f64 / 1_000.0;
        self.tell(&summaries, seconds, &key)
    }

    fn files(&self) -> Result<Vec<PathBuf>, DemoError> {
        let folder = self.project.join("data");
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        if files.is_empty() {
            return Err(DemoError::NoEvents {
                project: self.project.clone(),
                folder,
            });
        }
        Ok(files)
    }

    /// Marks a new data folder as a demo's, and refuses one that holds anything else.
    fn claim_folder(&self) -> Result<(), DemoError> {
        let data = &self.data.data;
        if data.join(MARKER).exists() {
            return Ok(());
        }
        let mut entries = std::fs::read_dir(data).into_iter().flatten();
        if entries.next().is_some() {
            return Err(DemoError::NotOurs(data.clone()));
        }
        let _locked = DataFolder::lock(data)?;
        let made = "Made by `journeyd demo`: the people in here are made up.\n";
        Ok(folder::write_private(data, MARKER, made)?)
    }

    fn replay(&self) -> Result<Vec<Summary>, DemoError> {
        let files = self.files()?;
        self.claim_folder()?;
        let mut process = import::open(Some(&self.project), &self.data.data)?;
        let mapping = journeyc::cli::default_mapping();
        let mut summaries = Vec::new();
        for file in files {
            let job = Job {
                file: &file,
                mapping: &mapping,
                effects: Effects::Always,
                until: None,
            };
            summaries.push(job.run(&mut process)?);
        }
        Ok(summaries)
    }

    /// Lets the daemon's own workers carry out what was decided, on a clock that stands still at the end of the replay.
    /// Gives the key by which events can be sent.
    async fn deliver(&self, until: Instant) -> Result<String, DemoError> {
        let mut store = SqliteReader::open(&self.data.data)?;
        let mut program = crate::process::last_program(&mut store)?;
        harmless(&mut program);
        let options = Options {
            program,
            renamed_from: None,
            data: self.data.data.clone(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            secrets: Secrets::Environment,
            reach: Reach::Public,
            clock: Arc::new(ManualClock::at(until)),
            environment: |name| std::env::var(name).ok(),
            facing: Facing {
                shows_keys: true,
                ..Facing::default()
            },
        };
        let daemon = Daemon::start(options, &mut |_| {}).await?;
        let bar = ProgressBar::new(0).with_style(style());
        loop {
            let outbox = inspect::status(&mut store, until)?.outbox;
            let count = |status: Status| {
                outbox
                    .get(status.word())
                    .copied()
                    .unwrap_or(0)
                    .unsigned_abs()
            };
            let open = count(Status::Pending) + count(Status::Claimed);
            bar.set_length(open + count(Status::Done));
            bar.set_position(count(Status::Done));
            if open == 0 {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        bar.finish_and_clear();
        // Keys of an earlier run are known by their hashes only.
        let key = daemon
            .made
            .clone()
            .unwrap_or_else(|| "WRITE_KEY".to_owned());
        daemon.stop().await;
        Ok(key)
    }

    fn tell(&self, summaries: &[Summary], seconds: f64, key: &str) -> Result<(), DemoError> {
        let data = self.data.data.display();
        let project = self.project.display();
        let mut store = SqliteReader::open(&self.data.data)?;
        let program = current_program(&mut store)?;
        let zone = TimeZone::get(&program.ir().project.timezone).unwrap_or(TimeZone::UTC);
        for summary in summaries {
            say(import::told(summary));
        }
        let until = summaries.iter().filter_map(|summary| summary.until).max();
        let status = inspect::status(&mut store, until.unwrap_or_default())?;
        say(format_args!(
            "{} ran in {seconds:.1} seconds\n\n{status}\n",
            program.ir().project.name
        ));
        say("Three people\n");
        for story in inspect::stories(&mut store, &program, STORIES)? {
            say(told(&story, &zone));
        }
        say(format_args!(
            "Every message is a file in {data}/{MAILBOX}; nobody was mailed.\n\n\
             Look closer:\n  \
             journeyd contact ID --data {data}\n  \
             journeyd status --data {data}\n\n\
             Keep it running, and send it an event from another terminal:\n  \
             journeyd run {project} --data {data}\n  \
             {}\n\n\
             (`journeyd` is `cargo run --release --bin journeyd --` until you install it.)\n",
            curl(program.ir(), &self.files()?, key),
        ));
        Ok(())
    }
}

/// Nobody is mailed or called, whatever the project's settings say.
fn harmless(program: &mut journey_ir::Program) {
    for channel in &mut program.project.channels {
        channel.smtp = None;
        channel.action = None;
    }
    for connector in &mut program.project.connectors {
        connector.kind = ConnectorKind::Record;
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("writing messages {bar:40} {pos}/{len}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn told(story: &Story, zone: &TimeZone) -> String {
    let mut text = format!("\n  {}\n", story.contact);
    let left_out = story.lines.len().saturating_sub(STORY_LINES);
    let first = STORY_LINES / 2;
    for (at, (instant, sentence)) in story.lines.iter().enumerate() {
        if left_out > 1 && at >= first && at < first + left_out {
            if at == first {
                let _ = writeln!(text, "    … {left_out} more");
            }
            continue;
        }
        let minute = local_minute(*instant, zone);
        // Writing into a `String` never fails.
        let _ = writeln!(text, "    {minute}  {sentence}");
    }
    text
}

/// A first event for the daemon, with the key that belongs to this data: one of the project's own samples that starts a
/// journey, sent by somebody new. A journey that hands over to another system shows most.
fn curl(program: &ir::Program, files: &[PathBuf], key: &str) -> String {
    let hands_over = |journey: &&ir::Journey| {
        let mut steps = journey.steps.iter();
        steps.any(|step| matches!(step.kind, ir::StepKind::Do { .. }))
    };
    let (telling, others): (Vec<_>, Vec<_>) = program.journeys.iter().partition(hands_over);
    let starts = telling
        .into_iter()
        .chain(others)
        .filter_map(|journey| match &journey.entry {
            ir::Entry::When {
                trigger: ir::Trigger::Event { event, .. },
                ..
            } => program.event(*event),
            _ => None,
        });
    let samples: Vec<String> = files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .collect();
    let lines: Vec<Map<String, Value>> = samples
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let sample = starts.into_iter().find_map(|kind| {
        let is_one =
            |line: &&Map<String, Value>| line.get("event").is_some_and(|it| *it == kind.name);
        let said = |line: &&Map<String, Value>| {
            line.get("properties")
                .map(|it| it.as_object().map(Map::len))
        };
        lines.iter().filter(is_one).max_by_key(said)
    });
    let body = sample.map_or_else(
        || json!({"userId": "me", "event": "EVENT", "properties": {}}),
        |line| json!({"userId": "me", "event": line.get("event"), "properties": line.get("properties")}),
    );
    format!("curl http://127.0.0.1:8787/v1/track -u {key}: \\\n    -d '{body}'")
}
