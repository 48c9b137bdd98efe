//! Full checks on a thread of its own. Of several jobs for one project only the latest is done.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::compile::{Compilation, ParsedFile, compile_files};
use crate::project::LoadedProject;

/// Bytes of stack. Conditions nest at most as deep as the grammar allows; this is many times what that takes.
const STACK: usize = 32 * 1024 * 1024;

/// A project to check, as it was in one generation.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) base: PathBuf,
    pub(super) generation: u64,
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

/// The thread that checks, and both ends of its work.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: Sender<Job>,
    results: Receiver<Checked>,
}

impl Worker {
    /// Starts the thread. It ends when the worker is dropped.
    pub(super) fn start() -> std::io::Result<Self> {
        let (jobs, to_do) = unbounded();
        let (done, results) = unbounded();
        thread::Builder::new()
            .name("check".to_owned())
            .stack_size(STACK)
            .spawn(move || run(&to_do, &done))?;
        Ok(Self { jobs, results })
    }

    /// Asks for a check.
    pub(super) fn check(&self, job: Job) {
        // The thread ends only with the worker.
        let _ = self.jobs.send(job);
    }

    /// Where results arrive.
    pub(super) const fn results(&self) -> &Receiver<Checked> {
        &self.results
    }
}

fn run(to_do: &Receiver<Job>, done: &Sender<Checked>) {
    let mut waiting: BTreeMap<PathBuf, Job> = BTreeMap::new();
    loop {
        if waiting.is_empty() {
            let Ok(job) = to_do.recv() else { return };
            waiting.insert(job.base.clone(), job);
        }
        while let Ok(job) = to_do.try_recv() {
            waiting.insert(job.base.clone(), job);
        }
        let Some((base, job)) = waiting.pop_first() else {
            continue;
        };
        // A bug in one check must not end the editor's session; the project keeps its last result.
        let compiled = catch_unwind(AssertUnwindSafe(|| compile_files(&job.loaded, &job.files)));
        let Ok(compilation) = compiled else { continue };
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
