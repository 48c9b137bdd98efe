//! One life of a daemon: requests, due wake-ups, deliveries, a failing disk and sudden ends, in an order that the seed
//! decides. Beside it runs a reference that never fails: whatever the daemon committed is done there too, once and in the
//! same order, and both must tell the same.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use journey_arrivals::Translator;
use journey_ir::Instant;
use journey_ir::time::{DAY, HOUR, MINUTE, SECOND};
use journeyd::deliver::Lane;
use journeyd::inspect;
use journeyd::process::{self, Batch, Effects, Process, Report, Wakes, claimed_of, told};
use journeyd::store::{
    Claim, Cursor, DataFolder, Durability, Error, Options, Read as _, Sqlite, SqliteReader,
    Store as _,
};
use tempfile::TempDir;

use crate::chance::Chance;
use crate::clients::{Call, Clients, batch};
use crate::disk::{SimulatedDisk, Stopped, Trouble};
use crate::plain::Plain;
use crate::provider::{Delivery, LEASE};
use crate::scene::Scene;
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
    /// The store forgets an acknowledged turn altogether.
    LostTurn,
    /// An effect is put back although it is known that it was carried out.
    SecondSend,
}

/// A turn, or a claim, as it was asked for.
#[derive(Debug, Clone)]
enum Asked {
    Turn {
        number: u64,
        batches: Vec<Batch>,
        wakes: Option<Wakes>,
        now: Instant,
    },
    Claim {
        lane: Lane,
        now: Instant,
        most: usize,
    },
}

/// Why something asked was not done.
enum Failed {
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
}

impl Lived {
    pub(crate) fn add(&mut self, other: Self) {
        self.turns += other.turns;
        self.stops += other.stops;
        self.losses_of_power += other.losses_of_power;
        self.failures += other.failures;
        self.calls += other.calls;
        self.effects += other.effects;
    }
}

pub(crate) struct Life<'a> {
    scene: &'a Scene,
    planted: Planted,
    chance: Chance,
    folder: TempDir,
    disk: SimulatedDisk,
    least_waiting: u64,
    process: Option<Process<Sqlite>>,
    reference: Option<Process<Plain>>,
    translator: Translator,
    clients: Clients,
    delivery: Delivery,
    now: Instant,
    number: u64,
    /// What was asked since the last success, and may be found done after a restart.
    doubtful: Vec<Asked>,
    trouble: Option<Trouble>,
    lived: Lived,
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
            delivery: Delivery::new(chance.branch(), Arc::clone(&scene.courier)),
            least_waiting: [1, 4_000, 20_000][chance.below(3)],
            reference: Some(scene.reference(MONDAY)),
            translator: Translator::new(Arc::clone(&scene.program)),
            scene,
            chance,
            folder,
            disk,
            process: None,
            now: MONDAY,
            number: 0,
            doubtful: Vec::new(),
            trouble: None,
            lived: Lived::default(),
        };
        life.open();
        for _ in 0..life.scene.steps {
            if life.step().is_err() {
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
        match self.chance.below(40) {
            0..=7 => {
                for _ in 0..=self.chance.below(6) {
                    self.clients.happen(self.now);
                }
                Ok(())
            }
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
        let batches = parts
            .iter()
            .map(|part| batch(&self.translator, part, self.now))
            .collect();
        let wakes = self.chance.one_in(2).then(|| self.wakes());
        match self.turn(batches, wakes) {
            Ok(_) => self.clients.acknowledged(&calls),
            Err(Failed::Refused) => {}
            Err(Failed::Stopped) => return Err(Stopped),
        }
        Ok(())
    }

    const fn wakes(&self) -> Wakes {
        Wakes {
            until: self.now,
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
        let batch = told(&self.scene.program, self.delivery.ended());
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
            let forgotten = self.process.as_mut().unwrap().forget(self.now).unwrap();
            let expected = self.reference.as_mut().unwrap().forget(self.now).unwrap();
            assert_eq!(forgotten, expected);
        }
    }

    fn turn(&mut self, mut batches: Vec<Batch>, wakes: Option<Wakes>) -> Result<Report, Failed> {
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
        let process = self.process.as_mut().unwrap();
        let done = sudden(|| process.turn(&batches, wakes, now));
        let asked = Asked::Turn {
            number,
            batches,
            wakes,
            now,
        };
        let report = match self.heard(asked.clone(), done) {
            Ok(Some(report)) => report,
            Ok(None) => return Err(Failed::Refused),
            Err(Stopped) => return Err(Failed::Stopped),
        };
        if self.planted != Planted::LostTurn || !self.chance.one_in(10) {
            let expected = self.repeat(&asked);
            truth::same("what a turn did", &Some(&report), &expected.as_ref());
        }
        self.lived.turns += 1;
        Ok(report)
    }

    /// Does in the reference what the daemon did.
    fn repeat(&mut self, asked: &Asked) -> Option<Report> {
        let reference = self.reference.as_mut().unwrap();
        match asked {
            Asked::Turn {
                batches,
                wakes,
                now,
                ..
            } => Some(reference.turn(batches, *wakes, *now).unwrap()),
            Asked::Claim { lane, now, most } => {
                claim_in(reference, *lane, *now, *most);
                None
            }
        }
    }

    /// What became of something asked. A refusal needs a reason.
    fn heard<T>(
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

    fn excused(&mut self, error: &Error) {
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
        self.delivery.die();
        self.lived.stops += 1;
        if self.chance.one_in(2) {
            self.disk.lose_power();
            self.lived.losses_of_power += 1;
        }
        if self.chance.one_in(3) {
            self.pass();
        }
    }

    /// Starts the daemon, which may stop again meanwhile.
    fn open(&mut self) {
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
            let (program, now) = (self.scene.compiled.clone(), self.now);
            let done = sudden(|| {
                let options = Options {
                    disk: Arc::new(self.disk.clone()),
                    thread: false,
                    least_waiting: self.least_waiting,
                };
                let store = Sqlite::open_with(DataFolder::lock(self.folder.path())?, options)?;
                process::open(store, program, now, &mut |_| {}).map_err(|error| match error {
                    process::OpenError::Store(error) => error,
                    other => panic!("{other}"),
                })
            });
            match done {
                Some(Ok(process)) => {
                    self.process = Some(process);
                    break;
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
        self.resolve();
        self.compare();
    }

    /// Finds out whether what was asked last, and was not answered or was refused, is done all the same: as a whole.
    fn resolve(&mut self) {
        let store = self.process.as_mut().unwrap().store();
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
            };
            if found {
                self.repeat(&asked);
            }
        }
        // A new process does not know how late it was before the clock went backwards.
        let reference = self.reference.take().unwrap().into_store();
        self.reference = Some(self.scene.opened(reference, self.now));
    }

    /// The daemon and the reference tell the same, while nothing goes wrong.
    fn compare(&mut self) {
        self.disk.trouble(None);
        let stops = self.disk.put_off();
        let process = self.process.as_mut().unwrap();
        let reference = self.reference.as_mut().unwrap();
        truth::agree(process.store(), reference.store(), self.now);
        self.disk.stop_in(stops);
        self.disk.trouble(self.trouble);
    }

    /// Somebody reads beside the daemon.
    fn compare_reader(&mut self) {
        self.disk.trouble(None);
        let stops = self.disk.put_off();
        let disk = Arc::new(self.disk.clone());
        let mut reader = SqliteReader::open_with(self.folder.path(), disk).unwrap();
        // What was refused may be read by others until the next commit; the daemon itself never shows it.
        if self.doubtful.is_empty() {
            let reference = self.reference.as_mut().unwrap();
            truth::agree(&mut reader, reference.store(), self.now);
        }
        self.disk.stop_in(stops);
        self.disk.trouble(self.trouble);
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
        while self.clients.waiting() > 0 {
            assert!(self.request(true).is_ok(), "{calm}");
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
        let store = self.process.as_mut().unwrap().store();
        self.lived.effects += truth::outbox_is_at_rest(store);
        truth::purchases_are_counted_once(store, &self.scene.program, self.clients.bought());
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

/// Does something during which the machine may stop: `None` where it did.
pub(crate) fn sudden<T>(what: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(what)) {
        Ok(done) => Some(done),
        Err(unwound) if unwound.is::<Stopped>() => None,
        Err(other) => resume_unwind(other),
    }
}
