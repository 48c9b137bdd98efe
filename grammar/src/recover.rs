//! Explains what the grammar could not read: the strict rule of the place is run on exactly that text, and where it
//! stops, and what it would have taken there, becomes a problem in a marketer's words.

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use crate::examples::example;
use crate::foreign_words::{self, phrase_for};
use crate::from_pairs::{Reader, first_word, trimmed};
use crate::habits::{self, Instead};
use crate::parse::{JourneyParser, Rule};
use crate::problem::ProblemKind;
use crate::rule_words::{Expected, UNITS, expected, spellings, starters};
use crate::scan::DECLARATION_WORDS;
use crate::similar::nearest;
use crate::tree::Span;

impl<'a> Reader<'a> {
    /// Explains a whole line. `only` is the strict rule of the place.
    pub(crate) fn stray_line(&mut self, pair: &Pair<'a, Rule>, only: Rule) {
        let (start, end) = trimmed(pair);
        if self.foreign_comment(pair) {
            return;
        }
        if !self.explain_habit(start, end, only) && !self.explain_first_word(pair, only) {
            self.explain(start, end, start, only);
        }
    }

    /// Where the line of a place begins.
    fn line_start(&self, at: usize) -> usize {
        let before = self.chunk.get(..at).unwrap_or_default();
        before.rfind('\n').map_or(0, |it| it + 1)
    }

    /// Reports a phrase that people bring from elsewhere; returns whether there is one.
    fn explain_habit(&mut self, start: usize, end: usize, only: Rule) -> bool {
        let text = self.chunk.get(start..end).unwrap_or_default();
        let line_start = self.line_start(start);
        let line = self.chunk.get(line_start..).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        let around = || {
            let habit = habits::around(line)?;
            let here = (line_start + habit.at.start, line_start + habit.at.end);
            (start < here.1 && here.0 < end).then_some((line_start, habit))
        };
        let found = habits::find(only, text).map(|it| (start, it));
        let Some((from, habit)) = found.or_else(around) else {
            return false;
        };
        let (at, to) = (from + habit.at.start, from + habit.at.end);
        let found = self.chunk.get(at..to).unwrap_or_default().to_owned();
        let span = self.at(at, to);
        match habit.instead {
            Instead::Exactly(instead) => self.say_instead(found, instead, span),
            Instead::Like(examples, english, korean) => {
                let kind = ProblemKind::SaidLike {
                    found,
                    examples,
                    english,
                    korean,
                };
                self.problem(kind, span, None);
            }
        }
        true
    }

    /// Reports a comment of another language; returns whether it is one.
    fn foreign_comment(&mut self, pair: &Pair<'a, Rule>) -> bool {
        let (start, _) = trimmed(pair);
        let Some(found) = ["//", "--", "/*"]
            .into_iter()
            .find(|it| pair.as_str().trim_start().starts_with(it))
        else {
            return false;
        };
        let span = self.at(start, start + found.len());
        self.say_instead(found.to_owned(), "#".to_owned(), span);
        true
    }

    fn say_instead(&mut self, found: String, instead: String, span: Span) {
        let fix = Some(instead.clone());
        self.problem(
            ProblemKind::WrittenDifferently { found, instead },
            span,
            fix,
        );
    }

    /// Explains what stands after a line that could be read up to there.
    pub(crate) fn stray_tail(&mut self, line_start: usize, pair: &Pair<'a, Rule>, only: Rule) {
        let (start, end) = trimmed(pair);
        let line = self.chunk.get(line_start..start).unwrap_or_default();
        if line.contains('{') {
            self.not_here(pair, Rule::EOI);
        } else {
            self.explain(line_start, end, start, only);
        }
    }

    /// Explains what stands between the beginning of a block and its brace.
    pub(crate) fn stray_header(&mut self, start: usize, pair: &Pair<'a, Rule>, only: Rule) {
        let (stray_start, stray_end) = trimmed(pair);
        let text = pair.as_str().trim();
        if matches!(text, ":" | ";" | "," | "." | "=" | ":=" | "->" | "=>") {
            let span = self.span(pair);
            let found = text.to_owned();
            return self.problem(
                ProblemKind::NeedlessSign { found },
                span,
                Some(String::new()),
            );
        }
        self.explain(start, stray_end, stray_start, only);
    }

    /// Reports that something cannot stand here.
    pub(crate) fn not_here(&mut self, pair: &Pair<'a, Rule>, instead: Rule) {
        let (start, _) = trimmed(pair);
        let token = token(pair.as_str().trim_start());
        let span = self.at(start, start + token.len());
        let expected = match instead {
            Rule::block => vec![Expected::Word("{".to_owned())],
            rule => expected(&[rule]),
        };
        self.problem(
            ProblemKind::Unexpected {
                found: token.to_owned(),
                expected,
                example: None,
            },
            span,
            None,
        );
    }

    /// Explains lines at the top of the file; returns whether they stand where a declaration could.
    pub(crate) fn stray_top(&mut self, pair: &Pair<'a, Rule>) -> bool {
        let (start, _) = trimmed(pair);
        let before = self.chunk.get(..start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        if !line.trim().is_empty() {
            // `moved` is a declaration of one line, and has a strict rule of its own.
            if first_word(line) == "moved" {
                self.stray_tail(start - line.len(), pair, Rule::only_moved);
            } else {
                self.not_here(pair, Rule::EOI);
            }
            return false;
        }
        if self.foreign_comment(pair) {
            return true;
        }
        let found = token(pair.as_str().trim_start()).to_owned();
        let span = self.at(start, start + found.len());
        if let Some(meant) = nearest(&found, DECLARATION_WORDS) {
            self.misspelled(found, meant, span);
        } else if let Some(instead) = foreign_words::declaration_for(&found) {
            let instead = instead.to_owned();
            self.problem(ProblemKind::ForeignWord { found, instead }, span, None);
        } else {
            self.unknown_line(found, &["journey", "segment", "event"], pair);
        }
        true
    }

    /// Explains a line by its first word, when no line of this place can begin like that.
    fn explain_first_word(&mut self, pair: &Pair<'a, Rule>, only: Rule) -> bool {
        let known = starters(only);
        let (start, _) = trimmed(pair);
        let found = token(pair.as_str().trim_start()).to_owned();
        let is_word = found.starts_with(char::is_alphabetic);
        if known.is_empty()
            || known.contains(&found.as_str())
            || !is_word && only != Rule::only_step
        {
            return false;
        }
        let span = self.at(start, start + found.len());
        let mut candidates = known.to_vec();
        if only == Rule::only_step {
            candidates.extend(starters(Rule::only_header));
            candidates.push("otherwise");
        }
        if found == "otherwise" {
            self.unknown_line(found, &["if"], pair);
        } else if let Some(meant) = nearest(&found, candidates) {
            self.misspelled(found, meant, span);
        } else if let Some(instead) = foreign_words::line_for(&found, only) {
            self.problem(
                ProblemKind::ForeignWord {
                    found,
                    instead: instead.to_owned(),
                },
                span,
                None,
            );
        } else {
            self.unknown_line(found, known, pair);
        }
        true
    }

    /// Reports a line that nothing can begin; neighbouring ones become one problem.
    fn unknown_line(&mut self, found: String, known: &[&str], pair: &Pair<'a, Rule>) {
        let (start, end) = trimmed(pair);
        let between = self.chunk.get(self.last_stray..start).unwrap_or_default();
        let is_neighbour = self.last_stray > 0 && between.trim().is_empty();
        self.last_stray = end;
        if is_neighbour && matches!(self.last_kind(), Some(ProblemKind::UnknownLine { .. })) {
            return;
        }
        let expected = known
            .iter()
            .take(3)
            .map(|&word| Expected::Word(word.to_owned()))
            .collect();
        let line = pair
            .as_str()
            .trim_start()
            .lines()
            .next()
            .unwrap_or_default()
            .trim_end();
        let span = self.at(start, start + line.len());
        self.problem(ProblemKind::UnknownLine { found, expected }, span, None);
    }

    fn misspelled(&mut self, found: String, meant: &str, span: Span) {
        let fix = Some(meant.to_owned());
        self.problem(
            ProblemKind::Misspelled {
                found,
                meant: meant.to_owned(),
            },
            span,
            fix,
        );
    }

    /// Runs the strict rule on `start..end` and reports where it stops, which is not before `floor`.
    pub(crate) fn explain(&mut self, start: usize, end: usize, floor: usize, only: Rule) {
        if self.is_full() || self.explain_habit(start, end, only) {
            return;
        }
        let text = self.chunk.get(start..end).unwrap_or_default();
        let (at, rules) = match JourneyParser::parse(only, text) {
            Ok(_) => (floor.saturating_sub(start), Vec::new()),
            Err(error) => (stopped_at(&error.location), wanted(error.variant)),
        };
        let (at, rules) = if start + at < floor {
            (floor - start, vec![Rule::EOI])
        } else {
            (at, rules)
        };
        let rest = text.get(at..).unwrap_or_default();
        let at = start + at + (rest.len() - rest.trim_start().len());
        let found = token(rest.trim_start()).to_owned();
        if found.is_empty() {
            let expected = expected_at(&rules, only);
            let last = self.last_token_before(end);
            let example = example(only, text, "");
            return self.problem(ProblemKind::Unfinished { expected, example }, last, None);
        }
        if self.explain_number(at, &found) {
            return;
        }
        let span = self.at(at, at + found.len());
        if let Some((found, instead)) = phrase_for(rest.trim_start(), &rules) {
            let span = self.at(at, at + found.len());
            return self.say_instead(found.to_owned(), instead.to_owned(), span);
        }
        let example = example(only, text, &found);
        self.explain_token(found, span, (&rules, only), example);
    }

    /// Reports a number such as `50,00` or `5k` that stopped being one at `at`; returns whether it is one.
    fn explain_number(&mut self, at: usize, found: &str) -> bool {
        let of_number = |c: char| c.is_ascii_digit() || c == ',' || c == '.';
        let before = self.chunk.get(..at).unwrap_or_default();
        let start = before.trim_end_matches(of_number).len();
        let number = before.get(start..).unwrap_or_default();
        if !number.ends_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        if matches!(found, "k" | "K") && !number.contains(',') {
            let instead = format!("{number},000");
            let span = self.at(start, at + found.len());
            if !number.contains('.') && number.len() <= 3 {
                self.say_instead(format!("{number}{found}"), instead, span);
                return true;
            }
        }
        let after = self.chunk.get(at..).unwrap_or_default();
        let rest = after.len() - after.trim_start_matches(of_number).len();
        let goes_on = after
            .get(1..)
            .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
        if !matches!(found, "," | ".") || !goes_on {
            return false;
        }
        let number = self.chunk.get(start..at + rest).unwrap_or_default();
        let number = number.trim_end_matches([',', '.']).to_owned();
        let span = self.at(start, start + number.len());
        self.problem(ProblemKind::BrokenNumber { number }, span, None);
        true
    }

    fn explain_token(
        &mut self,
        found: String,
        span: Span,
        (rules, only): (&[Rule], Rule),
        example: Option<&'static str>,
    ) {
        let is_word = found.starts_with(char::is_alphabetic);
        let is_reserved = is_readable(&found, Rule::only_reserved);
        let wants_name = wants_a_name(rules);
        let quoted = found.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        if let Some(name) =
            quoted.filter(|it| wants_a_name(rules) && is_readable(it, Rule::only_name))
        {
            let name = name.to_owned();
            return self.say_instead(found, name, span);
        }
        match foreign_words::word_for(&found, rules) {
            Some(instead) if instead.is_empty() => {
                return self.problem(ProblemKind::NeedlessSign { found }, span, Some(instead));
            }
            Some(instead) => return self.say_instead(found, instead, span),
            None => {}
        }
        let spelt: Vec<String> = rules.iter().flat_map(|&rule| spellings(rule)).collect();
        if is_word && rules.contains(&Rule::unit) && !is_reserved {
            let meant = nearest(&found, UNITS).map(str::to_owned);
            let fix = meant.clone();
            self.problem(ProblemKind::UnknownUnit { found, meant }, span, fix);
        } else if wants_name && is_reserved {
            let fix = format!("`{found}`");
            self.problem(ProblemKind::ReservedName { word: found }, span, Some(fix));
        } else if let Some(meant) =
            nearest(&found, spelt.iter().map(String::as_str)).filter(|_| is_word)
        {
            self.misspelled(found, meant, span);
        } else {
            let expected = expected_at(rules, only);
            let kind = ProblemKind::Unexpected {
                found,
                expected,
                example,
            };
            self.problem(kind, span, None);
        }
    }

    /// Returns the last word or sign before `end`.
    fn last_token_before(&self, end: usize) -> Span {
        let before = self.chunk.get(..end).unwrap_or_default().trim_end();
        let word = before
            .trim_end_matches(|c: char| c.is_alphanumeric() || c == '_')
            .len();
        let sign = before.chars().next_back().map_or(0, char::len_utf8);
        self.at(word.min(before.len() - sign), before.len())
    }
}

/// Names what could stand where a strict rule stopped; the head of a block ends with its brace, not with the line.
fn expected_at(rules: &[Rule], only: Rule) -> Vec<Expected> {
    let opens_block = matches!(
        only,
        Rule::only_if
            | Rule::only_race_arm
            | Rule::only_choose
            | Rule::only_choose_arm
            | Rule::only_split
            | Rule::only_split_arm
            | Rule::only_ask
            | Rule::only_ask_arm
            | Rule::only_draw
            | Rule::only_draw_arm
            | Rule::only_every_time
            | Rule::only_repeat
            | Rule::only_named_head
            | Rule::only_event_head
            | Rule::only_contact_head
            | Rule::only_sequence_head
            | Rule::only_test_head
    );
    if !opens_block || !rules.contains(&Rule::EOI) {
        return expected(rules);
    }
    let others: Vec<Rule> = rules
        .iter()
        .copied()
        .filter(|&rule| rule != Rule::EOI)
        .collect();
    let mut expected = expected(&others);
    expected.truncate(2);
    expected.push(Expected::Word("{".to_owned()));
    expected
}

fn wants_a_name(rules: &[Rule]) -> bool {
    let of_a_name =
        |rule: &Rule| matches!(rule, Rule::name | Rule::word | Rule::names | Rule::path);
    rules.iter().any(of_a_name)
}

/// Tells whether a strict rule takes a text.
pub(crate) fn is_readable(text: &str, only: Rule) -> bool {
    JourneyParser::parse(only, text.trim_end()).is_ok()
}

fn stopped_at(location: &InputLocation) -> usize {
    match location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => *at,
    }
}

fn wanted(variant: ErrorVariant<Rule>) -> Vec<Rule> {
    match variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => Vec::new(),
    }
}

/// Returns the word, number, text or sign at the beginning of a text.
fn token(text: &str) -> &str {
    let Some(first) = text.chars().next() else {
        return "";
    };
    let length = if first == '"' {
        text.get(1..)
            .and_then(|rest| rest.find('"'))
            .map_or(text.len(), |end| end + 2)
    } else if first.is_alphanumeric() || first == '_' {
        text.find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(text.len())
    } else {
        first.len_utf8()
    };
    text.get(..length).unwrap_or_default()
}
