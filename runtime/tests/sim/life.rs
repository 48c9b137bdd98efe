//! One life of a daemon: requests, due wake-ups, deliveries, a failing disk and sudden ends, in an order that the seed
//! decides, and now and then another program (`deploys`). Beside it runs a reference that never fails: whatever the daemon
//! committed is done there too, once and in the same order, and both must tell the same.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use journey_arrivals::Translator;
use journey_ir::Instant;
use journey_ir::time::{DAY, HOUR, MINUTE, SECOND};
use journeyd::deliver::Lane;
use journeyd::inspect;
use journeyd::process::{self, Batch, Effects, Process, Report, Wakes, claimed_of, told};
use journeyd::store::{
    Ask, Claim, Cursor, DataFolder, Decision, Durability, Error, Options, ProgramNo, Read as _,
    Sqlite, SqliteReader, Store as _,
};
use tempfile::TempDir;

use crate::chance::Chance;
use crate::clients::{Call, Clients, batch};
use crate::disk::{SimulatedDisk, Stopped, Trouble};
use crate::plain::Plain;
use crate::provider::{Delivery, LEASE};
use crate::scene::Scene;
use crate::spooled::Spooled;
use crate::truth;

/// 2026-03-02 09:00 in Seoul.
const MONDAY: Instant = 1_772_409_600_000;
/// Under this name each turn leaves its number with what it commits.
const TURNS: &str = "turns";
/// How many contacts one turn wakes at most.
const WAKES: usize = 6;

/// What is planted, to see whether it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planted {
    /// Nothing: the daemon as it is.
    Nothing,
    /// The disk says that it has synced, and has not.
    LyingDisk,
    /// The store acknowledges before it has synced.
    EarlyAnswer,
    /// The spool says that a request is decided, and it never was.
    LeftOut,
    /// The store forgets an acknowledged turn altogether.
    LostTurn,
    /// The store forgets acknowledged work behind a deploy.
    LostWorkBehind,
    /// An effect is put back although it is known that it was carried out.
    SecondSend,
}

/// A turn, a claim or a part of a deploy, as it was asked for.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    Turn {
        number: u64,
        batches: Vec<Batch>,
        wakes: Option<Wakes>,
        /// What a worker takes in the same commit.
        ask: Option<Ask>,
        now: Instant,
    },
    Claim {
        lane: Lane,
        now: Instant,
        most: usize,
    },
    /// That one of the shops decides from now on.
    Deploy { shop: usize, now: Instant },
    /// A start with one of the shops, perhaps another than ran last.
    Start { shop: usize, now: Instant },
    /// What nobody waits for: that some contacts are counted again, or some members enter.
    Behind { now: Instant, most: usize },
}

/// Why something asked was not done.
pub(super) enum Failed {
    /// The store said so.
    Refused,
    /// The machine stopped.
    Stopped,
}

/// What a life had in it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lived {
    pub(crate) turns: u64,
    pub(crate) stops: u64,
    pub(crate) losses_of_power: u64,
    pub(crate) failures: u64,
    pub(crate) calls: u64,
    pub(crate) effects: u64,
    pub(crate) deploys: u64,
    pub(crate) spooled: u64,
}

impl Lived {
    pub(crate) fn add(&mut self, other: Self) {
        self.turns += other.turns;
        self.stops += other.stops;
        self.losses_of_power += other.losses_of_power;
        self.failures += other.failures;
        self.calls += other.calls;
        self.effects += other.effects;
        self.deploys += other.deploys;
        self.spooled += other.spooled;
    }
}

pub(crate) struct Life<'a> {
    pub(super) scene: &'a Scene,
    pub(super) planted: Planted,
    chance: Chance,
    /// Whether requests are spooled at times, as they are in two of three lives.
    spools: bool,
    /// Decides on deploys, in most lives.
    pub(super) deploys: Option<Chance>,
    folder: TempDir,
    disk: SimulatedDisk,
    least_waiting: u64,
    pub(super) process: Option<Process<Sqlite>>,
    pub(super) reference: Option<Process<Plain>>,
    /// The shop that decides in the reference.
    pub(super) shop: usize,
    pub(super) clients: Clients,
    pub(super) spooled: Spooled,
    delivery: Delivery,
    pub(super) now: Instant,
    number: u64,
    /// What the last turn was about.
    lately: Vec<Batch>,
    /// What was asked since the last success, and may be found done after a restart.
    pub(super) doubtful: Vec<Asked>,
    trouble: Option<Trouble>,
    pub(super) lived: Lived,
}

impl<'a> Life<'a> {
    /// Lives the life of a seed, and says what was in it.
    pub(crate) fn live(scene: &'a Scene, seed: u64, planted: Planted) -> Lived {
        let mut chance = Chance::of(seed);
        let folder = Scene::folder();
        let lies = planted == Planted::LyingDisk;
        let disk = SimulatedDisk::new(folder.path(), chance.branch(), lies);
        let mut life = Self {
            planted,
            clients: Clients::new(chance.branch()),
            spooled: Spooled::default(),
            delivery: Delivery::new(chance.branch(), Arc::clone(&scene.courier)),
            least_waiting: [1, 4_000, 20_000][chance.below(3)],
            reference: Some(scene.reference(MONDAY)),
            shop: 0,
            spools: seed % 3 != 1,
            // Every fifth life has none, so that all else has room.
            deploys: (seed % 5 != 2).then(|| Chance::of(!seed)),
            scene,
            chance,
            folder,
            disk,
            process: None,
            now: MONDAY,
            number: 0,
            lately: Vec::new(),
            doubtful: Vec::new(),
            trouble: None,
            lived: Lived::default(),
        };
        life.open();
        for _ in 0..life.scene.steps {
            if life.part_of_a_deploy().is_err() || life.step().is_err() {
                life.die();
                life.open();
            }
            if scene.closely {
                life.compare();
            }
        }
        life.finish();
        life.lived.calls = life.disk.calls();
        life.lived
    }

    /// Something happens.
    fn step(&mut self) -> Result<(), Stopped> {
        if self.chance.one_in(4) {
            self.read_ahead()?;
        }
        match self.chance.below(40) {
            0..=7 => {
                for _ in 0..=self.chance.below(6) {
                    self.clients.happen(self.now);
                }
                Ok(())
            }
            // What comes in while something waits in the spool goes there too.
            8..=18 if self.spools => match self.chance.below(3) {
                0 => {
                    let most = 1 + self.chance.below(3);
                    self.take(most)
                }
                1 => self.spool(),
                _ if self.spooled.is_empty() => self.request(false),
                _ => self.spool(),
            },
            8..=18 => self.request(false),
            19..=22 => {
                self.pass();
                self.wake().map(|_| ())
            }
            23..=27 => self.claim(),
            28..=30 => {
                self.now += self.chance.between(0, 2 * MINUTE);
                self.record()
            }
            31 => self.checkpoint(),
            32 => {
                self.compare_reader();
                Ok(())
            }
            33 | 34 => {
                let trouble = *self.chance.pick(&Trouble::ALL);
                self.set_trouble(Some(trouble));
                Ok(())
            }
            35 | 36 => {
                self.set_trouble(None);
                Ok(())
            }
            37 => {
                self.forget();
                Ok(())
            }
            38 => Err(Stopped),
            _ => {
                self.disk.stop_in(Some(self.chance.below(30) as u64));
                Ok(())
            }
        }
    }

    /// Time passes, as clocks do: a little, a lot, and now and then backwards.
    fn pass(&mut self) {
        let chance = &mut self.chance;
        self.now += match chance.below(12) {
            0 => -chance.between(0, 2 * HOUR),
            1 => chance.between(0, 4 * DAY),
            2 | 3 => chance.between(0, DAY),
            4..=7 => chance.between(0, 3 * HOUR),
            _ => chance.between(0, 30 * SECOND),
        };
    }

    fn set_trouble(&mut self, trouble: Option<Trouble>) {
        self.trouble = trouble;
        self.disk.trouble(trouble);
    }

    /// A client sends what it has, in one batch or in two of the same turn.
    fn request(&mut self, all: bool) -> Result<(), Stopped> {
        let calls = self.clients.request(all);
        if calls.is_empty() {
            return Ok(());
        }
        let half = self.chance.below(calls.len() + 1);
        let parts: Vec<&[Call]> = [&calls[..half], &calls[half..]]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let program = Arc::clone(self.process.as_ref().unwrap().program());
        let translator = Translator::new(program);
        let batches = parts
            .iter()
            .map(|part| batch(&translator, part, self.now))
            .collect();
        let wakes = self.wakes_at_times();
        match self.turn(batches, wakes) {
            Ok(_) => self.clients.acknowledged(&calls),
            Err(Failed::Refused) => {}
            Err(Failed::Stopped) => return Err(Stopped),
        }
        Ok(())
    }

    pub(super) fn wakes_at_times(&mut self) -> Option<Wakes> {
        self.chance.one_in(2).then(|| self.wakes())
    }

    fn wakes(&self) -> Wakes {
        Wakes {
            // What came in before is decided before.
            until: self.now.min(self.spooled.undecided_since() - 1),
            most: WAKES,
            effects: Effects::Act,
        }
    }

    /// Wakes those who are due; says whether it could.
    fn wake(&mut self) -> Result<bool, Stopped> {
        loop {
            match self.turn(Vec::new(), Some(self.wakes())) {
                Ok(report) if report.woken < WAKES => return Ok(true),
                Ok(_) => {}
                Err(Failed::Refused) => return Ok(false),
                Err(Failed::Stopped) => return Err(Stopped),
            }
        }
    }

    fn claim(&mut self) -> Result<(), Stopped> {
        let lane = *self.chance.pick(&Lane::ALL);
        let most = 1 + self.chance.below(5);
        self.claim_of(lane, most).map(|_| ())
    }

    fn claim_of(&mut self, lane: Lane, most: usize) -> Result<usize, Stopped> {
        let now = self.now;
        let asked = Asked::Claim { lane, now, most };
        let process = self.process.as_mut().unwrap();
        let done = sudden(|| process.claim(lane.word(), now, now + LEASE, most));
        let Some(claimed) = self.heard(asked, done)? else {
            return Ok(0);
        };
        let expected = claim_in(self.reference.as_mut().unwrap(), lane, now, most);
        truth::same("what was claimed", &claimed, &expected);
        let count = claimed.effects.len();
        for one in claimed.effects {
            self.delivery.begin(claimed_of(one).unwrap(), now);
        }
        Ok(count)
    }

    /// The worker tells how attempts ended.
    fn record(&mut self) -> Result<(), Stopped> {
        self.delivery.end(self.now);
        if self.delivery.ended().is_empty() {
            return Ok(());
        }
        let program = self.process.as_ref().unwrap().program();
        let batch = told(program, self.delivery.ended());
        match self.turn(vec![batch], None) {
            Ok(_) => {
                self.delivery.recorded();
                Ok(())
            }
            Err(Failed::Refused) => Ok(()),
            Err(Failed::Stopped) => Err(Stopped),
        }
    }

    fn checkpoint(&mut self) -> Result<(), Stopped> {
        let process = self.process.as_mut().unwrap();
        let done = sudden(|| process.store().checkpoint());
        match done {
            None => Err(Stopped),
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => {
                self.excused(&error);
                Ok(())
            }
        }
    }

    /// Old ids are forgotten; only while all is well, so that it is known whether they were.
    fn forget(&mut self) {
        if self.trouble.is_none() && !self.disk.will_stop() {
            self.doubtful.clear();
            // What waits in the spool may still be a repeat.
            let now = self.wakes().until;
            let forgotten = self.process.as_mut().unwrap().forget(now).unwrap();
            let expected = self.reference.as_mut().unwrap().forget(now).unwrap();
            assert_eq!(forgotten, expected);
        }
    }

    pub(super) fn turn(
        &mut self,
        mut batches: Vec<Batch>,
        wakes: Option<Wakes>,
    ) -> Result<Report, Failed> {
        self.number += 1;
        let (number, now) = (self.number, self.now);
        batches.push(Batch {
            cursor: Some(Cursor {
                name: TURNS.to_owned(),
                position: number.to_string(),
                at: now,
            }),
            ..Batch::default()
        });
        let ask = self.ask_at_times();
        let process = self.process.as_mut().unwrap();
        let asks = ask.as_slice();
        let done = sudden(|| process.turn_and_claim(&batches, wakes, asks, now));
        self.lately.clone_from(&batches);
        let asked = Asked::Turn {
            number,
            batches,
            wakes,
            ask,
            now,
        };
        let (report, claims) = match self.heard(asked.clone(), done) {
            Ok(Some(done)) => done,
            Ok(None) => return Err(Failed::Refused),
            Err(Stopped) => return Err(Failed::Stopped),
        };
        if self.planted != Planted::LostTurn || !self.chance.one_in(10) {
            let expected = self.repeat(&asked).unwrap();
            truth::same("what a turn did", &report, &expected.0);
            truth::same("what was claimed with it", &claims, &expected.1);
        }
        for claimed in claims.into_iter().flat_map(|claim| claim.effects) {
            self.delivery.begin(claimed_of(claimed).unwrap(), now);
        }
        self.lived.turns += 1;
        Ok(report)
    }

    fn ask_at_times(&mut self) -> Option<Ask> {
        let lane = *self.chance.pick(&Lane::ALL);
        let most = 1 + self.chance.below(5);
        self.chance.one_in(3).then(|| Ask {
            lane: lane.word().to_owned(),
            now: self.now,
            lease_until: self.now + LEASE,
            most,
        })
    }

    /// Those whom the last turn was about are read while others are worked with: they may be changed meanwhile.
    fn read_ahead(&mut self) -> Result<(), Stopped> {
        let process = self.process.as_mut().unwrap();
        let lately = &self.lately;
        match sudden(|| process.read_ahead(lately)) {
            None => return Err(Stopped),
            Some(Err(error)) => self.excused(&error),
            Some(Ok(())) => {}
        }
        Ok(())
    }

    /// Does in the reference what the daemon did.
    pub(super) fn repeat(&mut self, asked: &Asked) -> Option<(Report, Vec<Claim>)> {
        let reference = self.reference.as_mut().unwrap();
        match asked {
            Asked::Turn {
                batches,
                wakes,
                ask,
                now,
                ..
            } => {
                let done = reference.turn_and_claim(batches, *wakes, ask.as_slice(), *now);
                Some(done.unwrap())
            }
            Asked::Claim { lane, now, most } => {
                claim_in(reference, *lane, *now, *most);
                None
            }
            Asked::Deploy { shop, now } => {
                self.shop = *shop;
                let program = self.scene.shops[*shop].compiled.clone();
                reference.redeploy(program, *now).unwrap();
                self.lived.deploys += 1;
                None
            }
            Asked::Start { shop, now } => {
                self.lived.deploys += u64::from(self.shop != *shop);
                self.shop = *shop;
                // A new process does not know how late it was before the clock went backwards.
                let store = self.reference.take().unwrap().into_store();
                self.reference = Some(self.scene.opened(store, *shop, *now));
                None
            }
            Asked::Behind { now, most } => {
                reference.work_behind(*most, *now).unwrap();
                None
            }
        }
    }

    /// What became of something asked. A refusal needs a reason.
    pub(super) fn heard<T>(
        &mut self,
        asked: Asked,
        done: Option<Result<T, Error>>,
    ) -> Result<Option<T>, Stopped> {
        match done {
            Some(Ok(done)) => {
                self.doubtful.clear();
                Ok(Some(done))
            }
            Some(Err(error)) => {
                self.doubtful.push(asked);
                self.excused(&error);
                Ok(None)
            }
            None => {
                self.doubtful.push(asked);
                Err(Stopped)
            }
        }
    }

    pub(super) fn excused(&mut self, error: &Error) {
        let lost = error.to_string().contains("lost part of the journal");
        assert!(
            self.trouble.is_some() || (lost && self.planted == Planted::EarlyAnswer),
            "failed for no reason: {error}"
        );
        self.lived.failures += 1;
    }

    /// The process is gone, perhaps with the machine.
    fn die(&mut self) {
        self.disk.stop_in(None);
        // Dropping it is what the kernel does with a process that was killed: nothing is written any more.
        self.process = None;
        self.spooled.die();
        self.delivery.die();
        self.lived.stops += 1;
        if self.chance.one_in(2) {
            self.disk.lose_power();
            self.lived.losses_of_power += 1;
        }
        // Nothing tells apart when a store was begun that has nothing in it.
        if self.chance.one_in(3) && self.lived.turns > 0 {
            self.pass();
        }
    }

    /// Starts the daemon, which may stop again meanwhile; perhaps with another program.
    fn open(&mut self) {
        let shop = self.shop_at_start();
        let mut tries = 0;
        loop {
            tries += 1;
            if tries > 3 {
                self.set_trouble(None);
            }
            if self.chance.one_in(5) && tries < 5 {
                let calls = self.chance.below(40) as u64;
                self.disk.stop_in(Some(calls));
            }
            match self.start(shop) {
                Some(Ok(process)) => {
                    self.process = Some(process);
                    match self.open_spool() {
                        Some(Ok(())) => break,
                        Some(Err(error)) => {
                            self.excused(&error);
                            self.process = None;
                        }
                        None => self.die(),
                    }
                }
                Some(Err(error)) => self.excused(&error),
                None => self.die(),
            }
        }
        self.disk.stop_in(None);
        if self.planted == Planted::EarlyAnswer {
            let store = self.process.as_mut().unwrap().store();
            store.set_durability(Durability::Crash).unwrap();
        }
        self.disk.trouble(None);
        if self.deploys.is_none() {
            self.with_store(Self::resolve);
        }
        self.doubtful.clear();
        let now = self.now;
        self.repeat(&Asked::Start { shop, now });
        self.compare();
    }

    fn open_spool(&mut self) -> Option<Result<(), Error>> {
        let process = self.process.as_mut().unwrap();
        let decided = match sudden(|| process.spooled())? {
            Ok(decided) => decided,
            Err(error) => return Some(Err(error)),
        };
        self.spooled.open(&self.disk, decided)
    }

    /// Tries to start the daemon with a shop: `None` where the machine stopped.
    fn start(&mut self, shop: usize) -> Option<Result<Process<Sqlite>, Error>> {
        let options = Options {
            disk: Arc::new(self.disk.clone()),
            thread: false,
            least_waiting: self.least_waiting,
        };
        let deploys = self.deploys.is_some();
        let opened = sudden(|| {
            let mut store = Sqlite::open_with(DataFolder::lock(self.folder.path())?, options)?;
            if deploys {
                // What was found stays found once something was written after it.
                let page = store.counters()?.page;
                let mut nothing = Decision::new(ProgramNo(1), self.now, page);
                nothing.meta = vec![("probed_at".to_owned(), None)];
                store.commit(&nothing)?;
            }
            Ok(store)
        })?;
        let mut store = match opened {
            Ok(store) => store,
            Err(error) => return Some(Err(error)),
        };
        let now = self.now;
        if deploys {
            self.quietly(|life| {
                life.resolve(&mut store);
                life.keep_programs(&mut store);
            });
            self.doubtful.push(Asked::Start { shop, now });
        }
        let program = self.scene.shops[shop].compiled.clone();
        sudden(|| process::take_up(store, program, now).map_err(refusal))
    }

    /// Finds out whether what was asked last, and was not answered or was refused, is done all the same: as a whole.
    fn resolve(&mut self, store: &mut Sqlite) {
        let done = store.cursor(TURNS).unwrap();
        let done: u64 = done.map_or(0, |text| text.parse().unwrap());
        let attempts = truth::attempts(store);
        for asked in std::mem::take(&mut self.doubtful) {
            let found = match &asked {
                Asked::Turn { number, .. } => *number == done,
                Asked::Claim { .. } => {
                    let reference = self.reference.as_mut().unwrap();
                    attempts > truth::attempts(reference.store())
                }
                Asked::Deploy { shop, .. } | Asked::Start { shop, .. } => {
                    self.is_deployed(*shop, store)
                }
                Asked::Behind { .. } => self.is_farther(store),
            };
            if found {
                self.repeat(&asked);
            }
        }
    }

    /// Looks at the store of the daemon.
    pub(super) fn with_store<T>(&mut self, look: impl FnOnce(&mut Self, &mut Sqlite) -> T) -> T {
        let mut process = self.process.take().unwrap();
        let seen = look(self, process.store());
        self.process = Some(process);
        seen
    }

    /// Does something while nothing goes wrong.
    pub(super) fn quietly(&mut self, what: impl FnOnce(&mut Self)) {
        self.disk.trouble(None);
        let stops = self.disk.put_off();
        what(self);
        self.disk.stop_in(stops);
        self.disk.trouble(self.trouble);
    }

    /// The daemon and the reference tell the same.
    fn compare(&mut self) {
        self.quietly(|life| {
            let process = life.process.as_mut().unwrap();
            let reference = life.reference.as_mut().unwrap();
            truth::agree(process.store(), reference.store(), life.now);
        });
    }

    /// Somebody reads beside the daemon.
    fn compare_reader(&mut self) {
        self.quietly(|life| {
            let disk = Arc::new(life.disk.clone());
            let mut reader = SqliteReader::open_with(life.folder.path(), disk).unwrap();
            // What was refused may be read by others until the next commit; the daemon itself never shows it.
            if life.doubtful.is_empty() {
                let reference = life.reference.as_mut().unwrap();
                truth::agree(&mut reader, reference.store(), life.now);
            }
        });
    }

    /// Everything is well again: what waits is sent, what is due is done, what is in the outbox is carried. Then the
    /// truth is asked for.
    fn finish(&mut self) {
        if self.chance.one_in(2) {
            self.die();
            self.open();
        }
        self.set_trouble(None);
        self.disk.stop_in(None);
        self.delivery.well = true;
        let calm = "nothing is wrong any more";
        while !self.spooled.is_empty() {
            assert!(self.take(2).is_ok(), "{calm}");
        }
        while self.clients.waiting() > 0 {
            assert!(self.request(true).is_ok(), "{calm}");
        }
        while self.is_behind() {
            assert!(self.behind().is_ok(), "{calm}");
        }
        for _ in 0..8 {
            self.now += 12 * HOUR;
            assert!(self.wake().is_ok_and(|woken| woken), "{calm}");
            self.deliver_all();
        }
        if self.planted == Planted::SecondSend {
            self.send_again();
        }
        self.compare();
        self.verify();
        self.process.as_mut().unwrap().store().verify().unwrap();
        self.compare();
        self.verify();
        let process = self.process.as_mut().unwrap();
        let program = Arc::clone(process.program());
        let store = process.store();
        self.lived.effects += truth::outbox_is_at_rest(store);
        let regular = self.scene.shops[self.shop].regular;
        truth::purchases_are_counted_once(store, &program, regular, self.clients.bought());
        truth::prizes_are_granted_once(store);
    }

    /// What `journeyd verify` says.
    fn verify(&mut self) {
        let disk = Arc::new(self.disk.clone());
        let mut reader = SqliteReader::open_with(self.folder.path(), disk).unwrap();
        let found = inspect::verify(&mut reader).unwrap();
        assert!(found.is_sound(), "{found}");
    }

    fn deliver_all(&mut self) {
        loop {
            let mut claimed = 0;
            for lane in Lane::ALL {
                claimed += self.claim_of(lane, 50).unwrap();
            }
            if claimed == 0 && self.delivery.is_idle() {
                return;
            }
            self.now += SECOND;
            while !self.delivery.is_idle() {
                self.now += MINUTE;
                assert!(self.record().is_ok());
            }
        }
    }

    /// A planted fault: what is known to be carried out is due again.
    fn send_again(&mut self) {
        let store = self.process.as_mut().unwrap().store();
        let effects = store.effects(0, None, None, 100_000).unwrap();
        if let Some(one) = effects.iter().find(|it| it.settled_at.is_some()) {
            let claimed = journeyd::store::Claimed {
                kept: one.clone(),
                abandoned: false,
            };
            if let Some(claimed) = claimed_of(claimed) {
                self.delivery.begin(claimed, one.due);
            }
        }
    }
}

fn claim_in(process: &mut Process<Plain>, lane: Lane, now: Instant, most: usize) -> Claim {
    let claim = process.claim(lane.word(), now, now + LEASE, most);
    claim.unwrap()
}

/// Why a program did not take over. That the store refused is the only reason there may be.
pub(super) fn refusal(error: process::OpenError) -> Error {
    match error {
        process::OpenError::Store(error) => error,
        other => panic!("{other}"),
    }
}

/// Does something during which the machine may stop: `None` where it did.
pub(crate) fn sudden<T>(what: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(what)) {
        Ok(done) => Some(done),
        Err(unwound) if unwound.is::<Stopped>() => None,
        Err(other) => resume_unwind(other),
    }
}
