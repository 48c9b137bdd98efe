//! `including current members`: whoever is a member when a journey is first deployed enters it, not all at once but so
//! many a minute. How far it is is part of the commit that lets somebody enter, so that a crash neither loses nor doubles
//! anyone.

use journey_engine::{Contact, Item, step};
use journey_ir::{self as ir, Instant};
use serde::{Deserialize, Serialize};

use super::batch::Effects;
use super::scribe::Cause;
use super::turn::Turn;
use super::{Process, pending};
use crate::store::{ContactNo, Error, Read, Store};

/// How far enrolments are.
const ENROLMENTS: &str = "enrolments";
/// How many current members enter a journey per minute.
pub const MEMBERS_PER_MINUTE: u32 = 1_000;
/// How many contacts are looked at per commit.
const CONTACTS_PER_COMMIT: usize = 1_000;
/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

/// One journey whose current members enter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Enrolment {
    journey: String,
    /// The last contact that was asked.
    after: i64,
    /// The last one there was at the deploy; who came later enters by joining.
    until: i64,
    /// How many have entered in the minute that began `since`.
    entered: u32,
    since: Instant,
}

impl Enrolment {
    /// How many may enter at an instant.
    fn allowed(&self, now: Instant) -> u32 {
        if now >= self.since.saturating_add(MINUTE) {
            return MEMBERS_PER_MINUTE;
        }
        MEMBERS_PER_MINUTE.saturating_sub(self.entered)
    }

    /// When the next may enter.
    fn next(&self) -> Instant {
        if self.entered < MEMBERS_PER_MINUTE {
            self.since
        } else {
            self.since.saturating_add(MINUTE)
        }
    }

    /// The same after some more were asked.
    fn at(&self, after: ContactNo, entered: u32, now: Instant) -> Self {
        let new_minute = now >= self.since.saturating_add(MINUTE);
        let (before, since) = if new_minute {
            (0, now)
        } else {
            (self.entered, self.since)
        };
        Self {
            after: after.0,
            entered: before.saturating_add(entered),
            since,
            ..self.clone()
        }
    }
}

/// The journeys whose current members enter, one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Enrolments(Vec<Enrolment>);

impl Enrolments {
    /// Reads those that are under way.
    pub(super) fn read(store: &mut impl Read) -> Result<Self, Error> {
        let Some(text) = store.meta(ENROLMENTS)? else {
            return Ok(Self::default());
        };
        let read = serde_json::from_str(&text);
        read.map_err(|error| Error::Database(format!("enrolments: {error}")))
    }

    /// For the store.
    pub(super) fn setting(&self) -> (String, Option<String>) {
        let text = || serde_json::to_string(self).unwrap_or_default();
        (ENROLMENTS.to_owned(), (!self.0.is_empty()).then(text))
    }

    /// What is left of these under another program, with those of the journeys that it has first.
    pub(super) fn under(&self, new: &ir::Program, old: &ir::Program, highest: i64) -> Self {
        let lets_in = |name: &str| {
            let journey = new.journeys.iter().find(|it| it.name == name);
            journey.is_some_and(|it| it.include_current)
        };
        let going_on = self.0.iter().map(|one| Enrolment {
            journey: new.now_called(&one.journey).to_owned(),
            ..one.clone()
        });
        let is_new = |name: &str| {
            let mut before = old.journeys.iter();
            before.all(|journey| new.now_called(&journey.name) != name)
        };
        let first = new.journeys.iter().filter(|it| is_new(&it.name));
        let first = first.map(|journey| Enrolment {
            journey: journey.name.clone(),
            after: 0,
            until: highest,
            entered: 0,
            since: Instant::MIN,
        });
        let all = going_on.chain(first);
        Self(all.filter(|one| lets_in(&one.journey)).collect())
    }

    /// When the next member may enter, if any is left.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.first().map(Enrolment::next)
    }

    /// The journeys of which one contact was asked already and another was not.
    pub(super) fn asked_only(&self, one: ContactNo, other: ContactNo) -> Vec<String> {
        let split = |it: &&Enrolment| one.0 <= it.after && it.after < other.0;
        let found = self.0.iter().filter(split);
        found.map(|it| it.journey.clone()).collect()
    }
}

impl<S: Store> Process<S> {
    /// Lets some more current members enter the first journey that waits for them, as many as may at this time. Says how
    /// many did.
    pub fn enrol(&mut self, effects: Effects, now: Instant) -> Result<u32, Error> {
        let now = now.max(self.latest);
        let due = self.next_enrolment().is_some_and(|next| next <= now);
        let Some(one) = self.enrolments.0.first().filter(|_| due).cloned() else {
            return Ok(0);
        };
        let rows = self
            .store
            .following(ContactNo(one.after), CONTACTS_PER_COMMIT)?;
        let mut end = rows.len() < CONTACTS_PER_COMMIT;
        let (mut last, mut members) = (ContactNo(one.after), Vec::new());
        for row in &rows {
            if row.number.0 > one.until {
                end = true;
                break;
            }
            // What cannot be read enters nothing; whoever wakes the contact says so.
            let contact = Contact::decode(&row.state, &self.program);
            let member = contact.is_ok_and(|contact| {
                let at = now.max(contact.clock());
                contact.may_be_enrolled(&self.program, &one.journey, at)
            });
            if member && members.len() >= one.allowed(now) as usize {
                end = false;
                break;
            }
            members.extend(member.then_some(row.number));
            last = row.number;
        }
        let decision = self.decision(now);
        let mut turn = self.begin(decision);
        turn.enrol(&members, &one.journey, effects)?;
        let mut finished = turn.finish();
        let mut left = self.enrolments.clone();
        if end {
            left.0.remove(0);
        } else if let Some(first) = left.0.first_mut() {
            *first = one.at(last, members.len() as u32, now);
        }
        finished.decision.meta.push(left.setting());
        let decided = pending(&finished);
        self.settle(finished, &[])?;
        self.decided += decided;
        self.latest = now;
        self.enrolments = left;
        Ok(members.len() as u32)
    }

    /// When the next current member may enter a journey. Not before every contact is counted under the current program.
    pub(super) fn next_enrolment(&self) -> Option<Instant> {
        self.enrolments.next().filter(|_| self.sweep.is_none())
    }
}

impl<S: Store> Turn<'_, S> {
    /// Lets contacts enter a journey, if they are its members.
    pub(super) fn enrol(
        &mut self,
        members: &[ContactNo],
        journey: &str,
        effects: Effects,
    ) -> Result<(), Error> {
        self.load(members)?;
        let now = self.scribe.decision.at;
        for number in members {
            let Some(working) = self.working.get_mut(number) else {
                continue;
            };
            let contact = &mut working.held.contact;
            let at = now.max(contact.clock());
            if !contact.may_be_enrolled(self.program, journey, at) {
                continue;
            }
            let item = Item::Enroll {
                journey: journey.to_owned(),
                occurred_at: now,
            };
            step(self.program, contact, &item, now, &mut self.scribe.outcome);
            let cause = Cause::time(now, effects);
            self.scribe.record(*number, working, cause)?;
            self.grant(*number, effects)?;
        }
        Ok(())
    }
}
