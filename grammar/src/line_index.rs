//! From byte offsets to lines and columns. One pass over the text, then a binary search per question.

use crate::tree::Span;

/// A place as people count it, all from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column in bytes.
    pub byte: u32,
    /// The column in characters (Unicode scalar values).
    pub character: u32,
    /// The column in UTF-16 code units, as editors count.
    pub utf16: u32,
}

/// The beginnings of all lines of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Finds the lines of a text; `\n`, `\r\n` and a single `\r` end a line.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (index, &byte) in bytes.iter().enumerate() {
            let ends = byte == b'\n' || byte == b'\r' && bytes.get(index + 1) != Some(&b'\n');
            if ends {
                starts.push(index as u32 + 1);
            }
        }
        Self { starts }
    }

    /// Returns where an offset stands. `text` is the text the index was made of; an offset beyond it is its end.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = offset.min(text.len() as u32);
        let line = self.line(offset);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = Span::new(start, offset).of(text);
        Position {
            line: line as u32,
            byte: offset - start,
            character: before.chars().count() as u32,
            utf16: before.encode_utf16().count() as u32,
        }
    }

    /// Returns the line of an offset, from zero.
    pub fn line(&self, offset: u32) -> usize {
        let lines = self.starts.partition_point(|&start| start <= offset);
        lines.saturating_sub(1)
    }

    /// Returns the bytes of a line, counted from zero, without what ends it; nothing for a line that is not there.
    pub fn line_span(&self, text: &str, line: usize) -> Option<Span> {
        let start = *self.starts.get(line)?;
        let end = self.starts.get(line + 1).copied();
        let whole = Span::new(start, end.unwrap_or(text.len() as u32));
        let own = whole.of(text).trim_end_matches(['\r', '\n']);
        Some(Span::new(start, start + own.len() as u32))
    }

    /// Returns how many lines there are.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_three_ways() {
        let text = "a\r\n가😀b\n";
        let index = LineIndex::new(text);
        let b = text.find('b').unwrap() as u32;
        assert_eq!(
            index.position(text, b),
            Position {
                line: 1,
                byte: 7,
                character: 2,
                utf16: 3
            }
        );
        assert_eq!(index.position(text, 999).line, 2);
    }
}
