//! One JSON value, or one cell of a table, into one type: exact where it matters (money, choices), lenient where clients
//! differ (numbers as texts, `yes` and `1`). A cell is read where it stands: only a text that is kept is copied.

use std::borrow::Cow;

use jiff::civil;
use journey_ir::schema::Type;
use journey_ir::{Currency, Date, Decimal, Money, Value};
use serde_json::Value as Json;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::calendar::{Zone, within_range};
use crate::program::Program;

/// The longest text that is kept, in bytes.
const LONGEST_TEXT: usize = 8_192;
/// The longest list that is kept.
const LONGEST_LIST: usize = 256;
/// How many characters of a wrong value are shown.
const SHOWN: usize = 40;

/// A value as it comes in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Raw<'a> {
    /// Of a call. A text among its texts is a [`Raw::Text`].
    Json(&'a Json),
    /// A text.
    Text(&'a str),
    /// An amount of money and the code of its currency, in cells of their own.
    Amount(&'a str, &'a str),
}

impl<'a> From<&'a Json> for Raw<'a> {
    fn from(json: &'a Json) -> Self {
        match json {
            Json::String(text) => Self::Text(text),
            other => Self::Json(other),
        }
    }
}

/// Whether a value stands for no value: `null` or a blank text.
pub(super) fn is_nothing(raw: &Json) -> bool {
    match raw {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// The start of a wrong value, to show it.
pub(super) fn shown<'a>(raw: impl Into<Raw<'a>>) -> String {
    let text = match raw.into() {
        Raw::Json(json) => json.to_string(),
        Raw::Text(text) => Json::from(text).to_string(),
        Raw::Amount(amount, currency) => Json::from(format!("{amount} {currency}")).to_string(),
    };
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The value, or words for what would have fitted.
pub(super) fn value<'a>(
    program: &Program,
    kind: &Type,
    raw: impl Into<Raw<'a>>,
) -> Result<Value, String> {
    let raw = raw.into();
    let kept = |text: Cow<'_, str>| Value::Text(text.into_owned());
    let fits = match kind {
        Type::Text => text(raw).map(kept),
        Type::Number => decimal(raw).map(Value::Number),
        Type::WholeNumber => decimal(raw)
            .filter(|Decimal(millionths)| millionths % Decimal::ONE == 0)
            .map(Value::Number),
        Type::Money(currency) => {
            money(raw, *currency, program.ir().project.currency).map(Value::Money)
        }
        Type::Date => text(raw).and_then(|text| date(&text)).map(Value::Date),
        Type::Moment => moment(program, raw).map(Value::Moment),
        Type::YesNo => yes_or_no(raw).map(Value::YesNo),
        Type::EmailAddress => text(raw).filter(|it| is_email(it)).map(kept),
        Type::PhoneNumber => text(raw).filter(|it| is_phone(it)).map(kept),
        Type::Timezone => {
            text(raw).and_then(|name| Some(Value::Text(Zone::named(&name)?.name().to_string())))
        }
        Type::Link => text(raw).filter(|it| is_link(it)).map(kept),
        Type::OneOf(choices) | Type::Scale(choices) => text(raw)
            .filter(|it| choices.iter().any(|choice| choice == it))
            .map(kept),
        Type::ListOf(of) => return list(program, of, raw),
        // A list of objects is taken in object by object: see `items`.
        Type::Items(_) | Type::YearsSince(_) | Type::Duration | Type::Offer => None,
    };
    fits.ok_or_else(|| wanted(kind, program.ir().project.currency))
}

fn wanted(kind: &Type, currency: Option<Currency>) -> String {
    match kind {
        Type::Text => format!("a text of at most {LONGEST_TEXT} bytes"),
        Type::Number => "a number with at most six decimal places".into(),
        Type::WholeNumber => "a whole number".into(),
        Type::Money(of) => match of.or(currency) {
            Some(of) => format!(
                "an amount in {} with at most {} decimal places",
                of.code(),
                of.places()
            ),
            None => "an amount with its currency, such as \"12.50 USD\"".into(),
        },
        Type::Date => "a date such as 2026-11-27".into(),
        Type::Moment => "a time such as 2026-11-27T09:00:00+09:00".into(),
        Type::YesNo => "yes or no".into(),
        Type::EmailAddress => "an e-mail address".into(),
        Type::PhoneNumber => "a phone number".into(),
        Type::Timezone => "a time zone such as Asia/Seoul".into(),
        Type::Link => "an http or https address".into(),
        Type::OneOf(choices) | Type::Scale(choices) => format!("one of {}", choices.join(", ")),
        Type::ListOf(of) => format!("a list, each {}", wanted(of, currency)),
        Type::Items(_) => "a list of objects".into(),
        Type::YearsSince(_) | Type::Duration | Type::Offer => "left out".into(),
    }
}

/// A text in NFC without blanks around it; numbers are texts to clients that quote nothing.
fn text(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    let text = match raw {
        Raw::Text(text) => match text.trim() {
            composed if is_nfc(composed) => Cow::Borrowed(composed),
            other => Cow::Owned(other.nfc().collect()),
        },
        Raw::Json(Json::Number(number)) => Cow::Owned(number.to_string()),
        Raw::Json(_) | Raw::Amount(..) => return None,
    };
    (text.len() <= LONGEST_TEXT).then_some(text)
}

fn decimal(raw: Raw<'_>) -> Option<Decimal> {
    match raw {
        Raw::Json(Json::Number(number)) => number
            .as_i64()
            .and_then(Decimal::whole)
            .or_else(|| Decimal::parse(&plain(number.as_f64()?))),
        Raw::Text(text) => Decimal::parse(&ungrouped(text)?),
        Raw::Json(_) | Raw::Amount(..) => None,
    }
}

/// A floating-point number as the shortest decimal that means it, without an exponent.
fn plain(number: f64) -> String {
    format!("{number}")
}

/// `1,234,567.5` without its separators, where they stand at thousands.
fn ungrouped(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let mut groups = whole.trim_start_matches('-').split(',');
    let first = groups.next().is_some_and(|it| (1..=3).contains(&it.len()));
    (first && groups.all(|it| it.len() == 3)).then(|| Cow::Owned(text.replace(',', "")))
}

/// An amount in a field's currency; where the field takes any, in the one that is named or else the project's.
fn money(raw: Raw<'_>, field: Option<Currency>, project: Option<Currency>) -> Option<Money> {
    let amount = |amount: &str, named: Option<Currency>| {
        // An amount in another currency than the field's is not converted.
        if named.zip(field).is_some_and(|(a, b)| a != b) {
            return None;
        }
        Money::parse(&ungrouped(amount)?, named.or(field).or(project)?)
    };
    match raw {
        Raw::Json(Json::Number(number)) => {
            let whole = number.as_i64().map(|it| it.to_string());
            let text = whole.or_else(|| number.as_f64().map(plain))?;
            Money::parse(&text, field.or(project)?)
        }
        Raw::Text(text) => match text.trim().split_once(char::is_whitespace) {
            Some((before, code)) => amount(before, Some(Currency::new(code.trim())?)),
            None => amount(text, None),
        },
        Raw::Amount(before, code) => amount(before, Some(Currency::new(code.trim())?)),
        Raw::Json(_) => None,
    }
}

fn date(text: &str) -> Option<Date> {
    let day = text
        .get(..10)
        .filter(|_| text.len() == 10 || text.as_bytes().get(10) == Some(&b'T'))?;
    let date: civil::Date = day.parse().ok()?;
    Some(Date((date - civil::date(1970, 1, 1)).get_days()))
}

/// A time with its offset, or a civil time in the project's zone; a number counts milliseconds since 1970.
fn moment(program: &Program, raw: Raw<'_>) -> Option<i64> {
    let at = match raw {
        Raw::Json(Json::Number(number)) => number.as_i64()?,
        Raw::Text(text) => {
            let text = text.trim();
            if let Ok(at) = text.parse::<jiff::Timestamp>() {
                at.as_millisecond()
            } else {
                let civil: civil::DateTime = text.parse().ok()?;
                let day = (civil.date() - civil::date(1970, 1, 1)).get_days();
                let of_day = civil
                    .time()
                    .duration_since(civil::Time::midnight())
                    .as_millis();
                program.zone().instant(day, i64::try_from(of_day).ok()?)
            }
        }
        Raw::Json(_) | Raw::Amount(..) => return None,
    };
    (within_range(at) == at).then_some(at)
}

fn yes_or_no(raw: Raw<'_>) -> Option<bool> {
    match raw {
        Raw::Json(Json::Bool(yes)) => Some(*yes),
        Raw::Json(Json::Number(number)) => match number.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Raw::Text(text) => match text.trim().to_lowercase().as_str() {
            "yes" | "true" | "1" | "y" | "예" | "네" => Some(true),
            "no" | "false" | "0" | "n" | "아니요" | "아니오" => Some(false),
            _ => None,
        },
        Raw::Json(_) | Raw::Amount(..) => None,
    }
}

fn list(program: &Program, of: &Type, raw: Raw<'_>) -> Result<Value, String> {
    match raw {
        Raw::Json(Json::Array(all)) if all.len() <= LONGEST_LIST => all
            .iter()
            .filter(|it| !is_nothing(it))
            .map(|it| value(program, of, it))
            .collect::<Result<_, _>>()
            .map(Value::List),
        Raw::Json(Json::Array(_)) => Err(format!("a list of at most {LONGEST_LIST}")),
        single => value(program, of, single).map(|it| Value::List(vec![it])),
    }
}

/// Something before the last `@`, a host with a dot behind it, no blanks and no control characters: what a mail server
/// would refuse outright is refused here, the rest is its business.
fn is_email(text: &str) -> bool {
    let strange = |it: char| it.is_whitespace() || it.is_control() || "<>,;()\"".contains(it);
    text.len() <= 254
        && !text.contains(strange)
        && text.rsplit_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !name.contains('@')
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !host.contains("..")
        })
}

/// Seven to fifteen digits, perhaps after `+`, with the usual separators.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(text);
    (7..=15).contains(&digits)
        && rest
            .chars()
            .all(|it| it.is_ascii_digit() || " -.()".contains(it))
}

fn is_link(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && !text.contains(|it: char| it.is_whitespace() || it.is_control())
}
