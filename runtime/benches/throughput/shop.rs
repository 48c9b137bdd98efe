//! The work that is measured: the shop of the examples with one journey more, which does something about every purchase;
//! contacts at random; two of three events put something into a cart, which parks a run, and one is a purchase, which
//! ends it and makes an effect.

use std::path::Path;

use journey_engine::{EventId, Item, Program, RawEvent, admit};
use journey_ir as ir;
use journeyd::process::{Arrival, Who};
use serde_json::json;

/// What the shop of the examples lacks beside the reference: an effect at every third event.
const THANKS: &str = "journey thanks \"감사\" {\n  enter when purchase\n  reenter any time\n\n  assign to sales \"주문 확인\" due in 1 day\n}\n";

/// An example project, with one file more.
pub(crate) fn compiled(example: &str, more: &str) -> ir::Program {
    let examples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples"));
    let folder = tempfile::tempdir().unwrap();
    copy(&examples.join(example), folder.path());
    std::fs::write(folder.path().join("more.journey"), more).unwrap();
    let project = journeyc::load(folder.path()).unwrap();
    let compilation = journeyc::compile(&project);
    assert!(compilation.program.is_some(), "{:#?}", compilation.problems);
    compilation.program.unwrap()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The shop.
pub(crate) fn program() -> ir::Program {
    compiled("shop", THANKS)
}

/// Makes arrivals without reading any text: what intake does to a body is measured over HTTP.
#[derive(Debug)]
pub(crate) struct Arrivals {
    added: journey_engine::Event,
    bought: journey_engine::Event,
}

impl Arrivals {
    pub(crate) fn of(program: &Program) -> Self {
        let event = |name: &str, fields: serde_json::Value| {
            let raw = RawEvent {
                id: EventId([0; 16]),
                name,
                occurred_at: 0,
                received_at: 0,
                fields: fields.as_object().unwrap(),
            };
            admit::event(program, raw).unwrap().value
        };
        Self {
            added: event("add_to_cart", json!({"cart_id": "c1", "total": 50_000})),
            bought: event(
                "purchase",
                json!({"order_id": "o123456", "cart_id": "c1", "total": 50_000, "category": "홍삼"}),
            ),
        }
    }

    /// The `n`th event of all, of a contact.
    pub(crate) fn event(&self, contact: usize, n: usize, at: ir::Instant) -> Arrival {
        let bought = n % 3 == 2;
        let mut event = if bought { &self.bought } else { &self.added }.clone();
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip((n as u64).to_le_bytes()) {
            *to = from;
        }
        event.id = EventId(id);
        event.occurred_at = at;
        event.received_at = at;
        if bought && let Some(order) = event.fields.first_mut() {
            *order = Some(ir::Value::Text(format!("o{n}")));
        }
        Arrival {
            who: Who::Known(format!("contact-{contact}")),
            received_at: at,
            id: Some(id),
            item: Some(Item::Event(event)),
        }
    }
}
