//! Prizes and offers of which there is only so much, among all people of a log: everyone who has claimed one comes in, and
//! whoever claimed first is granted first, until none is left. The order is that of the claims on the log's own time; of several at one
//! instant, that of the names.
//!
//! It is exact because nobody's claim depends on what comes later: everyone has been played up to their next claim, so the
//! earliest one that is open is the next one of all.

use std::collections::BTreeMap;

use journey_ir::Instant;

use super::act::Act;
use super::player::{Played, Player, Waiting};

/// Somebody who waits, and by which number the caller knows them.
pub(super) type Numbered = (usize, Box<Waiting>);

/// Decides all draws; `ended` is told what was done to everyone, where that is asked.
pub(super) fn decide(
    player: &mut Player<'_>,
    waiting: Vec<Numbered>,
    mut ended: impl FnMut(usize, Vec<Act>),
) {
    let mut taken: BTreeMap<String, u64> = BTreeMap::new();
    let mut open: BTreeMap<(Instant, String), Numbered> = BTreeMap::new();
    let order = |it: &Waiting| {
        let (at, name) = it.order();
        (at, name.to_owned())
    };
    open.extend(waiting.into_iter().map(|it| (order(&it.1), it)));
    while let Some((_, (number, waiting))) = open.pop_first() {
        let granted = waiting.claim().is_some_and(|claim| claim.grant(&mut taken));
        match player.answer(waiting, granted) {
            Played::Ended(acts) => ended(number, acts),
            Played::Waits(waiting) => drop(open.insert(order(&waiting), (number, waiting))),
        }
    }
}
