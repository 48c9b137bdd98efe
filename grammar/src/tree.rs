//! The syntax tree: what was written, with byte spans, without any checking of names or types.
//! Every struct is plain data. What could not be read is present as an `Unknown` variant with
//! its span, so that later passes know that something stands there and do not complain twice.

mod conditions;
mod definitions;
mod journeys;
mod schema;
mod steps;
mod tests;
mod values;

pub use conditions::{
    Aggregate, AggregateKind, Agreed, Behavior, Chain, ChangeEnd, Compare, Comparison,
    ComparisonKind, Condition, Connective, Count, CountBound, EventPattern, Following, Group,
    ItemCount, Items, Link, Member, Negation, Operand, Pattern, Polarity, Quantifier, Rank,
    Recalled, Sample, Trigger, Window,
};
pub use definitions::{
    Audience, AudienceLine, Funnel, FunnelLine, FunnelStage, HoldOut, Kpi, KpiAlert, KpiLine,
    KpiTarget, Lifecycle, LifecycleLine, Measure, MessageCap, Offer, OfferLine, OverflowAction,
    Points, Policy, PolicyLine, QuietHours, Score, ScoreLine, ScoreRange, Segment, Stage,
    StageTest,
};
pub use journeys::{
    Boundary, Enter, EntryStart, ExitWhen, Goal, HeaderLine, Journey, Members, MonthDay, Moved,
    MovedTarget, OnUpdate, OneRunPer, Ordinal, Owner, Parameter, People, Priority, Reenter,
    ReenterRule, Request, Schedule, Sequence, Side, UpdateRule,
};
pub use schema::{
    Arrives, Consent, ConsentLine, Contact, ContactLine, Event, EventLine, Field, FieldOption,
    FieldOptionKind, FieldType, FieldTypeKind, Object, ObjectLine,
};
pub use steps::{
    Argument, ArmKey, Ask, AskArm, Assign, Block, Channel, Choose, ChooseArm, ClockRange, Do, Draw,
    DrawArm, EveryTime, Exit, If, IfArm, Measured, Message, Prize, Race, RaceArm, RaceTrigger,
    Remember, Repeat, Reply, Run, Send, SetAttribute, Split, SplitArm, Step, Tag, TagChange, Until,
    Wait, WaitKind, WaitLength,
};
pub use tests::{
    Act, ActKind, Advance, AdvanceTo, Expect, ExpectKind, Given, Objects, Record, RecordLine, Test,
    TestLine,
};
pub use values::{
    Clock, Currency, Date, DayKind, Decimal, Duration, Moment, Money, TimeUnit, Value, ValueKind,
    Weekday, Zone,
};

/// A half-open range of byte offsets into the text of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The offset of the first byte.
    pub start: u32,
    /// The offset just after the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a span from two byte offsets.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Returns the number of bytes covered.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Tells whether nothing is covered: such a span marks a place between two characters.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Returns the smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// Tells whether `other` lies wholly inside.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Returns the covered part of `text`, or nothing when the span is not from this text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// A small value together with the place where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Puts a value and its place together.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// One word that names something: `cart_rescue`, `이탈위험`, `` `send` ``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The word in Unicode NFC, without backticks. Empty when the name is missing (a problem was reported).
    pub text: String,
    /// Where it stands, with its backticks; an empty span where a missing name was expected.
    pub span: Span,
}

impl Name {
    /// Tells whether the name was left out; the problem is reported already.
    pub const fn is_missing(&self) -> bool {
        self.text.is_empty()
    }
}

/// Names joined by dots: `purchase.total`, `email.clicked`, `crm.create_lead`, or a single name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The names from left to right; at least one.
    pub parts: Vec<Name>,
    /// From the first name to the last.
    pub span: Span,
}

impl Path {
    /// Returns the first name: the event of `purchase.total`.
    pub fn first(&self) -> Option<&Name> {
        self.parts.first()
    }

    /// Returns the only name of a path without dots.
    pub fn single(&self) -> Option<&Name> {
        match self.parts.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }

    /// Tells whether the path was left out; the problem is reported already.
    pub fn is_missing(&self) -> bool {
        self.parts.iter().all(Name::is_missing)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(&part.text)?;
        }
        Ok(())
    }
}

/// Text in double quotes, with its escapes resolved: `"장바구니 구출"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text between the quotes.
    pub text: String,
    /// From quote to quote.
    pub span: Span,
}

/// The description of a declaration: the `##` lines directly above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    /// The lines without `##`, joined by newlines.
    pub text: String,
    /// From the first `##` to the end of the last line.
    pub span: Span,
}

/// The text of one `.journey` file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// What is declared, in written order.
    pub declarations: Vec<Declaration>,
    /// The whole text.
    pub span: Span,
}

/// One declaration at the top level of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Declaration {
    /// `contact { … }`
    Contact(Contact),
    /// `event purchase { … }`
    Event(Event),
    /// `consent marketing { … }`
    Consent(Consent),
    /// `policy fatigue { … }`
    Policy(Policy),
    /// `offer welcome10 { … }`
    Offer(Offer),
    /// `segment hot_leads { … }`
    Segment(Segment),
    /// `lifecycle 생애주기 { … }`
    Lifecycle(Lifecycle),
    /// `score lead_score { … }`
    Score(Score),
    /// `funnel aarrr { … }`
    Funnel(Funnel),
    /// `kpi first_purchase { … }`
    Kpi(Kpi),
    /// `audience retarget_cart { … }`
    Audience(Audience),
    /// `sequence starter_emails(…) { … }`
    Sequence(Sequence),
    /// `journey cart_rescue { … }`
    Journey(Journey),
    /// `moved win_back.ask to win_back.ask_reason`
    Moved(Moved),
    /// `test "…" for cart_rescue { … }`
    Test(Test),
    /// Lines that are no declaration; a problem was reported.
    Unknown(Span),
}

impl Declaration {
    /// Returns where the declaration stands, from its keyword to its closing brace.
    pub const fn span(&self) -> Span {
        match self {
            Self::Contact(it) => it.span,
            Self::Event(it) => it.span,
            Self::Consent(it) => it.span,
            Self::Policy(it) => it.span,
            Self::Offer(it) => it.span,
            Self::Segment(it) => it.span,
            Self::Lifecycle(it) => it.span,
            Self::Score(it) => it.span,
            Self::Funnel(it) => it.span,
            Self::Kpi(it) => it.span,
            Self::Audience(it) => it.span,
            Self::Sequence(it) => it.span,
            Self::Journey(it) => it.span,
            Self::Moved(it) => it.span,
            Self::Test(it) => it.span,
            Self::Unknown(span) => *span,
        }
    }

    /// Returns the declared name; `contact`, `moved`, `test`, an event with dots and unknown lines have none.
    pub fn name(&self) -> Option<&Name> {
        match self {
            Self::Event(it) => it.name.single(),
            Self::Consent(it) => Some(&it.name),
            Self::Policy(it) => Some(&it.name),
            Self::Offer(it) => Some(&it.name),
            Self::Segment(it) => Some(&it.name),
            Self::Lifecycle(it) => Some(&it.name),
            Self::Score(it) => Some(&it.name),
            Self::Funnel(it) => Some(&it.name),
            Self::Kpi(it) => Some(&it.name),
            Self::Audience(it) => Some(&it.name),
            Self::Sequence(it) => Some(&it.name),
            Self::Journey(it) => Some(&it.name),
            Self::Contact(_) | Self::Moved(_) | Self::Test(_) | Self::Unknown(_) => None,
        }
    }
}

/// A comment, kept beside the tree so that the formatter can put it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line, without the newline.
    pub span: Span,
    /// Whether it starts with `##`.
    pub is_doc: bool,
    /// Whether nothing stands before it on its line.
    pub own_line: bool,
}
