//! Journeys: who enters, what happens to them, and when they leave.

use serde::{Deserialize, Serialize};

use crate::condition::Source;
use crate::index::{
    AttributeIx, ConditionIx, EventIx, FieldIx, HoursIx, LifecycleIx, MessageIx, OfferIx,
    SegmentIx, StageIx, StepIx,
};
use crate::time::{Clock, Date, Schedule, Span, Weekday};
use crate::value::Value;

/// One journey. Sequences are inlined, their steps' ids prefixed by the label of the `run` step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// The hash of everything that decides what this journey does; comments, titles and formats do not change it.
    pub version: String,
    /// Who enters, and when.
    pub entry: Entry,
    /// Whether people already inside at the first deploy enter too.
    pub include_current: bool,
    /// Whether a contact may enter again.
    pub reenter: Reenter,
    /// The field of the entry event that keys runs: one run per value of it.
    pub run_key: Option<FieldIx>,
    /// Whether a repeated entry for the same key cancels the run and starts anew.
    pub restart: bool,
    /// What the journey is for.
    pub goal: Option<Goal>,
    /// What ends a run wherever it is.
    pub exits: Vec<ExitRule>,
    /// Among steps due at one instant, higher goes first: 0 low, 1 normal, 2 high, 3 urgent.
    pub priority: u8,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What a run remembers of the events that happened in it.
    pub registers: Vec<Register>,
    /// The first step; `None` for a journey without steps.
    pub start: Option<StepIx>,
    /// All steps.
    pub steps: Vec<Step>,
}

/// How a contact enters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// `enter when <trigger> and <condition>`.
    When {
        /// What happens.
        trigger: Trigger,
        /// What must hold too, once the event has been counted. `Source::Field` reads the event.
        condition: Option<ConditionIx>,
    },
    /// `enter every … for people where ( … )`.
    Schedule {
        /// When, in each contact's zone.
        schedule: Schedule,
        /// For whom; `Condition::Always` for everyone.
        people: ConditionIx,
    },
}

/// Something that happens to a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// An event, if its fields satisfy the filter. `Source::Field` reads the event, `Source::Register` the run.
    Event {
        /// Its type.
        event: EventIx,
        /// Which of them.
        filter: Option<ConditionIx>,
    },
    /// The contact joins a segment.
    Joins(SegmentIx),
    /// The contact leaves a segment.
    Leaves(SegmentIx),
    /// The contact reaches a stage.
    Becomes {
        /// The lifecycle.
        lifecycle: LifecycleIx,
        /// The stage.
        stage: StageIx,
    },
    /// An attribute gets another value. What it is taken for by default is a value like any other.
    Changes {
        /// The attribute.
        attribute: AttributeIx,
        /// What it was.
        from: ChangeEnd,
        /// What it became.
        to: ChangeEnd,
    },
}

/// One end of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeEnd {
    /// Whatever it is.
    Anything,
    /// No value.
    Missing,
    /// This value.
    Value(Value),
}

/// When a contact may enter again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reenter {
    /// Once only.
    Never,
    /// At this span after the last entry, or later.
    After(Span),
    /// As soon as no run is active.
    AnyTime,
}

/// What a journey is for: an event within a span of the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// The event.
    pub event: EventIx,
    /// Which of them. `Source::Field` reads the event, `Source::Register` the run.
    pub filter: Option<ConditionIx>,
    /// In (entry, entry + within].
    pub within: Span,
    /// Whether the run goes on after it.
    pub keep_going: bool,
}

/// What ends a run wherever it is parked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitRule {
    /// What happens.
    pub trigger: Trigger,
    /// The reason it is recorded under.
    pub reason: Option<String>,
}

/// A field of an event that a run remembers: the newest such event that started the run or won a race in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Register {
    /// The event type.
    pub event: EventIx,
    /// The field.
    pub field: FieldIx,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its stable id: structural (`wait after send email how_are_you`) or its `as` label.
    pub id: String,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does. `next: None` ends the run as completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// `send email x`, `send first available of …`.
    Send {
        /// The messages tried in order.
        candidates: Vec<MessageIx>,
        /// Arguments by name.
        args: Vec<Argument>,
        /// `between 09:00 and 18:00`, in the contact's zone.
        between: Option<(Clock, Clock)>,
        /// What follows.
        next: Option<StepIx>,
    },
    /// `wait 3 days, then until 10:00`, `wait until …`.
    Wait {
        /// How long first.
        span: Option<Span>,
        /// Milliseconds held open after the span for events that arrive late.
        settle: i64,
        /// Until when then.
        until: Option<Until>,
        /// What follows.
        next: Option<StepIx>,
    },
    /// `wait up to 3 days { on … on timeout … }`.
    Race {
        /// How long.
        limit: Span,
        /// Milliseconds held open after the limit for events that arrive late.
        settle: i64,
        /// What may happen meanwhile; the first that does is taken.
        arms: Vec<Arm>,
        /// What follows when nothing did.
        timeout: Option<StepIx>,
    },
    /// `if … otherwise if … otherwise …`, `choose by …`: the first arm whose condition holds.
    Branch {
        /// Conditions and what follows each.
        arms: Vec<(ConditionIx, Option<StepIx>)>,
        /// What follows when none holds.
        otherwise: Option<StepIx>,
    },
    /// `split name { 45% a { … } … }`: by a hash of the contact and the name, so that a person keeps their arm.
    Split {
        /// The experiment's name.
        name: String,
        /// Its arms; weights add up to 10,000.
        arms: Vec<SplitArm>,
    },
    /// `do crm.create_lead with ( … )`.
    Do {
        /// The connector in `project.connectors`.
        connector: String,
        /// Its action.
        action: String,
        /// Arguments by name.
        args: Vec<Argument>,
        /// What follows.
        next: Option<StepIx>,
    },
    /// `assign to sales "…" due in 1 hour`.
    Assign {
        /// A person or team.
        to: String,
        /// What is to be done.
        title: String,
        /// Arguments by name.
        args: Vec<Argument>,
        /// By when.
        due: Option<Span>,
        /// What follows.
        next: Option<StepIx>,
    },
    /// `set tier to 골드`.
    Set {
        /// The attribute.
        attribute: AttributeIx,
        /// Its new value.
        to: Expression,
        /// What follows.
        next: Option<StepIx>,
    },
    /// `add tag "x"`, `remove tag "x"`.
    Tag {
        /// The tag.
        tag: String,
        /// Whether it is added.
        add: bool,
        /// What follows.
        next: Option<StepIx>,
    },
    /// `exit as reason`.
    Exit {
        /// The reason it is recorded under.
        reason: Option<String>,
    },
}

/// One arm of a race.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// What happens.
    pub trigger: Trigger,
    /// What follows.
    pub next: Option<StepIx>,
}

/// One arm of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitArm {
    /// Its name.
    pub name: String,
    /// Its share in hundredths of a percent.
    pub weight: u32,
    /// What follows.
    pub next: Option<StepIx>,
}

/// A point in time to wait for; one already past continues at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// The next such clock time, now included.
    Clock(Clock),
    /// The next of these weekdays at a clock time, now included.
    Weekday {
        /// The days.
        on: Vec<Weekday>,
        /// The clock time.
        at: Clock,
    },
    /// A calendar day, at a clock time (midnight where none is written).
    Date {
        /// The day.
        on: Date,
        /// The clock time.
        at: Clock,
    },
    /// A date or moment that is read, moved by a span. A missing one continues at once.
    Moment {
        /// What is read.
        of: Source,
        /// How far from it.
        offset: Option<(Span, Side)>,
    },
    /// The next instant inside opening hours, now included.
    Inside(HoursIx),
}

/// Before or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Earlier.
    Before,
    /// Later.
    After,
}

/// A named argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Expression,
}

/// A value written in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    /// A constant.
    Value(Value),
    /// A value read when the step runs.
    Source(Source),
    /// An offer, issued to the contact when the step runs.
    Offer(OfferIx),
}
