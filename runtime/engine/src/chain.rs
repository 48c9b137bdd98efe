//! `did A then B within W`: whether a chain of events is complete within a window, and when that changes.

use journey_ir::aggregate::Following;
use journey_ir::{Aggregate, Instant, Keep, Value, Window};

use crate::aggregate::{Chain, Fold, PartOf};
use crate::calendar::{NEVER, later};
use crate::condition::{Answer, Scene};
use crate::entry::key_hash;
use crate::event::Event;
use crate::program::Key;
use crate::turn::Turn;

impl Scene<'_> {
    /// Whether a chain is complete in a window.
    pub(crate) fn chained(
        &self,
        chain: &Chain,
        then: &[Following],
        window: Window,
        settle: i64,
    ) -> Answer {
        let completions = chain.completions(then, settle, &|at, span| self.zone.after(at, span));
        let mut counted: Vec<(Instant, Instant)> = completions
            .into_iter()
            .map(|it| (it.certain, self.counts_until(it.at, window, settle)))
            .filter(|(from, until)| from < until)
            .collect();
        counted.sort_unstable();
        self.within_any(&counted)
    }

    /// Until when something counts in a window.
    fn counts_until(&self, at: Instant, window: Window, settle: i64) -> Instant {
        let counts = match window {
            Window::Ever => true,
            Window::Since(from) => at >= from,
            Window::Before(to) => at < to,
            Window::Last(span) => return later(self.zone.after(at, span), settle),
            Window::LastDays(days) => return later(self.leaves(at, days), settle),
            Window::On(_) => false,
        };
        if counts { NEVER } else { i64::MIN }
    }

    /// Whether now lies in any of some stretches of time, sorted by their beginnings.
    fn within_any(&self, stretches: &[(Instant, Instant)]) -> Answer {
        let mut until = None;
        for (from, to) in stretches {
            match until {
                // The next stretch begins before the last one has ended: together they are one.
                Some(end) if *from <= end => until = Some(end.max(*to)),
                Some(_) => break,
                None if *from <= self.at && self.at < *to => until = Some(*to),
                None if *from > self.at => {
                    return Answer {
                        holds: false,
                        until: *from,
                    };
                }
                None => {}
            }
        }
        Answer {
            holds: until.is_some(),
            until: until.unwrap_or(NEVER),
        }
    }
}

impl Turn<'_> {
    /// Counts an event in a chain, as each part that it is; whether it is any.
    pub(crate) fn fold_chain(
        &mut self,
        aggregate: &Aggregate,
        key: Key,
        event: &Event,
        at: Instant,
    ) -> bool {
        let Keep::Chain {
            key: of,
            then,
            horizon,
        } = &aggregate.keep
        else {
            return false;
        };
        let first = (aggregate.event, aggregate.filter, *of);
        let parts = then.iter().map(|it| (it.event, it.filter, it.key));
        let mut counted = false;
        for (part, (kind, filter, field)) in std::iter::once(first).chain(parts).enumerate() {
            let scene = self.scene(Some(event), &[]);
            if kind != event.kind || filter.is_some_and(|filter| !scene.holds(filter)) {
                continue;
            }
            let value: Option<&Value> = field.and_then(|it| event.fields.get(it.at())?.as_ref());
            let shared = match field {
                // What is missing is equal to nothing.
                Some(_) if value.is_none() => continue,
                Some(_) => key_hash(value),
                None => 0,
            };
            let part = PartOf {
                part,
                at,
                key: shared,
            };
            let zone = &self.zone;
            let after = |at, span| zone.after(at, span);
            let fold = self
                .contact
                .aggregate_mut(key, || Fold::new(&aggregate.keep));
            if let Some(Fold::Chain(chain)) = fold {
                chain.take(&part, then, *horizon, &after);
                counted = true;
            }
        }
        counted
    }
}
