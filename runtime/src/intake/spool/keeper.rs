//! The thread that writes the spool: all that wait become one frame, and are answered after one sync. It also gives back
//! the room of what is decided.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;

use tokio::sync::{mpsc, oneshot};

use super::{Frame, Keep, Message, State};
use crate::intake::observe::room;
use crate::process::SubmitError;
use crate::store::spool::{Spool, Waiting};

/// How many items one frame has at most, unless one request has more: it is decided in one turn.
const FRAME_ITEMS: usize = 4_096;
/// How long a frame is at most, in bytes, unless one request is longer.
const FRAME_BYTES: usize = 2 * 1024 * 1024;

/// The disk that the spool shares with the store.
#[derive(Debug)]
pub(in crate::intake) struct Room {
    pub(in crate::intake) data: PathBuf,
    /// How much of it is left to the store, in bytes: a spool that fills the disk could never be decided.
    pub(in crate::intake) least: u64,
}

impl Room {
    fn has(&self, bytes: usize) -> bool {
        let free = room(&self.data);
        free.is_none_or(|free| free >= self.least.saturating_add(bytes as u64))
    }
}

#[derive(Debug)]
pub(super) struct Keeper {
    spool: Spool,
    room: Room,
    /// The number of the last frame.
    last: u64,
    told: mpsc::Receiver<Message>,
    frames: Sender<Frame>,
    state: Arc<State>,
    /// Who waits until frames up to a number are gone.
    purges: Vec<(u64, oneshot::Sender<()>)>,
}

impl Keeper {
    pub(super) fn new(
        spool: Spool,
        room: Room,
        told: mpsc::Receiver<Message>,
        frames: Sender<Frame>,
        state: Arc<State>,
    ) -> Self {
        Self {
            last: spool.last(),
            spool,
            room,
            told,
            frames,
            state,
            purges: Vec::new(),
        }
    }

    pub(super) fn run(mut self) {
        self.forget();
        let mut waiting = Vec::new();
        let mut stop = false;
        while !stop {
            let Some(first) = self.told.blocking_recv() else {
                return;
            };
            stop = self.hear(first, &mut waiting);
            while let Ok(next) = self.told.try_recv() {
                stop |= self.hear(next, &mut waiting);
            }
            self.keep(&mut waiting);
            self.forget();
        }
    }

    /// Whether that was the last there is to hear.
    fn hear(&mut self, message: Message, waiting: &mut Vec<Keep>) -> bool {
        match message {
            Message::Keep(keep) => waiting.push(keep),
            Message::Decided(decided) => self.spool.decide(decided),
            Message::Purge(answer) => {
                // What comes later does not keep what is gone by then.
                self.spool.rotate();
                self.purges.push((self.last, answer));
            }
            Message::Stop => return true,
        }
        false
    }

    /// Writes everything that waits, and answers.
    fn keep(&mut self, waiting: &mut Vec<Keep>) {
        let mut waiting = waiting.drain(..).peekable();
        while let Some(first) = waiting.next() {
            let mut items = first.items;
            let mut since = first.since;
            let mut length = first.record.len();
            let mut together = vec![first];
            let fits = |next: &Keep, items: usize, length: usize| {
                items + next.items <= FRAME_ITEMS && length + next.record.len() <= FRAME_BYTES
            };
            while let Some(next) = waiting.next_if(|next| fits(next, items, length)) {
                items += next.items;
                since = since.min(next.since);
                length += next.record.len();
                together.push(next);
            }
            let mut frame = Spool::frame(since);
            frame.reserve(length);
            for one in &together {
                frame.extend_from_slice(&one.record);
            }
            let requests = together.len() as u64;
            let kept = match self.write(frame) {
                Ok(kept) => {
                    self.last = kept.until.sequence();
                    self.state.waits(&kept);
                    let waiting = kept;
                    // Where the taker has ended, the next start goes on with it.
                    let _gone = self.frames.send(Frame { waiting, requests }).is_err();
                    Ok(())
                }
                Err(error) => {
                    self.state.requests.fetch_sub(requests, Ordering::AcqRel);
                    Err(error)
                }
            };
            for one in together {
                // Whoever asked may have gone; what is kept stays kept.
                let _gone = one.answer.send(kept.clone()).is_err();
            }
        }
    }

    fn write(&mut self, frame: Vec<u8>) -> Result<Waiting, SubmitError> {
        if !self.room.has(frame.len()) {
            return Err(SubmitError::Busy);
        }
        let began = std::time::Instant::now();
        let kept = self.spool.keep(frame).map_err(|error| {
            tracing::error!(%error, "spool.failed");
            SubmitError::Store(Arc::new(error))
        })?;
        self.state.keeping.observe(began.elapsed());
        Ok(kept)
    }

    /// Gives room back, and answers those who wait for that.
    fn forget(&mut self) {
        let all = !self.purges.is_empty() || self.state.stopping.load(Ordering::Relaxed);
        if let Err(error) = self.spool.forget(all) {
            tracing::warn!(%error, "spool.not_removed");
            return;
        }
        let gone = self.purges.extract_if(.., |(until, answer)| {
            answer.is_closed() || !self.spool.holds(*until)
        });
        for (_, answer) in gone {
            // Whoever asked may have given up.
            let _gone = answer.send(()).is_err();
        }
    }
}
