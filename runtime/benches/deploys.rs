//! How long a deploy on a store with history holds anybody up: the commit that lets the new program decide, turns of live
//! events between commits of the sweep beside turns in peace, and the sweep alone.
//! `cargo bench -p journeyd --bench deploys`; `CONTACTS` and `EVENTS_EACH` in the environment change the size.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops where something is wrong"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use journey_engine::{Item, Program, RawEvent, admit};
use journey_ir as ir;
use journeyd::clock::{Clock as _, SystemClock};
use journeyd::process::{self, Arrival, Batch, Effects, Process, Wakes, Who, message_id};
use journeyd::store::{DataFolder, Durability, Sqlite, Store as _};
use serde_json::json;

/// Events per live turn.
const LIVE: usize = 100;
/// Live turns in peace.
const IN_PEACE: usize = 300;
/// What the daemon counts between two turns, and where nobody waits.
const BETWEEN: usize = 64;
const AT_REST: usize = 512;

fn size(name: &str, usual: usize) -> usize {
    let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
    set.unwrap_or(usual)
}

/// The shop of the examples.
fn program() -> ir::Program {
    let examples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples"));
    let project = journeyc::load(&examples.join("shop")).unwrap();
    journeyc::compile(&project).program.unwrap()
}

fn arrival(program: &Program, contact: usize, n: usize, at: i64) -> Arrival {
    let name = if n.is_multiple_of(3) {
        "purchase"
    } else {
        "add_to_cart"
    };
    let fields =
        json!({"order_id": format!("o{n}"), "total": 50_000, "cart_id": "c1", "category": "홍삼"});
    let id = message_id("bench", &format!("m{n}"));
    let raw = RawEvent {
        id: journey_engine::EventId(id),
        name,
        occurred_at: at,
        received_at: at,
        fields: fields.as_object().unwrap(),
    };
    Arrival {
        who: Who::Known(format!("contact-{contact}")),
        received_at: at,
        id: Some(id),
        item: admit::event(program, raw)
            .ok()
            .map(|event| Item::Event(event.value)),
    }
}

fn take(process: &mut Process<Sqlite>, arrivals: Vec<Arrival>, at: i64) {
    let batch = Batch {
        arrivals,
        ..Batch::default()
    };
    let wakes = Wakes {
        until: at,
        most: 1_024,
        effects: Effects::Act,
    };
    process.turn(&[batch], Some(wakes), at).unwrap();
}

/// Live events of contacts all over the store.
struct Live {
    contacts: usize,
    next: usize,
}

impl Live {
    fn turn(&mut self, process: &mut Process<Sqlite>) -> Duration {
        let program = Arc::clone(process.program());
        let now = SystemClock.now();
        let arrivals = (0..LIVE).map(|_| {
            self.next += 1;
            let who = self.next.wrapping_mul(7_919) % self.contacts;
            arrival(&program, who, self.next, now)
        });
        let arrivals = arrivals.collect();
        let began = Instant::now();
        take(process, arrivals, now);
        began.elapsed()
    }
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| {
        let place = (times.len() * share / 1_000).min(times.len() - 1);
        times.get(place).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    };
    println!(
        "{what}: p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms ({} of them)",
        at(500),
        at(990),
        at(1_000),
        times.len()
    );
}

fn main() {
    let contacts = size("CONTACTS", 100_000);
    let each = size("EVENTS_EACH", 5);
    let root = tempfile::tempdir().unwrap();
    let open = || Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let first = SystemClock.now() - 3_600_000;
    let mut process = process::open(open(), program(), first, &mut |_| {}).unwrap();
    process.store().set_durability(Durability::Crash).unwrap();
    let linked = Arc::clone(process.program());
    for round in 0..each {
        for from in (0..contacts).step_by(10_000) {
            let some = from..(from + 10_000).min(contacts);
            let at = first + round as i64 * 60_000;
            let arrivals = some.map(|n| arrival(&linked, n, round * contacts + n, at));
            take(&mut process, arrivals.collect(), at);
        }
    }
    process
        .store()
        .set_durability(Durability::PowerLoss)
        .unwrap();
    process.store().checkpoint().unwrap();
    drop(process);

    let now = SystemClock.now();
    let began = Instant::now();
    let mut process = process::take_up(open(), program(), now).unwrap();
    println!(
        "{contacts} contacts with {each} events each, opened in {:.0} ms",
        began.elapsed().as_secs_f64() * 1_000.0
    );
    let mut live = Live {
        contacts,
        next: each * contacts,
    };
    let peace = (0..IN_PEACE).map(|_| live.turn(&mut process)).collect();
    told("a turn of 100 events in peace", peace);

    let mut changed = program();
    if let Some(segment) = changed.segments.first_mut() {
        segment.name.push_str(" of today");
    }
    let began = Instant::now();
    process.redeploy(changed, SystemClock.now()).unwrap();
    println!(
        "another program decides after {:.1} ms",
        began.elapsed().as_secs_f64() * 1_000.0
    );
    let (mut turns, mut steps) = (Vec::new(), Vec::new());
    let began = Instant::now();
    while process.progress().is_some() {
        turns.push(live.turn(&mut process));
        let step = Instant::now();
        process.sweep(BETWEEN, SystemClock.now()).unwrap();
        steps.push(step.elapsed());
    }
    let took = began.elapsed().as_secs_f64();
    told("a turn of 100 events during the sweep", turns);
    told("a commit of the sweep between two turns", steps);
    println!(
        "all counted in {took:.1} s beside them, {:.0} contacts/s",
        contacts as f64 / took
    );

    process.redeploy(program(), SystemClock.now()).unwrap();
    let began = Instant::now();
    while process.sweep(AT_REST, SystemClock.now()).unwrap().is_some() {}
    let took = began.elapsed().as_secs_f64();
    println!(
        "all counted in {took:.1} s where nobody waits, {:.0} contacts/s",
        contacts as f64 / took
    );
}
