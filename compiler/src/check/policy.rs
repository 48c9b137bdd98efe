//! Tests that expect what a policy forbids.
//!
//! Comes in: the tests and the policies. Goes out: expectations of a message at a time at which quiet hours hold it
//! back. Whoever has a time zone of their own in a test is left out.

use journey_ir as ir;
use journey_ir::{PolicyRule, Type, Value};

use super::error::LogicError;
use crate::problem::Problems;
use crate::testing::Script;
use crate::testing::script::{Act, Expectation, LineKind, PersonIx};

/// Warns of such expectations.
pub(crate) fn check(program: &ir::Program, tests: &[Script], problems: &mut Problems) {
    let Some(zone) = usual_zone(program) else {
        return;
    };
    for test in tests {
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
            let mut messages = program.messages.iter();
            let message = messages.find(|it| it.channel == *channel && it.template == *template);
            let Some(message) = message.filter(|_| !has_own_zone(program, test, *to)) else {
                continue;
            };
            let Some(clock) = clock(*at, &zone) else {
                continue;
            };
            let forbidding = program.policies.iter().find(|policy| {
                policy
                    .rules
                    .iter()
                    .any(|rule| forbids(rule, message, clock))
            });
            if let Some(policy) = forbidding {
                let policy = policy.name.clone();
                problems.push(LogicError::AgainstPolicy { policy }.at(line.at));
            }
        }
    }
}

/// The zone of a contact of whom none is known.
fn usual_zone(program: &ir::Program) -> Option<jiff::tz::TimeZone> {
    let mut attributes = program.schema.attributes.iter();
    let default = attributes
        .find(|it| it.kind == Type::Timezone)
        .and_then(|it| it.default.as_ref());
    let name = match default {
        Some(Value::Text(name)) => name,
        _ => &program.project.timezone,
    };
    jiff::tz::TimeZone::get(name).ok()
}

fn has_own_zone(program: &ir::Program, test: &Script, person: PersonIx) -> bool {
    let is_zone = |(at, _): &(ir::AttributeIx, Value)| {
        program
            .attribute(*at)
            .is_some_and(|it| it.kind == Type::Timezone)
    };
    test.lines.iter().any(|line| match &line.kind {
        LineKind::Happens(
            who,
            Act::Introduced { attributes, .. } | Act::Changes { attributes, .. },
        ) => *who == person && attributes.iter().any(is_zone),
        _ => false,
    })
}

/// The minute of the day that a clock of this zone shows.
fn clock(at: ir::Instant, zone: &jiff::tz::TimeZone) -> Option<u16> {
    let at = jiff::Timestamp::from_millisecond(at).ok()?;
    let time = zone.to_datetime(at).time();
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).ok()
}

fn forbids(rule: &PolicyRule, message: &ir::Message, clock: u16) -> bool {
    let PolicyRule::Quiet {
        purpose,
        from,
        to,
        except,
        ..
    } = rule
    else {
        return false;
    };
    let quiet = if from.0 < to.0 {
        (from.0..to.0).contains(&clock)
    } else {
        clock >= from.0 || clock < to.0
    };
    quiet
        && !except.contains(&message.channel)
        && purpose.is_none_or(|purpose| purpose == message.purpose)
}
