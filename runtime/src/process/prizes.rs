//! What people compete for: prizes and offers of which there is only so much. All decisions are made one after the other
//! here, so counting is enough: who claims first is granted first, and a grant is durable together with the claim it
//! answers.

use journey_engine::{Claim, Item, step};

use super::batch::Effects;
use super::scribe::Cause;
use super::turn::Turn;
use crate::store::{ContactNo, Error, Store};

impl<S: Store> Turn<'_, S> {
    /// Grants what a contact has claimed, as long as there is any, and lets its runs go on.
    pub(super) fn grant(&mut self, number: ContactNo, effects: Effects) -> Result<(), Error> {
        while let Some(claim) = self.scribe.claims.pop_front() {
            self.recall_taken(&claim)?;
            let granted = claim.grant(&mut self.taken);
            let Some(working) = self.working.get_mut(&number) else {
                continue;
            };
            let item = Item::Granted {
                run: claim.run,
                prize: claim.what.name().to_owned(),
                granted,
                occurred_at: working.held.contact.clock(),
            };
            let now = self.as_of;
            let outcome = &mut self.scribe.outcome;
            step(self.program, &mut working.held.contact, &item, now, outcome);
            self.scribe
                .record(number, working, Cause::time(now, effects))?;
        }
        Ok(())
    }

    /// Reads how much was taken before of what a claim asks for.
    fn recall_taken(&mut self, claim: &Claim) -> Result<(), Error> {
        for limit in &claim.limits {
            if !self.taken.contains_key(&limit.name) {
                let kept = self.store.meta(&limit.name)?;
                let before = kept.and_then(|text| text.parse().ok()).unwrap_or(0);
                self.taken.insert(limit.name.clone(), before);
            }
        }
        Ok(())
    }
}
