//! What the grammar accepts, what it says about mistakes, and that nothing breaks it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "tests read their cases from files and may fail loudly"
)]

mod accepted;
mod arbitrary;
mod cases;
mod format;
mod hostile;
mod mutations;
mod rejected;
mod spaces;
mod walk;
