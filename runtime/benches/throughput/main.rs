//! How many events the daemon takes per second: processed into SQLite, each commit surviving a loss of power, with
//! random contacts, beside a plain SQLite loop that does the same work; a real log replayed; and over HTTP in batches of
//! 100 with durable acknowledgement. `cargo bench -p journeyd --bench throughput`.
//!
//! `CONTACTS` and `EVENTS` in the environment change the size, `JOURNEY_LOGS` names the folder of real logs.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops where something is wrong"
)]

mod reference;
mod replay;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use journey_engine::{Item, Program, RawEvent, admit};
use journey_ir as ir;
use journeyd::clock::Clock as _;
use journeyd::clock::SystemClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::connector::guard::Reach;
use journeyd::process::{self, Arrival, Batch, Process, Who, message_id};
use journeyd::secrets::Secrets;
use journeyd::store::{DataFolder, Durability, Sqlite, Store as _};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Items per commit when the process is measured alone.
const COMMIT: usize = 1_000;
/// Connections when HTTP is measured.
const CONNECTIONS: usize = 16;
/// Items per HTTP batch.
const BATCH: usize = 100;

fn size(name: &str, usual: usize) -> usize {
    let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
    set.unwrap_or(usual)
}

/// The shop of the examples: lifecycles, segments, journeys.
fn program() -> ir::Program {
    compiled("shop")
}

/// An example project.
fn compiled(example: &str) -> ir::Program {
    let examples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples"));
    let project = journeyc::load(&examples.join(example)).unwrap();
    let compilation = journeyc::compile(&project);
    compilation.program.unwrap()
}

/// A small generator of numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % most
    }
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

fn fill(process: &mut Process<Sqlite>, contacts: usize, at: i64) {
    process.store().set_durability(Durability::Crash).unwrap();
    let program = Arc::clone(process.program());
    for first in (0..contacts).step_by(10_000) {
        let last = (first + 10_000).min(contacts);
        let arrivals = (first..last).map(|n| arrival(&program, n, n, at)).collect();
        let batch = Batch {
            arrivals,
            ..Batch::default()
        };
        process.turn(&[batch], None, at).unwrap();
    }
    process
        .store()
        .set_durability(Durability::PowerLoss)
        .unwrap();
    process.store().checkpoint().unwrap();
}

fn measure_process(contacts: usize, events: usize) -> f64 {
    let root = tempfile::tempdir().unwrap();
    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let now = SystemClock.now();
    let mut process = process::open(store, program(), now, &mut |_| {}).unwrap();
    fill(&mut process, contacts, now);
    let linked = Arc::clone(process.program());
    let mut numbers = Numbers(7);
    let batches: Vec<Batch> = (0..events / COMMIT)
        .map(|batch| {
            let arrivals = (0..COMMIT).map(|n| {
                let n = contacts + batch * COMMIT + n;
                arrival(&linked, numbers.below(contacts), n, now + n as i64)
            });
            Batch {
                arrivals: arrivals.collect(),
                ..Batch::default()
            }
        })
        .collect();
    let started = Instant::now();
    for batch in &batches {
        let at = batch.arrivals.last().unwrap().received_at;
        process.turn(std::slice::from_ref(batch), None, at).unwrap();
    }
    let figure = report(
        "process, full sync",
        contacts,
        batches.len() * COMMIT,
        started,
    );
    let bytes = std::fs::metadata(root.path().join("journey.db"))
        .unwrap()
        .len();
    println!("    {} bytes on disk per contact", bytes / contacts as u64);
    figure
}

/// Prints a figure, and gives it: events per second.
fn report(what: &str, contacts: usize, events: usize, started: Instant) -> f64 {
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{what}: {contacts} contacts, {events} events in {seconds:.2} s, {:.0} events/s",
        events as f64 / seconds
    );
    events as f64 / seconds
}

async fn measure_http(contacts: usize, events: usize) {
    let root = tempfile::tempdir().unwrap();
    let options = Options {
        program: program(),
        data: root.path().to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        secrets: Secrets::fixed([]),
        reach: Reach::Public,
        clock: Arc::new(SystemClock),
        environment: |name| (name == "JOURNEY_WRITE_KEYS").then(|| "bench:key".to_owned()),
        facing: Facing::default(),
    };
    let daemon = Daemon::start(options, &mut |_| {}).await.unwrap();
    let address = daemon.address;
    let each = events / BATCH / CONNECTIONS;
    let started = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CONNECTIONS {
        clients.spawn(async move {
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let mut numbers = Numbers(client as u64 + 1);
            let mut answer = vec![0; 4096];
            for batch in 0..each {
                let body = body(client, batch, contacts, &mut numbers);
                let head = format!(
                    "POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(head.as_bytes()).await.unwrap();
                stream.write_all(body.as_bytes()).await.unwrap();
                let read = stream.read(&mut answer).await.unwrap();
                assert!(answer.get(..read).unwrap().starts_with(b"HTTP/1.1 200"));
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    report(
        "http, batches of 100, durable",
        contacts,
        each * BATCH * CONNECTIONS,
        started,
    );
    assert!(daemon.stop().await);
}

fn body(client: usize, batch: usize, contacts: usize, numbers: &mut Numbers) -> String {
    let items: Vec<_> = (0..BATCH)
        .map(|n| {
            let event = if n.is_multiple_of(3) { "purchase" } else { "add_to_cart" };
            json!({"type": "track", "event": event, "userId": format!("contact-{}", numbers.below(contacts)),
                "messageId": format!("{client}-{batch}-{n}"),
                "properties": {"order_id": format!("o{client}-{batch}-{n}"), "total": 50_000, "cart_id": "c1", "category": "홍삼"}})
        })
        .collect();
    json!({"writeKey": "key", "batch": items}).to_string()
}

fn main() {
    let contacts = size("CONTACTS", 100_000);
    let events = size("EVENTS", 200_000);
    let ours = measure_process(contacts, events);
    let plain = reference::row_per_record(contacts, events);
    println!("    process / reference: {:.2}", ours / plain);
    replay::measure();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(measure_http(contacts, events));
}
