//! `journeyd backup DIR`: a copy of all data while the daemon runs.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::cli::{Data, Exit, complain, say};
use crate::store::{Copied, Error, SqliteReader};

/// Files that are made anew at each start, or that the copy of the store brings along.
const LEFT_OUT: [&str; 4] = ["journey.db", "journal-", "lock", "control.sock"];

/// Copy all data into a new folder, while the daemon runs
///
/// Everything that was acknowledged before the command began is in it, with the keys and the secret behind links. The
/// copy is read once before the command ends well. To restore, stop the daemon, put the copy in place of the data folder,
/// and start it. Messages in the mailbox folder are not copied.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// The folder to make; it must not exist, or be empty
    #[arg(value_name = "DIR")]
    to: PathBuf,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, thiserror::Error)]
enum BackupError {
    #[error("{} is not empty; choose a new folder for each backup", .0.display())]
    Taken(PathBuf),
    #[error("{} lies in the data folder itself; choose a folder outside, best on another disk", .0.display())]
    Inside(PathBuf),
    #[error("{} cannot be written: {source}", .path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] Error),
}

impl Backup {
    pub(super) fn run(&self) -> Exit {
        match self.copy() {
            Ok(copied) => {
                say(format_args!(
                    "{} holds everything up to commit {}; check it with `journeyd verify --data {}`\n",
                    self.to.display(),
                    copied.last,
                    self.to.display(),
                ));
                Exit::Fine
            }
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }

    /// Copies under another name first: what has its own name is whole.
    fn copy(&self) -> Result<Copied, BackupError> {
        let mut store = SqliteReader::open(&self.data.data)?;
        let taken = fs::read_dir(&self.to).is_ok_and(|mut entries| entries.next().is_some());
        if taken {
            return Err(BackupError::Taken(self.to.clone()));
        }
        if self.is_inside() {
            return Err(BackupError::Inside(self.to.clone()));
        }
        let mut name = self.to.clone().into_os_string();
        name.push(".unfinished");
        let unfinished = PathBuf::from(name);
        let copied = self.copy_into(&mut store, &unfinished);
        if copied.is_err() {
            drop(fs::remove_dir_all(&unfinished));
        }
        copied
    }

    /// Whether the copy would lie in what is copied. What cannot be found is told of when it is written.
    fn is_inside(&self) -> bool {
        let there = self.to.ancestors().find_map(|it| {
            let named = if it.as_os_str().is_empty() {
                Path::new(".")
            } else {
                it
            };
            named.canonicalize().ok()
        });
        let data = self.data.data.canonicalize().ok();
        there
            .zip(data)
            .is_some_and(|(there, data)| there.starts_with(data))
    }

    fn copy_into(&self, store: &mut SqliteReader, folder: &Path) -> Result<Copied, BackupError> {
        let failed = |source| BackupError::Folder {
            path: folder.to_owned(),
            source,
        };
        drop(fs::remove_dir_all(folder));
        DirBuilder::new()
            .mode(0o700)
            .create(folder)
            .map_err(failed)?;
        let copied = store.copy_to(folder)?;
        copy_small_files(&self.data.data, folder).map_err(failed)?;
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .and_then(|()| fs::rename(folder, &self.to))
            .map_err(failed)?;
        let parent = self.to.parent().filter(|it| !it.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))
            .and_then(|parent| parent.sync_all())
            .map_err(failed)?;
        Ok(copied)
    }
}

/// Keys, the secret behind links: everything in the folder that is a file and not the store.
fn copy_small_files(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        let left_out = LEFT_OUT.iter().any(|left_out| text.starts_with(left_out));
        if left_out || !entry.file_type()?.is_file() {
            continue;
        }
        let copy = to.join(&name);
        // Keeps the mode: these files are private.
        fs::copy(entry.path(), &copy)?;
        File::open(&copy)?.sync_all()?;
    }
    Ok(())
}
