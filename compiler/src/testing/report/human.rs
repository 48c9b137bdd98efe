//! Verdicts for eyes: one line per test, and for those that failed what was expected where, what was so instead, and
//! everything that happened to each person.

use std::fmt::Write;

use super::{Part, TestReport, local, zone_named};
use crate::problem::{Language, Text};
use crate::report::Look;
use crate::testing::coverage::Way;
use crate::testing::runner::{Entry, Failure, Person};

/// How many lines of a person's timeline are shown, the newest.
const MOST_SHOWN: usize = 60;

pub(super) fn render(report: &TestReport<'_>, look: Look, coverage: bool) -> String {
    let mut page = Page {
        out: String::new(),
        look,
    };
    for part in &report.parts {
        page.tests(part);
    }
    if coverage {
        for part in &report.parts {
            page.coverage(part);
        }
    }
    let counted = counted(report);
    page.line(0, counted.in_language(look.language));
    page.out
}

fn counted(report: &TestReport<'_>) -> Text {
    let (passed, failed) = (report.count() - report.failed(), report.failed());
    match (passed, failed) {
        (0, 0) => Text::new("there are no tests", "테스트가 없습니다"),
        (_, 0) => Text::new(format!("{passed} passed"), format!("{passed}개 통과")),
        _ => Text::new(
            format!("{passed} passed, {failed} failed"),
            format!("{passed}개 통과, {failed}개 실패"),
        ),
    }
}

struct Page {
    out: String,
    look: Look,
}

impl Page {
    fn tests(&mut self, part: &Part<'_>) {
        let mut file = None;
        for (script, verdict) in &part.run.verdicts {
            if file.replace(script.at.file) != Some(script.at.file) {
                let path = part.project.sources().path(script.at.file);
                self.line(0, &format!("{}{path}", part.project.prefix()));
            }
            if verdict.failures.is_empty() {
                let mark = coloured("✓", "32", self.look);
                self.line(1, &format!("{mark} {}", script.title));
                continue;
            }
            let mark = coloured("✗", "31", self.look);
            self.line(1, &format!("{mark} {}", script.title));
            for failure in &verdict.failures {
                self.failure(part, failure);
            }
            for person in &verdict.people {
                self.timeline(&part.zone, person);
            }
            self.out.push('\n');
        }
    }

    fn failure(&mut self, part: &Part<'_>, failure: &Failure) {
        let place = part.place(failure.at);
        let now = local(failure.now, &part.zone);
        let instead = failure.instead.in_language(self.look.language);
        self.line(3, &place);
        self.line(3, part.words(failure.at));
        let but = match self.look.language {
            Language::English => format!("but on {now}: {instead}"),
            Language::Korean => format!("그러나 {now}에: {instead}"),
        };
        self.line(3, &but);
        self.out.push('\n');
    }

    fn timeline(&mut self, zone: &str, person: &Person) {
        self.line(3, &person.name);
        let timezone = zone_named(zone);
        let earlier = person.timeline.len().saturating_sub(MOST_SHOWN);
        if earlier > 0 {
            let left_out = Text::new(
                format!("… {earlier} earlier lines"),
                format!("… 앞의 {earlier}줄 생략"),
            );
            self.line(4, left_out.in_language(self.look.language));
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

    /// J0901: the ways that no test takes, then the share of those that one does.
    fn coverage(&mut self, part: &Part<'_>) {
        let coverage = &part.run.coverage;
        for way in coverage.ways.iter().filter(|way| !way.taken) {
            self.untaken(part, way);
        }
        let ((taken, all), percent) = (coverage.counts(), coverage.percent());
        let name = &part.name;
        let counted = match self.look.language {
            Language::English => {
                format!("{name}: {taken} of {all} ways were taken by a test ({percent}%)")
            }
            Language::Korean => {
                format!("{name}: 갈림길 {all}개 가운데 {taken}개를 테스트가 지나감 ({percent}%)")
            }
        };
        self.line(0, &counted);
        self.out.push('\n');
    }

    fn untaken(&mut self, part: &Part<'_>, way: &Way) {
        let place = part.place(way.at);
        let what = match &way.unwritten {
            Some(what) => what.in_language(self.look.language).to_owned(),
            None => format!("`{}`", part.words(way.at)),
        };
        let said = match self.look.language {
            Language::English => format!("{place} J0901 {what} was never taken"),
            Language::Korean => format!("{place} J0901 {what}: 한 번도 지나지 않음"),
        };
        self.line(0, &said);
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
