//! Requests that are acknowledged before they are decided: kept in the spool on the same disk, taken from there in their
//! order, and taken again where the machine stopped in between.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;

use journey_arrivals::Translator;
use journey_ir::Instant;
use journeyd::process::Batch;
use journeyd::store::Error;
use journeyd::store::journal::disk::{Disk, DiskFile};
use journeyd::store::spool::{Decided, Spool, Waiting};

use crate::clients::{Call, batch};
use crate::disk::{SimulatedDisk, Stopped};
use crate::life::{Failed, Life, Planted, sudden};

/// The spool's folder on the simulated disk.
#[derive(Debug)]
struct Within(SimulatedDisk);

const FOLDER: &str = "spool/";

impl Disk for Within {
    fn list(&self) -> io::Result<Vec<String>> {
        let names = self.0.list()?;
        let inside = names.iter().filter_map(|name| name.strip_prefix(FOLDER));
        Ok(inside.map(str::to_owned).collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.0.create(&format!("{FOLDER}{name}"))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.0.open(&format!("{FOLDER}{name}"))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(&format!("{FOLDER}{name}"))
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
}

/// The spool of a life.
#[derive(Debug, Default)]
pub(crate) struct Spooled {
    spool: Option<Spool>,
    waiting: VecDeque<Waiting>,
    /// What each frame stands for: it holds the place of its calls here.
    calls: Vec<Vec<Call>>,
}

impl Spooled {
    /// Opens the spool after a start; says whether it could.
    pub(crate) fn open(
        &mut self,
        disk: &SimulatedDisk,
        decided: Decided,
    ) -> Option<Result<(), Error>> {
        let disk = Arc::new(Within(disk.clone()));
        let opened = sudden(|| Spool::open_on(disk, Path::new(FOLDER), decided))?;
        Some(opened.map(|(spool, waiting)| {
            self.spool = Some(spool);
            self.waiting = waiting.into();
        }))
    }

    pub(crate) fn die(&mut self) {
        self.spool = None;
        self.waiting.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Since when something waits.
    pub(crate) fn undecided_since(&self) -> Instant {
        let since = self.waiting.iter().map(|frame| frame.since).min();
        since.unwrap_or(Instant::MAX)
    }
}

impl Life<'_> {
    /// A client sends what it has, and is answered before anything of it is decided.
    pub(crate) fn spool(&mut self) -> Result<(), Stopped> {
        let calls = self.clients.request(false);
        if calls.is_empty() {
            return Ok(());
        }
        let place = self.spooled.calls.len() as u64;
        self.spooled.calls.push(calls.clone());
        let mut frame = Spool::frame(self.now);
        frame.extend_from_slice(&place.to_le_bytes());
        let spool = self.spooled.spool.as_mut().unwrap();
        match sudden(|| spool.keep(frame)) {
            None => return Err(Stopped),
            Some(Err(error)) => self.excused(&error),
            Some(Ok(waiting)) => {
                self.clients.acknowledged(&calls);
                self.spooled.waiting.push_back(waiting);
                self.lived.spooled += 1;
            }
        }
        Ok(())
    }

    /// The first frame that waits is decided, or the first few of them.
    pub(crate) fn take(&mut self, most: usize) -> Result<(), Stopped> {
        let frames: Vec<Waiting> = self.spooled.waiting.iter().take(most).cloned().collect();
        let mut batches = Vec::new();
        for frame in &frames {
            let read = match sudden(|| frame.read()) {
                None => return Err(Stopped),
                Some(Err(error)) => {
                    self.excused(&error);
                    return Ok(());
                }
                Some(Ok(read)) => read,
            };
            let place = u64::from_le_bytes(read.try_into().unwrap());
            let program = Arc::clone(self.process.as_ref().unwrap().program());
            let calls = &self.spooled.calls[place as usize];
            let mut batch = batch(&Translator::new(program), calls, frame.since);
            batch.spooled = Some(frame.until);
            if self.planted == Planted::LeftOut && place % 7 == 3 {
                batch = Batch {
                    spooled: batch.spooled,
                    ..Batch::default()
                };
            }
            batches.push(batch);
        }
        if frames.is_empty() {
            return Ok(());
        }
        let wakes = self.wakes_at_times();
        match self.turn(batches, wakes) {
            Ok(_) => {}
            Err(Failed::Refused) => return Ok(()),
            Err(Failed::Stopped) => return Err(Stopped),
        }
        self.spooled.waiting.drain(..frames.len());
        let spool = self.spooled.spool.as_mut().unwrap();
        spool.decide(frames.last().unwrap().until);
        let all = self.spooled.waiting.is_empty();
        match sudden(|| spool.forget(all)) {
            None => Err(Stopped),
            Some(Err(error)) => {
                self.excused(&error);
                Ok(())
            }
            Some(Ok(())) => Ok(()),
        }
    }
}
