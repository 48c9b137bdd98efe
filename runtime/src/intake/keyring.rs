//! Where keys are kept: `keys.json` in the data folder, hashes only, readable by its user alone. The daemon reads it;
//! `journeyd keys` changes it, also beside a running daemon.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::keys::{AdminToken, Keys, Scope, WriteKey};
use crate::store::error::advice;
use crate::store::folder;

/// The file of keys, inside the data folder.
pub const KEYS_FILE: &str = "keys.json";
/// Held while the file is changed.
const LOCK_FILE: &str = "keys.lock";
/// Where releases before `keys.json` kept keys as they are.
const OLD_WRITE_KEYS_FILE: &str = "write-keys";
const OLD_ADMIN_TOKEN_FILE: &str = "admin-token";

/// Why keys cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file.
    #[error("{}: {source}{}", .path.display(), advice(.source))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not what `journeyd keys` writes.
    #[error("{} is damaged: {source}; remove it, and make new keys with `journeyd keys add`", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The system has no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(io::Error),
}

/// Reads the keys of a data folder; none where there is no file yet.
pub fn read(data: &Path) -> Result<Keys, KeyringError> {
    let path = data.join(KEYS_FILE);
    let Some(text) = read_file(&path)? else {
        return Ok(Keys::default());
    };
    serde_json::from_str(&text).map_err(|source| KeyringError::Damaged { path, source })
}

/// Changes the keys of a data folder; two changes at once follow each other.
pub fn edit<T>(data: &Path, change: impl FnOnce(&mut Keys) -> T) -> Result<T, KeyringError> {
    let lock_path = data.join(LOCK_FILE);
    let lock = folder::private_file(&lock_path, false).map_err(at(&lock_path))?;
    lock.lock().map_err(at(&lock_path))?;
    let mut keys = read(data)?;
    let result = change(&mut keys);
    write(data, &keys)?;
    Ok(result)
}

/// What a daemon starts with.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The keys.
    pub keys: Keys,
    /// A write key that was just made, to be shown once.
    pub made: Option<String>,
    /// What is wrong with the keys of the environment.
    pub warnings: Vec<String>,
}

/// The keys of the environment, else of the data folder. Where there is no write key at all, the `first` one is kept, if
/// there is somebody to be shown one.
pub fn open(
    data: &Path,
    environment: impl Fn(&str) -> Option<String>,
    first: impl Fn() -> io::Result<Option<String>>,
) -> Result<Opened, KeyringError> {
    take_over_old_files(data)?;
    let mut keys = read(data)?;
    let warnings = keys.take_environment(environment);
    let mut made = None;
    if keys.write_keys.is_empty() {
        made = first().map_err(KeyringError::Random)?;
    }
    if let Some(key) = &made {
        let new = WriteKey::new("default", key);
        edit(data, |kept| kept.write_keys.push(new.clone()))?;
        keys.write_keys.push(new);
    }
    Ok(Opened {
        keys,
        made,
        warnings,
    })
}

/// Brings the files of earlier releases over, which held keys in clear.
fn take_over_old_files(data: &Path) -> Result<(), KeyringError> {
    let (write, admin) = (
        data.join(OLD_WRITE_KEYS_FILE),
        data.join(OLD_ADMIN_TOKEN_FILE),
    );
    let (pairs, token) = (read_file(&write)?, read_file(&admin)?);
    if pairs.is_none() && token.is_none() {
        return Ok(());
    }
    edit(data, |keys| {
        let lines = pairs.iter().flat_map(|pairs| pairs.lines());
        for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
            let (source, key) = line.split_once(':').unwrap_or(("default", line));
            keys.write_keys
                .push(WriteKey::new(source.trim(), key.trim()));
        }
        if let Some(token) = token.as_deref().map(str::trim).filter(|it| !it.is_empty()) {
            keys.admin_tokens
                .push(AdminToken::new("first", token, Scope::ALL));
        }
    })?;
    for path in [write, admin] {
        if path.exists() {
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(())
}

fn at(path: &Path) -> impl Fn(io::Error) -> KeyringError {
    move |source| KeyringError::File {
        path: path.to_owned(),
        source,
    }
}

fn read_file(path: &Path) -> Result<Option<String>, KeyringError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(at(path)(source)),
    }
}

fn write(data: &Path, keys: &Keys) -> Result<(), KeyringError> {
    let path = data.join(KEYS_FILE);
    let damaged = |source| KeyringError::Damaged {
        path: path.clone(),
        source,
    };
    let text = serde_json::to_string_pretty(keys).map_err(damaged)?;
    folder::write_private(data, KEYS_FILE, &format!("{text}\n")).map_err(at(&path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    fn random(key: &str) -> impl Fn() -> io::Result<Option<String>> {
        move || Ok(Some(key.to_owned()))
    }

    #[test]
    fn no_key_is_made_that_nobody_is_shown() {
        let root = tempfile::tempdir().unwrap();
        let opened = open(root.path(), |_| None, || Ok(None)).unwrap();
        assert!(opened.made.is_none() && opened.keys.write_keys.is_empty());
        assert!(!root.path().join(KEYS_FILE).exists());
    }

    #[test]
    fn a_first_write_key_is_made_once_and_kept_as_a_hash() {
        let root = tempfile::tempdir().unwrap();
        let first = open(root.path(), |_| None, random("k1")).unwrap();
        assert_eq!(first.made.as_deref(), Some("k1"));
        let again = open(root.path(), |_| None, random("k2")).unwrap();
        assert_eq!(again.made, None);
        assert_eq!(again.keys.source("k1", 0).unwrap().source, "default");
        assert!(again.keys.admin_tokens.is_empty());
        let environment = |name: &str| {
            (name == super::super::keys::WRITE_KEYS_VARIABLE).then(|| "x:y".to_owned())
        };
        let named = open(root.path(), environment, random("k3")).unwrap();
        assert!(named.keys.source("y", 0).is_some() && named.keys.source("k1", 0).is_none());
        let file = root.path().join(KEYS_FILE);
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!fs::read_to_string(file).unwrap().contains("\"k1\""));
    }

    #[test]
    fn keys_that_root_changes_stay_with_the_owner_of_the_folder() {
        const SOMEBODY: u32 = 12_345;
        let root = tempfile::tempdir().unwrap();
        if std::os::unix::fs::chown(root.path(), Some(SOMEBODY), Some(SOMEBODY)).is_err() {
            return;
        }
        edit(root.path(), |_| {}).unwrap();
        for file in [KEYS_FILE, LOCK_FILE] {
            let found = root.path().join(file).metadata().unwrap();
            assert_eq!((found.uid(), found.gid()), (SOMEBODY, SOMEBODY), "{file}");
        }
    }

    #[test]
    fn keys_of_earlier_releases_stay_valid_and_lose_their_clear_text() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("write-keys"), "web:old-key\n").unwrap();
        fs::write(root.path().join("admin-token"), "old-token\n").unwrap();
        let opened = open(root.path(), |_| None, random("k")).unwrap();
        assert_eq!(opened.keys.source("old-key", 0).unwrap().source, "web");
        let admin = opened.keys.admin("old-token", 0).unwrap();
        assert_eq!(admin.scopes.len(), Scope::ALL.len());
        assert!(!root.path().join("admin-token").exists());
        assert!(!root.path().join("write-keys").exists());
    }

    #[test]
    fn a_damaged_file_says_what_to_do() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(KEYS_FILE), "{").unwrap();
        let error = read(root.path()).unwrap_err().to_string();
        assert!(error.contains("journeyd keys add"), "{error}");
    }
}
