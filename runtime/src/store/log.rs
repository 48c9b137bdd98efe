//! The log: everything that arrived and everything that was decided, in the order of commits.
//!
//! Records are gathered in pages, so that a commit writes a few sequential rows however many contacts it touches. Each
//! record points to the previous record of the same contact, so that one contact's history is a chain read backwards.

use std::cell::RefCell;
use std::io;

use super::{ContactNo, ProgramNo};

/// How many bytes of records a page holds before the next one is begun: reading one record unpacks one page.
const PAGE_BYTES: usize = 64 * 1024;
/// Pages shorter than this many bytes are not compressed.
const COMPRESS_FROM: usize = 512;
/// The largest page, in bytes, that is ever unpacked: a damaged length cannot exhaust memory.
const LARGEST_PAGE: usize = 16 * 1024 * 1024;
/// The zstd level: fast enough never to be what bounds a commit.
const LEVEL: i32 = 1;

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The page.
    pub page: i64,
    /// The offset in the unpacked page, in bytes.
    pub offset: u32,
}

/// One record as read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub contact: ContactNo,
    /// The record of the same contact before it.
    pub previous: Option<Place>,
    /// The end of another chain that joins here: the history of a contact that was merged into this one.
    pub joined: Option<Place>,
    /// What it says, as the process wrote it.
    pub body: Vec<u8>,
}

/// A record with the program under whose positions its body was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// The program.
    pub program: ProgramNo,
    /// The record.
    pub record: Record,
}

/// The pages of one commit, being filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    first: i64,
    pages: Vec<Vec<u8>>,
}

impl Log {
    /// An empty log whose first page will have the number `first`.
    #[must_use]
    pub const fn starting_at(first: i64) -> Self {
        Self {
            first,
            pages: Vec::new(),
        }
    }

    /// Appends a record and says where it stands.
    pub fn append(
        &mut self,
        contact: ContactNo,
        previous: Option<Place>,
        joined: Option<Place>,
        body: &[u8],
    ) -> Place {
        if self
            .pages
            .last()
            .is_none_or(|page| page.len() >= PAGE_BYTES)
        {
            self.pages.push(Vec::with_capacity(4096));
        }
        let number = self.first + self.pages.len() as i64 - 1;
        let Some(page) = self.pages.last_mut() else {
            return Place {
                page: number,
                offset: 0,
            };
        };
        let offset = page.len() as u32;
        put(page, contact.0.unsigned_abs());
        for place in [previous, joined] {
            let (at, within) = place.map_or((0, 0), |place| (place.page, place.offset));
            put(page, at.unsigned_abs());
            if at != 0 {
                put(page, u64::from(within));
            }
        }
        put(page, body.len() as u64);
        page.extend_from_slice(body);
        Place {
            page: number,
            offset,
        }
    }

    /// Whether nothing was appended.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The number of the page after the last one.
    #[must_use]
    pub fn next_page(&self) -> i64 {
        self.first + self.pages.len() as i64
    }

    /// The pages with their numbers.
    pub fn pages(&self) -> impl Iterator<Item = (i64, &[u8])> + '_ {
        (self.first..).zip(self.pages.iter().map(Vec::as_slice))
    }

    /// The pages with their numbers, packed for the disk.
    pub fn packed(&self) -> impl Iterator<Item = (i64, Vec<u8>)> + '_ {
        let mut packer = Packer::default();
        (self.first..).zip(self.pages.iter().map(move |page| packer.pack(page)))
    }
}

/// Packs pages for the disk, with memory that is used again and again.
#[derive(Default)]
pub struct Packer(Option<zstd::bulk::Compressor<'static>>);

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packer")
    }
}

impl Packer {
    /// Packs a page.
    pub fn pack(&mut self, page: &[u8]) -> Vec<u8> {
        let compressed = if page.len() < COMPRESS_FROM {
            None
        } else {
            if self.0.is_none() {
                self.0 = compressor().ok();
            }
            let compressor = self.0.as_mut();
            compressor.and_then(|compressor| compressor.compress(page).ok())
        };
        let (tag, bytes) = match &compressed {
            Some(bytes) => (ZSTD, bytes.as_slice()),
            None => (PLAIN, page),
        };
        let mut packed = Vec::with_capacity(bytes.len() + 6);
        packed.push(tag);
        put(&mut packed, page.len() as u64);
        packed.extend_from_slice(bytes);
        packed
    }
}

/// What it packs ends with a checksum, which unpacking looks at.
fn compressor() -> io::Result<zstd::bulk::Compressor<'static>> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    Ok(compressor)
}

thread_local! {
    /// Making one takes longer than unpacking a page with it.
    static UNPACKER: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
}

fn decompressed(packed: &[u8], length: usize) -> io::Result<Vec<u8>> {
    UNPACKER.with_borrow_mut(|unpacker| match unpacker {
        Some(unpacker) => unpacker.decompress(packed, length),
        None => unpacker
            .insert(zstd::bulk::Decompressor::new()?)
            .decompress(packed, length),
    })
}

/// Unpacks a page from the disk; `None` where it is damaged.
#[must_use]
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (&tag, mut rest) = packed.split_first()?;
    let length = usize::try_from(take(&mut rest)?).ok()?;
    if length > LARGEST_PAGE {
        return None;
    }
    let page = match tag {
        PLAIN => rest.to_vec(),
        ZSTD => decompressed(rest, length).ok()?,
        _ => return None,
    };
    (page.len() == length).then_some(page)
}

/// Reads the record at an offset of an unpacked page, and the offset after it; `None` where it is damaged.
#[must_use]
pub fn record_at(page: &[u8], offset: u32) -> Option<(Record, u32)> {
    let mut rest = page.get(offset as usize..)?;
    let contact = ContactNo(i64::try_from(take(&mut rest)?).ok()?);
    let previous = take_place(&mut rest).ok()?;
    let joined = take_place(&mut rest).ok()?;
    let length = usize::try_from(take(&mut rest)?).ok()?;
    let body = rest.get(..length)?.to_vec();
    let next = u32::try_from(page.len() - rest.len() + length).ok()?;
    let record = Record {
        contact,
        previous,
        joined,
        body,
    };
    Some((record, next))
}

/// Overwrites the body of the record at an offset with zeros, and says where its chains go on; `None` where there is no
/// record.
pub fn blank_record(page: &mut [u8], offset: u32) -> Option<(Option<Place>, Option<Place>)> {
    let (record, next) = record_at(page, offset)?;
    let end = next as usize;
    page.get_mut(end - record.body.len()..end)?.fill(0);
    Some((record.previous, record.joined))
}

/// The bytes are no place.
struct Damaged;

fn take_place(rest: &mut &[u8]) -> Result<Option<Place>, Damaged> {
    let mut number = || take(rest).ok_or(Damaged);
    let page = i64::try_from(number()?).map_err(|_| Damaged)?;
    if page == 0 {
        return Ok(None);
    }
    let offset = u32::try_from(number()?).map_err(|_| Damaged)?;
    Ok(Some(Place { page, offset }))
}

/// Appends a number, seven bits per byte, lowest first.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads a number written by [`put`].
fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contacts_records_are_a_chain_through_the_pages() {
        let mut log = Log::starting_at(7);
        let body = vec![b'x'; 40_000];
        let first = log.append(ContactNo(1), None, None, &body);
        let second = log.append(ContactNo(2), None, None, b"other");
        let third = log.append(ContactNo(1), Some(first), Some(second), &body);
        let fourth = log.append(ContactNo(1), Some(third), None, b"last");
        assert_eq!((first.page, third.page, fourth.page), (7, 7, 8));
        assert_eq!(log.next_page(), 9);

        let pages: Vec<_> = log
            .packed()
            .map(|(number, packed)| (number, unpack(&packed).unwrap()))
            .collect();
        let (last, _) = record_at(&pages[1].1, fourth.offset).unwrap();
        assert_eq!(
            (last.body.as_slice(), last.previous),
            (&b"last"[..], Some(third))
        );
        let (before, next) = record_at(&pages[0].1, third.offset).unwrap();
        assert_eq!(
            (before.previous, before.joined),
            (Some(first), Some(second))
        );
        assert_eq!(next as usize, pages[0].1.len());
    }

    #[test]
    fn a_damaged_page_is_noticed() {
        let mut log = Log::starting_at(1);
        log.append(ContactNo(1), None, None, &[7; 2_000]);
        let (_, packed) = log.packed().next().unwrap();
        assert_eq!(unpack(packed.get(..10).unwrap()), None);
        assert_eq!(unpack(&[9, 1, 1]), None);
        assert_eq!(unpack(&[PLAIN, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]), None);
        assert_eq!(record_at(&[1, 0, 0, 200, 1, 7], 0), None);
        assert_eq!(record_at(&[], 4), None);
    }

    #[test]
    fn no_changed_bit_of_a_packed_page_goes_unnoticed() {
        let mut log = Log::starting_at(1);
        for n in 0..40 {
            log.append(
                ContactNo(n),
                None,
                None,
                format!("order {n} of 민지").as_bytes(),
            );
        }
        let (_, packed) = log.packed().next().unwrap();
        let page = unpack(&packed).unwrap();
        assert_eq!(packed.first(), Some(&ZSTD));
        for bit in 0..packed.len() * 8 {
            let mut damaged = packed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let read = unpack(&damaged);
            assert!(read.is_none_or(|read| read == page), "bit {bit}");
        }
    }
}
