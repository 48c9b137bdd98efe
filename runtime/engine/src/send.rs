//! Sending: may this message go to this person now? Candidates, address, consent and suppression decide whether and by
//! what; hours and caps decide when; strict rendering decides whether it makes sense. Only then it becomes an effect.

use std::borrow::Cow;
use std::sync::Arc;

use journey_ir as ir;
use journey_ir::message::OfferPart;
use journey_ir::time::DAY;
use journey_ir::{
    Channel, Clock, ConsentIx, Filter, Hole, Instant, Message, MessageIx, OfferIx, Piece,
    PolicyRule, Purpose, Span, StepIx, StepKind, Then, Value,
};

use crate::calendar::{NEVER, Zone, later, of_day};
use crate::chance::share_of;
use crate::contact::{Contact, Issued, Position};
use crate::effect::{Intent, Send};
use crate::history::{Hold, Skip, Tried, What};
use crate::program::{LARGEST_CAP, MessageLink, Name, Program};
use crate::render;
use crate::run::keep_newest;
use crate::turn::Turn;
use crate::walk::{Flow, Resolved};

/// How often hours and quiet hours may hand a message to each other before it counts as never allowed.
const MOST_MOVES: usize = 32;
/// How many changes of the clocks are followed to the end of a stretch of clock time.
const MOST_CHANGES: usize = 4;

/// What hours and caps say about a message.
enum Verdict {
    Now,
    Later(Instant, Hold),
    Not(Skip),
}

impl Contact {
    /// Whether a decided message may still be sent, asked again just before it leaves: the address is still there, the
    /// consent still given, nobody unsubscribed or complained in between.
    pub fn may_receive(&self, program: &Program, send: &Send) -> Result<(), Skip> {
        if self.is_erased() {
            return Err(Skip::Suppressed);
        }
        let mut messages = program.ir().messages.iter();
        let found =
            messages.find(|it| it.channel == send.channel && *it.template == *send.template);
        match found {
            Some(message) => self.reachable(program, message).map(drop),
            None => self
                .reachable_by(program, send.channel, send.purpose)
                .map(drop),
        }
    }

    /// The address for a message, where it may be sent to this contact at all.
    pub(crate) fn reachable<'a>(
        &'a self,
        program: &'a Program,
        message: &Message,
    ) -> Result<&'a str, Skip> {
        let address = self
            .address(program, message.channel)
            .ok_or(Skip::NoAddress)?;
        if let Some(consent) = message.consent
            && !self.agreed(program, consent, Some(message.channel))
        {
            return Err(Skip::NoConsent(program.consent_name(consent)));
        }
        if let Some(policy) = self.held_out(program, message.purpose) {
            return Err(Skip::HeldOut(policy.into()));
        }
        self.allows(message.channel, message.purpose)?;
        Ok(address)
    }

    fn reachable_by(
        &self,
        program: &Program,
        channel: Channel,
        purpose: Purpose,
    ) -> Result<(), Skip> {
        self.address(program, channel).ok_or(Skip::NoAddress)?;
        self.allows(channel, purpose)
    }

    /// Whether nothing that the contact or a provider said keeps a purpose from a channel.
    fn allows(&self, channel: Channel, purpose: Purpose) -> Result<(), Skip> {
        if purpose == Purpose::Advertising && self.unsubscribed.iter().any(|(on, _)| *on == channel)
        {
            return Err(Skip::Unsubscribed);
        }
        if self.suppressed.iter().any(|(on, _)| *on == channel) {
            return Err(Skip::Suppressed);
        }
        Ok(())
    }

    /// The policy that holds this contact out of messages for a purpose: always the same one, by its name.
    fn held_out<'p>(&self, program: &'p Program, purpose: Purpose) -> Option<&'p str> {
        let policies = program.ir().policies.iter();
        let held_out = |policy: &&journey_ir::Policy| {
            policy.rules.iter().any(|rule| match rule {
                PolicyRule::HoldOut { share, purpose: of } => {
                    of.is_none_or(|of| of == purpose)
                        && share_of(&[policy.name.as_bytes(), self.id.as_bytes()])
                            < u64::from(*share)
                }
                PolicyRule::Cap { .. } | PolicyRule::Quiet { .. } => false,
            })
        };
        policies
            .into_iter()
            .find(held_out)
            .map(|policy| policy.name.as_str())
    }

    /// The address on a channel. Where no attribute holds one, an app or a webhook knows the contact by its id.
    fn address<'a>(&'a self, program: &'a Program, channel: Channel) -> Option<&'a str> {
        let Some(attribute) = program.address(channel) else {
            let by_id = matches!(channel, Channel::Inapp | Channel::Push | Channel::Webhook);
            return by_id.then_some(self.id.as_str());
        };
        match self.attribute(program, attribute)? {
            Value::Text(text) if !is_blank(text) => Some(text),
            _ => None,
        }
    }
}

impl<'a> Turn<'a> {
    /// Takes a `send` step.
    pub(crate) fn send(&mut self, at: usize, step: StepIx, kind: &StepKind) -> Flow {
        let StepKind::Send {
            candidates,
            args,
            between,
            within,
            next,
        } = kind
        else {
            return Flow::Next(None);
        };
        let run = self.contact.runs.get_mut(at);
        let reached = run.and_then(|run| run.held_since.take()).unwrap_or(self.at);
        let not_after = within.map(|span| self.after(reached, span));
        let (chosen, message) = match choose(self.program, self.contact, candidates) {
            Ok(chosen) => chosen,
            Err(tried) => return self.skip(at, step, tried, *next),
        };
        let (program, channel) = (self.program, message.channel);
        let refused = |why| {
            vec![Tried {
                channel,
                template: program.template_name(chosen),
                why,
            }]
        };
        match self.verdict(message, *between) {
            Verdict::Now => {}
            // Later than it is worth anything is as good as never, also where a delay brought the run here late.
            Verdict::Later(until, _) if not_after.is_some_and(|end| until > end) => {
                return self.skip(at, step, refused(Skip::Expired), *next);
            }
            Verdict::Later(until, why) => {
                if let Some(run) = self.contact.runs.get_mut(at) {
                    run.held_since = Some(reached);
                }
                let place = self.place(at, step);
                self.note(What::Held {
                    place,
                    until,
                    why: why.clone(),
                });
                return Flow::Park(Position::Held {
                    step,
                    due: until,
                    why,
                });
            }
            Verdict::Not(why) => return self.skip(at, step, refused(why), *next),
        }
        let args = self.arguments(at, args);
        let Some(link) = program.message(chosen) else {
            return Flow::Next(*next);
        };
        let language = self.language_for(message);
        let values = match self.fill(message, link, language, &args) {
            Ok(values) => values,
            Err(missing) => {
                return self.skip(at, step, refused(Skip::Missing(missing.to_string())), *next);
            }
        };
        if let Some(claims) = self.claim_offers(at, step, &args) {
            if let Some(run) = self.contact.runs.get_mut(at) {
                run.held_since = Some(reached);
            }
            return claims;
        }
        self.issue_offers(&args);
        self.count_send(message.purpose);
        let place = self.place(at, step);
        self.note(What::Sent {
            place,
            channel,
            template: program.template_name(chosen),
        });
        self.effect(at, step, |turn| {
            Intent::Send(turn.letter(message, link, values, not_after, language))
        });
        Flow::Next(*next)
    }

    /// The message as the channel is to carry it.
    fn letter(
        &self,
        message: &Message,
        link: &MessageLink,
        values: Vec<(Name, Value)>,
        not_after: Option<Instant>,
        language: &str,
    ) -> Send {
        let to = self.contact.address(self.program, message.channel);
        Send {
            channel: message.channel,
            template: Arc::clone(&link.template),
            purpose: message.purpose,
            sender: link.sender.clone(),
            // It had an address when it was chosen.
            to: to.unwrap_or_default().to_owned(),
            values,
            timezone: Arc::clone(self.zone.name()),
            freed_by: self.freed_by(message),
            not_after,
            language: link.language(language),
            instead_of: None,
        }
    }

    fn skip(&mut self, at: usize, step: StepIx, tried: Vec<Tried>, next: Option<StepIx>) -> Flow {
        let place = self.place(at, step);
        self.note(What::Skipped { place, tried });
        Flow::Next(next)
    }

    /// Notes that the message which would go now does not.
    pub(crate) fn send_without(
        &mut self,
        at: usize,
        step: StepIx,
        candidates: &[MessageIx],
        why: Skip,
    ) {
        let chosen = choose(self.program, self.contact, candidates);
        let tried = chosen.map_or_else(
            |tried| tried,
            |(found, message)| {
                vec![Tried {
                    channel: message.channel,
                    template: self.program.template_name(found),
                    why,
                }]
            },
        );
        self.skip(at, step, tried, None);
    }

    /// Whether hours and caps let a message go now.
    fn verdict(&self, message: &Message, between: Option<(Clock, Clock)>) -> Verdict {
        match self.opening(message, between) {
            Ok((at, _)) if at <= self.at => {}
            Ok((at, Some(why))) => return Verdict::Later(at, why),
            Ok((_, None)) | Err(()) => return Verdict::Not(Skip::NeverAllowed),
        }
        if let Some(policy) = self.silenced(message) {
            return Verdict::Not(Skip::QuietHours(policy.into()));
        }
        self.capped(message)
    }

    /// The first instant from now at which the step's hours and every quiet hour that waits leave the message free, and
    /// what held it back first.
    fn opening(
        &self,
        message: &Message,
        between: Option<(Clock, Clock)>,
    ) -> Result<(Instant, Option<Hold>), ()> {
        let (mut at, mut why) = (self.at, None);
        for _ in 0..MOST_MOVES {
            let before = at;
            if let Some((from, to)) = between
                && end_of(&self.zone, at, from, to).is_none()
            {
                at = self.zone.next_clock(at, from);
                why.get_or_insert(Hold::Window);
            }
            for (policy, from, to) in self.quiet(message, Then::Wait) {
                if let Some(end) = end_of(&self.zone, at, from, to) {
                    at = end;
                    why.get_or_insert_with(|| Hold::QuietHours(policy.into()));
                }
            }
            if at == NEVER {
                return Err(());
            }
            if at == before {
                return Ok((at, why));
            }
        }
        Err(())
    }

    /// The policy whose quiet hours silence a message now.
    fn silenced(&self, message: &Message) -> Option<&str> {
        let mut rules = self.quiet(message, Then::Skip);
        rules
            .find(|(_, from, to)| end_of(&self.zone, self.at, *from, *to).is_some())
            .map(|(policy, ..)| policy)
    }

    fn quiet(&self, message: &Message, then: Then) -> impl Iterator<Item = (&str, Clock, Clock)> {
        let channel = message.channel;
        let rules = quiet_rules(self.program, message.purpose, channel);
        rules
            .filter(move |rule| {
                let mut consents = rule.unless.iter();
                rule.then == then && !consents.any(|it| self.agreed(*it, channel))
            })
            .map(|rule| (rule.policy, rule.from, rule.to))
    }

    fn agreed(&self, consent: ConsentIx, channel: Channel) -> bool {
        self.contact.agreed(self.program, consent, Some(channel))
    }

    /// The consents by which this contact may get a message in quiet hours.
    fn freed_by(&self, message: &Message) -> Vec<Name> {
        let rules = quiet_rules(self.program, message.purpose, message.channel);
        let mut names: Vec<Name> = rules
            .flat_map(|rule| rule.unless)
            .filter(|it| self.agreed(**it, message.channel))
            .map(|it| self.program.consent_name(*it))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether a cap holds a message back. All caps must leave room; the one that leaves it last decides until when.
    fn capped(&self, message: &Message) -> Verdict {
        let mut held: Option<(Instant, Hold)> = None;
        for policy in &self.program.ir().policies {
            for rule in &policy.rules {
                let PolicyRule::Cap {
                    at_most,
                    purpose,
                    per,
                    then,
                } = rule
                else {
                    continue;
                };
                if purpose.is_some_and(|purpose| purpose != message.purpose) {
                    continue;
                }
                let mut counted = self.contact.sent.iter().filter(|(at, of)| {
                    purpose.is_none_or(|purpose| purpose == *of) && self.is_recent(*at, *per)
                });
                let Some(over) = counted.clone().count().checked_sub(*at_most as usize) else {
                    continue;
                };
                // Once this one has left the window there is room again.
                let free = counted.nth(over);
                let free = free.map(|(at, _)| self.scene(None, &[]).leaves_after(*at, *per));
                match (then, free) {
                    (Then::Skip, _) => return Verdict::Not(Skip::Cap(policy.name.as_str().into())),
                    (Then::Wait, None | Some(NEVER)) => return Verdict::Not(Skip::NeverAllowed),
                    (Then::Wait, Some(free)) => {
                        if held.as_ref().is_none_or(|(until, _)| free > *until) {
                            held = Some((free, Hold::Cap(policy.name.as_str().into())));
                        }
                    }
                }
            }
        }
        held.map_or(Verdict::Now, |(until, why)| Verdict::Later(until, why))
    }

    /// Remembers a send for as long as a cap may ask for it, and not much longer.
    fn count_send(&mut self, purpose: Purpose) {
        let Some(longest) = self.program.longest_cap() else {
            return;
        };
        let (sent, now) = (&mut self.contact.sent, self.at);
        sent.retain(|(at, _)| later(*at, longest) > now);
        sent.push((now, purpose));
        keep_newest(sent, LARGEST_CAP as usize);
    }

    /// Whether an instant lies in a window of a span that ends now. Most that are asked about left it long ago, and that
    /// takes no calendar to see.
    fn is_recent(&self, at: Instant, span: Span) -> bool {
        self.at < later(at, span.at_most())
            && self.scene(None, &[]).leaves_after(at, span) > self.at
    }

    /// The language in which this person reads a message: their own where it is translated, else the project's.
    pub(crate) fn language_for<'m>(&self, message: &'m Message) -> &'m str
    where
        'a: 'm,
    {
        let own = self.program.language_attribute();
        let own = own.and_then(|at| self.scene(None, &[]).attribute(at));
        render::language(self.program, message, own.as_deref())
    }

    /// The values of all holes of a message, or the name of one that is missing and has no words for that case.
    fn fill(
        &self,
        message: &Message,
        link: &MessageLink,
        language: &str,
        args: &[(&str, Resolved)],
    ) -> Result<Vec<(Name, Value)>, Name> {
        let mut values: Vec<(Name, Value)> = Vec::new();
        let (subject, body) = message.words(language);
        for piece in subject.iter().chain(body) {
            let Piece::Hole { hole, filters } = piece else {
                continue;
            };
            // The link to unsubscribe has no value: whoever carries the message puts it in.
            let Some(name) = link.hole(hole) else {
                continue;
            };
            if values.iter().any(|(known, _)| known == name) {
                continue;
            }
            match self.hole(message, hole, args) {
                // Where nothing is written out it is enough to know that there is a value.
                Some(_) if self.out.dry => {}
                Some(value) => values.push((Arc::clone(name), value.into_owned())),
                None if filters.iter().any(|filter| matches!(filter, Filter::Or(_))) => {}
                None => return Err(Arc::clone(name)),
            }
        }
        Ok(values)
    }

    pub(crate) fn hole<'v>(
        &'v self,
        message: &Message,
        hole: &Hole,
        args: &'v [(&str, Resolved)],
    ) -> Option<Cow<'v, Value>> {
        let need = |at: u32| {
            let need = message.needs.get(at as usize)?;
            args.iter()
                .find(|(name, _)| *name == need.name)
                .map(|(_, value)| value)
        };
        let value = match hole {
            Hole::Attribute(at) => self.scene(None, &[]).attribute(*at)?,
            Hole::Score(at) => Cow::Owned(self.scene(None, &[]).score(*at)?),
            Hole::UnsubscribeLink => return None,
            Hole::Need(at) => match need(*at)? {
                Resolved::Value(value) => Cow::Borrowed(value),
                Resolved::Offer(offer, issued) => Cow::Owned(self.code_to_read(*offer, issued)),
            },
            Hole::OfferPart(at, part) => {
                let Resolved::Offer(offer, issued) = need(*at)? else {
                    return None;
                };
                let ir = self.program.ir().offer(*offer)?;
                Cow::Owned(match part {
                    OfferPart::Title => {
                        Value::Text(ir.title.clone().unwrap_or_else(|| ir.name.clone()))
                    }
                    OfferPart::Code => self.code_to_read(*offer, issued),
                    OfferPart::Expires if issued.expires == NEVER => return None,
                    OfferPart::Expires => Value::Moment(issued.expires),
                })
            }
        };
        // A blank is no value: nobody is greeted as " ".
        match &*value {
            Value::Text(text) if is_blank(text) => None,
            Value::List(of) if of.is_empty() => None,
            _ => Some(value),
        }
    }

    /// The code of an offer in a message. Where nobody is to read that, there is only one.
    fn code_to_read(&self, offer: OfferIx, issued: &Issued) -> Value {
        Value::Text(if self.out.dry {
            "0".to_owned()
        } else {
            self.code(offer, issued)
        })
    }
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// The first message that this person can receive; or why each cannot be received.
fn choose<'a>(
    program: &'a Program,
    contact: &Contact,
    candidates: &[MessageIx],
) -> Result<(MessageIx, &'a Message), Vec<Tried>> {
    let mut tried = Vec::new();
    for at in candidates {
        let Some(message) = program.ir().message(*at) else {
            continue;
        };
        match contact.reachable(program, message) {
            Ok(_) => return Ok((*at, message)),
            Err(why) => tried.push(Tried {
                channel: message.channel,
                template: program.template_name(*at),
                why,
            }),
        }
    }
    Err(tried)
}

/// The name under which the value of a hole travels with a send: `contact.name`, `cart`, `coupon.code`. `None` for the
/// link to unsubscribe, and for what the program does not have.
#[must_use]
pub fn hole_name(program: &Program, message: &Message, hole: &Hole) -> Option<String> {
    name_of_hole(program.ir(), message, hole)
}

/// The same, while a program is being linked.
pub(crate) fn name_of_hole(ir: &ir::Program, message: &Message, hole: &Hole) -> Option<String> {
    let need = |at: u32| {
        message
            .needs
            .get(at as usize)
            .map(|need| need.name.as_str())
    };
    match hole {
        Hole::Attribute(at) => ir.attribute(*at).map(|it| format!("contact.{}", it.name)),
        Hole::Score(at) => ir.score(*at).map(|it| format!("contact.{}", it.name)),
        Hole::Need(at) => need(*at).map(str::to_owned),
        Hole::OfferPart(at, part) => need(*at).map(|name| {
            let part = match part {
                OfferPart::Title => "title",
                OfferPart::Code => "code",
                OfferPart::Expires => "expires",
            };
            format!("{name}.{part}")
        }),
        Hole::UnsubscribeLink => None,
    }
}

/// Until when a decided message must not leave because of quiet hours; `None` where it may leave at `now`.
///
/// A decision is made at a free time, but a backlog or a provider that was down can bring its sending into the night.
/// Whatever carries messages asks here just before each call.
#[must_use]
pub fn quiet_until(program: &Program, send: &Send, now: Instant) -> Option<Instant> {
    let zone = program.zone_named(&send.timezone);
    let is_freed = |rule: &Quiet<'_>| {
        let mut consents = rule.unless.iter().map(|it| program.consent_name(*it));
        consents.any(|name| send.freed_by.iter().any(|it| **it == *name))
    };
    quiet_rules(program, send.purpose, send.channel)
        .filter(|rule| !is_freed(rule))
        .filter_map(|rule| end_of(&zone, now, rule.from, rule.to))
        .max()
}

/// Quiet hours of a policy.
struct Quiet<'a> {
    policy: &'a str,
    from: Clock,
    to: Clock,
    /// Consents that free whoever gave one of them by the message's channel.
    unless: &'a [ConsentIx],
    /// What happens in them.
    then: Then,
}

/// The quiet hours that concern a purpose on a channel.
fn quiet_rules(
    program: &Program,
    purpose: Purpose,
    channel: Channel,
) -> impl Iterator<Item = Quiet<'_>> {
    program.ir().policies.iter().flat_map(move |policy| {
        policy.rules.iter().filter_map(move |rule| match rule {
            PolicyRule::Quiet {
                purpose: of,
                from,
                to,
                except,
                unless,
                then,
            } => {
                (of.is_none_or(|of| of == purpose) && !except.contains(&channel)).then_some(Quiet {
                    policy: policy.name.as_str(),
                    from: *from,
                    to: *to,
                    unless,
                    then: *then,
                })
            }
            PolicyRule::Cap { .. } | PolicyRule::HoldOut { .. } => None,
        })
    })
}

/// The end of a daily stretch of clock time, [from, to), that an instant lies in: the first instant at which the clock
/// shows another time. A stretch that ends at or before its beginning ends on the next day.
pub(crate) fn end_of(zone: &Zone, at: Instant, from: Clock, to: Clock) -> Option<Instant> {
    let (from, to) = (of_day(from), of_day(to));
    let inside = |clock: i64| {
        if from < to {
            (from..to).contains(&clock)
        } else {
            clock >= from || clock < to
        }
    };
    let mut since = at;
    for _ in 0..MOST_CHANGES {
        let (_, clock) = zone.local(since);
        if !inside(clock) {
            break;
        }
        let left = match (to - clock).rem_euclid(DAY) {
            0 => DAY,
            left => left,
        };
        let end = later(since, left);
        // Where the clocks change before that, what they show from then on decides.
        match zone.change_between(since, end) {
            Some(change) => since = change,
            None => return Some(end),
        }
    }
    (since > at).then_some(since)
}
