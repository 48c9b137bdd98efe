//! Dates that have gone by when people come to them, times of day that the clock leaves out, and months taken for 30
//! days.
//!
//! Comes in: a program and its places. Goes out: problems. No clock is read: a date has gone by only where an earlier
//! step, the entry or the beginning of the journey lies after it, and comes too late only where the journey ends.

use std::collections::HashMap;

use journey_ir as ir;
use journey_ir::journey::Until;
use journey_ir::time::MINUTE;
use journey_ir::{Atom, Condition, ConditionIx, Journey, StepIx, StepKind, Unit, Window};

use super::error::LogicError;
use super::{Part, Written, way};
use crate::places::JourneyPlaces;
use crate::problem::{Location, Problems};

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// Warns of dates in one journey.
pub(super) fn journey(
    program: &ir::Program,
    journey: &Journey,
    places: &JourneyPlaces,
    problems: &mut Problems,
) {
    let zone = jiff::tz::TimeZone::get(&program.project.timezone).ok();
    let left_out = |on: ir::Date, at: ir::Clock| {
        let time = civil(on, at)?;
        let offset = zone.as_ref()?.to_ambiguous_timestamp(time).offset();
        matches!(offset, jiff::tz::AmbiguousOffset::Gap { .. }).then(|| LogicError::NoSuchTime {
            time: time.strftime("%Y-%m-%d %H:%M").to_string(),
            zone: program.project.timezone.clone(),
        })
    };
    let entry = match &journey.entry {
        ir::Entry::Schedule {
            schedule: ir::time::Schedule::Once { on, at },
            ..
        } => Some((*on, *at)),
        _ => None,
    };
    if let (Some((on, at)), Some(enter)) = (entry, places.enter)
        && let Some(error) = left_out(on, at)
    {
        problems.push(error.at(enter));
    }
    let open = Open::of(program, journey, zone.as_ref());
    if let (Some((on, at)), Some(enter)) = (entry, places.enter)
        && !open.holds(minute(on, at))
    {
        problems.push(LogicError::NobodyEnters.at(enter));
        return;
    }
    let enters = [entry.map(|(on, at)| minute(on, at)), open.from];
    let reached = earliest(journey, enters.into_iter().flatten().max());
    for ((step, written), reached) in journey.steps.iter().zip(&places.steps).zip(reached) {
        let (StepKind::Wait { until, .. }, Some(reached)) = (&step.kind, reached) else {
            continue;
        };
        let Some(place) = written.length.or(written.head) else {
            continue;
        };
        let date = match until {
            Some(Until::Date { on, at }) => Some((*on, *at)),
            _ => None,
        };
        let over = |at: i64| open.to.is_some_and(|to| at >= to);
        if let Some(error) = date.and_then(|(on, at)| left_out(on, at)) {
            problems.push(error.at(place));
        } else if date.is_some_and(|(on, at)| reached.comes >= minute(on, at)) {
            problems.push(LogicError::GoneBy.at(place));
        } else if over(reached.leaves) && !over(reached.comes) {
            problems.push(LogicError::EndsBefore.at(place));
        }
    }
}

/// The minutes since 1970, by the wall clock of whoever's is furthest off, between which a journey takes people in and
/// lets them go on: `starts at` and `ends at`.
struct Open {
    from: Option<i64>,
    to: Option<i64>,
}

/// How far the wall clocks of the world are apart, in minutes.
const CLOCKS_APART: i64 = 26 * 60;

impl Open {
    fn of(program: &ir::Program, journey: &Journey, zone: Option<&jiff::tz::TimeZone>) -> Self {
        let mut attributes = program.schema.attributes.iter();
        let own_zones = attributes.any(|it| it.kind == ir::Type::Timezone);
        let slack = if own_zones { CLOCKS_APART } else { 0 };
        let shown = |at: ir::Instant| {
            let at = jiff::Timestamp::from_millisecond(at).ok()?;
            let offset = i64::from(zone?.to_offset(at).seconds());
            Some((at.as_second() + offset) * 1_000 / MINUTE)
        };
        Self {
            from: journey.starts.and_then(shown).map(|it| it - slack),
            to: journey.ends.and_then(shown).map(|it| it + slack),
        }
    }

    fn holds(&self, at: i64) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

/// When a run can come to a step at the earliest, and leave it, in minutes since 1970 by the wall clock.
#[derive(Clone, Copy)]
struct Reached {
    comes: i64,
    leaves: i64,
}

/// Earlier than any date: nothing says when people come.
const ANY_TIME: i64 = i64::MIN;

/// For each step that is reached: when at the earliest.
fn earliest(journey: &Journey, entry: Option<i64>) -> Vec<Option<Reached>> {
    let mut steps: Vec<Option<Reached>> = vec![None; journey.steps.len()];
    let entry = entry.unwrap_or(ANY_TIME);
    let mut open: Vec<(StepIx, i64)> = journey.start.map(|it| (it, entry)).into_iter().collect();
    while let Some((at, comes)) = open.pop() {
        let (Some(here), Some(step)) = (steps.get_mut(at.at()), journey.steps.get(at.at())) else {
            continue;
        };
        if here.is_some_and(|before| before.comes <= comes) {
            continue;
        }
        let leaves = match &step.kind {
            StepKind::Wait { span, until, .. } => {
                let waits = span.map_or(0, days) * DAY;
                let waited = if comes == ANY_TIME {
                    comes
                } else {
                    comes + waits
                };
                match until {
                    Some(Until::Date { on, at }) => waited.max(minute(*on, *at)),
                    _ => waited,
                }
            }
            _ => comes,
        };
        *here = Some(Reached { comes, leaves });
        open.extend(way::all(&step.kind).into_iter().map(|next| (next, leaves)));
    }
    steps
}

/// Whole days of a length of time, never too many.
const fn days(span: ir::Span) -> i64 {
    let n = span.n as i64;
    match span.unit {
        Unit::Second | Unit::Minute | Unit::Hour => 0,
        Unit::Day | Unit::BusinessDay => n,
        Unit::Week => n * 7,
        Unit::Month => n * 28,
        Unit::Year => n * 365,
    }
}

const fn minute(on: ir::Date, at: ir::Clock) -> i64 {
    on.0 as i64 * DAY + at.0 as i64
}

fn civil(on: ir::Date, at: ir::Clock) -> Option<jiff::civil::DateTime> {
    let epoch = jiff::civil::Date::constant(1970, 1, 1);
    let day = epoch
        .checked_add(jiff::Span::new().try_days(on.0).ok()?)
        .ok()?;
    let (hour, minute) = (i8::try_from(at.0 / 60).ok()?, i8::try_from(at.0 % 60).ok()?);
    Some(day.to_datetime(jiff::civil::Time::new(hour, minute, 0, 0).ok()?))
}

/// Warns of `1 month` beside `30 days` about the same thing, in one condition or one lifecycle.
pub(super) fn months(program: &ir::Program, written: &Written, problems: &mut Problems) {
    let mut groups: Vec<Vec<&Part>> = vec![Vec::new(); written.lifecycles.len()];
    let mut group_of: HashMap<Location, usize> = HashMap::new();
    for (group, lifecycle) in written.lifecycles.iter().enumerate() {
        group_of.extend(lifecycle.tests.iter().map(|(_, at)| (*at, group)));
    }
    for asked in super::distinct(&written.conditions) {
        match group_of.get(&asked.at).and_then(|at| groups.get_mut(*at)) {
            Some(group) => group.extend(&asked.parts),
            None if asked.parts.is_empty() => {}
            None => groups.push(asked.parts.iter().collect()),
        }
    }
    for parts in groups {
        let windows: Vec<_> = parts
            .iter()
            .filter_map(|part| Some((window(program, part.condition)?, part.at)))
            .collect();
        for (at, ((about, span), place)) in windows.iter().enumerate() {
            let mut before = windows.iter().take(at);
            let other = before.find(|((of, other), _)| of == about && is_confused(*span, *other));
            if let Some(((_, other), first)) = other {
                let error = LogicError::MonthsAndDays {
                    this: *span,
                    other: *other,
                    first: *first,
                };
                problems.push(error.at(*place));
            }
        }
    }
}

/// What a phrase about the past counts.
type About = (ir::EventIx, Option<ConditionIx>);

/// The window of a phrase about the past, and what it counts.
fn window(program: &ir::Program, condition: ConditionIx) -> Option<(About, ir::Span)> {
    match program.condition(condition)? {
        Condition::Not(inner) => window(program, *inner),
        Condition::Is(atom) => match program.atom(*atom)? {
            Atom::Happened {
                aggregate,
                window: Window::Last(span),
                ..
            } => {
                let aggregate = program.aggregate(*aggregate)?;
                Some(((aggregate.event, aggregate.filter), *span))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether one is months or years and the other about as many days.
fn is_confused(one: ir::Span, other: ir::Span) -> bool {
    let calendar = |it: ir::Span| matches!(it.unit, Unit::Month | Unit::Year);
    let (months, in_days) = match (calendar(one), calendar(other)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return false,
    };
    if !matches!(in_days.unit, Unit::Day | Unit::Week) {
        return false;
    }
    let most = match months.unit {
        Unit::Year => i64::from(months.n) * 366,
        _ => i64::from(months.n) * 31,
    };
    (days(months)..=most).contains(&days(in_days))
}
