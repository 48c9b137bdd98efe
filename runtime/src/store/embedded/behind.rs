//! The thread that brings generations from the journal into the tables.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::overlay::Overlay;
use crate::store::Error;
use crate::store::journal::Files;
use crate::store::sqlite::Tables;

/// How long it waits after a failure before it tries again.
const PAUSE: Duration = Duration::from_millis(500);
/// How far it stands back where all processors are busy, as `nice` counts: to get a third of what others get.
const NICENESS: i32 = 5;

/// A generation to be written, and the part of the journal it refers to.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) generation: Arc<Overlay>,
    pub(super) files: Files,
}

/// What became of a job.
#[derive(Debug)]
pub(super) enum News {
    /// All of it is in the tables, and survives a loss of power where `true`.
    Written(bool),
    /// It could not be written; it is tried again.
    Failed(Error),
}

/// Who writes.
#[derive(Debug)]
pub(super) enum Behind {
    /// A thread of its own.
    Thread(Thread),
    /// Whoever commits, a step at a time: for tests, in which everything happens in one order.
    Here(Box<Tables>, Option<Job>),
}

#[derive(Debug)]
pub(super) struct Thread {
    jobs: Option<Sender<Job>>,
    news: Receiver<News>,
    handle: Option<JoinHandle<()>>,
}

impl Behind {
    /// Starts the thread.
    pub(super) fn start(tables: Tables) -> Result<Self, Error> {
        let (jobs, to_do) = channel();
        let (tell, news) = channel();
        let handle = std::thread::Builder::new()
            .name("journey-behind".to_owned())
            .spawn(move || work(tables, &to_do, &tell))
            .map_err(|error| Error::Database(error.to_string()))?;
        Ok(Self::Thread(Thread {
            jobs: Some(jobs),
            news,
            handle: Some(handle),
        }))
    }

    /// Gives it a generation, once it is done with the last.
    pub(super) fn give(&mut self, job: Job) -> Result<(), Error> {
        match self {
            Self::Thread(thread) => {
                let sent = thread.jobs.as_ref().map(|jobs| jobs.send(job));
                sent.and_then(Result::ok).ok_or_else(stopped)
            }
            Self::Here(_, slot) => {
                *slot = Some(job);
                Ok(())
            }
        }
    }

    /// What is new; waits for it where asked.
    pub(super) fn news(&mut self, wait: bool) -> Result<Option<News>, Error> {
        match self {
            Self::Thread(thread) if wait => thread.news.recv().map(Some).map_err(|_| stopped()),
            Self::Thread(thread) => match thread.news.try_recv() {
                Ok(news) => Ok(Some(news)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(stopped()),
            },
            Self::Here(tables, slot) => {
                let Some(job) = slot else { return Ok(None) };
                let news = write(tables, job);
                if matches!(news, News::Written(_)) {
                    *slot = None;
                }
                Ok(Some(news))
            }
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(handle) = self.handle.take() {
            // What it was doing is in the journal; a panic there has been printed.
            let _panicked = handle.join().is_err();
        }
    }
}

fn work(mut tables: Tables, jobs: &Receiver<Job>, tell: &Sender<News>) {
    // Nobody waits for this thread, and somebody waits for all others. Where that is not allowed it is like them.
    let itself = rustix::thread::gettid();
    let _unchanged = rustix::process::setpriority_process(Some(itself), NICENESS).is_err();
    while let Ok(job) = jobs.recv() {
        loop {
            let news = write(&mut tables, &job);
            let done = matches!(news, News::Written(_));
            if tell.send(news).is_err() {
                return;
            }
            if done {
                break;
            }
            // Somebody who only wants to stop does not wait for the disk to have room.
            std::thread::sleep(PAUSE);
            if let Err(TryRecvError::Disconnected) = jobs.try_recv() {
                return;
            }
        }
    }
}

fn write(tables: &mut Tables, job: &Job) -> News {
    let written = tables
        .apply(&job.generation, &job.files)
        .and_then(|()| tables.checkpoint());
    match written {
        Ok(safe) => News::Written(safe),
        Err(error) => News::Failed(error),
    }
}

fn stopped() -> Error {
    Error::Database("the thread that writes the tables has stopped; restart journeyd".to_owned())
}
