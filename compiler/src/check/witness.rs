//! An example person for whom two conditions differ, in words.
//!
//! Comes in: two conditions. Goes out: what this person is like, and which of the two they satisfy.

use journey_ir as ir;
use journey_ir::{Atom, Value};

use super::cells::{Budget, Cells, Node, Of, Place};
use super::error::words;
use super::range::Cell;
use crate::problem::Text;

/// How many things an example tells of a person; more are not read.
const MOST_TOLD: usize = 4;

/// Someone who satisfies one of two conditions and not the other: what they are like, and whether it is the first.
pub(crate) fn differing(
    program: &ir::Program,
    registers: &[ir::Register],
    one: (ir::ConditionIx, Option<ir::EventIx>),
    other: (ir::ConditionIx, Option<ir::EventIx>),
) -> Option<(Text, bool)> {
    let place = Place { program, registers };
    let roots: [Node; 2] = [one, other];
    let cells = Cells::of(place, &roots, 2, &mut Budget::default())?;
    if cells.variables().len() > MOST_TOLD {
        return None;
    }
    // Someone of whom much is known is easier to imagine.
    let mut found: Option<(usize, Text, bool)> = None;
    let (first, second) = (cells.holding(one), cells.holding(other));
    for kind in cells.everyone().iter() {
        if first.has(kind) == second.has(kind) {
            continue;
        }
        let known = cells.variables().enumerate();
        let known: Vec<(Of, &Cell)> = known
            .filter_map(|(at, (of, _))| Some((of, cells.cell(at, kind)?)))
            .collect();
        let missing = known.iter().filter(|(_, it)| **it == Cell::Missing).count();
        if found.as_ref().is_some_and(|(least, ..)| *least <= missing) {
            continue;
        }
        let told = known.iter().map(|(of, cell)| describe(place, *of, cell));
        if let Some(told) = told.collect::<Option<Vec<Text>>>() {
            found = Some((missing, joined(&told), first.has(kind)));
        }
    }
    found.map(|(_, told, first)| (told, first))
}

fn joined(told: &[Text]) -> Text {
    let all = |pick: fn(&Text) -> &str| told.iter().map(pick).collect::<Vec<_>>().join(", ");
    Text::new(all(|it| &it.en), all(|it| &it.ko))
}

/// One thing about a person; `None` where it has no words.
fn describe(place: Place<'_>, of: Of, cell: &Cell) -> Option<Text> {
    match (of, cell) {
        (Of::Value(key), cell) => {
            let name = place.name(key)?;
            let value = match cell {
                Cell::Missing => {
                    return Some(Text::new(format!("no `{name}`"), format!("`{name}` 없음")));
                }
                Cell::Range(low, high) => {
                    let one = if *low == i64::MIN { *high } else { *low };
                    words(&super::range::value(place.kind(key)?, one)?)
                }
                Cell::Word(Value::Text(word)) => word.clone(),
                Cell::Word(Value::YesNo(yes)) => (if *yes { "yes" } else { "no" }).to_owned(),
                _ => return None,
            };
            Some(Text::new(
                format!("`{name}` {value}"),
                format!("`{name}` {value}"),
            ))
        }
        (Of::Lifecycle(at), Cell::Stage(stage)) => {
            let lifecycle = place.program.lifecycles.get(at.at())?;
            let stage = &lifecycle.stages.get(stage.at())?.name;
            let name = &lifecycle.name;
            Some(Text::new(
                format!("`{name}` {stage}"),
                format!("`{name}` {stage}"),
            ))
        }
        (Of::Answer(atom, _), Cell::Answer(yes)) => match place.program.atom(atom)? {
            Atom::Happened { aggregate, .. } => {
                let aggregate = place.program.aggregate(*aggregate)?;
                let name = &place.program.event(aggregate.event)?.name;
                Some(if *yes {
                    Text::new(format!("a past `{name}`"), format!("`{name}` 함"))
                } else {
                    Text::new(format!("no past `{name}`"), format!("`{name}` 안 함"))
                })
            }
            _ => None,
        },
        _ => None,
    }
}
