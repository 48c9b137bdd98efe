//! How much each key may send: so many items a second, and a burst at once. A key that asked for too much is told when to
//! come back.
//!
//! The token bucket is kept as the one instant at which it would be full again (the "generic cell rate algorithm").

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use journey_ir::Instant;

use super::body::BATCH_ITEMS;

/// How many seconds' worth of items may come at once, where that is more than one full batch.
const BURST_SECONDS: i64 = 2;

/// The buckets of all keys.
#[derive(Debug)]
pub struct Limiter {
    /// Items a second for keys that say nothing else; no limit where `None`.
    usual: Option<u32>,
    /// When each key's bucket is full again, in microseconds since 1970 UTC, by the key's id.
    full_at: Mutex<HashMap<String, i64>>,
}

/// Too much at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// After how many whole seconds the same request is taken.
    pub seconds: u32,
}

impl Limiter {
    /// Buckets that let `usual` items a second through.
    #[must_use]
    pub fn new(usual: Option<u32>) -> Self {
        Self {
            usual,
            full_at: Mutex::new(HashMap::new()),
        }
    }

    /// Takes `items` out of the bucket of a key, all or none.
    pub fn take(
        &self,
        key: &str,
        rate: Option<u32>,
        items: usize,
        now: Instant,
    ) -> Result<(), Wait> {
        let Some(rate) = rate.or(self.usual) else {
            return Ok(());
        };
        let rate = i64::from(rate.max(1));
        let micros_for = |items: i64| items.saturating_mul(1_000_000) / rate;
        let burst = (BATCH_ITEMS as i64).max(rate.saturating_mul(BURST_SECONDS));
        let now = now.saturating_mul(1_000);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let known = full_at.get(key).copied().unwrap_or(i64::MIN);
        // A clock that was set back locks nobody out: no bucket is deeper than its burst.
        let known = known.min(now.saturating_add(micros_for(burst)));
        let after = known.max(now).saturating_add(micros_for(items as i64));
        let over = after.saturating_sub(now.saturating_add(micros_for(burst)));
        if over > 0 {
            let seconds = over.saturating_add(999_999) / 1_000_000;
            return Err(Wait {
                seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            });
        }
        full_at.insert(key.to_owned(), after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_sends_too_much_is_told_when_to_come_back() {
        let limiter = Limiter::new(Some(100));
        let take = |key, items, now| limiter.take(key, None, items, now);
        assert_eq!(take("a", BATCH_ITEMS, 0), Ok(()));
        assert_eq!(take("a", 100, 0), Err(Wait { seconds: 1 }));
        assert_eq!(take("a", 101, 0), Err(Wait { seconds: 2 }));
        // Another key has a bucket of its own, and a refused request takes nothing.
        assert_eq!(take("b", BATCH_ITEMS, 0), Ok(()));
        assert_eq!(take("a", 100, 1_000), Ok(()));
        assert_eq!(take("a", 1, 1_000), Err(Wait { seconds: 1 }));
        assert_eq!(take("a", BATCH_ITEMS, 1_000 + 25_000), Ok(()));
    }

    #[test]
    fn a_key_may_have_a_limit_of_its_own_or_none() {
        let none = Limiter::new(None);
        assert_eq!(none.take("a", None, 1_000_000, 0), Ok(()));
        assert_eq!(none.take("a", Some(1), BATCH_ITEMS, 0), Ok(()));
        let wait = none.take("a", Some(1), 10, 0);
        assert_eq!(wait, Err(Wait { seconds: 10 }));
        // After a clock was set back by days nobody waits for days.
        assert_eq!(none.take("b", Some(10), 10, 1_000_000_000), Ok(()));
        assert_eq!(none.take("b", Some(10), 10, 0), Err(Wait { seconds: 1 }));
    }
}
