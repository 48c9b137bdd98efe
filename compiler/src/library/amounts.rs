//! Amounts of a ready journey in the currency of the project that it goes to.
//!
//! The library is written in Korean won. Amounts are never converted in a project, because a rate of today is wrong
//! tomorrow; here they are placeholders that a marketer replaces, and a round one in her own currency is better than one
//! that does not compile.

use std::fmt::Write as _;

/// Won to one unit of a currency without minor units, and of any other.
const RATE_OF_WHOLE: u64 = 10;
const RATE: u64 = 1_000;

/// Currencies that are not divided and about as large as the yen.
const WHOLE: [&str; 2] = ["JPY", "TWD"];

/// What stands after an amount in won, and how many won one of it is.
const UNITS: [(&str, u64); 6] = [
    ("억원", 100_000_000),
    ("만원", 10_000),
    ("천원", 1_000),
    ("원", 1),
    (" won", 1),
    (" KRW", 1),
];

/// A text with its amounts in won in another currency, also in its titles and messages.
pub(super) fn in_currency(text: &str, currency: &str, dollar: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|it: char| it.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from.find(|it: char| !(it.is_ascii_digit() || it == ',' || it == '.'));
        let (digits, after) = from.split_at(end.unwrap_or(from.len()));
        // A number inside of a name is none.
        let joined = before.ends_with(|it: char| it.is_alphanumeric() || it == '_');
        let unit = UNITS.iter().find(|(unit, _)| after.starts_with(unit));
        let won = unit.filter(|_| !joined).and_then(|(unit, each)| {
            let count: u64 = digits.replace(',', "").parse().ok()?;
            Some((after.strip_prefix(unit)?, count.checked_mul(*each)?))
        });
        if let Some((after, won)) = won {
            out.push_str(&amount(won, currency, dollar));
            rest = after;
        } else {
            out.push_str(digits);
            rest = after;
        }
    }
    out.push_str(rest);
    out.replace("money in KRW", &format!("money in {currency}"))
}

fn amount(won: u64, currency: &str, dollar: bool) -> String {
    let (whole, cents) = if WHOLE.contains(&currency) {
        (won / RATE_OF_WHOLE, 0)
    } else {
        (won / RATE, won % RATE / 10)
    };
    let mut digits = whole.to_string();
    let mut at = digits.len();
    while at > 3 {
        at -= 3;
        digits.insert(at, ',');
    }
    if cents > 0 {
        let _ = write!(digits, ".{cents:02}");
    }
    if dollar {
        format!("${digits}")
    } else {
        format!("{digits} {currency}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn won_become_round_amounts_of_another_currency() {
        let dollars = |text| in_currency(text, "USD", true);
        assert_eq!(dollars("at least 3만원 {"), "at least $30 {");
        assert_eq!(dollars("5,000원 off"), "$5 off");
        assert_eq!(dollars("total: 29,900원 }"), "total: $29.90 }");
        assert_eq!(dollars("12억원"), "$1,200,000");
        assert_eq!(dollars("total: money in KRW"), "total: money in USD");
        assert_eq!(in_currency("3만원", "EUR", false), "30 EUR");
        assert_eq!(in_currency("3만원", "JPY", false), "3,000 JPY");
    }

    #[test]
    fn what_is_no_amount_stays() {
        for text in [
            "wait 3 days",
            "cart5",
            "2026-03-02 14:00",
            "c5원",
            "1.5.2",
            "$5,000",
        ] {
            assert_eq!(in_currency(text, "USD", true), text);
        }
    }
}
