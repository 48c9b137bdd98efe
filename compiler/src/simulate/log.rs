//! A log in memory: what happened, by whom, told apart into shards by a hash of the name. Takes about 300 bytes a row.
//!
//! Every thread takes the next part of the file, reads it and keeps its own shards. The place in the file goes with each
//! entry, so that the order of what happened does not depend on which thread read it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::BufRead;
use std::sync::{Arc, Mutex, PoisonError};

use journey_arrivals::{ANONYMOUS, Arrival, BadRow, Head, Part, Parts, Reading, Who, rank};
use journey_engine::{Item, Program};
use journey_ir::Instant;
use journey_ir::project::Import;

use super::people::Joins;

/// Into how many shards people are told apart.
pub(super) const SHARDS: usize = 64;
/// How many bad rows are listed.
const LISTED: usize = 20;

/// One thing that happened to somebody.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) moment: Moment,
    /// By what a repeat is recognised.
    pub(super) id: Option<u64>,
    pub(super) received_at: Instant,
    pub(super) item: Item,
}

/// When something happened, among all that happened to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    pub(super) at: Instant,
    /// The order at one instant.
    pub(super) rank: u8,
    /// The place in the file.
    pub(super) place: u64,
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    /// Rows.
    pub(crate) rows: u64,
    /// Rows of types that the mapping passes over.
    pub(crate) passed_over: u64,
    /// Rows that could not be read or accepted, and parts of rows.
    pub(crate) bad: u64,
    /// The first of them.
    pub(crate) listed: Vec<BadRow>,
    /// When the oldest row happened.
    pub(crate) first: Option<Instant>,
    /// When the newest row happened.
    pub(crate) last: Option<Instant>,
    /// Whether names were joined without anything else happening: they count as taken.
    pub(crate) joined: u64,
}

/// What one thread read.
#[derive(Debug)]
pub(super) struct Share {
    shards: Vec<Vec<Entry>>,
    joins: Joins,
    intake: Intake,
}

/// Hands out the parts of a file.
pub(super) struct Reader<'a, R> {
    program: &'a Arc<Program>,
    head: &'a Head,
    mapping: &'a Import,
    parts: Mutex<Parts<R>>,
}

impl<'a, R: BufRead> Reader<'a, R> {
    pub(super) fn new(
        program: &'a Arc<Program>,
        head: &'a Head,
        mapping: &'a Import,
        parts: Parts<R>,
    ) -> Self {
        Self {
            program,
            head,
            mapping,
            parts: Mutex::new(parts),
        }
    }

    /// Reads parts until there are no more.
    pub(super) fn share(&self, tell: &dyn Fn()) -> Share {
        let mut share = Share {
            shards: (0..SHARDS).map(|_| Vec::new()).collect(),
            joins: Joins::default(),
            intake: Intake::default(),
        };
        loop {
            let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
            let next = parts.next_part();
            let lines = parts.lines();
            drop(parts);
            match next {
                Ok(None) => return share,
                Ok(Some(part)) => share.read(self, &part),
                Err(error) => share.bad(BadRow {
                    line: lines + 1,
                    code: "file_broken",
                    reason: format!("the file cannot be read from here on: {error}"),
                    text: String::new(),
                }),
            }
            tell();
        }
    }
}

impl Share {
    fn read<R>(&mut self, reader: &Reader<'_, R>, part: &Part) {
        // The mapping was held against the header before.
        let Ok(mut source) = reader.head.read(part, reader.mapping, reader.program) else {
            return;
        };
        let mut place = part.number << 32;
        while let Some(reading) = source.next(reader.program) {
            self.intake.rows += 1;
            match reading {
                Reading::PassedOver => self.intake.passed_over += 1,
                Reading::Bad(bad) => self.bad(bad),
                Reading::Taken { arrivals, bad } => {
                    for arrival in arrivals {
                        place += 1;
                        self.take(arrival, place);
                    }
                    for bad in bad {
                        self.bad(bad);
                    }
                }
            }
        }
    }

    fn bad(&mut self, bad: BadRow) {
        self.intake.bad += 1;
        // Parts of one thread come in order: its first bad rows are enough.
        if self.intake.listed.len() < LISTED {
            self.intake.listed.push(bad);
        }
    }

    fn take(&mut self, arrival: Arrival, place: u64) {
        let Arrival {
            who,
            received_at,
            id,
            item,
        } = arrival;
        let heard = received_at;
        self.intake.first = Some(self.intake.first.map_or(heard, |it| it.min(heard)));
        self.intake.last = self.intake.last.max(Some(heard));
        let at = item.as_ref().map_or(heard, Item::occurred_at);
        let moment = Moment {
            at,
            rank: item.as_ref().map_or(0, rank),
            place,
        };
        let name = match who {
            Who::Known(known) => known,
            Who::Anonymous(id) => format!("{ANONYMOUS}{id}"),
            Who::Both { known, anonymous } => {
                self.joins.device(&anonymous, &known, moment);
                known
            }
            Who::Alias { known, previous } => {
                self.joins.alias(&previous, &known, moment);
                known
            }
        };
        let Some(item) = item else {
            self.intake.joined += 1;
            return;
        };
        let entry = Entry {
            moment,
            id: id.map(short),
            received_at,
            item,
            name,
        };
        if let Some(shard) = self.shards.get_mut(shard_of(&entry.name)) {
            shard.push(entry);
        }
    }
}

/// Eight bytes are enough to tell apart what happened to one person.
fn short(id: [u8; 16]) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(id) {
        *to = from;
    }
    u64::from_le_bytes(first)
}

fn shard_of(name: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    (hasher.finish() % SHARDS as u64) as usize
}

/// A log that was read.
#[derive(Debug)]
pub(crate) struct Log {
    shards: Vec<Mutex<Vec<Vec<Entry>>>>,
    pub(crate) intake: Intake,
}

impl Log {
    /// Puts together what the threads read, and gives everything to the person it belongs to.
    pub(super) fn of(read: Vec<Share>) -> Self {
        let mut shards: Vec<Vec<Vec<Entry>>> = (0..SHARDS).map(|_| Vec::new()).collect();
        let (mut joins, mut intake) = (Joins::default(), Intake::default());
        for share in read {
            joins.add(share.joins);
            intake.add(share.intake);
            for (shard, entries) in shards.iter_mut().zip(share.shards) {
                shard.push(entries);
            }
        }
        intake
            .listed
            .sort_by(|a, b| (a.line, &a.reason).cmp(&(b.line, &b.reason)));
        intake.listed.truncate(LISTED);
        if !joins.is_empty() {
            resettle(&mut shards, joins);
        }
        Self {
            shards: shards.into_iter().map(Mutex::new).collect(),
            intake,
        }
    }

    /// The entries of a shard, which stay.
    pub(super) fn copy(&self, shard: usize) -> Vec<Entry> {
        let Some(shard) = self.shards.get(shard) else {
            return Vec::new();
        };
        let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.iter().flatten().cloned().collect()
    }

    /// What happened to the people of a shard. Nothing is left of it afterwards.
    pub(super) fn take(&self, shard: usize) -> Vec<Entry> {
        let Some(shard) = self.shards.get(shard) else {
            return Vec::new();
        };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.drain(..).flatten().collect()
    }
}

impl Intake {
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.passed_over += other.passed_over;
        self.bad += other.bad;
        self.joined += other.joined;
        self.listed.extend(other.listed);
        self.last = self.last.max(other.last);
        self.first = match (self.first, other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// Moves entries under the names of the people they belong to.
fn resettle(shards: &mut [Vec<Vec<Entry>>], joins: Joins) {
    let all = || shards.iter().flatten().flatten();
    let joined = joins.settled(all().map(|it| it.name.as_str()));
    let mut moved = Vec::new();
    for entries in shards.iter_mut().flatten() {
        let leaving = |entry: &mut Entry| joined.owner(&entry.name, entry.moment).is_some();
        moved.extend(entries.extract_if(.., leaving));
    }
    for mut entry in moved {
        if let Some(owner) = joined.owner(&entry.name, entry.moment) {
            owner.clone_into(&mut entry.name);
        }
        let shard = shards.get_mut(shard_of(&entry.name));
        if let Some(shard) = shard {
            match shard.last_mut() {
                Some(entries) => entries.push(entry),
                None => shard.push(vec![entry]),
            }
        }
    }
}
