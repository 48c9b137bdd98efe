//! Segments and lifecycles flip at the exact instant.

use journey_engine::Item;
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;

use crate::build::*;

#[test]
fn a_lifecycle_flips_exactly_90_and_365_days_after_the_last_purchase() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    b.shop_lifecycle(purchase, 0);
    let mut p = b.person();
    p.does(MONDAY, purchase, &[]);
    p.does(MONDAY + 10 * DAY, purchase, &[]);
    assert_eq!(p.contact.next_wake(), Some(MONDAY + 100 * DAY));
    p.until(MONDAY + 100 * DAY - 1);
    assert!(!p.tells("이탈위험"));
    p.until(MONDAY + 2_000 * DAY);
    assert_eq!(p.when("became 활동"), Some(MONDAY));
    assert_eq!(p.when("became 이탈위험"), Some(MONDAY + 100 * DAY));
    assert_eq!(p.when("became 휴면"), Some(MONDAY + 375 * DAY));
    assert_eq!(p.times("became"), 3);
    assert_eq!(p.contact.next_wake(), None);
}

#[test]
fn a_purchase_at_the_very_instant_keeps_the_stage() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    b.shop_lifecycle(purchase, 0);
    let mut p = b.person();
    p.does(MONDAY, purchase, &[]);
    p.does(MONDAY + 90 * DAY, purchase, &[]);
    p.until(MONDAY + 90 * DAY);
    assert!(!p.tells("이탈위험"));
    assert_eq!(p.contact.next_wake(), Some(MONDAY + 180 * DAY));
}

#[test]
fn a_change_caused_by_absence_waits_for_events_that_arrive_late() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    b.shop_lifecycle(purchase, 10 * MINUTE);
    let mut p = b.person();
    p.does(MONDAY, purchase, &[]);
    // Bought in time, heard of eight minutes after the window closed.
    p.does_late(
        MONDAY + 90 * DAY - MINUTE,
        MONDAY + 90 * DAY + 8 * MINUTE,
        purchase,
        &[],
    );
    p.until(MONDAY + 91 * DAY);
    assert!(!p.tells("이탈위험"));
    p.until(MONDAY + 200 * DAY);
    assert_eq!(
        p.when("became 이탈위험"),
        Some(MONDAY + 180 * DAY - MINUTE + 10 * MINUTE)
    );
}

#[test]
fn days_are_those_of_the_contact() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let zone = b.attribute("timezone", Type::Timezone);
    b.shop_lifecycle(purchase, 0);
    let mut p = b.person();
    p.set(MONDAY, zone, "America/New_York");
    p.does(at("2026-03-02T17:00:00Z"), purchase, &[]);
    // The clocks go forward on 8 March: the same clock time is an hour earlier in UTC.
    assert_eq!(p.contact.next_wake(), Some(at("2026-05-31T16:00:00Z")));
    p.set(at("2026-03-03T00:00:00Z"), zone, "Asia/Seoul");
    assert_eq!(p.contact.next_wake(), Some(at("2026-05-31T17:00:00Z")));
}

#[test]
fn atoms_that_flip_together_are_applied_together() {
    // In the middle stage there is nobody: both windows end at once.
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let a = b.did(purchase, 1, Window::Last(days(10)), 0);
    let again = b.did(purchase, 1, Window::Last(hours(240)), 0);
    let rest = b.always();
    b.lifecycle("l", &[("one", a), ("two", again), ("three", rest)]);
    let mut p = b.person();
    p.does(MONDAY, purchase, &[]);
    p.until(MONDAY + 20 * DAY);
    assert!(!p.tells("became two"));
    assert_eq!(p.when("became three"), Some(MONDAY + 10 * DAY));
}

#[test]
fn a_segment_follows_the_segments_it_is_made_of() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let recent = b.did(purchase, 1, Window::Last(days(5)), 0);
    let recent = b.segment("recent", recent);
    let member = b.is(Atom::Member(recent));
    let not = b.not(member);
    b.segment("quiet", not);
    let mut p = b.person();
    assert!(!p.tells("recent"));
    p.does(MONDAY, purchase, &[]);
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.when("joined recent"), Some(MONDAY));
    assert_eq!(p.when("left quiet"), Some(MONDAY));
    assert_eq!(p.when("left recent"), Some(MONDAY + 5 * DAY));
    assert_eq!(p.when("joined quiet"), Some(MONDAY + 5 * DAY));
}

#[test]
fn the_nth_newest_event_decides_counts() {
    let mut b = Build::new();
    let visit = b.event("visit", &[]);
    let thrice = b.did(visit, 3, Window::Last(days(30)), 0);
    b.segment("fans", thrice);
    let mut p = b.person();
    p.does(MONDAY, visit, &[]);
    p.does(MONDAY + 5 * DAY, visit, &[]);
    assert!(!p.tells("fans"));
    p.does(MONDAY + 6 * DAY, visit, &[]);
    p.until(MONDAY + 60 * DAY);
    assert_eq!(p.when("joined fans"), Some(MONDAY + 6 * DAY));
    assert_eq!(p.when("left fans"), Some(MONDAY + 30 * DAY));
}

#[test]
fn totals_over_calendar_days_change_at_midnight_of_the_project() {
    let mut b = Build::new().zone("Asia/Seoul");
    let purchase = b.event("purchase", &[("total", Type::Money(Currency::new("KRW")))]);
    let sum = b.aggregate(
        purchase,
        None,
        Keep::DailyTotals {
            field: FieldIx(0),
            days: 30,
        },
    );
    let over = b.is(Atom::Amount {
        aggregate: sum,
        measure: Measure::Total,
        window: Window::LastDays(30),
        test: Comparison::AtLeast(Operand::Value(won(100_000))),
    });
    b.segment("big", over);
    let mut p = b.person();
    let first = at("2026-03-02T03:00:00Z");
    p.does(first, purchase, &[won(60_000)]);
    p.does(first + 3 * DAY, purchase, &[won(30_000)]);
    p.does(first + 4 * DAY, purchase, &[won(50_000)]);
    p.until(first + 90 * DAY);
    assert_eq!(p.when("joined big"), Some(first + 4 * DAY));
    // The first day leaves at Seoul's midnight, 30 days on; 80,000 remain.
    assert_eq!(p.when("left big"), Some(at("2026-03-31T15:00:00Z")));
    assert_eq!(p.times("big"), 2);
}

#[test]
fn different_values_are_counted_in_their_window() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[("category", Type::Text)]);
    let seen = b.aggregate(
        purchase,
        None,
        Keep::Different {
            field: FieldIx(0),
            most: 2,
            from: None,
            to: None,
        },
    );
    let two = b.is(Atom::Amount {
        aggregate: seen,
        measure: Measure::Total,
        window: Window::Last(days(30)),
        test: Comparison::AtLeast(Operand::Value(whole(2))),
    });
    b.segment("curious", two);
    let mut p = b.person();
    p.does(MONDAY, purchase, &[text("홍삼")]);
    p.does(MONDAY + DAY, purchase, &[text("홍삼")]);
    assert!(!p.tells("curious"));
    p.does(MONDAY + 2 * DAY, purchase, &[text("비타민")]);
    p.until(MONDAY + 90 * DAY);
    assert_eq!(p.when("joined curious"), Some(MONDAY + 2 * DAY));
    assert_eq!(p.when("left curious"), Some(MONDAY + 31 * DAY));
}

#[test]
fn an_empty_total_is_missing_and_no_values_are_none() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[("total", Type::Number)]);
    let sum = b.aggregate(purchase, None, Keep::Total(FieldIx(0)));
    let seen = b.aggregate(
        purchase,
        None,
        Keep::Different {
            field: FieldIx(0),
            most: 2,
            from: None,
            to: None,
        },
    );
    let amount = |aggregate, test| Atom::Amount {
        aggregate,
        measure: Measure::Total,
        window: Window::Ever,
        test,
    };
    let low = b.is(amount(sum, Comparison::Under(Operand::Value(whole(10)))));
    b.segment("low", low);
    let none = b.is(amount(seen, Comparison::Is(Operand::Value(whole(0)))));
    b.segment("none", none);
    let mut p = Person::unknown(b.link());
    p.item(
        &journey_engine::Item::Attributes {
            set: vec![],
            occurred_at: MONDAY,
        },
        MONDAY,
    );
    assert!(p.tells("joined none") && !p.tells("joined low"));
    p.does(MONDAY, purchase, &[whole(3)]);
    assert!(p.tells("left none") && p.tells("joined low"));
}

#[test]
fn an_age_changes_on_the_birthday_in_the_contacts_zone() {
    let mut b = Build::new().zone("Asia/Seoul");
    let birthday = b.attribute("birthday", Type::Date);
    let age = b.attribute("age", Type::YearsSince(birthday));
    let forty = b.compare(
        Source::Attribute(age),
        Comparison::AtLeast(Operand::Value(whole(40))),
    );
    b.segment("forties", forty);
    let mut p = b.person();
    let born = at("1986-05-10T00:00:00Z") / DAY;
    let set = vec![(birthday, Some(Value::Date(Date(born as i32))))];
    p.item(
        &journey_engine::Item::Attributes {
            set,
            occurred_at: MONDAY,
        },
        MONDAY,
    );
    p.until(MONDAY + 365 * DAY);
    assert_eq!(p.when("joined forties"), Some(at("2026-05-09T15:00:00Z")));
}

#[test]
fn opening_hours_and_tags_and_consents_are_conditions_too() {
    let mut b = Build::new();
    let marketing = b.consent("marketing");
    b.ir.project.hours.push(project::Hours {
        name: "office".into(),
        timezone: "UTC".into(),
        open: vec![(Weekday::Tuesday, clock(9, 0), clock(18, 0))],
        holidays: vec![],
    });
    let open = b.is(Atom::Inside(HoursIx(0)));
    b.segment("open", open);
    let agreed = b.is(Atom::Agreed {
        consent: marketing,
        channel: Some(Channel::Sms),
    });
    b.segment("agreed", agreed);
    let mut p = b.person();
    let consent = |given, at| journey_engine::Item::Consent {
        consent: marketing,
        channel: None,
        given,
        occurred_at: at,
    };
    p.item(&consent(true, MONDAY), MONDAY);
    p.item(&consent(false, MONDAY + HOUR), MONDAY + HOUR);
    p.until(MONDAY + 3 * DAY);
    assert_eq!(p.when("joined agreed"), Some(MONDAY));
    assert_eq!(p.when("left agreed"), Some(MONDAY + HOUR));
    assert_eq!(p.when("joined open"), Some(MONDAY + DAY + 9 * HOUR));
    assert_eq!(p.when("left open"), Some(MONDAY + DAY + 18 * HOUR));
}

#[test]
fn an_event_that_nothing_mentions_does_not_make_a_contact_known() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let refund = b.event("refund", &[]);
    b.shop_lifecycle(purchase, 0);
    let program = b.link();
    assert!(program.hears(purchase) && !program.hears(refund));
    let mut p = Person::unknown(program);
    p.does(MONDAY, refund, &[]);
    assert!(!p.contact.is_known());
    assert!(!p.tells("became"));
    p.does(MONDAY + DAY, purchase, &[]);
    assert_eq!(p.when("became 활동"), Some(MONDAY + DAY));
    assert_eq!(p.times("became"), 1);
}

#[test]
fn an_event_heard_of_too_late_is_counted_and_starts_nothing() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let signup = b.event("signed_up", &[]);
    let lifecycle = b.shop_lifecycle(purchase, 0);
    let mail = b.mail("thanks");
    b.journey("bought", when(purchase), vec![send(mail, None)]);
    for (name, stage) in [("active", 1), ("at risk", 2)] {
        let trigger = Trigger::Becomes {
            lifecycle,
            stage: StageIx(stage),
        };
        let becomes = Entry::When {
            trigger,
            condition: None,
        };
        b.journey(name, becomes, vec![send(mail, None)]);
    }
    let welcome = vec![wait(days(5), 0, None)];
    b.journey("welcome", when(signup), welcome).goal = Some(Goal {
        event: purchase,
        filter: None,
        within: days(14),
        keep_going: false,
    });
    let mut p = b.person();
    p.does(MONDAY - HOUR, signup, &[]);
    p.does_late(MONDAY, MONDAY + 4 * DAY, purchase, &[]);
    assert!(p.tells("became 활동"));
    assert!(p.tells("too late to start"));
    assert!(!p.tells("reached the goal"));
    assert!(p.mails().is_empty());
    // What follows by itself is in time.
    p.until(MONDAY + 90 * DAY);
    let mails: Vec<_> = p.mails().into_iter().map(|(at, _)| at).collect();
    assert_eq!(mails, [MONDAY + 90 * DAY]);
}

#[test]
fn attributes_that_change_together_are_seen_together() {
    let mut b = Build::new();
    let known =
        |b: &mut Build, at| b.compare(Source::Attribute(AttributeIx(at)), Comparison::IsKnown);
    let (email, phone) = (known(&mut b, 0), known(&mut b, 1));
    let no_phone = b.not(phone);
    let mail_only = b.condition(Condition::All(vec![email, no_phone]));
    b.segment("mail only", mail_only);
    let no_email = b.not(email);
    b.segment("no mail", no_email);
    let mut p = Person::unknown(b.link());
    let set = vec![
        (AttributeIx(0), Some(text("a@b.kr"))),
        (AttributeIx(1), Some(text("010-1234-5678"))),
    ];
    p.item(
        &journey_engine::Item::Attributes {
            set,
            occurred_at: MONDAY,
        },
        MONDAY,
    );
    assert!(
        !p.tells("mail only") && !p.tells("no mail"),
        "{}",
        p.story()
    );
    let set = vec![(AttributeIx(0), None), (AttributeIx(1), None)];
    p.item(
        &journey_engine::Item::Attributes {
            set,
            occurred_at: MONDAY + 1,
        },
        MONDAY + 1,
    );
    assert!(!p.tells("mail only") && p.tells("joined no mail"));
}

#[test]
fn an_age_wakes_only_on_the_birthday_that_changes_an_answer() {
    let mut b = Build::new();
    let born = b.attribute("birthday", Type::Date);
    let age = b.attribute("age", Type::YearsSince(born));
    let forty = Comparison::AtLeast(Operand::Value(whole(40)));
    let forty = b.compare(Source::Attribute(age), forty);
    b.segment("forty", forty);
    let mut p = b.person();
    // Born on 2000-01-01.
    let set = vec![(born, Some(Value::Date(Date(10_957))))];
    let known = Item::Attributes {
        set,
        occurred_at: MONDAY,
    };
    p.item(&known, MONDAY);
    assert_eq!(p.contact.next_wake(), Some(at("2040-01-01T00:00:00Z")));
}

#[test]
fn different_values_that_leave_a_window_together_leave_it_at_once() {
    let mut b = Build::new();
    let visit = b.event("visit", &[("page", Type::Text)]);
    let keep = Keep::Different {
        field: FieldIx(0),
        most: 3,
        from: None,
        to: None,
    };
    let aggregate = b.aggregate(visit, None, keep);
    let one = b.is(Atom::Amount {
        aggregate,
        measure: condition::Measure::Total,
        window: Window::Last(Span::new(1, Unit::Month)),
        test: Comparison::Is(Operand::Value(whole(1))),
    });
    b.segment("one", one);
    let mut p = b.person();
    // A month after the 31st of October is the 30th of November, too.
    p.does(at("2026-10-30T12:00:00Z"), visit, &[text("a")]);
    p.does(at("2026-10-31T11:00:00Z"), visit, &[text("b")]);
    p.does(at("2026-10-31T11:00:00Z"), visit, &[text("c")]);
    let left = at("2026-11-30T11:00:00Z");
    assert_eq!(p.contact.next_wake(), Some(left));
    p.until(left);
    assert!(p.tells("one"), "what was seen earlier leaves later");
    assert_eq!(p.contact.next_wake(), Some(left + HOUR));
}
