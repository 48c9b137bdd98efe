//! Events that are heard of late, in another order than they happened in: in the end everything that is known is what it
//! would be had they come in order, and what was decided meanwhile stays decided.

use std::collections::BTreeSet;

use journey_engine::{Contact, Event, EventId, Item, Outcome, advance, rebase, step};
use journey_ir::time::{DAY, HOUR};
use proptest::prelude::*;

use crate::build::*;
use crate::model::lively;
use crate::oracle::cases;

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn what_came_late_leaves_the_state_that_order_would_have_left(
        acts in prop::collection::vec((0..3usize, 0..40 * HOUR, prop_oneof![Just(0), 0..HOUR, 0..2 * DAY, 0..20 * DAY], 0..3u8, 0..5i64), 0..25),
        after in 0..200 * DAY,
    ) {
        let (program, kinds) = lively();
        let mut at = MONDAY;
        let in_order: Vec<Event> = acts.iter().enumerate().map(|(n, (kind, gap, late, key, amount))| {
            at += gap;
            Event {
                id: EventId::of(&n.to_string()),
                kind: kinds[*kind],
                occurred_at: at,
                received_at: at + late,
                fields: vec![Some(text(&key.to_string())), Some(whole(*amount)), Some(text(&(amount % 3).to_string()))],
            }
        }).collect();
        let mut heard = in_order.clone();
        heard.sort_by_key(|event| event.received_at);
        let last = heard.last().map_or(MONDAY, |event| event.received_at);
        let live = |events: &[Event], in_time: bool| {
            let (mut contact, mut out) = (Contact::new("minji"), Outcome::default());
            let mut decided = Vec::new();
            for event in events {
                let heard = if in_time { event.occurred_at } else { event.received_at };
                advance(&program, &mut contact, heard - 1, &mut out);
                let event = Event { received_at: heard, ..event.clone() };
                step(&program, &mut contact, &Item::Event(event), heard, &mut out);
                assert!(out.effects.starts_with(&decided), "nothing that was decided is taken away");
                decided.clone_from(&out.effects);
            }
            advance(&program, &mut contact, last + after, &mut out);
            (contact, out)
        };
        let (ordered, _) = live(&in_order, true);
        let (late, out) = live(&heard, false);
        prop_assert_eq!(late.memberships(&program), ordered.memberships(&program));
        let keys: BTreeSet<_> = out.effects.iter().map(|effect| effect.key).collect();
        prop_assert_eq!(keys.len(), out.effects.len(), "nothing is sent twice");

        // Reading the contact's events again, in whatever order they are stored, is a way to the same memories.
        let read_again = |contact: &Contact, events: &[Event]| {
            let (mut contact, mut out) = (contact.clone(), Outcome::default());
            let now = contact.clock().max(last + after);
            rebase(&program, &mut contact, events.iter().cloned(), now, &mut out);
            (contact, out)
        };
        let (one, silent) = read_again(&late, &in_order);
        let (other, _) = read_again(&late, &heard);
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one.memberships(&program), ordered.memberships(&program));
        prop_assert!(silent.effects.is_empty() && silent.history.is_empty(), "{:?}", silent);
    }
}
