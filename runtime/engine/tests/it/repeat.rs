//! Repeats: again and again, until it was often enough or has worked.

use journey_engine::RunId;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;

use crate::build::*;

fn repeat(
    times: u16,
    every: Span,
    settle: i64,
    until: Option<EventIx>,
    body: u32,
    next: Option<StepIx>,
) -> StepKind {
    StepKind::Repeat {
        times,
        every,
        settle,
        until: until.map(on),
        body: Some(StepIx(body)),
        next,
    }
}

/// A lead is mailed up to three times, every two days, until somebody has called.
fn reminders(settle: i64) -> (Build, EventIx, EventIx) {
    let mut b = Build::new();
    let lead = b.event("lead", &[]);
    let called = b.event("called", &[]);
    let mail = b.mail("reminder");
    let steps = vec![
        repeat(3, days(2), settle, Some(called), 1, next(2)),
        send(mail, next(0)),
        exit("over"),
    ];
    b.journey("j", when(lead), steps);
    (b, lead, called)
}

#[test]
fn a_body_is_repeated_from_beginning_to_beginning_and_then_the_run_goes_on() {
    let (b, lead, _) = reminders(0);
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    p.until(MONDAY + 30 * DAY);
    let times: Vec<Instant> = p.mails().into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, [MONDAY, MONDAY + 2 * DAY, MONDAY + 4 * DAY]);
    assert_eq!(p.when("exited as over"), Some(MONDAY + 4 * DAY));
}

#[test]
fn every_repetition_has_effects_of_its_own_and_a_crash_repeats_the_same() {
    let (b, lead, _) = reminders(0);
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    let mut again = p.clone();
    p.until(MONDAY + 30 * DAY);
    again.until(MONDAY + 3 * DAY);
    again.until(MONDAY + 30 * DAY);
    let keys = |p: &Person| p.out.effects.iter().map(|it| it.key).collect::<Vec<_>>();
    assert_eq!(keys(&p), keys(&again));
    let mut different = keys(&p);
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), 3);
}

#[test]
fn what_it_waits_for_ends_a_repeat_between_two_repetitions() {
    let (b, lead, called) = reminders(0);
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    p.does(MONDAY + DAY, called, &[]);
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.mails().len(), 1);
    assert_eq!(p.when("exited as over"), Some(MONDAY + DAY));
}

#[test]
fn an_event_at_the_instant_of_a_repetition_comes_first() {
    let (b, lead, called) = reminders(0);
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    p.does(MONDAY + 2 * DAY, called, &[]);
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.mails().len(), 1, "{}", p.story());
}

#[test]
fn a_repetition_is_held_open_for_an_event_that_arrives_late() {
    let (b, lead, called) = reminders(10 * MINUTE);
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    p.does_late(
        MONDAY + 2 * DAY - MINUTE,
        MONDAY + 2 * DAY + 5 * MINUTE,
        called,
        &[],
    );
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.mails().len(), 1, "{}", p.story());
}

#[test]
fn what_it_waits_for_ends_a_repeat_also_inside_its_body_and_before_any_arm() {
    let mut b = Build::new();
    let lead = b.event("lead", &[]);
    let called = b.event("called", &[]);
    let steps = vec![
        repeat(3, days(2), 0, Some(called), 1, next(3)),
        race(days(1), 0, vec![(on(called), next(2))], next(0)),
        exit("arm"),
        exit("until"),
    ];
    b.journey("j", when(lead), steps);
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    p.does(MONDAY + HOUR, called, &[]);
    assert!(p.tells("exited as until"), "{}", p.story());
}

#[test]
fn months_are_counted_from_the_first_day() {
    let mut b = Build::new();
    let lead = b.event("lead", &[]);
    let mail = b.mail("reminder");
    let month = Span::new(1, Unit::Month);
    let steps = vec![repeat(4, month, 0, None, 1, None), send(mail, next(0))];
    b.journey("j", when(lead), steps);
    let mut p = b.person();
    p.does(at("2026-03-31T09:00:00Z"), lead, &[]);
    p.until(at("2026-12-31T00:00:00Z"));
    let times: Vec<Instant> = p.mails().into_iter().map(|(at, _)| at).collect();
    let wanted = ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"];
    let wanted: Vec<Instant> = wanted
        .iter()
        .map(|day| at(&format!("{day}T09:00:00Z")))
        .collect();
    assert_eq!(times, wanted);
}

#[test]
fn a_body_that_takes_longer_than_its_time_begins_anew_at_once() {
    let mut b = Build::new();
    let lead = b.event("lead", &[]);
    let mail = b.mail("reminder");
    let steps = vec![
        repeat(3, days(1), 0, None, 1, None),
        send(mail, next(2)),
        wait(days(3), 0, next(0)),
    ];
    b.journey("j", when(lead), steps);
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    p.until(MONDAY + 30 * DAY);
    let times: Vec<Instant> = p.mails().into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, [MONDAY, MONDAY + 3 * DAY, MONDAY + 6 * DAY]);
}

#[test]
fn a_repeat_in_a_repeat_begins_from_the_start_each_time() {
    let mut b = Build::new();
    let lead = b.event("lead", &[]);
    let mail = b.mail("reminder");
    let steps = vec![
        repeat(2, days(7), 0, None, 1, None),
        repeat(2, days(1), 0, None, 2, next(0)),
        send(mail, next(1)),
    ];
    b.journey("j", when(lead), steps);
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    p.until(MONDAY + 60 * DAY);
    let times: Vec<Instant> = p
        .mails()
        .into_iter()
        .map(|(at, _)| (at - MONDAY) / DAY)
        .collect();
    assert_eq!(times, [0, 1, 7, 8]);
    assert!(p.tells("took all its steps"));
}

#[test]
fn a_goal_ends_a_run_between_two_repetitions() {
    let (mut b, lead, called) = reminders(0);
    let journey = b.ir.journeys.last_mut().unwrap();
    journey.goal = Some(Goal {
        event: called,
        filter: None,
        within: days(30),
        keep_going: false,
    });
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    p.does(MONDAY + DAY, called, &[]);
    p.until(MONDAY + 30 * DAY);
    assert!(p.tells("ended at its goal"));
    assert_eq!(p.mails().len(), 1);
}

#[test]
fn a_mail_held_by_quiet_hours_delays_no_later_repetition() {
    let (mut b, lead, _) = reminders(0);
    b.ir.policies.push(Policy {
        name: "quiet".into(),
        title: None,
        rules: vec![PolicyRule::Quiet {
            purpose: None,
            from: clock(21, 0),
            to: clock(8, 0),
            except: vec![],
            unless: vec![],
            then: Then::Wait,
        }],
    });
    let mut p = b.person();
    p.does(MONDAY + 22 * HOUR, lead, &[]);
    p.until(MONDAY + 30 * DAY);
    let times: Vec<Instant> = p.mails().into_iter().map(|(at, _)| at).collect();
    let morning = MONDAY + 32 * HOUR;
    assert_eq!(times, [morning, morning + 2 * DAY, morning + 4 * DAY]);
    assert_eq!(p.out.effects[0].run, RunId(1));
}

#[test]
fn what_is_remembered_is_read_later_and_the_newest_counts() {
    let mut b = Build::new();
    let lead = b.event("lead", &[("plan", Type::Text)]);
    let pro = b.compare(
        Source::Register(RegisterIx(1)),
        Comparison::Is(Operand::Value(text("pro"))),
    );
    let steps = vec![
        StepKind::Remember {
            register: RegisterIx(1),
            of: Source::Register(RegisterIx(0)),
            next: next(1),
        },
        wait(days(1), 0, next(2)),
        StepKind::Branch {
            arms: vec![(pro, next(3))],
            otherwise: next(4),
        },
        exit("pro"),
        exit("basic"),
    ];
    b.journey("j", when(lead), steps).registers = vec![
        Register::Field {
            event: lead,
            field: FieldIx(0),
        },
        Register::Kept("plan".into()),
    ];
    let mut p = b.person();
    p.does(MONDAY, lead, &[text("pro")]);
    p.until(MONDAY + 2 * DAY);
    assert!(p.tells("exited as pro"), "{}", p.story());
}
