//! Who is left for `otherwise`: the complement of a branch's arms, in words, where it is simple enough to be said.

use std::cmp::Ordering;

use journey_ir as ir;
use journey_ir::{Atom, Comparison, Condition, ConditionIx, Operand, Source, Value};

use super::{Place, Teller, say};

/// What the arms of a branch ask of one value.
struct Asked<'a> {
    source: &'a Source,
    tests: Vec<&'a Comparison>,
}

/// The values that no arm takes.
enum Rest {
    /// None but a missing one.
    Nobody,
    /// These, in words.
    Some(String),
}

/// A bound of an interval, and whether it belongs to it.
type Bound<'a> = Option<(&'a Value, bool)>;

impl Teller<'_> {
    /// Who satisfies none of these conditions: what is asked, and the other answers: `total`, `3만원 미만`. `None`
    /// where it cannot be said in a few words.
    pub(super) fn remaining(
        &self,
        arms: &[ConditionIx],
        place: Place<'_>,
    ) -> Option<(String, String)> {
        if let Some(words) = self.remaining_stages(arms) {
            return Some(words);
        }
        let asked = self.asked(arms)?;
        let name = self.source(asked.source, place);
        let (rest, missing) = self.rest(&asked, place)?;
        let gone = self.word("is missing", "비어 있음");
        let rest = match (rest, missing) {
            (Rest::Some(rest), true) => say!(self, "{rest} or {gone}", "{rest} 또는 {gone}"),
            (Rest::Some(rest), false) => rest,
            (Rest::Nobody, true) => gone.to_owned(),
            (Rest::Nobody, false) => return None,
        };
        Some((name, rest))
    }

    /// Whether these arms take everyone.
    pub(super) fn leaves_nobody(&self, arms: &[ConditionIx], place: Place<'_>) -> bool {
        if let Some((lifecycle, taken)) = self.taken_stages(arms) {
            let stages = self.program.lifecycle(lifecycle).map(|it| it.stages.len());
            return stages
                .is_some_and(|n| (0..n).all(|at| taken.contains(&ir::StageIx(at as u32))));
        }
        let rest = self.asked(arms).and_then(|it| self.rest(&it, place));
        matches!(rest, Some((Rest::Nobody, false)))
    }

    /// The values that no arm takes, and whether a missing one is among them.
    fn rest(&self, asked: &Asked<'_>, place: Place<'_>) -> Option<(Rest, bool)> {
        let missing_taken = asked
            .tests
            .iter()
            .any(|it| matches!(it, Comparison::IsMissing));
        let missing = !missing_taken && self.may_be_missing(asked.source, place);
        let rest = match self.choices(asked.source, place) {
            Some(choices) => self.other_choices(choices, &asked.tests)?,
            None => self.other_amounts(&asked.tests)?,
        };
        Some((rest, missing))
    }

    /// The one value that all arms of a branch ask for, in words.
    pub(super) fn asked_of(&self, arms: &[ConditionIx], place: Place<'_>) -> Option<String> {
        if let Some((lifecycle, _)) = self.taken_stages(arms) {
            return Some(self.lifecycle(lifecycle).to_owned());
        }
        self.asked(arms).map(|it| self.source(it.source, place))
    }

    fn asked(&self, arms: &[ConditionIx]) -> Option<Asked<'_>> {
        let mut asked: Option<Asked<'_>> = None;
        for arm in arms {
            self.ask(*arm, &mut asked)?;
        }
        asked
    }

    /// Collects comparisons of one value with constants; `None` for anything else.
    fn ask<'p>(&'p self, arm: ConditionIx, asked: &mut Option<Asked<'p>>) -> Option<()> {
        match self.program.condition(arm)? {
            Condition::Any(parts) => parts.iter().try_for_each(|part| self.ask(*part, asked)),
            Condition::Is(atom) => {
                let Atom::Compare { left, test } = self.program.atoms.get(atom.at())? else {
                    return None;
                };
                let asked = asked.get_or_insert(Asked {
                    source: left,
                    tests: Vec::new(),
                });
                (asked.source == left).then(|| asked.tests.push(test))
            }
            Condition::Always | Condition::All(_) | Condition::Not(_) => None,
        }
    }

    /// The words of a choice that no arm takes; nobody where all are taken.
    fn other_choices(&self, choices: &[String], tests: &[&Comparison]) -> Option<Rest> {
        let mut left: Vec<&str> = choices.iter().map(String::as_str).collect();
        for test in tests {
            match test {
                Comparison::Is(Operand::Value(Value::Text(taken))) => left.retain(|it| it != taken),
                Comparison::IsOneOf(values) => left.retain(|it| {
                    let is = |value: &Value| matches!(value, Value::Text(text) if text == it);
                    !values.iter().any(is)
                }),
                Comparison::IsKnown => left.clear(),
                Comparison::IsMissing => {}
                _ => return None,
            }
        }
        let words = self.list(&left, false);
        Some(if left.is_empty() {
            Rest::Nobody
        } else {
            Rest::Some(say!(self, "is {words}", "{words}"))
        })
    }

    /// The interval that no arm takes, where the arms leave one.
    fn other_amounts(&self, tests: &[&Comparison]) -> Option<Rest> {
        let (mut low, mut high): (Bound<'_>, Bound<'_>) = (None, None);
        let mut asked = false;
        for test in tests {
            match test {
                Comparison::Under(Operand::Value(it)) => low = upper(low, (it, true))?,
                Comparison::AtMost(Operand::Value(it)) => low = upper(low, (it, false))?,
                Comparison::Over(Operand::Value(it)) => high = lower(high, (it, true))?,
                Comparison::AtLeast(Operand::Value(it)) => high = lower(high, (it, false))?,
                Comparison::IsMissing => continue,
                Comparison::IsKnown => return Some(Rest::Nobody),
                _ => return None,
            }
            asked = true;
        }
        if !asked {
            return Some(Rest::Some(
                self.word("is known", "비어 있지 않음").to_owned(),
            ));
        }
        let low = low.map(|(value, with)| {
            let value = self.value(value);
            match (with, self.is_korean()) {
                (true, true) => format!("{value} 이상"),
                (false, true) => format!("{value} 초과"),
                (true, false) => format!("is at least {value}"),
                (false, false) => format!("is over {value}"),
            }
        });
        let high = high.map(|(value, with)| {
            let value = self.value(value);
            match (with, self.is_korean()) {
                (true, true) => format!("{value} 이하"),
                (false, true) => format!("{value} 미만"),
                (true, false) => format!("is at most {value}"),
                (false, false) => format!("is under {value}"),
            }
        });
        Some(Rest::Some(match (low, high) {
            (Some(low), Some(high)) => say!(self, "{low} and {high}", "{low} {high}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return None,
        }))
    }

    /// The stages of a lifecycle that no arm takes.
    fn remaining_stages(&self, arms: &[ConditionIx]) -> Option<(String, String)> {
        let (of, taken) = self.taken_stages(arms)?;
        let stages = self.program.lifecycle(of)?.stages.len();
        let left: Vec<&str> = (0..stages)
            .map(|at| ir::StageIx(at as u32))
            .filter(|at| !taken.contains(at))
            .map(|at| self.stage(of, at))
            .collect();
        let words = self.list(&left, false);
        let lifecycle = self.lifecycle(of).to_owned();
        (!left.is_empty()).then(|| (lifecycle, say!(self, "is {words}", "{words}")))
    }

    /// The lifecycle that all arms ask for, and the stages they take.
    fn taken_stages(&self, arms: &[ConditionIx]) -> Option<(ir::LifecycleIx, Vec<ir::StageIx>)> {
        let mut of: Option<ir::LifecycleIx> = None;
        let mut taken = Vec::new();
        let mut open: Vec<ConditionIx> = arms.to_vec();
        while let Some(condition) = open.pop() {
            match self.program.condition(condition)? {
                Condition::Any(parts) => open.extend(parts),
                Condition::Is(atom) => match self.program.atoms.get(atom.at())? {
                    Atom::Stage { lifecycle, stage } if of.is_none_or(|it| it == *lifecycle) => {
                        of = Some(*lifecycle);
                        taken.push(*stage);
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
        Some((of?, taken))
    }
}

/// The higher of two lower bounds; `None` where they cannot be compared.
fn upper<'a>(known: Bound<'a>, new: (&'a Value, bool)) -> Option<Bound<'a>> {
    Some(Some(match known {
        None => new,
        Some(old) => match order(old.0, new.0)? {
            Ordering::Less => new,
            Ordering::Greater => old,
            Ordering::Equal => (old.0, old.1 && new.1),
        },
    }))
}

/// The lower of two upper bounds; `None` where they cannot be compared.
fn lower<'a>(known: Bound<'a>, new: (&'a Value, bool)) -> Option<Bound<'a>> {
    Some(Some(match known {
        None => new,
        Some(old) => match order(old.0, new.0)? {
            Ordering::Less => old,
            Ordering::Greater => new,
            Ordering::Equal => (old.0, old.1 && new.1),
        },
    }))
}

fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => Some(one.cmp(other)),
        (Value::Money(one), Value::Money(other)) => Some(one.minor.cmp(&other.minor)),
        (Value::Date(one), Value::Date(other)) => Some(one.cmp(other)),
        (Value::Moment(one), Value::Moment(other)) => Some(one.cmp(other)),
        _ => None,
    }
}
