//! What operators and their tools ask: one contact, how the daemon stands, what was rejected, and to read the project
//! again.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Intake;
use super::answer::Refusal;
use super::door::Caller;
use super::keys::Scope;
use crate::inspect;
use crate::process::{DeployError, OpenError};
use crate::reload::{ReloadError, Reloaded};
use crate::store::{Read as _, SqliteReader};

/// The description of this interface.
pub const OPENAPI: &str = include_str!("openapi.json");
/// How many records of history are shown where nobody says otherwise, and at most.
const HISTORY: usize = 200;
const MOST_HISTORY: usize = 10_000;
/// How many rejected items are shown where nobody says otherwise, and at most.
const REJECTED: usize = 100;
const MOST_REJECTED: usize = 1_000;

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
    caller: Caller,
) -> Result<Response, Refusal> {
    intake.admit(&caller, Scope::Read)?;
    let most = number(&query, "history", HISTORY, MOST_HISTORY);
    let report = read(&intake, move |store, intake| {
        inspect::contact(store, &intake.handle.program(), &id, most)
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
    caller: Caller,
) -> Result<Response, Refusal> {
    intake.admit(&caller, Scope::Read)?;
    let mut status = read(&intake, |store, intake| {
        Ok(inspect::status(store, intake.clock.now())?)
    })
    .await?;
    status.undecided = intake.spool.undecided();
    Ok(Json(status).into_response())
}

/// `GET /v1/rejected?before=ID&limit=N`
pub(super) async fn rejected(
    State(intake): State<Arc<Intake>>,
    Query(query): Query<HashMap<String, String>>,
    caller: Caller,
) -> Result<Response, Refusal> {
    intake.admit(&caller, Scope::Read)?;
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

/// `POST /v1/reload`: the folder is compiled again, and the daemon goes on with it. With `?plan=true` nothing changes, and
/// the answer says what would.
pub(super) async fn reload(
    State(intake): State<Arc<Intake>>,
    Query(query): Query<HashMap<String, String>>,
    caller: Caller,
) -> Result<Json<Reloaded>, Refusal> {
    intake.admit(&caller, Scope::Operate)?;
    let plan = query.get("plan").is_some_and(|wish| wish != "false");
    let done = if plan {
        intake.reloader.plan().await
    } else {
        intake.reloader.reload().await
    };
    done.map(Json).map_err(|error| refused(&error))
}

/// `POST /v1/keys/reload`: keys are read again. `from_environment` names the variables that go before the folder's keys.
pub(super) async fn keys(
    State(intake): State<Arc<Intake>>,
    caller: Caller,
) -> Result<Json<Value>, Refusal> {
    intake.admit(&caller, Scope::Operate)?;
    let read = intake.reloader.read_keys().map_err(ReloadError::from);
    let taken = read.map_err(|error| refused(&error))?;
    Ok(Json(json!({"success": true, "from_environment": taken})))
}

fn refused(error: &ReloadError) -> Refusal {
    let (status, code) = match error {
        ReloadError::Deploy(
            DeployError::Unasked(_) | DeployError::Refused(OpenError::Store(_)),
        ) => (StatusCode::SERVICE_UNAVAILABLE, "not_now"),
        _ => (StatusCode::CONFLICT, "refused"),
    };
    Refusal::new(status, code, error.to_string())
}

/// `GET /openapi.json`: this interface, described.
pub(super) async fn openapi() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, OPENAPI).into_response()
}
