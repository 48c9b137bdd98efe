//! What is different between two versions of a journey, step by step.

use std::collections::BTreeMap;

use journey_ir as ir;
use journey_ir::StepIx;

use super::layout::Status;
use crate::sentences::{Look, Teller};

/// The differences of a journey from another version of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    /// What became of each step that is different, and what it said before.
    pub(super) steps: BTreeMap<StepIx, (Status, Option<String>)>,
    /// Steps that are gone, in words.
    pub(super) removed: Vec<(Look, String)>,
}

/// Compares a journey with an older version of it. Steps are the same by their ids, and changed when their words are:
/// what reads the same does the same.
pub(crate) fn compare(
    now: (Teller<'_>, &ir::Journey),
    before: Option<(Teller<'_>, &ir::Journey)>,
) -> Changes {
    let old: BTreeMap<&str, (Look, String)> = before.map(words).unwrap_or_default();
    let new = words(now);
    let mut changes = Changes::default();
    for (at, step) in now.1.steps.iter().enumerate() {
        let at = StepIx(at as u32);
        let change = match (old.get(step.id.as_str()), new.get(step.id.as_str())) {
            (None, _) => (Status::Added, None),
            (Some((_, old)), Some((_, new))) if old != new => (Status::Changed, Some(old.clone())),
            _ => continue,
        };
        changes.steps.insert(at, change);
    }
    let gone = old.into_iter().filter(|(id, _)| !new.contains_key(id));
    changes.removed = gone.map(|(_, words)| words).collect();
    changes
}

/// What each step says, with its ways, by its id.
fn words<'j>(
    (teller, journey): (Teller<'_>, &'j ir::Journey),
) -> BTreeMap<&'j str, (Look, String)> {
    let steps = journey.steps.iter().enumerate();
    steps
        .filter_map(|(at, step)| {
            let at = StepIx(at as u32);
            let shown = teller.step(journey, at)?;
            let ways = teller.ways(journey, at).into_iter().map(|it| it.words);
            let words: Vec<String> = std::iter::once(shown.sentence).chain(ways).collect();
            Some((step.id.as_str(), (shown.look, words.join(" / "))))
        })
        .collect()
}
