//! One person after the other lives through a program: the same order of things as in the daemon, and the same step.

use std::collections::HashSet;

use journey_engine::{Contact, Item, Outcome, Program, advance, introduce, step};
use journey_ir::Instant;

use super::Assumed;
use super::act::Act;
use super::people::Person;
use super::tally::{Life, Tally};

/// Plays people, and counts what happens to them.
#[derive(Debug)]
pub(super) struct Player<'a> {
    program: &'a Program,
    until: Option<Instant>,
    assumed: &'a Assumed,
    tally: Tally,
    /// Kept from one person to the next for their memory alone.
    out: Outcome,
    seen: HashSet<u64>,
    life: Life,
}

impl<'a> Player<'a> {
    pub(super) fn new(
        program: &'a Program,
        until: Option<Instant>,
        assumed: &'a Assumed,
        tally: Tally,
    ) -> Self {
        Self {
            program,
            until,
            assumed,
            tally,
            out: Outcome::default(),
            seen: HashSet::new(),
            life: Life::default(),
        }
    }

    pub(super) fn finish(self) -> Tally {
        self.tally
    }

    /// Plays a person's life, and writes down what was done to them if that is asked.
    pub(super) fn play(&mut self, person: &Person, mut acts: Option<&mut Vec<Act>>) {
        let mut contact = Contact::new(&person.name);
        let mut known = false;
        self.seen.clear();
        for lived in &person.life {
            // Events that nothing mentions, of people nobody knows, make nobody known.
            if !known
                && let Item::Event(event) = &lived.item
                && !self.program.hears(event.kind)
            {
                self.tally.passed_over += 1;
                continue;
            }
            if let Some(id) = lived.id
                && !self.seen.insert(id)
            {
                self.tally.repeats += 1;
                continue;
            }
            if !known {
                known = true;
                self.assume(&mut contact, lived.moment.at);
            }
            self.tally.taken += 1;
            let (item, heard) = (&lived.item, lived.received_at);
            step(self.program, &mut contact, item, heard, &mut self.out);
            self.observe(acts.as_deref_mut());
        }
        if !known {
            return;
        }
        if let Some(until) = self.until {
            advance(self.program, &mut contact, until, &mut self.out);
            self.observe(acts);
        }
        self.tally.close(self.program, &contact, &person.name, &mut self.life);
    }

    fn assume(&mut self, contact: &mut Contact, at: Instant) {
        if self.assumed.is_empty() {
            return;
        }
        let Assumed {
            attributes,
            consents,
        } = self.assumed;
        introduce(self.program, contact, attributes, consents, at, &mut self.out);
    }

    fn observe(&mut self, acts: Option<&mut Vec<Act>>) {
        for happening in &self.out.history {
            self.tally.count(happening, &mut self.life);
        }
        if let Some(acts) = acts {
            acts.extend(self.out.history.iter().filter_map(Act::of));
        }
        self.out.clear();
    }
}
