//! Old journeys beside the current program: a retained program's journeys are rewritten to the current tables, by name
//! where the current program has the name, appended where it has not. A segment, offer or template that changed means
//! its new definition, also for old runs; a journey keeps its own version.

mod journeys;

use journey_ir::schema::Type;
use journey_ir::{
    self as ir, Aggregate, AggregateIx, Atom, AtomIx, AttributeIx, Comparison, Condition,
    ConditionIx, ConsentIx, EventIx, FieldIx, Following, Hole, HoursIx, ItemField, ItemsTest,
    Journey, Keep, Lifecycle, LifecycleIx, MessageIx, OfferIx, Operand, Piece, RankedBy, Ranking,
    RankingIx, ScoreIx, Segment, SegmentIx, Source, Stage, StageIx,
};
use std::collections::{BTreeSet, HashMap};

/// The stage of a lifecycle that no longer has it: nobody is ever in it.
const NO_STAGE: StageIx = StageIx(u32::MAX);

/// Appends to `into` those journeys of `old`, in versions that `into` lacks. One that `into` calls otherwise gets its name
/// of today.
pub(super) fn retain(into: &mut ir::Program, old: &ir::Program) {
    let mut known: BTreeSet<(&str, &str)> = into
        .journeys
        .iter()
        .map(|it| (it.name.as_str(), it.version.as_str()))
        .collect();
    // Two journeys of an older program may be one under its name of today.
    let missing: Vec<&Journey> = old
        .journeys
        .iter()
        .filter(|it| known.insert((into.now_called(&it.name), &it.version)))
        .collect();
    if missing.is_empty() {
        return;
    }
    let mut merge = Merge::new(into, old);
    if let Some(old) = old.project.business_days {
        let hours = merge.hours(old);
        merge.into.project.business_days.get_or_insert(hours);
    }
    let journeys: Vec<_> = missing
        .into_iter()
        .map(|journey| merge.journey(journey))
        .collect();
    into.journeys.extend(journeys);
}

struct Merge<'a> {
    into: &'a mut ir::Program,
    old: &'a ir::Program,
    conditions: HashMap<(ConditionIx, Option<EventIx>), ConditionIx>,
    known_conditions: HashMap<Condition, ConditionIx>,
    known_atoms: HashMap<Atom, AtomIx>,
    known_aggregates: HashMap<Aggregate, AggregateIx>,
}

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn index<T: Clone + Eq + std::hash::Hash, I>(table: &[T], ix: impl Fn(u32) -> I) -> HashMap<T, I> {
    table
        .iter()
        .enumerate()
        .map(|(at, it)| (it.clone(), ix(place(at))))
        .collect()
}

/// Finds by name, or appends.
macro_rules! by_name {
    ($merge:ident, $at:ident, $table:ident $(. $part:ident)*, $index:ident, $build:expr) => {{
        let Some(old) = $merge.old.$table $(. $part)*.get($at.at()).cloned() else { return $index(u32::MAX) };
        if let Some(at) = $merge.into.$table $(. $part)*.iter().position(|it| it.name == old.name) {
            return $index(place(at));
        }
        let new = $build($merge, old);
        $merge.into.$table $(. $part)*.push(new);
        $index(place($merge.into.$table $(. $part)*.len() - 1))
    }};
}

impl<'a> Merge<'a> {
    fn new(into: &'a mut ir::Program, old: &'a ir::Program) -> Self {
        Self {
            known_conditions: index(&into.conditions, ConditionIx),
            known_atoms: index(&into.atoms, AtomIx),
            known_aggregates: index(&into.aggregates, AggregateIx),
            conditions: HashMap::new(),
            into,
            old,
        }
    }

    fn attribute(&mut self, at: AttributeIx) -> AttributeIx {
        by_name!(
            self,
            at,
            schema.attributes,
            AttributeIx,
            |merge: &mut Self, mut new: ir::Attribute| {
                if let Type::YearsSince(base) = new.kind {
                    new.kind = Type::YearsSince(merge.attribute(base));
                }
                new
            }
        )
    }

    fn consent(&mut self, at: ConsentIx) -> ConsentIx {
        by_name!(self, at, schema.consents, ConsentIx, |_: &mut Self, new| {
            new
        })
    }

    fn hours(&mut self, at: HoursIx) -> HoursIx {
        by_name!(self, at, project.hours, HoursIx, |_: &mut Self, new| new)
    }

    fn offer(&mut self, at: OfferIx) -> OfferIx {
        by_name!(self, at, offers, OfferIx, |_: &mut Self, new| new)
    }

    fn event(&mut self, at: EventIx) -> EventIx {
        by_name!(self, at, schema.events, EventIx, |_: &mut Self, new| new)
    }

    fn segment(&mut self, at: SegmentIx) -> SegmentIx {
        by_name!(
            self,
            at,
            segments,
            SegmentIx,
            |merge: &mut Self, new: Segment| Segment {
                condition: merge.condition(new.condition, None),
                ..new
            }
        )
    }

    fn lifecycle(&mut self, at: LifecycleIx) -> LifecycleIx {
        by_name!(
            self,
            at,
            lifecycles,
            LifecycleIx,
            |merge: &mut Self, new: Lifecycle| {
                let stage = |stage: Stage| Stage {
                    when: merge.condition(stage.when, None),
                    ..stage
                };
                Lifecycle {
                    stages: new.stages.into_iter().map(stage).collect(),
                    ..new
                }
            }
        )
    }

    fn score(&mut self, at: ScoreIx) -> ScoreIx {
        by_name!(
            self,
            at,
            scores,
            ScoreIx,
            |merge: &mut Self, new: ir::Score| {
                let line = |line: ir::ScoreLine| ir::ScoreLine {
                    aggregate: merge.aggregate(line.aggregate),
                    ..line
                };
                ir::Score {
                    lines: new.lines.into_iter().map(line).collect(),
                    ..new
                }
            }
        )
    }

    fn ranking(&mut self, at: RankingIx) -> RankingIx {
        by_name!(
            self,
            at,
            rankings,
            RankingIx,
            |merge: &mut Self, new: Ranking| {
                let by = match new.by {
                    RankedBy::Amount {
                        aggregate,
                        measure,
                        window,
                    } => RankedBy::Amount {
                        aggregate: merge.aggregate(aggregate),
                        measure,
                        window,
                    },
                    RankedBy::Value(source) => RankedBy::Value(merge.source(&source, None)),
                };
                Ranking { by, ..new }
            }
        )
    }

    fn stage(&mut self, lifecycle: LifecycleIx, stage: StageIx) -> (LifecycleIx, StageIx) {
        let old = self
            .old
            .lifecycle(lifecycle)
            .and_then(|all| all.stages.get(stage.at()));
        let new = self.lifecycle(lifecycle);
        let stages = self.into.lifecycle(new).map(|all| &all.stages);
        let same = |it: &Stage| old.is_some_and(|old| old.name == it.name);
        let stage = stages.and_then(|all| all.iter().position(same));
        (new, stage.map_or(NO_STAGE, |at| StageIx(place(at))))
    }

    fn field(&mut self, event: EventIx, field: FieldIx) -> FieldIx {
        let Some(old) = self.old.field(event, field).cloned() else {
            return FieldIx(u32::MAX);
        };
        let at = self.event(event);
        let Some(fields) = self
            .into
            .schema
            .events
            .get_mut(at.at())
            .map(|event| &mut event.fields)
        else {
            return FieldIx(u32::MAX);
        };
        // Objects are read by the position of their fields: a list of other objects is another list.
        let is_list = |kind: &Type| matches!(kind, Type::Items(_));
        let same = |it: &ir::Field| {
            it.name == old.name
                && (it.kind == old.kind || !is_list(&it.kind) && !is_list(&old.kind))
        };
        if let Some(at) = fields.iter().position(same) {
            return FieldIx(place(at));
        }
        // Events that come in now need not have what only an old version asks for.
        fields.push(ir::Field {
            optional: true,
            ..old
        });
        FieldIx(place(fields.len() - 1))
    }

    fn message(&mut self, at: MessageIx) -> MessageIx {
        let Some(old) = self.old.message(at).cloned() else {
            return MessageIx(u32::MAX);
        };
        let same = |it: &ir::Message| {
            it.channel == old.channel && it.template == old.template && it.needs == old.needs
        };
        if let Some(at) = self.into.messages.iter().position(same) {
            return MessageIx(place(at));
        }
        let pieces = |merge: &mut Self, pieces: Vec<Piece>| -> Vec<Piece> {
            let piece = |piece| match piece {
                Piece::Hole {
                    hole: Hole::Attribute(at),
                    filters,
                } => Piece::Hole {
                    hole: Hole::Attribute(merge.attribute(at)),
                    filters,
                },
                Piece::Hole {
                    hole: Hole::Score(at),
                    filters,
                } => Piece::Hole {
                    hole: Hole::Score(merge.score(at)),
                    filters,
                },
                other => other,
            };
            pieces.into_iter().map(piece).collect()
        };
        let translations = old
            .translations
            .into_iter()
            .map(|old| ir::Translation {
                subject: pieces(self, old.subject),
                body: pieces(self, old.body),
                ..old
            })
            .collect();
        let message = ir::Message {
            translations,
            consent: old.consent.map(|at| self.consent(at)),
            subject: pieces(self, old.subject),
            body: pieces(self, old.body),
            ..old
        };
        self.into.messages.push(message);
        MessageIx(place(self.into.messages.len() - 1))
    }

    fn aggregate(&mut self, at: AggregateIx) -> AggregateIx {
        let Some(old) = self.old.aggregate(at).cloned() else {
            return AggregateIx(u32::MAX);
        };
        let of = old.event;
        let new = Aggregate {
            event: self.event(of),
            filter: old.filter.map(|at| self.condition(at, Some(of))),
            keep: match old.keep {
                Keep::Chain { key, then, horizon } => Keep::Chain {
                    key: key.map(|at| self.field(of, at)),
                    then: then.iter().map(|it| self.following(it)).collect(),
                    horizon,
                },
                keep => keep.with_field(|at| self.field(of, at)),
            },
        };
        let next = AggregateIx(place(self.into.aggregates.len()));
        let at = *self.known_aggregates.entry(new.clone()).or_insert(next);
        if at == next {
            self.into.aggregates.push(new);
        }
        at
    }

    fn following(&mut self, old: &Following) -> Following {
        let of = old.event;
        Following {
            event: self.event(of),
            filter: old.filter.map(|at| self.condition(at, Some(of))),
            key: old.key.map(|at| self.field(of, at)),
            ..old.clone()
        }
    }

    fn condition(&mut self, at: ConditionIx, event: Option<EventIx>) -> ConditionIx {
        if let Some(known) = self.conditions.get(&(at, event)) {
            return *known;
        }
        let Some(old) = self.old.condition(at).cloned() else {
            return ConditionIx(u32::MAX);
        };
        let new = match old {
            Condition::Always => Condition::Always,
            Condition::All(of) => {
                Condition::All(of.into_iter().map(|at| self.condition(at, event)).collect())
            }
            Condition::Any(of) => {
                Condition::Any(of.into_iter().map(|at| self.condition(at, event)).collect())
            }
            Condition::Not(of) => Condition::Not(self.condition(of, event)),
            Condition::Is(atom) => Condition::Is(self.atom(atom, event)),
        };
        let next = ConditionIx(place(self.into.conditions.len()));
        let found = *self.known_conditions.entry(new.clone()).or_insert(next);
        if found == next {
            self.into.conditions.push(new);
        }
        self.conditions.insert((at, event), found);
        found
    }

    fn atom(&mut self, at: AtomIx, event: Option<EventIx>) -> AtomIx {
        let Some(old) = self.old.atom(at).cloned() else {
            return AtomIx(u32::MAX);
        };
        let new = match old {
            Atom::Compare { left, test } => Atom::Compare {
                left: self.source(&left, event),
                test: self.test(test, event),
            },
            Atom::Happened {
                aggregate,
                n,
                window,
                settle,
            } => Atom::Happened {
                aggregate: self.aggregate(aggregate),
                n,
                window,
                settle,
            },
            Atom::Amount {
                aggregate,
                measure,
                window,
                test,
            } => Atom::Amount {
                aggregate: self.aggregate(aggregate),
                measure,
                window,
                test: self.test(test, event),
            },
            Atom::Overdue {
                aggregate,
                intervals,
                settle,
            } => Atom::Overdue {
                aggregate: self.aggregate(aggregate),
                intervals,
                settle,
            },
            Atom::HappenedWith {
                aggregate,
                value,
                n,
                window,
                settle,
            } => Atom::HappenedWith {
                aggregate: self.aggregate(aggregate),
                value: self.source(&value, event),
                n,
                window,
                settle,
            },
            Atom::Paced {
                rhythm,
                newest,
                n,
                intervals,
                settle,
            } => Atom::Paced {
                rhythm: self.aggregate(rhythm),
                newest: self.aggregate(newest),
                n,
                intervals,
                settle,
            },
            Atom::HeldFor { condition, span } => Atom::HeldFor {
                condition: self.condition(condition, None),
                span,
            },
            same @ Atom::Sample { .. } => same,
            Atom::Ranked(ranking) => Atom::Ranked(self.ranking(ranking)),
            Atom::Member(segment) => Atom::Member(self.segment(segment)),
            Atom::MemberFor { segment, span } => Atom::MemberFor {
                segment: self.segment(segment),
                span,
            },
            Atom::StageFor {
                lifecycle,
                stage,
                span,
            } => {
                let (lifecycle, stage) = self.stage(lifecycle, stage);
                Atom::StageFor {
                    lifecycle,
                    stage,
                    span,
                }
            }
            Atom::Stage { lifecycle, stage } => {
                let (lifecycle, stage) = self.stage(lifecycle, stage);
                Atom::Stage { lifecycle, stage }
            }
            Atom::Agreed { consent, channel } => Atom::Agreed {
                consent: self.consent(consent),
                channel,
            },
            Atom::Tagged(tag) => Atom::Tagged(tag),
            Atom::Inside(hours) => Atom::Inside(self.hours(hours)),
            Atom::Items { of, filter, test } => Atom::Items {
                of: self.source(&of, event),
                filter: self.condition(filter, event),
                test: match test {
                    ItemsTest::Count(test) => ItemsTest::Count(self.test(test, event)),
                    same @ (ItemsTest::Any | ItemsTest::Every | ItemsTest::No) => same,
                },
            },
        };
        let next = AtomIx(place(self.into.atoms.len()));
        let found = *self.known_atoms.entry(new.clone()).or_insert(next);
        if found == next {
            self.into.atoms.push(new);
        }
        found
    }

    fn source(&mut self, source: &Source, event: Option<EventIx>) -> Source {
        match source {
            Source::Attribute(at) => Source::Attribute(self.attribute(*at)),
            Source::Field(at) => Source::Field(event.map_or(*at, |event| self.field(event, *at))),
            Source::Register(at) => Source::Register(*at),
            Source::OfferExpires(at) => Source::OfferExpires(self.offer(*at)),
            Source::OfferIssued(at) => Source::OfferIssued(self.offer(*at)),
            Source::Item(at) => Source::Item(ItemField {
                list: self.field(at.event, at.list),
                event: self.event(at.event),
                field: at.field,
            }),
            Source::Score(at) => Source::Score(self.score(*at)),
            Source::Recalled(at) => Source::Recalled(self.aggregate(*at)),
        }
    }

    fn test(&mut self, test: Comparison, event: Option<EventIx>) -> Comparison {
        let mut operand = |operand| match operand {
            Operand::Value(value) => Operand::Value(value),
            Operand::Source(source) => Operand::Source(self.source(&source, event)),
        };
        match test {
            Comparison::Under(x) => Comparison::Under(operand(x)),
            Comparison::AtMost(x) => Comparison::AtMost(operand(x)),
            Comparison::Over(x) => Comparison::Over(operand(x)),
            Comparison::AtLeast(x) => Comparison::AtLeast(operand(x)),
            Comparison::Between(a, b) => Comparison::Between(operand(a), operand(b)),
            Comparison::Is(x) => Comparison::Is(operand(x)),
            Comparison::IsNot(x) => Comparison::IsNot(operand(x)),
            Comparison::Includes(x) => Comparison::Includes(operand(x)),
            Comparison::Contains(x) => Comparison::Contains(operand(x)),
            Comparison::StartsWith(x) => Comparison::StartsWith(operand(x)),
            same @ (Comparison::IsOneOf(_) | Comparison::IsMissing | Comparison::IsKnown) => same,
        }
    }
}
