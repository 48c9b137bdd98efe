//! Conditions, segments and lifecycles by what they say.

use journey_ir as ir;
use journey_ir::program::hash_of;
use journey_ir::{ConditionIx, EventIx};
use serde_json::{Value, json};

use super::Form;

impl Form<'_> {
    /// The hash of a condition. `event` is the one whose fields it reads.
    pub(super) fn condition(&mut self, condition: ConditionIx, event: Option<EventIx>) -> String {
        if let Some(known) = self.conditions.get(&(condition, event)) {
            return known.clone();
        }
        let program = self.program;
        let form = match program.condition(condition) {
            None | Some(ir::Condition::Always) => json!("always"),
            Some(ir::Condition::All(parts)) => json!({"all": self.parts(parts, event)}),
            Some(ir::Condition::Any(parts)) => json!({"any": self.parts(parts, event)}),
            Some(ir::Condition::Not(inner)) => json!({"not": self.condition(*inner, event)}),
            Some(ir::Condition::Is(atom)) => match program.atoms.get(atom.at()) {
                Some(atom) => self.atom(atom, event),
                None => Value::Null,
            },
        };
        let hash = hash_of(&form.to_string());
        self.conditions.insert((condition, event), hash.clone());
        hash
    }

    fn parts(&mut self, parts: &[ConditionIx], event: Option<EventIx>) -> Vec<String> {
        parts
            .iter()
            .map(|part| self.condition(*part, event))
            .collect()
    }

    fn atom(&mut self, atom: &ir::Atom, event: Option<EventIx>) -> Value {
        match atom {
            ir::Atom::Compare { left, test } => {
                json!({"compare": self.source(left, event), "test": self.test(test, event)})
            }
            // How much an aggregate keeps depends on other conditions; what is asked of it does not.
            ir::Atom::Happened {
                aggregate,
                n,
                window,
                settle,
            } => {
                let program = self.program;
                let kept = program.aggregate(*aggregate).map(|it| &it.keep);
                match kept {
                    Some(ir::Keep::Within { from, to, .. }) => json!({
                        "happened": self.counted(*aggregate), "n": n, "from": from, "to": to, "settle": settle
                    }),
                    Some(ir::Keep::Chain { key, then, .. }) => {
                        let event = self.program.aggregate(*aggregate).map(|it| it.event);
                        let key = event.zip(*key).map(|(event, key)| self.field(event, key));
                        let mut later = Vec::new();
                        for it in then {
                            later.push(self.following(it));
                        }
                        let mut chain = json!({
                            "chain": self.counted(*aggregate), "key": key, "then": later, "window": window,
                            "settle": settle
                        });
                        if let (true, Some(chain)) = (*n > 1, chain.as_object_mut()) {
                            chain.insert("n".to_owned(), json!(n));
                        }
                        chain
                    }
                    _ => json!({
                        "happened": self.counted(*aggregate), "n": n, "window": window, "settle": settle
                    }),
                }
            }
            ir::Atom::Amount {
                aggregate,
                measure,
                window,
                test,
            } => {
                let of = self.program.aggregate(*aggregate);
                let over = of.map(|it| match it.keep {
                    ir::Keep::Total(field) | ir::Keep::DailyTotals { field, .. } => {
                        json!({"total": self.field(it.event, field)})
                    }
                    ir::Keep::Different {
                        field,
                        from: None,
                        to: None,
                        ..
                    } => json!({"different": self.field(it.event, field)}),
                    ir::Keep::Different {
                        field, from, to, ..
                    } => {
                        json!({"different": self.field(it.event, field), "from": from, "to": to})
                    }
                    ir::Keep::Summary { field, from, to } => {
                        json!({"summary": self.field(it.event, field), "of": measure, "from": from, "to": to})
                    }
                    ir::Keep::DailySummaries { field, .. } | ir::Keep::Amounts { field, .. } => {
                        json!({"summary": self.field(it.event, field), "of": measure})
                    }
                    ir::Keep::Count => json!("count"),
                    _ => Value::Null,
                });
                json!({
                    "amount": self.counted(*aggregate),
                    "over": over,
                    "window": window,
                    "test": self.test(test, event),
                })
            }
            ir::Atom::Overdue {
                aggregate,
                intervals,
                settle,
            } => {
                json!({"overdue": self.counted(*aggregate), "intervals": intervals, "settle": settle})
            }
            ir::Atom::Paced {
                newest,
                n,
                intervals,
                settle,
                ..
            } => json!({
                "paced": self.counted(*newest), "n": n, "intervals": intervals, "settle": settle
            }),
            ir::Atom::HappenedWith {
                aggregate,
                value,
                n,
                window,
                settle,
            } => {
                let of = self.program.aggregate(*aggregate);
                let kept = of.map(|it| match it.keep {
                    ir::Keep::ByValue {
                        field, from, to, ..
                    } => json!([self.field(it.event, field), from, to]),
                    _ => Value::Null,
                });
                json!({
                    "happened": self.counted(*aggregate), "by": kept, "value": self.source(value, event),
                    "n": n, "window": window, "settle": settle
                })
            }
            ir::Atom::HeldFor { condition, span } => {
                json!({"held": self.condition(*condition, None), "for": span})
            }
            ir::Atom::Ranked(ranking) => {
                json!({"ranked": self.program.ranking(*ranking).map(|it| &it.name)})
            }
            ir::Atom::Sample { name, share } => json!({"sample": name, "share": share}),
            ir::Atom::MemberFor { segment, span } => {
                json!({"member": self.segment(*segment), "for": span})
            }
            ir::Atom::StageFor {
                lifecycle,
                stage,
                span,
            } => json!({"stage": self.stage(*lifecycle, *stage), "for": span}),
            ir::Atom::Member(segment) => json!({"member": self.segment(*segment)}),
            ir::Atom::Stage { lifecycle, stage } => {
                json!({"stage": self.stage(*lifecycle, *stage)})
            }
            ir::Atom::Agreed { consent, channel } => {
                json!({"agreed": self.consent(*consent), "by": channel})
            }
            ir::Atom::Tagged(tag) => json!({"tagged": tag}),
            ir::Atom::Inside(hours) => json!({"inside": self.hours(*hours)}),
            ir::Atom::Items { of, filter, test } => {
                let test = match test {
                    ir::ItemsTest::Any => json!("any"),
                    ir::ItemsTest::Every => json!("every"),
                    ir::ItemsTest::No => json!("no"),
                    ir::ItemsTest::Count(test) => self.test(test, event),
                };
                json!({
                    "items": self.source(of, event),
                    "where": self.condition(*filter, event),
                    "test": test,
                })
            }
        }
    }

    /// A later part of a chain.
    fn following(&mut self, part: &ir::Following) -> Value {
        let filter = part.filter.map(|it| self.condition(it, Some(part.event)));
        let key = part.key.map(|key| self.field(part.event, key));
        json!([
            self.event(part.event),
            filter,
            key,
            part.within,
            part.absent
        ])
    }

    /// The events that an aggregate counts.
    fn counted(&mut self, aggregate: ir::AggregateIx) -> Value {
        let program = self.program;
        let Some(aggregate) = program.aggregate(aggregate) else {
            return Value::Null;
        };
        let filter = aggregate
            .filter
            .map(|it| self.condition(it, Some(aggregate.event)));
        json!([self.event(aggregate.event), filter])
    }

    fn test(&mut self, test: &ir::Comparison, event: Option<EventIx>) -> Value {
        use ir::Comparison as Test;
        let mut one =
            |word: &str, operand: &ir::Operand| json!([word, self.operand(operand, event)]);
        match test {
            Test::Under(it) => one("under", it),
            Test::AtMost(it) => one("at most", it),
            Test::Over(it) => one("over", it),
            Test::AtLeast(it) => one("at least", it),
            Test::Between(low, high) => json!([
                "between",
                self.operand(low, event),
                self.operand(high, event)
            ]),
            Test::Is(it) => one("is", it),
            Test::IsNot(it) => one("is not", it),
            Test::IsOneOf(values) => json!(["is one of", values]),
            Test::Includes(it) => one("includes", it),
            Test::Contains(it) => one("contains", it),
            Test::StartsWith(it) => one("starts with", it),
            Test::IsMissing => json!(["is missing"]),
            Test::IsKnown => json!(["is known"]),
        }
    }

    fn operand(&mut self, operand: &ir::Operand, event: Option<EventIx>) -> Value {
        match operand {
            ir::Operand::Value(value) => json!(value),
            ir::Operand::Source(source) => self.source(source, event),
        }
    }

    /// Where a value is read, by name.
    pub(super) fn source(&mut self, source: &ir::Source, event: Option<EventIx>) -> Value {
        match source {
            ir::Source::Attribute(attribute) => json!({"attribute": self.attribute(*attribute)}),
            ir::Source::Field(field) => {
                json!({"field": event.map(|event| self.field(event, *field))})
            }
            ir::Source::Register(register) => {
                let register = self.registers.get(register.at());
                json!({"register": register.map(|it| match it {
                    ir::Register::Field { event, field } => self.field(*event, *field),
                    ir::Register::Kept(name) => json!(name),
                })})
            }
            ir::Source::OfferExpires(offer) => json!({"expires": self.offer(*offer)}),
            ir::Source::OfferIssued(offer) => json!({"issued": self.offer(*offer)}),
            ir::Source::Recalled(aggregate) => self.recalled(*aggregate),
            ir::Source::Item(item) => {
                let list = self.program.field(item.event, item.list);
                let field = list.and_then(|list| match &list.kind {
                    ir::Type::Items(items) => items.fields.get(item.field.at()),
                    _ => None,
                });
                json!({
                    "item": self.field(item.event, item.list),
                    "field": field.map(|field| &field.name),
                })
            }
            ir::Source::Score(score) => json!({"score": self.score(*score)}),
        }
    }

    fn recalled(&mut self, aggregate: ir::AggregateIx) -> Value {
        let kept = self
            .program
            .aggregate(aggregate)
            .map(|it| (it.event, &it.keep));
        let of = kept.map(|(event, keep)| match keep {
            ir::Keep::Favourite(field) => json!({"favourite": self.field(event, *field)}),
            keep => json!({"last": keep.field().map(|field| self.field(event, field))}),
        });
        json!([of, self.counted(aggregate)])
    }

    /// A score: the points of its lines, how fast they fade, and how they are shown.
    fn score(&mut self, score: ir::ScoreIx) -> Value {
        let program = self.program;
        let Some(score) = program.score(score) else {
            return Value::Null;
        };
        let mut lines = Vec::new();
        for line in &score.lines {
            let keep = program.aggregate(line.aggregate).map(|it| &it.keep);
            lines.push(json!([line.points, self.counted(line.aggregate), keep]));
        }
        json!([score.name, lines, score.shown])
    }

    /// The hash of a segment.
    pub(super) fn segment(&mut self, segment: ir::SegmentIx) -> String {
        if let Some(known) = self.shared.segments.get(&segment) {
            return known.clone();
        }
        let program = self.program;
        let hash = program
            .segment(segment)
            .map(|it| {
                let condition = self.condition(it.condition, None);
                hash_of(&json!([it.name, condition]).to_string())
            })
            .unwrap_or_default();
        self.shared.segments.insert(segment, hash.clone());
        hash
    }

    /// A stage: the whole lifecycle decides who is in it.
    pub(super) fn stage(&mut self, lifecycle: ir::LifecycleIx, stage: ir::StageIx) -> Value {
        let program = self.program;
        let stages = program
            .lifecycle(lifecycle)
            .map(|it| it.stages.as_slice())
            .unwrap_or_default();
        let name = stages.get(stage.at()).map(|it| it.name.as_str());
        json!([self.lifecycle(lifecycle), name])
    }

    fn lifecycle(&mut self, lifecycle: ir::LifecycleIx) -> String {
        if let Some(known) = self.shared.lifecycles.get(&lifecycle) {
            return known.clone();
        }
        let program = self.program;
        let hash = program
            .lifecycle(lifecycle)
            .map(|it| {
                let stages: Vec<Value> = it
                    .stages
                    .iter()
                    .map(|stage| json!([stage.name, self.condition(stage.when, None)]))
                    .collect();
                hash_of(&json!([it.name, stages]).to_string())
            })
            .unwrap_or_default();
        self.shared.lifecycles.insert(lifecycle, hash.clone());
        hash
    }

    pub(super) fn consent(&self, consent: ir::ConsentIx) -> Option<&str> {
        let consent = self.program.consent(consent);
        consent.map(|it| it.name.as_str())
    }

    pub(super) fn hours(&self, hours: ir::HoursIx) -> Option<&str> {
        let hours = self.program.hours(hours);
        hours.map(|it| it.name.as_str())
    }
}
