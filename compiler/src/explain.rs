//! Reading a project back in sentences: what `journeyc explain NAME` prints.
//!
//! Comes in: a compiled program, the titles of its project, a name. Goes out: text in one language. The words are
//! those of `sentences`; here they are numbered and laid out.

mod journey;
#[cfg(test)]
mod tests;
mod thing;

pub(crate) use journey::{ArmTold, JourneyTold, Passage, Told, ending, journey};
pub(crate) use thing::{Thing, describe, lines, things};
