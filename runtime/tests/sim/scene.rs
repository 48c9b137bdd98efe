//! What all lives have in common: the compiled shop, the rules for its messages, and an empty `journey.db` to begin with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use journey_engine::Program;
use journey_ir as ir;
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

/// Where files lie in memory, on most machines.
const MEMORY: &str = "/dev/shm";

pub(crate) struct Scene {
    pub(crate) compiled: ir::Program,
    pub(crate) program: Arc<Program>,
    pub(crate) courier: Arc<Courier>,
    /// How much happens in one life.
    pub(crate) steps: usize,
    /// Whether the truth is asked for after each step, and not only after each start and at the end.
    pub(crate) closely: bool,
}

impl Scene {
    pub(crate) fn new(steps: usize) -> Self {
        let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sim/shop");
        let compilation = journeyc::compile(&journeyc::load(&shop).unwrap());
        let compiled = compilation.program.unwrap();
        let program = Program::link(Arc::new(compiled.clone()), &[]).unwrap();
        let program = Arc::new(program);
        let courier = Courier::new(Equipment {
            program: Arc::clone(&program),
            secrets: Secrets::fixed([]),
            clock: Arc::new(ManualClock::at(0)),
            mailbox: PathBuf::from("nowhere"),
            unsubscribe: Unsubscribe::new(None, &[1; 32]),
            reach: Reach::Everywhere,
            timeouts: Timeouts::default(),
            trust: Trust::default(),
        });
        Self {
            compiled,
            program,
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
        self.opened(Plain::new(), now)
    }

    pub(crate) fn opened(&self, store: Plain, now: Instant) -> Process<Plain> {
        process::open(store, self.compiled.clone(), now, &mut |_| {}).unwrap()
    }
}
