//! Segments, lifecycles, scores, offers, policies, audiences, funnels and KPIs.

use pest::iterators::Pair;

use super::{Reader, child, has, values};
use crate::parse::Rule;
use crate::problem::{Edit, ProblemKind};
use crate::recover::is_readable;
use crate::tree::{
    Audience, AudienceLine, Condition, Date, Funnel, FunnelLine, FunnelStage, HoldOut, Kpi,
    KpiAlert, KpiLine, KpiTarget, Lifecycle, LifecycleLine, Measure, MessageCap, Offer, OfferLine,
    OverflowAction, Points, Policy, PolicyLine, QuietHours, Score, ScoreLine, ScoreRange, Segment,
    Span, Spanned, Stage, StageTest, TimeUnit,
};

impl<'a> Reader<'a> {
    pub(super) fn segment(&mut self, pair: &Pair<'a, Rule>) -> Segment {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let condition = match child(pair, Rule::segment_body) {
            Some(body) => self.segment_condition(body),
            None => Condition::Unknown(span),
        };
        Segment {
            doc: self.doc(span),
            name,
            title,
            condition,
            span,
        }
    }

    fn segment_condition(&mut self, body: Pair<'a, Rule>) -> Condition {
        let span = self.span(&body);
        let mut condition = None;
        let mut start = 0;
        let mut strays = 0;
        for pair in body.into_inner() {
            match pair.as_rule() {
                Rule::condition => {
                    start = pair.as_span().start();
                    condition = Some(self.condition(&pair));
                }
                Rule::mistaken_end => self.needless(&pair),
                Rule::stray_tail => {
                    self.stray_tail(start, &pair, Rule::only_condition);
                    strays += 1;
                }
                _ => {
                    self.stray_condition(&pair, condition.is_some() && strays == 0);
                    strays += 1;
                }
            }
        }
        if condition.is_none() && strays == 0 {
            let place = Span::new(span.start, span.start + 1);
            let expected = crate::rule_words::expected(&[Rule::condition]);
            self.problem(
                ProblemKind::Unfinished {
                    expected,
                    example: None,
                },
                place,
                None,
            );
        }
        // A part of a condition is another condition, so it is not taken for the whole.
        condition
            .filter(|_| strays == 0)
            .unwrap_or(Condition::Unknown(span))
    }

    /// Explains a further line of a segment; a condition of its own lacks the word before it.
    fn stray_condition(&mut self, pair: &Pair<'a, Rule>, follows: bool) {
        if follows && is_readable(pair.as_str(), Rule::only_condition) {
            let span = self.span(pair);
            let place = Span::new(span.start, span.start);
            let fix = Edit {
                span: place,
                replacement: "and ".to_owned(),
            };
            self.problem_with(ProblemKind::MissingAnd, span, fix);
        } else {
            self.stray_line(pair, Rule::only_condition);
        }
    }

    pub(super) fn lifecycle(&mut self, pair: &Pair<'a, Rule>) -> Lifecycle {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let body = child(pair, Rule::lifecycle_body);
        let lines = self.lines(
            body,
            Rule::only_lifecycle,
            LifecycleLine::Unknown,
            |reader, line| Some(LifecycleLine::Stage(reader.stage(&line))),
        );
        Lifecycle {
            doc: self.doc(span),
            name,
            title,
            lines,
            span,
        }
    }

    fn stage(&mut self, pair: &Pair<'a, Rule>) -> Stage {
        let name = self.name_in(pair);
        let title = self.title(pair);
        self.mistaken_if_in(pair);
        let mut otherwise = child(pair, Rule::kw_otherwise);
        if let Some(word) = child(pair, Rule::mistaken_else) {
            self.written_differently(&word, "otherwise");
            otherwise = Some(word);
        }
        let test = match otherwise {
            Some(word) => StageTest::Otherwise(self.span(&word)),
            None => StageTest::When(self.condition_in(pair)),
        };
        Stage {
            name,
            title,
            test,
            span: self.span(pair),
        }
    }

    /// Reports `if` where `when` is written.
    fn mistaken_if_in(&mut self, pair: &Pair<'a, Rule>) {
        if let Some(word) = child(pair, Rule::mistaken_if) {
            self.written_differently(&word, "when");
        }
    }

    pub(super) fn score(&mut self, pair: &Pair<'a, Rule>) -> Score {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let body = child(pair, Rule::score_body);
        let lines = self.lines(
            body,
            Rule::only_score,
            ScoreLine::Unknown,
            |reader, line| {
                Some(match line.as_rule() {
                    Rule::score_points => ScoreLine::Points(reader.score_points(&line)),
                    Rule::score_halves => ScoreLine::HalvesEvery(reader.duration_in(&line)),
                    _ => ScoreLine::ShownBetween(reader.score_range(&line)),
                })
            },
        );
        Score {
            doc: self.doc(span),
            name,
            title,
            lines,
            span,
        }
    }

    fn score_points(&mut self, pair: &Pair<'a, Rule>) -> Points {
        self.mistaken_if_in(pair);
        let written = child(pair, Rule::points);
        let written = written.as_ref().unwrap_or(pair);
        let span = self.span(written);
        let value = written.as_str().parse::<i64>();
        if value.is_err() {
            let number = written.as_str().to_owned();
            self.problem(ProblemKind::NumberTooLong { number }, span, None);
        }
        let points = Spanned::new(value.unwrap_or(0), span);
        Points {
            points,
            event: self.event_in(pair),
            span: self.span(pair),
        }
    }

    fn score_range(&mut self, pair: &Pair<'a, Rule>) -> ScoreRange {
        let numbers: Vec<_> = pair
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::number)
            .collect();
        let mut numbers = numbers.iter().map(|number| self.number(number));
        let low = numbers.next();
        let high = numbers.next();
        let low = low.unwrap_or_else(|| self.number_in(pair));
        ScoreRange {
            low,
            high: high.unwrap_or(low),
            span: self.span(pair),
        }
    }

    pub(super) fn offer(&mut self, pair: &Pair<'a, Rule>) -> Offer {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let body = child(pair, Rule::offer_body);
        let lines = self.lines(
            body,
            Rule::only_offer,
            OfferLine::Unknown,
            |reader, line| {
                let span = reader.span(&line);
                Some(match line.as_rule() {
                    Rule::offer_percent => {
                        let percent = child(&line, Rule::percent)?;
                        OfferLine::PercentOff(reader.number_in(&percent))
                    }
                    Rule::offer_money => OfferLine::MoneyOff(reader.money_in(&line)),
                    Rule::offer_shipping => OfferLine::FreeShipping(span),
                    Rule::offer_valid => OfferLine::Valid(reader.duration_in(&line)),
                    Rule::offer_once => OfferLine::OncePerContact(span),
                    Rule::offer_minimum => OfferLine::Minimum(reader.money_in(&line)),
                    Rule::offer_points => OfferLine::Points(reader.count_number_in(&line)),
                    Rule::offer_entries => OfferLine::DrawEntries(reader.count_number_in(&line)),
                    Rule::offer_most => OfferLine::MostOff(reader.money_in(&line)),
                    Rule::offer_worth => OfferLine::Worth(reader.money_in(&line)),
                    Rule::offer_budget => OfferLine::Budget(reader.money_in(&line)),
                    _ => OfferLine::Stock(reader.count_number_in(&line)),
                })
            },
        );
        Offer {
            doc: self.doc(span),
            name,
            title,
            lines,
            span,
        }
    }

    pub(super) fn policy(&mut self, pair: &Pair<'a, Rule>) -> Policy {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let body = child(pair, Rule::policy_body);
        let lines = self.lines(
            body,
            Rule::only_policy,
            PolicyLine::Unknown,
            |reader, line| {
                Some(match line.as_rule() {
                    Rule::policy_cap => PolicyLine::Cap(reader.message_cap(&line)),
                    Rule::policy_holdout => PolicyLine::HoldOut(reader.hold_out(&line)),
                    _ => PolicyLine::Quiet(reader.quiet_hours(&line)),
                })
            },
        );
        Policy {
            doc: self.doc(span),
            name,
            title,
            lines,
            span,
        }
    }

    fn message_cap(&mut self, pair: &Pair<'a, Rule>) -> MessageCap {
        MessageCap {
            count: self.count_number_in(pair),
            purpose: self.name_in(pair),
            per: self.duration_in(pair),
            then: self.overflow_in(pair),
            span: self.span(pair),
        }
    }

    fn hold_out(&mut self, pair: &Pair<'a, Rule>) -> HoldOut {
        let share = child(pair, Rule::percent);
        HoldOut {
            share: self.number_in(share.as_ref().unwrap_or(pair)),
            purpose: self.name_in(pair),
            span: self.span(pair),
        }
    }

    fn quiet_hours(&mut self, pair: &Pair<'a, Rule>) -> QuietHours {
        let purpose = self.name_in(pair);
        let (from, to) = self.clocks_in(pair);
        let except = child(pair, Rule::policy_except)
            .map(|part| self.names_in(&part))
            .unwrap_or_default();
        QuietHours {
            purpose,
            from,
            to,
            except,
            then: self.overflow_in(pair),
            span: self.span(pair),
        }
    }

    fn overflow_in(&self, pair: &Pair<'a, Rule>) -> Spanned<OverflowAction> {
        let Some(part) = child(pair, Rule::overflow) else {
            return Spanned::new(OverflowAction::Skip, self.span(pair));
        };
        let action = if has(&part, Rule::kw_wait) {
            OverflowAction::Wait
        } else {
            OverflowAction::Skip
        };
        let word = child(&part, Rule::kw_wait).or_else(|| child(&part, Rule::kw_skip));
        Spanned::new(action, self.span(word.as_ref().unwrap_or(&part)))
    }

    pub(super) fn audience(&mut self, pair: &Pair<'a, Rule>) -> Audience {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let body = child(pair, Rule::audience_body);
        let lines = self.lines(
            body,
            Rule::only_audience,
            AudienceLine::Unknown,
            |reader, line| {
                Some(match line.as_rule() {
                    Rule::audience_people => AudienceLine::People(reader.where_in(&line)?),
                    Rule::audience_sync => AudienceLine::SyncTo(reader.names_in(&line)),
                    Rule::audience_consent => AudienceLine::NeedsConsent(reader.name_in(&line)),
                    Rule::audience_match => AudienceLine::MatchBy(reader.names_in(&line)),
                    Rule::audience_ranked => AudienceLine::RankedDaily(reader.clock_in(&line)),
                    _ => AudienceLine::KeepAtMost(reader.duration_in(&line)),
                })
            },
        );
        Audience {
            doc: self.doc(span),
            name,
            title,
            lines,
            span,
        }
    }

    pub(super) fn funnel(&mut self, pair: &Pair<'a, Rule>) -> Funnel {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let body = child(pair, Rule::funnel_body);
        let lines = self.lines(
            body,
            Rule::only_funnel,
            FunnelLine::Unknown,
            |reader, line| Some(FunnelLine::Stage(Box::new(reader.funnel_stage(&line)))),
        );
        Funnel {
            doc: self.doc(span),
            name,
            title,
            lines,
            span,
        }
    }

    fn funnel_stage(&mut self, pair: &Pair<'a, Rule>) -> FunnelStage {
        self.mistaken_if_in(pair);
        FunnelStage {
            name: self.name_in(pair),
            title: self.title(pair),
            event: self.event_in(pair),
            count: child(pair, Rule::count).map(|count| self.count(&count)),
            within: child(pair, Rule::within).map(|within| self.duration_in(&within)),
            span: self.span(pair),
        }
    }

    pub(super) fn kpi(&mut self, pair: &Pair<'a, Rule>) -> Kpi {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let body = child(pair, Rule::kpi_body);
        let lines = self.lines(body, Rule::only_kpi, KpiLine::Unknown, |reader, line| {
            let span = reader.span(&line);
            Some(match line.as_rule() {
                Rule::kpi_measure => KpiLine::Measure(reader.measure(&line)),
                Rule::kpi_every => KpiLine::Every(reader.unit_in(&line)),
                Rule::kpi_target => {
                    let by: Option<Date> = child(&line, Rule::date).map(|date| reader.date(&date));
                    KpiLine::Target(KpiTarget {
                        comparison: reader.comparison_in(&line),
                        by,
                        span,
                    })
                }
                _ => {
                    let when = reader.comparison_in(&line);
                    KpiLine::Alert(KpiAlert {
                        to: reader.path_in(&line),
                        when,
                        span,
                    })
                }
            })
        });
        Kpi {
            doc: self.doc(span),
            name,
            title,
            lines,
            span,
        }
    }

    fn measure(&mut self, pair: &Pair<'a, Rule>) -> Measure {
        let Some(ratio) = child(pair, Rule::ratio) else {
            return Measure::Share(self.condition_in(pair));
        };
        let paths: Vec<_> = ratio
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::path)
            .collect();
        let mut paths = paths.iter().map(|path| self.path(path));
        let numerator = paths.next();
        let denominator = paths.next();
        let numerator = numerator.unwrap_or_else(|| self.path_in(&ratio));
        Measure::Ratio {
            denominator: denominator.unwrap_or_else(|| numerator.clone()),
            numerator,
        }
    }

    fn unit_in(&self, pair: &Pair<'a, Rule>) -> Spanned<TimeUnit> {
        let unit = child(pair, Rule::unit);
        let span = self.span(unit.as_ref().unwrap_or(pair));
        let unit = unit.and_then(|unit| values::time_unit(unit.as_str()));
        Spanned::new(unit.unwrap_or(TimeUnit::Day), span)
    }
}
