//! Entries: who starts a run, and who may not.

use std::sync::Arc;

use journey_ir::journey::Reenter;
use journey_ir::{Entry, Instant, Journey, JourneyIx, Trigger, Value};

use crate::condition::Scene;
use crate::contact::{Contact, Entries, Position, Run};
use crate::effect::RunId;
use crate::event::Event;
use crate::hash::start_of;
use crate::history::{End, NotEntered, What};
use crate::program::{JourneyLink, Program};
use crate::run::{keep_newest, remember};
use crate::turn::{Cause, Change, Turn, home_zone};

/// How many runs of one journey a contact may have at a time, told apart by their keys.
const MOST_RUNS: usize = 100;
/// How many run keys are remembered per journey.
const MOST_KEYS: usize = 100;
/// How many events that started a run are remembered per journey.
const MOST_STARTERS: usize = 8;

impl Contact {
    /// Whether [`crate::Item::Enroll`] would let the contact into a journey: it is a member at this instant, and has never
    /// entered.
    #[must_use]
    pub fn may_be_enrolled(&self, program: &Program, journey: &str, at: Instant) -> bool {
        let found = program.journey_to_enroll(journey);
        let Some((ir, link)) = found.and_then(|at| program.journey(at)) else {
            return false;
        };
        let entered = self.entries.iter().any(|it| it.journey == link.name_key);
        let zone = home_zone(program, self);
        !entered && is_member(&self.seen_at(program, &zone, at), ir)
    }
}

impl Program {
    /// The current journey of a name, by whose members it may be entered.
    fn journey_to_enroll(&self, name: &str) -> Option<JourneyIx> {
        let mut current = self.entry_order().iter().copied();
        current.find(|at| {
            let journey = self.journey(*at);
            journey.is_some_and(|(journey, _)| journey.name == name)
        })
    }
}

/// Whether a contact is among those whose joining or becoming starts a journey, and fits its condition.
fn is_member(scene: &Scene<'_>, journey: &Journey) -> bool {
    let Entry::When { trigger, condition } = &journey.entry else {
        return false;
    };
    let watches = scene.program.watches();
    let member = match trigger {
        Trigger::Joins(segment) => scene.contact.watch(watches.segment(*segment)).value == 1,
        Trigger::Becomes { lifecycle, stage } => {
            let watch = scene.contact.watch(watches.lifecycle(*lifecycle));
            stage.0.checked_add(1) == Some(watch.value)
        }
        Trigger::Leaves(_) | Trigger::Changes { .. } | Trigger::Event { .. } => false,
    };
    member && condition.is_none_or(|condition| scene.holds(condition))
}

impl Turn<'_> {
    /// Starts the runs that an event or a change of membership starts.
    pub(crate) fn entries(&mut self, event: Option<&Event>, changes: &[Change]) {
        let program = self.program;
        let by_event = event
            .and_then(|event| program.event(event.kind))
            .map_or(&[][..], |link| &link.entries);
        let mut both;
        // What an event starts is in order already.
        let candidates = if changes.is_empty() {
            by_event
        } else {
            both = [by_event, program.entered_by_change()].concat();
            both.sort_by_key(|at| program.rank(*at));
            &both
        };
        for at in candidates {
            let Some((journey, _)) = program.journey(*at) else {
                continue;
            };
            let Entry::When { trigger, condition } = &journey.entry else {
                continue;
            };
            let mut causes = event
                .map(Cause::Event)
                .into_iter()
                .chain(changes.iter().copied().map(Cause::Change));
            let enters = causes.any(|cause| self.answers(trigger, cause, &[]))
                && condition.is_none_or(|condition| self.scene(event, &[]).holds(condition));
            if enters {
                self.enter(*at, event);
            }
        }
    }

    /// Lets a contact that is a member now into a journey, as at a deploy: once, whatever the journey says of entering
    /// again.
    pub(crate) fn enroll(&mut self, name: &str) {
        let Some(at) = self.program.journey_to_enroll(name) else {
            return;
        };
        let Some((journey, link)) = self.program.journey(at) else {
            return;
        };
        let why = if self.has_entered(link) {
            NotEntered::EnteredBefore
        } else if is_member(&self.scene(None, &[]), journey) {
            return self.enter(at, None);
        } else {
            NotEntered::NotAMember
        };
        let journey = Arc::clone(&link.name);
        self.note(What::NotEntered { journey, why });
    }

    fn has_entered(&self, link: &JourneyLink) -> bool {
        let mut logs = self.contact.entries.iter();
        logs.any(|it| it.journey == link.name_key)
    }

    /// Starts a run, unless the journey's rules forbid it.
    pub(crate) fn enter(&mut self, at: JourneyIx, event: Option<&Event>) {
        let Some((journey, link)) = self.program.journey(at) else {
            return;
        };
        let key = journey.run_key.zip(event).map_or(0, |(field, event)| {
            key_hash(event.fields.get(field.at()).and_then(Option::as_ref))
        });
        if let Err(why) = self.may_enter(journey, link, key, event) {
            let journey = Arc::clone(&link.name);
            return self.note(What::NotEntered { journey, why });
        }
        let active = |run: &Run| run.journey == link.name_key && run.key == key;
        if let Some(at) = self.contact.runs.iter().position(active) {
            self.end(at, End::Restarted);
        }
        self.contact.started = self.contact.started.wrapping_add(1);
        let id = RunId(self.contact.started);
        let mut registers = vec![None; journey.registers.len()];
        if let Some(event) = event {
            remember(journey, &mut registers, event);
        }
        let nth = self.log_entry(link, key, event);
        self.note(What::Entered {
            journey: Arc::clone(&link.name),
            run: id,
        });
        self.contact.runs.push(Run {
            id,
            journey: link.name_key,
            version: link.key,
            key,
            entered_at: self.at,
            position: Position::Ready(journey.start),
            registers,
            reached: false,
            effects: 0,
            steps: 0,
            gave_up: None,
            loops: Vec::new(),
            nominal: None,
            overheard: Vec::new(),
            held_since: None,
            nth,
        });
    }

    fn may_enter(
        &self,
        journey: &Journey,
        link: &JourneyLink,
        key: u64,
        event: Option<&Event>,
    ) -> Result<(), NotEntered> {
        if journey.starts.is_some_and(|starts| self.at < starts) {
            return Err(NotEntered::NotYet);
        }
        if journey.ends.is_some_and(|ends| self.at >= ends) {
            return Err(NotEntered::Over);
        }
        let log = self
            .contact
            .entries
            .iter()
            .find(|it| it.journey == link.name_key);
        let id = event.map(|event| event.id.short());
        if log
            .zip(id)
            .is_some_and(|(log, id)| log.events.contains(&id))
        {
            return Err(NotEntered::SameEvent);
        }
        let mut runs = self
            .contact
            .runs
            .iter()
            .filter(|run| run.journey == link.name_key);
        if runs.clone().any(|run| run.key == key) {
            // A restart goes on with an entry that has been granted.
            return if journey.restart {
                Ok(())
            } else {
                Err(NotEntered::AlreadyInside)
            };
        }
        if runs.nth(MOST_RUNS - 1).is_some() {
            return Err(NotEntered::TooManyRuns);
        }
        let last = log
            .and_then(|log| log.last.iter().find(|(it, _)| *it == key))
            .map(|(_, at)| *at);
        match (journey.reenter, last) {
            (_, None) | (Reenter::AnyTime, _) => Ok(()),
            (Reenter::Never, Some(_)) => Err(NotEntered::EnteredBefore),
            (Reenter::After(span), Some(last)) => {
                let from = self.after(last, span);
                if self.at >= from {
                    Ok(())
                } else {
                    Err(NotEntered::TooSoon(from))
                }
            }
        }
    }

    /// Remembers an entry; the how-manieth into this journey it is.
    fn log_entry(&mut self, link: &JourneyLink, key: u64, event: Option<&Event>) -> u32 {
        let known = self
            .contact
            .entries
            .iter()
            .position(|it| it.journey == link.name_key);
        let at = known.unwrap_or_else(|| {
            self.contact.entries.push(Entries {
                journey: link.name_key,
                last: Vec::new(),
                events: Vec::new(),
                times: 0,
            });
            self.contact.entries.len() - 1
        });
        let now = self.at;
        let Some(log) = self.contact.entries.get_mut(at) else {
            return 1;
        };
        log.last.retain(|(it, _)| *it != key);
        log.last.push((key, now));
        keep_newest(&mut log.last, MOST_KEYS);
        if let Some(event) = event {
            log.events.push(event.id.short());
            keep_newest(&mut log.events, MOST_STARTERS);
        }
        log.times = log.times.saturating_add(1);
        log.times
    }
}

/// The hash of a value that keys something; never 0. It is kept in states, so that it is the same for ever: that of how
/// the value is written for debugging.
pub(crate) fn key_hash(value: Option<&Value>) -> u64 {
    let hash = |text: &str| start_of(blake3::hash(text.as_bytes()).as_bytes()).max(1);
    match value {
        // Almost every key is a plain word, which is written as it is.
        Some(Value::Text(word)) if word.bytes().all(|it| it.is_ascii_alphanumeric()) => {
            hash(&["Some(Text(\"", word, "\"))"].concat())
        }
        _ => hash(&format!("{value:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_word_keys_what_it_has_always_keyed() {
        for word in ["c1042", "", "주문", "a\"b", "a-b"] {
            let value = Value::Text(word.to_owned());
            let written = format!("{:?}", Some(&value));
            let hash = start_of(blake3::hash(written.as_bytes()).as_bytes()).max(1);
            assert_eq!(key_hash(Some(&value)), hash);
        }
    }
}
