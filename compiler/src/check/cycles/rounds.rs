//! Whether a person goes round in a group of journeys, tried out with the engine.
//!
//! Comes in: a group. Goes out: the journeys in the order in which someone entered them again and again, and who that
//! was. People differ by the values that the group's journeys compare and set; what happens to them is one change of an
//! attribute, or one event that starts a journey leading into the group.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use journey_engine::{Contact, Event, EventId, Item, Outcome, What, advance, introduce, step};
use journey_ir as ir;
use journey_ir::time::{DAY, HOUR};
use journey_ir::{
    Atom, AttributeIx, ChangeEnd, Comparison, Condition, Entry, EventIx, Instant, JourneyIx,
    Operand, Source, StepKind, Trigger, Type, Value,
};

use super::{Group, Thing, leading};
use crate::check::cells::Budget;
use crate::check::error::words;
use crate::check::{range, reads};
use crate::problem::Text;

/// When people come into being, unless the journeys begin later: noon of a Monday in Seoul.
const START: Instant = 1_767_582_000_000;
/// The most values of one attribute that are tried.
const MOST_VALUES: usize = 6;
/// The most people with one change each that are tried for one group.
const MOST_TRIED: usize = 600;
/// The most times that something falls due for one of them.
const MOST_WAKES: usize = 48;
/// How often a journey is entered by someone who goes round in it.
const ENTRIES: usize = 3;
/// How much work one person is, in conditions answered.
const WORK: usize = 200;

/// A round: what leads back to where it began.
pub(super) struct Round {
    /// The journeys in order, the one with the lowest position first.
    pub(super) journeys: Vec<JourneyIx>,
    /// Who makes it.
    pub(super) person: Text,
}

/// The program, ready to run.
pub(super) struct Trial {
    program: journey_engine::Program,
    journeys: BTreeMap<String, JourneyIx>,
}

/// What happens to a person.
enum Push {
    Changes(AttributeIx, Option<Value>),
    Happens(EventIx),
}

impl Push {
    /// Whether it leaves a person as they are.
    fn is_idle(&self, has: &Has) -> bool {
        match self {
            Self::Changes(at, to) => {
                has.iter().find(|it| it.0 == *at).map(|it| &it.1) == to.as_ref()
            }
            Self::Happens(_) => false,
        }
    }
}

/// What a person has from the beginning.
type Has = Vec<(AttributeIx, Value)>;

impl Trial {
    /// A program as the engine runs it; `None` for one that it does not run.
    pub(super) fn of(program: &ir::Program) -> Option<Self> {
        let journeys = program.journeys.iter().enumerate();
        Some(Self {
            program: journey_engine::Program::link(Arc::new(program.clone()), &[]).ok()?,
            journeys: journeys
                .map(|(at, it)| (it.name.clone(), JourneyIx(at as u32)))
                .collect(),
        })
    }

    /// A round that somebody makes in a group within less than a day each time; `None` where nobody was found.
    pub(super) fn round(&self, group: &Group<'_>, budget: &mut Budget) -> Option<Round> {
        let program = self.program.ir();
        let start = group
            .journeys
            .iter()
            .filter_map(|it| program.journey(*it)?.starts)
            .fold(START, Instant::max);
        let values = self.values(group);
        let mut pushes: Vec<Push> = leading(program, group)
            .into_iter()
            .map(Push::Happens)
            .collect();
        for (attribute, values) in &values {
            let all = values
                .iter()
                .map(|it| Push::Changes(*attribute, it.clone()));
            pushes.extend(all);
        }
        let past = self.past(group);
        let pasts: Vec<&[EventIx]> = if past.is_empty() {
            vec![&[]]
        } else {
            vec![&past, &[]]
        };
        let mut tried = 0;
        for has in people(&values) {
            for (past, push) in pasts
                .iter()
                .flat_map(|past| pushes.iter().map(move |it| (past, it)))
            {
                if push.is_idle(&has) {
                    continue;
                }
                tried += 1;
                if tried > MOST_TRIED {
                    budget.effort.given_up += 1;
                    return None;
                }
                budget.spend(WORK)?;
                if let Some(journeys) = self.goes_round(group, &has, past, push, start) {
                    let person = self.words(&has, push);
                    return Some(Round { journeys, person });
                }
            }
        }
        None
    }

    /// The events that the memberships count which start the group's journeys.
    fn past(&self, group: &Group<'_>) -> Vec<EventIx> {
        let program = self.program.ir();
        let mut events = BTreeSet::new();
        for journey in group.journeys.iter().filter_map(|it| program.journey(*it)) {
            if let Entry::When { trigger, .. } = &journey.entry {
                events.extend(reads::of_trigger(program, trigger));
            }
        }
        events.into_iter().collect()
    }

    /// The values of a group's attributes: those that anything in it compares or sets, and one beside them.
    fn values(&self, group: &Group<'_>) -> BTreeMap<AttributeIx, Vec<Option<Value>>> {
        let program = self.program.ir();
        let mut all = BTreeMap::new();
        for thing in &group.things {
            let Thing::Attribute(at) = thing else {
                continue;
            };
            let Some(attribute) = program.attribute(*at) else {
                continue;
            };
            let mut values: Vec<Option<Value>> = Vec::new();
            let mut add = |value: Option<Value>| {
                if values.len() < MOST_VALUES && !values.contains(&value) {
                    values.push(value);
                }
            };
            if let Some(choices) = attribute.kind.choices() {
                for choice in choices {
                    add(Some(Value::Text(choice.clone())));
                }
            }
            for value in self.named(group, *at) {
                if let (Some(step), Some(raw)) =
                    (range::step_of(&attribute.kind), range::number(&value))
                {
                    add(range::value(&attribute.kind, raw.saturating_sub(step)));
                    add(range::value(&attribute.kind, raw.saturating_add(step)));
                }
                add(Some(value));
            }
            add(sample(&attribute.kind));
            if attribute.optional {
                values.truncate(MOST_VALUES - 1);
                values.push(None);
            }
            all.insert(*at, values);
        }
        all
    }

    /// The constants that the journeys of a group set an attribute to, change it from and to, and that any condition
    /// compares it with.
    fn named(&self, group: &Group<'_>, at: AttributeIx) -> Vec<Value> {
        let program = self.program.ir();
        let mut named = Vec::new();
        for journey in group.journeys.iter().filter_map(|it| program.journey(*it)) {
            if let Entry::When {
                trigger:
                    Trigger::Changes {
                        attribute,
                        from,
                        to,
                        ..
                    },
                ..
            } = &journey.entry
                && *attribute == at
            {
                named.extend([from, to].into_iter().filter_map(|end| match end {
                    ChangeEnd::Value(value) => Some(value.clone()),
                    ChangeEnd::Anything | ChangeEnd::Missing => None,
                }));
            }
            for step in &journey.steps {
                if let StepKind::Set {
                    attribute,
                    to: ir::journey::Expression::Value(value),
                    ..
                } = &step.kind
                    && *attribute == at
                {
                    named.push(value.clone());
                }
            }
        }
        let compared = program.conditions.iter().filter_map(|it| match it {
            Condition::Is(atom) => program.atom(*atom),
            _ => None,
        });
        for atom in compared {
            if let Atom::Compare {
                left: Source::Attribute(of),
                test,
            } = atom
                && *of == at
            {
                named.extend(constants(test));
            }
        }
        named
    }

    /// The round that this person makes.
    fn goes_round(
        &self,
        group: &Group<'_>,
        has: &Has,
        past: &[EventIx],
        push: &Push,
        start: Instant,
    ) -> Option<Vec<JourneyIx>> {
        let program = &self.program;
        let mut contact = Contact::new("example");
        let mut out = Outcome::default();
        for event in past {
            let item = self.event(*event, start - HOUR, "before");
            step(
                program,
                &mut contact,
                &Item::Event(item),
                start - HOUR,
                &mut out,
            );
        }
        introduce(program, &mut contact, has, &[], start, &mut out);
        let now = start + HOUR;
        let item = match push {
            Push::Changes(attribute, value) => Item::Attributes {
                set: vec![(*attribute, value.clone())],
                occurred_at: now,
            },
            Push::Happens(event) => Item::Event(self.event(*event, now, "push")),
        };
        step(program, &mut contact, &item, now, &mut out);
        let mut entered: Vec<(Instant, JourneyIx)> = Vec::new();
        for _ in 0..MOST_WAKES {
            let entries = out.history.drain(..).filter_map(|it| match it.what {
                What::Entered { journey, .. } => {
                    Some((it.at, *self.journeys.get(journey.as_ref() as &str)?))
                }
                _ => None,
            });
            entered.extend(entries.filter(|(at, it)| *at >= now && group.journeys.contains(it)));
            if let Some(round) = first_round(&entered) {
                return Some(round);
            }
            let wake = contact.next_wake()?;
            if wake > now + ENTRIES as i64 * DAY {
                return None;
            }
            advance(program, &mut contact, wake, &mut out);
        }
        None
    }

    fn event(&self, kind: EventIx, at: Instant, id: &str) -> Event {
        let fields = self.program.ir().event(kind).map(|it| &it.fields);
        Event {
            id: EventId::of(id),
            kind,
            occurred_at: at,
            received_at: at,
            fields: fields
                .into_iter()
                .flatten()
                .map(|field| sample(&field.kind))
                .collect(),
        }
    }

    fn words(&self, has: &Has, push: &Push) -> Text {
        let program = self.program.ir();
        let name = |at: AttributeIx| program.attribute(at).map_or("", |it| it.name.as_str());
        let told =
            |at: AttributeIx, value: &Value| Some(format!("`{}` {}", name(at), shown(value)?));
        let mut before: Vec<String> = has.iter().filter_map(|(at, it)| told(*at, it)).collect();
        let (en, ko) = match push {
            Push::Changes(at, value) => {
                before.retain(|it| !it.starts_with(&format!("`{}` ", name(*at))));
                let was = has.iter().find(|(it, _)| it == at);
                let was = was.and_then(|(_, it)| shown(it));
                let is = value.as_ref().and_then(shown);
                let name = name(*at);
                match (was, is) {
                    (Some(was), Some(is)) => (
                        format!("`{name}` changes from {was} to {is}"),
                        format!("`{name}`: {was}에서 {is}(으)로 바뀜"),
                    ),
                    (_, Some(is)) => (
                        format!("`{name}` becomes {is}"),
                        format!("`{name}`: {is}(으)로 바뀜"),
                    ),
                    (_, None) => (format!("`{name}` changes"), format!("`{name}` 값이 바뀜")),
                }
            }
            Push::Happens(event) => {
                let name = program.event(*event).map_or("", |it| it.name.as_str());
                (
                    format!("`{name}` happens"),
                    format!("`{name}` 이벤트가 생김"),
                )
            }
        };
        let joined = |last: String| {
            before
                .iter()
                .cloned()
                .chain([last])
                .collect::<Vec<_>>()
                .join(", ")
        };
        Text::new(joined(en), joined(ko)).with_particles()
    }
}

/// The journeys from one entry to the next of the same, where each comes less than a day after the last.
fn first_round(entered: &[(Instant, JourneyIx)]) -> Option<Vec<JourneyIx>> {
    let mut seen: BTreeMap<JourneyIx, Vec<(usize, Instant)>> = BTreeMap::new();
    for (nth, (at, journey)) in entered.iter().enumerate() {
        let entries = seen.entry(*journey).or_default();
        if entries.last().is_some_and(|(_, last)| at - last >= DAY) {
            entries.clear();
        }
        entries.push((nth, *at));
        if entries.len() < ENTRIES {
            continue;
        }
        let (from, _) = *entries.get(entries.len().checked_sub(2)?)?;
        let mut round: Vec<JourneyIx> = Vec::new();
        for (_, it) in entered.get(from..nth)? {
            if !round.contains(it) {
                round.push(*it);
            }
        }
        let first = round.iter().enumerate().min_by_key(|it| it.1)?.0;
        round.rotate_left(first);
        return Some(round);
    }
    None
}

/// All combinations of the values, each once.
fn people(values: &BTreeMap<AttributeIx, Vec<Option<Value>>>) -> impl Iterator<Item = Has> {
    let all: usize = values
        .values()
        .map(Vec::len)
        .try_fold(1_usize, usize::checked_mul)
        .unwrap_or(usize::MAX);
    (0..all.min(MOST_TRIED)).map(move |mut n| {
        values
            .iter()
            .filter_map(|(at, values)| {
                let value = values.get(n.checked_rem(values.len())?);
                n /= values.len();
                Some((*at, value?.clone()?))
            })
            .collect()
    })
}

fn constants(test: &Comparison) -> Vec<Value> {
    match test {
        Comparison::Includes(Operand::Value(value))
        | Comparison::Contains(Operand::Value(value))
        | Comparison::StartsWith(Operand::Value(value)) => vec![value.clone()],
        _ => range::constants(test)
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
    }
}

/// Some value of a type.
fn sample(kind: &Type) -> Option<Value> {
    Some(match kind {
        Type::Text => Value::Text("example".to_owned()),
        Type::Number | Type::WholeNumber => Value::Number(ir::Decimal(ir::Decimal::ONE)),
        Type::Money(currency) => Value::Money(ir::Money {
            minor: 1_000,
            currency: currency.or_else(|| ir::Currency::new("KRW"))?,
        }),
        Type::Date => Value::Date(ir::Date(20_458)),
        Type::Moment => Value::Moment(START),
        Type::YesNo => Value::YesNo(true),
        Type::EmailAddress => Value::Text("someone@example.com".to_owned()),
        Type::PhoneNumber => Value::Text("+821012345678".to_owned()),
        Type::Link => Value::Text("https://example.com/".to_owned()),
        Type::OneOf(choices) | Type::Scale(choices) => Value::Text(choices.first()?.clone()),
        Type::Timezone
        | Type::ListOf(_)
        | Type::Items(_)
        | Type::YearsSince(_)
        | Type::Duration
        | Type::Offer => return None,
    })
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Text(word) => Some(word.clone()),
        Value::YesNo(yes) => Some((if *yes { "yes" } else { "no" }).to_owned()),
        other => Some(words(other)).filter(|it| !it.is_empty()),
    }
}
