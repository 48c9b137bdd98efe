//! Problems of the grammar as problems of a project: the file is added, the words stay the grammar's.

use journey_grammar as grammar;

use crate::codes;
use crate::problem::{Edit, Location, Problem, Severity, Text};
use crate::sources::FileId;

/// A problem of one file's text.
pub(crate) fn problem(file: FileId, found: grammar::Problem) -> Problem {
    let grammar::Problem {
        kind,
        span,
        labels,
        fix,
    } = found;
    let both = |say: &dyn Fn(grammar::Language) -> String| {
        Text::new(
            say(grammar::Language::English),
            say(grammar::Language::Korean),
        )
    };
    let help = kind
        .help(grammar::Language::English)
        .zip(kind.help(grammar::Language::Korean));
    Problem {
        code: kind.code(),
        name: kind.name(),
        severity: match kind.severity() {
            grammar::Severity::Error => Severity::Error,
            grammar::Severity::Warning => Severity::Warning,
        },
        at: Location::new(file, span),
        label: Text::new("", ""),
        others: labels
            .into_iter()
            .map(|label| {
                let words = Text::new(label.english, label.korean);
                (Location::new(file, label.span), words)
            })
            .collect(),
        message: both(&|language| kind.message(language)),
        help: help.map(|(en, ko)| Text::new(en, ko)),
        fix: fix.map(|edit| Edit {
            at: Location::new(file, edit.span),
            replacement: edit.replacement,
            // A space or a unit can be nothing else; a keyword or a brace may have been meant for another place.
            is_certain: [codes::STRANGE_SPACE.code, codes::UNKNOWN_UNIT.code]
                .contains(&kind.code()),
        }),
    }
}
