//! Doubles of what the daemon talks to: an outbox in memory, a mail server and a web server that follow a script.

pub(crate) mod http;
pub(crate) mod outbox;
pub(crate) mod smtp;

use std::sync::Arc;

use journey_engine::{Call, Effect, EffectKey, Intent, RunId, Send, Task};
use journey_ir::time::Instant;
use journey_ir::{Channel, Purpose, Value};
use journeyd::deliver::Claimed;

/// 2026-03-02 14:00 in Seoul.
pub(crate) const NOON: Instant = 1_772_427_600_000;

/// An effect decided at [`NOON`].
pub(crate) fn effect(number: u8, what: Intent) -> Effect {
    Effect {
        key: EffectKey([number; 32]),
        at: NOON,
        run: RunId(1),
        journey: Arc::from("cart_rescue"),
        step: Arc::from("send email cart_reminder"),
        what,
    }
}

/// The effect of a mail to 민지.
pub(crate) fn mail(number: u8, purpose: Purpose) -> Effect {
    effect(number, Intent::Send(message(Channel::Email, purpose)))
}

/// A message to 민지.
pub(crate) fn message(channel: Channel, purpose: Purpose) -> Send {
    Send {
        channel,
        template: "cart_reminder".into(),
        purpose,
        sender: None,
        to: "minji@example.com".to_owned(),
        values: Vec::new(),
        timezone: "Asia/Seoul".into(),
        freed_by: Vec::new(),
        not_after: None,
        language: "ko".into(),
        instead_of: None,
    }
}

/// A call with text arguments.
pub(crate) fn call(number: u8, connector: &str, action: &str, args: &[(&str, &str)]) -> Effect {
    let text =
        |(name, value): &(&str, &str)| ((*name).to_owned(), Value::Text((*value).to_owned()));
    effect(
        number,
        Intent::Call(Call {
            connector: connector.to_owned(),
            action: action.to_owned(),
            args: args.iter().map(text).collect(),
            contact: Vec::new(),
        }),
    )
}

/// A task for a team.
pub(crate) fn task(number: u8, to: &str) -> Effect {
    effect(
        number,
        Intent::Task(Task {
            to: to.to_owned(),
            title: "새 문의에 전화하기".to_owned(),
            due_at: Some(NOON + 3_600_000),
            contact: Vec::new(),
            args: Vec::new(),
        }),
    )
}

/// The effect as a worker holds it the first time.
pub(crate) fn claimed(effect: Effect) -> Claimed {
    Claimed {
        contact: "c1".to_owned(),
        effect,
        attempts: 0,
        interrupted: false,
        whenever: false,
    }
}
