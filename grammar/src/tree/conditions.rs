//! Conditions, behaviour phrases, event patterns and triggers.

use super::{Date, Decimal, Duration, Name, Path, Span, Spanned, Text, Value};

/// What can be true or false of a person, or of an event inside `where ( … )`.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Terms joined by `and` or `or`, flat as written; mixing the two is refused later (J0106).
    Chain(Chain),
    /// `not in hot_leads`
    Not(Negation),
    /// `( … )`
    Group(Group),
    /// `agreed to marketing by email`
    Agreed(Agreed),
    /// `did purchase in the last 90 days`
    Behavior(Box<Behavior>),
    /// `in hot_leads`, `in hot_leads for at least 3 days`
    Member(Member),
    /// `in 10% of people by "beta"`
    Sample(Sample),
    /// `any item where (…)`, `every item where (…)`, `no item where (…)`
    Items(Items),
    /// `top 10% by total of purchase.total in the last 365 calendar days`
    Rank(Box<Rank>),
    /// `age between 40 and 59`
    Compare(Box<Compare>),
    /// What could not be read.
    Unknown(Span),
}

impl Condition {
    /// Returns where the condition stands.
    pub const fn span(&self) -> Span {
        match self {
            Self::Chain(it) => it.span,
            Self::Not(it) => it.span,
            Self::Group(it) => it.span,
            Self::Agreed(it) => it.span,
            Self::Behavior(it) => it.span,
            Self::Member(it) => it.span,
            Self::Sample(it) => it.span,
            Self::Items(it) => it.span,
            Self::Rank(it) => it.span,
            Self::Compare(it) => it.span,
            Self::Unknown(span) => *span,
        }
    }
}

/// `a and b and c`: at least two terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The first term.
    pub first: Box<Condition>,
    /// The other terms, each with the word before it.
    pub rest: Vec<Link>,
    /// From the first term to the last.
    pub span: Span,
}

/// `and b`
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The joining word.
    pub connective: Spanned<Connective>,
    /// The term after it.
    pub term: Condition,
}

/// The words that join conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connective {
    /// `and`
    And,
    /// `or`
    Or,
}

/// `not …`
#[derive(Debug, Clone, PartialEq)]
pub struct Negation {
    /// What is negated.
    pub negated: Box<Condition>,
    /// From `not` to the end of the negated term.
    pub span: Span,
}

/// `( … )`
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What stands inside.
    pub inner: Box<Condition>,
    /// `for at least 3 days`
    pub for_at_least: Option<Duration>,
    /// From parenthesis to parenthesis, or to the end of what follows it.
    pub span: Span,
}

/// `agreed to marketing by email`
#[derive(Debug, Clone, PartialEq)]
pub struct Agreed {
    /// The consent.
    pub consent: Path,
    /// The channel it was given for.
    pub channel: Option<Path>,
    /// The whole phrase.
    pub span: Span,
}

/// `in hot_leads`
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The segment.
    pub segment: Path,
    /// `for at least 3 days`: how long without a break.
    pub for_at_least: Option<Duration>,
    /// From `in` to the end.
    pub span: Span,
}

/// `in 10% of people by "beta"`
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The share of people, in percent.
    pub share: Decimal,
    /// The name of the sample: another name draws other people.
    pub name: Option<Text>,
    /// The whole phrase.
    pub span: Span,
}

/// `any item where (brand is "Nike")`
#[derive(Debug, Clone, PartialEq)]
pub struct Items {
    /// How many of the elements must satisfy the condition.
    pub quantifier: Spanned<Quantifier>,
    /// The list by the name of its element, in a run with its event: `order_placed.item`.
    pub element: Path,
    /// The condition on the element's fields.
    pub filter: Box<Condition>,
    /// From the quantifier to the closing parenthesis.
    pub span: Span,
}

/// How many elements of a list must satisfy a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// `any`: at least one.
    Any,
    /// `every`: all of them.
    Every,
    /// `no`: none of them.
    No,
}

/// `top 10% by total of purchase.total in the last 365 calendar days`
#[derive(Debug, Clone, PartialEq)]
pub struct Rank {
    /// The share of people, in percent.
    pub share: Decimal,
    /// What they are ranked by, largest first: an amount over past events, or a score or attribute.
    pub by: Operand,
    /// The whole phrase.
    pub span: Span,
}

/// `did purchase where (…) at least 3 times in the last 180 days`
#[derive(Debug, Clone, PartialEq)]
pub struct Behavior {
    /// `did`, `did not` or `never did`.
    pub polarity: Spanned<Polarity>,
    /// What was or was not done.
    pub pattern: Pattern,
    /// How often.
    pub count: Option<Count>,
    /// When.
    pub window: Option<Window>,
    /// The whole phrase.
    pub span: Span,
}

/// The beginning of a behaviour phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// `did`
    Did,
    /// `did not`
    DidNot,
    /// `never did`
    NeverDid,
}

/// One event, or events that follow each other: `add_to_cart then purchase within 2 hours`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// The first event.
    pub first: EventPattern,
    /// What followed, or did not follow.
    pub then: Vec<Following>,
    /// From the first event to the last part.
    pub span: Span,
}

/// `then not purchase within 1 day with the same cart_id`
#[derive(Debug, Clone, PartialEq)]
pub struct Following {
    /// Whether `not` is written: the event stayed away.
    pub absent: bool,
    /// The event.
    pub event: EventPattern,
    /// How long after the one before.
    pub within: Duration,
    /// The field that is equal in both.
    pub same: Option<Path>,
    /// From `then` to the end.
    pub span: Span,
}

/// `purchase where (total at least 5만원)`
#[derive(Debug, Clone, PartialEq)]
pub struct EventPattern {
    /// The event.
    pub event: Path,
    /// The condition on its fields.
    pub filter: Option<Condition>,
    /// From the event to the closing parenthesis.
    pub span: Span,
}

/// `at least 3 times`
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// At least, at most or exactly.
    pub bound: CountBound,
    /// How often.
    pub times: Spanned<u32>,
    /// The whole phrase.
    pub span: Span,
}

/// How a count is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountBound {
    /// `at least`
    AtLeast,
    /// `at most`
    AtMost,
    /// `exactly`
    Exactly,
}

/// The part of the past that is looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// `in the last 90 days`
    InTheLast(Duration),
    /// `in the last 2 usual intervals`: so many times the usual time between two of these events.
    UsualIntervals(Spanned<u32>),
    /// `before 2026-01-01`
    Before(Value),
    /// `since 2026-01-01`
    Since(Value),
    /// `on 2026-01-01`
    On(Date),
}

/// `age between 40 and 59`
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// What is compared.
    pub operand: Operand,
    /// With what, and how.
    pub comparison: Comparison,
    /// `for at least 30 days`: how long without a break.
    pub for_at_least: Option<Duration>,
    /// From the operand to the end.
    pub span: Span,
}

/// The left side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// An attribute, a lifecycle, a score, an event's field or `now`.
    Path(Path),
    /// `total of purchase.total in the last 30 days`
    Aggregate(Aggregate),
    /// `number of item where (…)`
    ItemCount(ItemCount),
    /// `favourite purchase.category`
    Favourite(Recalled),
    /// `last purchase.category`
    Last(Recalled),
}

/// `number of item where (price over 1만원)`
#[derive(Debug, Clone, PartialEq)]
pub struct ItemCount {
    /// The list by the name of its element.
    pub element: Path,
    /// The condition on the element's fields.
    pub filter: Box<Condition>,
    /// From `number` to the closing parenthesis.
    pub span: Span,
}

/// A field of past events: `favourite purchase.category`, `last purchase.category`
#[derive(Debug, Clone, PartialEq)]
pub struct Recalled {
    /// The field of the event.
    pub of: Path,
    /// From the first word to the field.
    pub span: Span,
}

/// `number of different purchase.category in the last 1 year`
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// What is computed.
    pub kind: Spanned<AggregateKind>,
    /// Over which field of which event.
    pub of: Path,
    /// Over which part of the past.
    pub window: Option<Window>,
    /// The whole phrase.
    pub span: Span,
}

/// What is computed over past events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggregateKind {
    /// `total of`
    Total,
    /// `average of`
    Average,
    /// `largest of`
    Largest,
    /// `number of different`
    NumberOfDifferent,
}

/// The right side of a comparison, its words or its symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Which comparison.
    pub kind: ComparisonKind,
    /// From its first word to its last value.
    pub span: Span,
}

/// The comparisons.
#[derive(Debug, Clone, PartialEq)]
pub enum ComparisonKind {
    /// `under 5`, `< 5`
    Under(Value),
    /// `at most 5`, `<= 5`
    AtMost(Value),
    /// `over 5`, `> 5`
    Over(Value),
    /// `at least 5`, `>= 5`
    AtLeast(Value),
    /// `between 40 and 59`
    Between(Value, Value),
    /// `is 여성`, `= 여성`
    Is(Value),
    /// `is not 여성`, `!= 여성`
    IsNot(Value),
    /// `is one of 충성, 관심`
    IsOneOf(Vec<Value>),
    /// `is not one of 충성, 관심`
    IsNotOneOf(Vec<Value>),
    /// `includes 비염`
    Includes(Value),
    /// `contains "한의원"`
    Contains(Value),
    /// `starts with "/pricing"`
    StartsWith(Value),
    /// `is missing`
    IsMissing,
    /// `is known`
    IsKnown,
    /// `is inside business_hours`
    IsInside(Path),
    /// `is outside business_hours`
    IsOutside(Path),
}

/// What starts or ends something at an instant.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// `joins hot_leads`
    Joins(Path),
    /// `leaves hot_leads`
    Leaves(Path),
    /// `생애주기 becomes 이탈위험`
    Becomes {
        /// The lifecycle.
        lifecycle: Path,
        /// The stage.
        stage: Name,
    },
    /// `plan changes from Basic to Premium`
    Changes {
        /// The attribute.
        attribute: Path,
        /// The value before, if it matters.
        from: Option<ChangeEnd>,
        /// The value after, if it matters.
        to: Option<ChangeEnd>,
        /// The whole phrase.
        span: Span,
    },
    /// `purchase where (…)`
    Event(EventPattern),
    /// What could not be read.
    Unknown(Span),
}

/// One end of a change: `missing`, `Premium`
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeEnd {
    /// `missing`: no value.
    Missing(Span),
    /// A value.
    Value(Value),
}

impl ChangeEnd {
    /// Returns where it stands.
    pub const fn span(&self) -> Span {
        match self {
            Self::Missing(span) => *span,
            Self::Value(value) => value.span,
        }
    }
}
