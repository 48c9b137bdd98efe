//! Races: something happens in time, or it does not.

use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;

use crate::build::*;

fn sla(settle: i64) -> (Build, EventIx, EventIx) {
    let mut b = Build::new();
    let inquiry = b.event("inquiry", &[]);
    let contacted = b.event("contacted", &[]);
    b.journey(
        "sla",
        when(inquiry),
        vec![
            race(minutes(5), settle, vec![(on(contacted), next(1))], next(2)),
            exit("in_time"),
            wait(days(1), 0, next(3)),
            exit("late"),
        ],
    );
    (b, inquiry, contacted)
}

#[test]
fn an_event_at_exactly_the_deadline_beats_the_timeout() {
    for (late, outcome) in [(-1, "in_time"), (0, "in_time"), (1, "late")] {
        let (b, inquiry, contacted) = sla(0);
        let mut p = b.person();
        p.does(MONDAY, inquiry, &[]);
        p.does(MONDAY + 5 * MINUTE + late, contacted, &[]);
        p.until(MONDAY + 9 * DAY);
        assert!(
            p.tells(&format!("exited as {outcome}")),
            "{late}: {}",
            p.story()
        );
    }
}

#[test]
fn a_race_is_held_open_for_events_that_arrive_late() {
    // Held open for ten minutes: what happened by the deadline wins, what happened later does not.
    for (happened, outcome) in [(5 * MINUTE, "in_time"), (5 * MINUTE + 1, "late")] {
        let (b, inquiry, contacted) = sla(10 * MINUTE);
        let mut p = b.person();
        p.does(MONDAY, inquiry, &[]);
        assert_eq!(p.contact.next_wake(), Some(MONDAY + 15 * MINUTE));
        p.does_late(MONDAY + happened, MONDAY + 12 * MINUTE, contacted, &[]);
        p.until(MONDAY + 9 * DAY);
        assert!(p.tells(&format!("exited as {outcome}")), "{}", p.story());
    }
}

#[test]
fn what_happened_before_the_race_does_not_count() {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    let answer = b.event("answer", &[]);
    b.journey(
        "j",
        when(start),
        vec![
            wait(hours(1), 0, next(1)),
            race(hours(1), 0, vec![(on(answer), next(2))], next(3)),
            exit("answered"),
            exit("silent"),
        ],
    );
    let mut p = b.person();
    p.does(MONDAY, start, &[]);
    p.does(MONDAY + HOUR / 2, answer, &[]);
    p.until(MONDAY + HOUR);
    // Happened before the race was reached, heard of after.
    p.does_late(MONDAY + HOUR - 1, MONDAY + HOUR + MINUTE, answer, &[]);
    p.until(MONDAY + DAY);
    assert!(p.tells("exited as silent"));
}

#[test]
fn a_race_that_timed_out_stays_so_and_the_late_answer_is_marked() {
    let (b, inquiry, contacted) = sla(0);
    let mut p = b.person();
    p.does(MONDAY, inquiry, &[]);
    p.until(MONDAY + HOUR);
    p.does_late(MONDAY + MINUTE, MONDAY + HOUR, contacted, &[]);
    assert!(p.tells("was in time but heard of too late"));
    p.until(MONDAY + 9 * DAY);
    assert!(p.tells("exited as late"));
}

#[test]
fn the_first_arm_in_written_order_takes_the_event_and_remembers_it() {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    let survey = b.event("survey", &[("reason", schema::Type::Text)]);
    let price = b.field_is(0, text("가격"));
    let by_price = b.compare(
        Source::Register(RegisterIx(0)),
        Comparison::Is(Operand::Value(text("가격"))),
    );
    b.journey(
        "j",
        when(start),
        vec![
            race(
                days(7),
                0,
                vec![
                    (
                        Trigger::Event {
                            event: survey,
                            filter: Some(price),
                        },
                        next(1),
                    ),
                    (on(survey), next(2)),
                ],
                None,
            ),
            StepKind::Branch {
                arms: vec![(by_price, next(3))],
                otherwise: next(2),
            },
            exit("other"),
            exit("price"),
        ],
    )
    .registers = vec![Register::Field {
        event: survey,
        field: FieldIx(0),
    }];
    let program = b.link();
    for (reason, outcome) in [("가격", "price"), ("품질", "other")] {
        let mut p = Person::in_program(program.clone());
        p.does(MONDAY, start, &[]);
        p.does(MONDAY + DAY, survey, &[text(reason)]);
        assert!(p.tells(&format!("exited as {outcome}")));
    }
}

#[test]
fn a_change_of_membership_can_win_a_race_at_its_deadline() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let lifecycle = b.shop_lifecycle(purchase, 0);
    let becomes = Trigger::Becomes {
        lifecycle,
        stage: StageIx(2),
    };
    b.journey(
        "j",
        when(purchase),
        vec![
            race(days(90), 0, vec![(becomes, next(1))], next(2)),
            exit("at_risk"),
            exit("timeout"),
        ],
    );
    let mut p = b.person();
    p.does(MONDAY, purchase, &[]);
    p.until(MONDAY + 100 * DAY);
    assert!(p.tells("exited as at_risk"), "{}", p.story());
}

/// Two races in a row, as for an inquiry that is answered in time, late, or never.
fn two_races() -> (Build, EventIx, EventIx) {
    let mut b = Build::new();
    let inquiry = b.event("inquiry", &[]);
    let contacted = b.event("contacted", &[]);
    b.journey(
        "sla",
        when(inquiry),
        vec![
            race(minutes(5), 0, vec![(on(contacted), next(1))], next(2)),
            exit("in_time"),
            race(hours(1), 0, vec![(on(contacted), next(3))], None),
            exit("late"),
        ],
    );
    (b, inquiry, contacted)
}

#[test]
fn an_answer_to_the_race_before_this_one_is_marked_and_does_not_answer_this_one() {
    let (b, inquiry, contacted) = two_races();
    let mut p = b.person();
    p.does(MONDAY, inquiry, &[]);
    p.until(MONDAY + 6 * MINUTE);
    p.does_late(MONDAY + 4 * MINUTE, MONDAY + 6 * MINUTE, contacted, &[]);
    assert!(
        p.tells("was in time but heard of too late"),
        "{}",
        p.story()
    );
    assert!(!p.tells("exited"));
    p.does(MONDAY + 7 * MINUTE, contacted, &[]);
    assert!(p.tells("exited as late"));
    assert_eq!(p.times("heard of too late"), 1);
}

#[test]
fn a_race_held_open_keeps_its_deadline_when_the_contact_moves() {
    let mut b = Build::new();
    let inquiry = b.event("inquiry", &[]);
    let contacted = b.event("contacted", &[]);
    let zone = b.attribute("timezone", schema::Type::Timezone);
    b.journey(
        "sla",
        when(inquiry),
        vec![
            race(
                minutes(5),
                10 * MINUTE,
                vec![(on(contacted), next(1))],
                next(2),
            ),
            exit("in_time"),
            exit("late"),
        ],
    );
    let mut p = b.person();
    p.does(MONDAY, inquiry, &[]);
    p.set(MONDAY + 8 * MINUTE, zone, "Asia/Seoul");
    assert_eq!(p.contact.next_wake(), Some(MONDAY + 15 * MINUTE));
    // After the deadline, though before the contact moved.
    p.does_late(MONDAY + 6 * MINUTE, MONDAY + 9 * MINUTE, contacted, &[]);
    p.until(MONDAY + DAY);
    assert!(p.tells("exited as late"), "{}", p.story());
}
