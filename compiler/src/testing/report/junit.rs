//! Verdicts for servers that show tests: a suite per project, a case per test.

use super::{Part, TestReport, local};
use crate::problem::Language;
use crate::report::junit::{Case, Suite, xml};
use crate::testing::runner::Failure;

pub(super) fn render(report: &TestReport<'_>, language: Language) -> String {
    let suites: Vec<Suite> = report
        .parts
        .iter()
        .map(|part| Suite {
            name: part.name.clone(),
            cases: cases(part, language),
        })
        .collect();
    xml(&suites)
}

fn cases(part: &Part<'_>, language: Language) -> Vec<Case> {
    let case = |(script, verdict): &(crate::Script, crate::Verdict)| Case {
        name: script.title.clone(),
        class: script.journey.clone().unwrap_or_else(|| part.name.clone()),
        failure: verdict.failures.first().map(|first| {
            let all: Vec<String> = verdict
                .failures
                .iter()
                .map(|failure| said(part, failure, language))
                .collect();
            (part.words(first.at).to_owned(), all.join("\n"))
        }),
    };
    part.run.verdicts.iter().map(case).collect()
}

fn said(part: &Part<'_>, failure: &Failure, language: Language) -> String {
    format!(
        "{}: {} ({}): {}",
        part.place(failure.at),
        part.words(failure.at),
        local(failure.now, &part.zone),
        failure.instead.in_language(language)
    )
}
