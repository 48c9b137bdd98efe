//! A disk in memory that fails as disks do. What was written and not synced lies in the machine's memory: a process that
//! is killed leaves it there, a loss of power takes any part of it. A sync that failed has lost what it was asked to keep,
//! although it can still be read. The machine can stop at any call, also in the middle of a write.
//!
//! `journey.db` itself lies in a real folder. After a checkpoint SQLite has synced it; the copy taken whenever a segment
//! is removed is the oldest state that a loss of power may leave.

use std::collections::BTreeMap;
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journeyd::store::folder::database_in;
use journeyd::store::journal::disk::{Disk, DiskFile};

use crate::chance::Chance;

/// The machine stops: what the call of the disk at which it does unwinds with.
#[derive(Debug)]
pub(crate) struct Stopped;

/// What is wrong with the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Writes fail for want of room, some after a part of them.
    Full,
    /// Nothing can be changed.
    ReadOnly,
    /// Some writes fail.
    Writing,
    /// Syncs fail, and lose what they were asked to keep.
    Syncing,
    /// Some reads fail.
    Reading,
}

impl Trouble {
    pub(crate) const ALL: [Self; 5] = [
        Self::Full,
        Self::ReadOnly,
        Self::Writing,
        Self::Syncing,
        Self::Reading,
    ];

    fn error(self) -> io::Error {
        // ENOSPC, EROFS, EIO.
        io::Error::from_raw_os_error(match self {
            Self::Full => 28,
            Self::ReadOnly => 30,
            Self::Writing | Self::Syncing | Self::Reading => 5,
        })
    }
}

#[derive(Debug)]
struct Write {
    offset: usize,
    bytes: Vec<u8>,
}

/// A cut or a write that waits for a sync.
#[derive(Debug)]
enum Waiting {
    Written(Write),
    Cut(usize),
}

#[derive(Debug, Default)]
struct Content {
    /// What can be read.
    shown: Vec<u8>,
    /// What survives a loss of power.
    safe: Vec<u8>,
    /// What the next sync makes safe.
    waiting: Vec<Waiting>,
}

type Shared = Arc<Mutex<Content>>;

#[derive(Debug)]
struct State {
    chance: Chance,
    shown: BTreeMap<String, Shared>,
    safe: BTreeMap<String, Shared>,
    trouble: Option<Trouble>,
    /// After how many more calls the machine stops.
    stops_in: Option<u64>,
    calls: u64,
    /// `journey.db` as its last checkpoint left it.
    database: Option<Vec<u8>>,
}

/// The disk. Its clones are the same disk.
#[derive(Debug, Clone)]
pub(crate) struct SimulatedDisk {
    state: Arc<Mutex<State>>,
    folder: PathBuf,
    /// A disk that says it has synced, and has not.
    lies: bool,
}

#[derive(Debug)]
struct SimulatedFile {
    disk: SimulatedDisk,
    content: Shared,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SimulatedDisk {
    pub(crate) fn new(folder: &Path, chance: Chance, lies: bool) -> Self {
        let state = State {
            chance,
            shown: BTreeMap::new(),
            safe: BTreeMap::new(),
            trouble: None,
            stops_in: None,
            calls: 0,
            database: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            folder: folder.to_owned(),
            lies,
        }
    }

    pub(crate) fn trouble(&self, trouble: Option<Trouble>) {
        lock(&self.state).trouble = trouble;
    }

    pub(crate) fn stop_in(&self, calls: Option<u64>) {
        lock(&self.state).stops_in = calls;
    }

    /// Whether the machine is about to stop.
    pub(crate) fn will_stop(&self) -> bool {
        lock(&self.state).stops_in.is_some()
    }

    /// Puts off a stop; gives what it was, for later.
    pub(crate) fn put_off(&self) -> Option<u64> {
        lock(&self.state).stops_in.take()
    }

    /// How often it was asked for anything.
    pub(crate) fn calls(&self) -> u64 {
        lock(&self.state).calls
    }

    /// The power fails. Nobody has anything open any more.
    pub(crate) fn lose_power(&self) {
        let mut state = lock(&self.state);
        let state = &mut *state;
        let names: Vec<String> = state
            .shown
            .keys()
            .chain(state.safe.keys())
            .cloned()
            .collect();
        let mut left = BTreeMap::new();
        for name in names {
            // What became of a name since the last sync of the folder may or may not be there.
            let (new, old) = (state.shown.get(&name), state.safe.get(&name));
            let same = matches!((new, old), (Some(new), Some(old)) if Arc::ptr_eq(new, old));
            let kept = if same || state.chance.one_in(2) {
                new
            } else {
                old
            };
            if let Some(kept) = kept {
                left.insert(name, Arc::clone(kept));
            }
        }
        for content in left.values() {
            lock(content).forget_some(&mut state.chance);
        }
        state.shown.clone_from(&left);
        state.safe = left;
        if state.chance.one_in(2) {
            self.database_as_it_was(state.database.as_deref());
        }
    }

    fn database_as_it_was(&self, bytes: Option<&[u8]>) {
        let path = database_in(&self.folder);
        for side in ["-wal", "-shm"] {
            let mut name = path.clone().into_os_string();
            name.push(side);
            drop(std::fs::remove_file(name));
        }
        match bytes {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => drop(std::fs::remove_file(path)),
        }
    }

    /// One call: the machine may stop at it.
    fn call(&self) -> MutexGuard<'_, State> {
        let mut state = lock(&self.state);
        state.calls += 1;
        if let Some(left) = state.stops_in {
            if left == 0 {
                state.stops_in = None;
                drop(state);
                resume_unwind(Box::new(Stopped));
            }
            state.stops_in = Some(left - 1);
        }
        state
    }

    fn file(&self, content: &Shared) -> Arc<dyn DiskFile> {
        Arc::new(SimulatedFile {
            disk: self.clone(),
            content: Arc::clone(content),
        })
    }
}

impl Content {
    fn write(&mut self, write: Write) {
        put(&mut self.shown, &write);
        self.waiting.push(Waiting::Written(write));
    }

    /// The power fails: of what was not synced any part is left.
    fn forget_some(&mut self, chance: &mut Chance) {
        let waiting = std::mem::take(&mut self.waiting);
        for one in waiting {
            match one {
                Waiting::Cut(size) if chance.one_in(2) => self.safe.truncate(size),
                Waiting::Cut(_) => {}
                Waiting::Written(write) => tear(&mut self.safe, write, chance),
            }
        }
        self.shown = self.safe.clone();
    }
}

fn put(bytes: &mut Vec<u8>, write: &Write) {
    let end = write.offset + write.bytes.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[write.offset..end].copy_from_slice(&write.bytes);
}

/// Leaves all of a write, nothing, its beginning, or some of its sectors.
fn tear(bytes: &mut Vec<u8>, mut write: Write, chance: &mut Chance) {
    const SECTOR: usize = 512;
    match chance.below(4) {
        0 => {}
        1 => put(bytes, &write),
        2 => {
            write.bytes.truncate(chance.below(write.bytes.len() + 1));
            put(bytes, &write);
        }
        _ => {
            // A sector that was not written has what it had, or zeros.
            let end = write.offset + write.bytes.len();
            bytes.resize(bytes.len().max(end), 0);
            for (at, sector) in write.bytes.chunks(SECTOR).enumerate() {
                if chance.one_in(2) {
                    let start = write.offset + at * SECTOR;
                    bytes[start..start + sector.len()].copy_from_slice(sector);
                }
            }
        }
    }
}

impl Disk for SimulatedDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.call().shown.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.call();
        if let Some(trouble @ (Trouble::Full | Trouble::ReadOnly)) = state.trouble {
            return Err(trouble.error());
        }
        let content = Shared::default();
        state.shown.insert(name.to_owned(), Arc::clone(&content));
        Ok(self.file(&content))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let state = self.call();
        let content = state.shown.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(self.file(content))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.call();
        if let Some(trouble @ Trouble::ReadOnly) = state.trouble {
            return Err(trouble.error());
        }
        let removed = state.shown.remove(name);
        removed.map(drop).ok_or(io::ErrorKind::NotFound)?;
        state.database = std::fs::read(database_in(&self.folder)).ok();
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.call();
        if let Some(trouble @ Trouble::Syncing) = state.trouble {
            return Err(trouble.error());
        }
        if !self.lies {
            state.safe = state.shown.clone();
        }
        Ok(())
    }
}

impl DiskFile for SimulatedFile {
    fn size(&self) -> io::Result<u64> {
        drop(self.disk.call());
        Ok(lock(&self.content).shown.len() as u64)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let mut state = self.disk.call();
        if let Some(trouble @ Trouble::Reading) = state.trouble
            && state.chance.one_in(4)
        {
            return Err(trouble.error());
        }
        drop(state);
        let content = lock(&self.content);
        let from = offset as usize;
        let bytes = content.shown.get(from..from + into.len());
        into.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut write = Write {
            offset: offset as usize,
            bytes: bytes.to_vec(),
        };
        let mut state = lock(&self.disk.state);
        if state.stops_in == Some(0) {
            // The machine stops in the middle of it.
            write.bytes.truncate(state.chance.below(bytes.len() + 1));
            lock(&self.content).write(write);
            drop(state);
            drop(self.disk.call());
            return Ok(());
        }
        drop(state);
        state = self.disk.call();
        let some = state.chance.one_in(2);
        let failing = state.trouble.filter(|trouble| match trouble {
            Trouble::Full | Trouble::ReadOnly => true,
            Trouble::Writing => some,
            Trouble::Syncing | Trouble::Reading => false,
        });
        if let Some(trouble) = failing {
            if trouble != Trouble::ReadOnly {
                write.bytes.truncate(state.chance.below(bytes.len()));
                lock(&self.content).write(write);
            }
            return Err(trouble.error());
        }
        lock(&self.content).write(write);
        Ok(())
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        let state = self.disk.call();
        if let Some(trouble @ Trouble::ReadOnly) = state.trouble {
            return Err(trouble.error());
        }
        let mut content = lock(&self.content);
        content.shown.truncate(size as usize);
        content.waiting.push(Waiting::Cut(size as usize));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let state = self.disk.call();
        let mut content = lock(&self.content);
        let waiting = std::mem::take(&mut content.waiting);
        if let Some(trouble @ Trouble::Syncing) = state.trouble {
            // What could not be written is forgotten, and the next sync says that all is well.
            return Err(trouble.error());
        }
        if self.disk.lies {
            content.waiting = waiting;
            return Ok(());
        }
        for one in waiting {
            match one {
                Waiting::Written(write) => put(&mut content.safe, &write),
                Waiting::Cut(size) => content.safe.truncate(size),
            }
        }
        Ok(())
    }
}
