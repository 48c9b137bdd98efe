//! What is certain of a person of whom one thing is known: that they never did something, or have no value.
//!
//! Comes in: a condition. Goes out: yes, no, or that it depends on more. No list of people is needed, so this answers
//! however many questions a condition asks.

use std::collections::BTreeMap;

use journey_ir::aggregate::Keep;
use journey_ir::{Atom, AtomIx, Comparison, Condition, ConditionIx, EventIx, Operand, Source};

use super::cells::{Key, Node, Place};

/// What a person lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    /// They never did this.
    Event(EventIx),
    /// This has no value.
    Value(Key),
}

/// The answers for one such person.
pub(super) struct Answers<'p> {
    place: Place<'p>,
    lack: Lack,
    known: BTreeMap<Node, Option<bool>>,
}

impl<'p> Answers<'p> {
    /// For a person who lacks this.
    pub(super) const fn of(place: Place<'p>, lack: Lack) -> Self {
        Self {
            place,
            lack,
            known: BTreeMap::new(),
        }
    }

    /// Whether a condition holds for them; `None` where that depends on more.
    pub(super) fn holds(&mut self, node: Node) -> Option<bool> {
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        let (at, event) = node;
        let answer = match self.place.program.condition(at) {
            None | Some(Condition::Always) => Some(true),
            Some(Condition::All(of)) => self.fold(of, event, false),
            Some(Condition::Any(of)) => self.fold(of, event, true),
            Some(Condition::Not(of)) => self.holds((*of, event)).map(|it| !it),
            Some(Condition::Is(atom)) => self.atom(*atom, event),
        };
        self.known.insert(node, answer);
        answer
    }

    /// The answer that any part decides on its own, else the other one where all parts have it.
    fn fold(&mut self, of: &[ConditionIx], event: Option<EventIx>, decides: bool) -> Option<bool> {
        let mut all = Some(!decides);
        for part in of {
            match self.holds((*part, event)) {
                Some(answer) if answer == decides => return Some(decides),
                Some(_) => {}
                None => all = None,
            }
        }
        all
    }

    fn atom(&mut self, at: AtomIx, event: Option<EventIx>) -> Option<bool> {
        let program = self.place.program;
        match program.atom(at)? {
            Atom::Member(segment) => self.holds((program.segment(*segment)?.condition, None)),
            Atom::Stage { lifecycle, stage } => {
                let stages = &program.lifecycles.get(lifecycle.at())?.stages;
                for (at, candidate) in stages.iter().enumerate() {
                    if self.holds((candidate.when, None))? {
                        return Some(at == stage.at());
                    }
                }
                None
            }
            atom => self.plain(atom, event),
        }
    }

    fn plain(&self, atom: &Atom, event: Option<EventIx>) -> Option<bool> {
        match (self.lack, atom) {
            (Lack::Event(never), Atom::Happened { aggregate, .. }) => {
                let of = self.place.program.aggregate(*aggregate)?.event;
                (of == never).then_some(false)
            }
            (
                Lack::Event(never),
                Atom::Amount {
                    aggregate, test, ..
                },
            ) => {
                let aggregate = self.place.program.aggregate(*aggregate)?;
                let empty = matches!(
                    aggregate.keep,
                    Keep::Total(_)
                        | Keep::DailyTotals { .. }
                        | Keep::Summary { .. }
                        | Keep::DailySummaries { .. }
                        | Keep::Amounts { .. }
                );
                (aggregate.event == never && empty).then(|| is_missing(test))
            }
            (Lack::Value(none), Atom::Compare { left, test }) => {
                let is = |source: &Source| self.place.key(source, event) == Some(none);
                if is(left) {
                    return Some(is_missing(test));
                }
                operands(test).into_iter().any(is).then_some(false)
            }
            _ => None,
        }
    }
}

/// What is asked of something that is missing holds only where this is what is asked.
const fn is_missing(test: &Comparison) -> bool {
    matches!(test, Comparison::IsMissing)
}

/// The values besides the first that a comparison reads.
pub(super) fn operands(test: &Comparison) -> Vec<&Source> {
    let all: Vec<&Operand> = match test {
        Comparison::Under(x)
        | Comparison::AtMost(x)
        | Comparison::Over(x)
        | Comparison::AtLeast(x)
        | Comparison::Is(x)
        | Comparison::IsNot(x)
        | Comparison::Includes(x)
        | Comparison::Contains(x)
        | Comparison::StartsWith(x) => vec![x],
        Comparison::Between(low, high) => vec![low, high],
        Comparison::IsOneOf(_) | Comparison::IsMissing | Comparison::IsKnown => Vec::new(),
    };
    all.into_iter()
        .filter_map(|it| match it {
            Operand::Source(source) => Some(source),
            Operand::Value(_) => None,
        })
        .collect()
}
