//! `journeyd keys`: who may send, and who may look.

use std::path::Path;

use clap::{Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use jiff::{SpanRelativeTo, Unit};
use journey_ir::Instant;

use crate::cli::control;
use crate::cli::{Data, Exit, complain, say};
use crate::clock::{Clock as _, SystemClock};
use crate::daemon::random_key;
use crate::inspect::{Table, local_time};
use crate::intake::keyring::{self, KeyringError};
use crate::intake::keys::{ADMIN_TOKEN_VARIABLE, AdminToken, Scope, WRITE_KEYS_VARIABLE, WriteKey};

/// Make, list and revoke write keys and admin tokens
///
/// Works while the daemon runs, which takes a change over at once. A source may have several valid keys, so that one is
/// replaced without a gap: add the new one, then `revoke` the old one `--after 7d`. Keys are shown once, when they are
/// made; only their hashes are kept.
#[derive(Debug, clap::Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a write key for a source, or an admin token
    Add {
        /// The source, or whose token it is
        name: String,
        /// Make an admin token that allows this
        #[arg(long, value_enum, value_delimiter = ',', value_name = "SCOPE")]
        admin: Vec<Allowed>,
        /// It ends after this time, as in `90d`
        #[arg(long, value_name = "TIME", value_parser = time)]
        expires: Option<i64>,
        /// How many items a second a write key may send
        #[arg(long, value_name = "N", conflicts_with = "admin")]
        rate: Option<u32>,
    },
    /// List them, without showing any
    List,
    /// End one
    Revoke {
        /// Its id, as `list` shows it
        id: String,
        /// Not at once but after this time, as in `7d`
        #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s")]
        after: i64,
    },
}

/// A scope as it is written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Allowed {
    /// Look at contacts, reports and metrics
    Read,
    /// Change the program, let people into journeys, open inboxes
    Operate,
    /// Erase people
    Erase,
}

impl From<Allowed> for Scope {
    fn from(allowed: Allowed) -> Self {
        match allowed {
            Allowed::Read => Self::Read,
            Allowed::Operate => Self::Operate,
            Allowed::Erase => Self::Erase,
        }
    }
}

/// `7d` in milliseconds.
fn time(text: &str) -> Result<i64, String> {
    let wrong = |_| "write a time as in `90d`, `12h` or `30m`".to_owned();
    let span: jiff::Span = text.parse().map_err(wrong)?;
    let days = SpanRelativeTo::days_are_24_hours();
    let millis = span.total((Unit::Millisecond, days)).map_err(wrong)?;
    if millis < 0.0 {
        return Err("a time is not negative".to_owned());
    }
    Ok(millis as i64)
}

impl Keys {
    pub(super) fn run(&self) -> Exit {
        let data = &self.data.data;
        let done = match &self.what {
            What::Add {
                name,
                admin,
                expires,
                rate,
            } => {
                let expires_at = expires.map(|after| SystemClock.now().saturating_add(after));
                add(data, name, admin, expires_at, *rate)
            }
            What::List => list(data),
            What::Revoke { id, after } => {
                return revoke(data, id, SystemClock.now().saturating_add(*after));
            }
        };
        match done {
            Ok(()) => Exit::Fine,
            Err(error) => {
                complain(error);
                Exit::Failed
            }
        }
    }
}

fn add(
    data: &Path,
    name: &str,
    admin: &[Allowed],
    expires_at: Option<Instant>,
    rate: Option<u32>,
) -> Result<(), KeyringError> {
    let key = random_key().map_err(KeyringError::Random)?;
    let id = keyring::edit(data, |keys| {
        if admin.is_empty() {
            let mut new = WriteKey::new(name, &key);
            (new.expires_at, new.rate) = (expires_at, rate);
            let id = new.id.clone();
            keys.write_keys.push(new);
            id
        } else {
            let scopes = admin.iter().copied().map(Scope::from);
            let mut new = AdminToken::new(name, &key, scopes);
            new.expires_at = expires_at;
            let id = new.id.clone();
            keys.admin_tokens.push(new);
            id
        }
    })?;
    say(format_args!("{key}\n"));
    super::report(format_args!(
        "this is shown once; its id is {id}\n{}",
        taken_over(data, &id)
    ));
    Ok(())
}

fn list(data: &Path) -> Result<(), KeyringError> {
    let keys = keyring::read(data)?;
    let now = SystemClock.now();
    let end = |at: Option<Instant>| at.map_or_else(String::new, |at| ending(at, now));
    let mut table = Table::new(&["Id", "Kind", "Name", "Allows", "Ends (UTC)"]);
    for key in &keys.write_keys {
        let allows = key.rate.map_or_else(
            || "send".to_owned(),
            |rate| format!("send, {rate} items a second"),
        );
        let row = [&key.id, "write", &key.source, &allows, &end(key.expires_at)];
        table.row(row.map(str::to_owned));
    }
    for token in &keys.admin_tokens {
        let allows: Vec<&str> = token.scopes.iter().map(|scope| scope.word()).collect();
        let row = [
            &token.id,
            "admin",
            &token.name,
            &allows.join(", "),
            &end(token.expires_at),
        ];
        table.row(row.map(|text: &str| text.to_owned()));
    }
    if table.is_empty() {
        say("no keys are kept here; `journeyd keys add NAME` makes one\n");
    } else {
        say(table);
    }
    for variable in [WRITE_KEYS_VARIABLE, ADMIN_TOKEN_VARIABLE] {
        if std::env::var_os(variable).is_some() {
            say(format_args!(
                "{variable} is set here: a daemon with it takes its keys in place of those of the same kind\n"
            ));
        }
    }
    Ok(())
}

/// When a key ends, or that it has.
fn ending(at: Instant, now: Instant) -> String {
    let time = local_time(at, &TimeZone::UTC);
    if at <= now {
        format!("ended {time}")
    } else {
        time
    }
}

fn revoke(data: &Path, id: &str, at: Instant) -> Exit {
    let ended = keyring::edit(data, |keys| {
        let write = keys.write_keys.iter_mut();
        let write = write
            .filter(|key| key.id == id)
            .map(|key| &mut key.expires_at);
        let admin = keys.admin_tokens.iter_mut();
        let admin = admin
            .filter(|token| token.id == id)
            .map(|token| &mut token.expires_at);
        let mut found = false;
        for end in write.chain(admin) {
            // What ends earlier anyway is not made longer.
            *end = Some(end.map_or(at, |end| end.min(at)));
            found = true;
        }
        found
    });
    match ended {
        Ok(true) => {
            super::report(taken_over(data, id));
            Exit::Fine
        }
        Ok(false) => {
            complain(format_args!(
                "there is no key `{id}`; see `journeyd keys list`"
            ));
            Exit::Problems
        }
        Err(error) => {
            complain(error);
            Exit::Failed
        }
    }
}

/// Lets a running daemon read the keys again, and says how that went for the key of an id.
fn taken_over(data: &Path, id: &str) -> String {
    let variable = if id.starts_with("a_") {
        ADMIN_TOKEN_VARIABLE
    } else {
        WRITE_KEYS_VARIABLE
    };
    match control::ask(data, "POST", "/v1/keys/reload") {
        Ok(Some(answer)) if answer.status == 200 && answer.names("from_environment", variable) => {
            format!(
                "the running daemon has {variable} and takes those keys instead; start it without to use the keys kept here\n"
            )
        }
        Ok(Some(answer)) if answer.status == 200 => {
            "the running daemon knows it already\n".to_owned()
        }
        Ok(Some(_)) | Err(_) => "the running daemon could not be told; restart it\n".to_owned(),
        Ok(None) => format!("the next start knows it, unless {variable} is set for it\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_has_ended_is_listed_as_ended() {
        assert_eq!(ending(1_000, 1_000), "ended 1970-01-01 00:00:01");
        assert_eq!(ending(1_000, 999), "1970-01-01 00:00:01");
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(time("7d"), Ok(7 * 24 * 60 * 60 * 1_000));
        assert_eq!(time("90m"), Ok(90 * 60 * 1_000));
        assert!(time("soon").is_err() && time("-1d").is_err());
    }
}
