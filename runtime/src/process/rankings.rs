//! Rankings: once a day all contacts are put side by side, and whoever comes in or falls out is told so, as an item in the
//! log like any other. All of it happens between two turns, after everything that was due before; a daemon that was away
//! works out the last one it missed.

use journey_engine::{Contact, Item, Program, least_within, step};
use journey_ir::{self as ir, Instant, RankingIx};

use super::batch::Effects;
use super::scribe::Cause;
use super::turn::Turn;
use super::{Process, Status};
use crate::store::{ContactNo, Error, Read, Store};

/// How many contacts are read at once.
const CONTACTS_PER_READ: usize = 1_000;
/// How many contacts are told per commit.
const CONTACTS_PER_COMMIT: usize = 1_000;

/// Up to when each ranking has been worked out.
#[derive(Debug, Clone)]
pub(super) struct Rankings {
    done: Vec<Instant>,
}

impl Rankings {
    /// Reads up to when each ranking has been worked out. One that is new begins with its next time.
    pub(super) fn read(
        store: &mut impl Read,
        program: &ir::Program,
        now: Instant,
    ) -> Result<Self, Error> {
        let mut done = Vec::with_capacity(program.rankings.len());
        for ranking in &program.rankings {
            let kept = store.meta(&meta_name(ranking))?;
            done.push(kept.and_then(|text| text.parse().ok()).unwrap_or(now));
        }
        Ok(Self { done })
    }

    /// What is written at the first start, so that a new ranking's first time is known after a restart too.
    pub(super) fn beginnings(&self, program: &ir::Program) -> Vec<(String, Option<String>)> {
        let rankings = program.rankings.iter().zip(&self.done);
        rankings
            .map(|(ranking, done)| (meta_name(ranking), Some(done.to_string())))
            .collect()
    }

    /// When one is worked out next.
    pub(super) fn next(&self, program: &Program) -> Option<Instant> {
        let all = self.all();
        all.filter_map(|(at, done)| program.ranked_after(at, done))
            .min()
    }

    /// The one that is to be worked out first, and for when.
    pub(super) fn due(&self, program: &Program, until: Instant) -> Option<(Instant, RankingIx)> {
        let due = self.all().filter_map(|(at, done)| {
            let last = program.ranked_before(at, until)?;
            (last > done).then_some((last, at))
        });
        due.min()
    }

    fn all(&self) -> impl Iterator<Item = (RankingIx, Instant)> + '_ {
        (0..).map(RankingIx).zip(self.done.iter().copied())
    }

    fn is_done(&mut self, at: RankingIx, until: Instant) {
        if let Some(done) = self.done.get_mut(at.at()) {
            *done = until;
        }
    }
}

fn meta_name(ranking: &ir::Ranking) -> String {
    format!("ranking {}", ranking.name)
}

impl<S: Store> Process<S> {
    /// Works out a ranking, and tells those for whom it came out differently. Says how many effects wait for a worker
    /// now. Where it is interrupted it is worked out anew: who has been told is right already.
    pub(super) fn rank(
        &mut self,
        ranking: RankingIx,
        at: Instant,
        now: Instant,
        effects: Effects,
    ) -> Result<usize, Error> {
        let program = std::sync::Arc::clone(&self.program);
        let Some(declared) = program.ir().ranking(ranking) else {
            return Ok(0);
        };
        let changed = self.moved(declared, ranking, at)?;
        let mut pending = 0;
        let mut told = changed.chunks(CONTACTS_PER_COMMIT).peekable();
        loop {
            let some = told.next().unwrap_or_default();
            let last = told.peek().is_none();
            let decision = self.decision(now);
            let mut turn = self.begin(decision);
            turn.tell_ranked(some, &declared.name, at, effects)?;
            let mut finished = turn.finish();
            if last {
                let done = (meta_name(declared), Some(at.to_string()));
                finished.decision.meta.push(done);
            }
            let waiting = finished.decision.effects.iter();
            pending += waiting.filter(|it| it.status == Status::Pending).count();
            self.settle(finished, &[])?;
            if last {
                self.rankings.is_done(ranking, at);
                return Ok(pending);
            }
        }
    }

    /// Who comes in and who falls out.
    fn moved(
        &mut self,
        declared: &ir::Ranking,
        ranking: RankingIx,
        at: Instant,
    ) -> Result<Vec<(ContactNo, bool)>, Error> {
        let mut all: Vec<(ContactNo, Option<i64>, bool)> = Vec::new();
        let mut from = ContactNo(0);
        loop {
            let rows = self.store.following(from, CONTACTS_PER_READ)?;
            let Some(last) = rows.last() else { break };
            from = last.number;
            // What cannot be read is in no ranking; whoever wakes the contact says so.
            let read = rows.iter().filter_map(|row| {
                let contact = Contact::decode(&row.state, &self.program).ok()?;
                let standing = contact.standing(&self.program, ranking, at);
                let was = contact.is_ranked(&self.program, ranking);
                (was || standing.is_some()).then_some((row.number, standing, was))
            });
            all.extend(read);
        }
        let standings = all.iter().filter_map(|(_, standing, _)| *standing);
        let least = least_within(standings.collect(), declared.share);
        let moved = all.into_iter().filter_map(|(number, standing, was)| {
            let within = least.zip(standing).is_some_and(|(least, it)| it >= least);
            (was != within).then_some((number, within))
        });
        Ok(moved.collect())
    }
}

impl<S: Store> Turn<'_, S> {
    /// Tells contacts how a ranking came out for them.
    fn tell_ranked(
        &mut self,
        some: &[(ContactNo, bool)],
        ranking: &str,
        at: Instant,
        effects: Effects,
    ) -> Result<(), Error> {
        let numbers: Vec<ContactNo> = some.iter().map(|(number, _)| *number).collect();
        self.load(&numbers)?;
        for (number, within) in some {
            let Some(working) = self.working.get_mut(number) else {
                continue;
            };
            let item = Item::Ranked {
                ranking: ranking.to_owned(),
                within: *within,
                occurred_at: at,
            };
            let contact = &mut working.held.contact;
            step(self.program, contact, &item, at, &mut self.scribe.outcome);
            let cause = Cause::item(&item, at, effects);
            self.scribe.record(*number, working, cause)?;
            self.grant(*number, effects)?;
        }
        Ok(())
    }
}
