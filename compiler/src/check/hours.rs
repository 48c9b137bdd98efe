//! Hours of the day: messages that no hour is left for, and advertising at night.

use std::collections::BTreeSet;

use journey_ir::{
    Channel, Clock, ConsentIx, JourneyIx, Message, PolicyRule, Program, Purpose, StepKind, Then,
};

use super::journey_error::JourneyError;
use super::paths::{self, concerns};
use crate::places::{JourneyPlaces, Places};
use crate::problem::{Location, Problems};

/// Minutes in a day.
const DAY: u16 = 1_440;
/// The night of Korean law, in minutes since midnight.
const NIGHT: (Clock, Clock) = (Clock(21 * 60), Clock(8 * 60));

/// A rule of quiet hours and where it stands.
struct Quiet<'p> {
    policy: &'p str,
    purpose: Option<Purpose>,
    from: Clock,
    to: Clock,
    except: &'p [Channel],
    unless: &'p [ConsentIx],
    then: Then,
    at: Option<Location>,
}

fn quiet<'p>(program: &'p Program, places: &Places) -> Vec<Quiet<'p>> {
    let mut all = Vec::new();
    for (policy, written) in program.policies.iter().enumerate() {
        for (rule, of) in written.rules.iter().enumerate() {
            if let PolicyRule::Quiet {
                purpose,
                from,
                to,
                except,
                unless,
                then,
            } = of
            {
                all.push(Quiet {
                    policy: &written.name,
                    purpose: *purpose,
                    from: *from,
                    to: *to,
                    except,
                    unless,
                    then: *then,
                    at: places.rule(policy, rule),
                });
            }
        }
    }
    all
}

impl Quiet<'_> {
    fn is_for(&self, message: &Message) -> bool {
        concerns(self.purpose, message.purpose) && !self.except.contains(&message.channel)
    }
}

/// Reports the sends of a journey that have no hour of the day, and with `korea` those that have one of the night.
pub(super) fn check(
    program: &Program,
    at: JourneyIx,
    (all, places): (&Places, &JourneyPlaces),
    korea: bool,
    problems: &mut Problems,
) {
    let Some(journey) = program.journey(at) else {
        return;
    };
    let rules = quiet(program, all);
    let mut nights = BTreeSet::new();
    for (step, places) in journey.steps.iter().zip(&places.steps) {
        let StepKind::Send {
            candidates,
            between,
            ..
        } = &step.kind
        else {
            continue;
        };
        let messages: Vec<&Message> = candidates
            .iter()
            .filter_map(|it| program.message(*it))
            .collect();
        let blame = |message: &Message| {
            let of_it = |rule: &&Quiet<'_>| rule.is_for(message);
            (!minutes(*between).any(|it| is_free(it, message, &rules)))
                .then(|| rules.iter().find(of_it))
                .flatten()
        };
        let blamed: Option<Vec<&Quiet<'_>>> = messages.iter().map(|it| blame(it)).collect();
        if let Some([rule, ..]) = blamed.as_deref()
            && let (Some(at), Some(line)) = (places.head, rule.at)
        {
            let policy = rule.policy.to_owned();
            problems.push(JourneyError::NeverSent { policy, rule: line }.at(at));
            continue;
        }
        if !korea {
            continue;
        }
        for (message, at) in messages.iter().zip(&places.candidates) {
            if wakes(message, *between, &rules) && nights.insert(*at) {
                let channel = message.channel;
                problems.push(JourneyError::Night { channel }.at(*at));
            }
        }
    }
    never_at_its_hour(program, at, (&rules, places), problems);
}

/// `wait until 22:00`, then a message that is skipped at 22:00.
fn never_at_its_hour(
    program: &Program,
    at: JourneyIx,
    (rules, places): (&[Quiet<'_>], &JourneyPlaces),
    problems: &mut Problems,
) {
    if rules.iter().all(|rule| rule.then == Then::Wait) {
        return;
    }
    let Some(journey) = program.journey(at) else {
        return;
    };
    // For each send, the rule that skips it on every way so far; `None` where one way leaves it free.
    let mut skipped: Vec<Option<Option<usize>>> = vec![None; journey.steps.len()];
    let complete = paths::each(program, journey, |path| {
        for (_, stop, candidates) in path.sends(journey) {
            let rule = stop.clock.and_then(|clock| {
                let silences = |rule: &Quiet<'_>| {
                    let mut messages = candidates.iter().filter_map(|it| program.message(*it));
                    rule.then == Then::Skip
                        && rule.unless.is_empty()
                        && within(clock.0, (rule.from, rule.to))
                        && messages.all(|it| rule.is_for(it))
                };
                rules.iter().position(silences)
            });
            let between = matches!(
                journey.steps.get(stop.step.at()).map(|it| &it.kind),
                Some(StepKind::Send {
                    between: Some(_),
                    ..
                })
            );
            if let Some(known) = skipped.get_mut(stop.step.at()) {
                let rule = rule.filter(|_| !between);
                *known = Some(known.map_or(rule, |known| known.and(rule)));
            }
        }
    });
    for (rule, places) in skipped.iter().zip(&places.steps) {
        if let Some(Some(rule)) = rule
            && complete
            && let Some(rule) = rules.get(*rule)
            && let (Some(at), Some(line)) = (places.head, rule.at)
        {
            let policy = rule.policy.to_owned();
            problems.push(JourneyError::NeverSent { policy, rule: line }.at(at));
        }
    }
}

/// Whether an advertisement may go out at night.
fn wakes(message: &Message, between: Option<(Clock, Clock)>, rules: &[Quiet<'_>]) -> bool {
    let by_night = matches!(
        message.channel,
        Channel::Sms | Channel::Kakao | Channel::Push
    );
    by_night
        && message.purpose == Purpose::Advertising
        && minutes(between).any(|it| {
            // A consent opens the night only where it is another one than that to the advertising itself.
            let mut silent = rules.iter().filter(|rule| {
                message
                    .consent
                    .is_none_or(|own| !rule.unless.contains(&own))
            });
            within(it, NIGHT) && silent.all(|rule| is_open(it, message, rule))
        })
}

/// The minutes of the day at which a step may send.
fn minutes(between: Option<(Clock, Clock)>) -> impl Iterator<Item = u16> {
    (0..DAY).filter(move |minute| between.is_none_or(|hours| within(*minute, hours)))
}

fn is_free(minute: u16, message: &Message, rules: &[Quiet<'_>]) -> bool {
    // Quiet hours with a consent leave the message free for some.
    let mut strict = rules.iter().filter(|rule| rule.unless.is_empty());
    strict.all(|rule| is_open(minute, message, rule))
}

fn is_open(minute: u16, message: &Message, rule: &Quiet<'_>) -> bool {
    !rule.is_for(message) || !within(minute, (rule.from, rule.to))
}

/// Whether a minute lies in [from, to), which may go over midnight.
const fn within(minute: u16, (from, to): (Clock, Clock)) -> bool {
    if from.0 < to.0 {
        from.0 <= minute && minute < to.0
    } else {
        from.0 <= minute || minute < to.0
    }
}
