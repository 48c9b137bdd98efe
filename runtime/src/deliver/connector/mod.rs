//! Connectors: a call by name with its inputs goes in, how the attempt ended comes out. The project's settings say
//! which connectors there are and how each is called.

mod client;
pub mod guard;
mod http;
mod hubspot;
pub mod inputs;
pub mod networks;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

use journey_ir::project::{Action, Connector, ConnectorKind};
use journey_ir::time::Instant;

pub use client::{Client, ClientError};
pub use inputs::Inputs;
pub use networks::Networks;

use self::http::HttpAction;
use self::hubspot::Hubspot;
use super::attempt::Attempt;
use crate::secrets::{SecretError, Secrets};

/// One call, ready to be made.
#[derive(Debug, Clone)]
pub struct Order {
    /// The effect's key in hexadecimal: the provider's idempotency key.
    pub key: String,
    /// When the effect was decided.
    pub at: Instant,
    /// Whether it was tried before, so that it may have arrived.
    pub again: bool,
    /// What the action gets.
    pub inputs: Inputs,
}

/// The project's connectors.
#[derive(Debug)]
pub struct Connectors {
    client: Client,
    /// By connector and action.
    actions: BTreeMap<(String, String), Route>,
}

#[derive(Debug)]
struct Route {
    to: Target,
    idempotent: bool,
}

#[derive(Debug)]
enum Target {
    /// Written down, sent nowhere.
    Record,
    Http(Box<HttpAction>),
    Hubspot(Arc<Hubspot>, hubspot::Job),
}

/// Why a connector cannot be used as it is set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{connector}.{action}: {problem}")]
pub struct ConnectorError {
    /// The connector.
    pub connector: String,
    /// Its action.
    pub action: String,
    /// What is wrong.
    pub problem: SettingError,
}

/// What is wrong with a setting of a connector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// A secret is missing.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// There is no such HTTP method.
    #[error("`{0}` is not an HTTP method")]
    Method(String),
    /// A header cannot have this name.
    #[error("`{0}` is not the name of a header")]
    Header(String),
    /// An address is wrong.
    #[error("`{0}` is not a web address")]
    Address(String),
    /// An HTTP connector's action has no request.
    #[error("it says no `request`, so nothing can be called")]
    NoRequest,
    /// The shipped connector does not have this action.
    #[error("the HubSpot connector has the actions `create_lead` and `create_task`, and no other")]
    NoSuchJob,
}

/// What became of a call.
#[derive(Debug)]
pub enum Called {
    /// It ended so.
    Ended(Attempt),
    /// The connector only records: the caller writes the call down.
    Recorded,
    /// There is no such action.
    Unknown,
}

impl Connectors {
    /// Prepares the connectors. Missing secrets and wrong settings are found here and not at the first call.
    pub fn new(
        connectors: &[Connector],
        secrets: &Secrets,
        client: Client,
    ) -> Result<Self, ConnectorError> {
        let mut actions = BTreeMap::new();
        for connector in connectors {
            for action in &connector.actions {
                let to = target(connector, action, secrets).map_err(|problem| ConnectorError {
                    connector: connector.name.clone(),
                    action: action.name.clone(),
                    problem,
                })?;
                // HubSpot takes no keys, but its connector looks before it repeats; a file is written over.
                let idempotent = action.idempotent || !matches!(to, Target::Http(_));
                let name = (connector.name.clone(), action.name.clone());
                actions.insert(name, Route { to, idempotent });
            }
        }
        Ok(Self { client, actions })
    }

    /// Whether a call may be repeated without harm.
    #[must_use]
    pub fn is_idempotent(&self, connector: &str, action: &str) -> bool {
        self.route(connector, action)
            .is_none_or(|route| route.idempotent)
    }

    /// Makes a call.
    pub async fn call(&self, connector: &str, action: &str, order: &Order) -> Called {
        let Some(route) = self.route(connector, action) else {
            return Called::Unknown;
        };
        match &route.to {
            Target::Record => Called::Recorded,
            Target::Http(http) => Called::Ended(http.call(&self.client, order).await),
            Target::Hubspot(hubspot, job) => {
                Called::Ended(hubspot.run(*job, &self.client, order).await)
            }
        }
    }

    fn route(&self, connector: &str, action: &str) -> Option<&Route> {
        let name = (connector.to_owned(), action.to_owned());
        self.actions.get(&name)
    }
}

fn target(
    connector: &Connector,
    action: &Action,
    secrets: &Secrets,
) -> Result<Target, SettingError> {
    Ok(match &connector.kind {
        ConnectorKind::Record => Target::Record,
        ConnectorKind::Http => {
            let request = action.request.as_ref().ok_or(SettingError::NoRequest)?;
            Target::Http(Box::new(HttpAction::new(request, secrets)?))
        }
        ConnectorKind::Hubspot {
            base_url,
            token,
            deal_stage,
            pipeline,
        } => {
            let job = hubspot::Job::named(&action.name).ok_or(SettingError::NoSuchJob)?;
            let hubspot = Hubspot::new(base_url, token, pipeline, deal_stage, secrets)?;
            Target::Hubspot(Arc::new(hubspot), job)
        }
    })
}
