//! What can be wrong with a template, and how it is said.

mod consent;
mod legal;
mod link;
mod missing;
mod syntax;
mod variable;

pub(super) use consent::ConsentError;
pub(super) use legal::LegalError;
pub(crate) use link::UnknownLink;
pub(crate) use missing::{Missing, MissingTemplate};
pub(super) use syntax::SyntaxError;
pub(super) use variable::VariableError;
