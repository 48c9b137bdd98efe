//! The report for eyes.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};

use super::{Look, Part, Report};
use crate::codes;
use crate::problem::{Language, Location, Problem, Problems, Severity};
use crate::sources::FileId;

/// Lines shown before and after a blamed one.
const CONTEXT_LINES: usize = 1;
/// Lines of more bytes than this are not shown.
const LONGEST_LINE: usize = 2_000;

pub(super) fn render(report: &Report<'_>, look: Look) -> String {
    let theme = if look.colours {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(look.width)
        .with_context_lines(CONTEXT_LINES)
        .with_links(false);
    let mut out = String::new();
    let mut left_out = 0;
    for part in &report.parts {
        let (shown, more) = part.problems.shown();
        left_out += more;
        for problem in shown {
            let shown = Shown::new(problem, part, look.language);
            // Invariant: writing to a `String` never fails; a place that miette cannot read still has its message.
            if handler.render_report(&mut out, &shown).is_err() {
                let _ = writeln!(out, "{} {}", shown.code, shown.message);
            }
            out.push('\n');
        }
    }
    if left_out > 0 {
        let _ = match look.language {
            Language::English => writeln!(out, "and {left_out} more"),
            Language::Korean => writeln!(out, "그 밖에 {left_out}개"),
        };
    }
    let trimmed: Vec<&str> = out.lines().map(str::trim_end).collect();
    let mut out = trimmed.join("\n");
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&summary(report, look.language));
    out.push('\n');
    out
}

/// `2 errors and 1 warning in 3 files`
fn summary(report: &Report<'_>, language: Language) -> String {
    let counts = [Severity::Error, Severity::Warning, Severity::Info]
        .map(|severity| (severity, report.count(severity)));
    let files: BTreeSet<String> = report
        .problems()
        .map(|(part, problem)| part.path(problem.at.file))
        .collect();
    let journeys: usize = report
        .parts
        .iter()
        .map(|it| it.project.journey_files())
        .sum();
    let templates: usize = report
        .parts
        .iter()
        .map(|it| it.project.template_files())
        .sum();
    let said: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| counted(*severity, *count, language))
        .collect();
    match (said.as_slice(), language) {
        ([], Language::English) => format!(
            "no problems in {} and {}",
            plural(journeys, "journey file"),
            plural(templates, "template")
        ),
        ([], Language::Korean) => {
            format!("문제 없음 (여정 파일 {journeys}개, 템플릿 {templates}개)")
        }
        ([most @ .., last], Language::English) => {
            let and = if most.is_empty() { "" } else { " and " };
            let files = plural(files.len(), "file");
            format!("{}{and}{last} in {files}", most.join(", "))
        }
        (all, Language::Korean) => format!("파일 {}개에 {}", files.len(), all.join(", ")),
    }
}

fn counted(severity: Severity, count: usize, language: Language) -> String {
    match (severity, language) {
        (Severity::Error, Language::English) => plural(count, "error"),
        (Severity::Warning, Language::English) => plural(count, "warning"),
        (Severity::Info, Language::English) => plural(count, "note"),
        (Severity::Error, Language::Korean) => format!("오류 {count}개"),
        (Severity::Warning, Language::Korean) => format!("경고 {count}개"),
        (Severity::Info, Language::Korean) => format!("참고 {count}개"),
    }
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// A problem as miette wants it.
#[derive(Debug)]
struct Shown {
    code: String,
    severity: Severity,
    message: String,
    help: Option<String>,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
}

impl Shown {
    fn new(problem: &Problem, part: &Part<'_>, language: Language) -> Self {
        let file = problem.at.file;
        let text = part.project.sources().text(file);
        let path = part.path(file);
        let words = |text: &crate::problem::Text| text.in_language(language).to_owned();
        let (here, elsewhere): (Vec<_>, Vec<_>) = problem
            .others
            .iter()
            .partition(|(location, _)| location.file == file);
        let mut labels = vec![LabeledSpan::new_primary_with_span(
            label(words(&problem.label)),
            range(problem.at, text),
        )];
        labels.extend(here.iter().map(|(location, said)| {
            LabeledSpan::new_with_span(label(words(said)), range(*location, text))
        }));
        let mut help: Vec<String> = problem.help.iter().map(words).collect();
        help.extend(elsewhere.iter().map(|(location, said)| {
            let source = part.project.sources().get(location.file);
            let position = source.map(|it| it.position(location.span.start));
            let position = position.map(|it| it.to_string()).unwrap_or_default();
            format!("{}:{position} {}", part.path(location.file), words(said))
        }));
        // A file without text has no lines to show, and one with endless lines none that fit.
        let named = format!("{} {}", problem.code, problem.name);
        let position = part.project.sources().get(file);
        let position = position.map(|it| it.position(problem.at.span.start));
        let (code, source) = if text.is_empty() {
            (format!("{named} [{path}]"), None)
        } else if text.lines().any(|line| line.len() > LONGEST_LINE) {
            let position = position.map(|it| it.to_string()).unwrap_or_default();
            (format!("{named} [{path}:{position}]"), None)
        } else {
            (
                named,
                Some(NamedSource::new(
                    path,
                    without_secrets(text, file, part.problems),
                )),
            )
        };
        Self {
            code,
            severity: problem.severity,
            message: words(&problem.message),
            help: (!help.is_empty()).then(|| help.join("\n")),
            labels: if source.is_some() { labels } else { Vec::new() },
            source,
        }
    }
}

/// The text with secrets covered: reports end up in the logs of servers. Bytes stay where they are.
///
/// What stands beside an unknown setting is covered too: it may be a secret under a name nobody knows.
fn without_secrets(text: &str, file: FileId, problems: &Problems) -> String {
    let mut shown = text.to_owned();
    for problem in problems.iter().filter(|it| it.at.file == file) {
        let span = range(problem.at, text);
        if problem.name == codes::LITERAL_SECRET.name {
            // The quotes stay.
            cover(&mut shown, span.start + 1..span.end.saturating_sub(1));
        } else if problem.name == codes::UNKNOWN_SETTING.name {
            for quoted in quoted_after(text, span.end) {
                cover(&mut shown, quoted);
            }
        }
    }
    shown
}

fn cover(shown: &mut String, inside: std::ops::Range<usize>) {
    if shown.get(inside.clone()).is_some() {
        shown.replace_range(inside.clone(), &"*".repeat(inside.len()));
    }
}

/// The insides of the quoted texts that follow on the same line.
fn quoted_after(text: &str, from: usize) -> Vec<std::ops::Range<usize>> {
    let rest = text.get(from..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let quotes: Vec<usize> = line.match_indices('"').map(|(at, _)| from + at).collect();
    let pairs = quotes.chunks(2).filter_map(|pair| match pair {
        [open, close] => Some(open + 1..*close),
        _ => None,
    });
    pairs.collect()
}

fn label(words: String) -> Option<String> {
    (!words.is_empty()).then_some(words)
}

/// The bytes of a place, kept inside the text and on its first line: a block is shown by its beginning.
fn range(location: Location, text: &str) -> std::ops::Range<usize> {
    let start = (location.span.start as usize).min(text.len());
    let end = (location.span.end as usize).clamp(start, text.len());
    let first = text.get(start..end).and_then(|it| it.find('\n'));
    start..first.map_or(end, |line| start + line)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
