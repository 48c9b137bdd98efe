//! More than the daemon can take: what has no room is sent away with a time to come back, what was let in is answered,
//! and afterwards all is well again without anybody's help.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use journeyd::clock::ManualClock;
use journeyd::intake::Limits;
use serde_json::json;
use tokio::task::JoinSet;

use crate::busy::{self, Held, ask};
use crate::clients::{Answer, get, send};
use crate::shop::MONDAY;

/// How many requests of the largest size are sent at once: about ten more than there is room for.
const REQUESTS: usize = 140;

/// A batch of one order that takes as much room as a batch may, and little on its way.
fn large(order: usize) -> Vec<u8> {
    let item = json!({"type": "track", "userId": format!("u{order}"), "event": "purchase",
        "properties": {"order_id": format!("o{order}"), "total": 50_000}});
    let mut body = json!({"writeKey": "wk-test", "batch": [item]}).to_string();
    body.push_str(&" ".repeat(500 * 1024 - body.len()));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(body.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn post(orders: impl Iterator<Item = usize>, address: SocketAddr) -> JoinSet<Answer> {
    let mut asked = JoinSet::new();
    for order in orders {
        asked.spawn(ask(move || {
            let packed = [("Content-Encoding", "gzip")];
            send(address, "POST", "/v1/batch", &packed, &large(order))
        }));
    }
    asked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_no_room_is_sent_away_and_all_is_well_again_by_itself() {
    let root = tempfile::tempdir().unwrap();
    let limits = Limits {
        spool: 0,
        ..Limits::default()
    };
    let clock = Arc::new(ManualClock::at(MONDAY));
    let daemon = busy::open(root.path(), &clock, limits).await;
    // Nothing is decided while the program changes, and that takes as long as this test wants.
    let held = Held::hold(&daemon).await;
    let to = daemon.address;

    let mut asked = post(0..REQUESTS, daemon.address);
    let mut refused = 0;
    while daemon.handle.load().room < 0.95 || refused == 0 {
        let answer = asked.join_next().await.unwrap().unwrap();
        assert_eq!(answer.status, 429, "{answer:?}");
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert_eq!(answer.json()["code"], "busy");
        refused += 1;
    }
    let ready = ask(move || get(to, "/ready", "")).await;
    assert_eq!(ready.status, 503, "{ready:?}");

    held.let_go().await;
    let mut taken = 0;
    while let Some(answer) = asked.join_next().await {
        match answer.unwrap().status {
            200 => taken += 1,
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(taken + refused, REQUESTS);
    assert!(taken > 100, "what was let in is answered: {taken}");
    let ready = ask(move || get(to, "/ready", "")).await;
    assert_eq!(ready.status, 200, "{ready:?}");
    let again = post(REQUESTS..=REQUESTS, daemon.address).join_all().await;
    assert_eq!(again[0].status, 200);
    assert!(daemon.stop().await);
}
