//! The least that an intake with durable acknowledgement can be: a server on the same runtime that parses a body, appends
//! it to a file, and answers once the file is synced, with one sync for all that wait.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// A body that waits to be on disk.
type Waiting = (Bytes, oneshot::Sender<()>);

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    batch: Vec<Item<'a>>,
}

/// An item, read in place: nothing is copied that has no escapes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    properties: HashMap<&'a str, &'a RawValue>,
}

impl Item<'_> {
    fn is_whole(&self) -> bool {
        self.event.is_some()
            && self.user_id.is_some()
            && self.message_id.is_some()
            && !self.properties.is_empty()
            && self.kind.as_deref().is_none_or(|kind| kind == "track")
    }
}

/// Starts the server; it ends with the runtime.
pub(crate) async fn start(folder: &Path) -> SocketAddr {
    let file = File::create(folder.join("bodies")).unwrap();
    let (appending, bodies) = mpsc::channel(8_192);
    std::thread::spawn(move || append(file, bodies));
    let app = Router::new()
        .route("/v1/batch", post(batch))
        .route("/v1/track", post(track))
        .with_state(appending);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Takes what waits, writes it, syncs once, and answers all of it.
fn append(mut file: File, mut bodies: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::new();
    let mut bytes = Vec::new();
    while let Some(first) = bodies.blocking_recv() {
        waiting.push(first);
        while let Ok(next) = bodies.try_recv() {
            waiting.push(next);
        }
        bytes.clear();
        for (body, _) in &waiting {
            bytes.extend_from_slice(body);
        }
        file.write_all(&bytes).unwrap();
        file.sync_data().unwrap();
        for (_, answer) in waiting.drain(..) {
            let _gone = answer.send(());
        }
    }
}

async fn batch(State(append): State<mpsc::Sender<Waiting>>, body: Bytes) -> StatusCode {
    let read: Result<Batch<'_>, _> = serde_json::from_slice(&body);
    let whole = read.is_ok_and(|batch| batch.batch.iter().all(Item::is_whole));
    taken(whole, append, body).await
}

async fn track(State(append): State<mpsc::Sender<Waiting>>, body: Bytes) -> StatusCode {
    let read: Result<Item<'_>, _> = serde_json::from_slice(&body);
    let whole = read.is_ok_and(|item| item.is_whole());
    taken(whole, append, body).await
}

async fn taken(whole: bool, append: mpsc::Sender<Waiting>, body: Bytes) -> StatusCode {
    if !whole {
        return StatusCode::BAD_REQUEST;
    }
    let (answer, answered) = oneshot::channel();
    let sent = append.send((body, answer)).await.is_ok();
    if sent && answered.await.is_ok() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}
