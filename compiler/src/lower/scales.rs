//! Comparisons on a scale, `one of Bronze, Silver, Gold, lowest first`: `at least Silver` asks for one of the words
//! from Silver up.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::ConditionIx;

use super::Lowering;
use super::error::ConditionError;
use super::scope::{Readable, Scope};
use crate::problem::Location;

/// On which side of another a value is to stand.
#[derive(Debug, Clone, Copy)]
enum Side {
    AtLeast,
    Over,
    AtMost,
    Under,
}

impl Lowering<'_> {
    /// The words of a scale that an ordered comparison lets pass; nothing where a problem was reported.
    pub(super) fn on_scale(
        &mut self,
        words: &[String],
        left: &Readable,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ir::Comparison> {
        use syntax::ComparisonKind as Asked;
        let end = words.len();
        let passing = match &comparison.kind {
            Asked::AtLeast(value) => self.rung(words, left, value, scope)?..end,
            Asked::Over(value) => self.rung(words, left, value, scope)? + 1..end,
            Asked::AtMost(value) => 0..self.rung(words, left, value, scope)? + 1,
            Asked::Under(value) => 0..self.rung(words, left, value, scope)?,
            Asked::Between(low, high) => {
                let from = self.rung(words, left, low, scope);
                let to = self.rung(words, left, high, scope);
                let (from, to) = (from?, to?);
                if from > to {
                    let at = Location::new(scope.file, low.span.to(high.span));
                    self.problems.push(ConditionError::EmptyRange.at(at));
                    return None;
                }
                from..to + 1
            }
            _ => return None,
        };
        let passing = words.get(passing).unwrap_or_default().iter();
        let passing = passing.map(|word| ir::Value::Text(word.clone()));
        Some(ir::Comparison::IsOneOf(passing.collect()))
    }

    /// Whether an ordered comparison on a scale has a value that is read on its right.
    pub(super) fn compares_scales(
        &self,
        words: &[String],
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> bool {
        sides(&comparison.kind)
            .iter()
            .any(|(value, _)| self.is_read(words, value, scope))
    }

    /// `tier at least order_placed.tier`: two values on the same scale, word by word.
    pub(super) fn between_scales(
        &mut self,
        words: &[String],
        left: &Readable,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let mut all = Vec::new();
        for (value, side) in sides(&comparison.kind) {
            let operand = self.on_same_scale(words, left, value, scope)?;
            all.push(self.on_side(words, &left.source, &operand, side));
        }
        Some(self.tables.all(all))
    }

    /// Whether a value is read, and no word of the scale.
    fn is_read(&self, words: &[String], value: &syntax::Value, scope: Scope) -> bool {
        let syntax::ValueKind::Path(path) = &value.kind else {
            return false;
        };
        let Some(name) = path.single() else {
            return true;
        };
        let known = match scope.fields_of {
            Some(event) => self.has_field(event, &name.text),
            None => self.attribute(&name.text).is_some(),
        };
        !words.contains(&name.text)
            && self.parameter(&name.text).is_none()
            && (known || self.remembered(&name.text).is_some())
    }

    /// A word of the scale, or a value that is read and has the same words.
    fn on_same_scale(
        &mut self,
        words: &[String],
        left: &Readable,
        value: &syntax::Value,
        scope: Scope,
    ) -> Option<ir::Operand> {
        let syntax::ValueKind::Path(path) = &value.kind else {
            return self.operand(value, left, scope);
        };
        let kept = path
            .single()
            .is_some_and(|it| self.remembered(&it.text).is_some());
        if kept || !self.is_read(words, value, scope) {
            return self.operand(value, left, scope);
        }
        let right = self.readable(path, scope)?;
        self.same_type(left, &right.kind, value.span, scope)?;
        Some(ir::Operand::Source(right.source))
    }

    /// Whether a value stands on one side of another, or of a word.
    fn on_side(
        &mut self,
        words: &[String],
        left: &ir::Source,
        right: &ir::Operand,
        side: Side,
    ) -> ConditionIx {
        let is_one_of = |source: &ir::Source, words: &[String]| {
            let words = words.iter().map(|word| ir::Value::Text(word.clone()));
            ir::Atom::Compare {
                left: source.clone(),
                test: ir::Comparison::IsOneOf(words.collect()),
            }
        };
        let mut ways = Vec::new();
        for (rung, word) in words.iter().enumerate() {
            let passing = match side {
                Side::AtLeast => words.get(rung..),
                Side::Over => words.get(rung + 1..),
                Side::AtMost => words.get(..=rung),
                Side::Under => words.get(..rung),
            };
            let passing = passing.unwrap_or_default();
            let is_here = match right {
                ir::Operand::Value(value) if *value != ir::Value::Text(word.clone()) => continue,
                ir::Operand::Value(_) => None,
                ir::Operand::Source(source) => Some(
                    self.tables
                        .is(is_one_of(source, std::slice::from_ref(word))),
                ),
            };
            if passing.is_empty() {
                continue;
            }
            let passes = self.tables.is(is_one_of(left, passing));
            ways.push(
                self.tables
                    .all(is_here.into_iter().chain([passes]).collect()),
            );
        }
        self.tables.any(ways)
    }

    /// Where a word stands on a scale, counted from the lowest.
    fn rung(
        &mut self,
        words: &[String],
        left: &Readable,
        value: &syntax::Value,
        scope: Scope,
    ) -> Option<usize> {
        match self.operand(value, left, scope)? {
            ir::Operand::Value(ir::Value::Text(word)) => words.iter().position(|it| *it == word),
            // Two values on one scale are compared word by word before it comes to this.
            ir::Operand::Value(_) | ir::Operand::Source(_) => None,
        }
    }
}

/// What an ordered comparison compares with, and on which side of it.
fn sides(asked: &syntax::ComparisonKind) -> Vec<(&syntax::Value, Side)> {
    use syntax::ComparisonKind as Asked;
    match asked {
        Asked::AtLeast(value) => vec![(value, Side::AtLeast)],
        Asked::Over(value) => vec![(value, Side::Over)],
        Asked::AtMost(value) => vec![(value, Side::AtMost)],
        Asked::Under(value) => vec![(value, Side::Under)],
        Asked::Between(low, high) => vec![(low, Side::AtLeast), (high, Side::AtMost)],
        _ => Vec::new(),
    }
}

/// Whether a comparison asks for more or less.
pub(super) const fn is_ordered(asked: &syntax::ComparisonKind) -> bool {
    use syntax::ComparisonKind as Asked;
    matches!(
        asked,
        Asked::AtLeast(_)
            | Asked::Over(_)
            | Asked::AtMost(_)
            | Asked::Under(_)
            | Asked::Between(..)
    )
}
