//! Journeys that start by the calendar.

use journey_ir::journey::Reenter;
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MonthDay, Schedule};
use journey_ir::*;

use crate::build::*;

fn newsletter(b: &mut Build, schedule: Schedule, people: ConditionIx) {
    let mail = b.mail("news");
    b.journey(
        "news",
        Entry::Schedule { schedule, people },
        vec![send(mail, None)],
    )
    .reenter = Reenter::AnyTime;
}

fn due(p: &Person) -> Vec<Instant> {
    p.mails().iter().map(|(at, _)| *at).collect()
}

#[test]
fn a_schedule_falls_due_on_its_days() {
    let ten = clock(10, 0);
    let first_tuesday = MonthDay::Nth {
        n: 1,
        from_end: false,
        weekday: Weekday::Tuesday,
    };
    for (schedule, expected) in [
        (Schedule::Daily { at: ten }, 28),
        (
            Schedule::Weekly {
                on: vec![Weekday::Tuesday, Weekday::Friday],
                at: ten,
            },
            8,
        ),
        (
            Schedule::Monthly {
                on: first_tuesday,
                at: ten,
            },
            1,
        ),
        (
            Schedule::Monthly {
                on: MonthDay::Day(31),
                at: ten,
            },
            0,
        ),
        (
            Schedule::Once {
                on: Date((MONDAY / DAY) as i32 + 3),
                at: ten,
            },
            1,
        ),
        (
            Schedule::Once {
                on: Date((MONDAY / DAY) as i32 - 3),
                at: ten,
            },
            0,
        ),
        (Schedule::Cron("0 9 * * MON".into()), 4),
    ] {
        let mut b = Build::new();
        let everyone = b.always();
        newsletter(&mut b, schedule.clone(), everyone);
        let mut p = Person::unknown(b.link());
        p.item(
            &journey_engine::Item::Attributes {
                set: vec![(AttributeIx(0), Some(text("a@b.kr")))],
                occurred_at: MONDAY,
            },
            MONDAY,
        );
        p.until(MONDAY + 28 * DAY);
        assert_eq!(due(&p).len(), expected, "{schedule:?}");
    }
}

#[test]
fn a_schedule_is_armed_only_while_its_people_condition_holds() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let recent = b.did(purchase, 1, Window::Last(days(3)), 0);
    newsletter(&mut b, Schedule::Daily { at: clock(10, 0) }, recent);
    let mut p = b.person();
    p.until(MONDAY);
    assert_eq!(p.contact.next_wake(), None);
    p.does(MONDAY + 12 * HOUR, purchase, &[]);
    p.until(MONDAY + 30 * DAY);
    let expected: Vec<_> = (1..=3).map(|day| MONDAY + day * DAY + 10 * HOUR).collect();
    assert_eq!(due(&p), expected);
    assert_eq!(p.contact.next_wake(), None);
}

#[test]
fn membership_at_the_very_instant_decides() {
    // The window ends at exactly 10:00: memberships change before schedules fall due.
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let recent = b.did(purchase, 1, Window::Last(days(1)), 0);
    newsletter(&mut b, Schedule::Daily { at: clock(10, 0) }, recent);
    let program = b.link();
    let mut p = Person::in_program(program.clone());
    p.does(MONDAY + 10 * HOUR, purchase, &[]);
    p.until(MONDAY + 9 * DAY);
    assert_eq!(
        due(&p),
        [MONDAY + 10 * HOUR],
        "in at the first instant, out at the last"
    );
}

#[test]
fn a_daily_schedule_falls_due_once_per_local_date_also_for_travellers() {
    let mut b = Build::new().zone("Asia/Seoul");
    let zone = b.attribute("timezone", Type::Timezone);
    let everyone = b.always();
    newsletter(&mut b, Schedule::Daily { at: clock(10, 0) }, everyone);
    let mut p = b.person();
    p.until(MONDAY + 2 * HOUR);
    p.out.clear();
    // It fell due at 10:00 in Seoul; 10:00 of the same date in New York is still to come.
    p.set(MONDAY + 2 * HOUR, zone, "America/New_York");
    p.until(MONDAY + 2 * DAY);
    assert_eq!(due(&p), [at("2026-03-03T15:00:00Z")]);
}

#[test]
fn a_late_event_at_the_instant_of_a_schedule_does_not_start_it_twice() {
    let mut b = Build::new();
    let visit = b.event("visit", &[]);
    let ever = b.did(visit, 1, Window::Ever, 0);
    newsletter(&mut b, Schedule::Daily { at: clock(10, 0) }, ever);
    let mut p = b.person();
    p.does(MONDAY, visit, &[]);
    p.until(MONDAY + 10 * HOUR);
    p.does(MONDAY + 10 * HOUR, visit, &[]);
    p.until(MONDAY + 11 * HOUR);
    assert_eq!(due(&p).len(), 1);
}

#[test]
fn reenter_never_means_once_also_for_schedules() {
    let mut b = Build::new();
    let everyone = b.always();
    newsletter(&mut b, Schedule::Daily { at: clock(10, 0) }, everyone);
    b.ir.journeys[0].reenter = Reenter::Never;
    let mut p = b.person();
    p.until(MONDAY + 9 * DAY);
    assert_eq!(due(&p).len(), 1);
}

#[test]
fn a_jump_over_an_age_of_the_world_ends() {
    let mut b = Build::new();
    let everyone = b.always();
    newsletter(&mut b, Schedule::Cron("* * * * *".into()), everyone);
    let mut p = b.person();
    p.until(MONDAY + 20_000 * DAY);
    assert!(p.tells("passed over"));
    assert!(p.contact.next_wake().unwrap() > MONDAY + 19_999 * DAY);
}
