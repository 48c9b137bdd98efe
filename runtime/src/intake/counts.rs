//! What the intake counts: items by source and outcome, what was rejected and why, requests by route and status.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::Intake;
use super::answer::Code;
use crate::metrics::{Counters, Page};
use crate::process::Receipt;
use crate::store::Rejected;

/// What counts a request whose address leads nowhere.
const NOWHERE: &str = "(none)";

/// Counts. Sources are named as the operator named them; nothing here comes from whoever sends.
#[derive(Debug, Default)]
pub(super) struct Counts {
    items: Counters<2>,
    rejected: Counters<2>,
    requests: Counters<3>,
    refused: Counters<2>,
}

impl Counts {
    /// What a source sent is decided, and durable.
    pub(super) fn taken(&self, source: &str, receipt: Receipt, rejected: &[Rejected]) {
        tracing::debug!(source, ?receipt, "intake.accepted");
        for (outcome, n) in [
            ("accepted", receipt.accepted),
            ("duplicate", receipt.duplicates),
            ("ignored", receipt.ignored),
            ("rejected", receipt.rejected),
        ] {
            self.items.add([source, outcome], n as u64);
        }
        if let Some(first) = rejected.first() {
            let (items, code) = (rejected.len(), &first.code);
            tracing::warn!(source, items, code, "intake.rejected");
        }
        for one in rejected {
            self.rejected.add([source, &one.code], 1);
        }
    }

    /// A request was refused because its key sends too much.
    pub(super) fn rate_limited(&self, source: &str) {
        self.rejected.add([source, "rate_limited"], 1);
    }

    /// Writes everything.
    pub(super) fn write(&self, page: &mut Page) {
        page.counters(
            "journeyd_events_total",
            "Items by source and outcome.",
            ["source", "outcome"],
            &self.items,
        );
        page.counters(
            "journeyd_rejected_total",
            "Rejected items, and requests over the limit of their key, by source and reason.",
            ["source", "reason"],
            &self.rejected,
        );
        page.counters(
            "journeyd_http_requests_total",
            "Requests by method, route and status.",
            ["method", "route", "status"],
            &self.requests,
        );
        page.counters(
            "journeyd_refused_requests_total",
            "Requests of which nothing was taken, by route and reason.",
            ["route", "reason"],
            &self.refused,
        );
    }
}

/// Counts every request by its route, never by its address.
pub(super) async fn count(
    State(intake): State<Arc<Intake>>,
    request: Request,
    next: Next,
) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or(NOWHERE, MatchedPath::as_str)
        .to_owned();
    // Methods that nobody knows are told apart by nobody.
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "DELETE" | "OPTIONS") => known,
        _ => "other",
    }
    .to_owned();
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    intake.counts.requests.add([&method, &route, &status], 1);
    if let Some(Code(reason)) = response.extensions().get() {
        intake.counts.refused.add([&route, reason], 1);
    }
    response
}
