//! Eras: the time in which one program decides. Each contact's row says in which era it was last counted, so that a new
//! program can begin at once and contacts follow one by one.
//!
//! An era that is over is kept, with its program, for as long as there may be contacts that were last counted in it.

use std::sync::Arc;

use journey_engine::Program;
use journey_ir::Instant;
use serde::{Deserialize, Serialize};

use crate::store::{Error, ProgramNo, Read};

/// The setting that holds the eras.
const ERAS: &str = "eras";
/// Bytes of a mark.
const MARK: usize = 4;
/// How long the ids in front of a mark are, apart from what they have in front themselves: see `recent`.
const ID: usize = 12;

/// The number of an era, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct EraNo(u32);

impl EraNo {
    /// The era in which rows have no mark.
    pub(super) const FIRST: Self = Self(1);

    pub(super) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Adds the mark to what else is kept in a row.
    pub(super) fn mark(self, mut recent: Vec<u8>) -> Vec<u8> {
        if self > Self::FIRST {
            if recent.is_empty() {
                recent.extend_from_slice(&[0; MARK]);
            }
            recent.extend_from_slice(&self.0.to_le_bytes());
        }
        recent
    }

    /// The era in which a row was counted, and what else is kept in it.
    pub(super) fn of(recent: &[u8]) -> (Self, &[u8]) {
        match recent.split_last_chunk::<MARK>() {
            Some((rest, mark)) if recent.len() % ID == 2 * MARK => {
                (Self(u32::from_le_bytes(*mark)), rest)
            }
            _ => (Self::FIRST, recent),
        }
    }
}

/// An era as it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) number: EraNo,
    /// The program.
    program: i64,
    /// The same, linked with those before it.
    positions: i64,
    /// When it began.
    pub(super) since: Instant,
    /// Whether it ended before everything that was due in it was done: its journeys may still be entered then, by
    /// contacts that are brought to its end later.
    late: bool,
}

impl Written {
    pub(super) const fn program(&self) -> ProgramNo {
        ProgramNo(self.program)
    }

    pub(super) const fn positions(&self) -> ProgramNo {
        ProgramNo(self.positions)
    }

    pub(super) const fn is_late(&self) -> bool {
        self.late
    }
}

/// An era with its program.
#[derive(Debug, Clone)]
pub(super) struct Era {
    pub(super) written: Written,
    pub(super) program: Arc<Program>,
}

/// The eras of a store.
#[derive(Debug, Clone)]
pub(super) struct Eras {
    /// Those that are over, the oldest first.
    past: Vec<Era>,
    current: Written,
}

/// The eras as they are written down, the current one last; none where no program has run yet, or only under a release
/// that knew no eras.
pub(super) fn read(store: &mut impl Read) -> Result<Vec<Written>, Error> {
    let Some(text) = store.meta(ERAS)? else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&text).map_err(|error| Error::Database(format!("eras: {error}")))
}

impl Eras {
    /// The first era of a store, or the only one that any contact is in.
    pub(super) const fn only(
        number: EraNo,
        program: ProgramNo,
        positions: ProgramNo,
        since: Instant,
    ) -> Self {
        Self {
            past: Vec::new(),
            current: Written {
                number,
                program: program.0,
                positions: positions.0,
                since,
                late: false,
            },
        }
    }

    /// What was written down, with the programs of those that are over.
    pub(super) const fn of(past: Vec<Era>, current: Written) -> Self {
        Self { past, current }
    }

    /// The current one.
    pub(super) const fn current(&self) -> EraNo {
        self.current.number
    }

    /// The same, where what the current program is linked with is another.
    pub(super) fn at_positions(mut self, positions: ProgramNo) -> Self {
        self.current.positions = positions.0;
        self
    }

    /// These with another one after them.
    pub(super) fn followed_by(
        &self,
        decided_by: &Arc<Program>,
        late: bool,
        program: ProgramNo,
        positions: ProgramNo,
        since: Instant,
    ) -> Self {
        let mut past = self.past.clone();
        past.push(Era {
            written: Written {
                late,
                ..self.current
            },
            program: Arc::clone(decided_by),
        });
        let current = Written {
            number: self.current.number.next(),
            program: program.0,
            positions: positions.0,
            since: since.max(self.current.since),
            late: false,
        };
        Self { past, current }
    }

    /// The programs, as they were linked, of those that ended before everything that was due in them was done.
    pub(super) fn late(&self) -> Vec<ProgramNo> {
        let late = self.past.iter().filter(|era| era.written.late);
        late.map(|era| era.written.positions()).collect()
    }

    /// These without those that are over.
    pub(super) const fn without_past(&self) -> Self {
        Self {
            past: Vec::new(),
            current: self.current,
        }
    }

    /// The eras that a contact with this mark has behind it and was not counted out of, the oldest first, each with the
    /// time at which it ended. None where it is up to date.
    pub(super) fn behind(&self, mark: EraNo) -> Vec<(&Era, Instant)> {
        if mark >= self.current.number {
            return Vec::new();
        }
        let ends = self.past.iter().skip(1).map(|it| it.written.since);
        let ends = ends.chain([self.current.since]);
        let all = self.past.iter().zip(ends);
        all.filter(|(era, _)| era.written.number >= mark).collect()
    }

    /// The programs that decided after an era.
    pub(super) fn after<'a>(
        &'a self,
        era: EraNo,
        current: &'a Program,
    ) -> impl Iterator<Item = &'a Program> {
        let later = self.past.iter().filter(move |it| it.written.number > era);
        later.map(|it| &*it.program).chain([current])
    }

    /// For the store.
    pub(super) fn setting(&self) -> (String, Option<String>) {
        let past = self.past.iter().map(|era| era.written);
        let all: Vec<Written> = past.chain([self.current]).collect();
        let text = serde_json::to_string(&all).unwrap_or_default();
        (ERAS.to_owned(), Some(text))
    }
}

#[cfg(test)]
mod tests {
    use super::super::recent::Recent;
    use super::*;

    #[test]
    fn a_mark_is_found_again_beside_any_number_of_ids() {
        for ids in 0..200 {
            let mut recent = Recent::default();
            for id in 0..ids {
                recent.add(id, 7, &mut Vec::new());
            }
            for era in [1, 2, 77, u32::MAX] {
                let bytes = EraNo(era).mark(recent.encode());
                let (found, rest) = EraNo::of(&bytes);
                assert_eq!((found, Recent::decode(rest)), (EraNo(era), recent.clone()));
            }
        }
    }

    #[test]
    fn a_row_without_a_mark_is_of_the_first_era() {
        assert_eq!(EraNo::of(&[]), (EraNo::FIRST, &[][..]));
        assert!(EraNo::FIRST.mark(Vec::new()).is_empty());
        assert_eq!(EraNo::of(&[1; 4]), (EraNo::FIRST, &[1; 4][..]));
    }
}
