//! Values: what attributes, event fields and literals hold.

use std::fmt;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::{Date, Instant, Span};

/// A decimal number with six places, as whole millionths, so that comparisons are exact and the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decimal(pub i64);

impl Decimal {
    /// Millionths in one.
    pub const ONE: i64 = 1_000_000;

    /// The whole number `n`, or `None` where it does not fit.
    #[must_use]
    pub fn whole(n: i64) -> Option<Self> {
        n.checked_mul(Self::ONE).map(Self)
    }

    /// Reads `-12.5`; `None` for anything else, for more than six places, and for numbers that do not fit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty()
            || !plain(whole)
            || !plain(fraction)
            || fraction.len() > 6
            || digits.ends_with('.')
        {
            return None;
        }
        let whole: i64 = whole.parse().ok()?;
        let places = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
        let fraction = places.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let size = whole.checked_mul(Self::ONE)?.checked_add(fraction)?;
        Some(Self(if negative { -size } else { size }))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (
            size / Self::ONE.unsigned_abs(),
            size % Self::ONE.unsigned_abs(),
        );
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:06}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

/// An ISO 4217 currency code such as `KRW`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The currency with this code, or `None` unless it is three capital letters.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(bytes))
    }

    /// The code, `KRW`.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimal places its minor unit has (ISO 4217): 0 for KRW and JPY, 3 for BHD, 2 for most.
    #[must_use]
    pub fn places(&self) -> u32 {
        match &self.0 {
            b"KRW" | b"JPY" | b"VND" | b"CLP" | b"ISK" | b"PYG" | b"UGX" | b"XAF" | b"XOF"
            | b"XPF" | b"RWF" | b"GNF" | b"KMF" | b"DJF" | b"BIF" | b"VUV" => 0,
            b"BHD" | b"KWD" | b"OMR" | b"JOD" | b"TND" | b"IQD" | b"LYD" => 3,
            _ => 2,
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

// Written and read as its code, without a text of its own in between: every amount that is stored has one.
impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Code;

        impl Visitor<'_> for Code {
            type Value = Currency;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a three-letter currency code")
            }

            fn visit_str<E: de::Error>(self, code: &str) -> Result<Currency, E> {
                let known = Currency::new(code);
                known.ok_or_else(|| E::invalid_value(Unexpected::Str(code), &self))
            }
        }

        deserializer.deserialize_str(Code)
    }
}

/// An amount of money in minor units (won, cents). Amounts of different currencies are never compared or converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount in minor units of the currency.
    pub minor: i64,
    /// Its currency.
    pub currency: Currency,
}

impl Money {
    /// Reads a plain decimal such as `4999.99` in major units; `None` when it has more places than the currency.
    #[must_use]
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let Decimal(millionths) = Decimal::parse(text)?;
        let unit = 10_i64.pow(6 - currency.places());
        (millionths % unit == 0).then_some(Self {
            minor: millionths / unit,
            currency,
        })
    }
}

impl fmt::Display for Money {
    /// `₩50,000`, `$4,999.99`, `BRL 12.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(self.currency.places());
        let size = self.minor.unsigned_abs();
        let whole = (size / unit).to_string();
        let mut grouped = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        match self.currency.code() {
            "KRW" => write!(f, "{sign}₩{grouped}")?,
            "USD" => write!(f, "{sign}${grouped}")?,
            "EUR" => write!(f, "{sign}€{grouped}")?,
            "GBP" => write!(f, "{sign}£{grouped}")?,
            code => write!(f, "{sign}{code} {grouped}")?,
        }
        let rest = size % unit;
        if unit > 1 && rest > 0 {
            write!(
                f,
                ".{rest:0width$}",
                width = self.currency.places() as usize
            )?;
        }
        Ok(())
    }
}

/// One value of any type. The value of a `one of …` field is its [`Value::Text`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Text, a choice, an e-mail address, a phone number, a link, a time zone's name.
    Text(String),
    /// A number.
    Number(Decimal),
    /// An amount of money.
    Money(Money),
    /// A calendar day.
    Date(Date),
    /// An instant.
    Moment(Instant),
    /// Yes or no.
    YesNo(bool),
    /// A duration.
    Span(Span),
    /// Several values.
    List(Vec<Value>),
    /// Several objects, each with its fields by their position in [`crate::schema::Items`].
    Items(Vec<Vec<Option<Value>>>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_bounded() {
        assert_eq!(Decimal::parse("12.5"), Some(Decimal(12_500_000)));
        assert_eq!(Decimal::parse("-0.000001"), Some(Decimal(-1)));
        for wrong in [
            "",
            ".",
            "1.",
            ".5",
            "1.0000001",
            "9999999999999999",
            "1e5",
            "--1",
        ] {
            assert_eq!(Decimal::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Decimal(-12_500_000).to_string(), "-12.5");
    }

    #[test]
    fn money_keeps_to_the_places_of_its_currency() {
        let krw = Currency::new("KRW").unwrap();
        let usd = Currency::new("USD").unwrap();
        assert_eq!(Money::parse("50000", krw).unwrap().to_string(), "₩50,000");
        assert_eq!(Money::parse("1000.50", krw), None);
        assert_eq!(
            Money::parse("4999.99", usd).unwrap().to_string(),
            "$4,999.99"
        );
        assert_eq!(Money::parse("5000", usd).unwrap().to_string(), "$5,000");
    }
}
