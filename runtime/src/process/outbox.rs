//! The outbox as the delivery workers see it, on top of the process: what they claim and what they tell goes through the
//! same queue, and into the same commits, as everything else.

use journey_engine::{Effect, EffectKey, Item, Program};
use journey_ir::Instant;

use super::scribe::effect_of;
use super::{Arrival, Batch, Handle, Who, message_id};
use crate::deliver::{Claim, Claimed, Lane, Outbox, OutboxError, Outcome, Recorded};
use crate::store::{self, Ask, Settlement, Status};

/// About how much one outcome takes, in bytes.
const BYTES_PER_OUTCOME: usize = 256;

impl Outbox for Handle {
    fn exchange(
        &self,
        outcomes: &[Recorded],
        lane: Lane,
        limit: usize,
        now: Instant,
        lease: i64,
    ) -> Result<Claim, OutboxError> {
        let ask = Ask {
            lane: lane.word().to_owned(),
            now,
            lease_until: now.saturating_add(lease),
            most: limit,
        };
        let claimed = self
            .exchange_blocking(told(&self.program(), outcomes), ask)
            .map_err(|error| OutboxError(error.to_string()))?;
        self.recalled.forget(outcomes);
        let mut work = Vec::with_capacity(claimed.effects.len());
        let mut damaged = Vec::new();
        for one in claimed.effects {
            let key = one.kept.effect.key;
            match claimed_of(one) {
                Some(claimed) => work.push(claimed),
                None => damaged.push(Recorded {
                    key: EffectKey(key),
                    outcome: Outcome::GiveUp {
                        reason: "its content cannot be read".into(),
                    },
                    at: now,
                    given_up: None,
                }),
            }
        }
        if !damaged.is_empty()
            && let Err(error) = self.record(&damaged)
        {
            // They come back when their lease is over.
            tracing::warn!(%error, "outbox.damaged_not_recorded");
        }
        Ok(Claim {
            work,
            next_due: claimed.next_due,
        })
    }

    fn record(&self, outcomes: &[Recorded]) -> Result<(), OutboxError> {
        let batch = told(&self.program(), outcomes);
        self.submit_blocking(batch, outcomes.len() * BYTES_PER_OUTCOME)
            .map_err(|error| OutboxError(error.to_string()))?;
        self.recalled.forget(outcomes);
        Ok(())
    }

    fn is_recalled(&self, key: &EffectKey) -> bool {
        self.recalled.has(key)
    }
}

/// What a worker is given of an effect that the store let it take; `None` where its content cannot be read.
#[must_use]
pub fn claimed_of(claimed: store::Claimed) -> Option<Claimed> {
    let effect = effect_of(&claimed.kept.effect.body)?;
    Some(Claimed {
        contact: claimed.kept.contact_name,
        effect,
        attempts: claimed.kept.attempts.saturating_sub(1),
        interrupted: claimed.abandoned,
        whenever: claimed.kept.effect.whenever,
    })
}

/// How effects ended, as a batch: what each settles, and for those that failed for good and have a second way, that they
/// failed.
#[must_use]
pub fn told(program: &Program, outcomes: &[Recorded]) -> Batch {
    let late_after = program.ir().project.late_after;
    let second = outcomes.iter().filter_map(|recorded| {
        let (contact, effect) = recorded.given_up.as_deref()?;
        let in_time = recorded.at <= effect.at.saturating_add(late_after) || late_after == 0;
        let goes_on = in_time && program.has_second_way(effect);
        goes_on.then(|| undelivered(contact, effect, recorded.at))
    });
    Batch {
        arrivals: second.collect(),
        settled: outcomes.iter().map(settlement).collect(),
        ..Batch::default()
    }
}

/// That a message failed for good, told to the contact it was for. It is told once, whatever happens in between.
fn undelivered(contact: &str, effect: &Effect, at: Instant) -> Arrival {
    let item = Item::Undelivered {
        effect: Box::new(effect.clone()),
        occurred_at: at,
    };
    Arrival {
        who: Who::Known(contact.to_owned()),
        received_at: at,
        id: Some(message_id("undelivered", &effect.key.to_string())),
        item: Some(item),
    }
}

fn settlement(recorded: &Recorded) -> Settlement {
    let (status, due, outcome) = match &recorded.outcome {
        Outcome::Done { provider_id } => (
            Status::Done,
            recorded.at,
            provider_id.clone().unwrap_or_default(),
        ),
        Outcome::KeptOpen => (Status::Open, recorded.at, String::new()),
        Outcome::Retry { after, reason } => (Status::Pending, *after, reason.in_full().to_owned()),
        Outcome::GiveUp { reason } => (Status::Failed, recorded.at, reason.in_full().to_owned()),
        Outcome::Unclear { reason } => (Status::Unclear, recorded.at, reason.in_full().to_owned()),
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
