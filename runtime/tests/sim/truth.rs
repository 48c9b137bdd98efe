//! What must be true: two stores tell the same, nothing that was acknowledged is missing or counted twice, nothing waits
//! in the outbox for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use journey_engine::{Contact, Item, Program};
use journey_ir::time::HOUR;
use journey_ir::{self as ir, Instant};
use journeyd::process::{HORIZON_HOURS, Line};
use journeyd::store::{ContactNo, ContactRow, Read, Status};

const ALL: usize = 1_000_000;

/// Two things are the same; otherwise it is shown where they begin to differ.
#[track_caller]
pub(crate) fn same<T: PartialEq + Debug>(what: &str, ours: &T, theirs: &T) {
    if ours == theirs {
        return;
    }
    let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
    let differ = ours.bytes().zip(theirs.bytes()).position(|(a, b)| a != b);
    let from = differ
        .unwrap_or(ours.len().min(theirs.len()))
        .saturating_sub(120);
    let part = |text: &str| text.chars().skip(from).take(320).collect::<String>();
    panic!(
        "{what}\n  ours: …{}…\ntheirs: …{}…",
        part(&ours),
        part(&theirs)
    );
}

fn contacts(store: &mut dyn Read) -> Vec<ContactRow> {
    store.following(ContactNo(0), ALL).unwrap()
}

/// How often effects were taken, all together.
pub(crate) fn attempts(store: &mut dyn Read) -> u64 {
    let effects = store.effects(0, None, None, ALL).unwrap();
    effects.iter().map(|kept| u64::from(kept.attempts)).sum()
}

/// Both stores tell the same.
pub(crate) fn agree(ours: &mut dyn Read, theirs: &mut dyn Read, now: Instant) {
    same("contacts", &contacts(ours), &contacts(theirs));
    let effects = |store: &mut dyn Read| store.effects(0, None, None, ALL).unwrap();
    same("effects", &effects(ours), &effects(theirs));
    let due = |store: &mut dyn Read| {
        let mut due = store.due(now, ALL).unwrap();
        due.sort_unstable();
        (
            due,
            store.next_wake().unwrap(),
            store.oldest_pending().unwrap(),
        )
    };
    same("what is due", &due(ours), &due(theirs));
    same(
        "counters",
        &ours.tallies().unwrap(),
        &theirs.tallies().unwrap(),
    );
    for row in contacts(ours) {
        let history = |store: &mut dyn Read| store.history(row.last, ALL).unwrap();
        same("history", &history(ours), &history(theirs));
    }
    let names: Vec<String> = ["p", "anonymous:d"]
        .iter()
        .flat_map(|kind| (0..9).map(move |n| format!("{kind}{n}")))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    same(
        "names",
        &ours.find(&names).unwrap(),
        &theirs.find(&names).unwrap(),
    );
    for setting in [
        "granted box: gold",
        "program",
        "eras",
        "sweep",
        "enrolments",
        "spool",
    ] {
        same(
            setting,
            &ours.meta(setting).unwrap(),
            &theirs.meta(setting).unwrap(),
        );
    }
    let kept = |store: &mut dyn Read| store.rejected(None, ALL).unwrap();
    same("rejected items", &kept(ours), &kept(theirs));
}

/// No effect waits any more; says how many there are.
pub(crate) fn outbox_is_at_rest(store: &mut dyn Read) -> u64 {
    let effects = store.effects(0, None, None, ALL).unwrap();
    for kept in &effects {
        let waits = matches!(
            kept.effect.status,
            Status::Pending | Status::Claimed | Status::Held
        );
        assert!(!waits, "{kept:?} is not at rest");
    }
    let mut keys: Vec<_> = effects.iter().map(|kept| kept.effect.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), effects.len(), "one key, one effect");
    effects.len() as u64
}

/// Each acknowledged purchase is in the history of its buyer once, and whoever bought as often as `regular` says is a
/// regular: counted here by itself, without the engine.
pub(crate) fn purchases_are_counted_once(
    store: &mut dyn Read,
    program: &Program,
    regular: usize,
    bought: &BTreeMap<String, BTreeSet<String>>,
) {
    let kept = store.programs().unwrap().into_iter();
    let schema = |json: &str| ir::Program::from_json(json).unwrap().schema;
    let schemas: BTreeMap<_, _> = kept.map(|it| (it.number, schema(&it.json))).collect();
    for (person, orders) in bought {
        let number = store.find(&[person]).unwrap()[0];
        let row = store.load(&[number.unwrap()]).unwrap().remove(0);
        let mut told: BTreeMap<String, Vec<(u32, Instant)>> = BTreeMap::new();
        let mut entries = store.history(row.last, ALL).unwrap();
        entries.reverse();
        for entry in entries {
            let line = Line::decode(&entry.record.body).unwrap();
            if let Some(Item::Event(event)) = line.item
                && schemas[&entry.program].events[event.kind.at()].name == "purchase"
            {
                let order = format!("{:?}", event.fields[0].as_ref().unwrap());
                let order = order.split('"').nth(1).unwrap().to_owned();
                let hour = (event.received_at / HOUR) as u32;
                let happened = event.occurred_at.min(event.received_at);
                told.entry(order).or_default().push((hour, happened));
            }
        }
        let purchases: usize = told.values_mut().map(|all| distinct(all)).sum();
        for order in orders {
            assert!(
                told.contains_key(order),
                "{person} bought {order}, which is lost"
            );
        }
        let contact = Contact::decode(&row.state, program).unwrap();
        let is_regular = contact.memberships(program).iter().any(|membership| {
            matches!(membership, journey_engine::view::Membership::Segment(name) if &**name == "regulars")
        });
        assert_eq!(is_regular, purchases >= regular, "{person} bought {told:?}");
    }
}

/// How many of these tellings of one order are not repeats of another. What is told again much later is another order,
/// unless it happened at the same instant: of that one thing is kept.
fn distinct(told: &mut [(u32, Instant)]) -> usize {
    told.sort_unstable();
    let mut last = None;
    let new = told.iter().filter(|(hour, _)| {
        let repeat = last.is_some_and(|last| *hour - last < HORIZON_HOURS);
        last = if repeat { last } else { Some(*hour) };
        !repeat
    });
    let instants: BTreeSet<Instant> = new.map(|(_, at)| *at).collect();
    instants.len()
}

/// No more prizes are granted than there are.
pub(crate) fn prizes_are_granted_once(store: &mut dyn Read) {
    let granted = store.meta("granted box: gold").unwrap();
    let granted: u32 = granted.map_or(0, |text| text.parse().unwrap());
    let effects = store.effects(0, None, None, ALL).unwrap();
    let sent = effects
        .iter()
        .filter(|kept| kept.effect.step.contains("won"))
        .count();
    assert!(granted <= 3, "{granted} prizes");
    assert!(sent <= granted as usize, "{sent} of {granted}");
}
