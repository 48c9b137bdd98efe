//! Audiences: whom advertising networks are told of. A contact is told of when it belongs to an audience and can be
//! recognised, and told of again to be taken out when either ends, when it has been in for as long as the audience
//! keeps anyone, or when it is erased. What a network knows is kept, so that exactly that is taken out.

use journey_ir::schema::Type;
use journey_ir::{Audience, AudienceIx, Instant, Value};
use serde::{Deserialize, Serialize};

use crate::calendar::NEVER;
use crate::contact::{Contact, Life};
use crate::effect::{Effect, EffectKey, Enlist, Intent, Match, Revoked, RunId};
use crate::history::What;
use crate::program::{Key, Program};
use crate::turn::Turn;

/// What networks know of a contact in one audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// The key of the audience's name.
    pub(crate) audience: Key,
    /// Since when the contact belongs to it, while it does.
    pub(crate) since: Option<Instant>,
    /// When it is taken out, while it is in.
    #[serde(with = "crate::contact::may_never_come")]
    pub(crate) until: Instant,
    /// By what it is known; empty while it is out.
    pub(crate) known: Vec<Match>,
    /// How often networks were told anything.
    pub(crate) told: u32,
}

impl Contact {
    /// Whether a consent is given for receivers that are no channel, such as advertising networks.
    pub(crate) fn agreed_outside(&self, program: &Program, at: journey_ir::ConsentIx) -> bool {
        let key = program.consent_key(at);
        let mut given = self.consents.iter();
        given.any(|it| Some(it.consent) == key && it.agreed && it.channel.is_none())
    }

    /// Whether networks know the contact in an audience.
    pub(crate) fn is_listed(&self, audience: &str) -> bool {
        let key = Key::of("audience", audience);
        let mut listed = self.listed.iter();
        listed.any(|it| it.audience == key && !it.known.is_empty())
    }

    /// By what a network would recognise the contact.
    fn matches(&self, program: &Program, audience: &Audience) -> Vec<Match> {
        let known = audience.match_by.iter().filter_map(|at| {
            let kind = &program.ir().attribute(*at)?.kind;
            let Some(Value::Text(value)) = self.attribute(program, *at) else {
                return None;
            };
            Some(match kind {
                Type::PhoneNumber => Match::Phone(value.clone()),
                _ => Match::Email(value.clone()),
            })
        });
        known.collect()
    }
}

impl Turn<'_> {
    /// Tells the networks what has changed.
    pub(crate) fn tell_networks(&mut self) {
        let program = self.program;
        if program.ir().audiences.is_empty() || self.contact.life == Life::Unknown {
            return;
        }
        for (at, audience) in program.ir().audiences.iter().enumerate() {
            let watch = program.watches().audience(AudienceIx(at as u32));
            let belongs = self.contact.watch(watch).value == 1;
            self.tell_of(audience, belongs);
        }
    }

    fn tell_of(&mut self, audience: &Audience, belongs: bool) {
        let key = Key::of("audience", &audience.name);
        let found = self.contact.listed.iter().position(|it| it.audience == key);
        let place = match found {
            Some(place) => place,
            None if belongs => {
                self.contact.listed.push(Listed {
                    audience: key,
                    since: None,
                    until: NEVER,
                    known: Vec::new(),
                    told: 0,
                });
                self.contact.listed.len() - 1
            }
            None => return,
        };
        let (now, zone) = (self.at, self.program.zone());
        let matches = self.contact.matches(self.program, audience);
        let Some(listed) = self.contact.listed.get_mut(place) else {
            return;
        };
        listed.since = belongs.then_some(listed.since.unwrap_or(now));
        let end = listed.since.zip(audience.keep);
        let end = end.map_or(NEVER, |(since, keep)| zone.after(since, keep));
        // Whoever has been in for long enough stays out until the condition has stopped to hold once.
        let over = end <= now;
        listed.until = if over { NEVER } else { end };
        let wanted = if belongs && !over {
            matches
        } else {
            Vec::new()
        };
        if wanted == listed.known {
            return;
        }
        let gone = std::mem::replace(&mut listed.known, wanted.clone());
        self.tell(audience, place, &gone, &wanted);
    }

    /// Takes out what a network knows and the contact no longer is, then adds what it is.
    fn tell(&mut self, audience: &Audience, place: usize, gone: &[Match], wanted: &[Match]) {
        let (joins, leaves) = (gone.is_empty(), wanted.is_empty());
        self.note(What::Listed {
            audience: audience.name.as_str().into(),
            joined: !leaves,
        });
        if !joins {
            // What is still on its way must not come after the removal.
            let run = effects_of(Key::of("audience", &audience.name));
            self.out.revoked.push(Revoked::Listing(run));
        }
        for network in &audience.sync {
            if !joins {
                self.enlist(audience, place, network, false, gone);
            }
            if !leaves {
                self.enlist(audience, place, network, true, wanted);
            }
        }
    }

    fn enlist(
        &mut self,
        audience: &Audience,
        place: usize,
        network: &str,
        add: bool,
        people: &[Match],
    ) {
        let Some(listed) = self.contact.listed.get_mut(place) else {
            return;
        };
        listed.told = listed.told.saturating_add(1);
        let (turn, run) = (listed.told, effects_of(listed.audience));
        let mut hash = blake3::Hasher::new();
        for part in ["audience", &self.contact.id, &audience.name, network] {
            hash.update(part.as_bytes()).update(&[0]);
        }
        hash.update(&turn.to_le_bytes());
        let verb = if add { "add to" } else { "remove from" };
        self.out.effects.push(Effect {
            key: EffectKey(*hash.finalize().as_bytes()),
            at: self.at,
            run,
            journey: audience.name.as_str().into(),
            step: format!("{verb} {network}").into(),
            what: Intent::Enlist(Enlist {
                network: network.to_owned(),
                audience: audience.name.clone(),
                add,
                people: people.to_vec(),
                turn,
            }),
        });
    }

    /// Takes a contact that is being erased out of every network.
    pub(crate) fn leave_networks(&mut self) {
        let program = self.program;
        for audience in &program.ir().audiences {
            let key = Key::of("audience", &audience.name);
            let found = self.contact.listed.iter().position(|it| it.audience == key);
            let Some(place) = found else { continue };
            let known = self.contact.listed.get_mut(place);
            let gone = known.map(|it| std::mem::take(&mut it.known));
            if let Some(gone) = gone.filter(|it| !it.is_empty()) {
                self.tell(audience, place, &gone, &[]);
            }
        }
    }
}

/// The number under which the effects of an audience stand, which no run ever has.
const fn effects_of(audience: Key) -> RunId {
    RunId(audience.0 | 1 << 31)
}
