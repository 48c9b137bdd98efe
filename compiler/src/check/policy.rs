//! Tests that expect what a policy forbids.
//!
//! Comes in: the tests and the policies. Goes out: expectations of a message at a time at which quiet hours hold it
//! back, and of more messages than a cap lets through. What depends on more than the test says is left out: people who
//! move to another time zone, and those whom a consent frees from the quiet hours.

use std::collections::{BTreeMap, HashMap};

use journey_ir as ir;
use journey_ir::time::{HOUR, MINUTE};
use journey_ir::{Instant, PolicyRule, Type, Value};

use super::error::LogicError;
use super::paths::{concerns, is_silenced};
use super::span::Length;
use crate::problem::{Location, Problems};
use crate::testing::Script;
use crate::testing::script::{Act, Expectation, LineKind, PersonIx};

/// All messages by channel and template.
type Messages<'p> = HashMap<(ir::Channel, &'p str), &'p ir::Message>;

/// A message that a test expects at a minute.
struct Expected<'p> {
    message: &'p ir::Message,
    to: PersonIx,
    at: Instant,
    line: Location,
}

/// Warns of such expectations.
pub(crate) fn check(program: &ir::Program, tests: &[Script], problems: &mut Problems) {
    if program.policies.is_empty() {
        return;
    }
    let messages = program.messages.iter();
    let messages: Messages<'_> = messages
        .map(|it| ((it.channel, it.template.as_str()), it))
        .collect();
    for test in tests {
        let expected = expected(&messages, test);
        for one in &expected {
            if let Some(policy) = silencing(program, test, one) {
                problems.push(LogicError::AgainstPolicy { policy }.at(one.line));
            } else if let Some(error) = capping(program, &expected, one) {
                problems.push(error.at(one.line));
            }
        }
    }
}

/// The messages that a test expects at a time, each once.
fn expected<'p>(messages: &Messages<'p>, test: &Script) -> Vec<Expected<'p>> {
    let mut all: BTreeMap<(usize, Instant, &str, ir::Channel), Expected<'p>> = BTreeMap::new();
    for line in &test.lines {
        let LineKind::Expects(Expectation::Message {
            channel,
            template,
            to,
            at: Some(at),
            ..
        }) = &line.kind
        else {
            continue;
        };
        if let Some(message) = messages.get(&(*channel, template.as_str())) {
            all.entry((to.0, *at, &message.template, *channel))
                .or_insert(Expected {
                    message,
                    to: *to,
                    at: *at,
                    line: line.at,
                });
        }
    }
    all.into_values().collect()
}

/// The policy whose quiet hours silence a message at the minute at which it is expected.
fn silencing(program: &ir::Program, test: &Script, one: &Expected<'_>) -> Option<String> {
    let clock = clock(one.at, &zone_of(program, test, one.to)?)?;
    let silences = |rule: &PolicyRule| match rule {
        PolicyRule::Quiet {
            purpose,
            from,
            to,
            except,
            unless,
            ..
        } => {
            let quiet = if from.0 < to.0 {
                (from.0..to.0).contains(&clock)
            } else {
                clock >= from.0 || clock < to.0
            };
            let message = one.message;
            quiet
                && is_silenced(except, message.channel)
                && concerns(*purpose, message.purpose)
                && !unless.iter().any(|it| agrees(test, one.to, *it))
        }
        PolicyRule::Cap { .. } | PolicyRule::HoldOut { .. } => false,
    };
    let mut policies = program.policies.iter();
    let policy = policies.find(|policy| policy.rules.iter().any(silences))?;
    Some(policy.name.clone())
}

/// The cap that lets a message through no more, because so many others are expected shortly before it.
fn capping(
    program: &ir::Program,
    expected: &[Expected<'_>],
    one: &Expected<'_>,
) -> Option<LogicError> {
    program.policies.iter().find_map(|policy| {
        policy.rules.iter().find_map(|rule| {
            let PolicyRule::Cap {
                at_most,
                purpose,
                per,
                ..
            } = rule
            else {
                return None;
            };
            // Both may be sent within their minutes, and a day may have an hour less.
            let slack = if per.exact().is_some() {
                MINUTE
            } else {
                MINUTE + HOUR
            };
            let window = Length::of(*per).least - slack;
            let counts = |it: &&Expected<'_>| {
                it.to == one.to
                    && concerns(*purpose, it.message.purpose)
                    && (0..window).contains(&(one.at - it.at))
            };
            let at_once = |it: &&Expected<'_>| it.at == one.at && it.line > one.line;
            let before = expected.iter().filter(counts).filter(|it| !at_once(it));
            let over =
                concerns(*purpose, one.message.purpose) && before.count() > *at_most as usize;
            over.then(|| LogicError::AgainstCap {
                policy: policy.name.clone(),
                at_most: *at_most,
                per: *per,
            })
        })
    })
}

/// The zone in which a person of a test lives all along: their own, or that of whoever has none.
fn zone_of(program: &ir::Program, test: &Script, person: PersonIx) -> Option<jiff::tz::TimeZone> {
    let attributes = &program.schema.attributes;
    let attribute = attributes.iter().position(|it| it.kind == Type::Timezone);
    let usual = || {
        let default = attribute.and_then(|at| attributes.get(at)?.default.as_ref());
        match default {
            Some(Value::Text(name)) => name.as_str(),
            _ => &program.project.timezone,
        }
    };
    let is_zone = |(at, _): &&(ir::AttributeIx, Value)| Some(at.at()) == attribute;
    let mut name = usual();
    for line in &test.lines {
        match &line.kind {
            LineKind::Happens(who, Act::Introduced { attributes, .. }) if *who == person => {
                if let Some((_, Value::Text(own))) = attributes.iter().find(is_zone) {
                    name = own;
                }
            }
            LineKind::Happens(who, Act::Changes { attributes, .. })
                if *who == person
                    && attributes.iter().any(|(at, _)| Some(at.at()) == attribute) =>
            {
                return None;
            }
            _ => {}
        }
    }
    jiff::tz::TimeZone::get(name).ok()
}

/// Whether a person of a test gives a consent, by any channel.
fn agrees(test: &Script, person: PersonIx, consent: ir::ConsentIx) -> bool {
    test.lines.iter().any(|line| match &line.kind {
        LineKind::Happens(
            who,
            Act::Introduced { consents, .. } | Act::Changes { consents, .. },
        ) => *who == person && consents.iter().any(|(it, _)| *it == consent),
        _ => false,
    })
}

/// The minute of the day that a clock of this zone shows.
fn clock(at: Instant, zone: &jiff::tz::TimeZone) -> Option<u16> {
    let at = jiff::Timestamp::from_millisecond(at).ok()?;
    let time = zone.to_datetime(at).time();
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).ok()
}
