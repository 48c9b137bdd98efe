//! The steps of one journey while they are being laid out: positions, ids, and what is known on the way.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;
use journey_ir::journey::Unclear;
use journey_ir::{EventIx, FieldIx, JourneyIx, RegisterIx, StepIx};

use crate::lower::scope::Readable;
use crate::places::StepPlaces;
use crate::problem::Location;

/// How many steps a journey may have once its sequences are inlined.
pub(crate) const MOST_STEPS: usize = 5_000;

/// Where a run comes from: the steps that lead to the next one.
pub(super) type Tails = Vec<Tail>;

/// One way that leads to the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// The entry.
    Start,
    /// Out of a step: its only way, or one of its arms.
    Out { step: usize, way: Way },
}

/// A way out of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// What follows; of a race the timeout, of a branch the `otherwise`.
    Next,
    /// What follows in an arm; of a repeat its body.
    Arm(usize),
}

/// What a `remember` step keeps.
#[derive(Debug, Clone)]
pub(in crate::lower) struct Kept {
    /// Its name.
    pub(in crate::lower) name: String,
    /// How many sequences deep it is known.
    pub(in crate::lower) depth: usize,
    /// Where it is kept, and what.
    pub(in crate::lower) readable: Readable,
}

/// The journey that is being lowered.
#[derive(Debug, Default)]
pub(in crate::lower) struct Flow {
    /// Its position; `None` for a sequence on its own, and while there is nothing yet.
    pub(in crate::lower) journey: Option<JourneyIx>,
    /// Its steps so far, in written order.
    pub(super) steps: Vec<ir::Step>,
    /// Where they stand, in the same order.
    pub(super) places: Vec<StepPlaces>,
    /// Where the step that is being lowered stands.
    pub(super) here: StepPlaces,
    /// The `run` steps whose sequences are being inlined, outermost first.
    pub(super) runs: Vec<Location>,
    /// What it remembers of events.
    pub(in crate::lower) registers: Vec<ir::Register>,
    /// Events that are known to have happened at the place that is being lowered.
    pub(in crate::lower) known: Vec<EventIx>,
    /// The event that a request is, in a journey that people enter by request.
    pub(in crate::lower) request: Option<EventIx>,
    /// The events that each arm which goes on has seen, of the step that is being laid out.
    pub(super) seen: Vec<Vec<EventIx>>,
    /// Whether an event that was not understood may be known here, too; then nothing is said to be unknown.
    pub(in crate::lower) unclear: bool,
    /// What `remember` steps keep that is known at the place that is being lowered.
    pub(in crate::lower) kept: Vec<Kept>,
    /// Names under which something was to be kept that could not be read, which was reported.
    pub(in crate::lower) unread: BTreeSet<String>,
    /// How long absences are held open because of the goal and the exits, in milliseconds.
    pub(super) settle: i64,
    /// What stands before every id: the labels of the sequences that are being inlined.
    pub(super) prefix: String,
    /// The named step or arm before this place, for the ids of waits and branches.
    pub(super) anchor: String,
    /// Whether the steps being lowered are reached by nobody, which was reported.
    pub(super) unreachable: bool,
    /// How many steps were laid out, those that nobody reaches included.
    pub(super) laid_out: usize,
    /// Whether there were too many steps, which was reported.
    pub(super) full: bool,
    start: Option<StepIx>,
    used: BTreeMap<String, u32>,
    labels: BTreeMap<String, Location>,
}

impl Flow {
    /// The first step.
    pub(super) const fn start(&self) -> Option<StepIx> {
        self.start
    }

    /// The register of an event's field, made where there is none yet.
    pub(in crate::lower) fn register(&mut self, event: EventIx, field: FieldIx) -> RegisterIx {
        let register = ir::Register::Field { event, field };
        let known = self.registers.iter().position(|it| *it == register);
        let at = known.unwrap_or_else(|| {
            self.registers.push(register);
            self.registers.len() - 1
        });
        RegisterIx(at as u32)
    }

    /// The register of a `remember` step; steps of the same name share one.
    pub(super) fn keep(&mut self, name: &str) -> RegisterIx {
        let register = ir::Register::Kept(format!("{}{name}", self.prefix));
        let known = self.registers.iter().position(|it| *it == register);
        let at = known.unwrap_or_else(|| {
            self.registers.push(register);
            self.registers.len() - 1
        });
        RegisterIx(at as u32)
    }

    /// Adds a step that these ways lead to; its position.
    pub(super) fn push(&mut self, id: String, kind: ir::StepKind, tails: &[Tail]) -> usize {
        let at = self.steps.len();
        self.steps.push(ir::Step { id, kind });
        self.places.push(self.here.clone());
        for tail in tails {
            self.connect(*tail, StepIx(at as u32));
        }
        at
    }

    /// Leads ways to a step that exists already.
    pub(super) fn lead_back(&mut self, tails: &[Tail], to: usize) {
        for tail in tails {
            self.connect(*tail, StepIx(to as u32));
        }
    }

    /// Begins the arms of a step; what comes back is for [`Self::join`].
    pub(super) fn fork(&mut self) -> Vec<Vec<EventIx>> {
        std::mem::take(&mut self.seen)
    }

    /// Ends the arms of a step: what all that go on have seen is known after it. `passes` where people pass it by.
    pub(super) fn join(&mut self, around: Vec<Vec<EventIx>>, passes: bool) {
        let seen = std::mem::replace(&mut self.seen, around);
        let mut seen = seen.into_iter();
        let (Some(first), false) = (seen.next(), passes) else {
            return;
        };
        let rest: Vec<Vec<EventIx>> = seen.collect();
        let common = first
            .into_iter()
            .filter(|it| rest.iter().all(|arm| arm.contains(it)));
        self.known.extend(common);
    }

    fn connect(&mut self, tail: Tail, to: StepIx) {
        match tail {
            Tail::Start => self.start = Some(to),
            Tail::Out { step, way } => {
                let kind = self.steps.get_mut(step).map(|it| &mut it.kind);
                if let Some(next) = kind.and_then(|kind| next_of(kind, way)) {
                    *next = Some(to);
                }
            }
        }
    }

    /// A structural id: `send email x`, and the second time `send email x 2`.
    pub(super) fn id(&mut self, words: &str) -> String {
        let id = format!("{}{words}", self.prefix);
        let times = self.used.entry(id.clone()).or_insert(0);
        *times += 1;
        match *times {
            1 => id,
            n => format!("{id} {n}"),
        }
    }

    /// The id of a label; the first place where it is taken already.
    pub(super) fn labelled(&mut self, label: &str, at: Location) -> Result<String, Location> {
        let id = format!("{}{label}", self.prefix);
        if let Some(first) = self.labels.get(&id) {
            return Err(*first);
        }
        self.labels.insert(id.clone(), at);
        Ok(id)
    }
}

/// The place in a step that says what follows on a way.
fn next_of(kind: &mut ir::StepKind, way: Way) -> Option<&mut Option<StepIx>> {
    use ir::StepKind as Step;
    match (kind, way) {
        (
            Step::Send { next, .. }
            | Step::Wait { next, .. }
            | Step::Do { next, .. }
            | Step::Assign { next, .. }
            | Step::Set { next, .. }
            | Step::Tag { next, .. }
            | Step::Remember { next, .. }
            | Step::Repeat { next, .. }
            | Step::Ask { timeout: next, .. }
            | Step::EveryNth {
                otherwise: next, ..
            }
            | Step::Race { timeout: next, .. }
            | Step::Branch {
                otherwise: next, ..
            },
            Way::Next,
        )
        | (
            Step::Repeat { body: next, .. }
            | Step::EveryNth { then: next, .. }
            | Step::Ask { answer: next, .. },
            Way::Arm(0),
        )
        | (
            Step::Ask {
                unclear: Unclear::Take(next),
                ..
            },
            Way::Arm(1),
        ) => Some(next),
        (Step::Race { arms, .. }, Way::Arm(at)) => arms.get_mut(at).map(|arm| &mut arm.next),
        (Step::Branch { arms, .. }, Way::Arm(at)) => arms.get_mut(at).map(|(_, next)| next),
        (Step::Split { arms, .. }, Way::Arm(at)) => arms.get_mut(at).map(|arm| &mut arm.next),
        (Step::Draw { arms, .. }, Way::Arm(at)) => arms.get_mut(at).map(|arm| &mut arm.next),
        _ => None,
    }
}

/// The only way out of a step.
pub(super) fn after(step: usize) -> Tails {
    vec![Tail::Out {
        step,
        way: Way::Next,
    }]
}

/// An arm of a step.
pub(super) fn arm(step: usize, at: usize) -> Tails {
    vec![Tail::Out {
        step,
        way: Way::Arm(at),
    }]
}
