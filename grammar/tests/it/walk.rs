//! Looks at trees through their debug form, so that no part of the tree can be forgotten.

use journey_grammar::Parse;

/// Fails unless every span lies in the text, on character boundaries, and inside the span of what contains it.
pub(crate) fn assert_spans_are_sane(text: &str, parse: &Parse) {
    let places = parse.problems.iter().flat_map(|problem| {
        let labels = problem.labels.iter().map(|label| label.span);
        labels
            .chain([problem.span])
            .chain(problem.fix.iter().map(|fix| fix.span))
    });
    for span in places {
        assert_is_place(text, span.start, span.end);
    }
    for comment in &parse.comments {
        assert!(comment.span.of(text).starts_with('#'));
    }
    assert_tree_is_nested(text, &format!("{:#?}", parse.file));
}

fn assert_is_place(text: &str, start: u32, end: u32) {
    assert!(
        text.get(start as usize..end as usize).is_some(),
        "{start}..{end} of {text:?}"
    );
}

/// A struct, tuple or list of the debug form that is not yet closed.
#[derive(Default)]
struct Open {
    own: Option<(u32, u32)>,
    below: Vec<(u32, u32)>,
    /// A description stands above its declaration, not inside.
    is_doc: bool,
}

fn assert_tree_is_nested(text: &str, debug: &str) {
    let mut open = vec![Open::default()];
    let mut lines = debug.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line.ends_with("Span {") {
            let number = |line: &str| {
                line.trim()
                    .trim_end_matches(',')
                    .rsplit(' ')
                    .next()
                    .unwrap()
                    .parse::<u32>()
                    .unwrap()
            };
            let span = (number(lines.next().unwrap()), number(lines.next().unwrap()));
            lines.next();
            assert_is_place(text, span.0, span.1);
            let innermost = open.last_mut().unwrap();
            if line.starts_with("span: ") {
                innermost.own = Some(span);
            } else {
                innermost.below.push(span);
            }
        } else if line.ends_with(['{', '(', '[']) {
            open.push(Open {
                is_doc: line.starts_with("doc: "),
                ..Open::default()
            });
        } else if matches!(line.trim_end_matches(','), "}" | ")" | "]") {
            let closed = open.pop().unwrap();
            for (start, end) in closed
                .below
                .iter()
                .copied()
                .filter(|_| closed.own.is_some())
            {
                let (from, to) = closed.own.unwrap();
                assert!(
                    from <= start && end <= to,
                    "{start}..{end} is not inside {from}..{to} of {text:?}"
                );
            }
            if !closed.is_doc {
                open.last_mut()
                    .unwrap()
                    .below
                    .extend(closed.own.map_or(closed.below, |own| vec![own]));
            }
        }
    }
    assert_eq!(open.len(), 1);
}

/// Returns the debug form of a value without its spans, to compare trees whose text has moved.
pub(crate) fn without_spans(value: &impl std::fmt::Debug) -> String {
    let debug = format!("{value:?}");
    let mut plain = String::with_capacity(debug.len());
    let mut rest = debug.as_str();
    while let Some(at) = rest.find("Span { start: ") {
        plain.push_str(&rest[..at]);
        let after = &rest[at..];
        rest = &after[after.find('}').unwrap() + 1..];
    }
    plain.push_str(rest);
    plain
}
