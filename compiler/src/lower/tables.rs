//! The shared tables of a program: every aggregate, atom and condition once, however often it is written.

use std::collections::HashMap;

use journey_ir as ir;
use journey_ir::aggregate::Keep;
use journey_ir::time::Instant;
use journey_ir::{AggregateIx, AtomIx, ConditionIx, EventIx, FieldIx};

/// Aggregates, atoms and conditions under construction.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) aggregates: Vec<ir::Aggregate>,
    pub(crate) atoms: Vec<ir::Atom>,
    pub(crate) conditions: Vec<ir::Condition>,
    aggregate_of: HashMap<(EventIx, Option<ConditionIx>, Kept), AggregateIx>,
    atom_of: HashMap<ir::Atom, AtomIx>,
    condition_of: HashMap<ir::Condition, ConditionIx>,
}

/// Which aggregates can be one: the same kind over the same field. How much is kept is the largest need of all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kept {
    First,
    Newest,
    Oldest,
    Total(FieldIx),
    DailyTotals(FieldIx),
    Different(FieldIx, Option<Instant>, Option<Instant>),
    ByValue(FieldIx, Option<Instant>, Option<Instant>),
    Summary(FieldIx, Option<Instant>, Option<Instant>),
    DailySummaries(FieldIx),
    Amounts(FieldIx),
    Within(Instant, Instant),
    Chain(Option<FieldIx>, Vec<ir::Following>),
    Last(FieldIx),
    Favourite(FieldIx),
    Rhythm,
    Count,
    Halving(i64),
}

impl Tables {
    /// The condition that holds for everyone.
    pub(crate) fn always(&mut self) -> ConditionIx {
        self.condition(ir::Condition::Always)
    }

    /// The condition that an atom holds.
    pub(crate) fn is(&mut self, atom: ir::Atom) -> ConditionIx {
        let atom = if let Some(&known) = self.atom_of.get(&atom) {
            known
        } else {
            let at = AtomIx(self.atoms.len() as u32);
            self.atoms.push(atom.clone());
            self.atom_of.insert(atom, at);
            at
        };
        self.condition(ir::Condition::Is(atom))
    }

    /// The condition that another does not hold; a double negation is none.
    pub(crate) fn not(&mut self, of: ConditionIx) -> ConditionIx {
        match self.conditions.get(of.at()) {
            Some(ir::Condition::Not(inner)) => *inner,
            _ => self.condition(ir::Condition::Not(of)),
        }
    }

    /// The condition that all hold.
    pub(crate) fn all(&mut self, of: Vec<ConditionIx>) -> ConditionIx {
        match of.as_slice() {
            [] => self.always(),
            [only] => *only,
            _ => self.condition(ir::Condition::All(of)),
        }
    }

    /// The condition that any holds, of at least one.
    pub(crate) fn any(&mut self, of: Vec<ConditionIx>) -> ConditionIx {
        match of.as_slice() {
            [only] => *only,
            _ => self.condition(ir::Condition::Any(of)),
        }
    }

    fn condition(&mut self, condition: ir::Condition) -> ConditionIx {
        if let Some(&known) = self.condition_of.get(&condition) {
            return known;
        }
        let at = ConditionIx(self.conditions.len() as u32);
        self.conditions.push(condition.clone());
        self.condition_of.insert(condition, at);
        at
    }

    /// The aggregate that keeps at least this much of these events.
    pub(crate) fn aggregate(
        &mut self,
        event: EventIx,
        filter: Option<ConditionIx>,
        keep: Keep,
    ) -> AggregateIx {
        let key = (event, filter, Kept::of(&keep));
        if let Some(&known) = self.aggregate_of.get(&key) {
            if let Some(aggregate) = self.aggregates.get_mut(known.at()) {
                grow(&mut aggregate.keep, &keep);
            }
            return known;
        }
        let at = AggregateIx(self.aggregates.len() as u32);
        self.aggregates.push(ir::Aggregate {
            event,
            filter,
            keep,
        });
        self.aggregate_of.insert(key, at);
        at
    }
}

impl Kept {
    fn of(keep: &Keep) -> Self {
        match *keep {
            Keep::Chain { key, ref then, .. } => Self::Chain(key, then.clone()),
            Keep::First => Self::First,
            Keep::Newest(_) => Self::Newest,
            Keep::Oldest(_) => Self::Oldest,
            Keep::Total(field) => Self::Total(field),
            Keep::DailyTotals { field, .. } => Self::DailyTotals(field),
            Keep::Different {
                field, from, to, ..
            } => Self::Different(field, from, to),
            Keep::ByValue {
                field, from, to, ..
            } => Self::ByValue(field, from, to),
            Keep::Summary { field, from, to } => Self::Summary(field, from, to),
            Keep::DailySummaries { field, .. } => Self::DailySummaries(field),
            Keep::Amounts { field, .. } => Self::Amounts(field),
            Keep::Within { from, to, .. } => Self::Within(from, to),
            Keep::Last(field) => Self::Last(field),
            Keep::Favourite(field) => Self::Favourite(field),
            Keep::Rhythm => Self::Rhythm,
            Keep::Count => Self::Count,
            Keep::Halving { every } => Self::Halving(every),
        }
    }
}

/// Makes an aggregate keep what another of the same kind needs too.
fn grow(kept: &mut Keep, need: &Keep) {
    match (kept, need) {
        (Keep::Newest(n), Keep::Newest(more))
        | (Keep::Oldest(n), Keep::Oldest(more))
        | (Keep::Within { most: n, .. }, Keep::Within { most: more, .. })
        | (Keep::DailyTotals { days: n, .. }, Keep::DailyTotals { days: more, .. })
        | (Keep::DailySummaries { days: n, .. }, Keep::DailySummaries { days: more, .. })
        | (Keep::Different { most: n, .. }, Keep::Different { most: more, .. })
        | (Keep::ByValue { most: n, .. }, Keep::ByValue { most: more, .. }) => {
            *n = (*n).max(*more);
        }
        (Keep::Amounts { within: n, .. }, Keep::Amounts { within: more, .. }) => {
            *n = (*n).max(*more);
        }
        // Without a horizon, for ever.
        (Keep::Chain { horizon: n, .. }, Keep::Chain { horizon: more, .. }) => {
            *n = n.zip(*more).map(|(n, more)| n.max(more));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_twice_is_kept_once_and_large_enough() {
        let mut tables = Tables::default();
        let (event, other) = (EventIx(0), EventIx(1));
        let small = tables.aggregate(event, None, Keep::Newest(1));
        let large = tables.aggregate(event, None, Keep::Newest(3));
        tables.aggregate(other, None, Keep::Newest(2));
        assert_eq!(small, large);
        assert_eq!(tables.aggregates.len(), 2);
        assert_eq!(tables.aggregates[0].keep, Keep::Newest(3));

        let tag = || ir::Atom::Tagged("x".into());
        let (a, b) = (tables.is(tag()), tables.is(tag()));
        assert_eq!(a, b);
        let not = tables.not(a);
        assert_eq!(tables.not(not), a);
    }
}
