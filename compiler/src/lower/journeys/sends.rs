//! Send steps: the messages, their arguments, the hours.

use std::collections::BTreeSet;

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::journey::Expression;

use super::error::JourneyError;
use super::flow::Tails;
use crate::check::presence;
use crate::known::Known;
use crate::lower::Lowering;
use crate::lower::offers::OfferError;
use crate::lower::parameters::Bound;
use crate::lower::schema::{CONSENT, CONTACT};
use crate::lower::scope::Scope;
use crate::names::Kind;
use crate::problem::{Location, Problems};
use crate::sources::FileId;
use crate::templates::MissingTemplate;
use crate::values;

impl Lowering<'_> {
    /// Lowers the messages of all templates. What is wrong with them is said by [`Self::check_messages`].
    pub(in crate::lower) fn messages(&mut self) {
        let (manifest, templates) = (self.manifest, self.templates);
        let is_read = self.names.contact().is_some() || !self.problems.has_errors();
        self.all_attributes = is_read && !self.incomplete.contains(CONTACT);
        let known = self.as_far_as_known(None);
        let messages = templates.messages(manifest, known, &mut Problems::default());
        let mut said = Problems::default();
        manifest.check_references(known, &mut said);
        let addresses = manifest.addresses(known, &mut said);
        self.problems.extend(said);
        self.program.messages = messages;
        self.program.project.addresses = addresses;
    }

    /// Reports what is wrong with the templates, knowing who is sent what.
    pub(in crate::lower) fn check_messages(&mut self) {
        // Who comes to a send is known only where all that leads there could be read.
        let is_read = self.gaps.is_empty();
        let certain = is_read.then(|| presence::certain(&self.program));
        let known = self.as_far_as_known(certain.as_ref());
        let mut said = Problems::default();
        self.templates.messages(self.manifest, known, &mut said);
        self.problems.extend(said);
    }

    fn as_far_as_known<'k>(
        &'k self,
        certain: Option<&'k BTreeSet<(ir::MessageIx, ir::AttributeIx)>>,
    ) -> Known<'k> {
        Known {
            schema: &self.program.schema,
            scores: &self.program.scores,
            all_attributes: self.all_attributes,
            all_consents: !self.incomplete.contains(CONSENT),
            certain,
        }
    }

    pub(super) fn send(&mut self, file: FileId, send: &syntax::Send, tails: Tails) -> Tails {
        let mut candidates = Vec::new();
        for message in &send.messages {
            candidates.push(self.message(file, message));
        }
        let known: Vec<ir::MessageIx> = candidates.iter().flatten().copied().collect();
        if known.len() < send.messages.len() {
            self.gap(file, send.span);
        }
        let args = self.message_arguments(file, send, &known);
        let between = send.between.as_ref().map(|range| {
            let (from, to) = (values::clock(range.from), values::clock(range.to));
            if from == to {
                let at = Location::new(file, range.span);
                self.problems.push(JourneyError::NoHours.at(at));
            }
            (from, to)
        });
        let within = send.within.and_then(|within| self.wait_span(within, file));
        if within.is_none() && send.within.is_some() {
            self.gap(file, send.span);
        }
        let Some(first) = send.messages.first() else {
            return tails;
        };
        let words = format!("send {} {}", first.channel.value.word(), first.template);
        let kind = ir::StepKind::Send {
            candidates: known,
            args,
            between,
            within,
            next: None,
        };
        self.simple(file, send.label.as_ref(), &words, kind, &tails)
    }

    /// The message of a channel and a template, which may be a parameter.
    fn message(&mut self, file: FileId, message: &syntax::Message) -> Option<ir::MessageIx> {
        if message.template.is_missing() {
            return None;
        }
        let channel = channel(message.channel.value);
        let written = message.template.to_string();
        let name = match self.parameter(&written) {
            Some(Bound::Template(name)) => name.clone(),
            Some(Bound::Unknown) => return None,
            Some(Bound::Span(_) | Bound::Offer(_) | Bound::Value { .. }) | None => written,
        };
        self.template(channel, &name, Location::new(file, message.template.span))
    }

    /// The message of a template, or a problem.
    pub(in crate::lower) fn template(
        &mut self,
        channel: ir::Channel,
        name: &str,
        at: Location,
    ) -> Option<ir::MessageIx> {
        if let Some((message, _)) = self.templates.find(channel, name) {
            self.used.message(message);
            return Some(message);
        }
        let missing = self.templates.missing(channel, name);
        self.problems.push(MissingTemplate { at, missing });
        None
    }

    /// The name of a template, where a field that holds one is compared.
    pub(in crate::lower) fn template_name(
        &mut self,
        value: &syntax::Value,
        channel: ir::Channel,
        file: FileId,
    ) -> Option<ir::Value> {
        let name = match &value.kind {
            syntax::ValueKind::Path(path) => path.to_string(),
            syntax::ValueKind::Text(text) => text.text.clone(),
            other => {
                let error = values::wrong_type(&ir::Type::Text, other);
                self.problems
                    .push(error.at(Location::new(file, value.span)));
                return None;
            }
        };
        self.template(channel, &name, Location::new(file, value.span))?;
        Some(ir::Value::Text(name))
    }

    /// The arguments of a send. Each is one that some candidate needs, and all that any candidate needs are there.
    fn message_arguments(
        &mut self,
        file: FileId,
        send: &syntax::Send,
        candidates: &[ir::MessageIx],
    ) -> Vec<ir::journey::Argument> {
        let needs = self.needs_of(candidates);
        let complete = candidates.len() == send.messages.len()
            && !candidates.iter().any(|it| self.templates.is_unclear(*it));
        let mut arguments: Vec<ir::journey::Argument> = Vec::new();
        self.check_twice(file, &send.arguments);
        for written in &send.arguments {
            let name = &written.name.text;
            let needed = needs.iter().find(|(need, _)| need.name == *name);
            let Some((need, _)) = needed else {
                // Where a template is missing, its needs are not known.
                if complete && !written.name.is_missing() {
                    let of = template_list(send);
                    let known = needs.iter().map(|(need, _)| need.name.as_str());
                    let span = written.name.span;
                    self.unknown_in(Kind::Argument, name, &of, known, file, span);
                }
                continue;
            };
            let value = self.expression(&written.value, &need.kind, Scope::run(file));
            if value.is_none() {
                self.gap(file, written.span);
            }
            if let Some(Expression::Offer(offer)) = value.as_ref().map(|it| &it.expression) {
                let at = Location::new(file, written.value.span);
                self.check_expiry(candidates, name, *offer, at);
            }
            arguments.extend(value.map(|value| ir::journey::Argument {
                name: name.clone(),
                value: value.expression,
            }));
        }
        // An argument that nothing needs is probably the missing one under another name.
        let strange =
            |it: &syntax::Argument| needs.iter().all(|(need, _)| need.name != it.name.text);
        let misnamed = send.arguments.iter().any(strange);
        for (need, template) in needs.iter().filter(|_| !misnamed) {
            let written = &send.arguments;
            if written.iter().all(|it| it.name.text != need.name) {
                let error = JourneyError::missing_argument(&need.name, &need.kind, template);
                self.problems.push(error.at(Location::new(file, send.span)));
            }
        }
        arguments
    }

    /// A message that tells when an offer expires would never be sent with an offer that does not.
    fn check_expiry(
        &mut self,
        candidates: &[ir::MessageIx],
        need: &str,
        offer: ir::OfferIx,
        at: Location,
    ) {
        let Some(offer) = self.program.offers.get(offer.at()) else {
            return;
        };
        let mut messages = candidates
            .iter()
            .filter_map(|it| self.program.messages.get(it.at()));
        if offer.valid.is_none() && messages.any(|it| tells_expiry(it, need)) {
            self.problems
                .push(OfferError::never_expires(&offer.name).at(at));
        }
    }

    /// What these messages need, each with the template that needs it first.
    fn needs_of(&self, candidates: &[ir::MessageIx]) -> Vec<(ir::message::Need, String)> {
        let mut needs: Vec<(ir::message::Need, String)> = Vec::new();
        for candidate in candidates {
            let Some(message) = self.program.messages.get(candidate.at()) else {
                continue;
            };
            for need in &message.needs {
                if needs.iter().all(|(known, _)| known.name != need.name) {
                    needs.push((need.clone(), message.template.clone()));
                }
            }
        }
        needs
    }
}

/// Whether a message cannot be written without the day on which an offer expires.
fn tells_expiry(message: &ir::Message, need: &str) -> bool {
    let Some(at) = message.needs.iter().position(|it| it.name == need) else {
        return false;
    };
    let mut pieces = message.subject.iter().chain(&message.body);
    pieces.any(|piece| match piece {
        ir::Piece::Hole {
            hole: ir::Hole::OfferPart(of, ir::message::OfferPart::Expires),
            filters,
        } => *of as usize == at && !filters.iter().any(|it| matches!(it, ir::Filter::Or(_))),
        ir::Piece::Hole { .. } | ir::Piece::Text(_) => false,
    })
}

/// The channel of a word of the syntax.
pub(in crate::lower) const fn channel(channel: syntax::Channel) -> ir::Channel {
    match channel {
        syntax::Channel::Email => ir::Channel::Email,
        syntax::Channel::Sms => ir::Channel::Sms,
        syntax::Channel::Kakao => ir::Channel::Kakao,
        syntax::Channel::Push => ir::Channel::Push,
        syntax::Channel::Webhook => ir::Channel::Webhook,
        syntax::Channel::InApp => ir::Channel::Inapp,
    }
}

fn template_list(send: &syntax::Send) -> String {
    let mut names: Vec<String> = send
        .messages
        .iter()
        .map(|it| it.template.to_string())
        .collect();
    names.dedup();
    names.join("`, `")
}
