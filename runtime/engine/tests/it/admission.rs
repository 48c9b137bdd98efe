//! The door for outside data.

use journey_engine::{EventId, RawEvent, Refusal, admit};
use journey_ir::schema::Type;
use journey_ir::*;
use serde_json::{Value as Json, json};

use crate::build::*;

fn admit_one(kind: Type, raw: &Json) -> Result<Value, String> {
    let mut b = Build::new();
    b.ir.project.currency = Currency::new("KRW");
    let at = b.attribute("x", kind);
    let admitted = admit::attributes(&b.link(), json!({ "x": raw }).as_object().unwrap());
    match admitted.value.as_slice() {
        [(it, Some(value))] if *it == at => Ok(value.clone()),
        _ => Err(admitted
            .problems
            .first()
            .map(ToString::to_string)
            .unwrap_or_default()),
    }
}

#[test]
fn values_are_read_as_clients_send_them() {
    let usd = |minor| {
        Value::Money(Money {
            minor,
            currency: Currency::new("USD").unwrap(),
        })
    };
    let money = || Type::Money(Currency::new("USD"));
    for (kind, raw, expected) in [
        (money(), json!("5000"), usd(500_000)),
        (money(), json!(5000), usd(500_000)),
        (money(), json!(5000.5), usd(500_050)),
        (money(), json!(19.99), usd(1_999)),
        (money(), json!("5,000.50 USD"), usd(500_050)),
        (Type::Money(None), json!("12.50 USD"), usd(1_250)),
        (Type::Money(None), json!(50_000), won(50_000)),
        (
            Type::Number,
            json!("1,234.5"),
            Value::Number(Decimal(1_234_500_000)),
        ),
        (Type::Number, json!(0.1), Value::Number(Decimal(100_000))),
        (Type::WholeNumber, json!(3.0), whole(3)),
        (Type::Text, json!(" 한글 "), text("한글")),
        (Type::Text, json!("\u{1112}\u{1161}\u{11ab}"), text("한")),
        (Type::Text, json!(12), text("12")),
        (Type::YesNo, json!("Yes"), Value::YesNo(true)),
        (Type::YesNo, json!(0), Value::YesNo(false)),
        (Type::YesNo, json!("아니요"), Value::YesNo(false)),
        (Type::Date, json!("1970-01-02"), Value::Date(Date(1))),
        (
            Type::Date,
            json!("1970-01-02T10:00:00Z"),
            Value::Date(Date(1)),
        ),
        (
            Type::Moment,
            json!("1970-01-01T09:00:00+09:00"),
            Value::Moment(0),
        ),
        (
            Type::Moment,
            json!("1970-01-01T00:00:01"),
            Value::Moment(1_000),
        ),
        (
            Type::OneOf(vec!["여성".into(), "남성".into()]),
            json!("여성"),
            text("여성"),
        ),
        (
            Type::ListOf(Box::new(Type::Text)),
            json!(["a", "", "b"]),
            Value::List(vec![text("a"), text("b")]),
        ),
        (
            Type::ListOf(Box::new(Type::Text)),
            json!("a"),
            Value::List(vec![text("a")]),
        ),
        (
            Type::EmailAddress,
            json!("minji@example.com"),
            text("minji@example.com"),
        ),
        (
            Type::PhoneNumber,
            json!("+82 10-1234-5678"),
            text("+82 10-1234-5678"),
        ),
        (Type::Timezone, json!("Asia/Seoul"), text("Asia/Seoul")),
        (
            Type::Link,
            json!("https://example.com/a"),
            text("https://example.com/a"),
        ),
    ] {
        assert_eq!(
            admit_one(kind.clone(), &raw),
            Ok(expected),
            "{kind:?} {raw}"
        );
    }
}

#[test]
fn values_that_do_not_fit_are_told_what_would() {
    let krw = || Type::Money(Currency::new("KRW"));
    for (kind, raw, words) in [
        (
            krw(),
            json!("1000.50"),
            "an amount in KRW with at most 0 decimal places, and is \"1000.50\"",
        ),
        (krw(), json!("10 USD"), "an amount in KRW"),
        (krw(), json!("abc"), "an amount in KRW"),
        (krw(), json!(1e300), "an amount in KRW"),
        (Type::Number, json!("1,2345"), "a number"),
        (Type::Number, json!(f64::MAX), "a number"),
        (Type::WholeNumber, json!(1.5), "a whole number"),
        (Type::Date, json!("2026-02-30"), "a date such as"),
        (Type::Date, json!("한글한글"), "a date such as"),
        (Type::Moment, json!("yesterday"), "a time such as"),
        (Type::Moment, json!(i64::MAX), "a time such as"),
        (
            Type::OneOf(vec!["여성".into(), "남성".into()]),
            json!("여"),
            "one of 여성, 남성",
        ),
        (Type::EmailAddress, json!("minji"), "an e-mail address"),
        (Type::EmailAddress, json!("a@b..kr"), "an e-mail address"),
        (Type::PhoneNumber, json!("call me"), "a phone number"),
        (Type::Timezone, json!("Mars/Base"), "a time zone"),
        (
            Type::Link,
            json!("javascript:alert(1)"),
            "an http or https address",
        ),
        (Type::Text, json!({"a": 1}), "a text"),
    ] {
        let problem = admit_one(kind.clone(), &raw).unwrap_err();
        assert!(problem.contains(words), "{kind:?} {raw}: {problem}");
    }
}

#[test]
fn an_event_needs_its_required_fields_and_loses_wrong_optional_ones() {
    let mut b = Build::new();
    let kind = b.event(
        "purchase",
        &[("total", Type::Number), ("note", Type::YesNo)],
    );
    b.ir.schema.events[kind.at()].fields[0].optional = false;
    b.ir.schema.events[kind.at()].key = Some(FieldIx(0));
    let clicked = b.event("email.clicked", &[]);
    b.ir.schema.events[clicked.at()].built_in = true;
    let program = b.link();
    let admit = |name: &str, fields: Json| {
        let raw = RawEvent {
            id: EventId::of("x"),
            name,
            occurred_at: 1,
            received_at: 2,
            fields: fields.as_object().unwrap(),
        };
        admit::event(&program, raw)
    };
    let good = admit(
        "purchase",
        json!({"total": 5, "note": "perhaps", "unknown": []}),
    )
    .unwrap();
    assert_eq!(good.value.fields, [Some(whole(5)), None]);
    assert_eq!(
        admit::key_of(&program, &good.value).as_deref(),
        Some("Number(Decimal(5000000))")
    );
    assert_eq!(good.problems.len(), 1);
    let code = |name, fields| admit(name, fields).unwrap_err().code();
    assert_eq!(code("purchase", json!({})), "missing_field");
    assert_eq!(code("purchase", json!({"total": null})), "missing_field");
    assert_eq!(code("purchase", json!({"total": "x"})), "wrong_field");
    assert_eq!(code("nonsense", json!({})), "unknown_event");
    assert_eq!(
        admit("email.clicked", json!({})),
        Err(Refusal::BuiltIn("email.clicked".into()))
    );
}

#[test]
fn attributes_keep_the_good_ones_and_null_removes() {
    let mut b = Build::new();
    let born = b.attribute("birthday", Type::Date);
    b.attribute("age", Type::YearsSince(born));
    let program = b.link();
    let map = json!({"email": "x@y.kr", "phone": null, "age": 3, "birthday": "soon", "shoe": 42});
    let admitted = admit::attributes(&program, map.as_object().unwrap());
    assert_eq!(
        admitted.value,
        [
            (AttributeIx(0), Some(text("x@y.kr"))),
            (AttributeIx(1), None)
        ]
    );
    assert_eq!(admitted.problems.len(), 3);
}

#[test]
fn the_later_change_of_an_attribute_stays() {
    let mut b = Build::new();
    b.event("e", &[]);
    let mut p = b.person();
    p.set(MONDAY + 10, AttributeIx(2), "new");
    let late = journey_engine::Item::Attributes {
        set: vec![(AttributeIx(2), Some(text("old")))],
        occurred_at: MONDAY,
    };
    p.item(&late, MONDAY + 20);
    assert!(
        p.contact
            .attributes(&p.program)
            .iter()
            .any(|(_, value)| *value == text("new"))
    );
}
