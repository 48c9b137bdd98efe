//! The project that benchmarks are run on is a sound one.

use std::num::NonZeroUsize;

use journeyc::{LoadedProject, TestReport, compile, run_tests};

#[path = "../../benches/corpus.rs"]
mod corpus;

#[test]
fn the_corpus_has_no_problem_and_its_tests_pass() {
    let files = corpus::project(30);
    let texts = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let project = LoadedProject::from_texts(texts);
    let compilation = compile(&project);
    let said: Vec<_> = compilation.problems.iter().collect();
    assert!(said.is_empty(), "{:#?}", said.first());
    let journeys = files
        .iter()
        .filter(|(path, _)| path.starts_with("journeys/"));
    let lines: usize = journeys.map(|(_, text)| text.lines().count()).sum();
    assert!(
        (90..110).contains(&(lines / 30)),
        "{} lines for each",
        lines / 30
    );
    let program = compilation.program.as_ref().unwrap();
    let run = run_tests(&compilation, "", NonZeroUsize::MIN).unwrap();
    let mut report = TestReport::default();
    report.add(&project, &program.project, run);
    assert_eq!((report.count(), report.failed()), (60, 0));
}
