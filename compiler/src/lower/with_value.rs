//! `did purchase where (cart_id is add_to_cart.cart_id)`: past events with a value that the asker has at hand.
//!
//! Comes in: a behaviour phrase of a step or an entry. Goes out: an aggregate that keeps the events of each value apart,
//! and the question for the one value. What is counted stays the same for all who ask, so the answer is exact; only
//! equality can be asked in this way.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::aggregate::Keep;
use journey_ir::{ConditionIx, EventIx};

use super::Lowering;
use super::behavior::When;
use super::scope::{Readable, Scope};

/// A filter taken apart: the one comparison with a value at hand, and the rest.
pub(super) struct Picked<'p> {
    event: EventIx,
    field: &'p syntax::Name,
    value: &'p syntax::Value,
    path: &'p syntax::Path,
    rest: Vec<&'p syntax::Condition>,
}

/// Events of which a value is asked.
#[derive(Clone)]
struct OfValue {
    event: EventIx,
    filter: Option<ConditionIx>,
    field: ir::FieldIx,
    value: ir::Source,
}

impl Lowering<'_> {
    /// The comparison with a value at hand that a filter joins to the rest by `and`, if there is one.
    pub(super) fn picked<'p>(
        &self,
        pattern: &'p syntax::EventPattern,
        scope: Scope,
    ) -> Option<Picked<'p>> {
        if scope.fields_of.is_some() || !(scope.in_run || scope.at_hand.is_some()) {
            return None;
        }
        let event = self.event_ix(&pattern.event.to_string())?;
        let mut parts = Vec::new();
        all_of(pattern.filter.as_ref()?, &mut parts);
        let at = parts
            .iter()
            .position(|part| self.picks(part, event, scope).is_some())?;
        let (field, value, path) = self.picks(parts.remove(at), event, scope)?;
        Some(Picked {
            event,
            field,
            value,
            path,
            rest: parts,
        })
    }

    fn picks<'p>(
        &self,
        part: &'p syntax::Condition,
        event: EventIx,
        scope: Scope,
    ) -> Option<(&'p syntax::Name, &'p syntax::Value, &'p syntax::Path)> {
        let syntax::Condition::Compare(compare) = part else {
            return None;
        };
        let (syntax::Operand::Path(left), syntax::ComparisonKind::Is(value)) =
            (&compare.operand, &compare.comparison.kind)
        else {
            return None;
        };
        let (Some(field), syntax::ValueKind::Path(path), None) =
            (left.single(), &value.kind, compare.for_at_least)
        else {
            return None;
        };
        let own = |name: &str| self.has_field(event, name);
        let at_hand = match path.single() {
            Some(name) => scope.in_run && self.remembered(&name.text).is_some() && !own(&name.text),
            None => self.field_path(path).is_some_and(|(owner, _)| {
                !own(&path.to_string())
                    && (scope.in_run && self.flow.known.contains(&owner)
                        || scope.at_hand == Some(owner))
            }),
        };
        (own(&field.text) && at_hand).then_some((field, value, path))
    }

    /// Whether events with a value at hand happened.
    pub(super) fn happened_with(
        &mut self,
        behavior: &syntax::Behavior,
        picked: &Picked<'_>,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let counted = scope.counted_fields_of(picked.event);
        self.used.name(&behavior.pattern.first.event.to_string());
        let field = self.field_named(picked.event, picked.field, counted)?;
        let left = Readable {
            source: ir::Source::Field(field),
            kind: self.program.field(picked.event, field)?.kind.clone(),
            optional: true,
            private: None,
            names_template: None,
            names_link: None,
            name: picked.field.text.clone(),
        };
        let value = self.readable(picked.path, scope)?;
        self.same_type(&left, &value.kind, picked.value.span, scope)?;
        let rest: Vec<Option<ConditionIx>> = picked
            .rest
            .iter()
            .map(|part| self.condition(part, counted))
            .collect();
        let rest = rest.into_iter().collect::<Option<Vec<_>>>()?;
        let of = OfValue {
            event: picked.event,
            filter: match rest.as_slice() {
                [] => None,
                _ => Some(self.tables.all(rest)),
            },
            field,
            value: value.source,
        };
        let when = match &behavior.window {
            None => When::Window(ir::Window::Ever),
            Some(window) => self.window(window, scope)?,
        };
        let Some(count) = &behavior.count else {
            return Some(self.with_at_least(&of, 1, when, scope));
        };
        self.so_often(count, scope, |it, n| {
            let n = it.few(n, count.span, scope)?;
            Some(it.with_at_least(&of, n, when, scope))
        })
    }

    fn with_at_least(&mut self, of: &OfValue, n: u32, when: When, scope: Scope) -> ConditionIx {
        let (from, to, window) = match when {
            When::Between(from, to) => (Some(from), Some(to), ir::Window::Ever),
            When::Window(ir::Window::Before(to)) => (None, Some(to), ir::Window::Ever),
            When::Window(window) => (None, None, window),
        };
        let keep = Keep::ByValue {
            field: of.field,
            most: n,
            from,
            to,
        };
        let aggregate = self.tables.aggregate(of.event, of.filter, keep);
        let settle = if scope.settles {
            self.lateness(of.event)
        } else {
            0
        };
        self.tables.is(ir::Atom::HappenedWith {
            aggregate,
            value: of.value.clone(),
            n,
            window,
            settle,
        })
    }
}

/// The parts of a condition that all must hold.
fn all_of<'p>(condition: &'p syntax::Condition, parts: &mut Vec<&'p syntax::Condition>) {
    match condition {
        syntax::Condition::Group(group) if group.for_at_least.is_none() => {
            all_of(&group.inner, parts);
        }
        syntax::Condition::Chain(chain)
            if chain
                .rest
                .iter()
                .all(|link| link.connective.value == syntax::Connective::And) =>
        {
            all_of(&chain.first, parts);
            for link in &chain.rest {
                all_of(&link.term, parts);
            }
        }
        other => parts.push(other),
    }
}
