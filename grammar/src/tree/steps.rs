//! The steps of a journey or sequence.

use super::{
    Clock, Condition, Date, Decimal, Duration, EventPattern, Name, Path, Span, Spanned, Text,
    Trigger, Value, Weekday,
};

/// Steps in braces.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// The steps in written order.
    pub steps: Vec<Step>,
    /// From brace to brace; empty where a missing block was expected.
    pub span: Span,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `send email cart_reminder`
    Send(Send),
    /// `ask kakao ask_budget for budget up to 1 day { … }`
    Ask(Ask),
    /// `wait 1 day`, `wait until 10:00`, `wait up to 7 days { … }`
    Wait(Wait),
    /// `if … { … } otherwise { … }`
    If(If),
    /// `choose by sex { … }`
    Choose(Choose),
    /// `split subject_test { 50% a { … } 50% b { … } }`
    Split(Split),
    /// `draw random_box { 1% 한우 up to 10 in total { … } otherwise { … } }`
    Draw(Draw),
    /// `every 4th time { … } otherwise { … }`
    EveryTime(EveryTime),
    /// `repeat up to 3 times every 2 days { … }`
    Repeat(Repeat),
    /// `run starter_emails(gap: 2 days)`
    Run(Run),
    /// `do crm.create_lead with (…)`
    Do(Do),
    /// `assign to sales "…" due in 1 hour`
    Assign(Assign),
    /// `set interest to 홍삼`
    Set(SetAttribute),
    /// `add tag "저빈도"`, `remove tag "저빈도"`
    Tag(Tag),
    /// `remember last_product = purchase.category`
    Remember(Remember),
    /// `exit as sunset`
    Exit(Exit),
    /// A step that could not be read.
    Unknown(Span),
}

impl Step {
    /// Returns where the step stands.
    pub const fn span(&self) -> Span {
        match self {
            Self::Send(it) => it.span,
            Self::Ask(it) => it.span,
            Self::Wait(it) => it.span,
            Self::If(it) => it.span,
            Self::Choose(it) => it.span,
            Self::Split(it) => it.span,
            Self::Draw(it) => it.span,
            Self::EveryTime(it) => it.span,
            Self::Repeat(it) => it.span,
            Self::Run(it) => it.span,
            Self::Do(it) => it.span,
            Self::Assign(it) => it.span,
            Self::Set(it) => it.span,
            Self::Tag(it) => it.span,
            Self::Remember(it) => it.span,
            Self::Exit(it) => it.span,
            Self::Unknown(span) => *span,
        }
    }
}

/// `send first available of kakao a, email b with (coupon: welcome10) between 09:00 and 20:00 as offer`
#[derive(Debug, Clone, PartialEq)]
pub struct Send {
    /// The message, or the candidates of `first available of` in order.
    pub messages: Vec<Message>,
    /// Whether `first available of` is written.
    pub first_available: bool,
    /// What the template is given.
    pub arguments: Vec<Argument>,
    /// The time of day in which it may be sent.
    pub between: Option<ClockRange>,
    /// How long after the step is reached it may still be sent.
    pub within: Option<Duration>,
    /// The step's own name.
    pub label: Option<Name>,
    /// The whole step.
    pub span: Span,
}

/// `email cart_reminder`
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The channel.
    pub channel: Spanned<Channel>,
    /// The template.
    pub template: Path,
    /// From the channel to the template.
    pub span: Span,
}

/// A way to reach a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// `email`
    Email,
    /// `sms`
    Sms,
    /// `kakao`
    Kakao,
    /// `push`
    Push,
    /// `webhook`
    Webhook,
    /// `inapp`
    InApp,
}

impl Channel {
    /// Returns the word that is written for the channel.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Kakao => "kakao",
            Self::Push => "push",
            Self::Webhook => "webhook",
            Self::InApp => "inapp",
        }
    }
}

/// `coupon: welcome10`
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// The name of the parameter.
    pub name: Name,
    /// Its value.
    pub value: Value,
    /// From the name to the value.
    pub span: Span,
}

/// `between 09:00 and 20:00`
#[derive(Debug, Clone, PartialEq)]
pub struct ClockRange {
    /// When it begins.
    pub from: Clock,
    /// When it ends.
    pub to: Clock,
    /// The whole phrase.
    pub span: Span,
}

/// `ask kakao ask_budget for budget up to 1 day { on answer { … } on timeout { … } }`
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The message that asks; nothing when it could not be read.
    pub message: Option<Message>,
    /// What the template is given.
    pub arguments: Vec<Argument>,
    /// The attribute that the reply sets; nothing when it could not be read.
    pub attribute: Option<Path>,
    /// The longest wait for the reply; nothing when it could not be read.
    pub limit: Option<Duration>,
    /// The step's own name.
    pub label: Option<Name>,
    /// The arms in written order.
    pub arms: Vec<AskArm>,
    /// Lines that could not be read; an arm that seems to be missing may be among them.
    pub unknown: Vec<Span>,
    /// The whole step.
    pub span: Span,
}

/// `on answer { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct AskArm {
    /// What chooses the arm; nothing when it could not be read.
    pub on: Option<Spanned<Reply>>,
    /// What it does.
    pub steps: Block,
    /// From `on` to the closing brace.
    pub span: Span,
}

/// What can come of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reply {
    /// `answer`: a reply that is a value of the attribute.
    Answer,
    /// `unclear`: a reply that is none.
    Unclear,
    /// `timeout`: no reply in time.
    Timeout,
}

/// `wait 3 days, then until 10:00`
#[derive(Debug, Clone, PartialEq)]
pub struct Wait {
    /// For what.
    pub kind: WaitKind,
    /// The step's own name.
    pub label: Option<Name>,
    /// The whole step.
    pub span: Span,
}

/// The kinds of waiting.
#[derive(Debug, Clone, PartialEq)]
pub enum WaitKind {
    /// `wait 3 days`, `wait gap, then until 10:00`
    For {
        /// How long.
        length: WaitLength,
        /// Until when after that.
        then_until: Option<Until>,
    },
    /// `wait until …`
    Until(Until),
    /// `wait up to 7 days for purchase`, `wait up to 7 days { on … }`
    UpTo {
        /// The longest wait.
        limit: Duration,
        /// The event that ends the wait early.
        event: Option<EventPattern>,
        /// The arms.
        race: Option<Race>,
    },
    /// What could not be read after `wait`.
    Unknown(Span),
}

/// How long a plain wait lasts.
#[derive(Debug, Clone, PartialEq)]
pub enum WaitLength {
    /// `3 days`
    Duration(Duration),
    /// The parameter of a sequence: `gap`.
    Parameter(Path),
}

/// The end of `wait until …`.
#[derive(Debug, Clone, PartialEq)]
pub enum Until {
    /// `2 days before welcome10.expires`
    Before {
        /// How long before.
        by: Duration,
        /// Before what.
        of: Path,
    },
    /// `1 day after trial_ends`
    After {
        /// How long after.
        by: Duration,
        /// After what.
        of: Path,
    },
    /// `inside business_hours`
    Inside(Path),
    /// `Monday, Tuesday at 09:00`
    Weekdays {
        /// The days of the week.
        days: Vec<Spanned<Weekday>>,
        /// The time of day.
        at: Clock,
    },
    /// `10:00`
    Clock(Clock),
    /// `2026-11-27`, `2026-11-27 at 09:00`
    Date {
        /// The day.
        date: Date,
        /// The time of that day.
        at: Option<Clock>,
    },
    /// A moment known by name: `trial_ends`.
    Path(Path),
}

/// The arms of `wait up to … { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Race {
    /// The arms in written order.
    pub arms: Vec<RaceArm>,
    /// Lines that could not be read; an arm that seems to be missing may be among them.
    pub unknown: Vec<Span>,
    /// From brace to brace.
    pub span: Span,
}

/// `on purchase { … }`, `on timeout { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct RaceArm {
    /// What chooses the arm.
    pub on: RaceTrigger,
    /// What it does.
    pub steps: Block,
    /// From `on` to the closing brace.
    pub span: Span,
}

/// What chooses an arm of a race.
#[derive(Debug, Clone, PartialEq)]
pub enum RaceTrigger {
    /// `timeout`
    Timeout(Span),
    /// An event or transition.
    Trigger(Trigger),
}

/// `if … { … } otherwise if … { … } otherwise { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct If {
    /// `if` and every `otherwise if`.
    pub arms: Vec<IfArm>,
    /// The last `otherwise`.
    pub otherwise: Option<Block>,
    /// The whole step.
    pub span: Span,
}

/// `if … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct IfArm {
    /// When the arm is taken.
    pub condition: Condition,
    /// What it does.
    pub steps: Block,
    /// From the condition to the closing brace.
    pub span: Span,
}

/// `choose by sex { 여성 { … } 남성 { … } 기타, missing { … } }`
#[derive(Debug, Clone, PartialEq)]
pub struct Choose {
    /// The value that is looked at.
    pub by: Path,
    /// The arms in written order.
    pub arms: Vec<ChooseArm>,
    /// Lines that could not be read; a value that seems to be missing may be among them.
    pub unknown: Vec<Span>,
    /// The whole step.
    pub span: Span,
}

/// `기타, missing { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct ChooseArm {
    /// For which values.
    pub keys: Vec<ArmKey>,
    /// What it does.
    pub steps: Block,
    /// From the first key to the closing brace.
    pub span: Span,
}

/// What an arm of `choose by` stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum ArmKey {
    /// One value.
    Value(Value),
    /// `missing`
    Missing(Span),
    /// `otherwise`
    Otherwise(Span),
    /// What could not be read.
    Unknown(Span),
}

/// `split subject_test measured by purchase within 3 days { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// The name of the experiment.
    pub name: Name,
    /// What decides the experiment.
    pub measured: Option<Measured>,
    /// The arms in written order.
    pub arms: Vec<SplitArm>,
    /// Lines that could not be read; a share that seems to be missing may be among them.
    pub unknown: Vec<Span>,
    /// The whole step.
    pub span: Span,
}

/// `measured by purchase within 3 days`
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The event that counts as success.
    pub event: EventPattern,
    /// How long after the split it counts.
    pub within: Duration,
    /// The whole phrase.
    pub span: Span,
}

/// `45% question { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct SplitArm {
    /// The share of people, in percent.
    pub share: Decimal,
    /// The name of the arm.
    pub name: Name,
    /// What it does.
    pub steps: Block,
    /// From the share to the closing brace.
    pub span: Span,
}

/// `draw random_box { 1% 한우 up to 10 in total { … } otherwise { … } }`
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// The name of the draw.
    pub name: Name,
    /// The arms in written order.
    pub arms: Vec<DrawArm>,
    /// Lines that could not be read; odds that seem to be missing may be among them.
    pub unknown: Vec<Span>,
    /// The whole step.
    pub span: Span,
}

/// `1% 한우 up to 10 in total { … }`, `otherwise { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct DrawArm {
    /// What is won; nothing for `otherwise`.
    pub prize: Option<Prize>,
    /// What it does.
    pub steps: Block,
    /// From the odds to the closing brace.
    pub span: Span,
}

/// `1% 한우 up to 10 in total`
#[derive(Debug, Clone, PartialEq)]
pub struct Prize {
    /// The odds, in percent.
    pub odds: Decimal,
    /// The name of the prize.
    pub name: Name,
    /// How many there are for everybody together, if that is limited.
    pub stock: Option<Spanned<u32>>,
    /// From the odds to the stock.
    pub span: Span,
}

/// `every 4th time { … } otherwise { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct EveryTime {
    /// Which entries of a person: every 4th; nothing when it could not be read.
    pub nth: Option<Spanned<u32>>,
    /// What is done then.
    pub steps: Block,
    /// What is done the other times.
    pub otherwise: Option<Block>,
    /// The whole step.
    pub span: Span,
}

/// `repeat up to 3 times every 2 days until lead_contacted { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// The most repetitions; nothing when it could not be read.
    pub times: Option<Spanned<u32>>,
    /// The time from one to the next; nothing when it could not be read.
    pub every: Option<Duration>,
    /// The event that ends it early.
    pub until: Option<EventPattern>,
    /// What is repeated.
    pub steps: Block,
    /// The whole step.
    pub span: Span,
}

/// `run starter_emails(gap: 2 days) as first_mails`
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The sequence.
    pub sequence: Name,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// The step's own name.
    pub label: Option<Name>,
    /// The whole step.
    pub span: Span,
}

/// `do crm.create_lead with (owner: "round_robin")`
#[derive(Debug, Clone, PartialEq)]
pub struct Do {
    /// The connector and its action.
    pub action: Path,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// The step's own name.
    pub label: Option<Name>,
    /// The whole step.
    pub span: Span,
}

/// `assign to sales "예산 $5,000 이상 데모 신청" due in 1 hour`
#[derive(Debug, Clone, PartialEq)]
pub struct Assign {
    /// Who gets the task.
    pub to: Path,
    /// What the task says.
    pub task: Text,
    /// What else the task is given.
    pub arguments: Vec<Argument>,
    /// How soon it is due.
    pub due: Option<Duration>,
    /// The step's own name.
    pub label: Option<Name>,
    /// The whole step.
    pub span: Span,
}

/// `set interest to 홍삼`
#[derive(Debug, Clone, PartialEq)]
pub struct SetAttribute {
    /// The attribute.
    pub attribute: Path,
    /// Its new value.
    pub value: Value,
    /// The whole step.
    pub span: Span,
}

/// `add tag "저빈도"`
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// Whether it is added or removed.
    pub change: Spanned<TagChange>,
    /// The tag.
    pub tag: Text,
    /// The whole step.
    pub span: Span,
}

/// Whether a tag comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagChange {
    /// `add`
    Add,
    /// `remove`
    Remove,
}

/// `remember last_product = purchase.category`
#[derive(Debug, Clone, PartialEq)]
pub struct Remember {
    /// The name under which it is remembered in this run.
    pub name: Name,
    /// What is remembered.
    pub value: Path,
    /// The whole step.
    pub span: Span,
}

/// `exit as sunset`
#[derive(Debug, Clone, PartialEq)]
pub struct Exit {
    /// The reason that is recorded.
    pub reason: Option<Name>,
    /// The whole step.
    pub span: Span,
}
