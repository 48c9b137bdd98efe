//! After a new program began to decide, the sweep counts every contact again under it, a few at a time between turns.
//! How far it is is part of each of its commits, so that it goes on after a crash where it was.

use journey_ir::Instant;
use serde::{Deserialize, Serialize};

use super::eras::{self, EraNo};
use super::{Process, pending};
use crate::store::{ContactNo, ContactRow, Error, Read, Store, TallyKey};

/// How far the sweep is.
const SWEEP: &str = "sweep";
/// After so many records of the past, a commit of the sweep ends, however few contacts they belong to.
const RECORDS_PER_COMMIT: usize = 4_000;

/// How far a deploy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Contacts that were counted again.
    pub done: u64,
    /// All contacts.
    pub total: u64,
}

/// A sweep that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sweep {
    /// The last contact it came to.
    after: i64,
    /// The last one there was when it began; who came later knows the current program only.
    until: i64,
    progress: Progress,
}

impl Sweep {
    /// Reads the one that is under way.
    pub(super) fn read(store: &mut impl Read) -> Result<Option<Self>, Error> {
        let Some(text) = store.meta(SWEEP)? else {
            return Ok(None);
        };
        let read = serde_json::from_str(&text);
        read.map_err(|error| Error::Database(format!("sweep: {error}")))
    }

    /// One that is to begin, over all contacts up to the highest number; none where there is nobody.
    pub(super) fn over(highest: i64, tallies: &[(TallyKey, i64)]) -> Option<Self> {
        let people = tallies.iter().filter(|(key, _)| {
            key.journey.is_empty() && matches!(&*key.what, "contacts" | "erased")
        });
        let total: i64 = people.map(|(_, n)| *n).sum();
        (highest > 0).then_some(Self {
            after: 0,
            until: highest,
            progress: Progress {
                done: 0,
                total: total.max(0).unsigned_abs(),
            },
        })
    }

    /// The same after it came to some more contacts.
    fn at(&self, after: ContactNo, passed: u64) -> Self {
        let done = self.progress.done.saturating_add(passed);
        Self {
            after: after.0,
            until: self.until,
            progress: Progress {
                done,
                total: self.progress.total.max(done),
            },
        }
    }
}

/// For the store.
pub(super) fn setting(sweep: Option<&Sweep>) -> (String, Option<String>) {
    let text = sweep.map(|sweep| serde_json::to_string(sweep).unwrap_or_default());
    (SWEEP.to_owned(), text)
}

/// How far counting again is, where it is under way.
pub fn progress(store: &mut impl Read) -> Result<Option<Progress>, Error> {
    Ok(Sweep::read(store)?.map(|sweep| sweep.progress))
}

/// Whether a contact is still to be counted under the program that was deployed last.
pub fn is_behind(store: &mut impl Read, row: &ContactRow) -> Result<bool, Error> {
    let Some(sweep) = Sweep::read(store)? else {
        return Ok(false);
    };
    let current = eras::read(store)?.pop();
    let (era, _) = EraNo::of(&row.recent);
    let waits = row.number.0 > sweep.after;
    Ok(waits && current.is_some_and(|current| era < current.number))
}

impl<S: Store> Process<S> {
    /// How far counting again is; `None` where every contact is counted under the current program.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.sweep.as_ref().map(|sweep| sweep.progress)
    }

    /// Counts some more contacts again, at most `most`, and commits that. Says how far it is then; `None` where there is
    /// nothing to be done.
    pub fn sweep(&mut self, most: usize, now: Instant) -> Result<Option<Progress>, Error> {
        let Some(sweep) = self.sweep.clone() else {
            return Ok(None);
        };
        let now = now.max(self.latest);
        let rows = self.store.following(ContactNo(sweep.after), most.max(1))?;
        let mut end = rows.len() < most.max(1);
        let mut last = ContactNo(sweep.after);
        let mut passed = 0;
        let decision = self.decision(now);
        let mut turn = self.begin(decision);
        for row in &rows {
            if row.number.0 > sweep.until || turn.read > RECORDS_PER_COMMIT {
                end = row.number.0 > sweep.until;
                break;
            }
            turn.count_row(row)?;
            last = row.number;
            passed += 1;
        }
        let mut finished = turn.finish();
        let now_at = sweep.at(last, passed);
        let goes_on = (!end).then_some(&now_at);
        finished.decision.meta.push(setting(goes_on));
        if end {
            // Nobody is in an older era any more.
            let eras = self.eras.without_past();
            finished.decision.meta.push(eras.setting());
        }
        let decided = pending(&finished);
        self.settle(finished, &[])?;
        self.decided += decided;
        self.latest = now;
        self.sweep = goes_on.cloned();
        if end {
            self.eras = self.eras.without_past();
            tracing::info!(contacts = now_at.progress.done, "deploy.counted_again");
        }
        Ok(Some(now_at.progress))
    }
}

impl<S: Store> super::turn::Turn<'_, S> {
    /// Counts a contact again that is as it was in an older era.
    fn count_row(&mut self, row: &ContactRow) -> Result<(), Error> {
        let (era, _) = EraNo::of(&row.recent);
        if era < self.eras.current() {
            self.load_row(row.clone())?;
        }
        Ok(())
    }
}
