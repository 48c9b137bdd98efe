//! A log that is read: what happened, by whom, packed and told apart into shards.
//!
//! Every thread takes the next part of the file, reads it and packs its rows. The place in the file goes with each record,
//! so that the order of what happened does not depend on which thread read it.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::{Arc, Mutex, PoisonError};

use journey_arrivals::{ANONYMOUS, Arrival, BadRow, Head, Part, Parts, Reading, Who, rank};
use journey_engine::{Item, Program};
use journey_ir::Instant;
use journey_ir::project::Import;

use super::packed::{self, Moment, Record, records};
use super::people::{Joined, Joins};
use super::shelf::{Board, SHARDS, Shelf, Tray};

/// How many bad rows are listed.
const LISTED: usize = 20;

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
pub(super) struct Share<'s> {
    tray: Tray<'s>,
    joins: Joins,
    intake: Intake,
}

/// Hands out the parts of a file.
pub(super) struct Reader<'a, R> {
    program: &'a Arc<Program>,
    head: &'a Head,
    mapping: &'a Import,
    shelf: &'a Shelf,
    parts: Mutex<Parts<R>>,
}

impl<'a, R: BufRead> Reader<'a, R> {
    pub(super) fn new(
        program: &'a Arc<Program>,
        head: &'a Head,
        mapping: &'a Import,
        shelf: &'a Shelf,
        parts: Parts<R>,
    ) -> Self {
        Self {
            program,
            head,
            mapping,
            shelf,
            parts: Mutex::new(parts),
        }
    }

    /// Reads parts until there are no more.
    pub(super) fn share(&self, tell: &dyn Fn()) -> Share<'a> {
        let mut share = Share {
            tray: Tray::new(self.shelf, Board::Read),
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

impl Share<'_> {
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
        let of = packed::Head {
            name: &name,
            moment,
            id: id.map(short),
            received_at,
        };
        self.tray.add(&name, |piece| packed::pack(of, &item, piece));
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

/// A log that was read.
#[derive(Debug)]
pub(crate) struct Log {
    shelf: Shelf,
    /// Who is who, where the log joins names.
    joined: Option<Joined>,
    pub(crate) intake: Intake,
}

/// What happened to the people of a shard.
#[derive(Debug)]
pub(super) struct Shard<'l> {
    read: Vec<Vec<u8>>,
    given: Vec<Vec<u8>>,
    joined: Option<&'l Joined>,
}

/// Puts together what the threads read, and which names it joins.
pub(super) fn together(shares: Vec<Share<'_>>) -> (Intake, Joins) {
    let (mut joins, mut intake) = (Joins::default(), Intake::default());
    for share in shares {
        joins.add(share.joins);
        intake.add(share.intake);
    }
    intake
        .listed
        .sort_by(|a, b| (a.line, &a.reason).cmp(&(b.line, &b.reason)));
    intake.listed.truncate(LISTED);
    (intake, joins)
}

impl Log {
    /// Gives everything to the person it belongs to.
    pub(super) fn new(shelf: Shelf, intake: Intake, joins: Joins) -> Self {
        let joined = (!joins.is_empty()).then(|| settled(&shelf, joins));
        if let Some(joined) = &joined {
            give(&shelf, joined);
        }
        Self {
            shelf,
            joined,
            intake,
        }
    }

    /// What happened to the people of a shard. Nothing is left of it afterwards.
    pub(super) fn take(&self, shard: usize) -> Shard<'_> {
        Shard {
            read: self.shelf.take(Board::Read, shard),
            given: self.shelf.take(Board::Given, shard),
            joined: self.joined.as_ref(),
        }
    }

    /// What happened to the people of a shard, which stays.
    pub(super) fn copy(&self, shard: usize) -> Shard<'_> {
        Shard {
            read: self.shelf.copy(Board::Read, shard),
            given: self.shelf.copy(Board::Given, shard),
            joined: self.joined.as_ref(),
        }
    }

    /// Whether nothing of the log was lost on its way.
    pub(super) fn whole(&self) -> std::io::Result<()> {
        self.shelf.whole()
    }
}

/// Who is who in the end.
fn settled(shelf: &Shelf, joins: Joins) -> Joined {
    let mut devices = BTreeSet::new();
    for shard in 0..SHARDS {
        shelf.show(shard, |piece| {
            let names = records(piece).map(|it| it.head.name);
            let of_devices = names.filter(|it| joins.may_be_device(it));
            for name in of_devices {
                if !devices.contains(name) {
                    devices.insert(name.to_owned());
                }
            }
        });
    }
    joins.settled(devices.iter().map(String::as_str))
}

/// Puts everything that happened under another name than the owner's under the owner's.
fn give(shelf: &Shelf, joined: &Joined) {
    let mut tray = Tray::new(shelf, Board::Given);
    for shard in 0..SHARDS {
        shelf.show(shard, |piece| {
            for record in records(piece) {
                if let Some(owner) = joined.owner(record.head.name, record.head.moment) {
                    tray.add(owner, |piece| record.pack_for(owner, piece));
                }
            }
        });
    }
}

impl Shard<'_> {
    /// Everything that happened to them, in no order.
    pub(super) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let own = |record: &Record<'_>| {
            let Record { head, .. } = record;
            let owner = self.joined.and_then(|it| it.owner(head.name, head.moment));
            owner.is_none()
        };
        let read = self.read.iter().flat_map(|it| records(it)).filter(own);
        read.chain(self.given.iter().flat_map(|it| records(it)))
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
