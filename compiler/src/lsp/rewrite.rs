//! Formatting: the formatter's answer as the smallest edit of whole lines.

use lsp_types::{Range, TextEdit};

use super::position::{Encoding, Lines};
use super::view::View;

/// The edits that lay a file out canonically; none where it is, or where it cannot be read.
pub(super) fn whole(view: &View<'_>) -> Vec<TextEdit> {
    if view.project.parsed(view.file).is_none() {
        return Vec::new();
    }
    let formatted = journey_grammar::format(view.text);
    edit(view.text, &formatted.text, view.workspace.encoding)
        .into_iter()
        .collect()
}

/// The same for the declarations that a range touches.
pub(super) fn part(view: &View<'_>, range: Range) -> Vec<TextEdit> {
    let Some(file) = view.project.parsed(view.file) else {
        return Vec::new();
    };
    let asked = view.lines.span(range);
    let touched = file
        .tree
        .declarations
        .iter()
        .map(journey_grammar::tree::Declaration::span)
        .filter(|it| it.start <= asked.end && asked.start <= it.end);
    touched
        .filter_map(|span| {
            let text = span.of(view.text);
            let formatted = journey_grammar::format(text);
            let canonical = formatted.text.trim_end_matches('\n');
            (canonical != text && !formatted.has_errors())
                .then(|| TextEdit::new(view.lines.range(span), canonical.to_owned()))
        })
        .collect()
}

/// The one edit of whole lines that makes `old` into `new`.
fn edit(old: &str, new: &str, encoding: Encoding) -> Option<TextEdit> {
    if old == new {
        return None;
    }
    let same = |a: &(&str, &str)| a.0 == a.1;
    let (before, after) = (old.split_inclusive('\n'), new.split_inclusive('\n'));
    let start: usize = before
        .zip(after)
        .take_while(same)
        .map(|(line, _)| line.len())
        .sum();
    let (old_rest, new_rest) = (old.get(start..)?, new.get(start..)?);
    let end: usize = old_rest
        .split_inclusive('\n')
        .rev()
        .zip(new_rest.split_inclusive('\n').rev())
        .take_while(same)
        .map(|(line, _)| line.len())
        .sum();
    let range = Lines::new(old, encoding).range(journey_grammar::tree::Span::new(
        start as u32,
        (old.len() - end) as u32,
    ));
    let replacement = new_rest.get(..new_rest.len() - end)?;
    Some(TextEdit::new(range, replacement.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_that_change_are_replaced() {
        let found = edit("a\nb \nc\n", "a\nb\nc\n", Encoding::Utf16).unwrap();
        assert_eq!((found.range.start.line, found.range.end.line), (1, 2));
        assert_eq!(found.new_text, "b\n");
    }

    #[test]
    fn the_same_text_needs_no_edit() {
        assert_eq!(edit("a\n", "a\n", Encoding::Utf16), None);
    }
}
