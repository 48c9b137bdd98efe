//! What the next turn will need, read and decoded beside the turn that is under way.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use journey_engine::Program;

use super::beside::Beside;
use super::cache::{Cache, Held};
use super::eras::EraNo;
use crate::store::ahead::{Ahead, Stamp};
use crate::store::{ContactNo, Error, Store};

type Read = Vec<(ContactNo, Stamp, Box<Held>)>;

/// Contacts on their way into the cache.
#[derive(Debug)]
pub(super) struct Reading {
    program: Arc<Program>,
    answer: Receiver<Result<Read, Error>>,
}

impl Reading {
    /// Begins to read; `None` where the machine has no thread to spare, and everything is read when it is needed.
    pub(super) fn begin(
        ahead: Ahead,
        program: &Arc<Program>,
        era: EraNo,
        beside: &mut Beside,
    ) -> Option<Self> {
        let decoded_under = Arc::clone(program);
        let read = move || {
            let rows = ahead()?.into_iter();
            let current = rows.filter(|(row, _)| EraNo::of(&row.recent).0 == era);
            let decoded = current.filter_map(|(row, stamp)| {
                let held = Held::decode(&row, &decoded_under).ok()?;
                Some((row.number, stamp, Box::new(held)))
            });
            Ok(decoded.collect())
        };
        let (tell, answer) = channel();
        // Where nobody waits for it any more, nobody is told.
        let job = Box::new(move || drop(tell.send(read())));
        beside.give(job).then(|| Self {
            program: Arc::clone(program),
            answer,
        })
    }

    /// Puts what was read and has not changed since into the cache. What could not be read is read again when it is
    /// needed, and the reason is told then.
    pub(super) fn end<S: Store>(self, store: &S, program: &Arc<Program>, cache: &mut Cache) {
        let Ok(Ok(read)) = self.answer.recv() else {
            return;
        };
        if !Arc::ptr_eq(&self.program, program) {
            return;
        }
        for (number, stamp, held) in read {
            if store.is_unchanged(number, stamp) {
                cache.put(number, held);
            }
        }
    }
}
