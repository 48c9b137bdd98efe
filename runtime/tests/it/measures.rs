//! Funnels, KPIs and audiences over a store: counted once, through restarts and changed programs.

use std::path::Path;
use std::sync::Arc;

use journey_engine::{Call, Intent, Item};
use journey_ir::measure::{Alert, Counter, Figure, JourneyCount, Kpi, Period, Target, Threshold};
use journey_ir::project::{Action, Connector, ConnectorKind, Input};
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR};
use journey_ir::{
    self as ir, Aggregate, AttributeIx, Audience, ConditionIx, Consent, ConsentIx, Decimal,
    EventIx, Funnel, FunnelIx, FunnelStage, Instant, JourneyIx, Keep, Span, Unit, Value,
};
use journeyd::inspect;
use journeyd::process::{Arrival, Effects, Process, Wakes, effect_of};
use journeyd::store::{Read as _, Sqlite};
use serde_json::json;

use crate::shop::{
    MONDAY, batch, effects, happened, known, open_with, program, purchase, tally, with_address,
};

fn percent(n: i64) -> Decimal {
    Decimal::whole(n).unwrap()
}

/// The shop with a funnel from the first page to the first purchase, and KPIs over it.
fn measured() -> ir::Program {
    let mut program = program();
    let mut aggregate = |event, keep| {
        program.aggregates.push(Aggregate {
            event: EventIx(event),
            filter: None,
            keep,
        });
        ir::AggregateIx(program.aggregates.len() as u32 - 1)
    };
    let stage = |name: &str, aggregate, within| FunnelStage {
        name: name.into(),
        title: None,
        aggregate,
        n: 1,
        within,
    };
    let first = stage("방문", aggregate(1, Keep::First), None);
    let two_weeks = Some(Span::new(14, Unit::Day));
    let second = stage("구매", aggregate(0, Keep::Oldest(64)), two_weeks);
    program.funnels = vec![Funnel {
        name: "shop".into(),
        title: Some("가게".into()),
        stages: vec![first, second],
    }];
    let reached = |stage| Counter::Reached {
        funnel: FunnelIx(0),
        stage,
    };
    let receipts = |what| Counter::Journey {
        journey: JourneyIx(0),
        what,
    };
    program.kpis = vec![
        Kpi {
            name: "conversion".into(),
            title: Some("전환율".into()),
            measure: Figure::Ratio {
                part: reached(1),
                whole: reached(0),
            },
            every: Period::Week,
            target: Some(Target {
                test: Threshold::AtLeast(percent(60)),
                by: None,
            }),
            alert: Some(Alert {
                connector: "slack".into(),
                action: "growth".into(),
                when: Threshold::Under(percent(60)),
            }),
        },
        Kpi {
            name: "answered".into(),
            title: None,
            measure: Figure::Ratio {
                part: receipts(JourneyCount::Sent),
                whole: receipts(JourneyCount::Entered),
            },
            every: Period::Day,
            target: None,
            alert: None,
        },
        Kpi {
            name: "buyers".into(),
            title: None,
            measure: Figure::Share(ConditionIx(1)),
            every: Period::Month,
            target: None,
            alert: None,
        },
    ];
    program.project.connectors = vec![Connector {
        name: "slack".into(),
        kind: ConnectorKind::Record,
        actions: vec![Action {
            name: "growth".into(),
            inputs: vec![Input {
                name: "text".into(),
                kind: Type::Text,
                optional: false,
            }],
            private_data: Vec::new(),
            idempotent: true,
            request: None,
        }],
    }];
    program
}

fn open(root: &Path, now: Instant) -> Process<Sqlite> {
    open_with(root, measured(), now)
}

fn take(shop: &mut Process<Sqlite>, arrivals: Vec<Arrival>, now: Instant) {
    shop.turn(&[batch(arrivals)], None, now).unwrap();
}

fn page(shop: &Process<Sqlite>, who: &str, at: Instant) -> Arrival {
    let message = format!("page {who} {at}");
    happened(shop.program(), known(who), "page", &json!({}), &message, at)
}

fn buys(shop: &Process<Sqlite>, who: &str, at: Instant) -> Arrival {
    purchase(shop.program(), known(who), &format!("order {who} {at}"), at)
}

/// Lets time pass as the daemon does: until nothing is due any more.
fn pass(shop: &mut Process<Sqlite>, until: Instant) {
    let wakes = Wakes {
        until,
        most: 2,
        effects: Effects::Act,
    };
    while shop.next_wake().unwrap().is_some_and(|at| at <= until) {
        shop.turn(&[], Some(wakes), until).unwrap();
    }
}

fn report(shop: &mut Process<Sqlite>) -> inspect::Report {
    inspect::report(shop.store(), &measured()).unwrap()
}

fn people(shop: &mut Process<Sqlite>) -> Vec<i64> {
    let report = report(shop);
    report.funnels[0]
        .stages
        .iter()
        .map(|it| it.people)
        .collect()
}

/// The results of a KPI: the last day, part and whole.
fn results(shop: &mut Process<Sqlite>, kpi: usize) -> Vec<(String, i64, i64)> {
    let report = report(shop);
    let results = report.kpis[kpi].results.iter();
    results
        .map(|it| (it.last.clone(), it.part, it.whole))
        .collect()
}

fn alerts(shop: &mut Process<Sqlite>) -> Vec<Call> {
    let kept = shop.store().effects(0, None, None, 1_000).unwrap();
    let calls = kept
        .into_iter()
        .filter_map(|kept| match effect_of(&kept.effect.body)?.what {
            Intent::Call(call) => Some(call),
            _ => None,
        });
    calls.collect()
}

#[test]
fn a_funnel_counts_people_once_and_moves_them_when_something_is_heard_of_late() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path(), MONDAY);
    let arrivals = vec![
        page(&shop, "a", MONDAY),
        page(&shop, "a", MONDAY + HOUR),
        page(&shop, "b", MONDAY + DAY),
        buys(&shop, "a", MONDAY + DAY),
        buys(&shop, "c", MONDAY + DAY),
    ];
    take(&mut shop, arrivals, MONDAY + DAY);
    assert_eq!(people(&mut shop), [2, 1]);
    drop(shop);
    let mut shop = open(root.path(), MONDAY + DAY);
    // The page that brought `c` is heard of only now, and belongs to the week before.
    let late = page(&shop, "c", MONDAY - DAY);
    take(&mut shop, vec![late], MONDAY + 2 * DAY);
    assert_eq!(people(&mut shop), [3, 2]);
    let report = report(&mut shop);
    let weeks = report.funnels[0].weeks.iter();
    let weeks: Vec<_> = weeks.map(|it| (it.week.as_str(), &it.people[..])).collect();
    assert_eq!(
        weeks,
        [("2026-02-23", &[1, 1][..]), ("2026-03-02", &[2, 1][..])]
    );
    // An earlier first page of `a` takes `a` out of its week, and nobody is counted twice.
    let earlier = page(&shop, "a", MONDAY - 2 * DAY);
    take(&mut shop, vec![earlier], MONDAY + 2 * DAY);
    assert_eq!(people(&mut shop), [3, 2]);
}

#[test]
fn a_funnel_that_is_deployed_later_is_counted_from_the_past() {
    let root = tempfile::tempdir().unwrap();
    let mut without = measured();
    without.funnels.clear();
    without.kpis.clear();
    let mut shop = open_with(root.path(), without, MONDAY);
    let arrivals = vec![
        page(&shop, "a", MONDAY),
        buys(&shop, "a", MONDAY + HOUR),
        page(&shop, "b", MONDAY + HOUR),
    ];
    take(&mut shop, arrivals, MONDAY + HOUR);
    drop(shop);
    let mut shop = open(root.path(), MONDAY + 2 * HOUR);
    assert_eq!(people(&mut shop), [2, 1]);
}

#[test]
fn an_erased_person_is_in_no_funnel_any_more() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path(), MONDAY);
    let first = page(&shop, "a", MONDAY);
    take(&mut shop, vec![first], MONDAY);
    assert_eq!(people(&mut shop), [1, 0]);
    let erase = Arrival {
        who: known("a"),
        received_at: MONDAY + 1,
        id: None,
        item: Some(Item::Erase {
            occurred_at: MONDAY + 1,
        }),
    };
    take(&mut shop, vec![erase], MONDAY + 1);
    assert_eq!(people(&mut shop), [0, 0]);
}

#[test]
fn a_kpi_is_worked_out_when_its_period_is_over_and_alerts_once() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path(), MONDAY);
    let arrivals = vec![
        page(&shop, "a", MONDAY),
        page(&shop, "b", MONDAY),
        buys(&shop, "a", MONDAY + DAY),
    ];
    take(&mut shop, arrivals, MONDAY + DAY);
    // Sunday 23:59:59.999 in Seoul; MONDAY is 09:00 there.
    let sunday = MONDAY - 9 * HOUR + 7 * DAY - 1;
    pass(&mut shop, sunday);
    assert_eq!(results(&mut shop, 0), []);
    pass(&mut shop, sunday + 1);
    assert_eq!(results(&mut shop, 0), [("2026-03-08".to_owned(), 1, 2)]);
    let told = alerts(&mut shop);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].connector.as_str(), told[0].action.as_str()),
        ("slack", "growth")
    );
    let text = "전환율: 50.0 % (1 / 2), 2026-03-02 – 2026-03-08".to_owned();
    assert_eq!(told[0].args, [("text".to_owned(), Value::Text(text))]);
    drop(shop);
    // Neither a restart nor another look works it out again.
    let mut shop = open(root.path(), sunday + HOUR);
    pass(&mut shop, sunday + DAY);
    assert_eq!(results(&mut shop, 0).len(), 1);
    assert_eq!(alerts(&mut shop).len(), 1);
    let report = report(&mut shop);
    assert!(report.kpis[0].off_target);
    let status = inspect::status(shop.store(), sunday + DAY).unwrap();
    let line = status.off_target.get("conversion").unwrap();
    assert_eq!(line, "50.0 %, target at least 60 %");
}

#[test]
fn a_daemon_that_was_away_works_out_every_period_it_missed() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path(), MONDAY);
    let first = vec![
        with_address(&Arc::clone(shop.program()), "a", MONDAY),
        buys(&shop, "a", MONDAY + HOUR),
    ];
    take(&mut shop, first, MONDAY + HOUR);
    drop(shop);
    // Three days later. The question of Monday is sent late, and counts on the day it was due.
    let mut shop = open(root.path(), MONDAY + 3 * DAY);
    pass(&mut shop, MONDAY + 3 * DAY);
    assert_eq!(
        results(&mut shop, 1),
        [
            ("2026-03-02".to_owned(), 2, 1),
            ("2026-03-03".to_owned(), 0, 0),
            ("2026-03-04".to_owned(), 0, 0),
        ]
    );
}

#[test]
fn a_crash_between_two_periods_neither_repeats_nor_loses_one() {
    let root = tempfile::tempdir().unwrap();
    for day in 0..40 {
        // Every day the daemon is started anew and never stopped in order.
        let now = MONDAY + day * DAY;
        let mut shop = open(root.path(), now);
        let one = page(&shop, &format!("p{day}"), now);
        take(&mut shop, vec![one], now);
        pass(&mut shop, now);
    }
    let mut shop = open(root.path(), MONDAY + 40 * DAY);
    assert_eq!(tally(&mut shop, "kpi", "answered: 2026-03-31: measured"), 1);
    let all = shop.store().tallies().unwrap();
    let measured = all
        .iter()
        .filter(|(key, _)| key.what == "kpi" && key.detail.ends_with(": measured"));
    let per_kpi = |kpi: &str| {
        let own = measured
            .clone()
            .filter(|(key, _)| key.detail.starts_with(kpi));
        own.map(|(_, n)| *n).collect::<Vec<_>>()
    };
    assert_eq!(per_kpi("answered: "), vec![1; 39]);
    assert_eq!(per_kpi("conversion: "), vec![1; 5]);
    assert_eq!(per_kpi("buyers: "), vec![1; 1]);
    assert_eq!(alerts(&mut shop).len(), 5);
}

#[test]
fn the_share_of_people_is_counted_and_not_searched_for() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path(), MONDAY);
    let arrivals = vec![
        page(&shop, "a", MONDAY),
        page(&shop, "b", MONDAY),
        buys(&shop, "a", MONDAY),
        buys(&shop, "c", MONDAY),
        page(&shop, "d", MONDAY),
    ];
    take(&mut shop, arrivals, MONDAY);
    pass(&mut shop, MONDAY + 30 * DAY);
    assert_eq!(results(&mut shop, 2), [("2026-03-31".to_owned(), 2, 4)]);
}

/// The shop whose buyers are told of at two networks, where they agreed.
fn with_audience() -> ir::Program {
    let mut program = program();
    program.schema.consents.push(Consent {
        name: "ads".into(),
        channels: Vec::new(),
        others: vec!["meta".into()],
        ask_again: None,
    });
    program.audiences = vec![Audience {
        name: "buyers".into(),
        title: None,
        people: ConditionIx(1),
        sync: vec!["meta".into()],
        consents: vec![ConsentIx(1)],
        match_by: vec![AttributeIx(0)],
        keep: None,
    }];
    program
}

#[test]
fn who_is_told_of_is_counted_and_forgotten_once_taken_out_after_an_erasure() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open_with(root.path(), with_audience(), MONDAY);
    let program = Arc::clone(shop.program());
    let item = |item| Arrival {
        who: known("a"),
        received_at: MONDAY,
        id: None,
        item: Some(item),
    };
    let agrees = item(Item::Consent {
        consent: ConsentIx(1),
        channel: None,
        given: true,
        occurred_at: MONDAY,
    });
    let arrivals = vec![
        with_address(&program, "a", MONDAY),
        agrees,
        buys(&shop, "a", MONDAY),
    ];
    take(&mut shop, arrivals, MONDAY);
    assert_eq!(tally(&mut shop, "audience", "buyers"), 1);
    let erase = item(Item::Erase {
        occurred_at: MONDAY + 1,
    });
    take(&mut shop, vec![erase], MONDAY + 1);
    assert_eq!(tally(&mut shop, "audience", "buyers"), 0);
    let told: Vec<_> = effects(&mut shop)
        .into_iter()
        .filter(|(step, ..)| step.ends_with("meta"))
        .map(|(step, _, status)| (step, status))
        .collect();
    assert_eq!(
        told,
        [
            ("add to meta".to_owned(), "revoked"),
            ("remove from meta".to_owned(), "pending"),
        ]
    );
    // The removal still knows whom it is about, and nothing else does.
    let kept = shop.store().effects(0, None, None, 100).unwrap();
    let readable = kept.iter().filter(|it| !it.effect.body.is_empty());
    let readable: Vec<_> = readable.map(|it| it.effect.step.as_str()).collect();
    assert_eq!(readable, ["remove from meta"]);
}
