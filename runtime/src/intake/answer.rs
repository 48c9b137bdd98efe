//! Answers as the client libraries expect them: 200 with `{"success":true}`, or a status they understand with a JSON
//! body of `code` and `message`, and `Retry-After` wherever trying again helps.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::body::BodyError;
use super::envelope::BadRequest;
use crate::process::SubmitError;
use crate::process::worker::RETRY_AFTER_SECONDS;
use crate::store::Rejected;

/// A request that is not fulfilled.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry: bool,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry: false,
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
        if self.retry {
            let seconds = HeaderValue::from(RETRY_AFTER_SECONDS);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
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
        };
        // What is wrong with the disk is for the operator's log, not for every browser.
        let message = match error {
            SubmitError::Store(_) => "nothing was stored; try again a little later".to_owned(),
            other => other.to_string(),
        };
        Self {
            retry: true,
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
        ] {
            let refusal = Refusal::from(error);
            assert!(!refusal.message.contains("secret"), "{}", refusal.message);
            let response = refusal.into_response();
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        }
        let bad = Refusal::from(BodyError::NotText).into_response();
        assert_eq!(bad.status(), 400);
        assert!(bad.headers().get(header::RETRY_AFTER).is_none());
    }
}
