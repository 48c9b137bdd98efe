//! A program meets a store: it is kept, linked with older ones whose runs are not over, and decides from the next turn
//! on. Where it is another than before, a new era begins with one commit; contacts follow one by one, when something
//! happens to them or when the sweep comes to them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use journey_engine::{LinkError, Program};
use journey_ir::{self as ir, Instant};
use serde::Deserialize;

use super::cache::Cache;
use super::enrolment::Enrolments;
use super::eras::{self, Era, EraNo, Eras, Written};
use super::fate::{Fate, fates};
use super::kpis::Kpis;
use super::rankings::Rankings;
use super::sweep::{self, Progress, Sweep};
use super::{Keeping, Process};
use crate::store::{Error, ProgramNo, Read, Store, TallyKey};

/// The current program, by its number.
const PROGRAM: &str = "program";
/// How many contacts are counted again per commit, where nothing else waits.
const CONTACTS_PER_COMMIT: usize = 500;

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

/// The programs of a store. There may be hundreds, of which few are needed: each is read when it is.
struct Kept {
    by_number: BTreeMap<ProgramNo, Text>,
}

/// A program as it is kept.
struct Text {
    json: String,
    read: OnceCell<Arc<ir::Program>>,
}

impl Text {
    fn program(&self) -> Result<&Arc<ir::Program>, OpenError> {
        if let Some(program) = self.read.get() {
            return Ok(program);
        }
        let program = ir::Program::from_json(&self.json)?;
        Ok(self.read.get_or_init(|| Arc::new(program)))
    }

    /// The schema alone, without reading the rest. A program of a newer format is refused here, too.
    fn schema(&self) -> Result<ir::Schema, OpenError> {
        #[derive(Deserialize)]
        struct Format {
            ir: u16,
        }
        #[derive(Deserialize)]
        struct Part {
            schema: ir::Schema,
        }
        let malformed = |error| OpenError::Program(ir::LoadError::Malformed(error));
        let format: Format = serde_json::from_str(&self.json).map_err(malformed)?;
        if format.ir > ir::FORMAT {
            return Err(ir::LoadError::Newer { found: format.ir }.into());
        }
        let part: Part = serde_json::from_str(&self.json).map_err(malformed)?;
        Ok(part.schema)
    }
}

impl Kept {
    fn read(store: &mut impl Read) -> Result<Self, Error> {
        let kept = store.programs()?.into_iter().map(|kept| {
            let text = Text {
                json: kept.json,
                read: OnceCell::new(),
            };
            (kept.number, text)
        });
        Ok(Self {
            by_number: kept.collect(),
        })
    }

    fn get(&self, number: ProgramNo) -> Result<&Arc<ir::Program>, OpenError> {
        let kept = self.by_number.get(&number);
        kept.ok_or(OpenError::NoProgram)?.program()
    }

    /// The schemas of all programs, of which some are known.
    fn schemas(
        &self,
        known: &BTreeMap<ProgramNo, ir::Schema>,
    ) -> Result<BTreeMap<ProgramNo, ir::Schema>, OpenError> {
        let mut schemas = known.clone();
        for (number, text) in &self.by_number {
            if !known.contains_key(number) {
                schemas.insert(*number, text.schema()?);
            }
        }
        Ok(schemas)
    }

    /// Links a program with those older ones that have journeys somebody is still inside of, and with what `late` ones
    /// were linked to: their journeys may still be entered, and contacts that are counted under them later may be inside
    /// of older journeys by names that only these had.
    fn link(
        &self,
        store: &mut impl Read,
        current: &Arc<ir::Program>,
        late: &[ProgramNo],
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
            (needed.len() < before, needed.is_empty())
        };
        let (_, mut all_met) = meet(current);
        let mut retained: Vec<Arc<ir::Program>> = Vec::new();
        for (number, text) in self.by_number.iter().rev() {
            let is_late = late.contains(number);
            if all_met && !is_late {
                continue;
            }
            let program = text.program()?;
            let (meets, all) = meet(program);
            all_met = all;
            if meets || is_late {
                retained.push(Arc::clone(program));
            }
        }
        Ok(Program::link(Arc::clone(current), &retained)?)
    }

    /// An era that is over, with its program as it was linked then.
    fn past(&self, written: Written) -> Result<Era, OpenError> {
        let current = self.get(written.program())?;
        let whole = Arc::clone(self.get(written.positions())?);
        Ok(Era {
            written,
            program: Arc::new(Program::link_again(whole, current)?),
        })
    }
}

/// The program that ran on a store last, linked, for reports.
pub fn current_program(store: &mut impl Read) -> Result<Arc<Program>, OpenError> {
    let number = number_in(store, PROGRAM)?.ok_or(OpenError::NoProgram)?;
    let kept = Kept::read(store)?;
    let late = late(&eras::read(store)?);
    Ok(Arc::new(kept.link(store, kept.get(number)?, &late)?))
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

/// Opens a store for a program, and counts every contact again where it is another than before. `progress` hears how far
/// that is.
pub fn open<S: Store>(
    store: S,
    program: ir::Program,
    now: Instant,
    progress: &mut dyn FnMut(Progress),
) -> Result<Process<S>, OpenError> {
    let mut process = take_up(store, program, now)?;
    while let Some(at) = process.sweep(CONTACTS_PER_COMMIT, now)? {
        progress(at);
    }
    Ok(process)
}

/// Opens a store for a program. Where it is another than before, or was not through with all contacts, what is left for
/// [`Process::sweep`] is in [`Process::progress`].
pub fn take_up<S: Store>(
    mut store: S,
    program: ir::Program,
    now: Instant,
) -> Result<Process<S>, OpenError> {
    let number = store.keep_program(&program.hash(), &program.to_json(), now)?;
    let kept = Kept::read(&mut store)?;
    let current = Arc::new(program);
    let mut written = eras::read(&mut store)?;
    let Some(before) = number_in(&mut store, PROGRAM)? else {
        return assemble(store, &kept, &current, None, (number, now));
    };
    let last = written.pop();
    let running = kept.get(before)?;
    let past = written.into_iter().map(|era| kept.past(era));
    let past = past.collect::<Result<Vec<Era>, _>>()?;
    // A store of a release that knew no eras has only had one.
    let eras = last.map(|last| Eras::of(past, last));
    let mut process = assemble(store, &kept, running, eras, (before, now))?;
    if before != number {
        // What ran is linked anew, and that is kept, too.
        let kept = Kept::read(&mut process.store)?;
        process.switch(&kept, number, &current, now)?;
    }
    Ok(process)
}

/// Makes a process of a store in which everything is as the last commit left it.
fn assemble<S: Store>(
    mut store: S,
    kept: &Kept,
    program: &Arc<ir::Program>,
    eras: Option<Eras>,
    (number, now): (ProgramNo, Instant),
) -> Result<Process<S>, OpenError> {
    let late = eras.as_ref().map(Eras::late).unwrap_or_default();
    let linked = Arc::new(kept.link(&mut store, program, &late)?);
    let keeping = keeping(&mut store, kept, &linked, &BTreeMap::new(), now)?;
    let positions = keeping.positions;
    let eras = match eras {
        Some(eras) => eras.at_positions(positions),
        None => Eras::only(EraNo::FIRST, number, positions, now),
    };
    let change = Changed {
        kpis: Kpis::read(&mut store, linked.ir(), now)?,
        rankings: Rankings::read(&mut store, linked.ir(), now)?,
        sweep: Sweep::read(&mut store)?,
        enrolments: Enrolments::read(&mut store)?,
        program: linked,
        keeping,
        eras,
    };
    let settings = change.settings(number);
    let mut process = Process::new(store, change)?;
    let mut decision = process.decision(now);
    decision.meta = settings;
    process.store.commit(&decision)?;
    Ok(process)
}

/// Positions of what only older programs have depend on which of them are linked, so that the result is kept too.
fn keeping(
    store: &mut impl Store,
    kept: &Kept,
    linked: &Program,
    known: &BTreeMap<ProgramNo, ir::Schema>,
    now: Instant,
) -> Result<Keeping, OpenError> {
    let whole = linked.ir();
    let positions = store.keep_program(&whole.hash(), &whole.to_json(), now)?;
    let mut schemas = kept.schemas(known)?;
    schemas.insert(positions, whole.schema.clone());
    Ok(Keeping { positions, schemas })
}

/// What the eras were linked to whose journeys may still be entered.
fn late(eras: &[Written]) -> Vec<ProgramNo> {
    let late = eras.iter().filter(|era| era.is_late());
    late.map(Written::positions).collect()
}

/// What a process is made of, apart from its store, and what another program puts in its place.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) program: Arc<Program>,
    pub(super) keeping: Keeping,
    pub(super) kpis: Kpis,
    pub(super) rankings: Rankings,
    pub(super) eras: Eras,
    pub(super) sweep: Option<Sweep>,
    pub(super) enrolments: Enrolments,
}

impl Changed {
    /// Which program decides from now on, and since when.
    fn settings(&self, number: ProgramNo) -> Vec<(String, Option<String>)> {
        let ir = self.program.ir();
        let mut meta = vec![
            (PROGRAM.to_owned(), Some(number.0.to_string())),
            self.eras.setting(),
            sweep::setting(self.sweep.as_ref()),
            self.enrolments.setting(),
        ];
        meta.extend(self.kpis.beginnings(ir));
        meta.extend(self.rankings.beginnings(ir));
        meta
    }
}

impl<S: Store> Process<S> {
    /// What would become of each journey if `program` ran from now on. Changes nothing.
    pub fn plan(&mut self, program: &ir::Program) -> Result<Vec<Fate>, OpenError> {
        let kept = Kept::read(&mut self.store)?;
        let current = Arc::new(program.clone());
        kept.link(&mut self.store, &current, &[])?;
        let number = number_in(&mut self.store, PROGRAM)?.ok_or(OpenError::NoProgram)?;
        fates(&mut self.store, kept.get(number)?, program)
    }

    /// Goes on with another program, between two turns. One commit does it: where it is refused or the store fails,
    /// nothing has changed. Contacts are counted again by [`Self::sweep`], or when something happens to them.
    pub fn redeploy(&mut self, program: ir::Program, now: Instant) -> Result<(), OpenError> {
        let hash = program.hash();
        let number = self.store.keep_program(&hash, &program.to_json(), now)?;
        if number_in(&mut self.store, PROGRAM)? == Some(number) {
            return Ok(());
        }
        let kept = Kept::read(&mut self.store)?;
        self.switch(&kept, number, &Arc::new(program), now)
    }

    /// Lets `current` decide from now on.
    fn switch(
        &mut self,
        kept: &Kept,
        number: ProgramNo,
        current: &Arc<ir::Program>,
        now: Instant,
    ) -> Result<(), OpenError> {
        let now = now.max(self.latest);
        let before = number_in(&mut self.store, PROGRAM)?.ok_or(OpenError::NoProgram)?;
        let old = kept.get(before)?;
        // Whoever is not yet counted, or is due, will still be brought to the end of the era.
        let is_late = self.sweep.is_some() || !self.store.due(now, 1)?.is_empty();
        let mut late = self.eras.late();
        late.extend(is_late.then_some(self.keeping.positions));
        let linked = Arc::new(kept.link(&mut self.store, current, &late)?);
        tracing::info!(to = number.0, "deploy.program_changed");
        for fate in fates(&mut self.store, old, current)? {
            fate.log();
        }
        let known = &self.keeping.schemas;
        let keeping = keeping(&mut self.store, kept, &linked, known, now)?;
        let decided_by = &self.program;
        let eras = &self.eras;
        let eras = eras.followed_by(decided_by, is_late, number, keeping.positions, now);
        let highest = self.counters.contact.0 - 1;
        let tallies = self.store.tallies()?;
        let enrolments = self.enrolments.under(current, old, highest);
        let sweep = Sweep::over(highest, &tallies);
        let change = Changed {
            kpis: Kpis::read(&mut self.store, linked.ir(), now)?,
            rankings: Rankings::read(&mut self.store, linked.ir(), now)?,
            eras: if sweep.is_some() {
                eras
            } else {
                eras.without_past()
            },
            sweep,
            program: linked,
            enrolments,
            keeping,
        };
        let mut decision = self.decision(now);
        decision.meta = change.settings(number);
        decision.tallies = under_new_names(tallies, current);
        self.store.commit(&decision)?;
        self.take_over(change);
        self.latest = now;
        Ok(())
    }

    fn take_over(&mut self, change: Changed) {
        self.cache = Cache::default();
        self.program = change.program;
        self.keeping = change.keeping;
        self.kpis = change.kpis;
        self.rankings = change.rankings;
        self.eras = change.eras;
        self.sweep = change.sweep;
        self.enrolments = change.enrolments;
    }
}

/// What is counted of a journey that was renamed is counted under its name of today. Where people stand follows them
/// there, when they are counted again.
fn under_new_names(
    tallies: Vec<(TallyKey, i64)>,
    current: &ir::Program,
) -> BTreeMap<TallyKey, i64> {
    let mut changes = BTreeMap::new();
    for (key, n) in tallies {
        let name = current.now_called(&key.journey);
        if n != 0 && *name != *key.journey && key.what != "inside" {
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

fn number_in(store: &mut impl Read, name: &str) -> Result<Option<ProgramNo>, Error> {
    let text = store.meta(name)?;
    Ok(text.and_then(|text| text.parse().ok()).map(ProgramNo))
}
