//! Tests with a virtual clock: scripts in, verdicts out.
//!
//! A script runs on the engine's own step, with the whole program: what other journeys send to the same person counts,
//! as it will for real. Nothing is sent anywhere and no clock is read.

mod expect;
mod report;
mod runner;
pub(crate) mod script;

use std::sync::Arc;

use journey_engine::{LinkError, Program};

pub use report::TestReport;
pub use runner::Verdict;
pub use script::Script;

use crate::compile::Compilation;

/// Runs the tests of a compiled project whose title or journey contains a text. Without a program there are none to run.
pub fn run_tests(
    compilation: &Compilation,
    filter: &str,
) -> Result<Vec<(Script, Verdict)>, LinkError> {
    let Some(program) = &compilation.program else {
        return Ok(Vec::new());
    };
    let program = Program::link(Arc::new(program.clone()), &[])?;
    let chosen = compilation.tests.iter().filter(|it| it.mentions(filter));
    Ok(chosen
        .map(|script| (script.clone(), runner::run(&program, script)))
        .collect())
}
