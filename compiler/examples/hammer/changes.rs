//! Ways to make a text nearly right: some break it anywhere, some put a word where another of its kind stood.

use journey_grammar::parse;

use crate::chance::Chance;

const WORDS: [&str; 24] = [
    "not",
    "and",
    "or",
    "(",
    ")",
    "{",
    "}",
    ",",
    "\"",
    "원",
    "2 days",
    "0",
    "999999999999999999",
    "otherwise",
    "missing",
    "#",
    "# allow unused: because",
    "\u{3000}",
    "\r\n",
    "`",
    "를",
    "🎁",
    "every",
    "for at least 3 days",
];

/// The words, numbers, texts and signs of a text.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let joins = |it: char| it.is_alphanumeric() || it == '_';
        let end = if first == '"' {
            rest[1..].find('"').map_or(rest.len(), |it| it + 2)
        } else if joins(first) {
            rest.find(|it: char| !joins(it)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(end);
        if !first.is_whitespace() {
            found.push(token);
        }
        rest = after;
    }
    found
}

fn place(text: &str, token: &str) -> (usize, usize) {
    let start = token.as_ptr() as usize - text.as_ptr() as usize;
    (start, start + token.len())
}

fn replaced(text: &str, (start, end): (usize, usize), with: &str) -> String {
    format!("{}{with}{}", &text[..start], &text[end..])
}

/// Breaks a text somewhere: bytes, words, halves.
pub(crate) fn changed(text: &str, other: &str, chance: &mut Chance) -> String {
    let words = tokens(text);
    if words.is_empty() {
        return other.to_owned();
    }
    let one = *chance.of(&words);
    match chance.below(8) {
        0 => {
            let mut bytes = text.as_bytes().to_vec();
            let at = chance.below(bytes.len());
            bytes[at] = chance.below(256) as u8;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        1 => replaced(text, place(text, one), ""),
        2 => replaced(text, place(text, one), &format!("{one} {one}")),
        3 => replaced(text, place(text, one), chance.of::<&str>(&WORDS)),
        4 => {
            let others = tokens(other);
            let with = others.get(chance.below(others.len())).copied();
            replaced(text, place(text, one), with.unwrap_or_default())
        }
        5 => text[..place(text, one).0].to_owned(),
        6 => {
            let half = &text[..place(text, one).0];
            let words = tokens(other);
            let from = words.get(chance.below(words.len()));
            format!(
                "{half}{}",
                from.map_or("", |it| &other[place(other, it).0..])
            )
        }
        _ => exchanged(text, other, chance),
    }
}

/// Puts a word where another of its kind stood, or a line where another stood: often this means something.
pub(crate) fn exchanged(text: &str, other: &str, chance: &mut Chance) -> String {
    if chance.one_in(3) {
        return exchanged_lines(text, other, chance);
    }
    let (words, others) = (tokens(text), tokens(other));
    if words.is_empty() {
        return text.to_owned();
    }
    let one = *chance.of(&words);
    let alike: Vec<&str> = others
        .into_iter()
        .filter(|it| kind(it) == kind(one))
        .collect();
    let with = alike.get(chance.below(alike.len())).copied().unwrap_or(one);
    replaced(text, place(text, one), with)
}

fn exchanged_lines(text: &str, other: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let others: Vec<&str> = other.lines().collect();
    if lines.is_empty() || others.is_empty() {
        return text.to_owned();
    }
    let at = chance.below(lines.len());
    let line = *chance.of(&others);
    match chance.below(4) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, line),
        2 => {
            let with = chance.below(lines.len());
            lines.swap(at, with);
        }
        _ => lines[at] = line,
    }
    lines.join("\n") + "\n"
}

/// What could stand for what.
#[derive(PartialEq)]
enum Kind {
    Number,
    Text,
    Unit,
    Comparison,
    Word,
    Sign,
}

fn kind(token: &str) -> Kind {
    let first = token.chars().next().unwrap_or(' ');
    match token.trim_end_matches('s') {
        _ if first.is_ascii_digit() => Kind::Number,
        _ if first == '"' => Kind::Text,
        "second" | "minute" | "hour" | "day" | "week" | "month" | "year" => Kind::Unit,
        "under" | "over" | "least" | "most" => Kind::Comparison,
        _ if first.is_alphabetic() => Kind::Word,
        _ => Kind::Sign,
    }
}

/// Leaves declarations out, moves them to another file or into another order.
pub(crate) fn recombine(files: &mut [&mut String], chance: &mut Chance) {
    let mut declarations: Vec<String> = Vec::new();
    for text in files.iter_mut() {
        let read = parse(text);
        declarations.extend(
            read.file
                .declarations
                .iter()
                .map(|it| it.span().of(text).to_owned()),
        );
        text.clear();
    }
    for _ in 0..chance.below(3) {
        let at = chance.below(declarations.len());
        if at < declarations.len() {
            declarations.remove(at);
        }
    }
    while !declarations.is_empty() && !files.is_empty() {
        let one = declarations.remove(chance.below(declarations.len()));
        let into = chance.below(files.len());
        files[into].push_str(&one);
        files[into].push('\n');
    }
}
