//! An outbox in memory, with the leases, revocations and counts that the trait asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use journey_engine::{Effect, EffectKey};
use journey_ir::time::Instant;
use journeyd::deliver::{Claim, Claimed, Lane, Outbox, OutboxError, Outcome, Recorded};
use tokio::sync::watch;

#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) effect: Effect,
    pub(crate) due: Instant,
    pub(crate) held_until: Option<Instant>,
    pub(crate) attempts: u32,
    pub(crate) revoked: bool,
    /// All outcomes, in order.
    pub(crate) outcomes: Vec<Outcome>,
}

impl Row {
    pub(crate) fn is_over(&self) -> bool {
        let last = self.outcomes.last();
        last.is_some_and(|last| !matches!(last, Outcome::Retry { .. } | Outcome::GivenBack))
    }
}

#[derive(Debug, Default)]
pub(crate) struct MemoryOutbox {
    rows: Mutex<BTreeMap<EffectKey, Row>>,
    /// The most effects that were ever handed out at once.
    pub(crate) largest_claim: Mutex<usize>,
    /// How many outcomes were recorded.
    records: watch::Sender<usize>,
    /// Whether calls fail.
    pub(crate) broken: Mutex<bool>,
}

impl MemoryOutbox {
    pub(crate) fn with(effects: impl IntoIterator<Item = Effect>) -> Arc<Self> {
        let outbox = Self::default();
        for effect in effects {
            outbox.add(effect);
        }
        Arc::new(outbox)
    }

    pub(crate) fn add(&self, effect: Effect) {
        let row = Row {
            due: effect.at,
            held_until: None,
            attempts: 0,
            revoked: false,
            outcomes: Vec::new(),
            effect,
        };
        self.rows.lock().unwrap().insert(row.effect.key, row);
    }

    pub(crate) fn change(&self, number: u8, change: impl FnOnce(&mut Row)) {
        change(
            self.rows
                .lock()
                .unwrap()
                .get_mut(&EffectKey([number; 32]))
                .unwrap(),
        );
    }

    pub(crate) fn row(&self, number: u8) -> Row {
        self.rows.lock().unwrap()[&EffectKey([number; 32])].clone()
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        self.rows.lock().unwrap().values().cloned().collect()
    }

    /// Waits until that many outcomes were recorded.
    pub(crate) async fn recorded(&self, count: usize) {
        let mut records = self.records.subscribe();
        records
            .wait_for(|recorded| *recorded >= count)
            .await
            .unwrap();
    }

    fn check(&self) -> Result<(), OutboxError> {
        if *self.broken.lock().unwrap() {
            return Err(OutboxError("the disk is full".to_owned()));
        }
        Ok(())
    }
}

impl Outbox for MemoryOutbox {
    fn exchange(
        &self,
        outcomes: &[Recorded],
        lane: Lane,
        limit: usize,
        now: Instant,
        lease: i64,
    ) -> Result<Claim, OutboxError> {
        self.check()?;
        self.record(outcomes)?;
        let mut claim = Claim::default();
        let mut rows = self.rows.lock().unwrap();
        let mut open: Vec<_> = rows
            .values_mut()
            .filter(|row| Lane::of(&row.effect) == lane && !row.is_over() && !row.revoked)
            .collect();
        open.sort_by_key(|row| row.due);
        for row in open {
            let due = row.held_until.map_or(row.due, |held| held.max(row.due));
            if due > now || claim.work.len() == limit {
                claim.next_due = Some(claim.next_due.map_or(due, |next| next.min(due)));
                continue;
            }
            claim.work.push(Claimed {
                contact: "c1".to_owned(),
                effect: row.effect.clone(),
                attempts: row.attempts,
                interrupted: row.held_until.is_some(),
                whenever: false,
            });
            row.attempts += 1;
            row.held_until = Some(now + lease);
        }
        let mut largest = self.largest_claim.lock().unwrap();
        *largest = (*largest).max(claim.work.len());
        Ok(claim)
    }

    fn is_recalled(&self, key: &EffectKey) -> bool {
        self.rows.lock().unwrap()[key].revoked
    }

    fn record(&self, outcomes: &[Recorded]) -> Result<(), OutboxError> {
        self.check()?;
        let mut rows = self.rows.lock().unwrap();
        for recorded in outcomes {
            let row = rows.get_mut(&recorded.key).unwrap();
            row.held_until = None;
            match &recorded.outcome {
                Outcome::Retry { after, .. } => row.due = *after,
                Outcome::GivenBack => row.attempts -= 1,
                _ => {}
            }
            row.outcomes.push(recorded.outcome.clone());
        }
        drop(rows);
        self.records
            .send_modify(|records| *records += outcomes.len());
        Ok(())
    }
}
