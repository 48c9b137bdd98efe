//! Amounts over past events, compared: what is in the window now, and when what leaves it changes the answer.

use journey_ir::condition::Measure;
use journey_ir::{AggregateIx, Comparison, Instant, Keep, Value, Window};

use crate::aggregate::{Fold, Part, Summaries, Sums};
use crate::calendar::NEVER;
use crate::condition::{Answer, Scene, number};

/// Something asked of amounts.
#[derive(Clone, Copy)]
struct Asked<'t> {
    measure: Measure,
    test: &'t Comparison,
}

impl Scene<'_> {
    /// A comparison of an amount.
    pub(crate) fn amount(
        &self,
        at: AggregateIx,
        measure: Measure,
        window: Window,
        test: &Comparison,
    ) -> Answer {
        let asked = Asked { measure, test };
        match (self.fold(at), window) {
            (None, _) => {
                let counted = self.program.ir().aggregate(at).map(|it| &it.keep);
                let is_number = matches!(counted, Some(Keep::Different { .. } | Keep::Count));
                let none = is_number.then(|| number(0));
                Answer::always(self.compares(none.as_ref(), test))
            }
            (Some(Fold::Total(sums)), _) => Answer::always(self.sums_to(sums, test)),
            (Some(Fold::Count(n)), _) => {
                let n = i64::try_from(*n).unwrap_or(i64::MAX);
                Answer::always(self.compares(Some(&number(n)), test))
            }
            (Some(Fold::Days(days)), Window::LastDays(n)) => self.days(days, n, test),
            (Some(Fold::Different(seen)), window) => self.different(seen, window, test),
            (Some(Fold::Summary(all)), _) => Answer::always(self.passes(all, asked)),
            (Some(Fold::SummaryDays(days)), Window::LastDays(n)) => {
                let parts = days.iter();
                let parts = parts.map(|(day, of)| (self.leaves_on(*day, n), Part::Many(of)));
                self.as_they_leave(&parts.collect::<Vec<_>>(), asked)
            }
            (Some(Fold::Amounts(amounts)), Window::Last(span)) => {
                let parts = amounts.parts();
                let mut parts: Vec<_> = parts
                    .map(|(at, part)| (self.leaves_after(at, span), part))
                    .collect();
                // Where a clock is set back, what happened later may leave earlier.
                parts.sort_by_key(|(end, _)| *end);
                self.as_they_leave(&parts, asked)
            }
            (Some(_), _) => Answer::always(false),
        }
    }

    /// An amount as it is now; nothing where the window holds none. Of several currencies the first by name.
    pub(crate) fn measured(
        &self,
        at: AggregateIx,
        measure: Measure,
        window: Window,
    ) -> Option<Value> {
        let inside = |end: &Instant| self.at < *end;
        match (self.fold(at)?, window) {
            (Fold::Total(sums), _) => sums.values().next(),
            (Fold::Count(n), _) => Some(number(i64::try_from(*n).unwrap_or(i64::MAX))),
            (Fold::Days(days), Window::LastDays(n)) => {
                let mut sums = Sums::default();
                let days = days
                    .iter()
                    .filter(|(day, _)| inside(&self.leaves_on(*day, n)));
                days.for_each(|(_, day)| sums.add_all(day));
                sums.values().next()
            }
            (Fold::Different(seen), window) => {
                let ends = seen.iter().map(|(_, last)| self.seen_until(*last, window));
                Some(number(ends.filter(inside).count() as i64))
            }
            (Fold::Summary(all), _) => all.values(measure).next(),
            (Fold::SummaryDays(days), Window::LastDays(n)) => {
                let mut all = Summaries::default();
                let days = days
                    .iter()
                    .filter(|(day, _)| inside(&self.leaves_on(*day, n)));
                days.for_each(|(_, day)| all.add_all(day));
                all.values(measure).next()
            }
            (Fold::Amounts(amounts), Window::Last(span)) => {
                let mut all = Summaries::default();
                let parts = amounts.parts();
                let parts = parts.filter(|(at, _)| inside(&self.leaves_after(*at, span)));
                parts.for_each(|(_, part)| part.add_to(&mut all));
                all.values(measure).next()
            }
            _ => None,
        }
    }

    /// Amounts that leave a window one after the other, those that leave first in front.
    fn as_they_leave(&self, parts: &[(Instant, Part<'_>)], asked: Asked<'_>) -> Answer {
        let inside = parts.partition_point(|(end, _)| *end <= self.at);
        let parts = parts.get(inside..).unwrap_or_default();
        let mut all = Summaries::default();
        for (_, part) in parts {
            part.add_to(&mut all);
        }
        let holds = self.passes(&all, asked);
        // The first instant at which the comparison itself changes: what remains is put together from the last to
        // leave back, and the last change that is found is the first in time.
        let (mut rest, mut until) = (Summaries::default(), NEVER);
        for together in parts.chunk_by(|(one, _), (other, _)| one == other).rev() {
            if self.passes(&rest, asked) != holds {
                until = together.first().map_or(until, |(end, _)| *end);
            }
            for (_, part) in together {
                part.add_to(&mut rest);
            }
        }
        Answer { holds, until }
    }

    /// Amounts of different currencies are kept apart; the test picks the one it can be compared with.
    fn passes(&self, summaries: &Summaries, asked: Asked<'_>) -> bool {
        let mut values = summaries.values(asked.measure).peekable();
        if values.peek().is_none() {
            return self.compares(None, asked.test);
        }
        values.any(|value| self.compares(Some(&value), asked.test))
    }

    /// Sums of different currencies are kept apart; the test picks the one it can be compared with.
    fn sums_to(&self, sums: &Sums, test: &Comparison) -> bool {
        let mut values = sums.values().peekable();
        if values.peek().is_none() {
            return self.compares(None, test);
        }
        values.any(|sum| self.compares(Some(&sum), test))
    }

    fn days(&self, days: &[(i32, Sums)], n: u32, test: &Comparison) -> Answer {
        let ends = |day: i32| self.leaves_on(day, n);
        let inside = days.partition_point(|(day, _)| ends(*day) <= self.at);
        let days = days.get(inside..).unwrap_or_default();
        let mut sums = Sums::default();
        for (_, day) in days {
            sums.add_all(day);
        }
        let holds = self.sums_to(&sums, test);
        // The next midnight at which the comparison itself changes, as day after day leaves: what remains is summed
        // from the newest day back.
        let (mut rest, mut until) = (Sums::default(), NEVER);
        for (day, sums) in days.iter().rev() {
            if self.sums_to(&rest, test) != holds {
                until = ends(*day);
            }
            rest.add_all(sums);
        }
        Answer { holds, until }
    }

    fn different(&self, seen: &[(Value, Instant)], window: Window, test: &Comparison) -> Answer {
        let ends = seen.iter();
        let mut ends: Vec<Instant> = ends
            .map(|(_, last)| self.seen_until(*last, window))
            .collect();
        ends.retain(|end| self.at < *end);
        // At the end of a month what was seen later may leave earlier.
        ends.sort_unstable();
        let holds_with = |count: usize| self.compares(Some(&number(count as i64)), test);
        let holds = holds_with(ends.len());
        let left_after = |end: &Instant| ends.len() - ends.partition_point(|it| it <= end);
        let mut changes = ends.iter();
        let until = changes.find(|end| **end != NEVER && holds_with(left_after(end)) != holds);
        Answer {
            holds,
            until: until.copied().unwrap_or(NEVER),
        }
    }

    /// When a value that was last seen at an instant leaves a window.
    fn seen_until(&self, last: Instant, window: Window) -> Instant {
        match window {
            Window::Last(span) => self.leaves_after(last, span),
            Window::LastDays(days) => self.leaves(last, days),
            Window::Since(from) if last < from => i64::MIN,
            Window::Ever | Window::Since(_) | Window::Before(_) | Window::On(_) => NEVER,
        }
    }
}
