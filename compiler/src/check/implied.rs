//! Which answers about the past follow from which others: who did something twice this week did it once this year.

use journey_ir as ir;
use journey_ir::time::Instant;
use journey_ir::{Atom, AtomIx, ConditionIx, EventIx, Keep, Program, Unit, Window};

use super::cells::Of;

/// Of things that are told apart, by position, those where a yes to the first makes the second certain.
pub(super) fn implied(program: &Program, told: impl Iterator<Item = Of>) -> Vec<(usize, usize)> {
    let happened: Vec<(usize, Happened)> = told
        .enumerate()
        .filter_map(|(at, of)| match of {
            Of::Answer(atom, _) => Some((at, happened(program, atom)?)),
            Of::Value(_) | Of::Lifecycle(_) => None,
        })
        .collect();
    let mut implied = Vec::new();
    for (one, this) in &happened {
        for (other, that) in &happened {
            if one != other && this.implies(that) {
                implied.push((*one, *other));
            }
        }
    }
    implied
}

/// `did E at least n times in the last W`.
#[derive(Debug, PartialEq, Eq)]
struct Happened {
    event: EventIx,
    filter: Option<ConditionIx>,
    n: u32,
    window: Window,
    /// The only stretch of time that is kept.
    within: Option<(Instant, Instant)>,
    settle: i64,
}

fn happened(program: &Program, atom: AtomIx) -> Option<Happened> {
    let Atom::Happened {
        aggregate,
        n,
        window,
        settle,
    } = program.atom(atom)?
    else {
        return None;
    };
    let aggregate = program.aggregate(*aggregate)?;
    if matches!(aggregate.keep, Keep::Chain { .. }) {
        return None;
    }
    Some(Happened {
        event: aggregate.event,
        filter: aggregate.filter,
        n: *n,
        window: *window,
        within: match aggregate.keep {
            Keep::Within { from, to, .. } => Some((from, to)),
            _ => None,
        },
        settle: *settle,
    })
}

impl Happened {
    fn implies(&self, other: &Self) -> bool {
        let same = self.event == other.event && self.filter == other.filter;
        let longer = other.within.is_none() && other.window == Window::Ever
            || self.within == other.within
                && self.settle == other.settle
                && is_within(self.window, other.window);
        same && self.n >= other.n && longer
    }
}

/// Whether the first stretch of time lies inside the second, whatever the calendar.
fn is_within(one: Window, other: Window) -> bool {
    match (one, other) {
        (Window::Last(one), Window::Last(other)) => match (days(one), days(other)) {
            (Some(one), Some(other)) => one <= other,
            _ => one.unit == other.unit && one.n <= other.n,
        },
        (Window::LastDays(one), Window::LastDays(other)) => one <= other,
        (Window::Before(one), Window::Before(other)) => one <= other,
        (Window::Since(one), Window::Since(other)) => one >= other,
        (one, other) => one == other,
    }
}

/// The length of a span in days, where it is a number of days for certain.
fn days(span: ir::Span) -> Option<u32> {
    match span.unit {
        Unit::Day => Some(span.n),
        Unit::Week => span.n.checked_mul(7),
        Unit::Second | Unit::Minute | Unit::Hour | Unit::BusinessDay | Unit::Month | Unit::Year => {
            None
        }
    }
}
