//! What is known of the person and what may be sent to them: attributes, consents, refusals.

use journey_ir::{AttributeIx, Channel, ConsentIx, Instant, Value};

use crate::contact::{Given, Known};
use crate::effect::Revoked;
use crate::history::What;
use crate::program::{Input, Key};
use crate::turn::{Change, Edit, Turn};

impl Turn<'_> {
    /// Sets an attribute, unless a later change of it is known; whether it changed. What depends on it is worked out by
    /// [`Turn::attributes_changed`].
    pub(crate) fn set_attribute(
        &mut self,
        attribute: AttributeIx,
        value: Option<Value>,
        at: Instant,
    ) -> bool {
        let Some(key) = self.program.attribute_key(attribute) else {
            return false;
        };
        let value_now = |turn: &Self| turn.contact.attribute(turn.program, attribute).cloned();
        let before = value_now(self);
        let known = self
            .contact
            .attributes
            .iter_mut()
            .find(|(it, _)| *it == key);
        let changed = match known {
            Some((_, known)) if known.at > at => return false,
            Some((_, known)) => {
                known.at = at;
                let old = std::mem::replace(&mut known.value, value);
                old != known.value
            }
            None => {
                let changed = value.is_some();
                self.contact.attributes.push((key, Known { value, at }));
                changed
            }
        };
        if changed {
            self.note(What::Changed {
                attribute: self.program.attribute_name(attribute),
            });
        }
        // A value that was taken for granted, and is said now, has not changed.
        let after = value_now(self);
        if before != after {
            self.changes
                .push(Change::Edited(attribute, self.edits.len()));
            self.edits.push(Edit { before, after });
        }
        changed
    }

    /// Gives or withdraws a consent, by one channel or by all it covers.
    pub(crate) fn consent(&mut self, consent: ConsentIx, channel: Option<Channel>, given: bool) {
        let Some((ir, key)) = self
            .program
            .ir()
            .consent(consent)
            .zip(self.program.consent_key(consent))
        else {
            return;
        };
        self.note(What::Agreed {
            consent: self.program.consent_name(consent),
            channel,
            given,
        });
        if channel.is_some() {
            self.consent_by(key, channel, given);
        } else {
            for channel in &ir.channels {
                self.consent_by(key, Some(*channel), given);
            }
            // The other receivers a consent covers, such as ad networks.
            self.consent_by(key, None, given);
        }
        if !given {
            self.revoke_advertising_under(consent, channel);
        }
        self.touch(Input::Consents);
    }

    fn consent_by(&mut self, consent: Key, channel: Option<Channel>, given: bool) {
        let at = self.occurred;
        let known = self
            .contact
            .consents
            .iter_mut()
            .find(|it| it.consent == consent && it.channel == channel);
        match known {
            Some(known) if known.at > at => return,
            Some(known) => {
                known.agreed = given;
                known.at = at;
            }
            None => self.contact.consents.push(Given {
                consent,
                channel,
                agreed: given,
                at,
            }),
        }
        if given {
            // Who agrees anew after unsubscribing wants to be written to again.
            self.contact
                .unsubscribed
                .retain(|(on, since)| Some(*on) != channel || *since >= at);
        }
    }

    /// Revokes what was decided under a consent and has not left yet.
    fn revoke_advertising_under(&mut self, consent: ConsentIx, channel: Option<Channel>) {
        for on in Channel::ALL {
            let needs = |message: &journey_ir::Message| {
                message.channel == on && message.consent == Some(consent)
            };
            // Who has agreed anew since then, as an outdated withdrawal finds, still agrees.
            if channel.is_none_or(|it| it == on)
                && !self.contact.agreed(self.program, consent, Some(on))
                && self.program.ir().messages.iter().any(needs)
            {
                self.out.revoked.push(Revoked::Advertising(on));
            }
        }
    }

    /// Takes in that the contact wants no more advertising.
    pub(crate) fn unsubscribe(&mut self, channel: Option<Channel>) {
        self.note(What::Unsubscribed { channel });
        for on in Channel::ALL {
            if channel.is_none_or(|it| it == on) {
                let known = self.contact.unsubscribed.iter_mut();
                match known.into_iter().find(|(it, _)| *it == on) {
                    Some((_, since)) => *since = self.occurred.max(*since),
                    None => self.contact.unsubscribed.push((on, self.occurred)),
                }
                self.out.revoked.push(Revoked::Advertising(on));
            }
        }
    }

    /// Takes in that a channel must not be used any more.
    pub(crate) fn suppress(&mut self, channel: Channel, reason: &str) {
        self.note(What::Suppressed {
            channel,
            reason: reason.to_owned(),
        });
        self.contact.suppressed.retain(|(it, _)| *it != channel);
        self.contact.suppressed.push((channel, reason.to_owned()));
        self.out.revoked.push(Revoked::Channel(channel));
    }
}
