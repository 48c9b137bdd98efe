//! `journeyd contact ID`: one person's whole story, everything known about them, or their erasure.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::cli::control;
use crate::cli::{Data, Exit, complain, import, say};
use crate::clock::{Clock as _, SystemClock};
use crate::daemon::MAILBOX;
use crate::deliver::mailbox;
use crate::inspect::{self, erasure};
use crate::process::{OpenError, current_program};
use crate::store::{SqliteReader, Store as _};

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
    /// Print everything that is known about the person, as JSON
    #[arg(long, conflicts_with_all = ["json", "erase"])]
    export: bool,
    /// Erase the person for good; what arrives for them later changes nothing
    #[arg(long)]
    erase: bool,
}

impl Contact {
    pub(super) fn run(&self) -> Exit {
        if self.erase {
            return self.erase();
        }
        let shown = if self.export {
            self.export()
        } else {
            self.read()
        };
        match shown {
            Ok(Some(text)) => {
                say(text);
                Exit::Fine
            }
            Ok(None) => self.nobody(),
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    fn nobody(&self) -> Exit {
        complain(format_args!("nobody has the id `{}`", self.id));
        Exit::Problems
    }

    fn read(&self) -> Result<Option<String>, OpenError> {
        let mut store = SqliteReader::open(&self.data.data)?;
        let program = current_program(&mut store)?;
        let report = inspect::contact(&mut store, &program, &self.id, self.history)?;
        Ok(report.map(|report| {
            if self.json {
                format!("{}\n", serde_json::json!(report))
            } else {
                report.to_string()
            }
        }))
    }

    fn export(&self) -> Result<Option<String>, OpenError> {
        let mut store = SqliteReader::open(&self.data.data)?;
        let program = current_program(&mut store)?;
        let export = inspect::export(&mut store, &program, &self.id)?;
        Ok(export.map(|export| format!("{:#}\n", serde_json::json!(export))))
    }

    /// The running daemon does it, for it alone writes; where none runs it is done here.
    fn erase(&self) -> Exit {
        let id = utf8_percent_encode(&self.id, NON_ALPHANUMERIC);
        let path = format!("/v1/contacts/{id}");
        match control::ask(&self.data.data, "DELETE", &path) {
            Ok(Some(answer)) if answer.status == 200 => {
                say("erased\n");
                Exit::Fine
            }
            Ok(Some(answer)) if answer.status == 404 => self.nobody(),
            Ok(Some(answer)) => {
                complain(answer.message());
                Exit::Failed
            }
            Ok(None) => self.erase_here(),
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    fn erase_here(&self) -> Exit {
        let mut process = match import::open(None, &self.data.data) {
            Ok(process) => process,
            Err(error) => {
                complain(&error);
                return error.exit();
            }
        };
        let found = match erasure::find(process.store(), &self.id) {
            Ok(Some(found)) => found,
            Ok(None) => return self.nobody(),
            Err(error) => {
                complain(error);
                return Exit::Failed;
            }
        };
        let now = SystemClock.now();
        let erased = process.turn(&[erasure::batch(&found, now)], None, now);
        // Its old copies leave the journal with everything else that waits there.
        let gone = erased.and_then(|_| {
            process.store().checkpoint()?;
            process.store().purge()
        });
        match gone {
            Ok(true) => {}
            Ok(false) => {
                complain(
                    "the person is erased, but somebody who reads the store keeps old files; ask again",
                );
                return Exit::Failed;
            }
            Err(error) => {
                complain(error);
                return Exit::Failed;
            }
        }
        if let Err(error) = mailbox::remove(&self.data.data.join(MAILBOX), &found.keys) {
            complain(format_args!(
                "the person is erased, but files in the mailbox folder could not be removed: {error}"
            ));
            return Exit::Failed;
        }
        say("erased\n");
        Exit::Fine
    }
}
