//! A contact as reports show it: names instead of keys. Nothing is decided here.

use std::borrow::Cow;

use journey_ir::{AttributeIx, Channel, Comparison, Instant, Source, StageIx, Value};

use crate::calendar::{NEVER, Zone};
use crate::condition::Scene;
use crate::contact::{Contact, Given, Position, Run};
use crate::effect::RunId;
use crate::history::Hold;
use crate::program::{Name, Program, Watched};
use crate::turn::home_zone;

/// One set or lifecycle a contact belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// In a segment.
    Segment(Name),
    /// In a stage of a lifecycle.
    Stage {
        /// The lifecycle.
        lifecycle: Name,
        /// The stage.
        stage: Name,
    },
    /// Among those who count for a KPI.
    Share(Name),
    /// In an audience that networks are told of.
    Audience(Name),
}

/// One active run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunView {
    /// The run.
    pub id: RunId,
    /// The journey; `None` where no loaded program knows it.
    pub journey: Option<Name>,
    /// The version it is pinned to; `None` where that version is not loaded.
    pub version: Option<String>,
    /// When it started.
    pub entered_at: Instant,
    /// The id of the step where it stands.
    pub step: Option<Name>,
    /// What it waits for.
    pub waits_for: WaitsFor,
    /// When it goes on by itself.
    pub due: Option<Instant>,
}

/// What a parked run waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitsFor {
    /// A time.
    Time,
    /// One of several things to happen, or a time.
    Race,
    /// The moment at which a message may be sent.
    Send(Hold),
    /// What it claimed, a prize or an offer, to be granted or refused.
    Grant,
    /// Nothing: it was stopped for taking too many steps.
    Stopped,
    /// Its version of the journey to be loaded again.
    Version,
}

/// One consent by one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentView {
    /// The consent.
    pub consent: Name,
    /// The channel.
    pub channel: Channel,
    /// Whether it is given.
    pub given: bool,
    /// Since when.
    pub at: Instant,
}

impl Membership {
    /// What being at a stage of something watched is called; `None` where nobody asks for it.
    pub(crate) fn of(program: &Program, watched: Watched, stage: StageIx) -> Option<Self> {
        Some(match watched {
            Watched::Segment(at) => Self::Segment(program.segment_name(at)),
            Watched::Lifecycle(at) => Self::Stage {
                lifecycle: program.lifecycle_name(at),
                stage: program.stage_name(at, stage),
            },
            Watched::People(_) | Watched::Held(_) => return None,
            Watched::Share(at) => Self::Share(program.ir().kpi(at)?.name.as_str().into()),
            Watched::Audience(at) => {
                Self::Audience(program.ir().audience(at)?.name.as_str().into())
            }
        })
    }
}

impl Contact {
    /// The attributes that have a value, defaults included, in the order of the schema.
    #[must_use]
    pub fn attributes(&self, program: &Program) -> Vec<(Name, Value)> {
        let all = (0..program.ir().schema.attributes.len()).map(|at| AttributeIx(at as u32));
        all.filter_map(|at| {
            let value = self.read(program, &Source::Attribute(at), self.clock)?;
            Some((program.attribute_name(at), value))
        })
        .collect()
    }

    /// What is read of the contact at an instant not before its clock: an attribute, or what a score is worth by then.
    #[must_use]
    pub fn read(&self, program: &Program, of: &Source, at: Instant) -> Option<Value> {
        let zone = home_zone(program, self);
        self.seen_at(program, &zone, at)
            .read(of)
            .map(Cow::into_owned)
    }

    /// Whether what is read of the contact at an instant passes a comparison.
    #[must_use]
    pub fn compares(&self, program: &Program, of: &Source, test: &Comparison, at: Instant) -> bool {
        let zone = home_zone(program, self);
        let scene = self.seen_at(program, &zone, at);
        scene.compares(scene.read(of).as_deref(), test)
    }

    pub(crate) fn seen_at<'s>(
        &'s self,
        program: &'s Program,
        zone: &'s Zone,
        at: Instant,
    ) -> Scene<'s> {
        Scene {
            program,
            contact: self,
            zone,
            at: at.max(self.clock),
            event: None,
            item: None,
            run: None,
            registers: &[],
        }
    }

    /// The segments and stages the contact is in.
    #[must_use]
    pub fn memberships(&self, program: &Program) -> Vec<Membership> {
        let watched = program.watches().all.iter().zip(&self.watches);
        watched
            .filter(|(watched, _)| program.is_own(**watched))
            .filter_map(|(watched, watch)| {
                let stage = watch.value.checked_sub(1).map(StageIx)?;
                let membership = Membership::of(program, *watched, stage)?;
                match &membership {
                    Membership::Audience(name) => self.is_listed(name).then_some(membership),
                    _ => Some(membership),
                }
            })
            .collect()
    }

    /// The active runs, oldest first.
    #[must_use]
    pub fn runs(&self, program: &Program) -> Vec<RunView> {
        self.runs.iter().map(|run| view(program, run)).collect()
    }

    /// The consents ever given or withdrawn.
    #[must_use]
    pub fn consents(&self, program: &Program) -> Vec<ConsentView> {
        let named = |given: &Given| {
            Some(ConsentView {
                consent: program.consent_named(given.consent)?.clone(),
                channel: given.channel?,
                given: given.agreed,
                at: given.at,
            })
        };
        self.consents.iter().filter_map(named).collect()
    }

    /// The tags, sorted.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// The channels by which the contact wants no advertising.
    #[must_use]
    pub fn unsubscribed(&self) -> Vec<Channel> {
        self.unsubscribed
            .iter()
            .map(|(channel, _)| *channel)
            .collect()
    }

    /// The channels that must not be used, with the reason.
    #[must_use]
    pub fn suppressed(&self) -> &[(Channel, String)] {
        &self.suppressed
    }
}

fn view(program: &Program, run: &Run) -> RunView {
    let loaded = program
        .journey_of(run.version)
        .and_then(|at| program.journey(at));
    let (step, waits_for) = match &run.position {
        Position::Ready(step) => (*step, WaitsFor::Time),
        Position::Waiting { step, .. } => (Some(*step), WaitsFor::Time),
        Position::Racing { step, .. } => (Some(*step), WaitsFor::Race),
        Position::Held { step, why, .. } => (Some(*step), WaitsFor::Send(why.clone())),
        Position::Claiming { step, .. } => (Some(*step), WaitsFor::Grant),
        Position::Stopped { step } => (Some(*step), WaitsFor::Stopped),
    };
    let due = run.position.due();
    RunView {
        id: run.id,
        journey: program.journey_name(run.journey).cloned(),
        version: loaded.map(|(journey, _)| journey.version.clone()),
        entered_at: run.entered_at,
        step: loaded.zip(step).map(|((_, link), step)| link.step(step)),
        waits_for: if loaded.is_some() {
            waits_for
        } else {
            WaitsFor::Version
        },
        due: (loaded.is_some() && due != NEVER).then_some(due),
    }
}
