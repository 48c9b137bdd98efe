//! What reads items, under the program of the moment.

use std::sync::{Arc, Mutex, PoisonError};

use journey_arrivals::Translator;

use crate::process::Handle;

/// A translator that follows the program.
#[derive(Debug)]
pub(super) struct Reading {
    handle: Handle,
    /// The number of a program, and what reads under it.
    held: Mutex<(u64, Arc<Translator>)>,
}

impl Reading {
    pub(super) fn new(handle: Handle) -> Self {
        let (number, program) = handle.program_to_read_under();
        Self {
            handle,
            held: Mutex::new((number, Arc::new(Translator::new(program)))),
        }
    }

    /// What reads under the program of the moment, and that program's number.
    pub(super) fn now(&self) -> (u64, Arc<Translator>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, program) = self.handle.program_to_read_under();
        if held.0 != number {
            *held = (number, Arc::new(Translator::new(program)));
        }
        (held.0, Arc::clone(&held.1))
    }
}
