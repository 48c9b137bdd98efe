//! The lines of an NDJSON file: one JSON object a line, the same objects that `POST /v1/batch` takes.

use std::io::{self, BufRead};

/// The longest line that is read, in bytes: the limit of one call over HTTP.
pub const LONGEST_LINE: usize = 32 * 1024;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Its bytes, without the line's end.
    Text(Vec<u8>),
    /// It is longer than [`LONGEST_LINE`] and was passed over.
    TooLong,
}

/// Reads lines of bounded length.
pub struct Lines<R> {
    input: R,
    number: u64,
}

impl<R> std::fmt::Debug for Lines<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl<R: BufRead> Lines<R> {
    /// Reads from the start of a file.
    pub const fn new(input: R) -> Self {
        Self { input, number: 0 }
    }

    /// Counts lines from where the stream stands in its file.
    #[must_use]
    pub fn after(mut self, lines: u64) -> Self {
        self.number = lines;
        self
    }

    /// The number of the last line that was read.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The next line that is not empty, with its number from 1; `None` at the end of the file.
    pub fn next_line(&mut self) -> io::Result<Option<(u64, Line)>> {
        loop {
            let Some(line) = self.read()? else {
                return Ok(None);
            };
            self.number += 1;
            let empty = matches!(&line, Line::Text(bytes) if bytes.trim_ascii().is_empty());
            if !empty {
                return Ok(Some((self.number, line)));
            }
        }
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        let mut too_long = false;
        let mut any = false;
        loop {
            let block = self.input.fill_buf()?;
            if block.is_empty() {
                break;
            }
            any = true;
            let end = block.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(block.len());
            too_long |= line.len() + taken > LONGEST_LINE;
            if !too_long {
                line.extend(block.iter().take(taken));
            }
            self.input.consume(end.map_or(taken, |end| end + 1));
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        Ok(Some(if too_long {
            Line::TooLong
        } else {
            Line::Text(line)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_as_an_editor_numbers_them() {
        let text = "{\"a\":1}\r\n\n  \n{\"b\":2}";
        let mut lines = Lines::new(text.as_bytes());
        let first = lines.next_line().unwrap().unwrap();
        assert_eq!(first, (1, Line::Text(b"{\"a\":1}\r".to_vec())));
        assert_eq!(lines.next_line().unwrap().unwrap().0, 4);
        assert_eq!(lines.next_line().unwrap(), None);
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let text = [vec![b'x'; LONGEST_LINE + 1], b"\n{}\n".to_vec()].concat();
        let mut lines = Lines::new(text.as_slice());
        assert_eq!(lines.next_line().unwrap(), Some((1, Line::TooLong)));
        assert_eq!(
            lines.next_line().unwrap(),
            Some((2, Line::Text(b"{}".to_vec())))
        );
    }
}
