//! All ways through a journey, with the time at which each step is reached.
//!
//! Comes in: the steps of one journey. Goes out: each way from the entry to an end once, every step on it with its
//! earliest and latest time since the entry. Where there are too many ways, some are left out, and that is told.

use std::collections::BTreeSet;

use journey_ir as ir;
use journey_ir::journey::{Argument, Expression, Side, Unclear, Until};
use journey_ir::time::{DAY, MINUTE};
use journey_ir::{
    Channel, Clock, Journey, OfferIx, PolicyRule, Program, Purpose, Source, StepIx, StepKind, Then,
};

use super::span::Length;

/// The most steps on all ways of one journey together, a step counted once for each way it is on.
const MOST_STOPS: usize = 60_000;
/// The most ways of one journey.
const MOST_PATHS: usize = 2_000;

/// One way through a journey.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path {
    /// The steps on it, in order.
    pub(crate) stops: Vec<Stop>,
}

/// A step on a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The step.
    pub(crate) step: StepIx,
    /// How long after the entry it is reached.
    pub(crate) reached: Length,
    /// How long after the entry it is left.
    pub(crate) left: Length,
    /// The local clock time at which it is reached, where that is known.
    pub(crate) clock: Option<Clock>,
    /// By which way out.
    pub(crate) way: Way,
}

/// A way out of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// What follows; of a race the timeout, of a branch the `otherwise`.
    Next,
    /// An arm.
    Arm(usize),
}

/// A way that is still being followed.
struct Open {
    /// Where it goes on; `None` at an end.
    step: Option<StepIx>,
    /// How many steps lead here, and by which way out of the last.
    depth: usize,
    way: Way,
    at: Length,
    clock: Option<Clock>,
}

/// Shows every way through a journey; whether it has shown all.
pub(crate) fn each(program: &Program, journey: &Journey, mut see: impl FnMut(&Path)) -> bool {
    let mut path = Path::default();
    let (mut stops, mut paths) = (0_usize, 0_usize);
    let longest = longest(journey);
    let mut open = vec![Open {
        step: journey.start,
        depth: 0,
        way: Way::Next,
        at: Length::ZERO,
        clock: entry_clock(journey),
    }];
    while let Some(from) = open.pop() {
        path.stops.truncate(from.depth);
        if let Some(last) = path.stops.last_mut() {
            (last.way, last.left) = (from.way, from.at);
        }
        let step = from
            .step
            .and_then(|at| Some((at, journey.steps.get(at.at())?)));
        let Some((at, step)) = step else {
            stops = stops.saturating_add(path.stops.len());
            paths += 1;
            see(&path);
            if stops > MOST_STOPS || paths > MOST_PATHS {
                return open.is_empty();
            }
            continue;
        };
        // No way is longer than a journey can be; one that is has come back to where it was.
        if path.stops.len() > longest {
            return false;
        }
        path.stops.push(Stop {
            step: at,
            reached: from.at,
            left: from.at,
            clock: from.clock,
            way: Way::Next,
        });
        let here = Here {
            program,
            journey,
            path: &path,
            at: from.at,
            clock: from.clock,
        };
        let before = open.len();
        here.ways(&step.kind, &mut open);
        // The first way out is followed first.
        if let Some(new) = open.get_mut(before..) {
            new.reverse();
        }
    }
    true
}

/// How many steps a way can have, with its repeats written out.
fn longest(journey: &Journey) -> usize {
    let times = journey.steps.iter().map(|step| match &step.kind {
        StepKind::Repeat { times, .. } => usize::from(*times),
        _ => 0,
    });
    let all = times.fold(1_usize, usize::saturating_add);
    journey.steps.len().saturating_mul(all)
}

fn entry_clock(journey: &Journey) -> Option<Clock> {
    use ir::time::Schedule;
    match &journey.entry {
        ir::Entry::Schedule { schedule, .. } => match schedule {
            Schedule::Monthly { at, .. }
            | Schedule::Weekly { at, .. }
            | Schedule::Daily { at }
            | Schedule::Once { at, .. }
            | Schedule::Attribute { at, .. } => Some(*at),
            Schedule::Cron(_) => None,
        },
        ir::Entry::When { .. } => None,
    }
}

/// The step at the end of a way.
struct Here<'a> {
    program: &'a Program,
    journey: &'a Journey,
    path: &'a Path,
    at: Length,
    clock: Option<Clock>,
}

impl Here<'_> {
    fn ways(&self, kind: &StepKind, open: &mut Vec<Open>) {
        match kind {
            StepKind::Do { next, .. }
            | StepKind::Assign { next, .. }
            | StepKind::Set { next, .. }
            | StepKind::Remember { next, .. }
            | StepKind::Tag { next, .. } => self.go(open, *next, Way::Next, Length::ZERO),
            StepKind::Repeat {
                times,
                every,
                settle,
                until,
                body,
                next,
            } => {
                let again = self.again(*every, *settle);
                let begun = again.map_or(0, |(begun, _)| begun);
                let wait = again.map_or(self.at, |(_, begins)| begins);
                if begun < usize::from(*times) {
                    let clock = self.clock.filter(|_| begun == 0);
                    self.go_at(open, *body, Way::Arm(0), (wait, clock));
                }
                if begun >= usize::from(*times) {
                    self.go(open, *next, Way::Next, Length::ZERO);
                } else if until.is_some() && begun > 0 {
                    let meanwhile = Length {
                        least: self.at.least,
                        most: wait.most,
                    };
                    self.go_at(open, *next, Way::Next, (meanwhile, None));
                }
            }
            StepKind::Ask {
                limit,
                settle,
                answer,
                unclear,
                timeout,
                ..
            } => {
                let limit = Length::of(*limit);
                let meanwhile = Length { least: 0, ..limit };
                self.go(open, *answer, Way::Arm(0), meanwhile);
                if let Unclear::Take(next) = unclear {
                    self.go(open, *next, Way::Arm(1), meanwhile);
                }
                let over = limit.then(Length::exact(*settle));
                self.go(open, *timeout, Way::Next, over);
            }
            StepKind::EveryNth {
                then, otherwise, ..
            } => {
                self.go(open, *then, Way::Arm(0), Length::ZERO);
                self.go(open, *otherwise, Way::Next, Length::ZERO);
            }
            StepKind::Draw { arms, .. } => {
                for (at, arm) in arms.iter().enumerate() {
                    self.go(open, arm.next, Way::Arm(at), Length::ZERO);
                }
            }
            StepKind::Send {
                candidates,
                between,
                next,
                ..
            } => {
                let held = held(self.program, candidates, *between);
                self.go(open, *next, Way::Next, held);
            }
            StepKind::Wait {
                span,
                settle,
                until,
                next,
            } => self.wait(open, *span, *settle, until.as_ref(), *next),
            StepKind::Race {
                limit,
                settle,
                arms,
                timeout,
            } => {
                let limit = Length::of(*limit);
                let meanwhile = Length {
                    least: 0,
                    most: limit.most.map(|it| it.saturating_add(*settle)),
                };
                for (at, arm) in arms.iter().enumerate() {
                    self.go(open, arm.next, Way::Arm(at), meanwhile);
                }
                let over = limit.then(Length::exact(*settle));
                self.go(open, *timeout, Way::Next, over);
            }
            StepKind::Branch { arms, otherwise } => {
                for (at, (_, next)) in arms.iter().enumerate() {
                    self.go(open, *next, Way::Arm(at), Length::ZERO);
                }
                self.go(open, *otherwise, Way::Next, Length::ZERO);
            }
            StepKind::Split { arms, .. } => {
                for (at, arm) in arms.iter().enumerate() {
                    self.go(open, arm.next, Way::Arm(at), Length::ZERO);
                }
            }
            StepKind::Exit { .. } => self.go(open, None, Way::Next, Length::ZERO),
        }
    }

    /// At a repeat: how many times it has begun on this way, and when it may begin again; `None` the first time.
    fn again(&self, every: ir::Span, settle: i64) -> Option<(usize, Length)> {
        let (here, before) = self.path.stops.split_last()?;
        let same = before.iter().rev().filter(|it| it.step == here.step);
        let turns: Vec<&Stop> = same.take_while(|it| it.way != Way::Next).collect();
        let first = turns.last()?;
        let n = u32::try_from(turns.len()).unwrap_or(u32::MAX);
        let whole = ir::Span::new(every.n.saturating_mul(n), every.unit);
        let due = first.reached.then(Length::of(whole));
        let begins = due.then(Length::exact(settle)).max(self.at);
        Some((turns.len(), begins))
    }

    fn go(&self, open: &mut Vec<Open>, step: Option<StepIx>, way: Way, takes: Length) {
        let clock = self.clock.filter(|_| takes == Length::ZERO);
        self.go_at(open, step, way, (self.at.then(takes), clock));
    }

    fn go_at(
        &self,
        open: &mut Vec<Open>,
        step: Option<StepIx>,
        way: Way,
        (at, clock): (Length, Option<Clock>),
    ) {
        open.push(Open {
            step,
            depth: self.path.stops.len(),
            way,
            at,
            clock,
        });
    }

    fn wait(
        &self,
        open: &mut Vec<Open>,
        span: Option<ir::Span>,
        settle: i64,
        until: Option<&Until>,
        next: Option<StepIx>,
    ) {
        let base = self.at.then(span.map_or(Length::ZERO, Length::of));
        let settled = base.then(Length::exact(settle));
        let certain = settle == 0 || span.is_none();
        let whole_days = span.is_none_or(|span| span.exact().is_none());
        let (over, clock) = match until {
            None => (settled, self.clock.filter(|_| certain && whole_days)),
            Some(until) => {
                let (over, clock) = self.until(base, until);
                (over.max(settled), clock.filter(|_| certain))
            }
        };
        self.go_at(open, next, Way::Next, (over, clock));
    }

    fn until(&self, base: Length, until: &Until) -> (Length, Option<Clock>) {
        match until {
            Until::Clock(at) => (base.then(Length::up_to(DAY)), Some(*at)),
            Until::Weekday { at, .. } => (base.then(Length::up_to(7 * DAY)), Some(*at)),
            // One that is past goes on at once, at any time of day.
            Until::Date { .. } | Until::Inside(_) => (base.then(Length::ANY), None),
            Until::Moment { of, offset } => (self.moment(base, of, *offset), None),
        }
    }

    fn moment(&self, base: Length, of: &Source, offset: Option<(ir::Span, Side)>) -> Length {
        let end = match of {
            Source::OfferExpires(offer) => self.end_of(*offer),
            _ => None,
        };
        let Some(end) = end else {
            return base.then(Length::ANY);
        };
        let moved = match offset {
            None => end,
            Some((by, Side::After)) => end.then(Length::of(by)),
            Some((by, Side::Before)) => {
                let by = Length::of(by);
                Length {
                    least: end.least.saturating_sub(by.most.unwrap_or(i64::MAX)),
                    most: end.most.map(|it| it.saturating_sub(by.least)),
                }
            }
        };
        base.max(moved)
    }

    /// When an offer that was issued on the way ends, since the entry.
    fn end_of(&self, offer: OfferIx) -> Option<Length> {
        let issued = self.path.issue_of(self.journey, offer)?;
        let declared = self.program.offer(offer)?;
        let end = issued.then(Length::of(declared.valid?));
        // One that a contact gets only once may have been issued long before.
        Some(if declared.once_per_contact {
            Length { least: 0, ..end }
        } else {
            end
        })
    }
}

impl Path {
    /// When the first step of the way that carries an offer is left, since the entry.
    pub(crate) fn issue_of(&self, journey: &Journey, offer: OfferIx) -> Option<Length> {
        self.stops.iter().find_map(|stop| {
            let carries = carries(&journey.steps.get(stop.step.at())?.kind, offer);
            carries.then_some(Length {
                least: stop.reached.least,
                most: stop.left.most,
            })
        })
    }

    /// The messages that the way may send, each with its stop.
    pub(crate) fn sends<'p>(
        &'p self,
        journey: &'p Journey,
    ) -> impl Iterator<Item = (usize, &'p Stop, &'p [ir::MessageIx])> {
        self.stops.iter().enumerate().filter_map(|(at, stop)| {
            match &journey.steps.get(stop.step.at())?.kind {
                StepKind::Send { candidates, .. } => Some((at, stop, candidates.as_slice())),
                _ => None,
            }
        })
    }

    /// The beginning of the way, up to a stop.
    pub(crate) fn up_to(&self, at: usize) -> Self {
        Self {
            stops: self
                .stops
                .iter()
                .take(at.saturating_add(1))
                .cloned()
                .collect(),
        }
    }

    /// The shortest stretch of time from one stop to a later one that can be.
    pub(crate) fn least_between(&self, from: usize, to: usize) -> Option<i64> {
        let (from, to) = (self.stops.get(from)?, self.stops.get(to)?);
        Some(to.reached.least.saturating_sub(from.reached.least))
    }
}

/// The offers that a step hands out.
pub(crate) fn offers(kind: &StepKind) -> impl Iterator<Item = OfferIx> {
    arguments(kind).iter().filter_map(|it| match it.value {
        Expression::Offer(offer) => Some(offer),
        Expression::Value(_) | Expression::Source(_) => None,
    })
}

fn carries(kind: &StepKind, offer: OfferIx) -> bool {
    offers(kind).any(|it| it == offer)
}

fn arguments(kind: &StepKind) -> &[Argument] {
    match kind {
        StepKind::Send { args, .. } | StepKind::Do { args, .. } | StepKind::Assign { args, .. } => {
            args
        }
        _ => &[],
    }
}

/// How long hours and policies can hold a message.
fn held(
    program: &Program,
    candidates: &[ir::MessageIx],
    between: Option<(Clock, Clock)>,
) -> Length {
    let messages: Vec<&ir::Message> = candidates
        .iter()
        .filter_map(|it| program.message(*it))
        .collect();
    let mut quiet = BTreeSet::new();
    for rule in program.policies.iter().flat_map(|it| &it.rules) {
        match rule {
            PolicyRule::Cap {
                purpose,
                then: Then::Wait,
                ..
            } if messages.iter().any(|it| concerns(*purpose, it.purpose)) => return Length::ANY,
            PolicyRule::Quiet {
                purpose,
                from,
                to,
                except,
                then: Then::Wait,
                ..
            } if messages
                .iter()
                .any(|it| concerns(*purpose, it.purpose) && is_silenced(except, it.channel)) =>
            {
                quiet.insert((*from, *to));
            }
            PolicyRule::Cap { .. } | PolicyRule::Quiet { .. } | PolicyRule::HoldOut { .. } => {}
        }
    }
    let hours: Vec<(Clock, Clock)> = quiet
        .into_iter()
        .chain(between.map(|(from, to)| (to, from)))
        .collect();
    match hours.as_slice() {
        [] => Length::ZERO,
        [(from, to)] => Length::up_to(minutes(*from, *to) * MINUTE),
        // What several leave open together comes within a day.
        _ => Length::up_to(DAY),
    }
}

/// Whether a rule for a purpose, or for all, is for this one.
pub(crate) fn concerns(rule: Option<Purpose>, purpose: Purpose) -> bool {
    rule.is_none_or(|it| it == purpose)
}

/// Whether quiet hours with these exceptions are for a channel.
pub(crate) fn is_silenced(except: &[Channel], channel: Channel) -> bool {
    !except.contains(&channel)
}

/// The minutes of a daily stretch of clock time. One that ends at or before its beginning ends on the next day.
pub(crate) const fn minutes(from: Clock, to: Clock) -> i64 {
    let (from, to) = (from.0 as i64, to.0 as i64);
    if from < to {
        to - from
    } else {
        to + 1440 - from
    }
}
