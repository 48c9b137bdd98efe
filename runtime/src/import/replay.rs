//! A file of events runs through the process on its own time: the virtual clock stands at the newest event so far. While
//! rows are decided and committed, those of the next commit are read and checked beside that.
//!
//! Each commit carries the position in the file, so that an import that was stopped, by a signal or by the loss of
//! power, goes on exactly where its last commit ended. Bad rows are kept in the list of rejected items; the rest goes
//! on.

use std::sync::Arc;

use journey_arrivals::{Arrival, BadRow, Reading, Source};
use journey_engine::Program;
use journey_ir::Instant;

use crate::halves::side_by_side;
use crate::process::{Batch, Effects, Process, Wakes};
use crate::store::{Cursor, Error, Rejected, Store};

/// How many rows one commit carries at most.
const ROWS_PER_COMMIT: usize = 8_192;
/// How many contacts one commit wakes at most.
const WAKES_PER_COMMIT: usize = 4_096;
/// How many bad rows are listed to whoever asked; all of them are in the list of rejected items.
pub const BAD_ROWS_LISTED: usize = 20;

/// How a replay is to be done.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the import is called: its mapping's name and the file's fingerprint.
    pub name: String,
    /// What becomes of messages, calls and tasks.
    pub effects: Effects,
    /// Until when time passes after the last row; the last row's own time where `None`.
    pub until: Option<Instant>,
}

/// What a replay did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows read in this go.
    pub rows: u64,
    /// Rows that an earlier, interrupted go had already done.
    pub resumed_after: u64,
    /// Events and changes that were processed.
    pub accepted: u64,
    /// Repeats.
    pub duplicates: u64,
    /// Rows of types the mapping passes over, and of people nobody knows.
    pub passed_over: u64,
    /// Rows that could not be read or accepted.
    pub rejected: u64,
    /// The first of them.
    pub bad_rows: Vec<BadRow>,
    /// The instant of the oldest row.
    pub first: Option<Instant>,
    /// The instant of the newest row.
    pub last: Option<Instant>,
    /// Until when everything has been decided.
    pub until: Option<Instant>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// Replays a source. `tell` hears how many rows are done after each commit, and says whether to go on.
pub fn replay<S: Store>(
    process: &mut Process<S>,
    source: &mut (dyn Source + Send),
    options: &Options,
    tell: &mut dyn FnMut(&Summary) -> bool,
) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    let cursor = process.store().cursor(&options.name)?;
    let position = cursor
        .as_deref()
        .and_then(Position::parse)
        .unwrap_or_default();
    summary.resumed_after = position.rows;
    summary.last = position.clock;
    for _ in 0..position.rows {
        if !source.skip() {
            break;
        }
    }
    let program = Arc::clone(process.program());
    let mut reader = Reader {
        source,
        program: &program,
        name: &options.name,
        clock: position.clock,
    };
    let mut rows = position.rows;
    let mut taken = reader.take();
    while taken.rows > 0 {
        rows += taken.rows;
        let clock = taken.clock;
        let now = clock.unwrap_or_default();
        let batch = Batch {
            arrivals: std::mem::take(&mut taken.arrivals),
            rejected: std::mem::take(&mut taken.rejected),
            cursor: Some(Position { rows, clock }.cursor(&options.name, now)),
            effects: options.effects,
            ..Batch::default()
        };
        summary.add(taken);
        let (report, ahead) = side_by_side(
            || process.turn(std::slice::from_ref(&batch), None, now),
            || reader.take(),
        );
        let report = report?;
        taken = ahead;
        for receipt in report.receipts {
            summary.accepted += receipt.accepted as u64;
            summary.duplicates += receipt.duplicates as u64;
            summary.passed_over += receipt.ignored as u64;
        }
        if !tell(&summary) {
            summary.stopped = true;
            return Ok(summary);
        }
    }
    if let Some(until) = options.until.max(summary.last) {
        pass_time(process, until, options.effects, &mut summary, tell)?;
    }
    Ok(summary)
}

/// Lets time pass for everyone who has something due.
fn pass_time<S: Store>(
    process: &mut Process<S>,
    until: Instant,
    effects: Effects,
    summary: &mut Summary,
    tell: &mut dyn FnMut(&Summary) -> bool,
) -> Result<(), Error> {
    let wakes = Wakes {
        until,
        most: WAKES_PER_COMMIT,
        effects,
    };
    while process.turn(&[], Some(wakes), until)?.woken > 0 {
        if !tell(summary) {
            summary.stopped = true;
            return Ok(());
        }
    }
    summary.until = Some(until);
    Ok(())
}

impl Summary {
    /// Counts rows that are now decided.
    fn add(&mut self, taken: Taken) {
        self.rows += taken.rows;
        self.passed_over += taken.passed_over;
        self.rejected += taken.bad.len() as u64;
        let room = BAD_ROWS_LISTED.saturating_sub(self.bad_rows.len());
        self.bad_rows.extend(taken.bad.into_iter().take(room));
        self.first = self.first.into_iter().chain(taken.first).min();
        self.last = taken.clock;
    }
}

/// Rows for one commit.
#[derive(Default)]
struct Taken {
    rows: u64,
    passed_over: u64,
    arrivals: Vec<Arrival>,
    bad: Vec<BadRow>,
    rejected: Vec<Rejected>,
    first: Option<Instant>,
    /// The newest instant so far, those of earlier commits among them.
    clock: Option<Instant>,
}

/// Reads the rows of one commit after the other.
struct Reader<'a> {
    source: &'a mut (dyn Source + Send),
    program: &'a Program,
    name: &'a str,
    clock: Option<Instant>,
}

impl Reader<'_> {
    fn take(&mut self) -> Taken {
        let mut taken = Taken::default();
        while taken.rows < ROWS_PER_COMMIT as u64 {
            let Some(reading) = self.source.next(self.program) else {
                break;
            };
            taken.rows += 1;
            let (arrivals, bad) = match reading {
                Reading::PassedOver => {
                    taken.passed_over += 1;
                    continue;
                }
                Reading::Bad(bad) => (Vec::new(), vec![bad]),
                Reading::Taken { arrivals, bad } => (arrivals, bad),
            };
            for arrival in &arrivals {
                let at = arrival.received_at;
                taken.first = Some(taken.first.map_or(at, |first| first.min(at)));
                self.clock = self.clock.max(Some(at));
            }
            taken.arrivals.extend(arrivals);
            for bad in bad {
                let at = self.clock.unwrap_or_default();
                taken.rejected.push(rejected(&bad, self.name, at));
                taken.bad.push(bad);
            }
        }
        taken.clock = self.clock;
        taken
    }
}

fn rejected(bad: &BadRow, name: &str, at: Instant) -> Rejected {
    Rejected {
        at,
        source: format!("import {name}, line {}", bad.line),
        code: bad.code.to_owned(),
        detail: bad.reason.clone(),
        payload: bad.text.clone(),
    }
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Position {
    rows: u64,
    clock: Option<Instant>,
}

impl Position {
    fn parse(text: &str) -> Option<Self> {
        let (rows, clock) = text.split_once(' ')?;
        Some(Self {
            rows: rows.parse().ok()?,
            clock: clock.parse().ok(),
        })
    }

    fn cursor(self, name: &str, at: Instant) -> Cursor {
        let clock = self
            .clock
            .map_or_else(|| "-".to_owned(), |clock| clock.to_string());
        Cursor {
            name: name.to_owned(),
            position: format!("{} {clock}", self.rows),
            at,
        }
    }
}
