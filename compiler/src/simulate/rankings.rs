//! Rankings of all people in a log. People are played one by one, so a program that ranks them has them played twice: once
//! to learn what each is ranked by at every time, and once more with what came of it.

use std::num::NonZeroUsize;

use journey_engine::{Program, least_within};
use journey_ir::{Instant, RankingIx};

use super::people::people;
use super::player::Player;
use super::{Assumed, Log, Tally, each_shard};

/// What a person is ranked by whom, at every time a ranking is worked out.
type Standings = Vec<Vec<i64>>;

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
        program: &Program,
        log: &Log,
        until: Option<Instant>,
        assumed: &Assumed,
        threads: NonZeroUsize,
    ) -> Self {
        let mut all = Self::times(program, log.intake.first, until);
        if all.passes.is_empty() {
            return all;
        }
        let gathered = each_shard(threads, &|_| {}, |shard, standings: &mut Standings| {
            let mut player = Player::new(program, until, assumed, Tally::new(program), &all);
            player.gather(std::mem::take(standings));
            for person in people(log.copy(shard)) {
                player.play(&person, None);
            }
            *standings = player.gathered();
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

    /// Those after an instant, each with its place among all.
    pub(super) fn after(&self, at: Instant) -> impl Iterator<Item = (usize, Pass)> + '_ {
        let first = self.passes.partition_point(|it| it.at <= at);
        self.passes.iter().copied().enumerate().skip(first)
    }
}
