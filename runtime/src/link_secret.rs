//! The secret behind unsubscribe links: made once with the data folder. Links in messages that were sent work for as long
//! as it is kept, so that a lost one is said aloud.

use std::io;
use std::path::Path;

use crate::daemon::random_bytes;
use crate::store::folder;

/// Its file, inside the data folder.
pub(crate) const LINK_SECRET: &str = "link-secret";

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// There is no file.
    #[error("is missing")]
    Missing,
    /// The file holds something else.
    #[error("is damaged")]
    Damaged,
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// The secret of a data folder.
pub(crate) fn read(data: &Path) -> Result<[u8; 32], Fault> {
    let text = match std::fs::read_to_string(data.join(LINK_SECRET)) {
        Ok(text) => text,
        Err(error) => {
            return Err(match error.kind() {
                io::ErrorKind::NotFound => Fault::Missing,
                io::ErrorKind::InvalidData => Fault::Damaged,
                _ => Fault::Unreadable(error),
            });
        }
    };
    let hash = blake3::Hash::from_hex(text.trim());
    hash.map_or(Err(Fault::Damaged), |hash| Ok(*hash.as_bytes()))
}

/// A secret, and why it is a new one where it is.
pub(crate) struct Secret {
    pub(crate) bytes: [u8; 32],
    fault: Option<Fault>,
}

/// The secret of a data folder, or a new one that is not yet kept.
pub(crate) fn read_or_new(data: &Path) -> io::Result<Secret> {
    let (bytes, fault) = match read(data) {
        Ok(bytes) => (bytes, None),
        Err(Fault::Unreadable(error)) => return Err(error),
        Err(fault) => (random_bytes()?, Some(fault)),
    };
    Ok(Secret { bytes, fault })
}

impl Secret {
    /// Keeps a new secret. Where messages may have been sent under another one, that is said aloud.
    pub(crate) fn keep(&self, data: &Path, has_run: bool) -> io::Result<()> {
        let Some(fault) = &self.fault else {
            return Ok(());
        };
        if has_run {
            tracing::error!(
                "daemon.links_broken: {LINK_SECRET} {fault}, and another was made. Unsubscribe links in messages sent so \
                 far lead nowhere: stop the daemon, put {LINK_SECRET} back from a backup, and start it"
            );
        }
        let hex = blake3::Hash::from_bytes(self.bytes).to_hex();
        folder::write_private(data, LINK_SECRET, &format!("{hex}\n"))
    }
}
