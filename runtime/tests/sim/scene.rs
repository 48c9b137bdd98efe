//! What all lives have in common: the compiled shops, the rules for their messages, and where a folder lies.

use std::path::PathBuf;
use std::sync::Arc;

use journey_engine::Program;
use journey_ir::Instant;
use journeyd::clock::ManualClock;
use journeyd::deliver::connector::guard::Reach;
use journeyd::deliver::email::Timeouts;
use journeyd::deliver::tls::Trust;
use journeyd::deliver::{Courier, Equipment, Unsubscribe};
use journeyd::process::{self, Process};
use journeyd::secrets::Secrets;
use tempfile::TempDir;

use crate::plain::Plain;
use crate::shops::{Shop, shops};

/// Where files lie in memory, on most machines.
const MEMORY: &str = "/dev/shm";

pub(crate) struct Scene {
    pub(crate) shops: Vec<Shop>,
    pub(crate) courier: Arc<Courier>,
    /// How much happens in one life.
    pub(crate) steps: usize,
    /// Whether the truth is asked for after each step, and not only after each start and at the end.
    pub(crate) closely: bool,
}

impl Scene {
    pub(crate) fn new(steps: usize) -> Self {
        let shops = shops();
        let first = Arc::new(shops[0].compiled.clone());
        let program = Program::link(first, &[]).unwrap();
        let courier = Courier::new(Equipment {
            // What it asks of a program, channels and connectors, is the same in all of them.
            program: Arc::new(program),
            secrets: Secrets::fixed([]),
            clock: Arc::new(ManualClock::at(0)),
            mailbox: PathBuf::from("nowhere"),
            unsubscribe: Unsubscribe::new(None, &[1; 32]),
            reach: Reach::Everywhere,
            timeouts: Timeouts::default(),
            trust: Trust::default(),
        });
        Self {
            shops,
            courier: Arc::new(courier.unwrap()),
            steps,
            closely: false,
        }
    }

    /// A new folder, in memory where that is possible: `journey.db` does not have to wait for a real disk here.
    pub(crate) fn folder() -> TempDir {
        tempfile::tempdir_in(MEMORY)
            .or_else(|_| tempfile::tempdir())
            .unwrap()
    }

    /// A reference that has seen nothing yet.
    pub(crate) fn reference(&self, now: Instant) -> Process<Plain> {
        self.opened(Plain::new(), 0, now)
    }

    /// The reference again, under the program that ran on it last.
    pub(crate) fn opened(&self, store: Plain, shop: usize, now: Instant) -> Process<Plain> {
        let program = self.shops[shop].compiled.clone();
        process::take_up(store, program, now).unwrap()
    }
}
