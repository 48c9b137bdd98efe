//! One pass over the characters of a file: comments, quotes, brackets and the beginnings of declarations.
//! What people's keyboards and chat programs put in (typographic quotes, full-width signs, strange spaces)
//! is noted here together with the edit that makes it readable, so that the grammar never meets it.

use crate::parse::MAX_PROBLEMS;
use crate::problem::{Edit, Problem, ProblemKind};
use crate::tree::{Comment, Span};

/// The words that begin a declaration.
pub(crate) const DECLARATION_WORDS: [&str; 15] = [
    "contact",
    "event",
    "consent",
    "policy",
    "offer",
    "segment",
    "lifecycle",
    "score",
    "funnel",
    "kpi",
    "audience",
    "sequence",
    "journey",
    "moved",
    "test",
];

/// What one pass over the text found, in written order.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) comments: Vec<Comment>,
    /// Strange spaces, read as spaces.
    pub(crate) spaces: Vec<Span>,
    pub(crate) brackets: Vec<Bracket>,
    /// Offsets at which a chunk of the file begins: the first is 0, the others are declarations in the first column.
    pub(crate) chunk_starts: Vec<u32>,
    /// Edits that the grammar needs; they do not overlap.
    pub(crate) edits: Vec<Edit>,
    pub(crate) problems: Vec<Problem>,
}

/// A bracket outside of texts and comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bracket {
    pub(crate) at: u32,
    /// One of `{`, `}`, `(` and `)`, also when its full-width form is written.
    pub(crate) sign: u8,
}

/// Reads the characters of a file.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line_start: 0,
        line_end: 0,
        scan: Scan::default(),
    };
    scanner.scan.chunk_starts.push(0);
    scanner.run();
    scanner.scan
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line_start: usize,
    /// Just after the last character of the line, before its newline.
    line_end: usize,
    scan: Scan,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        self.begin_line();
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.begin_line();
                }
                b'#' => self.comment(),
                b'"' => self.quoted_text(),
                b'\'' => self.foreign_quotes(1),
                b'`' => self.quoted_name(),
                b'{' | b'}' | b'(' | b')' => {
                    self.bracket(byte);
                    self.at += 1;
                }
                0x80.. => self.beyond_ascii(),
                _ => self.at += 1,
            }
        }
    }

    fn begin_line(&mut self) {
        self.line_start = self.at;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        self.line_end = self.at + line.strip_suffix('\r').unwrap_or(line).len();
        let first = self.bytes.get(self.at).copied().unwrap_or(b' ');
        if first.is_ascii_lowercase() && self.at > 0 && begins_declaration(self.rest_of_line()) {
            self.scan.chunk_starts.push(self.at as u32);
        }
    }

    /// Returns the rest of the line without its newline.
    fn rest_of_line(&self) -> &'a str {
        self.text.get(self.at..self.line_end).unwrap_or_default()
    }

    fn comment(&mut self) {
        let rest = self.rest_of_line();
        let before = self.text.get(self.line_start..self.at).unwrap_or_default();
        let span = span(self.at, self.at + rest.len());
        let is_doc = rest.starts_with("##");
        self.scan.comments.push(Comment {
            span,
            is_doc,
            own_line: before.trim_start_matches('\u{FEFF}').trim().is_empty(),
        });
        self.at += rest.len();
    }

    fn bracket(&mut self, sign: u8) {
        self.scan.brackets.push(Bracket {
            at: self.at as u32,
            sign,
        });
    }

    fn quoted_text(&mut self) {
        let rest = self.rest_of_line().as_bytes();
        let mut escaped = false;
        for (index, &byte) in rest.iter().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.at += index + 1;
                    return;
                }
                _ => {}
            }
        }
        self.close_text(1);
    }

    /// Closes a text that its line does not close, before the brackets and commas at the end of the line.
    fn close_text(&mut self, opening: usize) {
        let rest = self.rest_of_line();
        let kept = rest
            .trim_end_matches([' ', '\t', ',', ';', ')', '{', '}'])
            .len()
            .max(opening);
        // A backslash at the very end would take the added quote as its own.
        let escapes = rest
            .as_bytes()
            .iter()
            .take(kept)
            .rev()
            .take_while(|&&byte| byte == b'\\')
            .count();
        let quote = span(self.at, self.at + opening);
        let end = self.at + kept;
        let replacement = if escapes % 2 == 1 { "\\\"" } else { "\"" };
        let edit = Edit {
            span: span(end, end),
            replacement: replacement.to_owned(),
        };
        self.problem(ProblemKind::UnclosedText, quote, Some(edit.clone()));
        self.scan.edits.push(edit);
        self.at = end;
    }

    /// Reads `'…'`, `“…”` and `‘…’` as if they were written with `"`.
    fn foreign_quotes(&mut self, opening: usize) {
        let rest = self.rest_of_line();
        let inner = rest.get(opening..).unwrap_or_default();
        let start = self.at;
        let edit_open = Edit {
            span: span(start, start + opening),
            replacement: "\"".to_owned(),
        };
        let closes = |c: char| {
            if rest.starts_with('\'') {
                c == '\'' || c == '’'
            } else {
                c != '\'' && is_quote(c)
            }
        };
        let Some((length, closing)) = inner.char_indices().find(|&(_, c)| closes(c)) else {
            self.scan.edits.push(edit_open);
            self.close_text(opening);
            return;
        };
        let content = inner.get(..length).unwrap_or_default();
        let end = start + opening + length + closing.len_utf8();
        let kind = ProblemKind::ForeignQuotes {
            found: rest.get(..opening).unwrap_or_default().to_owned(),
        };
        let whole = span(start, end);
        self.problem(
            kind,
            whole,
            Some(Edit {
                span: whole,
                replacement: format!("\"{content}\""),
            }),
        );
        self.scan.edits.push(edit_open);
        self.scan.edits.push(Edit {
            span: span(start + opening + length, end),
            replacement: "\"".to_owned(),
        });
        self.at = end;
    }

    fn quoted_name(&mut self) {
        let inner = self.rest_of_line().get(1..).unwrap_or_default();
        self.at += inner
            .find('`')
            .map_or(1, |length| if length == 0 { 1 } else { length + 2 });
    }

    fn beyond_ascii(&mut self) {
        let Some(character) = self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        else {
            self.at += 1;
            return;
        };
        let here = span(self.at, self.at + character.len_utf8());
        if is_strange_space(character) {
            return self.strange_space();
        }
        if is_quote(character) {
            return self.foreign_quotes(character.len_utf8());
        }
        if let Some(plain) = plain_sign(character) {
            if matches!(plain, '{' | '}' | '(' | ')') {
                self.bracket(plain as u8);
            }
            let edit = Edit {
                span: here,
                replacement: plain.to_string(),
            };
            let kind = ProblemKind::FullWidthSign {
                found: character.to_string(),
                plain: plain.to_string(),
            };
            // These signs are not needed in either form, which the grammar reports.
            if !matches!(plain, ';' | '.') {
                self.problem(kind, here, Some(edit.clone()));
            }
            self.scan.edits.push(edit);
        }
        self.at = here.end as usize;
    }

    /// Takes a run of strange spaces; the mark that some editors put at the very start of a file is no problem.
    fn strange_space(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.len() - rest.trim_start_matches(is_strange_space).len();
        let here = span(self.at, self.at + length);
        if !(self.at == 0 && length == '\u{FEFF}'.len_utf8()) {
            self.problem(
                ProblemKind::StrangeSpace,
                here,
                Some(Edit {
                    span: here,
                    replacement: " ".to_owned(),
                }),
            );
        }
        self.scan.spaces.push(here);
        self.at += length;
    }

    fn problem(&mut self, kind: ProblemKind, span: Span, fix: Option<Edit>) {
        if self.scan.problems.len() >= MAX_PROBLEMS {
            return;
        }
        self.scan.problems.push(Problem {
            kind,
            span,
            labels: Vec::new(),
            fix,
        });
    }
}

const fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}

/// Tells whether a line that starts in the first column begins a declaration, and is not `event: text` or a stage.
fn begins_declaration(line: &str) -> bool {
    let word_end = line
        .find(|c: char| !c.is_ascii_lowercase())
        .unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(word_end).unwrap_or_default();
    if !DECLARATION_WORDS.contains(&word) {
        return false;
    }
    let after = rest.trim_start();
    let is_name = rest.starts_with([' ', '\t', '{', '"'])
        || rest.is_empty()
        || !rest.is_ascii() && after != rest;
    is_name
        && !after.starts_with([':', ','])
        && !after.starts_with("when ")
        && !after.starts_with("otherwise")
}

const fn is_quote(character: char) -> bool {
    matches!(
        character,
        '"' | '\'' | '\u{2018}'..='\u{201F}' | '＂' | '＇' | '«' | '»'
    )
}

/// Tells whether a character is read as a space though it is none of the ordinary ones.
pub(crate) const fn is_strange_space(character: char) -> bool {
    matches!(
        character,
        '\u{A0}' | '\u{3000}' | '\u{FEFF}' | '\u{2000}'
            ..='\u{200D}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202F}'
                | '\u{205F}'
                | '\u{2060}'
                | '\u{3164}'
    )
}

/// Returns the sign that a full-width or typographic sign stands for.
const fn plain_sign(character: char) -> Option<char> {
    Some(match character {
        '（' => '(',
        '）' => ')',
        '｛' => '{',
        '｝' => '}',
        '，' | '、' => ',',
        '：' => ':',
        '；' => ';',
        '．' | '。' => '.',
        '＝' => '=',
        '＜' => '<',
        '＞' => '>',
        '％' => '%',
        '＋' => '+',
        '－' | '–' | '—' | '−' => '-',
        '／' => '/',
        '＄' => '$',
        '￦' => '₩',
        '￥' => '¥',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_inside_a_text_is_no_comment() {
        let scan = scan("do slack.post with (channel: \"#sales\") # 채널\n");
        assert_eq!(scan.comments.len(), 1);
        assert_eq!(scan.brackets.len(), 2);
    }

    #[test]
    fn a_field_named_like_a_declaration_begins_no_chunk() {
        let scan = scan("contact {\nevent: text\n}\nevent visit { page: text }\n");
        assert_eq!(scan.chunk_starts, [0, 24]);
    }

    #[test]
    fn an_unclosed_text_ends_before_the_brace_of_its_line() {
        let scan = scan("journey a \"구출 {\n}\n");
        assert_eq!(scan.edits.first().map(|edit| edit.span.start), Some(17));
        assert_eq!(scan.brackets.len(), 2);
    }
}
