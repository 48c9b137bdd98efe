//! Reading a journal in order, from the frame after a mark to its end; again later, from where it stopped.

use std::io;
use std::path::Path;

use super::disk::{Disk, DiskFile};
use super::frame::{self, FRAME, FRAME_HEAD, HEAD, Mark};
use super::{At, Each, Files, explained, number};
use crate::store::Error;

/// How far a journal has been read.
#[derive(Debug)]
pub(in crate::store) struct Scan {
    pub(in crate::store) files: Files,
    /// The last frame that was read, or what is already known.
    pub(in crate::store) last: Mark,
    /// The highest number of a segment that was seen.
    pub(super) newest: u32,
    /// The segment being read, and where its next frame begins.
    position: Option<(u32, u64)>,
}

/// Why reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// Everything was read. What is left after it was never acknowledged.
    End,
    /// Something that had been safe on disk is damaged.
    Damaged {
        /// The segment.
        segment: u32,
        /// Where in it, in bytes.
        offset: u64,
    },
    /// The frames between what is known and this segment are missing, or it belongs to another history.
    Missing {
        /// The segment.
        segment: u32,
    },
}

/// What stands at a position.
enum Found {
    Frame(Vec<u8>, Mark),
    Nothing,
}

impl Scan {
    /// Will read the frames after a mark.
    pub(in crate::store) fn after(known: Mark, path: &Path) -> Self {
        Self {
            files: Files::new(path),
            last: known,
            newest: 0,
            position: None,
        }
    }

    /// Reads on to the end. What had been safe on disk and is damaged or missing is an error that names the file.
    pub(in crate::store) fn run(
        &mut self,
        disk: &dyn Disk,
        each: &mut Each<'_>,
    ) -> Result<(), Error> {
        match self.go(disk, each)? {
            Stop::End => Ok(()),
            Stop::Damaged { segment, offset } => Err(Error::Journal {
                path: self.files.path_of(segment),
                offset,
            }),
            Stop::Missing { segment } => Err(Error::JournalMissing {
                path: self.files.path_of(segment),
                after: self.last.sequence,
            }),
        }
    }

    fn go(&mut self, disk: &dyn Disk, each: &mut Each<'_>) -> Result<Stop, Error> {
        let heads = match self.open_segments(disk)? {
            Ok(heads) => heads,
            Err(stop) => return Ok(stop),
        };
        for (index, (segment, before)) in heads.iter().enumerate() {
            let until = heads.get(index + 1).map(|(_, next)| next.sequence);
            if until.is_some_and(|until| until <= self.last.sequence) {
                continue;
            }
            if let Some(stop) = self.segment(*segment, *before, until, each)? {
                return Ok(stop);
            }
        }
        Ok(Stop::End)
    }

    /// Opens segments that are new, and reads their heads: what each goes on after.
    fn open_segments(&mut self, disk: &dyn Disk) -> Result<Result<Vec<(u32, Mark)>, Stop>, Error> {
        let path = self.files.path.clone();
        let listed = disk.list().map_err(|error| explained(error, &path))?;
        let mut numbers: Vec<u32> = listed.iter().filter_map(|name| number(name)).collect();
        numbers.sort_unstable();
        let mut heads = Vec::with_capacity(numbers.len());
        let mut unmade = None;
        for segment in &numbers {
            let path = self.files.path_of(*segment);
            let failed = |error| explained(error, &path);
            let file = match self.files.open.get(segment) {
                Some(file) => file.clone(),
                None => disk.open(&super::name(*segment)).map_err(failed)?,
            };
            // Asked before the head is read: its writer may go on meanwhile, and writes the head first.
            let size = file.size().map_err(failed)?;
            let mut head = [0; HEAD];
            let whole = read(file.as_ref(), 0, &mut head).map_err(failed)?;
            let before = frame::read_segment_head(&head).filter(|_| whole);
            let Some(before) = before else {
                let damaged = Stop::Damaged {
                    segment: *segment,
                    offset: 0,
                };
                // Where nothing stands behind the head a crash came while it was made: there never was a frame in it.
                if size > HEAD as u64 {
                    return Ok(Err(damaged));
                }
                unmade.get_or_insert(damaged);
                continue;
            };
            // The next one that is begun takes the number of the first that was never made.
            if let Some(damaged) = unmade {
                return Ok(Err(damaged));
            }
            heads.push((*segment, before));
            self.newest = self.newest.max(*segment);
            self.files.open.insert(*segment, file);
        }
        Ok(Ok(heads))
    }

    fn segment(
        &mut self,
        segment: u32,
        before: Mark,
        until: Option<u64>,
        each: &mut Each<'_>,
    ) -> Result<Option<Stop>, Error> {
        let path = self.files.path_of(segment);
        let Some(file) = self.files.open.get(&segment).cloned() else {
            return Ok(Some(Stop::Missing { segment }));
        };
        let known = self.last;
        let (mut at, mut offset) = match self.position {
            Some((same, offset)) if same == segment => (known, offset),
            _ if before.sequence > known.sequence => return Ok(Some(Stop::Missing { segment })),
            _ => (before, HEAD as u64),
        };
        loop {
            if at.sequence == known.sequence && at != known {
                return Ok(Some(Stop::Missing { segment }));
            }
            if until.is_some_and(|until| at.sequence >= until) {
                return Ok(None);
            }
            let found = frame_at(file.as_ref(), offset, at);
            let Found::Frame(payload, next) = found.map_err(|error| explained(error, &path))?
            else {
                let damaged = until.is_some() || {
                    let proof = proof_after(file.as_ref(), offset, at.sequence + 1);
                    proof.map_err(|error| explained(error, &path))?
                };
                return Ok(damaged.then_some(Stop::Damaged { segment, offset }));
            };
            at = next;
            if at.sequence > known.sequence {
                let place = At {
                    segment,
                    offset: offset as u32,
                    length: (FRAME_HEAD + payload.len()) as u32,
                };
                each(place, at, &payload)?;
                self.last = at;
                self.position = Some((segment, offset + u64::from(place.length)));
            }
            offset += (FRAME_HEAD + payload.len()) as u64;
        }
    }
}

/// The frame at an offset, where it is whole and follows `after`.
fn frame_at(file: &dyn DiskFile, offset: u64, after: Mark) -> io::Result<Found> {
    let mut head = [0; FRAME_HEAD];
    if !read(file, offset, &mut head)? {
        return Ok(Found::Nothing);
    }
    let Some(read_head) = frame::read_head(&head) else {
        return Ok(Found::Nothing);
    };
    let follows = read_head.sequence == after.sequence + 1 && read_head.previous == after.chain;
    let start = offset + FRAME_HEAD as u64;
    if !follows || file.size()? < start + read_head.length as u64 {
        return Ok(Found::Nothing);
    }
    let mut payload = vec![0; read_head.length];
    if !read(file, start, &mut payload)? || !frame::belongs(&head, &payload) {
        return Ok(Found::Nothing);
    }
    let mark = Mark {
        sequence: read_head.sequence,
        chain: read_head.checksum,
    };
    Ok(Found::Frame(payload, mark))
}

/// Whether a whole frame after an offset says that the frame `missing` had been safe on disk: then what stands at the
/// offset is damage, and not the end.
fn proof_after(file: &dyn DiskFile, offset: u64, missing: u64) -> io::Result<bool> {
    let size = file.size()?;
    let mut rest = vec![0; usize::try_from(size.saturating_sub(offset)).unwrap_or(0)];
    if !read(file, offset, &mut rest)? {
        return Ok(false);
    }
    let mut from = rest.as_slice();
    while let Some(at) = from.windows(FRAME.len()).position(|bytes| bytes == FRAME) {
        let candidate = from.get(at..).unwrap_or_default();
        if let Some((head, body)) = candidate.split_first_chunk::<FRAME_HEAD>()
            && let Some(read_head) = frame::read_head(head)
            && read_head.synced >= missing
            && let Some(payload) = body.get(..read_head.length)
            && frame::belongs(head, payload)
        {
            return Ok(true);
        }
        from = candidate.get(1..).unwrap_or_default();
    }
    Ok(false)
}

/// Reads bytes; `false` where the file ends before.
fn read(file: &dyn DiskFile, offset: u64, into: &mut [u8]) -> io::Result<bool> {
    match file.read_at(offset, into) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
