//! Secrets: `${NAME}` in a setting goes in, the environment's value comes out. This is the only place that reads secrets,
//! and what it gives never shows itself in logs.

use std::collections::BTreeMap;
use std::fmt;

/// Where the values of `${NAME}` come from.
#[derive(Clone)]
pub enum Secrets {
    /// The daemon's environment.
    Environment,
    /// A fixed list, for tests.
    Fixed(BTreeMap<String, String>),
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// A text that may hold secrets. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a setting could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The environment lacks a variable.
    #[error(
        "the environment variable `{name}` is not set; set it, or remove `${{{name}}}` from the setting"
    )]
    Missing {
        /// Its name.
        name: String,
    },
    /// A `${` without its `}`.
    #[error("a `${{` is never closed; write `${{NAME}}`")]
    Unclosed,
}

impl Secrets {
    /// A fixed list of names and values.
    pub fn fixed<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self::Fixed(pairs.into_iter().map(own).collect())
    }

    /// Replaces each `${NAME}` by its value. Values are not searched for further names.
    pub fn fill(&self, text: &str) -> Result<Secret, SecretError> {
        self.fill_escaped(text, str::to_owned)
    }

    /// Like [`Self::fill`], with each value passed through `escape` so that it stays inside its place.
    pub fn fill_escaped(
        &self,
        text: &str,
        escape: impl Fn(&str) -> String,
    ) -> Result<Secret, SecretError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or(SecretError::Unclosed)?;
            filled.push_str(before);
            filled.push_str(&escape(&self.get(name.trim())?));
            rest = after;
        }
        filled.push_str(rest);
        Ok(Secret(filled))
    }

    fn get(&self, name: &str) -> Result<String, SecretError> {
        let found = match self {
            Self::Environment => std::env::var(name).ok(),
            Self::Fixed(values) => values.get(name).cloned(),
        };
        found.ok_or_else(|| SecretError::Missing {
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_once_and_never_shown() {
        let secrets = Secrets::fixed([("USER", "민지"), ("TOKEN", "${USER}")]);
        let filled = secrets
            .fill("Bearer ${TOKEN} for ${ USER } costs $5")
            .unwrap();
        assert_eq!(filled.expose(), "Bearer ${USER} for 민지 costs $5");
        assert_eq!(format!("{filled:?} {secrets:?}"), "Secret(…) Secrets(…)");
    }

    #[test]
    fn a_missing_name_is_named_and_an_open_one_refused() {
        let secrets = Secrets::fixed([]);
        let error = secrets.fill("${SMTP_PASSWORD}").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the environment variable `SMTP_PASSWORD` is not set")
        );
        assert_eq!(secrets.fill("${SMTP"), Err(SecretError::Unclosed));
    }
}
