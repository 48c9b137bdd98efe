//! By which door a request came, and what that allows: the network, where keys and tokens count, or the control socket in
//! the data folder, which only the daemon's own user can open.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::Intake;
use super::answer::Refusal;
use super::auth::bearer;
use super::keys::Scope;

/// The way a connection came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Over the network, from this address.
    Network(SocketAddr),
    /// Over the control socket.
    Control,
}

/// Who asks.
#[derive(Debug)]
pub(super) struct Caller {
    door: Option<Door>,
    token: Option<String>,
    /// Whether a proxy passed the request on: its own address then says nothing about who asks.
    forwarded: bool,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let has = |name| parts.headers.contains_key(name);
        Ok(Self {
            door: parts.extensions.get::<Door>().copied(),
            token: bearer(&parts.headers).map(str::to_owned),
            forwarded: has("forwarded") || has("x-forwarded-for") || has("via"),
        })
    }
}

impl Caller {
    /// Whether the caller is a program on this machine that spoke to us directly.
    fn is_here(&self) -> bool {
        match self.door {
            Some(Door::Network(address)) => address.ip().is_loopback() && !self.forwarded,
            Some(Door::Control) => true,
            None => false,
        }
    }
}

impl Intake {
    /// Lets operators in whose token allows this.
    pub(super) fn admit(&self, caller: &Caller, scope: Scope) -> Result<(), Refusal> {
        if caller.door == Some(Door::Control) {
            return Ok(());
        }
        let keys = self.keys();
        let token = caller.token.as_deref().unwrap_or_default();
        let Some(admin) = keys.admin(token, self.clock.now()) else {
            return Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "this needs `Authorization: Bearer` with an admin token",
            ));
        };
        if admin.scopes.contains(&scope) {
            return Ok(());
        }
        let message = format!("this token does not allow `{}`", scope.word());
        Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", message))
    }

    /// Like [`Self::admit`], and programs on this machine need no token.
    pub(super) fn admit_here(&self, caller: &Caller, scope: Scope) -> Result<(), Refusal> {
        if caller.is_here() {
            return Ok(());
        }
        self.admit(caller, scope)
    }
}
