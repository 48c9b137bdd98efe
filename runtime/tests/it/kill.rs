//! The real program under load, killed again and again without warning. It takes minutes, so it runs on demand:
//!
//! ```sh
//! KILLS=200 cargo test -p journeyd --test it -- --ignored --nocapture killed_hundreds_of_times
//! ```

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use journey_ir::Channel;
use journey_ir::project::{ChannelSettings, OnUnclear, Sender};
use journeyd::clock::{Clock as _, SystemClock};
use journeyd::inspect;
use journeyd::store::{Read as _, SqliteReader, Status};
use serde_json::{Value, json};

use crate::clients::post;
use crate::daemon::{KEY, run, start_as, start_with, text};
use crate::doubles::smtp::{Plan, SmtpServer};
use crate::shop::program;

const CLIENTS: usize = 3;
const ITEMS: usize = 5;

/// A batch in which each person is new and orders once.
fn batch(client: usize, n: usize) -> Value {
    let at = jiff::Timestamp::from_millisecond(SystemClock.now()).unwrap();
    let items = (0..ITEMS).flat_map(|item| {
        let who = format!("c{client}-{n}-{item}");
        let at = at.to_string();
        let identify = json!({"type": "identify", "userId": who, "timestamp": at, "messageId": format!("i{who}"),
            "traits": {"email": format!("{who}@example.com")}});
        let purchase = json!({"type": "track", "event": "purchase", "userId": who, "timestamp": at,
            "messageId": format!("p{who}"), "properties": {"order_id": who, "total": 1000}});
        [identify, purchase]
    });
    json!({ "batch": items.collect::<Vec<_>>() })
}

/// Sends one batch after the other, each until it is acknowledged; says how many.
fn client(
    client: usize,
    address: &Mutex<SocketAddr>,
    over: &AtomicBool,
    all: &AtomicUsize,
) -> usize {
    let mut n = 0;
    while !over.load(Ordering::Relaxed) {
        let batch = batch(client, n);
        loop {
            let to = *address.lock().unwrap();
            if post(to, "/v1/batch", KEY, &batch).is_ok_and(|answer| answer.status == 200) {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        n += 1;
        all.fetch_add(1, Ordering::Relaxed);
    }
    n
}

#[test]
#[ignore = "takes minutes; KILLS says how often it is killed"]
fn killed_hundreds_of_times_it_loses_nothing_and_sends_nothing_twice() {
    let kills: usize = std::env::var("KILLS").map_or(200, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut mail = runtime.block_on(SmtpServer::start([Plan::accept()]));
    let mut shop = program();
    shop.project.senders = vec![Sender {
        name: "shop".to_owned(),
        from: "Shop <shop@example.com>".to_owned(),
        reply_to: None,
    }];
    shop.project.channels = vec![ChannelSettings {
        channel: Channel::Email,
        sender: None,
        smtp: Some(format!("smtp://127.0.0.1:{}", mail.port)),
        action: None,
        on_unclear_result: Some(OnUnclear::Skip),
        fallback: None,
    }];
    let root = tempfile::tempdir().unwrap();
    let mut daemon = start_with(root.path(), &shop);
    let address = Arc::new(Mutex::new(daemon.address));
    let (over, all) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let clients: Vec<_> = (0..CLIENTS)
        .map(|n| {
            let (address, over, all) = (address.clone(), over.clone(), all.clone());
            std::thread::spawn(move || client(n, &address, &over, &all))
        })
        .collect();
    for kill in 0..kills {
        // Long enough to be at work, and never as long as the time before.
        let before = all.load(Ordering::Relaxed);
        while all.load(Ordering::Relaxed) < before + 1 + kill % 5 {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(kill as u64 * 37 % 61));
        daemon.kill();
        // Every other time everything is answered before it is decided.
        let after = ["--spool-after", ["0", "128"][kill % 2]];
        daemon = start_as(root.path(), &shop, &after);
        *address.lock().unwrap() = daemon.address;
    }
    over.store(true, Ordering::Relaxed);
    let batches: usize = clients.into_iter().map(|it| it.join().unwrap()).sum();
    daemon.decides_all();
    let data = root.path().join("data");
    let outbox = || {
        let mut store = SqliteReader::open(&data).unwrap();
        inspect::status(&mut store, SystemClock.now())
            .unwrap()
            .outbox
    };
    while outbox().get("pending").is_some_and(|n| *n > 0) {
        std::thread::sleep(Duration::from_millis(100));
    }
    daemon.terminate();
    let checked = run(&["verify", "--data", data.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));

    let mut store = SqliteReader::open(&data).unwrap();
    let orders = batches * ITEMS;
    let entered = store.tallies().unwrap().into_iter();
    let entered: i64 = entered
        .filter(|(key, _)| key.what == "entered")
        .map(|(_, n)| n)
        .sum();
    assert_eq!(entered as usize, orders, "orders that started a journey");
    let effects = store.effects(0, None, None, usize::MAX).unwrap();
    assert_eq!(effects.len(), orders, "receipts");
    let mut ends: BTreeMap<Status, usize> = BTreeMap::new();
    for kept in &effects {
        *ends.entry(kept.effect.status).or_default() += 1;
    }
    let mut delivered: BTreeMap<String, usize> = BTreeMap::new();
    for message in mail.messages() {
        let line = message.lines().find(|line| line.starts_with("To:"));
        *delivered.entry(line.unwrap().to_owned()).or_default() += 1;
    }
    let twice = delivered.iter().filter(|(_, times)| **times > 1);
    assert_eq!(twice.count(), 0, "nobody gets a receipt twice");
    let done = ends.get(&Status::Done).copied().unwrap_or(0);
    assert!(
        done <= delivered.len(),
        "{done} sent, {} arrived",
        delivered.len()
    );
    println!(
        "{kills} kills, {orders} orders acknowledged, {} receipts arrived once each; in the outbox: {ends:?}",
        delivered.len()
    );
}
