//! Tests with a virtual clock.

use pest::iterators::Pair;

use super::{Reader, child, has, trimmed};
use crate::parse::Rule;
use crate::problem::ProblemKind;
use crate::tree::{
    Act, ActKind, Advance, AdvanceTo, Argument, Expect, ExpectKind, Given, Message, Moment, Name,
    Objects, Path, Record, RecordLine, Span, Test, TestLine, Value, ValueKind,
};

impl<'a> Reader<'a> {
    pub(super) fn test(&mut self, pair: &Pair<'a, Rule>) -> Test {
        let span = self.span(pair);
        let title = self.title(pair);
        if title.is_none() && !has(pair, Rule::stray_header) {
            let (start, _) = trimmed(pair);
            let place = self.at(start, start + "test".len());
            let expected = crate::rule_words::expected(&[Rule::string]);
            self.problem(
                ProblemKind::Unfinished {
                    expected,
                    example: None,
                },
                place,
                None,
            );
        }
        let journey = child(pair, Rule::test_for).map(|part| self.name_in(&part));
        self.head(pair, Rule::only_test_head);
        let lines = self.lines(
            child(pair, Rule::test_body),
            Rule::only_test,
            TestLine::Unknown,
            |reader, line| Some(reader.test_line(&line)),
        );
        Test {
            doc: self.doc(span),
            title,
            journey,
            lines,
            span,
        }
    }

    fn test_line(&mut self, pair: &Pair<'a, Rule>) -> TestLine {
        let span = self.span(pair);
        match pair.as_rule() {
            Rule::given => {
                let record = self.record_in(pair);
                TestLine::Given(Given {
                    person: self.name_in(pair),
                    record,
                    span,
                })
            }
            Rule::at_line => {
                let to = AdvanceTo::At {
                    date: self.date_in(pair),
                    clock: self.clock_in(pair),
                };
                TestLine::Advance(Advance {
                    to,
                    act: self.act_in(pair),
                    span,
                })
            }
            Rule::after_line => {
                let to = AdvanceTo::After(self.duration_in(pair));
                TestLine::Advance(Advance {
                    to,
                    act: self.act_in(pair),
                    span,
                })
            }
            _ => self.expect(pair),
        }
    }

    fn record_in(&mut self, pair: &Pair<'a, Rule>) -> Option<Record> {
        let record = child(pair, Rule::record)?;
        Some(self.record(record))
    }

    fn record(&mut self, record: Pair<'a, Rule>) -> Record {
        let span = self.span(&record);
        let lines = self.lines(
            Some(record),
            Rule::only_record,
            RecordLine::Unknown,
            |reader, line| {
                Some(match line.as_rule() {
                    Rule::agreed => RecordLine::Agreed(reader.agreed(&line)),
                    Rule::record_objects => RecordLine::Objects(reader.objects(&line)),
                    _ => RecordLine::Field(reader.record_field(&line)),
                })
            },
        );
        Record { lines, span }
    }

    /// A field with one value, several of a list, or none.
    fn record_field(&mut self, pair: &Pair<'a, Rule>) -> Argument {
        if let Some(sign) = child(pair, Rule::mistaken_equals) {
            self.written_differently(&sign, ":");
        }
        let span = self.span(pair);
        let place = child(pair, Rule::values).or_else(|| child(pair, Rule::kw_missing));
        let place = place.map_or(span, |it| self.span(&it));
        let mut values = self.values_in(pair);
        let value = match (values.len(), values.pop()) {
            (1, Some(value)) => value,
            (_, None) => Value {
                kind: ValueKind::Missing,
                span: place,
            },
            (_, Some(last)) => {
                values.push(last);
                Value {
                    kind: ValueKind::Several(values),
                    span: place,
                }
            }
        };
        Argument {
            name: self.name_in(pair),
            value,
            span,
        }
    }

    fn objects(&mut self, pair: &Pair<'a, Rule>) -> Objects {
        if let Some(sign) = child(pair, Rule::mistaken_equals) {
            self.written_differently(&sign, ":");
        }
        let records: Vec<_> = pair
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::record)
            .collect();
        Objects {
            name: self.name_in(pair),
            objects: records
                .into_iter()
                .map(|record| self.record(record))
                .collect(),
            span: self.span(pair),
        }
    }

    fn act_in(&mut self, pair: &Pair<'a, Rule>) -> Option<Act> {
        let act = child(pair, Rule::act)?;
        let part = act
            .clone()
            .into_inner()
            .find(|it| it.as_rule() != Rule::name)?;
        let kind = match part.as_rule() {
            Rule::act_changes => ActKind::Changes(self.record_in(&part)?),
            Rule::act_enters => {
                let journey = self.path_in(&part);
                ActKind::Enters {
                    journey,
                    record: self.record_in(&part),
                }
            }
            Rule::act_withdraws => ActKind::Withdraws(self.path_in(&part)),
            _ => {
                let event = self.path_in(&part);
                ActKind::Does {
                    event,
                    record: self.record_in(&part),
                }
            }
        };
        Some(Act {
            person: self.name_in(&act),
            kind,
            span: self.span(&act),
        })
    }

    fn expect(&mut self, pair: &Pair<'a, Rule>) -> TestLine {
        let span = self.span(pair);
        let part = pair
            .clone()
            .into_inner()
            .find(|it| it.as_rule() != Rule::kw_expect);
        let kind = part.and_then(|part| self.expect_kind(&part));
        kind.map_or(TestLine::Unknown(span), |kind| {
            TestLine::Expect(Expect { kind, span })
        })
    }

    fn expect_kind(&mut self, pair: &Pair<'a, Rule>) -> Option<ExpectKind> {
        Some(match pair.as_rule() {
            Rule::expect_none => ExpectKind::NoMessages {
                to: self.name_in(pair),
            },
            Rule::expect_at_most => ExpectKind::AtMost {
                count: self.count_number_in(pair).value,
                per: self.duration_in(pair),
                to: self.name_in(pair),
            },
            Rule::expect_task => ExpectKind::Task {
                assignee: self.path_in(pair),
            },
            Rule::expect_call => {
                let action: Path = self.path_in(pair);
                ExpectKind::Call {
                    action,
                    arguments: self.arguments_in(pair),
                }
            }
            Rule::expect_message => self.expect_message(pair)?,
            _ => self.expect_person(pair)?,
        })
    }

    fn expect_message(&mut self, pair: &Pair<'a, Rule>) -> Option<ExpectKind> {
        let message: Message = child(pair, Rule::message).map(|message| self.message(&message))?;
        let at = child(pair, Rule::expect_when).map(|when| {
            let date = self.date_in(&when);
            let clock = self.clock_in(&when);
            let zone = child(&when, Rule::zone).map(|zone| self.zone(&zone));
            let end = zone.as_ref().map_or(clock.span.end, |zone| zone.span.end);
            Moment {
                date,
                clock,
                zone,
                span: Span::new(date.span.start, end),
            }
        });
        Some(ExpectKind::Message {
            only: has(pair, Rule::kw_only),
            message,
            to: self.name_in(pair),
            at,
            containing: child(pair, Rule::expect_words).map(|words| self.text_in(&words)),
        })
    }

    fn expect_person(&mut self, pair: &Pair<'a, Rule>) -> Option<ExpectKind> {
        let person: Name = self.name_in(pair);
        let part = pair
            .clone()
            .into_inner()
            .find(|it| it.as_rule() != Rule::name)?;
        Some(match part.as_rule() {
            Rule::expect_exited => ExpectKind::Exited {
                person,
                reason: self.name_in(&part),
            },
            Rule::expect_waiting => ExpectKind::Waiting {
                person,
                step: self.path_in(&part),
            },
            Rule::expect_value => ExpectKind::Value {
                person,
                of: self.path_in(&part),
                comparison: self.comparison_in(&part),
            },
            Rule::expect_not_in => ExpectKind::NotIn {
                person,
                group: self.path_in(&part),
            },
            _ => ExpectKind::In {
                person,
                group: self.path_in(&part),
            },
        })
    }
}
