//! Words of the ready journeys that stand for what only the sender knows: phone numbers, addresses, links.
//!
//! Comes in: a text. Goes out: where such words stand in it. A message that says `무료수신거부 080-000-0000` looks complete
//! and cannot be refused.

use std::ops::Range;

/// The last digits of the numbers that nobody has.
const NO_NUMBER: &str = "000-0000";
/// What the streets and districts of the ready journeys are called.
const NO_PLACES: [&str; 4] = ["예제로", "가상구", "Yeje-ro", "Gasang-gu"];
/// A label of domains that belong to nobody.
const NO_DOMAIN: &str = "example";

/// The places of such words, in order.
pub(crate) fn found(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut from = 0;
    for word in text.split(|c: char| c.is_whitespace() || "()[]<>\"'`,".contains(c)) {
        let start = from;
        // Every separator is one character.
        let after = text.get(start + word.len()..).unwrap_or_default();
        from = start + word.len() + after.chars().next().map_or(0, char::len_utf8);
        if is_number(word) || is_address(word) || NO_PLACES.iter().any(|it| word.contains(it)) {
            all.push(start..start + word.len());
        }
    }
    all
}

/// `080-000-0000`, `+82-2-000-0000`
fn is_number(word: &str) -> bool {
    let digits = word.trim_matches(|c: char| !c.is_ascii_digit());
    digits.strip_suffix(NO_NUMBER).is_some_and(|before| {
        before.ends_with('-') && before.bytes().all(|it| it == b'-' || it.is_ascii_digit())
    })
}

/// `cs@example.kr`, `https://shop.example.com/first`, `team@mail.example`
pub(crate) fn is_address(word: &str) -> bool {
    let domain = word.rsplit_once("://").map_or(word, |(_, rest)| rest);
    let domain = domain
        .split(['/', '?', '#', ':'])
        .next()
        .unwrap_or_default();
    let domain = domain.rsplit_once('@').map_or(domain, |(_, domain)| domain);
    let labels: Vec<&str> = domain.trim_end_matches('.').split('.').collect();
    match labels.as_slice() {
        [.., before, last] => *before == NO_DOMAIN || *last == NO_DOMAIN,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_only_stand_for_something_are_found() {
        let text = "[첫 주문](https://shop.example.kr/first) 가게 · 서울시 가상구 예제로 8 · cs@example.kr · 02-000-0000\n무료수신거부 080-000-0000, +82-2-000-0000.";
        let words: Vec<&str> = found(text)
            .into_iter()
            .filter_map(|it| text.get(it))
            .collect();
        assert_eq!(
            words,
            [
                "https://shop.example.kr/first",
                "가상구",
                "예제로",
                "cs@example.kr",
                "02-000-0000",
                "080-000-0000",
                "+82-2-000-0000."
            ]
        );
    }

    #[test]
    fn words_of_somebody_are_left_alone() {
        for text in [
            "무료수신거부 080-123-4567",
            "1,000-0000 원",
            "an example. And more",
            "https://examples.kr/example.html",
            "hello@counterexample.kr",
            "1000-0000",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
