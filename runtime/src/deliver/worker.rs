//! The workers: effects come out of the outbox, are carried out, and how they ended goes back. One worker per lane.
//!
//! A worker claims what it can start at once, and while attempts end quickly as many more as end during a commit, at most
//! half its concurrency. So it never holds more than one and a half times that, and a crash leaves at most that many
//! effects in doubt.

use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use journey_ir::time::{Instant, MINUTE, SECOND};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle, JoinSet};

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

/// How long what is claimed waits for a place at most, in milliseconds.
const LONGEST_WAIT: i64 = SECOND;

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
    down: Arc<Down>,
}

/// How many attempts ended how, by lane and outcome.
pub type Ends = Counters<2>;

/// The lanes whose provider takes nothing at present.
#[derive(Debug, Default)]
pub struct Down(Mutex<BTreeSet<Lane>>);

impl Down {
    fn lanes(&self) -> MutexGuard<'_, BTreeSet<Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, lane: Lane, is_down: bool) {
        let mut lanes = self.lanes();
        if is_down {
            lanes.insert(lane);
        } else {
            lanes.remove(&lane);
        }
    }

    /// Whether a lane's provider is down.
    #[must_use]
    pub fn is(&self, lane: Lane) -> bool {
        self.lanes().contains(&lane)
    }
}

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
        let down = Arc::new(Down::default());
        let mut lanes = JoinSet::new();
        for lane in Lane::ALL {
            let tools = (Arc::clone(outbox), Arc::clone(carrier), Arc::clone(clock));
            let (bell, stop) = (bell.clone(), stop.subscribe());
            let (ends, down) = (Arc::clone(&ends), Arc::clone(&down));
            let pausing = Arc::clone(clock);
            let worker = move || Worker {
                lane,
                outbox: Arc::clone(&tools.0),
                carrier: Arc::clone(&tools.1),
                clock: Arc::clone(&tools.2),
                bell: bell.listen(),
                stop: stop.clone(),
                pace,
                breaker: Breaker::default(),
                running: JoinSet::new(),
                next: VecDeque::new(),
                ended: Vec::new(),
                not_before: Instant::MIN,
                ends: Arc::clone(&ends),
                down: Arc::clone(&down),
            };
            lanes.spawn(async move {
                // Where one ends badly another takes its place: what the first held comes back when its lease is over.
                while tokio::spawn(worker().run()).await.is_err() {
                    tracing::error!(%lane, "deliver.began_anew");
                    let later = pausing.now().saturating_add(OUTBOX_PAUSE);
                    pausing.sleep_until(later).await;
                }
            });
        }
        Self {
            _bell: bell.clone(),
            stop,
            lanes,
            ends,
            down,
        }
    }

    /// How many attempts ended how.
    #[must_use]
    pub const fn ends(&self) -> &Arc<Ends> {
        &self.ends
    }

    /// Whose provider is down.
    #[must_use]
    pub const fn down(&self) -> &Arc<Down> {
        &self.down
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
    /// What is claimed and has no place yet, with the instant of its claim.
    next: VecDeque<(Claimed, Instant)>,
    /// What is not recorded yet.
    ended: Vec<Recorded>,
    /// Before this the outbox is not asked.
    not_before: Instant,
    ends: Arc<Ends>,
    down: Arc<Down>,
}

/// What the outbox was told and asked.
struct Exchange {
    at: Instant,
    told: Arc<Vec<Recorded>>,
    limit: usize,
    answer: JoinHandle<Result<Claim, OutboxError>>,
}

impl Worker {
    /// While the outbox is asked, attempts end and others begin in their place.
    async fn run(mut self) {
        let mut asking: Option<Exchange> = None;
        let (mut look, mut wake_at) = (true, None);
        loop {
            while let Some(joined) = self.running.try_join_next() {
                look |= !self.heard_of(joined);
            }
            self.begin_next();
            let now = self.clock.now();
            if asking.is_none() && (look || !self.ended.is_empty()) && now >= self.not_before {
                (asking, wake_at) = (self.ask(now), self.breaker.until());
                wake_at = wake_at.filter(|until| *until > now);
                look = false;
            }
            let stopping = *self.stop.borrow();
            let at_rest = self.running.is_empty() && self.ended.is_empty();
            if stopping && at_rest && asking.is_none() {
                return;
            }
            let clock = Arc::clone(&self.clock);
            let ring_at = wake_at.into_iter().chain(self.next_goes_back()).min();
            let alarm = async move {
                match ring_at {
                    Some(at) => clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let idle = asking.is_none();
            let answered = async {
                match &mut asking {
                    Some(exchange) => (&mut exchange.answer).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                answer = answered => {
                    let answer = answer.unwrap_or_else(|error| Err(OutboxError(error.to_string())));
                    if let Some(exchange) = asking.take() {
                        wake_at = self.hear(exchange, answer);
                    }
                }
                Some(joined) = self.running.join_next(), if !self.running.is_empty() => {
                    look |= !self.heard_of(joined);
                }
                () = alarm, if idle => (look, wake_at) = (true, None),
                _ = self.bell.changed(), if idle && !stopping => look = true,
                _ = self.stop.changed(), if !stopping => look = true,
            }
        }
    }

    /// Notes how an attempt ended; says whether that is known. One that panicked is not recorded: its lease runs out, and
    /// it comes back as interrupted. Its place is free all the same.
    fn heard_of(&mut self, joined: Result<Ended, JoinError>) -> bool {
        joined.map(|ended| self.note(ended)).is_ok()
    }

    /// Tells what has ended and asks for what can be begun, in one commit: for each free place, and for as many places as
    /// became free meanwhile the last time, so that they need not wait for the disk.
    fn ask(&mut self, now: Instant) -> Option<Exchange> {
        let held = self.running.len() + self.next.len();
        let allowed = self.allowed(now);
        let over = self.ended.iter();
        let over = over.filter(|it| it.outcome != Outcome::GivenBack).count();
        let ahead = over.min(self.pace.concurrency / 2);
        let limit = if allowed < self.pace.concurrency {
            allowed.saturating_sub(held)
        } else {
            (allowed + ahead).saturating_sub(held)
        };
        if limit == 0 && self.ended.is_empty() {
            return None;
        }
        if limit > 0 {
            self.bell.mark_unchanged();
        }
        let told = Arc::new(std::mem::take(&mut self.ended));
        let (outbox, lane, lease) = (Arc::clone(&self.outbox), self.lane, self.pace.lease);
        let telling = Arc::clone(&told);
        let answer = tokio::task::spawn_blocking(move || {
            if limit == 0 {
                outbox.record(&telling).map(|()| Claim::default())
            } else {
                outbox.exchange(&telling, lane, limit, now, lease)
            }
        });
        Some(Exchange {
            at: now,
            told,
            limit,
            answer,
        })
    }

    /// Takes what the outbox gives. Says when there is more to do, if that is known.
    fn hear(&mut self, exchange: Exchange, answer: Result<Claim, OutboxError>) -> Option<Instant> {
        // What goes back is due again only after the claim has looked.
        let again = exchange.told.iter().filter_map(Recorded::due_again).min();
        let now = self.clock.now();
        match answer {
            Ok(claim) => {
                let full = claim.work.len() >= exchange.limit;
                let claimed = claim.work.into_iter().map(|claimed| (claimed, exchange.at));
                self.next.extend(claimed);
                // When the batch was full there is more, and the next free place asks for it.
                let later = exchange.at.saturating_add(SHORTEST_SLEEP);
                let due = claim.next_due.into_iter().chain(again).min();
                let until = self.breaker.until().filter(|until| *until > now);
                due.filter(|_| !full).map(|due| due.max(later)).or(until)
            }
            Err(error) => {
                tracing::error!(lane = %self.lane, "{error}");
                // What could not be recorded stays for the next time.
                let newer = std::mem::replace(&mut self.ended, Arc::unwrap_or_clone(exchange.told));
                self.ended.extend(newer);
                self.not_before = now.saturating_add(OUTBOX_PAUSE);
                Some(self.not_before)
            }
        }
    }

    /// How many attempts may be under way.
    fn allowed(&self, now: Instant) -> usize {
        if *self.stop.borrow() {
            return 0;
        }
        self.breaker.allows(self.pace.concurrency, now)
    }

    /// When what was claimed first has waited too long.
    fn next_goes_back(&self) -> Option<Instant> {
        let (_, since) = self.next.front()?;
        Some(since.saturating_add(LONGEST_WAIT + 1))
    }

    /// Begins what was claimed where there is room. What was revoked meanwhile goes back, and what has waited too long.
    fn begin_next(&mut self) {
        while let Some((_, since)) = self.next.front() {
            let now = self.clock.now();
            let stale = now.saturating_sub(*since) > LONGEST_WAIT;
            let free = self.allowed(now) > self.running.len();
            if !(free || stale || *self.stop.borrow()) {
                return;
            }
            let Some((claimed, _)) = self.next.pop_front() else {
                return;
            };
            // The call is made right after this.
            let recalled = self.outbox.is_recalled(&claimed.effect.key);
            if stale || recalled || *self.stop.borrow() {
                let given_back = Recorded::of(&claimed, Outcome::GivenBack, now);
                self.ended.push(given_back);
            } else {
                self.begin(claimed, now);
            }
        }
    }

    fn begin(&mut self, claimed: Claimed, now: Instant) {
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
        self.down.note(self.lane, self.breaker.until().is_some());
        let outcome = retry::after(ended.attempt, &ended.claimed, &ended.terms, now);
        self.log(&ended.claimed, &outcome);
        self.ended.push(Recorded::of(&ended.claimed, outcome, now));
    }

    /// Counts it, and says what an operator should know: nobody's name, address or content. By the key `journeyd outbox`
    /// tells whom it is for, and all of the reason.
    fn log(&self, claimed: &Claimed, outcome: &Outcome) {
        let (lane, key) = (self.lane, claimed.effect.key);
        self.ends.add([lane.word(), outcome.word()], 1);
        match outcome {
            Outcome::Retry { after, reason } => {
                let wait = after.saturating_sub(self.clock.now()) / SECOND;
                let reason = reason.in_our_words();
                tracing::info!(%lane, %key, "failed, tried again in {wait} s: {reason}");
            }
            Outcome::GiveUp { reason } => {
                tracing::warn!(%lane, %key, "given up: {}", reason.in_our_words());
            }
            Outcome::Unclear { reason } => {
                let reason = reason.in_our_words();
                tracing::warn!(%lane, %key, "not known whether it was carried out: {reason}");
            }
            Outcome::Done { .. } | Outcome::KeptOpen | Outcome::GivenBack => {
                tracing::debug!(%lane, %key, "done");
            }
        }
    }
}
