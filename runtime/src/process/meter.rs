//! What the process counts about its own work: steps, how long commits take, how late wake-ups come.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Progress;
use crate::metrics::{Histogram, Page};

/// Bounds for commits, in seconds: from memory speed to a disk in distress.
pub(crate) const COMMIT_BOUNDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// Bounds for lateness, in seconds: from a healthy daemon to one that was away for a night.
const LATENESS_BOUNDS: &[f64] = &[
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 60.0, 300.0, 3_600.0, 43_200.0,
];

/// Counts. Any thread may read while the process adds.
#[derive(Debug)]
pub struct Meter {
    items: AtomicU64,
    wakes: AtomicU64,
    commits: Histogram,
    stores: Histogram,
    failures: AtomicU64,
    lateness: Histogram,
    /// How far counting again after a deploy is; done and all are the same where it is through.
    counted: AtomicU64,
    to_count: AtomicU64,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            items: AtomicU64::new(0),
            wakes: AtomicU64::new(0),
            commits: Histogram::new(COMMIT_BOUNDS),
            stores: Histogram::new(COMMIT_BOUNDS),
            failures: AtomicU64::new(0),
            lateness: Histogram::new(LATENESS_BOUNDS),
            counted: AtomicU64::new(0),
            to_count: AtomicU64::new(0),
        }
    }
}

impl Meter {
    /// A turn is on disk: so many items and wake-ups were stepped, and deciding and committing took so long.
    pub fn committed(&self, items: usize, wakes: usize, took: Duration) {
        self.items.fetch_add(items as u64, Ordering::Relaxed);
        self.wakes.fetch_add(wakes as u64, Ordering::Relaxed);
        self.commits.observe(took);
    }

    /// The store took so long to make a turn durable.
    pub fn stored(&self, took: Duration) {
        self.stores.observe(took);
    }

    /// A turn could not be committed.
    pub fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// The first contact of a turn was woken that many milliseconds after it was due.
    pub fn woke_late(&self, millis: i64) {
        let late = u64::try_from(millis).unwrap_or(0);
        self.lateness.observe(Duration::from_millis(late));
    }

    /// How far counting again after a deploy is; `None` where it is through.
    pub fn counting(&self, progress: Option<Progress>) {
        let (done, total) = progress.map_or((0, 0), |at| (at.done, at.total));
        self.counted.store(done, Ordering::Relaxed);
        self.to_count.store(total, Ordering::Relaxed);
    }

    /// The same, as it was told last.
    pub fn counted(&self) -> Option<Progress> {
        let done = self.counted.load(Ordering::Relaxed);
        let total = self.to_count.load(Ordering::Relaxed);
        (total > 0).then_some(Progress { done, total })
    }

    /// Writes everything.
    pub fn write(&self, page: &mut Page) {
        page.counter(
            "journeyd_items_total",
            "Items the engine stepped a contact with.",
            self.items.load(Ordering::Relaxed),
        );
        page.counter(
            "journeyd_wakes_total",
            "Contacts the engine stepped because their time had come.",
            self.wakes.load(Ordering::Relaxed),
        );
        page.histogram(
            "journeyd_commit_seconds",
            "Deciding and durably committing one group of requests.",
            &self.commits,
        );
        page.histogram(
            "journeyd_store_seconds",
            "Making one group of requests durable: the store's part of it.",
            &self.stores,
        );
        page.counter(
            "journeyd_commit_failures_total",
            "Groups of requests that could not be committed.",
            self.failures.load(Ordering::Relaxed),
        );
        let left = self
            .counted()
            .map_or(0, |at| at.total.saturating_sub(at.done));
        page.gauge(
            "journeyd_uncounted_contacts",
            "Contacts that are still to be counted again under the program that was deployed last.",
            Some(left as f64),
        );
        page.histogram(
            "journeyd_wake_lateness_seconds",
            "How late the contact that was due first was woken, per group.",
            &self.lateness,
        );
    }
}
