//! The journal: one file of frames after the other. A commit is one frame; once it is appended and synced it is durable.
//!
//! A segment's frames count only below the first of the next segment. So a frame that could not be written or synced is
//! never touched again: the next one begins a new segment with the same number, whatever the failed one left behind.
//!
//! `frame` has the bytes, `scan` reads a journal from its beginning, `copy` copies one that is written, [`disk`] is what it
//! lies on.

mod copy;
pub mod disk;
mod frame;
mod scan;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Error;
pub(super) use copy::copy;
pub use frame::Mark;
pub(super) use frame::{FRAME_HEAD, begin};
pub(super) use scan::Scan;

use disk::{Disk, DiskFile};

/// How long a segment grows, in bytes, before the next one is begun, where nothing else is said.
const SEGMENT_BYTES: u64 = 1024 * 1024 * 1024;
/// How much of a segment is written again at once, in bytes.
const AGAIN_BYTES: usize = 1024 * 1024;
const PREFIX: &str = "journal-";

/// What is done with each frame that is read: its place, head included, up to where it goes, and its content without the
/// head.
pub(super) type Each<'a> = dyn FnMut(At, Mark, &[u8]) -> Result<(), Error> + 'a;

/// Where some bytes of the journal lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) segment: u32,
    pub(super) offset: u32,
    pub(super) length: u32,
}

/// The segments that are open.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    open: BTreeMap<u32, Arc<dyn DiskFile>>,
    path: PathBuf,
}

impl Files {
    fn new(path: &Path) -> Self {
        Self {
            open: BTreeMap::new(),
            path: path.to_owned(),
        }
    }

    /// Reads bytes that are known to be there.
    pub(super) fn read(&self, at: At) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.read_into(at, &mut bytes)?;
        Ok(bytes)
    }

    /// Like [`Self::read`], into a buffer that is used again and again.
    pub(super) fn read_into(&self, at: At, bytes: &mut Vec<u8>) -> Result<(), Error> {
        bytes.clear();
        bytes.resize(at.length as usize, 0);
        let file = self.open.get(&at.segment).ok_or_else(|| {
            Error::Database(format!("segment {} of the journal is gone", at.segment))
        })?;
        file.read_at(u64::from(at.offset), bytes)
            .map_err(|error| explained(error, &self.path_of(at.segment)))
    }

    /// The numbers of all segments, in order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.open.keys().copied()
    }

    /// A segment by itself: it can be read for as long as this value lives, even once it was removed.
    pub(super) fn segment(&self, segment: u32) -> Option<Arc<dyn DiskFile>> {
        self.open.get(&segment).cloned()
    }

    pub(super) fn path_of(&self, segment: u32) -> PathBuf {
        self.path.join(name(segment))
    }
}

/// The one writer of a journal.
#[derive(Debug)]
pub(super) struct Journal {
    disk: Arc<dyn Disk>,
    files: Files,
    /// The segment that frames are appended to, and its end; a new one is begun where `None`.
    current: Option<(u32, u64)>,
    /// The highest number any segment ever had here.
    newest: u32,
    last: Mark,
    synced: u64,
    /// Segments were found at the start that may lie in the machine's memory only, frames or not.
    unsure: bool,
    /// Frames were lost that others build on: nothing may be written until the store is opened again.
    broken: bool,
    /// How many bytes may be appended before the disk counts as full.
    room: Option<u64>,
    segment_bytes: u64,
}

impl Journal {
    /// Opens the journal of a folder. `each` gets the frames after `applied`, in order.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        path: &Path,
        applied: Mark,
        each: &mut Each<'_>,
    ) -> Result<Self, Error> {
        let mut scan = Scan::after(applied, path);
        scan.run(disk.as_ref(), each)?;
        Ok(Self {
            disk,
            newest: scan.newest,
            last: scan.last,
            // What could be read may lie in the machine's memory only.
            synced: applied.sequence,
            unsure: true,
            files: scan.files,
            current: None,
            broken: false,
            room: None,
            segment_bytes: SEGMENT_BYTES,
        })
    }

    /// Begins a new segment after so many bytes.
    pub(super) const fn with_segments_of(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// Where its segments can be read.
    pub(super) const fn files(&self) -> &Files {
        &self.files
    }

    /// Whether there is no segment.
    pub(super) fn is_empty(&self) -> bool {
        self.files.open.is_empty()
    }

    /// Its last frame.
    pub(super) const fn last(&self) -> Mark {
        self.last
    }

    /// The newest segment.
    pub(super) const fn newest(&self) -> u32 {
        self.newest
    }

    /// Appends a frame that was begun with [`begin`], and waits for the disk where `sync` says so. Says where the frame
    /// lies, head included. After an error the frame is not part of the journal.
    pub(super) fn append(&mut self, frame: &mut [u8], sync: bool) -> Result<At, Error> {
        if self.broken {
            return Err(Error::Database(
                "the disk lost part of the journal; restart journeyd".to_owned(),
            ));
        }
        let length = frame.len() as u64;
        if self.room.is_some_and(|room| room < length) {
            let path = self.files.path_of(self.newest);
            return Err(Error::Full { path });
        }
        let (segment, end) = match self.current {
            Some((segment, end)) if end < self.segment_bytes => (segment, end),
            _ => self.begin_segment()?,
        };
        let too_long = || Error::Database("one commit is longer than a gigabyte".to_owned());
        let checksum = frame::seal(frame, self.last, self.synced).ok_or_else(too_long)?;
        let file = self.file(segment)?;
        let written = file.write_at(end, frame);
        let lost = written.is_ok() && sync;
        let written = written.and_then(|()| if sync { file.sync() } else { Ok(()) });
        if let Err(error) = written {
            // The next frame goes into another segment. Cutting this one off only gives its room back.
            drop(file.truncate(end));
            self.current = None;
            // A failed sync may have lost earlier frames that nobody waited for.
            self.broken = lost && self.synced < self.last.sequence;
            return Err(explained(error, &self.files.path_of(segment)));
        }
        self.last = Mark {
            sequence: self.last.sequence + 1,
            chain: checksum,
        };
        if sync {
            self.synced = self.last.sequence;
        }
        self.current = Some((segment, end + length));
        self.room = self.room.map(|room| room - length);
        Ok(At {
            segment,
            offset: end as u32,
            length: frame.len() as u32,
        })
    }

    /// Waits until everything appended survives a loss of power.
    pub(super) fn sync(&mut self) -> Result<(), Error> {
        if self.synced == self.last.sequence && !self.unsure {
            return Ok(());
        }
        for (segment, file) in &self.files.open {
            let again = if self.unsure {
                again(file.as_ref())
            } else {
                Ok(())
            };
            if let Err(error) = again.and_then(|()| file.sync()) {
                self.broken = true;
                return Err(explained(error, &self.files.path_of(*segment)));
            }
        }
        self.synced = self.last.sequence;
        self.unsure = false;
        Ok(())
    }

    /// Lets so many bytes more be appended at most, or as many as the disk takes.
    pub(super) const fn limit(&mut self, room: Option<u64>) {
        self.room = room;
    }

    /// Makes the next frame begin a new segment.
    pub(super) const fn rotate(&mut self) {
        self.current = None;
    }

    /// Removes segments up to and including `last`.
    pub(super) fn remove(&mut self, last: u32) -> Result<(), Error> {
        // A reader that holds an older moment of the tables learns from the next segment that something is gone. On a
        // full disk giving room back comes first.
        if self.newest <= last {
            self.rotate();
            if let Err(error) = self.begin_segment() {
                tracing::warn!(%error, "store.segment_later");
            }
        }
        while let Some((&segment, _)) = self.files.open.first_key_value() {
            if segment > last {
                break;
            }
            self.disk
                .remove(&name(segment))
                .map_err(|error| explained(error, &self.files.path_of(segment)))?;
            self.files.open.remove(&segment);
        }
        Ok(())
    }

    fn file(&self, segment: u32) -> Result<Arc<dyn DiskFile>, Error> {
        let file = self.files.segment(segment);
        file.ok_or_else(|| Error::Database("the journal has no open segment".to_owned()))
    }

    fn begin_segment(&mut self) -> Result<(u32, u64), Error> {
        // A segment must never be shorter than the next one says it is, and each must have its head.
        self.sync()?;
        if self.files.open.is_empty() {
            // Numbers may begin anew: what was removed under higher ones must not come back beside this one.
            let synced = self.disk.sync();
            synced.map_err(|error| explained(error, &self.files.path))?;
        }
        let segment = self.newest + 1;
        let head = frame::segment_head(self.last);
        let made = self.disk.create(&name(segment)).and_then(|file| {
            file.write_at(0, &head)?;
            file.sync()?;
            self.disk.sync()?;
            Ok(file)
        });
        match made {
            Ok(file) => {
                self.newest = segment;
                self.files.open.insert(segment, file);
                let end = head.len() as u64;
                self.current = Some((segment, end));
                Ok((segment, end))
            }
            Err(error) => {
                drop(self.disk.remove(&name(segment)));
                Err(explained(error, &self.files.path_of(segment)))
            }
        }
    }
}

/// Writes a segment's bytes over themselves. A sync that failed before the start may have forgotten them, although they can
/// still be read, and the next one would say that all is well; what is written again is written out again.
fn again(file: &dyn DiskFile) -> io::Result<()> {
    let size = file.size()?;
    let mut bytes = vec![0; AGAIN_BYTES];
    let mut at = 0;
    while at < size {
        let length = usize::try_from(size - at).map_or(AGAIN_BYTES, |left| left.min(AGAIN_BYTES));
        let part = bytes.get_mut(..length).unwrap_or_default();
        file.read_at(at, part)?;
        file.write_at(at, part)?;
        at += length as u64;
    }
    Ok(())
}

pub(super) fn name(segment: u32) -> String {
    format!("{PREFIX}{segment:010}")
}

/// The number of a segment, by its name.
pub(super) fn number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix(PREFIX)?;
    let plain = digits.len() == 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// Turns what the system says into what the operator can do.
pub(super) fn explained(source: io::Error, path: &Path) -> Error {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Full { path },
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            Error::ReadOnly { path }
        }
        _ => Error::Folder { path, source },
    }
}
