//! What a project did to a person: the lines by which two versions of it are compared. Names only, so that lines of
//! different programs are equal where they mean the same.

use journey_engine::program::Name;
use journey_engine::{Happening, What};
use journey_ir::{Channel, Instant};

use super::reason::Reason;
use crate::problem::Text;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) at: Instant,
    pub(crate) journey: Name,
    pub(crate) deed: Deed,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    Entered,
    Sent { channel: Channel, template: Name },
    Skipped { template: Name, why: Reason },
    Called(String),
    Assigned(String),
    Goal,
    Ended(Reason),
}

impl Act {
    /// The line of a happening; most happenings are none.
    pub(super) fn of(happening: &Happening) -> Option<Self> {
        let (journey, deed) = match &happening.what {
            What::Entered { journey, .. } => (journey, Deed::Entered),
            What::Sent {
                place,
                channel,
                template,
            } => {
                let template = Name::clone(template);
                let channel = *channel;
                (&place.journey, Deed::Sent { channel, template })
            }
            What::Skipped { place, tried } => {
                let first = tried.first()?;
                let template = Name::clone(&first.template);
                let why = Reason::of_skip(&first.why);
                (&place.journey, Deed::Skipped { template, why })
            }
            What::Called { place, action } => (&place.journey, Deed::Called(action.clone())),
            What::Assigned { place, to } => (&place.journey, Deed::Assigned(to.clone())),
            What::Goal { journey, .. } => (journey, Deed::Goal),
            What::Ended { journey, how, .. } => (journey, Deed::Ended(Reason::of_end(how))),
            _ => return None,
        };
        Some(Self {
            at: happening.at,
            journey: Name::clone(journey),
            deed,
        })
    }

    /// For eyes, without its time.
    pub(crate) fn words(&self) -> Text {
        let journey = &self.journey;
        let (en, ko) = match &self.deed {
            Deed::Entered => (format!("enters {journey}"), format!("{journey} 시작")),
            Deed::Sent { channel, template } => (
                format!("gets {channel} {template} from {journey}"),
                format!("{journey}: {channel} {template} 받음"),
            ),
            Deed::Skipped { template, why } => {
                let why = why.words();
                (
                    format!("does not get {template} from {journey}: {}", why.en),
                    format!("{journey}: {template} 받지 않음 ({})", why.ko),
                )
            }
            Deed::Called(action) => (
                format!("{journey} calls {action}"),
                format!("{journey}: {action} 호출"),
            ),
            Deed::Assigned(to) => (
                format!("{journey} gives {to} a task"),
                format!("{journey}: {to}에게 할 일"),
            ),
            Deed::Goal => (
                format!("reaches the goal of {journey}"),
                format!("{journey} 목표 달성"),
            ),
            Deed::Ended(how) => {
                let how = how.words();
                (
                    format!("leaves {journey}: {}", how.en),
                    format!("{journey} 끝: {}", how.ko),
                )
            }
        };
        Text::new(en, ko)
    }
}
