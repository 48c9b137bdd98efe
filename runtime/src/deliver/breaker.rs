//! A pause for a whole lane: failures of a provider go in, how much may be tried now comes out. While a provider is
//! down, one effect at a time asks whether it is back, so that the others keep their attempts.

use journey_ir::time::{Instant, MINUTE, SECOND};

/// Failures in a row before the lane pauses.
const PATIENCE: u32 = 5;
/// The first pause in milliseconds. It doubles with each failure.
const FIRST_PAUSE: i64 = SECOND;
/// The longest pause in milliseconds.
const LONGEST_PAUSE: i64 = 2 * MINUTE;

/// The state of a lane's provider.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    until: Option<Instant>,
}

impl Breaker {
    /// Notes that the provider answered, whatever it said.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// Notes that the provider could not be reached. Says whether the lane pauses from now on.
    pub(super) fn failed(&mut self, now: Instant) -> bool {
        self.failures = self.failures.saturating_add(1);
        let Some(beyond) = self.failures.checked_sub(PATIENCE) else {
            return false;
        };
        let pause = FIRST_PAUSE
            .saturating_mul(1 << beyond.min(16))
            .min(LONGEST_PAUSE);
        self.until = Some(now.saturating_add(pause));
        beyond == 0
    }

    /// How many effects may be under way at `now`, of at most `slots`.
    pub(super) fn allows(&self, slots: usize, now: Instant) -> usize {
        match self.until {
            None => slots,
            Some(until) if now < until => 0,
            Some(_) => 1,
        }
    }

    /// Until when nothing is tried.
    pub(super) const fn until(&self) -> Option<Instant> {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_provider_is_asked_by_one_effect_at_a_time() {
        let mut breaker = Breaker::default();
        for _ in 1..PATIENCE {
            assert!(!breaker.failed(0));
        }
        assert_eq!(breaker.allows(50, 0), 50);
        assert!(breaker.failed(0));
        assert_eq!(breaker.allows(50, FIRST_PAUSE - 1), 0);
        assert_eq!(breaker.allows(50, FIRST_PAUSE), 1);
        for _ in 0..50 {
            assert!(!breaker.failed(0));
        }
        assert_eq!(breaker.until(), Some(LONGEST_PAUSE));
        breaker.answered();
        assert_eq!(breaker.allows(50, 0), 50);
    }
}
