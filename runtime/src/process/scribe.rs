//! Writes down what the engine decided: one line of the log, the effects, the counters.

use std::collections::VecDeque;

use journey_engine::{Claim, Effect, Intent, Item, Outcome, Program, What};
use journey_ir::{Instant, Purpose};

use super::batch::Effects;
use super::cache::Held;
use super::line::NewLine;
use super::tally::{Census, Tallies};
use crate::deliver::Lane;
use crate::store::{
    Change, ContactNo, Decision, Error, NewEffect, Place, Revocation, Revoked, Status,
};

/// A contact that is being worked on.
#[derive(Debug)]
pub(super) struct Working {
    pub(super) held: Box<Held>,
    /// How its row changes; nothing yet where `None`.
    pub(super) change: Option<Change>,
    /// Whether it still has to be counted for the first time.
    pub(super) fresh: bool,
    /// Where its history on disk ends: its own chain, and those that joined since.
    pub(super) chains: Vec<Place>,
}

impl Working {
    pub(super) fn touch(&mut self, change: Change) {
        self.change = match (self.change, change) {
            (Some(Change::Insert), _) | (_, Change::Insert) => Some(Change::Insert),
            (Some(Change::Rename), _) | (_, Change::Rename) => Some(Change::Rename),
            _ => Some(Change::Update),
        };
    }
}

/// What a line is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cause<'a> {
    pub(super) received_at: Instant,
    pub(super) item: Option<&'a Item>,
    pub(super) merged: Option<(&'a str, Option<Place>)>,
    pub(super) effects: Effects,
}

impl<'a> Cause<'a> {
    pub(super) const fn time(until: Instant, effects: Effects) -> Self {
        Self {
            received_at: until,
            item: None,
            merged: None,
            effects,
        }
    }

    pub(super) const fn item(item: &'a Item, received_at: Instant, effects: Effects) -> Self {
        Self {
            received_at,
            item: Some(item),
            merged: None,
            effects,
        }
    }
}

/// The decision being written.
#[derive(Debug)]
pub(super) struct Scribe<'a> {
    pub(super) program: &'a Program,
    pub(super) decision: Decision,
    pub(super) tallies: Tallies<'a>,
    /// What the engine decided since the last [`Self::record`].
    pub(super) outcome: Outcome,
    /// What was claimed and is neither granted nor refused yet.
    pub(super) claims: VecDeque<Claim>,
    late_after: i64,
    buffer: Vec<u8>,
}

impl<'a> Scribe<'a> {
    pub(super) fn new(program: &'a Program, decision: Decision) -> Self {
        Self {
            late_after: program.ir().project.late_after,
            program,
            decision,
            tallies: Tallies::new(program),
            outcome: Outcome::default(),
            claims: VecDeque::new(),
            buffer: Vec::new(),
        }
    }

    /// Writes down the outcome, and empties it.
    pub(super) fn record(
        &mut self,
        number: ContactNo,
        working: &mut Working,
        cause: Cause<'_>,
    ) -> Result<(), Error> {
        self.take_back(number);
        self.put_effects(number, cause.effects);
        let history = &self.outcome.history;
        let erased = history
            .iter()
            .position(|one| matches!(one.what, What::Erased));
        if erased.is_some() {
            self.decision.erased.push((number, working.held.last));
        }
        // What came before the erasure, in the same breath, is erased too.
        let told = history.get(erased.unwrap_or(0)..).unwrap_or_default();
        let moved = self.tallies.add_all(history);
        if moved || working.fresh {
            let census = Census::of(&working.held.contact, self.program);
            self.tallies.move_contact(&working.held.census, &census);
            working.held.census = census;
            working.fresh = false;
        }
        if cause.item.is_some() || cause.merged.is_some() || !history.is_empty() {
            let line = NewLine {
                received_at: cause.received_at,
                item: cause.item,
                merged: cause.merged.map(|(name, _)| name),
                happened: told,
            };
            line.encode(&mut self.buffer)
                .map_err(|error| Error::Database(error.to_string()))?;
            let joined = cause.merged.and_then(|(_, place)| place);
            let last = working.held.last;
            let place = self.decision.log.append(number, last, joined, &self.buffer);
            working.held.last = Some(place);
        }
        working.touch(Change::Update);
        self.claims.extend(self.outcome.claims.drain(..));
        self.outcome.clear();
        Ok(())
    }

    fn put_effects(&mut self, number: ContactNo, effects: Effects) {
        for effect in self.outcome.effects.drain(..) {
            let late = effect.at.saturating_add(self.late_after) < self.decision.at;
            let status = match effects {
                Effects::Hold => Status::Held,
                Effects::Record => Status::Recorded,
                Effects::Act if self.late_after > 0 && late => Status::Stale,
                Effects::Act | Effects::Always => Status::Pending,
            };
            let mut new = new_effect(number, &effect, status);
            new.whenever = effects == Effects::Always;
            self.decision.effects.push(new);
        }
    }

    /// Takes back effects: those in the store by the decision, those of this very decision at once.
    fn take_back(&mut self, number: ContactNo) {
        for revoked in self.outcome.revoked.drain(..) {
            let what = match revoked {
                journey_engine::Revoked::Run(run) => Revoked::Run(run.0),
                journey_engine::Revoked::Advertising(channel) => {
                    Revoked::Advertising(channel.word().to_owned())
                }
                journey_engine::Revoked::Channel(channel) => {
                    Revoked::Lane(channel.word().to_owned())
                }
                journey_engine::Revoked::Everything => Revoked::Everything,
                journey_engine::Revoked::Listing(run) => Revoked::Listing(run.0),
            };
            for effect in &mut self.decision.effects {
                let unsent = matches!(effect.status, Status::Pending | Status::Held);
                if unsent && effect.contact == number && covers(&what, effect) {
                    effect.status = Status::Revoked;
                }
            }
            self.decision.revoked.push(Revocation {
                contact: number,
                what,
            });
        }
    }
}

fn covers(what: &Revoked, effect: &NewEffect) -> bool {
    match what {
        Revoked::Run(run) => effect.run == *run,
        Revoked::Advertising(lane) => effect.advertising && effect.lane == *lane,
        Revoked::Lane(lane) => effect.lane == *lane,
        Revoked::Everything => true,
        Revoked::Listing(run) => effect.advertising && effect.run == *run,
    }
}

pub(super) fn new_effect(contact: ContactNo, effect: &Effect, status: Status) -> NewEffect {
    let advertising = match &effect.what {
        Intent::Send(send) => send.purpose == Purpose::Advertising,
        Intent::Enlist(enlist) => enlist.add,
        Intent::Call(_) | Intent::Task(_) => false,
    };
    NewEffect {
        key: effect.key.0,
        contact,
        run: effect.run.0,
        decided_at: effect.at,
        status,
        journey: effect.journey.to_string(),
        step: effect.step.to_string(),
        lane: Lane::of(effect).word().to_owned(),
        advertising,
        whenever: false,
        body: postcard::to_stdvec(effect).unwrap_or_default(),
    }
}

/// The effect as the engine decided it; `None` where it was erased.
#[must_use]
pub fn effect_of(body: &[u8]) -> Option<Effect> {
    postcard::from_bytes(body).ok()
}
