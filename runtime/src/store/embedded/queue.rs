//! Effects in the order in which they become due, of those that are not in the tables as they are now. Of those that
//! are, it is known up to where they have been looked through.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use journey_ir::Instant;

use super::overlay::Touched;
use super::redo::State;
use super::view::View;
use crate::store::sqlite::Cursor;
use crate::store::{Error, Status};

/// How many rows of the tables are looked at in one go.
const STRIDE: usize = 256;
/// Before everything.
const START: Cursor = (Instant::MIN, i64::MIN);

#[derive(Debug, Default)]
struct Lane {
    pending: BTreeSet<Cursor>,
    leased: BTreeSet<Cursor>,
    /// The next of those that the tables call pending, as they were read last.
    ahead: VecDeque<Cursor>,
    /// Up to here the tables have been read.
    read: Option<Cursor>,
    /// What the tables call claimed; `None` where they have not been asked.
    leased_there: Option<Vec<Cursor>>,
}

/// Effects that a worker may take.
#[derive(Debug)]
pub(super) struct Ready {
    /// Their numbers, and whether an earlier worker never told how it ended.
    pub(super) effects: Vec<(i64, bool)>,
    /// When the next one that is not among them may be taken.
    pub(super) next_due: Option<Instant>,
}

/// The queue of each lane.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lanes: BTreeMap<Box<str>, Lane>,
}

impl Queue {
    /// An effect is now as `after` says; `before` it was, where that was known here.
    pub(super) fn change(&mut self, number: i64, before: Option<&Touched>, after: &State) {
        let lane = self.lanes.entry(after.lane.clone()).or_default();
        if let Some(before) = before {
            lane.pending.remove(&(before.due, number));
            lane.leased
                .remove(&(before.lease.unwrap_or(before.due), number));
        }
        if after.status == Status::Pending {
            lane.pending.insert((after.due, number));
        } else if after.status == Status::Claimed
            && let Some(lease) = after.lease
        {
            lane.leased.insert((lease, number));
        }
    }

    /// The tables have changed: only what `still` says is not in them as it is now.
    pub(super) fn settle(&mut self, still: impl Fn(i64) -> bool) {
        for lane in self.lanes.values_mut() {
            lane.pending.retain(|(_, number)| still(*number));
            lane.leased.retain(|(_, number)| still(*number));
            lane.ahead.clear();
            lane.read = None;
            lane.leased_there = None;
        }
    }

    /// Effects of a lane whose lease has ended, then those that are due; the earliest first, at most `most`.
    pub(super) fn next(
        &mut self,
        view: &View<'_>,
        lane: &str,
        now: Instant,
        most: usize,
    ) -> Result<Ready, Error> {
        let queue = self.lanes.entry(lane.into()).or_default();
        let mut leased: BTreeSet<Cursor> = queue.leased.clone();
        leased.extend(queue.leased_there(view, lane)?);
        let mut taken: Vec<(i64, bool)> = Vec::new();
        let ended = leased.iter().filter(|(lease, _)| *lease <= now);
        taken.extend(ended.take(most).map(|(_, number)| (*number, true)));

        let room = most - taken.len();
        let left = leased.iter().nth(taken.len()).map(|(lease, _)| *lease);
        let mut pending: BTreeSet<Cursor> = queue.pending.iter().take(room + 1).copied().collect();
        pending.extend(queue.look(view, lane, room + 1)?);
        let due = pending.iter().filter(|(due, _)| *due <= now).take(room);
        let due: Vec<(i64, bool)> = due.map(|(_, number)| (*number, false)).collect();
        let next = pending.iter().nth(due.len()).map(|(due, _)| *due);
        taken.extend(due);
        Ok(Ready {
            effects: taken,
            next_due: next.into_iter().chain(left).min(),
        })
    }
}

impl Lane {
    /// What is claimed in the tables as it is now.
    fn leased_there(&mut self, view: &View<'_>, lane: &str) -> Result<Vec<Cursor>, Error> {
        let known = match self.leased_there.take() {
            Some(known) => known,
            None => view.tables.leased(lane)?,
        };
        let known = self.leased_there.insert(known);
        known.retain(|(_, number)| view.touched(*number).is_none());
        Ok(known.clone())
    }

    /// The first pending effects that are in the tables as they are now. What was read of them once is not read again:
    /// whatever changes meanwhile is touched.
    fn look(&mut self, view: &View<'_>, lane: &str, most: usize) -> Result<Vec<Cursor>, Error> {
        let touched = |row: &Cursor| view.touched(row.1).is_some();
        while self.ahead.front().is_some_and(touched) {
            self.ahead.pop_front();
        }
        let untouched = self.ahead.iter().filter(|row| !touched(row));
        let mut found: Vec<Cursor> = untouched.take(most).copied().collect();
        while found.len() < most {
            let from = self.read.unwrap_or(START);
            let rows = view.tables.pending(lane, from, STRIDE.max(most))?;
            let Some(last) = rows.last() else {
                break;
            };
            self.read = Some(*last);
            for row in rows {
                if !touched(&row) {
                    self.ahead.push_back(row);
                    found.push(row);
                }
            }
        }
        found.truncate(most);
        Ok(found)
    }
}
