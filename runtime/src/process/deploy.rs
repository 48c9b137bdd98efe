//! A program meets a store: it is kept, linked with older ones whose runs are not over, and where it changed, every
//! contact is counted again under it.
//!
//! Counting again is silent (nobody joins, leaves or becomes), goes on where it was interrupted, and happens before
//! anything else is accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use journey_engine::{Contact, Item, LinkError, Program, advance, step};
use journey_ir::{self as ir, Instant};

use super::batch::Effects;
use super::cache::Cache;
use super::fate::{Fate, fates};
use super::kpis::Kpis;
use super::rankings::Rankings;
use super::scribe::Cause;
use super::tally::Census;
use super::{Keeping, Process, Wakes};
use crate::store::{ContactNo, Error, ProgramNo, Read, Store, TallyKey};

/// How many contacts are counted again per commit.
const CONTACTS_PER_COMMIT: usize = 500;
/// How many wake-ups that are due under the old program run per commit.
const WAKES_PER_COMMIT: usize = 1_000;

/// The current program, by its number.
const PROGRAM: &str = "program";
/// The program whose positions states and records are written under: the current one with what older ones add.
const POSITIONS: &str = "positions";
/// How far counting again has come: the program's number and the last contact.
const REBASE: &str = "rebase";

/// How far a deploy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Contacts that were counted again.
    pub done: u64,
    /// All contacts.
    pub total: u64,
}

/// Why a program cannot run on a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] Error),
    /// The program, or an older one in the store, is of a newer format or damaged.
    #[error(transparent)]
    Program(#[from] ir::LoadError),
    /// The program cannot be executed.
    #[error(
        "this program cannot be executed: {0}; compile it again with the journeyc of this release"
    )]
    Link(#[from] LinkError),
    /// There is no program in the store yet.
    #[error("no program has run on this data yet; start `journeyd run PROJECT` first")]
    NoProgram,
}

/// The programs of a store.
struct Kept {
    by_number: BTreeMap<ProgramNo, Arc<ir::Program>>,
}

impl Kept {
    fn read(store: &mut impl Read) -> Result<Self, OpenError> {
        let mut by_number = BTreeMap::new();
        for kept in store.programs()? {
            let program = ir::Program::from_json(&kept.json)?;
            by_number.insert(kept.number, Arc::new(program));
        }
        Ok(Self { by_number })
    }

    /// The program that ran here last, if it is another one than `number`.
    fn previous(
        &self,
        store: &mut impl Read,
        number: ProgramNo,
    ) -> Result<Option<Arc<ir::Program>>, Error> {
        let previous = number_in(store, PROGRAM)?.filter(|previous| *previous != number);
        Ok(previous.and_then(|previous| self.by_number.get(&previous).cloned()))
    }

    fn schemas(&self) -> BTreeMap<ProgramNo, ir::Schema> {
        let pairs = self.by_number.iter();
        pairs
            .map(|(number, program)| (*number, program.schema.clone()))
            .collect()
    }

    /// Links a program with those older ones that have journeys somebody is still inside of.
    fn link(
        &self,
        store: &mut impl Read,
        current: &Arc<ir::Program>,
    ) -> Result<Program, OpenError> {
        let mut needed: BTreeSet<(String, String)> = BTreeSet::new();
        for (key, n) in store.tallies()? {
            if key.what == "inside" && n > 0 && !key.version.is_empty() {
                let name = current.now_called(&key.journey).to_owned();
                needed.insert((name, key.version.to_string()));
            }
        }
        let mut meet = |program: &ir::Program| {
            let before = needed.len();
            for journey in &program.journeys {
                let name = current.now_called(&journey.name).to_owned();
                needed.remove(&(name, journey.version.clone()));
            }
            needed.len() < before
        };
        meet(current);
        let retained: Vec<Arc<ir::Program>> = self
            .by_number
            .values()
            .rev()
            .filter(|program| meet(program))
            .cloned()
            .collect();
        Ok(Program::link(Arc::clone(current), &retained)?)
    }
}

/// The program that ran on a store last, linked, for reports.
pub fn current_program(store: &mut impl Read) -> Result<Arc<Program>, OpenError> {
    let number = number_in(store, PROGRAM)?.ok_or(OpenError::NoProgram)?;
    let kept = Kept::read(store)?;
    let current = kept.by_number.get(&number).ok_or(OpenError::NoProgram)?;
    Ok(Arc::new(kept.link(store, current)?))
}

/// The program that ran on a store last, as it was compiled.
pub fn last_program(store: &mut impl Read) -> Result<ir::Program, OpenError> {
    let number = number_in(store, PROGRAM)?.ok_or(OpenError::NoProgram)?;
    let programs = store.programs()?;
    let kept = programs.iter().find(|kept| kept.number == number);
    Ok(ir::Program::from_json(
        &kept.ok_or(OpenError::NoProgram)?.json,
    )?)
}

/// Opens a store for a program. `progress` hears how far counting again is.
pub fn open<S: Store>(
    mut store: S,
    program: ir::Program,
    now: Instant,
    progress: &mut dyn FnMut(Progress),
) -> Result<Process<S>, OpenError> {
    let number = store.keep_program(&program.hash(), &program.to_json(), now)?;
    let kept = Kept::read(&mut store)?;
    let old = kept.previous(&mut store, number)?;
    let current = Arc::new(program);
    let Some(old) = old else {
        let linked = Arc::new(kept.link(&mut store, &current)?);
        let mut process = assemble(store, &kept, linked, now)?;
        process.settle_on(number, now)?;
        return Ok(process);
    };
    let old_linked = Arc::new(kept.link(&mut store, &old)?);
    let mut process = assemble(store, &kept, old_linked, now)?;
    process.switch(&kept, number, &current, now, progress)?;
    Ok(process)
}

fn assemble<S: Store>(
    mut store: S,
    kept: &Kept,
    linked: Arc<Program>,
    now: Instant,
) -> Result<Process<S>, OpenError> {
    let keeping = keeping(&mut store, kept, &linked, now)?;
    Ok(Process::new(store, linked, keeping, now)?)
}

/// Positions of what only older programs have depend on which of them are linked, so that the result is kept too.
fn keeping(
    store: &mut impl Store,
    kept: &Kept,
    linked: &Program,
    now: Instant,
) -> Result<Keeping, OpenError> {
    let whole = linked.ir();
    let positions = store.keep_program(&whole.hash(), &whole.to_json(), now)?;
    let mut schemas = kept.schemas();
    schemas.insert(positions, whole.schema.clone());
    Ok(Keeping { positions, schemas })
}

impl<S: Store> Process<S> {
    /// What would become of each journey if `program` ran from now on. Changes nothing.
    pub fn plan(&mut self, program: &ir::Program) -> Result<Vec<Fate>, OpenError> {
        let kept = Kept::read(&mut self.store)?;
        let current = Arc::new(program.clone());
        kept.link(&mut self.store, &current)?;
        let number = number_in(&mut self.store, PROGRAM)?.ok_or(OpenError::NoProgram)?;
        let old = kept.by_number.get(&number).ok_or(OpenError::NoProgram)?;
        fates(&mut self.store, old, program)
    }

    /// Goes on with another program, between two turns. Where it is refused nothing has changed; where the store fails
    /// half-way, the same call must be made again until it succeeds, before anything else.
    pub fn redeploy(
        &mut self,
        program: ir::Program,
        now: Instant,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), OpenError> {
        let hash = program.hash();
        let number = self.store.keep_program(&hash, &program.to_json(), now)?;
        let kept = Kept::read(&mut self.store)?;
        if kept.previous(&mut self.store, number)?.is_none() {
            return Ok(());
        }
        self.switch(&kept, number, &Arc::new(program), now, progress)
    }

    /// Counts every contact again under `current`, and stays with it.
    fn switch(
        &mut self,
        kept: &Kept,
        number: ProgramNo,
        current: &Arc<ir::Program>,
        now: Instant,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), OpenError> {
        let Some(old) = kept.previous(&mut self.store, number)? else {
            return Ok(());
        };
        // What is wrong with the program is found before anything changes.
        kept.link(&mut self.store, current)?;
        tracing::info!(to = number.0, "deploy.program_changed");
        for fate in fates(&mut self.store, &old, current)? {
            fate.log();
        }
        let old_linked = kept.link(&mut self.store, &old)?;
        let going_on = interrupted(&mut self.store, number)?;
        if going_on.is_none() {
            self.catch_up(now)?;
            // From here on only the new program is right, so that a try after a failure must not catch up again.
            let mut decision = self.decision(now);
            let position = format!("{} 0", number.0);
            decision.meta = vec![(REBASE.to_owned(), Some(position))];
            self.store.commit(&decision)?;
        }
        let linked = Arc::new(kept.link(&mut self.store, current)?);
        let keeping = keeping(&mut self.store, kept, &linked, now)?;
        let kpis = Kpis::read(&mut self.store, linked.ir(), now)?;
        let rankings = Rankings::read(&mut self.store, linked.ir(), now)?;
        (self.kpis, self.rankings) = (kpis, rankings);
        self.keeping = keeping;
        self.program = linked;
        self.cache = Cache::new();
        let change = Change {
            to: number,
            old: &old_linked,
            new_journeys: entering_now(&old, current),
        };
        let from = going_on.unwrap_or(ContactNo(0));
        count_again(self, &change, from, now, progress)?;
        self.settle_on(number, now)?;
        Ok(())
    }

    /// Runs everything that was due before the change under the program it was decided by.
    fn catch_up(&mut self, now: Instant) -> Result<(), Error> {
        let wakes = Wakes {
            until: now,
            most: WAKES_PER_COMMIT,
            effects: Effects::Act,
        };
        while self.turn(&[], Some(wakes), now)?.woken > 0 {}
        Ok(())
    }

    /// Writes down which program runs here.
    fn settle_on(&mut self, number: ProgramNo, now: Instant) -> Result<(), Error> {
        let mut decision = self.decision(now);
        decision.meta = vec![
            (PROGRAM.to_owned(), Some(number.0.to_string())),
            (
                POSITIONS.to_owned(),
                Some(self.keeping.positions.0.to_string()),
            ),
            (REBASE.to_owned(), None),
        ];
        let ir = self.program.ir();
        decision.tallies = under_new_names(self.store.tallies()?, ir);
        decision.meta.extend(self.kpis.beginnings(ir));
        decision.meta.extend(self.rankings.beginnings(ir));
        self.store.commit(&decision)
    }
}

/// What changes for contacts.
struct Change<'a> {
    to: ProgramNo,
    /// The program the counters still speak of.
    old: &'a Program,
    /// Journeys that let current members in at their first deploy.
    new_journeys: Vec<String>,
}

fn count_again<S: Store>(
    process: &mut Process<S>,
    change: &Change<'_>,
    mut from: ContactNo,
    now: Instant,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), OpenError> {
    let tallies = process.store.tallies()?;
    let contacts = tallies.iter().filter(|(key, _)| key.what == "contacts");
    let total: i64 = contacts.map(|(_, n)| *n).sum();
    let mut done = 0;
    loop {
        let rows = process.store.following(from, CONTACTS_PER_COMMIT)?;
        let Some(last) = rows.last().map(|row| row.number) else {
            return Ok(());
        };
        done += rows.len() as u64;
        let decision = process.decision(now);
        let mut turn = process.begin(decision);
        let numbers: Vec<ContactNo> = rows.iter().map(|row| row.number).collect();
        turn.load(&numbers)?;
        for row in &rows {
            let number = row.number;
            let Some(mut one) = turn.working.remove(&number) else {
                continue;
            };
            if let Ok(mut before) = Contact::decode(&row.state, change.old) {
                one.held.census = Census::of(&before, change.old);
                // What fell due while counting again was interrupted was decided by the old program, too.
                if before.next_wake().is_some_and(|wake| wake <= now) {
                    advance(change.old, &mut before, now, &mut turn.scribe.outcome);
                    if let Ok(after) = Contact::decode(&before.encode(), turn.program) {
                        one.held.contact = after;
                    }
                }
            }
            let past = turn.read_again(&one.chains.clone())?;
            turn.rebase(&mut one, past.events);
            for journey in &change.new_journeys {
                let item = Item::Enroll {
                    journey: journey.clone(),
                    occurred_at: now,
                };
                let outcome = &mut turn.scribe.outcome;
                step(turn.program, &mut one.held.contact, &item, now, outcome);
            }
            let cause = Cause::time(now, Effects::Act);
            turn.scribe.record(number, &mut one, cause)?;
            turn.working.insert(number, one);
            turn.grant(number, Effects::Act)?;
        }
        let mut finished = turn.finish();
        let position = format!("{} {}", change.to.0, last.0);
        finished
            .decision
            .meta
            .push((REBASE.to_owned(), Some(position)));
        process.settle(finished)?;
        from = last;
        progress(Progress {
            done,
            total: total.max(0).unsigned_abs(),
        });
    }
}

/// What is counted of a journey that was renamed is counted under its name of today. Where people stand has followed
/// them there already.
fn under_new_names(
    tallies: Vec<(TallyKey, i64)>,
    current: &ir::Program,
) -> BTreeMap<TallyKey, i64> {
    let mut changes = BTreeMap::new();
    for (key, n) in tallies {
        let name = current.now_called(&key.journey);
        if n != 0 && *name != *key.journey {
            let journey = name.into();
            let now = TallyKey {
                journey,
                ..key.clone()
            };
            *changes.entry(key).or_default() -= n;
            *changes.entry(now).or_default() += n;
        }
    }
    changes
}

/// Journeys that the old program did not have and that let current members in.
fn entering_now(old: &ir::Program, new: &ir::Program) -> Vec<String> {
    let is_new = |name: &str| {
        let mut before = old.journeys.iter();
        before.all(|journey| new.now_called(&journey.name) != name)
    };
    new.journeys
        .iter()
        .filter(|journey| journey.include_current && is_new(&journey.name))
        .map(|journey| journey.name.clone())
        .collect()
}

fn number_in(store: &mut impl Read, name: &str) -> Result<Option<ProgramNo>, Error> {
    let text = store.meta(name)?;
    Ok(text.and_then(|text| text.parse().ok()).map(ProgramNo))
}

/// Whether contacts are being counted again, or that was interrupted.
pub(super) fn is_counting_again(store: &mut impl Read) -> Result<bool, Error> {
    Ok(store.meta(REBASE)?.is_some())
}

/// The last contact that was counted again under this program, if that was interrupted.
fn interrupted(store: &mut impl Read, number: ProgramNo) -> Result<Option<ContactNo>, Error> {
    let text = store.meta(REBASE)?.unwrap_or_default();
    let position = text.split_once(' ').and_then(|(program, contact)| {
        let same = program.parse() == Ok(number.0);
        same.then(|| contact.parse().ok())?
    });
    Ok(position.map(ContactNo))
}
