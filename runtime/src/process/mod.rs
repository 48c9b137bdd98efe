//! The one place that runs the engine over stored contacts.
//!
//! A [`Process`] owns the store and the linked program. Its [`turn`](Process::turn) takes a group of batches and of due
//! wake-ups, runs the engine, and commits everything that follows as one decision. It knows no clock, and no thread but the
//! one that helps it: a [`worker`] gives it both in the daemon, an importer or a test calls it directly.
//!
//! Reading order: [`batch`] (what comes in), `turn` (what is done with it), `scribe` (what is written), `identity`,
//! `deploy`, `eras`, `catch_up`, `sweep`, `enrolment` (how another program takes over), `cache`, `beside`, `ahead` (whom it
//! has at hand), [`handle`], `taken`, [`worker`].

mod ahead;
mod audit;
pub mod batch;
mod beside;
mod cache;
mod catch_up;
mod deploy;
mod enrolment;
mod eras;
mod fate;
pub mod handle;
mod identity;
pub(crate) mod kpis;
mod line;
pub mod meter;
mod outbox;
pub mod period;
mod prizes;
mod rankings;
mod recent;
mod scribe;
mod sweep;
mod taken;
pub(crate) mod tally;
mod turn;
pub mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub use journey_arrivals::{ANONYMOUS, Arrival, Who, key_id, message_id};
use journey_engine::Program;
use journey_ir::{self as ir, Instant};

use crate::halves::is_worthwhile;
use crate::store::spool::{self, Decided};
use crate::store::{Ask, Claim, ContactNo, Counters, Decision, Error, ProgramNo, Status, Store};

pub use audit::audit;
pub use batch::{Batch, Effects, Receipt};
pub use deploy::{OpenError, current_program, last_program, open, take_up};
pub use enrolment::MEMBERS_PER_MINUTE;
pub use fate::{Becomes, Fate};
pub use handle::{DeployError, Handle, Load, SubmitError};
pub use line::Line;
pub use outbox::{claimed_of, told};
pub use recent::HORIZON_HOURS;
pub use scribe::effect_of;
pub use sweep::{Progress, is_behind, progress};

use ahead::Reading;
use beside::Beside;
use cache::Cache;
use deploy::Changed;
use enrolment::Enrolments;
use eras::Eras;
use kpis::Kpis;
use rankings::Rankings;
use sweep::Sweep;
use turn::{Finished, Turn};

/// How many ids that nobody needs any more are forgotten per turn.
const FORGOTTEN_PER_TURN: usize = 200;

/// How things are kept in this store.
#[derive(Debug)]
struct Keeping {
    /// The program under whose positions everything new is written.
    positions: ProgramNo,
    /// The schemas of all programs that something was ever written under.
    schemas: BTreeMap<ProgramNo, ir::Schema>,
}

/// Which wake-ups a turn takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wakes {
    /// Those due at or before this instant.
    pub until: Instant,
    /// At most so many contacts.
    pub most: usize,
    /// What becomes of the effects.
    pub effects: Effects,
}

/// What a turn did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What became of each batch, in order.
    pub receipts: Vec<Receipt>,
    /// How many contacts were woken.
    pub woken: usize,
    /// How many effects wait for a worker now that did not before.
    pub pending: usize,
}

/// A store with its program.
#[derive(Debug)]
pub struct Process<S> {
    // Given up before the store: it may be reading from it.
    beside: Beside,
    store: S,
    program: Arc<Program>,
    keeping: Keeping,
    counters: Counters,
    cache: Cache,
    kpis: Kpis,
    rankings: Rankings,
    eras: Eras,
    sweep: Option<Sweep>,
    enrolments: Enrolments,
    /// Whom the requests are about that come next, and who is due next.
    ahead: Option<Reading>,
    /// How long the store took for the last commit.
    storing: Duration,
    due_ahead: Option<Reading>,
    /// How many effects wait for a worker that the sweep or an enrolment decided and nobody was told of.
    decided: usize,
    /// The latest instant a decision was made at: time never runs backwards here, whatever the machine's clock does.
    latest: Instant,
}

impl<S: Store> Process<S> {
    fn new(mut store: S, made_of: Changed) -> Result<Self, Error> {
        let counters = store.counters()?;
        Ok(Self {
            beside: Beside::default(),
            store,
            program: made_of.program,
            keeping: made_of.keeping,
            kpis: made_of.kpis,
            rankings: made_of.rankings,
            eras: made_of.eras,
            sweep: made_of.sweep,
            enrolments: made_of.enrolments,
            counters,
            cache: Cache::default(),
            latest: Instant::MIN,
            decided: 0,
            ahead: None,
            storing: Duration::ZERO,
            due_ahead: None,
        })
    }

    /// The program.
    #[must_use]
    pub const fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The store, for reading and for settings; contacts are written by [`Self::turn`] alone.
    pub const fn store(&mut self) -> &mut S {
        &mut self.store
    }

    /// Gives the store back.
    #[must_use]
    pub fn into_store(self) -> S {
        self.store
    }

    /// Up to where the spool is decided.
    pub fn spooled(&mut self) -> Result<Decided, Error> {
        let said = self.store.meta(spool::DECIDED)?;
        let read = said.map_or(Ok(Decided::default()), |said| said.parse());
        read.map_err(|_| Error::Database("it does not say up to where the spool is decided".into()))
    }

    /// How long the store took to make the last commit durable.
    pub const fn storing(&self) -> Duration {
        self.storing
    }

    /// When the next contact is due.
    pub fn next_wake(&mut self) -> Result<Option<Instant>, Error> {
        let wake = self.store.next_wake()?;
        // What needs everybody waits until everybody is counted under the current program.
        let counted = self.sweep.is_none();
        let measured = self.kpis.next_end().filter(|_| counted).into_iter();
        let ranked = self.rankings.next(&self.program).filter(|_| counted);
        let entering = self.next_enrolment();
        let needs_all = measured.chain(ranked).chain(entering);
        Ok(wake.into_iter().chain(needs_all).min())
    }

    /// Processes batches and due wake-ups, and commits what follows as one decision. After an error nothing of it has
    /// happened, and the same call may be made again.
    pub fn turn(
        &mut self,
        batches: &[Batch],
        wakes: Option<Wakes>,
        now: Instant,
    ) -> Result<Report, Error> {
        self.turn_and_claim(batches, wakes, &[], now)
            .map(|(report, _)| report)
    }

    /// The same, and takes effects for workers in the same commit.
    pub fn turn_and_claim(
        &mut self,
        batches: &[Batch],
        wakes: Option<Wakes>,
        asked: &[Ask],
        now: Instant,
    ) -> Result<(Report, Vec<Claim>), Error> {
        let now = now.max(self.latest);
        let (wakes, alerts) = self.measure(wakes, now)?;
        let due = self.due(wakes)?;
        let decision = self.decision(now);
        let mut turn = self.begin(decision);
        let receipts = turn.take(batches)?;
        if let Some(wakes) = wakes {
            turn.wake(&due, wakes.until, wakes.effects)?;
        }
        let finished = turn.finish();
        let report = Report {
            receipts,
            woken: due.len(),
            pending: pending(&finished) + alerts,
        };
        let claims = self.settle(finished, asked)?;
        self.latest = now;
        Ok((report, claims))
    }

    /// Begins to read whom the turn after the next one is about: that goes on beside the next one. What was begun the
    /// last time is waited for, and used.
    pub fn read_ahead<'b>(
        &mut self,
        batches: impl IntoIterator<Item = &'b Batch>,
    ) -> Result<(), Error> {
        if let Some(reading) = self.ahead.take() {
            reading.end(&self.store, &self.program, &mut self.cache);
        }
        let names = turn::names(batches);
        let asked: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let found = self.store.find(&asked)?.into_iter().flatten();
        let numbers: Vec<ContactNo> = found.collect();
        self.ahead = self.begin_to_read(numbers)?;
        Ok(())
    }

    fn begin_to_read(&mut self, mut contacts: Vec<ContactNo>) -> Result<Option<Reading>, Error> {
        contacts.retain(|contact| !self.cache.holds(*contact));
        // Neighbours lie on one page.
        contacts.sort_unstable();
        contacts.dedup();
        if contacts.is_empty() {
            return Ok(None);
        }
        let ahead = self.store.read_ahead(&contacts)?;
        let (program, era) = (&self.program, self.eras.current());
        Ok(ahead.and_then(|ahead| Reading::begin(ahead, program, era, &mut self.beside)))
    }

    /// Who is due. Where there are more than one turn wakes, those of the next are read meanwhile.
    fn due(&mut self, wakes: Option<Wakes>) -> Result<Vec<ContactNo>, Error> {
        if let Some(reading) = self.due_ahead.take() {
            reading.end(&self.store, &self.program, &mut self.cache);
        }
        let Some(Wakes { until, most, .. }) = wakes else {
            return Ok(Vec::new());
        };
        let mut due = self.store.due(until, most.saturating_mul(2))?;
        let next = due.split_off(due.len().min(most));
        if is_worthwhile(next.len()) {
            self.due_ahead = self.begin_to_read(next)?;
        }
        Ok(due)
    }

    /// Works out the KPIs whose period is over and the rankings that are due, each once everything that was due before
    /// has run: until then only that is woken. Says how many effects wait for a worker now.
    fn measure(
        &mut self,
        wakes: Option<Wakes>,
        now: Instant,
    ) -> Result<(Option<Wakes>, usize), Error> {
        let mut alerts = 0;
        let Some(wakes) = wakes.filter(|_| self.sweep.is_none()) else {
            return Ok((wakes, alerts));
        };
        loop {
            let ended = self.kpis.next_end().filter(|end| *end <= wakes.until);
            let ranked = self.rankings.due(&self.program, wakes.until);
            let Some(end) = ended.into_iter().chain(ranked.map(|(at, _)| at)).min() else {
                return Ok((Some(wakes), alerts));
            };
            let until = end.saturating_sub(1);
            if !self.store.due(until, 1)?.is_empty() {
                return Ok((Some(Wakes { until, ..wakes }), alerts));
            }
            if let Some((at, ranking)) = ranked.filter(|(at, _)| *at == end) {
                alerts += self.rank(ranking, at, now, wakes.effects)?;
                continue;
            }
            let mut decision = self.decision(now);
            let (store, program) = (&mut self.store, &self.program);
            // What follows is taken over only once it is on disk.
            let mut kpis = self.kpis.clone();
            kpis.work_out(store, program, end, wakes.effects, &mut decision)?;
            self.store.commit(&decision)?;
            self.kpis = kpis;
            alerts += decision.effects.len();
        }
    }

    /// Does some of the work that nobody waits for: counts at most `most` contacts again after a deploy, or lets some
    /// current members enter. Says how many effects wait for a worker now that did not before.
    pub fn work_behind(&mut self, most: usize, now: Instant) -> Result<usize, Error> {
        if self.sweep(most, now)?.is_none() {
            self.enrol(Effects::Act, now)?;
        }
        Ok(std::mem::take(&mut self.decided))
    }

    /// Takes effects for a worker.
    pub fn claim(
        &mut self,
        lane: &str,
        now: Instant,
        lease_until: Instant,
        most: usize,
    ) -> Result<Claim, Error> {
        self.store.claim(lane, now, lease_until, most)
    }

    /// Writes something that changes nothing, to learn whether the store can be written again.
    pub fn probe(&mut self, now: Instant) -> Result<(), Error> {
        let mut decision = self.decision(now);
        decision.meta = vec![("probed_at".to_owned(), Some(now.to_string()))];
        self.store.commit(&decision)
    }

    /// Forgets some of the ids that are older than the horizon; says whether there may be more.
    pub fn forget(&mut self, now: Instant) -> Result<bool, Error> {
        let before = recent::hour(now).saturating_sub(HORIZON_HOURS);
        Ok(self.store.forget(before, FORGOTTEN_PER_TURN)? == FORGOTTEN_PER_TURN)
    }

    fn decision(&self, now: Instant) -> Decision {
        Decision::new(self.keeping.positions, now, self.counters.page)
    }

    fn begin(&mut self, decision: Decision) -> Turn<'_, S> {
        Turn::begin(
            &mut self.store,
            &mut self.cache,
            &self.program,
            &self.keeping,
            (&self.eras, &self.enrolments),
            decision,
            self.counters.contact,
        )
    }

    /// Commits a finished turn, and takes what is asked for.
    fn settle(&mut self, finished: Finished, asked: &[Ask]) -> Result<Vec<Claim>, Error> {
        let mut claims = Vec::new();
        if !finished.decision.is_empty() || !asked.is_empty() {
            // The contacts of a failed turn were taken out of the cache and do not come back.
            let began = std::time::Instant::now();
            claims = self.store.commit_and_claim(&finished.decision, asked)?;
            self.storing = began.elapsed();
            self.counters.page = finished.decision.log.next_page();
            self.counters.contact = finished.next;
        }
        finished.remember(&mut self.cache);
        if let Some(forgotten) = self.cache.forgotten() {
            self.beside.give(Box::new(move || drop(forgotten)));
        }
        Ok(claims)
    }
}

/// How many effects of a turn wait for a worker.
fn pending(finished: &Finished) -> usize {
    let effects = finished.decision.effects.iter();
    effects.filter(|it| it.status == Status::Pending).count()
}
