//! Rankings across people. What one person is ranked by is read here, and how the ranking came out comes back as an
//! [`crate::Item::Ranked`]: whoever keeps all contacts puts them side by side in between, and nothing of one person
//! depends on another's state.

use journey_ir::time::MINUTE;
use journey_ir::{Decimal, Instant, Money, RankedBy, RankingIx, Value};

use crate::calendar::NEVER;
use crate::condition::Scene;
use crate::contact::{Contact, Life, Tenure};
use crate::history::What;
use crate::program::{Input, Key, Program};
use crate::turn::{Turn, home_zone};

/// Of ten thousand, how many are everyone.
const EVERYONE: u128 = 10_000;

/// The least that is within the given share (of ten thousand) of all that is ranked. A part of a person counts as one, so
/// that somebody is in where anybody is ranked; whoever has as much as the last of them is in too. `None` where nobody
/// is ranked, or the share is none.
#[must_use]
pub fn least_within(mut ranked: Vec<i64>, share: u32) -> Option<i64> {
    let wanted = (ranked.len() as u128 * u128::from(share)).div_ceil(EVERYONE);
    let place = usize::try_from(wanted)
        .ok()?
        .min(ranked.len())
        .checked_sub(1)?;
    let (_, least, _) = ranked.select_nth_unstable_by(place, |one, other| other.cmp(one));
    Some(*least)
}

impl Program {
    /// When a ranking is worked out, the first time after an instant.
    #[must_use]
    pub fn ranked_after(&self, at: RankingIx, from: Instant) -> Option<Instant> {
        self.passes_around(at, from)?
            .into_iter()
            .find(|it| *it > from)
    }

    /// When a ranking was to be worked out, the last time up to an instant.
    #[must_use]
    pub fn ranked_before(&self, at: RankingIx, until: Instant) -> Option<Instant> {
        let passes = self.passes_around(at, until)?.into_iter();
        passes.rev().find(|it| *it <= until)
    }

    /// The passes of the days around an instant. Where clocks change, one may fall on another day.
    fn passes_around(&self, at: RankingIx, around: Instant) -> Option<[Instant; 5]> {
        let of_day = i64::from(self.ir().ranking(at)?.at.0) * MINUTE;
        let day = self.zone().day(around);
        let pass = |offset: i32| self.zone().instant(day.saturating_add(offset), of_day);
        Some([-2, -1, 0, 1, 2].map(pass)).filter(|all| !all.contains(&NEVER))
    }
}

impl Contact {
    /// What the contact is ranked by at an instant, the more the higher; `None` where it is not ranked, because it has
    /// no such value or none but 0.
    #[must_use]
    pub fn standing(&self, program: &Program, at: RankingIx, now: Instant) -> Option<i64> {
        if self.life != Life::Known {
            return None;
        }
        let zone = home_zone(program, self);
        let scene = Scene {
            program,
            contact: self,
            zone: &zone,
            at: now,
            event: None,
            item: None,
            run: None,
            registers: &[],
        };
        let value = match &program.ir().ranking(at)?.by {
            RankedBy::Amount {
                aggregate,
                measure,
                window,
            } => scene.measured(*aggregate, *measure, *window)?,
            RankedBy::Value(source) => scene.read(source)?.into_owned(),
        };
        let size = match value {
            Value::Number(Decimal(millionths)) => millionths,
            Value::Money(Money { minor, .. }) => minor,
            _ => return None,
        };
        (size != 0).then_some(size)
    }

    /// Whether the contact was in when a ranking last came out.
    #[must_use]
    pub fn is_ranked(&self, program: &Program, at: RankingIx) -> bool {
        let ranking = program.ir().ranking(at);
        let key = ranking.map(|it| key_of(&it.name));
        self.tenures.iter().any(|it| Some(it.of) == key)
    }
}

impl Turn<'_> {
    /// How a ranking came out for the contact.
    pub(crate) fn ranked(&mut self, name: &str, within: bool) {
        let rankings = &self.program.ir().rankings;
        let Some(at) = rankings.iter().position(|it| it.name == name) else {
            return;
        };
        let at = RankingIx(at as u32);
        if self.contact.is_ranked(self.program, at) == within {
            return;
        }
        let key = key_of(name);
        self.contact.tenures.retain(|it| it.of != key);
        self.contact.tenures.extend(within.then_some(Tenure {
            of: key,
            stage: key,
            since: self.at,
        }));
        self.note(What::Ranked {
            ranking: name.into(),
            within,
        });
        self.touch(Input::Ranking(at));
    }
}

fn key_of(name: &str) -> Key {
    Key::of("ranking", name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_person_counts_as_one_and_equals_are_in_together() {
        assert_eq!(least_within(vec![], 1_000), None);
        assert_eq!(least_within(vec![5, 9], 0), None);
        assert_eq!(least_within(vec![5, 9, 7], 1_000), Some(9));
        assert_eq!(least_within((1..=20).collect(), 1_000), Some(19));
        assert_eq!(least_within(vec![3, 3, 3, 1], 2_500), Some(3));
        assert_eq!(least_within(vec![1, 2], 10_000), Some(1));
    }
}
