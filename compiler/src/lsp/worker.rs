//! Full checks on a thread of its own. Of several jobs for one project only the latest is done: a check whose project
//! has changed meanwhile is given up, and none begins while somebody is still typing.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::compile::{Compilation, ParsedFile, compile_until};
use crate::project::LoadedProject;
use crate::stop::Stop;

/// Bytes of stack. Conditions nest at most as deep as the grammar allows; this is many times what that takes.
const STACK: usize = 32 * 1024 * 1024;

/// How long nothing must have changed before an edited project is checked: longer than between two letters of somebody
/// who types, shorter than anybody waits for.
const QUIET: Duration = Duration::from_millis(100);

/// A project to check, as it was in one generation.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) base: PathBuf,
    pub(super) generation: u64,
    /// Whether this is what an edit made of it, which another may follow.
    pub(super) is_edit: bool,
    pub(super) loaded: LoadedProject,
    pub(super) files: Vec<ParsedFile>,
}

/// What a check said.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) base: PathBuf,
    pub(super) generation: u64,
    pub(super) compilation: Compilation,
}

/// What the thread is asked to do.
#[derive(Debug)]
enum Order {
    Check(Box<Job>, Stop),
    /// Freeing a large program takes longer than an answer may.
    Forget(Box<Checked>),
}

/// The thread that checks, and both ends of its work.
#[derive(Debug)]
pub(super) struct Worker {
    orders: Sender<Order>,
    results: Receiver<Checked>,
    /// How to give up the last check of each project.
    stops: BTreeMap<PathBuf, Stop>,
}

impl Worker {
    /// Starts the thread. It ends when the worker is dropped.
    pub(super) fn start() -> std::io::Result<Self> {
        let (orders, to_do) = unbounded();
        let (done, results) = unbounded();
        thread::Builder::new()
            .name("check".to_owned())
            .stack_size(STACK)
            .spawn(move || run(&to_do, &done))?;
        Ok(Self {
            orders,
            results,
            stops: BTreeMap::new(),
        })
    }

    /// Asks for a check, in place of any earlier one of the same project.
    pub(super) fn check(&mut self, job: Job) {
        self.give_up(&job.base);
        let stop = Stop::default();
        self.stops.insert(job.base.clone(), stop.clone());
        self.order(Order::Check(Box::new(job), stop));
    }

    /// Gives up the check of a project that is changing; another has to be asked for.
    pub(super) fn give_up(&self, base: &Path) {
        if let Some(stop) = self.stops.get(base) {
            stop.stop();
        }
    }

    /// Frees a result that is not needed any more.
    pub(super) fn forget(&self, checked: Checked) {
        self.order(Order::Forget(Box::new(checked)));
    }

    fn order(&self, order: Order) {
        // The thread ends only with the worker.
        let _ = self.orders.send(order);
    }

    /// Where results arrive.
    pub(super) const fn results(&self) -> &Receiver<Checked> {
        &self.results
    }
}

/// Jobs that wait for their turn, the latest of each project.
#[derive(Debug, Default)]
struct Waiting(BTreeMap<PathBuf, (Box<Job>, Stop)>);

impl Waiting {
    fn take(&mut self, order: Order) {
        match order {
            Order::Check(job, stop) => {
                self.0.insert(job.base.clone(), (job, stop));
            }
            Order::Forget(checked) => drop(checked),
        }
    }

    fn is_typing(&self) -> bool {
        self.0.values().all(|(job, _)| job.is_edit)
    }
}

fn run(to_do: &Receiver<Order>, done: &Sender<Checked>) {
    let mut waiting = Waiting::default();
    loop {
        if waiting.0.is_empty() {
            let Ok(order) = to_do.recv() else { return };
            waiting.take(order);
        }
        while let Ok(order) = to_do.try_recv() {
            waiting.take(order);
        }
        while !waiting.0.is_empty() && waiting.is_typing() {
            let Ok(order) = to_do.recv_timeout(QUIET) else {
                break;
            };
            waiting.take(order);
        }
        let Some((base, (job, stop))) = waiting.0.pop_first() else {
            continue;
        };
        // A bug in one check must not end the editor's session; the project keeps its last result.
        let compiled = catch_unwind(AssertUnwindSafe(|| {
            compile_until(&job.loaded, &job.files, &stop)
        }));
        let Ok(compilation) = compiled else { continue };
        if stop.is_stopped() {
            continue;
        }
        let checked = Checked {
            base,
            generation: job.generation,
            compilation,
        };
        if done.send(checked).is_err() {
            return;
        }
    }
}
