//! Tests with a virtual clock: scripts in, verdicts out.
//!
//! A script runs on the engine's own step, with the whole program: what other journeys send to the same person counts,
//! as it will for real. Nothing is sent anywhere and no clock is read.

mod coverage;
mod expect;
mod report;
mod runner;
pub(crate) mod script;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use journey_engine::{LinkError, Passage, Program};

pub use coverage::Coverage;
pub use report::TestReport;
pub use runner::Verdict;
pub use script::Script;

use crate::compile::Compilation;

/// The tests of a project, run.
#[derive(Debug, Clone, Default)]
pub struct TestRun {
    /// Each test and how it ended, in the order of the text.
    pub verdicts: Vec<(Script, Verdict)>,
    /// Which ways of the journeys they took.
    pub coverage: Coverage,
}

/// Runs the tests of a compiled project whose title or journey contains a text, on so many threads. Without a program
/// there are none to run. The result does not depend on the number of threads.
pub fn run_tests(
    compilation: &Compilation,
    filter: &str,
    threads: NonZeroUsize,
) -> Result<TestRun, LinkError> {
    let Some(ir) = &compilation.program else {
        return Ok(TestRun::default());
    };
    let program = Program::link(Arc::new(ir.clone()), &[])?;
    let limited = program.has_claims();
    let chosen: Vec<&Script> = compilation
        .tests
        .iter()
        .filter(|it| it.mentions(filter))
        .collect();
    let each = chosen.len().div_ceil(threads.get()).max(1);
    let play = |scripts: &[&Script]| -> Vec<(Verdict, Vec<Passage>)> {
        let each = scripts
            .iter()
            .map(|script| runner::run(&program, limited, script));
        each.collect()
    };
    let played: Vec<(Verdict, Vec<Passage>)> = thread::scope(|scope| {
        let mut shares = chosen.chunks(each);
        // The first share is this thread's own: a small project starts no other.
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares
            .map(|share| scope.spawn(move || play(share)))
            .collect();
        let mut played = play(own);
        for other in others {
            match other.join() {
                Ok(share) => played.extend(share),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        played
    });
    let mut passed = Vec::new();
    let mut verdicts = Vec::new();
    for (script, (verdict, passages)) in chosen.into_iter().zip(played) {
        passed.extend(passages);
        verdicts.push((script.clone(), verdict));
    }
    passed.sort_unstable();
    passed.dedup();
    let coverage = Coverage::of(ir, &compilation.places, &passed);
    Ok(TestRun { verdicts, coverage })
}
