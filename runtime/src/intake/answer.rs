//! Answers as the client libraries expect them: 200 with `{"success":true}`, or a status they understand with a JSON
//! body of `code` and `message`, and `Retry-After` wherever trying again helps.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use journey_ir::Instant;
use serde_json::json;

use super::body::BodyError;
use super::envelope::BadRequest;
use super::rate::Wait;
use crate::process::SubmitError;
use crate::process::handle::RETRY_AFTER_SECONDS;
use crate::store::Rejected;

/// When a limit ends, as the client libraries read it.
const LIMIT_ENDS_AT: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Why a request was not fulfilled, for those who count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Code(pub(super) &'static str);

/// A request that is not fulfilled.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// After how many seconds trying again may help.
    retry_after: Option<u32>,
    /// When a limit ends, in seconds since 1970 UTC.
    limit_ends_at: Option<i64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
            limit_ends_at: None,
        }
    }

    /// The key sends more than it may.
    pub(super) fn too_fast(wait: Wait, now: Instant) -> Self {
        let seconds = i64::from(wait.seconds);
        Self {
            retry_after: Some(wait.seconds),
            limit_ends_at: Some((now / 1_000).saturating_add(seconds).saturating_add(1)),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "this key sends more items than it may; try again a little later",
            )
        }
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "this write key is missing or unknown",
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"success": false, "code": self.code, "message": self.message});
        let mut response = (self.status, Json(body)).into_response();
        response.extensions_mut().insert(Code(self.code));
        if let Some(seconds) = self.retry_after {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if let Some(end) = self.limit_ends_at {
            let end = HeaderValue::from(end);
            response.headers_mut().insert(LIMIT_ENDS_AT, end);
        }
        response
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        let code = match error {
            BodyError::TooLarge { .. } => "too_large",
            BodyError::BadGzip => "bad_gzip",
            BodyError::NotText => "not_utf8",
        };
        Self::new(StatusCode::BAD_REQUEST, code, error.to_string())
    }
}

impl From<BadRequest> for Refusal {
    fn from(error: BadRequest) -> Self {
        let code = match error {
            BadRequest::NotJson(_) | BadRequest::NotAnObject => "invalid_json",
            BadRequest::NoBatch => "missing_batch",
            BadRequest::TooMany => "too_many_items",
        };
        Self::new(StatusCode::BAD_REQUEST, code, error.to_string())
    }
}

impl From<SubmitError> for Refusal {
    fn from(error: SubmitError) -> Self {
        // All client libraries try again after 429 and 503, and keep what they have until then.
        let (status, code) = match &error {
            SubmitError::Busy => (StatusCode::TOO_MANY_REQUESTS, "busy"),
            SubmitError::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "store_failed"),
            SubmitError::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            SubmitError::Redeployed => (StatusCode::SERVICE_UNAVAILABLE, "redeployed"),
        };
        // What is wrong with the disk is for the operator's log, not for every browser.
        let message = match error {
            SubmitError::Store(_) => "nothing was stored; try again a little later".to_owned(),
            other => other.to_string(),
        };
        Self {
            retry_after: Some(RETRY_AFTER_SECONDS),
            ..Self::new(status, code, message)
        }
    }
}

/// How many rejected items an answer names; all of them are in the list of rejected items.
const NAMED: usize = 5;

/// The answer to a request that is durable. Client libraries read nothing but the status; whoever tries a call by hand
/// sees what of it was rejected, and why.
pub(super) fn success(rejected: &[Rejected]) -> Response {
    if rejected.is_empty() {
        return Json(json!({"success": true})).into_response();
    }
    let named: Vec<_> = rejected
        .iter()
        .take(NAMED)
        .map(|one| json!({"code": one.code, "message": one.detail}))
        .collect();
    Json(json!({"success": true, "rejected": rejected.len(), "problems": named})).into_response()
}

/// The answer where there is nothing.
pub(super) async fn nothing_here() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "there is nothing at this address",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Error;
    use std::sync::Arc;

    #[test]
    fn clients_are_told_when_trying_again_helps_and_nothing_about_the_disk() {
        let full = Error::Full {
            path: "/secret/place".into(),
        };
        for (error, status) in [
            (SubmitError::Busy, 429),
            (SubmitError::Store(Arc::new(full)), 503),
            (SubmitError::Stopping, 503),
            (SubmitError::Redeployed, 503),
        ] {
            let refusal = Refusal::from(error);
            assert!(!refusal.message.contains("secret"), "{}", refusal.message);
            let response = refusal.into_response();
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        }
        let fast = Refusal::too_fast(Wait { seconds: 7 }, 90_500).into_response();
        assert_eq!(fast.status(), 429);
        assert_eq!(fast.headers()[header::RETRY_AFTER], "7");
        assert_eq!(fast.headers()[LIMIT_ENDS_AT], "98");
        let bad = Refusal::from(BodyError::NotText).into_response();
        assert_eq!(bad.status(), 400);
        assert!(bad.headers().get(header::RETRY_AFTER).is_none());
    }
}
