//! Requests that are acknowledged before they are decided: where more comes in than is decided, they are written down as
//! they are, answered, and decided one after the other, in the order in which they came.
//!
//! ```text
//!   request ─► record ─► keeper (a frame of all that wait, one sync, answers) ─► taker (reads, hands over, in order)
//! ```
//!
//! While nothing waits here and little waits for the worker, requests go to it directly: what comes back then also names
//! the items that were rejected.

mod keeper;
mod record;
mod taker;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use journey_ir::Instant;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::Limits;
use super::counts::Counts;
use super::reading::Reading;
use crate::metrics::Histogram;
use crate::process::meter::COMMIT_BOUNDS;
use crate::process::{Handle, SubmitError};
use crate::store::spool::{self as store, Decided, Undecided, Waiting};
use keeper::Keeper;
use taker::Taker;

pub(super) use keeper::Room;
pub(super) use record::{Record, Wanted};

/// How many requests wait at most to be written down, and how much of them, in KiB.
const QUEUE: usize = 8_192;
const QUEUE_KIB: usize = 64 * 1024;

/// A request to be written down.
#[derive(Debug)]
struct Keep {
    record: Vec<u8>,
    since: Instant,
    items: usize,
    answer: oneshot::Sender<Result<(), SubmitError>>,
}

/// What the keeper is told.
#[derive(Debug)]
enum Message {
    Keep(Keep),
    Decided(Decided),
    Purge(oneshot::Sender<()>),
    Stop,
}

/// A frame on its way to the worker, with the number of requests in it.
#[derive(Debug)]
struct Frame {
    waiting: Waiting,
    requests: u64,
}

/// What waits, as everybody may know.
#[derive(Debug)]
struct State {
    handle: Handle,
    /// Requests that are not decided, those on their way to the disk included.
    requests: AtomicU64,
    /// What waits on disk, in bytes.
    bytes: AtomicU64,
    /// The oldest instant in each frame that waits, in order.
    since: Mutex<VecDeque<Instant>>,
    stopping: AtomicBool,
    /// How long it took to make frames durable.
    keeping: Histogram,
}

impl State {
    fn since(&self) -> MutexGuard<'_, VecDeque<Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waits(&self, frame: &Waiting) {
        self.bytes.fetch_add(frame.bytes(), Ordering::Relaxed);
        let mut since = self.since();
        since.push_back(frame.since);
        if since.len() == 1 {
            self.handle.is_undecided_since(frame.since);
        }
    }

    fn decided(&self, frame: &Frame) {
        self.bytes
            .fetch_sub(frame.waiting.bytes(), Ordering::Relaxed);
        let mut since = self.since();
        since.pop_front();
        let next = since.front().copied();
        self.handle.is_undecided_since(next.unwrap_or(Instant::MAX));
        drop(since);
        self.requests.fetch_sub(frame.requests, Ordering::AcqRel);
    }
}

/// Asks for requests to be spooled.
#[derive(Debug)]
pub(super) struct Spool {
    messages: mpsc::Sender<Message>,
    room: Semaphore,
    state: Arc<State>,
    /// How much waits on disk at most, in bytes.
    most: u64,
    /// With so much waiting for the worker, in KiB, requests are spooled.
    after: usize,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Spool {
    /// Goes on with what waits, and takes more.
    pub(super) fn start(
        (spool, waiting): (store::Spool, Vec<Waiting>),
        room: Room,
        limits: Limits,
        handle: &Handle,
        reading: Arc<Reading>,
        counts: Arc<Counts>,
    ) -> io::Result<Self> {
        let (messages, told) = mpsc::channel(QUEUE);
        let (frames, to_take) = std::sync::mpsc::channel();
        let state = Arc::new(State {
            handle: handle.clone(),
            requests: AtomicU64::new(waiting.len() as u64),
            bytes: AtomicU64::new(0),
            since: Mutex::default(),
            stopping: AtomicBool::new(false),
            keeping: Histogram::new(COMMIT_BOUNDS),
        });
        if !waiting.is_empty() {
            tracing::info!(frames = waiting.len(), "spool.goes_on");
        }
        for waiting in waiting {
            state.waits(&waiting);
            let requests = 1;
            // The taker is there as long as this is not dropped.
            let _gone = frames.send(Frame { waiting, requests }).is_err();
        }
        let keeper = Keeper::new(spool, room, told, frames, Arc::clone(&state));
        let taker = Taker::new(
            to_take,
            messages.downgrade(),
            Arc::clone(&state),
            reading,
            counts,
        );
        let threads = vec![
            thread("journey-spool", move || keeper.run())?,
            thread("journey-unspool", move || taker.run())?,
        ];
        Ok(Self {
            messages,
            room: Semaphore::new(QUEUE_KIB),
            state,
            most: limits.spool,
            after: limits.spool_after,
            threads: Mutex::new(threads),
        })
    }

    /// Whether a request that comes now is to be spooled: others wait here that came before it, or there is more to do
    /// than can be done at once.
    pub(super) fn is_needed(&self) -> bool {
        let waits = self.state.requests.load(Ordering::Acquire) > 0;
        waits || (self.most > 0 && self.state.handle.waiting_kib() >= self.after)
    }

    /// Writes a request down. Once this returns, it will be decided, whatever happens.
    pub(super) async fn keep(&self, record: &Record<'_>, items: usize) -> Result<(), SubmitError> {
        // What cannot be decided at all is not taken either: that is for the operator to mend first.
        if let Some(trouble) = self.state.handle.trouble() {
            return Err(SubmitError::Store(trouble));
        }
        if self.bytes() >= self.most {
            return Err(SubmitError::Busy);
        }
        let written = record.write().ok_or(SubmitError::Busy)?;
        let kib = u32::try_from(written.len() / 1024 + 1).unwrap_or(u32::MAX);
        let room = self.room.try_acquire_many(kib);
        let _room = room.map_err(|_| SubmitError::Busy)?;
        let (answer, answered) = oneshot::channel();
        let keep = Keep {
            record: written,
            since: record.received_at,
            items,
            answer,
        };
        self.state.requests.fetch_add(1, Ordering::AcqRel);
        if self.messages.try_send(Message::Keep(keep)).is_err() {
            self.state.requests.fetch_sub(1, Ordering::AcqRel);
            return Err(SubmitError::Busy);
        }
        answered.await.unwrap_or(Err(SubmitError::Stopping))
    }

    /// How long it took to make frames durable.
    pub(super) fn keeping(&self) -> &Histogram {
        &self.state.keeping
    }

    /// What waits on disk, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.state.bytes.load(Ordering::Relaxed)
    }

    /// How much of the room on disk is taken, from 0 to 1.
    pub(super) fn load(&self) -> f64 {
        self.bytes() as f64 / self.most.max(1) as f64
    }

    /// When the oldest request that waits came in.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.state.since().front().copied()
    }

    /// What waits on disk.
    pub(super) fn undecided(&self) -> Option<Undecided> {
        let since = self.oldest()?;
        let bytes = self.bytes();
        Some(Undecided { bytes, since })
    }

    /// Answers once everything that was kept before is decided and in no file of the spool any more.
    pub(super) async fn purged(&self) -> Result<(), SubmitError> {
        let (answer, answered) = oneshot::channel();
        let asked = self.messages.send(Message::Purge(answer)).await;
        asked.map_err(|_| SubmitError::Stopping)?;
        answered.await.map_err(|_| SubmitError::Stopping)
    }

    /// Writes down what is on its way, and stops. What waits is decided after the next start.
    pub(super) async fn stop(&self) {
        self.state.stopping.store(true, Ordering::Relaxed);
        // An error means that it has stopped already.
        let _stopped = self.messages.send(Message::Stop).await.is_err();
        let threads = {
            let held = self.threads.lock();
            std::mem::take(&mut *held.unwrap_or_else(PoisonError::into_inner))
        };
        let join = |thread: JoinHandle<()>| thread.join().is_ok();
        let joined = tokio::task::spawn_blocking(move || threads.into_iter().all(join));
        if !joined.await.unwrap_or(false) {
            tracing::error!("spool.ended_badly");
        }
    }
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(run)
}
