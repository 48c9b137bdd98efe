//! A log of what really happened goes through a project on its own time: what would have been sent to whom, who would
//! have come how far, and what another version of the project would have done differently.
//!
//! Everything is decided by the engine's own step. Reading order: [`log`](mod@log) (a file to records, on all threads),
//! `packed` and `shelf` (where they wait), `people` (records to people, names that are ever joined being one person),
//! `player` (one person's life), `rankings` (people side by
//! side), `prizes` (what people compete for), `act` (what was done), `counter` (counting it: `named` and
//! `calendar` say under what), `tally` (what it comes to),
//! `compare` (two programs side by side), `report` (for eyes and programs). Nothing is sent and no clock is read.

mod act;
mod calendar;
mod compare;
mod counter;
mod log;
mod named;
mod packed;
mod people;
mod player;
mod prizes;
mod rankings;
mod reason;
mod report;
mod shelf;
mod tally;

use std::io::{self, BufRead};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use journey_arrivals::rows::Unreadable;
use journey_arrivals::{Layout, Parts};
use journey_engine::Program;
use journey_ir::project::Import;
use journey_ir::{AttributeIx, Channel, ConsentIx, Instant, Type, Value};

pub use compare::{Comparison, compare};
pub(crate) use log::Log;
pub use report::SimulationReport;
pub use shelf::Memory;
pub(crate) use tally::Tally;

use act::{Act, Deed};
use people::people;
use player::{Played, Player};
use rankings::Rankings;
use shelf::{SHARDS, Shelf};

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
    /// How much of the log is held in memory. The result does not depend on it.
    pub memory: Memory,
    /// Whether every message is listed. The list is held in memory.
    pub list: bool,
}

/// A message that somebody would have got.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    /// When.
    pub at: Instant,
    /// Who.
    pub person: String,
    /// On which channel.
    pub channel: Channel,
    /// Which.
    pub template: String,
    /// From which journey.
    pub journey: String,
}

/// Why a log cannot be simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The log cannot be read at all.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// What memory has no room for could not be put into a file, or not be read from there.
    #[error("the log is larger than what is held in memory, and its temporary file failed: {0}")]
    NoRoom(#[from] io::Error),
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
    messages: Vec<Sent>,
}

impl Simulation {
    /// How many rows were read.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.intake.rows
    }

    /// Every message, by time and then by person, where that was asked for.
    #[must_use]
    pub fn messages(&self) -> &[Sent] {
        &self.messages
    }
}

/// Reads a log and lets everyone in it live through a program.
pub fn simulate<R: BufRead + Send>(
    side: Side<'_, R>,
    tell: &(dyn Fn(Stage) + Sync),
) -> Result<Simulation, SimulationError> {
    let Side {
        program,
        input,
        settings,
    } = side;
    let log = read(program, input, settings, tell)?;
    let until = until(&log, settings.until);
    let assumed = Assumed::of(program, settings.assume);
    let rankings = Rankings::of(program, &log, until, &assumed, settings.threads);
    let shards = Shards::new(tell);
    let played = on_all(settings.threads, || {
        let own = own(program);
        let mut player = Player::new(&own, until, &assumed, Tally::new(program), &rankings);
        let (mut waiting, mut messages) = (Vec::new(), Vec::new());
        while let Some(shard) = shards.next() {
            for person in people(&log.take(shard)) {
                match player.play(&person, settings.list) {
                    Played::Ended(acts) => messages.extend(sent(person.name, &acts)),
                    Played::Waits(one) => waiting.push(one),
                }
            }
        }
        (player.finish(), waiting, messages)
    });
    log.whole()?;
    let (mut tallies, mut waiting, mut messages) = (Vec::new(), Vec::new(), Vec::new());
    for (tally, some, all) in played {
        tallies.push(tally);
        waiting.extend(some);
        messages.extend(all);
    }
    let tally = Tally::merged(program, tallies);
    let mut last = Player::new(program, until, &assumed, tally, &rankings);
    let names: Vec<String> = waiting.iter().map(|it| it.order().1.to_owned()).collect();
    let waiting = waiting.into_iter().enumerate().collect();
    prizes::decide(&mut last, waiting, |number, acts| {
        let name = names.get(number).map_or("", String::as_str);
        messages.extend(sent(name, &acts));
    });
    messages.sort_unstable();
    Ok(Simulation {
        program: Arc::clone(program),
        tally: last.finish().sorted(),
        intake: log.intake,
        assume: settings.assume,
        until,
        messages,
    })
}

/// The messages among what was done to somebody.
fn sent(person: &str, acts: &[Act]) -> impl Iterator<Item = Sent> {
    acts.iter().filter_map(move |act| match &act.deed {
        Deed::Sent { channel, template } => Some(Sent {
            at: act.at,
            person: person.to_owned(),
            channel: *channel,
            template: template.to_string(),
            journey: act.journey.to_string(),
        }),
        _ => None,
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
    let shelf = Shelf::new(settings.memory);
    let reader = log::Reader::new(program, &head, settings.mapping, &shelf, parts);
    let shares = on_all(settings.threads, || reader.share(&|| tell(Stage::Reading)));
    let (intake, joins) = log::together(shares);
    Ok(Log::new(shelf, intake, joins))
}

fn until(log: &Log, until: Until) -> Option<Instant> {
    let last = log.intake.last?;
    Some(match until {
        Until::End => last,
        Until::At(at) => at.max(last),
        Until::After(length) => last.saturating_add(length),
    })
}

/// The same program with names of its own: what all threads count references of would be slow to all of them.
pub(crate) fn own(program: &Arc<Program>) -> Arc<Program> {
    let own = Program::link(Arc::clone(program.shared_ir()), &[]);
    own.map_or_else(|_| Arc::clone(program), Arc::new)
}

/// Does the same on every thread, this one among them.
pub(crate) fn on_all<T: Send>(threads: NonZeroUsize, work: impl Fn() -> T + Sync) -> Vec<T> {
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

/// Hands out the shards one by one, to all threads.
pub(crate) struct Shards<'a> {
    next: AtomicUsize,
    tell: &'a (dyn Fn(Stage) + Sync),
}

impl<'a> Shards<'a> {
    pub(crate) fn new(tell: &'a (dyn Fn(Stage) + Sync)) -> Self {
        let next = AtomicUsize::new(0);
        Self { next, tell }
    }

    pub(crate) fn next(&self) -> Option<usize> {
        let shard = self.next.fetch_add(1, Ordering::Relaxed);
        (self.tell)(Stage::Playing(shard.min(SHARDS) * 100 / SHARDS));
        (shard < SHARDS).then_some(shard)
    }
}

/// What is taken for granted, in the terms of a program.
#[derive(Debug, Default)]
pub(crate) struct Assumed {
    attributes: Vec<(AttributeIx, Value)>,
    consents: Vec<(ConsentIx, Option<Channel>)>,
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
