//! `journeyd enter`: a list of people enters a journey that says `enter by request`.

use std::fs::File;
use std::path::{Path, PathBuf};

use journey_arrivals::entries::{Entries, UnusableList};
use journey_arrivals::file;

use crate::cli::import::{self, ImportError};
use crate::cli::{Data, Exit, complain, say};
use crate::clock::{Clock as _, SystemClock};
use crate::import::{Options, Summary};
use crate::process::Effects;

/// Let the people of a list into a journey that says `enter by request`
///
/// The CSV file has a column `contact` (or `id`): who enters. The other columns are the fields of the request. Bad rows
/// are listed with their lines and the rest goes on. The same file again lets nobody in twice; a list that was
/// interrupted goes on where it stopped. The daemon must not be running on this data: the next `journeyd run` sends what
/// follows. While it runs, use `POST /v1/journeys/NAME/enter`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  journeyd enter quote --list people.csv

  where people.csv says
    contact,product,budget
    ana@example.com,Red ginseng,1500000 KRW")]
pub(super) struct Enter {
    /// The journey
    #[arg(value_name = "NAME")]
    journey: String,
    /// The CSV file, plain, gzip or zstd
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    #[command(flatten)]
    data: Data,
}

/// Why nobody enters, or not everybody.
#[derive(Debug, thiserror::Error)]
enum EnterError {
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("{} cannot be read: {source}", .path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {source}", .path.display())]
    Unusable { path: PathBuf, source: UnusableList },
}

impl EnterError {
    const fn exit(&self) -> Exit {
        match self {
            Self::Import(error) => error.exit(),
            Self::File { .. } => Exit::Failed,
            Self::Unusable { .. } => Exit::Problems,
        }
    }
}

impl Enter {
    pub(super) fn run(&self) -> Exit {
        super::logging::start_quietly();
        match self.enter() {
            Ok(summary) => {
                say(import::told(&summary));
                if summary.stopped {
                    Exit::Failed
                } else {
                    Exit::Fine
                }
            }
            Err(error) => {
                complain(&error);
                error.exit()
            }
        }
    }

    fn enter(&self) -> Result<Summary, EnterError> {
        let unread = |source| EnterError::File {
            path: self.list.clone(),
            source,
        };
        let content = content_of(&self.list).map_err(unread)?;
        let opened = file::open(&self.list).map_err(unread)?;
        let mut process = import::open(None, &self.data.data)?;
        let program = process.program();
        let now = SystemClock.now();
        let entries = Entries::new(opened.reader, &self.journey, program, &content, now);
        let mut entries = entries.map_err(|source| EnterError::Unusable {
            path: self.list.clone(),
            source,
        })?;
        let options = Options {
            name: format!("enter {} {content}", self.journey),
            effects: Effects::Act,
            until: None,
        };
        let reading = import::Bytes {
            size: opened.size,
            consumed: opened.consumed,
        };
        Ok(import::carry_out(
            &mut process,
            &mut entries,
            &options,
            &reading,
        )?)
    }
}

/// A hash of all that a file says.
fn content_of(path: &Path) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    let hex = hasher.finalize().to_hex();
    Ok(hex.as_str().get(..32).unwrap_or_default().to_owned())
}
