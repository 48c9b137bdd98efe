//! Comparisons: does the question make sense for the type, and what is it compared with.

use std::cmp::Ordering;

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::ConditionIx;

use super::Lowering;
use super::error::ConditionError;
use super::parameters::Bound;
use super::scales;
use super::scope::{Readable, Scope};
use crate::problem::Location;
use crate::values::{ValueError, type_words};

impl Lowering<'_> {
    /// A value compared with a constant or another value.
    pub(super) fn comparison(
        &mut self,
        left: &Readable,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        use syntax::ComparisonKind as Asked;
        self.check_links(left, comparison, scope.file);
        if let Asked::IsNotOneOf(values) = &comparison.kind {
            self.makes_sense(left, comparison, scope)?;
            let values = self.choices(values, left, scope)?;
            return Some(self.none_of(left.source.clone(), values));
        }
        if let ir::Type::Scale(words) = &left.kind
            && self.compares_scales(words, comparison, scope)
        {
            return self.between_scales(words, left, comparison, scope);
        }
        let test = self.test(left, comparison, scope)?;
        let left = left.source.clone();
        Some(self.tables.is(ir::Atom::Compare { left, test }))
    }

    /// `is not one of a, b`: known, and none of them.
    fn none_of(&mut self, left: ir::Source, values: Vec<ir::Value>) -> ConditionIx {
        let known = self.tables.is(ir::Atom::Compare {
            left: left.clone(),
            test: ir::Comparison::IsKnown,
        });
        let one = self.tables.is(ir::Atom::Compare {
            left,
            test: ir::Comparison::IsOneOf(values),
        });
        let none = self.tables.not(one);
        self.tables.all(vec![known, none])
    }

    /// What is asked of a value, except `is not one of`.
    pub(super) fn test(
        &mut self,
        left: &Readable,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ir::Comparison> {
        use ir::Comparison as Test;
        use syntax::ComparisonKind as Asked;
        self.makes_sense(left, comparison, scope)?;
        if let ir::Type::Scale(words) = &left.kind
            && scales::is_ordered(&comparison.kind)
        {
            return self.on_scale(words, left, comparison, scope);
        }
        Some(match &comparison.kind {
            Asked::Under(value) => Test::Under(self.operand(value, left, scope)?),
            Asked::AtMost(value) => Test::AtMost(self.operand(value, left, scope)?),
            Asked::Over(value) => Test::Over(self.operand(value, left, scope)?),
            Asked::AtLeast(value) => Test::AtLeast(self.operand(value, left, scope)?),
            Asked::Between(low, high) => {
                let (low_at, high_at) = (low.span, high.span);
                let (low, high) = (
                    self.operand(low, left, scope),
                    self.operand(high, left, scope),
                );
                let (low, high) = (low?, high?);
                if is_empty_range(&low, &high) {
                    let at = Location::new(scope.file, low_at.to(high_at));
                    self.problems.push(ConditionError::EmptyRange.at(at));
                    return None;
                }
                Test::Between(low, high)
            }
            Asked::Is(value) => Test::Is(self.operand(value, left, scope)?),
            Asked::IsNot(value) => Test::IsNot(self.operand(value, left, scope)?),
            Asked::IsOneOf(values) => Test::IsOneOf(self.choices(values, left, scope)?),
            Asked::Includes(value) => {
                let item = Readable {
                    kind: item_of(&left.kind).clone(),
                    ..left.clone()
                };
                Test::Includes(self.operand(value, &item, scope)?)
            }
            Asked::Contains(value) => Test::Contains(self.operand(value, left, scope)?),
            Asked::StartsWith(value) => Test::StartsWith(self.operand(value, left, scope)?),
            Asked::IsMissing => Test::IsMissing,
            Asked::IsKnown => Test::IsKnown,
            Asked::IsNotOneOf(_) | Asked::IsInside(_) | Asked::IsOutside(_) => {
                let instead = instead_for(&left.kind);
                self.senseless(&left.name, &left.kind, comparison, instead, scope);
                return None;
            }
        })
    }

    /// Reports a question that has no answer for the type.
    fn makes_sense(
        &mut self,
        left: &Readable,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<()> {
        if allows(&left.kind, &comparison.kind) {
            return Some(());
        }
        if matches!(left.kind, ir::Type::OneOf(_)) && scales::is_ordered(&comparison.kind) {
            let error = ConditionError::NoOrder {
                name: left.name.clone(),
                comparison: comparison_word(&comparison.kind),
            };
            self.problems
                .push(error.at(Location::new(scope.file, comparison.span)));
            return None;
        }
        let instead = instead_for(&left.kind);
        self.senseless(&left.name, &left.kind, comparison, instead, scope);
        None
    }

    /// Reports a question that has no answer.
    pub(super) fn senseless(
        &mut self,
        name: &str,
        kind: &ir::Type,
        comparison: &syntax::Comparison,
        instead: &'static str,
        scope: Scope,
    ) {
        let error = ConditionError::Senseless {
            name: name.to_owned(),
            kind: type_words(kind),
            comparison: comparison_word(&comparison.kind),
            instead,
        };
        let at = Location::new(scope.file, comparison.span);
        self.problems.push(error.at(at));
    }

    fn choices(
        &mut self,
        values: &[syntax::Value],
        left: &Readable,
        scope: Scope,
    ) -> Option<Vec<ir::Value>> {
        let values: Vec<Option<ir::Value>> = values
            .iter()
            .map(|value| match left.names_template {
                Some(channel) => self.template_name(value, channel, scope.file),
                None => self.constant(value, &left.kind, scope.file),
            })
            .collect();
        values.into_iter().collect()
    }

    /// What a value of the type of `left` is compared with.
    pub(super) fn operand(
        &mut self,
        value: &syntax::Value,
        left: &Readable,
        scope: Scope,
    ) -> Option<ir::Operand> {
        if let Some(channel) = left.names_template {
            let name = self.template_name(value, channel, scope.file)?;
            return Some(ir::Operand::Value(name));
        }
        let syntax::ValueKind::Path(path) = &value.kind else {
            let constant = self.constant(value, &left.kind, scope.file)?;
            if left.kind == ir::Type::Money(None) {
                let at = Location::new(scope.file, value.span);
                self.problems.push(ValueError::AnyCurrency.at(at));
                return None;
            }
            return Some(ir::Operand::Value(constant));
        };
        if let Some(name) = path.single() {
            if is_choice(&left.kind, &name.text) {
                return Some(ir::Operand::Value(ir::Value::Text(name.text.clone())));
            }
            if let Some(bound) = self.parameter(&name.text).cloned() {
                return self.bound_operand(bound, left, value, scope);
            }
            let own = |event| self.has_field(event, &name.text);
            if let Some(kept) = self.remembered(&name.text).cloned()
                && !scope.fields_of.is_some_and(own)
            {
                return self.kept_operand(kept, left, value, scope);
            }
            let readable = match scope.fields_of {
                Some(event) => self.has_field(event, &name.text),
                None => self.attribute(&name.text).is_some(),
            };
            let is_choice = left.kind.choices().is_some();
            if is_choice || (!readable && is_text(&left.kind)) {
                let constant = self.constant(value, &left.kind, scope.file)?;
                return Some(ir::Operand::Value(constant));
            }
        }
        let right = self.readable(path, scope)?;
        self.same_type(left, &right.kind, value.span, scope)?;
        Some(ir::Operand::Source(right.source))
    }

    /// What the run remembers under a name.
    fn kept_operand(
        &mut self,
        kept: Readable,
        left: &Readable,
        value: &syntax::Value,
        scope: Scope,
    ) -> Option<ir::Operand> {
        if !scope.in_run {
            self.run_in_counted(&kept.name, value.span, scope);
            return None;
        }
        self.same_type(left, &kept.kind, value.span, scope)?;
        Some(ir::Operand::Source(kept.source))
    }

    fn bound_operand(
        &mut self,
        bound: Bound,
        left: &Readable,
        value: &syntax::Value,
        scope: Scope,
    ) -> Option<ir::Operand> {
        let (expression, kind) = match bound {
            Bound::Value {
                expression, kind, ..
            } => (expression, kind),
            Bound::Span(span) => (
                ir::journey::Expression::Value(ir::Value::Span(span)),
                ir::Type::Duration,
            ),
            Bound::Offer(_) | Bound::Template(_) => {
                self.different_types(left, &ir::Type::Offer, value.span, scope);
                return None;
            }
            Bound::Unknown => return None,
        };
        self.same_type(left, &kind, value.span, scope)?;
        match expression {
            ir::journey::Expression::Value(value) => Some(ir::Operand::Value(value)),
            ir::journey::Expression::Source(source) => Some(ir::Operand::Source(source)),
            ir::journey::Expression::Offer(_) => None,
        }
    }

    /// Reports two sides of different types.
    pub(super) fn same_type(
        &mut self,
        left: &Readable,
        right: &ir::Type,
        span: syntax::Span,
        scope: Scope,
    ) -> Option<()> {
        if comparable(&left.kind, right) {
            return Some(());
        }
        if let (ir::Type::Money(Some(expected)), ir::Type::Money(Some(found))) = (&left.kind, right)
        {
            let at = Location::new(scope.file, span);
            let (expected, found) = (*expected, *found);
            self.problems
                .push(ValueError::Currency { expected, found }.at(at));
        } else {
            self.different_types(left, right, span, scope);
        }
        None
    }

    fn different_types(
        &mut self,
        left: &Readable,
        right: &ir::Type,
        span: syntax::Span,
        scope: Scope,
    ) {
        let error = ConditionError::DifferentTypes {
            left: type_words(&left.kind),
            right: type_words(right),
        };
        let at = Location::new(scope.file, span);
        self.problems.push(error.at(at));
    }
}

/// Whether one can be compared with the other.
pub(super) fn comparable(left: &ir::Type, right: &ir::Type) -> bool {
    use ir::Type;
    match (left, right) {
        (
            Type::Number | Type::WholeNumber | Type::YearsSince(_),
            Type::Number | Type::WholeNumber | Type::YearsSince(_),
        ) => true,
        (Type::Money(left), Type::Money(right)) => left == right,
        (left, right) if is_text(left) => is_text(right) || right.choices().is_some(),
        (left, right) => left == right,
    }
}

/// Whether values of this type are texts of any form.
pub(super) const fn is_text(kind: &ir::Type) -> bool {
    matches!(
        kind,
        ir::Type::Text
            | ir::Type::EmailAddress
            | ir::Type::PhoneNumber
            | ir::Type::Link
            | ir::Type::Timezone
    )
}

const fn is_ordered(kind: &ir::Type) -> bool {
    matches!(
        kind,
        ir::Type::Scale(_)
            | ir::Type::Number
            | ir::Type::WholeNumber
            | ir::Type::YearsSince(_)
            | ir::Type::Money(_)
            | ir::Type::Date
            | ir::Type::Moment
            | ir::Type::Duration
    )
}

fn is_choice(kind: &ir::Type, word: &str) -> bool {
    let mut choices = kind.choices().into_iter().flatten();
    choices.any(|choice| choice == word)
}

fn item_of(kind: &ir::Type) -> &ir::Type {
    match kind {
        ir::Type::ListOf(item) => item,
        other => other,
    }
}

fn allows(kind: &ir::Type, asked: &syntax::ComparisonKind) -> bool {
    use syntax::ComparisonKind as Asked;
    match asked {
        Asked::IsMissing | Asked::IsKnown => true,
        Asked::Under(_)
        | Asked::AtMost(_)
        | Asked::Over(_)
        | Asked::AtLeast(_)
        | Asked::Between(..) => is_ordered(kind),
        Asked::Is(_) | Asked::IsNot(_) | Asked::IsOneOf(_) | Asked::IsNotOneOf(_) => !matches!(
            kind,
            ir::Type::ListOf(_) | ir::Type::Items(_) | ir::Type::Offer
        ),
        Asked::Includes(_) => matches!(kind, ir::Type::ListOf(_)),
        Asked::Contains(_) | Asked::StartsWith(_) => is_text(kind),
        Asked::IsInside(_) | Asked::IsOutside(_) => false,
    }
}

const fn instead_for(kind: &ir::Type) -> &'static str {
    match kind {
        ir::Type::ListOf(_) => "`includes`, `is missing`, `is known`",
        ir::Type::Items(_) => "`any item where ( … )`, `is missing`, `is known`",
        ir::Type::OneOf(_) | ir::Type::YesNo => "`is`, `is not`, `is one of`, `is missing`",
        kind if is_text(kind) => "`is`, `is not`, `is one of`, `contains`, `starts with`",
        _ => "`under`, `at most`, `over`, `at least`, `between … and …`, `is`",
    }
}

const fn comparison_word(asked: &syntax::ComparisonKind) -> &'static str {
    use syntax::ComparisonKind as Asked;
    match asked {
        Asked::Under(_) => "under",
        Asked::AtMost(_) => "at most",
        Asked::Over(_) => "over",
        Asked::AtLeast(_) => "at least",
        Asked::Between(..) => "between",
        Asked::Is(_) => "is",
        Asked::IsNot(_) => "is not",
        Asked::IsOneOf(_) => "is one of",
        Asked::IsNotOneOf(_) => "is not one of",
        Asked::Includes(_) => "includes",
        Asked::Contains(_) => "contains",
        Asked::StartsWith(_) => "starts with",
        Asked::IsMissing => "is missing",
        Asked::IsKnown => "is known",
        Asked::IsInside(_) => "is inside",
        Asked::IsOutside(_) => "is outside",
    }
}

/// Whether two constants are in the wrong order.
fn is_empty_range(low: &ir::Operand, high: &ir::Operand) -> bool {
    let (ir::Operand::Value(low), ir::Operand::Value(high)) = (low, high) else {
        return false;
    };
    let order = match (low, high) {
        (ir::Value::Number(low), ir::Value::Number(high)) => low.cmp(high),
        (ir::Value::Money(low), ir::Value::Money(high)) => low.minor.cmp(&high.minor),
        (ir::Value::Date(low), ir::Value::Date(high)) => low.cmp(high),
        (ir::Value::Moment(low), ir::Value::Moment(high)) => low.cmp(high),
        _ => Ordering::Less,
    };
    order == Ordering::Greater
}
