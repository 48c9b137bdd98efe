//! `journeyc lsp`: the language server.
//!
//! Comes in: messages of the Language Server Protocol. Goes out: answers, and problems as people type. `server` is the
//! message loop, one thread that owns all state, so that edits stay in order; `workspace`, `project` and `documents`
//! are that state; `worker` compiles whole projects on a thread of its own and drops what has become old. The other
//! modules each answer one kind of question from a [`view::View`], without touching anything.
//!
//! A keystroke re-reads one file. Its syntax problems are published at once; what follows from other files is moved
//! along with the text until the worker has looked again.

mod actions;
mod completion;
mod diagnostics;
mod drift;
mod folding;
mod hints;
mod hover;
mod navigate;
mod phrases;
mod place;
mod position;
mod project;
mod refs;
mod rename;
mod rewrite;
mod said;
mod server;
mod symbols;
mod tokens;
mod uri;
mod view;
mod worker;
mod workspace;

#[cfg(test)]
mod tests;

pub(crate) use server::{Options, serve};
