//! What one record of the log says: what arrived for a contact, and what the engine made of it.

use std::collections::BTreeMap;

use journey_engine::{Event, Happening, Item};
use journey_ir::{self as ir, EventIx, Instant};
use serde::{Deserialize, Serialize};

use crate::store::ProgramNo;

/// One record, to be written.
#[derive(Debug, Serialize)]
pub(super) struct NewLine<'a> {
    pub(super) received_at: Instant,
    pub(super) item: Option<&'a Item>,
    pub(super) merged: Option<&'a str>,
    pub(super) happened: &'a [Happening],
}

/// One record, as it is read back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Line {
    /// When we heard of it.
    pub received_at: Instant,
    /// What arrived; `None` where only time passed, and where it was erased.
    pub item: Option<Item>,
    /// The contact whose history joins here.
    pub merged: Option<String>,
    /// What the engine made of it.
    pub happened: Vec<Happening>,
}

impl NewLine<'_> {
    /// Writes the record into a buffer that is used again and again.
    pub(super) fn encode(&self, buffer: &mut Vec<u8>) -> Result<(), postcard::Error> {
        let mut reused = std::mem::take(buffer);
        reused.clear();
        *buffer = postcard::to_extend(self, reused)?;
        Ok(())
    }
}

impl Line {
    /// Reads a record; `None` where it is damaged.
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        postcard::take_from_bytes(body).ok().map(|(line, _)| line)
    }

    /// Whether nothing is left to tell.
    #[must_use]
    pub const fn is_blank(&self) -> bool {
        self.item.is_none() && self.merged.is_none() && self.happened.is_empty()
    }
}

/// Carries items over from the positions of older programs to those of the current one, by name.
#[derive(Debug)]
pub(super) struct Translator<'a> {
    to: &'a ir::Schema,
    from: &'a BTreeMap<ProgramNo, ir::Schema>,
}

impl<'a> Translator<'a> {
    pub(super) const fn new(to: &'a ir::Schema, from: &'a BTreeMap<ProgramNo, ir::Schema>) -> Self {
        Self { to, from }
    }

    /// The item under the current program; `None` where that no longer has a place for it. A field that changed its
    /// type loses its value, and an event that needs this field is left out.
    pub(super) fn item(&self, written_under: ProgramNo, item: Item) -> Option<Item> {
        let from = self.from.get(&written_under)?;
        if from == self.to {
            return Some(item);
        }
        Some(match item {
            Item::Event(event) => Item::Event(self.event(from, &event)?),
            Item::Attributes { set, occurred_at } => {
                let set: Vec<_> = set
                    .into_iter()
                    .filter_map(|(ix, value)| {
                        let old = from.attributes.get(ix.at())?;
                        let at = self
                            .to
                            .attributes
                            .iter()
                            .position(|new| new.name == old.name && new.kind == old.kind)?;
                        Some((ir::AttributeIx(at as u32), value))
                    })
                    .collect();
                Item::Attributes { set, occurred_at }
            }
            Item::Consent {
                consent,
                channel,
                given,
                occurred_at,
            } => {
                let old = from.consents.get(consent.at())?;
                let at = self
                    .to
                    .consents
                    .iter()
                    .position(|new| new.name == old.name)?;
                Item::Consent {
                    consent: ir::ConsentIx(at as u32),
                    channel,
                    given,
                    occurred_at,
                }
            }
            other => other,
        })
    }

    fn event(&self, from: &ir::Schema, event: &Event) -> Option<Event> {
        let old = from.events.get(event.kind.at())?;
        let at = self.to.events.iter().position(|new| new.name == old.name)?;
        let new = self.to.events.get(at)?;
        let mut fields = Vec::with_capacity(new.fields.len());
        for field in &new.fields {
            let value = old
                .fields
                .iter()
                .position(|known| known.name == field.name && known.kind == field.kind)
                .and_then(|at| event.fields.get(at).cloned().flatten());
            if value.is_none() && !field.optional {
                return None;
            }
            fields.push(value);
        }
        Some(Event {
            id: event.id,
            kind: EventIx(at as u32),
            occurred_at: event.occurred_at,
            received_at: event.received_at,
            fields,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey_engine::EventId;
    use journey_ir::schema::{Field, Type};
    use journey_ir::{Decimal, Value};

    fn schema(fields: &[(&str, Type, bool)]) -> ir::Schema {
        let fields = fields.iter().map(|(name, kind, optional)| Field {
            name: (*name).to_owned(),
            kind: kind.clone(),
            optional: *optional,
            private: false,
        });
        let event = |name: &str, fields| ir::Event {
            name: name.to_owned(),
            fields,
            key: None,
            arrives_within: None,
            built_in: false,
        };
        ir::Schema {
            events: vec![event("purchase", fields.collect())],
            ..ir::Schema::default()
        }
    }

    #[test]
    fn events_are_carried_over_by_name_and_type() {
        let old = schema(&[("total", Type::Number, false), ("note", Type::Text, true)]);
        let mut new = schema(&[("note", Type::Number, true), ("total", Type::Number, false)]);
        new.events.insert(0, new.events[0].clone());
        new.events[0].name = "visit".into();
        let known = BTreeMap::from([(ProgramNo(1), old), (ProgramNo(2), new.clone())]);
        let translator = Translator::new(&new, &known);
        let one = Value::Number(Decimal(1));
        let event = |kind, fields| {
            Item::Event(Event {
                id: EventId([0; 16]),
                kind: EventIx(kind),
                occurred_at: 1,
                received_at: 1,
                fields,
            })
        };
        let written = event(0, vec![Some(one.clone()), Some(Value::Text("x".into()))]);
        let read = translator.item(ProgramNo(1), written.clone());
        assert_eq!(read, Some(event(1, vec![None, Some(one)])));
        assert_eq!(
            translator.item(ProgramNo(2), written.clone()),
            Some(written.clone())
        );
        assert_eq!(translator.item(ProgramNo(3), written), None);
        let without = event(0, vec![None, None]);
        assert_eq!(translator.item(ProgramNo(1), without), None);
    }

    #[test]
    fn a_blanked_record_tells_nothing() {
        let happened = [];
        let line = NewLine {
            received_at: 5,
            item: Some(&Item::Erase { occurred_at: 9 }),
            merged: None,
            happened: &happened,
        };
        let mut body = Vec::new();
        line.encode(&mut body).unwrap();
        assert_eq!(Line::decode(&body).unwrap().received_at, 5);
        body.fill(0);
        assert!(Line::decode(&body).unwrap().is_blank());
    }
}
