//! Where a cursor stands, told from the text alone, so that it works in the middle of a broken line.
//!
//! Comes in: a text and an offset. Goes out: the blocks around it, each with the words before its brace, and the line
//! up to the cursor.

use journey_grammar::Place;
use journey_grammar::tree::Span;

/// How many blocks inside each other are looked at.
const MOST_BLOCKS: usize = 64;

/// Where a cursor stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cursor<'t> {
    /// The words before each open brace, from the outside in.
    pub(super) blocks: Vec<&'t str>,
    /// The line before the word that is being written.
    pub(super) before: &'t str,
    /// The beginning of that word.
    pub(super) word: &'t str,
    /// Where the word begins.
    pub(super) start: u32,
    /// Whether the cursor is in a comment or a text in quotes.
    pub(super) is_quoted: bool,
}

/// Finds the place of an offset.
pub(super) fn cursor(text: &str, offset: u32) -> Cursor<'_> {
    let all = text.get(..offset as usize).unwrap_or(text);
    let mut blocks: Vec<&str> = Vec::new();
    let mut line = 0;
    let mut groups = 0_usize;
    let mut is_quoted = false;
    for (at, sign) in signs(all) {
        match sign {
            Sign::Open('{') => {
                if blocks.len() < MOST_BLOCKS {
                    blocks.push(all.get(line..at).unwrap_or_default().trim());
                }
                (line, groups) = (at + 1, 0);
            }
            Sign::Close('}') => {
                blocks.pop();
                (line, groups) = (at + 1, 0);
            }
            Sign::Open(_) => groups += 1,
            Sign::Close(_) => groups = groups.saturating_sub(1),
            // A line that goes on: inside parentheses, and before `and` or `or`.
            Sign::Newline if groups == 0 && !goes_on(all, at + 1) => line = at + 1,
            Sign::Newline => {}
            Sign::Unclosed => is_quoted = true,
        }
    }
    let here = all.get(line..).unwrap_or_default();
    let before = here.trim_end_matches(is_word);
    let word = here.get(before.len()..).unwrap_or_default();
    Cursor {
        blocks,
        before: before.trim_start(),
        word,
        start: offset.saturating_sub(word.len() as u32),
        is_quoted,
    }
}

fn is_word(c: char) -> bool {
    c == '_' || unicode_ident::is_xid_continue(c)
}

fn goes_on(text: &str, line: usize) -> bool {
    let rest = text.get(line..).unwrap_or_default().trim_start();
    let first = rest.split(|c| !is_word(c)).next();
    matches!(first, Some("and" | "or"))
}

/// The part of a text that shapes it.
enum Sign {
    Open(char),
    Close(char),
    Newline,
    /// A comment or text in quotes that reaches the end.
    Unclosed,
}

/// The brackets and line ends outside of comments and quotes.
fn signs(text: &str) -> impl Iterator<Item = (usize, Sign)> {
    let mut characters = text.char_indices();
    std::iter::from_fn(move || {
        while let Some((at, character)) = characters.next() {
            let sign = match character {
                '{' | '(' => Sign::Open(character),
                '}' | ')' => Sign::Close(character),
                '\n' => Sign::Newline,
                '"' => match skip_text(&mut characters) {
                    Some('"') => continue,
                    Some(_) => Sign::Newline,
                    None => Sign::Unclosed,
                },
                '#' => match characters.find(|(_, it)| *it == '\n') {
                    Some((at, _)) => return Some((at, Sign::Newline)),
                    None => Sign::Unclosed,
                },
                _ => continue,
            };
            return Some((at, sign));
        }
        None
    })
}

/// Passes over a text in quotes, which ends with its line at the latest; what ended it.
fn skip_text(characters: &mut std::str::CharIndices<'_>) -> Option<char> {
    while let Some((_, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '"' | '\n' => return Some(character),
            _ => {}
        }
    }
    None
}

/// Every pair of brackets, from the opening one to the closing one.
pub(super) fn brackets(text: &str) -> Vec<Span> {
    let mut open: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    for (at, sign) in signs(text) {
        match sign {
            Sign::Open(_) => open.push(at),
            Sign::Close(_) => {
                if let Some(start) = open.pop() {
                    found.push(Span::new(start as u32, at as u32));
                }
            }
            Sign::Newline | Sign::Unclosed => {}
        }
    }
    found
}

impl Cursor<'_> {
    /// The rule of the grammar that lines of this place follow; nothing at the top of a file.
    pub(super) fn place(&self) -> Option<Place> {
        let first = |block: &str| {
            block
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let declaration = first(self.blocks.first()?);
        let inner = self.blocks.last().copied().unwrap_or_default();
        let depth = self.blocks.len();
        Some(match declaration.as_str() {
            "contact" => Place::Contact,
            "event" if depth > 1 => Place::Object,
            "event" => Place::Event,
            "consent" => Place::Consent,
            "segment" => Place::Condition,
            "lifecycle" => Place::Lifecycle,
            "score" => Place::Score,
            "offer" => Place::Offer,
            "policy" => Place::Policy,
            "audience" => Place::Audience,
            "funnel" => Place::Funnel,
            "kpi" => Place::Kpi,
            "test" if depth > 1 => Place::Record,
            "test" => Place::Test,
            "journey" | "sequence" if depth > 1 => match first(inner).as_str() {
                "wait" => Place::RaceArm,
                "choose" => Place::ChooseArm,
                "split" => Place::SplitArm,
                "ask" => Place::AskArm,
                "draw" => Place::DrawArm,
                _ => Place::Step,
            },
            "journey" if is_header(self.before) => Place::Header,
            "journey" | "sequence" => Place::Step,
            _ => return None,
        })
    }
}

/// Whether a line of a journey is one of its header.
fn is_header(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (first, second) = (words.next(), words.next());
    match first {
        Some(
            "enter" | "reenter" | "one" | "goal" | "priority" | "owner" | "on" | "starts" | "ends",
        ) => true,
        Some("exit") => second == Some("when"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_bar(text: &str) -> (String, u32) {
        let offset = text.find('|').unwrap();
        (text.replacen('|', "", 1), offset as u32)
    }

    #[test]
    fn a_line_begins_after_the_last_brace_or_newline() {
        let (text, offset) = at_bar("journey a {\n  if x is 1 { send em|");
        let found = cursor(&text, offset);
        assert_eq!(found.blocks, ["journey a", "if x is 1"]);
        assert_eq!((found.before, found.word), ("send ", "em"));
    }

    #[test]
    fn a_line_goes_on_before_and_inside_parentheses() {
        let (text, offset) = at_bar("segment a {\n  x is 1\n  and in 핫|");
        let found = cursor(&text, offset);
        assert_eq!((found.before, found.word), ("x is 1\n  and in ", "핫"));
    }

    #[test]
    fn braces_in_texts_and_comments_are_no_blocks() {
        let (text, offset) = at_bar("journey a \"{\" { # {\n  wait |");
        assert_eq!(cursor(&text, offset).blocks, ["journey a \"{\""]);
        let (text, offset) = at_bar("journey a { # wait |");
        assert!(cursor(&text, offset).is_quoted);
    }
}
