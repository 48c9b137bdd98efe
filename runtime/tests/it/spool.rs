//! Requests that are acknowledged before they are decided: answered while nothing is decided at all, decided afterwards in
//! their order, before everything that is due later, once, and not lost when the daemon stops in between.

use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use journey_ir::time::{HOUR, MINUTE};
use journeyd::clock::ManualClock;
use journeyd::daemon::Daemon;
use journeyd::inspect;
use journeyd::intake::Limits;
use journeyd::process::Line;
use journeyd::store::spool::{DECIDED, SPOOL, undecided};
use journeyd::store::{Read as _, SqliteReader};
use serde_json::{Value, json};

use crate::busy::{self, Held, ask};
use crate::clients::{Answer, get, post, send};
use crate::daemon::{KEY, TOKEN};
use crate::shop::MONDAY;

/// A daemon that spools everything.
async fn open(folder: &Path, clock: &Arc<ManualClock>) -> Daemon {
    let limits = Limits {
        spool_after: 0,
        ..Limits::default()
    };
    busy::open(folder, clock, limits).await
}

async fn track(to: SocketAddr, event: &str, properties: Value) -> Answer {
    let body = json!({"userId": "u1", "event": event, "properties": properties});
    ask(move || post(to, "/v1/track", KEY, &body)).await
}

async fn order(to: SocketAddr, n: usize) {
    let answer = track(
        to,
        "purchase",
        json!({"order_id": format!("o{n}"), "total": 1_000}),
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// The orders of u1 as history tells them, the oldest first.
fn orders(data: &Path) -> Vec<String> {
    let mut store = SqliteReader::open(data).unwrap();
    let Some(number) = store.find(&["u1"]).unwrap()[0] else {
        return Vec::new();
    };
    let row = store.load(&[number]).unwrap().remove(0);
    let mut entries = store.history(row.last, 10_000).unwrap();
    entries.reverse();
    let lines = entries.iter().map(|it| Line::decode(&it.record.body));
    let items = lines.filter_map(|line| Some(format!("{:?}", line?.item?)));
    let order = |item: String| {
        item.split("Text(\"")
            .nth(1)?
            .split('"')
            .next()
            .map(str::to_owned)
    };
    items.filter_map(order).collect()
}

/// Whether some bytes lie in the spool's files, which nobody else can read.
fn spool_holds(data: &Path, what: &str) -> bool {
    let folder = data.join(SPOOL);
    assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);
    let files = std::fs::read_dir(folder).unwrap();
    files.into_iter().any(|file| {
        let path = file.unwrap().path();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        let bytes = std::fs::read(path).unwrap();
        bytes
            .windows(what.len())
            .any(|part| part == what.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_answered_while_nothing_is_decided_is_decided_in_its_order() {
    let root = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(MONDAY));
    let daemon = open(root.path(), &clock).await;
    let held = Held::hold(&daemon).await;
    for n in 0..12 {
        order(daemon.address, n).await;
        clock.advance(1);
    }
    // A repeat, and something that fits nothing: both are answered, and told apart later.
    order_again(daemon.address).await;
    let wrong = track(daemon.address, "purchase", json!({"order_id": 7})).await;
    assert_eq!(wrong.status, 200);
    assert_eq!(orders(root.path()), [""; 0]);
    held.let_go().await;
    assert!(daemon.stop().await);

    // What was not decided before the stop is decided after the next start.
    let daemon = open(root.path(), &clock).await;
    order(daemon.address, 12).await;
    while orders(root.path()).len() < 13 {
        tokio::task::yield_now().await;
    }
    let expected: Vec<String> = (0..13).map(|n| format!("o{n}")).collect();
    assert_eq!(orders(root.path()), expected);
    let mut store = SqliteReader::open(root.path()).unwrap();
    let rejected = store.rejected(None, 10).unwrap();
    assert_eq!(rejected.len(), 1, "{rejected:?}");
    assert_eq!(rejected[0].rejected.source, "web");
    let verified = inspect::verify(&mut store).unwrap();
    assert!(verified.is_sound(), "{verified}");
    assert!(daemon.stop().await);
}

async fn order_again(to: SocketAddr) {
    let body = json!({"userId": "u1", "event": "purchase", "messageId": "same",
        "properties": {"order_id": "o11", "total": 1_000}});
    for _ in 0..2 {
        let body = body.clone();
        let answer = ask(move || post(to, "/v1/track", KEY, &body)).await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_woken_before_what_came_in_earlier_is_decided() {
    let root = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(MONDAY));
    let daemon = open(root.path(), &clock).await;
    let identify = json!({"userId": "u1", "traits": {"email": "u1@example.com"}});
    let to = daemon.address;
    let known = ask(move || post(to, "/v1/identify", KEY, &identify)).await;
    assert_eq!(known.status, 200);
    order(to, 1).await;
    clock.advance(1_000);
    let waits = move || {
        get(to, "/metrics", "").map(|it| !it.body.contains("journeyd_spool_age_seconds 0\n"))
    };
    while ask(waits).await {}
    // An hour after the order a question follows. Something came in before that and is not decided yet.
    daemon.handle.is_undecided_since(MONDAY + HOUR - MINUTE);
    clock.advance(2 * HOUR);
    let asked = |data: &Path| {
        let mut store = SqliteReader::open(data).unwrap();
        let effects = store.effects(0, None, None, 100).unwrap();
        effects.len()
    };
    // Other work goes on meanwhile: it would have taken the wake-up along.
    for _ in 0..5 {
        let batch = journeyd::process::Batch::default();
        daemon.handle.submit(batch, 1).await.unwrap();
    }
    assert_eq!(asked(root.path()), 1, "the receipt");
    daemon.handle.is_undecided_since(i64::MAX);
    while asked(root.path()) < 2 {
        tokio::task::yield_now().await;
    }
    assert!(daemon.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_erased_is_gone_from_the_spool_too() {
    let root = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(MONDAY));
    let daemon = open(root.path(), &clock).await;
    let to = daemon.address;
    let identify = json!({"userId": "u1", "traits": {"email": "minji@example.com"}});
    let known = ask(move || post(to, "/v1/identify", KEY, &identify)).await;
    assert_eq!(known.status, 200);
    order(to, 1).await;
    while orders(root.path()).is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(spool_holds(root.path(), "minji@"));
    let bearer = format!("Bearer {TOKEN}");
    let erased = ask(move || {
        let admin = [("Authorization", bearer.as_str())];
        send(to, "DELETE", "/v1/contacts/u1", &admin, b"")
    })
    .await;
    assert_eq!(erased.status, 200, "{erased:?}");
    assert!(!spool_holds(root.path(), "minji@"));
    assert!(daemon.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_spool_sends_away_and_says_so() {
    let root = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(MONDAY));
    let limits = Limits {
        spool: 1_000,
        spool_after: 0,
        ..Limits::default()
    };
    let daemon = busy::open(root.path(), &clock, limits).await;
    let held = Held::hold(&daemon).await;
    let mut taken = 0;
    let refused = loop {
        let order = json!({"order_id": format!("o{taken}"), "total": 1_000});
        let answer = track(daemon.address, "purchase", order).await;
        if answer.status != 200 {
            break answer;
        }
        taken += 1;
    };
    assert_eq!(refused.status, 429, "{refused:?}");
    assert_eq!(refused.header("retry-after"), Some("2"));
    let to = daemon.address;
    let ready = ask(move || get(to, "/ready", "")).await;
    assert_eq!(ready.status, 503, "{ready:?}");
    let metrics = ask(move || get(to, "/metrics", "")).await.body;
    assert!(!metrics.contains("journeyd_spool_bytes 0\n"), "{metrics}");
    let told = ask(move || get(to, "/v1/status", TOKEN)).await.json();
    let waits = told["undecided"]["bytes"].as_u64().unwrap();
    assert_eq!(told["undecided"]["since"], json!(MONDAY));
    // Whoever looks from outside finds the same.
    let mut store = SqliteReader::open(root.path()).unwrap();
    let found = undecided(root.path(), || store.meta(DECIDED)).unwrap();
    assert_eq!(found.map(|it| (it.bytes, it.since)), Some((waits, MONDAY)));
    held.let_go().await;
    while orders(root.path()).len() < taken {
        tokio::task::yield_now().await;
    }
    let found = undecided(root.path(), || store.meta(DECIDED)).unwrap();
    assert_eq!(found, None);
    order(daemon.address, taken).await;
    assert!(daemon.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_spool_leaves_the_store_its_room_on_the_disk() {
    let root = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(MONDAY));
    let limits = Limits {
        spool_after: 0,
        least_room: u64::MAX,
        ..Limits::default()
    };
    let daemon = busy::open(root.path(), &clock, limits).await;
    let order = json!({"order_id": "o1", "total": 1});
    let answer = track(daemon.address, "purchase", order).await;
    assert_eq!(answer.status, 429, "{answer:?}");
    assert!(daemon.stop().await);
    assert_eq!(orders(root.path()), [""; 0]);
}
