//! What must be true of a store that only the engine can tell: states can be read, say themselves when they are due, and
//! add up to the counters; lines and effects can be read.

use std::collections::BTreeMap;

use journey_engine::{Contact, Program};

use super::scribe::effect_of;
use super::sweep;
use super::tally::Census;
use crate::store::{Check, ContactNo, Error, Read, TallyKey};

/// How many rows are read at a time.
const ROWS: usize = 1_000;
/// What the counters of where contacts stand are called.
const STANDING: [&str; 9] = [
    "contacts", "erased", "segment", "stage", "share", "audience", "reached", "cohort", "inside",
];

/// Checks states, counters and effects, as of the moment that `store` holds.
pub fn audit(store: &mut impl Read, program: &Program) -> Vec<Check> {
    let mut standing = BTreeMap::new();
    vec![
        Check::of("states").asked(|check| states(store, program, check, &mut standing)),
        Check::of("counters").asked(|check| counters(store, check, &standing)),
        Check::of("contents of effects").asked(|check| effects(store, check)),
    ]
}

fn states(
    store: &mut impl Read,
    program: &Program,
    check: &mut Check,
    standing: &mut BTreeMap<TallyKey, i64>,
) -> Result<(), Error> {
    // A contact that waits to be counted again is due when the program before says.
    let counted = sweep::progress(store)?.is_none();
    let mut after = ContactNo(0);
    loop {
        let rows = store.following(after, ROWS)?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.number;
        for row in rows {
            check.seen += 1;
            let number = row.number.0;
            let contact = match Contact::decode(&row.state, program) {
                Ok(contact) => contact,
                Err(error) => {
                    check.fault(format!(
                        "the state of contact {number} cannot be read: {error}"
                    ));
                    continue;
                }
            };
            if counted && contact.next_wake() != row.next_wake {
                check.fault(format!(
                    "contact {number} is to be woken at {:?}, and its state says {:?}",
                    row.next_wake,
                    contact.next_wake()
                ));
            }
            for key in Census::of(&contact, program).keys(program) {
                *standing.entry(key).or_default() += 1;
            }
        }
    }
}

fn counters(
    store: &mut impl Read,
    check: &mut Check,
    standing: &BTreeMap<TallyKey, i64>,
) -> Result<(), Error> {
    if sweep::progress(store)?.is_some() {
        // Some contacts are counted by the old program, and some by the new one.
        return Ok(());
    }
    let mut told: BTreeMap<TallyKey, i64> = store
        .tallies()?
        .into_iter()
        .filter(|(key, _)| STANDING.contains(&&*key.what))
        .collect();
    for (key, found) in standing {
        check.seen += 1;
        let told = told.remove(key).unwrap_or(0);
        if told != *found {
            check.fault(said(key, told, *found));
        }
    }
    for (key, told) in told {
        check.seen += 1;
        check.fault(said(&key, told, 0));
    }
    Ok(())
}

fn said(key: &TallyKey, told: i64, found: i64) -> String {
    let parts = [&*key.journey, &*key.version, &*key.what, &*key.detail];
    let name = parts.iter().filter(|part| !part.is_empty());
    let name = name.copied().collect::<Vec<_>>().join(" ");
    format!("the counter `{name}` says {told}, and the contacts say {found}")
}

fn effects(store: &mut impl Read, check: &mut Check) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let some = store.effects(after, None, None, ROWS)?;
        let Some(last) = some.last() else {
            return Ok(());
        };
        after = last.number;
        for kept in some {
            check.seen += 1;
            if kept.effect.body.is_empty() {
                continue;
            }
            let readable =
                effect_of(&kept.effect.body).is_some_and(|it| it.key.0 == kept.effect.key);
            if !readable {
                check.fault(format!(
                    "the content of effect {} cannot be read",
                    kept.number
                ));
            }
        }
    }
}
