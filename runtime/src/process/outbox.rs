//! The outbox as the delivery workers see it, on top of the process: what they claim and what they tell goes through the
//! same queue, and into the same commits, as everything else.

use journey_engine::EffectKey;
use journey_ir::Instant;

use super::scribe::effect_of;
use super::{Batch, Handle};
use crate::deliver::{Claim, Claimed, Lane, Outbox, OutboxError, Outcome, Recorded};
use crate::store::{self, Settlement, Status};

/// About how much one outcome takes, in bytes.
const BYTES_PER_OUTCOME: usize = 256;

impl Outbox for Handle {
    fn claim(
        &self,
        lane: Lane,
        limit: usize,
        now: Instant,
        lease: i64,
    ) -> Result<Claim, OutboxError> {
        let lease_until = now.saturating_add(lease);
        let claimed = self
            .claim_blocking(lane.word(), now, lease_until, limit)
            .map_err(|error| OutboxError(error.to_string()))?;
        let mut work = Vec::with_capacity(claimed.effects.len());
        let mut damaged = Vec::new();
        for one in claimed.effects {
            let key = one.kept.effect.key;
            match read(one) {
                Some(claimed) => work.push(claimed),
                None => damaged.push(Recorded {
                    key: EffectKey(key),
                    outcome: Outcome::GiveUp {
                        reason: "its content cannot be read".to_owned(),
                    },
                    at: now,
                }),
            }
        }
        if !damaged.is_empty() {
            self.record(&damaged)?;
        }
        Ok(Claim {
            work,
            next_due: claimed.next_due,
        })
    }

    fn record(&self, outcomes: &[Recorded]) -> Result<(), OutboxError> {
        let batch = Batch {
            settled: outcomes.iter().map(settlement).collect(),
            ..Batch::default()
        };
        self.submit_blocking(batch, outcomes.len() * BYTES_PER_OUTCOME)
            .map(|_| ())
            .map_err(|error| OutboxError(error.to_string()))
    }
}

fn read(claimed: store::Claimed) -> Option<Claimed> {
    let effect = effect_of(&claimed.kept.effect.body)?;
    Some(Claimed {
        contact: claimed.kept.contact_name,
        effect,
        attempts: claimed.kept.attempts.saturating_sub(1),
        interrupted: claimed.abandoned,
        whenever: claimed.kept.effect.whenever,
    })
}

fn settlement(recorded: &Recorded) -> Settlement {
    let (status, due, outcome) = match &recorded.outcome {
        Outcome::Done { provider_id } => (
            Status::Done,
            recorded.at,
            provider_id.clone().unwrap_or_default(),
        ),
        Outcome::KeptOpen => (Status::Open, recorded.at, String::new()),
        Outcome::Retry { after, reason } => (Status::Pending, *after, reason.clone()),
        Outcome::GiveUp { reason } => (Status::Failed, recorded.at, reason.clone()),
        Outcome::Unclear { reason } => (Status::Unclear, recorded.at, reason.clone()),
        Outcome::GivenBack => (Status::Pending, recorded.at, String::new()),
    };
    Settlement {
        key: recorded.key.0,
        status,
        due,
        untried: recorded.outcome == Outcome::GivenBack,
        outcome,
        at: recorded.at,
    }
}
