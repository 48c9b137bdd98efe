//! What follows from an attempt: how it ended goes in, what is recorded comes out. Pure; even the spread of retries
//! comes from the effect's key.

use journey_engine::EffectKey;
use journey_ir::project::OnUnclear;
use journey_ir::time::{DAY, Instant, MINUTE, SECOND};

use super::attempt::Attempt;
use super::outbox::{Claimed, Outcome};
use super::reason::Reason;

/// The wait after the first failure, in milliseconds. It doubles with each further one.
const FIRST_WAIT: i64 = 5 * SECOND;
/// The longest wait between two attempts, in milliseconds.
const LONGEST_WAIT: i64 = 30 * MINUTE;
/// The most attempts. With waits of half an hour they last for more than a day; what ends trying is usually lateness.
const MAX_ATTEMPTS: u32 = 100;
/// How late an effect may be where the project does not say, in milliseconds.
const LATE_AFTER: i64 = DAY;

/// What holds for one effect.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// What happens when it is not known whether it was carried out.
    pub on_unclear: OnUnclear,
    /// How long after its time it may still be carried out, in milliseconds; 0 where the project does not say.
    pub late_after: i64,
}

impl Terms {
    /// The last instant at which the effect may be carried out.
    fn last_instant(&self, claimed: &Claimed) -> Instant {
        if claimed.whenever {
            return Instant::MAX;
        }
        let late_after = if self.late_after > 0 {
            self.late_after
        } else {
            LATE_AFTER
        };
        claimed.effect.at.saturating_add(late_after)
    }
}

/// Decides, before anything is tried, whether it should be tried at all.
#[must_use]
pub fn before(claimed: &Claimed, terms: &Terms, now: Instant) -> Option<Outcome> {
    if claimed.interrupted && terms.on_unclear == OnUnclear::Skip {
        return Some(Outcome::Unclear {
            reason: "the daemon stopped in the middle of it; it is not repeated".into(),
        });
    }
    if now > terms.last_instant(claimed) {
        return Some(Outcome::GiveUp {
            reason: "its time has passed".into(),
        });
    }
    (claimed.attempts >= MAX_ATTEMPTS).then(|| Outcome::GiveUp {
        reason: Reason::ours(format!("it was tried {MAX_ATTEMPTS} times")),
    })
}

/// Decides what is recorded after an attempt that ended at `now`.
#[must_use]
pub fn after(attempt: Attempt, claimed: &Claimed, terms: &Terms, now: Instant) -> Outcome {
    match attempt {
        Attempt::Done { provider_id } => Outcome::Done { provider_id },
        Attempt::KeptOpen => Outcome::KeptOpen,
        Attempt::Refused { reason } => Outcome::GiveUp { reason },
        Attempt::Unclear { reason } if terms.on_unclear == OnUnclear::Skip => {
            Outcome::Unclear { reason }
        }
        Attempt::Unclear { reason } => again(reason, None, claimed, terms, now),
        Attempt::Failed {
            reason,
            retry_after,
            ..
        } => again(reason, retry_after, claimed, terms, now),
    }
}

fn again(
    reason: Reason,
    retry_after: Option<i64>,
    claimed: &Claimed,
    terms: &Terms,
    now: Instant,
) -> Outcome {
    let tried = claimed.attempts.saturating_add(1);
    if tried >= MAX_ATTEMPTS {
        return Outcome::GiveUp {
            reason: reason.behind(&format!("it was tried {tried} times; at last")),
        };
    }
    let wait = wait(&claimed.effect.key, claimed.attempts).max(retry_after.unwrap_or(0));
    let after = now.saturating_add(wait);
    if after > terms.last_instant(claimed) {
        return Outcome::GiveUp {
            reason: reason.behind(&format!(
                "its time has passed after {tried} attempts; at last"
            )),
        };
    }
    Outcome::Retry { after, reason }
}

/// The wait after the attempt of that number (from 0), in milliseconds: doubled each time, and shortened by up to a
/// quarter, differently for each effect, so that those that failed together do not come back together.
#[must_use]
pub fn wait(key: &EffectKey, attempt: u32) -> i64 {
    let doubled = 1_i64.checked_shl(attempt.min(32)).unwrap_or(i64::MAX);
    let full = FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT);
    let mut hasher = blake3::Hasher::new();
    hasher.update(&key.0).update(&attempt.to_le_bytes());
    let mut spread = [0; 4];
    hasher.finalize_xof().fill(&mut spread);
    let quarter = full / 4;
    full - i64::from(u32::from_le_bytes(spread)) % (quarter + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_an_hour_and_differ_by_effect() {
        let (one, other) = (EffectKey([1; 32]), EffectKey([2; 32]));
        for attempt in 0..MAX_ATTEMPTS {
            let full = FIRST_WAIT
                .saturating_mul(1 << attempt.min(30))
                .min(LONGEST_WAIT);
            for key in [&one, &other] {
                let wait = wait(key, attempt);
                assert!((full * 3 / 4..=full).contains(&wait), "{attempt}: {wait}");
            }
        }
        assert_ne!(wait(&one, 9), wait(&other, 9));
        assert_ne!(wait(&one, 9), wait(&one, 10));
        assert_eq!(wait(&one, 9), wait(&one, 9));
    }
}
