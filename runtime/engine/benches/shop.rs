//! Events per second of the engine alone, in memory, on one core: a small shop of its own with a lifecycle, a segment,
//! three journeys and a policy; 10,000 contacts, one million events over two years, four of five of them visits, which
//! start nothing. The real shop project is measured by the compiler's benchmark `engine`. Printed twice: with states kept in
//! memory, and with every state read from bytes and written back for every event.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_imports,
    clippy::print_stdout,
    clippy::disallowed_methods,
    dead_code,
    reason = "a bench measures, prints, and fails by panicking"
)]

#[path = "../tests/it/build.rs"]
mod build;

use std::sync::Arc;
use std::time::Instant as Stopwatch;

use build::*;
use journey_engine::{Contact, Event, EventId, Item, Outcome, Program, advance, step};
use journey_ir::journey::Reenter;
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;

const CONTACTS: usize = 10_000;
const EVENTS: usize = 1_000_000;

fn shop(zone: &str) -> (Arc<Program>, [EventIx; 3]) {
    let mut b = Build::new().zone(zone);
    let fields = [
        ("order_id", Type::Text),
        ("total", Type::Money(Currency::new("KRW"))),
    ];
    let visit = b.event("visit", &fields);
    let cart = b.event("add_to_cart", &fields);
    let purchase = b.event("purchase", &fields);
    let lifecycle = b.shop_lifecycle(purchase, 10 * MINUTE);
    let fans = b.did(purchase, 3, Window::Last(days(180)), 0);
    b.segment("fans", fans);
    let reminder = b.mail("cart_reminder");
    let survey = b.mail("how_are_you");
    let offer = b.mail("big_discount");
    let rescue = b.journey(
        "cart_rescue",
        when(cart),
        vec![wait(days(1), 10 * MINUTE, next(1)), send(reminder, None)],
    );
    rescue.reenter = Reenter::After(days(30));
    rescue.goal = Some(Goal {
        event: purchase,
        filter: None,
        within: days(7),
        keep_going: false,
    });
    for (name, stage, mail) in [("win_back", 2, survey), ("lapsed", 3, offer)] {
        let trigger = Trigger::Becomes {
            lifecycle,
            stage: StageIx(stage),
        };
        let journey = b.journey(
            name,
            Entry::When {
                trigger,
                condition: None,
            },
            vec![
                send(mail, next(1)),
                race(days(7), 0, vec![(on(visit), None)], None),
            ],
        );
        journey.reenter = Reenter::After(days(180));
        journey.goal = Some(Goal {
            event: purchase,
            filter: None,
            within: days(30),
            keep_going: false,
        });
    }
    b.ir.policies.push(Policy {
        name: "fatigue".into(),
        title: None,
        rules: vec![PolicyRule::Cap {
            at_most: 2,
            purpose: None,
            per: days(1),
            then: Then::Skip,
        }],
    });
    (b.link(), [visit, cart, purchase])
}

/// Who does what when, in order of time. A fixed sequence, not a random one.
fn events(kinds: [EventIx; 3]) -> Vec<(usize, Item)> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let apart = 730 * DAY / EVENTS as i64;
    (0..EVENTS)
        .map(|n| {
            let at = MONDAY + apart * n as i64;
            let kind = match draw(100) {
                0..80 => kinds[0],
                80..90 => kinds[1],
                _ => kinds[2],
            };
            let mut id = [0; 16];
            id[..8].copy_from_slice(&(n as u64).to_le_bytes());
            let event = Event {
                id: EventId(id),
                kind,
                occurred_at: at,
                received_at: at,
                fields: vec![None, Some(won(30_000))],
            };
            (draw(CONTACTS as u64) as usize, Item::Event(event))
        })
        .collect()
}

fn people(program: &Program, out: &mut Outcome) -> Vec<Contact> {
    let person = |n| {
        let mut contact = Contact::new(&format!("contact-{n}"));
        let set = vec![(AttributeIx(0), Some(text("someone@example.com")))];
        step(
            program,
            &mut contact,
            &Item::Attributes {
                set,
                occurred_at: MONDAY - HOUR,
            },
            MONDAY - HOUR,
            out,
        );
        contact
    };
    (0..CONTACTS).map(person).collect()
}

fn measure(zone: &str, stored: bool) {
    let (program, kinds) = shop(zone);
    let events = events(kinds);
    let mut out = Outcome::default();
    let mut contacts = people(&program, &mut out);
    let mut states: Vec<Vec<u8>> = contacts.iter().map(Contact::encode).collect();
    let (mut happenings, mut effects) = (0, 0);
    let start = Stopwatch::now();
    for (who, item) in &events {
        out.clear();
        if stored {
            let mut contact = Contact::decode(&states[*who], &program).unwrap();
            step(&program, &mut contact, item, item.occurred_at(), &mut out);
            states[*who] = contact.encode();
        } else {
            step(
                &program,
                &mut contacts[*who],
                item,
                item.occurred_at(),
                &mut out,
            );
        }
        happenings += out.history.len();
        effects += out.effects.len();
    }
    let seconds = start.elapsed().as_secs_f64();
    for contact in &mut contacts {
        advance(&program, contact, MONDAY + 730 * DAY, &mut out);
    }
    let bytes: usize = states.iter().map(Vec::len).sum();
    println!(
        "{zone:<18} {} {:>10.0} events/s   {happenings} happenings, {effects} effects{}",
        if stored {
            "read and written"
        } else {
            "in memory       "
        },
        EVENTS as f64 / seconds,
        if stored {
            format!(", {} bytes per contact", bytes / CONTACTS)
        } else {
            String::new()
        },
    );
}

fn main() {
    for zone in ["UTC", "Asia/Seoul", "America/New_York"] {
        measure(zone, false);
        measure(zone, true);
    }
}
