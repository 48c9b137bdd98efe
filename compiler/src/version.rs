//! A journey's version: the hash of everything that decides what it does.
//!
//! Conditions, aggregates, segments, offers, events and messages are written out by what they are, never by their
//! position in a table, so that a change elsewhere in the project leaves the version alone. Titles, the owner and the
//! words of templates are not part of it. A long definition stands as the hash of its own form, which keeps shared
//! conditions from being written out over and over.

mod conditions;
mod steps;

use std::collections::HashMap;

use journey_ir as ir;
use journey_ir::program::hash_of;
use journey_ir::{ConditionIx, EventIx};
use serde_json::{Value, json};

use crate::cores;

/// Gives every journey of a program its version.
pub(crate) fn stamp(program: &mut ir::Program) {
    let shares: Vec<&[ir::Journey]> = program.journeys.chunks(JOURNEYS_IN_SHARE).collect();
    let versions = cores::map(&shares, 1, |share| versions(program, share));
    let versions = versions.into_iter().flatten();
    for (journey, version) in program.journeys.iter_mut().zip(versions) {
        journey.version = version;
    }
}

/// How many journeys are written out one after the other, what they share only once.
const JOURNEYS_IN_SHARE: usize = 64;

fn versions(program: &ir::Program, journeys: &[ir::Journey]) -> Vec<String> {
    let mut shared = Shared::default();
    let version = |journey: &ir::Journey| {
        let mut form = Form {
            program,
            registers: &journey.registers,
            conditions: HashMap::new(),
            shared: &mut shared,
        };
        hash_of(&form.journey(journey).to_string())
    };
    journeys.iter().map(version).collect()
}

/// What is the same for all journeys, by position.
#[derive(Debug, Default)]
struct Shared {
    segments: HashMap<ir::SegmentIx, String>,
    lifecycles: HashMap<ir::LifecycleIx, String>,
}

/// Writes out what a journey refers to.
struct Form<'p> {
    program: &'p ir::Program,
    registers: &'p [ir::Register],
    /// Hashes of conditions; fields are those of the event a condition is about.
    conditions: HashMap<(ConditionIx, Option<EventIx>), String>,
    shared: &'p mut Shared,
}

impl Form<'_> {
    fn journey(&mut self, journey: &ir::Journey) -> Value {
        let entry = self.entry(&journey.entry);
        let entry_event = match &journey.entry {
            ir::Entry::When {
                trigger: ir::Trigger::Event { event, .. },
                ..
            } => Some(*event),
            ir::Entry::When { .. } | ir::Entry::Schedule { .. } => None,
        };
        let key = journey
            .run_key
            .zip(entry_event)
            .map(|(field, event)| self.field(event, field));
        let goal = journey.goal.as_ref().map(|goal| self.goal(goal));
        let exits: Vec<Value> = journey
            .exits
            .iter()
            .map(|exit| json!([self.trigger(&exit.trigger), exit.reason]))
            .collect();
        let steps: Vec<Value> = journey
            .steps
            .iter()
            .map(|step| json!([step.id, self.step(&step.kind)]))
            .collect();
        json!({
            "name": journey.formerly.first().unwrap_or(&journey.name),
            "entry": entry,
            "include_current": journey.include_current,
            "starts": journey.starts,
            "ends": journey.ends,
            "reenter": journey.reenter,
            "run_key": key,
            "restart": journey.restart,
            "goal": goal,
            "exits": exits,
            "priority": journey.priority,
            "start": journey.start,
            "steps": steps,
        })
    }

    fn entry(&mut self, entry: &ir::Entry) -> Value {
        match entry {
            ir::Entry::When { trigger, condition } => {
                let event = match trigger {
                    ir::Trigger::Event { event, .. } => Some(*event),
                    ir::Trigger::Joins(_)
                    | ir::Trigger::Leaves(_)
                    | ir::Trigger::Becomes { .. }
                    | ir::Trigger::Changes { .. } => None,
                };
                let condition = condition.map(|it| self.condition(it, event));
                json!({"when": self.trigger(trigger), "and": condition})
            }
            ir::Entry::Schedule { schedule, people } => {
                let schedule = match schedule {
                    ir::time::Schedule::Attribute {
                        attribute,
                        offset,
                        yearly,
                        at,
                    } => {
                        json!({"date": self.attribute(*attribute), "offset": offset, "yearly": yearly, "at": at})
                    }
                    other => json!(other),
                };
                json!({"schedule": schedule, "people": self.condition(*people, None)})
            }
        }
    }

    fn goal(&mut self, goal: &ir::Goal) -> Value {
        let filter = goal.filter.map(|it| self.condition(it, Some(goal.event)));
        json!([self.event(goal.event), filter, goal.within, goal.keep_going])
    }

    fn trigger(&mut self, trigger: &ir::Trigger) -> Value {
        match trigger {
            ir::Trigger::Event { event, filter } => {
                let filter = filter.map(|it| self.condition(it, Some(*event)));
                json!({"event": self.event(*event), "where": filter})
            }
            ir::Trigger::Joins(segment) => json!({"joins": self.segment(*segment)}),
            ir::Trigger::Leaves(segment) => json!({"leaves": self.segment(*segment)}),
            ir::Trigger::Becomes { lifecycle, stage } => {
                json!({"becomes": self.stage(*lifecycle, *stage)})
            }
            ir::Trigger::Changes {
                attribute,
                from,
                to,
            } => json!({"changes": self.attribute(*attribute), "from": from, "to": to}),
        }
    }

    /// An event by what decides how it is handled: its name, its key, how late it may arrive.
    fn event(&self, event: EventIx) -> Value {
        let key = self.program.event(event).and_then(|it| it.key);
        let key = key.map(|key| self.field(event, key));
        let event = self.program.event(event);
        json!([
            event.map(|it| &it.name),
            key,
            event.map(|it| it.arrives_within)
        ])
    }

    fn field(&self, event: EventIx, field: ir::FieldIx) -> Value {
        let name = self.program.event(event).map(|it| &it.name);
        let field = self.program.field(event, field);
        json!([name, field.map(|it| &it.name), field.map(|it| &it.kind)])
    }

    fn attribute(&self, attribute: ir::AttributeIx) -> Value {
        let attribute = self.program.attribute(attribute);
        // Years are counted since another attribute, which is part of what this one is.
        let kind = attribute.map(|it| match &it.kind {
            ir::Type::YearsSince(date) => json!({"years_since": self.attribute_name(*date)}),
            other => json!(other),
        });
        json!([attribute.map(|it| &it.name), kind])
    }

    fn attribute_name(&self, attribute: ir::AttributeIx) -> Option<&str> {
        let attribute = self.program.attribute(attribute);
        attribute.map(|it| it.name.as_str())
    }

    fn offer(&self, offer: ir::OfferIx) -> Value {
        let offer = self.program.offer(offer);
        json!(offer.map(|it| {
            let mut parts = vec![
                json!(it.name),
                json!(it.benefit),
                json!(it.valid),
                json!(it.once_per_contact),
                json!(it.minimum),
            ];
            // How much of it there is concerns everyone at once, whichever version they are in.
            parts.extend(it.most_off.map(|most| json!(most)));
            json!(parts)
        }))
    }
}
