//! In-app messages: fetched with a person's own token, and gone once they were seen.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use journey_ir::{self as ir, Channel};
use journeyd::clock::ManualClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::connector::guard::Reach;
use journeyd::process::Batch;
use journeyd::secrets::Secrets;
use journeyd::store::{Read as _, Settlement, Status};
use serde_json::{Value, json};

use crate::clients::send;
use crate::shop::{MONDAY, batch, known, open_with, program, purchase};

const ADMIN: &str = "0123456789abcdef0123456789abcdef";

/// The shop whose receipt is shown in the app.
fn in_app() -> ir::Program {
    let mut program = program();
    program.messages[0].channel = Channel::Inapp;
    program
}

/// Somebody bought, and the message was handed over.
fn handed_over(folder: &Path) {
    let mut shop = open_with(folder, in_app(), MONDAY);
    let buys = purchase(shop.program(), known("a"), "o1", MONDAY);
    shop.turn(&[batch(vec![buys])], None, MONDAY).unwrap();
    let kept = shop.store().effects(0, None, None, 10).unwrap();
    let [receipt] = &kept[..] else {
        panic!("one message: {kept:?}");
    };
    assert_eq!(receipt.effect.lane, "inapp");
    let told = Settlement {
        key: receipt.effect.key,
        status: Status::Open,
        due: MONDAY,
        untried: false,
        outcome: String::new(),
        at: MONDAY,
    };
    let told = Batch {
        settled: vec![told],
        ..Batch::default()
    };
    shop.turn(&[told], None, MONDAY).unwrap();
}

async fn start(folder: &Path) -> Daemon {
    let options = Options {
        program: in_app(),
        renamed_from: None,
        data: folder.to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        secrets: Secrets::fixed([]),
        reach: Reach::Public,
        clock: Arc::new(ManualClock::at(MONDAY + 1)),
        environment: |name| (name == "JOURNEY_ADMIN_TOKEN").then(|| ADMIN.to_owned()),
        facing: Facing::default(),
    };
    Daemon::start(options, &mut |_| {}).await.unwrap()
}

/// One request: the status and the answer.
async fn ask(daemon: &Daemon, method: &'static str, path: &str, token: &str) -> (u16, Value) {
    let (to, path, bearer) = (daemon.address, path.to_owned(), format!("Bearer {token}"));
    let answer = tokio::task::spawn_blocking(move || {
        send(to, method, &path, &[("Authorization", &bearer)], b"").unwrap()
    });
    let answer = answer.await.unwrap();
    (answer.status, answer.json())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_shows_what_waits_for_the_person_who_is_signed_in_until_it_was_seen() {
    let root = tempfile::tempdir().unwrap();
    handed_over(root.path());
    let daemon = start(root.path()).await;
    let (status, answer) = ask(&daemon, "POST", "/v1/contacts/a/inbox-token", ADMIN).await;
    assert_eq!(status, 200);
    let token = answer["token"].as_str().unwrap().to_owned();

    let (_, answer) = ask(&daemon, "GET", "/v1/inbox", &token).await;
    let messages = answer["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["template"], "receipt");
    assert_eq!(messages[0]["body"], "Thank you.");

    // Somebody else sees nothing of it, and cannot put it away either.
    let (_, answer) = ask(&daemon, "POST", "/v1/contacts/b/inbox-token", ADMIN).await;
    let other = answer["token"].as_str().unwrap().to_owned();
    let seen = format!("/v1/inbox/{}/seen", messages[0]["id"].as_str().unwrap());
    ask(&daemon, "POST", &seen, &other).await;
    let (_, answer) = ask(&daemon, "GET", "/v1/inbox", &other).await;
    assert_eq!(answer, json!({ "messages": [] }));
    let (_, answer) = ask(&daemon, "GET", "/v1/inbox", &token).await;
    assert_eq!(answer["messages"].as_array().unwrap().len(), 1);

    let (status, _) = ask(&daemon, "POST", &seen, &token).await;
    assert_eq!(status, 200);
    let (_, answer) = ask(&daemon, "GET", "/v1/inbox", &token).await;
    assert_eq!(answer, json!({ "messages": [] }));
    assert!(daemon.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_opens_for_its_own_token_only() {
    let root = tempfile::tempdir().unwrap();
    handed_over(root.path());
    let daemon = start(root.path()).await;
    for token in ["", "nonsense", ADMIN] {
        let (status, _) = ask(&daemon, "GET", "/v1/inbox", token).await;
        assert_eq!(status, 401, "{token}");
    }
    let (status, _) = ask(&daemon, "POST", "/v1/contacts/a/inbox-token", "wrong").await;
    assert_eq!(status, 401);
    assert!(daemon.stop().await);
}
