//! The measure of recovery: delete, double or swap any one token of every accepted case. Nothing panics, one to three
//! problems are reported, and every declaration that was not touched is as it was.

use journey_grammar::tree::Declaration;
use journey_grammar::{Parse, parse};

use crate::cases::cases;
use crate::walk::{assert_spans_are_sane, without_spans};

const MAX_PROBLEMS: usize = 3;

/// A token of a text: a word, a number, a text in quotes or a sign. Comments are no tokens.
#[derive(Debug, Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
}

fn tokens(text: &str) -> Vec<Token> {
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
fn end_of_text(rest: &str) -> usize {
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

/// Checks one changed text. `touched` is where the change was made in the original.
fn check(name: &str, original: &Parse, changed: &str, touched: &[Token]) -> Result<(), String> {
    let read = parse(changed);
    assert_spans_are_sane(changed, &read);
    // A change that is still the language is no mistake: two values swapped, an optional word left out.
    if read.problems.len() > MAX_PROBLEMS {
        let messages: Vec<String> = read
            .problems
            .iter()
            .map(|it| it.kind.message(Default::default()))
            .collect();
        return Err(format!(
            "{name}: {} problems: {messages:#?}",
            read.problems.len()
        ));
    }
    if read.problems.is_empty() && format!("{:?}", read.file).contains("Unknown(") {
        return Err(format!(
            "{name}: something could not be read, and nothing was said"
        ));
    }
    let present: Vec<String> = read.file.declarations.iter().map(without_spans).collect();
    for declaration in &original.file.declarations {
        let span = declaration.span();
        let doc_start = span.start;
        let is_touched = touched
            .iter()
            .any(|token| token.end as u32 >= doc_start && token.start as u32 <= span.end);
        if !is_touched && !present.contains(&without_spans(declaration)) {
            return Err(format!("{name}: lost {}", name_of(declaration)));
        }
    }
    Ok(())
}

fn name_of(declaration: &Declaration) -> String {
    declaration.name().map_or_else(
        || format!("{:?}", declaration.span()),
        |name| name.text.clone(),
    )
}

/// Splits a case into texts of up to three declarations, so that each has its neighbours, and a case stays small.
fn windows(text: &str) -> Vec<String> {
    let declarations = parse(text).file.declarations;
    let starts: Vec<usize> = declarations
        .iter()
        .enumerate()
        .map(|(index, declaration)| {
            if index == 0 {
                0
            } else {
                declaration.span().start as usize
            }
        })
        .chain([text.len()])
        .collect();
    (0..declarations.len())
        .step_by(2)
        .map(|index| text[starts[index]..starts[(index + 3).min(declarations.len())]].to_owned())
        .collect()
}

fn run(what: &str, change: impl Fn(&str, &[Token], usize) -> Option<(String, Vec<Token>)>) {
    let mut failures = Vec::new();
    for (name, text) in cases("accepted")
        .iter()
        .flat_map(|(name, text)| windows(text).into_iter().map(move |it| (name, it)))
    {
        let original = parse(&text);
        let tokens = tokens(&text);
        for index in 0..tokens.len() {
            let Some((changed, touched)) = change(&text, &tokens, index) else {
                continue;
            };
            if let Err(failure) = check(name, &original, &changed, &touched) {
                let token = tokens[index];
                let line = text[..token.start].lines().last().unwrap_or_default();
                failures.push(format!(
                    "{what} {:?} after {line:?}: {failure}",
                    &text[token.start..token.end]
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
