//! Words to lines of at most [`MAX_WIDTH`] columns. A line that is too long is broken before `and` and `or`, then inside
//! of parentheses; a list outside of parentheses is wrapped only where its author wrapped it.

use unicode_width::UnicodeWidthStr;

use super::MAX_WIDTH;
use super::tokens::{Kind, Token};

/// How many columns the inside of parentheses stands deeper than the line that opens them.
const INDENT: usize = 2;

/// A word, or what stands in parentheses.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// A word or sign.
    Word(Token<'a>),
    /// `( … )`
    Group {
        inner: Vec<Piece<'a>>,
        /// No space stands before the parenthesis.
        glued: bool,
    },
}

/// Puts the parentheses of a run of words together. A comma before the closing one is not needed.
pub(super) fn pieces<'a>(run: &[Token<'a>]) -> Vec<Piece<'a>> {
    let mut open: Vec<(Vec<Piece<'a>>, bool)> = Vec::new();
    let mut current = Vec::new();
    for token in run {
        match token.kind {
            Kind::OpenGroup => open.push((std::mem::take(&mut current), token.glued)),
            Kind::CloseGroup => {
                let Some((outer, glued)) = open.pop() else {
                    continue;
                };
                if current.last().is_some_and(|last| last.is(Kind::Comma)) {
                    current.pop();
                }
                let inner = std::mem::replace(&mut current, outer);
                current.push(Piece::Group { inner, glued });
            }
            _ => current.push(Piece::Word(*token)),
        }
    }
    current
}

/// Tells whether the author gave a part of a condition a line of its own.
pub(super) fn is_forced(pieces: &[Piece<'_>]) -> bool {
    pieces.iter().any(|piece| match piece {
        Piece::Word(token) => is_broken(token),
        Piece::Group { inner, .. } => is_forced(inner),
    })
}

const fn is_broken(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Connective) && token.breaks > 0
}

impl Piece<'_> {
    fn is(&self, kind: Kind) -> bool {
        matches!(self, Piece::Word(token) if token.kind == kind)
    }

    /// Tells whether the author ended the line before it.
    fn is_on_new_line(&self) -> bool {
        matches!(self, Piece::Word(token) if token.breaks > 0)
    }

    /// Tells whether it is a group with something to break at.
    fn is_breakable(&self) -> bool {
        match self {
            Piece::Word(_) => false,
            Piece::Group { inner, .. } => inner.iter().any(|piece| {
                piece.is(Kind::Connective) || piece.is(Kind::Comma) || piece.is_breakable()
            }),
        }
    }

    fn is_forced_group(&self) -> bool {
        matches!(self, Piece::Group { inner, .. } if is_forced(inner))
    }
}

/// Lines as they are written.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) text: String,
    /// How wide the current line is.
    column: usize,
    /// How far the current line is indented.
    indent: usize,
}

impl Layout {
    /// Writes a word.
    pub(super) fn word(&mut self, word: &str, glued: bool) {
        if !glued && self.column > self.indent {
            self.text.push(' ');
            self.column += 1;
        }
        self.text.push_str(word);
        self.column += word.width();
    }

    pub(super) fn new_line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
        self.indent = indent;
    }

    pub(super) fn blank_line(&mut self) {
        self.text.push('\n');
    }

    /// Tells whether a text fits on the rest of the line.
    pub(super) fn fits(&self, flat: &str) -> bool {
        self.column + flat.width() <= MAX_WIDTH
    }

    /// Writes pieces on one line.
    pub(super) fn flat(&mut self, pieces: &[Piece<'_>]) {
        for piece in pieces {
            match piece {
                Piece::Word(token) => self.word(token.text, token.glued),
                Piece::Group { inner, glued } => {
                    self.word("(", *glued);
                    self.flat(inner);
                    self.word(")", true);
                }
            }
        }
    }

    /// Writes words with comments among them, with the line ends that were written. `hang` is for lines outside of
    /// parentheses, `first_hang` for those before the first word.
    pub(super) fn as_written(&mut self, run: &[Token<'_>], first_hang: usize, hang: usize) {
        let indent = self.indent;
        let mut depth = 0_usize;
        let mut outside = first_hang;
        for token in run {
            let is_close = token.kind == Kind::CloseGroup;
            let inside = depth > 0;
            depth = depth.saturating_sub(usize::from(is_close));
            if token.breaks > 0 && self.column > self.indent {
                self.new_line(if inside {
                    indent + INDENT * depth
                } else {
                    outside
                });
            }
            self.word(token.text, token.glued && token.breaks == 0);
            depth += usize::from(token.kind == Kind::OpenGroup);
            if !token.is_comment() {
                outside = hang;
            }
        }
    }

    /// Writes pieces, on several lines if they are too long; `room` columns must be left after them.
    pub(super) fn sequence(&mut self, pieces: &[Piece<'_>], hang: usize, room: usize) {
        let is_chain = pieces.iter().any(|piece| piece.is(Kind::Connective));
        let is_broken = pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Word(token) if is_broken(token)));
        if is_broken || is_chain && !self.has_room(pieces, room) {
            let parts = split_before_connectives(pieces);
            self.parts(&parts, hang, room);
        } else {
            self.part(pieces, hang, room);
        }
    }

    /// Writes parts below each other.
    fn parts(&mut self, parts: &[&[Piece<'_>]], hang: usize, room: usize) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.new_line(hang);
            }
            let is_last = index + 1 == parts.len();
            self.part(part, hang, if is_last { room } else { 0 });
        }
    }

    /// Writes pieces that are not broken at `and` and `or`, except inside of their parentheses.
    fn part(&mut self, pieces: &[Piece<'_>], hang: usize, room: usize) {
        let is_forced = pieces.iter().any(Piece::is_forced_group);
        if !is_forced && self.has_room(pieces, room) {
            return self.flat(pieces);
        }
        if !is_forced && is_wrapped(pieces) {
            return self.wrapped(pieces, hang, room);
        }
        let opened = self.opened(pieces);
        for (index, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Group { inner, glued } if opened.binary_search(&index).is_ok() => {
                    self.group(inner, *glued);
                }
                piece => self.flat(std::slice::from_ref(piece)),
            }
        }
    }

    /// Chooses the parentheses whose inside gets lines of its own: those that the author broke, else the last ones if
    /// the line then fits, else all.
    fn opened(&self, pieces: &[Piece<'_>]) -> Vec<usize> {
        let forced = places(pieces, Piece::is_forced_group);
        if !forced.is_empty() {
            return forced;
        }
        let breakable = places(pieces, Piece::is_breakable);
        let last = breakable.last().copied();
        let before = last.and_then(|last| pieces.get(..last)).unwrap_or_default();
        if self.has_room(before, " (".len()) {
            last.into_iter().collect()
        } else {
            breakable
        }
    }

    /// Writes what stands in parentheses on lines of its own.
    fn group(&mut self, inner: &[Piece<'_>], glued: bool) {
        let outer = self.indent;
        let hang = outer + INDENT;
        self.word("(", glued);
        self.new_line(hang);
        if inner.iter().any(|piece| piece.is(Kind::Connective)) {
            let parts = split_before_connectives(inner);
            if is_forced(inner) || !self.has_room(inner, 0) {
                self.parts(&parts, hang, 0);
            } else {
                self.flat(inner);
            }
        } else if inner.get(1).is_some_and(|piece| piece.is(Kind::Colon)) {
            self.parts(&split_before_names(inner), hang, 0);
        } else {
            self.wrapped(inner, hang + INDENT, 0);
        }
        self.new_line(outer);
        self.word(")", true);
    }

    /// Writes a list with as many entries on each line as fit.
    fn wrapped(&mut self, pieces: &[Piece<'_>], hang: usize, room: usize) {
        let parts = split_after_commas(pieces);
        for (index, part) in parts.iter().enumerate() {
            let is_last = index + 1 == parts.len();
            let room = if is_last { room } else { 0 };
            if index > 0 && !self.has_room(part, room) {
                self.new_line(hang);
            }
            if self.has_room(part, room) {
                self.flat(part);
            } else {
                self.part(part, hang, room);
            }
        }
    }

    fn has_room(&self, pieces: &[Piece<'_>], room: usize) -> bool {
        let mut line = Self {
            text: String::new(),
            column: self.column,
            indent: self.indent,
        };
        line.flat(pieces);
        line.column + room <= MAX_WIDTH
    }
}

fn places<'a>(pieces: &[Piece<'a>], is_one: impl Fn(&Piece<'a>) -> bool) -> Vec<usize> {
    let found = pieces.iter().enumerate().filter(|(_, it)| is_one(it));
    found.map(|(index, _)| index).collect()
}

/// Tells whether the author ended a line after a comma outside of parentheses.
fn is_wrapped(pieces: &[Piece<'_>]) -> bool {
    let after = pieces.iter().skip(1);
    pieces
        .iter()
        .zip(after)
        .any(|(comma, next)| comma.is(Kind::Comma) && next.is_on_new_line())
}

fn split_before_connectives<'a, 'b>(pieces: &'b [Piece<'a>]) -> Vec<&'b [Piece<'a>]> {
    split(pieces, |_, next| next.is(Kind::Connective))
}

fn split_after_commas<'a, 'b>(pieces: &'b [Piece<'a>]) -> Vec<&'b [Piece<'a>]> {
    split(pieces, |last, _| last.is(Kind::Comma))
}

/// Splits `a: 1, b: one of c, d` before each name that has a colon.
fn split_before_names<'a, 'b>(pieces: &'b [Piece<'a>]) -> Vec<&'b [Piece<'a>]> {
    let mut parts = Vec::new();
    let mut rest = pieces;
    while let Some(at) = rest.windows(3).position(
        |it| matches!(it, [comma, _, colon] if comma.is(Kind::Comma) && colon.is(Kind::Colon)),
    ) {
        let (part, after) = rest.split_at(at + 1);
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

fn split<'a, 'b>(
    pieces: &'b [Piece<'a>],
    is_between: impl Fn(&Piece<'a>, &Piece<'a>) -> bool,
) -> Vec<&'b [Piece<'a>]> {
    pieces
        .chunk_by(|last, next| !is_between(last, next))
        .collect()
}
