//! Values in words, Korean and English: what a reader of a message sees.

use jiff::civil;
use journey_ir::{Date, Money, Unit, Value};

use crate::calendar::Zone;

/// The language that values are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Korean,
    English,
}

impl Language {
    /// The language of a code.
    pub(crate) fn of(code: &str) -> Self {
        if code == "ko" {
            Self::Korean
        } else {
            Self::English
        }
    }
}

/// The code of a language from a word for it: `ko`, `한국어`, `en-US`, `영어`. Other words stand for themselves.
pub(crate) fn language_code(word: &str) -> &str {
    match word {
        "한국어" | "Korean" => "ko",
        "영어" | "English" => "en",
        other => other.split(['-', '_']).next().unwrap_or(other),
    }
}

/// A value as it stands without any filter.
pub(crate) fn plain(value: &Value, language: Language, zone: &Zone) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Money(amount) => money(*amount, language),
        Value::Date(Date(day)) => date(*day, language),
        Value::Moment(at) => {
            let (day, of_day) = zone.local(*at);
            let minutes = of_day / journey_ir::time::MINUTE;
            format!(
                "{} {:02}:{:02}",
                date(day, language),
                minutes / 60,
                minutes % 60
            )
        }
        Value::YesNo(yes) => match (yes, language) {
            (true, Language::Korean) => "예",
            (false, Language::Korean) => "아니요",
            (true, Language::English) => "yes",
            (false, Language::English) => "no",
        }
        .to_owned(),
        Value::Span(span) => match language {
            Language::English => span.to_string(),
            Language::Korean => {
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
                format!("{}{unit}", span.n)
            }
        },
        Value::List(of) => {
            let words: Vec<_> = of.iter().map(|it| plain(it, language, zone)).collect();
            words.join(", ")
        }
        // No message can name a list of objects; a report shows how many there are.
        Value::Items(of) => of.len().to_string(),
    }
}

/// A day: 2026년 3월 5일, 5 March 2026.
pub(crate) fn date(day: i32, language: Language) -> String {
    let days = jiff::Span::new().try_days(i64::from(day));
    let date = days.and_then(|days| civil::date(1970, 1, 1).checked_add(days));
    let Ok(date) = date else {
        return String::new();
    };
    match language {
        Language::Korean => format!("{}년 {}월 {}일", date.year(), date.month(), date.day()),
        Language::English => date.strftime("%-d %B %Y").to_string(),
    }
}

/// An amount: 50,000원, ₩50,000.
pub(crate) fn money(amount: Money, language: Language) -> String {
    let text = amount.to_string();
    if language == Language::Korean && amount.currency.code() == "KRW" {
        return format!("{}원", text.replace('₩', ""));
    }
    text
}
