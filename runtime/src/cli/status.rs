//! `journeyd status`: how the daemon stands.

use crate::cli::{Data, Exit, complain, say};
use crate::clock::{Clock as _, SystemClock};
use crate::inspect;
use crate::store::{Error, Read as _, SqliteReader, spool};

/// Show how it stands: contacts, runs per journey and step, outbox, due wake-ups, rejected items
///
/// Works while the daemon runs, and costs it nothing: it reads counters.
#[derive(Debug, clap::Args)]
pub(super) struct Status {
    #[command(flatten)]
    data: Data,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(&self) -> Exit {
        match self.read() {
            Ok(status) if self.json => {
                say(format_args!("{}\n", serde_json::json!(status)));
                Exit::Fine
            }
            Ok(status) => {
                say(status);
                Exit::Fine
            }
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    fn read(&self) -> Result<inspect::Status, Error> {
        let mut store = SqliteReader::open(&self.data.data)?;
        let mut status = inspect::status(&mut store, SystemClock.now())?;
        status.undecided = spool::undecided(&self.data.data, || store.meta(spool::DECIDED))?;
        Ok(status)
    }
}
