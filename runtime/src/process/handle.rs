//! The handle by which everybody asks the worker, and what can be asked.
//!
//! Requests wait in a bounded queue; what has no room is sent away at once.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journey_engine::{EffectKey, Program};
use journey_ir::{self as ir, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use super::meter::Meter;
use super::{Batch, Fate, OpenError, Receipt};
use crate::deliver::Recorded;
use crate::store::{Ask, Claim, Error};

/// How many requests wait at most.
pub(super) const QUEUE: usize = 8_192;
/// How much of what waits there may be, in KiB of what was sent.
pub(super) const QUEUE_KIB: usize = 64 * 1024;
/// What a client is told to wait, in seconds, when the queue is full.
pub const RETRY_AFTER_SECONDS: u32 = 2;

/// Why a request was not answered.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    /// There is more to do than can wait; try again a little later.
    #[error("there is more to do than can wait; try again a little later")]
    Busy,
    /// The store failed. Nothing of the request has happened.
    #[error(transparent)]
    Store(Arc<Error>),
    /// The daemon is stopping.
    #[error("the daemon is stopping")]
    Stopping,
    /// The program has changed since the batch was read; read it again.
    #[error("the program has changed meanwhile; try again")]
    Redeployed,
}

/// Why the program was not changed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The program or the store refuses. The running program goes on.
    #[error(transparent)]
    Refused(#[from] OpenError),
    /// The daemon is stopping, or has too much to do.
    #[error(transparent)]
    Unasked(#[from] SubmitError),
}

/// How much waits for the worker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// How much of the queue is taken, from 0 to 1.
    pub queue: f64,
    /// How much of the room for what was sent is taken, from 0 to 1.
    pub room: f64,
}

/// The program that decides, and the how manieth it is since the start.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) number: u64,
    pub(super) program: Arc<Program>,
}

/// What is done at the moment of a change, before the new program decides anything that somebody could see.
pub type AtChange = Box<dyn FnOnce(&Arc<Program>) + Send>;

pub(super) struct Deploy {
    pub(super) program: Box<ir::Program>,
    /// Nothing changes where there is none: only the plan is asked for.
    pub(super) at_change: Option<AtChange>,
    pub(super) answer: oneshot::Sender<Result<Vec<Fate>, DeployError>>,
}

/// What becomes of each batch of a request, in order.
pub(super) type Receipts = Result<Vec<Receipt>, SubmitError>;

pub(super) enum Request {
    Submit {
        batches: Vec<Batch>,
        /// The frame of the spool that must be decided before, where this comes from there.
        follows: Option<u64>,
        answer: oneshot::Sender<Receipts>,
        // Gives its room back when the request is done.
        _room: OwnedSemaphorePermit,
    },
    /// What a worker has to tell, which may be nothing, and what it asks for.
    Exchange {
        told: Batch,
        ask: Ask,
        answer: oneshot::Sender<Result<Claim, SubmitError>>,
    },
    Deploy(Deploy),
    Purge(oneshot::Sender<()>),
    Stop,
}

impl Request {
    pub(super) fn batches(&self) -> &[Batch] {
        match self {
            Self::Submit { batches, .. } => batches,
            Self::Exchange { told, .. } => std::slice::from_ref(told),
            Self::Deploy(_) | Self::Purge(_) | Self::Stop => &[],
        }
    }

    pub(super) fn weight(&self) -> usize {
        self.batches().iter().map(Batch::weight).sum()
    }
}

/// Asks the worker. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(super) requests: mpsc::Sender<Request>,
    pub(super) room: Arc<Semaphore>,
    pub(super) trouble: watch::Receiver<Option<Arc<Error>>>,
    pub(super) running: watch::Receiver<Running>,
    pub(super) stopping: Arc<AtomicBool>,
    pub(super) undecided: Arc<watch::Sender<Instant>>,
    pub(super) meter: Arc<Meter>,
    pub(super) recalled: Arc<Recalled>,
}

/// Effects that were revoked while a worker had them, until it tells what became of them.
#[derive(Debug, Default)]
pub(super) struct Recalled(Mutex<HashSet<[u8; 32]>>);

impl Recalled {
    fn keys(&self) -> MutexGuard<'_, HashSet<[u8; 32]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, keys: Vec<[u8; 32]>) {
        if !keys.is_empty() {
            self.keys().extend(keys);
        }
    }

    pub(super) fn has(&self, key: &EffectKey) -> bool {
        self.keys().contains(&key.0)
    }

    /// A worker told of these.
    pub(super) fn forget(&self, told: &[Recorded]) {
        let mut keys = self.keys();
        if !keys.is_empty() {
            for it in told {
                keys.remove(&it.key.0);
            }
        }
    }
}

impl Handle {
    /// Processes a batch, and answers when it is durable. `bytes` is how much was sent for it.
    pub async fn submit(&self, batch: Batch, bytes: usize) -> Result<Receipt, SubmitError> {
        let answered = self.ask_submit(vec![batch], None, bytes)?;
        only(answered.await.unwrap_or(Err(SubmitError::Stopping)))
    }

    /// Like [`Self::submit`], for threads that may block.
    pub fn submit_blocking(&self, batch: Batch, bytes: usize) -> Result<Receipt, SubmitError> {
        let answered = self.ask_submit(vec![batch], None, bytes)?;
        let answer = answered.blocking_recv();
        only(answer.unwrap_or(Err(SubmitError::Stopping)))
    }

    /// Asks for a frame of the spool to be processed, once the frame `follows` before it is decided. The answer is
    /// [`SubmitError::Redeployed`] where it is not, or where the program has changed: read it again then.
    pub fn ask_spooled(
        &self,
        batches: Vec<Batch>,
        follows: u64,
        bytes: usize,
    ) -> Result<oneshot::Receiver<Result<Vec<Receipt>, SubmitError>>, SubmitError> {
        self.ask_submit(batches, Some(follows), bytes)
    }

    /// Nothing that is due at or after this instant runs before what was heard then is decided; [`Instant::MAX`] where
    /// everything is.
    pub fn is_undecided_since(&self, since: Instant) {
        let changed = |known: &mut Instant| std::mem::replace(known, since) != since;
        self.undecided.send_if_modified(changed);
    }

    /// Records what a worker has to tell, and takes what it asks for, in one commit. For threads that may block.
    pub fn exchange_blocking(&self, told: Batch, ask: Ask) -> Result<Claim, SubmitError> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Exchange { told, ask, answer })?;
        answered
            .blocking_recv()
            .unwrap_or(Err(SubmitError::Stopping))
    }

    /// Answers once nothing that was erased before is left in any file. That takes as long as a backup that is under way.
    pub async fn purged(&self) -> Result<(), SubmitError> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Purge(answer))?;
        answered.await.map_err(|_| SubmitError::Stopping)
    }

    /// Asks the worker to finish what waits, and to stop.
    pub async fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        // An error means that it has stopped already.
        let _stopped = self.requests.send(Request::Stop).await.is_err();
    }

    /// Changes the program between two commits, and answers when it decides; contacts are counted again afterwards.
    /// `at_change` runs before the new program decides anything that somebody could see.
    pub async fn deploy(
        &self,
        program: ir::Program,
        at_change: AtChange,
    ) -> Result<Vec<Fate>, DeployError> {
        self.ask_deploy(program, Some(at_change)).await
    }

    /// What a change of the program would do. Changes nothing.
    pub async fn plan(&self, program: ir::Program) -> Result<Vec<Fate>, DeployError> {
        self.ask_deploy(program, None).await
    }

    async fn ask_deploy(
        &self,
        program: ir::Program,
        at_change: Option<AtChange>,
    ) -> Result<Vec<Fate>, DeployError> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Deploy(Deploy {
            program: Box::new(program),
            at_change,
            answer,
        }))?;
        answered
            .await
            .unwrap_or(Err(DeployError::Unasked(SubmitError::Stopping)))
    }

    /// Whether the daemon was asked to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed) || self.requests.is_closed()
    }

    /// How much waits.
    #[must_use]
    pub fn load(&self) -> Load {
        let taken = |free: usize, all: usize| all.saturating_sub(free) as f64 / all as f64;
        Load {
            queue: taken(self.requests.capacity(), QUEUE),
            room: taken(self.room.available_permits(), QUEUE_KIB),
        }
    }

    /// How much of what was sent waits for the worker, in KiB.
    #[must_use]
    pub fn waiting_kib(&self) -> usize {
        QUEUE_KIB.saturating_sub(self.room.available_permits())
    }

    /// What the worker counts.
    #[must_use]
    pub const fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// What the last commit failed with; `None` while all is well.
    #[must_use]
    pub fn trouble(&self) -> Option<Arc<Error>> {
        self.trouble.borrow().clone()
    }

    /// The program that decides.
    #[must_use]
    pub fn program(&self) -> Arc<Program> {
        Arc::clone(&self.running.borrow().program)
    }

    /// The program that decides, with the number for [`Batch::read_under`].
    #[must_use]
    pub fn program_to_read_under(&self) -> (u64, Arc<Program>) {
        let running = self.running.borrow();
        (running.number, Arc::clone(&running.program))
    }

    fn ask_submit(
        &self,
        batches: Vec<Batch>,
        follows: Option<u64>,
        bytes: usize,
    ) -> Result<oneshot::Receiver<Receipts>, SubmitError> {
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room)
            .try_acquire_many_owned(kib)
            .map_err(|_| SubmitError::Busy)?;
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Submit {
            batches,
            follows,
            answer,
            _room: room,
        })?;
        Ok(answered)
    }

    fn ask(&self, request: Request) -> Result<(), SubmitError> {
        self.requests
            .try_send(request)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
                mpsc::error::TrySendError::Closed(_) => SubmitError::Stopping,
            })
    }
}

/// The receipt of a request that is one batch.
fn only(receipts: Receipts) -> Result<Receipt, SubmitError> {
    receipts.map(|all| all.into_iter().next().unwrap_or_default())
}

/// Answers whoever asked.
pub(super) fn answer<T>(to: oneshot::Sender<T>, what: T) {
    // Whoever asked may have gone; what was done stays done.
    let _gone = to.send(what).is_err();
}
