//! What people write back, read as the type that was asked for: a choice by its word or its number, amounts the way they
//! are spoken, yes and no in both languages. What cannot be read for certain is unclear.

use journey_ir::schema::Type;
use journey_ir::{Currency, Decimal, Money, Value};
use unicode_normalization::UnicodeNormalization;

use super::coerce;
use crate::program::Program;

const YES: [&str; 9] = ["yes", "y", "ok", "네", "넵", "예", "응", "ㅇㅇ", "좋아요"];
const NO: [&str; 8] = [
    "no",
    "n",
    "nope",
    "아니요",
    "아니오",
    "아뇨",
    "아니",
    "ㄴㄴ",
];
/// The units that amounts are spoken in, the largest first, and how much one is.
const SPOKEN: [(char, i64); 4] = [
    ('억', 100_000_000),
    ('만', 10_000),
    ('천', 1_000),
    ('백', 100),
];

/// The value that a reply gives for an attribute of a type; `None` where it is unclear.
pub(crate) fn read(program: &Program, kind: &Type, reply: &str) -> Option<Value> {
    let text: String = reply.nfc().collect();
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!' | '~' | '"'));
    if text.is_empty() {
        return None;
    }
    let admitted = |text: &str| coerce::value(program, kind, coerce::Raw::Text(text)).ok();
    match kind {
        Type::OneOf(choices) => choice(choices, text).map(Value::Text),
        Type::YesNo => yes_or_no(text).map(Value::YesNo),
        Type::Money(currency) => admitted(text).or_else(|| {
            let project = program.ir().project.currency;
            spoken(text, currency.or(project)?).map(Value::Money)
        }),
        Type::Date => {
            admitted(text).or_else(|| admitted(&text.replace(['.', '/'], "-").replace(' ', "")))
        }
        _ => admitted(text),
    }
}

/// A choice by its word, or by its number in the list: `2`, `2번`.
fn choice(choices: &[String], text: &str) -> Option<String> {
    let same = |choice: &&String| choice.to_lowercase() == text.to_lowercase();
    if let Some(choice) = choices.iter().find(same) {
        return Some(choice.clone());
    }
    let number = text
        .strip_suffix('번')
        .unwrap_or(text)
        .trim_end_matches(')');
    let place: usize = number.trim().parse().ok()?;
    choices.get(place.checked_sub(1)?).cloned()
}

fn yes_or_no(text: &str) -> Option<bool> {
    let text = text.to_lowercase();
    match (YES.contains(&&*text), NO.contains(&&*text)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// `5만원`, `1억 5천만`, `30,000원`.
fn spoken(text: &str, currency: Currency) -> Option<Money> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect();
    let plain = plain.strip_suffix('원').unwrap_or(&plain);
    if plain.is_empty() {
        return None;
    }
    let (mut sum, mut rest) = (0_i64, plain);
    for (unit, size) in [SPOKEN.first(), SPOKEN.get(1)].into_iter().flatten() {
        if let Some((front, back)) = rest.split_once(*unit) {
            sum = sum.checked_add(under_ten_thousand(front)?.checked_mul(*size)?)?;
            rest = back;
        }
    }
    if !rest.is_empty() {
        sum = sum.checked_add(under_ten_thousand(rest)?)?;
    }
    let won = Decimal::whole(sum)?;
    Money::parse(&won.to_string(), currency)
}

/// `5천`, `2천5백`, `300`; a unit without a number is one of it.
fn under_ten_thousand(text: &str) -> Option<i64> {
    let (mut sum, mut rest) = (0_i64, text);
    if rest.is_empty() {
        return Some(1);
    }
    for (unit, size) in [SPOKEN.get(2), SPOKEN.get(3)].into_iter().flatten() {
        if let Some((front, back)) = rest.split_once(*unit) {
            let times = if front.is_empty() {
                1
            } else {
                front.parse().ok()?
            };
            sum = size.checked_mul(times)?.checked_add(sum)?;
            rest = back;
        }
    }
    if !rest.is_empty() {
        sum = rest.parse::<i64>().ok()?.checked_add(sum)?;
    }
    (sum >= 0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_given_by_its_word_or_its_number() {
        let choices = ["홍삼".to_owned(), "Vitamin".to_owned()];
        for (text, wanted) in [
            ("홍삼", "홍삼"),
            ("vitamin", "Vitamin"),
            ("2", "Vitamin"),
            ("1번", "홍삼"),
        ] {
            assert_eq!(choice(&choices, text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["0", "3", "홍삼이나 비타민", "-1", "99999999999999999999"] {
            assert_eq!(choice(&choices, text), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_read_as_they_are_spoken() {
        let krw = Currency::new("KRW").unwrap();
        let minor = |text| spoken(text, krw).map(|it| it.minor);
        assert_eq!(minor("5만원"), Some(50_000));
        assert_eq!(minor("1억 5천만 원"), Some(150_000_000));
        assert_eq!(minor("30,000원"), Some(30_000));
        assert_eq!(minor("2만5천원"), Some(25_000));
        assert_eq!(minor("천원"), Some(1_000));
        for text in ["많이", "만만원", "5만-3", "원", "9999999999999999억"] {
            assert_eq!(minor(text), None, "{text}");
        }
    }

    #[test]
    fn yes_and_no_are_read_in_both_languages() {
        assert_eq!(yes_or_no("네"), Some(true));
        assert_eq!(yes_or_no("No"), Some(false));
        assert_eq!(yes_or_no("글쎄요"), None);
    }
}
