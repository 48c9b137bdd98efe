//! Values in the form other systems take them: the engine's values go in, JSON comes out.

use jiff::Timestamp;
use jiff::civil::Date;
use journey_ir::Value;
use journey_ir::time::Instant;
use serde_json::{Map, Number, Value as Json};

/// What an action gets, by name.
pub type Inputs = Map<String, Json>;

/// Adds values. An amount of money is a number in major units; its currency stands beside it as `<name>_currency`.
pub fn add<N: AsRef<str>>(inputs: &mut Inputs, values: &[(N, Value)]) {
    for (name, value) in values {
        let name = name.as_ref();
        if let Value::Money(money) = value {
            let currency = money.currency.code().into();
            inputs.insert(format!("{name}_currency"), currency);
        }
        inputs.insert(name.to_owned(), json(value));
    }
}

/// One value as JSON.
#[must_use]
pub fn json(value: &Value) -> Json {
    match value {
        Value::Text(text) => text.clone().into(),
        Value::Number(number) => decimal(&number.to_string()),
        Value::Money(money) => {
            let places = money.currency.places() as usize;
            let unit = 10_u64.pow(money.currency.places());
            let size = money.minor.unsigned_abs();
            let sign = if money.minor < 0 { "-" } else { "" };
            if places == 0 || size % unit == 0 {
                decimal(&format!("{sign}{}", size / unit))
            } else {
                decimal(&format!("{sign}{}.{:0places$}", size / unit, size % unit))
            }
        }
        Value::Date(date) => day(date.0).into(),
        Value::Moment(at) => moment(*at).into(),
        Value::YesNo(yes) => (*yes).into(),
        Value::Span(span) => span.to_string().into(),
        Value::List(values) => values.iter().map(json).collect(),
        // No argument can name a list of objects: only conditions look into them.
        Value::Items(_) => Json::Null,
    }
}

/// An instant as RFC 3339 in UTC.
#[must_use]
pub fn moment(at: Instant) -> String {
    let time = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_string()
}

fn day(days: i32) -> String {
    let epoch = Date::constant(1970, 1, 1);
    let date = epoch.checked_add(jiff::Span::new().try_days(days).unwrap_or_default());
    date.map_or_else(|_| days.to_string(), |date| date.to_string())
}

fn decimal(text: &str) -> Json {
    if let Ok(whole) = text.parse::<i64>() {
        return whole.into();
    }
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    number.map_or(Json::Null, Json::Number)
}

/// A JSON value as plain words: strings without their quotes, nothing for `null`.
#[must_use]
pub fn words(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey_ir::value::{Currency, Decimal, Money};

    #[test]
    fn values_arrive_as_a_reader_expects_them() {
        let money = |text: &str, code: &str| {
            Value::Money(Money::parse(text, Currency::new(code).unwrap()).unwrap())
        };
        let mut inputs = Inputs::new();
        add(
            &mut inputs,
            &[
                ("budget".to_owned(), money("4999.05", "USD")),
                ("total".to_owned(), money("50000", "KRW")),
                ("score".to_owned(), Value::Number(Decimal(72_500_000))),
                ("name".to_owned(), Value::Text("민지".to_owned())),
                (
                    "born".to_owned(),
                    Value::Date(journey_ir::time::Date(20_514)),
                ),
                ("due".to_owned(), Value::Moment(1_772_427_600_000)),
                ("list".to_owned(), Value::List(vec![Value::YesNo(true)])),
            ],
        );
        insta::assert_json_snapshot!(inputs, @r#"
        {
          "born": "2026-03-02",
          "budget": 4999.05,
          "budget_currency": "USD",
          "due": "2026-03-02T05:00:00Z",
          "list": [
            true
          ],
          "name": "민지",
          "score": 72.5,
          "total": 50000,
          "total_currency": "KRW"
        }
        "#);
    }
}
