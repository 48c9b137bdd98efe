//! More than the daemon can take: what has no room is sent away with a time to come back, what was let in is answered,
//! and afterwards all is well again without anybody's help.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};

use journey_ir as ir;
use journeyd::clock::ManualClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::connector::guard::Reach;
use journeyd::intake::Limits;
use journeyd::secrets::Secrets;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::clients::{Answer, get, send};
use crate::shop::{MONDAY, program};

/// How many requests of the largest size are sent at once: about ten more than there is room for.
const REQUESTS: usize = 140;

async fn open(folder: &std::path::Path, spool: u64) -> Daemon {
    let options = Options {
        program: program(),
        data: folder.to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        secrets: Secrets::fixed([]),
        reach: Reach::Public,
        clock: Arc::new(ManualClock::at(MONDAY)),
        environment: |name| (name == "JOURNEY_WRITE_KEYS").then(|| "web:wk-test".to_owned()),
        facing: Facing {
            limits: Limits {
                spool,
                ..Limits::default()
            },
            ..Facing::default()
        },
    };
    Daemon::start(options, &mut |_| {}).await.unwrap()
}

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

async fn ask(
    address: SocketAddr,
    ask: impl FnOnce(SocketAddr) -> std::io::Result<Answer> + Send + 'static,
) -> Answer {
    tokio::task::spawn_blocking(move || ask(address).unwrap())
        .await
        .unwrap()
}

fn post(orders: impl Iterator<Item = usize>, address: SocketAddr) -> JoinSet<Answer> {
    let mut asked = JoinSet::new();
    for order in orders {
        asked.spawn(ask(address, move |to| {
            let packed = [("Content-Encoding", "gzip")];
            send(to, "POST", "/v1/batch", &packed, &large(order))
        }));
    }
    asked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_no_room_is_sent_away_and_all_is_well_again_by_itself() {
    let root = tempfile::tempdir().unwrap();
    let daemon = open(root.path(), 0).await;
    // Nothing is decided while the program changes, and that takes as long as this test wants.
    let (began, has_begun) = oneshot::channel();
    let (end, ends) = mpsc::channel::<()>();
    let handle = daemon.handle.clone();
    let changing = tokio::spawn(async move {
        let at_change = move |_: &Arc<journey_engine::Program>| {
            began.send(()).unwrap();
            ends.recv().unwrap();
        };
        let program: ir::Program = program();
        handle.deploy(program, Box::new(at_change)).await
    });
    has_begun.await.unwrap();

    let mut asked = post(0..REQUESTS, daemon.address);
    let mut refused = 0;
    while daemon.handle.load().room < 0.95 || refused == 0 {
        let answer = asked.join_next().await.unwrap().unwrap();
        assert_eq!(answer.status, 429, "{answer:?}");
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert_eq!(answer.json()["code"], "busy");
        refused += 1;
    }
    let ready = ask(daemon.address, |to| get(to, "/ready", "")).await;
    assert_eq!(ready.status, 503, "{ready:?}");

    end.send(()).unwrap();
    changing.await.unwrap().unwrap();
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
    let ready = ask(daemon.address, |to| get(to, "/ready", "")).await;
    assert_eq!(ready.status, 200, "{ready:?}");
    let again = post(REQUESTS..=REQUESTS, daemon.address).join_all().await;
    assert_eq!(again[0].status, 200);
    assert!(daemon.stop().await);
}
