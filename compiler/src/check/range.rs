//! Values of one variable, cut into cells whose values all answer every question in the same way.

use std::collections::BTreeSet;

use journey_ir as ir;
use journey_ir::{Comparison, Operand, StageIx, Value};

/// What a variable can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// No value.
    Missing,
    /// All values from the first to the last, both included.
    Range(i64, i64),
    /// One word, or yes or no.
    Word(Value),
    /// Any text that no question names.
    Other,
    /// A stage of a lifecycle.
    Stage(StageIx),
    /// Whether something that is not looked into holds.
    Answer(bool),
}

/// The distance between neighbouring values of an ordered type, in the units of [`number`]; `None` for others.
pub(super) const fn step_of(kind: &ir::Type) -> Option<i64> {
    match kind {
        ir::Type::WholeNumber | ir::Type::YearsSince(_) => Some(ir::Decimal::ONE),
        ir::Type::Number | ir::Type::Money(Some(_)) | ir::Type::Date | ir::Type::Moment => Some(1),
        _ => None,
    }
}

/// An ordered value as a number: millionths, minor units, days or milliseconds.
pub(super) const fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => Some(number.0),
        Value::Money(money) => Some(money.minor),
        Value::Date(date) => Some(date.0 as i64),
        Value::Moment(instant) => Some(*instant),
        Value::Text(_) | Value::YesNo(_) | Value::Span(_) | Value::List(_) | Value::Items(_) => {
            None
        }
    }
}

/// The value of an ordered type that [`number`] makes this of.
pub(super) fn value(kind: &ir::Type, raw: i64) -> Option<Value> {
    Some(match kind {
        ir::Type::Money(Some(currency)) => Value::Money(ir::Money {
            minor: raw,
            currency: *currency,
        }),
        ir::Type::Date => Value::Date(ir::Date(i32::try_from(raw).ok()?)),
        ir::Type::Moment => Value::Moment(raw),
        _ => Value::Number(ir::Decimal(raw)),
    })
}

/// The constants of a comparison; `None` where it cannot be decided from a cell.
pub(super) fn constants(test: &Comparison) -> Option<Vec<&Value>> {
    let operands = match test {
        Comparison::IsMissing | Comparison::IsKnown => return Some(Vec::new()),
        Comparison::IsOneOf(values) => return Some(values.iter().collect()),
        Comparison::Under(x)
        | Comparison::AtMost(x)
        | Comparison::Over(x)
        | Comparison::AtLeast(x)
        | Comparison::Is(x)
        | Comparison::IsNot(x) => vec![x],
        Comparison::Between(low, high) => vec![low, high],
        Comparison::Includes(_) | Comparison::Contains(_) | Comparison::StartsWith(_) => {
            return None;
        }
    };
    operands
        .into_iter()
        .map(|operand| match operand {
            Operand::Value(value) => Some(value),
            Operand::Source(_) => None,
        })
        .collect()
}

/// The cells of an ordered variable: each cut, and each stretch between two that holds a value.
pub(super) fn ordered(cuts: &BTreeSet<i64>, step: i64) -> Vec<Cell> {
    let mut cells = vec![Cell::Missing];
    let mut from = i64::MIN;
    for &cut in cuts {
        // The last value before the cut and the first after it, on the grid of the type.
        let before = cut.saturating_sub(1).div_euclid(step).saturating_mul(step);
        let after = cut.div_euclid(step).saturating_add(1).saturating_mul(step);
        if from <= before {
            cells.push(Cell::Range(from, before));
        }
        if cut.rem_euclid(step) == 0 {
            cells.push(Cell::Range(cut, cut));
        }
        from = after;
    }
    cells.push(Cell::Range(from, i64::MAX));
    cells
}

/// The cells of a variable that is a word.
pub(super) fn words(kind: &ir::Type, named: &[Value]) -> Vec<Cell> {
    let mut cells = vec![Cell::Missing];
    match kind {
        ir::Type::OneOf(choices) | ir::Type::Scale(choices) => {
            let choices = choices.iter().map(|it| Value::Text(it.clone()));
            cells.extend(choices.map(Cell::Word));
        }
        ir::Type::YesNo => cells.extend([true, false].map(|it| Cell::Word(Value::YesNo(it)))),
        _ => {
            cells.extend(named.iter().cloned().map(Cell::Word));
            cells.push(Cell::Other);
        }
    }
    cells
}

/// Whether the values of a cell pass a comparison with constants.
pub(super) fn passes(cell: &Cell, test: &Comparison) -> bool {
    let missing = matches!(cell, Cell::Missing);
    match test {
        Comparison::IsMissing => missing,
        Comparison::IsKnown => !missing,
        _ if missing => false,
        Comparison::Is(operand) => is(cell, operand),
        Comparison::IsNot(operand) => !is(cell, operand),
        Comparison::IsOneOf(values) => values.iter().any(|value| equals(cell, value)),
        Comparison::Under(x) => compare(cell, x, |cell, x| cell < x),
        Comparison::AtMost(x) => compare(cell, x, |cell, x| cell <= x),
        Comparison::Over(x) => compare(cell, x, |cell, x| cell > x),
        Comparison::AtLeast(x) => compare(cell, x, |cell, x| cell >= x),
        Comparison::Between(low, high) => {
            compare(cell, low, |cell, x| cell >= x) && compare(cell, high, |cell, x| cell <= x)
        }
        Comparison::Includes(_) | Comparison::Contains(_) | Comparison::StartsWith(_) => false,
    }
}

fn is(cell: &Cell, operand: &Operand) -> bool {
    matches!(operand, Operand::Value(value) if equals(cell, value))
}

fn equals(cell: &Cell, value: &Value) -> bool {
    match cell {
        Cell::Range(low, high) => low == high && number(value) == Some(*low),
        Cell::Word(word) => word == value,
        Cell::Missing | Cell::Other | Cell::Stage(_) | Cell::Answer(_) => false,
    }
}

fn compare(cell: &Cell, operand: &Operand, holds: impl Fn(i64, i64) -> bool) -> bool {
    let (Cell::Range(low, high), Operand::Value(value)) = (cell, operand) else {
        return false;
    };
    // No constant lies inside a cell, so that any of its values answers for all.
    let one = if *low == i64::MIN { *high } else { *low };
    number(value).is_some_and(|value| holds(one, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_nothing_between_neighbours() {
        let one = ir::Decimal::ONE;
        let cuts = BTreeSet::from([3 * one, 4 * one]);
        let cells = ordered(&cuts, one);
        assert_eq!(
            cells,
            [
                Cell::Missing,
                Cell::Range(i64::MIN, 2 * one),
                Cell::Range(3 * one, 3 * one),
                Cell::Range(4 * one, 4 * one),
                Cell::Range(5 * one, i64::MAX),
            ]
        );
        assert_eq!(ordered(&cuts, 1).len(), 6);
    }
}
