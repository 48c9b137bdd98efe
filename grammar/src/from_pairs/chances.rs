//! The steps that depend on a reply or on chance: questions, draws, and every so many-th time.

use pest::iterators::Pair;

use super::steps::{ArmLine, sorted};
use super::{Reader, child};
use crate::parse::Rule;
use crate::problem::ProblemKind;
use crate::tree::{Ask, AskArm, Draw, DrawArm, EveryTime, Name, Prize, Reply, Span, Spanned};

impl<'a> Reader<'a> {
    pub(super) fn ask(&mut self, pair: &Pair<'a, Rule>) -> Ask {
        let message = child(pair, Rule::message).map(|message| self.message(&message));
        let arguments = self.arguments_in(pair);
        let attribute = child(pair, Rule::ask_for).map(|part| self.path_in(&part));
        let limit = child(pair, Rule::ask_limit).map(|part| self.duration_in(&part));
        let complete = message.is_some() && attribute.is_some() && limit.is_some();
        self.arm_head(pair, Rule::only_ask, complete);
        self.missing_arms(pair);
        let lines = self.lines(
            child(pair, Rule::ask_body),
            Rule::only_ask_arm,
            ArmLine::Unknown,
            |reader, line| Some(ArmLine::Arm(reader.ask_arm(&line))),
        );
        let (arms, unknown) = sorted(lines);
        Ask {
            message,
            arguments,
            attribute,
            limit,
            label: self.label_in(pair),
            arms,
            unknown,
            span: self.span(pair),
        }
    }

    fn ask_arm(&mut self, pair: &Pair<'a, Rule>) -> AskArm {
        let word = pair.clone().into_inner().find_map(|it| {
            let reply = match it.as_rule() {
                Rule::on_answer => Reply::Answer,
                Rule::on_unclear => Reply::Unclear,
                Rule::on_timeout => Reply::Timeout,
                _ => return None,
            };
            Some((it, reply))
        });
        let on = word.map(|(word, reply)| Spanned::new(reply, self.span(&word)));
        self.arm_head(pair, Rule::only_ask_arm, on.is_some());
        AskArm {
            on,
            steps: self.block_in(pair),
            span: self.span(pair),
        }
    }

    pub(super) fn draw(&mut self, pair: &Pair<'a, Rule>) -> Draw {
        let span = self.span(pair);
        let name = self.name_or_missing(pair, span.start);
        self.arm_head(pair, Rule::only_draw, !name.is_missing());
        self.missing_arms(pair);
        let lines = self.lines(
            child(pair, Rule::draw_body),
            Rule::only_draw_arm,
            ArmLine::Unknown,
            |reader, line| Some(ArmLine::Arm(reader.draw_arm(&line))),
        );
        let (arms, unknown) = sorted(lines);
        Draw {
            name,
            arms,
            unknown,
            span,
        }
    }

    fn draw_arm(&mut self, pair: &Pair<'a, Rule>) -> DrawArm {
        let prize = match child(pair, Rule::arm_otherwise) {
            Some(otherwise) => {
                if let Some(word) = child(&otherwise, Rule::mistaken_else) {
                    self.written_differently(&word, "otherwise");
                }
                None
            }
            None => Some(self.prize(pair)),
        };
        let complete = prize.as_ref().is_none_or(|prize| !prize.name.is_missing());
        self.arm_head(pair, Rule::only_draw_arm, complete);
        DrawArm {
            prize,
            steps: self.block_in(pair),
            span: self.span(pair),
        }
    }

    fn prize(&mut self, pair: &Pair<'a, Rule>) -> Prize {
        let odds = self.share(pair);
        let name = self.name_or_missing(pair, odds.span.end);
        let stock = child(pair, Rule::stock);
        let end = stock.as_ref().map_or(name.span, |stock| self.span(stock));
        Prize {
            odds,
            name,
            stock: stock.map(|stock| self.count_number_in(&stock)),
            span: odds.span.to(end),
        }
    }

    fn name_or_missing(&mut self, pair: &Pair<'a, Rule>, expected: u32) -> Name {
        match child(pair, Rule::name) {
            Some(name) => self.name(&name),
            None => Name {
                text: String::new(),
                span: Span::new(expected, expected),
            },
        }
    }

    pub(super) fn every_time(&mut self, pair: &Pair<'a, Rule>) -> EveryTime {
        let nth = child(pair, Rule::nth).map(|nth| self.nth(&nth));
        self.arm_head(pair, Rule::only_every_time, nth.is_some());
        let steps = self.block_in(pair);
        let otherwise = child(pair, Rule::otherwise).map(|part| self.otherwise(&part));
        EveryTime {
            nth,
            steps,
            otherwise,
            span: self.span(pair),
        }
    }

    /// Reads `4th`; `4rd` is reported.
    fn nth(&mut self, pair: &Pair<'a, Rule>) -> Spanned<u32> {
        let span = self.span(pair);
        let digits = pair.as_str().trim_end_matches(|c: char| c.is_alphabetic());
        let Ok(number) = digits.parse::<u32>() else {
            let number = digits.to_owned();
            self.problem(ProblemKind::NumberTooLong { number }, span, None);
            return Spanned::new(0, span);
        };
        let right = format!("{digits}{}", ordinal_ending(number));
        if pair.as_str() != right {
            self.written_differently(pair, &right);
        }
        Spanned::new(number, span)
    }
}

/// Returns what English puts after a number: `1st`, `2nd`, `3rd`, `11th`.
const fn ordinal_ending(number: u32) -> &'static str {
    match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}
