//! The rights of one person: everything that is known about them as JSON, and erasure for good.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::Intake;
use super::answer::Refusal;
use super::door::Caller;
use super::keys::Scope;
use super::operator::read;
use crate::deliver::mailbox;
use crate::inspect::{self, erasure};

fn unknown() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "unknown_contact",
        "nobody has this id",
    )
}

/// `GET /v1/contacts/ID/export`
pub(super) async fn export(
    State(intake): State<Arc<Intake>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Response, Refusal> {
    intake.admit(&caller, Scope::Read)?;
    let export = read(&intake, move |store, intake| {
        inspect::export(store, &intake.handle.program(), &id)
    })
    .await?;
    let export = export.ok_or_else(unknown)?;
    Ok(Json(export).into_response())
}

/// `DELETE /v1/contacts/ID`: erases a person. What arrives for them later changes nothing. The answer is 200 once what was
/// known of them is in no file of the store any more.
pub(super) async fn erase(
    State(intake): State<Arc<Intake>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Response, Refusal> {
    intake.admit(&caller, Scope::Erase)?;
    let found = read(&intake, move |store, _| Ok(erasure::find(store, &id)?)).await?;
    let found = found.ok_or_else(unknown)?;
    let batch = erasure::batch(&found, intake.clock.now());
    intake.handle.submit(batch, found.name.len()).await?;
    let folder = intake.data.join(crate::daemon::MAILBOX);
    let keys = found.keys;
    let removed = tokio::task::spawn_blocking(move || mailbox::remove(&folder, &keys)).await;
    if let Ok(Err(error)) | Err(error) = removed.map_err(std::io::Error::other) {
        tracing::error!(%error, "contact.mailbox_not_erased");
        return Err(Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "mailbox_failed",
            "the person is erased, but files of theirs in the mailbox folder could not be removed; ask again",
        ));
    }
    let purged = async { tokio::try_join!(intake.handle.purged(), intake.spool.purged()) };
    let gone = tokio::time::timeout(intake.purge, purged).await;
    if !matches!(gone, Ok(Ok(_))) {
        tracing::warn!("contact.erased_copies_left");
        let left = "nobody can see the person any more, and what was known of them still lies in files that a backup or \
                    a full disk holds back; ask again until the answer is 200";
        let body = json!({"success": true, "complete": false, "message": left});
        return Ok((StatusCode::ACCEPTED, Json(body)).into_response());
    }
    tracing::info!("contact.erased");
    Ok(Json(json!({"success": true, "complete": true})).into_response())
}
