//! Values in words: `3만원`, `2주`, `2026년 9월 1일`, `매월 첫 번째 화요일 오전 10시`.

use journey_ir as ir;
use journey_ir::journey::Side;
use journey_ir::time::{DAY, HOUR, MINUTE, MonthDay, SECOND, Schedule};
use journey_ir::{Clock, Date, Instant, Money, Span, Unit, Value, Weekday};

use super::{Teller, say};

impl Teller<'_> {
    /// A value.
    pub(crate) fn value(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Money(money) => self.money(*money),
            Value::Date(date) => self.date(*date),
            Value::Moment(at) => self.moment(*at),
            Value::YesNo(true) => self.word("yes", "예").to_owned(),
            Value::YesNo(false) => self.word("no", "아니요").to_owned(),
            Value::Span(span) => self.span(*span),
            Value::List(values) => {
                let values: Vec<String> = values.iter().map(|it| self.value(it)).collect();
                values.join(", ")
            }
            Value::Items(objects) => {
                let count = objects.len();
                say!(self, "{count} objects", "{count}개 항목")
            }
        }
    }

    /// An amount: won in 만 and 억 in Korean.
    pub(crate) fn money(&self, money: Money) -> String {
        if !self.is_korean() || money.currency.code() != "KRW" {
            return money.to_string();
        }
        let sign = if money.minor < 0 { "-" } else { "" };
        let size = money.minor.unsigned_abs();
        let (eok, man, rest) = (size / 100_000_000, size / 10_000 % 10_000, size % 10_000);
        if rest != 0 || size == 0 {
            return format!("{sign}{}원", grouped(size));
        }
        let eok = (eok > 0).then(|| format!("{}억", grouped(eok)));
        let man = (man > 0).then(|| format!("{}만", grouped(man)));
        let parts: Vec<String> = eok.into_iter().chain(man).collect();
        format!("{sign}{}원", parts.join(" "))
    }

    /// A length of time as it was written.
    pub(crate) fn span(&self, span: Span) -> String {
        if !self.is_korean() {
            return span.to_string();
        }
        let unit = match span.unit {
            Unit::Second => "초",
            Unit::Minute => "분",
            Unit::Hour => "시간",
            Unit::Day => "일",
            Unit::BusinessDay => "영업일",
            Unit::Week => "주",
            Unit::Month => "개월",
            Unit::Year => "년",
        };
        format!("{}{unit}", grouped(u64::from(span.n)))
    }

    /// Milliseconds in the largest unit that fits evenly.
    pub(crate) fn milliseconds(&self, length: i64) -> String {
        let units = [(DAY, Unit::Day), (HOUR, Unit::Hour), (MINUTE, Unit::Minute)];
        let unit = units.into_iter().find(|(size, _)| length % size == 0);
        let (size, unit) = unit.unwrap_or((SECOND, Unit::Second));
        let n = u32::try_from(length / size).unwrap_or(u32::MAX);
        self.span(Span::new(n, unit))
    }

    /// A calendar day.
    pub(crate) fn date(&self, date: Date) -> String {
        let epoch = jiff::civil::Date::constant(1970, 1, 1);
        let day = epoch.checked_add(jiff::Span::new().days(date.0));
        day.map_or_else(|_| String::new(), |day| self.civil(day))
    }

    fn civil(&self, day: jiff::civil::Date) -> String {
        let (year, month, date) = (day.year(), day.month(), day.day());
        say!(
            self,
            "{year:04}-{month:02}-{date:02}",
            "{year}년 {month}월 {date}일"
        )
    }

    /// An instant in the project's zone.
    pub(crate) fn moment(&self, at: Instant) -> String {
        let zone = jiff::tz::TimeZone::get(&self.program.project.timezone)
            .unwrap_or(jiff::tz::TimeZone::UTC);
        let Ok(at) = jiff::Timestamp::from_millisecond(at) else {
            return String::new();
        };
        let local = at.to_zoned(zone);
        let (day, time) = (self.civil(local.date()), local.time());
        format!("{day} {:02}:{:02}", time.hour(), time.minute())
    }

    /// The day of an instant in the project's zone.
    pub(crate) fn day_of(&self, at: Instant) -> String {
        let zone = jiff::tz::TimeZone::get(&self.program.project.timezone)
            .unwrap_or(jiff::tz::TimeZone::UTC);
        jiff::Timestamp::from_millisecond(at)
            .map_or_else(|_| String::new(), |at| self.civil(at.to_zoned(zone).date()))
    }

    /// A day of the week.
    pub(crate) fn weekday(&self, day: Weekday) -> &'static str {
        let (en, ko) = match day {
            Weekday::Monday => ("Monday", "월요일"),
            Weekday::Tuesday => ("Tuesday", "화요일"),
            Weekday::Wednesday => ("Wednesday", "수요일"),
            Weekday::Thursday => ("Thursday", "목요일"),
            Weekday::Friday => ("Friday", "금요일"),
            Weekday::Saturday => ("Saturday", "토요일"),
            Weekday::Sunday => ("Sunday", "일요일"),
        };
        if self.is_korean() { ko } else { en }
    }

    /// Several days of the week.
    pub(crate) fn weekdays(&self, days: &[Weekday]) -> String {
        let days: Vec<&str> = days.iter().map(|it| self.weekday(*it)).collect();
        self.list(&days, true)
    }

    /// Words in a row: `a, b and c`, `a, b, c`.
    pub(crate) fn list(&self, words: &[impl AsRef<str>], all: bool) -> String {
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let Some((last, before)) = words.split_last() else {
            return String::new();
        };
        if before.is_empty() {
            return (*last).to_owned();
        }
        let before = before.join(", ");
        let link = if all { "and" } else { "or" };
        match (self.is_korean(), all) {
            (false, _) => format!("{before} {link} {last}"),
            (true, true) => format!("{before}, {last}"),
            (true, false) => format!("{before} 또는 {last}"),
        }
    }

    /// When something happens by the calendar.
    pub(crate) fn schedule(&self, schedule: &Schedule) -> String {
        match schedule {
            Schedule::Monthly { on, at } => {
                let day = self.month_day(*on);
                say!(self, "every month on {day} at {at}", "매월 {day} {at}")
            }
            Schedule::Weekly { on, at } => {
                let days = self.weekdays(on);
                say!(self, "every week on {days} at {at}", "매주 {days} {at}")
            }
            Schedule::Daily { at } => say!(self, "every day at {at}", "매일 {at}"),
            Schedule::Once { on, at } => {
                let day = self.date(*on);
                say!(self, "once, on {day} at {at}", "{day} {at}에 한 번")
            }
            Schedule::Attribute {
                attribute,
                offset,
                yearly,
                at,
            } => {
                let date = self.program.attribute(*attribute);
                let date = date.map_or("", |it| it.name.as_str());
                let day = match offset {
                    None => say!(self, "on {date}", "{date} 당일"),
                    Some((span, side)) => {
                        let span = self.span(*span);
                        match side {
                            Side::Before => say!(self, "{span} before {date}", "{date} {span} 전"),
                            Side::After => say!(self, "{span} after {date}", "{date} {span} 뒤"),
                        }
                    }
                };
                if *yearly {
                    return say!(self, "every year {day} at {at}", "매년 {day} {at}");
                }
                say!(self, "{day} at {at}", "{day} {at}")
            }
            Schedule::Cron(cron) => say!(
                self,
                "by the calendar “{cron}” (cron)",
                "cron 일정 “{cron}”"
            ),
        }
    }

    fn month_day(&self, day: MonthDay) -> String {
        match day {
            MonthDay::Day(day) => say!(self, "day {day}", "{day}일"),
            MonthDay::Last => self.word("the last day", "마지막 날").to_owned(),
            MonthDay::Nth {
                n,
                from_end,
                weekday,
            } => {
                let weekday = self.weekday(weekday);
                let (en, ko) = match (n, from_end) {
                    (_, true) => ("last", "마지막"),
                    (1, _) => ("first", "첫째"),
                    (2, _) => ("second", "둘째"),
                    (3, _) => ("third", "셋째"),
                    _ => ("fourth", "넷째"),
                };
                say!(self, "the {en} {weekday}", "{ko} {weekday}")
            }
        }
    }

    /// From one clock time to another.
    pub(crate) fn clocks(&self, from: Clock, to: Clock) -> String {
        say!(self, "between {from} and {to}", "{from}~{to} 사이")
    }

    /// A type.
    pub(crate) fn kind(&self, kind: &ir::Type) -> String {
        if !self.is_korean() {
            return crate::written::type_words(kind);
        }
        let word = match kind {
            ir::Type::Text => "글자",
            ir::Type::Number => "숫자",
            ir::Type::WholeNumber => "정수",
            ir::Type::Money(None) => "금액",
            ir::Type::Money(Some(currency)) => return format!("금액({})", currency.code()),
            ir::Type::Date => "날짜",
            ir::Type::Moment => "시각",
            ir::Type::YesNo => "예/아니요",
            ir::Type::EmailAddress => "이메일 주소",
            ir::Type::PhoneNumber => "전화번호",
            ir::Type::Timezone => "시간대",
            ir::Type::Link => "링크",
            ir::Type::OneOf(values) => return format!("{} 중 하나", values.join(", ")),
            ir::Type::Scale(values) => {
                return format!("{} 중 하나, 낮은 것부터", values.join(", "));
            }
            ir::Type::Items(items) => return format!("목록: {}", items.element),
            ir::Type::ListOf(inner) => return format!("목록: {}", self.kind(inner)),
            ir::Type::YearsSince(from) => {
                let from = self.program.attribute(*from);
                let from = from.map_or("", |it| it.name.as_str());
                return format!("{from}부터 지난 햇수");
            }
            ir::Type::Duration => "기간",
            ir::Type::Offer => "쿠폰",
        };
        word.to_owned()
    }
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Hundredths of a percent: `33.5%`.
pub(crate) fn percent(share: u32) -> String {
    let (whole, rest) = (share / 100, share % 100);
    match (rest / 10, rest % 10) {
        (0, 0) => format!("{whole}%"),
        (tenths, 0) => format!("{whole}.{tenths}%"),
        _ => format!("{whole}.{rest:02}%"),
    }
}
