//! A test as the runner takes it: names are positions, times are instants, values are typed.

use journey_ir as ir;
use journey_ir::{AttributeIx, Channel, ConsentIx, EventIx, Instant, Value};

use crate::problem::Location;

/// A checked test.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The fact that is tested.
    pub(crate) title: String,
    /// The journey under test; all of them where none is named.
    pub(crate) journey: Option<String>,
    /// Where it stands.
    pub(crate) at: Location,
    /// The people in it.
    pub(crate) people: Vec<String>,
    /// Its lines in written order.
    pub(crate) lines: Vec<Line>,
}

impl Script {
    /// Whether its title or its journey's name contains a text.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.title.contains(text) || self.journey.as_ref().is_some_and(|it| it.contains(text))
    }
}

/// A person of a test, by their position in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PersonIx(pub(crate) usize);

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// Where it stands.
    pub(crate) at: Location,
    /// What the clock shows.
    pub(crate) now: Instant,
    /// What it does or expects.
    pub(crate) kind: LineKind,
}

/// What a line does or expects.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LineKind {
    /// Nothing but that time passes.
    Passes,
    /// Something happens to a person.
    Happens(PersonIx, Act),
    /// Something must be so now.
    Expects(Expectation),
}

/// What happens to a person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Act {
    /// They become known, with everything that is known of them.
    Introduced {
        attributes: Vec<(AttributeIx, Value)>,
        consents: Vec<(ConsentIx, Option<Channel>)>,
    },
    /// They do something.
    Does {
        event: EventIx,
        /// By their position in the event.
        fields: Vec<Option<Value>>,
    },
    /// Attributes change, and consents are given.
    Changes {
        /// `None` takes a value away.
        attributes: Vec<(AttributeIx, Option<Value>)>,
        consents: Vec<(ConsentIx, Option<Channel>)>,
    },
    /// They withdraw a consent.
    Withdraws(ConsentIx),
}

/// What must be so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expectation {
    /// Nothing was sent to them in this test so far.
    NoMessages { to: PersonIx },
    /// This was sent to them, at this minute where one is written.
    Message {
        /// Whether nothing else was.
        only: bool,
        channel: Channel,
        template: String,
        to: PersonIx,
        at: Option<Instant>,
        /// Words that its subject or body has.
        containing: Option<String>,
    },
    /// Never were more messages than this sent to them in any such time.
    AtMost {
        count: usize,
        per: ir::Span,
        to: PersonIx,
    },
    /// A team was given a task.
    Task { team: String },
    /// A system was called, with at least these arguments.
    Call {
        connector: String,
        action: String,
        args: Vec<(String, Value)>,
    },
    /// A run of the journey under test ended like this.
    Exited { person: PersonIx, reason: String },
    /// A run of the journey under test stands at one of these steps.
    Waiting {
        person: PersonIx,
        steps: Vec<String>,
    },
    /// An attribute or a score of theirs passes a comparison.
    Value {
        person: PersonIx,
        of: ir::Source,
        test: ir::Comparison,
    },
    /// They are inside, or are not.
    Member {
        person: PersonIx,
        of: Group,
        inside: bool,
    },
}

/// What a person can be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Group {
    Journey(String),
    Segment(String),
    Audience(String),
    Stage {
        lifecycle: String,
        stage: String,
    },
    /// Whoever has reached a stage of a funnel.
    Reached {
        funnel: String,
        stage: String,
    },
}

/// The reasons that every journey has.
pub(crate) const COMPLETED: &str = "completed";
pub(crate) const GOAL: &str = "goal";
pub(crate) const RESTARTED: &str = "restarted";
/// The reason of every run that is inside when its journey `ends at`; the engine gives it.
pub(crate) const ENDED: &str = "ended";
