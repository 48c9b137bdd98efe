//! Which ways of the journeys the tests take: of every step that leads to several places, which of them were reached.

use std::collections::BTreeMap;

use journey_engine::Passage;
use journey_ir as ir;
use journey_ir::journey::Unclear;
use journey_ir::{JourneyIx, StepIx, StepKind};

use crate::places::{Places, StepPlaces};
use crate::problem::{Location, Text};

/// All ways of a project, in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    pub(crate) ways: Vec<Way>,
}

/// One way that a journey can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// Where it was written. The way of those whom no arm of an `if` takes stands at the `if`.
    pub(crate) at: Location,
    /// What it is, where no word stands for it.
    pub(crate) unwritten: Option<Text>,
    /// Whether a test went there.
    pub(crate) taken: bool,
}

impl Coverage {
    /// How many of the ways were taken, and how many there are.
    pub fn counts(&self) -> (usize, usize) {
        let taken = self.ways.iter().filter(|it| it.taken).count();
        (taken, self.ways.len())
    }

    /// The share that was taken, in whole percent; 100 where there is nothing to take.
    pub fn percent(&self) -> usize {
        let (taken, all) = self.counts();
        (taken * 100).checked_div(all).unwrap_or(100)
    }

    /// Marks what was passed. A step in a sequence is one place however often it is run.
    pub(super) fn of(program: &ir::Program, places: &Places, passed: &[Passage]) -> Self {
        let mut ways: BTreeMap<(Location, bool), Way> = BTreeMap::new();
        for (journey, written) in program.journeys.iter().enumerate() {
            let journey = JourneyIx(journey as u32);
            for (step, kind) in written.steps.iter().map(|it| &it.kind).enumerate() {
                let step = StepIx(step as u32);
                let Some(place) = places.step(journey, step) else {
                    continue;
                };
                for (way, to) in ways_of(kind, place) {
                    let passage = Passage {
                        journey,
                        from: step,
                        to,
                    };
                    let taken = passed.binary_search(&passage).is_ok();
                    let key = (way.at, way.unwritten.is_some());
                    ways.entry(key).or_insert(way).taken |= taken;
                }
            }
        }
        Self {
            ways: ways.into_values().collect(),
        }
    }
}

/// The ways of a step, none of them taken yet, and where each leads.
fn ways_of(kind: &StepKind, place: &StepPlaces) -> Vec<(Way, Option<StepIx>)> {
    let (arms, last): (Vec<Option<StepIx>>, Option<Option<StepIx>>) = match kind {
        StepKind::Branch { arms, otherwise } => (
            arms.iter().map(|(_, next)| *next).collect(),
            Some(*otherwise),
        ),
        StepKind::Race { arms, timeout, .. } => {
            (arms.iter().map(|arm| arm.next).collect(), Some(*timeout))
        }
        StepKind::Ask {
            answer,
            unclear,
            timeout,
            ..
        } => {
            let unclear = match unclear {
                Unclear::Take(next) => Some(*next),
                Unclear::Wait => None,
            };
            let arms = [*answer].into_iter().chain(unclear).collect();
            (arms, Some(*timeout))
        }
        StepKind::EveryNth {
            then, otherwise, ..
        } => (vec![*then], Some(*otherwise)),
        StepKind::Draw { arms, .. } => (arms.iter().map(|arm| arm.next).collect(), None),
        StepKind::Split { arms, .. } => (arms.iter().map(|arm| arm.next).collect(), None),
        _ => return Vec::new(),
    };
    let written = |at: &Location| Way {
        at: *at,
        unwritten: None,
        taken: false,
    };
    let mut ways: Vec<_> = place.arms.iter().map(written).zip(arms).collect();
    let fallen_through = place.head.filter(|_| !place.complete);
    if let (Some(next), Some(at)) = (last, place.last.or(fallen_through)) {
        let unwritten = place.last.is_none().then(|| {
            Text::new(
                "the way of those whom no arm takes",
                "어느 조건에도 맞지 않는 사람의 길",
            )
        });
        ways.push((
            Way {
                at,
                unwritten,
                taken: false,
            },
            next,
        ));
    }
    ways
}
