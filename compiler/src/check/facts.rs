//! What the read-back of a journey tells about time, frequency and consent.
//!
//! Comes in: a clean program. Goes out: numbers, for whoever puts them into words or pictures.

use journey_ir::time::DAY;
use journey_ir::{Channel, ConsentIx, JourneyIx, PolicyRule, Program, Purpose, StepIx, StepKind};

use super::often::{self, Burst};
use super::paths;
use super::span::Length;

/// What is told about one journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Advertising messages to one person.
    pub(crate) advertising: Often,
    /// Messages of any purpose to one person.
    pub(crate) messages: Often,
    /// Its sends, in the order of its steps.
    pub(crate) sends: Vec<SendFacts>,
    /// The waits that are held open for events that arrive late, each with milliseconds, in the order of its steps.
    pub(crate) settles: Vec<(StepIx, i64)>,
}

/// How many messages one person can get at worst. `None`: too many ways to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Often {
    /// In a day.
    pub(crate) per_day: Option<Most>,
    /// In a week.
    pub(crate) per_week: Option<Most>,
}

/// A worst case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Most {
    /// How many messages, caps included.
    pub(crate) messages: u32,
    /// How many there would be without caps.
    pub(crate) uncapped: u32,
    /// Whether people can enter again and again, each time with as many more, up to the caps.
    pub(crate) per_entry: bool,
}

/// What is told about one send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SendFacts {
    /// The step.
    pub(crate) step: StepIx,
    /// The earliest and latest time at which it can be sent, since the entry; `None`: too many ways to say.
    pub(crate) at: Option<Length>,
    /// For each channel, in the order in which they are tried: why it is sent, and the consent that it takes.
    pub(crate) consents: Vec<(Channel, Purpose, Option<ConsentIx>)>,
}

/// What is told about a journey; `None` where there is no such journey.
pub(crate) fn of_journey(program: &Program, journey: JourneyIx) -> Option<Facts> {
    Some(Facts {
        advertising: often(program, &[journey], Some(Purpose::Advertising)),
        messages: often(program, &[journey], None),
        sends: sends(program, journey)?,
        settles: settles(program, journey)?,
    })
}

/// How many messages of a purpose, or of any, the whole project can send one person.
pub(crate) fn of_project(program: &Program, purpose: Option<Purpose>) -> Often {
    let all: Vec<JourneyIx> = (0..program.journeys.len())
        .map(|it| JourneyIx(it as u32))
        .collect();
    often(program, &all, purpose)
}

fn often(program: &Program, journeys: &[JourneyIx], purpose: Option<Purpose>) -> Often {
    Often {
        per_day: most(program, journeys, purpose, DAY),
        per_week: most(program, journeys, purpose, 7 * DAY),
    }
}

fn most(
    program: &Program,
    journeys: &[JourneyIx],
    purpose: Option<Purpose>,
    window: i64,
) -> Option<Most> {
    let bursts: Option<Vec<Burst>> = journeys
        .iter()
        .map(|it| often::most(program, program.journey(*it)?, purpose, window))
        .collect();
    let bursts = bursts?;
    let uncapped: usize = bursts.iter().map(|it| it.sends.len()).sum();
    let uncapped = u32::try_from(uncapped).unwrap_or(u32::MAX);
    let per_entry = bursts.iter().any(|it| it.per_entry && !it.sends.is_empty());
    let cap = cap(program, purpose, window);
    Some(Most {
        messages: cap.map_or(
            uncapped,
            |cap| if per_entry { cap } else { cap.min(uncapped) },
        ),
        uncapped,
        per_entry: per_entry && cap.is_none(),
    })
}

/// The most messages of a purpose that the caps let through in a window.
fn cap(program: &Program, purpose: Option<Purpose>, window: i64) -> Option<u32> {
    let rules = program.policies.iter().flat_map(|it| &it.rules);
    rules
        .filter_map(|rule| match rule {
            PolicyRule::Cap {
                at_most,
                purpose: of,
                per,
                ..
            } if of.is_none() || *of == purpose => {
                // A window that is longer than the cap's holds several of them.
                let least = Length::of(*per).least.max(1);
                let times = window.saturating_add(least - 1) / least;
                at_most.checked_mul(u32::try_from(times.max(1)).ok()?)
            }
            _ => None,
        })
        .min()
}

fn sends(program: &Program, journey: JourneyIx) -> Option<Vec<SendFacts>> {
    let journey = program.journey(journey)?;
    let mut times: Vec<Option<Length>> = vec![None; journey.steps.len()];
    let complete = paths::each(program, journey, |path| {
        for (_, stop, _) in path.sends(journey) {
            let here = Length {
                least: stop.reached.least,
                most: stop.left.most,
            };
            if let Some(known) = times.get_mut(stop.step.at()) {
                *known = Some(known.map_or(here, |known| Length {
                    least: known.least.min(here.least),
                    most: known.most.zip(here.most).map(|(a, b)| a.max(b)),
                }));
            }
        }
    });
    let steps = journey.steps.iter().zip(times).enumerate();
    Some(
        steps
            .filter_map(|(at, (step, time))| match &step.kind {
                StepKind::Send { candidates, .. } => Some(SendFacts {
                    step: StepIx(at as u32),
                    at: time.filter(|_| complete),
                    consents: candidates
                        .iter()
                        .filter_map(|it| program.message(*it))
                        .map(|it| (it.channel, it.purpose, it.consent))
                        .collect(),
                }),
                _ => None,
            })
            .collect(),
    )
}

fn settles(program: &Program, journey: JourneyIx) -> Option<Vec<(StepIx, i64)>> {
    let steps = program.journey(journey)?.steps.iter().enumerate();
    Some(
        steps
            .filter_map(|(at, step)| match &step.kind {
                StepKind::Wait { settle, .. } | StepKind::Race { settle, .. } if *settle > 0 => {
                    Some((StepIx(at as u32), *settle))
                }
                _ => None,
            })
            .collect(),
    )
}
