//! What tools that watch the daemon ask: whether it lives, whether it can work, and its metrics.

use std::path::Path;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use journey_ir::Instant;
use serde_json::json;

use super::Intake;
use super::answer::Refusal;
use super::door::Caller;
use super::keys::Scope;
use super::operator::read;
use crate::deliver::Lane;
use crate::metrics::{self, Page};
use crate::store::{Read as _, Status};

/// With less room than this on its disk, in bytes, the daemon says that it is not ready: it still works, and an operator
/// has time to act before it does not.
pub(super) const LEAST_ROOM: u64 = 64 * 1024 * 1024;
/// With more of its queue taken than this, from 0 to 1, it is about to refuse requests.
const MOST_LOAD: f64 = 0.9;
/// How many contacts that are due are counted at most.
const DUE_COUNTED: usize = 100_000;

/// `GET /healthz`, `/health`: the process runs.
pub(super) async fn healthy() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// `GET /readyz`, `/ready`: a program is loaded, the store can be written, there is room, and requests are taken.
pub(super) async fn ready(State(intake): State<Arc<Intake>>) -> Response {
    let reasons = reasons(&intake).await;
    if reasons.is_empty() {
        let counted = intake.handle.meter().counted();
        // Events are taken and people woken meanwhile; what is known of everybody at once is not complete yet.
        let answer = counted.map_or_else(
            || json!({"status": "ready"}),
            |at| json!({"status": "ready", "counting_again": at}),
        );
        return Json(answer).into_response();
    }
    let body = json!({"status": "not ready", "reason": reasons.join("; "), "reasons": reasons});
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

/// Why it cannot work as it should. What the system says about the disk is for the log, not for everybody.
async fn reasons(intake: &Arc<Intake>) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    if intake.handle.is_stopping() {
        reasons.push("it is stopping");
    }
    if intake.handle.trouble().is_some() {
        reasons.push("the store cannot be written");
    }
    let load = intake.handle.load();
    if load.queue.max(load.room).max(intake.spool.load()) > MOST_LOAD {
        reasons.push("more requests wait than it can take");
    }
    let data = intake.data.clone();
    let room = tokio::task::spawn_blocking(move || room(&data)).await;
    if room.is_ok_and(|room| room.is_some_and(|room| room < intake.least_room)) {
        reasons.push("the disk is almost full");
    }
    reasons
}

/// What is free on the disk of a folder, in bytes; `None` where the system does not say.
pub(super) fn room(data: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(data).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// How the outbox and the timers stand.
struct Backlog {
    by_status: Vec<(&'static str, f64)>,
    oldest_pending: Option<Instant>,
    due: usize,
}

/// `GET /metrics`: for Prometheus. Programs on this machine need no token.
pub(super) async fn metrics(
    State(intake): State<Arc<Intake>>,
    caller: Caller,
) -> Result<Response, Refusal> {
    intake.admit_here(&caller, Scope::Read)?;
    let backlog = read(&intake, |store, intake| {
        let mut by_status = Vec::new();
        for (key, n) in store.tallies()? {
            let status = key.detail.parse().ok().and_then(Status::from_number);
            if let ("", "outbox", Some(status)) = (&*key.journey, &*key.what, status) {
                by_status.push((status.word(), n as f64));
            }
        }
        Ok(Backlog {
            by_status,
            oldest_pending: store.oldest_pending()?,
            due: store.count_due(intake.clock.now(), DUE_COUNTED)?,
        })
    })
    .await?;
    let data = intake.data.clone();
    let room = tokio::task::spawn_blocking(move || room(&data)).await;
    let text = page(&intake, &backlog, room.ok().flatten());
    let kind = [(header::CONTENT_TYPE, metrics::MEDIA_TYPE)];
    Ok((kind, text).into_response())
}

fn page(intake: &Intake, backlog: &Backlog, room: Option<u64>) -> String {
    let mut page = Page::new();
    let version = [(env!("CARGO_PKG_VERSION"), 1.0)];
    page.gauges("journeyd_build_info", "The release.", "version", version);
    intake.counts.write(&mut page);
    intake.handle.meter().write(&mut page);
    page.gauge(
        "journeyd_due_contacts",
        "Contacts whose time has come and who wait to be woken, counted up to 100000.",
        Some(backlog.due as f64),
    );
    page.counters(
        "journeyd_sends_total",
        "Attempts to carry out an effect, by lane and outcome.",
        ["lane", "outcome"],
        &intake.ends,
    );
    let down = |lane: Lane| (lane.word(), f64::from(u8::from(intake.down.is(lane))));
    page.gauges(
        "journeyd_provider_down",
        "1 while the provider of a lane takes nothing, so that one effect at a time asks for it.",
        "lane",
        Lane::ALL.map(down),
    );
    page.gauges(
        "journeyd_outbox_effects",
        "Effects in the outbox by status.",
        "status",
        backlog.by_status.iter().copied(),
    );
    let age = |since: Option<Instant>| {
        let millis = since.map_or(0, |since| intake.clock.now().saturating_sub(since).max(0));
        Some(millis as f64 / 1_000.0)
    };
    page.gauge(
        "journeyd_outbox_age_seconds",
        "For how long the oldest pending effect has been due; 0 where none is.",
        age(backlog.oldest_pending),
    );
    let load = intake.handle.load();
    page.gauge(
        "journeyd_queue_used_ratio",
        "How much of the queue for requests is taken, from 0 to 1.",
        Some(load.queue.max(load.room)),
    );
    page.gauge(
        "journeyd_spool_bytes",
        "What was acknowledged and waits on disk to be decided.",
        Some(intake.spool.bytes() as f64),
    );
    page.histogram(
        "journeyd_spool_seconds",
        "Making a group of requests durable in the spool.",
        intake.spool.keeping(),
    );
    page.gauge(
        "journeyd_spool_age_seconds",
        "For how long the oldest of it has waited; 0 where nothing waits.",
        age(intake.spool.oldest()),
    );
    let trouble = intake.handle.trouble();
    page.gauge(
        "journeyd_store_trouble",
        "1 while the store cannot be written.",
        Some(f64::from(u8::from(trouble.is_some()))),
    );
    page.gauge(
        "journeyd_disk_free_bytes",
        "What is free on the disk of the data folder.",
        room.map(|room| room as f64),
    );
    page.text()
}
