//! A log of what really happened goes through a project on its own time: what would have been sent to whom, who would
//! have come how far, and what another version of the project would have done differently.
//!
//! Everything is decided by the engine's own step. Reading order: [`log`](mod@log) (a file to entries, on all threads),
//! `people` (entries to people, names that are ever joined being one person), `player` (one person's life), `rankings`
//! (people side by side), `act` (what was done), `tally` (what it comes to), `compare` (two programs side by side), `report` (for eyes and programs).
//! Nothing is sent and no clock is read.

mod act;
mod compare;
mod log;
mod people;
mod player;
mod rankings;
mod reason;
mod report;
mod tally;

use std::io::BufRead;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use journey_arrivals::rows::Unreadable;
use journey_arrivals::{Layout, Parts};
use journey_engine::Program;
use journey_ir::project::Import;
use journey_ir::{AttributeIx, ConsentIx, Instant, Type, Value};

pub use compare::{Comparison, compare};
pub(crate) use log::Log;
pub use report::SimulationReport;
pub(crate) use tally::Tally;

use people::people;
use player::Player;
use rankings::Rankings;

/// A program and the log that is to run through it.
#[derive(Debug)]
pub struct Side<'a, R> {
    /// The program.
    pub program: &'a Arc<Program>,
    /// The log, from its start.
    pub input: R,
    /// How it is read.
    pub settings: Settings<'a>,
}

/// How a log is to be read and how long time goes on.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// What the columns of a table mean.
    pub mapping: &'a Import,
    /// How the file is laid out.
    pub layout: Layout,
    /// Until when time passes after the last row.
    pub until: Until,
    /// What is taken for granted of everyone.
    pub assume: Assume,
    /// On how many threads. The result does not depend on it.
    pub threads: NonZeroUsize,
}

/// Until when time passes after the last row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// No longer.
    End,
    /// Until an instant.
    At(Instant),
    /// For so many milliseconds.
    After(i64),
}

/// What a log does not say and is taken for granted of everyone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Assume {
    /// That they gave every consent.
    pub consent: bool,
    /// That they have an address on every channel.
    pub addresses: bool,
}

/// How far a simulation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The log is being read.
    Reading,
    /// So many of a hundred parts of the people have been played.
    Playing(usize),
}

/// What a simulation came to.
#[derive(Debug)]
pub struct Simulation {
    pub(crate) program: Arc<Program>,
    pub(crate) intake: log::Intake,
    pub(crate) tally: Tally,
    pub(crate) assume: Assume,
    /// Until when everything has been decided.
    pub(crate) until: Option<Instant>,
}

impl Simulation {
    /// How many rows were read.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.intake.rows
    }
}

/// Reads a log and lets everyone in it live through a program.
pub fn simulate<R: BufRead + Send>(
    side: Side<'_, R>,
    tell: &(dyn Fn(Stage) + Sync),
) -> Result<Simulation, Unreadable> {
    let Side {
        program,
        input,
        settings,
    } = side;
    let log = read(program, input, settings, tell)?;
    let until = until(&log, settings.until);
    let assumed = Assumed::of(program, settings.assume);
    let rankings = Rankings::of(program, &log, until, &assumed, settings.threads);
    let tallies = each_shard(
        settings.threads,
        tell,
        |shard, tally: &mut Option<Tally>| {
            let taken = tally.take().unwrap_or_else(|| Tally::new(program));
            let mut player = Player::new(program, until, &assumed, taken, &rankings);
            for person in people(log.take(shard)) {
                player.play(&person, None);
            }
            *tally = Some(player.finish());
        },
    );
    Ok(Simulation {
        program: Arc::clone(program),
        tally: Tally::merged(program, tallies.into_iter().flatten()),
        intake: log.intake,
        assume: settings.assume,
        until,
    })
}

/// Reads a log, its parts side by side.
pub(crate) fn read(
    program: &Arc<Program>,
    input: impl BufRead + Send,
    settings: Settings<'_>,
    tell: &(dyn Fn(Stage) + Sync),
) -> Result<Log, Unreadable> {
    let (head, parts) = Parts::new(input, settings.layout).map_err(Unreadable::Broken)?;
    head.fits(settings.mapping, program)?;
    let reader = log::Reader::new(program, &head, settings.mapping, parts);
    let shares = on_all(settings.threads, || reader.share(&|| tell(Stage::Reading)));
    Ok(Log::of(shares))
}

fn until(log: &Log, until: Until) -> Option<Instant> {
    let last = log.intake.last?;
    Some(match until {
        Until::End => last,
        Until::At(at) => at.max(last),
        Until::After(length) => last.saturating_add(length),
    })
}

/// Does the same on every thread, this one among them.
fn on_all<T: Send>(threads: NonZeroUsize, work: impl Fn() -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads.get()).map(|_| scope.spawn(&work)).collect();
        let mut done = vec![work()];
        for other in others {
            match other.join() {
                Ok(it) => done.push(it),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    })
}

/// Takes the shards one by one, on all threads; every thread keeps what it makes of its own.
pub(crate) fn each_shard<T: Default + Send>(
    threads: NonZeroUsize,
    tell: &(dyn Fn(Stage) + Sync),
    work: impl Fn(usize, &mut T) + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    on_all(threads, || {
        let mut kept = T::default();
        loop {
            let shard = next.fetch_add(1, Ordering::Relaxed);
            if shard >= log::SHARDS {
                return kept;
            }
            work(shard, &mut kept);
            tell(Stage::Playing((shard + 1) * 100 / log::SHARDS));
        }
    })
}

/// What is taken for granted, in the terms of a program.
#[derive(Debug, Default)]
pub(crate) struct Assumed {
    attributes: Vec<(AttributeIx, Value)>,
    consents: Vec<(ConsentIx, Option<journey_ir::Channel>)>,
}

impl Assumed {
    pub(crate) fn of(program: &Program, assume: Assume) -> Self {
        let ir = program.ir();
        let mut assumed = Self::default();
        if assume.consent {
            let all = 0..ir.schema.consents.len() as u32;
            assumed.consents = all.map(|at| (ConsentIx(at), None)).collect();
        }
        if assume.addresses {
            for (_, name) in &ir.project.addresses {
                let attribute = program.attribute_by_name(name);
                let Some(at) = attribute else { continue };
                let declared = ir.schema.attributes.get(at.at());
                let value = match declared.map(|it| &it.kind) {
                    Some(Type::EmailAddress) => "someone@example.com",
                    Some(Type::PhoneNumber) => "+821000000000",
                    _ => "someone",
                };
                let known = assumed.attributes.iter().any(|(it, _)| *it == at);
                if !known {
                    assumed.attributes.push((at, Value::Text(value.to_owned())));
                }
            }
        }
        assumed
    }

    fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.consents.is_empty()
    }
}
