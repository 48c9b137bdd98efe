//! Editors count columns in UTF-16 code units, or in bytes where both sides agreed; the compiler counts bytes.

use journey_grammar::LineIndex;
use journey_grammar::tree::Span;
use lsp_types::{Position, PositionEncodingKind, Range};

/// How columns are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// In UTF-16 code units, the protocol's default.
    #[default]
    Utf16,
    /// In bytes.
    Utf8,
}

impl Encoding {
    /// The best of those that the editor offers: bytes cost nothing to count.
    pub(super) fn agreed(offered: Option<&Vec<PositionEncodingKind>>) -> Self {
        let bytes = offered.is_some_and(|it| it.contains(&PositionEncodingKind::UTF8));
        if bytes { Self::Utf8 } else { Self::Utf16 }
    }

    /// The protocol's name for it.
    pub(super) const fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf8 => PositionEncodingKind::UTF8,
        }
    }

    /// How many columns a piece of text takes.
    pub(super) fn width(self, text: &str) -> u32 {
        match self {
            Self::Utf16 => text.encode_utf16().count() as u32,
            Self::Utf8 => text.len() as u32,
        }
    }
}

/// A text with its lines, ready to be asked.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    index: LineIndex,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        Self {
            text,
            index: LineIndex::new(text),
            encoding,
        }
    }

    /// Where an offset stands.
    pub(super) fn position(&self, offset: u32) -> Position {
        let at = self.index.position(self.text, floor(self.text, offset));
        let column = match self.encoding {
            Encoding::Utf16 => at.utf16,
            Encoding::Utf8 => at.byte,
        };
        Position::new(at.line, column)
    }

    /// Where a span stands.
    pub(super) fn range(&self, span: Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end))
    }

    /// The offset of a place. One beyond its line is the end of that line, one beyond the text the end of the text, and
    /// one inside a character the beginning of that character.
    pub(super) fn offset(&self, at: Position) -> u32 {
        let Some(line) = self.index.line_span(self.text, at.line as usize) else {
            return self.text.len() as u32;
        };
        let mut columns = 0;
        let mut offset = line.start;
        for character in line.of(self.text).chars() {
            let width = match self.encoding {
                Encoding::Utf16 => character.len_utf16() as u32,
                Encoding::Utf8 => character.len_utf8() as u32,
            };
            if columns + width > at.character {
                break;
            }
            columns += width;
            offset += character.len_utf8() as u32;
        }
        offset
    }

    /// The bytes of a range; one that ends before it begins is empty.
    pub(super) fn span(&self, range: Range) -> Span {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        Span::new(start, end.max(start))
    }

    /// The line of an offset, from zero.
    pub(super) fn line(&self, offset: u32) -> u32 {
        self.index.line(offset) as u32
    }
}

/// The offset of the character that an offset lies in.
fn floor(text: &str, offset: u32) -> u32 {
    let mut at = (offset as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a가😀b\r\n다\n";

    #[test]
    fn columns_are_those_of_the_agreed_encoding() {
        let b = TEXT.find('b').unwrap() as u32;
        let at = |encoding| Lines::new(TEXT, encoding).position(b);
        assert_eq!(at(Encoding::Utf16), Position::new(0, 4));
        assert_eq!(at(Encoding::Utf8), Position::new(0, 8));
    }

    #[test]
    fn every_offset_comes_back() {
        for encoding in [Encoding::Utf16, Encoding::Utf8] {
            let lines = Lines::new(TEXT, encoding);
            for (offset, character) in TEXT.char_indices().filter(|(_, it)| *it != '\n') {
                let at = lines.position(offset as u32);
                assert_eq!(lines.offset(at), offset as u32, "{character:?}");
            }
        }
    }

    #[test]
    fn a_place_that_is_nowhere_is_the_nearest_that_is() {
        let lines = Lines::new(TEXT, Encoding::Utf16);
        let offset = |line, column| lines.offset(Position::new(line, column));
        assert_eq!(offset(0, 99), 9, "the end of the line, before its `\\r\\n`");
        assert_eq!(offset(99, 0), TEXT.len() as u32);
        assert_eq!(offset(0, 3), 4, "the middle of a surrogate pair");
    }
}
