//! What must be true of a store, asked of all of it: the tables are sound, the journal continues them, each history is a
//! chain that misses nothing, names lead to contacts, and the outbox is what its counters say.
//!
//! Each question is one [`Check`]. It goes through everything once, in order, and holds a few bytes per contact.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use journey_ir::Instant;

use super::reader::SqliteReader;
use super::view::View;
use crate::store::log::record_at;
use crate::store::{ContactNo, ContactRow, Error, Place, Read as _, Status, TallyKey};

/// How many faults of one kind are told; all are counted.
pub const SHOWN: usize = 10;
/// How many rows are read at a time.
const ROWS: usize = 1_000;

/// The answer to one question about a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub what: &'static str,
    /// How many of it.
    pub seen: u64,
    /// How many faults there are.
    pub faults: u64,
    /// The first [`SHOWN`] of them, in a sentence each. They name contacts by number only.
    pub told: Vec<String>,
}

impl Check {
    /// Nothing was looked at yet.
    #[must_use]
    pub const fn of(what: &'static str) -> Self {
        Self {
            what,
            seen: 0,
            faults: 0,
            told: Vec::new(),
        }
    }

    /// Notes a fault.
    pub fn fault(&mut self, told: impl Into<String>) {
        self.faults += 1;
        if self.told.len() < SHOWN {
            self.told.push(told.into());
        }
    }

    /// Asks; that the question itself fails is a fault, too.
    #[must_use]
    pub fn asked(mut self, question: impl FnOnce(&mut Self) -> Result<(), Error>) -> Self {
        if let Err(error) = question(&mut self) {
            self.fault(error.to_string());
        }
        self
    }
}

impl SqliteReader {
    /// Checks everything that can be said without knowing what the rows mean, as of the moment that is held.
    pub fn check(&mut self) -> Vec<Check> {
        let mut ends = HashMap::new();
        let waiting = self.waiting();
        let mut journal = Check::of("commits in the journal");
        journal.seen = waiting;
        vec![
            Check::of("tables").asked(|check| {
                check.seen = 1;
                let faults = self.tables().faults(SHOWN as u32)?;
                for told in faults {
                    check.fault(told);
                }
                Ok(())
            }),
            journal,
            Check::of("records of history")
                .asked(|check| self.ask(|view| records(view, check, &mut ends))),
            Check::of("contacts").asked(|check| self.contacts(check, &ends)),
            Check::of("other names").asked(|check| self.ask(|view| other_names(view, check))),
            Check::of("effects").asked(|check| self.ask(|view| effects(view, check))),
        ]
    }

    fn contacts(
        &mut self,
        check: &mut Check,
        ends: &HashMap<ContactNo, Place>,
    ) -> Result<(), Error> {
        let mut after = ContactNo(0);
        let mut due: BTreeSet<ContactNo> =
            self.due(Instant::MAX, usize::MAX)?.into_iter().collect();
        loop {
            let rows = self.following(after, ROWS)?;
            let Some(last) = rows.last() else { break };
            after = last.number;
            let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
            let found = self.find(&names)?;
            for (row, found) in rows.iter().zip(found) {
                check.seen += 1;
                contact(row, found, due.remove(&row.number), ends, check);
            }
        }
        for number in due {
            check.fault(format!("contact {} is due and does not exist", number.0));
        }
        Ok(())
    }
}

fn contact(
    row: &ContactRow,
    found: Option<ContactNo>,
    due: bool,
    ends: &HashMap<ContactNo, Place>,
    check: &mut Check,
) {
    let number = row.number.0;
    if found != Some(row.number) {
        check.fault(format!(
            "the name of contact {number} leads to {}",
            found.map_or_else(
                || "nobody".to_owned(),
                |other| format!("contact {}", other.0)
            )
        ));
    }
    if due != row.next_wake.is_some() {
        check.fault(format!(
            "contact {number} {} among those that are due",
            if due { "must not be" } else { "is missing" }
        ));
    }
    if row.last.as_ref() != ends.get(&row.number) {
        check.fault(format!(
            "the history of contact {number} ends at {}, and its last record is at {}",
            place(row.last),
            place(ends.get(&row.number).copied())
        ));
    }
}

fn place(place: Option<Place>) -> String {
    place.map_or_else(
        || "nothing".to_owned(),
        |it| format!("page {} byte {}", it.page, it.offset),
    )
}

/// Reads the log from its beginning: each record names the one before it of the same contact, and no other.
fn records(
    view: &View<'_>,
    check: &mut Check,
    ends: &mut HashMap<ContactNo, Place>,
) -> Result<(), Error> {
    let programs: BTreeSet<i64> = view.programs()?.iter().map(|it| it.number.0).collect();
    let in_tables = view.tables.next_number("log")?;
    let layered = view
        .layers
        .iter()
        .filter_map(|layer| layer.pages.last_key_value());
    let end = layered.map(|(page, _)| page + 1).max().unwrap_or(0);
    for page in 1..end.max(in_tables) {
        let Some((program, body)) = view.page(page)? else {
            check.fault(format!(
                "page {page} of the log is missing or cannot be read"
            ));
            continue;
        };
        if !programs.contains(&program.0) {
            check.fault(format!(
                "page {page} was written under program {}, which is missing",
                program.0
            ));
        }
        let mut offset = 0;
        while (offset as usize) < body.len() {
            let Some((record, next)) = record_at(&body, offset) else {
                check.fault(format!("page {page} is damaged at byte {offset}"));
                break;
            };
            check.seen += 1;
            let here = Place { page, offset };
            let before = ends.insert(record.contact, here);
            if record.previous != before {
                check.fault(format!(
                    "a record of contact {} at {} goes on from {}, and the one before it is at {}",
                    record.contact.0,
                    place(Some(here)),
                    place(record.previous),
                    place(before)
                ));
            }
            if record.joined.is_some_and(|joined| joined >= here) {
                check.fault(format!(
                    "a history joins at {} from later",
                    place(Some(here))
                ));
            }
            offset = next;
        }
    }
    Ok(())
}

fn other_names(view: &View<'_>, check: &mut Check) -> Result<(), Error> {
    let mut aliases: BTreeMap<String, ContactNo> = BTreeMap::new();
    view.tables.all_names(|name, number, other| {
        if other {
            aliases.insert(name.to_owned(), number);
        }
    })?;
    for layer in view.layers.iter().rev() {
        let changed = layer.aliases.iter();
        aliases.extend(changed.map(|(name, number)| (name.clone(), *number)));
    }
    for number in aliases.into_values() {
        check.seen += 1;
        if view.load(&[number])?.is_empty() {
            check.fault(format!(
                "another name leads to contact {}, which does not exist",
                number.0
            ));
        }
    }
    Ok(())
}

fn effects(view: &View<'_>, check: &mut Check) -> Result<(), Error> {
    let mut counted: BTreeMap<Status, i64> = BTreeMap::new();
    // Half of a key tells effects apart well enough.
    let mut keys: HashMap<[u8; 16], i64> = HashMap::new();
    let mut after = 0;
    loop {
        let some = view.effects(after, None, None, None, ROWS)?;
        let Some((last, _)) = some.last_key_value() else {
            break;
        };
        after = *last;
        for (number, state) in some {
            check.seen += 1;
            *counted.entry(state.status).or_default() += 1;
            let half = state.key.first_chunk().copied().unwrap_or_default();
            if let Some(other) = keys.insert(half, number) {
                check.fault(format!("effects {other} and {number} have one key"));
            }
            if state.status == Status::Claimed && state.lease.is_none() {
                check.fault(format!("effect {number} is held by a worker for ever"));
            }
            // What concerns nobody in particular belongs to contact 0.
            if state.contact.0 != 0 && view.load(&[state.contact])?.is_empty() {
                check.fault(format!(
                    "effect {number} is for contact {}, which does not exist",
                    state.contact.0
                ));
            }
            if view.effect_of_key(&state.key)? != Some(number) {
                check.fault(format!("effect {number} is not found by its key"));
            }
        }
    }
    let tallies: BTreeMap<TallyKey, i64> = view.tallies()?.into_iter().collect();
    for status in Status::ALL {
        let key = TallyKey {
            journey: "".into(),
            version: "".into(),
            what: Cow::Borrowed("outbox"),
            detail: status.number().to_string().into(),
        };
        let told = tallies.get(&key).copied().unwrap_or(0);
        let found = counted.get(&status).copied().unwrap_or(0);
        if told != found {
            let word = status.word();
            check.fault(format!(
                "{found} effects are {word}, and the counter says {told}"
            ));
        }
    }
    Ok(())
}
