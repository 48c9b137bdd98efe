//! Conditions in words. Korean takes the ending that its place in the sentence asks for.

use journey_ir as ir;
use journey_ir::{
    Atom, Comparison, Condition, ConditionIx, ItemsTest, Keep, Measure, Operand, Source, Window,
};

use super::korean::{Clause, Ending, with};
use super::values::percent;
use super::{Place, Teller, say};

/// Conditions refer only to earlier ones; this bounds what a damaged program could ask for.
const DEEPEST: usize = 64;

/// The place of a condition in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// `if …`, `…이면`.
    If,
    /// Describes a noun: `…인 구매`; in English the words stand after it.
    Who,
}

/// A condition in both shapes: a Korean clause that still takes an ending, or English words.
enum Said {
    English(String),
    Korean(Clause),
}

impl Teller<'_> {
    /// A condition in its role. `None` where it always holds.
    pub(crate) fn condition(
        &self,
        condition: ConditionIx,
        role: Role,
        place: Place<'_>,
    ) -> Option<String> {
        let ending = match role {
            Role::If => Ending::If,
            Role::Who => Ending::Who,
        };
        if matches!(self.program.condition(condition), Some(Condition::Always)) {
            return None;
        }
        Some(self.ended(condition, ending, place, 0))
    }

    fn ended(
        &self,
        condition: ConditionIx,
        ending: Ending,
        place: Place<'_>,
        depth: usize,
    ) -> String {
        let (parts, all) = match self.program.condition(condition) {
            Some(Condition::All(parts)) if self.exactly(parts).is_none() => (parts, true),
            Some(Condition::Any(parts)) => (parts, false),
            _ => return finish(self.said(condition, place, depth), ending),
        };
        let link = if all { Ending::And } else { Ending::Or };
        let last = parts.len().saturating_sub(1);
        let words: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(at, part)| {
                let ending = if at == last { ending } else { link };
                finish(self.said(*part, place, depth + 1), ending)
            })
            .collect();
        if self.is_korean() {
            words.join(" ")
        } else {
            words.join(if all { " and " } else { " or " })
        }
    }

    /// One part; a group inside a group stands in brackets.
    fn said(&self, condition: ConditionIx, place: Place<'_>, depth: usize) -> Said {
        if depth > DEEPEST {
            return self.plain("…".to_owned(), "…".to_owned());
        }
        match self.program.condition(condition) {
            None | Some(Condition::Always) => {
                self.plain("everyone".to_owned(), "누구나".to_owned())
            }
            Some(Condition::All(parts)) if let Some(said) = self.exactly(parts) => said,
            Some(Condition::All(_) | Condition::Any(_)) => {
                let inner = self.ended(condition, Ending::Who, place, depth + 1);
                self.plain(format!("({inner})"), format!("({inner} 경우)"))
            }
            Some(Condition::Not(inner)) => match self.said(*inner, place, depth + 1) {
                Said::Korean(clause) => Said::Korean(clause.not()),
                Said::English(words) => Said::English(
                    self.denied(*inner, place)
                        .unwrap_or_else(|| format!("not ({words})")),
                ),
            },
            Some(Condition::Is(atom)) => match self.program.atoms.get(atom.at()) {
                Some(atom) => self.atom(atom, place, false),
                None => self.plain(String::new(), String::new()),
            },
        }
    }

    /// `exactly 2 times`, which is at least two and not at least three.
    fn exactly(&self, parts: &[ConditionIx]) -> Option<Said> {
        let happened = |at: ConditionIx| match self.program.condition(at)? {
            Condition::Is(atom) => match self.program.atoms.get(atom.at())? {
                Atom::Happened {
                    aggregate,
                    n,
                    window,
                    ..
                } => Some((*aggregate, *n, *window)),
                _ => None,
            },
            _ => None,
        };
        let [least, most] = parts else { return None };
        let Condition::Not(most) = self.program.condition(*most)? else {
            return None;
        };
        let (of, n, window) = happened(*least)?;
        let (beyond, more, same) = happened(*most)?;
        let counts = |at: ir::AggregateIx| {
            let it = self.program.aggregate(at)?;
            Some((it.event, it.filter))
        };
        if counts(of)? != counts(beyond)? || window != same || more != n.checked_add(1)? {
            return None;
        }
        let (event, window) = (self.counted(of), self.window(window));
        if self.is_korean() {
            let event = with(&event, ("이", "가"));
            let words = format!("{window}{event} 정확히 {n}번 있");
            return Some(Said::Korean(Clause::Exists(words)));
        }
        let often = match n {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        Some(Said::English(format!(
            "“{event}” happened exactly {often}{window}"
        )))
    }

    /// An atom denied in English.
    fn denied(&self, condition: ConditionIx, place: Place<'_>) -> Option<String> {
        let Some(Condition::Is(atom)) = self.program.condition(condition) else {
            return None;
        };
        match self.atom(self.program.atoms.get(atom.at())?, place, true) {
            Said::English(words) => Some(words),
            Said::Korean(_) => None,
        }
    }

    fn plain(&self, en: String, ko: String) -> Said {
        if self.is_korean() {
            Said::Korean(Clause::Noun(ko))
        } else {
            Said::English(en)
        }
    }

    /// One question. In Korean `denied` is left to the clause.
    fn atom(&self, atom: &Atom, place: Place<'_>, denied: bool) -> Said {
        let is = if denied { "is not" } else { "is" };
        match atom {
            Atom::Compare { left, test } => self.comparison(left, test, place, denied),
            Atom::Happened {
                aggregate,
                n,
                window,
                ..
            } => {
                let event = self.counted(*aggregate);
                let window = self.when(*aggregate, *window);
                if self.is_korean() {
                    let often = if *n > 1 {
                        format!(" {n}번 이상")
                    } else {
                        String::new()
                    };
                    let event = with(&event, ("이", "가"));
                    return Said::Korean(Clause::Exists(format!("{window}{event}{often} 있")));
                }
                let often = if *n > 1 {
                    format!(" at least {n} times")
                } else {
                    String::new()
                };
                Said::English(if denied && window.is_empty() && often.is_empty() {
                    format!("“{event}” never happened")
                } else if denied {
                    format!("“{event}” did not happen{often}{window}")
                } else {
                    format!("“{event}” happened{often}{window}")
                })
            }
            Atom::Amount {
                aggregate,
                window,
                test,
                measure,
            } => {
                let what = self.amount(*aggregate, *window, *measure);
                self.tested(&what, test, place, denied)
            }
            Atom::Overdue {
                aggregate,
                intervals,
                ..
            } => self.overdue(*aggregate, *intervals, denied),
            Atom::Paced {
                newest,
                n,
                intervals,
                ..
            } => self.paced(*newest, *n, *intervals, denied),
            Atom::HappenedWith {
                aggregate,
                value,
                n,
                window,
                ..
            } => self.happened_with(*aggregate, (value, place), *n, *window, denied),
            Atom::HeldFor { condition, span } => self.held(*condition, *span, denied),
            Atom::Ranked(ranking) => self.ranked(*ranking, denied),
            Atom::Sample { name, share } => self.sampled(name, *share, denied),
            Atom::MemberFor { segment, span } => {
                let (segment, span) = (self.segment(*segment), self.span(*span));
                if self.is_korean() {
                    let words = format!("“{segment}”에 {span} 이상 계속 들어 있");
                    return Said::Korean(Clause::Exists(words));
                }
                let have = if denied { "have not been" } else { "have been" };
                Said::English(format!("they {have} in “{segment}” for at least {span}"))
            }
            Atom::StageFor {
                lifecycle,
                stage,
                span,
            } => {
                let (stage, span) = (self.stage(*lifecycle, *stage), self.span(*span));
                let lifecycle = self.lifecycle(*lifecycle);
                if self.is_korean() {
                    let lifecycle = with(lifecycle, ("이", "가"));
                    let words = format!("{lifecycle} {span} 이상 계속 “{stage}”에 머물러 있");
                    return Said::Korean(Clause::Exists(words));
                }
                let has = if denied { "has not been" } else { "has been" };
                Said::English(format!("{lifecycle} {has} “{stage}” for at least {span}"))
            }
            Atom::Items { of, filter, test } => self.items(of, *filter, test, place, denied),
            Atom::Member(segment) => {
                let segment = self.segment(*segment);
                if self.is_korean() {
                    return Said::Korean(Clause::Exists(format!("“{segment}”에 들어 있")));
                }
                let are = if denied { "are not" } else { "are" };
                Said::English(format!("they {are} in “{segment}”"))
            }
            Atom::Stage { lifecycle, stage } => {
                let stage = self.stage(*lifecycle, *stage);
                let lifecycle = self.lifecycle(*lifecycle);
                if self.is_korean() {
                    let lifecycle = with(lifecycle, ("이", "가"));
                    return Said::Korean(Clause::Noun(format!("{lifecycle} “{stage}”")));
                }
                Said::English(format!("{lifecycle} {is} “{stage}”"))
            }
            Atom::Agreed { consent, channel } => {
                let consent = self.consent(*consent);
                let by = channel.map(|it| self.channel(it));
                if self.is_korean() {
                    let by = by.map_or_else(String::new, |it| format!("({it})"));
                    return Said::Korean(Clause::Exists(format!("“{consent}”{by}에 동의해 있")));
                }
                let by = by.map_or_else(String::new, |it| format!(" by {it}"));
                let have = if denied { "have not" } else { "have" };
                Said::English(format!("they {have} agreed to “{consent}”{by}"))
            }
            Atom::Tagged(tag) => {
                if self.is_korean() {
                    return Said::Korean(Clause::Exists(format!("“{tag}” 태그가 있")));
                }
                let have = if denied { "do not have" } else { "have" };
                Said::English(format!("they {have} the tag “{tag}”"))
            }
            Atom::Inside(hours) => {
                let hours = self.hours(*hours);
                if self.is_korean() {
                    return Said::Korean(Clause::Noun(format!("지금이 {hours} 시간 안")));
                }
                let inside = if denied { "outside" } else { "inside" };
                Said::English(format!("it is {inside} {hours}"))
            }
        }
    }

    /// `in the last 2 usual intervals` has passed.
    fn overdue(&self, aggregate: ir::AggregateIx, intervals: u32, denied: bool) -> Said {
        let event = self.counted(aggregate);
        if self.is_korean() {
            let event = with(&event, ("이", "가"));
            let words = format!("{event} 평소 간격의 {intervals}배 넘게 끊겨 있");
            return Said::Korean(Clause::Exists(words));
        }
        let is = if denied { "is not" } else { "is" };
        Said::English(format!(
            "“{event}” {is} overdue by {intervals} times the usual interval"
        ))
    }

    /// `at least 2 times in the last 3 usual intervals`.
    fn paced(&self, newest: ir::AggregateIx, n: u32, intervals: u32, denied: bool) -> Said {
        let event = self.counted(newest);
        if self.is_korean() {
            let event = with(&event, ("이", "가"));
            let words = format!("최근 평소 간격의 {intervals}배 동안 {event} {n}번 이상 있");
            return Said::Korean(Clause::Exists(words));
        }
        let happened = if denied { "did not happen" } else { "happened" };
        Said::English(format!(
            "“{event}” {happened} at least {n} times in the last {intervals} usual intervals"
        ))
    }

    /// `did purchase where (cart_id is add_to_cart.cart_id)`.
    fn happened_with(
        &self,
        aggregate: ir::AggregateIx,
        (value, place): (&Source, Place<'_>),
        n: u32,
        window: ir::Window,
        denied: bool,
    ) -> Said {
        let event = self.counted(aggregate);
        let value = self.source(value, place);
        let kept = self.program.aggregate(aggregate);
        let field = kept.and_then(|it| Some(self.field(it.event, it.keep.field()?)));
        let field = field.unwrap_or_default();
        let window = self.when(aggregate, window);
        if self.is_korean() {
            let often = if n > 1 {
                format!(" {n}번 이상")
            } else {
                String::new()
            };
            let (field, event) = (with(&field, ("이", "가")), with(&event, ("이", "가")));
            let value = with(&value, ("과", "와"));
            let words = format!("{window}{field} {value} 같은 {event}{often} 있");
            return Said::Korean(Clause::Exists(words));
        }
        let often = if n > 1 {
            format!(" at least {n} times")
        } else {
            String::new()
        };
        let happened = if denied { "did not happen" } else { "happened" };
        Said::English(format!(
            "“{event}” whose {field} is {value} {happened}{often}{window}"
        ))
    }

    /// `( … ) for at least 3 days`.
    fn held(&self, condition: ConditionIx, span: ir::Span, denied: bool) -> Said {
        let what = self.condition(condition, Role::Who, Place::default());
        let (what, span) = (what.unwrap_or_default(), self.span(span));
        if self.is_korean() {
            let words = format!("{what} 상태가 {span} 이상 계속되고 있");
            return Said::Korean(Clause::Exists(words));
        }
        let has = if denied { "has not held" } else { "has held" };
        Said::English(format!("“{what}” {has} for at least {span}"))
    }

    /// `in 10% of people`.
    fn sampled(&self, name: &str, share: u32, denied: bool) -> Said {
        let share = percent(share);
        let by = if name.is_empty() {
            String::new()
        } else {
            say!(self, " by “{name}”", "“{name}” 기준 ")
        };
        if self.is_korean() {
            let words = format!("{by}전체의 {share}에 뽑혀 있");
            return Said::Korean(Clause::Exists(words));
        }
        let are = if denied { "are not" } else { "are" };
        Said::English(format!("they {are} among {share} of people{by}"))
    }

    /// `top 10% by total of purchase.total`.
    fn ranked(&self, ranking: ir::RankingIx, denied: bool) -> Said {
        let Some(ranking) = self.program.ranking(ranking) else {
            return self.plain(String::new(), String::new());
        };
        let by = match &ranking.by {
            ir::RankedBy::Amount {
                aggregate,
                measure,
                window,
            } => self.amount(*aggregate, *window, *measure),
            ir::RankedBy::Value(source) => self.source(source, Place::default()),
        };
        let (share, at) = (percent(ranking.share), ranking.at);
        if self.is_korean() {
            let words = format!("{by} 순위(매일 {at} 기준) 상위 {share}에 들어 있");
            return Said::Korean(Clause::Exists(words));
        }
        let are = if denied { "are not" } else { "are" };
        Said::English(format!(
            "they {are} among the top {share} by {by}, ranked daily at {at}"
        ))
    }

    /// `any item where ( … )`.
    fn items(
        &self,
        of: &Source,
        filter: ConditionIx,
        test: &ItemsTest,
        place: Place<'_>,
        denied: bool,
    ) -> Said {
        let list = self.source(of, place);
        let which = self.condition(filter, Role::Who, place);
        if let ItemsTest::Count(test) = test {
            let what = match which {
                Some(which) => say!(
                    self,
                    "the number of {list} where {which}",
                    "{which} {list}의 수"
                ),
                None => say!(self, "the number of {list}", "{list}의 수"),
            };
            return self.tested(&what, test, place, denied);
        }
        if self.is_korean() {
            let which = which.unwrap_or_default();
            let list = with(&list, ("이", "가"));
            return Said::Korean(match test {
                ItemsTest::Every => Clause::Noun(format!("모든 {list} {which} 것")),
                ItemsTest::No => Clause::Quality(format!("{which} {list} 없")),
                ItemsTest::Any | ItemsTest::Count(_) => {
                    Clause::Exists(format!("{which} {list} 있"))
                }
            });
        }
        let how = match test {
            ItemsTest::Every => "every",
            ItemsTest::No => "no",
            ItemsTest::Any | ItemsTest::Count(_) => "any",
        };
        let which = which.map_or_else(String::new, |which| format!(" has {which}"));
        let words = format!("{how} of {list}{which}");
        Said::English(if denied {
            format!("not ({words})")
        } else {
            words
        })
    }

    /// Events that follow each other: `장바구니 담기 뒤 1일 안에 구매가 없는 일`.
    fn chain(&self, first: String, key: Option<ir::FieldIx>, of: &ir::Aggregate) -> String {
        let Keep::Chain { then, .. } = &of.keep else {
            return first;
        };
        let shares: Vec<bool> = std::iter::once(key.is_some())
            .chain(then.iter().map(|it| it.key.is_some()))
            .collect();
        let all = shares.iter().all(|it| *it);
        let mut words = first;
        for (next, pair) in then.iter().zip(shares.windows(2)) {
            let place = Place {
                event: Some(next.event),
                registers: &[],
            };
            let event = self.event_where(next.event, next.filter, place);
            let within = self.span(next.within);
            words = match (self.is_korean(), next.absent) {
                (false, true) => format!("{words}, then no {event} within {within}"),
                (false, false) => format!("{words}, then {event} within {within}"),
                (true, true) => format!("{words} 뒤 {within} 안에 {event} 없음"),
                (true, false) => format!("{words} 뒤 {within} 안에 {event}"),
            };
            if let Some(key) = next.key.filter(|_| !all && !pair.contains(&false)) {
                let field = self.field(next.event, key);
                words = say!(self, "{words} (the same {field})", "{words}(같은 {field})");
            }
        }
        match key.filter(|_| all).map(|key| self.field(of.event, key)) {
            None => words,
            Some(field) => say!(
                self,
                "{words}, with the same {field}",
                "같은 {field}로 {words}"
            ),
        }
    }

    /// What is measured of several events: `최근 365일 동안 구매의 total 합계`.
    fn amount(&self, aggregate: ir::AggregateIx, window: Window, measure: Measure) -> String {
        let Some(of) = self.program.aggregate(aggregate) else {
            return String::new();
        };
        let counted = self.counted(aggregate);
        let window = self.when(aggregate, window);
        let Some(field) = of.keep.field() else {
            return say!(
                self,
                "the number of “{counted}”{window}",
                "{window}{counted} 횟수"
            );
        };
        let field = self.field(of.event, field);
        if matches!(of.keep, Keep::Different { .. }) {
            return say!(
                self,
                "the number of different {field} in “{counted}”{window}",
                "{window}{counted}의 서로 다른 {field} 수"
            );
        }
        let (en, ko) = match measure {
            Measure::Total => ("total", "합계"),
            Measure::Average => ("average", "평균"),
            Measure::Largest => ("largest", "최댓값"),
        };
        say!(
            self,
            "the {en} {field} of “{counted}”{window}",
            "{window}{counted}의 {field} {ko}"
        )
    }

    /// The events that an aggregate counts: `category가 홍삼인 구매`.
    pub(super) fn counted(&self, aggregate: ir::AggregateIx) -> String {
        let Some(aggregate) = self.program.aggregate(aggregate) else {
            return String::new();
        };
        let place = Place {
            event: Some(aggregate.event),
            registers: &[],
        };
        let first = self.event_where(aggregate.event, aggregate.filter, place);
        match &aggregate.keep {
            Keep::Chain { key, .. } => self.chain(first, *key, aggregate),
            _ => first,
        }
    }

    /// A word as the subject of what follows.
    pub(super) fn subject(&self, word: &str) -> String {
        if self.is_korean() {
            with(word, ("이", "가"))
        } else {
            word.to_owned()
        }
    }

    /// A comparison without the thing that is compared: `3만원 미만`, `비어 있음`.
    pub(super) fn answer(&self, condition: ConditionIx, place: Place<'_>) -> Option<String> {
        match self.program.condition(condition)? {
            Condition::Any(parts) => {
                let parts: Option<Vec<String>> =
                    parts.iter().map(|it| self.answer(*it, place)).collect();
                Some(self.list(&parts?, false))
            }
            Condition::Is(atom) => match self.program.atoms.get(atom.at())? {
                Atom::Compare { test, .. } => Some(self.bare(test, place)),
                Atom::Stage { lifecycle, stage } => Some(self.stage(*lifecycle, *stage).to_owned()),
                _ => None,
            },
            _ => None,
        }
    }

    fn bare(&self, test: &Comparison, place: Place<'_>) -> String {
        if !self.is_korean() {
            let words = self.tested_in_english("", test, place, false);
            return words.trim_start().trim_start_matches("is ").to_owned();
        }
        match self.tested_in_korean("", test, place) {
            Clause::Noun(words) => words.trim_start_matches("가 ").to_owned(),
            Clause::NotNoun(words) => {
                let noun = words.trim_start_matches("가 ").to_owned();
                format!("{} 아님", with(&noun, ("이", "가")))
            }
            Clause::Exists(words) | Clause::Quality(words) | Clause::NotVerb(words) => {
                format!("{}음", words.trim().trim_start_matches("가 "))
            }
            Clause::Verb(words) => format!("{}는 값", words.trim_start_matches("가 ")),
        }
    }

    /// An event and which of them.
    pub(crate) fn event_where(
        &self,
        event: ir::EventIx,
        filter: Option<ConditionIx>,
        place: Place<'_>,
    ) -> String {
        let words = self.event(event);
        if let Some(template) = filter.and_then(|it| self.template_of(event, it)) {
            return say!(self, "{words} of “{template}”", "“{template}” {words}");
        }
        let place = place.with(event);
        let filter = filter.and_then(|it| self.condition(it, Role::Who, place));
        match filter {
            None => words,
            Some(filter) => say!(self, "{words} where {filter}", "{filter} {words}"),
        }
    }

    /// The message that a channel's own event is about, where the filter asks for nothing else.
    fn template_of(&self, event: ir::EventIx, filter: ConditionIx) -> Option<&str> {
        let Condition::Is(atom) = self.program.condition(filter)? else {
            return None;
        };
        let Atom::Compare {
            left: Source::Field(field),
            test: Comparison::Is(Operand::Value(ir::Value::Text(template))),
        } = self.program.atoms.get(atom.at())?
        else {
            return None;
        };
        let event_type = self.program.event(event).filter(|it| it.built_in)?;
        let field = event_type.fields.get(field.at())?;
        (field.name == crate::builtin::TEMPLATE).then_some(template.as_str())
    }

    /// A window: in English after the words, in Korean before them.
    /// A window within what an aggregate keeps, which may be one stretch of time only.
    fn when(&self, aggregate: ir::AggregateIx, window: Window) -> String {
        let (from, to) = match self.program.aggregate(aggregate).map(|it| &it.keep) {
            Some(Keep::Within { from, to, .. }) => (Some(*from), Some(*to)),
            Some(
                Keep::Summary { from, to, .. }
                | Keep::Different { from, to, .. }
                | Keep::ByValue { from, to, .. },
            ) => (*from, *to),
            _ => (None, None),
        };
        match (from, to) {
            // Both ends are written in one way only, as a day.
            (Some(from), Some(_)) => {
                let day = self.day_of(from);
                say!(self, " on {day}", "{day}에 ")
            }
            (Some(from), None) => self.window(Window::Since(from)),
            (None, Some(to)) => self.window(Window::Before(to)),
            (None, None) => self.window(window),
        }
    }

    fn window(&self, window: Window) -> String {
        match window {
            Window::Ever => String::new(),
            Window::Last(span) => {
                let span = self.span(span);
                say!(self, " in the last {span}", "최근 {span} 동안 ")
            }
            Window::LastDays(days) => {
                say!(
                    self,
                    " in the last {days} calendar days",
                    "최근 {days}일(오늘 포함) 동안 "
                )
            }
            Window::Before(at) => {
                let at = self.moment(at);
                say!(self, " before {at}", "{at} 전에 ")
            }
            Window::Since(at) => {
                let at = self.moment(at);
                say!(self, " since {at}", "{at}부터 ")
            }
            Window::On(day) => {
                let day = self.date(day);
                say!(self, " on {day}", "{day}에 ")
            }
        }
    }

    fn comparison(&self, left: &Source, test: &Comparison, place: Place<'_>, denied: bool) -> Said {
        let what = self.source(left, place);
        self.tested(&what, test, place, denied)
    }

    /// What is asked of something that is named already.
    fn tested(&self, what: &str, test: &Comparison, place: Place<'_>, denied: bool) -> Said {
        if self.is_korean() {
            Said::Korean(self.tested_in_korean(what, test, place))
        } else {
            Said::English(self.tested_in_english(what, test, place, denied))
        }
    }

    fn tested_in_korean(&self, what: &str, test: &Comparison, place: Place<'_>) -> Clause {
        let subject = with(what, ("이", "가"));
        let topic = |noun: String| Clause::Noun(format!("{subject} {noun}"));
        let value = |operand: &Operand| self.operand(operand, place);
        match test {
            Comparison::Under(it) => topic(format!("{} 미만", value(it))),
            Comparison::AtMost(it) => topic(format!("{} 이하", value(it))),
            Comparison::Over(it) => topic(format!("{} 초과", value(it))),
            Comparison::AtLeast(it) => topic(format!("{} 이상", value(it))),
            Comparison::Between(low, high) => {
                topic(format!("{} 이상 {} 이하", value(low), value(high)))
            }
            Comparison::Is(it @ Operand::Source(_)) => {
                let other = with(&value(it), ("과", "와"));
                Clause::Quality(format!("{subject} {other} 같"))
            }
            Comparison::Is(it) => topic(value(it)),
            Comparison::IsNot(it @ Operand::Source(_)) => {
                let other = with(&value(it), ("과", "와"));
                Clause::Quality(format!("{subject} {other} 같지 않"))
            }
            Comparison::IsNot(it) => Clause::NotNoun(format!("{subject} {}", value(it))),
            Comparison::IsOneOf(values) => {
                let values: Vec<String> = values.iter().map(|it| self.quoted(it)).collect();
                topic(self.list(&values, false))
            }
            Comparison::Includes(it) | Comparison::Contains(it) => {
                let value = with(&value(it), ("이", "가"));
                Clause::Exists(format!("{what}에 {value} 들어 있"))
            }
            Comparison::StartsWith(it) => {
                let value = with(&value(it), ("으로", "로"));
                Clause::Verb(format!("{subject} {value} 시작하"))
            }
            Comparison::IsMissing => Clause::Exists(format!("{subject} 비어 있")),
            Comparison::IsKnown => Clause::Exists(format!("{what} 값이 있")),
        }
    }

    fn tested_in_english(
        &self,
        what: &str,
        test: &Comparison,
        place: Place<'_>,
        denied: bool,
    ) -> String {
        let value = |operand: &Operand| self.operand(operand, place);
        let (is, does) = if denied {
            ("is not", "does not ")
        } else {
            ("is", "")
        };
        let verb = |word: &str| {
            if denied {
                format!("{does}{word}")
            } else if word == "start with" {
                "starts with".to_owned()
            } else {
                format!("{word}s")
            }
        };
        match test {
            Comparison::Under(it) => format!("{what} {is} under {}", value(it)),
            Comparison::AtMost(it) => format!("{what} {is} at most {}", value(it)),
            Comparison::Over(it) => format!("{what} {is} over {}", value(it)),
            Comparison::AtLeast(it) => format!("{what} {is} at least {}", value(it)),
            Comparison::Between(low, high) => {
                format!("{what} {is} between {} and {}", value(low), value(high))
            }
            Comparison::Is(it) => format!("{what} {is} {}", value(it)),
            Comparison::IsNot(it) if denied => format!("{what} is {} or missing", value(it)),
            Comparison::IsNot(it) => format!("{what} is not {}", value(it)),
            Comparison::IsOneOf(values) => {
                let values: Vec<String> = values.iter().map(|it| self.quoted(it)).collect();
                format!("{what} {is} {}", self.list(&values, false))
            }
            Comparison::Includes(it) => format!("{what} {} {}", verb("include"), value(it)),
            Comparison::Contains(it) => format!("{what} {} {}", verb("contain"), value(it)),
            Comparison::StartsWith(it) => format!("{what} {} {}", verb("start with"), value(it)),
            Comparison::IsMissing => format!("{what} {is} missing"),
            Comparison::IsKnown => format!("{what} {is} known"),
        }
    }

    fn operand(&self, operand: &Operand, place: Place<'_>) -> String {
        match operand {
            Operand::Value(value) => self.quoted(value),
            Operand::Source(source) => self.source(source, place),
        }
    }

    /// A value; texts that are no plain word stand in quotes.
    pub(super) fn quoted(&self, value: &ir::Value) -> String {
        match value {
            ir::Value::Text(text) if !crate::written::is_name(text) => format!("“{text}”"),
            value => self.value(value),
        }
    }
}

fn finish(said: Said, ending: Ending) -> String {
    match said {
        Said::English(words) => words,
        Said::Korean(clause) => clause.end(ending),
    }
}
