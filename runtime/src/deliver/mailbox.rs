//! The mailbox folder: what would have been sent is written here as a file, so that nobody is mailed by accident and
//! everybody can look at what a journey does.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use journey_engine::EffectKey;
use journey_ir::time::Instant;

use super::attempt::Attempt;
use super::reason::Reason;

/// The longest part of a file's name, in bytes. Four parts stay well below what file systems allow (255).
const MAX_PART: usize = 60;

/// A folder of messages.
#[derive(Debug, Clone)]
pub struct Mailbox {
    folder: PathBuf,
}

/// What the file of a message is called after.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// The effect's key: each effect has one file, however often it is tried.
    pub key: &'a EffectKey,
    /// When the effect was decided.
    pub at: Instant,
    /// Who gets it.
    pub to: &'a str,
    /// The template, or the connector and action.
    pub what: &'a str,
    /// `eml`, `txt` or `json`.
    pub extension: &'a str,
}

impl Mailbox {
    /// A mailbox in that folder, which is made at the first message.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes one message. Readers see the whole file or none.
    pub async fn write(&self, label: Label<'_>, bytes: Vec<u8>) -> Attempt {
        let name = file_name(label);
        let folder = self.folder.clone();
        let file = name.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &file, &bytes)).await;
        match written {
            Ok(Ok(())) => Attempt::done(name),
            Ok(Err(error)) => Attempt::provider_down(Reason::ours(format!(
                "the mailbox folder `{}` cannot be written: {error}",
                self.folder.display()
            ))),
            Err(error) => {
                let ended = "writing it into the mailbox folder ended badly";
                Attempt::failed(Reason::quoting(ended, &error.to_string()))
            }
        }
    }
}

/// Removes the files of these effects; says how many there were.
pub fn remove(folder: &Path, keys: &[[u8; 32]]) -> io::Result<usize> {
    let starts: BTreeSet<String> = keys.iter().map(|key| start_of(&EffectKey(*key))).collect();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let key = stem.and_then(|stem| stem.rsplit_once('_')).map(|it| it.1);
        if key.is_some_and(|key| starts.contains(key)) {
            std::fs::remove_file(&path)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Messages are private: only the daemon's own user may read the folder and its files.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let unfinished = folder.join(format!(".{name}.part"));
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true).mode(0o600);
    options.open(&unfinished)?.write_all(bytes)?;
    std::fs::rename(&unfinished, folder.join(name))
}

/// `20260302T050000Z_minji@example.com_cart_reminder_0123456789abcdef.eml`: sorted by time, safe on every file system.
fn file_name(label: Label<'_>) -> String {
    let time = Timestamp::from_millisecond(label.at).unwrap_or(Timestamp::UNIX_EPOCH);
    format!(
        "{}_{}_{}_{}.{}",
        time.strftime("%Y%m%dT%H%M%SZ"),
        safe(label.to),
        safe(label.what),
        start_of(label.key),
        label.extension,
    )
}

/// The part of an effect's key that stands in the name of its file.
fn start_of(key: &EffectKey) -> String {
    key.to_string().chars().take(16).collect()
}

fn safe(part: &str) -> String {
    let mut out = String::new();
    for c in part.chars() {
        let kept = if c.is_alphanumeric() || matches!(c, '@' | '.' | '-' | '+') {
            c
        } else {
            '_'
        };
        if out.len() + kept.len_utf8() > MAX_PART {
            break;
        }
        out.push(kept);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn label<'a>(key: &'a EffectKey, to: &'a str) -> Label<'a> {
        Label {
            key,
            at: 1_772_427_600_000,
            to,
            what: "장바구니 알림",
            extension: "eml",
        }
    }

    #[test]
    fn names_are_safe_and_say_what_is_inside() {
        let key = EffectKey([0xab; 32]);
        assert_eq!(
            file_name(label(&key, "minji@example.com")),
            "20260302T050000Z_minji@example.com_장바구니_알림_abababababababab.eml"
        );
        let hostile = file_name(label(&key, "../../etc/passwd\0\\:*?"));
        assert!(
            !hostile.contains(['/', '\\', '\0', ':', '*', '?']),
            "{hostile}"
        );
        assert!(file_name(label(&key, &"가".repeat(500))).len() < 255);
    }

    #[tokio::test]
    async fn a_retry_writes_the_same_file_again() {
        let folder = tempfile::tempdir().unwrap();
        let mailbox = Mailbox::new(folder.path().join("mailbox"));
        let key = EffectKey([1; 32]);
        for text in ["first", "second"] {
            let written = mailbox
                .write(label(&key, "m@example.com"), text.into())
                .await;
            assert!(matches!(written, Attempt::Done { .. }), "{written:?}");
        }
        let files: Vec<_> = std::fs::read_dir(mailbox.folder())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(files.len(), 1);
        assert_eq!(std::fs::read_to_string(&files[0]).unwrap(), "second");
        let mode = files[0].metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(remove(mailbox.folder(), &[[2; 32]]).unwrap(), 0);
        assert_eq!(remove(mailbox.folder(), &[[1; 32]]).unwrap(), 1);
        assert!(!files[0].exists());
    }
}
