//! Journeys with their header, sequences with their parameters, and `moved`.

use super::{
    Block, Clock, Condition, Date, Doc, Duration, EventPattern, Field, FieldType, Name, Path, Span,
    Spanned, Step, Text, Trigger, Value, Weekday,
};

/// `journey cart_rescue "장바구니 구출" { enter when add_to_cart … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// When it starts, ends and repeats, in written order.
    pub header: Vec<HeaderLine>,
    /// What it does.
    pub steps: Vec<Step>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of a journey's header.
#[derive(Debug, Clone, PartialEq)]
pub enum HeaderLine {
    /// `enter when …`, `enter every …`, `enter on …`
    Enter(Enter),
    /// `reenter after 90 days`
    Reenter(Reenter),
    /// `one run per add_to_cart.cart_id, restart on repeat`
    OneRunPer(OneRunPer),
    /// `goal purchase within 7 days`
    Goal(Goal),
    /// `exit when email.unsubscribed as 수신거부`
    ExitWhen(ExitWhen),
    /// `starts at 2026-11-20 09:00`
    StartsAt(Boundary),
    /// `ends at 2026-12-01 00:00`
    EndsAt(Boundary),
    /// `priority urgent`
    Priority(Priority),
    /// `owner "crm team"`
    Owner(Owner),
    /// `on update move to new version`
    OnUpdate(OnUpdate),
    /// A header line that could not be read.
    Unknown(Span),
}

impl HeaderLine {
    /// Returns where the line stands.
    pub const fn span(&self) -> Span {
        match self {
            Self::Enter(it) => it.span,
            Self::Reenter(it) => it.span,
            Self::OneRunPer(it) => it.span,
            Self::Goal(it) => it.span,
            Self::ExitWhen(it) => it.span,
            Self::StartsAt(it) | Self::EndsAt(it) => it.span,
            Self::Priority(it) => it.span,
            Self::Owner(it) => it.span,
            Self::OnUpdate(it) => it.span,
            Self::Unknown(span) => *span,
        }
    }
}

/// `enter when 생애주기 becomes 이탈위험, new members only`
#[derive(Debug, Clone, PartialEq)]
pub struct Enter {
    /// What starts a run.
    pub start: EntryStart,
    /// Whether people who are members already enter too.
    pub members: Option<Spanned<Members>>,
    /// The line.
    pub span: Span,
}

/// What starts a run.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryStart {
    /// `when purchase and never did purchase where (…)`
    When {
        /// The event or transition.
        trigger: Trigger,
        /// What must hold at that instant.
        condition: Option<Condition>,
    },
    /// `every week on Tuesday at 10:00 for people where (…)`
    Schedule {
        /// When.
        schedule: Schedule,
        /// Who.
        people: People,
    },
    /// `by request with (product: text)`
    Request(Request),
}

/// `by request with (product: text, budget: money in KRW)`
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What a request says.
    pub fields: Vec<Field>,
    /// From `by` to the closing parenthesis.
    pub span: Span,
}

/// Instants at which people enter.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// `every month on the first Tuesday at 10:00`
    Month {
        /// Which day of the month.
        on: MonthDay,
        /// At which time.
        at: Clock,
        /// The whole phrase.
        span: Span,
    },
    /// `every week on Tuesday, Friday at 10:00`
    Week {
        /// Which days of the week.
        on: Vec<Spanned<Weekday>>,
        /// At which time.
        at: Clock,
        /// The whole phrase.
        span: Span,
    },
    /// `every day at 10:00`
    Day {
        /// At which time.
        at: Clock,
        /// The whole phrase.
        span: Span,
    },
    /// `on 2026-09-01 at 10:00`
    Once {
        /// On which day.
        date: Date,
        /// At which time.
        at: Clock,
        /// The whole phrase.
        span: Span,
    },
    /// `30 days before renewal_date at 09:00`, `every year on birthday at 09:00`
    Attribute {
        /// Whether `every year` is written: the day and month count, not the year.
        every_year: bool,
        /// How long before or after; nothing for `on`.
        offset: Option<(Duration, Side)>,
        /// The attribute that holds the date.
        attribute: Path,
        /// At which time of that day.
        at: Clock,
        /// The whole phrase.
        span: Span,
    },
    /// `on cron "0 9 * * MON"`; the expression is checked later.
    Cron {
        /// The expression.
        expression: Text,
        /// The whole phrase.
        span: Span,
    },
}

/// Before or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `before`
    Before,
    /// `after`
    After,
}

/// A day of the month.
#[derive(Debug, Clone, PartialEq)]
pub enum MonthDay {
    /// `the first Tuesday`
    Nth {
        /// Which of them.
        ordinal: Spanned<Ordinal>,
        /// Which day of the week.
        weekday: Spanned<Weekday>,
    },
    /// `the last day`
    LastDay(Span),
    /// `day 5`
    Day(Spanned<u32>),
}

/// Which of the same weekdays in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordinal {
    /// `first`
    First,
    /// `second`
    Second,
    /// `third`
    Third,
    /// `fourth`
    Fourth,
    /// `last`
    Last,
}

/// Who enters at a scheduled instant.
#[derive(Debug, Clone, PartialEq)]
pub enum People {
    /// `everyone`
    Everyone(Span),
    /// `people where (…)`
    Where(Condition),
}

/// Whether people who are members at the first deploy enter too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// `including current members`
    IncludingCurrent,
    /// `new members only`
    NewOnly,
}

/// `reenter after 90 days`
#[derive(Debug, Clone, PartialEq)]
pub struct Reenter {
    /// When a person may enter again.
    pub rule: ReenterRule,
    /// The line.
    pub span: Span,
}

/// When a person may enter again.
#[derive(Debug, Clone, PartialEq)]
pub enum ReenterRule {
    /// `never`
    Never,
    /// `after 90 days`
    After(Duration),
    /// `any time`
    AnyTime,
}

/// `one run per add_to_cart.cart_id, restart on repeat`
#[derive(Debug, Clone, PartialEq)]
pub struct OneRunPer {
    /// The field whose value tells runs apart.
    pub key: Path,
    /// Whether `restart on repeat` is written.
    pub restart: bool,
    /// The line.
    pub span: Span,
}

/// `goal purchase where (…) within 7 days and continue`
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// The event that is hoped for.
    pub event: EventPattern,
    /// How long after entry it counts.
    pub within: Duration,
    /// Whether `and continue` is written: the run goes on.
    pub continues: bool,
    /// The line.
    pub span: Span,
}

/// `exit when 생애주기 becomes 휴면 as 휴면전환`
#[derive(Debug, Clone, PartialEq)]
pub struct ExitWhen {
    /// What ends the run.
    pub trigger: Trigger,
    /// The reason that is recorded.
    pub reason: Option<Name>,
    /// The line.
    pub span: Span,
}

/// `starts at 2026-11-20 09:00`, `ends at 2026-12-01 00:00 Asia/Seoul`
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    /// The instant: a date or a moment.
    pub at: Value,
    /// The line.
    pub span: Span,
}

/// `priority urgent`
#[derive(Debug, Clone, PartialEq)]
pub struct Priority {
    /// The name of the priority.
    pub level: Name,
    /// The line.
    pub span: Span,
}

/// `owner "crm team"`
#[derive(Debug, Clone, PartialEq)]
pub struct Owner {
    /// Who answers for the journey.
    pub name: Text,
    /// The line.
    pub span: Span,
}

/// `on update move to new version`
#[derive(Debug, Clone, PartialEq)]
pub struct OnUpdate {
    /// What happens to people inside.
    pub rule: UpdateRule,
    /// The line.
    pub span: Span,
}

/// What happens to people inside when a journey changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateRule {
    /// `finish on old version`
    FinishOnOld,
    /// `move to new version`
    MoveToNew,
}

/// `sequence starter_emails(gap: duration = 3 days) { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// What the caller may set.
    pub parameters: Vec<Parameter>,
    /// The title people read.
    pub title: Option<Text>,
    /// What it does.
    pub steps: Block,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// `gap: duration = 3 days`
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name.
    pub name: Name,
    /// The type.
    pub kind: FieldType,
    /// The value when the caller gives none.
    pub default: Option<Value>,
    /// From the name to the default.
    pub span: Span,
}

/// `moved win_back.ask to win_back.ask_reason`
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The old identity.
    pub from: Path,
    /// Where the people go who are there.
    pub to: MovedTarget,
    /// The line.
    pub span: Span,
}

/// Where people go whose place has moved.
#[derive(Debug, Clone, PartialEq)]
pub enum MovedTarget {
    /// To another step.
    Step(Path),
    /// `next`: to the step after it.
    Next(Span),
    /// `exit`: out of the journey.
    Exit(Span),
}
