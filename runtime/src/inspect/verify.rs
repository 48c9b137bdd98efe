//! Whether a store is what it must be: every check with what it looked at and what is wrong.

use std::fmt;

use serde::Serialize;

use super::table::Table;
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
    let line = |check: Check| CheckLine {
        what: check.what,
        seen: check.seen,
        faults: check.faults,
        told: check.told,
    };
    Ok(Verification {
        commit: store.last(),
        checks: checks.into_iter().map(line).collect(),
    })
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
