//! One pure step per contact.
//!
//! A compiled program is [linked](Program::link) once. Then, for each contact, [`step()`] takes the state and one
//! [`Item`] and gives the next state, what is to be done ([`Effect`]) and what happened ([`Happening`]); [`advance`]
//! does the same for the passing of time. Nothing here reads a clock, a file, a socket or a random number: the same
//! state, item and time always give the same answer. All instants are milliseconds since 1970 in UTC.
//!
//! The caller keeps one promise: all items of one contact go through here one after the other, each event once.
//!
//! ```text
//!   JSON ──admit──► Item ─┐
//!                         ├─► step ──► Contact + effects + history + next wake-up
//!   the time ─► advance ──┘
//! ```
//!
//! Reading order: [`event`] (what comes in), [`contact`] (what is kept), [`program`] (what is executed), then `step`,
//! `membership`, `entry`, `run`, `walk`, `send` (what happens), [`effect`] and [`history`] (what comes out).
//! `docs/semantics.md` has the rules.
#![warn(missing_docs)]

pub mod admit;
mod aggregate;
mod amount;
mod calendar;
mod chain;
mod condition;
pub mod contact;
pub mod effect;
mod entry;
pub mod event;
mod hash;
pub mod history;
mod josa;
mod membership;
mod offer;
mod person;
pub mod program;
pub mod render;
mod run;
mod score;
mod send;
mod step;
mod turn;
pub mod view;
mod walk;
mod words;

pub use admit::{Admitted, FieldProblem, RawEvent, Refusal};
pub use contact::{Contact, StateError};
pub use effect::{Call, Effect, EffectKey, Intent, Outcome, Passage, Revoked, RunId, Send, Task};
pub use event::{Event, EventId, Item};
pub use history::{Arrival, End, Happening, Hold, NotEntered, Place, Skip, Tried, What};
pub use program::{LinkError, Name, Program};
pub use send::quiet_until;
pub use step::{advance, introduce, rebase, step};
