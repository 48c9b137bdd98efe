//! The compiler of journey files: a project folder in, a [`journey_ir::Program`] and problems out.
//!
//! Reading order: `load` and `project` (files to texts), `sources`, `problem` and `codes` (what can be wrong and
//! where), `settings`, `manifest` and `templates` (everything that is no `.journey` file), `names`, `values` and `lower`
//! (the `.journey` files), `check` (what their conditions leave out), `allow` (what is meant all the same), `version`, `compile` (the whole way), `testing`
//! (tests run on the engine), `simulate` (real logs run on the engine).

mod allow;
mod builtin;
mod carriers;
mod check;
pub mod cli;
mod codes;
mod compile;
mod cores;
mod cron;
mod docs;
mod explain;
mod fix;
mod graph;
mod josa;
mod known;
mod library;
mod load;
mod lower;
mod lsp;
mod manifest;
mod names;
mod near;
mod outline;
mod pages;
mod places;
mod preview;
mod problem;
mod project;
mod report;
mod samples;
mod sentences;
mod settings;
mod simulate;
mod sources;
mod stop;
mod syntax;
mod templates;
mod testing;
mod titles;
mod values;
mod version;
mod written;

pub use check::Effort;
pub use codes::{ALL as CODES, Code, find as find_code};
pub use compile::{Compilation, Findings, check, compile};
pub use fix::{Fixed, fixed};
pub use load::{LoadError, MAX_DEPTH, MAX_FILES, MAX_PROJECT_BYTES, load, projects};
pub use pages::{korean_page, page};
pub use places::{JourneyPlaces, Places, StepPlaces};
pub use preview::{Given, PreviewError, Previewed, UNSUBSCRIBE, preview};
pub use problem::{
    Edit, Language, Location, MAX_KEPT, MAX_SHOWN, Problem, Problems, Severity, Text,
};
pub use project::LoadedProject;
pub use report::{Look, Report};
pub use simulate::{
    Assume, Comparison, Memory, Sent, Settings as SimulationSettings, Side, Simulation,
    SimulationError, SimulationReport, Stage, Until, compare, simulate,
};
pub use sources::{FileId, MAX_BYTES, Position, Source, Sources, Unreadable};
pub use testing::{Coverage, Script, TestReport, TestRun, Verdict, run_tests};

/// Serves an editor of the same process until it says goodbye: for the fuzzer of the language server, which only sees
/// what this process runs.
#[cfg(fuzzing)]
pub fn serve_editor(
    connection: &lsp_server::Connection,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lsp::serve(connection, lsp::Options::default())
}
