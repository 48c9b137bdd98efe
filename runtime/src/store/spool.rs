//! The spool: what was acknowledged before it was decided. It is a journal of its own, in a folder of its own; the store
//! says with each commit up to where its frames are decided, so each is decided once, whatever happens in between.
//!
//! ```text
//!   requests ─► frame ─► spool (synced: acknowledged) ─► decided in order ─► the store says up to where ─► removed
//! ```
//!
//! What stands in a frame is the caller's, beside the instant of the oldest request in it.

use std::collections::VecDeque;
use std::fmt;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use journey_ir::Instant;

use super::Error;
use super::embedded::Check;
use super::folder;
use super::journal::disk::{Disk, DiskFile, Folder};
use super::journal::{self, At, FRAME_HEAD, Journal, Mark, Scan, begin, explained};

/// The spool's folder inside the data folder.
pub const SPOOL: &str = "spool";
/// The store says under this name up to where the spool is decided.
pub const DECIDED: &str = "spool";
/// How long a segment grows, in bytes: what is decided gives its room back a segment at a time.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// How much that is decided may lie in the segment that is written, in bytes, before another is begun.
const MOST_DECIDED: u64 = 8 * 1024 * 1024;
/// How often a check begins again where the daemon removes a segment at that very moment.
const TRIES: usize = 10;
/// How long the instant in front of each frame's content is, in bytes.
const SINCE: usize = 8;

/// Up to where the spool is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decided(Mark);

impl Decided {
    /// The number of the last frame that is decided; 0 before the first.
    #[must_use]
    pub const fn sequence(self) -> u64 {
        self.0.sequence
    }
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:x}", self.0.sequence, self.0.chain)
    }
}

impl FromStr for Decided {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (sequence, chain) = text.split_once(' ').unwrap_or((text, "0"));
        Ok(Self(Mark {
            sequence: sequence.parse()?,
            chain: u64::from_str_radix(chain, 16)?,
        }))
    }
}

/// A frame that waits to be decided.
#[derive(Debug, Clone)]
pub struct Waiting {
    file: Arc<dyn DiskFile>,
    at: At,
    /// Up to where the spool is decided once this frame is.
    pub until: Decided,
    /// When the oldest request in it arrived.
    pub since: Instant,
}

impl Waiting {
    /// The number of the frame before it: nothing is left out where that one is decided.
    #[must_use]
    pub const fn follows(&self) -> u64 {
        self.until.0.sequence - 1
    }

    /// How much room it takes, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.at.length as u64
    }

    /// What stands in it.
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        let head = FRAME_HEAD + SINCE;
        let mut content = vec![0; (self.at.length as usize).saturating_sub(head)];
        let from = u64::from(self.at.offset) + head as u64;
        let read = self.file.read_at(from, &mut content);
        read.map_err(|error| Error::Database(format!("the spool cannot be read: {error}")))?;
        Ok(content)
    }
}

/// The one writer of a spool.
#[derive(Debug)]
pub struct Spool {
    journal: Journal,
    /// Each segment that may still be needed, with the number of its last frame.
    segments: VecDeque<(u32, u64)>,
    /// How much was written into the newest segment, in bytes.
    newest: u64,
    decided: Decided,
}

impl Spool {
    /// Opens the spool of a data folder, creating it where needed.
    pub fn open(data: &Path, decided: Decided) -> Result<(Self, Vec<Waiting>), Error> {
        let path = data.join(SPOOL);
        folder::private_folder(&path).map_err(|error| explained(error, &path))?;
        Self::open_on(Arc::new(Folder::at(&path)), &path, decided)
    }

    /// Opens the spool on a disk. Says what waits in it, in order.
    pub fn open_on(
        disk: Arc<dyn Disk>,
        path: &Path,
        decided: Decided,
    ) -> Result<(Self, Vec<Waiting>), Error> {
        let mut found = Vec::new();
        let mut each = |at: At, mark: Mark, content: &[u8]| {
            found.push((at, mark, since_of(content)));
            Ok(())
        };
        let journal = Journal::open(disk, path, decided.0, &mut each)?;
        let mut journal = journal.with_segments_of(SEGMENT_BYTES);
        // What is found may lie in the machine's memory only. Once it is decided it must not be lost: numbers would begin
        // to repeat.
        journal.sync()?;
        let first = found.first().map_or(u32::MAX, |(at, ..)| at.segment);
        let old = journal.files().numbers().filter(|it| *it < first);
        let mut spool = Self {
            segments: old.map(|it| (it, decided.0.sequence)).collect(),
            journal,
            newest: 0,
            decided,
        };
        let mut waiting = Vec::with_capacity(found.len());
        for (at, mark, since) in found {
            waiting.push(spool.waits(at, mark, since)?);
        }
        Ok((spool, waiting))
    }

    /// The beginning of a frame, for the content to be put behind it. `since` is when the oldest request in it arrived.
    #[must_use]
    pub fn frame(since: Instant) -> Vec<u8> {
        let mut frame = begin();
        frame.extend_from_slice(&since.to_le_bytes());
        frame
    }

    /// Keeps a frame that was begun with [`Self::frame`]. Once this returns, it survives a loss of power; after an error
    /// it is not part of the spool.
    pub fn keep(&mut self, mut frame: Vec<u8>) -> Result<Waiting, Error> {
        let since = since_of(frame.get(FRAME_HEAD..).unwrap_or_default());
        let at = self.journal.append(&mut frame, true)?;
        self.waits(at, self.journal.last(), since)
    }

    /// Everything up to here is decided.
    pub const fn decide(&mut self, until: Decided) {
        self.decided = until;
    }

    /// Gives back the room of what is decided, by whole segments; with `all`, also that of the newest where nothing in it
    /// waits.
    pub fn forget(&mut self, all: bool) -> Result<(), Error> {
        let mut last = None;
        while let Some((segment, end)) = self.segments.front().copied() {
            let is_newest = self.segments.len() == 1;
            let goes = !is_newest || all || self.newest > MOST_DECIDED;
            if end > self.decided.0.sequence || !goes {
                break;
            }
            last = Some(segment);
            self.segments.pop_front();
        }
        last.map_or(Ok(()), |last| self.journal.remove(last))
    }

    /// The number of the last frame.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.journal.last().sequence
    }

    /// Makes the next frame begin a new segment.
    pub const fn rotate(&mut self) {
        self.journal.rotate();
    }

    /// Whether frames up to a number lie in its folder, in segments that have no later ones.
    #[must_use]
    pub fn holds(&self, until: u64) -> bool {
        self.segments.front().is_some_and(|(_, end)| *end <= until)
    }

    fn waits(&mut self, at: At, mark: Mark, since: Instant) -> Result<Waiting, Error> {
        match self.segments.back_mut() {
            Some((segment, end)) if *segment == at.segment => {
                *end = mark.sequence;
                self.newest += u64::from(at.length);
            }
            _ => {
                self.segments.push_back((at.segment, mark.sequence));
                self.newest = u64::from(at.length);
            }
        }
        let file = self.journal.files().segment(at.segment);
        let gone = || Error::Database("a segment of the spool is gone".to_owned());
        Ok(Waiting {
            file: file.ok_or_else(gone)?,
            at,
            until: Decided(mark),
            since,
        })
    }
}

/// The instant in front of a frame's content.
fn since_of(content: &[u8]) -> Instant {
    let bytes = content.first_chunk::<SINCE>();
    bytes.map_or(Instant::MIN, |bytes| i64::from_le_bytes(*bytes))
}

/// Copies the spool of a data folder into another one, while it is written. What is removed meanwhile is in the store,
/// which is to be copied after it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let (from, to) = (from.join(SPOOL), to.join(SPOOL));
    if !from.is_dir() {
        return Ok(());
    }
    let failed = |error| explained(error, &to);
    let made = DirBuilder::new().mode(0o700).create(&to);
    made.map_err(failed)?;
    journal::copy(&Folder::at(&from), &to)?;
    Folder::at(&to).sync().map_err(failed)
}

/// What was acknowledged and is not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Undecided {
    /// How much of it there is, in bytes.
    pub bytes: u64,
    /// When the oldest of it came in.
    pub since: Instant,
}

/// Looks at what waits in the spool of a data folder, beside a running daemon or without one; `None` where nothing does.
/// `decided` is what the store says under [`DECIDED`] at that moment.
pub fn undecided(
    data: &Path,
    decided: impl FnMut() -> Result<Option<String>, Error>,
) -> Result<Option<Undecided>, Error> {
    let mut found: Option<Undecided> = None;
    look(data, decided, |frame| {
        let Some((at, content)) = frame else {
            found = None;
            return;
        };
        let one = found.get_or_insert(Undecided {
            bytes: 0,
            since: Instant::MAX,
        });
        one.bytes += u64::from(at.length);
        one.since = one.since.min(since_of(content));
    })?;
    Ok(found)
}

/// Checks the spool of a data folder: what waits in it can be read, and goes on where the store says that it is decided.
pub fn check(data: &Path, decided: impl FnMut() -> Result<Option<String>, Error>) -> Check {
    Check::of("frames in the spool").asked(|check| {
        look(data, decided, |frame| {
            check.seen = frame.map_or(0, |_| check.seen + 1);
        })
    })
}

/// Reads each frame that is not decided, with `None` whenever it begins again from the first.
fn look(
    data: &Path,
    mut decided: impl FnMut() -> Result<Option<String>, Error>,
    mut each: impl FnMut(Option<(At, &[u8])>),
) -> Result<(), Error> {
    let path = data.join(SPOOL);
    if !path.is_dir() {
        return Ok(());
    }
    let mut tries = 0;
    loop {
        tries += 1;
        let told = decided()?;
        let Ok(Decided(mark)) = told.map_or(Ok(Decided::default()), |it| it.parse()) else {
            let untold = "the store does not say up to where the spool is decided";
            return Err(Error::Database(untold.to_owned()));
        };
        each(None);
        let read = Scan::after(mark, &path).run(&Folder::at(&path), &mut |at, _, content| {
            each(Some((at, content)));
            Ok(())
        });
        match read {
            // The daemon may have decided and removed some of it at this very moment.
            Err(_) if tries < TRIES => {}
            read => return read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(since: Instant, text: &str) -> Vec<u8> {
        let mut frame = Spool::frame(since);
        frame.extend_from_slice(text.as_bytes());
        frame
    }

    fn texts(waiting: &[Waiting]) -> Vec<(Instant, String)> {
        let text = |it: &Waiting| String::from_utf8(it.read().unwrap()).unwrap();
        waiting.iter().map(|it| (it.since, text(it))).collect()
    }

    #[test]
    fn what_is_kept_waits_in_order_until_it_is_decided() {
        let root = tempfile::tempdir().unwrap();
        let (mut spool, none) = Spool::open(root.path(), Decided::default()).unwrap();
        assert!(none.is_empty() && !spool.holds(u64::MAX));
        let first = spool.keep(frame(5, "one")).unwrap();
        let second = spool.keep(frame(7, "two")).unwrap();
        assert_eq!((first.follows(), second.follows()), (0, 1));
        let both = [(5, "one".to_owned()), (7, "two".to_owned())];
        assert_eq!(texts(&[first.clone(), second.clone()]), both);
        drop(spool);
        let (_, waiting) = Spool::open(root.path(), Decided::default()).unwrap();
        assert_eq!(texts(&waiting), both);
        let decided: Decided = waiting[0].until.to_string().parse().unwrap();
        assert_eq!(decided, first.until);
        let (mut spool, waiting) = Spool::open(root.path(), decided).unwrap();
        assert_eq!(texts(&waiting), both[1..]);
        spool.decide(second.until);
        spool.forget(true).unwrap();
        assert!(!spool.holds(u64::MAX));
        // What was taken before can still be read.
        assert_eq!(second.read().unwrap(), b"two");
        drop(spool);
        let (mut spool, waiting) = Spool::open(root.path(), second.until).unwrap();
        assert!(waiting.is_empty());
        spool.forget(true).unwrap();
        assert_eq!(spool.keep(frame(9, "three")).unwrap().follows(), 2);
    }

    #[test]
    fn a_copy_goes_on_where_the_copied_store_stands() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (mut spool, _) = Spool::open(from.path(), Decided::default()).unwrap();
        let all: Vec<_> = ["one", "two", "three"]
            .map(|text| spool.keep(frame(1, text)).unwrap())
            .into();
        copy(from.path(), to.path()).unwrap();
        // The store may be copied when more is decided than was copied of the spool.
        let later = spool.keep(frame(1, "four")).unwrap();
        for (decided, left) in [(Decided::default(), 3), (all[1].until, 1), (later.until, 0)] {
            let said = decided.to_string();
            let check = check(to.path(), || Ok(Some(said.clone())));
            assert_eq!((check.seen, check.faults), (left, 0), "{check:?}");
            let (_, waiting) = Spool::open(to.path(), decided).unwrap();
            assert_eq!(waiting.len() as u64, left);
        }
    }

    #[test]
    fn damage_where_others_build_on_it_is_told() {
        let root = tempfile::tempdir().unwrap();
        let (mut spool, _) = Spool::open(root.path(), Decided::default()).unwrap();
        for text in ["one", "two"] {
            spool.keep(frame(1, text)).unwrap();
        }
        let path = root.path().join(SPOOL).join(journal::name(1));
        let mut bytes = std::fs::read(&path).unwrap();
        let place = bytes.windows(3).position(|part| part == b"one").unwrap();
        bytes[place] = b'x';
        std::fs::write(&path, bytes).unwrap();
        let check = check(root.path(), || Ok(None));
        assert_eq!(check.faults, 1, "{check:?}");
        assert!(Spool::open(root.path(), Decided::default()).is_err());
    }
}
