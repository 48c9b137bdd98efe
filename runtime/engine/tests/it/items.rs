//! Lists of objects in events: how they are taken in, and what is asked of them.

use journey_engine::{EventId, admit};
use journey_ir::journey::Reenter;
use journey_ir::schema::Type;
use journey_ir::*;
use serde_json::json;

use crate::build::*;

const BRAND: FieldIx = FieldIx(0);
const PRICE: FieldIx = FieldIx(1);

fn field(name: &str, kind: Type, optional: bool) -> Field {
    Field {
        name: name.into(),
        kind,
        optional,
        private: false,
    }
}

/// A shop whose orders have a payment and items.
fn shop() -> (Build, EventIx) {
    let mut b = Build::new();
    let items = Items {
        element: "item".into(),
        fields: vec![
            field("brand", Type::Text, false),
            field("price", Type::Number, true),
        ],
    };
    let order = b.event(
        "order",
        &[
            ("payment.method", Type::OneOf(vec!["credit".into()])),
            ("items", Type::Items(items)),
        ],
    );
    for field in &mut b.ir.schema.events[order.at()].fields {
        field.optional = false;
    }
    (b, order)
}

fn admitted(
    fields: &serde_json::Value,
) -> Result<admit::Admitted<journey_engine::Event>, admit::Refusal> {
    let (b, _) = shop();
    let raw = admit::RawEvent {
        id: EventId::of("one"),
        name: "order",
        occurred_at: MONDAY,
        received_at: MONDAY,
        fields: fields.as_object().unwrap(),
    };
    admit::event(&b.link(), raw)
}

#[test]
fn every_object_is_taken_in_by_its_fields() {
    let event = admitted(&json!({
        "payment": {"method": "credit"},
        "items": [{"brand": "Nike", "price": 5}, {"brand": "Puma", "more": 1}],
    }));
    let event = event.unwrap();
    assert_eq!(event.problems, []);
    let expected = Value::Items(vec![
        vec![Some(text("Nike")), Some(whole(5))],
        vec![Some(text("Puma")), None],
    ]);
    assert_eq!(event.value.fields, [Some(text("credit")), Some(expected)]);
}

#[test]
fn what_does_not_fit_is_named_by_its_path() {
    let credit = json!({"method": "credit"});
    let many = vec![json!({"brand": "Nike"}); 201];
    for (fields, said) in [
        (
            json!({"payment": credit, "items": [{"brand": "a"}, {"price": 1}]}),
            "`items[1].brand` is missing",
        ),
        (
            json!({"payment": credit, "items": [3]}),
            "`items[0]` should be an object, and is 3",
        ),
        (
            json!({"payment": credit, "items": "x"}),
            "`items` should be a list of objects, and is \"x\"",
        ),
        (
            json!({"payment": credit, "items": many}),
            "`items` has 201 objects, and at most 200 are taken",
        ),
        (
            json!({"payment": {"method": "cash"}, "items": []}),
            "`payment.method` should be one of credit, and is \"cash\"",
        ),
        (
            json!({"payment": 3, "items": []}),
            "`order` needs the field `payment.method`",
        ),
    ] {
        assert_eq!(admitted(&fields).unwrap_err().to_string(), said);
    }
    let left_out =
        admitted(&json!({"payment.method": "credit", "items": [{"brand": "a", "price": "x"}]}));
    let problems: Vec<String> = left_out
        .unwrap()
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("`items[0].price` should be a number"),
        "{problems:?}"
    );
}

/// Whether a journey starts that asks this of the items.
fn starts(test: ItemsTest, items: &[(&str, Option<i64>)]) -> bool {
    let (mut b, order) = shop();
    let list = FieldIx(1);
    let of_item = |field| {
        Source::Item(ItemField {
            event: order,
            list,
            field,
        })
    };
    let nike = b.is(Atom::Compare {
        left: of_item(BRAND),
        test: Comparison::Is(Operand::Value(text("Nike"))),
    });
    let dear = b.is(Atom::Compare {
        left: of_item(PRICE),
        test: Comparison::AtLeast(Operand::Value(whole(5))),
    });
    let filter = ConditionIx(b.ir.conditions.len() as u32);
    b.ir.conditions.push(Condition::All(vec![nike, dear]));
    let asked = b.is(Atom::Items {
        of: Source::Field(list),
        filter,
        test,
    });
    let mail = b.mail("started");
    let trigger = Trigger::Event {
        event: order,
        filter: Some(asked),
    };
    let entry = Entry::When {
        trigger,
        condition: None,
    };
    b.journey("started", entry, vec![send(mail, None)]).reenter = Reenter::AnyTime;
    let mut p = b.person();
    let items = items
        .iter()
        .map(|(brand, price)| vec![Some(text(brand)), price.map(whole)]);
    p.does(
        MONDAY,
        order,
        &[text("credit"), Value::Items(items.collect())],
    );
    !p.mails().is_empty()
}

#[test]
fn any_every_no_and_how_many() {
    let two = ItemsTest::Count(Comparison::AtLeast(Operand::Value(whole(2))));
    let (dear, cheap, other) = (("Nike", Some(9)), ("Nike", None), ("Puma", Some(9)));
    for (items, expected) in [
        (vec![], [false, true, true, false]),
        (vec![dear], [true, true, false, false]),
        // Both must hold for the same item.
        (vec![cheap, other], [false, false, true, false]),
        (vec![dear, other], [true, false, false, false]),
        (vec![dear, cheap, dear], [true, false, false, true]),
    ] {
        let asked = [ItemsTest::Any, ItemsTest::Every, ItemsTest::No, two.clone()];
        let answers = asked.map(|test| starts(test, &items));
        assert_eq!(answers, expected, "{items:?}");
    }
}
