//! A small shop as a compiled program, and hands to work with it: a purchase is answered with a receipt and, an hour
//! later, with a question.

use std::path::Path;
use std::sync::Arc;

use journey_engine::{Item, Program, RawEvent, admit};
use journey_ir::journey::{Reenter, StepKind};
use journey_ir::message::Piece;
use journey_ir::project::Project;
use journey_ir::schema::{Field, Type};
use journey_ir::time::{DAY, Unit};
use journey_ir::{
    self as ir, Aggregate, Atom, AtomIx, Attribute, Channel, Condition, ConditionIx, Consent,
    Currency, Entry, Event, EventIx, FieldIx, Instant, Journey, Keep, Message, MessageIx, Purpose,
    Schema, Segment, Span, Step, StepIx, Trigger, Window,
};
use journeyd::inspect;
use journeyd::process::{
    self, Arrival, Batch, Effects, Process, Receipt, Wakes, Who, key_id, message_id,
};
use journeyd::store::{DataFolder, Read as _, Sqlite};
use serde_json::{Value, json};

/// 2026-03-02 09:00 in Seoul.
pub(crate) const MONDAY: Instant = 1_772_409_600_000;

/// The program.
pub(crate) fn program() -> ir::Program {
    let mut program = ir::Program::empty(Project {
        name: "shop".into(),
        timezone: "Asia/Seoul".into(),
        currency: Currency::new("KRW"),
        language: "en".into(),
        accept_late: 3 * DAY,
        late_after: DAY,
        addresses: vec![(Channel::Email, "email".into())],
        ..Project::default()
    });
    program.schema = Schema {
        attributes: vec![
            attribute("email", Type::EmailAddress),
            attribute("name", Type::Text),
            attribute("firstName", Type::Text),
            attribute("group", Type::Text),
        ],
        events: vec![
            event(
                "purchase",
                vec![
                    field("order_id", Type::Text, false),
                    field("total", Type::Money(Currency::new("KRW")), false),
                    field("note", Type::Text, true),
                ],
                Some(FieldIx(0)),
            ),
            event("page", vec![field("name", Type::Text, true)], None),
            event("cart_filled", vec![], None),
        ],
        consents: vec![Consent {
            name: "marketing".into(),
            channels: vec![Channel::Email, Channel::Sms],
            others: Vec::new(),
            ask_again: None,
        }],
    };
    program.aggregates = vec![Aggregate {
        event: EventIx(0),
        filter: None,
        keep: Keep::First,
    }];
    program.atoms = vec![Atom::Happened {
        aggregate: ir::AggregateIx(0),
        n: 1,
        window: Window::Ever,
        settle: 0,
    }];
    program.conditions = vec![Condition::Always, Condition::Is(AtomIx(0))];
    program.segments = vec![Segment {
        name: "buyers".into(),
        title: None,
        condition: ConditionIx(1),
    }];
    program.messages = vec![message("receipt"), message("question")];
    let mut thanks = journey("thanks", EventIx(0), Span::new(1, Unit::Hour));
    thanks.run_key = Some(FieldIx(0));
    program.journeys = vec![thanks];
    program
}

/// A journey that answers an event with a receipt, waits, and asks.
pub(crate) fn journey(name: &str, event: EventIx, wait: Span) -> Journey {
    let step = |id: &str, kind| Step {
        id: id.into(),
        kind,
    };
    let send = |message, next| StepKind::Send {
        candidates: vec![MessageIx(message)],
        args: Vec::new(),
        between: None,
        within: None,
        next,
    };
    Journey {
        name: name.into(),
        title: None,
        version: format!("b3:{name} {wait}"),
        entry: Entry::When {
            trigger: Trigger::Event {
                event,
                filter: None,
            },
            condition: None,
        },
        include_current: false,
        starts: None,
        ends: None,
        reenter: Reenter::AnyTime,
        run_key: None,
        restart: false,
        goal: None,
        exits: Vec::new(),
        priority: 1,
        owner: None,
        on_update: journey_ir::journey::OnUpdate::Finish,
        moves: Vec::new(),
        formerly: Vec::new(),
        registers: Vec::new(),
        start: Some(StepIx(0)),
        steps: vec![
            step("send receipt", send(0, Some(StepIx(1)))),
            step(
                "wait",
                StepKind::Wait {
                    span: Some(wait),
                    settle: 0,
                    until: None,
                    next: Some(StepIx(2)),
                },
            ),
            step("send question", send(1, None)),
        ],
    }
}

fn attribute(name: &str, kind: Type) -> Attribute {
    Attribute {
        name: name.into(),
        kind,
        optional: true,
        private: false,
        default: None,
    }
}

pub(crate) fn field(name: &str, kind: Type, optional: bool) -> Field {
    Field {
        name: name.into(),
        kind,
        optional,
        private: false,
    }
}

pub(crate) fn event(name: &str, fields: Vec<Field>, key: Option<FieldIx>) -> Event {
    Event {
        name: name.into(),
        fields,
        key,
        arrives_within: None,
        built_in: false,
    }
}

fn message(template: &str) -> Message {
    Message {
        channel: Channel::Email,
        template: template.into(),
        purpose: Purpose::Transactional,
        consent: None,
        sender: None,
        subject: vec![Piece::Text(template.into())],
        body: vec![Piece::Text("Thank you.".into())],
        needs: Vec::new(),
        translations: Vec::new(),
    }
}

/// Opens a data folder with a program.
pub(crate) fn open_with(folder: &Path, program: ir::Program, now: Instant) -> Process<Sqlite> {
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    process::open(store, program, now, &mut |_| {}).unwrap()
}

/// Opens a data folder with the shop.
pub(crate) fn open(folder: &Path) -> Process<Sqlite> {
    open_with(folder, program(), MONDAY)
}

/// A purchase, recognised by its order.
pub(crate) fn purchase(program: &Program, who: Who, order: &str, at: Instant) -> Arrival {
    let fields = json!({"order_id": order, "total": 50_000});
    happened(program, who, "purchase", &fields, order, at)
}

/// An event with a message id.
pub(crate) fn happened(
    program: &Program,
    who: Who,
    name: &str,
    fields: &Value,
    message: &str,
    at: Instant,
) -> Arrival {
    let id = message_id("test", message);
    let raw = RawEvent {
        id: journey_engine::EventId(id),
        name,
        occurred_at: at,
        received_at: at,
        fields: fields.as_object().unwrap(),
    };
    let mut event = admit::event(program, raw).unwrap().value;
    event.id = key_id(program, &event).unwrap_or(event.id);
    Arrival {
        who,
        received_at: at,
        id: Some(event.id.0),
        item: Some(Item::Event(event)),
    }
}

/// Attributes.
pub(crate) fn traits(program: &Program, who: Who, traits: &Value, at: Instant) -> Arrival {
    let admitted = admit::attributes(program, traits.as_object().unwrap());
    assert_eq!(admitted.problems, []);
    Arrival {
        who,
        received_at: at,
        id: None,
        item: Some(Item::Attributes {
            set: admitted.value,
            occurred_at: at,
        }),
    }
}

pub(crate) fn known(id: &str) -> Who {
    Who::Known(id.to_owned())
}

pub(crate) fn batch(arrivals: Vec<Arrival>) -> Batch {
    Batch {
        arrivals,
        ..Batch::default()
    }
}

/// Someone with an address.
pub(crate) fn with_address(program: &Arc<Program>, id: &str, at: Instant) -> Arrival {
    let email = format!("{id}@example.com");
    traits(program, known(id), &json!({"email": email}), at)
}

/// All effects: step, contact, status.
pub(crate) fn effects(process: &mut Process<Sqlite>) -> Vec<(String, String, &'static str)> {
    let kept = process.store().effects(0, None, None, 100_000).unwrap();
    kept.into_iter()
        .map(|kept| {
            (
                kept.effect.step,
                kept.contact_name,
                kept.effect.status.word(),
            )
        })
        .collect()
}

/// A counter.
pub(crate) fn tally(process: &mut Process<Sqlite>, what: &str, detail: &str) -> i64 {
    let all = process.store().tallies().unwrap();
    all.into_iter()
        .filter(|(key, _)| key.what == what && &*key.detail == detail)
        .map(|(_, n)| n)
        .sum()
}

/// Takes arrivals in one batch.
pub(crate) fn take(process: &mut Process<Sqlite>, arrivals: Vec<Arrival>, now: Instant) -> Receipt {
    let report = process.turn(&[batch(arrivals)], None, now).unwrap();
    report.receipts[0]
}

/// Wakes those who are due, a hundred at most; says how many.
pub(crate) fn wake(process: &mut Process<Sqlite>, until: Instant) -> usize {
    let wakes = Wakes {
        until,
        most: 100,
        effects: Effects::Act,
    };
    process.turn(&[], Some(wakes), until).unwrap().woken
}

/// What a contact looks like from outside, as JSON.
pub(crate) fn report(process: &mut Process<Sqlite>, id: &str) -> serde_json::Value {
    let program = Arc::clone(process.program());
    let report = inspect::contact(process.store(), &program, id, 10_000).unwrap();
    serde_json::to_value(report.unwrap()).unwrap()
}
