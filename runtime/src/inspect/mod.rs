//! What an operator sees: one contact with its whole story, and how the daemon stands. Read from the store beside the
//! running daemon; shown by the command line as tables and by HTTP as JSON.

mod contact;
pub mod erasure;
mod export;
mod outbox;
mod report;
mod status;
mod stories;
mod table;
mod verify;

pub use contact::{ContactReport, EffectLine, RunLine, StoryLine, contact};
pub use export::{Export, NotAccepted, Written, export};
pub use outbox::{OutboxLine, Wanted, outbox};
pub use report::{Cohort, FunnelReport, KpiReport, KpiResult, Report, StageLine, report};
pub use status::{JourneyLine, Journeys, Status, StepLine, journeys, status};
pub use stories::{Story, stories};
pub use table::{Table, local_minute, local_time};
pub use verify::{CheckLine, Verification, verify, verify_secrets};
