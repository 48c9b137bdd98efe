//! The calls of the client libraries.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use journey_arrivals::Origin;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use super::answer::{Refusal, success};
use super::auth::write_keys;
use super::body::{self, BodyError};
use super::door::Caller;
use super::envelope::{Call, Request};
use super::keys::Scope;
use super::spool::{Record, Wanted};
use super::{Intake, Sender};
use crate::process::SubmitError;

/// The name of the source where an operator asks with the admin token.
const OPERATOR: &str = "operator";
/// How often a request is read again because the program changed meanwhile.
const READ_AGAIN: usize = 3;
/// One transparent pixel.
const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// `POST /v1/identify` and its like.
pub(super) async fn call(
    State(intake): State<Arc<Intake>>,
    Path(word): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let call = Call::of(&word).ok_or_else(|| {
        let message = format!("there is no call `{word}`");
        Refusal::new(StatusCode::NOT_FOUND, "unknown_call", message)
    })?;
    take(&intake, call, &query, &headers, body).await
}

/// `POST /beacon/v1/batch?writeKey=KEY`: a batch that a browser sends while its page goes away.
pub(super) async fn beacon(
    State(intake): State<Arc<Intake>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    take(&intake, Call::Many, &query, &headers, body).await
}

async fn take(
    intake: &Intake,
    call: Call,
    query: &HashMap<String, String>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let in_query = query.get("writeKey").map(String::as_str);
    let is_known = intake.sender(&write_keys(headers, in_query, None)).is_ok();
    let (bytes, room) = receive(intake, is_known, headers, body, call.most_bytes()).await?;
    let text = body::text(&bytes, call.most_bytes())?;
    let request = Request::read(call, &text)?;
    let candidates = write_keys(headers, in_query, request.write_key.as_deref());
    let sender = intake.sender(&candidates)?;
    drop(room);
    accept(intake, &sender, Wanted::Call(call), &request, &text).await
}

/// `GET /pixel/v1/track` and `/pixel/v1/page`: one call whose fields stand in the query, for pages without scripts.
pub(super) async fn pixel(
    State(intake): State<Arc<Intake>>,
    Path(word): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Some(call @ Call::One("track" | "page")) = Call::of(&word) else {
        let message = format!("there is no pixel `{word}`");
        return Err(Refusal::new(StatusCode::NOT_FOUND, "unknown_call", message));
    };
    let text = pixel_body(&query).to_string();
    if text.len() > call.most_bytes() {
        return Err(BodyError::TooLarge {
            most: call.most_bytes(),
        }
        .into());
    }
    let request = Request::read(call, &text)?;
    let key = query.get("writeKey").map(String::as_str);
    let sender = intake.sender(&write_keys(&headers, key, None))?;
    accept(&intake, &sender, Wanted::Call(call), &request, &text).await?;
    let image = [(header::CONTENT_TYPE, "image/gif")];
    let stale = [(header::CACHE_CONTROL, "no-store")];
    Ok((image, stale, PIXEL).into_response())
}

/// The fields of a query, where `properties.total` stands for the field `total` of the object `properties`.
fn pixel_body(query: &HashMap<String, String>) -> Value {
    let mut body = serde_json::Map::new();
    for (name, value) in query.iter().collect::<BTreeMap<_, _>>() {
        let value = Value::String(value.clone());
        match name.split_once('.') {
            Some((object, field)) => {
                let object = body
                    .entry(object)
                    .or_insert_with(|| Value::Object(serde_json::Map::new()));
                if let Value::Object(object) = object {
                    object.insert(field.to_owned(), value);
                }
            }
            None if name != "writeKey" => drop(body.insert(name.clone(), value)),
            None => {}
        }
    }
    Value::Object(body)
}

/// `POST /v1/journeys/NAME/enter`: lets people into a journey that says `enter by request`. The body is one item or a
/// `batch` of them, each with `userId` and, in `properties`, the fields of the request.
pub(super) async fn enter(
    State(intake): State<Arc<Intake>>,
    Path(journey): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let most = Call::Many.most_bytes();
    let is_known = intake.admit(&caller, Scope::Operate).is_ok()
        || intake.sender(&write_keys(&headers, None, None)).is_ok();
    let (bytes, room) = receive(&intake, is_known, &headers, body, most).await?;
    let text = body::text(&bytes, most)?;
    let request = Request::read_entries(&text)?;
    let keys = write_keys(&headers, None, request.write_key.as_deref());
    let sender = match intake.sender(&keys) {
        Ok(sender) => sender,
        Err(_) => intake.admit(&caller, Scope::Operate).map(|()| Sender {
            id: OPERATOR.to_owned(),
            source: OPERATOR.to_owned(),
            rate: None,
        })?,
    };
    drop(room);
    if !intake.reading.now().1.takes_requests(&journey) {
        let message = format!("there is no journey `{journey}` that people enter by request");
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "unknown_journey",
            message,
        ));
    }
    let wanted = Wanted::Enter(&journey);
    accept(&intake, &sender, wanted, &request, &text).await
}

/// Hands the items of a request over, and answers once they are durable.
async fn accept(
    intake: &Intake,
    sender: &Sender,
    wanted: Wanted<'_>,
    request: &Request<'_>,
    text: &str,
) -> Result<Response, Refusal> {
    let source = sender.source.as_str();
    let now = intake.clock.now();
    intake
        .limiter
        .take(&sender.id, sender.rate, request.len(), now)
        .map_err(|wait| {
            intake.counts.rate_limited(source);
            Refusal::too_fast(wait, now)
        })?;
    let origin = Origin {
        source,
        received_at: now,
        sent_at: None,
    };
    if intake.spool.is_needed() {
        // It is read again when it is decided; what does not fit then goes to the list of the rejected.
        let record = Record::new(origin, wanted, text);
        intake.spool.keep(&record, request.len()).await?;
        return Ok(success(&[]));
    }
    for _ in 0..READ_AGAIN {
        let (number, translator) = intake.reading.now();
        let mut batch = wanted.translate(request, &translator, origin);
        if batch.arrivals.is_empty() && batch.rejected.is_empty() {
            return Ok(success(&[]));
        }
        batch.read_under = Some(number);
        let rejected = batch.rejected.clone();
        // Only now, when the commit is durable, may the client forget what it sent.
        match intake.handle.submit(batch, text.len()).await {
            Err(SubmitError::Redeployed) => {}
            Err(error) => return Err(error.into()),
            Ok(receipt) => {
                intake.counts.taken(source, receipt, &rejected);
                return Ok(success(&rejected));
            }
        }
    }
    Err(SubmitError::Redeployed.into())
}

/// A body, with the room it takes until it is known whose it is: from then on it counts as what waits to be decided.
async fn receive(
    intake: &Intake,
    is_known: bool,
    headers: &HeaderMap,
    body: Body,
    most: usize,
) -> Result<(Bytes, OwnedSemaphorePermit), Refusal> {
    let room = intake.bodies.room(is_known, headers, most);
    let room = tokio::time::timeout(intake.body_time, room).await;
    let room = room.map_err(|_| SubmitError::Busy)?;
    Ok((read(intake, body, most).await?, room?))
}

async fn read(intake: &Intake, body: Body, most: usize) -> Result<Bytes, Refusal> {
    let reading = axum::body::to_bytes(body, most);
    match tokio::time::timeout(intake.body_time, reading).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => {
            let limit = std::error::Error::source(&error)
                .is_some_and(|source| source.to_string().contains("limit"));
            Err(if limit {
                BodyError::TooLarge { most }.into()
            } else {
                Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "broken_body",
                    "the body ended early",
                )
            })
        }
        Err(_) => Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "the body took too long",
        )),
    }
}

/// `POST /v1/m`: what the libraries tell about themselves is taken and dropped.
pub(super) async fn metrics() -> Response {
    success(&[])
}

/// `GET /v1/projects/KEY/settings`: tells the libraries to send here.
pub(super) async fn settings(
    State(intake): State<Arc<Intake>>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    intake.sender(std::slice::from_ref(&key))?;
    let host = headers
        .get("x-forwarded-host")
        .or_else(|| headers.get(header::HOST))
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    Ok(Json(json!({
        "integrations": {"Segment.io": {"apiKey": key, "apiHost": format!("{host}/v1")}},
        "plan": {"track": {"__default": {"enabled": true, "integrations": {}}}},
    })))
}

/// `GET /sourceConfig/`: tells the libraries of RudderStack that the key is known and that nothing else is to be loaded.
pub(super) async fn source_config(
    State(intake): State<Arc<Intake>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let key = query.get("writeKey").map(String::as_str);
    let sender = intake.sender(&write_keys(&headers, key, None))?;
    Ok(Json(json!({
        "source": {
            "id": sender.source,
            "name": sender.source,
            "enabled": true,
            "config": {"statsCollection": {"errors": {"enabled": false}, "metrics": {"enabled": false}}},
            "destinations": [],
        },
        "updatedAt": "1970-01-01T00:00:00.000Z",
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_pixel_becomes_a_call() {
        let pairs = [
            ("writeKey", "k"),
            ("userId", "u1"),
            ("event", "Opened"),
            ("properties.total", "5"),
            ("properties.a.b", "x"),
            ("userId.deep", "lost"),
        ];
        let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            pixel_body(&HashMap::from(query)),
            json!({"userId": "u1", "event": "Opened", "properties": {"total": "5", "a.b": "x"}})
        );
    }
}
