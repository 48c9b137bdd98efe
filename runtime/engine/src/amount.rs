//! Amounts over past events, compared: what is in the window now, and when what leaves it changes the answer.

mod sliding;

use journey_ir::condition::Measure;
use journey_ir::{AggregateIx, Comparison, Instant, Keep, Value, Window};

use crate::aggregate::{Fold, Part, Summaries, Sums};
use crate::calendar::NEVER;
use crate::condition::{Answer, Scene, number};
use sliding::{Sliding, disorder};

impl Scene<'_> {
    /// A comparison of an amount.
    pub(crate) fn amount(
        &self,
        at: AggregateIx,
        measure: Measure,
        window: Window,
        test: &Comparison,
    ) -> Answer {
        match (self.fold(at), window) {
            (None, _) => {
                let counted = self.program.ir().aggregate(at).map(|it| &it.keep);
                let is_number = matches!(counted, Some(Keep::Different { .. } | Keep::Count));
                let none = is_number.then(|| number(0));
                Answer::always(self.compares(none.as_ref(), test))
            }
            (Some(Fold::Total(sums)), _) => Answer::always(self.passes(sums.values(), test)),
            (Some(Fold::Count(n)), _) => {
                let n = i64::try_from(*n).unwrap_or(i64::MAX);
                Answer::always(self.compares(Some(&number(n)), test))
            }
            (Some(Fold::Days(days)), Window::LastDays(n)) => {
                let parts = days.iter().rev();
                let parts = parts.map(|(day, of)| (i64::from(*day), Part::Sums(of)));
                self.by_day(&parts, n, Measure::Total, test)
            }
            (Some(Fold::Different(seen)), window) => self.different(seen, window, test),
            (Some(Fold::Summary(all)), _) => Answer::always(self.passes(all.values(measure), test)),
            (Some(Fold::SummaryDays(days)), Window::LastDays(n)) => {
                let parts = days.iter().rev();
                let parts = parts.map(|(day, of)| (i64::from(*day), Part::Many(of)));
                self.by_day(&parts, n, measure, test)
            }
            (Some(Fold::Amounts(amounts)), Window::Last(span)) => {
                let sliding = Sliding {
                    parts: amounts.newest_first(),
                    growing: |currency, measure| amounts.growing(currency, measure),
                    leaves: |at| self.leaves_after(at, span),
                    disorder: disorder(span),
                };
                sliding.compared(self, measure, test)
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
                let parts = amounts.newest_first();
                let parts = parts.filter(|(at, _)| inside(&self.leaves_after(*at, span)));
                parts.for_each(|(_, part)| part.add_to(&mut all));
                all.values(measure).next()
            }
            _ => None,
        }
    }

    /// How an amount compares that is counted by the day, in a window of so many days.
    fn by_day<'p>(
        &self,
        parts: &(impl Iterator<Item = (i64, Part<'p>)> + Clone),
        n: u32,
        measure: Measure,
        test: &Comparison,
    ) -> Answer {
        let sliding = Sliding {
            growing: |currency, measure| {
                let parts = parts.clone();
                let grow = parts.clone().all(|(_, it)| it.grows(currency, measure));
                let amounts = parts.filter_map(move |(day, it)| Some((day, it.amount(measure)?)));
                grow.then_some((i128::MAX, amounts))
            },
            parts: parts.clone(),
            leaves: |day| self.leaves_on(day as i32, n),
            // A later day never leaves earlier.
            disorder: Some(0),
        };
        sliding.compared(self, measure, test)
    }

    /// Amounts of different currencies are kept apart; the test picks the one it can be compared with.
    fn passes(&self, amounts: impl Iterator<Item = Value>, test: &Comparison) -> bool {
        let mut amounts = amounts.peekable();
        if amounts.peek().is_none() {
            return self.compares(None, test);
        }
        amounts.any(|amount| self.compares(Some(&amount), test))
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
