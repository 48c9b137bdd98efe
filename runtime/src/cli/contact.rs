//! `journeyd contact ID`: one person's whole story.

use crate::cli::{Data, Exit, complain, say};
use crate::inspect;
use crate::process::{OpenError, current_program};
use crate::store::SqliteReader;

/// Show one contact: attributes, memberships, where each run stands, and everything that happened, with reasons
///
/// Works while the daemon runs. The id is the one your own systems send as `userId`, or a device's `anonymousId`.
#[derive(Debug, clap::Args)]
pub(super) struct Contact {
    /// The contact's id
    id: String,
    #[command(flatten)]
    data: Data,
    /// How many records of history to show
    #[arg(long, value_name = "N", default_value_t = 200)]
    history: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Contact {
    pub(super) fn run(&self) -> Exit {
        match self.read() {
            Ok(Some(report)) if self.json => {
                say(format_args!("{}\n", serde_json::json!(report)));
                Exit::Fine
            }
            Ok(Some(report)) => {
                say(report);
                Exit::Fine
            }
            Ok(None) => {
                complain(format_args!("nobody has the id `{}`", self.id));
                Exit::Problems
            }
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    fn read(&self) -> Result<Option<inspect::ContactReport>, OpenError> {
        let mut store = SqliteReader::open(&self.data.data)?;
        let program = current_program(&mut store)?;
        inspect::contact(&mut store, &program, &self.id, self.history)
    }
}
