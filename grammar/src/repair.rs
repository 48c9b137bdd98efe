//! Balances the brackets of one chunk of a file by looking at its indentation.
//! A missing `}` is put where a line stands too far left to be inside, a missing `{` where the lines below stand
//! deeper, and a superfluous bracket is taken out. The grammar then always meets balanced brackets.

use crate::problem::{Edit, Label, Problem, ProblemKind};
use crate::scan::Bracket;
use crate::tree::Span;

/// How deep brackets may be nested.
pub(crate) const MAX_DEPTH: usize = 64;

/// How many brackets are repaired in one chunk before it is given up; it also bounds the time for a hostile file.
const MAX_REPAIRS: usize = 100;

/// What was done to balance a chunk.
#[derive(Debug, Default)]
pub(crate) struct Repair {
    pub(crate) edits: Vec<Edit>,
    pub(crate) problems: Vec<Problem>,
    /// The chunk is not read at all: it is nested too deep, or there is too much to repair.
    pub(crate) unreadable: bool,
}

/// Balances the brackets between `start` and `end`; `code` is the file with comments blanked.
pub(crate) fn balance(code: &str, start: u32, end: u32, brackets: &[Bracket]) -> Repair {
    let mut stack: Vec<u8> = Vec::new();
    let mut matched = true;
    for bracket in brackets {
        match (bracket.sign, stack.last()) {
            (b'{' | b'(', _) => stack.push(bracket.sign),
            (b'}', Some(b'{')) | (b')', Some(b'(')) => drop(stack.pop()),
            _ => matched = false,
        }
        if stack.len() > MAX_DEPTH {
            let span = Span::new(bracket.at, bracket.at + 1);
            let problem = Problem {
                kind: ProblemKind::TooDeep { limit: MAX_DEPTH },
                span,
                labels: Vec::new(),
                fix: None,
            };
            return Repair {
                problems: vec![problem],
                unreadable: true,
                ..Repair::default()
            };
        }
    }
    if matched && stack.is_empty() {
        return Repair::default();
    }
    let count = |sign: u8| {
        brackets
            .iter()
            .filter(|bracket| bracket.sign == sign)
            .count()
    };
    let mut balancer = Balancer {
        code,
        lines: lines(code, start, end),
        stack: Vec::new(),
        excess: count(b'}') > count(b'{'),
        repair: Repair::default(),
    };
    balancer.run(brackets, end);
    balancer.repair.edits.sort_by_key(|edit| edit.span);
    balancer.repair
}

/// A line with something on it.
#[derive(Debug, Clone, Copy)]
struct Line {
    start: u32,
    /// Where the first character stands.
    first: u32,
    /// Just after the last character.
    end: u32,
    /// The width of the space before the first character; a tab counts as four.
    indent: u32,
}

/// A bracket that waits for its partner.
#[derive(Debug, Clone, Copy)]
struct Open {
    bracket: Bracket,
    line: usize,
    indent: u32,
    /// The lines inside stand no deeper than the opener, so indentation says nothing.
    flat: bool,
}

struct Balancer<'a> {
    code: &'a str,
    lines: Vec<Line>,
    stack: Vec<Open>,
    /// There are more closing braces than opening ones, so one in an odd place is superfluous.
    excess: bool,
    repair: Repair,
}

impl Balancer<'_> {
    fn run(&mut self, brackets: &[Bracket], end: u32) {
        let mut brackets = brackets.iter().copied().peekable();
        for (index, line) in self.lines.clone().into_iter().enumerate() {
            if self.repair.problems.len() >= MAX_REPAIRS {
                self.repair.unreadable = true;
                return;
            }
            self.close_by_indent(index, line);
            while let Some(bracket) =
                brackets.next_if(|it| it.at < line.end && self.repair.problems.len() < MAX_REPAIRS)
            {
                match bracket.sign {
                    b'{' | b'(' => self.open(bracket, index, line),
                    b'}' => self.close_brace(bracket, index, line),
                    _ => self.close_group(bracket, line),
                }
            }
        }
        while let Some(open) = self.stack.pop() {
            self.unclosed(open, end, None);
        }
    }

    /// Closes what the position of this line shows to be over.
    fn close_by_indent(&mut self, index: usize, line: Line) {
        let sign = self.code.as_bytes().get(line.first as usize).copied();
        let word = self.text(line);
        if word.starts_with("and ") || word.starts_with("or ") {
            return;
        }
        while let Some(&open) = self.stack.last() {
            let over = match (open.bracket.sign, sign) {
                (b'(', Some(b')')) => false,
                (b'(', _) => line.indent <= open.indent,
                (_, Some(b'}' | b')')) => line.indent < open.indent,
                _ => line.indent <= open.indent,
            };
            if open.flat || open.line == index || !over {
                return;
            }
            self.stack.pop();
            self.unclosed(open, line.start, Some(line));
        }
    }

    fn open(&mut self, bracket: Bracket, index: usize, line: Line) {
        let mut indent = line.indent;
        if bracket.sign == b'{' {
            // A block whose head runs over several lines is indented as its first line.
            indent = self
                .close_groups_before(bracket.at, index)
                .unwrap_or(indent)
                .min(indent);
        }
        let next = self.lines.get(index + 1);
        let last_on_line = bracket.at + 1 >= line.end;
        let flat = next.is_some_and(|next| {
            let closes = matches!(
                self.code.as_bytes().get(next.first as usize),
                Some(b'}' | b')')
            );
            last_on_line && next.indent <= line.indent && !closes
        });
        self.stack.push(Open {
            bracket,
            line: index,
            indent,
            flat,
        });
    }

    /// Closes parentheses before a brace, which never stands inside parentheses; returns the indent of the first one.
    fn close_groups_before(&mut self, at: u32, index: usize) -> Option<u32> {
        let mut indent = None;
        while let Some(&open) = self.stack.last().filter(|open| open.bracket.sign == b'(') {
            self.stack.pop();
            indent = Some(open.indent);
            let above = index.checked_sub(1).and_then(|above| self.lines.get(above));
            match above.filter(|_| open.line != index) {
                Some(above) => self.unclosed_group(open, above.end),
                None => self.unclosed_group(open, self.code_end_before(at)),
            }
        }
        indent
    }

    fn close_brace(&mut self, bracket: Bracket, index: usize, line: Line) {
        let first_on_line = bracket.at == line.first;
        let brace = self
            .stack
            .iter()
            .rev()
            .find(|open| open.bracket.sign == b'{')
            .copied();
        let has_group = self
            .stack
            .last()
            .is_some_and(|open| open.bracket.sign == b'(');
        if has_group && !first_on_line && brace.is_none_or(|brace| brace.line != index) {
            self.stack.pop();
            return self.wrong(bracket, ')');
        }
        self.close_groups_before(bracket.at, index);
        let Some(open) = brace else {
            return self.unopened(bracket, line, index, first_on_line);
        };
        let fits = if first_on_line {
            open.indent >= line.indent || open.flat
        } else {
            open.line == index || open.flat
        };
        if fits {
            self.stack.pop();
        } else if first_on_line && !self.excess && self.missing_opener(index, line).is_none() {
            // The brace is only badly indented.
            self.stack.pop();
        } else {
            self.unopened(bracket, line, index, first_on_line);
        }
    }

    fn close_group(&mut self, bracket: Bracket, line: Line) {
        if self
            .stack
            .last()
            .is_some_and(|open| open.bracket.sign == b'(')
        {
            self.stack.pop();
            return;
        }
        let fits = |open: &Open| open.indent == line.indent && bracket.at == line.first;
        if self.stack.last().is_some_and(fits) {
            self.stack.pop();
            return self.wrong(bracket, '}');
        }
        let before = self
            .code
            .get(line.start as usize..bracket.at as usize)
            .unwrap_or_default();
        let keyword = ["where", "with"]
            .iter()
            .filter_map(|word| before.rfind(word).map(|at| at + word.len()))
            .max();
        let fix = keyword.map(|length| insertion(line.start + length as u32, " ("));
        self.superfluous(bracket, fix);
    }

    /// Finds the line above that should have opened a block: it is indented as the `}`, and the next line is deeper.
    fn missing_opener(&self, index: usize, line: Line) -> Option<Line> {
        let floor = self.stack.last().map_or(0, |open| open.line + 1);
        (floor..index).rev().find_map(|candidate| {
            let above = self.lines.get(candidate)?;
            let below = self.lines.get(candidate + 1)?;
            let fits = above.indent == line.indent
                && below.indent > above.indent
                && !self.text(*above).contains('{');
            fits.then_some(*above)
        })
    }

    fn unopened(&mut self, bracket: Bracket, line: Line, index: usize, first_on_line: bool) {
        let opener = if first_on_line {
            self.missing_opener(index, line)
        } else {
            None
        };
        match opener {
            Some(above) => {
                let edit = insertion(above.end, " {");
                self.repair.edits.push(edit.clone());
                let label = label(bracket.at, "this closes it", "여기서 닫힙니다");
                let at = Span::new(above.first, above.end);
                self.problem(
                    ProblemKind::MissingOpener { sign: '{' },
                    at,
                    vec![label],
                    Some(edit),
                );
            }
            None => self.superfluous(bracket, None),
        }
    }

    /// Takes a closing bracket out, or puts its partner in.
    fn superfluous(&mut self, bracket: Bracket, opener: Option<Edit>) {
        let at = self.sign_span(bracket);
        let sign = bracket.sign as char;
        let removal = Edit {
            span: at,
            replacement: String::new(),
        };
        let fix = opener.unwrap_or(removal);
        // The grammar needs a character in place of the bracket, so that words do not run together.
        let edit = if fix.replacement.is_empty() {
            Edit {
                span: at,
                replacement: " ".to_owned(),
            }
        } else {
            fix.clone()
        };
        self.repair.edits.push(edit);
        self.problem(
            ProblemKind::UnopenedBracket { sign },
            at,
            Vec::new(),
            Some(fix),
        );
    }

    /// Puts the bracket in that was meant.
    fn wrong(&mut self, bracket: Bracket, instead: char) {
        let at = self.sign_span(bracket);
        let edit = Edit {
            span: at,
            replacement: instead.to_string(),
        };
        self.repair.edits.push(edit.clone());
        let kind = ProblemKind::WrongBracket {
            found: bracket.sign as char,
            instead,
        };
        self.problem(kind, at, Vec::new(), Some(edit));
    }

    /// Closes `open` before `at`; `line` is the line that shows it.
    fn unclosed(&mut self, open: Open, at: u32, line: Option<Line>) {
        if open.bracket.sign == b'(' {
            // A parenthesis ends with its own line.
            let end = self.lines.get(open.line).map_or(at, |own| own.end);
            return self.unclosed_group(open, end);
        }
        let labels = line
            .map(|line| Label {
                span: Span::new(line.first, line.end),
                english: "this line looks like it comes after the end".to_owned(),
                korean: "이 줄은 블록이 끝난 뒤의 줄로 보입니다".to_owned(),
            })
            .into_iter()
            .collect();
        let indent = " ".repeat(open.indent as usize);
        let newline = if self
            .code
            .as_bytes()
            .get(..at as usize)
            .is_some_and(|it| it.ends_with(b"\n"))
        {
            ""
        } else {
            "\n"
        };
        let edit = insertion(at, &format!("{newline}{indent}}}\n"));
        self.repair.edits.push(edit.clone());
        let at = self.sign_span(open.bracket);
        self.problem(
            ProblemKind::UnclosedBracket { sign: '{' },
            at,
            labels,
            Some(edit),
        );
    }

    fn unclosed_group(&mut self, open: Open, end: u32) {
        let edit = insertion(end, ")");
        self.repair.edits.push(edit.clone());
        let at = self.sign_span(open.bracket);
        self.problem(
            ProblemKind::UnclosedBracket { sign: '(' },
            at,
            Vec::new(),
            Some(edit),
        );
    }

    /// Returns where the text ends that stands before `at`.
    fn code_end_before(&self, at: u32) -> u32 {
        self.code
            .get(..at as usize)
            .unwrap_or_default()
            .trim_end()
            .len() as u32
    }

    fn problem(&mut self, kind: ProblemKind, span: Span, labels: Vec<Label>, fix: Option<Edit>) {
        self.repair.problems.push(Problem {
            kind,
            span,
            labels,
            fix,
        });
    }

    fn text(&self, line: Line) -> &str {
        Span::new(line.first, line.end).of(self.code)
    }

    /// Returns where a bracket stands; its full-width form is wider than one byte.
    fn sign_span(&self, bracket: Bracket) -> Span {
        let width = self
            .code
            .get(bracket.at as usize..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8);
        Span::new(bracket.at, bracket.at + width as u32)
    }
}

fn insertion(at: u32, text: &str) -> Edit {
    Edit {
        span: Span::new(at, at),
        replacement: text.to_owned(),
    }
}

fn label(at: u32, english: &str, korean: &str) -> Label {
    Label {
        span: Span::new(at, at + 1),
        english: english.to_owned(),
        korean: korean.to_owned(),
    }
}

fn lines(code: &str, start: u32, end: u32) -> Vec<Line> {
    let mut at = start;
    let mut found = Vec::new();
    for line in Span::new(start, end).of(code).split_inclusive('\n') {
        let text = line.trim_start();
        let first = at + (line.len() - text.len()) as u32;
        let text = text.trim_end();
        if !text.is_empty() {
            let space = Span::new(at, first).of(code);
            let indent = space.chars().map(|c| if c == '\t' { 4 } else { 1 }).sum();
            found.push(Line {
                start: at,
                first,
                end: first + text.len() as u32,
                indent,
            });
        }
        at += line.len() as u32;
    }
    found
}
