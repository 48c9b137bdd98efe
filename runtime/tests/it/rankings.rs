//! Rankings across people over a store: held against a list of everything that was bought, through restarts and
//! absences.

use std::collections::BTreeMap;
use std::path::Path;

use journey_engine::{Contact, Item};
use journey_ir::condition::Measure;
use journey_ir::time::{DAY, HOUR};
use journey_ir::{
    self as ir, Aggregate, AggregateIx, Atom, AtomIx, AttributeIx, Audience, Clock, Condition,
    ConditionIx, Consent, ConsentIx, EventIx, FieldIx, Instant, Keep, RankedBy, Ranking, RankingIx,
    Window,
};
use journeyd::process::{Arrival, Effects, Process, Wakes};
use journeyd::store::{ContactNo, Read as _, Sqlite};
use serde_json::json;

use crate::shop::{
    MONDAY, batch, effects, happened, known, open_with, program, tally, with_address,
};

/// The shop's day begins at 15:00 UTC of the day before; Monday 09:00 in Seoul is nine hours into it.
const MIDNIGHT: Instant = MONDAY - 9 * HOUR;
const SHARE: u32 = 2_000;
const PEOPLE: usize = 23;

/// The shop with an audience of the best fifth by what they bought in the last three days, ranked at 04:00.
fn ranked() -> ir::Program {
    let mut program = program();
    program.schema.consents.push(Consent {
        name: "ads".into(),
        channels: Vec::new(),
        others: vec!["meta".into()],
        ask_again: None,
    });
    program.aggregates.push(Aggregate {
        event: EventIx(0),
        filter: None,
        keep: Keep::DailyTotals {
            field: FieldIx(1),
            days: 3,
        },
    });
    program.rankings = vec![Ranking {
        name: "best".into(),
        by: RankedBy::Amount {
            aggregate: AggregateIx(1),
            measure: Measure::Total,
            window: Window::LastDays(3),
        },
        share: SHARE,
        at: Clock(4 * 60),
    }];
    program.atoms.push(Atom::Ranked(RankingIx(0)));
    program.conditions.push(Condition::Is(AtomIx(1)));
    program.audiences = vec![Audience {
        name: "best".into(),
        title: None,
        people: ConditionIx(2),
        sync: vec!["meta".into()],
        consents: vec![ConsentIx(1)],
        match_by: vec![AttributeIx(0)],
        keep: None,
    }];
    program
}

fn open(root: &Path, now: Instant) -> Process<Sqlite> {
    open_with(root, ranked(), now)
}

/// Lets time pass as the daemon does: until nothing is due any more.
fn pass(shop: &mut Process<Sqlite>, until: Instant) {
    let wakes = Wakes {
        until,
        most: 3,
        effects: Effects::Act,
    };
    while shop.next_wake().unwrap().is_some_and(|at| at <= until) {
        shop.turn(&[], Some(wakes), until).unwrap();
    }
}

fn person(at: usize) -> String {
    format!("p{at:02}")
}

fn buys(shop: &Process<Sqlite>, who: &str, total: i64, at: Instant) -> Arrival {
    let order = format!("{who} {at}");
    let fields = json!({"order_id": order, "total": total});
    happened(shop.program(), known(who), "purchase", &fields, &order, at)
}

/// Who is in.
fn best(shop: &mut Process<Sqlite>) -> Vec<String> {
    let program = std::sync::Arc::clone(shop.program());
    let rows = shop.store().following(ContactNo(0), 1_000).unwrap();
    let mut best: Vec<String> = rows
        .into_iter()
        .filter(|row| {
            let contact = Contact::decode(&row.state, &program).unwrap();
            contact.is_ranked(&program, RankingIx(0))
        })
        .map(|row| row.name.clone())
        .collect();
    best.sort();
    best
}

/// Who is to be in at 04:00 of a day, by the list of purchases: who, how much, when.
fn by_the_list(bought: &[(String, i64, Instant)], pass: Instant) -> Vec<String> {
    let day_of = |at: Instant| (at - MIDNIGHT).div_euclid(DAY);
    let today = day_of(pass);
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    for (who, total, at) in bought {
        if *at <= pass && (today - 2..=today).contains(&day_of(*at)) {
            *totals.entry(who).or_default() += total;
        }
    }
    let mut order: Vec<i64> = totals.values().copied().collect();
    order.sort_unstable_by(|one, other| other.cmp(one));
    let wanted = (order.len() * SHARE as usize).div_ceil(10_000);
    let Some(least) = wanted.checked_sub(1).map(|last| order[last]) else {
        return Vec::new();
    };
    let best = totals.into_iter().filter(|(_, total)| *total >= least);
    best.map(|(who, _)| who.to_owned()).collect()
}

#[test]
fn who_is_in_is_what_the_list_says_through_restarts_and_absences() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path(), MONDAY);
    let mut bought: Vec<(String, i64, Instant)> = Vec::new();
    let mut seed = 7_u64;
    let mut chance = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for day in 0..14 {
        let morning = MONDAY + day * DAY;
        let mut arrivals = Vec::new();
        for _ in 0..chance(20) {
            let who = person(chance(PEOPLE as u64) as usize);
            // Few different amounts, so that people tie.
            let total = 10_000 * (1 + chance(4) as i64);
            let at = morning + chance(10 * 60) as i64 * 60_000;
            bought.push((who.clone(), total, at));
            arrivals.push(buys(&shop, &who, total, at));
        }
        shop.turn(&[batch(arrivals)], None, morning + 10 * HOUR)
            .unwrap();
        if day % 5 == 4 {
            // Nobody was there for two days: the last time counts.
            drop(shop);
            shop = open(root.path(), morning + 10 * HOUR);
            continue;
        }
        let ranked_at = MIDNIGHT + (day + 1) * DAY + 4 * HOUR;
        pass(&mut shop, ranked_at - 1);
        let before = best(&mut shop);
        pass(&mut shop, ranked_at);
        let expected = by_the_list(&bought, ranked_at);
        assert_eq!(
            best(&mut shop),
            expected,
            "on day {day}, before: {before:?}"
        );
        pass(&mut shop, ranked_at + HOUR);
        assert_eq!(best(&mut shop), expected);
    }
}

#[test]
fn networks_are_told_of_those_who_come_in_and_fall_out() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path(), MONDAY);
    let mut arrivals = Vec::new();
    for who in ["a", "b"] {
        let program = std::sync::Arc::clone(shop.program());
        arrivals.push(with_address(&program, who, MONDAY));
        arrivals.push(Arrival {
            who: known(who),
            received_at: MONDAY,
            id: None,
            item: Some(Item::Consent {
                consent: ConsentIx(1),
                channel: None,
                given: true,
                occurred_at: MONDAY,
            }),
        });
    }
    arrivals.push(buys(&shop, "a", 50_000, MONDAY));
    arrivals.push(buys(&shop, "b", 10_000, MONDAY));
    shop.turn(&[batch(arrivals)], None, MONDAY).unwrap();
    let told = |shop: &mut Process<Sqlite>| {
        let told = effects(shop).into_iter();
        told.filter(|(step, ..)| step.ends_with("meta"))
            .map(|(step, who, _)| format!("{step} {who}"))
            .collect::<Vec<_>>()
    };
    assert!(told(&mut shop).is_empty());
    pass(&mut shop, MIDNIGHT + DAY + 4 * HOUR);
    assert_eq!(told(&mut shop), ["add to meta a"]);
    assert_eq!(tally(&mut shop, "audience", "best"), 1);
    let more = buys(&shop, "b", 90_000, MONDAY + DAY);
    shop.turn(&[batch(vec![more])], None, MONDAY + DAY).unwrap();
    assert_eq!(tally(&mut shop, "audience", "best"), 1);
    pass(&mut shop, MIDNIGHT + 2 * DAY + 4 * HOUR);
    let after = ["add to meta a", "remove from meta a", "add to meta b"];
    assert_eq!(told(&mut shop), after);
    // Whoever bought nothing in three days is ranked no more.
    pass(&mut shop, MIDNIGHT + 9 * DAY);
    assert_eq!(tally(&mut shop, "audience", "best"), 0);
    assert!(best(&mut shop).is_empty());
}
