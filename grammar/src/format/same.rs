//! The formatter's check of itself: read again, its text gives the same tree, comments and problems.

use std::fmt::Debug;

use crate::parse;
use crate::tree::Comment;
use crate::{Parse, ProblemKind};

/// Tells whether the canonical text means what the text means. All problems are compared: which guesses are dropped
/// depends on the lines.
pub(super) fn means_the_same(text: &str, read: &Parse, canonical: &str) -> bool {
    let again = parse::read(canonical);
    let declarations = &read.file.declarations;
    declarations.len() == again.file.declarations.len()
        && declarations
            .iter()
            .zip(&again.file.declarations)
            .all(|(one, other)| without_spans(one) == without_spans(other))
        && comments(text, &read.comments).eq(comments(canonical, &again.comments))
        && errors(read).eq(errors(&again))
}

/// What must not change about comments; spaces at their ends may.
fn comments<'a>(
    text: &'a str,
    comments: &'a [Comment],
) -> impl Iterator<Item = (&'a str, bool, bool)> {
    comments
        .iter()
        .map(|it| (it.span.of(text).trim_end(), it.is_doc, it.own_line))
}

fn errors(read: &Parse) -> impl Iterator<Item = &ProblemKind> {
    read.problems
        .iter()
        .map(|problem| &problem.kind)
        .filter(|kind| **kind != ProblemKind::StrangeSpace)
}

/// Returns the debug form of a tree without its spans: no part of a tree can be forgotten in it.
fn without_spans(tree: &impl Debug) -> String {
    const SPAN: &str = "Span { start: ";
    let debug = format!("{tree:?}");
    let mut plain = String::with_capacity(debug.len());
    let mut rest = debug.as_str();
    while let Some(at) = rest.find(['"', 'S']) {
        let (before, found) = rest.split_at(at);
        plain.push_str(before);
        let length = if found.starts_with(SPAN) {
            found.find('}').map_or(found.len(), |end| end + 1)
        } else {
            let length = if found.starts_with('"') {
                quoted(found)
            } else {
                1
            };
            plain.push_str(found.get(..length).unwrap_or_default());
            length
        };
        rest = found.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// Returns the length of a text in quotes: what looks like a span there was written by the author.
fn quoted(debug: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in debug.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    debug.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        means_the_same(one, &parse::read(one), other)
    }

    #[test]
    fn only_spaces_may_differ() {
        assert!(same(
            "segment a { in b } # c",
            "segment a {\n  in b\n} # c\n"
        ));
        assert!(!same("segment a { in b }", "segment a { in c }"));
        assert!(!same("segment a { in b } # c", "segment a { in b }"));
        assert!(!same("# c\nsegment a { in b }", "## c\nsegment a { in b }"));
        assert!(!same("segment a { in b }", "segment a { in b"));
    }

    #[test]
    fn what_looks_like_a_span_in_a_text_is_compared() {
        let text = |inside: &str| format!("segment a {{ b is \"Span {{ start: {inside} }}\" }}");
        assert!(!same(&text("1"), &text("2")));
        assert!(same(&text("1"), &format!("\n{}", text("1"))));
    }
}
