//! Which lines are left byte for byte: the declarations with an error, and the lines that are no declaration.
//! Where a bracket or quote is missing nobody knows where a declaration ends, so the whole chunk around it is left.

use crate::Parse;
use crate::problem::{Problem, Severity};
use crate::scan;
use crate::tree::{Comment, Declaration, Span};

/// Returns spans of whole lines, without the last line end, sorted and apart from each other.
pub(super) fn regions(text: &str, read: &Parse) -> Vec<Span> {
    let mut regions = Vec::new();
    let mut errors: Vec<&Problem> = read
        .problems
        .iter()
        .filter(|problem| problem.kind.severity() == Severity::Error)
        .collect();
    errors.sort_by_key(|error| error.span);
    if !errors.is_empty() {
        let starts = scan::scan(text).chunk_starts;
        // An error may stand at the very end of the text, which belongs to the last chunk.
        let ends = starts
            .iter()
            .skip(1)
            .copied()
            .chain([text.len() as u32 + 1]);
        for (&start, end) in starts.iter().zip(ends) {
            let chunk = Span::new(start, end);
            let errors = within(chunk, &errors, |it| it.span);
            if !errors.is_empty() {
                regions.extend(of_chunk(text, read, chunk, errors));
            }
        }
    }
    merged(text, regions)
}

/// Returns those of the sorted things that begin in a chunk.
fn within<T>(chunk: Span, sorted: &[T], span: impl Fn(&T) -> Span) -> &[T] {
    let start = sorted.partition_point(|it| span(it).start < chunk.start);
    let end = sorted.partition_point(|it| span(it).start < chunk.end);
    sorted.get(start..end).unwrap_or_default()
}

/// Returns what is left of a chunk with errors.
fn of_chunk(text: &str, read: &Parse, chunk: Span, errors: &[&Problem]) -> Vec<Span> {
    let declarations = within(chunk, &read.file.declarations, Declaration::span);
    let lines: Vec<Span> = declarations
        .iter()
        .map(|declaration| whole_lines(text, trimmed(text, declaration.span())))
        .collect();
    let is_homeless = |error: &&Problem| !lines.iter().any(|lines| touches(*lines, error.span));
    let is_unbalanced = |error: &&Problem| error.kind.code() == "J0002";
    let comments = within(chunk, &read.comments, |it| it.span);
    if errors
        .iter()
        .any(|error| is_unbalanced(error) || is_homeless(error))
        || has_more_than(text, chunk, &lines, comments)
    {
        let mut whole = without_comments_around(text, chunk, comments);
        for declaration in declarations {
            // A bracket that was never closed is closed below such comments, which are then inside.
            whole = whole.to(declaration.span());
        }
        return vec![whole_lines(text, trimmed(text, whole))];
    }
    let is_hit = |lines: Span| errors.iter().any(|error| touches(lines, error.span));
    declarations
        .iter()
        .zip(lines)
        .filter(|(it, lines)| matches!(it, Declaration::Unknown(_)) || is_hit(*lines))
        .map(|(_, lines)| lines)
        .collect()
}

/// Tells whether a chunk has anything besides some lines and comments: what follows a declaration on its last line and
/// goes on below is no declaration.
fn has_more_than(text: &str, chunk: Span, lines: &[Span], comments: &[Comment]) -> bool {
    let mut passed: Vec<Span> = lines.to_vec();
    passed.extend(comments.iter().map(|comment| comment.span));
    passed.sort_unstable();
    let mut at = chunk.start;
    for span in passed {
        if !Span::new(at, span.start).of(text).trim().is_empty() {
            return true;
        }
        at = at.max(span.end);
    }
    let rest = Span::new(at, chunk.end.min(text.len() as u32));
    !rest.of(text).trim().is_empty()
}

const fn touches(lines: Span, error: Span) -> bool {
    error.start <= lines.end && error.end >= lines.start
}

/// Takes space and comments that stand on their own lines off both ends: they belong to what is above or below.
fn without_comments_around(text: &str, chunk: Span, comments: &[Comment]) -> Span {
    let mut span = trimmed(
        text,
        Span::new(chunk.start, chunk.end.min(text.len() as u32)),
    );
    for comment in comments.iter().filter(|it| it.own_line) {
        if comment.span.start == span.start {
            span = trimmed(text, Span::new(comment.span.end.min(span.end), span.end));
        }
    }
    for comment in comments.iter().rev().filter(|it| it.own_line) {
        // A comment may end with spaces, which were trimmed off.
        if comment.span.start > span.start
            && comment.span.end >= span.end
            && comment.span.start < span.end
        {
            span = trimmed(text, Span::new(span.start, comment.span.start));
        }
    }
    span
}

fn trimmed(text: &str, span: Span) -> Span {
    let inside = span.of(text);
    let end = span.start + inside.trim_end().len() as u32;
    let start = end - inside.trim_end().trim_start().len() as u32;
    Span::new(start, end)
}

/// Widens a span to whole lines, without the line end of the last.
fn whole_lines(text: &str, span: Span) -> Span {
    let before = Span::new(0, span.start).of(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let after = text.get(span.end as usize..).unwrap_or_default();
    let rest = after.split('\n').next().unwrap_or_default();
    let rest = rest.trim_end_matches('\r');
    Span::new(start as u32, span.end + rest.len() as u32)
}

/// Joins neighbours without a blank line between them, so that nothing comes between them.
fn merged(text: &str, mut regions: Vec<Span>) -> Vec<Span> {
    regions.retain(|region| !region.is_empty());
    regions.sort_unstable();
    let mut apart: Vec<Span> = Vec::with_capacity(regions.len());
    for region in regions {
        match apart.last_mut() {
            Some(last) if follows(text, *last, region) => *last = last.to(region),
            _ => apart.push(region),
        }
    }
    apart
}

fn follows(text: &str, last: Span, next: Span) -> bool {
    let between = Span::new(last.end, next.start).of(text);
    next.start <= last.end || between.trim().is_empty() && between.matches('\n').count() <= 1
}
