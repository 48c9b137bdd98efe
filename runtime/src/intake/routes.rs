//! All routes, in one table: what the interface's description is compared with.

use std::sync::Arc;
use std::time::Duration;

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodFilter};
use axum::{Router, middleware};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::{Intake, answer, calls, counts, inbox, observe, operator, person, stop_link};

/// For how long a browser may remember what it is allowed.
const CORS_AGE: Duration = Duration::from_mins(15);

type State = Arc<Intake>;

/// Routes and their list.
#[derive(Debug)]
pub struct Routes {
    router: Router<State>,
    listed: Vec<(&'static str, &'static str)>,
}

impl Routes {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        let mut all = from_browsers();
        let others = from_operators();
        all.listed.extend(others.listed);
        all.router = all.router.layer(cors()).merge(others.router);
        all
    }

    /// Each as its method and its path.
    #[must_use]
    pub fn listed(&self) -> &[(&'static str, &'static str)] {
        &self.listed
    }

    fn none() -> Self {
        Self {
            router: Router::new(),
            listed: Vec::new(),
        }
    }

    fn get<T: 'static>(self, path: &'static str, handler: impl Handler<T, State>) -> Self {
        self.add("get", MethodFilter::GET, path, handler)
    }

    fn post<T: 'static>(self, path: &'static str, handler: impl Handler<T, State>) -> Self {
        self.add("post", MethodFilter::POST, path, handler)
    }

    fn delete<T: 'static>(self, path: &'static str, handler: impl Handler<T, State>) -> Self {
        self.add("delete", MethodFilter::DELETE, path, handler)
    }

    fn add<T: 'static>(
        mut self,
        method: &'static str,
        filter: MethodFilter,
        path: &'static str,
        handler: impl Handler<T, State>,
    ) -> Self {
        self.listed.push((method, path));
        self.router = self.router.route(path, routing::on(filter, handler));
        self
    }
}

/// What browsers send and ask, from any site.
fn from_browsers() -> Routes {
    Routes::none()
        .post("/v1/m", calls::metrics)
        .get("/v1/inbox", inbox::messages)
        .post("/v1/inbox/{id}/seen", inbox::seen)
        .post("/v1/{call}", calls::call)
        .post("/beacon/v1/batch", calls::beacon)
        .get("/pixel/v1/{call}", calls::pixel)
        .get("/v1/projects/{key}/settings", calls::settings)
        .get("/sourceConfig/", calls::source_config)
        .get("/sourceConfig", calls::source_config)
}

/// What operators and their tools ask, and what people follow from a message.
fn from_operators() -> Routes {
    Routes::none()
        .get("/v1/contacts/{id}", operator::contact)
        .delete("/v1/contacts/{id}", person::erase)
        .get("/v1/contacts/{id}/export", person::export)
        .post("/v1/contacts/{id}/inbox-token", inbox::token)
        .post("/v1/journeys/{name}/enter", calls::enter)
        .get("/v1/status", operator::status)
        .get("/v1/rejected", operator::rejected)
        .post("/v1/reload", operator::reload)
        .post("/v1/keys/reload", operator::keys)
        .get("/health", observe::healthy)
        .get("/healthz", observe::healthy)
        .get("/ready", observe::ready)
        .get("/readyz", observe::ready)
        .get("/metrics", observe::metrics)
        .get("/openapi.json", operator::openapi)
        .get("/unsubscribe/{token}", stop_link::ask)
        .post("/unsubscribe/{token}", stop_link::stop)
}

/// Browsers send from any site, and with headers of their own.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        .max_age(CORS_AGE)
}

/// The routes in front of an intake.
pub fn router(intake: Arc<Intake>) -> Router {
    Routes::all()
        .router
        .fallback(answer::nothing_here)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&intake),
            counts::count,
        ))
        .with_state(intake)
}
