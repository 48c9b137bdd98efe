//! Literals: numbers, money, durations, dates, texts and references, exactly as written.
//! Calendar validity was checked while reading; whether a value fits its place is not known here.

use super::{Path, Span, Text};

/// A value in a comparison, an argument, a record or a default.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of values.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// `50`, `5,000`, `-1.5`
    Number(Decimal),
    /// `10%`
    Percent(Decimal),
    /// `$5,000`, `5만원`, `5,000 USD`
    Money(Money),
    /// `3 days`
    Duration(Duration),
    /// `2026-11-27`
    Date(Date),
    /// `09:30`
    Clock(Clock),
    /// `2026-11-27 09:00 Asia/Seoul`
    Moment(Moment),
    /// `"demo"`
    Text(Text),
    /// `yes`, `no`
    YesNo(bool),
    /// `Asia/Seoul`
    Zone(Zone),
    /// `여성`, `welcome10`, `form_submitted.budget`: an enum value or a name, told apart later.
    Path(Path),
    /// `비염, 소화`: several of a list; only in the records of tests.
    Several(Vec<Value>),
    /// `missing`: no value; only in the records of tests.
    Missing,
}

/// A decimal number without rounding: `1,000.50` is mantissa 100050 and scale 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// All digits as one number, with the sign.
    pub mantissa: i64,
    /// How many of the digits stand after the decimal point.
    pub scale: u32,
    /// Where the digits stand, with sign and separators.
    pub span: Span,
}

impl Decimal {
    /// Returns the number when it has no fraction.
    pub fn whole(self) -> Option<i64> {
        self.at_scale(0)
    }

    /// Returns the number counted in units of `10^-scale`: `12.5` at scale 2 is 1250; nothing when digits would be lost.
    pub fn at_scale(self, scale: u32) -> Option<i64> {
        if scale >= self.scale {
            self.mantissa
                .checked_mul(10_i64.checked_pow(scale - self.scale)?)
        } else {
            let divisor = 10_i64.checked_pow(self.scale - scale)?;
            (self.mantissa % divisor == 0).then_some(self.mantissa / divisor)
        }
    }
}

/// An amount with the way its currency was written: `$5,000`, `5만원`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The number as written; for `5만원` the number 5.
    pub amount: Decimal,
    /// Which currency, and in which unit.
    pub currency: Currency,
    /// Where it stands, with the currency.
    pub span: Span,
}

/// How the currency of an amount was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Currency {
    /// `$`, `₩`, `€`, `£`, `¥`; what `$` and `¥` mean, the project says.
    Symbol(char),
    /// `USD`
    Code(String),
    /// `원`, `천원`, `만원`, `억원`: Korean won, times 1, 1,000, 10,000 or 100,000,000.
    Won(u32),
}

/// A span of time: `3 days`, `30 calendar days`, `24 hours`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// How many units.
    pub count: u32,
    /// `calendar` or `business`, when written.
    pub day_kind: Option<DayKind>,
    /// The unit.
    pub unit: TimeUnit,
    /// From the number to the unit.
    pub span: Span,
}

/// The word before `days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// `30 calendar days`: whole days of the calendar.
    Calendar,
    /// `3 business days`: open days.
    Business,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// `second`
    Second,
    /// `minute`
    Minute,
    /// `hour`
    Hour,
    /// `day`
    Day,
    /// `week`
    Week,
    /// `month`
    Month,
    /// `year`
    Year,
}

/// A day that exists in the calendar: `2026-11-27`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to the last day of that month.
    pub day: u8,
    /// Where it stands.
    pub span: Span,
}

/// A time of day on the 24-hour clock: `09:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// Where it stands.
    pub span: Span,
}

/// A date with a clock, perhaps with a zone: `2026-11-27 09:00 Asia/Seoul`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The day.
    pub date: Date,
    /// The time of that day.
    pub clock: Clock,
    /// The zone, when written.
    pub zone: Option<Zone>,
    /// From the date to the last part.
    pub span: Span,
}

/// The name of a time zone, not yet looked up: `Asia/Seoul`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weekday {
    /// `Monday`
    Monday,
    /// `Tuesday`
    Tuesday,
    /// `Wednesday`
    Wednesday,
    /// `Thursday`
    Thursday,
    /// `Friday`
    Friday,
    /// `Saturday`
    Saturday,
    /// `Sunday`
    Sunday,
}
