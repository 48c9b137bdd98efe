//! In-app messages: an app fetches those that wait for the person who is signed in, and says which were seen. Who that is
//! says a token that the app's own server asked for; it opens one person's inbox and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use journey_engine::render::{self, Part};
use journey_engine::{Contact, Intent, Program};
use journey_ir::message::Channel;
use serde::Serialize;
use serde_json::json;

use super::Intake;
use super::answer::Refusal;
use super::auth::bearer;
use super::door::Caller;
use super::keys::Scope;
use super::operator::read;
use crate::process::{Batch, OpenError, effect_of};
use crate::store::{Kept, Read, Settlement, Status};

/// How many messages one answer holds at most; the oldest come first.
const MESSAGES: usize = 100;

/// A message that waits.
#[derive(Debug, Serialize)]
struct Message {
    /// What the app says when it was seen.
    id: String,
    /// When it was sent, in milliseconds since 1970 UTC.
    at: i64,
    template: String,
    subject: String,
    body: String,
}

/// `POST /v1/contacts/ID/inbox-token`: for the app's own server, which knows who is signed in.
pub(super) async fn token(
    State(intake): State<Arc<Intake>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Response, Refusal> {
    intake.admit(&caller, Scope::Operate)?;
    let token = intake.unsubscribe.inbox().token(&id, Channel::Inapp);
    Ok(Json(json!({ "token": token })).into_response())
}

/// `GET /v1/inbox`
pub(super) async fn messages(
    State(intake): State<Arc<Intake>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let contact = whose(&intake, &headers, &query)?;
    let messages = read(&intake, move |store, intake| {
        let waiting = waiting(store, &intake.handle.program(), &contact)?;
        let url = intake.unsubscribe.link(&contact, Channel::Inapp);
        let url = url.unwrap_or_default();
        let shown = waiting.into_iter().filter_map(|(kept, send)| {
            let rendered = render::message(&intake.handle.program(), &send, &url).ok()?;
            Some(Message {
                id: effect_of(&kept.effect.body)?.key.to_string(),
                at: kept.effect.decided_at,
                template: send.template.to_string(),
                subject: rendered.subject.clone(),
                body: rendered.body.iter().map(Part::words).collect(),
            })
        });
        Ok(shown.collect::<Vec<_>>())
    })
    .await?;
    Ok(Json(json!({ "messages": messages })).into_response())
}

/// `POST /v1/inbox/ID/seen`: the message does not come again. Saying so twice changes nothing.
pub(super) async fn seen(
    State(intake): State<Arc<Intake>>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let contact = whose(&intake, &headers, &query)?;
    let asked = id.clone();
    let found = read(&intake, move |store, intake| {
        let waiting = waiting(store, &intake.handle.program(), &contact)?;
        let mut keys = waiting.into_iter().map(|(kept, _)| kept.effect.key);
        Ok(keys.find(|key| journey_engine::EffectKey(*key).to_string() == asked))
    })
    .await?;
    if let Some(key) = found {
        let now = intake.clock.now();
        let batch = Batch {
            settled: vec![Settlement {
                key,
                status: Status::Done,
                due: now,
                untried: false,
                outcome: "seen".to_owned(),
                at: now,
            }],
            ..Batch::default()
        };
        intake.handle.submit(batch, id.len()).await?;
    }
    Ok(Json(json!({ "success": true })).into_response())
}

/// The contact a token was made for: in a Bearer header, or in the query for apps that cannot set one.
fn whose(
    intake: &Intake,
    headers: &HeaderMap,
    query: &HashMap<String, String>,
) -> Result<String, Refusal> {
    let token = bearer(headers).or_else(|| query.get("token").map(String::as_str));
    let read = token.and_then(|token| intake.unsubscribe.inbox().read(token));
    let contact = read.map(|(contact, _)| contact);
    contact.ok_or_else(|| {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "this needs an inbox token: ask `POST /v1/contacts/ID/inbox-token` for one on your own server",
        )
    })
}

/// The messages that wait for a contact and may still be shown.
fn waiting(
    store: &mut impl Read,
    program: &Program,
    contact: &str,
) -> Result<Vec<(Kept, journey_engine::Send)>, OpenError> {
    let Some(number) = store.find(&[contact])?.into_iter().flatten().next() else {
        return Ok(Vec::new());
    };
    let rows = store.load(&[number])?;
    let state = rows.first().map(|row| Contact::decode(&row.state, program));
    let Some(Ok(person)) = state else {
        return Ok(Vec::new());
    };
    let kept = store.effects(0, Some(Status::Open), Some(number), MESSAGES)?;
    let sends = kept.into_iter().filter_map(|kept| {
        let Intent::Send(send) = effect_of(&kept.effect.body)?.what else {
            return None;
        };
        let shown = send.channel == Channel::Inapp && person.may_receive(program, &send).is_ok();
        shown.then_some((kept, send))
    });
    Ok(sends.collect())
}
