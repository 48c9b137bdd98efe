//! Names in a template: what its holes read, and the settings at its head that name something.

use journey_grammar::tree::Span;
use journey_ir::Channel;

use super::{Occurrence, Target};
use crate::names::{Kind, Names};

/// The names in a template's text.
pub(in crate::lsp) fn of_template(
    text: &str,
    channel: Channel,
    template: &str,
    names: &Names<'_>,
) -> Vec<Occurrence> {
    let mut found = Vec::new();
    let mut add = |start: usize, word: &str, target: Target, defines: bool| {
        let span = Span::new(start as u32, (start + word.len()) as u32);
        found.push(Occurrence {
            span,
            target,
            defines,
        });
    };
    for (start, word) in head(text) {
        match word {
            Head::Need(name) => {
                let target = Target::Need(channel, template.to_owned(), name.to_owned());
                add(start, name, target, true);
            }
            Head::Consent(name) => {
                let target = Target::Named(Kind::Consent, name.to_owned());
                add(start, name, target, false);
            }
        }
    }
    let needs: Vec<String> = needs(text).map(|(_, name)| name.to_owned()).collect();
    for (start, word) in holes(text) {
        let target = if needs.iter().any(|it| it == word) {
            Target::Need(channel, template.to_owned(), word.to_owned())
        } else if names.attribute(word).is_some() {
            Target::Attribute(word.to_owned())
        } else if let Some(declared) = names.get(word) {
            Target::Named(declared.kind, word.to_owned())
        } else {
            continue;
        };
        add(start, word, target, false);
    }
    found
}

/// A setting at the head of a template that names something.
enum Head<'t> {
    Need(&'t str),
    Consent(&'t str),
}

fn head(text: &str) -> impl Iterator<Item = (usize, Head<'_>)> {
    let consent = front(text).and_then(|(start, front)| {
        lines(start, front).find_map(|(at, line)| {
            let value = line.strip_prefix("consent")?.trim_start();
            let value = value.strip_prefix('=')?.trim();
            let word = value.strip_prefix('"')?.split('"').next()?;
            let column = line.find(&format!("\"{word}\""))? + 1;
            Some((at + column, Head::Consent(word)))
        })
    });
    needs(text)
        .map(|(at, name)| (at, Head::Need(name)))
        .chain(consent)
}

/// The keys of `needs = { cart = "text", coupon = "offer" }`, or those below `[needs]`.
fn needs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let (start, front) = front(text).unwrap_or_default();
    let mut in_table = false;
    let mut found = Vec::new();
    for (at, line) in lines(start, front) {
        let trimmed = line.trim();
        if trimmed.starts_with('[') {
            in_table = trimmed == "[needs]";
        } else if in_table {
            found.extend(key(at, line));
        } else if trimmed.starts_with("needs")
            && let Some((before, inside)) = line.split_once('{')
        {
            let mut at = at + before.len() + 1;
            for part in inside.split(',') {
                found.extend(key(at, part));
                at += part.len() + 1;
            }
        }
    }
    found.into_iter()
}

fn key(at: usize, part: &str) -> Option<(usize, &str)> {
    let (name, _) = part.split_once('=')?;
    let word = name.trim().trim_matches('"');
    (!word.is_empty()).then(|| (at + name.find(word).unwrap_or_default(), word))
}

/// The part between the lines `+++`, and its offset.
fn front(text: &str) -> Option<(usize, &str)> {
    let rest = text.strip_prefix("+++")?;
    let end = rest.find("\n+++")?;
    Some((3, rest.get(..end)?))
}

fn lines(start: usize, text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(start, |at, line| {
        let begins = *at;
        *at += line.len();
        Some((begins, line))
    })
}

/// The first name of each hole: `{{ coupon.expires | date }}` gives `coupon`.
fn holes(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices("{{").filter_map(|(at, _)| {
        let rest = text.get(at + 2..)?;
        let word = rest.trim_start_matches([' ', '\t']);
        let start = at + 2 + (rest.len() - word.len());
        let length = word
            .find(|c: char| !(c == '_' || unicode_ident::is_xid_continue(c)))
            .unwrap_or(word.len());
        (length > 0).then_some((start, word.get(..length)?))
    })
}
