//! Reports for servers that show tests: JUnit's XML, as Jenkins, GitLab and CircleCI read it.

use std::fmt::Write;

use super::Report;
use crate::problem::{Language, Severity};

/// A group of cases.
pub(crate) struct Suite {
    /// Its name.
    pub(crate) name: String,
    /// Its cases.
    pub(crate) cases: Vec<Case>,
}

/// One fact that was looked at.
pub(crate) struct Case {
    /// Its name.
    pub(crate) name: String,
    /// What it is about: a file, or a journey.
    pub(crate) class: String,
    /// The first line and the whole of what was said, where it failed.
    pub(crate) failure: Option<(String, String)>,
}

/// The problems of a report: a suite per project, a case per problem; a clean project is one case that passed. Notes
/// fail nothing and are left out.
pub(super) fn render(report: &Report<'_>, language: Language) -> String {
    let suites: Vec<Suite> = report
        .parts
        .iter()
        .map(|part| {
            let mut cases: Vec<Case> = part
                .problems
                .iter()
                .filter(|it| it.severity != Severity::Info)
                .map(|problem| {
                    let (start, _) = part.points(problem.at);
                    let path = part.path(problem.at.file);
                    let message = problem.message.in_language(language).to_owned();
                    let mut whole = format!("{path}:{}:{}: {message}", start.line, start.column);
                    if let Some(help) = &problem.help {
                        whole.push('\n');
                        whole.push_str(help.in_language(language));
                    }
                    Case {
                        name: format!("{} {}", problem.code, problem.name),
                        class: path,
                        failure: Some((message, whole)),
                    }
                })
                .collect();
            if cases.is_empty() {
                cases.push(Case {
                    name: "check".to_owned(),
                    class: part.project.name().to_owned(),
                    failure: None,
                });
            }
            Suite {
                name: part.project.name().to_owned(),
                cases,
            }
        })
        .collect();
    xml(&suites)
}

/// The XML of suites.
pub(crate) fn xml(suites: &[Suite]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in suites {
        let failed = suite.cases.iter().filter(|it| it.failure.is_some()).count();
        // Writing to a `String` never fails.
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\">",
            escaped(&suite.name),
            suite.cases.len()
        );
        for case in &suite.cases {
            write_case(&mut out, case);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn write_case(out: &mut String, case: &Case) {
    let head = format!(
        "    <testcase name=\"{}\" classname=\"{}\"",
        escaped(&case.name),
        escaped(&case.class)
    );
    let _ = match &case.failure {
        None => writeln!(out, "{head}/>"),
        Some((message, whole)) => writeln!(
            out,
            "{head}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
            escaped(message),
            escaped(whole)
        ),
    };
}

/// A text inside XML. Characters that XML 1.0 cannot hold become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push('\t'),
            other if other.is_control() || matches!(other, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}');
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_said_stays_xml() {
        let case = |failure| Case {
            name: "a < b & \"c\"".to_owned(),
            class: "장바구니".to_owned(),
            failure,
        };
        let suite = Suite {
            name: "shop".to_owned(),
            cases: vec![
                case(None),
                case(Some(("one\u{1}".to_owned(), "one\ntwo".to_owned()))),
            ],
        };
        insta::assert_snapshot!(xml(&[suite]));
    }
}
