//! What holds for any program and anything that happens: the engine goes on, and its state is what was stored of it.

use journey_engine::admit::{attributes, own_event};
use journey_engine::{Contact, EventId, Item, Outcome, Program, RawEvent, advance, step};
use journey_ir::schema::Type;
use journey_ir::{Channel, ConsentIx};
use serde_json::{Map, Value, json};

use crate::chance::Chance;

/// Monday, 2 March 2026, 09:00 in Seoul, in milliseconds since 1970.
const BEGIN: i64 = 1_772_409_600_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How many items each contact lives through.
const ITEMS: u64 = 24;

/// Lets one contact live through random items; gives how many.
pub(crate) fn holds(program: &Program, chance: &mut Chance) -> u64 {
    let mut contact = Contact::new("kim");
    let mut out = Outcome::default();
    let mut now = BEGIN;
    for n in 0..ITEMS {
        now += [0, 1, 30 * 60_000, HOUR, DAY, 8 * DAY, 40 * DAY, 400 * DAY][chance.below(8)];
        let late = [0, 0, 0, HOUR, 5 * DAY][chance.below(5)];
        if let Some(item) = item(program, n, now - late, now, chance) {
            step(program, &mut contact, &item, now, &mut out);
        }
        if chance.one_in(3) {
            advance(program, &mut contact, now, &mut out);
        }
        let bytes = contact.encode();
        let read = Contact::decode(&bytes, program);
        let read = read.unwrap_or_else(|error| panic!("a state cannot be read: {error}"));
        assert!(read == contact, "a state is not what was stored of it");
        out.clear();
    }
    ITEMS
}

fn item(
    program: &Program,
    n: u64,
    occurred_at: i64,
    received_at: i64,
    chance: &mut Chance,
) -> Option<Item> {
    let ir = program.ir();
    let channels = [Channel::Email, Channel::Sms, Channel::Kakao, Channel::Push];
    Some(match chance.below(12) {
        0 | 1 => {
            let mut map = Map::new();
            for attribute in &ir.schema.attributes {
                if chance.one_in(2) {
                    let value = if chance.one_in(6) {
                        Value::Null
                    } else {
                        value(&attribute.kind, chance)
                    };
                    map.insert(attribute.name.clone(), value);
                }
            }
            let set = attributes(program, &map).value;
            Item::Attributes { set, occurred_at }
        }
        2 => {
            let consents = ir.schema.consents.len();
            if consents == 0 {
                return None;
            }
            Item::Consent {
                consent: ConsentIx(chance.below(consents) as u32),
                channel: chance.one_in(2).then(|| *chance.of(&channels)),
                given: !chance.one_in(4),
                occurred_at,
            }
        }
        3 if chance.one_in(3) => Item::Unsubscribe {
            channel: Some(*chance.of(&channels)),
            occurred_at,
        },
        3 => Item::Cancel {
            journey: ir.journeys.first().map(|it| it.name.clone()),
            occurred_at,
        },
        4 if chance.one_in(8) => Item::Erase { occurred_at },
        _ => {
            let kind = ir.schema.events.get(chance.below(ir.schema.events.len()))?;
            let mut fields = Map::new();
            for field in &kind.fields {
                if !field.optional || chance.one_in(2) {
                    insert(&mut fields, &field.name, value(&field.kind, chance));
                }
            }
            let raw = RawEvent {
                id: EventId::of(&n.to_string()),
                name: &kind.name,
                occurred_at,
                received_at,
                fields: &fields,
            };
            Item::Event(own_event(program, raw).ok()?.value)
        }
    })
}

/// Puts a value at its path: `payment.method` stands in an object.
fn insert(into: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        Some((object, field)) => {
            let object = into.entry(object).or_insert_with(|| json!({}));
            object[field] = value;
        }
        None => {
            into.insert(path.to_owned(), value);
        }
    }
}

/// A value of a type, sometimes at its edge.
fn value(kind: &Type, chance: &mut Chance) -> Value {
    let numbers = [
        0,
        1,
        2,
        10,
        99,
        30_000,
        50_000,
        1_000_000,
        900_000_000_000_i64,
    ];
    let days = [
        "2026-03-02",
        "2024-02-29",
        "1970-01-01",
        "2026-12-31",
        "9999-12-31",
    ];
    match kind {
        Type::Text => json!(*chance.of(&["c1", "c2", "demo", "", "🎁", "2", "네"])),
        Type::Number => json!(*chance.of(&[0.5, -1.0, 3.0, 1e9])),
        Type::WholeNumber => json!(*chance.of(&numbers)),
        Type::Money(Some(currency)) => {
            json!({ "amount": *chance.of(&numbers), "currency": currency.code() })
        }
        Type::Money(None) => json!({ "amount": *chance.of(&numbers), "currency": "KRW" }),
        Type::Date => json!(*chance.of(&days)),
        Type::Moment => json!(format!("{}T09:00:00Z", chance.of(&days))),
        Type::YesNo => json!(chance.one_in(2)),
        Type::EmailAddress => json!("kim@example.com"),
        Type::PhoneNumber => json!("010-1234-5678"),
        Type::Timezone => json!(*chance.of(&["Asia/Seoul", "America/New_York", "Pacific/Apia"])),
        Type::Link => json!("https://example.com/a"),
        Type::OneOf(words) | Type::Scale(words) => json!(chance.of(words)),
        Type::ListOf(inner) => {
            let list: Vec<Value> = (0..chance.below(4)).map(|_| value(inner, chance)).collect();
            json!(list)
        }
        Type::Items(items) => {
            let object = |chance: &mut Chance| {
                let mut object = Map::new();
                for field in &items.fields {
                    object.insert(field.name.clone(), value(&field.kind, chance));
                }
                Value::Object(object)
            };
            json!(
                (0..chance.below(4))
                    .map(|_| object(chance))
                    .collect::<Vec<_>>()
            )
        }
        Type::YearsSince(_) | Type::Duration | Type::Offer => Value::Null,
    }
}
