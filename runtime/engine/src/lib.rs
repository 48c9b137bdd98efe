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

mod absorb;
pub mod admit;
mod aggregate;
mod amount;
mod ask;
mod audience;
mod calendar;
mod chain;
mod chance;
pub mod claim;
mod condition;
pub mod contact;
pub mod effect;
mod entry;
pub mod event;
mod fallback;
mod funnel;
mod hash;
pub mod history;
mod josa;
mod membership;
mod migrate;
mod offer;
mod person;
pub mod program;
mod ranking;
pub mod render;
mod repeat;
mod run;
mod score;
mod send;
mod settling;
pub mod standing;
mod step;
mod tenure;
mod turn;
pub mod view;
mod walk;
mod words;

pub use absorb::{Absorbed, absorb};
pub use admit::{Admitted, FieldProblem, RawEvent, Refusal};
pub use claim::{Claim, Claimed, Limit};
pub use contact::{Contact, StateError};
pub use effect::{
    Call, Effect, EffectKey, Enlist, Intent, Match, Outcome, Passage, Revoked, RunId, Send, Task,
};
pub use event::{Event, EventId, Item};
pub use funnel::Reached;
pub use history::{Arrival, End, Happening, Hold, NotEntered, Place, Skip, Tried, What};
pub use program::{LinkError, Name, Program};
pub use ranking::least_within;
pub use send::{hole_name, quiet_until};
pub use standing::Standing;
pub use step::{advance, introduce, leave, rebase, step};
