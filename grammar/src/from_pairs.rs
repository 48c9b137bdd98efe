//! From pest's pairs to the tree. Readers take what is there, report what is missing, and never panic.
//! One file per part of the tree, mostly with the same name as in `tree/`.

mod chances;
mod conditions;
mod definitions;
mod journeys;
mod schema;
mod steps;
mod tests;
mod values;

use pest::iterators::{Pair, Pairs};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::parse::{MAX_PROBLEMS, Rule};
use crate::prepared::Prepared;
use crate::problem::{Edit, Problem, ProblemKind};
use crate::tree::{Comment, Declaration, Doc, Name, Path, Span, Text};

/// Reads the pairs of one chunk after the other.
pub(crate) struct Reader<'a> {
    /// The text as written.
    original: &'a str,
    prepared: &'a Prepared,
    comments: &'a [Comment],
    /// Where the current chunk begins in the prepared text.
    base: u32,
    /// The prepared text of the current chunk.
    pub(crate) chunk: &'a str,
    problems: Vec<Problem>,
    /// Where the last line ended that nothing could read.
    pub(crate) last_stray: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(original: &'a str, prepared: &'a Prepared, comments: &'a [Comment]) -> Self {
        Self {
            original,
            prepared,
            comments,
            base: 0,
            chunk: "",
            problems: Vec::new(),
            last_stray: 0,
        }
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    pub(crate) fn problem(&mut self, kind: ProblemKind, span: Span, replacement: Option<String>) {
        let fix = replacement.map(|replacement| Edit { span, replacement });
        self.push(Problem {
            kind,
            span,
            labels: Vec::new(),
            fix,
        });
    }

    pub(crate) fn problem_with(&mut self, kind: ProblemKind, span: Span, fix: Edit) {
        self.push(Problem {
            kind,
            span,
            labels: Vec::new(),
            fix: Some(fix),
        });
    }

    fn push(&mut self, problem: Problem) {
        if !self.is_full() {
            self.problems.push(problem);
        }
    }

    /// Tells whether there are so many problems that no more are kept, nor looked for.
    pub(crate) fn is_full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    pub(crate) fn last_kind(&self) -> Option<&ProblemKind> {
        self.problems.last().map(|problem| &problem.kind)
    }

    /// Reads the declarations of a chunk.
    pub(crate) fn declarations(
        &mut self,
        base: u32,
        chunk: &'a str,
        pairs: Pairs<'a, Rule>,
        into: &mut Vec<Declaration>,
    ) {
        self.base = base;
        self.chunk = chunk;
        self.last_stray = 0;
        for pair in pairs {
            match pair.as_rule() {
                Rule::stray_top => {
                    if self.stray_top(&pair) {
                        into.push(Declaration::Unknown(self.span(&pair)));
                    }
                }
                Rule::mistaken_end => self.needless(&pair),
                Rule::EOI => {}
                _ => into.push(self.declaration(&pair)),
            }
        }
    }

    fn declaration(&mut self, pair: &Pair<'a, Rule>) -> Declaration {
        match pair.as_rule() {
            Rule::contact => Declaration::Contact(self.contact(pair)),
            Rule::event => Declaration::Event(self.event(pair)),
            Rule::consent => Declaration::Consent(self.consent(pair)),
            Rule::segment => Declaration::Segment(self.segment(pair)),
            Rule::lifecycle => Declaration::Lifecycle(self.lifecycle(pair)),
            Rule::score => Declaration::Score(self.score(pair)),
            Rule::offer => Declaration::Offer(self.offer(pair)),
            Rule::policy => Declaration::Policy(self.policy(pair)),
            Rule::audience => Declaration::Audience(self.audience(pair)),
            Rule::funnel => Declaration::Funnel(self.funnel(pair)),
            Rule::kpi => Declaration::Kpi(self.kpi(pair)),
            Rule::sequence => Declaration::Sequence(self.sequence(pair)),
            Rule::journey => Declaration::Journey(self.journey(pair)),
            Rule::moved => self
                .moved(pair)
                .map_or_else(|| Declaration::Unknown(self.span(pair)), Declaration::Moved),
            Rule::test => Declaration::Test(self.test(pair)),
            _ => Declaration::Unknown(self.span(pair)),
        }
    }

    /// Returns where a pair stands in the original text, without the spaces that pest includes.
    pub(crate) fn span(&self, pair: &Pair<'a, Rule>) -> Span {
        let (start, end) = trimmed(pair);
        self.at(start, end)
    }

    /// Turns offsets in the current chunk into a span of the original text.
    pub(crate) fn at(&self, start: usize, end: usize) -> Span {
        let offset = |at: usize| self.prepared.original(self.base + at as u32);
        Span::new(offset(start), offset(end))
    }

    /// Returns the place just after the text that ends before `at`.
    pub(crate) fn after_text_before(&self, at: usize) -> Span {
        let before = self.chunk.get(..at).unwrap_or_default().trim_end().len();
        self.at(before, before)
    }

    /// Returns the `##` lines directly above a declaration.
    pub(crate) fn doc(&self, declaration: Span) -> Option<Doc> {
        let mut below = declaration.start;
        let above = self
            .comments
            .partition_point(|comment| comment.span.end <= below);
        let mut lines: Vec<Span> = Vec::new();
        for comment in self.comments.get(..above)?.iter().rev() {
            let between = Span::new(comment.span.end, below).of(self.original);
            let adjacent = between.matches('\n').count() == 1 && between.trim().is_empty();
            if !comment.is_doc || !comment.own_line || !adjacent {
                break;
            }
            lines.push(comment.span);
            below = comment.span.start;
        }
        let span = lines.last()?.to(*lines.first()?);
        let text = lines
            .iter()
            .rev()
            .map(|line| line.of(self.original).trim_start_matches('#').trim())
            .collect::<Vec<_>>()
            .join("\n");
        Some(Doc { text, span })
    }

    /// Reads the name after a declaration's keyword, which may be missing.
    pub(crate) fn declared_name(&mut self, declaration: &Pair<'a, Rule>) -> Name {
        match child(declaration, Rule::name) {
            Some(pair) => self.name(&pair),
            None => self.missing_name(declaration),
        }
    }

    fn missing_name(&mut self, declaration: &Pair<'a, Rule>) -> Name {
        let keyword = first_word(declaration.as_str()).to_owned();
        let (start, _) = trimmed(declaration);
        let span = self.at(start + keyword.len(), start + keyword.len());
        // A word that stands there and is no name is explained as a stray.
        if child(declaration, Rule::stray_header).is_none() {
            self.problem(ProblemKind::MissingName { keyword }, span, None);
        }
        Name {
            text: String::new(),
            span,
        }
    }

    pub(crate) fn title(&mut self, declaration: &Pair<'a, Rule>) -> Option<Text> {
        child(declaration, Rule::string).map(|pair| self.text(&pair))
    }

    pub(crate) fn name(&mut self, pair: &Pair<'a, Rule>) -> Name {
        let span = self.span(pair);
        self.name_at(pair.as_str(), span)
    }

    fn name_at(&mut self, written: &str, span: Span) -> Name {
        let quoted = written
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix('`'));
        if quoted.is_none() && written.contains('-') {
            let name = written.to_owned();
            self.problem(
                ProblemKind::DashInName { name },
                span,
                Some(written.replace('-', "_")),
            );
        }
        Name {
            text: nfc(quoted.unwrap_or(written)),
            span,
        }
    }

    pub(crate) fn path(&mut self, pair: &Pair<'a, Rule>) -> Path {
        let written = pair.as_str();
        let start = pair.as_span().start();
        let mut parts = Vec::new();
        let mut at = 0;
        while at < written.len() {
            let rest = written.get(at..).unwrap_or_default();
            let quoted = rest
                .strip_prefix('`')
                .and_then(|inner| inner.find('`'))
                .map(|end| end + 2);
            let length = quoted.unwrap_or_else(|| rest.find('.').unwrap_or(rest.len()));
            let part = rest.get(..length).unwrap_or_default();
            let span = self.at(start + at, start + at + length);
            parts.push(self.name_at(part, span));
            at += length + 1;
        }
        Path {
            parts,
            span: self.span(pair),
        }
    }

    /// Reads the path below a pair; an empty one when it is missing, which the grammar does not allow to happen.
    pub(crate) fn path_in(&mut self, pair: &Pair<'a, Rule>) -> Path {
        match child(pair, Rule::path) {
            Some(path) => self.path(&path),
            None => Path {
                parts: Vec::new(),
                span: self.span(pair),
            },
        }
    }

    /// Reads the name below a pair, or the label.
    pub(crate) fn name_in(&mut self, pair: &Pair<'a, Rule>) -> Name {
        let name = pair
            .clone()
            .into_inner()
            .find(|it| matches!(it.as_rule(), Rule::name | Rule::word));
        match name {
            Some(name) => self.name(&name),
            None => Name {
                text: String::new(),
                span: self.span(pair),
            },
        }
    }

    pub(crate) fn names_in(&mut self, pair: &Pair<'a, Rule>) -> Vec<Name> {
        let names = child(pair, Rule::names)
            .map(Pair::into_inner)
            .into_iter()
            .flatten();
        names.map(|name| self.name(&name)).collect()
    }

    /// Reads the lines of a body: `read` takes a line that the grammar knows, `unknown` stands for one it does not.
    pub(crate) fn lines<T>(
        &mut self,
        body: Option<Pair<'a, Rule>>,
        only: Rule,
        unknown: fn(Span) -> T,
        read: fn(&mut Self, Pair<'a, Rule>) -> Option<T>,
    ) -> Vec<T> {
        let mut lines = Vec::new();
        let mut line_start = 0;
        for pair in body.map(Pair::into_inner).into_iter().flatten() {
            match pair.as_rule() {
                Rule::stray_line | Rule::stray_entry if !self.is_tail(&pair) => {
                    self.stray_line(&pair, only);
                    lines.push(unknown(self.span(&pair)));
                }
                Rule::stray_tail | Rule::stray_entry => self.stray_tail(line_start, &pair, only),
                Rule::mistaken_end => self.needless(&pair),
                _ => {
                    line_start = pair.as_span().start();
                    match read(self, pair.clone()) {
                        Some(line) => lines.push(line),
                        None => lines.push(unknown(self.span(&pair))),
                    }
                }
            }
        }
        lines
    }

    /// Tells whether a stray follows something on its line.
    fn is_tail(&self, pair: &Pair<'a, Rule>) -> bool {
        pair.as_rule() == Rule::stray_entry && {
            let before = self
                .chunk
                .get(..pair.as_span().start())
                .unwrap_or_default()
                .trim_end_matches([' ', '\t']);
            !before.ends_with(['{', ',', '\n', '\r'])
        }
    }

    /// Reports a missing body, or the words between the name and the body.
    pub(crate) fn head(&mut self, declaration: &Pair<'a, Rule>, only: Rule) {
        let (start, _) = trimmed(declaration);
        for sign in declaration
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::mistaken_colon)
        {
            self.needless(&sign);
        }
        if let Some(stray) = child(declaration, Rule::stray_header) {
            self.stray_header(start, &stray, only);
        } else if let Some(missing) = child(declaration, Rule::missing_body) {
            let span = self.after_text_before(missing.as_span().start());
            self.problem(ProblemKind::MissingBlock, span, None);
        }
    }
}

/// Returns the first child of a rule.
pub(crate) fn child<'a>(pair: &Pair<'a, Rule>, rule: Rule) -> Option<Pair<'a, Rule>> {
    pair.clone().into_inner().find(|it| it.as_rule() == rule)
}

/// Tells whether a pair has a child of a rule.
pub(crate) fn has(pair: &Pair<'_, Rule>, rule: Rule) -> bool {
    child(pair, rule).is_some()
}

/// Returns where a pair begins and ends in its chunk, without the space around it that pest includes. A pair without
/// text stands just after the text before it.
pub(crate) fn trimmed(pair: &Pair<'_, Rule>) -> (usize, usize) {
    let span = pair.as_span();
    let text = span.as_str();
    if text.trim().is_empty() {
        let before = span.get_input().get(..span.start()).unwrap_or_default();
        return (before.trim_end().len(), before.trim_end().len());
    }
    let start = span.start() + (text.len() - text.trim_start().len());
    (start, span.start() + text.trim_end().len())
}

/// Returns the word at the beginning of a text.
pub(crate) fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn nfc(text: &str) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.to_owned()
    } else {
        text.nfc().collect()
    }
}
