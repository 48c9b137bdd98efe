//! Segments, lifecycles, scores, offers, policies, audiences, funnels and KPIs.

use super::{
    Clock, Comparison, Condition, Count, Date, Decimal, Doc, Duration, EventPattern, Money, Name,
    Path, Span, Spanned, Text, TimeUnit,
};

/// `segment hot_leads "지금 연락할 리드" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// Who belongs to it.
    pub condition: Condition,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// `lifecycle 생애주기 { 신규 when … 휴면 otherwise }`
#[derive(Debug, Clone, PartialEq)]
pub struct Lifecycle {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// The stages, tried from top to bottom.
    pub lines: Vec<LifecycleLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of a lifecycle.
#[derive(Debug, Clone, PartialEq)]
pub enum LifecycleLine {
    /// A stage.
    Stage(Stage),
    /// A line that could not be read.
    Unknown(Span),
}

/// `활동 "반복·활동 고객" when did purchase in the last 90 days`
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// Who is in it.
    pub test: StageTest,
    /// The line.
    pub span: Span,
}

/// Who is in a stage.
#[derive(Debug, Clone, PartialEq)]
pub enum StageTest {
    /// `when …`
    When(Condition),
    /// `otherwise`
    Otherwise(Span),
}

/// `score lead_score { +10 when visit … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// The lines in written order.
    pub lines: Vec<ScoreLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of a score.
#[derive(Debug, Clone, PartialEq)]
pub enum ScoreLine {
    /// `+10 when visit`
    Points(Points),
    /// `halves every 14 days`
    HalvesEvery(Duration),
    /// `shown between 0 and 100`
    ShownBetween(ScoreRange),
    /// A line that could not be read.
    Unknown(Span),
}

/// `+10 when visit where (page starts with "/pricing")`
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// How many, with the sign.
    pub points: Spanned<i64>,
    /// For which event.
    pub event: EventPattern,
    /// The line.
    pub span: Span,
}

/// `shown between 0 and 100`
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRange {
    /// The least value shown.
    pub low: Decimal,
    /// The greatest value shown.
    pub high: Decimal,
    /// The line.
    pub span: Span,
}

/// `offer cart5 { 5,000원 off … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// The lines in written order.
    pub lines: Vec<OfferLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of an offer.
#[derive(Debug, Clone, PartialEq)]
pub enum OfferLine {
    /// `10% off`
    PercentOff(Decimal),
    /// `5,000원 off`
    MoneyOff(Money),
    /// `free shipping`
    FreeShipping(Span),
    /// `valid 14 days`
    Valid(Duration),
    /// `once per contact`
    OncePerContact(Span),
    /// `minimum 3만원`
    Minimum(Money),
    /// `1,000 points`
    Points(Spanned<u32>),
    /// `3 draw entries`
    DrawEntries(Spanned<u32>),
    /// `at most 5,000원 off`, beside a percentage
    MostOff(Money),
    /// `worth 3,000원`: what one of it counts in the budget
    Worth(Money),
    /// `up to 1,000만원 in total`
    Budget(Money),
    /// `up to 5,000 in total`
    Stock(Spanned<u32>),
    /// A line that could not be read.
    Unknown(Span),
}

/// `policy fatigue { at most 1 advertising message per 1 day, then skip }`
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// The rules in written order.
    pub lines: Vec<PolicyLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One rule of a policy.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyLine {
    /// `at most 3 advertising messages per 1 week, then skip`
    Cap(MessageCap),
    /// `no advertising messages from 21:00 to 08:00 except email, then wait`
    Quiet(QuietHours),
    /// `hold out 5% of people from advertising messages`
    HoldOut(HoldOut),
    /// A line that could not be read.
    Unknown(Span),
}

/// `at most 3 advertising messages per 1 week, then skip`
#[derive(Debug, Clone, PartialEq)]
pub struct MessageCap {
    /// How many messages.
    pub count: Spanned<u32>,
    /// Of which purpose.
    pub purpose: Name,
    /// In how long.
    pub per: Duration,
    /// What happens to one message more.
    pub then: Spanned<OverflowAction>,
    /// The line.
    pub span: Span,
}

/// `no advertising messages from 21:00 to 08:00 except email, then wait`
#[derive(Debug, Clone, PartialEq)]
pub struct QuietHours {
    /// For messages of which purpose.
    pub purpose: Name,
    /// When the quiet begins.
    pub from: Clock,
    /// When it ends, perhaps on the next day.
    pub to: Clock,
    /// The channels that are free of it.
    pub except: Vec<Name>,
    /// What happens to a message in that time.
    pub then: Spanned<OverflowAction>,
    /// The line.
    pub span: Span,
}

/// `hold out 5% of people from advertising messages`
#[derive(Debug, Clone, PartialEq)]
pub struct HoldOut {
    /// The share of people, in percent.
    pub share: Decimal,
    /// Messages of which purpose they do not get.
    pub purpose: Name,
    /// The line.
    pub span: Span,
}

/// What happens to a message that a policy does not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverflowAction {
    /// `skip`
    Skip,
    /// `wait`
    Wait,
}

/// `audience retarget_cart { people where (…) … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Audience {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// The lines in written order.
    pub lines: Vec<AudienceLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of an audience.
#[derive(Debug, Clone, PartialEq)]
pub enum AudienceLine {
    /// `people where (…)`
    People(Condition),
    /// `sync to meta, google`
    SyncTo(Vec<Name>),
    /// `needs consent ads`
    NeedsConsent(Name),
    /// `match by email, phone`
    MatchBy(Vec<Name>),
    /// `keep at most 30 days`
    KeepAtMost(Duration),
    /// `ranked daily at 04:00`
    RankedDaily(Clock),
    /// A line that could not be read.
    Unknown(Span),
}

/// `funnel aarrr { 획득 when signed_up … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// The stages in order.
    pub lines: Vec<FunnelLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of a funnel.
#[derive(Debug, Clone, PartialEq)]
pub enum FunnelLine {
    /// A stage.
    Stage(Box<FunnelStage>),
    /// A line that could not be read.
    Unknown(Span),
}

/// `유지 when purchase at least 2 times within 90 days`
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelStage {
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// The event that reaches it.
    pub event: EventPattern,
    /// How often it must happen.
    pub count: Option<Count>,
    /// How long after the first stage.
    pub within: Option<Duration>,
    /// The line.
    pub span: Span,
}

/// `kpi first_purchase { measure 활성화 / 획득 … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Kpi {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// The lines in written order.
    pub lines: Vec<KpiLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of a KPI.
#[derive(Debug, Clone, PartialEq)]
pub enum KpiLine {
    /// `measure 활성화 / 획득`
    Measure(Measure),
    /// `every week`
    Every(Spanned<TimeUnit>),
    /// `target at least 25% by 2026-12-31`
    Target(KpiTarget),
    /// `alert slack.growth when under 20%`
    Alert(KpiAlert),
    /// A line that could not be read.
    Unknown(Span),
}

/// What a KPI measures.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// `활성화 / 획득`
    Ratio {
        /// The part.
        numerator: Path,
        /// The whole.
        denominator: Path,
    },
    /// The share of people for whom a condition holds.
    Share(Condition),
}

/// `target at least 25% by 2026-12-31`
#[derive(Debug, Clone, PartialEq)]
pub struct KpiTarget {
    /// What is to be reached.
    pub comparison: Comparison,
    /// By when.
    pub by: Option<Date>,
    /// The line.
    pub span: Span,
}

/// `alert slack.growth when under 20%`
#[derive(Debug, Clone, PartialEq)]
pub struct KpiAlert {
    /// Where the alert goes.
    pub to: Path,
    /// When it is raised.
    pub when: Comparison,
    /// The line.
    pub span: Span,
}
