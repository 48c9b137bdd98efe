//! Requests that are taken from the queue for one commit.

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::Batch;
use super::handle::{Deploy, Receipts, Request, SubmitError, answer};
use crate::store::spool::Decided;
use crate::store::{Ask, Claim};

/// Batches that belong together, and who waits for them.
#[derive(Default)]
pub(super) struct Part {
    pub(super) batches: usize,
    /// The frame of the spool that this one follows, and its own number.
    pub(super) spooled: Option<(u64, u64)>,
    /// Nobody where a claim answers for it.
    pub(super) answer: Option<oneshot::Sender<Receipts>>,
}

/// Requests taken from the queue for one commit.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) batches: Vec<Batch>,
    /// Whose they are, in the same order.
    pub(super) parts: Vec<Part>,
    pub(super) room: Vec<OwnedSemaphorePermit>,
    pub(super) asked: Vec<Ask>,
    /// Who asked, in the same order.
    pub(super) askers: Vec<oneshot::Sender<Result<Claim, SubmitError>>>,
    pub(super) deploys: Vec<Deploy>,
    pub(super) purges: Vec<oneshot::Sender<()>>,
    pub(super) weight: usize,
    pub(super) stop: bool,
}

impl Taken {
    /// Takes a request along. What was read under another program than the `running` one goes back, and so does a frame
    /// of the spool that does not follow what is taken or `decided`.
    pub(super) fn add(&mut self, request: Request, running: u64, decided: u64) {
        match request {
            Request::Submit {
                batches,
                follows,
                answer: to,
                _room: room,
            } => {
                let until = batches.last().and_then(|batch| batch.spooled);
                let spooled = follows.zip(until.map(Decided::sequence));
                let is_next = follows.is_none_or(|it| it == self.spooled().unwrap_or(decided));
                let is_read = |batch: &Batch| batch.read_under.is_none_or(|it| it == running);
                if !is_next || !batches.iter().all(is_read) {
                    // Whoever reads it again needs that room.
                    drop(room);
                    return answer(to, Err(SubmitError::Redeployed));
                }
                self.room.push(room);
                self.part(batches, spooled, Some(to));
            }
            Request::Exchange { told, ask, answer } => {
                self.part(vec![told], None, None);
                self.asked.push(ask);
                self.askers.push(answer);
            }
            Request::Deploy(deploy) => self.deploys.push(deploy),
            Request::Purge(answer) => self.purges.push(answer),
            Request::Stop => self.stop = true,
        }
    }

    fn part(
        &mut self,
        batches: Vec<Batch>,
        spooled: Option<(u64, u64)>,
        answer: Option<oneshot::Sender<Receipts>>,
    ) {
        self.weight += batches.iter().map(Batch::weight).sum::<usize>();
        self.parts.push(Part {
            batches: batches.len(),
            spooled,
            answer,
        });
        self.batches.extend(batches);
    }

    /// The last frame of the spool among what was taken.
    pub(super) fn spooled(&self) -> Option<u64> {
        let last = self.parts.iter().rev().find_map(|part| part.spooled);
        last.map(|(_, until)| until)
    }
}
