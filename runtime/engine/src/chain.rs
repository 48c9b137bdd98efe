//! `did A then B within W`: whether a chain of events is complete within a window, and when that changes.

use journey_ir::{Aggregate, Date, Instant, Keep, Value, Window};

use crate::aggregate::{Chain, Fold, Links, PartOf};
use crate::calendar::{NEVER, later};
use crate::condition::{Answer, Scene};
use crate::entry::key_hash;
use crate::event::Event;
use crate::program::Key;
use crate::turn::Turn;

impl Scene<'_> {
    /// Whether a chain was completed at least `n` times in a window.
    pub(crate) fn chained(
        &self,
        chain: &Chain,
        links: Links<'_>,
        n: u32,
        window: Window,
        settle: i64,
    ) -> Answer {
        let completions = chain.completions(links, settle, &|at, span| self.after(at, span));
        let counted = completions
            .into_iter()
            .map(|it| (it.certain, self.counts_until(it.at, window, settle)))
            .filter(|(from, until)| from < until);
        self.within(counted, n as usize)
    }

    /// Until when something counts in a window.
    fn counts_until(&self, at: Instant, window: Window, settle: i64) -> Instant {
        let counts = match window {
            Window::Ever => true,
            Window::Since(from) => at >= from,
            Window::Before(to) => at < to,
            Window::Last(span) => return later(self.leaves_after(at, span), settle),
            Window::LastDays(days) => return later(self.leaves(at, days), settle),
            Window::On(Date(day)) => self.program.zone().day(at) == day,
        };
        if counts { NEVER } else { i64::MIN }
    }

    /// Whether now lies in at least `n` of some stretches of time, each [from, to), and when that changes.
    fn within(&self, stretches: impl Iterator<Item = (Instant, Instant)>, n: usize) -> Answer {
        let mut now = 0_usize;
        let mut changes: Vec<(Instant, bool)> = Vec::new();
        for (from, to) in stretches.filter(|(_, to)| self.at < *to) {
            if from <= self.at {
                now += 1;
            } else {
                changes.push((from, true));
            }
            if to < NEVER {
                changes.push((to, false));
            }
        }
        let holds = now >= n;
        changes.sort_unstable();
        // What happens at one instant happens together.
        for together in changes.chunk_by(|a, b| a.0 == b.0) {
            for (_, begins) in together {
                now = if *begins {
                    now + 1
                } else {
                    now.saturating_sub(1)
                };
            }
            if let Some((until, _)) = together.first().filter(|_| (now >= n) != holds) {
                return Answer {
                    holds,
                    until: *until,
                };
            }
        }
        Answer::always(holds)
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
                Some(_) => Some(key_hash(value)),
                None => None,
            };
            let part = PartOf {
                part,
                at,
                key: shared,
            };
            let (program, zone) = (self.program, &self.zone);
            let after = |at, span| program.after(zone, at, span);
            let fold = self
                .contact
                .aggregate_mut(key, || Fold::new(&aggregate.keep));
            if let Some(Fold::Chain(chain)) = fold {
                let links = Links {
                    first: of.is_some(),
                    then,
                };
                chain.take(&part, links, *horizon, &after);
                counted = true;
            }
        }
        counted
    }
}
