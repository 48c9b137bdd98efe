//! `ask kakao ask_budget for budget up to 1 day { … }`: a message, and a wait for the reply to it.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::journey::Unclear;

use super::error::JourneyError;
use super::flow::{Tails, after, arm};
use super::step_error::StepError;
use crate::builtin;
use crate::lower::Lowering;
use crate::lower::schema::CONTACT;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;

/// What a question waits for.
struct Awaited {
    reply: ir::EventIx,
    attribute: ir::AttributeIx,
    limit: ir::Span,
}

impl Lowering<'_> {
    pub(super) fn ask(&mut self, file: FileId, ask: &syntax::Ask, tails: Tails) -> Tails {
        let awaited = self.awaited(file, ask);
        let Some(message) = &ask.message else {
            return self.arms_of(file, ask.arms.iter().map(|arm| &arm.steps), tails);
        };
        let send = syntax::Send {
            messages: vec![message.clone()],
            first_available: false,
            arguments: ask.arguments.clone(),
            within: None,
            between: None,
            label: None,
            span: ask.span,
        };
        let tails = self.send(file, &send, tails);
        self.check_ask_arms(file, ask);
        let Some(awaited) = awaited else {
            self.gap(file, ask.span);
            return self.arms_of(file, ask.arms.iter().map(|arm| &arm.steps), tails);
        };
        let words = format!("ask {} {}", message.channel.value.word(), message.template);
        let id = self.step_id(file, ask.label.as_ref(), &words);
        let unclear = ask.arms.iter().any(|arm| is(arm, syntax::Reply::Unclear));
        let kind = ir::StepKind::Ask {
            reply: awaited.reply,
            attribute: awaited.attribute,
            limit: awaited.limit,
            settle: self.flow.settle.max(self.lateness(awaited.reply)),
            answer: None,
            unclear: if unclear {
                Unclear::Take(None)
            } else {
                Unclear::Wait
            },
            timeout: None,
        };
        let at = self.flow.push(id, kind, &tails);
        let around = self.flow.fork();
        let mut out = Tails::new();
        let mut left = vec![syntax::Reply::Answer, syntax::Reply::Timeout];
        for written in &ask.arms {
            let on = written.on.as_ref().map(|on| on.value);
            let (from, known, word) = match on {
                Some(syntax::Reply::Answer) => (arm(at, 0), Some(awaited.reply), "answer"),
                Some(syntax::Reply::Unclear) => (arm(at, 1), Some(awaited.reply), "unclear"),
                Some(syntax::Reply::Timeout) => (after(at), None, "timeout"),
                None => continue,
            };
            left.retain(|it| Some(*it) != on);
            let anchor = format!("{words} (on {word})");
            out.extend(self.arm(file, &written.steps, anchor, known, from));
        }
        self.flow.join(around, !left.is_empty());
        for reply in left {
            out.extend(match reply {
                syntax::Reply::Answer => arm(at, 0),
                _ => after(at),
            });
        }
        self.flow.anchor = words;
        out
    }

    fn awaited(&mut self, file: FileId, ask: &syntax::Ask) -> Option<Awaited> {
        let reply = ask.message.as_ref().and_then(|it| self.reply_by(file, it));
        let attribute = ask
            .attribute
            .as_ref()
            .and_then(|path| self.asked_attribute(file, path));
        let limit = ask.limit.and_then(|limit| self.wait_span(limit, file));
        Some(Awaited {
            reply: reply?,
            attribute: attribute?,
            limit: limit?,
        })
    }

    /// The event of a reply by the channel of a message.
    fn reply_by(&mut self, file: FileId, message: &syntax::Message) -> Option<ir::EventIx> {
        let channel = message.channel.value.word();
        let found = self.event_ix(&builtin::reply_by(channel));
        if found.is_none() {
            let at = Location::new(file, message.channel.span);
            let channel = channel.to_owned();
            self.problems.push(StepError::NoReplies { channel }.at(at));
        }
        found
    }

    fn asked_attribute(&mut self, file: FileId, path: &syntax::Path) -> Option<ir::AttributeIx> {
        let name = path.to_string();
        let at = Location::new(file, path.span);
        let Some(attribute) = self.attribute(&name) else {
            if !path.is_missing() && !self.incomplete.contains(CONTACT) {
                let error = self.names.explain(Kind::Attribute, &name);
                self.problems.push(error.at(at));
            }
            return None;
        };
        let unreadable = matches!(
            attribute.kind,
            ir::Type::YearsSince(_) | ir::Type::ListOf(_)
        );
        if unreadable {
            self.problems.push(StepError::NotAsked { name }.at(at));
            return None;
        }
        match attribute.source {
            ir::Source::Attribute(at) => Some(at),
            _ => None,
        }
    }

    /// Reports arms that stand twice, and a question without an end.
    fn check_ask_arms(&mut self, file: FileId, ask: &syntax::Ask) {
        let mut seen: Vec<syntax::Spanned<syntax::Reply>> = Vec::new();
        for on in ask.arms.iter().filter_map(|arm| arm.on) {
            let word = match on.value {
                syntax::Reply::Answer => "on answer",
                syntax::Reply::Unclear => "on unclear",
                syntax::Reply::Timeout => "on timeout",
            };
            match seen.iter().find(|it| it.value == on.value) {
                Some(first) => self.repeated(file, on.span, first.span, word),
                None => seen.push(on),
            }
        }
        let ends = ask
            .arms
            .iter()
            .any(|arm| arm.on.is_none() || is(arm, syntax::Reply::Timeout));
        if !ends && ask.unknown.is_empty() {
            let first = ask.arms.first().map_or(ask.span.end, |arm| arm.span.start);
            let head = syntax::Span::new(ask.span.start, first.max(ask.span.start));
            let at = Location::new(file, head);
            self.problems.push(JourneyError::NoTimeout.at(at));
        }
    }
}

fn is(arm: &syntax::AskArm, reply: syntax::Reply) -> bool {
    arm.on.is_some_and(|on| on.value == reply)
}
