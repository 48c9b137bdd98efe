//! `journeyd release`: what an import held back goes out.

use crate::cli::{Data, Exit, complain, say};
use crate::clock::{Clock as _, SystemClock};
use crate::store::{DataFolder, Error, Sqlite, Store as _};

/// Let messages, calls and tasks go that an import held back
///
/// `journeyd import --effects hold` decides everything and sends nothing. Look at it with `journeyd status` and
/// `journeyd contact`, then release it: the next `journeyd run` carries it out, however old it is. The daemon must not be
/// running on this data.
#[derive(Debug, clap::Args)]
pub(super) struct Release {
    #[command(flatten)]
    data: Data,
    /// Only what this journey decided
    #[arg(long, value_name = "NAME")]
    journey: Option<String>,
}

impl Release {
    pub(super) fn run(&self) -> Exit {
        match self.release() {
            Ok(0) => {
                say("nothing is held back\n");
                Exit::Fine
            }
            Ok(released) => {
                say(format_args!(
                    "{released} released; the next `journeyd run` carries them out\n"
                ));
                Exit::Fine
            }
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    fn release(&self) -> Result<usize, Error> {
        let mut store = Sqlite::open(DataFolder::lock(&self.data.data)?)?;
        store.release(self.journey.as_deref(), SystemClock.now())
    }
}
