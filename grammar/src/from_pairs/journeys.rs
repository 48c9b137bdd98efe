//! Journeys with their header, sequences and `moved`.

use pest::iterators::Pair;

use super::{Reader, child, first_word, has};
use crate::parse::Rule;
use crate::problem::ProblemKind;
use crate::rule_words;
use crate::tree::{
    Boundary, Clock, Duration, Enter, EntryStart, ExitWhen, Goal, HeaderLine, Journey, Members,
    MonthDay, Moved, MovedTarget, OnUpdate, OneRunPer, Ordinal, Owner, Parameter, People, Priority,
    Reenter, ReenterRule, Request, Schedule, Sequence, Side, Spanned, Step, UpdateRule, Value,
};

/// A line of a journey: first the header, then the steps.
enum JourneyLine {
    Header(HeaderLine),
    Step(Step),
}

impl<'a> Reader<'a> {
    pub(super) fn journey(&mut self, pair: &Pair<'a, Rule>) -> Journey {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let mut header = Vec::new();
        let mut steps = Vec::new();
        let mut line_start = 0;
        let mut line_only = Rule::only_step;
        let mut after_step = false;
        for line in child(pair, Rule::journey_body)
            .map(Pair::into_inner)
            .into_iter()
            .flatten()
        {
            match line.as_rule() {
                Rule::stray_line => match self.stray_journey_line(&line) {
                    JourneyLine::Header(line) => header.push(line),
                    JourneyLine::Step(step) => steps.push(step),
                },
                Rule::stray_tail => self.stray_tail(line_start, &line, line_only),
                Rule::mistaken_end => self.needless(&line),
                _ => {
                    line_start = line.as_span().start();
                    if let Some(read) = self.header_line(&line) {
                        line_only = Rule::only_header;
                        // One problem for lines that stand below each other.
                        if std::mem::take(&mut after_step) {
                            let word = first_word(line.as_str()).to_owned();
                            let span = read.span();
                            self.problem(ProblemKind::MisplacedHeader { word }, span, None);
                        }
                        header.push(read);
                    } else {
                        line_only = Rule::only_step;
                        after_step = true;
                        steps.push(self.step(&line));
                    }
                }
            }
        }
        Journey {
            doc: self.doc(span),
            name,
            title,
            header,
            steps,
            span,
        }
    }

    /// Explains a line of a journey by what its first word promises.
    fn stray_journey_line(&mut self, pair: &Pair<'a, Rule>) -> JourneyLine {
        let span = self.span(pair);
        let word = first_word(pair.as_str());
        let exit_when = word == "exit" && pair.as_str().split_whitespace().nth(1) == Some("when");
        let starts_step = rule_words::starters(Rule::only_step).contains(&word);
        if exit_when || !starts_step && rule_words::starters(Rule::only_header).contains(&word) {
            self.stray_line(pair, Rule::only_header);
            JourneyLine::Header(HeaderLine::Unknown(span))
        } else {
            self.stray_line(pair, Rule::only_step);
            JourneyLine::Step(Step::Unknown(span))
        }
    }

    fn header_line(&mut self, line: &Pair<'a, Rule>) -> Option<HeaderLine> {
        let span = self.span(line);
        Some(match line.as_rule() {
            Rule::enter => HeaderLine::Enter(self.enter(line)),
            Rule::reenter => HeaderLine::Reenter(self.reenter(line)),
            Rule::one_run => {
                let restart = has(line, Rule::restart);
                HeaderLine::OneRunPer(OneRunPer {
                    key: self.path_in(line),
                    restart,
                    span,
                })
            }
            Rule::goal => HeaderLine::Goal(self.goal(line)),
            Rule::exit_when => {
                let trigger = self.trigger_in(line);
                let reason = has(line, Rule::word).then(|| self.name_in(line));
                HeaderLine::ExitWhen(ExitWhen {
                    trigger,
                    reason,
                    span,
                })
            }
            Rule::starts_at => HeaderLine::StartsAt(self.boundary(line)),
            Rule::ends_at => HeaderLine::EndsAt(self.boundary(line)),
            Rule::priority => HeaderLine::Priority(Priority {
                level: self.name_in(line),
                span,
            }),
            Rule::owner => HeaderLine::Owner(Owner {
                name: self.text_in(line),
                span,
            }),
            Rule::on_update => {
                let rule = if has(line, Rule::move_new) {
                    UpdateRule::MoveToNew
                } else {
                    UpdateRule::FinishOnOld
                };
                HeaderLine::OnUpdate(OnUpdate { rule, span })
            }
            _ => return None,
        })
    }

    fn enter(&mut self, pair: &Pair<'a, Rule>) -> Enter {
        let start = if let Some(schedule) = child(pair, Rule::schedule) {
            EntryStart::Schedule {
                schedule: self.schedule(&schedule),
                people: self.people_in(pair),
            }
        } else if let Some(request) = child(pair, Rule::by_request) {
            EntryStart::Request(self.request(&request))
        } else {
            self.entry_trigger(pair)
        };
        let members = child(pair, Rule::members).map(|members| {
            let new_only = has(&members, Rule::new_only);
            let value = if new_only {
                Members::NewOnly
            } else {
                Members::IncludingCurrent
            };
            Spanned::new(value, self.span(&members))
        });
        Enter {
            start,
            members,
            span: self.span(pair),
        }
    }

    fn boundary(&mut self, pair: &Pair<'a, Rule>) -> Boundary {
        let moment = child(pair, Rule::moment);
        let moment = moment.as_ref().unwrap_or(pair);
        Boundary {
            at: Value {
                kind: self.moment(moment),
                span: self.span(moment),
            },
            span: self.span(pair),
        }
    }

    fn request(&mut self, pair: &Pair<'a, Rule>) -> Request {
        let fields = child(pair, Rule::request_fields).map(Pair::into_inner);
        let fields: Vec<_> = fields
            .into_iter()
            .flatten()
            .filter(|it| it.as_rule() == Rule::request_field)
            .collect();
        Request {
            fields: fields.iter().map(|field| self.field(field)).collect(),
            span: self.span(pair),
        }
    }

    fn entry_trigger(&mut self, pair: &Pair<'a, Rule>) -> EntryStart {
        if let Some(word) = child(pair, Rule::mistaken_when) {
            self.written_differently(&word, "when");
        }
        let trigger = self.trigger_in(pair);
        let condition = child(pair, Rule::enter_condition).map(|part| self.condition_in(&part));
        EntryStart::When { trigger, condition }
    }

    fn schedule(&mut self, pair: &Pair<'a, Rule>) -> Schedule {
        let span = self.span(pair);
        let inner = pair.clone().into_inner().next();
        let inner = inner.as_ref().unwrap_or(pair);
        match inner.as_rule() {
            Rule::every_month => Schedule::Month {
                on: self.month_day(inner),
                at: self.clock_in(inner),
                span,
            },
            Rule::every_week => Schedule::Week {
                on: self.weekdays_in(inner),
                at: self.clock_in(inner),
                span,
            },
            Rule::on_cron => Schedule::Cron {
                expression: self.text_in(inner),
                span,
            },
            Rule::by_attribute => Schedule::Attribute {
                every_year: has(inner, Rule::kw_every),
                offset: self.offset_in(inner),
                attribute: self.path_in(inner),
                at: self.clock_in(inner),
                span,
            },
            Rule::on_date => Schedule::Once {
                date: self.date_in(inner),
                at: self.clock_in(inner),
                span,
            },
            _ => Schedule::Day {
                at: self.clock_in(inner),
                span,
            },
        }
    }

    fn offset_in(&mut self, pair: &Pair<'a, Rule>) -> Option<(Duration, Side)> {
        let duration = child(pair, Rule::duration)?;
        let side = if has(pair, Rule::kw_before) {
            Side::Before
        } else {
            Side::After
        };
        Some((self.duration(&duration), side))
    }

    fn month_day(&mut self, pair: &Pair<'a, Rule>) -> MonthDay {
        if let Some(nth) = child(pair, Rule::nth_weekday) {
            let ordinal = child(&nth, Rule::ordinal);
            let value = ordinal
                .as_ref()
                .map_or(Ordinal::First, |it| ordinal_of(it.as_str()));
            let ordinal = Spanned::new(value, self.span(ordinal.as_ref().unwrap_or(&nth)));
            if let Some(weekday) = child(&nth, Rule::weekday) {
                return MonthDay::Nth {
                    ordinal,
                    weekday: self.weekday(&weekday),
                };
            }
        }
        match child(pair, Rule::day_number) {
            Some(day) => MonthDay::Day(self.count_number_in(&day)),
            None => {
                MonthDay::LastDay(self.span(child(pair, Rule::last_day).as_ref().unwrap_or(pair)))
            }
        }
    }

    fn people_in(&mut self, pair: &Pair<'a, Rule>) -> People {
        let people = child(pair, Rule::people);
        let people = people.as_ref().unwrap_or(pair);
        match self.where_in(people) {
            Some(condition) => People::Where(condition),
            None => People::Everyone(self.span(people)),
        }
    }

    fn reenter(&mut self, pair: &Pair<'a, Rule>) -> Reenter {
        let rule = if has(pair, Rule::kw_after) {
            ReenterRule::After(self.duration_in(pair))
        } else if has(pair, Rule::kw_never) {
            ReenterRule::Never
        } else {
            ReenterRule::AnyTime
        };
        Reenter {
            rule,
            span: self.span(pair),
        }
    }

    fn goal(&mut self, pair: &Pair<'a, Rule>) -> Goal {
        Goal {
            event: self.event_in(pair),
            within: self.duration_in(pair),
            continues: has(pair, Rule::and_continue),
            span: self.span(pair),
        }
    }

    pub(super) fn sequence(&mut self, pair: &Pair<'a, Rule>) -> Sequence {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let parameters = child(pair, Rule::parameters)
            .map(Pair::into_inner)
            .into_iter()
            .flatten();
        let parameters = parameters
            .map(|parameter| self.parameter(&parameter))
            .collect();
        let title = self.title(pair);
        self.head(pair, Rule::only_sequence_head);
        let steps = self.block_in(pair);
        Sequence {
            doc: self.doc(span),
            name,
            parameters,
            title,
            steps,
            span,
        }
    }

    fn parameter(&mut self, pair: &Pair<'a, Rule>) -> Parameter {
        Parameter {
            name: self.name_in(pair),
            kind: self.field_type_in(pair),
            default: has(pair, Rule::value).then(|| self.value_in(pair)),
            span: self.span(pair),
        }
    }

    pub(super) fn moved(&mut self, pair: &Pair<'a, Rule>) -> Option<Moved> {
        let span = self.span(pair);
        let paths: Vec<_> = pair
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::path)
            .collect();
        let mut paths = paths.iter().map(|path| self.path(path));
        let from = paths.next()?;
        let target = paths.next();
        let word = |rule| child(pair, rule).map(|word| self.span(&word));
        let to = target
            .map(MovedTarget::Step)
            .or_else(|| word(Rule::kw_exit).map(MovedTarget::Exit))
            .or_else(|| word(Rule::kw_next).map(MovedTarget::Next))?;
        Some(Moved {
            doc: self.doc(span),
            from,
            to,
            span,
        })
    }

    /// Reads the two times below a pair.
    pub(super) fn clocks_in(&mut self, pair: &Pair<'a, Rule>) -> (Clock, Clock) {
        let clocks: Vec<_> = pair
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::clock)
            .collect();
        let mut clocks = clocks.iter().map(|clock| self.clock(clock));
        let from = clocks.next();
        let to = clocks.next();
        let from = from.unwrap_or_else(|| self.clock_in(pair));
        (from, to.unwrap_or(from))
    }
}

fn ordinal_of(word: &str) -> Ordinal {
    match word {
        "second" => Ordinal::Second,
        "third" => Ordinal::Third,
        "fourth" => Ordinal::Fourth,
        "last" => Ordinal::Last,
        _ => Ordinal::First,
    }
}
