//! Prizes of which there are only so many. All decisions are made one after the other here, so counting is enough: who
//! claims first is granted first, and a grant is durable together with the claim it answers.

use journey_engine::{Item, step};

use super::batch::Effects;
use super::scribe::Cause;
use super::turn::Turn;
use crate::store::{ContactNo, Error, Store};

/// In front of the names under which it is kept how many of a prize were granted.
const GRANTED: &str = "granted";

impl<S: Store> Turn<'_, S> {
    /// Grants what a contact has claimed, as long as there is any, and lets its runs go on.
    pub(super) fn grant(&mut self, number: ContactNo, effects: Effects) -> Result<(), Error> {
        while let Some(claim) = self.scribe.claims.pop_front() {
            let name = format!("{GRANTED} {}: {}", claim.draw, claim.prize);
            let before = if let Some(before) = self.prizes.get(&name) {
                *before
            } else {
                let kept = self.store.meta(&name)?;
                kept.and_then(|text| text.parse().ok()).unwrap_or(0)
            };
            let granted = before < claim.stock;
            self.prizes.insert(name, before + u32::from(granted));
            let Some(working) = self.working.get_mut(&number) else {
                continue;
            };
            let item = Item::Granted {
                run: claim.run,
                prize: claim.prize,
                granted,
                occurred_at: working.held.contact.clock(),
            };
            let now = self.scribe.decision.at;
            let outcome = &mut self.scribe.outcome;
            step(self.program, &mut working.held.contact, &item, now, outcome);
            self.scribe
                .record(number, working, Cause::time(now, effects))?;
        }
        Ok(())
    }
}
