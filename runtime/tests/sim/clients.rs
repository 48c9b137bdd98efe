//! Those who send: client libraries that hold what was not acknowledged and send it again, out of order, twice, late.

use std::collections::{BTreeMap, BTreeSet};

use journey_arrivals::{Origin, Translator};
use journey_ir::Instant;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journeyd::process::{Arrival, Batch};
use serde_json::{Map, Value, json};

use crate::chance::Chance;

/// How many people there are.
const PEOPLE: usize = 7;
/// How many devices.
const DEVICES: usize = 4;

/// One call of a client library.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    number: u64,
    kind: &'static str,
    body: Map<String, Value>,
}

/// The clients together.
#[derive(Debug)]
pub(crate) struct Clients {
    chance: Chance,
    next: u64,
    /// What was not acknowledged.
    waiting: BTreeMap<u64, Call>,
    /// What was, and may be sent again all the same.
    known: Vec<Call>,
    /// The orders of those purchases that were acknowledged, by the person who is sent with them.
    bought: BTreeMap<String, BTreeSet<String>>,
}

impl Clients {
    pub(crate) const fn new(chance: Chance) -> Self {
        Self {
            chance,
            next: 0,
            waiting: BTreeMap::new(),
            known: Vec::new(),
            bought: BTreeMap::new(),
        }
    }

    /// Something happens to somebody, now or a while ago.
    pub(crate) fn happen(&mut self, now: Instant) {
        let number = self.next;
        self.next += 1;
        let chance = &mut self.chance;
        let ago = match chance.below(8) {
            0 => chance.between(0, 3 * DAY),
            1 | 2 => chance.between(0, 2 * HOUR),
            _ => chance.between(0, MINUTE),
        };
        let person = format!("p{}", chance.below(PEOPLE));
        let device = format!("d{}", chance.below(DEVICES));
        let who = match chance.below(16) {
            0 | 1 => json!({"anonymousId": device}),
            2 => json!({"userId": person, "anonymousId": device}),
            _ => json!({"userId": person}),
        };
        let event = |name: &str, properties: Value| {
            let body = json!({"event": name, "properties": properties});
            ("track", body)
        };
        let (kind, what) = match chance.below(12) {
            0 | 1 => {
                // Of different sizes, so that the journal grows differently.
                let name = "n".repeat(chance.below(1_500) + 1);
                let traits = json!({"email": format!("{person}@example.com"), "phone": "010-1234-5678", "name": name});
                ("identify", json!({"traits": traits}))
            }
            2 => (
                "identify",
                json!({"traits": {"consents": {"marketing": {"email": true}}}}),
            ),
            3 if chance.one_in(6) => ("alias", json!({"previousId": device, "userId": person})),
            3..=5 => event(
                "cart_filled",
                json!({"cart": format!("c{}", chance.below(20))}),
            ),
            6 | 7 => event("box_opened", json!({})),
            _ => {
                let order = format!("o{}", chance.below(40));
                event(
                    "purchase",
                    json!({"order_id": order, "total": 1_000 + chance.below(90_000)}),
                )
            }
        };
        let mut body = Map::new();
        for part in [who, what] {
            body.extend(part.as_object().unwrap().clone());
        }
        body.insert("messageId".to_owned(), json!(format!("m{number}")));
        let at = jiff::Timestamp::from_millisecond(now - ago).unwrap();
        body.insert("timestamp".to_owned(), json!(at.to_string()));
        let call = Call { number, kind, body };
        self.waiting.insert(number, call);
    }

    /// How many calls wait for an acknowledgement.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What the next request has in it: some of what waits in any order, and some of what is long known.
    pub(crate) fn request(&mut self, all: bool) -> Vec<Call> {
        let chance = &mut self.chance;
        let waiting = self.waiting.values();
        let mut calls: Vec<Call> = waiting
            .filter(|_| all || !chance.one_in(3))
            .cloned()
            .collect();
        if !self.known.is_empty() && chance.one_in(3) {
            for _ in 0..chance.below(4) {
                calls.push(chance.pick(&self.known).clone());
            }
        }
        chance.shuffle(&mut calls);
        calls
    }

    /// They were acknowledged.
    pub(crate) fn acknowledged(&mut self, calls: &[Call]) {
        for call in calls {
            if self.waiting.remove(&call.number).is_some() {
                if let Some((person, order)) = purchase(call) {
                    self.bought.entry(person).or_default().insert(order);
                }
                self.known.push(call.clone());
            }
        }
    }

    /// All orders of the acknowledged purchases of those who bought under their own name, each person's once.
    pub(crate) const fn bought(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.bought
    }
}

fn purchase(call: &Call) -> Option<(String, String)> {
    let order = call.body.get("properties")?.get("order_id")?.as_str()?;
    let person = call.body.get("userId")?.as_str()?;
    Some((person.to_owned(), order.to_owned()))
}

/// What the intake makes of a request.
pub(crate) fn batch(translator: &Translator, calls: &[Call], now: Instant) -> Batch {
    let origin = Origin {
        source: "web",
        received_at: now,
        sent_at: None,
    };
    let mut arrivals: Vec<Arrival> = Vec::new();
    for call in calls {
        let text = serde_json::to_string(&call.body).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        let translated = translator.item(call.kind, &read, origin).unwrap();
        assert_eq!(translated.problems, [], "{call:?}");
        arrivals.extend(translated.arrivals);
    }
    Batch {
        arrivals,
        ..Batch::default()
    }
}
