//! Conditions to the shared graph of atoms.
//!
//! Comes in: a condition of the syntax tree and the [`Scope`] it stands in. Goes out: its position in the tables, or
//! nothing where a problem was reported. All parts are read even when one is wrong, so that all problems are seen.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::ConditionIx;

use super::Lowering;
use super::error::ConditionError;
use super::scope::{Scope, Subject};
use crate::check::{Asked, Part, PartKind, witness};
use crate::names::Kind;
use crate::problem::Location;

/// A chain that can be read in two ways.
#[derive(Debug)]
pub(super) struct Mixed {
    at: Location,
    first: Location,
    /// With `and` first, and with `or` first; `None` where a part has a problem of its own.
    readings: Option<(ConditionIx, ConditionIx)>,
    event: Option<ir::EventIx>,
    registers: Vec<ir::Register>,
}

impl Lowering<'_> {
    /// The condition's position.
    pub(super) fn condition(
        &mut self,
        condition: &syntax::Condition,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let lowered = self.condition_inside(condition, scope)?;
        if let Some(kind) = part_kind(condition) {
            self.parts.push(Part {
                kind,
                condition: lowered,
                at: Location::new(scope.file, condition.span()),
            });
        }
        Some(lowered)
    }

    fn condition_inside(
        &mut self,
        condition: &syntax::Condition,
        scope: Scope,
    ) -> Option<ConditionIx> {
        match condition {
            syntax::Condition::Chain(chain) => self.chain(chain, scope),
            syntax::Condition::Not(negation) => {
                let negated = self.condition(&negation.negated, scope)?;
                Some(self.tables.not(negated))
            }
            syntax::Condition::Group(group) => match group.for_at_least {
                None => self.condition(&group.inner, scope),
                Some(duration) => {
                    self.about_the_person(scope, group.span)?;
                    let held = self.condition(&group.inner, Scope::membership(scope.file));
                    self.held_for(held, duration, scope)
                }
            },
            syntax::Condition::Agreed(agreed) => {
                self.about_the_person(scope, agreed.span)?;
                self.agreed(agreed, scope)
            }
            syntax::Condition::Behavior(behavior) => {
                self.about_the_person(scope, behavior.span)?;
                self.behavior(behavior, scope)
            }
            syntax::Condition::Member(member) => {
                self.about_the_person(scope, member.span)?;
                let segment = self.segment_named(&member.segment, scope.file);
                Some(match member.for_at_least {
                    None => self.tables.is(ir::Atom::Member(segment?)),
                    Some(duration) => {
                        let span = self.wait_span(duration, scope.file);
                        let (segment, span) = (segment?, span?);
                        self.tables.is(ir::Atom::MemberFor { segment, span })
                    }
                })
            }
            syntax::Condition::Sample(sample) => {
                self.about_the_person(scope, sample.span)?;
                self.sample(sample, scope)
            }
            syntax::Condition::Items(items) => self.items(items, scope),
            syntax::Condition::Rank(rank) => {
                self.about_the_person(scope, rank.span)?;
                self.rank(rank, scope)
            }
            syntax::Condition::Compare(compare) => self.compare(compare, scope),
            syntax::Condition::Unknown(_) => None,
        }
    }

    /// The condition's position; where it has none, one that stands for it in a program that will not be.
    pub(super) fn condition_or_gap(
        &mut self,
        condition: &syntax::Condition,
        scope: Scope,
    ) -> ConditionIx {
        self.condition_after(condition, &[], scope)
    }

    /// The same for a condition that is asked of those only whom none of `unless` takes.
    pub(super) fn condition_after(
        &mut self,
        condition: &syntax::Condition,
        unless: &[ConditionIx],
        scope: Scope,
    ) -> ConditionIx {
        let Some(lowered) = self.condition(condition, scope) else {
            self.gap(scope.file, condition.span());
            return self.tables.always();
        };
        self.asked(vec![lowered], condition, scope);
        if let Some(asked) = self.written.conditions.last_mut() {
            asked.unless = unless.to_vec();
        }
        lowered
    }

    /// Remembers where a condition stands, with what must hold for it to be asked.
    pub(super) fn asked(
        &mut self,
        conditions: Vec<ConditionIx>,
        written: &syntax::Condition,
        scope: Scope,
    ) {
        let at = Location::new(scope.file, written.span());
        let inside = |it: &Part| it.at.file == at.file && at.span.contains(it.at.span);
        let (parts, others) = std::mem::take(&mut self.parts)
            .into_iter()
            .partition(inside);
        self.parts = others;
        self.written.conditions.push(Asked {
            conditions,
            at,
            journey: self.flow.journey,
            event: scope.fields_of.or(scope.at_hand),
            in_where: scope.fields_of.is_some(),
            unless: Vec::new(),
            known: scope
                .at_hand
                .into_iter()
                .chain(self.flow.known.iter().copied())
                .collect(),
            parts,
        });
    }

    /// The journey that is being lowered.
    pub(super) const fn journey_at_hand(&self) -> ir::JourneyIx {
        ir::JourneyIx(self.program.journeys.len() as u32)
    }

    fn chain(&mut self, chain: &syntax::Chain, scope: Scope) -> Option<ConditionIx> {
        let mut parts = vec![self.condition(&chain.first, scope)];
        for link in &chain.rest {
            parts.push(self.condition(&link.term, scope));
        }
        let first = chain.rest.first()?.connective;
        let mixed = chain
            .rest
            .iter()
            .find(|link| link.connective.value != first.value);
        if let Some(link) = mixed {
            let readings = self.readings(chain, &parts);
            self.mixed.push(Mixed {
                at: Location::new(scope.file, link.connective.span),
                first: Location::new(scope.file, first.span),
                readings,
                event: scope.fields_of.or(scope.at_hand),
                registers: self.flow.registers.clone(),
            });
            return None;
        }
        let parts: Vec<ConditionIx> = parts.into_iter().collect::<Option<_>>()?;
        Some(match first.value {
            syntax::Connective::And => self.tables.all(parts),
            syntax::Connective::Or => self.tables.any(parts),
        })
    }

    /// What a mixed chain means where `and` binds first, and where `or` does.
    fn readings(
        &mut self,
        chain: &syntax::Chain,
        parts: &[Option<ConditionIx>],
    ) -> Option<(ConditionIx, ConditionIx)> {
        let parts: Vec<ConditionIx> = parts.iter().copied().collect::<Option<_>>()?;
        let (first, rest) = parts.split_first()?;
        let grouped = |inner: syntax::Connective| {
            let mut groups = vec![vec![*first]];
            for (link, part) in chain.rest.iter().zip(rest) {
                match groups.last_mut() {
                    Some(group) if link.connective.value == inner => group.push(*part),
                    _ => groups.push(vec![*part]),
                }
            }
            groups
        };
        let and_first: Vec<ConditionIx> = grouped(syntax::Connective::And)
            .into_iter()
            .map(|group| self.tables.all(group))
            .collect();
        let or_first: Vec<ConditionIx> = grouped(syntax::Connective::Or)
            .into_iter()
            .map(|group| self.tables.any(group))
            .collect();
        Some((self.tables.any(and_first), self.tables.all(or_first)))
    }

    /// Reports chains that can be read in two ways, each with someone for whom the two differ.
    pub(super) fn report_mixed(&mut self) {
        for mixed in std::mem::take(&mut self.mixed) {
            let Mixed {
                at,
                first,
                readings,
                event,
                registers,
            } = mixed;
            let example = readings.and_then(|(and_first, or_first)| {
                let (one, other) = ((and_first, event), (or_first, event));
                witness::differing(&self.program, &registers, one, other)
            });
            let error = ConditionError::MixedAndOr { first, example };
            self.problems.push(error.at(at));
        }
    }

    /// Reports what cannot be asked inside `where ( … )`.
    fn about_the_person(&mut self, scope: Scope, span: syntax::Span) -> Option<()> {
        let item = scope.item_of.map(|(event, _)| event);
        let Some(event) = scope.fields_of.or(item) else {
            return Some(());
        };
        let event = self.event_name(event);
        let at = Location::new(scope.file, span);
        self.problems
            .push(ConditionError::NotAField { event }.at(at));
        None
    }

    /// `vip is yes for at least 3 days`: what is watched of everyone all the time, as a segment is, so it can only be
    /// about the person.
    fn held_for(
        &mut self,
        held: Option<ConditionIx>,
        duration: syntax::Duration,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let span = self.wait_span(duration, scope.file);
        let (condition, span) = (held?, span?);
        Some(self.tables.is(ir::Atom::HeldFor { condition, span }))
    }

    fn agreed(&mut self, agreed: &syntax::Agreed, scope: Scope) -> Option<ConditionIx> {
        let consent = self.consent_named(&agreed.consent, scope.file);
        let channel = match &agreed.channel {
            Some(path) => Some(self.channel_named(&path.to_string(), scope.file, path.span)?),
            None => None,
        };
        let consent = consent?;
        Some(self.tables.is(ir::Atom::Agreed { consent, channel }))
    }

    fn compare(&mut self, compare: &syntax::Compare, scope: Scope) -> Option<ConditionIx> {
        let comparison = &compare.comparison;
        let is_stage = matches!(
            &compare.operand,
            syntax::Operand::Path(path) if self.is_reported(&path.to_string(), &[Kind::Lifecycle])
        ) && matches!(comparison.kind, syntax::ComparisonKind::Is(_));
        if let Some(duration) = compare.for_at_least.filter(|_| !is_stage) {
            self.about_the_person(scope, compare.span)?;
            let now = syntax::Compare {
                for_at_least: None,
                ..compare.clone()
            };
            let held = self.compare(&now, Scope::membership(scope.file));
            return self.held_for(held, duration, scope);
        }
        let path = match &compare.operand {
            syntax::Operand::Aggregate(aggregate) => {
                self.about_the_person(scope, compare.span)?;
                return self.amount(aggregate, comparison, scope);
            }
            syntax::Operand::ItemCount(count) => return self.item_count(count, comparison, scope),
            syntax::Operand::Favourite(recalled) => {
                self.about_the_person(scope, compare.span)?;
                return self.favourite(recalled, comparison, scope);
            }
            syntax::Operand::Last(recalled) => {
                self.about_the_person(scope, compare.span)?;
                return self.last(recalled, comparison, scope);
            }
            syntax::Operand::Path(path) => path,
        };
        match self.subject_of(path, type_of(comparison), scope)? {
            Subject::Now => self.inside(comparison, scope),
            Subject::Tag => self.tagged(comparison, scope),
            Subject::Lifecycle(lifecycle) => match compare.for_at_least {
                None => self.stage_test(lifecycle, path, comparison, scope),
                Some(duration) => self.stage_for(lifecycle, comparison, duration, scope),
            },
            Subject::Read(left) => self.comparison(&left, comparison, scope),
        }
    }

    fn inside(&mut self, comparison: &syntax::Comparison, scope: Scope) -> Option<ConditionIx> {
        let (path, inside) = match &comparison.kind {
            syntax::ComparisonKind::IsInside(path) => (path, true),
            syntax::ComparisonKind::IsOutside(path) => (path, false),
            _ => {
                let at = Location::new(scope.file, comparison.span);
                self.problems.push(ConditionError::NotHours.at(at));
                return None;
            }
        };
        let hours = self.hours_named(path, scope.file)?;
        let open = self.tables.is(ir::Atom::Inside(hours));
        Some(if inside { open } else { self.tables.not(open) })
    }

    fn tagged(&mut self, comparison: &syntax::Comparison, scope: Scope) -> Option<ConditionIx> {
        use syntax::ComparisonKind as Asked;
        let (values, positive): (&[syntax::Value], bool) = match &comparison.kind {
            Asked::Is(value) | Asked::Includes(value) => (std::slice::from_ref(value), true),
            Asked::IsNot(value) => (std::slice::from_ref(value), false),
            Asked::IsOneOf(values) => (values, true),
            Asked::IsNotOneOf(values) => (values, false),
            _ => {
                self.senseless("tag", &ir::Type::Text, comparison, "`tag is \"…\"`", scope);
                return None;
            }
        };
        let mut parts = Vec::new();
        for value in values {
            let tag = self.constant(value, &ir::Type::Text, scope.file)?;
            let ir::Value::Text(tag) = tag else { continue };
            parts.push(self.tables.is(ir::Atom::Tagged(tag)));
        }
        let tagged = self.tables.any(parts);
        Some(if positive {
            tagged
        } else {
            self.tables.not(tagged)
        })
    }

    fn stage_test(
        &mut self,
        lifecycle: ir::LifecycleIx,
        path: &syntax::Path,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        use syntax::ComparisonKind as Asked;
        let (values, positive): (&[syntax::Value], bool) = match &comparison.kind {
            Asked::Is(value) => (std::slice::from_ref(value), true),
            Asked::IsNot(value) => (std::slice::from_ref(value), false),
            Asked::IsOneOf(values) => (values, true),
            Asked::IsNotOneOf(values) => (values, false),
            _ => {
                let stages = ir::Type::OneOf(self.stage_names(lifecycle));
                let name = path.to_string();
                let instead = "`is`, `is not`, `is one of`";
                self.senseless(&name, &stages, comparison, instead, scope);
                return None;
            }
        };
        let mut parts = Vec::new();
        for value in values {
            let stage = self.stage_value(lifecycle, value, scope)?;
            parts.push(self.tables.is(ir::Atom::Stage { lifecycle, stage }));
        }
        let stage = self.tables.any(parts);
        Some(if positive {
            stage
        } else {
            self.tables.not(stage)
        })
    }

    /// The stage that a value names.
    pub(super) fn stage_value(
        &mut self,
        lifecycle: ir::LifecycleIx,
        value: &syntax::Value,
        scope: Scope,
    ) -> Option<ir::StageIx> {
        let stages = self.stage_names(lifecycle);
        if let syntax::ValueKind::Path(path) = &value.kind
            && self.incomplete.contains(&self.lifecycle_name(lifecycle))
            && !stages.contains(&path.to_string())
        {
            return None;
        }
        let kind = ir::Type::OneOf(stages.clone());
        let ir::Value::Text(name) = self.constant(value, &kind, scope.file)? else {
            return None;
        };
        let at = stages.iter().position(|stage| *stage == name)?;
        Some(ir::StageIx(at as u32))
    }

    /// The stage of a name.
    pub(super) fn stage_named(
        &mut self,
        lifecycle: ir::LifecycleIx,
        name: &syntax::Name,
        file: crate::sources::FileId,
    ) -> Option<ir::StageIx> {
        if name.is_missing() {
            return None;
        }
        let stages = self.stage_names(lifecycle);
        if let Some(at) = stages.iter().position(|stage| *stage == name.text) {
            return Some(ir::StageIx(at as u32));
        }
        let known = stages.iter().map(String::as_str);
        let of = self.lifecycle_name(lifecycle);
        if self.incomplete.contains(&of) {
            return None;
        }
        self.unknown_in(Kind::Stage, &name.text, &of, known, file, name.span);
        None
    }
}

/// What a condition is, where its very words matter.
fn part_kind(condition: &syntax::Condition) -> Option<PartKind> {
    match condition {
        syntax::Condition::Not(_) => Some(PartKind::Not),
        syntax::Condition::Behavior(behavior) => {
            Some(match (behavior.polarity.value, &behavior.window) {
                (syntax::Polarity::DidNot, Some(syntax::Window::InTheLast(_))) => {
                    PartKind::DidNotLately
                }
                _ => PartKind::Behavior,
            })
        }
        _ => None,
    }
}

/// The type that a value seems to be of which is compared so, as it is declared.
fn type_of(comparison: &syntax::Comparison) -> &'static str {
    use syntax::ComparisonKind as Asked;
    use syntax::ValueKind;
    let (Asked::Under(value)
    | Asked::AtMost(value)
    | Asked::Over(value)
    | Asked::AtLeast(value)
    | Asked::Between(value, _)
    | Asked::Is(value)
    | Asked::IsNot(value)) = &comparison.kind
    else {
        return "text";
    };
    match &value.kind {
        ValueKind::Number(_) => "number",
        ValueKind::Money(_) => "money",
        ValueKind::Date(_) => "date",
        ValueKind::Moment(_) => "moment",
        ValueKind::YesNo(_) => "yes or no",
        _ => "text",
    }
}
