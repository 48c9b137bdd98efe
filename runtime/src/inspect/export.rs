//! Everything that is known about one person, as data they can be given: what is known now, the whole history, every
//! message as it was written, and what of theirs was rejected.

use journey_arrivals::ANONYMOUS;
use journey_engine::render::{self, Part};
use journey_engine::{Intent, Program};
use journey_ir::Instant;
use serde::Serialize;
use serde_json::Value;

use super::contact::{self, ContactReport};
use crate::process::{OpenError, effect_of};
use crate::store::{Error, KeptRejected, Read};

/// How many rows are read per question.
const ROWS: usize = 1_000;

/// Everything about one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Export {
    /// What is known, and the whole history.
    pub contact: ContactReport,
    /// Messages, the oldest first.
    pub messages: Vec<Written>,
    /// Items that named this person and were not accepted, the newest first, as they were sent.
    pub rejected: Vec<NotAccepted>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// When it was decided, in milliseconds since 1970 UTC.
    pub at: Instant,
    /// By which channel.
    pub channel: &'static str,
    /// To which address.
    pub to: String,
    /// From which template.
    pub template: String,
    /// What became of it.
    pub status: &'static str,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// One item that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotAccepted {
    /// When it arrived, in milliseconds since 1970 UTC.
    pub at: Instant,
    /// Why.
    pub reason: String,
    /// The item, as it was sent.
    pub item: String,
}

/// Reads everything about a person; `None` where nobody has that id.
pub fn export(
    store: &mut impl Read,
    program: &Program,
    id: &str,
) -> Result<Option<Export>, OpenError> {
    let Some(contact) = contact::contact(store, program, id, usize::MAX)? else {
        return Ok(None);
    };
    let messages = messages(store, program, &contact.id)?;
    let rejected = rejected(store, &[id, &contact.id])?
        .into_iter()
        .map(|it| NotAccepted {
            at: it.rejected.at,
            reason: it.rejected.detail,
            item: it.rejected.payload,
        })
        .collect();
    Ok(Some(Export {
        contact,
        messages,
        rejected,
    }))
}

fn messages(store: &mut impl Read, program: &Program, name: &str) -> Result<Vec<Written>, Error> {
    let number = store.find(&[name])?.into_iter().flatten().next();
    let mut messages = Vec::new();
    let mut after = 0;
    loop {
        let kept = store.effects(after, None, number, ROWS)?;
        let Some(last) = kept.last().filter(|_| number.is_some()) else {
            return Ok(messages);
        };
        after = last.number;
        for one in kept {
            let Some(Intent::Send(send)) = effect_of(&one.effect.body).map(|it| it.what) else {
                continue;
            };
            let rendered = render::message(program, &send, "").ok();
            let body = rendered.as_ref().map(|it| {
                let parts = it.body.iter().map(Part::words);
                parts.collect::<String>()
            });
            messages.push(Written {
                at: one.effect.decided_at,
                channel: send.channel.word(),
                status: one.effect.status.word(),
                subject: rendered.map(|it| it.subject).unwrap_or_default(),
                body: body.unwrap_or_default(),
                to: send.to,
                template: send.template.to_string(),
            });
        }
    }
}

/// The rejected items that name one of these, the newest first.
pub(super) fn rejected(store: &mut impl Read, names: &[&str]) -> Result<Vec<KeptRejected>, Error> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let kept = store.rejected(before, ROWS)?;
        let Some(last) = kept.last() else {
            return Ok(found);
        };
        before = Some(last.number);
        found.extend(kept.into_iter().filter(|it| is_theirs(it, names)));
    }
}

/// Whether an item names one of these. One that was cut, or is no JSON, belongs to whom it mentions.
fn is_theirs(kept: &KeptRejected, names: &[&str]) -> bool {
    let payload = &kept.rejected.payload;
    let plain = |name: &&str| name.strip_prefix(ANONYMOUS).unwrap_or(name).to_owned();
    let mut names = names.iter().map(plain);
    match serde_json::from_str::<Value>(payload) {
        Ok(item) => names.any(|name| {
            ["userId", "anonymousId", "previousId"]
                .iter()
                .filter_map(|field| item.get(field))
                .any(|id| match id {
                    Value::String(id) => *id == name,
                    Value::Number(id) => id.to_string() == name,
                    _ => false,
                })
        }),
        Err(_) => names.any(|name| !name.is_empty() && payload.contains(&name)),
    }
}
