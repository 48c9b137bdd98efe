//! The data folder: private to its user, and written by one daemon at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, fchown};
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
            move |source: io::Error| match source.kind() {
                io::ErrorKind::ReadOnlyFilesystem => Error::ReadOnly { path },
                io::ErrorKind::StorageFull => Error::Full { path },
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
        let written = keep_owner(&lock, path)
            .and_then(|()| lock.set_len(0))
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

    /// Makes a folder inside it, where it is missing.
    pub fn private_folder(&self, name: &str) -> Result<(), Error> {
        let path = self.path.join(name);
        private_folder(&path).map_err(|source| Error::Folder { path, source })
    }
}

/// Where the database of a folder lies.
#[must_use]
pub fn database_in(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Opens a file for writing that only the owner of its folder may read.
pub(crate) fn private_file(path: &Path, truncate: bool) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(truncate)
        .mode(0o600)
        .open(path)?;
    keep_owner(&file, parent(path))?;
    Ok(file)
}

/// Makes a folder that only the owner of the one above may look into, where it is missing.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.and_then(|()| keep_owner(&File::open(path)?, parent(path))),
    }
}

/// Writes a small private file of a folder. Readers see the whole file before or after the change.
pub(crate) fn write_private(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let unfinished = folder.join(format!("{name}.part"));
    let mut file = private_file(&unfinished, true)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))
}

/// Gives what root makes in somebody's folder to that somebody: the daemon runs as its owner and could not open it
/// otherwise. Where the system keeps even root from it, everything stays as it is.
pub(in crate::store) fn keep_owner(made: &File, folder: &Path) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let (owner, maker) = (folder.metadata()?, made.metadata()?);
    if (owner.uid(), owner.gid()) == (maker.uid(), maker.gid()) {
        return Ok(());
    }
    match fchown(made, Some(owner.uid()), Some(owner.gid())) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput
            ) =>
        {
            Ok(())
        }
        done => done,
    }
}

fn parent(path: &Path) -> &Path {
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
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

    #[test]
    fn what_root_makes_in_somebodys_folder_is_somebodys() {
        const SOMEBODY: u32 = 12_345;
        let root = tempfile::tempdir().unwrap();
        if std::os::unix::fs::chown(root.path(), Some(SOMEBODY), Some(SOMEBODY)).is_err() {
            return;
        }
        let folder = DataFolder::lock(root.path()).unwrap();
        write_private(root.path(), "secret", "text").unwrap();
        folder.private_folder("inside").unwrap();
        drop(crate::store::Sqlite::open(folder).unwrap());
        let mut seen = 0;
        for entry in fs::read_dir(root.path()).unwrap() {
            let entry = entry.unwrap();
            let found = entry.metadata().unwrap();
            assert_eq!(
                (found.uid(), found.gid()),
                (SOMEBODY, SOMEBODY),
                "{entry:?}"
            );
            seen += 1;
        }
        assert!(seen >= 4, "{seen}");
    }
}
