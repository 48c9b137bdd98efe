//! The calls of the client libraries.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use journey_arrivals::Origin;
use serde_json::{Value, json};

use super::Intake;
use super::answer::{Refusal, success};
use super::auth::{bearer, write_keys};
use super::body::{self, BodyError};
use super::envelope::{Call, Request};
use crate::process::Batch;

/// The name of the source where an operator asks with the admin token.
const OPERATOR: &str = "operator";
/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(30);

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
    let bytes = read(body, call.most_bytes()).await?;
    let text = body::text(&bytes, call.most_bytes())?;
    let request = Request::read(call, &text)?;
    let candidates = write_keys(
        &headers,
        query.get("writeKey").map(String::as_str),
        request.write_key.as_deref(),
    );
    let source = candidates
        .iter()
        .find_map(|key| intake.keys.source(key))
        .ok_or_else(Refusal::unauthorized)?;
    let origin = Origin {
        source,
        received_at: intake.clock.now(),
        sent_at: None,
    };
    let batch = request.translate(&intake.translator, origin);
    accept(&intake, batch, source, text.len()).await
}

/// `POST /v1/journeys/NAME/enter`: lets people into a journey that says `enter by request`. The body is one item or a
/// `batch` of them, each with `userId` and, in `properties`, the fields of the request.
pub(super) async fn enter(
    State(intake): State<Arc<Intake>>,
    Path(journey): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let most = Call::Many.most_bytes();
    let bytes = read(body, most).await?;
    let text = body::text(&bytes, most)?;
    let request = Request::read_entries(&text)?;
    let keys = write_keys(&headers, None, request.write_key.as_deref());
    let source = keys.iter().find_map(|key| intake.keys.source(key));
    let is_admin = bearer(&headers).is_some_and(|token| intake.keys.is_admin(token));
    let source = source
        .or(is_admin.then_some(OPERATOR))
        .ok_or_else(Refusal::unauthorized)?;
    if !intake.translator.takes_requests(&journey) {
        let message = format!("there is no journey `{journey}` that people enter by request");
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "unknown_journey",
            message,
        ));
    }
    let origin = Origin {
        source,
        received_at: intake.clock.now(),
        sent_at: None,
    };
    let batch = request.enter(&journey, &intake.translator, origin);
    accept(&intake, batch, source, text.len()).await
}

/// Hands a batch over and answers once it is durable.
async fn accept(
    intake: &Intake,
    batch: Batch,
    source: &str,
    bytes: usize,
) -> Result<Response, Refusal> {
    if batch.arrivals.is_empty() && batch.rejected.is_empty() {
        return Ok(success(&[]));
    }
    let rejected = batch.rejected.clone();
    // Only now, when the commit is durable, may the client forget what it sent.
    let receipt = intake.handle.submit(batch, bytes).await?;
    tracing::debug!(source, ?receipt, "intake.accepted");
    if let Some(first) = rejected.first() {
        tracing::warn!(
            source,
            items = rejected.len(),
            code = first.code,
            "intake.rejected"
        );
    }
    Ok(success(&rejected))
}

async fn read(body: Body, most: usize) -> Result<axum::body::Bytes, Refusal> {
    let reading = axum::body::to_bytes(body, most);
    match tokio::time::timeout(BODY_TIME, reading).await {
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
    intake.keys.source(&key).ok_or_else(Refusal::unauthorized)?;
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
