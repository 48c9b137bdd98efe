//! The data folder: private to its user, and written by one daemon at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::Error;

const LOCK: &str = "lock";
const DATABASE: &str = "journey.db";

/// A data folder that this process alone may write, for as long as the value lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    lock: File,
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that another thread is just starting has a copy of it for a moment,
        // and with it the lock.
        drop(self.lock.unlock());
    }
}

impl DataFolder {
    /// Creates the folder where it is missing, and locks it.
    pub fn lock(path: &Path) -> Result<Self, Error> {
        let failed = |at: &Path| {
            let path = at.to_owned();
            move |source: std::io::Error| match source.kind() {
                std::io::ErrorKind::ReadOnlyFilesystem => Error::ReadOnly { path },
                std::io::ErrorKind::StorageFull => Error::Full { path },
                _ => Error::Folder { path, source },
            }
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed(path))?;
        let lock_path = path.join(LOCK);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(failed(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let pid = lock
                    .read_to_string(&mut text)
                    .ok()
                    .and_then(|_| text.trim().parse().ok());
                return Err(Error::Locked {
                    folder: path.to_owned(),
                    pid,
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(&lock_path)(source)),
        }
        let written = lock
            .set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| writeln!(lock, "{}", std::process::id()));
        written.map_err(failed(&lock_path))?;
        Ok(Self {
            path: path.to_owned(),
            lock,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the database lies.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        database_in(&self.path)
    }

    /// Reads a small file of the folder, if it exists.
    pub fn read(&self, name: &str) -> Result<Option<String>, Error> {
        let path = self.path.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Folder { path, source }),
        }
    }

    /// Writes a small file that only this user may read.
    pub fn write_private(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.path.join(name);
        private_file(&path, true)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .map_err(|source| Error::Folder { path, source })
    }
}

/// Where the database of a folder lies.
#[must_use]
pub fn database_in(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Opens a file for writing that only this user may read.
pub(super) fn private_file(path: &Path, truncate: bool) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(truncate)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_is_given_up_even_where_a_copy_of_its_file_is_still_open() {
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(root.path()).unwrap();
        let copy = folder.lock.try_clone().unwrap();
        assert!(matches!(
            DataFolder::lock(root.path()),
            Err(Error::Locked { .. })
        ));
        drop(folder);
        DataFolder::lock(root.path()).unwrap();
        drop(copy);
    }
}
