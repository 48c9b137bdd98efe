//! Comparisons on a scale, `one of Bronze, Silver, Gold, lowest first`: `at least Silver` asks for one of the words
//! from Silver up.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::Lowering;
use super::error::ConditionError;
use super::scope::{Readable, Scope};
use crate::problem::{Location, Text};

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
            ir::Operand::Value(_) => None,
            ir::Operand::Source(_) => {
                let what = Text::new(
                    "comparing two values on a scale",
                    "순서가 있는 두 값을 서로 비교하기",
                );
                let help = Text::new("compare with one of the words", "단어 하나와 비교하세요");
                self.not_supported(scope.file, value.span, &what, help);
                None
            }
        }
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
