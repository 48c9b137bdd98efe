//! Whether a store is what it must be: every check with what it looked at and what is wrong.

use std::fmt;

use serde::Serialize;

use super::table::Table;
use crate::intake::keyring;
use crate::link_secret;
use crate::process::{OpenError, audit, current_program};
use crate::store::{Check, Error, Read as _, SqliteReader, spool};

/// The checks of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The number of the last commit that was looked at.
    pub commit: u64,
    /// One line per question.
    pub checks: Vec<CheckLine>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckLine {
    /// What was looked at.
    pub what: &'static str,
    /// How many of it.
    pub seen: u64,
    /// How many faults there are.
    pub faults: u64,
    /// The first of them.
    pub told: Vec<String>,
}

/// Checks everything as of one moment, beside a running daemon or without one.
pub fn verify(store: &mut SqliteReader) -> Result<Verification, Error> {
    store.hold()?;
    let mut checks = store.check();
    let folder = store.folder();
    checks.push(spool::check(folder, || {
        SqliteReader::open(folder)?.meta(spool::DECIDED)
    }));
    match current_program(store) {
        Ok(program) => checks.extend(audit(store, &program)),
        Err(OpenError::NoProgram) => {}
        Err(error) => {
            let mut programs = Check::of("programs");
            programs.fault(error.to_string());
            checks.push(programs);
        }
    }
    Ok(Verification {
        commit: store.last(),
        checks: checks.into_iter().map(line).collect(),
    })
}

/// Checks the secret behind links and the keys of a data folder: what no table holds, and nobody can work out again. Keys
/// may come from the environment, so that there need be none in the folder.
pub fn verify_secrets(store: &mut SqliteReader) -> Result<Vec<CheckLine>, Error> {
    if store.programs()?.is_empty() {
        return Ok(Vec::new());
    }
    let (mut secret, mut keys) = (Check::of("link-secret"), Check::of("keys.json"));
    (secret.seen, keys.seen) = (1, 1);
    if let Err(fault) = link_secret::read(store.folder()) {
        secret.fault(format!(
            "it {fault}; unsubscribe links in messages sent so far lead nowhere: put it back from a backup"
        ));
    }
    if let Err(error) = keyring::read(store.folder()) {
        keys.fault(error.to_string());
    }
    Ok(vec![line(secret), line(keys)])
}

fn line(check: Check) -> CheckLine {
    CheckLine {
        what: check.what,
        seen: check.seen,
        faults: check.faults,
        told: check.told,
    }
}

impl Verification {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.checks.iter().all(|check| check.faults == 0)
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["", "seen", "wrong"]).numbers(&[1, 2]);
        for check in &self.checks {
            table.row([
                check.what.to_owned(),
                check.seen.to_string(),
                check.faults.to_string(),
            ]);
        }
        write!(f, "{table}")?;
        for check in &self.checks {
            for told in &check.told {
                writeln!(f, "{}: {told}", check.what)?;
            }
            let more = check.faults.saturating_sub(check.told.len() as u64);
            if more > 0 {
                writeln!(f, "{}: and {more} more", check.what)?;
            }
        }
        let commit = self.commit;
        if self.is_sound() {
            writeln!(f, "\nsound, up to commit {commit}")
        } else {
            writeln!(
                f,
                "\nnot sound, at commit {commit}: keep a copy of the folder, and restore a backup"
            )
        }
    }
}
