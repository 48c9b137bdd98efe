//! The clock: the only door by which wall time enters the daemon. Everything else is given an instant.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use journey_ir::time::Instant;
use tokio::sync::watch;

/// A wait until an instant, as [`Clock::sleep_until`] gives it.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What time it is, and waiting for it to be later.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now, in milliseconds since 1970 UTC.
    fn now(&self) -> Instant;

    /// Ends when the clock shows `at` or later.
    fn sleep_until(&self, at: Instant) -> Sleep;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// The longest single sleep in milliseconds. The clock is read again after it, so that a machine that was suspended,
/// or whose clock was set, is late by no more than this.
const LONGEST_SLEEP: i64 = 60_000;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }

    fn sleep_until(&self, at: Instant) -> Sleep {
        Box::pin(async move {
            loop {
                let left = at.saturating_sub(Self.now());
                if left <= 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(
                    left.min(LONGEST_SLEEP).unsigned_abs(),
                ))
                .await;
            }
        })
    }
}

/// A clock that moves only when it is told to: for tests, simulation and imports.
#[derive(Debug)]
pub struct ManualClock(watch::Sender<Instant>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self(watch::Sender::new(now))
    }

    /// Moves to `now`; never backwards.
    pub fn set(&self, now: Instant) {
        self.0.send_if_modified(|shown| {
            let later = now > *shown;
            *shown = now.max(*shown);
            later
        });
    }

    /// Moves forward by that many milliseconds.
    pub fn advance(&self, millis: i64) {
        self.set(self.now().saturating_add(millis));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Instant) -> Sleep {
        let mut shown = self.0.subscribe();
        Box::pin(async move {
            // An error means that the clock is gone, and with it everyone who could ask for the time.
            let _gone = shown.wait_for(|now| *now >= at).await.is_err();
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_those_whose_time_has_come() {
        let clock = ManualClock::at(1_000);
        let early = clock.sleep_until(1_500);
        let mut late = clock.sleep_until(3_000);
        clock.advance(500);
        early.await;
        assert!(
            tokio::select! { biased; () = &mut late => false, () = std::future::ready(()) => true }
        );
        clock.set(3_000);
        late.await;
        clock.set(10);
        assert_eq!(clock.now(), 3_000);
    }
}
