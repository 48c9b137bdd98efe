//! What an editor can fold: declarations, blocks of steps, and comments of several lines.

use lsp_types::{FoldingRange, FoldingRangeKind};

use super::place::brackets;
use super::view::View;

/// The foldable ranges of a file.
pub(super) fn of_file(view: &View<'_>) -> Vec<FoldingRange> {
    let Some(file) = view.project.parsed(view.file) else {
        return Vec::new();
    };
    let range = |start: u32, end: u32, kind| {
        (end > start).then(|| FoldingRange {
            start_line: start,
            end_line: end,
            kind,
            ..FoldingRange::default()
        })
    };
    let line = |offset| view.lines.line(offset);
    let mut found: Vec<FoldingRange> = brackets(view.text)
        .into_iter()
        // The line with the closing bracket stays, so that one sees what ends there.
        .filter_map(|span| range(line(span.start), line(span.end).saturating_sub(1), None))
        .collect();
    let mut block: Option<(u32, u32)> = None;
    for comment in file.comments.iter().filter(|it| it.own_line) {
        let at = line(comment.span.start);
        block = match block {
            Some((start, end)) if end + 1 == at => Some((start, at)),
            earlier => {
                let folded = earlier
                    .and_then(|(start, end)| range(start, end, Some(FoldingRangeKind::Comment)));
                found.extend(folded);
                Some((at, at))
            }
        };
    }
    let last = block.and_then(|(start, end)| range(start, end, Some(FoldingRangeKind::Comment)));
    found.extend(last);
    found.sort_by_key(|it| (it.start_line, it.end_line));
    found
}
