//! The texts of a project, and where a byte of one of them stands.
//!
//! Comes in: paths and bytes, from the loader. Goes out: [`FileId`]s, texts that are valid UTF-8 and not too big, and
//! line and column of any offset. No file is touched here.

use std::fmt;
use std::sync::Arc;

/// The largest text that is read, in bytes. A journey file of this size has about 100,000 lines.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// One file of a project: its position in [`Sources`]. Ids follow the order of the paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    const fn at(self) -> usize {
        self.0 as usize
    }
}

/// One file: where it was found and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    path: String,
    text: String,
    /// The offset of the first byte of each line.
    lines: Vec<u32>,
}

impl Source {
    fn new(path: String, text: String) -> Self {
        let lines = line_starts(&text);
        Self { path, text, lines }
    }

    /// The path as people wrote it, with `/` between its parts.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of an offset, both from 1; columns count characters, as editors do.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|at| self.lines.get(at))
            .copied()
            .unwrap_or_default();
        let before = self
            .text
            .get(start as usize..offset as usize)
            .unwrap_or_default();
        Position {
            line: line.max(1) as u32,
            column: before.chars().count() as u32 + 1,
        }
    }
}

/// A place in a text, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

/// Why bytes are no text of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// The bytes are not UTF-8 from this offset on.
    NotUtf8 {
        /// The first byte that is wrong.
        offset: usize,
    },
    /// There are more than [`MAX_BYTES`].
    TooBig {
        /// How many there are.
        bytes: u64,
    },
}

/// All texts of one project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Shared, so that a project with one changed text costs no copy of the others.
    files: Vec<Arc<Source>>,
}

impl Sources {
    /// Adds a file. A byte order mark is kept, so that offsets are those of the file.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files
            .push(Arc::new(Source::new(path.into(), text.into())));
        id
    }

    /// Gives a file another text. An id from another project changes nothing.
    pub(crate) fn replace(&mut self, id: FileId, text: impl Into<String>) {
        if let Some(file) = self.files.get_mut(id.at()) {
            *file = Arc::new(Source::new(file.path.clone(), text.into()));
        }
    }

    /// Reads bytes as text: UTF-8, and at most [`MAX_BYTES`]. Bytes that are none come back with the reason.
    pub fn decode(bytes: Vec<u8>) -> Result<String, (Vec<u8>, Unreadable)> {
        if bytes.len() > MAX_BYTES {
            let size = bytes.len() as u64;
            return Err((bytes, Unreadable::TooBig { bytes: size }));
        }
        String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            (error.into_bytes(), Unreadable::NotUtf8 { offset })
        })
    }

    /// The file of an id.
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.at()).map(Arc::as_ref)
    }

    /// The text of a file, empty for an id from another project.
    pub fn text(&self, id: FileId) -> &str {
        self.get(id).map_or("", Source::text)
    }

    /// The path of a file, empty for an id from another project.
    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", Source::path)
    }

    /// All files with their ids, in order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files
            .iter()
            .enumerate()
            .map(|(at, source)| (FileId(at as u32), source.as_ref()))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let starts = text.match_indices('\n').map(|(at, _)| at as u32 + 1);
    std::iter::once(0).chain(starts).collect()
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.journey", "가나 b\n다c\n");
        let at = |offset| sources.get(file).unwrap().position(offset).to_string();
        assert_eq!(at(0), "1:1");
        assert_eq!(at(7), "1:4");
        assert_eq!(at(9), "2:1");
        assert_eq!(at(12), "2:2");
        assert_eq!(at(14), "3:1");
    }

    #[test]
    fn bytes_that_are_no_text_are_told_apart() {
        let reason = |bytes: Vec<u8>| Sources::decode(bytes).unwrap_err().1;
        assert_eq!(
            reason(b"ok\xff".to_vec()),
            Unreadable::NotUtf8 { offset: 2 }
        );
        assert!(matches!(
            reason(vec![b' '; MAX_BYTES + 1]),
            Unreadable::TooBig { .. }
        ));
    }
}
