//! Conditions: a shared graph of *and*, *or*, *not* over atoms. An atom compares one thing with a constant.

use serde::{Deserialize, Serialize};

use crate::index::{
    AggregateIx, AtomIx, AttributeIx, ConditionIx, ConsentIx, EventIx, FieldIx, HoursIx,
    LifecycleIx, OfferIx, RankingIx, RegisterIx, ScoreIx, SegmentIx, StageIx,
};
use crate::message::Channel;
use crate::time::{Date, Instant, Span};
use crate::value::Value;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// True for everyone.
    Always,
    /// True where all are.
    All(Vec<ConditionIx>),
    /// True where any is.
    Any(Vec<ConditionIx>),
    /// True where the other is not.
    Not(ConditionIx),
    /// True where the atom is.
    Is(AtomIx),
}

/// The smallest question. Two-valued: where the thing asked about is missing, the answer is no.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Atom {
    /// A value compared.
    Compare {
        /// What is read.
        left: Source,
        /// What is asked of it.
        test: Comparison,
    },
    /// `did E (at least n times) (in the last W)`.
    Happened {
        /// A `First`, `Newest` or `Oldest` aggregate that keeps at least `n`.
        aggregate: AggregateIx,
        /// How many times at least, from 1.
        n: u32,
        /// When.
        window: Window,
        /// Milliseconds for which a window's end is held open for events that arrive late. Not 0 only in segments and
        /// lifecycles: their changes are acted upon (language §3.5).
        settle: i64,
    },
    /// `total of purchase.total (in the last 365 calendar days) at least 100만원`: over an aggregate of amounts or a
    /// `Different` or `Count` aggregate. An empty total is missing; an empty number is 0.
    Amount {
        /// The aggregate.
        aggregate: AggregateIx,
        /// What is measured; the number of a `Different` or `Count` aggregate is a total.
        #[serde(default)]
        measure: Measure,
        /// The window within what the aggregate keeps.
        window: Window,
        /// What is asked of the amount.
        test: Comparison,
    },
    /// `in the last n usual intervals` has passed since the newest event: over a `Rhythm` aggregate. The usual interval
    /// is the mean time between two events, known from the third event on; before that nothing is overdue.
    Overdue {
        /// The aggregate.
        aggregate: AggregateIx,
        /// How many usual intervals, from 1.
        intervals: u32,
        /// Milliseconds for which it is held open for events that arrive late, as for `Happened`.
        settle: i64,
    },
    /// `did E at least n times in the last k usual intervals`: whether the n-th newest event is not longer ago than that.
    /// Until the usual interval is known, all that happened counts.
    Paced {
        /// A `Rhythm` aggregate.
        rhythm: AggregateIx,
        /// A `Newest` aggregate of the same events that keeps at least `n`.
        newest: AggregateIx,
        /// How many times at least, from 1.
        n: u32,
        /// How many usual intervals, from 1.
        intervals: u32,
        /// Milliseconds for which it is held open for events that arrive late, as for `Happened`.
        settle: i64,
    },
    /// `did E where (cart_id is add_to_cart.cart_id)`: as `Happened`, of the events with the value that is read now.
    HappenedWith {
        /// A `ByValue` aggregate that keeps at least `n`.
        aggregate: AggregateIx,
        /// The value; where it is missing, the answer is no.
        value: Source,
        /// How many times at least, from 1.
        n: u32,
        /// When: `Ever`, `Last`, `LastDays` or `Since`.
        window: Window,
        /// Milliseconds for which it is held open for events that arrive late, as for `Happened`.
        settle: i64,
    },
    /// `vip is yes for at least 3 days`, without a break.
    HeldFor {
        /// An earlier condition than any that this atom is in; it asks of the person only.
        condition: ConditionIx,
        /// How long.
        span: Span,
    },
    /// `in 10% of people by "beta"`: the same people for the same name, and those of a smaller share among those of a
    /// larger one.
    Sample {
        /// The name of the sample.
        name: String,
        /// Of ten thousand people, how many.
        share: u32,
    },
    /// `in big_spenders`.
    Member(SegmentIx),
    /// `in big_spenders for at least 3 days`, without a break.
    MemberFor {
        /// The segment.
        segment: SegmentIx,
        /// How long.
        span: Span,
    },
    /// `생애주기 is 활동 for at least 30 days`, without a break.
    StageFor {
        /// The lifecycle.
        lifecycle: LifecycleIx,
        /// The stage.
        stage: StageIx,
        /// How long.
        span: Span,
    },
    /// `top 10% by total of purchase.total`: as the ranking of all people came out the last time.
    Ranked(RankingIx),
    /// `생애주기 is 활동`.
    Stage {
        /// The lifecycle.
        lifecycle: LifecycleIx,
        /// The stage.
        stage: StageIx,
    },
    /// `agreed to marketing by sms`; without a channel, by any.
    Agreed {
        /// The consent.
        consent: ConsentIx,
        /// The channel.
        channel: Option<Channel>,
    },
    /// The contact carries a tag (`tag is "저빈도"`).
    Tagged(String),
    /// `now is inside business_hours`.
    Inside(HoursIx),
    /// `any item where ( … )`, `number of item where ( … ) at least 2`. Where the list is missing, the answer is no.
    Items {
        /// The list of objects.
        of: Source,
        /// What is asked of each; `Source::Item` reads it. An earlier condition than any that this atom is in.
        filter: ConditionIx,
        /// How many of them it must hold for.
        test: ItemsTest,
    },
}

/// For how many objects of a list a condition must hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemsTest {
    /// `any`: at least one.
    Any,
    /// `every`: all, also where the list is empty.
    Every,
    /// `no`: none, also where the list is empty.
    No,
    /// `number of`: their number passes.
    Count(Comparison),
}

/// What is measured of several amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Their sum.
    #[default]
    Total,
    /// Their sum divided by their number; what is left of a minor unit is dropped.
    Average,
    /// The largest one.
    Largest,
}

/// Where a value is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An attribute of the contact.
    Attribute(AttributeIx),
    /// A field of the event at hand (inside `where ( … )`, and in an entry's `and …`).
    Field(FieldIx),
    /// What the run remembers of an event.
    Register(RegisterIx),
    /// When the offer issued to this contact expires.
    OfferExpires(OfferIx),
    /// When the offer was issued to this contact; missing where it was not.
    OfferIssued(OfferIx),
    /// A score, a whole number.
    Score(ScoreIx),
    /// The value that a `Last` or `Favourite` aggregate recalls.
    Recalled(AggregateIx),
    /// A field of the object at hand, inside `any item where ( … )`.
    Item(ItemField),
}

/// A field of the objects in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ItemField {
    /// The event type.
    pub event: EventIx,
    /// Its list.
    pub list: FieldIx,
    /// The field of each object, by its position in [`crate::schema::Items`].
    pub field: FieldIx,
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `under x`.
    Under(Operand),
    /// `at most x`.
    AtMost(Operand),
    /// `over x`.
    Over(Operand),
    /// `at least x`.
    AtLeast(Operand),
    /// `between a and b`, both included.
    Between(Operand, Operand),
    /// `is x`.
    Is(Operand),
    /// `is not x`; a missing value is not *not x*.
    IsNot(Operand),
    /// `is one of a, b`.
    IsOneOf(Vec<Value>),
    /// A list `includes x`.
    Includes(Operand),
    /// A text `contains "x"`.
    Contains(Operand),
    /// A text `starts with "x"`.
    StartsWith(Operand),
    /// `is missing`.
    IsMissing,
    /// `is known`.
    IsKnown,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    /// A constant.
    Value(Value),
    /// Another value (`cart_id is add_to_cart.cart_id`).
    Source(Source),
}

/// The stretch of the past that a phrase looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// All of it.
    Ever,
    /// `in the last W`: (t − W, t].
    Last(Span),
    /// `in the last N calendar days`: the project-zone day of *t* and the N − 1 days before it.
    LastDays(u32),
    /// `before D`: strictly earlier than the instant.
    Before(Instant),
    /// `since D`: at the instant or later.
    Since(Instant),
    /// `on D`: on that day in the project's zone.
    On(Date),
}
