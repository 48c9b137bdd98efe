//! The words, signs and comments of a text in written order, with the words that are written for symbols.
//! Whether a space stands before a token is decided here; where lines end is decided later.

use super::marks::{Mark, Marks};
use super::numbers;
use crate::scan::is_strange_space;
use crate::tree::{Comment, Span};

/// What a token is, as far as its place on the line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, a text in quotes or a sign with spaces around it.
    Word,
    /// A number, date or clock.
    Number,
    /// `and` or `or` between two conditions.
    Connective,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `(`
    OpenGroup,
    /// `)`
    CloseGroup,
    /// `{`
    OpenBlock,
    /// `}`
    CloseBlock,
    /// A comment on its own line.
    Comment,
    /// A comment after something else.
    EndComment,
    /// Lines that are left as they were.
    Kept,
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// What is written for it.
    pub(super) text: &'a str,
    /// No space stands between it and the token before it.
    pub(super) glued: bool,
    /// How many line ends stood before it.
    pub(super) breaks: usize,
}

impl Token<'_> {
    pub(super) const fn is_comment(&self) -> bool {
        matches!(self.kind, Kind::Comment | Kind::EndComment)
    }
}

/// Cuts a text into tokens.
pub(super) fn of<'a>(
    text: &'a str,
    comments: &[Comment],
    kept: &[Span],
    marks: &Marks,
) -> Vec<Token<'a>> {
    let mut cutter = Cutter {
        text,
        comments,
        kept,
        marks,
        at: 0,
        tokens: Vec::new(),
    };
    while cutter.next() {}
    cutter.tokens
}

struct Cutter<'a, 'b> {
    text: &'a str,
    /// The comments that were not met yet.
    comments: &'b [Comment],
    /// The kept lines that were not met yet.
    kept: &'b [Span],
    marks: &'b Marks,
    at: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Cutter<'a, '_> {
    /// Takes one token; there is none at the end of the text.
    fn next(&mut self) -> bool {
        let mut breaks = 0;
        while let Some(first) = self.rest().chars().next() {
            if let Some(length) = self.kept_length() {
                self.push(Kind::Kept, length, breaks);
            } else if let Some(length) = line_end(self.rest()) {
                breaks += 1;
                self.at += length;
                continue;
            } else if first.is_whitespace() || is_strange_space(first) {
                self.at += first.len_utf8();
                continue;
            } else if let Some(comment) = self.comment() {
                self.push_comment(comment, breaks);
            } else {
                let (kind, length) = self.code(first);
                self.push(kind, length, breaks);
            }
            return true;
        }
        false
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Returns the length of the kept lines that begin here.
    fn kept_length(&mut self) -> Option<usize> {
        let (first, rest) = self.kept.split_first()?;
        if first.start as usize != self.at {
            return None;
        }
        self.kept = rest;
        Some(first.len() as usize)
    }

    /// Returns the comment that begins here.
    fn comment(&mut self) -> Option<Comment> {
        // Comments inside of kept lines were passed.
        let passed = self
            .comments
            .partition_point(|it| (it.span.start as usize) < self.at);
        self.comments = self.comments.get(passed..).unwrap_or_default();
        let first = *self.comments.first()?;
        (first.span.start as usize == self.at).then_some(first)
    }

    fn push_comment(&mut self, comment: Comment, breaks: usize) {
        let kind = if comment.own_line {
            Kind::Comment
        } else {
            Kind::EndComment
        };
        self.tokens.push(Token {
            kind,
            text: comment.span.of(self.text).trim_end(),
            glued: false,
            breaks,
        });
        self.at = comment.span.end as usize;
    }

    fn push(&mut self, kind: Kind, length: usize, breaks: usize) {
        let written = self.text.get(self.at..self.at + length).unwrap_or_default();
        let text = if self.marks.get(&(self.at as u32)) == Some(&Mark::Symbol) {
            words_for(written)
        } else {
            written
        };
        let glued = self.is_glued(kind, text, breaks);
        let mut breaks = breaks;
        // A line may end after `and`, too; it is written before it.
        if let Some(last) = self.tokens.last_mut()
            && last.kind == Kind::Connective
        {
            last.breaks = last.breaks.max(breaks);
            breaks = 0;
        }
        self.tokens.push(Token {
            kind,
            text,
            glued,
            breaks,
        });
        self.at += length;
    }

    fn is_glued(&self, kind: Kind, text: &str, breaks: usize) -> bool {
        let Some(last) = self.tokens.last() else {
            return true;
        };
        let is_joined = breaks == 0
            && self
                .text
                .get(..self.at)
                .is_some_and(|it| it.ends_with(last.text));
        match kind {
            Kind::Comma | Kind::Colon | Kind::CloseGroup => true,
            Kind::OpenGroup if self.is_call() => true,
            _ if last.kind == Kind::OpenGroup || is_currency_symbol(last.text) => true,
            Kind::Word if last.kind == Kind::Number => {
                matches!(text, "%" | "원" | "천원" | "만원" | "억원")
                    || is_joined
                        && matches!(text, "am" | "pm" | "AM" | "PM" | "st" | "nd" | "rd" | "th")
            }
            _ => false,
        }
    }

    /// Tells whether a parenthesis here follows the name of a sequence, to which it belongs.
    fn is_call(&self) -> bool {
        match self.tokens.as_slice() {
            [.., word, name] => {
                matches!(word.text, "run" | "sequence") && !matches!(name.text, "where" | "with")
            }
            _ => false,
        }
    }

    /// Returns what begins here, and its length.
    fn code(&self, first: char) -> (Kind, usize) {
        let kind = match first {
            ',' => Kind::Comma,
            ':' => Kind::Colon,
            '(' => Kind::OpenGroup,
            ')' => Kind::CloseGroup,
            '{' => Kind::OpenBlock,
            '}' => Kind::CloseBlock,
            '"' => return (Kind::Word, text_length(self.rest())),
            '<' | '>' | '=' | '!' | '≤' | '≥' | '≠' => {
                return (Kind::Word, symbol_length(self.rest()));
            }
            _ => return self.number_or_word(first),
        };
        (kind, first.len_utf8())
    }

    fn number_or_word(&self, first: char) -> (Kind, usize) {
        if let Some(length) = numbers::length(self.rest()) {
            return (Kind::Number, length);
        }
        if is_currency_symbol(self.rest().get(..first.len_utf8()).unwrap_or_default())
            || first == '%'
        {
            return (Kind::Word, first.len_utf8());
        }
        let length = self.word_length(first);
        match self.marks.get(&(self.at as u32)) {
            Some(Mark::Connective) => (Kind::Connective, length),
            _ => (Kind::Word, length),
        }
    }

    fn word_length(&self, first: char) -> usize {
        let rest = self.rest();
        let quoted = rest
            .strip_prefix('`')
            .and_then(|inner| inner.find('`'))
            .map(|inner| inner + 2);
        let start = quoted.unwrap_or(first.len_utf8());
        if self.is_ratio(0) {
            return start;
        }
        let word = rest.get(start..).unwrap_or_default();
        let end = word.char_indices().find(|&(at, c)| {
            c.is_whitespace()
                || is_strange_space(c)
                || "(){},:\"`#<>=!≤≥≠$₩€£¥%".contains(c)
                || self.is_ratio(start + at)
        });
        start + end.map_or(word.len(), |(at, _)| at)
    }

    /// Tells whether a `/` so many bytes from here divides two numbers.
    fn is_ratio(&self, ahead: usize) -> bool {
        self.marks.get(&((self.at + ahead) as u32)) == Some(&Mark::Ratio)
    }
}

fn is_currency_symbol(text: &str) -> bool {
    matches!(text, "$" | "₩" | "€" | "£" | "¥")
}

fn line_end(text: &str) -> Option<usize> {
    if text.starts_with("\r\n") {
        Some(2)
    } else {
        text.starts_with(['\n', '\r']).then_some(1)
    }
}

/// Returns the length of a text in quotes.
fn text_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn symbol_length(text: &str) -> usize {
    let two = text.get(..2).unwrap_or_default();
    if matches!(two, "<=" | ">=" | "!=" | "<>" | "=<" | "=>" | "==") {
        return 2;
    }
    text.chars().next().map_or(0, char::len_utf8)
}

/// Returns the words for a symbol between two values.
fn words_for(symbol: &str) -> &str {
    match symbol {
        "<" => "under",
        "<=" => "at most",
        ">" => "over",
        ">=" => "at least",
        "=" => "is",
        "!=" => "is not",
        other => other,
    }
}
