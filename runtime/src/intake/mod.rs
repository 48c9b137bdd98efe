//! The HTTP side: Segment's calls in, and what operators ask.
//!
//! A request is answered with 200 only when everything in it is durable. One bad item never refuses a batch; it goes to
//! the list of the rejected, with its reason.
//!
//! Reading order: [`keys`] and `auth` (who sends), [`body`] (bytes to text), [`envelope`] (text to items),
//! `calls`, `operator`, `inbox`, `stop_link` (the routes). Items become arrivals in `journey_arrivals`.

mod answer;
mod auth;
pub mod body;
mod calls;
pub mod envelope;
mod inbox;
pub mod keys;
mod operator;
mod stop_link;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Method;
use axum::routing::{get, post};
use journey_arrivals::Translator;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::clock::Clock;
use crate::deliver::Unsubscribe;
use crate::process::Handle;
use keys::Keys;

/// For how long a browser may remember what it is allowed.
const CORS_AGE: Duration = Duration::from_mins(15);

/// What the routes need.
#[derive(Debug)]
pub struct Intake {
    handle: Handle,
    translator: Translator,
    keys: Keys,
    clock: Arc<dyn Clock>,
    data: PathBuf,
    unsubscribe: Unsubscribe,
}

impl Intake {
    /// An intake in front of a process, whose store lies in `data`.
    #[must_use]
    pub fn new(
        handle: Handle,
        keys: Keys,
        clock: Arc<dyn Clock>,
        data: PathBuf,
        unsubscribe: Unsubscribe,
    ) -> Self {
        Self {
            translator: Translator::new(Arc::clone(handle.program())),
            handle,
            keys,
            clock,
            data,
            unsubscribe,
        }
    }
}

/// All routes.
pub fn router(intake: Arc<Intake>) -> Router {
    // Browsers send from any site, and with headers of their own.
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        .max_age(CORS_AGE);
    let from_browsers = Router::new()
        .route("/v1/m", post(calls::metrics))
        .route("/v1/inbox", get(inbox::messages))
        .route("/v1/inbox/{id}/seen", post(inbox::seen))
        .route("/v1/{call}", post(calls::call))
        .route("/v1/projects/{key}/settings", get(calls::settings))
        .layer(cors);
    Router::new()
        .merge(from_browsers)
        .route("/v1/contacts/{id}", get(operator::contact))
        .route("/v1/contacts/{id}/inbox-token", post(inbox::token))
        .route("/v1/journeys/{name}/enter", post(calls::enter))
        .route("/v1/status", get(operator::status))
        .route("/v1/rejected", get(operator::rejected))
        .route("/healthz", get(operator::healthy))
        .route("/readyz", get(operator::ready))
        .route(
            "/unsubscribe/{token}",
            get(stop_link::ask).post(stop_link::stop),
        )
        .fallback(answer::nothing_here)
        .with_state(intake)
}
