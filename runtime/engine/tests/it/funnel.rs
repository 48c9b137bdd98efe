//! Funnels: when a stage counts as reached.

use journey_engine::{Happening, What};
use journey_ir::aggregate::{Keep, MOST_KEPT};
use journey_ir::time::{DAY, HOUR};
use journey_ir::*;

use crate::build::*;

struct Signup {
    signed_up: EventIx,
    purchase: EventIx,
    visit: EventIx,
}

/// 획득 when signed_up, 활성화 when purchase within 14 days, 유지 when purchase at least 2 times within 90 days,
/// 열성 when visit.
fn signup(build: &mut Build) -> Signup {
    let signed_up = build.event("signed_up", &[]);
    let purchase = build.event("purchase", &[]);
    let visit = build.event("visit", &[]);
    let first = build.aggregate(signed_up, None, Keep::First);
    let bought = build.aggregate(purchase, None, Keep::Oldest(MOST_KEPT));
    let visited = build.aggregate(visit, None, Keep::Oldest(MOST_KEPT));
    let stage = |name: &str, aggregate, n, within| FunnelStage {
        name: name.into(),
        title: None,
        aggregate,
        n,
        within,
    };
    build.ir.funnels.push(Funnel {
        name: "aarrr".into(),
        title: None,
        stages: vec![
            stage("획득", first, 1, None),
            stage("활성화", bought, 1, Some(days(14))),
            stage("유지", bought, 2, Some(days(90))),
            stage("열성", visited, 1, None),
        ],
    });
    Signup {
        signed_up,
        purchase,
        visit,
    }
}

fn person() -> (Person, Signup) {
    let mut build = Build::new();
    let events = signup(&mut build);
    (build.person(), events)
}

fn reached(person: &Person) -> Vec<(String, Instant)> {
    let all = person.contact.reached(&person.program);
    let stages = all.iter().map(|it| (it.stage.to_string(), it.at));
    stages.collect()
}

fn stages(person: &Person) -> Vec<String> {
    reached(person).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn stages_are_reached_one_after_another_and_counts_begin_with_the_first() {
    let (mut person, on) = person();
    // Before the first stage nothing counts.
    person.does(MONDAY, on.purchase, &[]);
    person.does(MONDAY + HOUR, on.signed_up, &[]);
    assert_eq!(reached(&person), [("획득".into(), MONDAY + HOUR)]);
    person.does(MONDAY + DAY, on.purchase, &[]);
    assert_eq!(stages(&person), ["획득", "활성화"]);
    // A visit before the stage above it is reached is not a visit of that stage.
    person.does(MONDAY + 2 * DAY, on.visit, &[]);
    person.does(MONDAY + 3 * DAY, on.purchase, &[]);
    assert_eq!(stages(&person), ["획득", "활성화", "유지"]);
    person.does(MONDAY + 4 * DAY, on.visit, &[]);
    assert_eq!(
        reached(&person),
        [
            ("획득".into(), MONDAY + HOUR),
            ("활성화".into(), MONDAY + DAY),
            ("유지".into(), MONDAY + 3 * DAY),
            ("열성".into(), MONDAY + 4 * DAY),
        ]
    );
    let told = person.out.history.iter().filter_map(|one| match one {
        Happening {
            what: What::Reached { stage, .. },
            ..
        } => Some(stage.to_string()),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), ["획득", "활성화", "유지", "열성"]);
}

#[test]
fn a_stage_is_reached_up_to_the_last_instant_of_its_span() {
    let (mut just, on) = person();
    just.does(MONDAY, on.signed_up, &[]);
    just.does(MONDAY + 14 * DAY, on.purchase, &[]);
    assert_eq!(stages(&just), ["획득", "활성화"]);
    let (mut late, on) = person();
    late.does(MONDAY, on.signed_up, &[]);
    late.does(MONDAY + 14 * DAY + 1, on.purchase, &[]);
    assert_eq!(stages(&late), ["획득"]);
}

#[test]
fn what_is_heard_of_late_counts_as_if_it_had_come_in_order() {
    let (mut in_order, on) = person();
    in_order.does(MONDAY, on.signed_up, &[]);
    in_order.does(MONDAY + DAY, on.purchase, &[]);
    in_order.does(MONDAY + 2 * DAY, on.purchase, &[]);

    let (mut late, on) = person();
    late.does(MONDAY + DAY, on.purchase, &[]);
    late.does(MONDAY + 2 * DAY, on.purchase, &[]);
    assert!(stages(&late).is_empty());
    late.does_late(MONDAY, MONDAY + 3 * DAY, on.signed_up, &[]);
    assert_eq!(reached(&late), reached(&in_order));

    // An earlier sign-up than the one known moves everything that follows from it.
    late.does_late(MONDAY - 30 * DAY, MONDAY + 3 * DAY, on.signed_up, &[]);
    assert_eq!(reached(&late), [("획득".into(), MONDAY - 30 * DAY)]);
}

#[test]
fn a_funnel_that_is_new_is_counted_from_the_past() {
    let mut plain = Build::new();
    plain.event("signed_up", &[]);
    let (mut person, on) = person();
    let program = std::sync::Arc::clone(&person.program);
    let mut old = Person::in_program(plain.link());
    old.does(MONDAY, EventIx(0), &[]);
    let event = journey_engine::Event {
        id: journey_engine::EventId::of("one"),
        kind: on.signed_up,
        occurred_at: MONDAY,
        received_at: MONDAY,
        fields: Vec::new(),
    };
    person.contact = old.contact;
    journey_engine::rebase(
        &program,
        &mut person.contact,
        std::iter::once(event),
        MONDAY + DAY,
        &mut person.out,
    );
    assert_eq!(reached(&person), [("획득".into(), MONDAY)]);
}
