//! The verdicts in words: one line per test, and for those that failed what was expected where, what was so instead,
//! and everything that happened to each person.

use std::fmt::Write;

use jiff::tz::TimeZone;
use journey_ir::Instant;

use super::runner::{Entry, Failure, Person, Verdict};
use super::script::Script;
use crate::problem::{Language, Text};
use crate::project::LoadedProject;
use crate::report::Look;

/// How many lines of a person's timeline are shown, the newest.
const MOST_SHOWN: usize = 60;

/// What all tests came to.
#[derive(Debug, Default)]
pub struct TestReport {
    out: String,
    passed: usize,
    failed: usize,
}

impl TestReport {
    /// Adds the tests of a project.
    pub fn add(
        &mut self,
        project: &LoadedProject,
        zone: &str,
        tests: &[(Script, Verdict)],
        look: Look,
    ) {
        let mut file = None;
        for (script, verdict) in tests {
            if file.replace(script.at.file) != Some(script.at.file) {
                let path = project.sources().path(script.at.file);
                self.line(0, &format!("{}{path}", project.prefix()));
            }
            if verdict.failures.is_empty() {
                self.passed += 1;
                self.line(
                    1,
                    &format!("{} {}", coloured("✓", "32", look), script.title),
                );
                continue;
            }
            self.failed += 1;
            self.line(
                1,
                &format!("{} {}", coloured("✗", "31", look), script.title),
            );
            for failure in &verdict.failures {
                self.failure(project, zone, failure, look.language);
            }
            for person in &verdict.people {
                self.timeline(zone, person, look.language);
            }
            self.out.push('\n');
        }
    }

    /// The text, with a line that counts the tests at its end.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let (passed, failed) = (self.passed, self.failed);
        let counted = match (passed, failed) {
            (0, 0) => Text::new("there are no tests", "테스트가 없습니다"),
            (_, 0) => Text::new(format!("{passed} passed"), format!("{passed}개 통과")),
            _ => Text::new(
                format!("{passed} passed, {failed} failed"),
                format!("{passed}개 통과, {failed}개 실패"),
            ),
        };
        format!("{}{}\n", self.out, counted.in_language(language))
    }

    /// How many tests were run.
    pub const fn count(&self) -> usize {
        self.passed + self.failed
    }

    /// Whether any test failed.
    pub const fn has_failed(&self) -> bool {
        self.failed > 0
    }

    fn failure(
        &mut self,
        project: &LoadedProject,
        zone: &str,
        failure: &Failure,
        language: Language,
    ) {
        let sources = project.sources();
        let file = failure.at.file;
        let line = sources
            .get(file)
            .map_or(0, |it| it.position(failure.at.span.start).line);
        let place = format!("{}{}:{line}", project.prefix(), sources.path(file));
        let expected = failure.at.span.of(sources.text(file)).trim();
        let now = local(failure.now, zone);
        let instead = failure.instead.in_language(language);
        self.line(3, &place);
        self.line(3, expected);
        self.line(
            3,
            &match language {
                Language::English => format!("but on {now}: {instead}"),
                Language::Korean => format!("그러나 {now}에: {instead}"),
            },
        );
        self.out.push('\n');
    }

    fn timeline(&mut self, zone: &str, person: &Person, language: Language) {
        self.line(3, &person.name);
        let timezone = zone_named(zone);
        let earlier = person.timeline.len().saturating_sub(MOST_SHOWN);
        if earlier > 0 {
            let left_out = Text::new(
                format!("… {earlier} earlier lines"),
                format!("… 앞의 {earlier}줄 생략"),
            );
            self.line(4, left_out.in_language(language));
        }
        for entry in person.timeline.iter().skip(earlier) {
            let (at, what) = match entry {
                Entry::Happened(it) => (it.at, it.what.sentence_in(&timezone)),
                Entry::Repeated { at, event } => {
                    (*at, format!("{event} is a repeat and was dropped"))
                }
            };
            self.line(4, &format!("{}  {what}", local(at, zone)));
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a `String` never fails.
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(depth));
    }
}

fn coloured(mark: &str, colour: &str, look: Look) -> String {
    if look.colours {
        format!("\u{1b}[{colour}m{mark}\u{1b}[0m")
    } else {
        mark.to_owned()
    }
}

fn zone_named(zone: &str) -> TimeZone {
    TimeZone::get(zone).unwrap_or(TimeZone::UTC)
}

/// `2026-03-02 14:10`, as clocks in a zone show it.
pub(super) fn local(at: Instant, zone: &str) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(
        |_| "?".to_owned(),
        |at| {
            let zoned = at.to_zoned(zone_named(zone));
            zoned.strftime("%Y-%m-%d %H:%M").to_string()
        },
    )
}
