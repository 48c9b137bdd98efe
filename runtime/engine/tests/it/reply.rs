//! Questions and their replies; what happens while a race is only held open; business days.

use journey_ir::journey::Unclear;
use journey_ir::project::Hours;
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;

use crate::build::*;

/// A question for a plan, by e-mail, with a day to answer.
fn question(unclear: Unclear) -> (Build, EventIx, EventIx) {
    let mut b = Build::new();
    let plan = b.attribute("plan", Type::OneOf(vec!["basic".into(), "pro".into()]));
    let start = b.event("start", &[]);
    let replied = b.event("email.replied", &[("text", Type::Text)]);
    let mail = b.mail("which_plan");
    let pro = b.compare(
        Source::Attribute(plan),
        Comparison::Is(Operand::Value(text("pro"))),
    );
    let ask = StepKind::Ask {
        reply: replied,
        attribute: plan,
        limit: days(1),
        settle: 0,
        answer: next(2),
        unclear,
        timeout: next(5),
    };
    let branch = StepKind::Branch {
        arms: vec![(pro, next(3))],
        otherwise: next(4),
    };
    let steps = vec![
        send(mail, next(1)),
        ask,
        branch,
        exit("pro"),
        exit("basic"),
        exit("silent"),
        exit("unclear"),
    ];
    b.journey("j", when(start), steps);
    (b, start, replied)
}

#[test]
fn a_reply_sets_the_attribute_and_the_run_goes_on_with_it() {
    for (reply, reason) in [("pro", "pro"), ("2", "pro"), (" Basic. ", "basic")] {
        let (b, start, replied) = question(Unclear::Wait);
        let mut p = b.person();
        p.does(MONDAY, start, &[]);
        p.does(MONDAY + HOUR, replied, &[text(reply)]);
        assert!(p.tells(&format!("exited as {reason}")), "{}", p.story());
        assert!(p.tells("a reply for plan"));
    }
}

#[test]
fn an_unclear_reply_goes_on_waiting_or_another_way() {
    let (b, start, replied) = question(Unclear::Wait);
    let mut p = b.person();
    p.does(MONDAY, start, &[]);
    p.does(MONDAY + HOUR, replied, &[text("what?")]);
    assert!(p.tells("could not be read as plan"));
    p.does(MONDAY + 2 * HOUR, replied, &[text("pro")]);
    assert!(p.tells("exited as pro"));
    let (b, start, replied) = question(Unclear::Take(next(6)));
    let mut p = b.person();
    p.does(MONDAY, start, &[]);
    p.does(MONDAY + HOUR, replied, &[text("what?")]);
    assert!(p.tells("exited as unclear"));
}

#[test]
fn no_reply_in_time_is_told_and_one_at_the_deadline_counts() {
    let (b, start, replied) = question(Unclear::Wait);
    let mut p = b.person();
    p.does(MONDAY, start, &[]);
    let mut late = p.clone();
    p.does(MONDAY + DAY, replied, &[text("pro")]);
    assert!(p.tells("exited as pro"));
    late.until(MONDAY + DAY);
    assert!(late.tells("exited as silent"));
}

/// Five minutes for a call, then an hour for a late one; calls may be heard of two minutes late.
fn lead() -> (Build, EventIx, EventIx) {
    let mut b = Build::new();
    let lead = b.event("lead", &[]);
    let called = b.event("called", &[("by", Type::Text)]);
    let mail = b.mail("alarm");
    let steps = vec![
        race(minutes(5), 2 * MINUTE, vec![(on(called), next(3))], next(1)),
        send(mail, next(2)),
        race(hours(1), 2 * MINUTE, vec![(on(called), next(4))], next(5)),
        exit("in_time"),
        exit("late"),
        exit("never"),
    ];
    b.journey("j", when(lead), steps);
    (b, lead, called)
}

#[test]
fn what_happens_while_a_race_is_only_held_open_counts_for_the_race_that_follows() {
    for (after, reason) in [
        (5 * MINUTE, "in_time"),
        (5 * MINUTE + 1, "late"),
        (7 * MINUTE, "late"),
        (8 * MINUTE, "late"),
    ] {
        let (b, lead, called) = lead();
        let mut p = b.person();
        p.does(MONDAY, lead, &[]);
        p.does(MONDAY + after, called, &[text("kim")]);
        p.until(MONDAY + DAY);
        assert!(
            p.tells(&format!("exited as {reason}")),
            "{after}: {}",
            p.story()
        );
    }
}

#[test]
fn what_happened_before_a_wait_between_two_races_does_not_count_for_the_second() {
    let (mut b, lead, called) = lead();
    b.ir.journeys[0].steps[1].kind = wait(minutes(10), 0, next(2));
    let mut p = b.person();
    p.does(MONDAY, lead, &[]);
    p.does(MONDAY + 6 * MINUTE, called, &[text("kim")]);
    p.until(MONDAY + DAY);
    assert!(p.tells("exited as never"), "{}", p.story());
}

#[test]
fn business_days_pass_over_weekends_and_holidays_at_the_same_clock_time() {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    let mail = b.mail("hello");
    let days = Span::new(3, Unit::BusinessDay);
    let steps = vec![wait(days, 0, next(1)), send(mail, None)];
    b.journey("j", when(start), steps);
    let open = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
    ];
    b.ir.project.hours = vec![Hours {
        name: "business_hours".into(),
        timezone: "UTC".into(),
        open: open
            .into_iter()
            .map(|day| (day, clock(9, 0), clock(18, 0)))
            .collect(),
        // Tuesday, 10 March.
        holidays: vec![Date((MONDAY / DAY) as i32 + 8)],
    }];
    b.ir.project.business_days = Some(HoursIx(0));
    let program = b.link();
    for (entered, sent) in [(0, 3), (4, 10), (5, 10)] {
        let mut p = Person::in_program(program.clone());
        p.does(MONDAY + entered * DAY + 15 * HOUR, start, &[]);
        p.until(MONDAY + 30 * DAY);
        assert_eq!(p.mails()[0].0, MONDAY + sent * DAY + 15 * HOUR, "{entered}");
    }
}
