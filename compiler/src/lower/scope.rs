//! What names mean at one place: whose fields bare names are, and which events are known to have happened.

use journey_ir as ir;
use journey_ir::EventIx;

use crate::sources::FileId;

/// The place a condition or value stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    /// The file, for problems.
    pub(crate) file: FileId,
    /// Inside `where ( … )` of an event: the event whose fields bare names are.
    pub(crate) fields_of: Option<EventIx>,
    /// Inside `any item where ( … )`: the list of objects whose fields bare names are.
    pub(crate) item_of: Option<(EventIx, ir::FieldIx)>,
    /// In `enter when E and …`: the event that is at hand.
    pub(crate) at_hand: Option<EventIx>,
    /// Whether this is read while a run is at hand, so that the run's events can be read.
    pub(crate) in_run: bool,
    /// Whether changes of the condition are acted upon, so that its windows are held open for late events.
    pub(crate) settles: bool,
}

impl Scope {
    /// About a person, at an instant.
    pub(crate) const fn person(file: FileId) -> Self {
        Self {
            file,
            fields_of: None,
            item_of: None,
            at_hand: None,
            in_run: false,
            settles: false,
        }
    }

    /// In a segment or lifecycle.
    pub(crate) const fn membership(file: FileId) -> Self {
        Self {
            settles: true,
            ..Self::person(file)
        }
    }

    /// In a step of a run.
    pub(crate) const fn run(file: FileId) -> Self {
        Self {
            in_run: true,
            ..Self::person(file)
        }
    }

    /// In `enter when E and …`.
    pub(crate) const fn entry(file: FileId, event: Option<EventIx>) -> Self {
        Self {
            at_hand: event,
            ..Self::person(file)
        }
    }

    /// Inside `where ( … )` of a trigger or goal.
    pub(crate) const fn fields_of(self, event: EventIx) -> Self {
        Self {
            fields_of: Some(event),
            item_of: None,
            at_hand: None,
            ..self
        }
    }

    /// Inside `any item where ( … )`.
    pub(crate) const fn item_of(self, event: EventIx, list: ir::FieldIx) -> Self {
        Self {
            item_of: Some((event, list)),
            ..self
        }
    }

    /// Inside `where ( … )` of `did E`: what is counted is counted for all runs alike.
    pub(crate) const fn counted_fields_of(self, event: EventIx) -> Self {
        Self {
            in_run: false,
            ..self.fields_of(event)
        }
    }
}

/// A value that can be read, and what it holds.
#[derive(Debug, Clone)]
pub(crate) struct Readable {
    /// Where it is read.
    pub(crate) source: ir::Source,
    /// What it holds.
    pub(crate) kind: ir::Type,
    /// Whether it may be missing.
    pub(crate) optional: bool,
    /// The name under which a connector must be allowed it, for personal data.
    pub(crate) private: Option<String>,
    /// Whether it is the name of a template, which is written like one.
    pub(crate) names_template: Option<ir::Channel>,
    /// Whether it is the name of a link in some template of a channel.
    pub(crate) names_link: Option<ir::Channel>,
    /// How it is written.
    pub(crate) name: String,
}

/// What stands on the left of a comparison.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// An attribute, field or register.
    Read(Readable),
    /// A lifecycle.
    Lifecycle(ir::LifecycleIx),
    /// `now`.
    Now,
    /// `tag`.
    Tag,
}
