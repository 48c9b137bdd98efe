//! Those who carry messages: quick, slow, refusing, down, or silent about what they did. And the one worker that hands
//! messages to them, which asks the same rules as the daemon's: what is tried at all, and what follows from each end.

use std::collections::BTreeMap;
use std::sync::Arc;

use journey_engine::EffectKey;
use journey_ir::Instant;
use journey_ir::project::OnUnclear;
use journey_ir::time::{MINUTE, SECOND};
use journeyd::deliver::attempt::Attempt;
use journeyd::deliver::retry::{self, Terms};
use journeyd::deliver::{Carrier, Claimed, Courier, Outcome, Recorded};

use crate::chance::Chance;

/// For how long an effect is held, in milliseconds.
pub(crate) const LEASE: i64 = 10 * MINUTE;

/// What the provider has seen of one effect, and what we know of it.
#[derive(Debug, Default)]
struct Seen {
    /// How often it was handed over.
    times: u32,
    /// How it ended, where that was recorded for good.
    settled: Option<&'static str>,
    /// It may have been carried out, and nobody recorded how it ended.
    doubt: bool,
}

#[derive(Debug)]
struct Running {
    claimed: Claimed,
    terms: Terms,
    attempt: Attempt,
    ends_at: Instant,
}

/// The worker and the providers it talks to.
pub(crate) struct Delivery {
    chance: Chance,
    courier: Arc<Courier>,
    seen: BTreeMap<EffectKey, Seen>,
    running: Vec<Running>,
    /// What is not recorded yet.
    ended: Vec<Recorded>,
    /// From now on everything is carried out.
    pub(crate) well: bool,
}

impl Delivery {
    pub(crate) const fn new(chance: Chance, courier: Arc<Courier>) -> Self {
        Self {
            chance,
            courier,
            seen: BTreeMap::new(),
            running: Vec::new(),
            ended: Vec::new(),
            well: false,
        }
    }

    /// The daemon died: what was under way or not recorded is in doubt.
    pub(crate) fn die(&mut self) {
        self.running.clear();
        self.ended.clear();
    }

    /// The worker was given an effect.
    pub(crate) fn begin(&mut self, claimed: Claimed, now: Instant) {
        let terms = self.courier.terms(&claimed);
        if let Some(outcome) = retry::before(&claimed, &terms, now) {
            self.ended.push(Recorded::of(&claimed, outcome, now));
            return;
        }
        let key = claimed.effect.key;
        let seen = self.seen.entry(key).or_default();
        assert_eq!(
            seen.settled, None,
            "{key} was handed over although it is known how it ended"
        );
        assert!(
            !seen.doubt || terms.on_unclear == OnUnclear::Retry,
            "{key} was handed over again although it may have been carried out"
        );
        seen.times += 1;
        seen.doubt = true;
        let (attempt, takes) = self.carry();
        // The worker gives up on an attempt before its lease ends.
        let limit = LEASE / 4 * 3;
        let (attempt, takes) = if takes > limit {
            (Attempt::unclear("it did not end in time"), limit)
        } else {
            (attempt, takes)
        };
        self.running.push(Running {
            claimed,
            terms,
            attempt,
            ends_at: now + takes,
        });
    }

    fn carry(&mut self) -> (Attempt, i64) {
        let chance = &mut self.chance;
        if self.well {
            return (Attempt::done(None), 1);
        }
        let takes = match chance.below(6) {
            0 => chance.between(0, 15 * MINUTE),
            1 => chance.between(0, MINUTE),
            _ => chance.between(0, SECOND),
        };
        let attempt = match chance.below(10) {
            0 => Attempt::failed("not now"),
            1 => Attempt::provider_down("nobody there"),
            2 => Attempt::refused("no such address"),
            3 | 4 => Attempt::unclear("the line broke"),
            5 => Attempt::Failed {
                reason: "too many".into(),
                retry_after: Some(chance.between(0, 10 * MINUTE)),
                blame: journeyd::deliver::attempt::Blame::Effect,
            },
            _ => Attempt::done("id".to_owned()),
        };
        (attempt, takes)
    }

    /// Attempts whose time has come end.
    pub(crate) fn end(&mut self, now: Instant) {
        let mut at = 0;
        while at < self.running.len() {
            if self.running[at].ends_at > now {
                at += 1;
                continue;
            }
            let ended = self.running.remove(at);
            let outcome = retry::after(ended.attempt, &ended.claimed, &ended.terms, now);
            let recorded = Recorded::of(&ended.claimed, outcome, now);
            self.ended.push(recorded);
        }
    }

    /// What is to be recorded.
    pub(crate) fn ended(&self) -> &[Recorded] {
        &self.ended
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.ended.is_empty()
    }

    /// It was recorded.
    pub(crate) fn recorded(&mut self) {
        for recorded in std::mem::take(&mut self.ended) {
            let seen = self.seen.entry(recorded.key).or_default();
            match &recorded.outcome {
                // Certainly not carried out, or policy says that it may be repeated.
                Outcome::Retry { .. } => seen.doubt = false,
                Outcome::GivenBack => {}
                final_one => seen.settled = Some(final_one.word()),
            }
        }
    }
}
