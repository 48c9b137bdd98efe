//! What operators and their tools ask: one contact, how the daemon stands, what was rejected, whether it is alive.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Intake;
use super::answer::Refusal;
use super::auth::bearer;
use crate::inspect;
use crate::process::OpenError;
use crate::store::{Read as _, SqliteReader};

/// How many records of history are shown where nobody says otherwise, and at most.
const HISTORY: usize = 200;
const MOST_HISTORY: usize = 10_000;
/// How many rejected items are shown where nobody says otherwise, and at most.
const REJECTED: usize = 100;
const MOST_REJECTED: usize = 1_000;

pub(super) fn admitted(intake: &Intake, headers: &HeaderMap) -> Result<(), Refusal> {
    let admin = bearer(headers).is_some_and(|token| intake.keys.is_admin(token));
    admin.then_some(()).ok_or_else(|| {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "this needs `Authorization: Bearer` with the admin token",
        )
    })
}

/// Reads from the store on a thread that may block.
pub(super) async fn read<T: Send + 'static>(
    intake: &Arc<Intake>,
    question: impl FnOnce(&mut SqliteReader, &Intake) -> Result<T, OpenError> + Send + 'static,
) -> Result<T, Refusal> {
    let intake = Arc::clone(intake);
    let answer = tokio::task::spawn_blocking(move || {
        let mut store = SqliteReader::open(&intake.data)?;
        question(&mut store, &intake)
    })
    .await;
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "operator.read_failed");
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "read_failed",
            "the store could not be read; the log says why",
        )
    };
    match answer {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(failed(&error)),
        Err(error) => Err(failed(&error)),
    }
}

fn number(query: &HashMap<String, String>, name: &str, usual: usize, most: usize) -> usize {
    let asked = query.get(name).and_then(|text| text.parse().ok());
    asked.unwrap_or(usual).min(most)
}

/// `GET /v1/contacts/ID`
pub(super) async fn contact(
    State(intake): State<Arc<Intake>>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    admitted(&intake, &headers)?;
    let most = number(&query, "history", HISTORY, MOST_HISTORY);
    let report = read(&intake, move |store, intake| {
        inspect::contact(store, intake.handle.program(), &id, most)
    })
    .await?;
    report
        .map(|report| Json(report).into_response())
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::NOT_FOUND,
                "unknown_contact",
                "nobody has this id",
            )
        })
}

/// `GET /v1/status`
pub(super) async fn status(
    State(intake): State<Arc<Intake>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    admitted(&intake, &headers)?;
    let status = read(&intake, |store, intake| {
        Ok(inspect::status(store, intake.clock.now())?)
    })
    .await?;
    Ok(Json(status).into_response())
}

/// `GET /v1/rejected?before=ID&limit=N`
pub(super) async fn rejected(
    State(intake): State<Arc<Intake>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    admitted(&intake, &headers)?;
    let most = number(&query, "limit", REJECTED, MOST_REJECTED);
    let before = query.get("before").and_then(|text| text.parse().ok());
    let items = read(&intake, move |store, _| Ok(store.rejected(before, most)?)).await?;
    let items: Vec<_> = items
        .into_iter()
        .map(|kept| {
            json!({
                "id": kept.number,
                "at": kept.rejected.at,
                "source": kept.rejected.source,
                "code": kept.rejected.code,
                "detail": kept.rejected.detail,
                "payload": kept.rejected.payload,
            })
        })
        .collect();
    Ok(Json(json!({ "rejected": items })).into_response())
}

/// `GET /healthz`: the process runs.
pub(super) async fn healthy() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// `GET /readyz`: a program is loaded and the store can be written.
pub(super) async fn ready(State(intake): State<Arc<Intake>>) -> Response {
    if intake.handle.trouble().is_none() {
        return Json(json!({"status": "ready"})).into_response();
    }
    let body = json!({"status": "not ready", "reason": "the store cannot be written"});
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
