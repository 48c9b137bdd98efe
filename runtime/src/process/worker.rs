//! The thread that owns the process, which everybody else asks by a [`Handle`].
//!
//! The worker takes what waits in its queue, adds the wake-ups that are due, commits once, and only then answers: the
//! more is asked at once, the more a single wait for the disk carries.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use journey_ir::Instant;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use super::handle::{
    Deploy, DeployError, Handle, QUEUE, QUEUE_KIB, Recalled, Receipts, Request, Running,
    SubmitError, answer,
};
use super::meter::Meter;
use super::taken::Taken;
use super::{Effects, Process, Wakes};
use crate::clock::Clock;
use crate::deliver::Bell;
use crate::halves::is_worthwhile;
use crate::store::{Claim, Error, Store};

/// With so many items one commit takes no more requests along: where more wait, whom they are about is read beside it.
const ITEMS_PER_COMMIT: usize = 2_048;
/// How many contacts are counted again after a deploy between two groups of requests, and where none waits.
const COUNTED_BETWEEN: usize = 64;
const COUNTED_AT_REST: usize = 512;
/// How many due contacts one commit takes along at most, so that neither they nor live events starve.
const WAKES_BETWEEN: usize = 1_024;
/// The same where nobody asks for anything.
pub const WAKES_AT_REST: usize = 4_096;
/// After a failed commit, how long due contacts wait for the next try, in milliseconds.
const PAUSE_AFTER_FAILURE: i64 = 1_000;
/// How often old ids are looked for, in milliseconds.
const FORGET_EVERY: i64 = 10_000;
/// After how long without anything to do the store may tidy up.
const QUIET: Duration = Duration::from_secs(5);
/// How often it is looked whether what was erased is gone, while somebody waits for it, by the machine's own
/// time.
const PURGE_EVERY: Duration = Duration::from_millis(20);

/// Starts the worker. It gives the process back when it has stopped. `undecided` is when the oldest of what waits in the
/// spool came in, [`Instant::MAX`] where nothing does.
pub fn start<S: Store + 'static>(
    mut process: Process<S>,
    clock: Arc<dyn Clock>,
    bell: Bell,
    undecided: Instant,
) -> io::Result<(Handle, JoinHandle<Process<S>>)> {
    let (requests, queue) = mpsc::channel(QUEUE);
    let (undecided_told, undecided) = watch::channel(undecided);
    let (trouble_told, trouble) = watch::channel(None);
    let (running_told, running) = watch::channel(Running {
        number: 0,
        program: Arc::clone(process.program()),
    });
    let handle = Handle {
        requests,
        room: Arc::new(Semaphore::new(QUEUE_KIB)),
        trouble,
        running,
        stopping: Arc::default(),
        undecided: Arc::new(undecided_told),
        meter: Arc::default(),
        recalled: Arc::default(),
    };
    handle.meter.counting(process.progress());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let worker = Worker {
        spooled: process.spooled().map_err(io::Error::other)?.sequence(),
        process,
        queue,
        ahead: VecDeque::new(),
        undecided,
        clock,
        trouble: trouble_told,
        bell,
        forgotten_at: Instant::MIN,
        resting_until: Instant::MIN,
        running: running_told,
        meter: Arc::clone(&handle.meter),
        recalled: Arc::clone(&handle.recalled),
        rested: false,
        purges: Vec::new(),
    };
    let thread = std::thread::Builder::new()
        .name("journey-process".to_owned())
        .spawn(move || runtime.block_on(worker.run()))?;
    Ok((handle, thread))
}

struct Worker<S> {
    process: Process<S>,
    queue: mpsc::Receiver<Request>,
    /// Requests taken from the queue for the commit after the next, in front of all others.
    ahead: VecDeque<Request>,
    clock: Arc<dyn Clock>,
    trouble: watch::Sender<Option<Arc<Error>>>,
    bell: Bell,
    forgotten_at: Instant,
    resting_until: Instant,
    running: watch::Sender<Running>,
    meter: Arc<Meter>,
    recalled: Arc<Recalled>,
    /// Nothing was done since the store has tidied up.
    rested: bool,
    /// Who waits until what was erased is gone.
    purges: Vec<oneshot::Sender<()>>,
    /// The last frame of the spool that is decided.
    spooled: u64,
    /// Since when something that was acknowledged is not decided.
    undecided: watch::Receiver<Instant>,
}

impl<S: Store> Worker<S> {
    async fn run(mut self) -> Process<S> {
        loop {
            let mut taken = Taken::default();
            let running = self.running.borrow().number;
            match self.wait_for_more().await {
                Waited::Request(request) => taken.add(request, running, self.spooled),
                Waited::Due => {}
                Waited::Quiet => {
                    self.rest();
                    continue;
                }
                Waited::Closed => taken.stop = true,
            }
            self.rested = false;
            while taken.weight < ITEMS_PER_COMMIT {
                match self.next() {
                    Some(request) => taken.add(request, running, self.spooled),
                    None => break,
                }
            }
            self.read_ahead();
            let stop = taken.stop;
            let deploys = std::mem::take(&mut taken.deploys);
            self.turn(taken);
            for deploy in deploys {
                self.deploy(deploy);
            }
            if !stop {
                self.work_behind();
            }
            if stop {
                self.queue.close();
                self.drain();
                if let Err(error) = self.process.store().checkpoint() {
                    tracing::warn!(%error, "store.checkpoint_failed");
                }
                return self.process;
            }
        }
    }

    fn next(&mut self) -> Option<Request> {
        let first = self.ahead.pop_front();
        first.or_else(|| self.queue.try_recv().ok())
    }

    async fn wait_for_more(&mut self) -> Waited {
        match self.ahead.pop_front() {
            Some(request) => Waited::Request(request),
            None => self.wait().await,
        }
    }

    /// Begins to read whom the requests are about that come after the next commit.
    fn read_ahead(&mut self) {
        while self.ahead.iter().map(Request::weight).sum::<usize>() < ITEMS_PER_COMMIT {
            match self.queue.try_recv() {
                Ok(request) => self.ahead.push_back(request),
                Err(_) => break,
            }
        }
        let waits: usize = self.ahead.iter().map(Request::weight).sum();
        let worth_it = is_worthwhile(waits).then_some(&self.ahead);
        let batches = worth_it.into_iter().flatten().flat_map(Request::batches);
        // What cannot be read now is read again when it is needed, and fails then if it must.
        if let Err(error) = self.process.read_ahead(batches) {
            tracing::debug!(%error, "store.not_read_ahead");
        }
    }

    /// Finishes what was already accepted into the queue.
    fn drain(&mut self) {
        loop {
            let mut taken = Taken::default();
            let running = self.running.borrow().number;
            while let Some(request) = self.next() {
                taken.add(request, running, self.spooled);
            }
            if taken.parts.is_empty() {
                return;
            }
            // What is told is recorded; nothing is handed out any more.
            taken.asked.iter_mut().for_each(|ask| ask.most = 0);
            self.turn(taken);
        }
    }

    /// Changes the program, or says what that would do.
    fn deploy(&mut self, deploy: Deploy) {
        let Deploy {
            program,
            at_change,
            answer: to,
        } = deploy;
        let planned = self.process.plan(&program);
        let (Ok(_), Some(at_change)) = (&planned, at_change) else {
            return answer(to, planned.map_err(DeployError::from));
        };
        let now = self.clock.now();
        if let Err(refused) = self.process.redeploy(*program, now) {
            return answer(to, Err(refused.into()));
        }
        at_change(self.process.program());
        self.running.send_modify(|running| {
            running.number += 1;
            running.program = Arc::clone(self.process.program());
        });
        self.meter.counting(self.process.progress());
        self.bell.ring();
        answer(to, planned.map_err(DeployError::from));
    }

    /// Does some of what nobody waits for: much of it where no request waits either, little otherwise.
    fn work_behind(&mut self) {
        let now = self.clock.now();
        if now < self.resting_until {
            return;
        }
        let at_rest = self.queue.is_empty() && self.ahead.is_empty();
        let most = if at_rest {
            COUNTED_AT_REST
        } else {
            COUNTED_BETWEEN
        };
        match self.process.work_behind(most, now) {
            Ok(0) => {}
            Ok(_) => self.bell.ring(),
            Err(error) => drop(self.fail(now, error)),
        }
        self.meter.counting(self.process.progress());
    }

    async fn wait(&mut self) -> Waited {
        let due = match self.process.next_wake() {
            Ok(due) => due,
            Err(error) => {
                self.tell(Some(Arc::new(error)));
                Some(self.clock.now())
            }
        };
        // What waits for something else to be decided is looked at again when it is.
        let due = due.filter(|due| *due <= self.decided_until(Instant::MAX));
        // While the store is in trouble it is tried again and again, so that readiness tells the truth.
        let due = if self.trouble.borrow().is_some() {
            Some(self.resting_until)
        } else {
            due
        };
        if self.trouble.borrow().is_none() && self.process.progress().is_some() {
            // There is work to do meanwhile: whoever asks is answered first, and nobody is waited for.
            return match self.queue.try_recv() {
                Ok(request) => Waited::Request(request),
                Err(mpsc::error::TryRecvError::Empty) => Waited::Due,
                Err(mpsc::error::TryRecvError::Disconnected) => Waited::Closed,
            };
        }
        let look = async {
            if self.purges.is_empty() {
                return std::future::pending().await;
            }
            tokio::time::sleep(PURGE_EVERY).await;
        };
        let request = self.queue.recv();
        tokio::select! {
            biased;
            request = request => request.map_or(Waited::Closed, Waited::Request),
            () = self.clock.sleep_until(due.unwrap_or(Instant::MAX)), if due.is_some() => Waited::Due,
            () = look => Waited::Due,
            Ok(()) = self.undecided.changed() => Waited::Due,
            () = tokio::time::sleep(QUIET), if !self.rested => Waited::Quiet,
        }
    }

    /// Lets the store tidy up.
    fn rest(&mut self) {
        match self.process.store().rest() {
            Ok(again) => self.rested = !again,
            Err(error) => {
                tracing::warn!(%error, "store.not_tidied");
                self.rested = true;
            }
        }
    }

    fn turn(&mut self, taken: Taken) {
        let now = self.clock.now();
        if now >= self.forgotten_at.saturating_add(FORGET_EVERY) {
            // What waits in the spool may still be a repeat.
            match self.process.forget(self.decided_until(now)) {
                Ok(true) => {}
                Ok(false) => self.forgotten_at = now,
                Err(error) => drop(self.fail(now, error)),
            }
        }
        let failed = |error: &Arc<Error>| SubmitError::Store(Arc::clone(error));
        match self.commit(&taken, now) {
            Ok((receipts, claims)) => {
                let answers = taken.parts.into_iter().map(|part| part.answer);
                for (to, receipts) in answers.zip(receipts) {
                    if let Some(to) = to {
                        answer(to, receipts);
                    }
                }
                for (to, claim) in taken.askers.into_iter().zip(claims) {
                    answer(to, claim);
                }
            }
            Err(error) => {
                for to in taken.parts.into_iter().filter_map(|part| part.answer) {
                    answer(to, Err(failed(&error)));
                }
                for to in taken.askers {
                    answer(to, Err(failed(&error)));
                }
            }
        }
        self.purges.extend(taken.purges);
        self.purge(now);
    }

    /// Tells those who wait for it that nothing erased is left.
    fn purge(&mut self, now: Instant) {
        self.purges.retain(|to| !to.is_closed());
        if self.purges.is_empty() {
            return;
        }
        match self.process.store().purge() {
            Ok(true) => self.purges.drain(..).for_each(|to| answer(to, ())),
            Ok(false) => {}
            Err(error) => drop(self.fail(now, error)),
        }
    }

    /// Commits batches together with what is due and what workers ask for. Where that fails for a reason that may lie in
    /// one of them, each part is tried alone, so that one cannot take the others down; workers ask again.
    fn commit(
        &mut self,
        taken: &Taken,
        now: Instant,
    ) -> Result<(Vec<Receipts>, Answers<Claim>), Arc<Error>> {
        let batches = taken.batches.as_slice();
        if self.trouble.borrow().is_some() && batches.is_empty() {
            self.process
                .probe(now)
                .map_err(|error| self.fail(now, error))?;
        }
        let wakes = (now >= self.resting_until).then(|| Wakes {
            until: self.decided_until(now),
            most: if batches.is_empty() && self.queue.is_empty() && self.ahead.is_empty() {
                WAKES_AT_REST
            } else {
                WAKES_BETWEEN
            },
            effects: Effects::Act,
        });
        let due = match &wakes {
            Some(wakes) => self
                .process
                .next_wake()
                .map(|due| due.filter(|at| *at <= wakes.until)),
            None => Ok(None),
        };
        let due = due.map_err(|error| self.fail(now, error))?;
        let began = std::time::Instant::now();
        match self
            .process
            .turn_and_claim(batches, wakes, &taken.asked, now)
        {
            Ok((report, claims)) => {
                let items = report.receipts.iter().map(|receipt| receipt.accepted);
                // Between two commits of the sweep there may be nothing to do.
                if !batches.is_empty() || report.woken > 0 {
                    self.meter
                        .committed(items.sum(), report.woken, began.elapsed());
                    self.meter.stored(self.process.storing());
                }
                if let Some(due) = due.filter(|_| report.woken > 0) {
                    self.meter.woke_late(now.saturating_sub(due));
                }
                self.recalled.add(self.process.store().recalled());
                self.tell(None);
                if report.pending > 0 {
                    self.bell.ring();
                }
                self.spooled = taken.spooled().unwrap_or(self.spooled);
                let mut receipts = report.receipts.into_iter();
                let parts = taken.parts.iter();
                let receipts = parts.map(|part| Ok(receipts.by_ref().take(part.batches).collect()));
                Ok((receipts.collect(), claims.into_iter().map(Ok).collect()))
            }
            Err(error) => {
                let alone = matches!(error, Error::Database(_)) && !batches.is_empty();
                let error = self.fail(now, error);
                if !alone {
                    return Err(error);
                }
                let receipts = self.each_alone(taken, now);
                let refused = taken.asked.iter();
                let refused = refused.map(|_| Err(SubmitError::Store(Arc::clone(&error))));
                Ok((receipts, refused.collect()))
            }
        }
    }

    fn each_alone(&mut self, taken: &Taken, now: Instant) -> Vec<Receipts> {
        let mut rest = taken.batches.as_slice();
        let parts = taken.parts.iter().map(|part| {
            let (batches, others) = rest.split_at_checked(part.batches).unwrap_or_default();
            rest = others;
            // The frame before it may just have failed.
            if part
                .spooled
                .is_some_and(|(follows, _)| follows != self.spooled)
            {
                return Err(SubmitError::Redeployed);
            }
            let report = self.process.turn(batches, None, now);
            let report = report.map_err(|error| SubmitError::Store(Arc::new(error)))?;
            self.spooled = part.spooled.map_or(self.spooled, |(_, until)| until);
            Ok(report.receipts)
        });
        parts.collect()
    }

    /// Up to when time has come: what was heard before is decided before anything that is due then.
    fn decided_until(&self, now: Instant) -> Instant {
        now.min(self.undecided.borrow().saturating_sub(1))
    }

    fn fail(&mut self, now: Instant, error: Error) -> Arc<Error> {
        let error = Arc::new(error);
        self.meter.failed();
        self.resting_until = now.saturating_add(PAUSE_AFTER_FAILURE);
        self.tell(Some(Arc::clone(&error)));
        error
    }

    /// Says how the store is, and logs where that changes.
    fn tell(&self, trouble: Option<Arc<Error>>) {
        self.trouble.send_if_modified(|known| {
            let (before, after) = (known.as_ref(), trouble.as_ref());
            let changed = before.map(ToString::to_string) != after.map(ToString::to_string);
            if changed {
                if let Some(error) = after {
                    tracing::error!(%error, "store.failed");
                } else {
                    tracing::info!("store.works_again");
                }
                *known = trouble;
            }
            changed
        });
    }
}

/// What each of those who asked is told.
type Answers<T> = Vec<Result<T, SubmitError>>;

#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
enum Waited {
    Request(Request),
    Due,
    Quiet,
    Closed,
}
