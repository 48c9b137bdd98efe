//! The thread that hands what is spooled to the worker, frame after frame. The next frames are read while one is decided;
//! where one is not, everything after it is read again, so that nothing is left out and nothing overtakes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::record::Record;
use super::{Frame, Message, State};
use crate::intake::counts::Counts;
use crate::intake::reading::Reading;
use crate::process::{Batch, Receipt, SubmitError};
use crate::store::{Error, Rejected};

/// How many frames are on their way to the worker at once.
const AHEAD: usize = 3;
/// How long it waits after a failure before it asks again, by the machine's own time.
const PAUSE: Duration = Duration::from_millis(100);

/// What one source sent, in one frame.
#[derive(Debug)]
struct Part {
    source: String,
    rejected: Vec<Rejected>,
}

/// A frame that the worker has.
#[derive(Debug)]
struct Asked {
    frame: Frame,
    parts: Vec<Part>,
    answered: oneshot::Receiver<Result<Vec<Receipt>, SubmitError>>,
}

#[derive(Debug)]
pub(super) struct Taker {
    frames: Receiver<Frame>,
    keeper: mpsc::WeakSender<Message>,
    state: Arc<State>,
    counts: Arc<Counts>,
    reading: Arc<Reading>,
    /// Frames that were given back, to be read again before all others.
    again: VecDeque<Frame>,
    asked: VecDeque<Asked>,
}

impl Taker {
    pub(super) fn new(
        frames: Receiver<Frame>,
        keeper: mpsc::WeakSender<Message>,
        state: Arc<State>,
        reading: Arc<Reading>,
        counts: Arc<Counts>,
    ) -> Self {
        Self {
            frames,
            keeper,
            state,
            counts,
            reading,
            again: VecDeque::new(),
            asked: VecDeque::new(),
        }
    }

    pub(super) fn run(mut self) {
        loop {
            let stops = self.state.stopping.load(Ordering::Relaxed);
            while !stops && self.asked.len() < AHEAD {
                let Some(frame) = self.next() else {
                    break;
                };
                if let Err((frame, error)) = self.ask(frame) {
                    self.again.push_front(frame);
                    pause(&error);
                    break;
                }
            }
            match self.asked.pop_front() {
                Some(asked) => self.hear(asked),
                None if stops || !self.wait() => return,
                None => {}
            }
        }
    }

    fn next(&mut self) -> Option<Frame> {
        let again = self.again.pop_front();
        again.or_else(|| self.frames.try_recv().ok())
    }

    /// Waits for a frame; says whether there will be any.
    fn wait(&mut self) -> bool {
        if !self.again.is_empty() {
            return true;
        }
        match self.frames.recv() {
            Ok(frame) => self.again.push_back(frame),
            Err(_) => return false,
        }
        true
    }

    /// Reads a frame and hands it over. Gives it back where that is not possible now.
    fn ask(&mut self, frame: Frame) -> Result<(), (Frame, SubmitError)> {
        let stored = |error| SubmitError::Store(Arc::new(error));
        let content = match frame.waiting.read() {
            Ok(content) => content,
            Err(error) => return Err((frame, stored(error))),
        };
        let Ok(records) = Record::all(&content) else {
            let error = Error::Database("a frame of the spool cannot be read".to_owned());
            return Err((frame, stored(error)));
        };
        let (batches, parts) = self.read(&records, &frame);
        let follows = frame.waiting.follows();
        match self
            .state
            .handle
            .ask_spooled(batches, follows, content.len())
        {
            Ok(answered) => {
                self.asked.push_back(Asked {
                    frame,
                    parts,
                    answered,
                });
                Ok(())
            }
            Err(error) => Err((frame, error)),
        }
    }

    /// Reads records under the program of the moment: one batch for each source in turn.
    fn read(&self, records: &[Record<'_>], frame: &Frame) -> (Vec<Batch>, Vec<Part>) {
        let (number, translator) = self.reading.now();
        let (mut batches, mut parts) = (Vec::new(), Vec::new());
        for together in records.chunk_by(|one, next| one.source == next.source) {
            let mut batch = Batch::default();
            for record in together {
                let read = record.translate(&translator);
                batch.arrivals.extend(read.arrivals);
                batch.rejected.extend(read.rejected);
            }
            batch.read_under = Some(number);
            let source = together.first().map_or("", |record| record.source);
            parts.push(Part {
                source: source.to_owned(),
                rejected: batch.rejected.clone(),
            });
            batches.push(batch);
        }
        if let Some(last) = batches.last_mut() {
            last.spooled = Some(frame.waiting.until);
        }
        (batches, parts)
    }

    /// Waits for what became of a frame. Where it was not decided, neither were those after it: all go back in their order.
    fn hear(&mut self, first: Asked) {
        let Some((frame, error)) = self.answer(first) else {
            return;
        };
        let mut back = VecDeque::from([frame]);
        while let Some(later) = self.asked.pop_front() {
            back.extend(self.answer(later).map(|(frame, _)| frame));
        }
        back.append(&mut self.again);
        self.again = back;
        pause(&error);
    }

    /// Waits for what became of a frame; gives it back where it was not decided.
    fn answer(&mut self, asked: Asked) -> Option<(Frame, SubmitError)> {
        let answer = asked.answered.blocking_recv();
        let receipts = match answer.unwrap_or(Err(SubmitError::Stopping)) {
            Ok(receipts) => receipts,
            Err(error) => return Some((asked.frame, error)),
        };
        for (part, receipt) in asked.parts.iter().zip(receipts) {
            self.counts.taken(&part.source, receipt, &part.rejected);
        }
        self.state.decided(&asked.frame);
        // Where the keeper has ended, the next start gives the room back.
        if let Some(keeper) = self.keeper.upgrade() {
            let decided = Message::Decided(asked.frame.waiting.until);
            let _gone = keeper.blocking_send(decided).is_err();
        }
        None
    }
}

/// After a failure somebody else has to mend something first.
fn pause(error: &SubmitError) {
    if !matches!(error, SubmitError::Redeployed) {
        tracing::debug!(%error, "spool.waits");
        std::thread::sleep(PAUSE);
    }
}
