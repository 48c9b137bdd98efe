//! The measure of recovery: delete, double or swap any one token of every accepted case. Nothing panics, one to three
//! problems are reported, and every declaration that was not touched is as it was.

use std::ops::Range;

use journey_grammar::tree::Declaration;
use journey_grammar::{Language, Parse, parse};

use crate::cases::cases;
use crate::walk::{assert_spans_are_sane, without_spans};

const MAX_PROBLEMS: usize = 3;

/// A token of a text: a word, a number, a text in quotes or a sign. Comments are no tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if first == '#' {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' {
            end_of_text(rest)
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() && first != '#' {
            tokens.push(Token {
                start: at,
                end: at + length,
            });
        }
        at += length;
    }
    tokens
}

/// Returns the length of a text with its quotes.
pub(crate) fn end_of_text(rest: &str) -> usize {
    let mut escaped = false;
    for (index, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A declaration with its neighbours, which must not notice what happens to it.
struct Window {
    text: String,
    /// Where the declaration in the middle stands.
    middle: Range<usize>,
    original: Parse,
}

/// Cuts a case into one window for each declaration.
fn windows(text: &str) -> Vec<Window> {
    let declarations = parse(text).file.declarations;
    let starts: Vec<usize> = declarations
        .iter()
        .enumerate()
        .map(|(index, it)| {
            if index == 0 {
                0
            } else {
                it.span().start as usize
            }
        })
        .chain([text.len()])
        .collect();
    (0..declarations.len())
        .map(|index| {
            let first = starts[index.saturating_sub(1)];
            let last = starts[(index + 2).min(declarations.len())];
            let text = text[first..last].to_owned();
            let middle = starts[index] - first..starts[index + 1] - first;
            Window {
                original: parse(&text),
                text,
                middle,
            }
        })
        .collect()
}

/// Checks one changed text. `touched` are the tokens of the original that were changed.
fn check(window: &Window, changed: &str, touched: &[Token]) -> Result<(), String> {
    let read = parse(changed);
    // A change that is still the language is no mistake: two values swapped, an optional word left out.
    if read.problems.is_empty() && format!("{:?}", read.file).contains("Unknown(") {
        return Err("something could not be read, and nothing was said".to_owned());
    }
    if read.problems.len() > MAX_PROBLEMS {
        let messages: Vec<String> = read
            .problems
            .iter()
            .map(|it| it.kind.message(Language::English))
            .collect();
        return Err(format!("{} problems: {messages:#?}", messages.len()));
    }
    for declaration in &window.original.file.declarations {
        let span = declaration.span();
        let is_touched =
            |token: &Token| token.end as u32 >= span.start && token.start as u32 <= span.end;
        if !touched.iter().any(is_touched)
            && !has_the_same(&window.text, declaration, changed, &read)
        {
            return Err(format!(
                "lost {}",
                span.of(&window.text).lines().next().unwrap()
            ));
        }
    }
    if touched[0].start.is_multiple_of(7) {
        assert_spans_are_sane(changed, &read);
    }
    Ok(())
}

/// Tells whether a declaration is in the other text, and was read as the same tree.
fn has_the_same(text: &str, declaration: &Declaration, changed: &str, read: &Parse) -> bool {
    let written = declaration.span().of(text);
    let same = read
        .file
        .declarations
        .iter()
        .find(|it| it.span().of(changed) == written);
    same.is_some_and(|it| without_spans(it) == without_spans(declaration))
}

fn run(what: &str, change: impl Fn(&str, &[Token], usize) -> Option<(String, Vec<Token>)>) {
    let mut failures = Vec::new();
    for (name, window) in cases("accepted")
        .iter()
        .flat_map(|(name, text)| windows(text).into_iter().map(move |it| (name, it)))
    {
        let tokens = tokens(&window.text);
        for (index, token) in tokens
            .iter()
            .enumerate()
            .filter(|(_, it)| window.middle.contains(&it.start))
        {
            let Some((changed, touched)) = change(&window.text, &tokens, index) else {
                continue;
            };
            if let Err(failure) = check(&window, &changed, &touched) {
                let line = window.text[..token.start]
                    .lines()
                    .last()
                    .unwrap_or_default();
                let token = &window.text[token.start..token.end];
                failures.push(format!(
                    "{what} {token:?} of {name} after {line:?}: {failure}"
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn any_token_may_be_missing() {
    run("without", |text, tokens, index| {
        let token = tokens[index];
        Some((
            format!("{}{}", &text[..token.start], &text[token.end..]),
            vec![token],
        ))
    });
}

#[test]
fn any_token_may_stand_twice() {
    run("twice", |text, tokens, index| {
        let token = tokens[index];
        let word = &text[token.start..token.end];
        Some((
            format!("{} {word}{}", &text[..token.end], &text[token.end..]),
            vec![token],
        ))
    });
}

#[test]
fn any_two_neighbours_may_be_swapped() {
    run("swapped", |text, tokens, index| {
        let (token, next) = (tokens[index], *tokens.get(index + 1)?);
        let (left, right) = (&text[token.start..token.end], &text[next.start..next.end]);
        let changed = format!(
            "{}{right}{}{left}{}",
            &text[..token.start],
            &text[token.end..next.start],
            &text[next.end..]
        );
        Some((changed, vec![token, next]))
    });
}
