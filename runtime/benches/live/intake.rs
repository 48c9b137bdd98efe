//! Events over HTTP, each answered once it is durable: in batches of 100, and one by one from 64 clients. What is
//! acknowledged faster than it is decided is waited for, too, and both times are told.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use journeyd::daemon::Daemon;

use crate::daemon::{self, size};
use crate::load::{Closed, Contacts, Template, Took, process_time};
use crate::{bare, compiled};

/// Items per batch.
const BATCH: usize = 100;
/// Connections that send batches.
const BATCHERS: usize = 16;
/// Connections that send one event at a time.
const CLIENTS: usize = 64;

/// One item, as the client libraries write it.
fn item(n: usize, kind: &str) -> String {
    let event = if n.is_multiple_of(3) {
        "purchase"
    } else {
        "add_to_cart"
    };
    format!(
        "{{{kind}\"event\":\"{event}\",\"userId\":\"contact-@@@@@@@@\",\"messageId\":\"m-#########\",\
         \"properties\":{{\"order_id\":\"o#########\",\"total\":50000,\"cart_id\":\"c1\",\"category\":\"홍삼\"}}}}"
    )
}

fn batches() -> Template {
    let items: Vec<_> = (0..BATCH).map(|n| item(n, "\"type\":\"track\",")).collect();
    Template::post("/v1/batch", &format!("{{\"batch\":[{}]}}", items.join(",")))
}

struct Figure {
    rate: f64,
    /// What the server took of a processor per event, in microseconds.
    cost: f64,
}

fn measure(
    what: &str,
    address: SocketAddr,
    load: Closed,
    items: usize,
    daemon: Option<&Daemon>,
) -> Figure {
    let events = load.connections * load.each * items;
    let before = process_time();
    let began = Instant::now();
    let Took { wall, client } = Closed { address, ..load }.run();
    while daemon.is_some_and(|daemon| daemon.spooled() > 0) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let all = began.elapsed();
    let server = process_time().saturating_sub(before + client);
    let figure = Figure {
        rate: events as f64 / wall.as_secs_f64(),
        cost: server.as_secs_f64() * 1e6 / events as f64,
    };
    println!(
        "{what}: {events} events in {:.2} s, {:.0} events/s, {:.2} µs of a core per event (the client {:.2} µs)",
        wall.as_secs_f64(),
        figure.rate,
        figure.cost,
        client.as_secs_f64() * 1e6 / events as f64
    );
    if daemon.is_some() {
        println!(
            "    all of it decided after {:.2} s, {:.0} events/s",
            all.as_secs_f64(),
            events as f64 / all.as_secs_f64()
        );
    }
    figure
}

/// Prints our figures beside those of the bare server.
pub(crate) async fn run() {
    let contacts = size("CONTACTS", 100_000);
    let events = size("EVENTS", 1_000_000);
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let load = |connections, each, template| Closed {
        address: nowhere,
        connections,
        each,
        template,
        contacts: Contacts::Random(contacts),
        run: 1,
        window: None,
    };
    let first = Closed {
        contacts: Contacts::InOrder,
        run: 0,
        ..load(BATCHERS, contacts / BATCH / BATCHERS + 1, batches())
    };
    let many = load(BATCHERS, events / BATCH / BATCHERS, batches());
    let one = Closed {
        run: 2,
        ..load(
            CLIENTS,
            events / 10 / CLIENTS,
            Template::post("/v1/track", &item(1, "")),
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let bare = both(folder.path(), true, &first, &many, &one).await;
    let ours = both(folder.path(), false, &first, &many, &one).await;
    for (what, ours, bare) in [
        ("batches", &ours.0, &bare.0),
        ("single events", &ours.1, &bare.1),
    ] {
        println!(
            "    {what}: journeyd / bare server {:.2}, cost {:.1} times",
            ours.rate / bare.rate,
            ours.cost / bare.cost
        );
    }
}

async fn both(
    folder: &Path,
    is_bare: bool,
    first: &Closed,
    many: &Closed,
    one: &Closed,
) -> (Figure, Figure) {
    let (address, daemon) = if is_bare {
        (bare::start(folder).await, None)
    } else {
        let daemon = daemon::start(compiled("shop"), &folder.join("data")).await;
        (daemon.address, Some(Arc::new(daemon)))
    };
    let name = if is_bare { "bare server" } else { "journeyd" };
    let load = |load: &Closed, what: &str, items| {
        let (load, what) = (load.clone(), format!("{name}, {what}"));
        let daemon = daemon.clone();
        tokio::task::spawn_blocking(move || measure(&what, address, load, items, daemon.as_deref()))
    };
    load(first, "every contact once", BATCH).await.unwrap();
    let many = load(many, "batches of 100", BATCH).await.unwrap();
    let one = load(one, "single events, 64 clients", 1).await.unwrap();
    if let Some(daemon) = daemon.and_then(Arc::into_inner) {
        assert!(daemon.stop().await);
    }
    (many, one)
}
