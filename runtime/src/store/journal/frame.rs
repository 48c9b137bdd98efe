//! The bytes of a segment: a head, then frames. Each frame names the checksum of the one before it, so that frames of
//! another history never pass for the continuation of this one.
//!
//! ```text
//!   segment: "JRNYLOG1"  first sequence u64  chain u64  checksum u64
//!   frame:   "JFRM"  length u32  sequence u64  synced u64  previous u64  checksum u64  payload
//! ```
//!
//! All numbers are little-endian; a checksum is the first eight bytes of the BLAKE3 hash of everything around it.

/// The length of a segment's head, in bytes.
pub(super) const HEAD: usize = 32;
/// The length of a frame's head, in bytes.
pub(in crate::store) const FRAME_HEAD: usize = 40;
/// The largest payload, in bytes.
pub(super) const LARGEST: usize = 1024 * 1024 * 1024;

const SEGMENT: [u8; 8] = *b"JRNYLOG1";
pub(super) const FRAME: [u8; 4] = *b"JFRM";

/// Up to where a history goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// The number of the last frame; 0 before the first.
    pub sequence: u64,
    /// Its checksum; 0 before the first.
    pub chain: u64,
}

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHead {
    pub(super) length: usize,
    pub(super) sequence: u64,
    /// The last frame that had survived a loss of power when this one was written.
    pub(super) synced: u64,
    pub(super) previous: u64,
    pub(super) checksum: u64,
}

/// The head of a segment that goes on after `after`.
pub(super) fn segment_head(after: Mark) -> Vec<u8> {
    let mut head = SEGMENT.to_vec();
    head.extend_from_slice(&(after.sequence + 1).to_le_bytes());
    head.extend_from_slice(&after.chain.to_le_bytes());
    let checksum = checksum(&[&head]);
    head.extend_from_slice(&checksum.to_le_bytes());
    head
}

/// What a segment goes on after; `None` where its head is damaged.
pub(super) fn read_segment_head(head: &[u8; HEAD]) -> Option<Mark> {
    let (body, sum) = head.split_last_chunk::<8>()?;
    let (magic, rest) = body.split_first_chunk::<8>()?;
    let (first, chain) = rest.split_first_chunk::<8>()?;
    let sound = *magic == SEGMENT && checksum(&[body]) == u64::from_le_bytes(*sum);
    let sequence = u64::from_le_bytes(*first).checked_sub(1)?;
    let chain = u64::from_le_bytes(chain.try_into().ok()?);
    sound.then_some(Mark { sequence, chain })
}

/// An empty frame: its head is filled in by [`seal`].
pub(in crate::store) fn begin() -> Vec<u8> {
    vec![0; FRAME_HEAD]
}

/// Completes a frame that was begun with [`begin`], and gives its checksum; `None` where it is too long.
pub(super) fn seal(frame: &mut [u8], after: Mark, synced: u64) -> Option<u64> {
    let (head, payload) = frame.split_first_chunk_mut::<FRAME_HEAD>()?;
    if payload.len() > LARGEST {
        return None;
    }
    let mut bytes = FRAME.to_vec();
    bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    for number in [after.sequence + 1, synced, after.chain] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    let checksum = checksum(&[&bytes, payload]);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    head.copy_from_slice(&bytes);
    Some(checksum)
}

/// Reads the head of a frame; `None` where there is none.
pub(super) fn read_head(head: &[u8; FRAME_HEAD]) -> Option<FrameHead> {
    let (magic, rest) = head.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let mut numbers = rest.as_chunks::<8>().0.iter().copied();
    let mut number = || numbers.next().map(u64::from_le_bytes);
    let (sequence, synced, previous, checksum) = (number()?, number()?, number()?, number()?);
    (*magic == FRAME && length <= LARGEST).then_some(FrameHead {
        length,
        sequence,
        synced,
        previous,
        checksum,
    })
}

/// Whether a payload is what the head was written for.
pub(super) fn belongs(head: &[u8; FRAME_HEAD], payload: &[u8]) -> bool {
    let Some((body, sum)) = head.split_last_chunk::<8>() else {
        return false;
    };
    checksum(&[body, payload]) == u64::from_le_bytes(*sum)
}

fn checksum(parts: &[&[u8]]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    let hash = hasher.finalize();
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    u64::from_le_bytes(first)
}
