//! From text to tree: scan, balance, read each chunk through pest, and put the problems in order.
//! Chunks are read one by one, so that what is broken in one declaration cannot reach another.

use std::num::NonZeroUsize;

use pest::Parser as _;

use crate::from_pairs::Reader;
use crate::prepared::{self, Prepared};
use crate::problem::{Problem, ProblemKind};
use crate::tree::{Declaration, File, Span};
use crate::{LineIndex, Parse, repair, scan};

/// The parser that pest makes of `journey.pest`.
#[derive(pest_derive::Parser)]
#[grammar = "journey.pest"]
pub(crate) struct JourneyParser;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;

/// How many problems are kept for one file.
pub const MAX_PROBLEMS: usize = 1_000;

/// How many steps pest may take for one declaration; a journey of 1,000 lines takes about 200,000.
const PARSER_CALL_LIMIT: usize = 100_000_000;

/// Sets the limit on pest's steps, a fuse against texts that would take too long.
///
/// The limit is one for the whole process, so call this once at the start of a program. Without it reading is bounded
/// only by the limits on file size and nesting.
pub fn set_parser_call_limit() {
    pest::set_call_limit(NonZeroUsize::new(PARSER_CALL_LIMIT));
}

/// Reads the text of one `.journey` file.
///
/// ```
/// let parse = journey_grammar::parse("segment buyers { did purchase }");
/// assert!(parse.problems.is_empty());
/// assert_eq!(parse.file.declarations.len(), 1);
/// ```
pub fn parse(text: &str) -> Parse {
    let read = read(text);
    Parse {
        problems: ordered(text, read.problems),
        ..read
    }
}

/// Runs pest alone over the declarations of a text that lie at these places, for benchmarks: what reading costs at least.
/// Returns how many of them pest accepts.
#[doc(hidden)]
#[must_use]
pub fn pest_alone(text: &str, declarations: &[Span]) -> usize {
    declarations
        .iter()
        .filter(|span| JourneyParser::parse(Rule::chunk, span.of(text)).is_ok())
        .count()
}

/// Reads a text and keeps all problems, also the guesses that `ordered` drops.
pub(crate) fn read(text: &str) -> Parse {
    if text.len() > MAX_FILE_BYTES {
        return too_large(text);
    }
    let whole = Span::new(0, text.len() as u32);
    let scan = scan::scan(text);
    let mut blanks: Vec<Span> = scan
        .comments
        .iter()
        .map(|comment| comment.span)
        .chain(scan.spaces)
        .collect();
    blanks.sort_unstable();
    let code = prepared::blank(text, blanks.into_iter());

    let mut problems = scan.problems;
    let mut edits = scan.edits;
    let mut chunks = Vec::with_capacity(scan.chunk_starts.len());
    let mut brackets = scan.brackets.as_slice();
    for (index, &start) in scan.chunk_starts.iter().enumerate() {
        let end = scan
            .chunk_starts
            .get(index + 1)
            .copied()
            .unwrap_or(whole.end);
        let (inside, after) =
            brackets.split_at(brackets.partition_point(|bracket| bracket.at < end));
        brackets = after;
        let repair = repair::balance(&code, start, end, inside);
        problems.extend(repair.problems);
        edits.extend(repair.edits);
        chunks.push((Span::new(start, end), repair.unreadable));
    }
    edits.sort_by_key(|edit| edit.span);
    let prepared = prepared::apply(code, &edits);

    let mut reader = Reader::new(text, &prepared, &scan.comments);
    let mut declarations = Vec::with_capacity(chunks.len());
    for (chunk, unreadable) in chunks {
        if unreadable {
            declarations.push(Declaration::Unknown(chunk));
        } else {
            read_chunk(&mut reader, &prepared, chunk, &mut declarations);
        }
    }
    problems.extend(reader.into_problems());
    Parse {
        file: File {
            declarations,
            span: whole,
        },
        comments: scan.comments,
        problems,
    }
}

fn read_chunk<'a>(
    reader: &mut Reader<'a>,
    prepared: &'a Prepared,
    chunk: Span,
    declarations: &mut Vec<Declaration>,
) {
    let here = Span::new(prepared.here(chunk.start), prepared.here(chunk.end));
    let text = here.of(&prepared.text);
    if text.trim().is_empty() {
        return;
    }
    if let Ok(pairs) = JourneyParser::parse(Rule::chunk, text) {
        reader.declarations(here.start, text, pairs, declarations);
    } else {
        // The rules for strays take anything, so only a limit of pest leads here.
        let start = Span::new(chunk.start, chunk.start);
        reader.problem(ProblemKind::TooComplex, start, None);
        declarations.push(Declaration::Unknown(chunk));
    }
}

fn too_large(text: &str) -> Parse {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let span = Span::new(0, 0);
    let kind = ProblemKind::TooLarge {
        limit: MAX_FILE_BYTES,
    };
    let problem = Problem {
        kind,
        span,
        labels: Vec::new(),
        fix: None,
    };
    let file = File {
        declarations: vec![Declaration::Unknown(Span::new(0, end))],
        span: Span::new(0, end),
    };
    Parse {
        file,
        comments: Vec::new(),
        problems: vec![problem],
    }
}

/// Sorts problems, and drops guesses about a line whose brackets or quotes are known to be wrong.
pub(crate) fn ordered(text: &str, mut problems: Vec<Problem>) -> Vec<Problem> {
    if problems.is_empty() {
        return problems;
    }
    problems.sort_by_key(|problem| (problem.span, is_guess(&problem.kind)));
    let index = LineIndex::new(text);
    let mut broken_lines: Vec<usize> = Vec::new();
    for problem in problems.iter().filter(|it| it.kind.code() == "J0002") {
        broken_lines.extend(problem.fix.as_ref().map(|fix| index.line(fix.span.start)));
        broken_lines.push(index.line(problem.span.start));
    }
    broken_lines.sort_unstable();
    let mut last_guess = None;
    problems.retain(|problem| {
        if !is_guess(&problem.kind) {
            return true;
        }
        let line = index.line(problem.span.start);
        let repeated = last_guess.replace(line) == Some(line);
        !repeated && broken_lines.binary_search(&line).is_err()
    });
    problems.dedup_by(|next, kept| next.kind == kept.kind && next.span == kept.span);
    problems.truncate(MAX_PROBLEMS);
    problems
}

/// Tells whether a problem says only where reading stopped; more than one of these on a line is noise.
const fn is_guess(kind: &ProblemKind) -> bool {
    matches!(
        kind,
        ProblemKind::Unexpected { .. }
            | ProblemKind::Unfinished { .. }
            | ProblemKind::UnknownLine { .. }
            | ProblemKind::MissingBlock
            | ProblemKind::MissingName { .. }
    )
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::{Mutex, PoisonError};

    use super::parse;
    use crate::problem::ProblemKind;

    /// Pest's limit is one for the whole process, and tests run side by side: whoever counts holds this. No other
    /// unit test of this binary runs pest.
    static COUNTING: Mutex<()> = Mutex::new(());

    /// Counts pest's steps by looking for the least limit that does not stop it.
    fn steps(text: &str) -> usize {
        let _alone = COUNTING.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut low, mut high) = (0, 1 << 24);
        while low + 1 < high {
            let middle = usize::midpoint(low, high);
            pest::set_call_limit(NonZeroUsize::new(middle));
            let stopped = parse(text)
                .problems
                .iter()
                .any(|it| it.kind == ProblemKind::TooComplex);
            if stopped { low = middle } else { high = middle }
        }
        pest::set_call_limit(None);
        high
    }

    #[test]
    fn twice_the_text_takes_twice_the_steps() {
        let sound = "if a is 1 and (b is 2 or did c) { wait up to 3 days { on d { exit } on timeout { exit } } }\n";
        let broken = "if a is 1 and { wait up to 3 dyas { on x y { choose by z w { v { send emial } } } } } }\n";
        let answered = "ask sms a for b up to 1 day { on answer { every 2nd time { draw c { 1% d { exit } otherwise { exit } } } } on timeout { exit } }\n";
        let unanswered = "ask sms a up to 1 dya { on anwser { every 2 time { draw { 1% { send emial } else { } } } } }\n";
        let items = "if any a where (b is 1 and no c where (d is 2)) and number of e where (f is 3) over 4 { exit }\n";
        for line in [sound, broken, answered, unanswered, items] {
            let once = steps(&format!("journey a {{\n{}}}\n", line.repeat(10)));
            let twice = steps(&format!("journey a {{\n{}}}\n", line.repeat(20)));
            assert!(
                twice * 10 <= once * 21,
                "{once} and {twice} steps for {line}"
            );
        }
    }

    #[test]
    fn twice_the_depth_takes_twice_the_steps() {
        for (open, close) in [
            ("if (a is 1) { ", "}"),
            ("if a is and { ", "}"),
            ("nonsense { ", "}"),
            ("every 2nd time { ", "}"),
            ("draw a { 1% b { ", "} otherwise { } }"),
            (
                "ask sms a for b up to 1 day { on answer { ",
                "} on timeout { } }",
            ),
            ("ask sms a { on x { draw { 1 { every { ", "} } } } }"),
        ] {
            let nested = |depth: usize| {
                format!(
                    "journey a {{ {}{} }}\n",
                    open.repeat(depth),
                    close.repeat(depth)
                )
            };
            let (once, twice) = (steps(&nested(15)), steps(&nested(30)));
            assert!(twice <= once * 3, "{once} and {twice} steps for {open}");
        }
        let nested = |depth: usize| {
            format!(
                "segment a {{ {}in b{} }}\n",
                "not (".repeat(depth),
                ")".repeat(depth)
            )
        };
        let (once, twice) = (steps(&nested(15)), steps(&nested(30)));
        assert!(
            twice <= once * 3,
            "{once} and {twice} steps for parentheses"
        );
        for (open, last) in [
            ("any a where (", "b is 1"),
            ("number of a where (", "b is 1"),
            ("any a where (", "b is"),
            ("number of a where (", "b is"),
        ] {
            let nested = |depth: usize| {
                let (open, close) = (open.repeat(depth), ") over 1".repeat(depth));
                format!("segment a {{ {open}{last}{close} }}\n")
            };
            let (once, twice) = (steps(&nested(15)), steps(&nested(30)));
            assert!(
                twice <= once * 3,
                "{once} and {twice} steps for {open}{last}"
            );
        }
    }
}
