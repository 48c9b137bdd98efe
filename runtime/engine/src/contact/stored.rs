//! A contact's state as bytes: one format byte, then a compact encoding. Bytes from anywhere are read without trust:
//! what is damaged is refused, never executed.

use journey_ir::{Instant, Value};

use super::{Contact, Life, Overheard, Position};
use crate::aggregate::Fold;
use crate::calendar::{EARLIEST, LATEST, NEVER};
use crate::membership;
use crate::program::Program;

/// The format that this release writes.
const FORMAT: u8 = 1;

/// Why a stored state could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// It was written by a newer release.
    #[error(
        "this contact's state has format {found}, and this release reads formats up to {known}; update journeyd"
    )]
    Newer {
        /// Its format.
        found: u8,
        /// The newest format that is known here.
        known: u8,
    },
    /// It is not a state, or a damaged one.
    #[error("this contact's state is damaged: {0}")]
    Damaged(String),
}

impl Contact {
    /// The state as bytes: compact, versioned by its first byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        bytes.push(FORMAT);
        // Writing into a `Vec` does not fail, and no type in the state refuses to be written.
        postcard::to_extend(self, bytes).unwrap_or_default()
    }

    /// Reads a state. One written under another program keeps all that the two have in common, and is
    /// [stale](Self::is_stale).
    pub fn decode(bytes: &[u8], program: &Program) -> Result<Self, StateError> {
        let (format, body) = bytes
            .split_first()
            .ok_or_else(|| StateError::Damaged("it is empty".into()))?;
        if *format > FORMAT {
            return Err(StateError::Newer {
                found: *format,
                known: FORMAT,
            });
        }
        if *format == 0 {
            return Err(StateError::Damaged("format 0 does not exist".into()));
        }
        let (mut contact, rest) = postcard::take_from_bytes::<Self>(body)
            .map_err(|error| StateError::Damaged(error.to_string()))?;
        if !rest.is_empty() {
            return Err(StateError::Damaged(format!(
                "{} bytes too many",
                rest.len()
            )));
        }
        if !contact.is_sound() || !contact.watches_what(program) {
            return Err(StateError::Damaged(
                "it holds times or positions that cannot be".into(),
            ));
        }
        contact.wake = NEVER;
        if contact.meaning != program.fingerprint() && contact.life == Life::Known {
            contact.stale = true;
            membership::evaluate_silently(program, &mut contact);
        }
        contact.set_wake(program);
        Ok(contact)
    }

    /// Whether it watches what the program watches, where it was written under it; and nothing before it is known.
    fn watches_what(&self, program: &Program) -> bool {
        match self.life {
            Life::Known if self.meaning == program.fingerprint() => {
                self.watches.len() == program.watches().all.len()
            }
            Life::Known => true,
            Life::Unknown | Life::Erased => {
                self.watches.is_empty()
                    && self.schedules.is_empty()
                    && self.runs.is_empty()
                    && self.listed.is_empty()
            }
        }
    }

    /// Whether everything in it could have been written by [`Contact::encode`].
    fn is_sound(&self) -> bool {
        let sound = |at: Instant| (EARLIEST..=LATEST).contains(&at);
        let due = |at: Instant| at == NEVER || sound(at);
        let value = |value: &Option<Value>| value.as_ref().is_none_or(sound_value);
        sound(self.clock)
            && self
                .attributes
                .iter()
                .all(|(_, it)| sound(it.at) && value(&it.value))
            && self.aggregates.is_sorted_by_key(|(key, _)| *key)
            && self.aggregates.iter().all(|(_, fold)| Fold::is_sound(fold))
            && self.watches.iter().all(|it| due(it.flip))
            && self.tenures.iter().all(|it| sound(it.since))
            && self
                .listed
                .iter()
                .all(|it| it.since.is_none_or(sound) && due(it.until))
            && self
                .schedules
                .iter()
                .all(|it| due(it.due) && it.last.is_none_or(sound))
            && self.consents.iter().all(|it| sound(it.at))
            && self.unsubscribed.iter().all(|(_, at)| sound(*at))
            && self.offers.iter().all(|it| sound(it.at) && due(it.expires))
            && self.sent.iter().all(|(at, _)| sound(*at))
            && self
                .finished
                .iter()
                .all(|it| sound(it.entered_at) && due(it.until))
            && self
                .entries
                .iter()
                .all(|it| it.last.iter().all(|(_, at)| sound(*at)))
            && self
                .measuring
                .iter()
                .all(|it| sound(it.since) && due(it.until) && it.registers.iter().all(value))
            && self.runs.iter().all(|run| {
                let position = match &run.position {
                    Position::Ready(_) => false,
                    Position::Waiting { since, due: at, .. } => sound(*since) && due(*at),
                    Position::Racing {
                        since,
                        deadline,
                        due: at,
                        ..
                    } => sound(*since) && due(*deadline) && due(*at),
                    Position::Held { due: at, .. } => due(*at),
                    Position::Claiming { .. } | Position::Stopped { .. } => true,
                };
                let gave_up = run
                    .gave_up
                    .as_ref()
                    .is_none_or(|it| sound(it.since) && due(it.deadline));
                let overheard = |it: &Overheard| {
                    sound(it.at) && it.fields.iter().all(|(_, value)| sound_value(value))
                };
                let passing = run.loops.iter().all(|it| sound(it.since))
                    && run.nominal.is_none_or(sound)
                    && run.held_since.is_none_or(sound)
                    && run.overheard.iter().all(overheard);
                position
                    && gave_up
                    && passing
                    && sound(run.entered_at)
                    && run.registers.iter().all(value)
            })
    }
}

fn sound_value(value: &Value) -> bool {
    match value {
        Value::Moment(at) => (EARLIEST..=LATEST).contains(at),
        Value::List(of) => of
            .iter()
            .all(|it| !matches!(it, Value::List(_) | Value::Items(_)) && sound_value(it)),
        Value::Items(of) => of
            .iter()
            .flatten()
            .flatten()
            .all(|it| !matches!(it, Value::Items(_)) && sound_value(it)),
        Value::Text(_)
        | Value::Number(_)
        | Value::Money(_)
        | Value::Date(_)
        | Value::YesNo(_)
        | Value::Span(_) => true,
    }
}

/// An instant that may never come, which is written as one byte then.
pub(crate) mod may_never_come {
    use journey_ir::Instant;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::calendar::NEVER;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks for a reference"
    )]
    pub(crate) fn serialize<S: Serializer>(at: &Instant, to: S) -> Result<S::Ok, S::Error> {
        (*at != NEVER).then_some(*at).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Instant, D::Error> {
        Ok(Option::deserialize(from)?.unwrap_or(NEVER))
    }
}
