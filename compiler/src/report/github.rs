//! The report for GitHub Actions: one workflow command per problem, which becomes a note beside its line.
//!
//! The shape is GitHub's: `::error file=…,line=…::message`, with `%`, line breaks, and in properties `:` and `,`
//! percent-encoded (docs.github.com, "Workflow commands").

use std::fmt::Write;

use super::{Part, Report};
use crate::problem::{Language, Problem, Severity};

pub(super) fn render(report: &Report<'_>, language: Language) -> String {
    let mut out = String::new();
    for (part, problem) in report.problems() {
        // Writing to a `String` never fails.
        let _ = writeln!(out, "{}", command(part, problem, language));
    }
    out
}

fn command(part: &Part<'_>, problem: &Problem, language: Language) -> String {
    let kind = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let (start, end) = part.points(problem.at);
    let title = format!("{} {}", problem.code, problem.name);
    let mut message = problem.message.in_language(language).to_owned();
    if let Some(help) = &problem.help {
        message.push('\n');
        message.push_str(help.in_language(language));
    }
    format!(
        "::{kind} file={},line={},col={},endLine={},endColumn={},title={}::{}",
        property(&part.path(problem.at.file)),
        start.line,
        start.column,
        end.line,
        end.column,
        property(&title),
        data(&message)
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_early_is_encoded() {
        assert_eq!(data("100%\nsure"), "100%25%0Asure");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
