//! Journeys: who enters, what happens to them, and when they leave.

use serde::{Deserialize, Serialize};

use crate::condition::Source;
use crate::index::{
    AttributeIx, ConditionIx, EventIx, FieldIx, HoursIx, LifecycleIx, MessageIx, OfferIx,
    RegisterIx, SegmentIx, StageIx, StepIx,
};
use crate::time::{Clock, Date, Instant, Schedule, Span, Weekday};
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
    /// Nobody enters before this instant.
    pub starts: Option<Instant>,
    /// Nobody enters from this instant on, and all runs end at it.
    pub ends: Option<Instant>,
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
    /// What happens to people inside when a new version is deployed. No part of the version.
    pub on_update: OnUpdate,
    /// Where people go who are parked at a step that is called otherwise now, or is gone. No part of the version.
    pub moves: Vec<Move>,
    /// What it was called before, the oldest name first. The version is that of the oldest name: a journey that is only
    /// renamed is the same one.
    #[serde(default)]
    pub formerly: Vec<String>,
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

/// What happens to people inside when a new version of their journey is deployed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUpdate {
    /// They finish on the version they started on.
    #[default]
    Finish,
    /// They go on in the new version, where their place in it is known.
    Move,
}

/// `moved win_back.ask to win_back.ask_reason`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The id of a step of an older version.
    pub from: String,
    /// Where a run goes that is parked there.
    pub to: MoveTo,
}

/// Where a run goes whose step has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveTo {
    /// To another step of the same kind, where it goes on waiting.
    Step(StepIx),
    /// To what followed the old step.
    Next,
    /// Out of the journey.
    Exit,
}

/// What a run remembers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    /// A field of the newest such event that started the run or won a race in it.
    Field {
        /// The event type.
        event: EventIx,
        /// The field.
        field: FieldIx,
    },
    /// What a `remember` step of this name kept.
    Kept(String),
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
        /// `within 2 hours`: how long after the step is reached the message is worth sending.
        within: Option<Span>,
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
    /// `ask kakao ask_budget for budget up to 1 day { … }`, once the question is sent: waits for a reply that can be
    /// read as the attribute's type, and sets the attribute.
    Ask {
        /// The built-in event of a reply by the channel, which has a text in its field `text`.
        reply: EventIx,
        /// The attribute that the reply sets.
        attribute: AttributeIx,
        /// How long.
        limit: Span,
        /// Milliseconds held open after the limit for replies that arrive late.
        settle: i64,
        /// What follows once the attribute is set.
        answer: Option<StepIx>,
        /// What happens with a reply that cannot be read.
        unclear: Unclear,
        /// What follows when no reply came.
        timeout: Option<StepIx>,
    },
    /// `every 4th time { … } otherwise { … }`: by how often the contact has entered the journey.
    EveryNth {
        /// Which entries: the n-th, the 2n-th, …
        n: u32,
        /// What follows then.
        then: Option<StepIx>,
        /// What follows the other times.
        otherwise: Option<StepIx>,
    },
    /// `draw random_box { 1% a up to 10 in total { … } … otherwise { … } }`: by a hash of the draw, the contact and the
    /// run. A prize of which there are only so many is claimed; where none is left, the last arm without a limit is
    /// taken.
    Draw {
        /// The draw's name.
        name: String,
        /// Its arms, `otherwise` last; weights add up to 10,000.
        arms: Vec<Prize>,
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
        /// What counts as a success of an arm.
        measured: Option<Measured>,
    },
    /// `repeat up to 3 times every 2 days until lead_contacted { … }`. The last step of the body leads back to it.
    Repeat {
        /// How many times at most.
        times: u16,
        /// From the beginning of one to the beginning of the next, counted from the beginning of the first.
        every: Span,
        /// Milliseconds held open before each repetition for events that arrive late.
        settle: i64,
        /// What ends it early, wherever in the body the run is.
        until: Option<Trigger>,
        /// What is repeated.
        body: Option<StepIx>,
        /// What follows.
        next: Option<StepIx>,
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
    /// `remember product = purchase.category`.
    Remember {
        /// Where it is kept.
        register: RegisterIx,
        /// What is read.
        of: Source,
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

/// One arm of a draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prize {
    /// Its name.
    pub name: String,
    /// Its odds in hundredths of a percent.
    pub weight: u32,
    /// How many there are in all; `None` for any number.
    pub stock: Option<u32>,
    /// What follows.
    pub next: Option<StepIx>,
}

/// What happens with a reply that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unclear {
    /// The run goes on waiting.
    Wait,
    /// `on unclear { … }`.
    Take(Option<StepIx>),
}

/// What counts as a success of a split's arm: an event within a span of the split, also after the run has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The event.
    pub event: EventIx,
    /// Which of them. `Source::Field` reads the event, `Source::Register` the run as it was at the split.
    pub filter: Option<ConditionIx>,
    /// In (split, split + within].
    pub within: Span,
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
