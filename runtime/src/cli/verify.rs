//! `journeyd verify`: whether the data is what it must be.

use crate::cli::{Data, Exit, complain, say};
use crate::inspect;
use crate::store::{Error, SqliteReader};

/// Check all data: files, checksums, histories, wake-ups, outbox, names, counters, and the secrets beside them
///
/// Works while the daemon runs, as of one moment, and changes nothing. It reads everything once, so it takes its time on
/// a large store. Ends with 0 where all is sound, and with 1 where something is not. A backup is checked the same way:
/// `journeyd verify --data BACKUP`.
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    data: Data,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self) -> Exit {
        match self.read() {
            Ok(found) => {
                if self.json {
                    say(format_args!("{}\n", serde_json::json!(found)));
                } else {
                    say(&found);
                }
                if found.is_sound() {
                    Exit::Fine
                } else {
                    Exit::Problems
                }
            }
            // What does not even open is damaged, or not there.
            Err(
                error @ (Error::Journal { .. }
                | Error::JournalMissing { .. }
                | Error::Corrupt { .. }),
            ) => {
                complain(error);
                Exit::Problems
            }
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    fn read(&self) -> Result<inspect::Verification, Error> {
        let mut store = SqliteReader::open(&self.data.data)?;
        let mut found = inspect::verify(&mut store)?;
        found.checks.extend(inspect::verify_secrets(&mut store)?);
        Ok(found)
    }
}
