//! Literals: from what was written to exact values of the type that its place asks for.
//!
//! Comes in: a literal of the syntax tree and the type it must have. Goes out: an [`ir::Value`], or the reason why
//! there is none. Names are not looked up here; a bare word is read as a choice where the type has choices.

mod error;
mod time;
mod words;

use journey_grammar::tree as syntax;
use journey_ir as ir;

pub(crate) use error::{ValueError, left_out};
pub(crate) use time::{
    clock, date, earlier, instant, is_timezone, later, midnight, span, wait_span, weekday,
};
pub(crate) use words::{korean_span, literal_words, type_words};

use crate::manifest::Manifest;
use crate::near::nearest;

/// What literals mean in this project.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Literals<'a> {
    /// What `$` and `¥` mean, and the zone of moments that name none.
    pub(crate) manifest: &'a Manifest,
}

impl<'a> Literals<'a> {
    /// The value of a literal where one of this type must stand.
    pub(crate) fn value(
        self,
        value: &syntax::Value,
        kind: &ir::Type,
    ) -> Result<ir::Value, ValueError> {
        use ir::Type;
        use syntax::ValueKind as Written;
        match (kind, &value.kind) {
            (Type::OneOf(choices) | Type::Scale(choices), written) => {
                choice(written, choices, kind)
            }
            (Type::ListOf(item), Written::Several(values)) => {
                let values = values.iter().map(|it| self.value(it, item));
                Ok(ir::Value::List(values.collect::<Result<_, _>>()?))
            }
            (Type::ListOf(item), _) => Ok(ir::Value::List(vec![self.value(value, item)?])),
            (Type::Timezone, Written::Zone(zone)) => timezone(&zone.text),
            (Type::Timezone, Written::Text(text)) => timezone(&text.text),
            (
                Type::Text | Type::EmailAddress | Type::PhoneNumber | Type::Link | Type::Timezone,
                written,
            ) => text(written, kind),
            (Type::Number, Written::Number(number)) => Ok(ir::Value::Number(decimal(*number)?)),
            (Type::WholeNumber | Type::YearsSince(_), Written::Number(number)) => {
                let whole = number.whole().ok_or(ValueError::NotWhole)?;
                let whole = ir::Decimal::whole(whole).ok_or(ValueError::TooLarge)?;
                Ok(ir::Value::Number(whole))
            }
            (Type::Money(currency), Written::Money(money)) => {
                let money = self.money(money)?;
                match currency {
                    Some(expected) if *expected != money.currency => Err(ValueError::Currency {
                        expected: *expected,
                        found: money.currency,
                    }),
                    Some(_) | None => Ok(ir::Value::Money(money)),
                }
            }
            (Type::Date, Written::Date(day)) => Ok(ir::Value::Date(date(*day))),
            (Type::Moment, Written::Moment(moment)) => Ok(ir::Value::Moment(self.moment(moment)?)),
            (Type::YesNo, Written::YesNo(yes)) => Ok(ir::Value::YesNo(*yes)),
            (Type::Duration, Written::Duration(duration)) => Ok(ir::Value::Span(span(*duration)?)),
            (
                Type::Items(_)
                | Type::Number
                | Type::WholeNumber
                | Type::YearsSince(_)
                | Type::Money(_)
                | Type::Date
                | Type::Moment
                | Type::YesNo
                | Type::Duration
                | Type::Offer,
                written,
            ) => Err(wrong_type(kind, written)),
        }
    }

    /// The value and type of a literal where any may stand; `None` for a bare word.
    pub(crate) fn of_any_type(
        self,
        value: &syntax::Value,
    ) -> Option<Result<(ir::Value, ir::Type), ValueError>> {
        use syntax::ValueKind as Written;
        let kind = match &value.kind {
            Written::Number(_) => ir::Type::Number,
            Written::Money(money) => {
                let found = self.currency(money);
                return Some(found.and_then(|currency| {
                    let kind = ir::Type::Money(Some(currency));
                    Ok((self.value(value, &kind)?, kind))
                }));
            }
            Written::Duration(_) => ir::Type::Duration,
            Written::Date(_) => ir::Type::Date,
            Written::Moment(_) => ir::Type::Moment,
            Written::Text(_) => ir::Type::Text,
            Written::YesNo(_) => ir::Type::YesNo,
            Written::Zone(_) => ir::Type::Timezone,
            Written::Path(_) => return None,
            Written::Percent(_) | Written::Clock(_) | Written::Several(_) | Written::Missing => {
                return Some(Err(wrong_type(&ir::Type::Text, &value.kind)));
            }
        };
        Some(self.value(value, &kind).map(|value| (value, kind)))
    }

    /// The project's zone.
    pub(crate) fn timezone(self) -> &'a str {
        &self.manifest.project.timezone
    }

    /// An amount of money.
    pub(crate) fn money(self, money: &syntax::Money) -> Result<ir::Money, ValueError> {
        let currency = self.currency(money)?;
        let factor = match money.currency {
            syntax::Currency::Won(factor) => i64::from(factor),
            syntax::Currency::Symbol(_) | syntax::Currency::Code(_) => 1,
        };
        let mantissa = money.amount.mantissa.checked_mul(factor);
        let amount = syntax::Decimal {
            mantissa: mantissa.ok_or(ValueError::TooLarge)?,
            ..money.amount
        };
        let minor = amount.at_scale(currency.places());
        let minor = minor.ok_or_else(|| too_fine_or_too_large(amount, currency))?;
        Ok(ir::Money { minor, currency })
    }

    fn currency(self, money: &syntax::Money) -> Result<ir::Currency, ValueError> {
        let code = match &money.currency {
            syntax::Currency::Won(_) | syntax::Currency::Symbol('₩') => "KRW",
            syntax::Currency::Symbol('€') => "EUR",
            syntax::Currency::Symbol('£') => "GBP",
            syntax::Currency::Symbol(symbol) => {
                let meaning = self.manifest.symbol(symbol.encode_utf8(&mut [0; 4]));
                return meaning.ok_or(ValueError::Symbol { symbol: *symbol });
            }
            syntax::Currency::Code(code) => code,
        };
        ir::Currency::new(code).ok_or(ValueError::TooLarge)
    }

    /// An instant, in the project's zone where none is written.
    pub(crate) fn moment(self, moment: &syntax::Moment) -> Result<ir::time::Instant, ValueError> {
        let zone = moment
            .zone
            .as_ref()
            .map_or(self.timezone(), |zone| zone.text.as_str());
        instant(moment.date, moment.clock, zone)
    }
}

/// A number with at most six decimal places.
pub(crate) fn decimal(number: syntax::Decimal) -> Result<ir::Decimal, ValueError> {
    number.at_scale(6).map(ir::Decimal).ok_or({
        if number.scale > 6 {
            ValueError::TooFine { places: 6 }
        } else {
            ValueError::TooLarge
        }
    })
}

/// The problem of a literal of another type.
pub(crate) fn wrong_type(expected: &ir::Type, found: &syntax::ValueKind) -> ValueError {
    if let (ir::Type::Money(Some(currency)), syntax::ValueKind::Number(number)) = (expected, found)
    {
        return ValueError::NoCurrency {
            number: plain(*number),
            currency: *currency,
        };
    }
    ValueError::WrongType {
        expected: type_words(expected),
        found: literal_words(found),
        fix: None,
    }
}

/// A number with its thousands apart: `5,000.50`.
fn plain(number: syntax::Decimal) -> String {
    let digits = number.mantissa.unsigned_abs().to_string();
    let scale = number.scale as usize;
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let mut out = String::new();
    if number.mantissa < 0 {
        out.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn too_fine_or_too_large(amount: syntax::Decimal, currency: ir::Currency) -> ValueError {
    if amount.scale > currency.places() {
        ValueError::FinerThanCurrency { currency }
    } else {
        ValueError::TooLarge
    }
}

fn choice(
    written: &syntax::ValueKind,
    choices: &[String],
    kind: &ir::Type,
) -> Result<ir::Value, ValueError> {
    let find = |word: &str| choices.iter().any(|choice| choice == word);
    match written {
        syntax::ValueKind::Path(path) => match path.single() {
            Some(name) if find(&name.text) => Ok(ir::Value::Text(name.text.clone())),
            _ => Err(unknown_choice(&path.to_string(), choices)),
        },
        syntax::ValueKind::Text(text) if find(&text.text) => Err(ValueError::QuotedChoice {
            choice: text.text.clone(),
        }),
        syntax::ValueKind::Text(text) => Err(unknown_choice(&text.text, choices)),
        other => Err(wrong_type(kind, other)),
    }
}

fn unknown_choice(word: &str, choices: &[String]) -> ValueError {
    ValueError::UnknownChoice {
        word: word.to_owned(),
        near: nearest(word, choices.iter().map(String::as_str)).map(str::to_owned),
        choices: choices.to_vec(),
    }
}

fn text(written: &syntax::ValueKind, kind: &ir::Type) -> Result<ir::Value, ValueError> {
    match written {
        syntax::ValueKind::Text(text) => Ok(ir::Value::Text(text.text.clone())),
        syntax::ValueKind::Path(path) => Err(ValueError::BareText {
            word: path.to_string(),
        }),
        other => Err(wrong_type(kind, other)),
    }
}

fn timezone(name: &str) -> Result<ir::Value, ValueError> {
    if is_timezone(name) {
        Ok(ir::Value::Text(name.to_owned()))
    } else {
        Err(ValueError::UnknownTimezone {
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use journey_grammar::tree::{Currency, Decimal, Money, Span};

    use super::*;

    fn money(mantissa: i64, scale: u32, currency: Currency) -> Result<String, ValueError> {
        let mut manifest = Manifest::default();
        let usd = ir::Currency::new("USD").unwrap();
        manifest.symbols.push(("$".to_owned(), usd));
        let literals = Literals {
            manifest: &manifest,
        };
        let span = Span::default();
        let amount = Decimal {
            mantissa,
            scale,
            span,
        };
        literals
            .money(&Money {
                amount,
                currency,
                span,
            })
            .map(|it| it.to_string())
    }

    #[test]
    fn money_is_exact_in_every_way_of_writing_it() {
        assert_eq!(money(5, 0, Currency::Won(10_000)).unwrap(), "₩50,000");
        assert_eq!(money(15, 1, Currency::Won(10_000)).unwrap(), "₩15,000");
        assert_eq!(
            money(1, 0, Currency::Won(100_000_000)).unwrap(),
            "₩100,000,000"
        );
        assert_eq!(
            money(499_999, 2, Currency::Symbol('$')).unwrap(),
            "$4,999.99"
        );
        assert_eq!(money(20, 0, Currency::Symbol('€')).unwrap(), "€20");
        assert_eq!(
            money(5_000, 0, Currency::Code("USD".into())).unwrap(),
            "$5,000"
        );
    }

    #[test]
    fn money_that_cannot_be_paid_is_refused() {
        assert!(matches!(
            money(100_050, 2, Currency::Symbol('₩')),
            Err(ValueError::FinerThanCurrency { .. })
        ));
        assert!(matches!(
            money(1, 0, Currency::Symbol('¥')),
            Err(ValueError::Symbol { symbol: '¥' })
        ));
        assert_eq!(
            money(i64::MAX, 0, Currency::Won(10_000)),
            Err(ValueError::TooLarge)
        );
    }
}
