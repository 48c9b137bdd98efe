//! HTTP for connectors: a request goes in, the answer or how the attempt ended comes out. Nothing is followed anywhere
//! else, nothing is waited for without end, and no answer is read without end.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Response, redirect};
use url::Url;

use super::guard::{self, NotPublic, Reach, Resolver};
use crate::clock::Clock;
use crate::deliver::attempt::{Attempt, Blame};
use crate::deliver::reason::{Reason, quote};
use crate::deliver::tls::Trust;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a whole call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How much of an answer is read, in bytes.
const MAX_ANSWER: usize = 256 * 1024;
/// The longest `Retry-After` that is believed, in seconds.
const MAX_RETRY_AFTER: i64 = 24 * 60 * 60;

/// An HTTP client.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    reach: Reach,
    clock: Arc<dyn Clock>,
}

/// A request, complete.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    retry_after: Option<i64>,
}

/// Why the client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// TLS could not be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}

impl Client {
    /// A client that calls what `reach` allows, and believes those whom `trust` vouches for.
    pub fn new(reach: Reach, trust: &Trust, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(trust.client_config()?)
            .dns_resolver(Resolver(reach))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("journeyd/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .build()?;
        Ok(Self { http, reach, clock })
    }

    /// Makes the call.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, Attempt> {
        if !matches!(call.url.scheme(), "http" | "https") {
            return Err(Attempt::refused("the address is neither http nor https"));
        }
        guard::check(&call.url, self.reach).map_err(|error| not_allowed(&error))?;
        let mut request = self.http.request(call.method, call.url);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let response = request.send().await.map_err(|error| broken(&error))?;
        let status = response.status().as_u16();
        let retry_after = self.retry_after(response.headers());
        let body = read(response).await;
        Ok(Answer {
            status,
            body,
            retry_after,
        })
    }

    /// How many milliseconds the provider asks us to wait: seconds, or a date.
    fn retry_after(&self, headers: &HeaderMap) -> Option<i64> {
        let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        let seconds = if let Ok(seconds) = text.parse::<i64>() {
            seconds
        } else {
            let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
            (date.as_millisecond().saturating_sub(self.clock.now()) / 1_000).saturating_add(1)
        };
        Some(seconds.clamp(0, MAX_RETRY_AFTER).saturating_mul(1_000))
    }
}

/// Reads an answer up to the limit. An answer that breaks off is as good as its status.
async fn read(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= MAX_ANSWER {
            bytes.truncate(MAX_ANSWER);
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn not_allowed(why: &NotPublic) -> Attempt {
    Attempt::refused(Reason::quoting("it may not be called", &why.to_string()))
}

/// What an error of the client says about the attempt. Once a request is on its way nobody knows whether it arrived.
fn broken(error: &reqwest::Error) -> Attempt {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(refused) = inner.downcast_ref::<NotPublic>() {
            return not_allowed(refused);
        }
        reason = inner.to_string();
        source = inner.source();
    }
    if error.is_builder() {
        Attempt::refused(Reason::quoting("the call cannot be made", &reason))
    } else if error.is_connect() {
        // Nobody's data has left yet: an operator reads here why there is no connection.
        Attempt::provider_down(Reason::ours(format!("no connection: {}", quote(&reason))))
    } else if error.is_timeout() {
        Attempt::unclear("no answer in time")
    } else {
        let broke = "the connection broke before the answer";
        Attempt::unclear(Reason::quoting(broke, &reason))
    }
}

impl Answer {
    /// Whether the call succeeded: one of the expected statuses, or any 2xx where none is named.
    pub(super) fn is_expected(&self, expect: &[u16]) -> bool {
        if expect.is_empty() {
            (200..300).contains(&self.status)
        } else {
            expect.contains(&self.status)
        }
    }

    /// How the attempt ended, for an answer that was not expected.
    pub(super) fn failure(&self) -> Attempt {
        let reason = |ours: String| Reason::quoting(ours, &self.body);
        let answered = format!("it answered {}", self.status);
        match self.status {
            408 | 425 | 429 | 500..=599 => Attempt::Failed {
                reason: reason(answered),
                retry_after: self.retry_after,
                blame: if matches!(self.status, 429 | 503) {
                    Blame::Provider
                } else {
                    Blame::Effect
                },
            },
            300..400 => {
                Attempt::refused(reason(format!("{answered} (redirects are not followed)")))
            }
            _ => Attempt::refused(reason(answered)),
        }
    }
}
