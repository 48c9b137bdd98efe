//! Who is who, against a model: a device and a person who turn out to be one, with runs of the same journey on both sides,
//! repeats and erasure. The model keeps lists of orders and knows no engine.

use std::collections::BTreeSet;
use std::sync::Arc;

use journey_engine::Item;
use journey_ir::time::{HOUR, MINUTE};
use journey_ir::{AggregateIx, Atom, Instant, Keep, Window};
use journeyd::process::{Arrival, Effects, Process, Wakes, Who};
use journeyd::store::{Read as _, Sqlite, Status};
use proptest::prelude::*;

use serde_json::json;

use crate::shop::{MONDAY, batch, known, open, open_with, program, purchase, tally, traits};

/// What happens, so many minutes after the last thing.
#[derive(Debug, Clone)]
enum Act {
    /// The device or the person orders.
    Buys { device: bool, order: u8 },
    /// The device turns out to be the person's.
    Meets,
    /// The person, or the device's owner, is erased.
    Erased { device: bool },
}

fn acts() -> impl Strategy<Value = Vec<(i64, Act)>> {
    let buys = (any::<bool>(), 0..5u8).prop_map(|(device, order)| Act::Buys { device, order });
    let act = prop_oneof![
        10 => buys,
        2 => Just(Act::Meets),
        1 => any::<bool>().prop_map(|device| Act::Erased { device }),
    ];
    prop::collection::vec((0..45i64, act), 1..25)
}

fn who(device: bool) -> Who {
    if device {
        Who::Anonymous("phone".into())
    } else {
        known("민지")
    }
}

/// One contact of the model.
#[derive(Debug, Clone, Default)]
struct One {
    exists: bool,
    erased: bool,
    orders: BTreeSet<u8>,
    /// The runs that wait: the order and since when.
    waiting: Vec<(u8, Instant)>,
}

#[derive(Debug, Default)]
struct Model {
    person: One,
    /// `None` once it is the person's.
    device: Option<One>,
    /// Questions asked, by order.
    asked: Vec<u8>,
}

impl Model {
    fn of(&mut self, device: bool) -> &mut One {
        match &mut self.device {
            Some(it) if device => it,
            _ => &mut self.person,
        }
    }

    fn pass(&mut self, until: Instant) {
        for one in self.device.iter_mut().chain([&mut self.person]) {
            let (due, waiting) = one.waiting.iter().partition(|(_, at)| at + HOUR <= until);
            one.waiting = waiting;
            let due: Vec<(u8, Instant)> = due;
            self.asked.extend(due.iter().map(|(order, _)| *order));
        }
    }

    fn act(&mut self, at: Instant, act: &Act) {
        self.pass(at - 1);
        match act {
            Act::Buys { device, order } => {
                let one = self.of(*device);
                one.exists = true;
                if !one.erased && one.orders.insert(*order) {
                    one.waiting.push((*order, at));
                }
            }
            Act::Erased { device } => {
                let one = self.of(*device);
                *one = One {
                    exists: true,
                    erased: true,
                    ..One::default()
                };
            }
            Act::Meets => self.meet(),
        }
    }

    fn meet(&mut self) {
        let Some(device) = self.device.take() else {
            return;
        };
        if !self.person.exists {
            // Who comes anew by the device of somebody who was erased is somebody else.
            self.person = if device.erased {
                One::default()
            } else {
                device
            };
            self.person.exists = true;
            return;
        }
        if self.person.erased || device.erased {
            return;
        }
        self.person.orders.extend(device.orders);
        for (order, since) in device.waiting {
            let same = self.person.waiting.iter_mut().find(|(it, _)| *it == order);
            match same {
                // Of two runs for one order the older goes on.
                Some((_, known)) => *known = since.min(*known),
                None => self.person.waiting.push((order, since)),
            }
        }
    }
}

fn wake(shop: &mut Process<Sqlite>, until: Instant) {
    let wakes = Wakes {
        until,
        most: 100,
        effects: Effects::Act,
    };
    while shop.turn(&[], Some(wakes), until).unwrap().woken > 0 {}
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn whoever_turns_out_to_be_one_is_asked_once_and_the_erased_stay_erased(acts in acts(), again in any::<bool>()) {
        let root = tempfile::tempdir().unwrap();
        let mut shop = open(root.path());
        let program = Arc::clone(shop.program());
        let mut model = Model { device: Some(One::default()), ..Model::default() };
        let mut at = MONDAY;
        for (minutes, act) in &acts {
            at += minutes * MINUTE;
            wake(&mut shop, at - 1);
            let bare = |who, item| Arrival { who, received_at: at, id: None, item };
            let arrival = match act {
                Act::Buys { device, order } => purchase(&program, who(*device), &format!("o{order}"), at),
                Act::Meets => bare(Who::Both { known: "민지".into(), anonymous: "phone".into() }, None),
                Act::Erased { device } => bare(who(*device), Some(Item::Erase { occurred_at: at })),
            };
            if let Act::Buys { device, .. } = act {
                let email = traits(&program, who(*device), &json!({"email": "minji@example.com"}), at);
                shop.turn(&[batch(vec![email])], None, at).unwrap();
            }
            shop.turn(&[batch(vec![arrival.clone()])], None, at).unwrap();
            model.act(at, act);
            if let Act::Meets = act {
                model.person.exists = true;
            }
            if again && matches!(act, Act::Buys { .. }) {
                shop.turn(&[batch(vec![arrival])], None, at).unwrap();
            }
        }
        let end = at + 2 * HOUR;
        wake(&mut shop, end);
        model.pass(end);
        let kept = shop.store().effects(0, None, None, 10_000).unwrap();
        let questions = kept.iter().filter(|it| it.effect.step == "send question");
        // Of somebody who was erased nothing is left to count.
        let erased = acts.iter().any(|(_, act)| matches!(act, Act::Erased { .. }));
        if !erased {
            let live = questions.filter(|it| it.effect.status != Status::Revoked).count();
            prop_assert_eq!(live, model.asked.len(), "{:?}", model);
        }
        let keys: BTreeSet<[u8; 32]> = kept.iter().map(|it| it.effect.key).collect();
        prop_assert_eq!(keys.len(), kept.len());
        let buyers = [Some(&model.person), model.device.as_ref()].into_iter().flatten();
        let buyers = buyers.filter(|it| !it.orders.is_empty()).count();
        prop_assert_eq!(tally(&mut shop, "segment", "buyers"), buyers as i64, "{:?}", model);
        prop_assert_eq!(tally(&mut shop, "inside", "wait"), 0);
    }
}

/// So many cases by default; `PROPTEST_CASES`, 256 where it is not set, scales it.
pub(crate) fn cases(by_default: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = u64::from(by_default) * u64::from(asked.cases) / 256;
    ProptestConfig {
        cases: u32::try_from(cases).unwrap_or(u32::MAX).max(1),
        failure_persistence: None,
        ..asked
    }
}

#[test]
fn an_order_that_device_and_person_both_told_of_counts_once_when_they_meet() {
    let mut twice = program();
    twice.aggregates[0].keep = Keep::Oldest(64);
    twice.atoms[0] = Atom::Happened {
        aggregate: AggregateIx(0),
        n: 2,
        window: Window::Ever,
        settle: 0,
    };
    let root = tempfile::tempdir().unwrap();
    let mut shop = open_with(root.path(), twice, MONDAY);
    let linked = Arc::clone(shop.program());
    let order = |device: bool| purchase(&linked, who(device), "o1", MONDAY);
    let meets = Arrival {
        who: Who::Both {
            known: "민지".into(),
            anonymous: "phone".into(),
        },
        received_at: MONDAY,
        id: None,
        item: None,
    };
    for arrival in [order(true), order(false), meets] {
        shop.turn(&[batch(vec![arrival])], None, MONDAY).unwrap();
    }
    assert_eq!(tally(&mut shop, "segment", "buyers"), 0);
    let other = purchase(&linked, who(true), "o2", MONDAY);
    shop.turn(&[batch(vec![other])], None, MONDAY).unwrap();
    assert_eq!(tally(&mut shop, "segment", "buyers"), 1);
}
