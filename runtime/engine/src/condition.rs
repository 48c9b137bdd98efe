//! Conditions answered in a scene: a contact at an instant, perhaps with an event at hand and a run's registers. The
//! answer comes with the first instant at which it may change by the passing of time alone.

use std::borrow::Cow;
use std::cmp::Ordering;

use journey_ir::schema::Type;
use journey_ir::{
    AggregateIx, Atom, AttributeIx, Comparison, Condition, ConditionIx, Date, Decimal, Instant,
    ItemsTest, Keep, Operand, Source, Span, Unit, Value, Window,
};

use crate::aggregate::{Fold, Links};
use crate::calendar::{NEVER, Zone, age, birthday, later};
use crate::contact::Contact;
use crate::effect::RunId;
use crate::event::Event;
use crate::hash::start_of;
use crate::program::{Program, operands};

/// Where and when a condition is asked.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) program: &'a Program,
    pub(crate) contact: &'a Contact,
    /// The contact's zone.
    pub(crate) zone: &'a Zone,
    pub(crate) at: Instant,
    /// The event at hand.
    pub(crate) event: Option<&'a Event>,
    /// The object of a list at hand.
    pub(crate) item: Option<&'a [Option<Value>]>,
    /// The run that asks.
    pub(crate) run: Option<RunId>,
    /// What it remembers.
    pub(crate) registers: &'a [Option<Value>],
}

/// An answer and until when it surely stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) holds: bool,
    pub(crate) until: Instant,
}

impl Answer {
    pub(crate) fn always(holds: bool) -> Self {
        Self {
            holds,
            until: NEVER,
        }
    }

    /// True until an instant, false from there on.
    fn before(at: Instant, end: Instant) -> Self {
        if at < end {
            Self {
                holds: true,
                until: end,
            }
        } else {
            Self::always(false)
        }
    }
}

impl<'a> Scene<'a> {
    /// Whether a condition holds.
    pub(crate) fn holds(&self, at: ConditionIx) -> bool {
        match self.program.ir().condition(at) {
            Some(Condition::Always) => true,
            Some(Condition::All(of)) => of.iter().all(|at| self.holds(*at)),
            Some(Condition::Any(of)) => of.iter().any(|at| self.holds(*at)),
            Some(Condition::Not(of)) => !self.holds(*of),
            Some(Condition::Is(atom)) => self
                .program
                .ir()
                .atom(*atom)
                .is_some_and(|atom| self.atom(atom).holds),
            None => false,
        }
    }

    /// Whether a condition holds, and until when that is certain.
    pub(crate) fn answer(&self, at: ConditionIx) -> Answer {
        match self.program.ir().condition(at) {
            Some(Condition::Always) => Answer::always(true),
            Some(Condition::All(of)) => self.joined(of, true),
            Some(Condition::Any(of)) => self.joined(of, false),
            Some(Condition::Not(of)) => {
                let Answer { holds, until } = self.answer(*of);
                Answer {
                    holds: !holds,
                    until,
                }
            }
            Some(Condition::Is(atom)) => match self.program.ir().atom(*atom) {
                Some(atom) => self.atom(atom),
                None => Answer::always(false),
            },
            None => Answer::always(false),
        }
    }

    /// *and* (`neutral` true) or *or* (`neutral` false). While all parts are neutral the first change may change the
    /// whole; otherwise the whole stays until the last of the parts that decide it has changed.
    fn joined(&self, of: &[ConditionIx], neutral: bool) -> Answer {
        let (mut soonest, mut deciding) = (NEVER, None);
        for at in of {
            let Answer { holds, until } = self.answer(*at);
            if holds == neutral {
                soonest = soonest.min(until);
            } else {
                deciding = Some(deciding.map_or(until, |it: Instant| it.max(until)));
            }
        }
        match deciding {
            Some(until) => Answer {
                holds: !neutral,
                until,
            },
            None => Answer {
                holds: neutral,
                until: soonest,
            },
        }
    }

    fn atom(&self, atom: &Atom) -> Answer {
        match atom {
            Atom::Compare { left, test } => {
                let holds = self.compares(self.read(left).as_deref(), test);
                Answer {
                    holds,
                    until: self.next_comparison(left, test),
                }
            }
            Atom::Happened {
                aggregate,
                n,
                window,
                settle,
            } => self.happened(*aggregate, *n, *window, *settle),
            Atom::Amount {
                aggregate,
                measure,
                window,
                test,
            } => self.amount(*aggregate, *measure, *window, test),
            Atom::Overdue {
                aggregate,
                intervals,
                settle,
            } => self.overdue(*aggregate, *intervals, *settle),
            Atom::Paced {
                rhythm,
                newest,
                n,
                intervals,
                settle,
            } => self.paced(*rhythm, *newest, *n, (*intervals, *settle)),
            Atom::HappenedWith {
                aggregate,
                value,
                n,
                window,
                settle,
            } => {
                let value = self.read(value);
                let fold = self.fold(*aggregate);
                match (fold, value) {
                    (Some(Fold::ByValue(seen)), Some(value)) => {
                        self.in_window(seen.of(&value), *n, *window, *settle)
                    }
                    _ => Answer::always(false),
                }
            }
            Atom::HeldFor { condition, span } => self.held_for(*condition, *span),
            Atom::Sample { name, share } => Answer::always(self.is_in_sample(name, *share)),
            Atom::MemberFor { segment, span } => self.member_for(*segment, *span),
            Atom::StageFor {
                lifecycle,
                stage,
                span,
            } => self.stage_for(*lifecycle, *stage, *span),
            Atom::Ranked(ranking) => Answer::always(self.contact.is_ranked(self.program, *ranking)),
            Atom::Member(segment) => {
                let watch = self.contact.watch(self.program.watches().segment(*segment));
                Answer {
                    holds: watch.value == 1,
                    until: watch.flip,
                }
            }
            Atom::Stage { lifecycle, stage } => {
                let watch = self
                    .contact
                    .watch(self.program.watches().lifecycle(*lifecycle));
                Answer {
                    holds: stage.0.checked_add(1) == Some(watch.value),
                    until: watch.flip,
                }
            }
            Atom::Agreed { consent, channel } => {
                Answer::always(self.contact.agreed(self.program, *consent, *channel))
            }
            Atom::Tagged(tag) => Answer::always(self.contact.tags.binary_search(tag).is_ok()),
            Atom::Inside(hours) => match self.program.hours(*hours) {
                Some(hours) => Answer {
                    holds: hours.inside(self.at),
                    until: hours.next_change(self.at),
                },
                None => Answer::always(false),
            },
            Atom::Items { of, filter, test } => Answer::always(self.items(of, *filter, test)),
        }
    }

    /// Whether a condition holds for so many objects of a list as are asked for.
    fn items(&self, of: &Source, filter: ConditionIx, test: &ItemsTest) -> bool {
        let list = self.read(of);
        let Some(Value::Items(list)) = list.as_deref() else {
            return false;
        };
        let mut passes = list.iter().map(|item| {
            let scene = Scene {
                item: Some(item),
                ..*self
            };
            scene.holds(filter)
        });
        match test {
            ItemsTest::Any => passes.any(|it| it),
            ItemsTest::Every => passes.all(|it| it),
            ItemsTest::No => !passes.any(|it| it),
            ItemsTest::Count(test) => {
                let count = passes.filter(|it| *it).count();
                self.compares(Some(&number(count as i64)), test)
            }
        }
    }

    pub(crate) fn fold(&self, at: AggregateIx) -> Option<&'a Fold> {
        self.contact.aggregate(self.program.aggregate_key(at)?)
    }

    fn happened(&self, at: AggregateIx, n: u32, window: Window, settle: i64) -> Answer {
        let Some(fold) = self.fold(at) else {
            return Answer::always(false);
        };
        if let Fold::Chain(chain) = fold {
            let keep = self.program.ir().aggregate(at).map(|it| &it.keep);
            let Some(Keep::Chain { key, then, .. }) = keep else {
                return Answer::always(false);
            };
            let links = Links {
                first: key.is_some(),
                then,
            };
            return self.chained(chain, links, n, window, settle);
        }
        self.in_window(Some(fold), n, window, settle)
    }

    /// Whether at least `n` of the events that are kept lie in a window.
    fn in_window(&self, fold: Option<&Fold>, n: u32, window: Window, settle: i64) -> Answer {
        let Some(fold) = fold else {
            return Answer::always(false);
        };
        let newest = fold.nth_newest(n);
        match window {
            Window::Ever => Answer::always(newest.is_some()),
            Window::Last(span) => match newest {
                Some(last) => Answer::before(self.at, later(self.leaves_after(last, span), settle)),
                None => Answer::always(false),
            },
            Window::LastDays(days) => match newest {
                Some(last) => Answer::before(self.at, later(self.leaves(last, days), settle)),
                None => Answer::always(false),
            },
            Window::Since(from) => Answer::always(newest.is_some_and(|it| it >= from)),
            Window::Before(to) => Answer::always(fold.nth_oldest(n).is_some_and(|it| it < to)),
            Window::On(Date(day)) => {
                let zone = self.program.zone();
                let count = fold.count(zone.midnight(day), zone.midnight(day.saturating_add(1)));
                Answer::always(count >= n as usize)
            }
        }
    }

    /// Whether the n-th newest event lies in the last so many usual intervals. Where the usual interval is not known, all
    /// that happened does.
    fn paced(
        &self,
        rhythm: AggregateIx,
        newest: AggregateIx,
        n: u32,
        (intervals, settle): (u32, i64),
    ) -> Answer {
        let nth = self.fold(newest).and_then(|fold| fold.nth_newest(n));
        let wait = match self.fold(rhythm) {
            Some(Fold::Rhythm(rhythm)) => rhythm.intervals(intervals),
            _ => None,
        };
        match (nth, wait) {
            (None, _) => Answer::always(false),
            (Some(_), None) => Answer::always(true),
            (Some(nth), Some(wait)) => Answer::before(self.at, later(later(nth, wait), settle)),
        }
    }

    /// Whether so many usual intervals have passed since the newest event.
    fn overdue(&self, at: AggregateIx, intervals: u32, settle: i64) -> Answer {
        let due = match self.fold(at) {
            Some(Fold::Rhythm(rhythm)) => rhythm.overdue(intervals),
            _ => None,
        };
        let due = due.map_or(NEVER, |due| later(due, settle));
        let Answer { holds, until } = Answer::before(self.at, due);
        Answer {
            holds: !holds,
            until,
        }
    }

    /// Whether the contact is in a sample: a hash of both names decides.
    fn is_in_sample(&self, name: &str, share: u32) -> bool {
        let mut hash = blake3::Hasher::new();
        hash.update(b"sample\0")
            .update(name.as_bytes())
            .update(&[0])
            .update(self.contact.id().as_bytes());
        start_of(hash.finalize().as_bytes()) % 10_000 < u64::from(share)
    }

    /// The instant a span after another: business days on the project's calendar, all else on the contact's.
    pub(crate) fn after(&self, at: Instant, span: Span) -> Instant {
        self.program.after(self.zone, at, span)
    }

    /// When an event leaves a window of a span that ends now.
    pub(crate) fn leaves_after(&self, event: Instant, span: Span) -> Instant {
        match (span.unit, self.program.business_days()) {
            (Unit::BusinessDay, Some(hours)) => hours.leaves_business_days(event, span.n),
            _ => self.zone.after(event, span),
        }
    }

    /// When an event leaves a window of calendar days in the project's zone.
    pub(crate) fn leaves(&self, event: Instant, days: u32) -> Instant {
        self.leaves_on(self.program.zone().day(event), days)
    }

    pub(crate) fn leaves_on(&self, day: i32, days: u32) -> Instant {
        let days = i32::try_from(days).unwrap_or(i32::MAX);
        self.program.zone().midnight(day.saturating_add(days))
    }

    /// The value of a source, where it has one.
    pub(crate) fn read(&self, source: &Source) -> Option<Cow<'a, Value>> {
        match source {
            Source::Attribute(at) => self.attribute(*at),
            Source::Field(at) => {
                let value = self.event?.fields.get(at.at())?.as_ref()?;
                Some(Cow::Borrowed(value))
            }
            Source::Register(at) => {
                let value = self.registers.get(at.at())?.as_ref()?;
                Some(Cow::Borrowed(value))
            }
            Source::OfferExpires(at) => {
                let expires = self.contact.issued(self.program, *at, self.run)?.expires;
                (expires != NEVER).then_some(Cow::Owned(Value::Moment(expires)))
            }
            Source::OfferIssued(at) => {
                let issued = self.contact.issued(self.program, *at, self.run)?.at;
                Some(Cow::Owned(Value::Moment(issued)))
            }
            Source::Item(at) => {
                let value = self.item?.get(at.field.at())?.as_ref()?;
                Some(Cow::Borrowed(value))
            }
            Source::Score(at) => self.score(*at).map(Cow::Owned),
            Source::Recalled(at) => match self.fold(*at)? {
                Fold::LastValue(newest) => newest.value().map(Cow::Borrowed),
                Fold::Favourite(favourite) => favourite.value().map(Cow::Borrowed),
                _ => None,
            },
        }
    }

    /// The value of an attribute, computed where it is.
    pub(crate) fn attribute(&self, at: AttributeIx) -> Option<Cow<'a, Value>> {
        let Type::YearsSince(base) = self.program.ir().attribute(at)?.kind else {
            return self.contact.attribute(self.program, at).map(Cow::Borrowed);
        };
        let years = age(self.born(base)?, self.zone.day(self.at))?;
        Some(Cow::Owned(number(years)))
    }

    fn born(&self, base: AttributeIx) -> Option<i32> {
        match self.contact.attribute(self.program, base)? {
            Value::Date(Date(day)) => Some(*day),
            _ => None,
        }
    }

    /// When a comparison may next have another answer by itself.
    fn next_comparison(&self, left: &Source, test: &Comparison) -> Instant {
        let read = operands(test).into_iter().flatten();
        let sources = read.filter_map(|operand| match operand {
            Operand::Source(source) => Some(self.next_reading(source)),
            Operand::Value(_) => None,
        });
        let own = match left {
            Source::Score(at) => self.score_flips(*at, test),
            Source::Attribute(at) => self.age_flips(*at, test),
            source => self.next_reading(source),
        };
        sources.fold(own, Instant::min)
    }

    /// When a comparison of an age next has another answer: on a birthday near a number it is compared with.
    fn age_flips(&self, at: AttributeIx, test: &Comparison) -> Instant {
        let next = || {
            let Type::YearsSince(base) = self.program.ir().attribute(at)?.kind else {
                return None;
            };
            let born = self.born(base)?;
            let now = age(born, self.zone.day(self.at))?;
            let holds = |years| self.compares(Some(&number(years)), test);
            let near = self.numbers(test).filter_map(|it| i64::try_from(it).ok());
            let mut years: Vec<i64> = near.flat_map(|it| [it, it.saturating_add(1)]).collect();
            years.retain(|it| *it > now);
            years.sort_unstable();
            let years = years.into_iter().find(|it| holds(*it) != holds(now))?;
            Some(self.zone.midnight(birthday(born, years)?))
        };
        next().unwrap_or(NEVER)
    }

    /// When a source next changes by itself: on a birthday, or as a score fades.
    fn next_reading(&self, source: &Source) -> Instant {
        if let Source::Score(at) = source {
            return self.score_changes(*at);
        }
        let next = || {
            let Source::Attribute(at) = source else {
                return None;
            };
            let Type::YearsSince(base) = self.program.ir().attribute(*at)?.kind else {
                return None;
            };
            let born = self.born(base)?;
            let day = birthday(born, age(born, self.zone.day(self.at))? + 1)?;
            Some(self.zone.midnight(day))
        };
        next().unwrap_or(NEVER)
    }

    pub(crate) fn compares(&self, left: Option<&Value>, test: &Comparison) -> bool {
        let order = |operand: &Operand| {
            let right = self.operand(operand)?;
            self.order(left?, &right)
        };
        match test {
            Comparison::IsMissing => left.is_none(),
            Comparison::IsKnown => left.is_some(),
            Comparison::Under(x) => order(x).is_some_and(Ordering::is_lt),
            Comparison::AtMost(x) => order(x).is_some_and(Ordering::is_le),
            Comparison::Over(x) => order(x).is_some_and(Ordering::is_gt),
            Comparison::AtLeast(x) => order(x).is_some_and(Ordering::is_ge),
            Comparison::Between(a, b) => {
                order(a).is_some_and(Ordering::is_ge) && order(b).is_some_and(Ordering::is_le)
            }
            Comparison::Is(x) => {
                let right = self.operand(x);
                left.zip(right.as_deref())
                    .is_some_and(|(a, b)| self.same(a, b))
            }
            Comparison::IsNot(x) => {
                let right = self.operand(x);
                left.zip(right.as_deref())
                    .is_some_and(|(a, b)| !self.same(a, b))
            }
            Comparison::IsOneOf(of) => left.is_some_and(|a| of.iter().any(|b| self.same(a, b))),
            Comparison::Includes(x) => match (left, self.operand(x)) {
                (Some(Value::List(of)), Some(b)) => of.iter().any(|a| self.same(a, &b)),
                _ => false,
            },
            Comparison::Contains(x) => match (left, self.operand(x).as_deref()) {
                (Some(Value::Text(a)), Some(Value::Text(b))) => a.contains(b.as_str()),
                _ => false,
            },
            Comparison::StartsWith(x) => match (left, self.operand(x).as_deref()) {
                (Some(Value::Text(a)), Some(Value::Text(b))) => a.starts_with(b.as_str()),
                _ => false,
            },
        }
    }

    pub(crate) fn operand<'b>(&self, operand: &'b Operand) -> Option<Cow<'b, Value>>
    where
        'a: 'b,
    {
        match operand {
            Operand::Value(value) => Some(Cow::Borrowed(value)),
            Operand::Source(source) => self.read(source),
        }
    }

    fn same(&self, a: &Value, b: &Value) -> bool {
        a == b || self.order(a, b) == Some(Ordering::Equal)
    }

    /// How two values compare; `None` where they cannot be compared, as amounts of two currencies.
    fn order(&self, a: &Value, b: &Value) -> Option<Ordering> {
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
            (Value::Money(a), Value::Money(b)) => {
                (a.currency == b.currency).then(|| a.minor.cmp(&b.minor))
            }
            (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
            (Value::Moment(a), Value::Moment(b)) => Some(a.cmp(b)),
            (Value::Moment(a), Value::Date(Date(b))) => Some(self.zone.day(*a).cmp(b)),
            (Value::Date(Date(a)), Value::Moment(b)) => Some(a.cmp(&self.zone.day(*b))),
            (Value::Span(a), Value::Span(b)) => Some(a.at_most().cmp(&b.at_most())),
            _ => None,
        }
    }
}

pub(crate) fn number(n: i64) -> Value {
    Value::Number(Decimal(n.saturating_mul(Decimal::ONE)))
}
