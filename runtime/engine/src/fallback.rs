//! The second way of a message: a channel has given up for good, and the project names another to stand in for it. The
//! message goes there once, as an effect of its own, if this person may be reached there now.

use std::borrow::Cow;
use std::sync::Arc;

use journey_ir::{Channel, Filter, Hole, Message, Piece, Value};

use crate::effect::{Effect, EffectKey, Intent, Send};
use crate::history::{Place, Skip, Tried, What};
use crate::program::{Name, Program};
use crate::send::hole_name;
use crate::turn::Turn;

/// The channel that stands in for another.
#[must_use]
pub(crate) fn stand_in(program: &Program, channel: Channel) -> Option<Channel> {
    let mut channels = program.ir().project.channels.iter();
    channels.find(|it| it.channel == channel)?.fallback
}

impl Program {
    /// Whether an effect that failed for good would be sent by another channel: a message that has not taken its second
    /// way yet, by a channel that has one.
    #[must_use]
    pub fn has_second_way(&self, effect: &Effect) -> bool {
        match &effect.what {
            Intent::Send(send) => {
                send.instead_of.is_none() && stand_in(self, send.channel).is_some()
            }
            Intent::Call(_) | Intent::Task(_) | Intent::Enlist(_) => false,
        }
    }
}

impl Turn<'_> {
    /// Sends by the other channel what one has failed to deliver. Consent, suppression and address are those of now and
    /// of that channel. Caps have counted the message already.
    pub(crate) fn fall_back(&mut self, failed: &Effect) {
        let Intent::Send(send) = &failed.what else {
            return;
        };
        if !self.program.has_second_way(failed) {
            return;
        }
        let Some(channel) = stand_in(self.program, send.channel) else {
            return;
        };
        let place = Place {
            journey: failed.journey.clone(),
            run: failed.run,
            step: failed.step.clone(),
        };
        match self.second(send, channel) {
            Ok(send) => {
                self.note(What::Sent {
                    place,
                    channel,
                    template: Arc::clone(&send.template),
                });
                let mut hash = blake3::Hasher::new();
                hash.update(b"instead of\0").update(&failed.key.0);
                self.out.effects.push(Effect {
                    key: EffectKey(*hash.finalize().as_bytes()),
                    at: self.at,
                    what: Intent::Send(send),
                    ..failed.clone()
                });
            }
            Err(why) => {
                let template = Arc::clone(&send.template);
                let tried = vec![Tried {
                    channel,
                    template,
                    why,
                }];
                self.note(What::Skipped { place, tried });
            }
        }
    }

    fn second(&self, failed: &Send, channel: Channel) -> Result<Send, Skip> {
        let mut messages = self.program.ir().messages.iter();
        let message = messages
            .find(|it| it.channel == channel && *it.template == *failed.template)
            .ok_or(Skip::NoTemplate)?;
        let to = self.contact.reachable(self.program, message)?.to_owned();
        let language = self.language_for(message);
        let values = self
            .values_again(message, language, failed)
            .map_err(Skip::Missing)?;
        Ok(Send {
            channel,
            purpose: message.purpose,
            sender: message.sender.as_deref().map(Into::into),
            to,
            values,
            language: language.into(),
            instead_of: Some(failed.channel),
            ..failed.clone()
        })
    }

    /// What the other message needs: attributes as they are now, everything else as the failed one carried it.
    fn values_again(
        &self,
        message: &Message,
        language: &str,
        failed: &Send,
    ) -> Result<Vec<(Name, Value)>, String> {
        let mut values: Vec<(Name, Value)> = Vec::new();
        let (subject, body) = message.words(language);
        for piece in subject.iter().chain(body) {
            let Piece::Hole { hole, filters } = piece else {
                continue;
            };
            let Some(name) = hole_name(self.program, message, hole) else {
                continue;
            };
            if values.iter().any(|(known, _)| **known == *name) {
                continue;
            }
            let value = match hole {
                Hole::Attribute(_) | Hole::Score(_) => {
                    self.hole(message, hole, &[]).map(Cow::into_owned)
                }
                _ => carried(failed, &name),
            };
            match value {
                Some(value) => values.push((name.into(), value)),
                None if filters.iter().any(|it| matches!(it, Filter::Or(_))) => {}
                None => return Err(name),
            }
        }
        Ok(values)
    }
}

/// A value that the failed message carried.
fn carried(failed: &Send, name: &str) -> Option<Value> {
    let mut values = failed.values.iter();
    let (_, value) = values.find(|(known, _)| **known == *name)?;
    Some(value.clone())
}
