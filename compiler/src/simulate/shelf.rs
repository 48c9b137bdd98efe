//! Records of a log, told apart into shards by a hash of the name they belong to: in memory up to a limit, and from there
//! on in a file. What is put on a shelf comes back shard by shard, in pieces of whole records. A shelf has two boards:
//! one for what was read, one for what turned out to belong to somebody else.

use std::fs::File;
use std::hash::BuildHasher as _;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::FixedState;

/// Into how many shards people are told apart. One shard at a time is in the hands of each thread.
pub(super) const SHARDS: usize = 256;
/// How large a piece grows, in bytes, before it is put away.
const PIECE: usize = 64 << 10;

/// How much of a log is held in memory.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// How many bytes of packed rows; a row takes about 120.
    pub bytes: u64,
    /// Makes the file for all others.
    pub beyond: fn() -> io::Result<File>,
}

impl Memory {
    /// How much is held in memory where nobody says otherwise: half a gibibyte.
    pub const USUAL: u64 = 512 << 20;
}

/// Where pieces are put.
#[derive(Debug)]
pub(super) struct Shelf {
    memory: Memory,
    held: AtomicU64,
    boards: [Vec<Mutex<Vec<Piece>>>; 2],
    file: Mutex<Spare>,
}

/// What a record is on a shelf for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Board {
    /// It was read.
    Read,
    /// It was given to its owner.
    Given,
}

#[derive(Debug)]
enum Piece {
    Held(Vec<u8>),
    Filed { at: u64, length: usize },
}

/// What memory had no room for.
#[derive(Debug, Default)]
struct Spare {
    file: Option<File>,
    length: u64,
    /// Why something could not be put there; nothing more is.
    broken: Option<io::Error>,
}

/// The shard of a name.
pub(super) fn shard_of(name: &str) -> usize {
    (FixedState::default().hash_one(name) % SHARDS as u64) as usize
}

impl Shelf {
    pub(super) fn new(memory: Memory) -> Self {
        let board = || (0..SHARDS).map(|_| Mutex::default()).collect();
        Self {
            memory,
            held: AtomicU64::new(0),
            boards: [board(), board()],
            file: Mutex::default(),
        }
    }

    fn pieces(&self, board: Board, shard: usize) -> Option<MutexGuard<'_, Vec<Piece>>> {
        let [read, given] = &self.boards;
        let board = match board {
            Board::Read => read,
            Board::Given => given,
        };
        let pieces = board.get(shard)?;
        Some(pieces.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn spare(&self) -> MutexGuard<'_, Spare> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a piece away. Where the file takes it not, [`Self::whole`] tells it.
    fn put(&self, board: Board, shard: usize, bytes: Vec<u8>) {
        let length = bytes.len() as u64;
        let held = self.held.fetch_add(length, Ordering::Relaxed);
        let piece = if held + length <= self.memory.bytes {
            Piece::Held(bytes)
        } else {
            self.held.fetch_sub(length, Ordering::Relaxed);
            let at = self.spare().write(&bytes, self.memory.beyond);
            match at {
                Some(at) => Piece::Filed {
                    at,
                    length: bytes.len(),
                },
                None => return,
            }
        };
        if let Some(mut pieces) = self.pieces(board, shard) {
            pieces.push(piece);
        }
    }

    /// Everything on a board of a shard. What was in memory is gone from there afterwards.
    pub(super) fn take(&self, board: Board, shard: usize) -> Vec<Vec<u8>> {
        let pieces = self.pieces(board, shard);
        let pieces = pieces.map_or_else(Vec::new, |mut it| std::mem::take(&mut *it));
        let read = |piece| match piece {
            Piece::Held(bytes) => Some(bytes),
            Piece::Filed { at, length } => self.spare().read(at, length),
        };
        pieces.into_iter().filter_map(read).collect()
    }

    /// Everything on a board of a shard, which stays there.
    pub(super) fn copy(&self, board: Board, shard: usize) -> Vec<Vec<u8>> {
        let pieces = self.pieces(board, shard);
        let read = |piece: &Piece| match piece {
            Piece::Held(bytes) => Some(bytes.clone()),
            Piece::Filed { at, length } => self.spare().read(*at, *length),
        };
        let all = pieces.iter().flat_map(|it| it.iter());
        all.filter_map(read).collect()
    }

    /// Shows every piece that was read of a shard, and leaves it where it is.
    pub(super) fn show(&self, shard: usize, mut to: impl FnMut(&[u8])) {
        for piece in self
            .pieces(Board::Read, shard)
            .iter()
            .flat_map(|it| it.iter())
        {
            match piece {
                Piece::Held(bytes) => to(bytes),
                Piece::Filed { at, length } => {
                    let bytes = self.spare().read(*at, *length);
                    to(&bytes.unwrap_or_default());
                }
            }
        }
    }

    /// Whether everything that was put here could be, and came back.
    pub(super) fn whole(&self) -> io::Result<()> {
        self.spare().broken.take().map_or(Ok(()), Err)
    }
}

impl Spare {
    /// Where the bytes stand now.
    fn write(&mut self, bytes: &[u8], beyond: fn() -> io::Result<File>) -> Option<u64> {
        if self.broken.is_some() {
            return None;
        }
        let at = self.length;
        let written = self.append(bytes, beyond);
        self.length += bytes.len() as u64;
        self.kept(written.map(|()| at))
    }

    fn append(&mut self, bytes: &[u8], beyond: fn() -> io::Result<File>) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(beyond()?),
        };
        file.seek(SeekFrom::Start(self.length))?;
        file.write_all(bytes)
    }

    fn read(&mut self, at: u64, length: usize) -> Option<Vec<u8>> {
        let file = self.file.as_mut()?;
        let mut bytes = vec![0; length];
        let read = file.seek(SeekFrom::Start(at));
        let read = read.and_then(|_| file.read_exact(&mut bytes));
        self.kept(read.map(|()| bytes))
    }

    fn kept<T>(&mut self, done: io::Result<T>) -> Option<T> {
        match done {
            Ok(it) => Some(it),
            Err(error) => {
                self.broken = Some(error);
                None
            }
        }
    }
}

/// Records on their way to a shelf, collected by one thread.
#[derive(Debug)]
pub(super) struct Tray<'s> {
    shelf: &'s Shelf,
    board: Board,
    pieces: Vec<Vec<u8>>,
}

impl<'s> Tray<'s> {
    pub(super) fn new(shelf: &'s Shelf, board: Board) -> Self {
        Self {
            shelf,
            board,
            pieces: (0..SHARDS).map(|_| Vec::new()).collect(),
        }
    }

    /// Adds what `write` appends to the shard of a name.
    pub(super) fn add(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        let shard = shard_of(name);
        let Some(piece) = self.pieces.get_mut(shard) else {
            return;
        };
        if piece.capacity() == 0 {
            // The record that fills a piece goes over its end.
            piece.reserve_exact(PIECE + PIECE / 8);
        }
        write(piece);
        if piece.len() >= PIECE {
            self.shelf.put(self.board, shard, std::mem::take(piece));
        }
    }
}

impl Drop for Tray<'_> {
    fn drop(&mut self) {
        for (shard, piece) in self.pieces.drain(..).enumerate() {
            if !piece.is_empty() {
                self.shelf.put(self.board, shard, piece);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(shelf: &Shelf) -> Vec<u8> {
        let mut all: Vec<u8> = (0..SHARDS)
            .flat_map(|it| shelf.take(Board::Read, it))
            .flatten()
            .collect();
        all.sort_unstable();
        all
    }

    fn filled(memory: Memory) -> Shelf {
        let shelf = Shelf::new(memory);
        for round in 0..3 {
            let mut tray = Tray::new(&shelf, Board::Read);
            for n in 0..200_u8 {
                tray.add(&format!("{round} {n}"), |piece| piece.push(n));
            }
        }
        shelf
    }

    #[test]
    fn what_memory_has_no_room_for_comes_back_from_the_file() {
        let beyond = || panic!("there is room");
        let held = filled(Memory { bytes: 600, beyond });
        held.whole().unwrap();
        let filed = filled(Memory {
            bytes: 100,
            beyond: tempfile::tempfile,
        });
        assert!(filed.held.load(Ordering::Relaxed) <= 100);
        assert_eq!(all(&filed), all(&held));
        filed.whole().unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_made_is_told() {
        let shelf = filled(Memory {
            bytes: 0,
            beyond: || Err(io::Error::other("no room")),
        });
        assert_eq!(shelf.whole().unwrap_err().to_string(), "no room");
    }
}
