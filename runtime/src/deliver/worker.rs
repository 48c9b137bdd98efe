//! The workers: effects come out of the outbox, are carried out, and how they ended goes back. One worker per lane.
//!
//! A worker claims no more than it can start at once, so it never holds more than its concurrency, and a crash leaves
//! at most that many effects in doubt.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use journey_ir::time::{Instant, MINUTE, SECOND};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::attempt::{Attempt, Blame};
use super::breaker::Breaker;
use super::outbox::{Bell, Claim, Claimed, Lane, Outbox, OutboxError, Outcome, Recorded};
use super::retry::{self, Terms};
use crate::clock::Clock;
use crate::metrics::Counters;

/// An attempt under way.
pub type Carrying = Pin<Box<dyn Future<Output = Attempt> + Send>>;

/// Carries out effects. [`super::Courier`] is the real one.
pub trait Carrier: Send + Sync + 'static {
    /// What holds for an effect.
    fn terms(&self, claimed: &Claimed) -> Terms;

    /// Tries once.
    fn carry(&self, claimed: Claimed) -> Carrying;
}

/// How workers work.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How many effects of one lane may be under way at the same time.
    pub concurrency: usize,
    /// For how long an effect is held, in milliseconds: longer than any attempt takes.
    pub lease: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            concurrency: 50,
            lease: 10 * MINUTE,
        }
    }
}

/// How long a worker waits before it asks an unreachable outbox again, in milliseconds.
const OUTBOX_PAUSE: i64 = SECOND;

/// The shortest time between two looks into the outbox when nothing calls, in milliseconds.
const SHORTEST_SLEEP: i64 = 10;

/// The running workers.
#[derive(Debug)]
pub struct Workers {
    /// Kept so that the bell outlives those who listen to it.
    _bell: Bell,
    stop: watch::Sender<bool>,
    lanes: JoinSet<()>,
    ends: Arc<Ends>,
}

/// How many attempts ended how, by lane and outcome.
pub type Ends = Counters<2>;

impl Workers {
    /// Starts one worker per lane.
    #[must_use]
    pub fn start(
        outbox: &Arc<dyn Outbox>,
        carrier: &Arc<dyn Carrier>,
        clock: &Arc<dyn Clock>,
        bell: &Bell,
        pace: Pace,
    ) -> Self {
        let stop = watch::Sender::new(false);
        let ends = Arc::new(Ends::default());
        let mut lanes = JoinSet::new();
        for lane in Lane::ALL {
            let worker = Worker {
                lane,
                outbox: Arc::clone(outbox),
                carrier: Arc::clone(carrier),
                clock: Arc::clone(clock),
                bell: bell.listen(),
                stop: stop.subscribe(),
                pace,
                breaker: Breaker::default(),
                running: JoinSet::new(),
                ended: Vec::new(),
                ends: Arc::clone(&ends),
            };
            lanes.spawn(worker.run());
        }
        Self {
            _bell: bell.clone(),
            stop,
            lanes,
            ends,
        }
    }

    /// How many attempts ended how.
    #[must_use]
    pub const fn ends(&self) -> &Arc<Ends> {
        &self.ends
    }

    /// Claims nothing more, lets what is under way end, and records it. After `grace` the rest is left to its lease.
    /// Says whether everything was recorded.
    pub async fn stop(mut self, grace: Duration) -> bool {
        self.stop.send_replace(true);
        let all = async { while self.lanes.join_next().await.is_some() {} };
        let in_time = tokio::time::timeout(grace, all).await.is_ok();
        if !in_time {
            tracing::warn!(
                "some effects were still under way when the daemon stopped; they are looked at again after their lease"
            );
        }
        in_time
    }
}

/// An attempt that is over.
struct Ended {
    claimed: Claimed,
    terms: Terms,
    attempt: Attempt,
}

struct Worker {
    lane: Lane,
    outbox: Arc<dyn Outbox>,
    carrier: Arc<dyn Carrier>,
    clock: Arc<dyn Clock>,
    bell: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    pace: Pace,
    breaker: Breaker,
    running: JoinSet<Ended>,
    /// What is not recorded yet.
    ended: Vec<Recorded>,
    ends: Arc<Ends>,
}

impl Worker {
    async fn run(mut self) {
        loop {
            while let Some(Ok(ended)) = self.running.try_join_next() {
                self.note(ended);
            }
            let wake_at = match self.turn().await {
                Ok(wake_at) => wake_at,
                Err(error) => {
                    tracing::error!(lane = %self.lane, "{error}");
                    Some(self.clock.now().saturating_add(OUTBOX_PAUSE))
                }
            };
            if *self.stop.borrow() && self.running.is_empty() && self.ended.is_empty() {
                return;
            }
            self.wait(wake_at).await;
        }
    }

    /// Records what has ended and claims what can be started, side by side: one wait for the disk can carry both. Says
    /// when there is more to do, if that is known.
    async fn turn(&mut self) -> Result<Option<Instant>, OutboxError> {
        let now = self.clock.now();
        let allowed = if *self.stop.borrow() {
            0
        } else {
            self.breaker.allows(self.pace.concurrency, now)
        };
        let free = allowed.saturating_sub(self.running.len());
        let ended = std::mem::take(&mut self.ended);
        // What goes back may be recorded only after the claim has looked.
        let again = ended.iter().filter_map(Recorded::due_again).min();
        let recording = record(Arc::clone(&self.outbox), ended);
        if free == 0 {
            let recorded = recording.await;
            self.keep(recorded)?;
            return Ok(self.breaker.until().filter(|until| *until > now));
        }
        self.bell.mark_unchanged();
        let (recorded, claim) = tokio::join!(recording, self.claim(free, now));
        let recorded = self.keep(recorded);
        let claim = claim?;
        let full = claim.work.len() >= free;
        for claimed in claim.work {
            self.begin(claimed, now);
        }
        recorded?;
        if !self.ended.is_empty() {
            // Some were over before they began: look again at once, for there is room.
            return Ok(Some(now));
        }
        // When the batch was full there is more, and the next free place asks for it.
        let later = now.saturating_add(SHORTEST_SLEEP);
        let next = claim.next_due.into_iter().chain(again).min();
        Ok(next.filter(|_| !full).map(|due| due.max(later)))
    }

    /// What could not be recorded stays for the next time.
    fn keep(
        &mut self,
        recorded: Result<(), (OutboxError, Vec<Recorded>)>,
    ) -> Result<(), OutboxError> {
        recorded.map_err(|(error, ended)| {
            self.ended = ended;
            error
        })
    }

    async fn claim(&self, limit: usize, now: Instant) -> Result<Claim, OutboxError> {
        let (outbox, lane, lease) = (Arc::clone(&self.outbox), self.lane, self.pace.lease);
        blocking(move || outbox.claim(lane, limit, now, lease)).await
    }

    fn begin(&mut self, claimed: Claimed, now: Instant) {
        if *self.stop.borrow() {
            let given_back = Recorded::of(&claimed, Outcome::GivenBack, now);
            self.ended.push(given_back);
            return;
        }
        let terms = self.carrier.terms(&claimed);
        if let Some(outcome) = retry::before(&claimed, &terms, now) {
            self.log(&claimed, &outcome);
            self.ended.push(Recorded::of(&claimed, outcome, now));
            return;
        }
        let carrying = self.carrier.carry(claimed.clone());
        // An attempt ends before its lease does, so that nobody else begins it meanwhile.
        let limit = Duration::from_millis((self.pace.lease / 4 * 3).unsigned_abs());
        self.running.spawn(async move {
            let attempt = tokio::time::timeout(limit, carrying).await;
            Ended {
                claimed,
                terms,
                attempt: attempt.unwrap_or_else(|_| Attempt::unclear("it did not end in time")),
            }
        });
    }

    fn note(&mut self, ended: Ended) {
        let now = self.clock.now();
        let down = matches!(
            ended.attempt,
            Attempt::Failed {
                blame: Blame::Provider,
                ..
            }
        );
        // Calls and tasks go to many providers by one lane: one of them must not silence the others.
        let down = down && matches!(self.lane, Lane::Message(_));
        if !down {
            self.breaker.answered();
        } else if self.breaker.failed(now) {
            tracing::warn!(lane = %self.lane, "the provider is down; the rest waits while one effect at a time asks for it");
        }
        let outcome = retry::after(ended.attempt, &ended.claimed, &ended.terms, now);
        self.log(&ended.claimed, &outcome);
        self.ended.push(Recorded::of(&ended.claimed, outcome, now));
    }

    /// Counts it, and says what an operator should know. Contacts are named by their id only; addresses and contents stay out.
    fn log(&self, claimed: &Claimed, outcome: &Outcome) {
        let (lane, key, contact) = (self.lane, claimed.effect.key, &claimed.contact);
        self.ends.add([lane.word(), outcome.word()], 1);
        match outcome {
            Outcome::Retry { after, reason } => {
                let wait = after.saturating_sub(self.clock.now()) / SECOND;
                tracing::info!(%lane, %key, contact, "failed, tried again in {wait} s: {reason}");
            }
            Outcome::GiveUp { reason } => {
                tracing::warn!(%lane, %key, contact, "given up: {reason}");
            }
            Outcome::Unclear { reason } => {
                tracing::warn!(%lane, %key, contact, "not known whether it was carried out: {reason}");
            }
            Outcome::Done { .. } | Outcome::KeptOpen | Outcome::GivenBack => {
                tracing::debug!(%lane, %key, contact, "done");
            }
        }
    }

    /// Waits until there may be something to do.
    async fn wait(&mut self, wake_at: Option<Instant>) {
        let stopping = *self.stop.borrow();
        let clock = Arc::clone(&self.clock);
        let alarm = async move {
            match wake_at {
                Some(at) => clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(joined) = self.running.join_next(), if !self.running.is_empty() => {
                // An attempt that panicked is not recorded: its lease runs out, and it comes back as interrupted.
                if let Ok(ended) = joined {
                    self.note(ended);
                }
            }
            () = alarm => {}
            _ = self.bell.changed(), if !stopping => {}
            _ = self.stop.changed(), if !stopping => {}
        }
    }
}

/// Records how attempts ended; gives them back where that fails.
async fn record(
    outbox: Arc<dyn Outbox>,
    ended: Vec<Recorded>,
) -> Result<(), (OutboxError, Vec<Recorded>)> {
    if ended.is_empty() {
        return Ok(());
    }
    let ended = Arc::new(ended);
    let told = Arc::clone(&ended);
    let recorded = blocking(move || outbox.record(&told)).await;
    recorded.map_err(|error| (error, Arc::unwrap_or_clone(ended)))
}

async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, OutboxError> + Send + 'static,
) -> Result<T, OutboxError> {
    match tokio::task::spawn_blocking(call).await {
        Ok(result) => result,
        Err(error) => Err(OutboxError(error.to_string())),
    }
}
