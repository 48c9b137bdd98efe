//! Rankings of all people in a log. People are played one by one, so a program that ranks them has them played twice: once
//! to learn what each is ranked by at every time, and once more with what came of it.

use std::num::NonZeroUsize;
use std::sync::Arc;

use journey_engine::{Program, least_within};
use journey_ir::{Instant, RankingIx};

use super::people::people;
use super::player::{Played, Player};
use super::{Assumed, Log, Shards, Tally, on_all, own};

/// When rankings are worked out, and how they come out.
#[derive(Debug, Default)]
pub(super) struct Rankings {
    passes: Vec<Pass>,
}

/// One ranking, worked out once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    pub(super) at: Instant,
    pub(super) ranking: RankingIx,
    /// The least that is in; nothing where nobody is.
    pub(super) least: Option<i64>,
}

impl Rankings {
    /// The rankings of everyone in a log, up to an instant.
    pub(super) fn of(
        program: &Arc<Program>,
        log: &Log,
        until: Option<Instant>,
        assumed: &Assumed,
        threads: NonZeroUsize,
    ) -> Self {
        let mut all = Self::times(program, log.intake.first, until);
        if all.passes.is_empty() {
            return all;
        }
        let shards = Shards::new(&|_| {});
        let gathered = on_all(threads, || {
            let own = own(program);
            let mut player = Player::new(&own, until, assumed, Tally::new(program), &all);
            player.gather();
            while let Some(shard) = shards.next() {
                for person in people(&log.copy(shard)) {
                    let mut life = player.play(&person, false);
                    // What a prize leads to is taken as if it were granted: it is worked out among those who are ranked.
                    while let Played::Waits(waiting) = life {
                        life = player.answer(waiting, true);
                    }
                }
            }
            player.gathered()
        });
        for (at, pass) in all.passes.iter_mut().enumerate() {
            let ranked = gathered.iter().filter_map(|it| it.get(at)).flatten();
            let share = program.ir().ranking(pass.ranking).map_or(0, |it| it.share);
            pass.least = least_within(ranked.copied().collect(), share);
        }
        all
    }

    fn times(program: &Program, from: Option<Instant>, until: Option<Instant>) -> Self {
        let mut passes = Vec::new();
        for ranking in (0..program.ir().rankings.len() as u32).map(RankingIx) {
            let (Some(mut at), Some(until)) = (from, until) else {
                continue;
            };
            while let Some(next) = program.ranked_after(ranking, at).filter(|it| *it <= until) {
                at = next;
                passes.push(Pass {
                    at,
                    ranking,
                    least: None,
                });
            }
        }
        passes.sort_by_key(|it| (it.at, it.ranking));
        Self { passes }
    }

    /// The place of the first one after an instant.
    pub(super) fn after(&self, at: Instant) -> usize {
        self.passes.partition_point(|it| it.at <= at)
    }

    /// The one at a place.
    pub(super) fn get(&self, place: usize) -> Option<Pass> {
        self.passes.get(place).copied()
    }
}
