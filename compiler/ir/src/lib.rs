//! The compiled program as data.
//!
//! The compiler writes a [`Program`], the engine executes it. This package says what a program *is*: plain serde
//! types, look-ups by index, a hash. It decides nothing and performs no I/O.
//!
//! Reading order: [`value`] and [`time`] (what things are made of), [`schema`] (what is known about people),
//! [`aggregate`] and [`condition`] (how behaviour becomes state), [`membership`], [`score`], [`offer`], [`policy`], [`message`]
//! (what may be said, and when), [`journey`] (what happens), [`measure`] (what is
//! counted), [`project`] (settings), [`program`] (all of it).
#![warn(missing_docs)]

pub mod aggregate;
pub mod condition;
mod index;
pub mod journey;
pub mod measure;
pub mod membership;
pub mod message;
pub mod offer;
pub mod policy;
pub mod program;
pub mod project;
pub mod schema;
pub mod score;
pub mod time;
pub mod value;

pub use aggregate::{Aggregate, Following, Keep};
pub use condition::{
    Atom, Comparison, Condition, ItemField, ItemsTest, Measure, Operand, Source, Window,
};
pub use index::{
    AggregateIx, AtomIx, AttributeIx, AudienceIx, ConditionIx, ConsentIx, EventIx, FieldIx,
    FunnelIx, HoursIx, JourneyIx, KpiIx, LifecycleIx, MessageIx, OfferIx, RankingIx, RegisterIx,
    ScoreIx, SegmentIx, StageIx, StepIx,
};
pub use journey::{
    ChangeEnd, Entry, ExitRule, Expression, Goal, Journey, Register, Step, StepKind, Trigger,
};
pub use measure::{Audience, Funnel, FunnelStage, Kpi, RankedBy, Ranking};
pub use membership::{Lifecycle, Segment, Stage};
pub use message::{Channel, Filter, Hole, Message, Piece, Purpose, Translation};
pub use offer::{Benefit, Offer};
pub use policy::{Policy, PolicyRule, Then};
pub use program::{FORMAT, LoadError, Program};
pub use project::Project;
pub use schema::{Attribute, Consent, Event, Field, Items, Schema, Type};
pub use score::{Score, ScoreLine};
pub use time::{Clock, Date, Instant, Span, Unit, Weekday};
pub use value::{Currency, Decimal, Money, Value};
