//! A file of events in parts that can be read side by side: whole records, about a mebibyte each, with the number of
//! lines before them. A table's header is taken off once and put in front of every part.

use std::io::{self, BufRead};
use std::path::Path;
use std::sync::Arc;

use journey_engine::Program;
use journey_ir::project::Import;

use crate::calls::Calls;
use crate::read::Source;
use crate::rows::{Rows, Unreadable};

/// How many bytes a part has at least, while there are more.
const LEAST: usize = 1 << 20;
/// How many bytes a part has at most: what has no end of a record within it is cut.
const MOST: usize = 64 << 20;

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// CSV: a header, and a record a row, which may span lines within quotes.
    Table,
    /// NDJSON: a call a line.
    Calls,
}

impl Layout {
    /// The layout that a file's name tells: NDJSON for `.ndjson`, `.jsonl` and `.json`, also packed; else a table.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let name = name.strip_suffix(".zst").unwrap_or(name);
        if [".ndjson", ".jsonl", ".json"]
            .iter()
            .any(|it| name.ends_with(it))
        {
            Self::Calls
        } else {
            Self::Table
        }
    }
}

/// Whole records of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its place among the parts, from 0.
    pub number: u64,
    /// How many lines of the file come before it.
    pub lines_before: u64,
    /// The records.
    pub bytes: Vec<u8>,
}

/// What every part of a file is read with.
#[derive(Debug)]
pub struct Head {
    layout: Layout,
    bytes: Vec<u8>,
    lines: u64,
}

impl Head {
    /// Reads a part.
    pub fn read<'a>(
        &'a self,
        part: &'a Part,
        mapping: &Import,
        program: &Arc<Program>,
    ) -> Result<Box<dyn Source + 'a>, Unreadable> {
        Ok(match self.layout {
            Layout::Calls => {
                Box::new(Calls::new(part.bytes.as_slice(), program).after(part.lines_before))
            }
            Layout::Table => {
                let with_header = io::Read::chain(self.bytes.as_slice(), part.bytes.as_slice());
                let before = part.lines_before.saturating_sub(self.lines);
                Box::new(Rows::new(with_header, mapping, program)?.after(before))
            }
        })
    }

    /// Holds a mapping against the header, before any row is read.
    pub fn fits(&self, mapping: &Import, program: &Program) -> Result<(), Unreadable> {
        match self.layout {
            Layout::Calls => Ok(()),
            Layout::Table => Rows::new(self.bytes.as_slice(), mapping, program).map(|_| ()),
        }
    }
}

/// The parts of a stream, one after the other.
pub struct Parts<R> {
    input: R,
    layout: Layout,
    ahead: Vec<u8>,
    number: u64,
    lines: u64,
    over: bool,
    broken: Option<io::Error>,
}

impl<R> std::fmt::Debug for Parts<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("layout", &self.layout)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl<R: BufRead> Parts<R> {
    /// Cuts a stream into parts, and takes the header off a table.
    pub fn new(input: R, layout: Layout) -> io::Result<(Head, Self)> {
        let mut parts = Self {
            input,
            layout,
            ahead: Vec::new(),
            number: 0,
            lines: 0,
            over: false,
            broken: None,
        };
        let bytes = match layout {
            Layout::Calls => Vec::new(),
            Layout::Table => parts.header()?,
        };
        let lines = parts.lines;
        let head = Head {
            layout,
            bytes,
            lines,
        };
        Ok((head, parts))
    }

    /// How many lines have been handed out.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// The next part; `None` at the end.
    pub fn next_part(&mut self) -> io::Result<Option<Part>> {
        let mut bytes = std::mem::take(&mut self.ahead);
        let mut scan = Scan::behind_header(self.layout);
        while bytes.len() < MOST {
            scan.over(&bytes);
            if bytes.len() >= LEAST && scan.last_end > 0 {
                self.ahead = bytes.split_off(scan.last_end);
                break;
            }
            if !self.fill(&mut bytes) {
                break;
            }
        }
        if bytes.is_empty() {
            return self.broken.take().map_or(Ok(None), Err);
        }
        Ok(Some(self.part(bytes)))
    }

    fn part(&mut self, bytes: Vec<u8>) -> Part {
        let part = Part {
            number: self.number,
            lines_before: self.lines,
            bytes,
        };
        self.number += 1;
        self.lines += lines_in(&part.bytes);
        part
    }

    /// The first record that is not blank, with what is blank before it.
    fn header(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let mut scan = Scan::new(self.layout);
            scan.over(&bytes);
            let more = bytes.len() < MOST && scan.header_end.is_none();
            if more && self.fill(&mut bytes) {
                continue;
            }
            if let Some(error) = self.broken.take() {
                return Err(error);
            }
            self.ahead = bytes.split_off(scan.header_end.unwrap_or(bytes.len()));
            if !bytes.ends_with(b"\n") {
                bytes.push(b'\n');
            }
            self.lines += lines_in(&bytes);
            return Ok(bytes);
        }
    }

    /// Takes what the stream has ready; `false` at its end, or where it breaks off.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> bool {
        if self.over {
            return false;
        }
        match self.input.fill_buf() {
            Ok([]) => self.over = true,
            Ok(block) => {
                bytes.extend_from_slice(block);
                let taken = block.len();
                self.input.consume(taken);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                self.over = true;
                self.broken = Some(error);
            }
        }
        !self.over
    }
}

/// Counts in bytes as long as these cannot run over, which many are counted at once in.
fn lines_in(bytes: &[u8]) -> u64 {
    let few = |few: &[u8]| few.iter().map(|it| u8::from(*it == b'\n')).sum::<u8>();
    bytes.chunks(192).map(|it| u64::from(few(it))).sum()
}

/// Where records end, as a reader of CSV sees it: a line's end within quotes is none.
struct Scan {
    layout: Layout,
    at: usize,
    field: Field,
    blank: bool,
    /// Behind the first record that is not blank.
    header_end: Option<usize>,
    /// Behind the last record that is complete.
    last_end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Start,
    Plain,
    Quoted,
    /// Behind a quote within a quoted field: its end, or the first of two.
    Closing,
}

impl Scan {
    const fn new(layout: Layout) -> Self {
        Self {
            layout,
            at: 0,
            field: Field::Start,
            blank: true,
            header_end: None,
            last_end: 0,
        }
    }

    /// Where the header has been taken off.
    const fn behind_header(layout: Layout) -> Self {
        Self {
            header_end: Some(0),
            ..Self::new(layout)
        }
    }

    /// Goes on to the end of what is there.
    fn over(&mut self, bytes: &[u8]) {
        let new = bytes.get(self.at..).unwrap_or_default();
        if self.layout == Layout::Calls {
            if let Some(end) = new.iter().rposition(|it| *it == b'\n') {
                self.last_end = self.at + end + 1;
            }
            self.at = bytes.len();
            return;
        }
        // Without a quote every line's end is a record's, and all but the last is looked at no further.
        let plain = self.header_end.is_some()
            && !matches!(self.field, Field::Quoted | Field::Closing)
            && !new.contains(&b'"');
        let passed = new.iter().rposition(|it| plain && *it == b'\n');
        let passed = passed.map_or(0, |end| end + 1);
        if passed > 0 {
            self.at += passed;
            self.last_end = self.at;
            self.field = Field::Start;
        }
        for byte in new.get(passed..).unwrap_or_default() {
            self.at += 1;
            self.field = match (self.field, byte) {
                (Field::Quoted, b'"') => Field::Closing,
                (Field::Quoted, _) | (Field::Start | Field::Closing, b'"') => Field::Quoted,
                (_, b'\n') => {
                    self.last_end = self.at;
                    if !self.blank && self.header_end.is_none() {
                        self.header_end = Some(self.at);
                    }
                    Field::Start
                }
                (_, b',') | (Field::Start, b'\r' | 0xef | 0xbb | 0xbf) => Field::Start,
                _ => Field::Plain,
            };
            // A byte order mark is not a name.
            self.blank &= byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_over_several_lines_stays_whole() {
        let rows = (0..200_000).map(|n| format!("{n},\"two\n\"\"lines\"\"\"\n"));
        let text: String = std::iter::once("\u{feff}\na,b\r\n".to_owned())
            .chain(rows)
            .collect();
        let blocks = io::BufReader::new(text.as_bytes());
        let (head, mut parts) = Parts::new(blocks, Layout::Table).unwrap();
        assert!(head.bytes.ends_with(b"a,b\r\n"));
        let mut all = head.bytes.clone();
        let mut count = 0;
        while let Some(part) = parts.next_part().unwrap() {
            assert_eq!(part.number, count);
            assert_eq!(part.lines_before, lines_in(&all));
            assert!(part.bytes.ends_with(b"\"\"\"\n"));
            assert!(part.bytes[0].is_ascii_digit());
            all.extend(part.bytes);
            count += 1;
        }
        assert!(count > 1);
        assert_eq!(all, text.as_bytes());
    }

    #[test]
    fn lines_without_an_end_are_a_part_too() {
        let (_, mut parts) = Parts::new(&b"{}\n{\"a\":1}"[..], Layout::Calls).unwrap();
        let part = parts.next_part().unwrap().unwrap();
        assert_eq!((part.lines_before, part.bytes.len()), (0, 10));
        assert_eq!(parts.next_part().unwrap(), None);
    }
}
