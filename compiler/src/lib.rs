//! The compiler of journey files: a project folder in, a [`journey_ir::Program`] and problems out.
//!
//! Reading order: `sources` (texts), `problem` and `codes` (what can be wrong).

mod codes;
mod near;
mod problem;
mod sources;

pub use codes::{ALL as CODES, Code, find as find_code};
pub use problem::{Edit, Language, Location, MAX_SHOWN, Problem, Problems, Severity, Text};
pub use sources::{FileId, MAX_BYTES, Position, Source, Sources, Unreadable};
