//! Where a contact counts in reports, as numbers: cheap to work out after every step, and given names only where
//! something changed.

use journey_ir::{Date, FunnelIx, StageIx, StepIx};

use crate::contact::{Contact, Life, Position, Run};
use crate::program::{Key, Name, Program, Watched};
use crate::view::Membership;

/// One place at which a contact counts. It means something only beside the program it was worked out under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing(Place);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Contact,
    Erased,
    Watched {
        at: u32,
        stage: u32,
    },
    Reached {
        funnel: u32,
        stage: u32,
        day: Date,
        cohort: Date,
    },
    Inside {
        journey: Key,
        version: Key,
        step: Option<u32>,
    },
}

/// A place by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// Among all contacts.
    Contact,
    /// Among those who were erased.
    Erased,
    /// In a segment or a stage, or counted for a KPI.
    Member(Membership),
    /// As far as a stage of a funnel.
    Reached {
        /// The funnel.
        funnel: Name,
        /// The stage.
        stage: Name,
        /// The day on which it was reached.
        day: Date,
        /// The day on which the contact reached the first stage.
        cohort: Date,
    },
    /// In a journey.
    Inside {
        /// The journey; `None` where no loaded program knows it.
        journey: Option<Name>,
        /// The version; `None` where that is not loaded.
        version: Option<String>,
        /// The step.
        step: Option<Name>,
    },
}

impl Contact {
    /// Where the contact counts, sorted.
    #[must_use]
    pub fn stands(&self, program: &Program) -> Vec<Standing> {
        let watches = &program.watches().all;
        let mut all = Vec::with_capacity(1 + watches.len() + self.runs.len());
        all.push(match self.life {
            Life::Erased => Place::Erased,
            Life::Unknown | Life::Known => Place::Contact,
        });
        for (at, (watched, watch)) in watches.iter().zip(&self.watches).enumerate() {
            let counts = watch.value > 0
                && program.is_own(*watched)
                && match watched {
                    Watched::Segment(_) | Watched::Lifecycle(_) | Watched::Share(_) => true,
                    Watched::People(_) | Watched::Held(_) => false,
                    Watched::Audience(at) => {
                        let audience = program.ir().audience(*at);
                        audience.is_some_and(|audience| self.is_listed(&audience.name))
                    }
                };
            if counts {
                let (at, stage) = (at as u32, watch.value);
                all.push(Place::Watched { at, stage });
            }
        }
        for funnel in 0..program.ir().funnels.len() as u32 {
            let reached = self.progress(program, FunnelIx(funnel));
            let days: Vec<Date> = reached
                .into_iter()
                .map(|at| Date(program.zone().day(at)))
                .collect();
            for (stage, day) in days.iter().enumerate() {
                all.push(Place::Reached {
                    funnel,
                    stage: stage as u32,
                    day: *day,
                    cohort: days.first().copied().unwrap_or(*day),
                });
            }
        }
        all.extend(self.runs.iter().map(inside));
        all.sort_unstable();
        all.into_iter().map(Standing).collect()
    }
}

fn inside(run: &Run) -> Place {
    let step = match &run.position {
        Position::Ready(step) => *step,
        Position::Waiting { step, .. }
        | Position::Racing { step, .. }
        | Position::Held { step, .. }
        | Position::Claiming { step, .. }
        | Position::Stopped { step } => Some(*step),
    };
    Place::Inside {
        journey: run.journey,
        version: run.version,
        step: step.map(|step| step.0),
    }
}

impl Standing {
    /// The names, of the program it was worked out under.
    #[must_use]
    pub fn named(self, program: &Program) -> Named {
        match self.0 {
            Place::Contact => Named::Contact,
            Place::Erased => Named::Erased,
            Place::Watched { at, stage } => {
                let watched = program.watches().all.get(at as usize);
                let member = watched.and_then(|watched| {
                    Membership::of(program, *watched, StageIx(stage.saturating_sub(1)))
                });
                member.map_or(Named::Contact, Named::Member)
            }
            Place::Reached {
                funnel,
                stage,
                day,
                cohort,
            } => {
                let (funnel, stage) = program.funnel_names(FunnelIx(funnel), stage as usize);
                Named::Reached {
                    funnel,
                    stage,
                    day,
                    cohort,
                }
            }
            Place::Inside {
                journey,
                version,
                step,
            } => {
                let loaded = program
                    .journey_of(version)
                    .and_then(|at| program.journey(at));
                Named::Inside {
                    journey: program.journey_name(journey).cloned(),
                    version: loaded.map(|(journey, _)| journey.version.clone()),
                    step: loaded
                        .zip(step)
                        .map(|((_, link), step)| link.step(StepIx(step))),
                }
            }
        }
    }
}
