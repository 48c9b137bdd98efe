//! From an event to its mail: how long after it was to be sent over HTTP the end of its message is at the mail server,
//! with every step between them durable.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use journeyd::daemon::Daemon;

use crate::daemon::{self, size};
use crate::load::{self, Closed, Contacts, Template, Window};
use crate::sink::Sink;

/// Connections when the daemon is driven as fast as it goes.
const CONNECTIONS: usize = 64;
/// Events on their way to becoming mails, when it is measured how many go through.
const UNDER_WAY: usize = 1_000;

pub(crate) fn purchase() -> Template {
    Template::post(
        "/v1/track",
        "{\"event\":\"purchase\",\"userId\":\"c@@@@@@@@\",\"messageId\":\"m#########\",\
         \"properties\":{\"order_id\":\"o#########\",\"total\":50000}}",
    )
}

/// Everybody gets an address with their number in it.
fn people() -> Template {
    let one = "{\"type\":\"identify\",\"userId\":\"c@@@@@@@@\",\"traits\":{\"email\":\"c%%%%%%%%@example.com\"}}";
    Template::post("/v1/batch", &format!("{{\"batch\":[{one}]}}"))
}

/// Prints latencies at 500 events/s, the most that goes through, and latencies at 80 % of that.
pub(crate) async fn run() {
    let seconds = size("SECONDS", 10);
    let folder = tempfile::tempdir().unwrap();
    let contacts = size("PEOPLE", 50_000);
    let sink = Sink::start(contacts);
    let program = daemon::receipts(folder.path(), sink.address.port(), "");
    let daemon = daemon::start(program, &folder.path().join("data")).await;
    let address = daemon.address;
    let work = tokio::task::spawn_blocking(move || {
        let closed = |each, template, run| Closed {
            address,
            connections: CONNECTIONS,
            each,
            template,
            contacts: Contacts::InOrder,
            run,
            window: None,
        };
        closed(contacts / CONNECTIONS + 1, people(), 0).run();
        at_rate(&daemon, &sink, 500.0, 500 * seconds, 1);
        let most = saturate(&sink, closed(contacts / 2 / CONNECTIONS, purchase(), 2));
        let events = ((most * 0.8) as usize * seconds).min(contacts);
        at_rate(&daemon, &sink, most * 0.8, events, 3);
        daemon
    });
    assert!(work.await.unwrap().stop().await);
}

/// How many events a second become mails when the next are sent as soon as those before them have become mails, with a
/// thousand on their way: events that are taken faster than mails go out only wait longer.
fn saturate(sink: &Sink, mut load: Closed) -> f64 {
    let before = sink.messages();
    let events = load.each * load.connections;
    load.window = Some(Window {
        sink: sink.clone(),
        most: UNDER_WAY,
        expected: Arc::new(AtomicUsize::new(before)),
    });
    let began = Instant::now();
    load.run();
    sink.wait_for(before + events);
    let took = began.elapsed().as_secs_f64();
    let most = events as f64 / took;
    println!(
        "event to mail, as fast as it goes with {UNDER_WAY} on their way: {events} events in {took:.2} s, {most:.0}/s"
    );
    most
}

fn at_rate(daemon: &Daemon, sink: &Sink, rate: f64, events: usize, run: usize) {
    let before = sink.messages();
    let planned = load::open(daemon.address, &purchase(), rate, events, run);
    sink.wait_for(before + events);
    let mut late: Vec<Duration> = planned
        .iter()
        .enumerate()
        .filter_map(|(n, at)| Some(sink.stamp(n)?.saturating_duration_since(*at)))
        .collect();
    late.sort_unstable();
    let part = |of_all: f64| {
        let at = (late.len() as f64 * of_all) as usize;
        late.get(at.min(late.len() - 1)).unwrap().as_secs_f64() * 1e3
    };
    println!(
        "event to mail, {rate:.0} events/s: {events} events, p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, worst {:.2} ms",
        part(0.5),
        part(0.9),
        part(0.99),
        part(1.0)
    );
}
