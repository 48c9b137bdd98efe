//! Two contacts become one: what only the one that goes remembers, its runs among it, is handed to the one that stays.
//! What can be read again from events is not handed over here.

use std::collections::BTreeMap;

use journey_ir::Instant;

use crate::calendar::within_range;
use crate::contact::{Contact, Entries, Run};
use crate::effect::{Outcome, Revoked, RunId};
use crate::history::{End, What};
use crate::program::Program;
use crate::turn::Turn;

/// What became of the runs of a contact that was absorbed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Absorbed {
    /// The runs that go on, by their number before, and the number they have now.
    pub runs: Vec<(RunId, RunId)>,
    /// The runs that ended: the other contact has an older one of the same journey and key.
    pub ended: Vec<RunId>,
}

/// Hands everything that `gone` remembers to `stays`, at `now`. Of two runs with the same journey and key the older goes
/// on, and the other ends as cancelled; all other runs go on side by side. Runs that end on the side of `stays` are
/// revoked in `out`.
pub fn absorb(
    program: &Program,
    stays: &mut Contact,
    gone: Contact,
    now: Instant,
    out: &mut Outcome,
) -> Absorbed {
    let now = within_range(now).max(stays.clock).max(gone.clock);
    let mut absorbed = Absorbed::default();
    if stays.is_erased() || gone.is_erased() {
        return absorbed;
    }
    let mut turn = Turn::new(program, stays, out);
    turn.begin(now, now);
    let mut numbers = BTreeMap::new();
    for run in gone.runs {
        let before = run.id;
        match turn.adopt(run) {
            Some(id) => {
                numbers.insert(before, id);
                absorbed.runs.push((before, id));
            }
            None => absorbed.ended.push(before),
        }
    }
    let renumbered = |id: RunId| numbers.get(&id).copied();
    let contact = &mut *turn.contact;
    for mut one in gone.finished {
        one.id = turn_number(contact, &numbers, one.id);
        contact.finished.push(one);
    }
    for mut one in gone.measuring {
        one.run = turn_number(contact, &numbers, one.run);
        contact.measuring.push(one);
    }
    for mut issued in gone.offers {
        if let Some(id) = renumbered(issued.run) {
            issued.run = id;
        }
        contact.offers.push(issued);
    }
    contact.offers.sort_by_key(|it| it.at);
    for (experiment, arm) in gone.arms {
        if contact.arms.iter().all(|(it, _)| *it != experiment) {
            contact.arms.push((experiment, arm));
        }
    }
    for entries in gone.entries {
        remember_entries(&mut contact.entries, entries);
    }
    contact.sent.extend(gone.sent);
    contact.sent.sort_by_key(|(at, _)| *at);
    contact.tags.extend(gone.tags);
    contact.tags.sort_unstable();
    contact.tags.dedup();
    contact.set_wake(program);
    absorbed
}

/// The number under which a run of the one that goes is known now; one that has ended gets one of its own.
fn turn_number(contact: &mut Contact, numbers: &BTreeMap<RunId, RunId>, id: RunId) -> RunId {
    numbers.get(&id).copied().unwrap_or_else(|| {
        contact.started = contact.started.wrapping_add(1);
        RunId(contact.started)
    })
}

impl Turn<'_> {
    /// Takes over a run, unless an older one of the same journey and key is here; its new number.
    fn adopt(&mut self, mut run: Run) -> Option<RunId> {
        let same = |it: &Run| it.journey == run.journey && it.key == run.key;
        if let Some(at) = self.contact.runs.iter().position(same) {
            let here = self.contact.runs.get(at)?;
            if here.entered_at <= run.entered_at {
                let journey = self.program.journey_name(run.journey).cloned();
                self.note(What::Ended {
                    journey: journey.unwrap_or_else(|| "".into()),
                    run: run.id,
                    how: End::Cancelled,
                });
                return None;
            }
            self.out.revoked.push(Revoked::Run(here.id));
            self.end(at, End::Cancelled);
        }
        self.contact.started = self.contact.started.wrapping_add(1);
        run.id = RunId(self.contact.started);
        let id = run.id;
        self.contact.runs.push(run);
        Some(id)
    }
}

/// Adds what is remembered of entries into a journey to what is known of it already.
pub(crate) fn remember_entries(all: &mut Vec<Entries>, more: Entries) {
    let Some(known) = all.iter_mut().find(|it| it.journey == more.journey) else {
        all.push(more);
        return;
    };
    known.times = known.times.saturating_add(more.times);
    for (key, at) in more.last {
        match known.last.iter_mut().find(|(it, _)| *it == key) {
            Some((_, last)) => *last = at.max(*last),
            None => known.last.push((key, at)),
        }
    }
    known.last.sort_by_key(|(_, at)| *at);
    known.events.extend(more.events);
}
