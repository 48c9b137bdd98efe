//! The outbox, effect by effect: what needs somebody's eyes, and the one that a line of the log is about.

use journey_engine::{EffectKey, Intent};
use journey_ir::Instant;
use serde::Serialize;

use crate::process::effect_of;
use crate::store::outbox::Kept;
use crate::store::{Error, Read, Status};

/// How many effects are read at a time.
const AT_ONCE: usize = 1_000;

/// Which effects are looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those of these statuses; of all where none is named.
    pub statuses: Vec<Status>,
    /// Those whose key begins so, in hexadecimal digits.
    pub key: String,
    /// At most so many, the newest.
    pub most: usize,
}

/// One effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutboxLine {
    /// Its key, in hexadecimal digits.
    pub key: String,
    /// When it was decided.
    pub at: Instant,
    /// Whom it concerns.
    pub contact: String,
    /// The journey that decided it.
    pub journey: String,
    /// What it is.
    pub what: String,
    /// What has become of it.
    pub status: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, where it waits for that.
    pub due: Option<Instant>,
    /// What its receiver said.
    pub outcome: Option<String>,
}

/// The newest effects that are wanted, the newest first.
pub fn outbox(store: &mut impl Read, wanted: &Wanted) -> Result<Vec<OutboxLine>, Error> {
    let statuses: Vec<Option<Status>> = if wanted.statuses.is_empty() {
        vec![None]
    } else {
        wanted.statuses.iter().copied().map(Some).collect()
    };
    let mut found = Vec::new();
    for status in statuses {
        let mut after = 0;
        loop {
            let some = store.effects(after, status, None, AT_ONCE)?;
            let Some(last) = some.last() else { break };
            after = last.number;
            let some = some.into_iter().map(|kept| (kept.number, line(kept)));
            found.extend(some.filter(|(_, line)| line.key.starts_with(&wanted.key)));
            // The newest come last.
            let too_many = found.len().saturating_sub(wanted.most);
            if too_many > AT_ONCE {
                found.sort_unstable_by_key(|(number, _)| *number);
                found.drain(..too_many);
            }
        }
    }
    found.sort_unstable_by_key(|(number, _)| -number);
    found.truncate(wanted.most);
    Ok(found.into_iter().map(|(_, line)| line).collect())
}

fn line(kept: Kept) -> OutboxLine {
    let effect = kept.effect;
    OutboxLine {
        key: EffectKey(effect.key).to_string(),
        at: effect.decided_at,
        contact: kept.contact_name,
        what: what(&effect.body),
        journey: effect.journey,
        status: effect.status.word(),
        attempts: kept.attempts,
        due: (effect.status == Status::Pending).then_some(kept.due),
        outcome: kept.outcome.filter(|outcome| !outcome.is_empty()),
    }
}

/// What an effect is, in a few words.
pub(super) fn what(body: &[u8]) -> String {
    match effect_of(body).map(|effect| effect.what) {
        Some(Intent::Send(send)) => format!("{} {}", send.channel, send.template),
        Some(Intent::Call(call)) => format!("{}.{}", call.connector, call.action),
        Some(Intent::Task(task)) => format!("task for {}: {}", task.to, task.title),
        Some(Intent::Enlist(enlist)) => {
            let verb = if enlist.add { "add to" } else { "remove from" };
            format!("{verb} {} at {}", enlist.audience, enlist.network)
        }
        None => "erased".to_owned(),
    }
}
