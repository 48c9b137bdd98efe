//! Waits, and the order of things that fall due together.

use journey_ir::journey::{Side, Until};
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;

use crate::build::*;

/// When one mail behind one wait step goes out.
fn goes_out(zone: &str, start: Instant, step: StepKind) -> Instant {
    let mut b = Build::new().zone(zone);
    let start_event = b.event("start", &[]);
    let mail = b.mail("hi");
    b.ir.project.hours.push(project::Hours {
        name: "office".into(),
        timezone: "Asia/Seoul".into(),
        open: vec![(Weekday::Tuesday, clock(9, 0), clock(18, 0))],
        holidays: vec![],
    });
    b.journey("j", when(start_event), vec![step, send(mail, None)]);
    let mut p = b.person();
    p.does(start, start_event, &[]);
    p.until(start + 400 * DAY);
    p.mails()[0].0
}

#[test]
fn a_wait_ends_at_its_instant() {
    let seoul = |text| at(text);
    let go = |step| goes_out("Asia/Seoul", MONDAY, step);
    // MONDAY is 09:00 in Seoul.
    assert_eq!(go(wait(minutes(90), 0, next(1))), MONDAY + 90 * MINUTE);
    assert_eq!(
        go(wait(days(1), 10 * MINUTE, next(1))),
        MONDAY + DAY + 10 * MINUTE
    );
    assert_eq!(go(wait(days(0), 0, next(1))), MONDAY);
    assert_eq!(go(wait_until(Until::Clock(clock(9, 0)), next(1))), MONDAY);
    assert_eq!(
        go(wait_until(Until::Clock(clock(8, 59)), next(1))),
        MONDAY + DAY - MINUTE
    );
    let weekday = Until::Weekday {
        on: vec![Weekday::Friday],
        at: clock(10, 0),
    };
    assert_eq!(
        go(wait_until(weekday, next(1))),
        seoul("2026-03-06T01:00:00Z")
    );
    let date = |day: i32| Until::Date {
        on: Date((MONDAY / DAY) as i32 + day),
        at: clock(10, 0),
    };
    assert_eq!(
        go(wait_until(date(4), next(1))),
        seoul("2026-03-06T01:00:00Z")
    );
    assert_eq!(
        go(wait_until(date(-4), next(1))),
        MONDAY,
        "one already past continues at once"
    );
    assert_eq!(
        go(wait_until(Until::Inside(HoursIx(0)), next(1))),
        seoul("2026-03-03T00:00:00Z")
    );
    let then = StepKind::Wait {
        span: Some(days(3)),
        settle: 10 * MINUTE,
        until: Some(Until::Clock(clock(10, 0))),
        next: next(1),
    };
    assert_eq!(
        go(then),
        seoul("2026-03-05T01:00:00Z"),
        "a clock time is a promise"
    );
}

#[test]
fn a_calendar_wait_keeps_the_clock_time_when_the_clocks_change() {
    let start = at("2026-03-07T17:00:00Z");
    assert_eq!(
        goes_out("America/New_York", start, wait(days(1), 0, next(1))),
        at("2026-03-08T16:00:00Z")
    );
    assert_eq!(
        goes_out("America/New_York", start, wait(hours(24), 0, next(1))),
        at("2026-03-08T17:00:00Z")
    );
    let gap = wait_until(Until::Clock(clock(2, 30)), next(1));
    assert_eq!(
        goes_out("America/New_York", start, gap),
        at("2026-03-08T07:30:00Z")
    );
    let month = wait(Span::new(1, Unit::Month), 0, next(1));
    assert_eq!(
        goes_out("Asia/Seoul", at("2027-01-31T01:00:00Z"), month),
        at("2027-02-28T01:00:00Z")
    );
}

#[test]
fn a_calendar_wait_follows_the_contact_to_another_zone_but_never_to_before_now() {
    let mut b = Build::new().zone("Asia/Seoul");
    let start = b.event("start", &[]);
    let zone = b.attribute("timezone", Type::Timezone);
    let mail = b.mail("hi");
    let step = wait_until(Until::Clock(clock(18, 0)), next(1));
    b.journey("j", when(start), vec![step, send(mail, None)]);
    b.journey(
        "exact",
        when(start),
        vec![wait(hours(3), 0, next(1)), send(mail, None)],
    );
    let program = b.link();
    // 09:00 in Seoul: 18:00 there is 09:00 UTC.
    let mut p = Person::in_program(program.clone());
    p.does(MONDAY, start, &[]);
    p.set(MONDAY + HOUR, zone, "Asia/Bangkok");
    p.until(MONDAY + DAY);
    assert_eq!(p.mails()[0].0, MONDAY + 3 * HOUR, "an exact wait stays");
    assert_eq!(p.mails()[1].0, MONDAY + 11 * HOUR);
    // Far to the east it is 18:00 already.
    let mut p = Person::in_program(program);
    p.does(MONDAY, start, &[]);
    p.set(MONDAY + 8 * HOUR, zone, "Pacific/Auckland");
    p.until(MONDAY + DAY);
    assert_eq!(p.mails()[1].0, MONDAY + 8 * HOUR);
}

#[test]
fn a_wait_can_hang_on_a_date_that_is_read() {
    let mut b = Build::new().zone("Asia/Seoul");
    let start = b.event("start", &[]);
    let trial_ends = b.attribute("trial_ends", Type::Date);
    let mail = b.mail("hi");
    let until = Until::Moment {
        of: Source::Attribute(trial_ends),
        offset: Some((days(2), Side::Before)),
    };
    b.journey(
        "j",
        when(start),
        vec![wait_until(until, next(1)), send(mail, None)],
    );
    let program = b.link();
    let mut p = Person::in_program(program.clone());
    let set = vec![(
        trial_ends,
        Some(Value::Date(Date((MONDAY / DAY) as i32 + 10))),
    )];
    p.item(
        &journey_engine::Item::Attributes {
            set,
            occurred_at: MONDAY,
        },
        MONDAY,
    );
    p.does(MONDAY, start, &[]);
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.mails()[0].0, at("2026-03-09T15:00:00Z"));
    let mut p = Person::in_program(program);
    p.does(MONDAY, start, &[]);
    assert_eq!(p.mails()[0].0, MONDAY, "a missing one continues at once");
}

#[test]
fn runs_due_together_go_by_priority_then_name_then_age() {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    for (name, priority) in [("b", 1), ("a", 1), ("z", 3)] {
        let mail = b.mail(name);
        b.journey(
            name,
            when(start),
            vec![wait(days(1), 0, next(1)), send(mail, None)],
        )
        .priority = priority;
    }
    let mut p = b.person();
    p.does(MONDAY, start, &[]);
    p.until(MONDAY + DAY);
    assert_eq!(p.templates(), ["z", "a", "b"]);
}

#[test]
fn an_event_at_the_instant_of_a_wait_goes_first() {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    let stop = b.event("stop", &[]);
    let mail = b.mail("hi");
    b.journey(
        "j",
        when(start),
        vec![wait(days(1), 0, next(1)), send(mail, None)],
    )
    .exits = vec![ExitRule {
        trigger: on(stop),
        reason: None,
    }];
    let mut p = b.person();
    p.does(MONDAY, start, &[]);
    p.does(MONDAY + DAY, stop, &[]);
    p.until(MONDAY + DAY);
    assert!(p.mails().is_empty());
}

#[test]
fn a_split_gives_a_person_the_same_arm_for_ever_and_shares_people_out() {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    let arms = vec![
        split_arm("a", 4_500, next(1)),
        split_arm("b", 4_500, next(2)),
        split_arm("holdout", 1_000, next(3)),
    ];
    let split = StepKind::Split {
        name: "subject".into(),
        arms,
        measured: None,
    };
    b.journey(
        "j",
        when(start),
        vec![split, exit("a"), exit("b"), exit("holdout")],
    )
    .reenter = journey::Reenter::AnyTime;
    let program = b.link();
    let mut counts = [0; 3];
    for n in 0..2_000 {
        let mut p = Person::unknown(program.clone());
        p.contact = journey_engine::Contact::new(&format!("contact {n}"));
        p.does(MONDAY, start, &[]);
        p.does(MONDAY + DAY, start, &[]);
        for (arm, count) in ["a", "b", "holdout"].iter().zip(&mut counts) {
            let times = p.times(&format!("exited as {arm}"));
            assert!(times == 0 || times == 2);
            *count += times / 2;
        }
    }
    assert!(
        (840..960).contains(&counts[0]) && (150..250).contains(&counts[2]),
        "{counts:?}"
    );
}

#[test]
fn settings_and_registers_and_branches_work_together() {
    let mut b = Build::new();
    let form = b.event("form", &[("budget", Type::Number)]);
    let tier = b.attribute("tier", Type::Text);
    let budget = || Source::Register(RegisterIx(0));
    let under = b.compare(budget(), Comparison::Under(Operand::Value(whole(5_000))));
    let missing = b.compare(budget(), Comparison::IsMissing);
    let set = |to: &str, next| StepKind::Set {
        attribute: tier,
        to: journey::Expression::Value(text(to)),
        next,
    };
    let branch = StepKind::Branch {
        arms: vec![(under, next(1)), (missing, next(2))],
        otherwise: next(3),
    };
    b.journey(
        "j",
        when(form),
        vec![
            branch,
            set("small", None),
            set("unknown", None),
            set("large", None),
        ],
    )
    .registers = vec![Register::Field {
        event: form,
        field: FieldIx(0),
    }];
    let program = b.link();
    for (fields, expected) in [
        (vec![whole(4_999)], "small"),
        (vec![whole(5_000)], "large"),
        (vec![], "unknown"),
    ] {
        let mut p = Person::in_program(program.clone());
        p.does(MONDAY, form, &fields);
        let tier = p
            .contact
            .attributes(&program)
            .into_iter()
            .find(|(name, _)| &**name == "tier");
        assert_eq!(tier.unwrap().1, text(expected));
    }
}
