//! The thread beside the one that decides. It reads and decodes what the next turn will need, and takes apart what is no
//! longer used: thousands of small pieces of memory come and go on one thread, while others are worked with.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// Something to do.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// The thread. It begins with the first job, and ends with this value.
#[derive(Debug, Default)]
pub(super) struct Beside {
    running: Option<(Sender<Job>, JoinHandle<()>)>,
}

impl Beside {
    /// Gives it something to do after all that it was given before. Where the machine has no thread to spare the job is let
    /// go, and `false` returned.
    pub(super) fn give(&mut self, job: Job) -> bool {
        let jobs = match &self.running {
            Some((jobs, _)) => jobs,
            None => match start() {
                Some(running) => &self.running.insert(running).0,
                None => return false,
            },
        };
        let taken = jobs.send(job).is_ok();
        if !taken {
            // A job has panicked, which has been printed: the next one finds another thread.
            self.running = None;
        }
        taken
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Some((jobs, thread)) = self.running.take() {
            drop(jobs);
            let _panicked = thread.join().is_err();
        }
    }
}

fn start() -> Option<(Sender<Job>, JoinHandle<()>)> {
    let (jobs, to_do) = channel();
    let work = move || work(&to_do);
    let thread = std::thread::Builder::new().name("journey-beside".to_owned());
    Some((jobs, thread.spawn(work).ok()?))
}

fn work(to_do: &Receiver<Job>) {
    while let Ok(job) = to_do.recv() {
        job();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_done_in_order_and_a_panic_costs_only_its_own() {
        let mut beside = Beside::default();
        let (tell, told) = channel();
        for n in 0..3 {
            let tell = tell.clone();
            assert!(beside.give(Box::new(move || tell.send(n).unwrap())));
        }
        assert_eq!(told.iter().take(3).collect::<Vec<_>>(), [0, 1, 2]);
        let (held, ended) = channel::<()>();
        beside.give(Box::new(move || {
            let _held = held;
            panic!("this job is meant to panic");
        }));
        assert!(ended.recv().is_err());
        // The thread is going; one job may still be let go.
        while !beside.give(Box::new({
            let tell = tell.clone();
            move || tell.send(3).unwrap()
        })) {}
        drop(beside);
        drop(tell);
        let after: Vec<i32> = told.iter().collect();
        assert!(after == [3] || after.is_empty(), "{after:?}");
    }
}
