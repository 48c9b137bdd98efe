//! How many events the daemon takes per second: processed into SQLite, each commit surviving a loss of power, with
//! random contacts, beside a plain SQLite loop that does the same work; a real log replayed; a million timers; and over
//! HTTP in batches of 100 with durable acknowledgement.
//!
//! `cargo bench -p journeyd --bench throughput -- live` measures one thing: `live` (100,000 and a million contacts),
//! `huge` (the same and five million), `reference` (the plain loop alone), `replay`, `timers`, `http`; without a word
//! `live`, `replay`, `timers` and `http`. `CONTACTS` and `EVENTS` in the environment change the size, `JOURNEY_LOGS`
//! names the folder of real logs.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement prints, and stops where something is wrong"
)]

mod live;
#[path = "../numbers/mod.rs"]
mod numbers;
mod reference;
mod replay;
mod shop;
mod timers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use journeyd::clock::SystemClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::connector::guard::Reach;
use journeyd::secrets::Secrets;
use journeyd::store::Durability;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use numbers::Numbers;
use timers::End;

/// The memory of the daemon.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
        program: shop::program(),
        renamed_from: None,
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
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("part", rest)) = words
        .split_first()
        .map(|(word, rest)| (word.as_str(), rest))
    {
        return live::part(rest);
    }
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let asked = |word: &str| words.is_empty() || words.contains(&word);
    if words.contains(&"huge") {
        live::measure(&[100_000, 1_000_000, 5_000_000]);
    } else if asked("live") {
        match size("CONTACTS", 0) {
            0 => live::measure(&[100_000, 1_000_000]),
            contacts => live::measure(&[contacts]),
        }
    }
    if words.contains(&"reference") {
        reference::row_per_record(size("CONTACTS", 100_000), size("EVENTS", 300_000));
    }
    let replayed = asked("replay").then(replay::measure).flatten();
    if asked("timers") {
        let contacts = size("CONTACTS", 1_000_000);
        for end in [End::AtOneInstant, End::WithinAnHour] {
            for durability in [Durability::Crash, Durability::PowerLoss] {
                let woken = timers::measure(contacts, end, durability);
                if let Some(replayed) = replayed {
                    println!(
                        "    woken / replayed: {:.2}, and in the tables: {:.2}",
                        woken.durable / replayed,
                        woken.written / replayed
                    );
                }
            }
        }
    }
    if asked("http") {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let (contacts, events) = (size("CONTACTS", 100_000), size("EVENTS", 200_000));
        runtime.unwrap().block_on(measure_http(contacts, events));
    }
}
