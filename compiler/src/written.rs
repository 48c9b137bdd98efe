//! Small things written inside settings: types, lengths of time, opening hours, days, addresses.
//!
//! Comes in: the text of one setting. Goes out: the value, or nothing when it is not one.

use journey_ir::time::{DAY, HOUR, MINUTE, SECOND};
use journey_ir::{Clock, Currency, Date, Type};
use unicode_normalization::UnicodeNormalization;

/// `money in USD, optional` in the words of the language's types.
pub(crate) fn typed(text: &str) -> Option<(Type, bool)> {
    let mut parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let optional = parts.len() > 1 && parts.last() == Some(&"optional");
    if optional {
        parts.pop();
    }
    let (first, rest) = parts.split_first()?;
    let words: Vec<&str> = first.split_whitespace().collect();
    Some((kind(&words, rest)?, optional))
}

/// A type in the words of the language: the reverse of [`typed`].
pub(crate) fn type_words(kind: &Type) -> String {
    match kind {
        Type::Text => "text".to_owned(),
        Type::Number => "number".to_owned(),
        Type::WholeNumber | Type::YearsSince(_) => "whole number".to_owned(),
        Type::Money(None) => "money".to_owned(),
        Type::Money(Some(currency)) => format!("money in {}", currency.code()),
        Type::Date => "date".to_owned(),
        Type::Moment => "moment".to_owned(),
        Type::YesNo => "yes or no".to_owned(),
        Type::EmailAddress => "email address".to_owned(),
        Type::PhoneNumber => "phone number".to_owned(),
        Type::Timezone => "timezone".to_owned(),
        Type::Link => "link".to_owned(),
        Type::OneOf(values) | Type::Scale(values) => format!("one of {}", values.join(", ")),
        Type::ListOf(inner) => format!("list of {}", type_words(inner)),
        // Only events have objects, and their types are not written in settings.
        Type::Items(items) => format!("list of {}", items.element),
        Type::Duration => "duration".to_owned(),
        Type::Offer => "offer".to_owned(),
    }
}

fn kind(words: &[&str], rest: &[&str]) -> Option<Type> {
    if let Some(("list", inner)) = words.split_first().map(|(word, inner)| (*word, inner)) {
        let (of, inner) = inner.split_first()?;
        return (*of == "of").then_some(Type::ListOf(Box::new(kind(inner, rest)?)));
    }
    if let ["one", "of", value] = words {
        let all = std::iter::once(value).chain(rest);
        let values: Vec<String> = all.map(|value| value.nfc().collect()).collect();
        return values
            .iter()
            .all(|value| is_name(value))
            .then_some(Type::OneOf(values));
    }
    if !rest.is_empty() {
        return None;
    }
    Some(match words {
        ["text"] => Type::Text,
        ["number"] => Type::Number,
        ["whole", "number"] => Type::WholeNumber,
        ["money"] => Type::Money(None),
        ["money", "in", currency] => Type::Money(Some(Currency::new(currency)?)),
        ["date"] => Type::Date,
        ["moment"] => Type::Moment,
        ["yes", "or", "no"] => Type::YesNo,
        ["email", "address"] => Type::EmailAddress,
        ["phone", "number"] => Type::PhoneNumber,
        ["timezone"] => Type::Timezone,
        ["link"] => Type::Link,
        ["duration"] => Type::Duration,
        ["offer"] => Type::Offer,
        _ => return None,
    })
}

/// Whether a text could be a name in a `.journey` file.
pub(crate) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// `3 days` in milliseconds. Months and years have no fixed length and are refused.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    let (number, unit) = text.trim().split_once(char::is_whitespace)?;
    let number: u32 = number.parse().ok()?;
    let unit = match unit.trim() {
        "second" | "seconds" => SECOND,
        "minute" | "minutes" => MINUTE,
        "hour" | "hours" => HOUR,
        "day" | "days" => DAY,
        "week" | "weeks" => 7 * DAY,
        _ => return None,
    };
    i64::from(number).checked_mul(unit)
}

/// `09:00-18:00`, the end after the start.
pub(crate) fn clocks(text: &str) -> Option<(Clock, Clock)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (clock(from.trim())?, clock(to.trim())?);
    (from < to).then_some((from, to))
}

fn clock(text: &str) -> Option<Clock> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then(|| Clock(hour * 60 + minute))
}

/// `2026-01-01`.
pub(crate) fn date(text: &str) -> Option<Date> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let days = date
        .since(jiff::civil::Date::constant(1970, 1, 1))
        .ok()?
        .get_days();
    Some(Date(days))
}

/// Whether a text is the name of a time zone in the built-in database.
pub(crate) fn is_zone(text: &str) -> bool {
    jiff::tz::TimeZone::get(text).is_ok()
}

/// The time zone whose name is nearest.
pub(crate) fn zone_near(text: &str) -> Option<String> {
    let names: Vec<String> = jiff::tz::db()
        .available()
        .map(|zone| zone.as_str().to_owned())
        .collect();
    crate::near::nearest(text, names.iter().map(String::as_str)).map(str::to_owned)
}

/// Whether a text is one e-mail address and nothing else.
pub(crate) fn is_email_address(text: &str) -> bool {
    let Some((user, host)) = text.split_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>@,;\"".contains(c);
    !user.is_empty() && !host.is_empty() && user.chars().all(plain) && host.chars().all(plain)
}

/// Whether a text is `Name <address>` or an address, on one line.
pub(crate) fn is_sender(text: &str) -> bool {
    if text.chars().any(char::is_control) {
        return false;
    }
    match text.trim().strip_suffix('>') {
        None => is_email_address(text.trim()),
        Some(inner) => inner
            .split_once('<')
            .is_some_and(|(_, address)| is_email_address(address)),
    }
}

/// Whether a text is an http or https address without spaces; `${NAME}` may stand for its beginning.
pub(crate) fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let fits = |rest: &str| !rest.is_empty() && !rest.chars().any(char::is_control);
    match rest {
        Some(rest) => fits(rest),
        None => text.starts_with("${") && fits(text),
    }
}

/// A name as it is written in TOML: in quotes where it is not plain letters.
pub(crate) fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_korean_name_stands_in_quotes_in_toml() {
        assert_eq!(
            (key("sales"), key("영업")),
            ("sales".into(), "\"영업\"".into())
        );
    }

    #[test]
    fn types_are_read_in_the_words_of_the_language() {
        assert_eq!(
            typed("money in USD, optional"),
            Some((Type::Money(Currency::new("USD")), true))
        );
        assert_eq!(
            typed("one of 여성, 남성, optional"),
            Some((Type::OneOf(vec!["여성".into(), "남성".into()]), true))
        );
        assert_eq!(
            typed("list of text"),
            Some((Type::ListOf(Box::new(Type::Text)), false))
        );
        for wrong in [
            "",
            "txt",
            "money in usd",
            "text, private",
            "one of",
            "list",
            "optional",
        ] {
            assert_eq!(typed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_read_and_nonsense_is_not() {
        assert_eq!(milliseconds("3 days"), Some(3 * DAY));
        for wrong in ["3", "3 hrs", "-1 days", "1 month", "three days"] {
            assert_eq!(milliseconds(wrong), None, "{wrong}");
        }
        assert_eq!(clocks("09:00-18:30"), Some((Clock(540), Clock(1110))));
        for wrong in ["18:00-09:00", "9-18", "09:60-10:00", "09:00", "09:00-24:00"] {
            assert_eq!(clocks(wrong), None, "{wrong}");
        }
        assert_eq!(date("1970-01-02"), Some(Date(1)));
        assert_eq!(date("2026-02-30"), None);
    }

    #[test]
    fn a_sender_cannot_smuggle_a_second_header() {
        assert!(is_sender("팔도한상 <hello@mail.example.kr>"));
        assert!(is_sender("hello@mail.example.kr"));
        for wrong in ["hello", "a@b\nBcc: x@y", "<a@b", "A <a b@c>", "A <a@b> B"] {
            assert!(!is_sender(wrong), "{wrong}");
        }
    }
}
