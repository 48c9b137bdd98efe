//! Delivery: effects that are decided and committed come out of the outbox, leave by their channel, and how each ended
//! goes back.
//!
//! ```text
//!   outbox ──claim──► worker ──► courier ──► e-mail (SMTP) │ connector (HTTP, HubSpot) │ mailbox folder
//!      ▲                │                        │
//!      └────record──────┘◄── retry ◄── attempt ◄─┘
//! ```
//!
//! A channel only says how an [`attempt`] ended. What follows from it (another attempt, giving up, leaving it) is
//! decided in one place, [`retry`], from the kind of effect and the project's settings. Decisions are made once; what
//! can be promised about delivery is written in `docs/delivery.md`.

pub mod attempt;
mod breaker;
pub mod connector;
mod courier;
mod current;
pub mod email;
pub mod mailbox;
pub mod outbox;
mod reason;
pub mod retry;
pub mod tls;
mod unsubscribe;
mod worker;

pub use courier::{Courier, Equipment, EquipmentError};
pub use current::Current;
pub use outbox::{Bell, Claim, Claimed, Lane, Outbox, OutboxError, Outcome, Recorded};
pub use reason::Reason;
pub use unsubscribe::Unsubscribe;
pub use worker::{Carrier, Carrying, Down, Ends, Pace, Workers};
