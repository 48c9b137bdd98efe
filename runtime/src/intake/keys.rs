//! Who may send, and who may look: write keys of sources and tokens of operators. What a caller shows goes in, whose it
//! is comes out.
//!
//! Only hashes are held. Keys that are made here are random, so that a fast hash keeps them as well as a slow one would.

use std::collections::BTreeSet;

use journey_ir::Instant;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

/// Write keys: `name:key` pairs, separated by commas or lines.
pub const WRITE_KEYS_VARIABLE: &str = "JOURNEY_WRITE_KEYS";
/// The operator's token.
pub const ADMIN_TOKEN_VARIABLE: &str = "JOURNEY_ADMIN_TOKEN";
/// Keys shorter than this many characters can be guessed.
const SHORTEST: usize = 16;

/// What an operator's token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To look at contacts, reports and metrics.
    Read,
    /// To change the program, to let people into journeys, to open inboxes.
    Operate,
    /// To erase people.
    Erase,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Read, Self::Operate, Self::Erase];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Erase => "erase",
        }
    }
}

/// A key by which one source sends. It allows nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteKey {
    /// What it is called; part of its hash, so that it tells nothing.
    pub id: String,
    /// The source.
    pub source: String,
    hash: Hash,
    /// When it ends, in milliseconds since 1970 UTC.
    pub expires_at: Option<Instant>,
    /// How many items a second it may send; what the daemon allows every key where `None`.
    pub rate: Option<u32>,
}

/// A token by which an operator, or an operator's tool, asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminToken {
    /// What it is called; part of its hash, so that it tells nothing.
    pub id: String,
    /// Whose it is.
    pub name: String,
    hash: Hash,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// When it ends, in milliseconds since 1970 UTC.
    pub expires_at: Option<Instant>,
}

/// The keys of a daemon.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keys {
    /// Write keys, the oldest first.
    pub write_keys: Vec<WriteKey>,
    /// Tokens of operators, the oldest first.
    pub admin_tokens: Vec<AdminToken>,
}

/// The hash of a key, 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Hash(String);

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Hash {
    fn of(key: &str) -> Self {
        Self(blake3::hash(key.as_bytes()).to_hex().to_string())
    }

    /// Compares in a time that tells neither content nor length.
    fn fits(&self, other: &Self) -> bool {
        bool::from(self.0.as_bytes().ct_eq(other.0.as_bytes()))
    }

    fn id(&self, kind: char) -> String {
        let start: String = self.0.chars().take(8).collect();
        format!("{kind}_{start}")
    }
}

impl WriteKey {
    /// A key of a source.
    #[must_use]
    pub fn new(source: &str, key: &str) -> Self {
        let hash = Hash::of(key);
        Self {
            id: hash.id('w'),
            source: source.to_owned(),
            hash,
            expires_at: None,
            rate: None,
        }
    }
}

impl AdminToken {
    /// A token that allows `scopes`.
    #[must_use]
    pub fn new(name: &str, token: &str, scopes: impl IntoIterator<Item = Scope>) -> Self {
        let hash = Hash::of(token);
        Self {
            id: hash.id('a'),
            name: name.to_owned(),
            hash,
            scopes: scopes.into_iter().collect(),
            expires_at: None,
        }
    }
}

fn is_valid(expires_at: Option<Instant>, now: Instant) -> bool {
    expires_at.is_none_or(|end| now < end)
}

impl Keys {
    /// The write key that fits and has not ended. Every key is compared, in the same time whether it fits or not.
    #[must_use]
    pub fn source(&self, key: &str, now: Instant) -> Option<&WriteKey> {
        let shown = Hash::of(key);
        let mut found = None;
        for known in &self.write_keys {
            if known.hash.fits(&shown) && is_valid(known.expires_at, now) {
                found = Some(known);
            }
        }
        found
    }

    /// The operator's token that fits and has not ended.
    #[must_use]
    pub fn admin(&self, token: &str, now: Instant) -> Option<&AdminToken> {
        let shown = Hash::of(token);
        let mut found = None;
        for known in &self.admin_tokens {
            if known.hash.fits(&shown) && is_valid(known.expires_at, now) {
                found = Some(known);
            }
        }
        found
    }

    /// Takes the keys that the environment names in place of those of the same kind. Says what is wrong with them,
    /// without showing any.
    pub fn take_environment(
        &mut self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(pairs) = environment(WRITE_KEYS_VARIABLE) {
            let keys = write_keys(&pairs, &mut warnings);
            if keys.is_empty() {
                warnings.push(format!(
                    "{WRITE_KEYS_VARIABLE} is set and holds no key; it is passed over"
                ));
            } else {
                self.write_keys = keys;
            }
        }
        if let Some(token) = environment(ADMIN_TOKEN_VARIABLE) {
            let token = token.trim();
            if token.is_empty() {
                warnings.push(format!(
                    "{ADMIN_TOKEN_VARIABLE} is set and empty; it is passed over"
                ));
            } else {
                if token.len() < SHORTEST {
                    warnings.push(format!(
                        "{ADMIN_TOKEN_VARIABLE} is shorter than {SHORTEST} characters: it can be guessed"
                    ));
                }
                self.admin_tokens = vec![AdminToken::new(ADMIN_TOKEN_VARIABLE, token, Scope::ALL)];
            }
        }
        warnings
    }

    /// The variables of the environment whose keys stand here in place of those that are `kept`.
    #[must_use]
    pub fn taken_in_place_of(&self, kept: &Self) -> Vec<&'static str> {
        let write = (self.write_keys != kept.write_keys).then_some(WRITE_KEYS_VARIABLE);
        let admin = (self.admin_tokens != kept.admin_tokens).then_some(ADMIN_TOKEN_VARIABLE);
        write.into_iter().chain(admin).collect()
    }
}

/// Reads `name:key` pairs.
fn write_keys(pairs: &str, warnings: &mut Vec<String>) -> Vec<WriteKey> {
    let lines = pairs.split([',', '\n']).map(str::trim);
    let mut keys = Vec::new();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((source, key)) = line.split_once(':') else {
            warnings.push(format!(
                "{WRITE_KEYS_VARIABLE} has an entry without a name; it is taken as a key of the source `default`. Write `name:key`"
            ));
            keys.push(WriteKey::new("default", line));
            continue;
        };
        let (source, key) = (source.trim(), key.trim());
        if key.is_empty() {
            warnings.push(format!(
                "{WRITE_KEYS_VARIABLE} names the source `{source}` without a key: nothing can be sent as it"
            ));
            continue;
        }
        if key.len() < SHORTEST {
            warnings.push(format!(
                "{WRITE_KEYS_VARIABLE}: the key of `{source}` is shorter than {SHORTEST} characters: it can be guessed"
            ));
        }
        keys.push(WriteKey::new(source, key));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(write: &str, admin: &str) -> (Keys, Vec<String>) {
        let mut keys = Keys::default();
        let warnings = keys.take_environment(|name| match name {
            WRITE_KEYS_VARIABLE => Some(write.to_owned()),
            _ => Some(admin.to_owned()),
        });
        (keys, warnings)
    }

    #[test]
    fn a_key_names_its_source_and_nothing_else_does() {
        let (keys, _) = of("web: abc, server:def\n# old\nsingle,web:new", "secret");
        let source = |key| keys.source(key, 0).map(|key| key.source.as_str());
        assert_eq!(source("abc"), Some("web"));
        assert_eq!(source("new"), Some("web"));
        assert_eq!(source("def"), Some("server"));
        assert_eq!(source("single"), Some("default"));
        assert_eq!((source(""), source("ab")), (None, None));
        assert!(keys.admin("secret", 0).is_some() && keys.admin("", 0).is_none());
        assert!(keys.admin("abc", 0).is_none() && source("secret").is_none());
        let (none, _) = of("", "");
        assert!(none.admin("", 0).is_none() && none.source("", 0).is_none());
    }

    #[test]
    fn neither_debug_nor_json_shows_a_key() {
        let (keys, _) = of("web:abcdefghijklmnop", "0123456789abcdef");
        let shown = format!("{keys:?}{}", serde_json::to_string(&keys).unwrap());
        assert!(!shown.contains("abcdefgh") && !shown.contains("01234567"));
    }

    #[test]
    fn an_expired_key_is_unknown() {
        let mut key = WriteKey::new("web", "abc");
        key.expires_at = Some(1_000);
        let keys = Keys {
            write_keys: vec![key],
            admin_tokens: Vec::new(),
        };
        assert!(keys.source("abc", 999).is_some());
        assert!(keys.source("abc", 1_000).is_none());
    }

    #[test]
    fn a_source_without_a_key_is_warned_of() {
        let warned = |write: &str| of(write, "a long admin token").1;
        assert!(
            warned("web:")
                .iter()
                .any(|it| it.contains("`web` without a key"))
        );
        assert!(warned("web:").iter().any(|it| it.contains("holds no key")));
        assert!(warned(" ").iter().any(|it| it.contains("holds no key")));
        assert!(warned("web").iter().any(|it| it.contains("without a name")));
        assert!(warned("web:short").iter().any(|it| it.contains("guessed")));
        assert_eq!(warned("web:0123456789abcdef"), Vec::<String>::new());
        assert!(
            of("web:x", "short")
                .1
                .iter()
                .all(|it| !it.contains("`short`"))
        );
    }
}
