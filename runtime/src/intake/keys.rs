//! Who may send, and who may look: write keys of sources, and the operator's token.

use subtle::ConstantTimeEq as _;

use crate::store::{DataFolder, Error};

/// Write keys: `name:key` pairs, separated by commas or lines.
pub const WRITE_KEYS_VARIABLE: &str = "JOURNEY_WRITE_KEYS";
/// The operator's token.
pub const ADMIN_TOKEN_VARIABLE: &str = "JOURNEY_ADMIN_TOKEN";

const WRITE_KEYS_FILE: &str = "write-keys";
const ADMIN_TOKEN_FILE: &str = "admin-token";

/// One source of items.
#[derive(Clone)]
struct Source {
    name: String,
    key: String,
}

/// The keys of a daemon. `Debug` shows none of them.
#[derive(Clone)]
pub struct Keys {
    sources: Vec<Source>,
    admin: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.sources.iter().map(|s| s.name.as_str()).collect();
        f.debug_struct("Keys")
            .field("sources", &names)
            .finish_non_exhaustive()
    }
}

/// Keys that were just made, to be shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The write key.
    pub write_key: Option<String>,
    /// The operator's token.
    pub admin_token: Option<String>,
}

impl Keys {
    /// Keys from texts: pairs for the sources, and the operator's token.
    #[must_use]
    pub fn new(pairs: &str, admin: &str) -> Self {
        let sources = pairs
            .split([',', '\n'])
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                let (name, key) = line.split_once(':').unwrap_or(("default", line));
                Source {
                    name: name.trim().to_owned(),
                    key: key.trim().to_owned(),
                }
            })
            .filter(|source| !source.key.is_empty())
            .collect();
        Self {
            sources,
            admin: admin.trim().to_owned(),
        }
    }

    /// Keys from the environment, else from the data folder, else newly made and kept there.
    pub fn load(
        folder: &DataFolder,
        environment: impl Fn(&str) -> Option<String>,
        random: impl Fn() -> std::io::Result<String>,
    ) -> Result<(Self, Made), Error> {
        let obtain = |variable: &str, file: &str, prefix: &str| {
            if let Some(text) = environment(variable).filter(|text| !text.trim().is_empty()) {
                return Ok((text, None));
            }
            if let Some(text) = folder.read(file)?.filter(|text| !text.trim().is_empty()) {
                return Ok((text, None));
            }
            let made = random().map_err(|source| Error::Folder {
                path: folder.path().join(file),
                source,
            })?;
            folder.write_private(file, &format!("{prefix}{made}\n"))?;
            Ok((format!("{prefix}{made}"), Some(made)))
        };
        let (pairs, write_key) = obtain(WRITE_KEYS_VARIABLE, WRITE_KEYS_FILE, "default:")?;
        let (admin, admin_token) = obtain(ADMIN_TOKEN_VARIABLE, ADMIN_TOKEN_FILE, "")?;
        let made = Made {
            write_key,
            admin_token,
        };
        Ok((Self::new(&pairs, &admin), made))
    }

    /// The name of the source that holds this key. Every key is compared, in the same time whether it fits or not.
    #[must_use]
    pub fn source(&self, key: &str) -> Option<&str> {
        let mut found = None;
        for source in &self.sources {
            if same(&source.key, key) {
                found = Some(source.name.as_str());
            }
        }
        found
    }

    /// Whether this is the operator's token.
    #[must_use]
    pub fn is_admin(&self, token: &str) -> bool {
        !self.admin.is_empty() && same(&self.admin, token)
    }

    /// The write key of the first source, for the hints that a start prints.
    #[must_use]
    pub fn first_write_key(&self) -> Option<&str> {
        self.sources.first().map(|source| source.key.as_str())
    }
}

/// Compares hashes, so that the time taken tells neither content nor length.
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (blake3::hash(one.as_bytes()), blake3::hash(other.as_bytes()));
    bool::from(one.as_bytes().ct_eq(other.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_source_and_nothing_else_does() {
        let keys = Keys::new("web: abc, server:def\n# old\nsingle", "secret");
        assert_eq!(keys.source("abc"), Some("web"));
        assert_eq!(keys.source("def"), Some("server"));
        assert_eq!(keys.source("single"), Some("default"));
        assert_eq!(keys.source(""), None);
        assert_eq!(keys.source("ab"), None);
        assert!(keys.is_admin("secret") && !keys.is_admin(""));
        assert!(!Keys::new("", "").is_admin(""));
        assert!(!format!("{keys:?}").contains("abc"));
    }

    #[test]
    fn keys_are_made_once_and_kept() {
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(root.path()).unwrap();
        let (_, made) = Keys::load(&folder, |_| None, || Ok("k1".to_owned())).unwrap();
        assert_eq!(made.write_key.as_deref(), Some("k1"));
        let (keys, again) = Keys::load(&folder, |_| None, || Ok("k2".to_owned())).unwrap();
        assert_eq!((again.write_key, again.admin_token), (None, None));
        assert_eq!(keys.source("k1"), Some("default"));
        let from_environment = |name: &str| (name == WRITE_KEYS_VARIABLE).then(|| "x:y".to_owned());
        let (keys, _) = Keys::load(&folder, from_environment, || Ok("k3".to_owned())).unwrap();
        assert_eq!((keys.source("y"), keys.source("k1")), (Some("x"), None));
    }
}
